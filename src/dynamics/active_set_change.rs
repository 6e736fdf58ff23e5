//! Events: where in a step a neuron arrives at a bound or at a kink at which its velocity jumps, or is
//! let go.

use super::kink::STILL;
use super::phase::Phase;
use super::stepper::Stepper;

/// A moment inside a step at which the set of pinned neurons changes.
pub(super) struct ActiveSetChange {
    pub time: f64,
    /// The state there, inside the bounds.
    pub state: Vec<f64>,
    /// Who is pinned from then on.
    pub pinned: Vec<bool>,
}

/// Places within a step at which the dense output is looked at.
const LOOKS: usize = 8;

/// The step that has just been made, seen from its dense output.
struct Step<'a> {
    phase: &'a Phase<'a>,
    pinned: &'a [bool],
    stepper: &'a dyn Stepper,
    from: &'a [f64],
    /// Between what each neuron moves.
    rooms: &'a [(f64, f64)],
}

impl Step<'_> {
    fn state_at(&self, time: f64) -> Vec<f64> {
        if time >= self.stepper.time() {
            return self.stepper.state().to_vec();
        }
        let mut state = vec![0.0; self.from.len()];
        self.stepper.interpolate(time, &mut state);
        state
    }

    /// How far each neuron is past the point where its standing changes, positive if it is past it.
    /// For a free neuron this is the distance beyond a bound, for a pinned one the force inward.
    fn past(&self, time: f64) -> Vec<f64> {
        let state = self.state_at(time);
        let mut force = vec![0.0; state.len()];
        if self.pinned.contains(&true) {
            self.phase.force(&state, &mut force);
        }
        let mut past: Vec<f64> = (0..state.len())
            .map(|i| {
                let (low, high) = self.rooms[i];
                match (self.pinned[i], self.from[i] <= low) {
                    (true, true) => force[i],
                    (true, false) => -force[i],
                    (false, _) => (low - state[i]).max(state[i] - high),
                }
            })
            .collect();
        for on in self.phase.on_walls(&state, STILL) {
            if self.pinned[on.neuron] {
                past[on.neuron] = on.release();
            }
        }
        past
    }

    /// Where neuron i is farthest past between two times, by golden section.
    fn farthest(&self, i: usize, mut early: f64, mut late: f64) -> f64 {
        let ratio = 0.5 * (5f64.sqrt() - 1.0);
        for _ in 0..40 {
            let (left, right) = (
                late - ratio * (late - early),
                early + ratio * (late - early),
            );
            if self.past(left)[i] < self.past(right)[i] {
                early = left;
            } else {
                late = right;
            }
        }
        0.5 * (early + late)
    }

    /// The first time in (early, late] at which any neuron is past by more than `slack`, given
    /// that one is at `late`.
    fn crossing(&self, mut early: f64, mut late: f64, slack: f64) -> f64 {
        while late - early > 1e-14 * (1.0 + late.abs()) {
            let centre = 0.5 * (early + late);
            if centre <= early || centre >= late {
                break;
            }
            if self.past(centre).iter().any(|past| *past > slack) {
                late = centre;
            } else {
                early = centre;
            }
        }
        late
    }

    /// A time between looks k − 1 and k + 1 at which a neuron that turns round at look k touches
    /// its bound.
    fn touch(&self, times: &[f64], past: &[Vec<f64>], k: usize, slack: f64) -> Option<f64> {
        (0..self.from.len()).find_map(|i| {
            let rise = |other: usize| past[k][i] - past[other][i];
            let turns = rise(k - 1) >= 0.0 && rise(k + 1) > 0.0;
            // between looks it can rise about as much as it rose and fell around them
            let near = past[k][i] + rise(k - 1).max(rise(k + 1)) > 0.0;
            let peak = (turns && near).then(|| self.farthest(i, times[k - 1], times[k + 1]))?;
            (self.past(peak)[i] > slack).then_some(peak)
        })
    }
}

/// The first event inside the step that has just been made, or `None` without bounds and kinks.
pub(super) fn first_change(
    phase: &Phase<'_>,
    pinned: &[bool],
    rooms: &[(f64, f64)],
    stepper: &dyn Stepper,
    step_start: f64,
    from: &[f64],
) -> Option<ActiveSetChange> {
    if rooms.is_empty() {
        return None;
    }
    let step = Step {
        phase,
        pinned,
        stepper,
        from,
        rooms,
    };
    let (low, high) = phase.bounds().unwrap_or((0.0, 1.0));
    let slack = 1e-14 * (1.0 + high.abs().max(low.abs()));
    let width = (stepper.time() - step_start) / LOOKS as f64;
    let times: Vec<f64> = (0..=LOOKS)
        .map(|k| {
            if k == LOOKS {
                stepper.time()
            } else {
                step_start + k as f64 * width
            }
        })
        .collect();
    let past: Vec<Vec<f64>> = times.iter().map(|&time| step.past(time)).collect();
    let time = (1..=LOOKS).find_map(|k| {
        let late = if past[k].iter().any(|past| *past > slack) {
            times[k]
        } else if k < LOOKS {
            step.touch(&times, &past, k, slack)?
        } else {
            return None;
        };
        Some(step.crossing(times[k - 1], late, slack))
    })?;
    let mut state = step.state_at(time);
    for (i, s) in state.iter_mut().enumerate() {
        *s = if pinned[i] {
            from[i]
        } else {
            s.clamp(rooms[i].0, rooms[i].1)
        };
    }
    Some(ActiveSetChange {
        time,
        pinned: phase.pinned(&state),
        state,
    })
}

