//! The arguments that say how a figure is drawn.

use std::path::Path;

use clap::Args;
use eqprop::Error;
use eqprop::figure::{Figure, Panel, SaveOptions, Theme};

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
    /// Title above the figure, with $…$ mathematics
    #[arg(long)]
    pub title: Option<String>,
    /// Panels to draw, by their letters, such as a,c [default: all]
    #[arg(long, value_name = "LETTERS", value_delimiter = ',')]
    pub panels: Vec<String>,
    /// Ends of the horizontal axis of every panel that is drawn
    #[arg(long, value_name = "LO,HI", value_parser = ends, allow_hyphen_values = true)]
    pub xlim: Option<(f64, f64)>,
    /// Ends of the vertical axis of every panel that is drawn
    #[arg(long, value_name = "LO,HI", value_parser = ends, allow_hyphen_values = true)]
    pub ylim: Option<(f64, f64)>,
    /// Resolution of PNG, dots per inch
    #[arg(long, default_value_t = SaveOptions::default().dpi, allow_negative_numbers = true)]
    pub dpi: f64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ThemeName {
    Light,
    Dark,
}

/// Two finite numbers, the lower one first.
fn ends(text: &str) -> Result<(f64, f64), String> {
    let number = |text: &str| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|end| end.is_finite())
    };
    let found = text.split_once(',');
    match found.and_then(|(low, high)| Some((number(low)?, number(high)?))) {
        Some((low, high)) if low < high => Ok((low, high)),
        _ => Err("expected two numbers, the lower one first, such as 0,1".into()),
    }
}

/// The panels with these letters, in the figure's order.
fn chosen(panels: Vec<Panel>, letters: &[String]) -> eqprop::Result<Vec<Panel>> {
    if letters.is_empty() {
        return Ok(panels);
    }
    let there: Vec<&str> = panels.iter().filter_map(|p| p.tag.as_deref()).collect();
    if let Some(unknown) = letters.iter().find(|name| !there.contains(&name.as_str())) {
        let message = match there[..] {
            [] => format!("this figure has one panel without a letter, found {unknown}"),
            _ => format!("expected some of {}, found {unknown}", there.join(", ")),
        };
        return Err(Error::invalid("--panels", message));
    }
    let wanted = |panel: &Panel| panel.tag.as_ref().is_some_and(|tag| letters.contains(tag));
    Ok(panels.into_iter().filter(wanted).collect())
}

impl FigureArguments {
    /// Draws `figure` as asked into `path` (SVG, PNG or PDF by its extension).
    pub fn save(&self, figure: Figure, path: &Path) -> eqprop::Result<()> {
        let theme = match self.theme {
            ThemeName::Light => Theme::Light,
            ThemeName::Dark => Theme::Dark,
        };
        let mut panels = chosen(figure.panels, &self.panels)?;
        for panel in &mut panels {
            panel.x.range = self.xlim.or(panel.x.range);
            panel.y.range = self.ylim.or(panel.y.range);
        }
        let figure = Figure {
            theme,
            title: self.title.clone().or(figure.title),
            // a height that was chosen for all panels does not suit fewer
            height_mm: figure.height_mm.filter(|_| self.panels.is_empty()),
            columns: figure.columns.min(panels.len().max(1)),
            panels,
            ..figure
        };
        let width = self.width.unwrap_or(figure.width_mm);
        let figure = figure.at_width(width);
        Ok(figure.save(path, &SaveOptions { dpi: self.dpi })?)
    }
}
