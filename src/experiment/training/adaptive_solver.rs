//! Fixed points by adaptive integration, in double precision: the yardstick.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::adaptive_batch::{columns, follow, network_in_lanes};
use super::config::{Clamp, CostName, TrainingSettings};
use super::field::{clamped, with_parameters};
use super::solver::{Batch, NudgeStrength, Solver};
use super::tally::{EndKind, PhaseEnd};
use super::update::Terms;
use super::weights::Weights;
use crate::dynamics::{FixedPoint, Outcome, Phase, SolverSettings, settle};
use crate::engine::{OuterProducts, States};
use crate::error::Result;
use crate::gradient::{Augmented, Linearisation};
use crate::model::{Cost, Problem, SoftmaxCrossEntropy, SquaredError, System, VectorField};

/// Follows every trajectory until it rests.
pub(super) struct AdaptiveSolver {
    settings: TrainingSettings,
    /// The network or field as it is. Samples replace its input and its target.
    problem: Problem,
    integration: SolverSettings,
    /// Free fixed points of the batch at hand, if they were found one by one.
    points: Vec<Option<FixedPoint>>,
    /// The same, one a column, if they were found together.
    together: DMatrix<f64>,
    weights: Weights,
}

impl AdaptiveSolver {
    pub fn new(settings: &TrainingSettings, weights: &Weights) -> Result<Self> {
        let problem = match settings.network.field_problem()? {
            Some(problem) => problem,
            None => network_problem(settings, weights)?,
        };
        Ok(Self {
            settings: settings.clone(),
            problem,
            integration: SolverSettings {
                rtol: 1e-6,
                atol: 1e-9,
                ..SolverSettings::default()
            },
            points: Vec::new(),
            together: DMatrix::zeros(0, 0),
            weights: weights.clone(),
        })
    }

    fn inputs(&self) -> usize {
        match &self.problem.system {
            System::Text(field) => field.inputs(),
            System::Network(_) | System::Own(_) => self.problem.input.len(),
        }
    }

    fn cost(&self, target: &[f32]) -> Result<Box<dyn Cost>> {
        let outputs = self.problem.cost.outputs();
        let target = double(target);
        Ok(match self.settings.cost {
            CostName::SquaredError => Box::new(SquaredError::new(outputs, &target)?),
            CostName::SoftmaxCrossEntropy => Box::new(SoftmaxCrossEntropy::new(outputs, &target)?),
        })
    }

    /// The input, target and free fixed point of each sample.
    fn samples<'a>(
        &'a self,
        batch: &'a Batch,
    ) -> impl IndexedParallelIterator<Item = (&'a [f32], &'a [f32], Option<&'a FixedPoint>)> {
        let inputs = batch.inputs.par_chunks(self.inputs());
        let targets = batch.targets.par_chunks(self.problem.cost.outputs().len());
        let points = self.points.par_iter().map(Option::as_ref);
        inputs
            .zip(targets)
            .zip(points)
            .map(|((x, y), point)| (x, y, point))
    }
}

impl Solver for AdaptiveSolver {
    fn set_weights(&mut self, weights: Weights) -> Result<()> {
        self.problem = match self.problem.system {
            System::Text(_) => with_parameters(&self.problem, weights.parameters()),
            System::Network(_) | System::Own(_) => network_problem(&self.settings, &weights)?,
        };
        self.weights = weights;
        Ok(())
    }

    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn take_weights(&mut self) -> Weights {
        self.weights.clone()
    }

    fn add(
        &mut self,
        terms: &Terms<'_>,
        factors: &[f32],
        products: &mut OuterProducts<f32>,
    ) -> Result<()> {
        let mut weights = self.take_weights();
        if terms.add(factors, products, &mut weights)? {
            self.set_weights(weights)?;
        }
        Ok(())
    }

    fn free(&mut self, batch: &mut Batch) -> Result<()> {
        if let Some(network) = network_in_lanes(&self.problem, &self.settings) {
            let starts = columns(&batch.free, batch.count);
            let (states, ends) = follow(network, batch, &starts, 0.0, self.integration)?;
            self.together = starts;
            batch.free_ends.clone_from(&ends);
            for (sample, end) in ends.iter().enumerate() {
                if end.kind == EndKind::Settled {
                    let state = states.column(sample);
                    set_row(&mut batch.free, sample, batch.count, state.as_slice());
                    self.together.set_column(sample, &state);
                }
            }
            return Ok(());
        }
        let inputs = batch.inputs.par_chunks(self.inputs());
        let outcomes: Vec<_> = inputs
            .enumerate()
            .map(|(sample, input)| {
                let field = clamped(&self.problem, &double(input))?;
                let start = match &self.problem.system {
                    System::Network(_) => row(&batch.free, sample, batch.count),
                    System::Text(_) | System::Own(_) => self.problem.initial_state.clone(),
                };
                let phase = Phase::of_problem(&self.problem, &field);
                Ok(ending(settle(&phase, &start, &self.integration)))
            })
            .collect::<Result<_>>()?;
        batch.free_ends.clear();
        self.points.clear();
        for (sample, (point, end)) in outcomes.into_iter().enumerate() {
            if let Some(point) = &point {
                set_row(&mut batch.free, sample, batch.count, point.state());
            }
            batch.free_ends.push(end);
            self.points.push(point);
        }
        Ok(())
    }

