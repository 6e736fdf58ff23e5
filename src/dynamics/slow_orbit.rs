//! Oscillations whose amplitude drifts slowly, answered by their return map instead of by waiting.
//!
//! Around a fixed point c that a nearly periodic trajectory circles, the plane through c and the
//! trajectory's present point is crossed once a turn. The amplitude A there, in units of the present
//! one, has a return map A → A(1 + g(A)), and the sign of g says where the trajectory goes: inward
//! until the linear regime of a stable c, or to the first amplitude at which g changes sign from
//! outward inside to inward outside, a periodic orbit.

use std::cell::Cell;

use super::cycle::{Cycle, crossing, extent, widen};
use super::fixed_point::FixedPoint;
use super::integrate::{Control, Moment, integrate};
use super::linear_regime::nonlinear_remainder;
use super::phase::{Phase, largest};
use super::settings::{Method, SolverSettings};
use super::watch::{Found, LINEAR};

/// Largest drift of the amplitude in a turn that is slow.
const SLOW: f64 = 0.2;
/// Growth that is the solver's error.
const RESOLVED: f64 = 1e-9;
/// Ratio of neighbouring amplitudes at which the return map is looked at.
const SHRINKING: f64 = 0.85;
/// Amplitudes from 1/this to this are looked at.
const RANGE: f64 = 1e4;
/// Turns after which fast modes have decayed and the amplitude alone drifts.
const TURNS: usize = 3;
/// Steps in which a turn must be completed.
const STEPS_A_TURN: usize = 3_000;
/// Steps of all turns together, rejected ones too, after which the answer is left to the trajectory.
const STEPS: usize = 300_000;

/// Where the oscillation at a moment leads, if it is one that drifts slowly.
pub(super) fn slow_orbit(phase: &Phase<'_>, moment: &Moment<'_>) -> Option<Found> {
    if phase.bounds().is_some() {
        return None;
    }
    let (section, point) = Section::around(phase, moment.state)?;
    let here = section.turn(1.0)?;
    if here.growth.abs() < RESOLVED {
        return None;
    }
    if here.growth < 0.0 {
        let mut outer = here;
        while outer.amplitude > 1.0 / RANGE {
            let state = section.state(outer.amplitude);
            let near = point.stable() && outer.amplitude < 0.9;
            if near && nonlinear_remainder(phase, &point, &state, LINEAR) <= LINEAR {
                return Some(Found::fixed_point(point));
            }
            let inner = section.turn(SHRINKING * outer.amplitude)?;
            if inner.growth > RESOLVED {
                return section.orbit(inner, outer, moment.time);
            }
            outer = inner;
        }
    } else {
        let mut inner = here;
        while inner.amplitude < RANGE {
            let outer = section.turn(inner.amplitude / SHRINKING)?;
            if outer.growth < -RESOLVED {
                return section.orbit(inner, outer, moment.time);
            }
            inner = outer;
        }
    }
    None
}

/// A half-plane through a fixed point, to which an oscillation returns.
struct Section<'a> {
    phase: &'a Phase<'a>,
    centre: Vec<f64>,
    /// From the centre to the trajectory.
    ray: Vec<f64>,
    /// Unit normal, along the flow.
    normal: Vec<f64>,
    /// Steps that are left.
    steps: Cell<usize>,
}

/// One turn: from an amplitude, the relative growth until the next return.
#[derive(Debug, Clone, Copy)]
struct Turn {
    amplitude: f64,
    growth: f64,
}

/// A return to the section.
struct Return {
    time: f64,
    state: Vec<f64>,
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn difference(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(a, b)| a - b).collect()
}

