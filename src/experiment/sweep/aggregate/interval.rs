//! The uncertainty of a median and of a share.

/// Normal deviate of a two-sided 95 % interval.
const DEVIATE: f64 = 1.959_963_984_540_054;

/// 95 % confidence interval of the median of ascending values, whatever their distribution: the
/// order statistics n/2 ± 0.98 √n. It is `None` below 6 values, which are too few for any such
/// interval.
pub(crate) fn median_interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let n = sorted.len();
    if n < 6 {
        return None;
    }
    let half = DEVIATE * (n as f64).sqrt() / 2.0;
    let low = (n as f64 / 2.0 - half).floor().max(0.0) as usize;
    Some((sorted[low], sorted[n - 1 - low]))
}

/// 95 % interval of a share (Wilson's score interval), or `None` of none.
pub(crate) fn share_interval(successes: usize, total: usize) -> Option<(f64, f64)> {
    if total == 0 {
        return None;
    }
    let (n, square) = (total as f64, DEVIATE * DEVIATE);
    let share = successes as f64 / n;
    let centre = (share + square / (2.0 * n)) / (1.0 + square / n);
    let half =
        DEVIATE / (1.0 + square / n) * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    Some(((centre - half).max(0.0), (centre + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Random;

    /// The share of samples whose interval holds the truth is what the interval claims.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let mut random = Random::new(7, 0);
        let (mut medians, mut shares) = (0, 0);
        let trials = 2000;
        for _ in 0..trials {
            let mut sample: Vec<f64> = (0..101).map(|_| random.uniform(0.0, 1.0)).collect();
            sample.sort_by(f64::total_cmp);
            let (low, high) = median_interval(&sample).unwrap();
            medians += usize::from(low <= 0.5 && 0.5 <= high);
            let successes = sample.iter().filter(|value| **value < 0.3).count();
            let (low, high) = share_interval(successes, sample.len()).unwrap();
            shares += usize::from(low <= 0.3 && 0.3 <= high);
        }
        for covered in [medians, shares] {
            let coverage = f64::from(covered as u32) / f64::from(trials);
            assert!((0.93..0.98).contains(&coverage), "{coverage}");
        }
        assert_eq!(median_interval(&[1.0; 5]), None);
        assert_eq!(share_interval(0, 0), None);
        assert_eq!(share_interval(0, 10).unwrap().0, 0.0);
    }
}
