//! What a user says about one panel.

use super::{Axis, ColourScale, Element};

/// Where a legend stands, never on the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LegendPlacement {
    /// No legend.
    #[default]
    None,
    /// One entry per line, right of the frame.
    Right,
    /// In as many columns as fit, below the frame.
    Below,
}

/// A strip that explains the colours of a [`ColourScale`], right of the frame.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBar {
    /// The colours explained.
    pub scale: ColourScale,
    /// Label with `$…$` mathematics.
    pub label: String,
}

/// One pair of axes with what is drawn in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Short tag such as `a`, bold at the panel's upper left.
    pub tag: Option<String>,
    /// Title above the frame, with `$…$` mathematics.
    pub title: Option<String>,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// What is drawn, the first at the back.
    pub elements: Vec<Element>,
    /// Where this panel's legend stands. Default none.
    pub legend: LegendPlacement,
    /// Optional colour bar.
    pub colour_bar: Option<ColourBar>,
    /// Whether one unit of x is as long as one unit of y (linear axes only).
    pub equal_aspect: bool,
    /// Height of the frame divided by its width. `None` chooses one. It is ignored when the
    /// figure's height is given.
    pub aspect: Option<f64>,
}

impl Panel {
    /// An empty panel with these axes.
    #[must_use]
    pub fn new(x: Axis, y: Axis) -> Self {
        Self {
            x,
            y,
            ..Self::default()
        }
    }

    /// The same panel with a tag (bold, upper left).
    #[must_use]
    pub fn tagged(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// The same panel with a title.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The same panel with one more element in front.
    #[must_use]
    pub fn with(mut self, element: Element) -> Self {
        self.elements.push(element);
        self
    }

    /// The same panel with its legend placed.
    #[must_use]
    pub fn with_legend(mut self, legend: LegendPlacement) -> Self {
        self.legend = legend;
        self
    }
}