impl<'a> Section<'a> {
    /// The section through a state and the fixed point that its trajectory circles.
    fn around(phase: &'a Phase<'a>, state: &[f64]) -> Option<(Self, FixedPoint)> {
        let mut velocity = vec![0.0; state.len()];
        phase.velocity(state, &mut velocity);
        let speed = dot(&velocity, &velocity).sqrt();
        let mut section = Self {
            phase,
            centre: state.to_vec(),
            ray: velocity.clone(),
            normal: velocity.iter().map(|v| v / speed).collect(),
            steps: Cell::new(STEPS),
        };
        // the mean over a turn is near the centre
        let mut sum = vec![0.0; state.len()];
        let mut low = state.to_vec();
        let mut high = state.to_vec();
        let first = section.follow(state, 1, &mut |moment| {
            let step = moment.time - moment.step_start;
            widen((&mut low, &mut high), moment.state);
            let pairs = sum.iter_mut().zip(moment.state);
            pairs.for_each(|(sum, s)| *sum += step * s);
        })?;
        let last = first.last()?;
        let size = extent(&low, &high);
        if largest(difference(&last.state, state)) > SLOW * size {
            return None;
        }
        let mean: Vec<f64> = sum.iter().map(|sum| sum / last.time).collect();
        let point = FixedPoint::refine(phase, &mean)?;
        section.ray = difference(state, point.state());
        section.centre = point.state().to_vec();
        let along = dot(&velocity, &section.ray) / dot(&section.ray, &section.ray);
        let mut normal: Vec<f64> = velocity.clone();
        (normal.iter_mut().zip(&section.ray)).for_each(|(v, r)| *v -= along * r);
        let length = dot(&normal, &normal).sqrt();
        section.normal = normal.iter().map(|v| v / length).collect();
        // it circles the point only if the point is inside what it passes
        let inside = largest(difference(&mean, point.state())) <= size;
        (inside && length > 0.1 * speed).then_some((section, point))
    }

    fn state(&self, amplitude: f64) -> Vec<f64> {
        let pairs = self.centre.iter().zip(&self.ray);
        pairs.map(|(c, r)| c + amplitude * r).collect()
    }

    fn height(&self, state: &[f64]) -> f64 {
        dot(&difference(state, &self.centre), &self.normal)
    }

    fn amplitude(&self, state: &[f64]) -> f64 {
        dot(&difference(state, &self.centre), &self.ray) / dot(&self.ray, &self.ray)
    }

    /// The growth of the amplitude in the last of a few turns from `amplitude`, at the amplitude at
    /// which that turn began. Returns `None` if the turns do not agree about its sign.
    fn turn(&self, amplitude: f64) -> Option<Turn> {
        let returns = self.follow(&self.state(amplitude), TURNS, &mut |_| {})?;
        let mut ends = returns.iter().map(|end| self.amplitude(&end.state));
        let (one, two, three) = (ends.next()?, ends.next()?, ends.next()?);
        let growth = three / two - 1.0;
        let agree = (three - two) * (two - one) >= 0.0;
        (agree && two > 0.0 && growth.abs() < SLOW).then_some(Turn {
            amplitude: two,
            growth,
        })
    }

    /// The periodic orbit between an inner amplitude that grows and an outer one that shrinks, by
    /// the secant method with its safeguard (Illinois).
    fn orbit(&self, mut inner: Turn, mut outer: Turn, time: f64) -> Option<Found> {
        let (mut inner_weight, mut outer_weight) = (1.0, 1.0);
        for _ in 0..60 {
            if outer.amplitude - inner.amplitude <= 1e-9 * outer.amplitude {
                break;
            }
            let (up, down) = (inner_weight * inner.growth, outer_weight * outer.growth);
            let share = (up / (up - down)).clamp(0.01, 0.99);
            let start = inner.amplitude + share * (outer.amplitude - inner.amplitude);
            let Some(middle) = self.turn(start) else {
                // the turns no longer tell growth from the solver's error: this is the orbit
                inner.amplitude = start;
                break;
            };
            if middle.growth.abs() <= 1e-2 * RESOLVED {
                inner.amplitude = middle.amplitude;
                break;
            }
            if middle.growth > 0.0 {
                (inner, inner_weight) = (middle, 1.0);
                outer_weight *= 0.5;
            } else {
                (outer, outer_weight) = (middle, 1.0);
                inner_weight *= 0.5;
            }
        }
        // it attracts from both sides: some turns more bring the trajectory nearer still
        let on_orbit = self.follow(&self.state(inner.amplitude), 4 * TURNS, &mut |_| {})?;
        let start = &on_orbit.last()?.state;
        let (mut low, mut high) = (start.clone(), start.clone());
        let ends = self.follow(start, 1, &mut |moment| {
            widen((&mut low, &mut high), moment.state);
        })?;
        Some(Found::Cycle(Cycle {
            time,
            period: ends.last()?.time,
            amplitude: extent(&low, &high),
            state: start.clone(),
        }))
    }

