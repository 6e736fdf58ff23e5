//! Mean updates of a batch: by nudged phases, and by the two solves of the theorem.

use eqprop::engine::{
    OuterProduct, OutputCost, RowMajorWeights, SampleReport, Scalar, States, SweepControl,
};
use eqprop::model::{self, Coupling, Layers};
use eqprop::{Error, Result};

use super::{Batches, Samples, nudge, row};

/// How an update is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// (s^β − s⁰)/β
    OneSided,
    /// (s^β − s^−β)/2β
    Centred,
    /// The same with (Jacᵀ − Jac)(s − s⁰) added to the nudged field: the true gradient.
    Asymmetric,
}

/// The mean of an update over the samples that contribute.
pub struct Update<T> {
    /// Blocks in the order of the library's parameters.
    pub blocks: Vec<Block<T>>,
    /// What became of each sample, the worst of its phases.
    pub reports: Vec<SampleReport>,
    /// The mean cost of the free phases that contribute.
    pub cost: f64,
}

/// One block of θ, or of what is added to it.
pub struct Block<T> {
    /// The name in files.
    pub name: &'static str,
    /// Rows of the matrix, or numbers of the vector.
    pub rows: usize,
    /// Columns; none of a vector.
    pub columns: Option<usize>,
    /// The values, row by row.
    pub values: Vec<T>,
}

/// What an update is made of: free fixed points, error vectors, and which samples count.
pub struct Errors<T> {
    inputs: Vec<T>,
    free: States<T>,
    errors: States<T>,
    /// What became of each sample, the worst of its phases.
    pub reports: Vec<SampleReport>,
    /// The mean cost of the free phases that contribute.
    pub cost: f64,
}

impl<T: Scalar> Batches<T> {
    /// The mean update by nudged phases.
    pub fn update(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        method: Method,
        control: &SweepControl,
    ) -> Result<Update<T>> {
        let errors = self.errors(samples, beta, method, control)?;
        self.collect(errors)
    }

    /// The error vectors by nudged phases that start at the free fixed points.
    pub fn errors(
        &mut self,
        samples: &Samples<T>,
        beta: f64,
        method: Method,
        control: &SweepControl,
    ) -> Result<Errors<T>> {
        let (drives, inputs) = self.drives(samples)?;
        let mut free = self.start(samples);
        let mut reports = self
            .engine
            .settle(&drives, &mut free, None, control)?
            .to_vec();
        let mut nudged = |beta: f64, reports: &mut Vec<SampleReport>| {
            let mut states = free.clone();
            let nudge = nudge(&samples.targets, beta);
            let own = if method == Method::Asymmetric {
                self.engine
                    .settle_asymmetric(&drives, &mut states, &free, &nudge, control)?
            } else {
                self.engine
                    .settle(&drives, &mut states, Some(&nudge), control)?
            };
            worst(reports, own);
            Ok::<_, Error>(states)
        };
        let mut errors = nudged(beta, &mut reports)?;
        let (opposite, factor) = if method == Method::OneSided {
            (free.clone(), 1.0 / beta)
        } else {
            (nudged(-beta, &mut reports)?, 0.5 / beta)
        };
        let factor = T::from_f64(factor);
        for (layer, other) in errors.layers.iter_mut().zip(&opposite.layers) {
            for (value, other) in layer.iter_mut().zip(other) {
                *value = (*value - *other) * factor;
            }
        }
        Ok(Errors {
            cost: self.cost(samples, &free, &reports),
            inputs,
            free,
            errors,
            reports,
        })
    }

