//! Which β makes the measurable part of an estimate's error smallest.

use serde::Serialize;

use super::budget::{ErrorPieces, Part, error_pieces, has_finite_beta};
use super::estimator::{Estimator, EstimatorOptions};
use super::free_phase::FreePhase;
use super::nudge_options::NudgeOptions;
use crate::dynamics::SolverSettings;

/// Decades of β that are scanned, the largest first.
const DECADES: (f64, f64) = (0.0, -9.0);
/// Points a decade.
const DENSITY: usize = 2;
/// Steps after which a β counts as one at which the nudged phases do not settle.
const MOST_STEPS: usize = 20_000;
/// Golden-section steps between the neighbours of the best point.
const REFINEMENTS: usize = 12;

/// The β at which finite β, solver tolerance and rounding together are smallest: what the
/// experimenter can choose, asymmetry and settling time being given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProposedBeta {
    /// β, of the sign that was used.
    pub beta: f64,
    /// ‖finite β‖ + ‖solver tolerance‖ + ‖rounding‖ there, relative to ‖∂J/∂θ‖.
    pub measurable_error: f64,
    /// The same at the β that was used.
    pub measurable_error_now: f64,
    /// ‖total‖ there, relative to ‖∂J/∂θ‖.
    pub total_error: f64,
}

/// The sum of norms: that of the vectors would reward an accident of rounding.
fn measurable(pieces: &ErrorPieces) -> Option<f64> {
    Some(
        pieces.relative(Part::FiniteBeta)?
            + pieces.relative(Part::SolverTolerance)?
            + pieces.relative(Part::Rounding).unwrap_or(0.0),
    )
}

/// Scans the decades and refines by golden section, or `None` if β does not matter, or the gradient
/// is 0. Those β are left out at which the nudged phases do not settle, jump to another branch, or
/// leave the radius of convergence.
pub(super) fn propose(
    free: &FreePhase<'_>,
    estimator: Estimator,
    options: &EstimatorOptions,
    nudging: &NudgeOptions,
    now: &ErrorPieces,
) -> Option<ProposedBeta> {
    let nudging = &NudgeOptions {
        settings: SolverSettings {
            max_steps: nudging.settings.max_steps.min(MOST_STEPS),
            ..nudging.settings
        },
        ..*nudging
    };
    let used = now.estimate.beta.filter(|_| has_finite_beta(estimator))?;
    let measurable_error_now = measurable(now)?;
    let at = |logarithm: f64| {
        let beta = 10f64.powf(logarithm).copysign(used);
        let options = EstimatorOptions {
            beta: Some(beta),
            ..*options
        };
        let pieces = error_pieces(free, estimator, &options, nudging).ok()?;
        let outside = pieces
            .estimate
            .convergence
            .is_some_and(|convergence| convergence.inside == Some(false));
        let estimate = &pieces.estimate;
        if outside || !estimate.jumped.is_empty() || !estimate.undecided.is_empty() {
            return None;
        }
        Some(ProposedBeta {
            beta,
            measurable_error: measurable(&pieces)?,
            measurable_error_now,
            total_error: pieces.relative(Part::Total)?,
        })
    };
    let error = |proposal: &Option<ProposedBeta>| {
        proposal.map_or(f64::INFINITY, |proposal| proposal.measurable_error)
    };
    let mut best = Some(ProposedBeta {
        beta: used,
        measurable_error: measurable_error_now,
        measurable_error_now,
        total_error: now.relative(Part::Total)?,
    });
    let consider = |logarithm: f64| {
        let candidate = at(logarithm);
        let error_there = error(&candidate);
        if error_there < error(&best) {
            best = candidate;
        }
        error_there
    };
    scan(used.abs().log10(), consider);
    best
}

/// Shows `error` the logarithms of the β that are looked at: the decades, and then those that golden
/// section leads to between the neighbours of the β with the smallest error, or of `used` if there is
/// no error anywhere.
fn scan(used: f64, mut error: impl FnMut(f64) -> f64) {
    let points = ((DECADES.0 - DECADES.1) as usize) * DENSITY;
    let spacing = 1.0 / DENSITY as f64;
    let mut centre = (f64::INFINITY, used);
    for k in 0..=points {
        let logarithm = DECADES.0 - k as f64 * spacing;
        let here = error(logarithm);
        if here < centre.0 {
            centre = (here, logarithm);
        }
        // far below the minimum only rounding grows
        if here > 1e3 * centre.0 && logarithm < centre.1 {
            break;
        }
    }
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (centre.1 - spacing, centre.1 + spacing);
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut errors = inner.map(&mut error);
    for _ in 0..REFINEMENTS {
        if errors[0] < errors[1] {
            high = inner[1];
            inner = [high - golden * (high - low), inner[0]];
            errors = [error(inner[0]), errors[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + golden * (high - low)];
            errors = [errors[1], error(inner[1])];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The errors of an estimator of order `order` with rounding ε: `$\beta^p + \varepsilon/\beta$`
    /// is smallest at `$\beta^{p+1} = \varepsilon/p$`.
    #[test]
    fn the_scan_finds_the_minimum_of_the_closed_form_and_stops_below_it() {
        for (order, rounding) in [(1.0, 1e-9), (2.0, 3e-11), (4.0, 1e-13), (2.0, 2e-8)] {
            let least = f64::log10(rounding / order) / (order + 1.0);
            let mut seen: Vec<f64> = Vec::new();
            scan(0.0, |logarithm| {
                seen.push(logarithm);
                10f64.powf(order * logarithm) + rounding * 10f64.powf(-logarithm)
            });
            let nearest = seen.iter().map(|seen| (seen - least).abs());
            let nearest = nearest.fold(f64::INFINITY, f64::min);
            assert!(nearest < 4e-3, "{order} {rounding:e}: {nearest}");
            // two β a decade, the largest first, until the error has grown a thousandfold
            for (k, seen) in seen.iter().take(5).enumerate() {
                assert_eq!(*seen, -0.5 * k as f64);
            }
            let smallest = seen.iter().copied().fold(0.0, f64::min);
            assert!((-4.2..-2.5).contains(&(smallest - least)), "{smallest}");
            let refined = &seen[seen.len() - REFINEMENTS - 2..];
            assert!(refined.iter().all(|seen| (seen - least).abs() < 1.0));
        }
    }

    #[test]
    fn where_nothing_can_be_measured_the_scan_ends_around_what_was_used() {
        let mut seen: Vec<f64> = Vec::new();
        scan(-3.2, |logarithm| {
            seen.push(logarithm);
            f64::INFINITY
        });
        assert!(seen.contains(&-9.0));
        let refined = &seen[seen.len() - REFINEMENTS - 2..];
        assert!(refined.iter().all(|seen| (seen + 3.2).abs() < 0.5));
    }
}
