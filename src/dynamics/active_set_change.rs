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
