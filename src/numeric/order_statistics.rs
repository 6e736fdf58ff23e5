//! Medians, quantiles and ranks of samples.

/// The quantile `q` (0 … 1) of ascending values, interpolated linearly between them, `None` of none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let position = q.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (
        sorted[position.floor() as usize],
        sorted[position.ceil() as usize],
    );
    // equal neighbours may both be infinite
    Some(if low == high {
        low
    } else {
        low + position.fract() * (high - low)
    })
}

/// The median, `None` of none. NaN counts as larger than all others.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// The smallest of ascending values that at least the share `q` (0 … 1) of them do not exceed, the quantile
/// by nearest rank, `None` of none.
pub(crate) fn nearest_rank<T: Copy>(sorted: &[T], q: f64) -> Option<T> {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&values, 0.5), Some(4.0));
        assert_eq!(quantile(&values, 0.625), Some(6.0));
        assert_eq!(quantile(&values, 1.0), Some(16.0));
        assert_eq!(quantile(&[3.0], 0.95), Some(3.0));
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(
            quantile(&[1.0, f64::INFINITY, f64::INFINITY], 0.75),
            Some(f64::INFINITY)
        );
    }

    #[test]
    fn medians_and_ranks_are_those_of_the_sorted_values() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        let values: Vec<u32> = (1..=1000).collect();
        assert_eq!(nearest_rank(&values, 0.0), Some(1));
        assert_eq!(nearest_rank(&values, 0.5), Some(500));
        assert_eq!(nearest_rank(&values, 1.0), Some(1000));
        assert_eq!(nearest_rank::<u32>(&[], 0.5), None);
    }
}
