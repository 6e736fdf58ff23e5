//! Publication figures: a figure is a plain value, and drawing it is a pure function of that value.
//!
//! A [`Figure`] holds [`Panel`]s, a panel holds two [`Axis`] values and a list of [`Element`]s.
//! [`Figure::to_svg`] writes the master SVG. [`Figure::save`] writes SVG, PNG or PDF by extension.
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
    /// Width on paper in millimetres. 86 is one journal column, 178 is two. Default 86.
    pub width_mm: f64,
    /// Height on paper in millimetres. `None` (default) chooses it from the panels' aspect ratios.
    pub height_mm: Option<f64>,
    /// Number of panels side by side. Panels fill the grid row by row. Default 1.
    pub columns: usize,
    /// The panels.
    pub panels: Vec<Panel>,
    /// Title drawn above the panels, and the SVG's `<title>`.
    pub title: Option<String>,
    /// What the picture shows, for readers who cannot see it (the SVG's `<desc>`). It is not drawn.
    pub description: Option<String>,
    /// Light (default) or dark colours.
    pub theme: Theme,
    /// Where one legend shared by all panels stands. `None` (default) leaves legends to the panels,
    /// any other value replaces theirs.
    pub legend: LegendPlacement,
    /// Panels of one grid column share their horizontal range. Only the lowest shows tick labels.
    pub share_x: bool,
    /// Panels of one grid row share their vertical range. Only the leftmost shows tick labels.
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
    /// From this width on, in millimetres, a legend may stand beside a panel.
    pub(crate) const WIDE_MM: f64 = 130.0;

    /// A figure of these panels, one column of a journal wide, with the panels below each other.
    #[must_use]
    pub fn new(panels: Vec<Panel>) -> Self {
        Self {
            panels,
            ..Self::default()
        }
    }

    /// The same figure at another width on paper. In a narrow one no legend stands beside a panel, and
    /// two rows of three panels or more become two columns.
    #[must_use]
    pub fn at_width(mut self, width_mm: f64) -> Self {
        self.width_mm = width_mm;
        if width_mm < Self::WIDE_MM {
            let panels = self.panels.iter_mut().map(|panel| &mut panel.legend);
            for legend in panels.chain([&mut self.legend]) {
                if *legend == LegendPlacement::Right {
                    *legend = LegendPlacement::Below;
                }
            }
            let rows = self.panels.len().div_ceil(self.columns.max(1));
            if self.columns > 2 && rows <= 2 && self.panels.len() == rows * self.columns {
                return self.transposed(rows);
            }
        }
        self
    }

    /// The same panels with rows and columns exchanged, lettered as they now stand.
    fn transposed(mut self, rows: usize) -> Self {
        let columns = self.columns;
        let panels = std::mem::take(&mut self.panels);
        let place = |k: usize| (k % rows) * columns + k / rows;
        self.panels = (0..panels.len())
            .map(|k| panels[place(k)].clone())
            .collect();
        self.columns = rows;
        // rows share what columns shared only where all panels do
        let alike = |axis: fn(&Panel) -> &Axis| {
            let mut labels = self.panels.iter().map(|panel| &axis(panel).label);
            let first = labels.next();
            labels.all(|label| label.is_empty() || Some(label) == first)
        };
        (self.share_x, self.share_y) = (
            self.share_x && alike(|panel| &panel.x),
            self.share_y && alike(|panel| &panel.y),
        );
        // a bar explains the row that it ends
        let bar = panels.into_iter().find_map(|panel| panel.colour_bar);
        for (k, panel) in self.panels.iter_mut().enumerate() {
            panel.colour_bar = bar.clone().filter(|_| k % rows == rows - 1);
        }
        self.lettered()
    }

    /// The same figure with a letter at every panel, unless there is only one.
    #[must_use]
    pub fn lettered(mut self) -> Self {
        if self.panels.len() > 1 {
            for (panel, letter) in self.panels.iter_mut().zip('a'..='z') {
                panel.tag = Some(letter.to_string());
            }
        }
        self
    }

    /// Draws the figure as SVG text. Equal figures give equal bytes.
    ///
    /// # Errors
    /// [`FigureError`] if lists differ in length, or the page is too small for its panels.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check::check(self)?;
        marks::draw(self)
    }

    /// Draws the figure as PNG bytes. Equal figures give equal bytes.
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
