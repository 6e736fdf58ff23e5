//! Stable limit cycles: found by letting trajectories run, drawn over one period.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::nullclines::Polyline;
use super::window::{Point, Window, distance_to_line};
use crate::dynamics::{Control, Cycle, Outcome, Phase, SolverSettings, integrate, settle};

/// A stable limit cycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitCycle {
    /// Its period, in units of the time constant.
    pub period: f64,
    /// Floquet multiplier `$\exp\oint\nabla\cdot\dot s\,\mathrm dt$`: by how much a small distance
    /// from the cycle shrinks in one turn.
    pub multiplier: f64,
    /// The closed curve.
    pub curve: Polyline,
}

impl LimitCycle {
    /// The curve in figure coordinates.
    pub(crate) fn line(&self, window: &Window) -> Vec<Point> {
        let points = self.curve.x.iter().zip(&self.curve.y);
        points.map(|(&x, &y)| window.figure(&[x, y])).collect()
    }
}

/// The cycles that trajectories from `starts` reach, each once, in the order of the starts. Coarse
/// tolerances find them, those of `settings` then measure each.
pub(crate) fn limit_cycles(
    phase: &Phase<'_>,
    starts: &[Point],
    settings: &SolverSettings,
) -> Vec<LimitCycle> {
    let reach = |start: &[f64], settings: &SolverSettings| match settle(phase, start, settings) {
        Outcome::LimitCycle(cycle) => Some(cycle),
        _ => None,
    };
    let coarse = SolverSettings {
        rtol: 1e-6,
        atol: 1e-9,
        ..*settings
    };
    let reached: Vec<Option<Cycle>> = starts
        .par_iter()
        .map(|start| reach(start, &coarse))
        .collect();
    let mut cycles: Vec<LimitCycle> = Vec::new();
    for cycle in reached.into_iter().flatten() {
        let known = cycles.iter().any(|known| {
            let points: Vec<Point> = known
                .curve
                .x
                .iter()
                .zip(&known.curve.y)
                .map(|(&x, &y)| [x, y])
                .collect();
            let gap = distance_to_line([cycle.state[0], cycle.state[1]], &points);
            (known.period / cycle.period - 1.0).abs() < 1e-2 && gap < 1e-2 * cycle.amplitude
        });
        if known {
            continue;
        }
        if let Some(cycle) = reach(&cycle.state, settings) {
            // orbits around a centre are periodic too, but attract nothing
            let cycle = once_around(phase, &cycle, settings);
            if cycle.multiplier < 0.999 {
                cycles.push(cycle);
            }
        }
    }
    cycles
}

/// Leaves out points that are nearer to the last than 1/500 of the curve's extent.
fn thinned(points: &[Point]) -> Vec<Point> {
    let extent = [0, 1].map(|k| {
        let values = points.iter().map(|point| point[k]);
        let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
        (high - values.fold(f64::INFINITY, f64::min)).max(f64::MIN_POSITIVE)
    });
    let mut kept: Vec<Point> = Vec::new();
    for (k, point) in points.iter().enumerate() {
        let far = kept.last().is_none_or(|last| {
            ((point[0] - last[0]) / extent[0]).hypot((point[1] - last[1]) / extent[1]) > 2e-3
        });
        if far || k + 1 == points.len() {
            kept.push(*point);
        }
    }
    kept
}

/// The cycle over one period, several points a step of the integrator.
fn once_around(phase: &Phase<'_>, cycle: &Cycle, settings: &SolverSettings) -> LimitCycle {
    const POINTS: u32 = 8;
    let mut points: Vec<Point> = vec![[cycle.state[0], cycle.state[1]]];
    let mut exponent = 0.0;
    let span = (0.0, cycle.period);
    integrate(phase, &cycle.state, span, settings, &mut |moment| {
        let part = (moment.time - moment.step_start) / f64::from(POINTS);
        let mut point = [0.0; 2];
        for k in 0..POINTS {
            if part > 0.0 {
                let time = moment.step_start + part * f64::from(k);
                moment.interpolate(time + 0.5 * part, &mut point);
                exponent += part * divergence(phase, &point);
                moment.interpolate(time + part, &mut point);
                points.push(point);
            }
        }
        Control::Continue
    });
    // the orbit closes up to the tolerance with which it was recognised
    points.pop();
    points.extend(points.first().copied());
    LimitCycle {
        period: cycle.period,
        multiplier: exponent.exp(),
        curve: Polyline::new(thinned(&points)),
    }
}

