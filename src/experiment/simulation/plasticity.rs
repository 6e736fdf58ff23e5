//! Plasticity along the nudged phase, beside the two-point formula that stands for it.

use serde::{Deserialize, Serialize};

use crate::dynamics::{Moment, Phase};
use crate::gradient::RunningPlasticity;
use crate::model::{Parameters, Parametrised};

/// The plasticity `$\int(\partial\mu/\partial\theta)^\top ds$` along the nudged phase (for a weight
/// of a leaky network `$\int\rho(s_j)\,ds_i$`), and the two-point formula that stands for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlasticityRecord {
    /// Norm of the integral over all parameters at each row of the nudged phase.
    pub norm: Vec<f64>,
    /// The integral itself at each row, by parameter blocks, or null beyond 100 parameters.
    pub integral: Option<Vec<serde_json::Value>>,
    /// Its end value divided by β, by parameter blocks, or null for β = 0 or beyond 10 000
    /// parameters.
    pub along: Option<serde_json::Value>,
    /// `$(\partial\mu/\partial\theta)^\top(s^\beta-s^0)/\beta$` with the rates of s⁰, in the same
    /// way.
    pub two_point: Option<serde_json::Value>,
    /// ‖along‖, or null for β = 0.
    pub along_norm: Option<f64>,
    /// ‖two-point‖, or null for β = 0.
    pub two_point_norm: Option<f64>,
    /// ‖along − two-point‖ / ‖along‖, O(β), or null if nothing moved.
    pub relative_difference: Option<f64>,
}

/// Parameters beyond which the plasticity is not followed, not written out, and not written out
/// at every row.
const MOST_PARAMETERS: usize = 2_000_000;
const MOST_WRITTEN: usize = 10_000;
const MOST_WRITTEN_ALONG: usize = 100;

/// Follows the plasticity through the nudged phase.
pub(super) struct Follower<'a> {
    running: Option<RunningPlasticity<'a>>,
    norm: Vec<f64>,
    integral: Vec<serde_json::Value>,
}

impl<'a> Follower<'a> {
    pub fn new(field: &'a dyn Parametrised, phase: &Phase<'a>, start: &[f64]) -> Self {
        let running = RunningPlasticity::new(field, *phase, start);
        let small = running.integral().len() <= MOST_PARAMETERS;
        Self {
            running: small.then_some(running),
            norm: Vec::new(),
            integral: Vec::new(),
        }
    }

    pub fn observe(&mut self, moment: &Moment<'_>, times: &[f64]) {
        let Some(running) = &mut self.running else {
            return;
        };
        running.observe(moment, times, &mut |integral| {
            self.norm.push(integral.norm());
            self.integral.extend(written(integral, MOST_WRITTEN_ALONG));
        });
    }

    pub fn record(
        mut self,
        field: &dyn Parametrised,
        s0: &[f64],
        s_beta: &[f64],
        beta: f64,
    ) -> Option<PlasticityRecord> {
        let running = self.running?;
        let integral = running.integral();
        let scale = (beta != 0.0).then(|| 1.0 / beta);
        let moved: Vec<f64> = s_beta
            .iter()
            .zip(s0)
            .map(|(end, start)| end - start)
            .collect();
        let along = scale.map(|scale| integral.scaled(scale));
        let two_point = scale.map(|scale| field.parameter_pullback(s0, &moved).scaled(scale));
        let difference = along
            .as_ref()
            .zip(two_point.as_ref())
            .and_then(|(along, two)| {
                let norm = along.norm();
                (norm > 0.0).then(|| along.plus(-1.0, two).norm() / norm)
            });
        Some(PlasticityRecord {
            integral: (integral.len() <= MOST_WRITTEN_ALONG)
                .then(|| std::mem::take(&mut self.integral)),
            norm: self.norm,
            along: along
                .as_ref()
                .and_then(|along| written(along, MOST_WRITTEN)),
            two_point: two_point
                .as_ref()
                .and_then(|two| written(two, MOST_WRITTEN)),
            along_norm: along.map(|along| along.norm()),
            two_point_norm: two_point.map(|two| two.norm()),
            relative_difference: difference,
        })
    }
}

/// Parameter blocks as JSON, unless there are more than `most`.
fn written(parameters: &Parameters, most: usize) -> Option<serde_json::Value> {
    (parameters.len() <= most)
        .then(|| serde_json::to_value(parameters).ok())
        .flatten()
}
