//! What a user says about one axis.

/// How values are spaced along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences take equal lengths.
    #[default]
    Linear,
    /// Equal ratios take equal lengths. Values that are not positive are not drawn.
    Log,
}

/// One axis of a panel, or the axis of a colour bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Label with `$…$` mathematics, empty for none.
    pub label: String,
    /// Linear (default) or logarithmic.
    pub scale: Scale,
    /// Lower and upper end. `None` (default) takes them from the data. A larger first end is
    /// swapped with the second.
    pub range: Option<(f64, f64)>,
    /// Tick values and labels. `None` (default) chooses them.
    pub ticks: Option<Vec<(f64, String)>>,
    /// Free part of the axis beyond the data at either end when `range` is `None`. Default 0.04.
    pub margin: f64,
    /// Whether faint lines mark the major ticks. Default false.
    pub grid: bool,
    /// Whether tick labels and the axis label are written. Default true.
    pub labelled: bool,
}

impl Default for Axis {
    fn default() -> Self {
        Self {
            label: String::new(),
            scale: Scale::Linear,
            range: None,
            ticks: None,
            margin: 0.04,
            grid: false,
            labelled: true,
        }
    }
}

impl Axis {
    /// A linear axis with a label.
    #[must_use]
    pub fn linear(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// A logarithmic axis with a label.
    #[must_use]
    pub fn log(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            scale: Scale::Log,
            ..Self::default()
        }
    }

    /// The same axis with a fixed range.
    #[must_use]
    pub fn between(mut self, lower: f64, upper: f64) -> Self {
        self.range = Some((lower, upper));
        self
    }
}