/// `$\nabla\cdot\dot s$`.
fn divergence(phase: &Phase<'_>, state: &[f64]) -> f64 {
    let jacobian = phase.force_jacobian(state);
    (0..2)
        .map(|i| jacobian[(i, i)] / phase.time_constant(i))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Problem;

    /// An ellipse far from the origin, in more points than a figure needs.
    #[test]
    fn a_thinned_curve_keeps_its_shape_and_its_ends() {
        let points: Vec<Point> = (0..=5_000)
            .map(|k| std::f64::consts::TAU * f64::from(k) / 5_000.0)
            .map(|angle| [7.0 + 2.0 * angle.cos(), -3.0 + 0.1 * angle.sin()])
            .collect();
        let kept = thinned(&points);
        let apart = |a: &Point, b: &Point| ((a[0] - b[0]) / 4.0).hypot((a[1] - b[1]) / 0.2);
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[5_000]));
        for pair in kept[..kept.len() - 1].windows(2) {
            let gap = apart(&pair[0], &pair[1]);
            assert!((2e-3..3e-3).contains(&gap), "{gap}");
        }
        assert!((1_000..1_600).contains(&kept.len()), "{}", kept.len());
    }

    fn field(text: &str) -> Problem {
        Problem::from_json(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// ṙ = ar(1 − r²), θ̇ = 1, all of it times h = 1 + x/2: the circle is passed in
    /// `∮dθ/(1 + cos θ/2) = 2π/√(1 − 1/4)`, and what a turn does to a distance from it is e^{−4πa}
    /// whatever h is. A common time constant stretches the time alone.
    #[test]
    fn a_cycle_has_the_period_and_the_multiplier_of_the_closed_form() {
        for (time_constant, a) in [(1.0, 0.05), (2.5, 0.05), (1.0, 0.02)] {
            let problem = field(&format!(
                r#"{{"field": {{"equations": {{
                    "x": "(1 + x/2)*({a}*x*(1 - x^2 - y^2) - y)",
                    "y": "(1 + x/2)*({a}*y*(1 - x^2 - y^2) + x)"}},
                    "time_constants": {{"x": {time_constant}, "y": {time_constant}}}}}}}"#
            ));
            let model = problem.field();
            let phase = Phase::of_problem(&problem, &model);
            let starts = [[0.5, 0.0], [0.0, 1.2], [-0.9, 0.1]];
            let found = limit_cycles(&phase, &starts, &SolverSettings::default());
            assert_eq!(found.len(), 1, "each start leads to the same circle");
            let cycle = &found[0];
            let period = time_constant * std::f64::consts::TAU / 0.75f64.sqrt();
            assert!((cycle.period / period - 1.0).abs() < 1e-6);
            let multiplier = (-4.0 * std::f64::consts::PI * a).exp();
            let error = cycle.multiplier / multiplier - 1.0;
            assert!(error.abs() < 1e-3, "{time_constant} {a}: {error}");
            let points = cycle.curve.x.iter().zip(&cycle.curve.y);
            for (x, y) in points {
                assert!((x.hypot(*y) - 1.0).abs() < 1e-5);
            }
        }
    }

    /// ṙ = −ar(r² − 1)(r² − 4)(r² − 9), θ̇ = 1, in units that make the circles small: those with
    /// radii 1 and 3 attract, the one between them repels, and all have the same period.
    #[test]
    fn cycles_inside_each_other_are_told_apart() {
        for unit in [1.0, 1e-3] {
            let r = format!("((x^2 + y^2)/{})", unit * unit);
            let growth = format!("(-0.01*({r} - 1)*({r} - 4)*({r} - 9))");
            let problem = field(&format!(
                r#"{{"field": {{"equations": {{"x": "{growth}*x - y", "y": "{growth}*y + x"}}}}}}"#
            ));
            let model = problem.field();
            let phase = Phase::of_problem(&problem, &model);
            let starts = [[0.6, 0.0], [2.3, 0.0], [1.2, 0.3], [0.0, 3.2]];
            let starts = starts.map(|start: Point| start.map(|value| unit * value));
            let settings = SolverSettings::default();
            let found = limit_cycles(&phase, &starts, &settings);
            let radii: Vec<f64> = (found.iter())
                .map(|cycle| cycle.curve.x[0].hypot(cycle.curve.y[0]) / unit)
                .collect();
            assert_eq!(radii.len(), 2, "{radii:?}");
            assert!((radii[0] - 1.0).abs() < 1e-4, "{radii:?}");
            assert!((radii[1] - 3.0).abs() < 1e-4, "{radii:?}");
        }
    }
}
