//! A step of learning, added to the packed weights in one pass.

use rayon::prelude::*;

use super::engine::{Engine, expect_length};
use crate::engine::product::{ColumnLists, InputDrive, RankUpdate, RankWorkspace};
use crate::engine::sweep::Thread;
use crate::engine::threads::WORTH_DIVIDING;
use crate::error::{Error, Result};

/// What a batch adds to the weights of a layered network: `scale · Σ δ rᵀ` over its samples to every matrix,
/// `scale · Σ δ` to every bias, δ of the layer on which it acts and r of the one from which it comes.
#[derive(Debug, Clone, Copy)]
pub struct WeightStep<'a> {
    /// Samples.
    pub samples: usize,
    /// r of the inputs, ρ(x): one row a sample.
    pub inputs: &'a [f32],
    /// r of every layer of neurons, ρ(s): one row a sample.
    pub rates: &'a [Vec<f32>],
    /// δ of every layer of neurons, one row a sample.
    pub errors: &'a [Vec<f32>],
    /// Scales of the matrices from the layer before (of the first layer from the inputs), one a layer of neurons.
    pub forward: &'a [f32],
    /// Scales of the matrices from the next layer, one a layer of neurons but the last.
    pub feedback: &'a [f32],
    /// Scales of the biases, one a layer of neurons.
    pub bias: &'a [f32],
}

impl<'a> WeightStep<'a> {
    fn check(&self, inputs: usize, sizes: &[usize]) -> Result<()> {
        let layers = sizes.len();
        let fits = |rows: &[Vec<f32>]| {
            let mut own = rows.iter().zip(sizes);
            rows.len() == layers && own.all(|(row, size)| row.len() == self.samples * size)
        };
        let scales = [self.forward.len(), self.feedback.len(), self.bias.len()];
        if self.inputs.len() == self.samples * inputs
            && [self.rates, self.errors].into_iter().all(fits)
            && scales == [layers, layers - 1, layers]
        {
            return Ok(());
        }
        let message = format!(
            "expected {} rows for {inputs} inputs and for each layer of {sizes:?}, and a scale for each matrix and each bias",
            self.samples
        );
        Err(Error::invalid("step", message))
    }

    /// r of the inputs, then of every layer.
    fn sources(&self) -> impl Iterator<Item = &'a [f32]> {
        std::iter::once(self.inputs).chain(self.rates.iter().map(Vec::as_slice))
    }
}

impl Engine<f32> {
    /// Adds a step to the weights of a layered network, and to those of the `input` that drives it, where they lie.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the lengths do not fit, or the network is not layered. Nothing is added then.
    pub fn add_to_weights(
        &mut self,
        input: &mut InputDrive<f32>,
        step: &WeightStep<'_>,
    ) -> Result<()> {
        let sizes = &self.settings.sizes;
        if self.settings.dense {
            return Err(Error::invalid("network", "expected a layered network"));
        }
        expect_length("input", input.neurons(), sizes[0])?;
        step.check(input.inputs(), sizes)?;
        if step.samples == 0 {
            return Ok(());
        }
        self.threads.iter_mut().for_each(Thread::forget);
        let samples = step.samples;
        // what the matrices read: r; and a transposed one the errors, scaled
        let mut sources: Vec<_> = step.sources().map(|rates| (1.0, rates)).collect();
        let mut matrices = Vec::new();
        for (first, packed, bias) in input.shares_mut() {
            add_rows(bias, &step.errors[0], (first, sizes[0]), step.bias[0]);
            matrices.push((packed, (step.forward[0], &step.errors[0]), (first, 0)));
        }
        let scales = step.errors.iter().zip(step.bias).zip(sizes);
        for (k, ((errors, &scale), &size)) in scales.enumerate() {
            add_rows(self.network.bias_mut(k), errors, (0, size), scale);
        }
        for (to, from, transposed, packed) in self.network.coupling_mut() {
            let scale = if from < to {
                step.forward[to]
            } else {
                step.feedback[to]
            };
            if transposed {
                matrices.push((packed, (1.0, &step.rates[from]), (0, sources.len())));
                sources.push((scale, &step.errors[to]));
            } else {
                matrices.push((packed, (scale, &step.errors[to]), (0, from + 1)));
            }
        }
        let numbers: usize = (matrices.iter())
            .map(|(packed, ..)| packed.panels.len())
            .sum();
        let large = numbers * samples >= WORTH_DIVIDING;
        self.lists.resize_with(sources.len(), ColumnLists::default);
        let lists = &mut self.lists;
        let add = |divided: bool| {
            let sources = lists.iter_mut().zip(sources);
            each(divided, sources, |_, (own, (factor, rows))| {
                own.fill(factor, rows, samples);
            });
            let lists = &*lists;
            let updates =
                (matrices.into_iter()).flat_map(|(packed, (factor, delta), (offset, source))| {
                    let rates = &lists[source];
                    packed.groups_mut().map(move |group| RankUpdate {
                        group,
                        factor,
                        delta,
                        offset,
                        rates,
                    })
                });
            each(divided, updates, |workspace, update| {
                update.add(samples, workspace);
            });
        };
        match self.pool.as_ref().filter(|_| large) {
            None => add(false),
            Some(pool) => pool.install(|| add(true)),
        }
        Ok(())
    }

    /// Writes the matrix from layer `from` to layer `to`, row by row.
    pub fn write_matrix(&self, to: usize, from: usize, out: &mut [f32]) {
        let incoming = self.network.layers[to].incoming.iter();
        for (_, matrix) in incoming.filter(|(source, _)| *source == from) {
            matrix.write_rows(out);
        }
    }

