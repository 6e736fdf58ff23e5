//! From averaged updates to steps: gradient ascent along ν, momentum, Adam, with scheduled rates.

use super::config::{LastStage, OptimiserMethod, Schedule, TrainingSettings};
use super::weights::{BlockKind, Weights};

/// The optimiser with its memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimiser {
    method: OptimiserMethod,
    /// Rates before the schedule and their factors in the last stage, one pair a block.
    rates: Vec<(f64, f64)>,
    schedule: Schedule,
    /// Epochs of the last stage.
    last_epochs: usize,
    /// Zero, one or two running moments.
    moments: Vec<Weights>,
    /// Steps made.
    steps: u64,
}

impl Optimiser {
    /// An optimiser without memory yet. The settings are valid.
    pub fn new(training: &TrainingSettings) -> Self {
        let (settings, forward) = (&training.optimiser, training.rates());
        let moments = match settings.method {
            OptimiserMethod::Sgd {} => 0,
            OptimiserMethod::Momentum { .. } => 1,
            OptimiserMethod::Adam { .. } => 2,
        };
        let pick = |rates: &[f64], k: usize| rates[k.min(rates.len() - 1)];
        let rate = |kind| match (kind, &settings.feedback_rates) {
            (BlockKind::Forward(k) | BlockKind::Bias(k), _) => pick(&forward, k),
            (BlockKind::Parameters, _) => pick(&forward, 0),
            (BlockKind::Feedback(k), Some(rates)) => pick(rates, k),
            // the matrix between the same two layers
            (BlockKind::Feedback(k), None) => pick(&forward, k + 1),
        };
        let last = training.network.sizes.len() - 2;
        let stage = settings.last_stage.unwrap_or(LastStage {
            epochs: 0,
            outputs: 1.0,
            others: 1.0,
        });
        let at_last = |kind| match kind {
            BlockKind::Forward(k) | BlockKind::Bias(k) if k == last => stage.outputs,
            _ => stage.others,
        };
        let zeros = Weights::zeros(&training.network.sizes);
        Self {
            method: settings.method,
            rates: (zeros.kinds())
                .map(|kind| (rate(kind), at_last(kind)))
                .collect(),
            schedule: settings.schedule,
            last_epochs: stage.epochs,
            moments: vec![zeros; moments],
            steps: 0,
        }
    }

    /// The same with the memory of a checkpoint, `None` if there are too many or few moments.
    pub(super) fn with_memory(mut self, moments: Vec<Weights>, steps: u64) -> Option<Self> {
        (moments.len() == self.moments.len()).then(|| {
            self.moments = moments;
            self.steps = steps;
            self
        })
    }

    /// The running moments.
    pub fn moments(&self) -> &[Weights] {
        &self.moments
    }

    /// Steps made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Learning rates of the feedforward matrices in epoch `epoch` (from 0) of `epochs`.
    pub fn forward_rates(&self, layers: usize, epoch: usize, epochs: usize) -> Vec<f64> {
        let forward = self.rates.iter().take(layers.max(1));
        forward
            .map(|&rate| self.scheduled(rate, epoch, epochs))
            .collect()
    }

    /// The factor of each block, if a step is nothing but the update times a factor: such a step
    /// may be added to the weights directly, and is counted here.
    pub(super) fn direct_step(&mut self, epoch: usize, epochs: usize) -> Option<Vec<f32>> {
        if !matches!(self.method, OptimiserMethod::Sgd {}) {
            return None;
        }
        self.steps += 1;
        let rates = self.rates.iter();
        Some(
            rates
                .map(|&rate| self.scheduled(rate, epoch, epochs) as f32)
                .collect(),
        )
    }

    /// The rate in epoch `epoch` (from 0) of `epochs`.
    fn scheduled(&self, (rate, at_last): (f64, f64), epoch: usize, epochs: usize) -> f64 {
        let before = epochs.saturating_sub(self.last_epochs);
        if epoch < before {
            rate * factor(self.schedule, epoch, before)
        } else {
            rate * factor(self.schedule, before.saturating_sub(1), before) * at_last
        }
    }

    /// Moves `weights` along `update`, in epoch `epoch` (from 0) of `epochs`.
    pub fn step(&mut self, weights: &mut Weights, update: &Weights, epoch: usize, epochs: usize) {
        self.steps += 1;
        let blocks = weights.blocks_mut().iter_mut().zip(update.blocks());
        for (k, (weights, update)) in blocks.enumerate() {
            let rate = self.scheduled(self.rates[k], epoch, epochs);
            match (self.method, self.moments.as_mut_slice()) {
                (OptimiserMethod::Momentum { momentum }, [velocity]) => {
                    let (rate, momentum) = (rate as f32, momentum as f32);
                    let velocity = &mut velocity.blocks_mut()[k];
                    for ((weight, velocity), update) in weights.iter_mut().zip(velocity).zip(update)
                    {
                        *velocity = momentum * *velocity + update;
                        *weight += rate * *velocity;
                    }
                }
                (
                    OptimiserMethod::Adam {
                        first_moment,
                        second_moment,
                        epsilon,
                    },
                    [first, second],
                ) => {
                    let steps = i32::try_from(self.steps).unwrap_or(i32::MAX);
                    let first_correction = 1.0 - first_moment.powi(steps);
                    let second_correction = (1.0 - second_moment.powi(steps)).sqrt();
                    // both corrections and the root's scale, taken out of the loop
                    let rate = (rate * second_correction / first_correction) as f32;
                    let epsilon = (epsilon * second_correction) as f32;
                    let (decay1, decay2) = (first_moment as f32, second_moment as f32);
                    let moments = first.blocks_mut()[k]
                        .iter_mut()
                        .zip(&mut second.blocks_mut()[k]);
                    for ((weight, update), (mean, power)) in
                        weights.iter_mut().zip(update).zip(moments)
                    {
                        *mean = decay1 * *mean + (1.0 - decay1) * update;
                        *power = decay2 * *power + (1.0 - decay2) * update * update;
                        *weight += rate * *mean / (power.sqrt() + epsilon);
                    }
                }
                _ => {
                    let rate = rate as f32;
                    for (weight, update) in weights.iter_mut().zip(update) {
                        *weight += rate * update;
                    }
                }
            }
        }
    }
}

