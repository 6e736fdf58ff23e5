//! Plasticity along the way: the integral that a synapse accumulates while the neurons move.

use crate::dynamics::{Control, Phase, SolverSettings, Statistics, integrate, settle};
use crate::error::Result;
use crate::model::Parameters;

/// The plasticity accumulated along a trajectory.
#[derive(Debug, Clone)]
pub struct PlasticityIntegral {
    /// `$\int (\partial\mu/\partial\theta)^\top\,ds$`; for a weight of a leaky network,
    /// `$\int\rho(s_j)\,ds_i$`.
    pub integral: Parameters,
    /// The state at the end.
    pub end: Vec<f64>,
    /// What the trajectory cost.
    pub statistics: Statistics,
}

/// Nodes and weights of the three-point Gauss–Legendre rule on [0, 1]; exact to degree 5, beyond
/// the order of any dense output.
const GAUSS: [(f64, f64); 3] = [
    (0.112_701_665_379_258_31, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// Follows `phase` from `start` until it rests, integrating the plasticity of every parameter.
///
/// # Errors
/// Whatever the dynamics did instead of settling.
pub fn plasticity_integral(
    phase: &Phase<'_>,
    start: &[f64],
    settings: &SolverSettings,
) -> Result<PlasticityIntegral> {
    // settling first tells how long the trajectory must be, and refuses what does not settle
    let rest = settle(phase, start, settings).into_fixed_point()?;
    let field = phase.field();
    let n = start.len();
    let mut integral = field.parameter_pullback(start, &vec![0.0; n]);
    let mut state = vec![0.0; n];
    let mut previous = start.to_vec();
    let run = integrate(
        phase,
        start,
        (0.0, settings.max_time * phase.time_scales().1),
        settings,
        &mut |moment| {
            let width = moment.time - moment.step_start;
            if width > 0.0 {
                for (node, weight) in GAUSS {
                    moment.interpolate(moment.step_start + node * width, &mut state);
                    let mut velocity = vec![0.0; n];
                    phase.velocity(&state, &mut velocity);
                    for (i, velocity) in velocity.iter_mut().enumerate() {
                        // a neuron held at a bound does not move
                        let moves = moment.state[i] != previous[i];
                        *velocity *= if moves { weight * width } else { 0.0 };
                    }
                    integral = integral.plus(1.0, &field.parameter_pullback(&state, &velocity));
                }
            }
            previous.copy_from_slice(moment.state);
            let gap = moment
                .state
                .iter()
                .zip(rest.state())
                .map(|(s, rest)| (s - rest).abs())
                .fold(0.0, f64::max);
            if gap <= 1e2 * settings.atol {
                Control::Stop
            } else {
                Control::Continue
            }
        },
    );
    Ok(PlasticityIntegral {
        integral,
        end: run.state,
        statistics: run.statistics,
    })
}
