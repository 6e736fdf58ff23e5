//! A logarithmic axis for shares in per cent that has a place for 0.

use super::super::{Axis, Colour, Dash, Element, Panel, Stroke};

/// Curves of shares (0 … 1), drawn on a logarithmic axis. A share of exactly 0 has no logarithm: it
/// is drawn on a line of its own below the others, labelled 0.
pub(super) struct ShareAxis {
    lowest: f64,
    highest: f64,
    zero: Option<f64>,
}

impl ShareAxis {
    /// An axis that shows all these shares.
    pub fn new(values: impl Iterator<Item = f64>) -> Self {
        let (mut lowest, mut highest, mut has_zero) = (f64::INFINITY, 0.0f64, false);
        for value in values.filter(|value| value.is_finite()) {
            has_zero |= value <= 0.0;
            if value > 0.0 {
                lowest = lowest.min(value);
                highest = highest.max(value);
            }
        }
        if lowest > highest {
            (lowest, highest) = (0.01, 1.0);
        }
        Self {
            lowest,
            highest,
            zero: has_zero.then_some(lowest / 3.0),
        }
    }

    /// Where a share is drawn.
    pub fn place(&self, value: f64) -> f64 {
        match self.zero {
            Some(zero) if value <= 0.0 => zero,
            _ => value,
        }
    }

    /// An empty panel with this axis.
    pub fn panel(&self, x: Axis, label: &str) -> Panel {
        let bottom = self.zero.unwrap_or(self.lowest) / 1.3;
        let top = self.highest * 1.3;
        let mut ticks = self.ticks(top);
        let mut panel = Panel::new(x, Axis::default());
        if let Some(zero) = self.zero {
            ticks.insert(0, (zero, "0".into()));
            panel.elements.push(Element::HorizontalLine {
                at: self.lowest / 3.0f64.sqrt(),
                stroke: Stroke::new(Colour::Muted).width(0.5).dash(Dash::Dotted),
                label: None,
            });
        }
        panel.y = Axis {
            ticks: Some(ticks),
            ..Axis::log(label).between(bottom, top)
        };
        panel
    }

    /// Decades, with their multiples where there are few.
    fn ticks(&self, top: f64) -> Vec<(f64, String)> {
        let first = self.lowest.log10().floor() as i32;
        let digits: &[f64] = match (top / self.lowest).log10() {
            ..0.8 => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
            ..2.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        (first..=0)
            .flat_map(|decade| digits.iter().map(move |digit| (decade, *digit)))
            .map(|(decade, digit)| (digit * 10f64.powi(decade), decade))
            .filter(|(value, _)| (self.lowest / 1.3..=top.min(1.0)).contains(value))
            .map(|(value, decade)| {
                let whole = usize::try_from(-decade - 2).unwrap_or(0);
                let percent = format!("{:.*}", whole + 1, 100.0 * value);
                let percent = percent.trim_end_matches('0').trim_end_matches('.');
                (value, percent.to_owned())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_a_place_of_its_own() {
        let axis = ShareAxis::new([0.5, 0.002, 0.0, f64::NAN].into_iter());
        assert!(axis.place(0.0) < 0.002 && axis.place(0.01) == 0.01);
        let ticks = axis.panel(Axis::default(), "").y.ticks.unwrap();
        let labels: Vec<&str> = ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0", "1", "10"]);
        let without = ShareAxis::new([0.03, 0.2].into_iter()).panel(Axis::default(), "");
        let labels: Vec<String> = without.y.ticks.unwrap().into_iter().map(|t| t.1).collect();
        assert_eq!(labels, ["5", "10", "20"]);
        assert!(without.elements.is_empty());
        assert!(ShareAxis::new([0.0].into_iter()).place(0.0) > 0.0);
    }
}
