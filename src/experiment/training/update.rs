//! From error vectors to the update of all parameters.
//!
//! The update of a sample is `$(\partial\mu/\partial\theta)^\top e$` at its free fixed point, e the
//! error vector: `$e_i\,\rho(s_j)$` for a weight from neuron j to neuron i, `$e_i$` for a bias. The
//! update of a batch is the mean over the samples that contribute.

use super::config::{Clamp, NetworkSettings};
use super::weights::{BlockKind, Weights};
use crate::engine::{OuterProduct, OuterProducts, States};
use crate::error::Result;
use crate::model::Activation;

/// What the update of a batch is made of.
pub(super) struct Terms<'a> {
    pub network: &'a NetworkSettings,
    /// Input rates, row by row.
    pub inputs: &'a [f32],
    /// Free fixed points.
    pub free: &'a States<f32>,
    /// Error vectors.
    pub errors: &'a States<f32>,
    /// Samples that contribute.
    pub contributing: &'a [bool],
}

/// The rows of the samples that teach: those that contribute an error vector other than 0.
pub(super) struct Teaching {
    pub samples: usize,
    /// What makes the sum over them the mean over all that contribute.
    pub scale: f32,
    /// ρ(x).
    pub inputs: Vec<f32>,
    /// ρ(s⁰), layer by layer.
    pub rates: Vec<Vec<f32>>,
    /// Error vectors, layer by layer.
    pub errors: Vec<Vec<f32>>,
}

