//! Labels broken into lines where they are wider than their room.

use super::measure::{label_width, measure};

/// From one baseline to the next, in units of the font size.
const LINE: f64 = 1.2;

/// A label in lines, none of them empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Paragraph {
    pub lines: Vec<String>,
    size: f64,
}

impl Paragraph {
    /// As few lines as fit the room, about equally long. A word wider than the room stays whole.
    pub fn new(label: &str, size: f64, room: f64) -> Self {
        let words = words(label);
        let broken = |room: f64| greedy(&words, size, room);
        let mut lines = broken(room);
        let (mut low, mut high) = (0.0, room);
        for _ in 0..12 {
            let middle = f64::midpoint(low, high);
            let narrower = broken(middle);
            if lines.len() > 1 && narrower.len() == lines.len() {
                (lines, high) = (narrower, middle);
            } else {
                low = middle;
            }
        }
        Self { lines, size }
    }

    /// The lines, each with the distance of its baseline from the first one's.
    pub fn placed(&self) -> impl Iterator<Item = (&str, f64)> {
        let lines = self.lines.iter().enumerate();
        lines.map(|(k, line)| (line.as_str(), k as f64 * LINE * self.size))
    }

    pub fn width(&self) -> f64 {
        let widths = self.lines.iter().map(|line| label_width(line, self.size));
        widths.fold(0.0, f64::max)
    }

    /// Reach of the first line above its baseline.
    pub fn ascent(&self) -> f64 {
        let first = self.lines.first();
        first.map_or(0.0, |line| measure(line, self.size, false).ascent)
    }

    /// From the top of the first line to the bottom of the last.
    pub fn height(&self) -> f64 {
        let Some((last, depth)) = self.placed().last() else {
            return 0.0;
        };
        self.ascent() + depth + measure(last, self.size, false).descent
    }
}

/// The least width in which a label takes two lines at most.
pub(crate) fn width_of_two_lines(label: &str, size: f64) -> f64 {
    let words = words(label);
    let width = |words: &[&str]| label_width(&words.join(" "), size);
    let broken = (0..words.len()).map(|k| width(&words[..k]).max(width(&words[k..])));
    broken.reduce(f64::min).unwrap_or(0.0)
}

/// The parts between spaces. Mathematics is one part.
fn words(label: &str) -> Vec<&str> {
    let mut inside = false;
    let mut before = ' ';
    let parts = label.split(|letter: char| {
        inside ^= letter == '$' && before != '\\';
        before = letter;
        letter == ' ' && !inside
    });
    parts.filter(|word| !word.is_empty()).collect()
}

fn greedy(words: &[&str], size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (lines.last_mut(), longer) {
            (Some(line), Some(longer)) if label_width(&longer, size) <= room => *line = longer,
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_are_even_and_keep_mathematics_whole() {
        let label = "time since the nudge, $β = 0.5$ (time constants)";
        let one = Paragraph::new(label, 8.0, 1e3);
        assert_eq!(one.lines, [label]);
        for room in [60.0, 80.0, 120.0] {
            let text = Paragraph::new(label, 8.0, room);
            assert!(text.width() <= room && text.lines.len() > 1, "{text:?}");
            assert_eq!(text.lines.join(" "), label);
            assert!(
                text.lines
                    .iter()
                    .all(|line| line.matches('$').count() % 2 == 0)
            );
            assert!(text.height() > one.height());
        }
        let two = Paragraph::new("aaa aaa aaa aaa", 8.0, label_width("aaa aaa aaa", 8.0));
        assert_eq!(two.lines, ["aaa aaa", "aaa aaa"]);
        let narrow = Paragraph::new("dimensionless", 8.0, 3.0);
        assert_eq!(narrow.lines, ["dimensionless"]);
        assert_eq!(width_of_two_lines("dimensionless", 8.0), narrow.width());
        let label = "spectral abscissa (1/time constant)";
        let two = Paragraph::new(label, 8.0, width_of_two_lines(label, 8.0));
        assert_eq!(two.lines, ["spectral abscissa", "(1/time constant)"]);
        assert_eq!(width_of_two_lines("", 8.0), 0.0);
        assert!(Paragraph::new("", 8.0, 3.0).lines.is_empty());
    }
}
