//! Low-discrepancy starts: the R-sequence.

use crate::numeric::Interval;

/// Points that fill a box evenly however many of them are taken: the additive recurrence
/// `$x_k = \{\tfrac12 + k\,\varphi_n^{-i}\}_{i=1}^{n}$` with `$\varphi_n^{n+1} = \varphi_n + 1$`,
/// the golden ratio for n = 1 and the plastic number for n = 2 (M. Roberts, 2018).
/// The first point is the centre of the box. Every second one is even on a scale
/// that is logarithmic beyond ±1 instead (the inverse hyperbolic sine): activations turn at sizes of
/// 1, however large the weights make the box.
pub(super) struct Starts<'a> {
    region: &'a [Interval],
    offsets: Vec<f64>,
}

impl<'a> Starts<'a> {
    pub fn new(region: &'a [Interval]) -> Self {
        let power = 1.0 / (region.len() as f64 + 1.0);
        let ratio = (0..60).fold(2.0, |ratio: f64, _| (1.0 + ratio).powf(power));
        let offsets = (1..=region.len())
            .map(|i| ratio.powf(-(i as f64)))
            .collect();
        Self { region, offsets }
    }

    pub fn point(&self, index: usize) -> Vec<f64> {
        let inside = |(interval, offset): (&Interval, &f64)| {
            let share = (0.5 + index as f64 * offset).fract();
            if index.is_multiple_of(2) {
                interval.low + interval.width() * share
            } else {
                let (low, high) = (interval.low.asinh(), interval.high.asinh());
                (low + (high - low) * share)
                    .sinh()
                    .clamp(interval.low, interval.high)
            }
        };
        self.region.iter().zip(&self.offsets).map(inside).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quarter_of_a_square_gets_its_share() {
        let region = [Interval::new(-1.0, 1.0), Interval::new(0.0, 4.0)];
        let starts = Starts::new(&region);
        assert_eq!(starts.point(0), [0.0, 2.0]);
        let mut counts = [0; 4];
        for index in (0..800).step_by(2) {
            let point = starts.point(index);
            counts[usize::from(point[0] > 0.0) + 2 * usize::from(point[1] > 2.0)] += 1;
        }
        assert!(
            counts.iter().all(|count| (96..=104).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn every_second_start_is_even_on_a_logarithmic_scale() {
        let region = [Interval::new(-1e3, 1e3), Interval::new(0.0, 1e6)];
        let starts = Starts::new(&region);
        let mut counts = [[0; 4]; 2];
        for index in (1..800).step_by(2) {
            let point = starts.point(index);
            for k in 0..2 {
                let (low, high) = (region[k].low.asinh(), region[k].high.asinh());
                let share = (point[k].asinh() - low) / (high - low);
                assert!((0.0..=1.0).contains(&share));
                counts[k][((4.0 * share) as usize).min(3)] += 1;
            }
        }
        assert!(
            counts
                .as_flattened()
                .iter()
                .all(|count| (96..=104).contains(count)),
            "{counts:?}"
        );
    }
}
