//! Kinks at which a neuron's own velocity jumps (a Hopfield network's with hard sigmoid or relu): on
//! which side of one a neuron moves on, where it slides along it, and where it does not rest.

use super::phase::{Phase, largest};

/// Distances from a kink, and velocities there relative to 1 + |s|, that are no more than rounding.
pub(super) const STILL: f64 = 1e-12;

/// A neuron on a kink, with the forces just below and just above.
pub(super) struct OnKink {
    pub neuron: usize,
    kink: f64,
    below: f64,
    above: f64,
}

impl OnKink {
    fn slack(&self) -> f64 {
        STILL * (1.0 + self.kink.abs())
    }

    /// Both sides drive it onto the kink, and neither lets it rest: it slides along.
    pub fn slides(&self) -> bool {
        self.below > self.slack() && self.above < -self.slack()
    }

    /// One side drives it away, so that it need not stay.
    fn leaves(&self) -> bool {
        self.above > self.slack() || self.below < -self.slack()
    }

    /// How far past sliding: positive once one side lets it go.
    pub fn release(&self) -> f64 {
        self.above.max(-self.below)
    }

    /// Whether it moves on above the kink: where both sides drive it, or else on the stiller one.
    fn goes_up(&self) -> bool {
        let slack = self.slack();
        if self.below.abs() > slack && self.above.abs() > slack {
            self.below + self.above > 0.0
        } else {
            self.above.abs() < self.below.abs()
        }
    }
}

impl Phase<'_> {
    /// The kinks strictly inside the bounds at which a neuron's velocity jumps.
    pub(super) fn walls(&self) -> impl Iterator<Item = f64> + Clone {
        let (low, high) = self.bounds().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let jumps = self.field().jumps().iter().copied();
        jumps.filter(move |&kink| low < kink && kink < high)
    }

    /// The neurons within `reach` of a kink at which their velocity jumps.
    pub(super) fn on_walls(&self, state: &[f64], reach: f64) -> Vec<OnKink> {
        let near = |&s: &f64| self.walls().find(|kink| (s - kink).abs() <= reach);
        let on: Vec<(usize, f64)> = (0..state.len())
            .filter_map(|i| Some((i, near(&state[i])?)))
            .collect();
        if on.is_empty() {
            return Vec::new();
        }
        let beside = |step: fn(f64) -> f64| {
            let (mut state, mut force) = (state.to_vec(), vec![0.0; state.len()]);
            on.iter().for_each(|&(i, kink)| state[i] = step(kink));
            self.force(&state, &mut force);
            force
        };
        let (below, above) = (beside(f64::next_down), beside(f64::next_up));
        on.into_iter()
            .map(|(neuron, kink)| OnKink {
                neuron,
                kink,
                below: below[neuron],
                above: above[neuron],
            })
            .collect()
    }

    /// The neurons on a kink where the dynamics do not rest, although they may stay: they slide
    /// along it, or may as well leave it.
    pub(super) fn sliding(&self, state: &[f64]) -> Vec<usize> {
        let on = self.on_walls(state, STILL);
        let restless = on.iter().filter(|on| on.slides() || on.leaves());
        restless.map(|on| on.neuron).collect()
    }

    /// The neurons whose velocity jumps at a surface next to `state` onto which both sides press, so that the
    /// trajectory slides along it, wherever the surface lies: a short way along the velocity it has become another
    /// one, and a short way along that it is the first again. On no smooth field does it come back.
    pub(super) fn pressed_onto_jump(&self, state: &[f64]) -> Vec<usize> {
        const NEAR: f64 = 1e-6;
        let size = |values: &[f64]| largest(values.iter().copied());
        let near = NEAR * (1.0 + size(state));
        let velocity = |state: &[f64]| {
            let mut out = vec![0.0; state.len()];
            self.velocity(&self.inside(state), &mut out);
            out
        };
        let along = |from: &[f64], by: &[f64], length: f64| -> Vec<f64> {
            let factor = length / size(by);
            from.iter().zip(by).map(|(s, v)| s + factor * v).collect()
        };
        let gap = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| (a - b).abs()).collect()
        };
        let here = velocity(state);
        let beyond = along(state, &here, near);
        let there = velocity(&beyond);
        let again = velocity(&along(&beyond, &there, 2.0 * near));
        let jump = gap(&there, &here);
        let farthest = size(&jump);
        if farthest > 1e-3 * size(&here) && size(&gap(&again, &here)) < 1e-2 * farthest {
            (0..jump.len())
                .filter(|&i| jump[i] > 1e-3 * farthest)
                .collect()
        } else {
            Vec::new()
        }
    }

    /// Between which bounds or kinks each neuron moves on from `state` until an event, empty if
    /// there are none at all.
    pub(super) fn rooms(&self, state: &[f64]) -> Vec<(f64, f64)> {
        let whole = self.bounds().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if self.bounds().is_none() && self.walls().next().is_none() {
            return Vec::new();
        }
        let mut rooms: Vec<(f64, f64)> = state
            .iter()
            .map(|&s| {
                let below = self.walls().filter(|&kink| kink < s);
                let above = self.walls().filter(|&kink| kink > s);
                (below.fold(whole.0, f64::max), above.fold(whole.1, f64::min))
            })
            .collect();
        for on in self.on_walls(state, 0.0) {
            let room = &mut rooms[on.neuron];
            if on.goes_up() {
                room.0 = on.kink;
            } else {
                room.1 = on.kink;
            }
        }
        rooms
    }
}

/// A value brought strictly between two others, if it is not there yet. NaN stays.
pub(super) fn strictly_between(s: f64, (low, high): (f64, f64)) -> f64 {
    if s <= low {
        low.next_up()
    } else if s >= high {
        high.next_down()
    } else {
        s
    }
}
