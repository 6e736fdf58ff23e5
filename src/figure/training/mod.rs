//! The figures of training, from the records of one run or of several.

mod comparison;
mod groups;
mod panels;
mod share_axis;

use super::{Figure, Panel};
use crate::experiment::training::SavedRun;

/// The figures of training runs, each with the name of its file. One run is shown in full. Several
/// are compared, those that differ in their seed alone as one mean with its range.
pub fn training_figures(runs: &[SavedRun]) -> Vec<(&'static str, Figure)> {
    let [run] = runs else {
        return vec![("comparison", comparison::figure(runs))];
    };
    let figure = |panels: Vec<Panel>, description: &str| {
        let two = panels.len() > 1;
        Figure {
            width_mm: if two {
                Figure::TWO_COLUMNS_MM
            } else {
                Figure::ONE_COLUMN_MM
            },
            columns: if two { 2 } else { 1 },
            description: Some(description.into()),
            ..Figure::new(panels)
        }
        .lettered()
    };
    vec![
        (
            "training",
            figure(
                vec![
                    panels::error(run),
                    panels::angle(run),
                    panels::cosine(run),
                    panels::trace(run),
                    panels::asymmetry(run),
                    panels::residual(run),
                ],
                "Errors, angle between the update and the gradient, alignment of feedforward and \
                 feedback weights, mean asymmetry of the Jacobian over the probe and residuals \
                 against the epoch.",
            ),
        ),
        (
            "error",
            figure(
                vec![panels::error(run), panels::cost(run)],
                "Training and test error and cost against the epoch.",
            ),
        ),
        (
            "alignment",
            figure(
                vec![panels::cosine(run), panels::trace(run)],
                "Cosine between feedforward and transposed feedback weights, and the trace of \
                 their product, against the epoch.",
            ),
        ),
        (
            "angle",
            figure(
                vec![panels::angle(run)],
                "Angle between the update and the true gradient by block against the epoch.",
            ),
        ),
        (
            "jacobian",
            figure(
                vec![panels::asymmetry(run), panels::abscissa(run)],
                "Mean asymmetry and largest spectral abscissa of the Jacobian over the probe \
                 against the epoch.",
            ),
        ),
        (
            "settling",
            figure(
                vec![
                    panels::unsettled(run),
                    panels::residual(run),
                    panels::sweeps(run),
                    panels::abscissa(run),
                ],
                "Share of phases that did not settle, quantiles of their residuals, sweeps and \
                 the largest spectral abscissa of the probe against the epoch.",
            ),
        ),
    ]
}