    /// The mean of −∂J/∂θ, and of ν in the limit of weak nudges, which takes an engine of the transposed
    /// network: with Jac = W D − I, g = D Wᵀ g − c, and h = D a obeys h = D W h − D c.
    pub fn gradient(
        &mut self,
        network: &model::Network,
        transposed: &mut Self,
        samples: &Samples<T>,
        control: &SweepControl,
    ) -> Result<[Update<T>; 2]> {
        let (drives, rates) = self.drives(samples)?;
        let mut free = self.start(samples);
        let mut reports = self
            .engine
            .settle(&drives, &mut free, None, control)?
            .to_vec();
        let settings = self.engine.settings().clone();
        let (sizes, last) = (&settings.sizes, settings.sizes.len() - 1);
        let n: usize = sizes.iter().sum();
        let held = |s: T| {
            let s = s.to_f64();
            self.shape
                .bounds
                .is_some_and(|(low, high)| s <= low || s >= high)
        };
        let slope = |s: T| match held(s) {
            true => 0.0,
            false => settings.activation.slope(s.to_f64()),
        };
        let of_outputs = |value: &dyn Fn(T, T) -> f64| -> Vec<T> {
            let outputs = settings.outputs.len();
            let states = free.layers[last].chunks_exact(sizes[last]);
            let rows = states.zip(samples.targets.chunks_exact(outputs));
            rows.flat_map(|(state, target)| {
                let pairs = settings.outputs.iter().zip(target);
                pairs.map(|(&at, &y)| T::from_f64(value(state[at], y)))
            })
            .collect()
        };
        let c = of_outputs(&|s, y| s.to_f64() - y.to_f64());
        let scaled = of_outputs(&|s, y| (s.to_f64() - y.to_f64()) * slope(s));
        let mut truth = States::zeros(sizes, samples.count);
        let own = self.engine.error_vectors(&free, &c, &mut truth, control)?;
        worst(&mut reports, own);
        let mut response = States::zeros(sizes, samples.count);
        let own = transposed
            .engine
            .error_vectors(&free, &scaled, &mut response, control)?;
        worst(&mut reports, own);
        // a = W h − c where no bound holds
        let offset: usize = sizes[..last].iter().sum();
        for sample in 0..samples.count {
            let h: Vec<f64> = row(&response, sizes, sample).map(|v| v.to_f64()).collect();
            let mut a = vec![0.0; n];
            network.coupling.multiply_add(&h, &mut a);
            for (k, &output) in settings.outputs.iter().enumerate() {
                a[offset + output] -= c[sample * settings.outputs.len() + k].to_f64();
            }
            let mut values = a.into_iter();
            for (k, &size) in sizes.iter().enumerate() {
                let states = &free.layers[k][sample * size..][..size];
                let out = &mut response.layers[k][sample * size..][..size];
                for ((out, &state), a) in out.iter_mut().zip(states).zip(&mut values) {
                    *out = if held(state) { T::ZERO } else { T::from_f64(a) };
                }
            }
        }
        let cost = self.cost(samples, &free, &reports);
        let mut update = |errors: States<T>| {
            self.collect(Errors {
                inputs: rates.clone(),
                free: free.clone(),
                errors,
                reports: reports.clone(),
                cost,
            })
        };
        Ok([update(truth)?, update(response)?])
    }

    fn cost(&self, samples: &Samples<T>, free: &States<T>, reports: &[SampleReport]) -> f64 {
        let settings = self.engine.settings();
        let last = settings.sizes.len() - 1;
        let states = free.layers[last].chunks_exact(settings.sizes[last]);
        let targets = samples.targets.chunks_exact(settings.outputs.len());
        let mut sum = 0.0;
        for ((state, target), report) in states.zip(targets).zip(reports) {
            if report.settled() {
                let outputs: Vec<T> = settings.outputs.iter().map(|&at| state[at]).collect();
                sum += OutputCost::SquaredError.value(&outputs, target);
            }
        }
        sum / contributing(reports).max(1) as f64
    }

    fn collect(&mut self, errors: Errors<T>) -> Result<Update<T>> {
        let inputs = errors.inputs.len() / errors.reports.len().max(1);
        let mut blocks = self.zeros(inputs);
        let ones = vec![1.0; blocks.len()];
        let (reports, cost) = (errors.reports.clone(), errors.cost);
        self.add(errors, &ones, &mut blocks)?;
        Ok(Update {
            blocks,
            reports,
            cost,
        })
    }

    /// Blocks of zeros, in the order of the library's parameters.
    fn zeros(&self, inputs: usize) -> Vec<Block<T>> {
        let settings = self.engine.settings();
        let sizes = &settings.sizes;
        let block = |name, rows: usize, columns: Option<usize>| Block {
            name,
            rows,
            columns,
            values: vec![T::ZERO; rows * columns.unwrap_or(1)],
        };
        let mut blocks = Vec::new();
        if settings.dense {
            blocks.push(block("weights", sizes[0], Some(sizes[0])));
            blocks.push(block("input_weights", sizes[0], Some(inputs)));
        } else {
            let below = std::iter::once(&inputs).chain(sizes);
            let forward = sizes.iter().zip(below);
            blocks.extend(forward.map(|(&rows, &columns)| block("forward", rows, Some(columns))));
            let feedback = sizes.windows(2);
            blocks.extend(feedback.map(|pair| block("feedback", pair[0], Some(pair[1]))));
        }
        blocks.extend(sizes.iter().map(|&size| block("bias", size, None)));
        blocks
    }