#[cfg(test)]
mod tests {
    use super::super::settings::Statistics;
    use super::super::stepper::Breakdown;
    use super::*;
    use crate::model::Problem;

    /// A step whose dense output is a closed form.
    struct Known<F> {
        time: f64,
        state: Vec<f64>,
        course: F,
    }

    impl<F: Fn(f64) -> Vec<f64>> Known<F> {
        fn to(time: f64, course: F) -> Self {
            let state = course(time);
            Self {
                time,
                state,
                course,
            }
        }
    }

    impl<F: Fn(f64) -> Vec<f64>> Stepper for Known<F> {
        fn time(&self) -> f64 {
            self.time
        }
        fn state(&self) -> &[f64] {
            &self.state
        }
        fn step(&mut self) -> Result<(), Breakdown> {
            Err(Breakdown)
        }
        fn interpolate(&self, time: f64, out: &mut [f64]) {
            out.copy_from_slice(&(self.course)(time));
        }
        fn step_size(&self) -> f64 {
            0.0
        }
        fn limit_step(&mut self, _: f64) {}
        fn statistics(&self) -> Statistics {
            Statistics::default()
        }
    }

    /// The event on a step from 2 to 2.8, of which the ends of the looks are 0.1 apart.
    fn event(pinned: [bool; 2], course: impl Fn(f64) -> Vec<f64>) -> Option<ActiveSetChange> {
        let text =
            r#"{"field": {"equations": {"x": "0.5 - y", "y": "1"}}, "state_bounds": [0, 1]}"#;
        let problem = Problem::from_json(text).unwrap();
        let field = problem.field();
        let phase = Phase::of_problem(&problem, &field);
        let from = course(2.0);
        let rooms = phase.rooms(&from);
        let stepper = Known::to(2.8, course);
        first_change(&phase, &pinned, &rooms, &stepper, 2.0, &from)
    }

    #[test]
    fn a_neuron_arrives_at_its_bound_when_the_closed_form_says() {
        for (slope, start, expected) in [(1.0, 0.5, 2.5), (0.7, 0.93, 2.1), (-1.0, 0.75, 2.75)] {
            let found = event([false; 2], |t| vec![start + slope * (t - 2.0), 0.5]).unwrap();
            assert!((found.time - expected).abs() < 1e-12, "{}", found.time);
            assert_eq!(found.state[0], if slope > 0.0 { 1.0 } else { 0.0 });
        }
        assert!(event([false; 2], |t| vec![0.15 + t - 2.0, 0.5]).is_none());
    }

    /// s = ±(h − a(t − p)²) beyond a bound: past it for 2w, less than a look, with h = aw².
    #[test]
    fn a_bound_that_is_touched_between_two_looks_is_seen() {
        for k in 6..=74 {
            let peak = 2.0 + 0.01 * f64::from(k);
            for wide in [0.004, 0.02] {
                let over = |t: f64| 1.5 * (wide * wide - (t - peak) * (t - peak));
                let above = event([false; 2], |t| vec![1.0 + over(t), 0.5]).unwrap();
                assert!(
                    (above.time - (peak - wide)).abs() < 1e-10,
                    "{k}: {}",
                    above.time
                );
                assert!((above.state[0] - 1.0).abs() < 1e-12);
                let below = event([false; 2], |t| vec![0.5, -over(t)]).unwrap();
                assert!(
                    (below.time - (peak - wide)).abs() < 1e-10,
                    "{k}: {}",
                    below.time
                );
                assert!(below.state[1].abs() < 1e-12);
            }
            // one that turns round before its bound does not touch it
            let short = |t: f64| 1.0 - 1e-6 - (t - peak) * (t - peak);
            assert!(event([false; 2], |t| vec![short(t), 0.5]).is_none(), "{k}");
        }
    }

    /// The force 1/2 − y holds x at 1 until y passes 1/2.
    #[test]
    fn a_held_neuron_is_let_go_when_its_force_turns_inward() {
        let found = event([true, false], |t| vec![1.0, 0.2 + 0.5 * (t - 2.0)]).unwrap();
        assert!((found.time - 2.6).abs() < 1e-12, "{}", found.time);
        assert_eq!(found.state[0], 1.0);
        assert!((found.state[1] - 0.5).abs() < 1e-12);
        assert!(event([true, false], |t| vec![1.0, 0.2 + 0.3 * (t - 2.0)]).is_none());
    }
}
