//! Running counts of an epoch, from which its record is made.

use serde::{Deserialize, Serialize};

use super::record::{Quantiles, SetRecord, SettleRecord};
use crate::numeric::nearest_rank;

/// How a phase of one sample ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhaseEnd {
    /// ‖Π(μ^β)‖∞ of the state returned, not a number if that is not.
    pub residual: f32,
    /// Sweeps made, `None` if the trajectory was integrated.
    pub sweeps: Option<usize>,
    /// What became of it.
    pub kind: EndKind,
}

impl PhaseEnd {
    /// The end of a trajectory that was integrated. A residual that nobody asked for is not a number.
    pub(super) fn of_trajectory(kind: EndKind, residual: f64) -> Self {
        Self {
            residual: residual as f32,
            sweeps: None,
            kind,
        }
    }

    /// The end of a nudged phase that has no free fixed point to start from, or a singular Jacobian there.
    pub(super) fn without_answer() -> Self {
        Self::of_trajectory(EndKind::Stalled, f64::NAN)
    }
}

/// What became of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndKind {
    /// The residual is at or below the tolerance.
    Settled,
    /// It came to a standstill above the tolerance, or had no sweeps (or time) left.
    Stalled,
    /// It went to and fro.
    Oscillating,
    /// It grew without limit, or is not a number.
    Diverged,
}

/// Counts of an epoch so far; part of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochTally {
    /// Samples, cost and errors of the training set.
    pub set: SetTally,
    /// Free phases.
    pub free: PhaseTally,
    /// Nudged phases.
    pub nudged: PhaseTally,
    /// Samples that contributed to no update.
    pub skipped: usize,
}

/// Counts over a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SetTally {
    samples: usize,
    cost: f64,
    wrong: usize,
    unsettled: usize,
}

/// Counts over phases.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseTally {
    settled: usize,
    stalled: usize,
    oscillating: usize,
    diverged: usize,
    sweeps: u64,
    largest_sweeps: Option<usize>,
    /// One a phase, in the order in which they were made; a block of its own in a checkpoint.
    #[serde(skip)]
    pub residuals: Vec<f32>,
}

impl SetTally {
    /// Counts a sample.
    pub fn add(&mut self, cost: f64, wrong: bool, settled: bool) {
        self.samples += 1;
        self.cost += cost;
        self.wrong += usize::from(wrong);
        self.unsettled += usize::from(!settled);
    }

    /// Share of errors so far, `None` before the first sample.
    pub fn error(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.wrong as f64 / self.samples as f64)
    }

    /// The record, `None` of an empty set.
    pub fn record(&self) -> Option<SetRecord> {
        let count = self.samples as f64;
        (self.samples > 0).then(|| SetRecord {
            samples: self.samples,
            cost: self.cost / count,
            error: self.wrong as f64 / count,
            unsettled: self.unsettled as f64 / count,
        })
    }
}

impl PhaseTally {
    /// Counts a phase.
    pub fn add(&mut self, end: PhaseEnd) {
        *match end.kind {
            EndKind::Settled => &mut self.settled,
            EndKind::Stalled => &mut self.stalled,
            EndKind::Oscillating => &mut self.oscillating,
            EndKind::Diverged => &mut self.diverged,
        } += 1;
        self.sweeps += end.sweeps.unwrap_or(0) as u64;
        self.largest_sweeps = self.largest_sweeps.max(end.sweeps);
        self.residuals.push(end.residual);
    }

    /// Share of settled phases so far, `None` before the first.
    pub fn settled_share(&self) -> Option<f64> {
        let phases = self.residuals.len();
        (phases > 0).then(|| self.settled as f64 / phases as f64)
    }

    /// The record, `None` if there was no phase.
    pub fn record(&self) -> Option<SettleRecord> {
        let phases = self.residuals.len();
        let share = |count: usize| count as f64 / phases as f64;
        (phases > 0).then(|| SettleRecord {
            phases,
            settled: share(self.settled),
            stalled: share(self.stalled),
            oscillating: share(self.oscillating),
            diverged: share(self.diverged),
            mean_sweeps: self
                .largest_sweeps
                .map(|_| self.sweeps as f64 / phases as f64),
            largest_sweeps: self.largest_sweeps,
            residual: Quantiles::of(&self.residuals),
        })
    }
}

impl Quantiles {
    /// Quantiles by nearest rank. A value that is not a number counts as larger than all others.
    pub fn of(values: &[f32]) -> Self {
        let mut sorted: Vec<f32> = values.iter().map(|value| value.abs()).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let at = |share: f64| {
            let value = nearest_rank(&sorted, share).map(f64::from);
            value.filter(|value| value.is_finite())
        };
        Self {
            median: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            largest: at(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks_and_nan_is_on_top() {
        let values: Vec<f32> = (1..=1000).rev().map(|k| k as f32).collect();
        let quantiles = Quantiles::of(&values);
        assert_eq!(quantiles.median, Some(500.0));
        assert_eq!(quantiles.p999, Some(999.0));
        assert_eq!(quantiles.largest, Some(1000.0));
        let with_nan = Quantiles::of(&[1.0, f32::NAN, 2.0]);
        assert_eq!((with_nan.median, with_nan.largest), (Some(2.0), None));
        assert_eq!(Quantiles::of(&[]).median, None);
    }

    #[test]
    fn shares_add_up() {
        let mut tally = PhaseTally::default();
        assert!(tally.record().is_none());
        for (kind, sweeps) in [
            (EndKind::Settled, 3),
            (EndKind::Settled, 5),
            (EndKind::Stalled, 100),
            (EndKind::Diverged, 4),
        ] {
            tally.add(PhaseEnd {
                residual: 0.5,
                sweeps: Some(sweeps),
                kind,
            });
        }
        let record = tally.record().unwrap();
        let shares = [
            record.settled,
            record.stalled,
            record.oscillating,
            record.diverged,
        ];
        assert_eq!(shares, [0.5, 0.25, 0.0, 0.25]);
        assert_eq!(record.mean_sweeps, Some(28.0));
        assert_eq!(record.largest_sweeps, Some(100));
    }
}