    /// Adds the mean of (∂μ/∂θ)ᵀe over the samples of which every phase settled, each block times its factor.
    pub fn add(
        &mut self,
        given: Errors<T>,
        factors: &[f64],
        blocks: &mut [Block<T>],
    ) -> Result<()> {
        let Errors {
            inputs,
            mut free,
            mut errors,
            reports,
            ..
        } = given;
        let dense = self.engine.settings().dense;
        let (sizes, samples) = (self.sizes(), reports.len());
        for (free, (errors, &size)) in
            (free.layers.iter_mut()).zip(errors.layers.iter_mut().zip(&sizes))
        {
            let states = free.clone();
            self.engine.rates(&states, free);
            let rows = free
                .chunks_exact_mut(size)
                .zip(errors.chunks_exact_mut(size));
            for ((rates, errors), report) in rows.zip(&reports) {
                if !report.settled() {
                    rates.fill(T::ZERO);
                    errors.fill(T::ZERO);
                }
            }
        }
        let (rates, errors) = (free.layers, errors.layers);
        // whose errors and whose rates make each matrix
        let last = sizes.len() - 1;
        let mut factors_of: Vec<(usize, &[T])> = Vec::new();
        if dense {
            factors_of.extend([(0, rates[0].as_slice()), (0, inputs.as_slice())]);
        } else {
            let below = std::iter::once(&inputs).chain(&rates);
            factors_of.extend(below.take(last + 1).map(Vec::as_slice).enumerate());
            factors_of.extend(rates[1..].iter().map(Vec::as_slice).enumerate());
        }
        let share = 1.0 / contributing(&reports).max(1) as f64;
        let (matrices, vectors) = blocks.split_at_mut(factors_of.len());
        let (of_matrices, of_vectors) = factors.split_at(matrices.len());
        let products = (matrices.iter_mut().zip(factors_of).zip(of_matrices))
            .filter(|((block, _), _)| block.columns != Some(0))
            .map(|((block, (layer, rates)), factor)| OuterProduct {
                scale: T::from_f64(share * factor),
                delta: &errors[layer],
                rates,
                out: &mut block.values,
            })
            .collect();
        self.products.add_all(products, samples)?;
        for ((block, errors), factor) in vectors.iter_mut().zip(&errors).zip(of_vectors) {
            let scale = T::from_f64(share * factor);
            for row in errors.chunks_exact(block.rows) {
                for (sum, &error) in block.values.iter_mut().zip(row) {
                    *sum += scale * error;
                }
            }
        }
        Ok(())
    }

    /// Takes other weights and biases, in blocks.
    pub fn set(&mut self, blocks: &[Block<T>]) -> Result<()> {
        let named = |name: &'static str| -> Vec<&[T]> {
            let own = blocks.iter().filter(|block| block.name == name);
            own.map(|block| block.values.as_slice()).collect()
        };
        let bias = named("bias");
        if self.engine.settings().dense {
            let weights = RowMajorWeights::Dense(named("weights")[0]);
            self.engine.set_weights(weights, &bias)?;
            return self.drive.set(named("input_weights")[0], bias[0]);
        }
        let forward = named("forward");
        let weights = RowMajorWeights::Layered {
            forward: &forward[1..],
            feedback: &named("feedback"),
        };
        self.engine.set_weights(weights, &bias)?;
        self.drive.set(forward[0], bias[0])
    }
}

/// The blocks of a network, in another precision.
pub fn blocks_of<T: Scalar>(network: &model::Network) -> Vec<Block<T>> {
    let blocks = network.parameters().blocks;
    blocks
        .iter()
        .map(|block| {
            let values = block.values.transpose();
            Block {
                name: block.name,
                rows: block.values.nrows(),
                columns: (!block.is_vector).then_some(block.values.ncols()),
                values: values.iter().map(|&value| T::from_f64(value)).collect(),
            }
        })
        .collect()
}

/// A network with these blocks in place of its own.
pub fn with_blocks<T: Scalar>(network: &model::Network, blocks: &[Block<T>]) -> model::Network {
    let mut parameters = network.parameters();
    for (own, block) in parameters.blocks.iter_mut().zip(blocks) {
        let values = block.values.iter().map(|value| value.to_f64());
        own.values =
            nalgebra::DMatrix::from_row_iterator(own.values.nrows(), own.values.ncols(), values);
    }
    network.with_parameters(&parameters)
}

/// The transpose of a network's weights; its input and biases mean nothing.
pub fn transposed(network: &model::Network) -> model::Network {
    let coupling = match &network.coupling {
        Coupling::Dense(weights) => Coupling::Dense(weights.transpose()),
        Coupling::Sparse(weights) => Coupling::Dense(weights.matrix().transposed().to_dense()),
        Coupling::Layered(layers) => {
            let transposes = |matrices: &[nalgebra::DMatrix<f64>]| {
                matrices.iter().map(|matrix| matrix.transpose()).collect()
            };
            let (forward, feedback) = (layers.feedback(), layers.forward());
            let swapped = Layers::new(layers.sizes(), transposes(forward), transposes(feedback));
            swapped.map_or_else(|| network.coupling.clone(), Coupling::Layered)
        }
    };
    model::Network {
        coupling,
        ..network.clone()
    }
}

/// How many samples contribute.
fn contributing(reports: &[SampleReport]) -> usize {
    reports.iter().filter(|report| report.settled()).count()
}

/// Keeps of each sample the worse of two phases.
fn worst(reports: &mut [SampleReport], others: &[SampleReport]) {
    for (report, other) in reports.iter_mut().zip(others) {
        let sweeps = report.sweeps + other.sweeps;
        if report.settled() {
            let residual = report.residual.max(other.residual);
            *report = SampleReport {
                residual: if other.settled() {
                    residual
                } else {
                    other.residual
                },
                ..*other
            };
        }
        report.sweeps = sweeps;
    }
}
