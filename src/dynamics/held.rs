//! Which neurons of a phase are held: by a bound, or by a kink that they slide along.

use super::phase::{Phase, largest};

/// Distances from a bound, and forces there, that are no more than rounding.
const EDGE: f64 = 1e-12;

impl Phase<'_> {
    /// Which neurons are held: those at a bound whose force points outward (or is 0), and those that
    /// slide along a kink at which their velocity jumps.
    pub fn pinned(&self, state: &[f64]) -> Vec<bool> {
        self.pinned_under(state, &self.force_on_bounds(state))
    }

    /// The same where the force is known.
    pub(super) fn pinned_under(&self, state: &[f64], force: &[f64]) -> Vec<bool> {
        let mut pinned = self.held_with(state, force, 0.0);
        for on in self.on_walls(state, 0.0) {
            pinned[on.neuron] |= on.slides();
        }
        pinned
    }

    /// Which neurons are held by a bound with a force that is more than rounding, or slide: all
    /// others answer to small changes, at least on one side.
    pub(crate) fn held(&self, state: &[f64]) -> Vec<bool> {
        let mut held = self.held_with(state, &self.force_on_bounds(state), EDGE);
        for on in self.on_walls(state, 0.0) {
            held[on.neuron] |= on.slides();
        }
        held
    }

    /// The force where bounds ask for it.
    fn force_on_bounds(&self, state: &[f64]) -> Vec<f64> {
        let mut force = vec![0.0; state.len()];
        if self.bounds().is_some() {
            self.force(state, &mut force);
        }
        force
    }

    /// Those at a bound with an outward force of at least `least`, relative to 1 + |s|.
    fn held_with(&self, state: &[f64], force: &[f64], least: f64) -> Vec<bool> {
        let Some((low, high)) = self.bounds() else {
            return vec![false; state.len()];
        };
        let pairs = state.iter().zip(force);
        let held = pairs.map(|(&s, &force)| {
            let least = least * (1.0 + s.abs());
            (s <= low && force <= -least) || (s >= high && force >= least)
        });
        held.collect()
    }

    /// Neurons that rest exactly on a bound with no force on them: they answer to a nudge inward, and
    /// not to one outward.
    pub(crate) fn on_edge(&self, state: &[f64]) -> Vec<usize> {
        let Some((low, high)) = self.bounds() else {
            return Vec::new();
        };
        let mut force = vec![0.0; state.len()];
        self.force(state, &mut force);
        let near = |s: f64, bound: f64| (s - bound).abs() <= EDGE * (1.0 + bound.abs());
        (0..state.len())
            .filter(|&i| near(state[i], low) || near(state[i], high))
            .filter(|&i| force[i].abs() <= EDGE * (1.0 + state[i].abs()))
            .collect()
    }

    /// `ds/dt` with the projection onto the bounds: a neuron that they hold does not move.
    pub fn projected_velocity(&self, state: &[f64], out: &mut [f64]) {
        self.velocity(state, out);
        for (out, pinned) in out.iter_mut().zip(self.pinned(state)) {
            if pinned {
                *out = 0.0;
            }
        }
    }

    /// ‖Π(μ^β)‖∞, the largest force on a neuron that is free to move, or NaN if any is.
    pub fn residual(&self, state: &[f64]) -> f64 {
        let mut force = vec![0.0; state.len()];
        self.force(state, &mut force);
        let pinned = self.pinned_under(state, &force);
        largest(
            force
                .iter()
                .zip(pinned)
                .filter(|(_, pinned)| !pinned)
                .map(|(&force, _)| force),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    /// What holds neurons in the states 0 and 1 under these forces there.
    fn holding(
        forces: [f64; 3],
        at: f64,
        see: impl Fn(&Phase<'_>, &[f64]) -> Vec<bool>,
    ) -> Vec<bool> {
        let [x, y, z] = forces;
        let text = format!(
            r#"{{"field": {{"equations": {{"x": "{x:?}", "y": "{y:?}", "z": "{z:?}"}}}}, "state_bounds": [0, 1]}}"#
        );
        let problem = Problem::from_json(&text).unwrap_or_else(|error| panic!("{error}"));
        let field = problem.field();
        see(&Phase::of_problem(&problem, &field), &[at; 3])
    }

    /// A small push moves a neuron on which no force, or one of rounding, acts at a bound: no bound holds it.
    #[test]
    fn a_bound_holds_by_more_than_rounding_and_pins_by_any_force() {
        for (at, outward) in [(0.0, -1.0), (1.0, 1.0)] {
            for (size, held, pinned) in [
                (1e-3, true, true),
                (1e-13, false, true),
                (0.0, false, true),
                (-1e-13, false, false),
                (-1e-3, false, false),
            ] {
                let forces = [outward * size, 0.3 * outward, -0.3 * outward];
                let found = holding(forces, at, |phase, state| phase.held(state));
                assert_eq!(found, [held, true, false], "{size} at {at}");
                let found = holding(forces, at, |phase, state| phase.pinned(state));
                assert_eq!(found, [pinned, true, false], "{size} at {at}");
            }
        }
        // between the bounds nothing does
        for forces in [[-1.0, 0.0, 1.0], [-1e-13, 5.0, -5.0]] {
            assert_eq!(
                holding(forces, 0.5, |phase, state| phase.held(state)),
                [false; 3]
            );
        }
    }
}
