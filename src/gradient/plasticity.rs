//! Plasticity along the way: the integral that a synapse accumulates while the neurons move.

use crate::dynamics::{
    Control, Moment, Phase, SolverSettings, Statistics, integrate, sample, settle_nudged,
};
use crate::error::Result;
use crate::model::{Parameters, Parametrised};

/// The plasticity accumulated along a trajectory.
#[derive(Debug, Clone)]
pub struct PlasticityIntegral {
    /// `$\int (\partial\mu/\partial\theta)^\top\,ds$`. For a weight of a leaky network it is
    /// `$\int\rho(s_j)\,ds_i$`.
    pub integral: Parameters,
    /// The state at the end.
    pub end: Vec<f64>,
    /// What it cost: the trajectory, settling ahead of it, and the quadrature along it.
    pub statistics: Statistics,
}

/// Nodes and weights of the three-point Gauss–Legendre rule on [0, 1], exact to degree 5, beyond
/// the order of any dense output.
const GAUSS: [(f64, f64); 3] = [
    (0.112_701_665_379_258_31, 5.0 / 18.0),
    (0.5, 8.0 / 18.0),
    (0.887_298_334_620_741_7, 5.0 / 18.0),
];

/// Follows `phase` from `start` until it rests (or for a time), integrating the plasticity of every
/// parameter of its `field`.
///
/// # Errors
/// Whatever the dynamics did instead of settling.
pub fn plasticity_integral(
    field: &dyn Parametrised,
    phase: &Phase<'_>,
    start: &[f64],
    settle_time: Option<f64>,
    settings: &SolverSettings,
) -> Result<PlasticityIntegral> {
    let mut running = RunningPlasticity::new(field, *phase, start);
    if let Some(time) = settle_time {
        let end = sample(phase, start, (0.0, time), &[], settings, &mut |moment| {
            running.observe(moment, &[], &mut |_| {});
        });
        return match end.failure {
            Some(error) => Err(error),
            None => Ok(running.finish(end.run.state, end.run.statistics)),
        };
    }
    // settling first tells how long the trajectory must be, and refuses what does not settle
    let rest = settle_nudged(phase, start, None, settings).into_fixed_point()?;
    let gap = |state: &[f64]| {
        let gaps = state
            .iter()
            .zip(rest.state())
            .map(|(s, rest)| (s - rest).abs());
        gaps.fold(0.0, f64::max)
    };
    let near = 1e-6 * gap(start);
    let run = integrate(
        phase,
        start,
        (0.0, settings.max_time * phase.time_scales().1),
        settings,
        &mut |moment| {
            running.observe(moment, &[], &mut |_| {});
            if gap(moment.state) <= near {
                Control::Stop
            } else {
                Control::Continue
            }
        },
    );
    // what is left of the way is a millionth of it, straight to the point of rest
    let left: Vec<f64> = rest
        .state()
        .iter()
        .zip(&run.state)
        .map(|(rest, s)| rest - s)
        .collect();
    let tail = field.parameter_pullback(&run.state, &left);
    let mut statistics = rest.statistics();
    statistics += run.statistics;
    let mut whole = running.finish(rest.state().to_vec(), statistics);
    whole.integral = whole.integral.plus(1.0, &tail);
    Ok(whole)
}

/// The integral while it grows: to be shown every moment of a trajectory, the first included.
pub struct RunningPlasticity<'a> {
    field: &'a dyn Parametrised,
    phase: Phase<'a>,
    integral: Parameters,
    previous: Vec<f64>,
    marks_passed: usize,
    evaluations: usize,
}

impl<'a> RunningPlasticity<'a> {
    /// Nothing accumulated yet, at the start of a trajectory of `phase`, whose field is `field`.
    pub fn new(field: &'a dyn Parametrised, phase: Phase<'a>, start: &[f64]) -> Self {
        Self {
            integral: field.parameter_pullback(start, &vec![0.0; start.len()]),
            field,
            phase,
            previous: start.to_vec(),
            marks_passed: 0,
            evaluations: 0,
        }
    }

    /// The integral up to now.
    pub fn integral(&self) -> &Parameters {
        &self.integral
    }

    /// What has been integrated along a trajectory that ended at `end` and cost `statistics`, the
    /// evaluations of the quadrature not yet counted.
    fn finish(self, end: Vec<f64>, mut statistics: Statistics) -> PlasticityIntegral {
        statistics.rhs_evaluations += self.evaluations;
        PlasticityIntegral {
            integral: self.integral,
            end,
            statistics,
        }
    }

    /// Adds the step that led to `moment`. `at_mark` sees the integral at each of the times `marks`
    /// (increasing, the same at every call) as it is passed.
    pub fn observe(
        &mut self,
        moment: &Moment<'_>,
        marks: &[f64],
        at_mark: &mut dyn FnMut(&Parameters),
    ) {
        let mut from = moment.step_start;
        while let Some(&mark) = marks
            .get(self.marks_passed)
            .filter(|mark| **mark <= moment.time)
        {
            self.add(moment, from, mark);
            at_mark(&self.integral);
            from = mark;
            self.marks_passed += 1;
        }
        self.add(moment, from, moment.time);
        self.previous.copy_from_slice(moment.state);
    }

    /// Adds a part of the last step.
    fn add(&mut self, moment: &Moment<'_>, from: f64, to: f64) {
        let n = self.previous.len();
        let width = to - from;
        if width <= 0.0 {
            return;
        }
        self.evaluations += GAUSS.len();
        let mut ends = [vec![0.0; n], vec![0.0; n]];
        moment.interpolate(from, &mut ends[0]);
        moment.interpolate(to, &mut ends[1]);
        let nodes = GAUSS.map(|(node, weight)| {
            let (mut state, mut velocity) = (vec![0.0; n], vec![0.0; n]);
            moment.interpolate(from + node * width, &mut state);
            self.phase.velocity(&state, &mut velocity);
            (state, velocity, weight)
        });
        // the velocities are corrected so that they lead exactly from end to end: then the part of
        // the integral that does not depend on the path keeps all its digits, however small β
        let correction: Vec<f64> = (0..n)
            .map(|i| {
                let mean: f64 = nodes
                    .iter()
                    .map(|(_, velocity, weight)| weight * velocity[i])
                    .sum();
                (ends[1][i] - ends[0][i]) / width - mean
            })
            .collect();
        for (state, velocity, weight) in nodes {
            let way: Vec<f64> = (0..n)
                .map(|i| {
                    // a neuron held at a bound does not move
                    let moves = moment.state[i] != self.previous[i];
                    let velocity = if moves {
                        velocity[i] + correction[i]
                    } else {
                        0.0
                    };
                    velocity * weight * width
                })
                .collect();
            let step = self.field.parameter_pullback(&state, &way);
            for (value, step) in self.integral.iter_mut().zip(step.iter()) {
                *value += step;
            }
        }
    }
}
