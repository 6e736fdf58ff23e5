//! A plane section of a vector field: two coordinates move, the others are held.

use crate::dynamics::Phase;
use crate::model::{Cost, Problem, VectorField};

/// Two coordinates of a state with n values. The others stay at `rest`.
#[derive(Debug, Clone, PartialEq)]
struct Plane {
    coordinates: [usize; 2],
    rest: Vec<f64>,
}

impl Plane {
    /// The whole state of a point of the plane.
    fn embed(&self, point: &[f64]) -> Vec<f64> {
        let mut state = self.rest.clone();
        for (&i, &value) in self.coordinates.iter().zip(point) {
            state[i] = value;
        }
        state
    }

    /// A vector of the plane as a vector of the whole space.
    fn lift(&self, vector: &[f64]) -> Vec<f64> {
        let mut lifted = vec![0.0; self.rest.len()];
        for (&i, &value) in self.coordinates.iter().zip(vector) {
            lifted[i] = value;
        }
        lifted
    }

    /// Applies `map`, which fills n values, and keeps the two of the plane.
    fn project(&self, out: &mut [f64], map: impl FnOnce(&mut [f64])) {
        let mut whole = vec![0.0; self.rest.len()];
        map(&mut whole);
        for (out, &i) in out.iter_mut().zip(&self.coordinates) {
            *out = whole[i];
        }
    }
}

/// The two-dimensional field `$(\mu_i, \mu_j)(s_i, s_j)$`, all other states held. It is the field
/// itself if there are no others. Otherwise its trajectories are not those of the network.
pub struct Slice<'a> {
    field: &'a dyn VectorField,
    plane: Plane,
}

impl<'a> Slice<'a> {
    /// The section of `field` along `coordinates` through `rest` (n values).
    pub fn new(field: &'a dyn VectorField, coordinates: [usize; 2], rest: &[f64]) -> Self {
        let rest = rest.to_vec();
        Self {
            field,
            plane: Plane { coordinates, rest },
        }
    }
}

impl VectorField for Slice<'_> {
    fn dimension(&self) -> usize {
        2
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        let state = self.plane.embed(state);
        self.plane
            .project(out, |whole| self.field.velocity(&state, whole));
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let (state, vector) = (self.plane.embed(state), self.plane.lift(vector));
        self.plane.project(out, |whole| {
            self.field.jacobian_vector(&state, &vector, whole);
        });
    }

    fn jumps(&self) -> &[f64] {
        self.field.jumps()
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        let kinks = self.field.on_kink(&self.plane.embed(state));
        (0..2)
            .filter(|&k| kinks.contains(&self.plane.coordinates[k]))
            .collect()
    }
}

/// A cost as a function of the two coordinates.
struct SliceCost<'a> {
    cost: &'a dyn Cost,
    plane: Plane,
}

impl Cost for SliceCost<'_> {
    fn value(&self, state: &[f64]) -> f64 {
        self.cost.value(&self.plane.embed(state))
    }

    fn gradient(&self, state: &[f64], out: &mut [f64]) {
        let state = self.plane.embed(state);
        self.plane
            .project(out, |whole| self.cost.gradient(&state, whole));
    }

    fn hessian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        let (state, vector) = (self.plane.embed(state), self.plane.lift(vector));
        self.plane.project(out, |whole| {
            self.cost.hessian_vector(&state, &vector, whole);
        });
    }
}

/// The section of a problem's dynamics, free or nudged.
pub(super) struct Section<'a> {
    problem: &'a Problem,
    network: &'a dyn VectorField,
    field: Slice<'a>,
    cost: SliceCost<'a>,
    time_constants: [f64; 2],
    bounds: Option<(f64, f64)>,
}

impl<'a> Section<'a> {
    /// `network` is [`Problem::field`].
    pub fn new(
        problem: &'a Problem,
        network: &'a dyn VectorField,
        coordinates: [usize; 2],
        rest: &[f64],
    ) -> Self {
        let whole = Phase::of_problem(problem, network);
        let field = Slice::new(network, coordinates, rest);
        let plane = field.plane.clone();
        let cost = SliceCost {
            cost: &problem.cost,
            plane,
        };
        Self {
            problem,
            network,
            field,
            cost,
            time_constants: coordinates.map(|i| whole.time_constant(i)),
            bounds: whole.bounds(),
        }
    }

    /// The phase at influence parameter β.
    pub fn phase(&self, beta: f64) -> Phase<'_> {
        if self.network.dimension() == 2 && self.field.plane.coordinates == [0, 1] {
            // nothing is held: of the network itself more can be proven than of a section
            let phase = Phase::of_problem(self.problem, self.network);
            return if beta == 0.0 {
                phase
            } else {
                phase.nudged(&self.problem.cost, beta)
            };
        }
        let mut phase = Phase::free(&self.field).with_time_constants(&self.time_constants);
        if let Some((low, high)) = self.bounds {
            phase = phase.with_state_bounds(low, high);
        }
        if beta == 0.0 {
            phase
        } else {
            phase.nudged(&self.cost, beta)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_moves_as_the_network_does_where_the_others_rest() {
        let problem = Problem::from_json(
            r#"{"network": {"type": "dense", "dynamics": "hopfield", "activation": "tanh",
                "weights": [[0.5, 1.0, -0.3], [0.2, 0.1, 0.7], [-0.4, 0.6, 0.3]],
                "bias": [0.1, 0.2, 0.3], "outputs": [2]},
                "target": [0.5], "time_constants": [1.0, 2.0, 4.0]}"#,
        )
        .unwrap();
        let field = problem.field();
        let rest = [0.3, -0.2, 0.7];
        let section = Section::new(&problem, &field, [2, 0], &rest);
        let whole = Phase::of_problem(&problem, &field).nudged(&problem.cost, 0.4);
        let (mut all, mut two) = ([0.0; 3], [0.0; 2]);
        whole.velocity(&rest, &mut all);
        section.phase(0.4).velocity(&[0.7, 0.3], &mut two);
        assert_eq!(two, [all[2], all[0]]);
        let jacobian = whole.force_jacobian(&rest);
        let part = section.phase(0.4).force_jacobian(&[0.7, 0.3]);
        for (k, i) in [2, 0].into_iter().enumerate() {
            for (l, j) in [2, 0].into_iter().enumerate() {
                assert!((part[(k, l)] - jacobian[(i, j)]).abs() < 1e-15);
            }
        }
    }
}
