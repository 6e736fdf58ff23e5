//! The arguments that say how a figure is drawn.

use std::path::Path;

use clap::Args;
use eqprop::figure::{Figure, SaveOptions, Theme};

/// How a figure is drawn.
#[derive(Debug, Args)]
#[command(next_help_heading = "Figure")]
pub struct FigureArguments {
    /// Colours of page and ink
    #[arg(long, value_enum, default_value = "light")]
    pub theme: ThemeName,
    /// Width on paper in millimetres [default: what suits the figure]
    #[arg(long, allow_hyphen_values = true)]
    pub width: Option<f64>,
    /// Resolution of PNG, dots per inch
    #[arg(long, default_value_t = SaveOptions::default().dpi, allow_negative_numbers = true)]
    pub dpi: f64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ThemeName {
    Light,
    Dark,
}

impl FigureArguments {
    /// Draws `figure` as asked into `path` (SVG, PNG or PDF by its extension).
    pub fn save(&self, figure: Figure, path: &Path) -> eqprop::Result<()> {
        let theme = match self.theme {
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        };
        let figure = Figure {
            theme,
            width_mm: self.width.unwrap_or(figure.width_mm),
            ..figure
        };
        Ok(figure.save(path, &SaveOptions { dpi: self.dpi })?)
    }
}
