//! Which samples train, which validate, which test, and in which order.

use std::ops::Range;

use super::DataSet;
use crate::error::{Error, Result};
use crate::model::Random;

/// Stream of [`Random`] that a data set is shuffled by.
const SPLIT_STREAM: u64 = 5000;

/// Which samples serve for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Samples to learn from.
    pub training: Range<usize>,
    /// Samples held out to choose settings by: those that follow the training samples.
    pub validation: Range<usize>,
    /// Samples to test on.
    pub test: Range<usize>,
}

impl DataSet {
    /// Takes `validation` samples off the end of those that do not test, of which only the first
    /// `limit` (default all) are used.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if no sample is left to train, or `limit` exceeds what there is.
    pub fn split(&self, limit: Option<usize>, validation: usize) -> Result<Split> {
        let available = self.len() - self.test;
        let used = limit.unwrap_or(available);
        if !(1..=available).contains(&used) {
            let message = format!("expected a number from 1 to {available}, found {used}");
            return Err(Error::invalid("data.limit", message));
        }
        if validation >= used {
            let message = format!(
                "expected fewer than the {used} training samples, found {validation}. No sample would be left to train"
            );
            return Err(Error::invalid("data.validation", message));
        }
        Ok(Split {
            training: 0..used - validation,
            validation: used - validation..used,
            test: available..self.len(),
        })
    }

    /// The same samples in an order drawn by [`shuffle`] on stream 5000 of the seed, those of the
    /// test part among themselves.
    pub(super) fn shuffled(self, seed: u64) -> Self {
        let mut random = Random::new(seed, SPLIT_STREAM);
        let mut order: Vec<usize> = (0..self.len()).collect();
        let (training, test) = order.split_at_mut(self.len() - self.test);
        shuffle(training, &mut random);
        shuffle(test, &mut random);
        Self {
            inputs: order.iter().flat_map(|&k| self.input(k)).copied().collect(),
            labels: order.iter().map(|&k| self.labels[k]).collect(),
            ..self
        }
    }

    /// The same samples shuffled, a fifth of them (rounded down) as the test part.
    pub(super) fn with_random_test(self, seed: u64) -> Self {
        let mut set = Self { test: 0, ..self }.shuffled(seed);
        set.test = set.len() / 5;
        set
    }
}

/// Shuffles by R. A. Fisher's and F. Yates' method: for i = last … 1, swaps i with an index drawn
/// from 0 … i.
pub fn shuffle(indices: &mut [usize], random: &mut Random) {
    for last in (1..indices.len()).rev() {
        indices.swap(last, random.index(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_do_not_overlap_and_impossible_ones_are_refused() {
        let set = DataSet::xor(50, 0.1, 1);
        let split = set.split(Some(40), 10).unwrap();
        assert_eq!(split.training, 0..30);
        assert_eq!((split.validation, split.test), (30..40, 50..100));
        assert_eq!(set.split(None, 0).unwrap().training, 0..50);
        for (limit, validation, field) in [
            (Some(0), 0, "data.limit"),
            (Some(51), 0, "data.limit"),
            (None, 50, "data.validation"),
            (Some(5), 7, "data.validation"),
        ] {
            let message = set.split(limit, validation).unwrap_err().to_string();
            assert!(message.starts_with(field), "{message}");
        }
    }

    #[test]
    fn shuffling_keeps_samples_whole_and_test_samples_apart() {
        let set = DataSet::two_moons(60, 0.1, 1);
        let sample = |set: &DataSet, k: usize| (set.input(k).to_vec(), set.labels[k]);
        let shuffled = set.clone().shuffled(3);
        assert_ne!(set, shuffled);
        assert_eq!(shuffled, set.clone().shuffled(3));
        for part in [0..60, 60..120] {
            let sorted = |set: &DataSet| {
                let mut all: Vec<_> = part.clone().map(|k| sample(set, k)).collect();
                all.sort_by(|a, b| a.0[0].total_cmp(&b.0[0]));
                all
            };
            assert_eq!(sorted(&set), sorted(&shuffled));
        }
        assert_eq!(set.with_random_test(3).test, 24);
    }

    #[test]
    fn a_shuffle_is_uniform() {
        let mut random = Random::new(1, 2);
        let mut counts = [[0u32; 4]; 4];
        for _ in 0..24_000 {
            let mut indices = [0, 1, 2, 3];
            shuffle(&mut indices, &mut random);
            for (place, &index) in indices.iter().enumerate() {
                counts[place][index] += 1;
            }
        }
        // 6000 expected with a standard deviation of 67
        let far = |count: &u32| count.abs_diff(6000) >= 300;
        assert!(!counts.iter().flatten().any(far), "{counts:?}");
    }
}
