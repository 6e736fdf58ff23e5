//! Leaves out points of a polyline that nobody could see.

use crate::figure::drawing::geometry::Point;

/// Largest visible deviation in points: 0.03 pt is an eighth of a pixel at 300 dots per inch.
const TOLERANCE: f64 = 0.03;
/// Width of the columns that a dense curve is reduced to.
const COLUMN: f64 = 0.1;

/// A polyline that stays within [`TOLERANCE`] of the given one, in one pass.
pub(crate) fn simplify(points: &[Point]) -> Vec<Point> {
    sleeve(&columns(points))
}

/// First, lowest, highest and last point of each narrow column of a long curve that runs right.
fn columns(points: &[Point]) -> Vec<Point> {
    let runs_right = points.windows(2).all(|pair| pair[0].x <= pair[1].x);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    if !runs_right || (points.len() as f64) < 8.0 * (last.x - first.x) / COLUMN {
        return points.to_vec();
    }
    let column_of = |point: &Point| ((point.x - first.x) / COLUMN).floor();
    points
        .chunk_by(|left, right| column_of(left) == column_of(right))
        .flat_map(extremes)
        .collect()
}

/// First, lowest, highest and last point of a chunk, in their order.
fn extremes(chunk: &[Point]) -> Vec<Point> {
    let mut chosen = [0, 0, 0, chunk.len() - 1];
    for (index, point) in chunk.iter().enumerate() {
        if point.y < chunk[chosen[1]].y {
            chosen[1] = index;
        }
        if point.y > chunk[chosen[2]].y {
            chosen[2] = index;
        }
    }
    chosen.sort_unstable();
    let mut kept: Vec<Point> = Vec::with_capacity(4);
    for (place, &index) in chosen.iter().enumerate() {
        if place == 0 || chosen[place - 1] != index {
            kept.push(chunk[index]);
        }
    }
    kept
}

/// Zhao–Saalfeld sleeve fitting: a point is left out while a straight line from the last kept point
/// passes every skipped one within the tolerance.
fn sleeve(points: &[Point]) -> Vec<Point> {
    let Some((&first, rest)) = points.split_first() else {
        return Vec::new();
    };
    let mut kept = vec![first];
    let mut anchor = first;
    let mut previous = first;
    let mut cone: Option<Cone> = None;
    for &point in rest {
        let fits = match &mut cone {
            Some(cone) => cone.admits(anchor, previous, point),
            None => true,
        };
        if !fits {
            kept.push(previous);
            anchor = previous;
            cone = None;
        }
        let distance = anchor.distance(point);
        if distance > TOLERANCE {
            match &mut cone {
                Some(cone) => cone.narrow(anchor, point, distance),
                None => cone = Some(Cone::new(anchor, point, distance)),
            }
        }
        previous = point;
    }
    if rest.is_empty() {
        return kept;
    }
    kept.push(previous);
    kept
}

/// Directions from the anchor that pass all skipped points closely enough.
struct Cone {
    axis: f64,
    low: f64,
    high: f64,
}

impl Cone {
    fn new(anchor: Point, point: Point, distance: f64) -> Self {
        let half = (TOLERANCE / distance).asin();
        let axis = (point.y - anchor.y).atan2(point.x - anchor.x);
        Self {
            axis,
            low: -half,
            high: half,
        }
    }

    /// Angle from the cone's axis to a point, in (-π, π].
    fn angle(&self, anchor: Point, point: Point) -> f64 {
        let turn = (point.y - anchor.y).atan2(point.x - anchor.x) - self.axis;
        turn.sin().atan2(turn.cos())
    }

    fn admits(&self, anchor: Point, previous: Point, point: Point) -> bool {
        let angle = self.angle(anchor, point);
        // A curve that turns back must keep its turning point.
        let advances = anchor.distance(point) >= anchor.distance(previous);
        advances && self.low <= angle && angle <= self.high
    }

    fn narrow(&mut self, anchor: Point, point: Point, distance: f64) {
        let half = (TOLERANCE / distance).asin();
        let angle = self.angle(anchor, point);
        self.low = self.low.max(angle - half);
        self.high = self.high.min(angle + half);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_keeps_its_ends() {
        let line: Vec<Point> = (0..1000).map(|i| Point::new(f64::from(i), 2.0)).collect();
        assert_eq!(simplify(&line), vec![line[0], line[999]]);
    }

    #[test]
    fn a_circle_stays_within_the_tolerance() {
        let circle: Vec<Point> = (0..=20_000)
            .map(|i| f64::from(i) / 20_000.0 * std::f64::consts::TAU)
            .map(|angle| Point::new(100.0 * angle.cos(), 100.0 * angle.sin()))
            .collect();
        let simple = simplify(&circle);
        assert!(simple.len() < 400, "{}", simple.len());
        for pair in simple.windows(2) {
            let middle = pair[0].towards(pair[1], 0.5);
            assert!((middle.x.hypot(middle.y) - 100.0).abs() < 2.0 * TOLERANCE);
        }
    }

    #[test]
    fn a_turning_point_survives() {
        let line = [0.0, 5.0, 10.0, 7.0, 3.0].map(|x| Point::new(x, 0.0));
        assert!(simplify(&line).contains(&Point::new(10.0, 0.0)));
    }

    #[test]
    fn noise_is_bounded_by_the_columns() {
        let noise: Vec<Point> = (0..200_000_u32)
            .map(|i| {
                Point::new(
                    f64::from(i) / 1000.0,
                    f64::from(i.wrapping_mul(2_654_435_761) >> 20),
                )
            })
            .collect();
        assert!(simplify(&noise).len() <= 4 * 2001);
    }

    #[test]
    fn short_and_repeated_points_survive() {
        assert!(simplify(&[]).is_empty());
        assert_eq!(simplify(&[Point::new(1.0, 1.0)]).len(), 1);
        assert_eq!(simplify(&[Point::new(1.0, 1.0); 5]).len(), 2);
    }
}
