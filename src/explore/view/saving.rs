//! From play to paper: the picture as a file, and the lines that make it again.

use serde::{Deserialize, Serialize};

use super::Answer;
use super::plane::{PlaneAsked, portrait};
use super::written::explicit;
use crate::error::{Error, Result};
use crate::figure::{Figure, SaveOptions, Theme, portrait_figure};
use crate::model::{Target, convert};

/// What is saved, and as what.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct SaveAsked {
    #[serde(flatten)]
    pub plane: PlaneAsked,
    /// `svg`, `pdf`, `png` (the portrait), `json` or `ode` (the problem).
    pub format: String,
    /// Dark colours.
    #[serde(default)]
    pub dark: bool,
    /// Width on paper in millimetres. Default one journal column.
    pub width_mm: Option<f64>,
}

/// The file.
///
/// # Errors
/// As of [`portrait`], and [`Error::InvalidInput`] for another format.
pub(super) fn save(asked: &SaveAsked) -> Result<Answer> {
    let own = &asked.plane.problem;
    match asked.format.as_str() {
        "json" => {
            let problem = explicit(&own.problem()?, &own.text)?;
            return Ok(Answer {
                media: "application/json",
                bytes: format!("{problem:#}\n").into_bytes(),
            });
        }
        "ode" => {
            return Ok(Answer {
                media: "text/plain; charset=utf-8",
                bytes: convert(&own.problem()?, Target::Ode, asked.plane.beta)?.into_bytes(),
            });
        }
        _ => {}
    }
    let figure = portrait_figure(&portrait(&asked.plane)?, asked.width_mm);
    let figure = Figure {
        theme: if asked.dark {
            Theme::Dark
        } else {
            Theme::Light
        },
        ..figure
    };
    let (media, bytes) = match asked.format.as_str() {
        "svg" => ("image/svg+xml", figure.to_svg()?.into_bytes()),
        "pdf" => ("application/pdf", figure.to_pdf()?),
        "png" => ("image/png", figure.to_png(&SaveOptions::default())?),
        other => {
            let message = format!("expected svg, pdf, png, json or ode, found {other:?}");
            return Err(Error::invalid("format", message));
        }
    };
    Ok(Answer { media, bytes })
}

/// Lines that make again what is shown, from the saved problem.
#[derive(Debug, Serialize)]
pub(super) struct Commands {
    shell: Vec<String>,
    python: Vec<String>,
}

/// The lines for a view.
pub(super) fn commands(asked: &PlaneAsked) -> Commands {
    let numbers = |values: &[f64]| {
        let text: Vec<String> = values.iter().map(f64::to_string).collect();
        text.join(",")
    };
    let mut portrait = "eqprop portrait problem.json --out portrait.pdf".to_owned();
    if let Some([i, j]) = asked.coordinates.filter(|pair| *pair != [0, 1]) {
        portrait += &format!(" --coordinates {i},{j}");
    }
    if let Some(window) = &asked.window {
        portrait += &format!(" --window={}", numbers(window));
    }
    for part in &asked.without {
        portrait += &format!(" --no-{}", part.replace('_', "-"));
    }
    let mut shell = Vec::new();
    let mut python = vec![
        "import eqprop".to_owned(),
        "problem = eqprop.Problem.read(\"problem.json\")".to_owned(),
        "problem.portrait().save(\"portrait.pdf\")".to_owned(),
        "g = problem.gradient()".to_owned(),
    ];
    if asked.beta == 0.0 {
        shell.push("eqprop gradient problem.json".to_owned());
    } else {
        portrait += &format!(" --beta={}", asked.beta);
        let beta = asked.beta;
        shell.push(format!(
            "eqprop gradient problem.json --estimator one_sided --beta={beta}"
        ));
        python[3] = format!("g = problem.gradient(estimator=\"one_sided\", beta={beta})");
    }
    python.push("print(g.angle_degrees, g.ep_update, g.negative_gradient)".to_owned());
    shell.insert(0, portrait);
    Commands { shell, python }
}
