//! Measured labels: each run with its size, shift and place along the baseline.

use super::font::{Face, width};
use super::markup::{Level, parse};

/// Size of scripts relative to the text they belong to.
const SCRIPT: f64 = 0.7;
/// How far scripts are moved, in units of the font size.
const RAISE: f64 = 0.38;
const LOWER: f64 = 0.18;
/// The same where both scripts stand above each other.
const RAISE_STACKED: f64 = 0.47;
const LOWER_STACKED: f64 = 0.3;
/// Height of capitals and digits, and depth of descenders, in units of the font size.
pub(crate) const CAPITAL: f64 = 0.73;
const DESCENT: f64 = 0.22;
/// Gap between a base and its script, in units of the font size.
const SCRIPT_GAP: f64 = 0.03;

/// A run with its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlacedRun {
    pub text: String,
    pub italic: bool,
    pub size: f64,
    /// Move along the baseline before this run, beyond the end of the one before.
    pub dx: f64,
    /// Height above the baseline.
    pub raise: f64,
}

/// A label ready to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Label {
    pub runs: Vec<PlacedRun>,
    pub width: f64,
    /// Reach above the baseline.
    pub ascent: f64,
    /// Reach below the baseline.
    pub descent: f64,
}

impl Label {
    pub fn height(&self) -> f64 {
        self.ascent + self.descent
    }
}

/// Lays out a label in a font size.
pub(crate) fn measure(label: &str, size: f64, bold: bool) -> Label {
    let mut result = Label {
        runs: Vec::new(),
        width: 0.0,
        ascent: 0.0,
        descent: 0.0,
    };
    // Where the pen stands, where the last script began, and its level.
    let mut pen = 0.0;
    let mut script: Option<(f64, Level)> = None;
    for run in parse(label) {
        let face = match (bold, run.italic) {
            (true, _) => Face::Bold,
            (false, true) => Face::Oblique,
            (false, false) => Face::Regular,
        };
        let (scale, raise) = match run.level {
            Level::Baseline => (1.0, 0.0),
            Level::Superscript => (SCRIPT, RAISE),
            Level::Subscript => (SCRIPT, -LOWER),
        };
        let start = match (run.level, script) {
            (Level::Baseline, _) => result.width,
            // The same letter's other script stands at the same place.
            (level, Some((begin, before))) if before != level => begin,
            (_, Some(_)) => pen,
            (_, None) => result.width + SCRIPT_GAP * size,
        };
        script = match (run.level, script) {
            (Level::Baseline, _) => None,
            (level, Some((begin, _))) if begin == start => Some((begin, level)),
            (_, Some(before)) => Some(before),
            (level, None) => Some((start, level)),
        };
        let is_stacked = run.level != Level::Baseline && start < pen;
        let raise = match (run.level, is_stacked) {
            (Level::Superscript, true) => RAISE_STACKED,
            (Level::Subscript, true) => -LOWER_STACKED,
            _ => raise,
        };
        if is_stacked && let Some(other) = result.runs.last_mut() {
            other.raise = size
                * if raise > 0.0 {
                    -LOWER_STACKED
                } else {
                    RAISE_STACKED
                };
        }
        let run_size = size * scale;
        let (dx, raise) = (start - pen, raise * size);
        pen = start + width(face, &run.text) * run_size;
        result.width = result.width.max(pen);
        result.ascent = result.ascent.max(raise + CAPITAL * run_size);
        result.descent = result.descent.max(DESCENT * run_size - raise);
        result.runs.push(PlacedRun {
            text: run.text,
            italic: run.italic,
            size: run_size,
            dx,
            raise,
        });
    }
    result
}

/// Width of a label in points.
pub(crate) fn label_width(label: &str, size: f64) -> f64 {
    measure(label, size, false).width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_smaller_and_shifted() {
        let label = measure("$10^{-3}$", 10.0, false);
        assert_eq!(label.runs.len(), 2);
        assert!((label.runs[1].size - 7.0).abs() < 1e-12 && label.runs[1].raise > 3.0);
        assert!(label.width < label_width("10\u{2212}3", 10.0));
    }

    #[test]
    fn two_scripts_stand_above_each_other() {
        let both = measure("$s_*^\\beta$", 10.0, false);
        let one = measure("$s^\\beta$", 10.0, false);
        assert!(both.width < one.width + 2.0);
        assert!(both.runs[2].dx < 0.0);
    }

    #[test]
    fn an_empty_label_takes_no_room() {
        assert_eq!(measure("", 8.0, false).width, 0.0);
    }
}
