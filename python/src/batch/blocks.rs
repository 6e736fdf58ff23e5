//! Parameters and their updates in blocks of one precision, in the order of the library's parameters.

use eqprop::Result;
use eqprop::engine::{RowMajorWeights, Scalar};
use eqprop::model;

use super::Batches;

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

impl<T: Scalar> Batches<T> {
    /// Blocks of zeros, in the order of the library's parameters.
    pub(super) fn zeros(&self, inputs: usize) -> Vec<Block<T>> {
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
