//! The trajectory beside the engine: it checks samples, and takes those that the sweeps do not settle.

use nalgebra::DMatrix;

use super::driver::{Control, End, SampleReport};
use super::nudge::{Nudge, OutputCost};
use super::scalar::Scalar;
use super::shape::States;
use super::solve::Engine;
use crate::dynamics::{Outcome, Phase, SolverSettings, largest, settle};
use crate::error::{Error, Result};
use crate::model::{Coupling, Dynamics, Layers, Network, SquaredError};

/// What the trajectory of one sample did from the same start.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Which sample.
    pub sample: usize,
    /// What became of the trajectory.
    pub outcome: Outcome,
    /// Largest distance between its fixed point and the engine's in any neuron; none if it has none. Far
    /// above the tolerance it says that the network has more than one attractor.
    pub distance: Option<f64>,
}

/// A batch of which the integrator took what the sweeps did not settle.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Every sample, those settled by the integrator among the settled.
    pub reports: Vec<SampleReport>,
    /// The samples that were handed over, with what the trajectory did.
    pub followed: Vec<(usize, Outcome)>,
}

impl<T: Scalar> Engine<T> {
    /// The network with the input drive of one sample as its bias.
    fn network_of(&self, drive: &[T], sample: usize) -> Result<Network> {
        let settings = self.settings();
        let sizes = &settings.sizes;
        let first = sizes[0];
        let (matrix, biases) = (|to, from| self.matrix(to, from), self.biases());
        let mut bias: Vec<f64> = drive[sample * first..(sample + 1) * first]
            .iter()
            .map(|value| value.to_f64())
            .collect();
        bias.extend(biases.into_iter().skip(first));
        let coupling = if settings.dense {
            Coupling::Dense(matrix(0, 0))
        } else {
            let pairs = 0..sizes.len() - 1;
            let forward = pairs.clone().map(|k| matrix(k + 1, k)).collect();
            let feedback = pairs.map(|k| matrix(k, k + 1)).collect();
            Coupling::Layered(
                Layers::new(sizes, forward, feedback)
                    .ok_or_else(|| Error::invalid("sizes", "the matrices do not fit"))?,
            )
        };
        let before: usize = sizes[..sizes.len() - 1].iter().sum();
        Ok(Network {
            dynamics: Dynamics::Leaky,
            activation: settings.activation,
            coupling,
            input_weights: DMatrix::zeros(first, 0),
            bias,
            outputs: settings.outputs.iter().map(|k| before + k).collect(),
        })
    }

    fn state_of(&self, states: &States<T>, sample: usize) -> Vec<f64> {
        let sizes = &self.settings().sizes;
        let rows = sizes.iter().zip(&states.layers);
        rows.flat_map(|(&n, layer)| &layer[sample * n..(sample + 1) * n])
            .map(|value| value.to_f64())
            .collect()
    }

    /// Follows the trajectory of one sample from its start, by the adaptive integrator in f64.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a softmax nudge, or bounds that are not the same for all layers: the
    /// trajectory has neither.
    pub fn follow(
        &self,
        drive: &[T],
        starts: &States<T>,
        nudge: Option<&Nudge<'_, T>>,
        sample: usize,
        solver: &SolverSettings,
    ) -> Result<Outcome> {
        let network = self.network_of(drive, sample)?;
        let field = network.clamp(&[]);
        let mut phase = Phase::free(&field);
        let bounds = &self.settings().bounds;
        let whole = bounds.len() == self.settings().sizes.len();
        match bounds.first().copied().flatten() {
            Some((low, high)) if whole && bounds.iter().all(|other| *other == bounds[0]) => {
                phase = phase.with_state_bounds(low, high);
            }
            None if bounds.iter().all(Option::is_none) => {}
            _ => {
                return Err(Error::invalid(
                    "bounds",
                    "a trajectory has the same bounds on all layers, or none",
                ));
            }
        }
        let start = self.state_of(starts, sample);
        let Some(nudge) = nudge else {
            return Ok(settle(&phase, &start, solver));
        };
        if nudge.cost != OutputCost::SquaredError {
            return Err(Error::invalid(
                "cost",
                "a trajectory is nudged by the squared error only",
            ));
        }
        let outputs = network.outputs.len();
        let target: Vec<f64> = nudge.targets[sample * outputs..(sample + 1) * outputs]
            .iter()
            .map(|value| value.to_f64())
            .collect();
        let cost = SquaredError::new(&network.outputs, &target)?;
        let sign = nudge.signs.map_or(1.0, |signs| signs[sample].to_f64());
        let phase = phase.nudged(&cost, sign * nudge.beta);
        Ok(settle(&phase, &start, solver))
    }

    /// Compares the fixed points `found` with those of the trajectories from the same `starts`, for the listed
    /// samples.
    ///
    /// # Errors
    /// As [`Engine::follow`].
    pub fn check(
        &self,
        drive: &[T],
        (starts, found): (&States<T>, &States<T>),
        nudge: Option<&Nudge<'_, T>>,
        samples: &[usize],
        solver: &SolverSettings,
    ) -> Result<Vec<Comparison>> {
        let compare = |&sample: &usize| {
            let outcome = self.follow(drive, starts, nudge, sample, solver)?;
            let distance = match &outcome {
                Outcome::Settled(point) | Outcome::AlreadySettled(point) => {
                    let own = self.state_of(found, sample);
                    Some(largest(own.iter().zip(point.state()).map(|(a, b)| a - b)))
                }
                _ => None,
            };
            Ok(Comparison {
                sample,
                outcome,
                distance,
            })
        };
        samples.iter().map(compare).collect()
    }

    /// [`Engine::settle`], then the integrator for every sample that the sweeps did not settle; what it found
    /// is returned, and its fixed points replace their states. Only it may call one a limit cycle.
    ///
    /// # Errors
    /// As [`Engine::settle`] and [`Engine::follow`].
    pub fn settle_or_follow(
        &mut self,
        drive: &[T],
        states: &mut States<T>,
        nudge: Option<&Nudge<'_, T>>,
        control: &Control,
        solver: &SolverSettings,
    ) -> Result<Followed> {
        let starts = states.clone();
        let mut reports = self.settle(drive, states, nudge, control)?.to_vec();
        let mut followed = Vec::new();
        for (sample, report) in reports.iter_mut().enumerate() {
            if report.settled() {
                continue;
            }
            let outcome = self.follow(drive, &starts, nudge, sample, solver)?;
            if let Outcome::Settled(point) | Outcome::AlreadySettled(point) = &outcome {
                let mut values = point.state().iter();
                for (&n, layer) in self.settings().sizes.iter().zip(&mut states.layers) {
                    let row = &mut layer[sample * n..(sample + 1) * n];
                    for (slot, &value) in row.iter_mut().zip(&mut values) {
                        *slot = T::from_f64(value);
                    }
                }
                report.residual = point.residual();
                report.end = End::Settled;
            }
            followed.push((sample, outcome));
        }
        Ok(Followed { reports, followed })
    }
}