/// The factor on the rates in epoch `epoch` (from 0) of `epochs`.
fn factor(schedule: Schedule, epoch: usize, epochs: usize) -> f64 {
    match schedule {
        Schedule::Constant {} => 1.0,
        Schedule::Step { every, factor } => factor.powf((epoch / every) as f64),
        Schedule::Exponential { factor } => factor.powf(epoch as f64),
        Schedule::Cosine { end } => {
            let share = epoch as f64 / (epochs.saturating_sub(1).max(1)) as f64;
            end + (1.0 - end) * 0.5 * (1.0 + (std::f64::consts::PI * share.min(1.0)).cos())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascend(method: OptimiserMethod, rates: &[f64], steps: usize) -> Weights {
        // ν of J = ½ Σ (θ − 1)²
        let sizes = [2, 3, 1];
        let mut settings = TrainingSettings::default();
        settings.network.sizes = sizes.to_vec();
        settings.optimiser.method = method;
        settings.optimiser.rates = Some(rates.to_vec());
        let mut optimiser = Optimiser::new(&settings);
        let mut weights = Weights::zeros(&sizes);
        for _ in 0..steps {
            let mut update = weights.clone();
            for block in update.blocks_mut() {
                block.iter_mut().for_each(|value| *value = 1.0 - *value);
            }
            optimiser.step(&mut weights, &update, 0, 1);
        }
        weights
    }

    #[test]
    fn each_rule_follows_its_recurrence() {
        let sgd = ascend(OptimiserMethod::Sgd {}, &[0.5, 0.25], 2);
        assert_eq!(sgd.block(BlockKind::Forward(0))[0], 0.75);
        assert_eq!(sgd.block(BlockKind::Bias(1))[0], 0.4375);
        // feedback takes the rate of the matrix between the same layers
        assert_eq!(sgd.block(BlockKind::Feedback(0))[0], 0.4375);
        let momentum = ascend(OptimiserMethod::Momentum { momentum: 0.5 }, &[0.5], 2);
        // v: 1, then 0.5 + 0.5 = 1; θ: 0.5, then 1
        assert_eq!(momentum.block(BlockKind::Forward(1))[0], 1.0);
        let adam = OptimiserMethod::Adam {
            first_moment: 0.9,
            second_moment: 0.999,
            epsilon: 1e-8,
        };
        // the first step of Adam is the rate itself, whatever the update's size
        let first = ascend(adam, &[0.1], 1);
        assert!((first.block(BlockKind::Forward(0))[0] - 0.1).abs() < 1e-6);
        let many = ascend(adam, &[0.1], 400);
        assert!((many.block(BlockKind::Forward(0))[0] - 1.0).abs() < 1e-2);
    }

    #[test]
    fn the_last_stage_follows_the_schedule() {
        let mut settings = TrainingSettings::default();
        settings.network.sizes = vec![2, 3, 1];
        settings.optimiser.rates = Some(vec![2.0, 0.5]);
        settings.optimiser.schedule = Schedule::Cosine { end: 0.25 };
        settings.optimiser.last_stage = Some(LastStage {
            epochs: 3,
            outputs: 16.0,
            others: 0.5,
        });
        let mut optimiser = Optimiser::new(&settings);
        assert_eq!(optimiser.forward_rates(2, 0, 14), [2.0, 0.5]);
        assert_eq!(optimiser.forward_rates(2, 10, 14), [0.5, 0.125]);
        for epoch in 11..14 {
            assert_eq!(optimiser.forward_rates(2, epoch, 14), [0.25, 2.0]);
        }
        let expected = Weights::zeros(&[2, 3, 1]).kinds().map(|kind| match kind {
            BlockKind::Forward(0) | BlockKind::Bias(0) => 0.25,
            // what feeds back belongs to the hidden layer
            BlockKind::Feedback(_) => 0.0625,
            _ => 2.0,
        });
        let direct = optimiser.direct_step(13, 14).unwrap();
        assert_eq!(direct, expected.collect::<Vec<f32>>());
    }

    #[test]
    fn schedules_start_at_1_and_end_where_they_should() {
        let step = Schedule::Step {
            every: 2,
            factor: 0.5,
        };
        assert_eq!(
            [0, 1, 2, 5].map(|e| factor(step, e, 9)),
            [1.0, 1.0, 0.5, 0.25]
        );
        assert_eq!(factor(Schedule::Exponential { factor: 0.9 }, 0, 5), 1.0);
        let cosine = Schedule::Cosine { end: 0.1 };
        assert_eq!(factor(cosine, 0, 5), 1.0);
        assert!((factor(cosine, 2, 5) - 0.55).abs() < 1e-15);
        assert!((factor(cosine, 4, 5) - 0.1).abs() < 1e-15);
        assert_eq!(factor(cosine, 0, 1), 1.0);
    }
}
