//! What can go wrong with a figure, and what to change.

use std::path::PathBuf;

/// Why a figure could not be drawn or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// Lists of one element differ in length.
    #[error(
        "panel {panel}, element {element} ({kind}): {list} has {found} values where {expected} are \
         needed: give all lists of an element the same length"
    )]
    Length {
        /// Number of the panel, from 1.
        panel: usize,
        /// Number of the element, from 1.
        element: usize,
        /// Kind of element.
        kind: &'static str,
        /// The list that does not fit.
        list: &'static str,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
    },
    /// A size is not a positive finite number.
    #[error("{what} is {value}: it must be a positive finite number of millimetres below 5000")]
    Size {
        /// Which size.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// A range given for an axis cannot be drawn.
    #[error(
        "panel {panel}: the {axis} range {lower} to {upper} cannot be drawn: ends must be finite \
         and different, and positive on a logarithmic axis"
    )]
    Range {
        /// Number of the panel, from 1.
        panel: usize,
        /// Which axis.
        axis: &'static str,
        /// Lower end.
        lower: f64,
        /// Upper end.
        upper: f64,
    },
    /// Labels and legends leave too little room for the data.
    #[error(
        "the frames would be {width_mm:.1} mm wide and {height_mm:.1} mm high: increase width_mm \
         or height_mm, use fewer columns, or place legends elsewhere"
    )]
    TooSmall {
        /// Width left for each frame.
        width_mm: f64,
        /// Height left for each frame.
        height_mm: f64,
    },
    /// A legend does not fit below its panels.
    #[error(
        "the legend needs {needed_mm:.1} mm and has {available_mm:.1} mm: shorten its labels or \
         increase the width (`width_mm`)"
    )]
    LegendTooWide {
        /// Width that the longest entry needs.
        needed_mm: f64,
        /// Width that there is.
        available_mm: f64,
    },
    /// A figure without panels.
    #[error("the figure has no panels: add at least one panel and at least one column")]
    Empty,
    /// plotters refused to draw.
    #[error("plotters could not draw the figure")]
    Drawing(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The resolution is unusable.
    #[error(
        "{dpi} dots per inch would give an image {width} by {height} pixels large: choose dpi \
         so that either side lies between 1 and 30000 pixels"
    )]
    Resolution {
        /// Dots per inch asked for.
        dpi: f64,
        /// Pixels across.
        width: f64,
        /// Pixels down.
        height: f64,
    },
    /// The SVG could not be turned into another format.
    #[error("the figure could not be converted to {format}")]
    Convert {
        /// The format asked for.
        format: &'static str,
        /// The converter's reason.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file's extension names no known format.
    #[error("cannot tell the format of {}: end the file's name in .svg, .png or .pdf", path.display())]
    Extension {
        /// The path asked for.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("cannot write {}: check that its directory exists and can be written", path.display())]
    Write {
        /// The path that failed.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}