impl Terms<'_> {
    /// The rows of the given samples, layer by layer.
    fn rows(&self, states: &States<f32>, samples: &[usize]) -> Vec<Vec<f32>> {
        let count = self.contributing.len();
        let pick = |layer: &Vec<f32>| rows_of(layer, count, samples);
        states.layers.iter().map(pick).collect()
    }

    /// The samples that contribute.
    fn samples(&self) -> Vec<usize> {
        let all = 0..self.contributing.len();
        all.filter(|&sample| self.contributing[sample]).collect()
    }

    /// The samples that contribute an error vector other than 0.
    fn teaching_samples(&self) -> Vec<usize> {
        let count = self.contributing.len();
        let errs = |sample: usize| {
            let mut layers = self.errors.layers.iter();
            layers.any(|layer| row(layer, sample, count).iter().any(|&error| error != 0.0))
        };
        self.samples().into_iter().filter(|&p| errs(p)).collect()
    }

    /// The rows of the samples that teach, `None` if there are none.
    pub fn teaching(&self) -> Option<Teaching> {
        let samples = self.teaching_samples();
        if samples.is_empty() {
            return None;
        }
        let mut rates = self.rows(self.free, &samples);
        for layer in &mut rates {
            rates_in_place(self.network, layer);
        }
        Some(Teaching {
            samples: samples.len(),
            scale: self.scale(),
            errors: self.rows(self.errors, &samples),
            inputs: rows_of(self.inputs, self.contributing.len(), &samples),
            rates,
        })
    }

    fn scale(&self) -> f32 {
        1.0 / self.samples().len().max(1) as f32
    }

    /// Adds the mean update to `out`, each block times its factor; whether there is anything to add.
    pub fn add(
        &self,
        factors: &[f32],
        products: &mut OuterProducts<f32>,
        out: &mut Weights,
    ) -> Result<bool> {
        let Some(rows) = self.teaching() else {
            return Ok(false);
        };
        let Teaching {
            samples,
            scale,
            inputs,
            rates,
            errors,
        } = &rows;
        let mut matrices = Vec::new();
        let blocks = out.kinds().zip(out.blocks_mut()).zip(factors);
        for ((kind, out), factor) in blocks {
            let scale = factor * scale;
            let (delta, rates) = match kind {
                BlockKind::Forward(0) => (&errors[0], inputs),
                BlockKind::Forward(k) => (&errors[k], &rates[k - 1]),
                BlockKind::Feedback(k) => (&errors[k], &rates[k + 1]),
                BlockKind::Bias(k) => {
                    for row in errors[k].chunks_exact(out.len()) {
                        let terms = out.iter_mut().zip(row);
                        terms.for_each(|(sum, error)| *sum += scale * error);
                    }
                    continue;
                }
                // learns by itself
                BlockKind::Parameters => continue,
            };
            matrices.push(OuterProduct {
                scale,
                delta,
                rates,
                out,
            });
        }
        products.add_all(matrices, *samples)?;
        Ok(true)
    }

    /// Subtracts the gradient of `weight` times the mean of `$2\lVert A\rVert_F^2$`, A the
    /// antisymmetric part of the Jacobian over the neurons that no bound holds.
    ///
    /// With m = 1 for those neurons (0 for others) and d = m ρ′(s), neighbouring layers add
    /// `$\sum_{ij}(m_i F_{ij} d_j - m_j B_{ji} d_i)^2$`, F from the lower to the upper layer, B back.
    pub fn subtract_homeostasis(
        &self,
        weight: f64,
        weights: &Weights,
        products: &mut OuterProducts<f32>,
        update: &mut Weights,
    ) -> Result<()> {
        let scale = 2.0 * weight as f32 * self.scale();
        let samples = self.samples();
        if samples.is_empty() {
            return Ok(());
        }
        let free = self.rows(self.free, &samples);
        let count = samples.len();
        let masks: Vec<_> = (0..free.len())
            .map(|k| self.mask(k, &free[k], false))
            .collect();
        let slopes: Vec<_> = (0..free.len())
            .map(|k| self.mask(k, &free[k], true))
            .collect();
        let squares = |k: usize| -> Vec<f32> { slopes[k].iter().map(|d| d * d).collect() };
        for k in 0..weights.pairs() {
            let (rows, width) = weights.shape(BlockKind::Forward(k + 1));
            let mut outer = |upper: &[f32], lower: &[f32]| {
                let mut out = vec![0.0; rows * width];
                let added = products.add(scale, upper, lower, count, &mut out);
                added.map(|()| out)
            };
            let mixed = outer(&slopes[k + 1], &slopes[k])?;
            let forward_power = outer(&masks[k + 1], &squares(k))?;
            let feedback_power = outer(&squares(k + 1), &masks[k])?;
            let forward = weights.block(BlockKind::Forward(k + 1));
            let feedback = weights.block(BlockKind::Feedback(k));
            let out = update.block_mut(BlockKind::Forward(k + 1));
            for i in 0..rows {
                for j in 0..width {
                    let at = i * width + j;
                    out[at] -= forward_power[at] * forward[at] - mixed[at] * feedback[j * rows + i];
                }
            }
            let out = update.block_mut(BlockKind::Feedback(k));
            for i in 0..rows {
                for j in 0..width {
                    let (at, back) = (i * width + j, j * rows + i);
                    out[back] -= feedback_power[at] * feedback[back] - mixed[at] * forward[at];
                }
            }
        }
        Ok(())
    }

    /// m, or d if `slope`, of states of layer k.
    fn mask(&self, k: usize, states: &[f32], slope: bool) -> Vec<f32> {
        let last = k + 2 == self.network.sizes.len();
        let clamped = match self.network.clamp() {
            Clamp::All => true,
            Clamp::Hidden => !last,
            Clamp::None => false,
        };
        let of = |s: f32| {
            if clamped && (s <= 0.0 || s >= 1.0) {
                0.0
            } else if slope {
                self.network.activation.slope(f64::from(s)) as f32
            } else {
                1.0
            }
        };
        states.iter().map(|&s| of(s)).collect()
    }
}

/// The numbers of one of `count` samples.
pub(super) fn row(layer: &[f32], sample: usize, count: usize) -> &[f32] {
    let size = layer.len() / count;
    &layer[sample * size..(sample + 1) * size]
}

/// The numbers of some of `count` samples.
fn rows_of(layer: &[f32], count: usize, samples: &[usize]) -> Vec<f32> {
    let rows = samples.iter().map(|&sample| row(layer, sample, count));
    rows.collect::<Vec<_>>().concat()
}

