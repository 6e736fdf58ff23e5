//! Medians and quantile bands of scattered points.

use crate::experiment::sweep::aggregate::quantile::quantile;

/// Curves through scattered points: for bins of equally many points in the order of x, the median
/// of x and some quantiles of y.
pub(super) struct Bands<const N: usize> {
    pub x: Vec<f64>,
    pub y: [Vec<f64>; N],
}

/// Bins of about `per_bin` points (at least 3 in all, or there is no curve).
pub(super) fn bands<const N: usize>(
    points: &[(f64, f64)],
    per_bin: usize,
    quantiles: [f64; N],
) -> Bands<N> {
    let mut sorted: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut bands = Bands {
        x: Vec::new(),
        y: [const { Vec::new() }; N],
    };
    let bins = (sorted.len() / per_bin.max(1)).max(1);
    for bin in 0..bins {
        let range = bin * sorted.len() / bins..(bin + 1) * sorted.len() / bins;
        let members = &sorted[range];
        if members.len() < 3 {
            continue;
        }
        let mut y: Vec<f64> = members.iter().map(|point| point.1).collect();
        y.sort_by(f64::total_cmp);
        let x: Vec<f64> = members.iter().map(|point| point.0).collect();
        bands.x.extend(quantile(&x, 0.5));
        for (curve, q) in bands.y.iter_mut().zip(quantiles) {
            curve.extend(quantile(&y, q));
        }
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_straight_line() {
        let points: Vec<(f64, f64)> = (0..=100).map(|k| (f64::from(k), f64::from(k))).collect();
        let bands = bands(&points, 200, [0.1, 0.5, 0.9]);
        assert_eq!(bands.x, [50.0]);
        assert_eq!(bands.y, [[10.0], [50.0], [90.0]]);
        assert!(super::bands(&[], 5, [0.5]).x.is_empty());
    }
}
