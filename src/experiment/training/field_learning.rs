//! Training a vector field in text: the update of a batch, and what is measured over a probe set.

use rayon::prelude::*;

use super::field::{clamped, parameters};
use super::learner::Probe;
use super::record::{AngleRecord, BlockValue, Observables};
use super::solver::Batch;
use super::update::row;
use super::weights::{BlockKind, Weights};
use crate::dynamics::{Phase, SolverSettings, spectral_abscissa};
use crate::engine::States;
use crate::error::Result;
use crate::gradient::{FreePhase, asymmetry, compare};
use crate::model::{Parametrised, Problem, ProblemField, SquaredError};

/// Writes the mean of $(\partial\mu/\partial\theta)^\top e$ over the contributing samples to `out`.
pub(super) fn write_update(
    problem: &Problem,
    batch: &Batch,
    (vectors, contributing): (&States<f32>, &[bool]),
    out: &mut Weights,
) -> Result<()> {
    out.clear();
    let samples: Vec<usize> = places(contributing).collect();
    let mut sum = vec![0.0; out.block(BlockKind::Parameters).len()];
    for &sample in &samples {
        let field = clamped(problem, &input(batch, sample))?;
        let pull = pullback(&field, &batch.free, vectors, sample, batch.count);
        sum.iter_mut()
            .zip(pull)
            .for_each(|(sum, pull)| *sum += pull);
    }
    let block = out.block_mut(BlockKind::Parameters).iter_mut();
    block
        .zip(sum)
        .for_each(|(out, sum)| *out = (sum / samples.len() as f64) as f32);
    Ok(())
}

fn places(flags: &[bool]) -> impl Iterator<Item = usize> {
    (0..flags.len()).filter(|&sample| flags[sample])
}

fn input(batch: &Batch, sample: usize) -> Vec<f64> {
    wide(row(&batch.inputs, sample, batch.count))
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// (∂μ/∂θ)ᵀ e of one sample.
fn pullback(
    field: &ProblemField<'_>,
    states: &States<f32>,
    errors: &States<f32>,
    sample: usize,
    count: usize,
) -> Vec<f64> {
    let of = |states: &States<f32>| wide(row(&states.layers[0], sample, count));
    let pull = field.parameter_pullback(&of(states), &of(errors));
    pull.iter().collect()
}

/// What one probe sample says of the field.
struct Measured {
    asymmetry: f64,
    abscissa: f64,
    update: Vec<f64>,
    truth: Vec<f64>,
}

/// Measures the field over a probe set: the updates that training forms against −∂J/∂θ at fixed points
/// found exactly. Samples that do not settle are left out.
pub(super) fn observables(problem: &Problem, batch: &Batch, probe: &Probe) -> Result<Observables> {
    let settings = SolverSettings::default();
    let samples: Vec<usize> = places(&probe.contributing).collect();
    let measured = samples.par_iter().map(|&sample| {
        let field = clamped(problem, &input(batch, sample))?;
        let target = wide(row(&batch.targets, sample, batch.count));
        let cost = SquaredError::new(problem.cost.outputs(), &target)?;
        let phase = Phase::of_problem(problem, &field);
        let start = &problem.initial_state;
        let Ok(free) = FreePhase::settle(&field, phase, &cost, start, &settings) else {
            return Ok(None);
        };
        let truth = free.linearisation.true_error_vector(&free.cost_gradient());
        Ok(Some(Measured {
            asymmetry: asymmetry(free.linearisation.jacobian()),
            abscissa: spectral_abscissa(free.fixed_point.eigenvalues()),
            update: pullback(&field, &probe.free, &probe.errors, sample, batch.count),
            truth: free.pullback(&truth).iter().collect(),
        }))
    });
    let measured: Vec<Option<Measured>> = measured.collect::<Result<_>>()?;
    let measured: Vec<Measured> = measured.into_iter().flatten().collect();
    let mean = |values: Vec<f64>| {
        let count = values.len() as f64;
        (count > 0.0).then(|| values.iter().sum::<f64>() / count)
    };
    let sum = |of: fn(&Measured) -> &Vec<f64>| {
        let mut sum = vec![0.0; parameters(problem).len()];
        for one in &measured {
            sum.iter_mut()
                .zip(of(one))
                .for_each(|(sum, value)| *sum += value);
        }
        sum
    };
    let angle = |one: &[f64], other: &[f64]| compare(one, other, &[]).angle_degrees;
    let all = angle(&sum(|one| &one.update), &sum(|one| &one.truth));
    let of_samples = measured
        .iter()
        .filter_map(|one| angle(&one.update, &one.truth));
    Ok(Observables {
        pairs: Vec::new(),
        probe: measured.len(),
        jacobian_asymmetry: mean(measured.iter().map(|one| one.asymmetry).collect()),
        spectral_abscissa: measured
            .iter()
            .map(|one| one.abscissa)
            .max_by(f64::total_cmp),
        angle: (!measured.is_empty()).then(|| AngleRecord {
            all,
            blocks: vec![BlockValue {
                block: BlockKind::Parameters.name(),
                value: all,
            }],
            mean_of_samples: mean(of_samples.collect()),
        }),
    })
}
