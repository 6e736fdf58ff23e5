//! Attractors of the plane with neighbourhoods that no trajectory leaves.

use super::manifolds::linearised;
use super::window::{Point, Window, distance, distance_to_line, inside};
use crate::dynamics::{FixedPoint, Phase};

/// Something that trajectories end at.
pub(crate) enum Attractor {
    /// A stable fixed point with an ellipse `$(s-s^*)^\top P\,(s-s^*) \le$ level` that the flow
    /// enters everywhere.
    Point {
        centre: Point,
        /// P₀₀, P₀₁, P₁₁.
        metric: [f64; 3],
        level: f64,
    },
    /// A stable limit cycle (figure coordinates) with a tube around it.
    Cycle { line: Vec<Point>, window: Window },
}

/// Half the width of a cycle's tube, in sides of the window.
const TUBE: f64 = 4e-3;

impl Attractor {
    /// The attractor at a stable fixed point.
    pub fn point(phase: &Phase<'_>, window: &Window, point: &FixedPoint) -> Self {
        let centre = [point.state()[0], point.state()[1]];
        let size = window.size();
        let small = [1.0, 0.0, (size[0] / size[1]).powi(2)];
        let least = (2e-3 * size[0]).powi(2);
        let metric = linearised(phase, point)
            .filter(|_| phase.bounds().is_none())
            .map(lyapunov);
        let (metric, level) = match metric {
            Some(metric) => (metric, trapping_level(phase, window, centre, metric)),
            None => (small, least),
        };
        Self::Point {
            centre,
            metric,
            level,
        }
    }

    /// The attractor at a cycle, a closed line in figure coordinates.
    pub fn cycle(curve: &[Point], window: Window) -> Self {
        // chords this short stay well inside the tube
        let mut line: Vec<Point> = Vec::new();
        for (k, &point) in curve.iter().enumerate() {
            let far = line
                .last()
                .is_none_or(|&last| distance(last, point) > 1.5 * TUBE);
            if far || k + 1 == curve.len() {
                line.push(point);
            }
        }
        Self::Cycle { line, window }
    }

    /// Whether a trajectory that is here ends at this attractor.
    pub fn holds(&self, state: &[f64]) -> bool {
        match self {
            Self::Point {
                centre,
                metric,
                level,
            } => form(*metric, [state[0] - centre[0], state[1] - centre[1]]) <= *level,
            Self::Cycle { line, window } => {
                let point = window.figure(state);
                inside(point, 1.0) && distance_to_line(point, line) <= TUBE
            }
        }
    }
}

fn form([p, q, r]: [f64; 3], [x, y]: Point) -> f64 {
    p * x * x + 2.0 * q * x * y + r * y * y
}

/// P with `$A^\top P + PA = -I$`:
/// `$P = -(\det A\,I + \mathrm{adj}(A)^\top\mathrm{adj}(A))/(2\,\mathrm{tr} A\,\det A)$`.
fn lyapunov([[a, b], [c, d]]: [[f64; 2]; 2]) -> [f64; 3] {
    let (trace, determinant) = (a + d, a * d - b * c);
    let scale = -1.0 / (2.0 * trace * determinant);
    [
        scale * (determinant + d * d + c * c),
        -scale * (b * d + a * c),
        scale * (determinant + a * a + b * b),
    ]
}

/// The largest level, among growing ones, up to which the flow crosses every ellipse inwards.
fn trapping_level(phase: &Phase<'_>, window: &Window, centre: Point, metric: [f64; 3]) -> f64 {
    const DIRECTIONS: u32 = 96;
    let [width, height] = window.size();
    let inwards = |level: f64| {
        (0..DIRECTIONS).all(|k| {
            let angle = std::f64::consts::TAU * f64::from(k) / f64::from(DIRECTIONS);
            let ray = [width * angle.cos(), height * angle.sin()];
            let reach = (level / form(metric, ray)).sqrt();
            let away = ray.map(|part| reach * part);
            let mut velocity = [0.0; 2];
            phase.velocity(&[centre[0] + away[0], centre[1] + away[1]], &mut velocity);
            let [p, q, r] = metric;
            let slope = [p * away[0] + q * away[1], q * away[0] + r * away[1]];
            slope[0] * velocity[0] + slope[1] * velocity[1] < 0.0
        })
    };
    // the ellipse that just fits into a box around the centre, as a part of the window
    let determinant = metric[0] * metric[2] - metric[1] * metric[1];
    let fitting = |part: f64| {
        let across = (part * width).powi(2) * determinant / metric[2];
        let up = (part * height).powi(2) * determinant / metric[0];
        across.min(up)
    };
    let mut level = fitting(1e-4);
    let mut part = 1e-3;
    while part < 0.5 && inwards(fitting(part)) {
        // between sampled directions there must be room for error
        level = 0.8 * fitting(part);
        part *= 1.2;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lyapunov_equation_holds() {
        let a = [[-0.3, 2.0], [-1.0, -0.8]];
        let [p, q, r] = lyapunov(a);
        let metric = [[p, q], [q, r]];
        for i in 0..2 {
            for j in 0..2 {
                let sum: f64 = (0..2)
                    .map(|k| a[k][i] * metric[k][j] + metric[i][k] * a[k][j])
                    .sum();
                let expected = if i == j { -1.0 } else { 0.0 };
                assert!((sum - expected).abs() < 1e-12);
            }
        }
    }
}