/// ρ of every value.
pub(super) fn rates_in_place(network: &NetworkSettings, values: &mut [f32]) {
    match network.activation {
        // the two that need no double precision
        Activation::Identity => {}
        Activation::HardSigmoid => values.iter_mut().for_each(|s| *s = s.clamp(0.0, 1.0)),
        activation => values
            .iter_mut()
            .for_each(|s| *s = activation.rate(f64::from(*s)) as f32),
    }
}

/// Of tied weights: both directions add up, and each takes the sum.
pub(super) fn tie_update(update: &mut Weights) {
    for k in 0..update.pairs() {
        let (rows, width) = update.shape(BlockKind::Forward(k + 1));
        let feedback = update.block(BlockKind::Feedback(k)).to_vec();
        let forward = update.block_mut(BlockKind::Forward(k + 1));
        for i in 0..rows {
            for j in 0..width {
                forward[i * width + j] += feedback[j * rows + i];
            }
        }
    }
    update.tie();
}

#[cfg(test)]
mod tests {
    use super::super::config::TrainingSettings;
    use super::*;
    use crate::numeric::linear_algebra as la;

    /// The mean of 2‖A‖² over samples, from the dense Jacobian over the neurons inside the bounds.
    fn penalty(weights: &Weights, settings: &TrainingSettings, states: &[Vec<f64>]) -> f64 {
        let network = weights.to_network(&settings.network).unwrap();
        let full = network.coupling.to_matrix();
        let clamped = settings.network.clamp() == Clamp::All;
        let inside = |s: f64| !clamped || (s > 0.0 && s < 1.0);
        let total: f64 = states
            .iter()
            .map(|state| {
                let n = state.len();
                let mut jacobian = full.clone();
                for i in 0..n {
                    for j in 0..n {
                        let slope = settings.network.activation.slope(state[j]);
                        let kept = inside(state[i]) && inside(state[j]);
                        jacobian[(i, j)] *= if kept { slope } else { 0.0 };
                    }
                }
                let skew = 0.5 * (&jacobian - jacobian.transpose());
                2.0 * la::multiply(&skew.transpose(), &skew).trace()
            })
            .sum();
        total / states.len() as f64
    }

    #[test]
    fn homeostasis_is_the_gradient_of_the_penalty() {
        for (activation, clamp) in [
            (Activation::Tanh, Clamp::None),
            (Activation::HardSigmoid, Clamp::All),
        ] {
            let mut settings = TrainingSettings::default();
            settings.network.sizes = vec![2, 4, 3, 2];
            settings.network.activation = activation;
            settings.network.clamp = Some(clamp);
            let weights = Weights::initial(&settings.network, 5).unwrap();
            let states: Vec<Vec<f64>> = (0..3)
                .map(|p| {
                    (0..9)
                        .map(|i| ((1 + p * 9 + i) as f64).sin().max(0.0))
                        .collect()
                })
                .collect();
            let count = states.len();
            let mut free = States::zeros(&[4, 3, 2], count);
            for (p, state) in states.iter().enumerate() {
                for (layer, (start, size)) in [(0, 4), (4, 3), (7, 2)].into_iter().enumerate() {
                    for i in 0..size {
                        free.layers[layer][p * size + i] = state[start + i] as f32;
                    }
                }
            }
            let terms = Terms {
                network: &settings.network,
                inputs: &vec![0.0; 2 * count],
                free: &free,
                errors: &States::zeros(&[4, 3, 2], count),
                contributing: &vec![true; count],
            };
            let mut update = Weights::zeros(weights.sizes());
            let mut products = OuterProducts::new(1).unwrap();
            terms
                .subtract_homeostasis(0.7, &weights, &mut products, &mut update)
                .unwrap();
            let step = 1e-2;
            for kind in weights.kinds() {
                for k in 0..weights.block(kind).len() {
                    let at = |step: f32| {
                        let mut moved = weights.clone();
                        moved.block_mut(kind)[k] += step;
                        penalty(&moved, &settings, &states)
                    };
                    let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
                    let found = f64::from(update.block(kind)[k]);
                    // the penalty is quadratic: only rounding is left
                    assert!(
                        (found + 0.7 * slope).abs() < 1e-4,
                        "{kind:?} {k}: {found} {slope}"
                    );
                }
            }
        }
    }
}