    fn nudged(
        &mut self,
        batch: &Batch,
        nudge: NudgeStrength,
        states: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()> {
        if let Some(network) = network_in_lanes(&self.problem, &self.settings) {
            let (beta, starts) = (nudge.beta, &self.together);
            let (found, own) = follow(network, batch, starts, beta, self.integration)?;
            states.clone_from(&batch.free);
            for (sample, state) in found.column_iter().enumerate() {
                set_row(states, sample, batch.count, state.as_slice());
            }
            ends.extend(own);
            return Ok(());
        }
        let outcomes: Vec<_> = self
            .samples(batch)
            .map(|(input, target, free)| {
                let Some(free) = free else {
                    return Ok((None, PhaseEnd::without_answer()));
                };
                let field = clamped(&self.problem, &double(input))?;
                let cost = self.cost(target)?;
                let run = |field: &dyn VectorField| {
                    let phase = Phase::of_problem(&self.problem, field);
                    let phase = phase.nudged(cost.as_ref(), nudge.beta);
                    ending(settle(&phase, free.state(), &self.integration))
                };
                if nudge.asymmetric {
                    let Ok(linearisation) = Linearisation::new(free) else {
                        return Ok((None, PhaseEnd::without_answer()));
                    };
                    Ok(run(&Augmented::new(&field, &linearisation, free.state())))
                } else {
                    Ok(run(&field))
                }
            })
            .collect::<Result<_>>()?;
        states.clone_from(&batch.free);
        for (sample, (point, end)) in outcomes.into_iter().enumerate() {
            if let Some(point) = point {
                set_row(states, sample, batch.count, point.state());
            }
            ends.push(end);
        }
        Ok(())
    }

    fn true_error(
        &mut self,
        batch: &Batch,
        errors: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()> {
        let n = self.problem.dimension();
        let found: Vec<_> = self
            .samples(batch)
            .map(|(_, target, free)| {
                let Some(free) = free else {
                    return Ok((vec![0.0; n], PhaseEnd::without_answer()));
                };
                let Ok(linearisation) = Linearisation::new(free) else {
                    return Ok((vec![0.0; n], PhaseEnd::without_answer()));
                };
                let mut slope = vec![0.0; n];
                self.cost(target)?.gradient(free.state(), &mut slope);
                Ok((
                    linearisation.true_error_vector(&slope),
                    PhaseEnd::of_trajectory(EndKind::Settled, 0.0),
                ))
            })
            .collect::<Result<_>>()?;
        errors.clone_from(&batch.free);
        for (sample, (error, end)) in found.into_iter().enumerate() {
            set_row(errors, sample, batch.count, &error);
            ends.push(end);
        }
        Ok(())
    }
}

/// A layered network as a problem.
fn network_problem(settings: &TrainingSettings, weights: &Weights) -> Result<Problem> {
    let network = weights.to_network(&settings.network)?;
    let (input, target) = (
        vec![0.0; network.inputs()],
        vec![0.0; network.outputs.len()],
    );
    let mut problem = Problem::new(network, input, &target)?;
    if settings.network.clamp() != Clamp::None {
        problem.state_bounds = Some((0.0, 1.0));
    }
    Ok(problem)
}

fn ending(outcome: Outcome) -> (Option<FixedPoint>, PhaseEnd) {
    let (kind, residual) = match outcome {
        Outcome::Settled(point) | Outcome::AlreadySettled(point) => {
            let end = PhaseEnd::of_trajectory(EndKind::Settled, point.residual());
            return (Some(point), end);
        }
        Outcome::LimitCycle(_) => (EndKind::Oscillating, f64::NAN),
        Outcome::Diverged { .. } => (EndKind::Diverged, f64::NAN),
        Outcome::Sliding { .. } | Outcome::Chaotic { .. } => (EndKind::Stalled, f64::NAN),
        Outcome::StepUnderflow { residual, .. } | Outcome::TimedOut { residual, .. } => {
            (EndKind::Stalled, residual)
        }
    };
    (None, PhaseEnd::of_trajectory(kind, residual))
}

/// The state of one of `count` samples, all layers.
pub(super) fn row(states: &States<f32>, sample: usize, count: usize) -> Vec<f64> {
    let layers = states.layers.iter();
    layers
        .flat_map(|layer| {
            let size = layer.len() / count;
            &layer[sample * size..(sample + 1) * size]
        })
        .map(|&s| f64::from(s))
        .collect()
}

fn set_row(states: &mut States<f32>, sample: usize, count: usize, values: &[f64]) {
    let mut values = values.iter();
    for layer in &mut states.layers {
        let size = layer.len() / count;
        let row = &mut layer[sample * size..(sample + 1) * size];
        row.iter_mut()
            .zip(&mut values)
            .for_each(|(s, &value)| *s = value as f32);
    }
}

pub(super) fn double(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}
