//! What can be drawn in a panel.

use super::{Colour, ColourScale, Marker, Stroke};

/// Which point of a text stands at its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The text's left end, vertically centred.
    #[default]
    Left,
    /// The text's centre.
    Centre,
    /// The text's right end, vertically centred.
    Right,
    /// The middle of the text's lower edge: the text stands above the position.
    Bottom,
    /// The middle of the text's upper edge: the text hangs below the position.
    Top,
}

/// One value per point, shown as its colour.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBy {
    /// As many values as there are points.
    pub value: Vec<f64>,
    /// From value to colour.
    pub scale: ColourScale,
}

/// One thing drawn in a panel. Points with NaN or infinite coordinates, and points that are not
/// positive on a logarithmic axis, are left out (a line is broken there).
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// A polyline.
    Line {
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Vertical coordinates.
        y: Vec<f64>,
        /// Colour, width, dash.
        stroke: Stroke,
        /// Legend entry.
        label: Option<String>,
    },
    /// A polyline whose segments are coloured by a value (speed, time).
    ColouredLine {
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Vertical coordinates.
        y: Vec<f64>,
        /// One value per point. A segment takes the mean of its ends.
        value: Vec<f64>,
        /// From value to colour.
        scale: ColourScale,
        /// Width in points.
        width: f64,
    },
    /// Separate points.
    Markers {
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Vertical coordinates.
        y: Vec<f64>,
        /// Shape, size, colours.
        marker: Marker,
        /// Optional colour of each point, which replaces the marker's colour.
        colour_by: Option<ColourBy>,
        /// Legend entry.
        label: Option<String>,
    },
    /// The area between two curves. On a logarithmic axis it continues below the frame where
    /// `lower` is not positive.
    Band {
        /// Horizontal coordinates.
        x: Vec<f64>,
        /// Lower edge.
        lower: Vec<f64>,
        /// Upper edge.
        upper: Vec<f64>,
        /// Colour.
        fill: Colour,
        /// 1 is opaque, 0 invisible.
        opacity: f64,
        /// Legend entry.
        label: Option<String>,
    },
    /// A filled polygon.
    Polygon {
        /// Corners in order.
        points: Vec<(f64, f64)>,
        /// Colour.
        fill: Colour,
        /// 1 is opaque, 0 invisible.
        opacity: f64,
        /// Legend entry.
        label: Option<String>,
    },
    /// A grid of classes, such as basins of attraction. Cells are equal along each axis' own scale.
    Raster {
        /// Left and right edge.
        x_range: (f64, f64),
        /// Lower and upper edge.
        y_range: (f64, f64),
        /// Number of cells across.
        columns: usize,
        /// Number of cells up.
        rows: usize,
        /// Class of each cell, row by row from the lowest, `rows * columns` in all. A class beyond
        /// the palette is left empty.
        class: Vec<u16>,
        /// Colour of each class.
        palette: Vec<Colour>,
        /// 1 is the full colour, 0 the page's: cells are blended with the page and hide what is
        /// behind them.
        opacity: f64,
    },
    /// An arrow head centred on a point, such as a streamline's direction.
    Arrow {
        /// Horizontal coordinate.
        x: f64,
        /// Vertical coordinate.
        y: f64,
        /// Direction, horizontal part in data units.
        dx: f64,
        /// Direction, vertical part in data units.
        dy: f64,
        /// Length of the head in points.
        size: f64,
        /// Colour.
        colour: Colour,
    },
    /// A line across the whole frame at one x.
    VerticalLine {
        /// The x.
        at: f64,
        /// Colour, width, dash.
        stroke: Stroke,
        /// Legend entry.
        label: Option<String>,
    },
    /// A line across the whole frame at one y.
    HorizontalLine {
        /// The y.
        at: f64,
        /// Colour, width, dash.
        stroke: Stroke,
        /// Legend entry.
        label: Option<String>,
    },
    /// Text with `$…$` mathematics.
    Text {
        /// Horizontal coordinate.
        x: f64,
        /// Vertical coordinate.
        y: f64,
        /// The text.
        text: String,
        /// Which point of the text stands at the coordinates.
        anchor: Anchor,
        /// Size in points. 7 suits annotations.
        size: f64,
        /// Colour.
        colour: Colour,
    },
}

impl Element {
    /// A polyline without legend entry.
    #[must_use]
    pub fn line(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>, stroke: Stroke) -> Self {
        Self::Line {
            x: x.into(),
            y: y.into(),
            stroke,
            label: None,
        }
    }

    /// Separate points without legend entry.
    #[must_use]
    pub fn markers(x: impl Into<Vec<f64>>, y: impl Into<Vec<f64>>, marker: Marker) -> Self {
        Self::Markers {
            x: x.into(),
            y: y.into(),
            marker,
            colour_by: None,
            label: None,
        }
    }

    /// A half-transparent band without legend entry.
    #[must_use]
    pub fn band(
        x: impl Into<Vec<f64>>,
        lower: impl Into<Vec<f64>>,
        upper: impl Into<Vec<f64>>,
        fill: Colour,
    ) -> Self {
        Self::Band {
            x: x.into(),
            lower: lower.into(),
            upper: upper.into(),
            fill,
            opacity: 0.2,
            label: None,
        }
    }

    /// Text of annotation size.
    #[must_use]
    pub fn text(x: f64, y: f64, text: impl Into<String>, anchor: Anchor) -> Self {
        Self::Text {
            x,
            y,
            text: text.into(),
            anchor,
            size: 7.0,
            colour: Colour::Foreground,
        }
    }

    /// The same element with a legend entry, or without one if the text is empty. Elements that can
    /// have none stay as they are.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if let Self::Line { label, .. }
        | Self::Markers { label, .. }
        | Self::Band { label, .. }
        | Self::Polygon { label, .. }
        | Self::VerticalLine { label, .. }
        | Self::HorizontalLine { label, .. } = &mut self
        {
            *label = Some(text).filter(|text| !text.is_empty());
        }
        self
    }

    /// The legend entry.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Line { label, .. }
            | Self::Markers { label, .. }
            | Self::Band { label, .. }
            | Self::Polygon { label, .. }
            | Self::VerticalLine { label, .. }
            | Self::HorizontalLine { label, .. } => label.as_deref(),
            _ => None,
        }
    }
}
