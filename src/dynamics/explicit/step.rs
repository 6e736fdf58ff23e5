//! A step of a Runge–Kutta method: its stages, and how they move the state.

use crate::dynamics::stepper::Flow;

/// How many states are moved together.
pub(super) const WIDTH: usize = 4;
pub(in crate::dynamics) type Block = [f64; WIDTH];

/// A step from one state to the next. All vectors are padded to whole blocks, and stages stand behind each other.
pub(in crate::dynamics) struct Step<'a> {
    pub flow: &'a Flow<'a>,
    /// n.
    pub dimension: usize,
    from: Vec<Block>,
    state: Vec<Block>,
    stages: Vec<Block>,
}

impl<'a> Step<'a> {
    /// At a state, with room for so many stages.
    pub fn new(flow: &'a Flow<'a>, state: &[f64], stages: usize) -> Self {
        let count = state.len().div_ceil(WIDTH);
        let mut blocks = vec![Block::default(); count];
        blocks.as_flattened_mut()[..state.len()].copy_from_slice(state);
        Self {
            flow,
            dimension: state.len(),
            from: blocks.clone(),
            state: blocks,
            stages: vec![Block::default(); stages * count],
        }
    }

    pub fn from(&self) -> &[f64] {
        &self.from.as_flattened()[..self.dimension]
    }

    pub fn state(&self) -> &[f64] {
        &self.state.as_flattened()[..self.dimension]
    }

    /// The velocity of a stage.
    pub fn stage(&self, stage: usize) -> &[f64] {
        let count = self.from.len();
        &self.stages[stage * count..][..count].as_flattened()[..self.dimension]
    }

    /// `Σ weightₖ vₖ` over the given stages, of one block, added to `sums`.
    #[inline(always)]
    pub fn add<const N: usize>(
        &self,
        block: usize,
        weights: [f64; N],
        of: [usize; N],
        mut sums: Block,
    ) -> Block {
        for (weight, stage) in weights.into_iter().zip(of) {
            let velocity = &self.stages[stage * self.from.len() + block];
            for (sum, velocity) in sums.iter_mut().zip(velocity) {
                *sum += weight * velocity;
            }
        }
        sums
    }

    /// Moves the state to `from + h Σ weightₖ vₖ` over the given stages.
    #[inline(always)]
    pub fn advance<const N: usize>(&mut self, h: f64, weights: [f64; N], of: [usize; N]) {
        let weights = weights.map(|weight| h * weight);
        for block in 0..self.from.len() {
            self.state[block] = self.add(block, weights, of, self.from[block]);
        }
    }

    /// Evaluates the velocity of the state as a stage.
    pub fn evaluate(&mut self, stage: usize) {
        let count = self.from.len();
        let out = &mut self.stages[stage * count..][..count];
        let state = &self.state.as_flattened()[..self.dimension];
        let out = &mut out.as_flattened_mut()[..self.dimension];
        self.flow.velocity(state, out);
    }

    /// Begins where it ended, the last of its stages being the first now.
    pub fn go_on(&mut self) {
        let count = self.from.len();
        let last = self.stages.len() - count;
        self.stages.copy_within(last.., 0);
        self.from.copy_from_slice(&self.state);
    }
}

/// `out = from + h Σ aₖ vₖ`.
pub(super) fn combine<const N: usize>(
    h: f64,
    from: &[f64],
    weights: [f64; N],
    velocities: [&[f64]; N],
    out: &mut [f64],
) {
    let weights = weights.map(|weight| h * weight);
    for (i, (out, from)) in out.iter_mut().zip(from).enumerate() {
        let terms = weights.iter().zip(&velocities);
        *out = terms.fold(*from, |sum, (weight, velocity)| sum + weight * velocity[i]);
    }
}
