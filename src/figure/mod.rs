//! What it looks like: publication figures, drawn from saved records only.
//!
//! [`Figure`] is a plain value: panels of elements in data coordinates. Functions named after a
//! record make figures of it. [`Figure::save`] writes SVG, PNG or PDF.

mod continuation;
mod drawing;
mod look;
mod portrait;
mod simulation;
mod spectrum;
mod state_name;
mod statistics;
mod sweep;
mod training;
mod validation;

pub use continuation::continuation_figures;
pub use drawing::{
    Anchor, Axis, Colour, ColourBar, ColourBy, ColourMap, ColourScale, Dash, Element, Figure,
    FigureError, Fill, LegendPlacement, Marker, MarkerShape, Panel, SaveOptions, Scale, Stroke,
    Theme,
};
pub use portrait::portrait_figure;
pub use simulation::simulation_figures;
pub use spectrum::spectrum_figure;
pub use sweep::{SweepView, several_sweeps, sweep_figures};
pub use training::training_figures;
pub use validation::validation_figures;
