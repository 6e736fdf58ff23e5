//! Where a trajectory has to be seen so that the straight lines between look like it.

use super::phase::Phase;
use super::sample::{Sampled, sample};
use super::settings::SolverSettings;

/// Looks between two steps of the integrator.
const LOOKS: u32 = 4;

/// A trajectory at the times of `times` (increasing, the ends of `span` among them) and at as many
/// more as it takes that no component leaves the straight line between neighbours by more than
/// `tolerance` (one number per component), as far as the dense output of each step is looked at in
/// four places, but never at more than `most`. A component without extent (tolerance 0) is not
/// looked at.
///
/// From the last time kept, every component has a cone of slopes that pass all states since within
/// the tolerance. Where one closes, the time before is kept (the swinging door).
pub fn sample_by_curvature(
    phase: &Phase<'_>,
    start: &[f64],
    span: (f64, f64),
    times: &[f64],
    tolerance: &[f64],
    most: usize,
    settings: &SolverSettings,
) -> (Vec<f64>, Sampled) {
    let mut door = Door::new(span.0, start, tolerance);
    let (mut kept, mut states) = (vec![span.0], vec![start.to_vec()]);
    let mut given = times.iter().copied().filter(|time| *time > span.0);
    let mut next = given.next();
    let mut state = vec![0.0; start.len()];
    let mut sampled = sample(phase, start, span, &[], settings, &mut |moment| {
        let step = moment.time - moment.step_start;
        let is_full = kept.len() + times.len() > most;
        let mut keep_row = |time: f64, state: Vec<f64>| {
            if kept.last() != Some(&time) {
                kept.push(time);
                states.push(state);
            }
        };
        let mut look = |time: f64, keep: bool, state: &mut Vec<f64>| {
            moment.interpolate(time, state);
            if !is_full && let Some((before, state)) = door.pass(time, state, keep) {
                keep_row(before, state);
            }
            if keep {
                keep_row(time, state.clone());
            }
        };
        if step > 0.0 {
            for k in 1..=LOOKS {
                let time = moment.step_start + step * f64::from(k) / f64::from(LOOKS);
                while let Some(due) = next.filter(|due| *due <= time) {
                    look(due, true, &mut state);
                    next = given.next();
                }
                if !is_full {
                    look(time, false, &mut state);
                }
            }
        }
    });
    if sampled.failure.is_none() {
        // what was not reached, if only by a rounding error
        kept.extend(next.into_iter().chain(given));
        states.resize(kept.len(), sampled.run.state.clone());
    }
    sampled.states = states;
    (kept, sampled)
}

/// The cone of slopes of each component from the state kept last.
struct Door<'a> {
    tolerance: &'a [f64],
    anchor: (f64, Vec<f64>),
    cone: Vec<(f64, f64)>,
    last: (f64, Vec<f64>),
}

const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

impl<'a> Door<'a> {
    fn new(time: f64, state: &[f64], tolerance: &'a [f64]) -> Self {
        Self {
            tolerance,
            anchor: (time, state.to_vec()),
            cone: vec![OPEN; state.len()],
            last: (time, state.to_vec()),
        }
    }

    /// Takes the next state. Returns the one before it with its time, if that has to be kept. With
    /// `keep` this one is kept.
    fn pass(&mut self, time: f64, state: &[f64], keep: bool) -> Option<(f64, Vec<f64>)> {
        if time <= self.last.0 {
            return None;
        }
        let mut before = None;
        if self.closes(time, state) && self.last.0 > self.anchor.0 {
            before = Some(self.last.clone());
            self.anchor.clone_from(&self.last);
            self.cone.fill(OPEN);
            self.closes(time, state);
        }
        self.last.0 = time;
        self.last.1.copy_from_slice(state);
        if keep {
            self.anchor.clone_from(&self.last);
            self.cone.fill(OPEN);
        }
        before
    }

    /// Narrows the cones to lines that pass this state, and returns whether the line to it passes
    /// all before.
    fn closes(&mut self, time: f64, state: &[f64]) -> bool {
        let span = time - self.anchor.0;
        let mut closed = false;
        for (i, cone) in self.cone.iter_mut().enumerate() {
            if self.tolerance[i] > 0.0 {
                let slope = (state[i] - self.anchor.1[i]) / span;
                let width = self.tolerance[i] / span;
                closed |= !(cone.0..=cone.1).contains(&slope);
                *cone = (cone.0.max(slope - width), cone.1.min(slope + width));
            }
        }
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    #[test]
    fn a_fast_oscillation_is_seen_between_sparse_times() {
        // a centre of frequency 20, seen 11 times in 5 units of time
        let text = r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[1, -20], [20, 1]], "outputs": [0]}, "target": [0]}"#;
        let problem = Problem::from_json(text).unwrap();
        let field = problem.field();
        let phase = Phase::free(&field);
        let (start, span) = ([1.0, 0.0], (0.0, 5.0));
        let settings = SolverSettings::default();
        let sparse: Vec<f64> = (0..=10).map(|k| f64::from(k) * 0.5).collect();
        let (times, sampled) = sample_by_curvature(
            &phase, &start, span, &sparse, &[0.01; 2], 100_000, &settings,
        );
        assert!(sparse.iter().all(|time| times.contains(time)));
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((200..2000).contains(&times.len()), "{}", times.len());
        let seen = sample(&phase, &start, span, &times, &settings, &mut |_| {}).states;
        assert_eq!(sampled.states, seen, "as where these times are asked for");
        // the closed form half way between
        for (pair, states) in times.windows(2).zip(seen.windows(2)) {
            let middle = 0.5 * (pair[0] + pair[1]);
            let line = 0.5 * (states[0][0] + states[1][0]);
            assert!((line - (20.0 * middle).cos()).abs() < 0.02, "{middle}");
        }
    }
}
