//! How lines and markers look: colour, and always a second cue beside it.

use super::Colour;

/// Pattern along a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    #[default]
    Solid,
    /// Dashes.
    Dashed,
    /// Dots.
    Dotted,
    /// A dash and a dot in turn.
    DashDotted,
    /// Long dashes.
    LongDashed,
    /// A dash and two dots in turn.
    DashDotDotted,
}

impl Dash {
    /// The cycle that [`Stroke::series`] walks through.
    pub const CYCLE: [Self; 6] = [
        Self::Solid,
        Self::Dashed,
        Self::DashDotted,
        Self::Dotted,
        Self::LongDashed,
        Self::DashDotDotted,
    ];

    /// Lengths of marks and gaps in units of the line width, empty for an unbroken line.
    pub(crate) fn pattern(self) -> &'static [f64] {
        match self {
            Self::Solid => &[],
            Self::Dashed => &[4.0, 2.0],
            Self::Dotted => &[1.1, 1.6],
            Self::DashDotted => &[5.0, 1.8, 1.1, 1.8],
            Self::LongDashed => &[8.0, 2.5],
            Self::DashDotDotted => &[5.0, 1.6, 1.1, 1.6, 1.1, 1.6],
        }
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour of the line.
    pub colour: Colour,
    /// Width in points. Default 1.
    pub width: f64,
    /// Pattern along the line. Default solid.
    pub dash: Dash,
    /// 1 is opaque (default), 0 invisible.
    pub opacity: f64,
}

impl Default for Stroke {
    fn default() -> Self {
        Self::new(Colour::Foreground)
    }
}

impl Stroke {
    /// A solid line one point wide.
    #[must_use]
    pub fn new(colour: Colour) -> Self {
        Self {
            colour,
            width: 1.0,
            dash: Dash::Solid,
            opacity: 1.0,
        }
    }

    /// The line of the series with this number: its own colour and its own dash.
    #[must_use]
    pub fn series(index: usize) -> Self {
        Self {
            dash: Dash::CYCLE[index % Dash::CYCLE.len()],
            ..Self::new(Colour::Series(index))
        }
    }

    /// The same stroke with another width in points.
    #[must_use]
    pub fn width(self, width: f64) -> Self {
        Self { width, ..self }
    }

    /// The same stroke with another dash.
    #[must_use]
    pub fn dash(self, dash: Dash) -> Self {
        Self { dash, ..self }
    }

    /// The same stroke with another opacity.
    #[must_use]
    pub fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

/// Outline of a marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarkerShape {
    /// Circle.
    #[default]
    Circle,
    /// Square.
    Square,
    /// Square on its corner.
    Diamond,
    /// Triangle that points up.
    TriangleUp,
    /// Triangle that points down.
    TriangleDown,
    /// Two strokes along the diagonals.
    Cross,
    /// Two strokes along the axes.
    Plus,
    /// Star with five points.
    Star,
}

/// How much of a marker's inside is filled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fill {
    /// All: a stable fixed point, a primary series.
    #[default]
    Full,
    /// The left half: a saddle.
    Half,
    /// None (background shows): an unstable fixed point.
    Open,
}

/// How a marker is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marker {
    /// Outline.
    pub shape: MarkerShape,
    /// Diameter in points. Default 4.
    pub size: f64,
    /// How much is filled.
    pub fill: Fill,
    /// Colour of the filled part, and of the edge unless `edge` is given.
    pub colour: Colour,
    /// Colour of the edge. `None` (default) repeats `colour`.
    pub edge: Option<Colour>,
    /// Width of the edge, and of the strokes of crosses and pluses, in points. Default 0.8.
    pub edge_width: f64,
    /// 1 is opaque (default), 0 invisible.
    pub opacity: f64,
}

impl Default for Marker {
    fn default() -> Self {
        Self::new(MarkerShape::Circle, Colour::Foreground)
    }
}

impl Marker {
    /// The shapes that [`Marker::series`] walks through.
    pub const CYCLE: [MarkerShape; 8] = [
        MarkerShape::Circle,
        MarkerShape::Square,
        MarkerShape::TriangleUp,
        MarkerShape::Diamond,
        MarkerShape::TriangleDown,
        MarkerShape::Plus,
        MarkerShape::Cross,
        MarkerShape::Star,
    ];

    /// A filled marker four points wide.
    #[must_use]
    pub fn new(shape: MarkerShape, colour: Colour) -> Self {
        Self {
            shape,
            size: 4.0,
            fill: Fill::Full,
            colour,
            edge: None,
            edge_width: 0.8,
            opacity: 1.0,
        }
    }

    /// The marker of the series with this number: its own colour and its own shape.
    #[must_use]
    pub fn series(index: usize) -> Self {
        Self::new(
            Self::CYCLE[index % Self::CYCLE.len()],
            Colour::Series(index),
        )
    }

    /// The same marker with another diameter in points.
    #[must_use]
    pub fn size(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// The same marker with another filling.
    #[must_use]
    pub fn fill(self, fill: Fill) -> Self {
        Self { fill, ..self }
    }

    /// The same marker with an edge of another colour.
    #[must_use]
    pub fn edge(self, edge: Colour) -> Self {
        Self {
            edge: Some(edge),
            ..self
        }
    }

    /// The same marker with another opacity.
    #[must_use]
    pub fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}
