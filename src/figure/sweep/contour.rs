//! Contour lines of values on a grid, by marching squares.

/// One segment, in columns and rows: (2.5, 1) is halfway between the centres of columns 2 and 3, in
/// row 1.
pub(super) type Segment = [(f64, f64); 2];

/// Segments along which the value, interpolated linearly between cell centres, is `level`. `value`
/// holds `columns` cells a row. Squares with an unknown corner (NaN) have no contour.
pub(super) fn contour(value: &[f64], columns: usize, level: f64) -> Vec<Segment> {
    let rows = value.len() / columns.max(1);
    let at = |column: usize, row: usize| value[row * columns + column] - level;
    let mut segments = Vec::new();
    for row in 0..rows.saturating_sub(1) {
        for column in 0..columns.saturating_sub(1) {
            // around the square
            let corners = [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(i, j)| {
                let (column, row) = (column + i, row + j);
                (column as f64, row as f64, at(column, row))
            });
            if corners.iter().any(|corner| corner.2.is_nan()) {
                continue;
            }
            let mut crossings: Vec<(f64, f64)> = (0..4)
                .filter_map(|k| crossing(corners[k], corners[(k + 1) % 4]))
                .collect();
            let middle = corners.iter().map(|corner| corner.2).sum::<f64>();
            // a saddle: the middle says which opposite corners are joined
            if crossings.len() == 4 && (middle < 0.0) != (corners[0].2 < 0.0) {
                crossings.rotate_left(3);
            }
            segments.extend(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
    }
    segments
}

/// Where the value changes its sign on the way from one corner to the next.
fn crossing(from: (f64, f64, f64), to: (f64, f64, f64)) -> Option<(f64, f64)> {
    let fraction = from.2 / (from.2 - to.2);
    let between = |from: f64, to: f64| from + fraction * (to - from);
    ((from.2 < 0.0) != (to.2 < 0.0)).then(|| (between(from.0, to.0), between(from.1, to.1)))
}

/// Segments joined to lines, end to end.
pub(super) fn join(mut segments: Vec<Segment>) -> Vec<Vec<(f64, f64)>> {
    let meets = |one: (f64, f64), other: (f64, f64)| {
        (one.0 - other.0).abs() < 1e-9 && (one.1 - other.1).abs() < 1e-9
    };
    let mut lines = Vec::new();
    while let Some([start, end]) = segments.pop() {
        let mut line = std::collections::VecDeque::from([start, end]);
        loop {
            let (first, last) = (line[0], line[line.len() - 1]);
            let next = segments.iter().position(|segment| {
                segment
                    .iter()
                    .any(|&point| meets(point, last) || meets(point, first))
            });
            let Some(next) = next else { break };
            let [one, other] = segments.swap_remove(next);
            if meets(one, last) {
                line.push_back(other);
            } else if meets(other, last) {
                line.push_back(one);
            } else if meets(one, first) {
                line.push_front(other);
            } else {
                line.push_front(one);
            }
        }
        lines.push(line.into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contour_of_a_cone_is_a_circle() {
        let n = 41;
        let value: Vec<f64> = (0..n * n)
            .map(|k| ((k % n) as f64 - 20.0).hypot((k / n) as f64 - 20.0))
            .collect();
        let lines = join(contour(&value, n, 12.3));
        assert_eq!(lines.len(), 1);
        let line = &lines[0];
        assert!((line[0].0 - line[line.len() - 1].0).abs() < 1e-9);
        for (x, y) in line {
            assert!(((x - 20.0).hypot(y - 20.0) - 12.3).abs() < 0.02);
        }
    }

    #[test]
    fn unknown_cells_and_uniform_grids_have_no_contour() {
        assert!(contour(&[1.0; 12], 4, 0.5).is_empty());
        assert!(contour(&[0.0, 1.0, f64::NAN, 1.0], 2, 0.5).is_empty());
        assert!(contour(&[], 0, 0.5).is_empty());
        // a step runs straight through
        let lines = join(contour(&[0.0, 0.0, 1.0, 1.0], 2, 0.25));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|point| (point.1 - 0.25).abs() < 1e-12));
    }

    #[test]
    fn a_saddle_is_two_lines_that_do_not_cross() {
        for (value, corner) in [([1.0, 0.0, 0.0, 1.0], false), ([0.9, 0.0, 0.0, 0.9], true)] {
            let segments = contour(&value, 2, 0.5);
            assert_eq!(segments.len(), 2);
            let near_origin = segments
                .iter()
                .any(|segment| segment.iter().all(|point| point.0 + point.1 < 1.0));
            assert_eq!(near_origin, corner, "{segments:?}");
        }
    }
}
