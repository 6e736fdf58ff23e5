//! The parameters of a layered network in single precision, block by block.

use nalgebra::DMatrix;

use super::config::NetworkSettings;
use super::field::parameters;
use crate::error::Result;
use crate::model::{Coupling, Dynamics, Glorot, Layers, Network};
use crate::numeric::{largest, largest_in};

/// Blocks of numbers shaped as a layered network's parameters: the weights themselves, an update,
/// a moment of the optimiser.
///
/// Sizes n₀, …, n_L run from input to output. The blocks stand in the order
/// `forward[0]` (n₁ × n₀), …, `feedback[0]` (n₁ × n₂), …, `bias[0]` (n₁), …. Matrices are row-major
/// with one row a postsynaptic neuron. A single size is the number of parameters of a field in text,
/// one block.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    sizes: Vec<usize>,
    blocks: Vec<Vec<f32>>,
}

/// The kind of a block, with its place from the input side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// From layer k to k + 1.
    Forward(usize),
    /// From layer k + 2 back to k + 1.
    Feedback(usize),
    /// Of layer k + 1.
    Bias(usize),
    /// The parameters of a field in text, the only block there.
    Parameters,
}

impl BlockKind {
    /// The name, as in records: `forward[k]`, `feedback[k]`, `bias[k]`.
    pub fn name(self) -> String {
        match self {
            Self::Forward(k) => format!("forward[{k}]"),
            Self::Feedback(k) => format!("feedback[{k}]"),
            Self::Bias(k) => format!("bias[{k}]"),
            Self::Parameters => "parameters".into(),
        }
    }
}

impl Weights {
    /// All zeros.
    pub fn zeros(sizes: &[usize]) -> Self {
        let blocks = kinds(sizes)
            .map(|kind| {
                let (rows, columns) = shape(sizes, kind);
                vec![0.0; rows * columns]
            })
            .collect();
        Self {
            sizes: sizes.to_vec(),
            blocks,
        }
    }

    /// Glorot-uniform weights, biases 0.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] if the sizes are no network.
    pub fn initial(settings: &NetworkSettings, seed: u64) -> Result<Self> {
        if let Some(problem) = settings.field_problem()? {
            let values = parameters(&problem);
            return Ok(Self {
                sizes: vec![values.len()],
                blocks: vec![values.iter().map(|&value| value as f32).collect()],
            });
        }
        let glorot = Glorot {
            seed,
            gain: settings.gain,
            asymmetry: if settings.tied {
                0.0
            } else {
                settings.asymmetry
            },
        };
        let network = glorot.layered(&settings.sizes, Dynamics::Leaky, settings.activation)?;
        let mut out = Self::of_network(&network, &settings.sizes);
        if !settings.tied {
            for k in 0..out.pairs() {
                let gain = settings.feedback_gain as f32;
                let feedback = out.block_mut(BlockKind::Feedback(k));
                feedback.iter_mut().for_each(|weight| *weight *= gain);
            }
        }
        Ok(out)
    }

    /// The parameters of a layered network, rounded.
    fn of_network(network: &Network, sizes: &[usize]) -> Self {
        let blocks = network
            .parameters()
            .blocks
            .iter()
            .map(|block| row_major(&block.values))
            .collect();
        Self {
            sizes: sizes.to_vec(),
            blocks,
        }
    }

    /// Replaces the blocks, `None` if one has another length.
    pub(super) fn with_blocks(sizes: &[usize], blocks: Vec<Vec<f32>>) -> Option<Self> {
        let fits = blocks.len() == kinds(sizes).count()
            && kinds(sizes).zip(&blocks).all(|(kind, block)| {
                let (rows, columns) = shape(sizes, kind);
                block.len() == rows * columns
            });
        fits.then(|| Self {
            sizes: sizes.to_vec(),
            blocks,
        })
    }

    /// Sizes of the layers, from input to output.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Layers of neurons, L.
    pub fn layers(&self) -> usize {
        self.sizes.len() - 1
    }

    /// Pairs of neighbouring layers of neurons, L − 1.
    pub fn pairs(&self) -> usize {
        self.sizes.len().saturating_sub(2)
    }

    /// The kinds of the blocks, in their order.
    pub fn kinds(&self) -> impl Iterator<Item = BlockKind> + use<> {
        kinds(&self.sizes)
    }

    /// Rows and columns of a block. A bias is one column.
    pub fn shape(&self, kind: BlockKind) -> (usize, usize) {
        shape(&self.sizes, kind)
    }

    /// A block's numbers, row-major.
    pub fn block(&self, kind: BlockKind) -> &[f32] {
        &self.blocks[self.place(kind)]
    }

    /// The same, for changing.
    pub fn block_mut(&mut self, kind: BlockKind) -> &mut [f32] {
        let place = self.place(kind);
        &mut self.blocks[place]
    }

    /// The parameters of a field in text.
    pub(super) fn parameters(&self) -> impl Iterator<Item = f64> {
        let values = self.block(BlockKind::Parameters).iter();
        values.map(|&value| f64::from(value))
    }

    /// All blocks in order.
    pub fn blocks(&self) -> &[Vec<f32>] {
        &self.blocks
    }

    /// The same, for changing.
    pub(super) fn blocks_mut(&mut self) -> &mut [Vec<f32>] {
        &mut self.blocks
    }

    /// The feedforward matrices `forward[first..]`.
    pub(super) fn forward_from(&self, first: usize) -> Vec<&[f32]> {
        (first..self.layers())
            .map(|k| self.block(BlockKind::Forward(k)))
            .collect()
    }

