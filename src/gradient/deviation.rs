//! Nudged phases as deviations from s⁰: what finite β and finite time do, without rounding.

use super::nudge_options::NudgedPhase;
use crate::dynamics::{ActiveSet, GAUSS, Phase, SolverSettings, Statistics, largest, sample};
use crate::error::{Error, Result};
use crate::model::VectorField;

/// The deviation δ = s − s⁰ of a nudged trajectory,
/// `$\dot\delta = \int_0^1 \frac{\partial\mu^\beta}{\partial s}(s^0 + u\delta)\,du\;\delta -
/// \beta\,\frac{\partial C}{\partial s}(s^0)$` (time constants included). Nothing cancels in it, so
/// that δ keeps all its digits however small β is. Neurons that the bounds hold at s⁰ stay.
struct Deviation<'p> {
    nudge: &'p NudgedPhase<'p>,
    pinned: Vec<bool>,
}

impl<'p> Deviation<'p> {
    fn new(nudge: &'p NudgedPhase<'p>) -> Self {
        Self {
            pinned: nudge.phase.pinned(nudge.start),
            nudge,
        }
    }

    fn state(&self, fraction: f64, deviation: &[f64]) -> Vec<f64> {
        let pairs = self.nudge.start.iter().zip(deviation);
        pairs.map(|(s, d)| s + fraction * d).collect()
    }

    fn hold(&self, out: &mut [f64]) {
        for (out, &pinned) in out.iter_mut().zip(&self.pinned) {
            if pinned {
                *out = 0.0;
            }
        }
    }

    /// Refuses a deviation at which the quadrature crossed a kink, or the bounds took part.
    fn verify(&self, deviation: Vec<f64>) -> Result<Vec<f64>> {
        let phase = &self.nudge.phase;
        let state = self.state(1.0, &deviation);
        let (mut direct, mut own) = (vec![0.0; state.len()], vec![0.0; state.len()]);
        phase.velocity(&state, &mut direct);
        self.hold(&mut direct);
        self.velocity(&deviation, &mut own);
        let scale = (1.0 + largest(state.iter().copied())) * (1.0 + largest(own.iter().copied()))
            / phase.time_scales().0;
        let gap = largest(direct.iter().zip(&own).map(|(a, b)| a - b));
        let inside = phase
            .bounds()
            .is_none_or(|(low, high)| state.iter().all(|s| (low..=high).contains(s)));
        if gap <= 1e-10 * scale && inside && phase.pinned(&state) == self.pinned {
            Ok(deviation)
        } else {
            Err(Error::invalid(
                "beta",
                "between s⁰ and the nudged state lies a kink of the activation or a bound. The deviation has no smooth form there",
            ))
        }
    }
}

impl VectorField for Deviation<'_> {
    fn dimension(&self) -> usize {
        self.nudge.start.len()
    }

    fn velocity(&self, deviation: &[f64], out: &mut [f64]) {
        let phase = &self.nudge.phase;
        for (i, (out, kick)) in out.iter_mut().zip(&self.nudge.kick).enumerate() {
            *out = kick / phase.time_constant(i);
        }
        let mut product = vec![0.0; out.len()];
        for (node, weight) in GAUSS {
            for node in [node, -node] {
                let state = self.state(0.5 * (1.0 + node), deviation);
                phase.velocity_jacobian_vector(&state, deviation, &mut product);
                for (out, product) in out.iter_mut().zip(&product) {
                    *out += 0.5 * weight * product;
                }
            }
        }
        self.hold(out);
    }

    fn jacobian_vector(&self, deviation: &[f64], vector: &[f64], out: &mut [f64]) {
        let state = self.state(1.0, deviation);
        self.nudge
            .phase
            .velocity_jacobian_vector(&state, vector, out);
        self.hold(out);
    }
}

/// The deviation at rest, by Newton's method from an ordinary one.
pub(super) fn settled(nudge: &NudgedPhase<'_>, start: Vec<f64>) -> Result<Vec<f64>> {
    const ITERATIONS: usize = 12;
    let field = Deviation::new(nudge);
    let active = ActiveSet::without(&field.pinned);
    let mut deviation = start;
    field.hold(&mut deviation);
    let mut velocity = vec![0.0; deviation.len()];
    for _ in 0..ITERATIONS {
        field.velocity(&deviation, &mut velocity);
        let Some(step) = active.step(&field.jacobian(&deviation), &velocity) else {
            break;
        };
        for (deviation, step) in deviation.iter_mut().zip(&step) {
            *deviation += step;
        }
        let size = largest(deviation.iter().copied());
        if largest(step) <= 2.0 * f64::EPSILON * size {
            break;
        }
    }
    field.verify(deviation)
}

/// The deviation after a time.
pub(super) fn followed(
    nudge: &NudgedPhase<'_>,
    time: f64,
    settings: &SolverSettings,
    statistics: &mut Statistics,
) -> Result<Vec<f64>> {
    let field = Deviation::new(nudge);
    let start = vec![0.0; nudge.start.len()];
    // a deviation is of the size of β, and so must be the error that is tolerated
    let settings = SolverSettings {
        atol: (settings.atol * nudge.beta.0.hypot(nudge.beta.1)).max(1e-300),
        ..*settings
    };
    let end = sample(
        &Phase::free(&field),
        &start,
        (0.0, time),
        &[],
        &settings,
        &mut |_| {},
    );
    *statistics += end.run.statistics;
    match end.failure {
        Some(error) => Err(error.in_nudged_phase(nudge.beta)),
        None => field.verify(end.run.state),
    }
}
