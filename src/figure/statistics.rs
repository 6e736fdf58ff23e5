//! Medians and quantile bands of scattered points.

use crate::numeric::quantile;

/// The quantiles of every band, and the median within it.
pub(super) const BAND: [f64; 3] = [0.1, 0.5, 0.9];
/// What the legend says of a band.
pub(super) const BAND_LABEL: &str = "10–90 %";

/// Curves through scattered points: for bins along x, the median of x and some quantiles of y.
pub(super) struct Bands<const N: usize> {
    pub x: Vec<f64>,
    pub y: [Vec<f64>; N],
}

/// Fewer points than this have no curve.
const FEWEST: usize = 3;

/// Bins of about `per_bin` points (at least 3 in all, or there is no curve).
pub(super) fn bands<const N: usize>(
    points: &[(f64, f64)],
    per_bin: usize,
    quantiles: [f64; N],
) -> Bands<N> {
    let sorted = sorted(points);
    let bins = (sorted.len() / per_bin.max(1)).max(1);
    let bin = |bin: usize| &sorted[bin * sorted.len() / bins..(bin + 1) * sorted.len() / bins];
    curves((0..bins).map(bin), FEWEST, quantiles)
}

/// Bins that are equally wide on a logarithmic axis. Those of fewer than `fewest` points are left
/// out, as are points whose x is not positive.
pub(super) fn log_bands<const N: usize>(
    points: &[(f64, f64)],
    bins: usize,
    fewest: usize,
    quantiles: [f64; N],
) -> Bands<N> {
    let mut sorted = sorted(points);
    sorted.retain(|point| point.0 > 0.0);
    let ends = sorted.first().zip(sorted.last());
    let (low, high) = ends.map_or((1.0, 1.0), |(first, last)| (first.0, last.0));
    let bin = |point: &(f64, f64)| {
        let fraction = (point.0 / low).ln() / (high / low).ln();
        (fraction * bins as f64).min(bins as f64 - 1.0) as usize
    };
    curves(sorted.chunk_by(|a, b| bin(a) == bin(b)), fewest, quantiles)
}

fn sorted(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

fn curves<'a, const N: usize>(
    bins: impl Iterator<Item = &'a [(f64, f64)]>,
    fewest: usize,
    quantiles: [f64; N],
) -> Bands<N> {
    let mut bands = Bands {
        x: Vec::new(),
        y: [const { Vec::new() }; N],
    };
    for members in bins.filter(|members| members.len() >= fewest) {
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

    #[test]
    fn bins_of_equal_width_leave_out_what_is_sparse() {
        // 100 points a decade in two decades, a single one in the third
        let mut points: Vec<(f64, f64)> = (0..200)
            .map(|k| 10_f64.powf((f64::from(k) + 0.5) / 100.0))
            .map(|x| (x, 3.0 * x))
            .collect();
        points.extend([(1000.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0)]);
        let bands = log_bands(&points, 3, 10, [0.5]);
        assert_eq!(bands.x.len(), 2);
        for (x, middle) in bands.x.iter().zip([10_f64.powf(0.5), 10_f64.powf(1.5)]) {
            assert!((x / middle - 1.0).abs() < 0.02, "{x} {middle}");
        }
        assert!((bands.y[0][1] - 3.0 * bands.x[1]).abs() < 1e-12);
        assert!(log_bands(&[], 3, 1, [0.5]).x.is_empty());
        assert_eq!(log_bands(&[(2.0, 1.0); 5], 3, 1, [0.5]).x, [2.0]);
    }
}
