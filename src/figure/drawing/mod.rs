//! Publication figures: a figure is a plain value, and drawing it is a pure function of that value.
//!
//! A [`Figure`] holds [`Panel`]s, a panel holds two [`Axis`] values and a list of [`Element`]s.
//! [`Figure::to_svg`] writes the master SVG; [`Figure::save`] writes SVG, PNG or PDF by extension.
//! Lengths on paper are points (1/72 inch) unless the name says millimetres.
//!
//! | room | idea |
//! |---|---|
//! | `panel`, `axis`, `element`, `style`, `colour` | what a user describes |
//! | `check`, `error` | what can be wrong with it |
//! | `text` | from labels with markup to measured glyphs |
//! | `layout` | from data to axes, from panels to rectangles on the page |
//! | `marks` | from values to shapes |
//! | `surface` | from shapes to SVG, through plotters, and from SVG to PNG, PDF and files |
//! | `geometry`, `sizes` | what layout and marks share |

mod axis;
mod check;
mod colour;
mod element;
mod error;
mod geometry;
mod layout;
mod marks;
mod panel;
mod sizes;
mod style;
mod surface;
#[cfg(test)]
mod tests;
mod text;

pub use axis::{Axis, Scale};
pub use colour::{Colour, ColourMap, ColourScale, Theme};
pub use element::{Anchor, ColourBy, Element};
pub use error::FigureError;
pub use panel::{ColourBar, LegendPlacement, Panel};
pub use style::{Dash, Fill, Marker, MarkerShape, Stroke};
pub use surface::output::SaveOptions;

use std::path::Path;

/// One figure: a grid of panels with a width on paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Width on paper in millimetres; 86 is one journal column, 178 two. Default 86.
    pub width_mm: f64,
    /// Height on paper in millimetres; `None` (default) chooses it from the panels' aspect ratios.
    pub height_mm: Option<f64>,
    /// Number of panels side by side; panels fill the grid row by row. Default 1.
    pub columns: usize,
    /// The panels.
    pub panels: Vec<Panel>,
    /// Title drawn above the panels, and the SVG's `<title>`.
    pub title: Option<String>,
    /// What the picture shows, for readers who cannot see it (the SVG's `<desc>`); not drawn.
    pub description: Option<String>,
    /// Light (default) or dark colours.
    pub theme: Theme,
    /// Where one legend shared by all panels stands. `None` (default) leaves legends to the panels;
    /// any other value replaces theirs.
    pub legend: LegendPlacement,
    /// Panels of one grid column share their horizontal range; only the lowest shows tick labels.
    pub share_x: bool,
    /// Panels of one grid row share their vertical range; only the leftmost shows tick labels.
    pub share_y: bool,
}

impl Default for Figure {
    fn default() -> Self {
        Self {
            width_mm: Self::ONE_COLUMN_MM,
            height_mm: None,
            columns: 1,
            panels: Vec::new(),
            title: None,
            description: None,
            theme: Theme::Light,
            legend: LegendPlacement::None,
            share_x: false,
            share_y: false,
        }
    }
}

impl Figure {
    /// Width of one journal column, in millimetres.
    pub const ONE_COLUMN_MM: f64 = 86.0;
    /// Width of two journal columns, in millimetres.
    pub const TWO_COLUMNS_MM: f64 = 178.0;

    /// A figure of these panels, one column of a journal wide, with the panels below each other.
    #[must_use]
    pub fn new(panels: Vec<Panel>) -> Self {
        Self {
            panels,
            ..Self::default()
        }
    }

    /// Draws the figure as SVG text; equal figures give equal bytes.
    ///
    /// # Errors
    /// [`FigureError`] if lists differ in length, or the page is too small for its panels.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check::check(self)?;
        marks::draw(self)
    }

    /// Draws the figure as PNG bytes; equal figures give equal bytes.
    ///
    /// # Errors
    /// As [`Figure::to_svg`], and [`FigureError::Resolution`] if the image would be too large.
    pub fn to_png(&self, options: &SaveOptions) -> Result<Vec<u8>, FigureError> {
        surface::output::png(&self.to_svg()?, options)
    }

    /// Draws the figure as PDF bytes, vectors with embedded fonts.
    ///
    /// # Errors
    /// As [`Figure::to_svg`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, FigureError> {
        surface::output::pdf(&self.to_svg()?)
    }

    /// Writes the figure to a file whose extension (`svg`, `png`, `pdf`) chooses the format.
    ///
    /// The file is written beside its destination and then renamed, so a reader never sees half.
    ///
    /// # Errors
    /// As the three methods above, [`FigureError::Extension`] and [`FigureError::Write`].
    pub fn save(&self, path: &Path, options: &SaveOptions) -> Result<(), FigureError> {
        surface::output::save(self, path, options)
    }
}
