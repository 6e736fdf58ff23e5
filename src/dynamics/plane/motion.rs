//! Trajectories in time, and the path of fixed points as β grows.

use serde::{Deserialize, Serialize};

use super::attractors::Attractor;
use super::nullclines::Polyline;
use super::window::{Point, Window, distance, inside};
use crate::dynamics::{Control, FixedPoint, Phase, SolverSettings, integrate, largest};

/// A trajectory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trajectory {
    /// Time at each point, from 0, in units of the time constant.
    pub time: Vec<f64>,
    /// First coordinate.
    pub x: Vec<f64>,
    /// Second coordinate.
    pub y: Vec<f64>,
}

/// Within this distance of a fixed point (in sides of the window) nothing is left to be seen.
const ARRIVED: f64 = 4e-3;

/// Length on paper after which a trajectory ends anyway, in sides of the window.
const LONGEST: f64 = 12.0;

/// The trajectory from `start` until it is at one of `ends` (figure coordinates), on an attracting
/// cycle, far outside the window, long enough,
/// or out of time.
pub(crate) fn trajectory(
    phase: &Phase<'_>,
    window: &Window,
    start: Point,
    ends: &[Point],
    cycles: &[Attractor],
    settings: &SolverSettings,
) -> Trajectory {
    let arrived = |state: &[f64]| {
        let point = window.figure(state);
        ends.iter().any(|&end| distance(end, point) < ARRIVED)
            || cycles.iter().any(|cycle| cycle.holds(state))
    };
    follow(phase, window, &start, [0, 1], &arrived, settings)
}

/// The same for a state of any dimension seen along two of its coordinates. `ends` are whole
/// states.
pub(crate) fn projected(
    phase: &Phase<'_>,
    window: &Window,
    start: &[f64],
    coordinates: [usize; 2],
    ends: &[&[f64]],
    settings: &SolverSettings,
) -> Trajectory {
    let size = window.size();
    let near = 0.25 * ARRIVED * size[0].min(size[1]);
    let arrived = |state: &[f64]| {
        let distance = |end: &&[f64]| largest(state.iter().zip(*end).map(|(a, b)| a - b));
        ends.iter().any(|end| distance(end) < near)
    };
    follow(phase, window, start, coordinates, &arrived, settings)
}

/// The trajectory from `start`, seen along `coordinates`, until it has `arrived`, is far outside
/// the window, long enough, or out of time.
fn follow(
    phase: &Phase<'_>,
    window: &Window,
    start: &[f64],
    coordinates: [usize; 2],
    arrived: &dyn Fn(&[f64]) -> bool,
    settings: &SolverSettings,
) -> Trajectory {
    const POINTS: u32 = 8;
    let mut out = Trajectory::default();
    let (mut last, mut length): (Option<Point>, f64) = (None, 0.0);
    let span = (0.0, settings.max_time * phase.time_scales().1);
    let mut state = vec![0.0; start.len()];
    integrate(phase, start, span, settings, &mut |moment| {
        let step = moment.time - moment.step_start;
        for k in 1..=POINTS {
            let time = moment.step_start + step * f64::from(k) / f64::from(POINTS);
            moment.interpolate(time, &mut state);
            let seen = coordinates.map(|i| state[i]);
            let point = window.figure(&seen);
            let moved = last.map_or(f64::INFINITY, |last| distance(last, point));
            if moved > 1e-3 {
                length += last.map_or(0.0, |_| moved);
                last = Some(point);
                out.time.push(time);
                out.x.push(seen[0]);
                out.y.push(seen[1]);
            }
        }
        let point = window.figure(&coordinates.map(|i| moment.state[i]));
        if arrived(moment.state) || length > LONGEST || !inside(point, 2.0) {
            Control::Stop
        } else {
            Control::Continue
        }
    });
    out
}

/// Fixed points as functions of β.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// β (dimensionless) at each point, from 0.
    pub beta: Vec<f64>,
    /// The fixed point at each β.
    pub curve: Polyline,
    /// Whether it could be followed to the last β asked for.
    pub complete: bool,
}

/// Follows a fixed point from β = 0 to `beta` in 40 equal steps, each by Newton's method from the
/// extrapolated last two.
pub(crate) fn path<'a>(
    phase: impl Fn(f64) -> Phase<'a>,
    window: &Window,
    start: &[f64],
    beta: f64,
) -> Path {
    const STEPS: u32 = 40;
    let mut betas = vec![0.0];
    let mut points: Vec<Point> = vec![[start[0], start[1]]];
    for k in 1..=STEPS {
        let value = beta * f64::from(k) / f64::from(STEPS);
        let here = points[points.len() - 1];
        let before = points[points.len().saturating_sub(2)];
        let guess = [0, 1].map(|i| 2.0 * here[i] - before[i]);
        let Some(point) = FixedPoint::refine(&phase(value), &guess) else {
            break;
        };
        let state = [point.state()[0], point.state()[1]];
        // a jump means that the branch has ended and Newton's method has found another
        let expected = distance(window.figure(&here), window.figure(&before));
        if distance(window.figure(&state), window.figure(&guess)) > (0.5 * expected).max(0.05) {
            break;
        }
        betas.push(value);
        points.push(state);
    }
    Path {
        complete: betas.len() == STEPS as usize + 1,
        beta: betas,
        curve: Polyline::new(points),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arc_length::tests::linear;
    use super::*;

    #[test]
    fn a_linear_fixed_point_moves_as_the_closed_form_says() {
        // ṡ = As + β(y − s₀)e₀ with y = 1: s = β y (β e₀e₀ᵀ − A)⁻¹ e₀
        let mut problem = linear([[-1.0, -2.0], [2.0, -1.0]]);
        problem.cost = crate::model::SquaredError::new(&[0], &[1.0])
            .unwrap()
            .into();
        let field = problem.field();
        let window = Window {
            x: (-1.0, 1.0),
            y: (-1.0, 1.0),
        };
        let free = Phase::free(&field);
        let path = path(
            |beta| free.nudged(&problem.cost, beta),
            &window,
            &[0.0, 0.0],
            2.0,
        );
        assert!(path.complete);
        for (k, beta) in path.beta.iter().enumerate() {
            let determinant = (1.0 + beta) + 4.0;
            assert!((path.curve.x[k] - beta / determinant).abs() < 1e-13);
            assert!((path.curve.y[k] - 2.0 * beta / determinant).abs() < 1e-13);
        }
    }

    #[test]
    fn a_trajectory_ends_at_its_fixed_point() {
        let problem = linear([[-1.0, 0.0], [0.0, -1.0]]);
        let field = problem.field();
        let window = Window {
            x: (-1.0, 1.0),
            y: (-1.0, 1.0),
        };
        let settings = SolverSettings::default();
        let origin = window.figure(&[0.0, 0.0]);
        let line = trajectory(
            &Phase::free(&field),
            &window,
            [0.5, -0.5],
            &[origin],
            &[],
            &settings,
        );
        for k in 0..line.time.len() {
            assert!((line.x[k] - 0.5 * (-line.time[k]).exp()).abs() < 1e-7);
        }
        assert!(line.x.last().unwrap().abs() < 0.01);
    }
}
