//! Curves of the flow by their length on paper, forwards or backwards in time.

use super::window::{Point, Window};
use crate::dynamics::{Control, Phase, SolverSettings, integrate};
use crate::model::VectorField;

/// Whether a state is one that the bounds allow.
pub(crate) fn within_bounds(phase: &Phase<'_>, state: Point) -> bool {
    let bounds = phase.bounds();
    bounds.is_none_or(|(low, high)| state.iter().all(|s| (low..=high).contains(s)))
}

/// The direction of a flow in figure coordinates u:
/// `$\mathrm du/\mathrm d\ell = \pm\dot u/\lVert\dot u\rVert$`, of speed 1 wherever the flow moves,
/// so that its time ℓ is length on paper.
pub(crate) struct ArcLengthField<'a> {
    phase: Phase<'a>,
    window: Window,
    /// 1 follows time, −1 runs against it.
    sign: f64,
}

impl<'a> ArcLengthField<'a> {
    pub fn new(phase: Phase<'a>, window: Window, sign: f64) -> Self {
        Self {
            phase,
            window,
            sign,
        }
    }

    /// The velocity in figure coordinates, with its norm.
    fn figure_velocity(&self, point: &[f64]) -> (Point, f64) {
        let state = self.window.state([point[0], point[1]]);
        let mut velocity = [0.0; 2];
        self.phase.velocity(&state, &mut velocity);
        let size = self.window.size();
        let velocity = [velocity[0] / size[0], velocity[1] / size[1]];
        (velocity, velocity[0].hypot(velocity[1]))
    }

    /// The curve from `start` (which is left out), a point every `spacing`, until `keep` refuses a
    /// point, the length is `longest`, or the states reach their bounds.
    pub fn trace(
        &self,
        start: Point,
        spacing: f64,
        longest: f64,
        mut keep: impl FnMut(Point) -> bool,
    ) -> Vec<Point> {
        let settings = SolverSettings {
            rtol: 1e-8,
            atol: 1e-10,
            initial_step: 0.1 * spacing,
            max_steps: 20_000,
            ..SolverSettings::default()
        };
        let mut points = Vec::new();
        let flow = Phase::free(self);
        integrate(&flow, &start, (0.0, longest), &settings, &mut |moment| {
            let mut point = [0.0; 2];
            loop {
                let next = spacing * (points.len() + 1) as f64;
                if next > moment.time {
                    return Control::CapStep(4.0 * spacing);
                }
                moment.interpolate(next, &mut point);
                if !within_bounds(&self.phase, self.window.state(point)) || !keep(point) {
                    return Control::Stop;
                }
                points.push(point);
            }
        });
        points
    }
}

impl VectorField for ArcLengthField<'_> {
    fn dimension(&self) -> usize {
        2
    }

    fn velocity(&self, point: &[f64], out: &mut [f64]) {
        let (velocity, speed) = self.figure_velocity(point);
        for (out, velocity) in out.iter_mut().zip(velocity) {
            *out = if speed > 0.0 {
                self.sign * velocity / speed
            } else {
                0.0
            };
        }
    }

    /// `$\pm(I - nn^\top)\,\frac{\partial\dot u}{\partial u}\,v/\lVert\dot u\rVert$`, n the direction.
    fn jacobian_vector(&self, point: &[f64], vector: &[f64], out: &mut [f64]) {
        let (velocity, speed) = self.figure_velocity(point);
        if speed == 0.0 {
            out.fill(0.0);
            return;
        }
        let size = self.window.size();
        let state = self.window.state([point[0], point[1]]);
        let moved = [vector[0] * size[0], vector[1] * size[1]];
        self.phase.velocity_jacobian_vector(&state, &moved, out);
        let product = [out[0] / size[0], out[1] / size[1]];
        let direction = velocity.map(|v| v / speed);
        let along = product[0] * direction[0] + product[1] * direction[1];
        for k in 0..2 {
            out[k] = self.sign * (product[k] - along * direction[k]) / speed;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::Problem;

    /// Two linear neurons with Jacobian `[[a, b], [c, d]]`.
    pub fn linear(matrix: [[f64; 2]; 2]) -> Problem {
        let [[a, b], [c, d]] = matrix;
        Problem::from_json(&format!(
            r#"{{"network": {{"type": "dense", "dynamics": "leaky", "activation": "identity",
                "weights": [[{}, {b}], [{c}, {}]], "outputs": [0]}}, "target": [0]}}"#,
            a + 1.0,
            d + 1.0
        ))
        .unwrap()
    }

    #[test]
    fn a_rotation_is_followed_along_its_circle_both_ways() {
        let problem = linear([[0.0, -3.0], [3.0, 0.0]]);
        let field = problem.field();
        let window = Window {
            x: (-2.0, 2.0),
            y: (-2.0, 2.0),
        };
        for sign in [1.0, -1.0] {
            let course = ArcLengthField::new(Phase::free(&field), window, sign);
            let line = course.trace([0.75, 0.5], 0.01, 0.5, |_| true);
            assert_eq!(line.len(), 50);
            let angle = sign * 0.5 / 0.25;
            let end = [0.5 + 0.25 * f64::cos(angle), 0.5 + 0.25 * f64::sin(angle)];
            assert!((line[49][0] - end[0]).abs() < 1e-7);
            assert!((line[49][1] - end[1]).abs() < 1e-7);
        }
    }

    #[test]
    fn jacobian_is_that_of_finite_differences() {
        let problem = linear([[-0.3, -1.0], [2.0, 0.4]]);
        let field = problem.field();
        let window = Window {
            x: (-1.0, 2.0),
            y: (-3.0, 2.0),
        };
        let course = ArcLengthField::new(Phase::free(&field), window, -1.0);
        let point = [0.2, 0.8];
        let jacobian = course.jacobian(&point);
        for j in 0..2 {
            let shifted = |step: f64| {
                let mut moved = point;
                moved[j] += step;
                let mut out = [0.0; 2];
                course.velocity(&moved, &mut out);
                out
            };
            let (up, down) = (shifted(1e-6), shifted(-1e-6));
            for i in 0..2 {
                assert!((jacobian[(i, j)] - (up[i] - down[i]) / 2e-6).abs() < 1e-8);
            }
        }
    }

    #[test]
    fn a_flow_has_no_direction_where_it_rests() {
        let problem = linear([[-0.3, -1.0], [2.0, 0.4]]);
        let field = problem.field();
        let window = Window {
            x: (-1.0, 1.0),
            y: (-2.0, 2.0),
        };
        let course = ArcLengthField::new(Phase::free(&field), window, 1.0);
        let mut out = [7.0; 2];
        course.velocity(&[0.5, 0.5], &mut out);
        assert_eq!(out, [0.0; 2]);
        course.jacobian_vector(&[0.5, 0.5], &[1.0, 2.0], &mut out);
        assert_eq!(out, [0.0; 2]);
    }
}
