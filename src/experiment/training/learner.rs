//! What learns: parameters, and all that turns a batch of samples into a step of theirs.

use super::adaptive_solver::AdaptiveSolver;
use super::config::{NudgeScheme, SettleMethod, TrainingEstimator, TrainingSettings, Unsettled};
use super::engine_solver::EngineSolver;
use super::field::with_parameters;
use super::field_learning;
use super::optimiser::Optimiser;
use super::persistent::KeptStates;
use super::solver::{Batch, NudgeStrength, Solver};
use super::tally::{EndKind, PhaseEnd, SetTally};
use super::update::{Terms, rates_in_place, row, tie_update};
use super::weights::Weights;
use crate::data::DataSet;
use crate::engine::{OuterProducts, OutputCost, States};
use crate::error::Result;
use crate::model::Problem;

/// Parameters with what settles and moves them. It knows batches, but no epochs.
pub(super) struct Learner {
    pub settings: TrainingSettings,
    /// What a field in text is as it is written, if one learns.
    pub field: Option<Problem>,
    /// States a sample, layer by layer.
    pub layers: Vec<usize>,
    pub threads: usize,
    pub optimiser: Optimiser,
    pub batch: Batch,
    solver: Box<dyn Solver>,
    products: OuterProducts<f32>,
    update: Weights,
}

/// What a probe set would teach.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The mean update over the samples that contribute.
    pub update: Weights,
    /// Error vectors.
    pub errors: States<f32>,
    /// Free fixed points.
    pub free: States<f32>,
    /// Whether each sample contributes: both of its phases settled.
    pub contributing: Vec<bool>,
}

/// The error vectors of a batch, and which samples contribute.
pub(super) struct Errors {
    pub vectors: States<f32>,
    pub contributing: Vec<bool>,
    /// How the nudged phases ended; none if there were none.
    pub nudged_ends: Vec<PhaseEnd>,
}

impl Learner {
    /// Initial parameters. The settings are valid and complete.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) if threads cannot be started.
    pub fn new(settings: TrainingSettings, field: Option<Problem>, threads: usize) -> Result<Self> {
        let weights = Weights::initial(&settings.network, settings.seed)?;
        let sizes = &settings.network.sizes;
        let mut solver: Box<dyn Solver> = match settings.settle.method {
            SettleMethod::Engine => Box::new(EngineSolver::new(&settings, threads)?),
            SettleMethod::Adaptive => Box::new(AdaptiveSolver::new(&settings, &weights)?),
        };
        solver.set_weights(weights)?;
        Ok(Self {
            optimiser: Optimiser::new(&settings),
            update: Weights::zeros(sizes),
            products: OuterProducts::new(threads)?,
            batch: Batch {
                outputs: (field.as_ref()).map(|problem| problem.cost.outputs().to_vec()),
                ..Batch::default()
            },
            layers: match &field {
                Some(problem) => vec![problem.dimension()],
                None => sizes[1..].to_vec(),
            },
            field,
            settings,
            threads,
            solver,
        })
    }

    /// Takes other parameters.
    pub fn set_weights(&mut self, weights: Weights) -> Result<()> {
        self.solver.set_weights(weights)
    }

    /// The parameters as they are.
    pub fn weights(&self) -> &Weights {
        self.solver.weights()
    }

    /// The field in text as it has learned, if one learns.
    pub fn learned_field(&self) -> Option<Problem> {
        let field = self.field.as_ref()?;
        Some(with_parameters(field, self.weights().parameters()))
    }

    /// Lets samples settle freely, from their kept states or else from 0.
    pub fn free(
        &mut self,
        data: &DataSet,
        samples: &[usize],
        kept: Option<&KeptStates>,
    ) -> Result<()> {
        self.gather(data, samples, kept);
        self.solver.free(&mut self.batch)
    }

    fn gather(&mut self, data: &DataSet, samples: &[usize], kept: Option<&KeptStates>) {
        let batch = &mut self.batch;
        let outputs = match &batch.outputs {
            Some(outputs) => outputs.len(),
            None => data.classes.len(),
        };
        batch.count = samples.len();
        batch.inputs.clear();
        batch.targets.clear();
        batch.targets.resize(samples.len() * outputs, 0.0);
        batch.free = States::zeros(&self.layers, samples.len());
        for (row, &sample) in samples.iter().enumerate() {
            batch.inputs.extend_from_slice(data.input(sample));
            let label = data.label(sample);
            if outputs == 1 {
                batch.targets[row] = label as f32;
            } else {
                batch.targets[row * outputs + label] = 1.0;
            }
            if let Some(kept) = kept {
                kept.start(sample, row, &mut batch.free);
            }
        }
        batch.rates.clone_from(&batch.inputs);
        rates_in_place(&self.settings.network, &mut batch.rates);
    }

    /// Counts cost and error of the samples that settled last; which of them are wrong.
    pub fn count(&self, data: &DataSet, samples: &[usize], tally: &mut SetTally) -> Vec<bool> {
        let (batch, cost) = (&self.batch, OutputCost::from(self.settings.cost));
        let last = &batch.free.layers[batch.free.layers.len() - 1];
        let count = |(place, &sample): (usize, &usize)| {
            let [states, target] = [last, &batch.targets].map(|rows| row(rows, place, batch.count));
            let picked: Vec<f32>;
            let output = match &batch.outputs {
                Some(outputs) => {
                    picked = outputs.iter().map(|&i| states[i]).collect();
                    &picked
                }
                None => states,
            };
            let settled = batch.free_ends[place].kind == EndKind::Settled;
            let wrong = data.is_wrong(sample, output);
            tally.add(cost.value(output, target), wrong, settled);
            wrong
        };
        samples.iter().enumerate().map(count).collect()
    }

