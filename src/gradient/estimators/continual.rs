//! Plasticity running live: the weights move as states of the ODE during the nudged phase.

use std::sync::atomic::AtomicUsize;

use super::live::Live;
use crate::dynamics::{Control, Ending, FixedPoint, Phase, SolverSettings, integrate, largest};
use crate::error::{Error, Result};
use crate::gradient::branch::Connection;
use crate::gradient::comparison::difference;
use crate::gradient::estimator::{ErrorEstimator, Estimate, Formation};
use crate::gradient::free_phase::FreePhase;
use crate::gradient::nudge_options::NudgeOptions;
use crate::model::VectorField;
use crate::numeric::EscapeLimit;

/// Continual equilibrium propagation: `$\dot\theta = \frac{\eta}{\beta}
/// (\partial\mu/\partial\theta)^\top\dot s$` while s follows the nudged field at the θ of the moment.
/// The update is (θ_end − θ⁰)/η = ν + O(β) + O(η/β): the plasticity integral in the limit η → 0 at fixed β.
///
/// The moving weights drive the state on: near s⁰ its Jacobian becomes Jac + (η/β)G, G the metric
/// of parameter space, so that η/β must stay well below the inverse of G for it to rest at all. It
/// needs memory for n + |θ| values in each stage of the integrator, and is for networks without
/// state bounds only.
#[derive(Debug, Clone, Copy)]
pub struct Continual {
    /// The influence parameter β, dimensionless and not 0.
    pub beta: f64,
    /// η.
    pub learning_rate: f64,
}

impl ErrorEstimator for Continual {
    fn estimate(&self, free: &FreePhase<'_>, nudging: &NudgeOptions) -> Result<Estimate> {
        let applies = free.phase.bounds().is_none();
        let Some(adjustable) = free.field.adjustable().filter(|_| applies) else {
            return Err(Error::invalid(
                "estimator",
                "continual moves the parameters of a field that allows it (networks do), without `state_bounds`. Plasticity serves the others",
            ));
        };
        let start = free.fixed_point.state();
        let n = start.len();
        let field = Live {
            field: adjustable,
            parameters: adjustable.parameters(),
            cost: free.cost,
            beta: self.beta,
            learning_rate: self.learning_rate,
            time_constants: (0..n).map(|i| free.phase.time_constant(i)).collect(),
        };
        let mut whole = start.to_vec();
        whole.resize(field.dimension(), 0.0);
        let mut constants = field.time_constants.clone();
        constants.resize(whole.len(), 1.0);
        let phase = Phase::free(&field).with_time_constants(&constants);
        // the rounding of ṡ/β is no error that shorter steps could lower. That of s is mirrored in
        // p, and what remains of the way corrects both
        let noise = 1e-14 / self.beta.abs();
        let scaled = nudging.settings.for_nudge(self.beta);
        let settings = SolverSettings {
            rtol: scaled.rtol.max(noise.min(1e-3)),
            atol: scaled.atol.max(noise.min(1e-3)),
            ..scaled
        };

        // a small part of the way remains for Newton's method
        let kick = self.beta.abs() * largest(free.cost_gradient());
        let size = 1.0 + largest(start.iter().copied());
        let limit = EscapeLimit::of(size);
        let near = (1e-7 * kick).max(1e-14 * size);
        let mut force = vec![0.0; whole.len()];
        let mut looks = 0;
        let longest = settings.max_time * free.phase.time_scales().1;
        let span = (0.0, nudging.settle_time.unwrap_or(longest));
        let run = integrate(&phase, &whole, span, &settings, &mut |moment| {
            field.velocity(moment.state, &mut force);
            looks += 1;
            let rests = largest(force[..n].iter().copied()) <= near;
            let escapes = limit.is_exceeded_by(largest(moment.state[..n].iter().copied()));
            if escapes || (rests && nudging.settle_time.is_none()) {
                Control::Stop
            } else {
                Control::Continue
            }
        });
        let in_phase = |error: Error| error.in_nudged_phase((self.beta, 0.0));
        let timed_out = || {
            in_phase(Error::TimedOut {
                time: run.time,
                residual: largest(force[..n].iter().copied()),
                steps: run.statistics.steps,
            })
        };
        let (state, change) = run.state.split_at(n);
        let largest_state = largest(state.iter().copied());
        if limit.is_exceeded_by(largest_state) {
            return Err(in_phase(Error::Diverged {
                time: run.time,
                largest: largest_state,
            }));
        }
        let mut statistics = run.statistics;
        statistics.rhs_evaluations += looks;
        let (end, tail) = match (nudging.settle_time, run.ending) {
            (Some(_), Ending::EndTime) => (state.to_vec(), vec![0.0; n]),
            (None, Ending::Observer) if !settings.polish => (state.to_vec(), vec![0.0; n]),
            (None, Ending::Observer) => {
                let moved = field.field_at(change);
                let phase = free.phase.with_field(&*moved).nudged(free.cost, self.beta);
                let rest = FixedPoint::refine_near(&phase, state, None, &mut statistics)
                    .ok_or_else(timed_out)?;
                let left = difference(rest.state(), state);
                (rest.state().to_vec(), left)
            }
            _ => return Err(timed_out()),
        };
        let checks = AtomicUsize::new(0);
        let phase_at = |part: f64, visit: &mut dyn FnMut(&Phase<'_>)| {
            let change: Vec<f64> = change.iter().map(|change| part * change).collect();
            let moved = field.field_at(&change);
            let phase = free.phase.with_field(&*moved);
            visit(&phase.nudged(free.cost, part * self.beta).counted(&checks));
        };
        let connection = match nudging.settle_time {
            None => free.connection(&phase_at, &end),
            Some(_) => Connection::Continues,
        };
        let if_it = |is: Connection| Vec::from_iter((connection == is).then_some(self.beta));
        statistics.branch_rhs_evaluations += checks.into_inner();
        let mut update = adjustable
            .parameter_pullback(state, &tail)
            .scaled(1.0 / self.beta);
        for (value, change) in update.iter_mut().zip(change) {
            *value += change;
        }
        Ok(Estimate {
            error_vector: difference(&end, start)
                .iter()
                .map(|value| value / self.beta)
                .collect(),
            update,
            formation: Formation::AlongTheWay,
            reaches_the_gradient: false,
            beta: Some(self.beta),
            learning_rate: Some(self.learning_rate),
            statistics,
            jumped: if_it(Connection::Jumps),
            undecided: if_it(Connection::Unknown),
            convergence: None,
        })
    }
}