    /// A layer's bias.
    pub fn bias(&self, layer: usize) -> &[f32] {
        let layer = &self.network.layers[layer];
        &layer.bias[..layer.size]
    }
}

/// Does the work for each, by all threads of the pool or in turn.
fn each<I: Send>(
    divided: bool,
    items: impl Iterator<Item = I>,
    work: impl Fn(&mut RankWorkspace<f32>, I) + Send + Sync,
) {
    if divided {
        let items: Vec<_> = items.collect();
        let items = items.into_par_iter();
        items.for_each_init(RankWorkspace::default, work);
    } else {
        let mut workspace = RankWorkspace::default();
        items.for_each(|item| work(&mut workspace, item));
    }
}

/// `out += scale · row` of every row, in their order: of rows of `size` numbers those from `first` on.
fn add_rows(out: &mut [f32], rows: &[f32], (first, size): (usize, usize), scale: f32) {
    for row in rows.chunks_exact(size) {
        for (out, value) in out.iter_mut().zip(&row[first..]) {
            *out += scale * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineSettings, OuterProducts, RowMajorWeights};
    use crate::model::Activation;

    const INPUTS: usize = 70;
    const SIZES: [usize; 3] = [130, 50, 5];

    /// Numbers of which half are 0.
    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut random = crate::model::Random::new(seed, 0);
        let number = |_| (2.0 * random.unit() - 1.0).max(0.0) as f32;
        (0..count).map(number).collect()
    }

    fn slices(matrices: &[Vec<f32>]) -> Vec<&[f32]> {
        matrices.iter().map(Vec::as_slice).collect()
    }

    /// Packed weights move as those would that are packed anew, transposes too, whatever the threads: to the last bit, as
    /// long as one list holds all samples.
    #[test]
    fn a_step_where_the_weights_lie_is_that_of_rows() {
        for (threads, samples) in [(1, 3), (2, 20), (3, 64)] {
            let settings = EngineSettings {
                threads,
                ..EngineSettings::layered(Activation::HardSigmoid, &SIZES)
            };
            let mut engine = Engine::<f32>::new(settings.clone()).unwrap();
            let mut input = InputDrive::new(INPUTS, SIZES[0], threads).unwrap();
            let mut first = numbers(SIZES[0] * INPUTS, 1);
            let pair = |k: usize, seed| numbers(SIZES[k] * SIZES[k + 1], seed);
            let mut forward = [pair(0, 2), pair(1, 3)];
            let mut feedback = [pair(0, 4), pair(1, 5)];
            let mut bias = SIZES.map(|size| numbers(size, 6));
            let set = |engine: &mut Engine<f32>,
                       [forward, feedback]: [&[Vec<f32>]; 2],
                       bias: &[Vec<f32>]| {
                let (forward, feedback) = (&slices(forward)[..], &slices(feedback)[..]);
                let weights = RowMajorWeights::Layered { forward, feedback };
                engine.set_weights(weights, &slices(bias)).unwrap();
            };
            set(&mut engine, [&forward, &feedback], &bias);
            engine.network.prepare_transposes();
            input.set(&first, &bias[0]).unwrap();

            let inputs = numbers(samples * INPUTS, 7);
            let rates = SIZES.map(|size| numbers(samples * size, 8));
            let errors = SIZES.map(|size| numbers(samples * size, 9));
            let step = WeightStep {
                samples,
                inputs: &inputs,
                rates: &rates,
                errors: &errors,
                forward: &[0.3, 0.7, 1.1],
                feedback: &[-0.6, 0.9],
                bias: &[0.2, 0.4, 0.8],
            };
            engine.add_to_weights(&mut input, &step).unwrap();

            let mut products = OuterProducts::new(threads).unwrap();
            let mut add = |scale, delta: &[f32], rates: &[f32], out: &mut [f32]| {
                products.add(scale, delta, rates, samples, out).unwrap();
            };
            add(0.3, &errors[0], &inputs, &mut first);
            add(0.7, &errors[1], &rates[0], &mut forward[0]);
            add(1.1, &errors[2], &rates[1], &mut forward[1]);
            add(-0.6, &errors[0], &rates[1], &mut feedback[0]);
            add(0.9, &errors[1], &rates[2], &mut feedback[1]);
            for ((bias, errors), scale) in bias.iter_mut().zip(&errors).zip(step.bias) {
                add_rows(bias, errors, (0, errors.len() / samples), *scale);
            }
            let mut expected = Engine::<f32>::new(settings).unwrap();
            set(&mut expected, [&forward, &feedback], &bias);
            expected.network.prepare_transposes();
            let all = |engine: &mut Engine<f32>| -> Vec<_> {
                let packed = engine.network.coupling_mut();
                packed.map(|(.., packed)| packed.to_matrix()).collect()
            };
            assert_eq!(all(&mut engine), all(&mut expected));
            let mut written = vec![0.0; first.len()];
            input.write_weights(&mut written);
            assert_eq!(written, first);
            let mut matrix = vec![0.0; forward[0].len()];
            engine.write_matrix(1, 0, &mut matrix);
            assert_eq!(matrix, forward[0]);
            let found: Vec<_> = input
                .shares_mut()
                .flat_map(|(.., bias)| bias.to_vec())
                .collect();
            assert_eq!(found, bias[0]);
            (0..3).for_each(|k| assert_eq!(engine.bias(k), bias[k]));
        }
    }
}
