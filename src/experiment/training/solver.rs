//! The two ways to the fixed points of a batch: what training asks of either. They hold the weights.

use super::tally::PhaseEnd;
use super::update::Terms;
use super::weights::Weights;
use crate::engine::{OuterProducts, States};
use crate::error::Result;

/// The samples of a batch, row by row.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    /// Samples.
    pub count: usize,
    /// Inputs x as they are in the data.
    pub inputs: Vec<f32>,
    /// The same as rates ρ(x).
    pub rates: Vec<f32>,
    /// Input drives U ρ(x) + b of the first layer. The engine writes and uses them.
    pub drive: Vec<f32>,
    /// Targets y.
    pub targets: Vec<f32>,
    /// The states of the single layer that are outputs, `None` where the last layer is.
    pub outputs: Option<Vec<usize>>,
    /// s⁰: where the free phases start, then where they ended.
    pub free: States<f32>,
    /// How the free phases ended.
    pub free_ends: Vec<PhaseEnd>,
}

/// Which nudged phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NudgeStrength {
    pub beta: f64,
    /// Whether the antisymmetric part of the Jacobian at s⁰ is turned round.
    pub asymmetric: bool,
}

/// Finds the fixed points of batches. Errors come only from settings that were not validated.
pub(super) trait Solver: Send {
    /// Takes the weights of all that follows.
    fn set_weights(&mut self, weights: Weights) -> Result<()>;

    /// The weights as they are.
    fn weights(&self) -> &Weights;

    /// The same to be changed and given back by [`Solver::set_weights`].
    fn take_weights(&mut self) -> Weights;

    /// Adds the mean update to the weights, each block times its factor.
    fn add(
        &mut self,
        terms: &Terms<'_>,
        factors: &[f32],
        products: &mut OuterProducts<f32>,
    ) -> Result<()>;

    /// Free phases: from `batch.free` to the fixed points, in place.
    fn free(&mut self, batch: &mut Batch) -> Result<()>;

    /// Nudged phases from `batch.free`. States are written to `states`, ends appended to `ends`.
    fn nudged(
        &mut self,
        batch: &Batch,
        nudge: NudgeStrength,
        states: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()>;

    /// g = Jac⁻ᵀ c at `batch.free`, 0 on neurons at a bound, ends as above.
    fn true_error(
        &mut self,
        batch: &Batch,
        errors: &mut States<f32>,
        ends: &mut Vec<PhaseEnd>,
    ) -> Result<()>;
}