    /// The feedback matrices.
    pub(super) fn feedback(&self) -> Vec<&[f32]> {
        (0..self.pairs())
            .map(|k| self.block(BlockKind::Feedback(k)))
            .collect()
    }

    /// Sets every number to 0.
    pub fn clear(&mut self) {
        self.blocks.iter_mut().for_each(|block| block.fill(0.0));
    }

    /// The largest absolute value, NaN if any is.
    pub fn largest(&self) -> f32 {
        largest(self.blocks.iter().map(|block| largest_in(block))) as f32
    }

    /// Makes each feedback matrix the transpose of its feedforward one.
    pub(super) fn tie(&mut self) {
        for k in 0..self.pairs() {
            let (rows, columns) = self.shape(BlockKind::Feedback(k));
            let forward = self.place(BlockKind::Forward(k + 1));
            let feedback = self.place(BlockKind::Feedback(k));
            let (before, after) = self.blocks.split_at_mut(feedback);
            transpose(&before[forward], columns, rows, &mut after[0]);
        }
    }

    /// The network in double precision.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] if the sizes are no network.
    pub fn to_network(&self, settings: &NetworkSettings) -> Result<Network> {
        let matrix = |kind| {
            let (rows, columns) = self.shape(kind);
            DMatrix::from_row_iterator(
                rows,
                columns,
                self.block(kind).iter().map(|&value| f64::from(value)),
            )
        };
        let mut network =
            Glorot::default().layered(&self.sizes, Dynamics::Leaky, settings.activation)?;
        network.input_weights = matrix(BlockKind::Forward(0));
        let forward = (1..self.layers()).map(|k| matrix(BlockKind::Forward(k)));
        let feedback = (0..self.pairs()).map(|k| matrix(BlockKind::Feedback(k)));
        if let Some(layers) = Layers::new(&self.sizes[1..], forward.collect(), feedback.collect()) {
            network.coupling = Coupling::Layered(layers);
        }
        network.bias = (0..self.layers())
            .flat_map(|k| self.block(BlockKind::Bias(k)))
            .map(|&value| f64::from(value))
            .collect();
        Ok(network)
    }

    /// The position of a block among all.
    pub(super) fn place(&self, kind: BlockKind) -> usize {
        match kind {
            BlockKind::Forward(k) => k,
            BlockKind::Feedback(k) => self.layers() + k,
            BlockKind::Bias(k) => self.layers() + self.pairs() + k,
            BlockKind::Parameters => 0,
        }
    }
}

fn kinds(sizes: &[usize]) -> impl Iterator<Item = BlockKind> + use<> {
    let layers = sizes.len().saturating_sub(1);
    (0..layers)
        .map(BlockKind::Forward)
        .chain((0..layers.saturating_sub(1)).map(BlockKind::Feedback))
        .chain((0..layers).map(BlockKind::Bias))
        .chain((layers == 0).then_some(BlockKind::Parameters))
}

fn shape(sizes: &[usize], kind: BlockKind) -> (usize, usize) {
    match kind {
        BlockKind::Forward(k) => (sizes[k + 1], sizes[k]),
        BlockKind::Feedback(k) => (sizes[k + 1], sizes[k + 2]),
        BlockKind::Bias(k) => (sizes[k + 1], 1),
        BlockKind::Parameters => (sizes[0], 1),
    }
}

fn row_major(matrix: &DMatrix<f64>) -> Vec<f32> {
    matrix
        .transpose()
        .iter()
        .map(|&value| value as f32)
        .collect()
}

/// `out` (columns × rows) becomes the transpose of `matrix` (rows × columns), both row-major.
pub(super) fn transpose(matrix: &[f32], rows: usize, columns: usize, out: &mut [f32]) {
    for (i, row) in matrix.chunks_exact(columns).enumerate() {
        for (j, &value) in row.iter().enumerate() {
            out[j * rows + i] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_survives_the_way_there_and_back() {
        let settings = NetworkSettings {
            sizes: vec![5, 4, 3, 2],
            ..NetworkSettings::default()
        };
        let weights = Weights::initial(&settings, 7).unwrap();
        let network = weights.to_network(&settings).unwrap();
        assert_eq!(Weights::of_network(&network, &settings.sizes), weights);
        let glorot = Glorot {
            seed: 7,
            ..Glorot::default()
        };
        let direct = glorot
            .layered(&settings.sizes, Dynamics::Leaky, settings.activation)
            .unwrap();
        let Coupling::Layered(direct) = &direct.coupling else {
            panic!("layered");
        };
        // row 1, column 0 of the matrix from layer 2 to layer 1, at half gain
        let expected = 0.5 * direct.feedback()[0][(1, 0)] as f32;
        assert_eq!(weights.block(BlockKind::Feedback(0))[3], expected);
    }

    #[test]
    fn tied_feedback_is_the_transpose() {
        let settings = NetworkSettings {
            sizes: vec![3, 4, 2],
            tied: true,
            ..NetworkSettings::default()
        };
        let mut weights = Weights::initial(&settings, 1).unwrap();
        let drawn = weights.clone();
        weights.tie();
        assert_eq!(weights, drawn);
        weights.block_mut(BlockKind::Forward(1))[5] = 9.0; // row 1, column 1
        weights.tie();
        assert_eq!(weights.block(BlockKind::Feedback(0))[3], 9.0);
    }

    #[test]
    fn nan_is_the_largest() {
        let mut weights = Weights::zeros(&[2, 2, 1]);
        weights.block_mut(BlockKind::Bias(1))[0] = -3.0;
        assert_eq!(weights.largest(), 3.0);
        weights.block_mut(BlockKind::Forward(0))[1] = f32::NAN;
        assert!(weights.largest().is_nan());
    }
}
