//! Straight lines through points.

/// Least-squares line `y ≈ intercept + slope x`, as `(slope, intercept)`.
pub fn fit_line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (centre, level) = (mean(x), mean(y));
    let about = |values: &[f64], mean: f64| {
        let pairs = x.iter().zip(values);
        pairs
            .map(|(x, value)| (x - centre) * (value - mean))
            .sum::<f64>()
    };
    let slope = about(y, level) / about(x, centre);
    (slope, level - slope * centre)
}