    /// The error vectors at the batch's free fixed points. `sign` is that of a nudge of random sign.
    pub fn errors(&mut self, sign: f64) -> Result<Errors> {
        let mut ends: Vec<PhaseEnd> = Vec::new();
        let mut vectors = States::default();
        let batch = &self.batch;
        if self.settings.estimator == TrainingEstimator::TrueGradient {
            self.solver.true_error(batch, &mut vectors, &mut ends)?;
        } else {
            let beta = self.settings.nudge.beta;
            let asymmetric = self.settings.estimator == TrainingEstimator::Asymmetric;
            let (beta, other) = match self.settings.nudge.scheme {
                NudgeScheme::OneSided => (beta, None),
                NudgeScheme::RandomSign => (sign * beta, None),
                NudgeScheme::Centred => (beta, Some(-beta)),
            };
            let nudge = |beta| NudgeStrength { beta, asymmetric };
            self.solver
                .nudged(batch, nudge(beta), &mut vectors, &mut ends)?;
            if let Some(other) = other {
                let mut states = States::default();
                self.solver
                    .nudged(batch, nudge(other), &mut states, &mut ends)?;
                subtract(&mut vectors, &states, 0.5 / beta);
            } else {
                subtract(&mut vectors, &batch.free, 1.0 / beta);
            }
        }
        let use_unsettled = self.settings.settle.unsettled == Unsettled::Use;
        let mut contributing = vec![true; batch.count];
        for (sample, contributes) in contributing.iter_mut().enumerate() {
            let phases = ends.iter().skip(sample).step_by(batch.count);
            let settled = phases
                .chain([&batch.free_ends[sample]])
                .all(|end| end.kind == EndKind::Settled);
            let finite = || {
                let mut layers = vectors.layers.iter().chain(&batch.free.layers);
                layers.all(|layer| {
                    row(layer, sample, batch.count)
                        .iter()
                        .all(|s| s.is_finite())
                })
            };
            *contributes = (settled || use_unsettled) && finite();
        }
        if self.settings.estimator == TrainingEstimator::TrueGradient {
            ends.clear();
        }
        Ok(Errors {
            vectors,
            contributing,
            nudged_ends: ends,
        })
    }

    /// Moves the parameters, in epoch `epoch` (from 0); not if no sample contributes.
    pub fn step(&mut self, errors: &Errors, epoch: usize) -> Result<()> {
        if !errors.contributing.contains(&true) {
            return Ok(());
        }
        let epochs = self.settings.epochs;
        let network = &self.settings.network;
        let plain = self.settings.homeostasis == 0.0 && !network.tied && self.field.is_none();
        let factors = plain
            .then(|| self.optimiser.direct_step(epoch, epochs))
            .flatten();
        if let Some(factors) = factors {
            let terms = terms(&self.settings, &self.batch, errors);
            return self.solver.add(&terms, &factors, &mut self.products);
        }
        self.write_update(errors)?;
        let mut weights = self.solver.take_weights();
        self.optimiser
            .step(&mut weights, &self.update, epoch, epochs);
        if self.settings.network.tied {
            weights.tie();
        }
        self.solver.set_weights(weights)
    }

    /// See [`Trainer::probe`](super::Trainer::probe).
    pub fn probe(&mut self, data: &DataSet, samples: &[usize]) -> Result<Probe> {
        self.free(data, samples, None)?;
        let errors = self.errors(1.0)?;
        self.write_update(&errors)?;
        Ok(Probe {
            update: self.update.clone(),
            errors: errors.vectors,
            free: self.batch.free.clone(),
            contributing: errors.contributing,
        })
    }

    fn write_update(&mut self, errors: &Errors) -> Result<()> {
        if let Some(problem) = self.learned_field() {
            let own = (&errors.vectors, &errors.contributing[..]);
            return field_learning::write_update(&problem, &self.batch, own, &mut self.update);
        }
        let terms = terms(&self.settings, &self.batch, errors);
        self.update.clear();
        let ones = vec![1.0; self.update.blocks().len()];
        terms.add(&ones, &mut self.products, &mut self.update)?;
        if self.settings.homeostasis > 0.0 {
            let weight = self.settings.homeostasis;
            terms.subtract_homeostasis(
                weight,
                self.solver.weights(),
                &mut self.products,
                &mut self.update,
            )?;
        }
        if self.settings.network.tied {
            tie_update(&mut self.update);
        }
        Ok(())
    }
}

fn terms<'a>(settings: &'a TrainingSettings, batch: &'a Batch, errors: &'a Errors) -> Terms<'a> {
    Terms {
        network: &settings.network,
        inputs: &batch.rates,
        free: &batch.free,
        errors: &errors.vectors,
        contributing: &errors.contributing,
    }
}

/// values ← factor · (values − others).
fn subtract(values: &mut States<f32>, others: &States<f32>, factor: f64) {
    let factor = factor as f32;
    for (values, others) in values.layers.iter_mut().zip(&others.layers) {
        for (value, other) in values.iter_mut().zip(others) {
            *value = factor * (*value - other);
        }
    }
}
