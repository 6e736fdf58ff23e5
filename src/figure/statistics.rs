//! Medians and quantile bands of scattered points.

/// The quantile `q` (0 … 1) of sorted values, interpolated linearly.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let position = q * (sorted.len() - 1) as f64;
    let (low, high) = (position.floor() as usize, position.ceil() as usize);
    sorted[low] + (position - position.floor()) * (sorted[high] - sorted[low])
}

/// Curves through scattered points: for bins of equally many points in the order of x, the median
/// of x and the 10 %, 50 % and 90 % quantiles of y.
pub(super) struct Bands {
    pub x: Vec<f64>,
    pub low: Vec<f64>,
    pub median: Vec<f64>,
    pub high: Vec<f64>,
}

/// Bins of about `per_bin` points (at least 3 in all, or there is no curve).
pub(super) fn bands(points: &[(f64, f64)], per_bin: usize) -> Bands {
    let mut sorted: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut bands = Bands {
        x: Vec::new(),
        low: Vec::new(),
        median: Vec::new(),
        high: Vec::new(),
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
        bands.x.push(quantile(&x, 0.5));
        bands.low.push(quantile(&y, 0.1));
        bands.median.push(quantile(&y, 0.5));
        bands.high.push(quantile(&y, 0.9));
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_straight_line() {
        let points: Vec<(f64, f64)> = (0..=100).map(|k| (f64::from(k), f64::from(k))).collect();
        let bands = bands(&points, 200);
        assert_eq!((bands.x[0], bands.median[0]), (50.0, 50.0));
        assert_eq!((bands.low[0], bands.high[0]), (10.0, 90.0));
        assert!(super::bands(&[], 5).x.is_empty());
    }
}