    /// The first `count` returns to the section of the trajectory from `start`, or `None` if they
    /// take too long. `observer` sees its steps.
    fn follow(
        &self,
        start: &[f64],
        count: usize,
        observer: &mut dyn FnMut(&Moment<'_>),
    ) -> Option<Vec<Return>> {
        let settings = SolverSettings {
            method: Method::Tsit45,
            rtol: 1e-11,
            atol: 1e-14 * largest(self.ray.iter().copied()).clamp(1e-200, 1e3),
            max_steps: (STEPS_A_TURN * count).min(self.steps.get()),
            ..SolverSettings::default()
        };
        let mut returns = Vec::new();
        // the start lies on the section, and to leave it is no return
        let mut below = false;
        let run = integrate(
            self.phase,
            start,
            (0.0, f64::INFINITY),
            &settings,
            &mut |moment| {
                observer(moment);
                let height = self.height(moment.state);
                // on the trajectory's side of the centre
                if below && height >= 0.0 && self.amplitude(moment.state) >= 0.0 {
                    let (time, state) = crossing(moment, |state| self.height(state));
                    returns.push(Return { time, state });
                    below = false;
                } else if height < 0.0 {
                    below = true;
                }
                if returns.len() == count {
                    Control::Stop
                } else {
                    Control::Continue
                }
            },
        );
        let spent = run.statistics.steps + run.statistics.rejected;
        self.steps.set(self.steps.get().saturating_sub(spent));
        (returns.len() == count).then_some(returns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    fn with_phase(equations: &str, see: impl Fn(&Phase<'_>)) {
        let text = format!(r#"{{"field": {{"equations": {{{equations}}}}}}}"#);
        let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        see(&Phase::of_problem(&problem, &field));
    }

    /// A pendulum that has turned over three times swings about 6π.
    #[test]
    fn an_oscillation_circles_the_fixed_point_in_its_midst() {
        let centre = 6.0 * std::f64::consts::PI;
        with_phase(r#""x": "y", "y": "-sin(x) - 0.01*y""#, |phase| {
            let (section, point) = Section::around(phase, &[centre + 1.0, 0.0]).unwrap();
            assert!((point.state()[0] - centre).abs() < 1e-12);
            assert!((section.ray[0] - 1.0).abs() < 1e-12);
            assert!((section.normal[1] + 1.0).abs() < 1e-12);
        });
    }

    /// In ẋ = gx − y, ẏ = x + gy a turn multiplies the amplitude by exp(2πg).
    #[test]
    fn a_turn_of_a_linear_spiral_grows_by_its_closed_form() {
        for rate in [-0.06, -0.02, 1e-4, 0.02, 0.06] {
            with_phase(
                &format!(r#""x": "{rate}*x - y", "y": "x + {rate}*y""#),
                |phase| {
                    let section = Section {
                        phase,
                        centre: vec![0.0; 2],
                        ray: vec![1.0, 0.0],
                        normal: vec![0.0, 1.0],
                        steps: Cell::new(STEPS),
                    };
                    let factor = (std::f64::consts::TAU * rate).exp();
                    let turn = section.turn(0.5);
                    // a drift of more than a fifth a turn is not slow
                    assert_eq!(turn.is_some(), (factor - 1.0).abs() < SLOW, "{rate}");
                    if let Some(turn) = turn {
                        assert!((turn.growth - (factor - 1.0)).abs() < 1e-8, "{rate}");
                        assert!((turn.amplitude / (0.5 * factor * factor) - 1.0).abs() < 1e-8);
                    }
                },
            );
        }
    }

    /// Two linear spirals. In a turn of the first, which grows slowly, the second takes half a turn and
    /// shrinks by half.
    #[test]
    fn turns_that_disagree_whether_the_amplitude_grows_tell_nothing() {
        let shrink = 0.5f64.ln() / std::f64::consts::TAU;
        let equations = format!(
            r#""x": "0.001*x - y", "y": "x + 0.001*y", "u": "{shrink}*u - 0.5*v", "v": "0.5*u + {shrink}*v""#
        );
        with_phase(&equations, |phase| {
            let section = |share: f64| Section {
                phase,
                centre: vec![0.0; 4],
                ray: vec![1.0, 0.0, share, 0.0],
                normal: vec![0.0, 1.0, 0.0, 0.0],
                steps: Cell::new(STEPS),
            };
            // seen along both, the second adds to the amplitude after every second turn only
            assert!(section(0.2).turn(1.0).is_none());
            assert!(section(0.0).turn(1.0).is_some());
        });
    }
}
