//! Figures of saved records, as anyone else would draw them.

use eqprop::experiment::portrait::Portrait;
use eqprop::experiment::{ContinuationRecord, Simulation, SpectrumRecord, Validation};
use eqprop::figure::{
    Figure, SaveOptions, Theme, continuation_figures, portrait_figure, simulation_figures,
    spectrum_figure, validation_figures,
};
use eqprop::{Error, Result};
use pyo3::prelude::*;

use crate::failure::OrRaise;
use crate::interruptible::run;

/// Draws a record: `format` is svg, png or pdf; `view` names one of several figures (the first, if None).
#[pyfunction]
#[pyo3(signature = (kind, record, view, format, theme, width, dpi))]
#[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
pub fn draw(
    py: Python<'_>,
    kind: String,
    record: String,
    view: Option<String>,
    format: String,
    theme: String,
    width: Option<f64>,
    dpi: Option<f64>,
) -> PyResult<Vec<u8>> {
    run(py, move || {
        let figure = pick(figures(&kind, &record, width)?, view.as_deref())?;
        let theme = match theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            other => {
                let message = format!("expected \"light\" or \"dark\", found {other:?}");
                return Err(Error::invalid("theme", message));
            }
        };
        let figure = Figure {
            theme,
            ..match width {
                Some(width) => figure.at_width(width),
                None => figure,
            }
        };
        let options = dpi.map_or_else(SaveOptions::default, |dpi| SaveOptions { dpi });
        Ok(match format.as_str() {
            "svg" => figure.to_svg()?.into_bytes(),
            "png" => figure.to_png(&options)?,
            "pdf" => figure.to_pdf()?,
            other => {
                let message =
                    format!("expected a name that ends in .svg, .png or .pdf, found {other:?}");
                return Err(Error::invalid("path", message));
            }
        })
    })?
    .or_raise(py)
}

/// The names of the figures of a record.
#[pyfunction]
pub fn views(py: Python<'_>, kind: &str, record: &str) -> PyResult<Vec<String>> {
    let figures = figures(kind, record, None).or_raise(py)?;
    Ok(figures.into_iter().map(|(name, _)| name).collect())
}

fn figures(kind: &str, record: &str, width: Option<f64>) -> Result<Vec<(String, Figure)>> {
    let alone = |figure| vec![(kind.to_owned(), figure)];
    Ok(match kind {
        "portrait" => alone(portrait_figure(&Portrait::from_json(record)?, width)),
        "spectrum" => alone(spectrum_figure(&SpectrumRecord::from_json(record)?)),
        "simulation" => owned(simulation_figures(&Simulation::from_json(record)?)),
        "continuation" => owned(continuation_figures(&ContinuationRecord::from_json(
            record,
        )?)),
        "validation" => owned(validation_figures(&Validation::from_json(record)?)),
        other => {
            let message = format!("there is no figure of {other:?}");
            return Err(Error::invalid("kind", message));
        }
    })
}

fn owned<N: Into<String>>(figures: Vec<(N, Figure)>) -> Vec<(String, Figure)> {
    figures
        .into_iter()
        .map(|(name, figure)| (name.into(), figure))
        .collect()
}

fn pick(figures: Vec<(String, Figure)>, view: Option<&str>) -> Result<Figure> {
    let names: Vec<String> = figures.iter().map(|(name, _)| name.clone()).collect();
    let mut found = figures
        .into_iter()
        .filter(|(name, _)| view.is_none_or(|view| view == name));
    match found.next() {
        Some((_, figure)) => Ok(figure),
        None => Err(Error::invalid("view", format!("expected one of {names:?}"))),
    }
}
