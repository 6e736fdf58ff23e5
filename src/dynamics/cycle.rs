//! Recognising a periodic orbit while it is being integrated.
//!
//! An anchor is laid through the trajectory: a point p with the plane normal to the velocity there.
//! If the trajectory comes back through the plane at p, twice, after the same time, and the second
//! return is no farther from p than the first, it is periodic. A spiral, however slow, drifts on
//! with every turn. Anchors are renewed after 64, 128, 256, … steps (as in Brent's method), so that
//! transients are left behind and orbits of any length find an anchor in time.

use super::integrate::{Control, Moment, integrate};
use super::phase::{Phase, largest};
use super::settings::SolverSettings;

/// Points of a step at which an amplitude is looked for: long steps pass by what is between their ends.
const POINTS_A_STEP: usize = 16;

/// A periodic orbit.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// Time by which it was recognised, in units of the time constant.
    pub time: f64,
    /// Its period, in units of the time constant.
    pub period: f64,
    /// Largest distance of two of its points, in any one component.
    pub amplitude: f64,
    /// A point on it.
    pub state: Vec<f64>,
}

impl Cycle {
    /// The same with its amplitude measured along one more turn.
    pub(super) fn measured(mut self, phase: &Phase<'_>, settings: &SolverSettings) -> Self {
        let mut point = self.state.clone();
        let (mut low, mut high) = (point.clone(), point.clone());
        let span = (0.0, self.period);
        integrate(phase, &self.state, span, settings, &mut |moment| {
            let step = moment.time - moment.step_start;
            for k in 1..=POINTS_A_STEP {
                let part = k as f64 / POINTS_A_STEP as f64;
                moment.interpolate(moment.step_start + part * step, &mut point);
                widen((&mut low, &mut high), &point);
            }
            Control::Continue
        });
        self.amplitude = extent(&low, &high);
        self
    }
}

/// Lets the box hold a state, too.
pub(super) fn widen((low, high): (&mut [f64], &mut [f64]), state: &[f64]) {
    for (i, &s) in state.iter().enumerate() {
        low[i] = low[i].min(s);
        high[i] = high[i].max(s);
    }
}

/// The longest edge of a box.
pub(super) fn extent(low: &[f64], high: &[f64]) -> f64 {
    largest(high.iter().zip(low).map(|(high, low)| high - low))
}

struct Anchor {
    time: f64,
    point: Vec<f64>,
    normal: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    /// Height above the plane at the last step.
    height: f64,
    /// Period and distance of the first return.
    first_return: Option<(f64, f64)>,
    steps_left: usize,
}

/// Watches a trajectory for a periodic orbit.
pub(super) struct CycleDetector {
    anchor: Option<Anchor>,
    budget: usize,
    tolerance: f64,
}

impl CycleDetector {
    /// A detector for trajectories computed at relative tolerance `rtol`.
    pub fn new(rtol: f64) -> Self {
        Self {
            anchor: None,
            budget: 64,
            tolerance: (1e3 * rtol).clamp(1e-8, 1e-3),
        }
    }

    /// Takes note of a moment. Returns the orbit, once it has been recognised.
    pub fn observe(&mut self, phase: &Phase<'_>, moment: &Moment<'_>) -> Option<Cycle> {
        let spent = self
            .anchor
            .as_ref()
            .is_none_or(|anchor| anchor.steps_left == 0);
        if spent {
            if self.anchor.is_some() {
                self.budget = self.budget.saturating_mul(2);
            }
            self.anchor = Anchor::new(phase, moment, self.budget);
            return None;
        }
        let anchor = self.anchor.as_mut()?;
        anchor.steps_left -= 1;
        widen((&mut anchor.low, &mut anchor.high), moment.state);
        let before = anchor.height;
        anchor.height = anchor.height_of(moment.state);
        if !(before < 0.0 && anchor.height >= 0.0) {
            return None;
        }
        let (time, state) = crossing(moment, |state| anchor.height_of(state));
        let amplitude = extent(&anchor.low, &anchor.high);
        let distance = largest(state.iter().zip(&anchor.point).map(|(a, b)| a - b));
        if distance > self.tolerance * amplitude {
            return None;
        }
        let elapsed = time - anchor.time;
        match anchor.first_return {
            None => {
                anchor.first_return = Some((elapsed, distance));
                None
            }
            Some((period, first_distance)) => {
                let same_period = (elapsed - 2.0 * period).abs() <= 10.0 * self.tolerance * elapsed;
                let noise = 0.05 * self.tolerance * amplitude;
                let drifts = distance > 1.5 * first_distance + noise;
                if !same_period || drifts {
                    // not yet on the orbit: the next anchor will be
                    anchor.steps_left = 0;
                    return None;
                }
                Some(Cycle {
                    time,
                    period,
                    amplitude,
                    state,
                })
            }
        }
    }
}

impl Anchor {
    fn new(phase: &Phase<'_>, moment: &Moment<'_>, budget: usize) -> Option<Self> {
        let mut normal = vec![0.0; moment.state.len()];
        phase.velocity(moment.state, &mut normal);
        for (velocity, pinned) in normal.iter_mut().zip(phase.pinned(moment.state)) {
            if pinned {
                *velocity = 0.0;
            }
        }
        let norm = normal.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm == 0.0 || !norm.is_finite() {
            return None;
        }
        normal.iter_mut().for_each(|v| *v /= norm);
        Some(Self {
            time: moment.time,
            point: moment.state.to_vec(),
            normal,
            low: moment.state.to_vec(),
            high: moment.state.to_vec(),
            height: 0.0,
            first_return: None,
            steps_left: budget,
        })
    }

    fn height_of(&self, state: &[f64]) -> f64 {
        state
            .iter()
            .zip(&self.point)
            .zip(&self.normal)
            .map(|((s, p), normal)| (s - p) * normal)
            .sum()
    }
}

/// Where the last step rose through `height` = 0, by bisection on the dense output.
pub(super) fn crossing(moment: &Moment<'_>, height: impl Fn(&[f64]) -> f64) -> (f64, Vec<f64>) {
    let (mut early, mut late) = (moment.step_start, moment.time);
    let mut state = moment.state.to_vec();
    for _ in 0..60 {
        let centre = 0.5 * (early + late);
        moment.interpolate(centre, &mut state);
        if height(&state) < 0.0 {
            early = centre;
        } else {
            late = centre;
        }
    }
    moment.interpolate(late, &mut state);
    (late, state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Control, SolverSettings, integrate};
    use crate::model::Problem;

    /// The orbit that is recognised in ẋ = −ωy, ẏ = ωx from (1, 0) until a time, with ω = `rate` at first.
    /// A third state, moving by `drift`, quickens it: ω = `rate` + 500 z.
    fn recognised(rate: f64, drift: f64, rtol: f64, until: f64) -> Option<Cycle> {
        let text = format!(
            r#"{{"field": {{"definitions": {{"w": "{rate} + 500*z"}},
                "equations": {{"x": "-w*y", "y": "w*x", "z": "{drift}"}}}}}}"#
        );
        let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let settings = SolverSettings {
            rtol,
            atol: 1e-3 * rtol,
            ..SolverSettings::default()
        };
        let mut detector = CycleDetector::new(rtol);
        let mut found = None;
        integrate(
            &phase,
            &[1.0, 0.0, 0.0],
            (0.0, until),
            &settings,
            &mut |moment| {
                found = detector.observe(&phase, moment);
                if found.is_some() {
                    Control::Stop
                } else {
                    Control::Continue
                }
            },
        );
        found
    }

    /// A circle of radius 1 by long steps, whose ends alone would show less than its diameter.
    #[test]
    fn the_amplitude_is_seen_within_steps() {
        let text = r#"{"field": {"equations": {"x": "-y", "y": "x"}}}"#;
        let problem = Problem::from_json(text).unwrap();
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let settings = SolverSettings {
            method: crate::dynamics::Method::Vern8,
            rtol: 1e-6,
            initial_step: 0.9,
            ..SolverSettings::default()
        };
        let cycle = Cycle {
            time: 0.0,
            period: std::f64::consts::TAU,
            amplitude: 0.0,
            state: vec![0.6, 0.8],
        };
        let amplitude = cycle.measured(&phase, &settings).amplitude;
        assert!((amplitude - 2.0).abs() < 2e-3, "{amplitude}");
    }

    #[test]
    fn a_rotation_that_quickens_by_some_percent_a_turn_is_no_cycle() {
        let period = std::f64::consts::TAU;
        let found = recognised(1.0, 0.0, 1e-6, 30.0).unwrap();
        assert!((found.period - period).abs() < 1e-4, "{}", found.period);
        // a turn moves the third state by 1e-4 only
        assert_eq!(recognised(1.0, 1e-4 / period, 1e-6, 30.0), None);
    }

    #[test]
    fn a_cycle_is_recognised_in_any_unit_of_time() {
        for rate in [1e-6, 1.0, 1e6] {
            let period = std::f64::consts::TAU / rate;
            let found = recognised(rate, 0.0, 1e-9, 30.0 * period).unwrap();
            assert!((found.period / period - 1.0).abs() < 1e-6, "{rate}");
        }
    }
}
