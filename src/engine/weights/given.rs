//! The matrices of a network as a caller has them.

/// Weights row by row, `matrix[i * columns + j]` acting from neuron j on neuron i.
#[derive(Debug, Clone, Copy)]
pub enum RowMajorWeights<'a, T> {
    /// Matrices between neighbouring layers of neurons, input side first, without the input's.
    Layered {
        /// `forward[k]`, n_{k+1} × n_k, from layer k to layer k + 1.
        forward: &'a [&'a [T]],
        /// `feedback[k]`, n_k × n_{k+1}, from layer k + 1 to layer k.
        feedback: &'a [&'a [T]],
    },
    /// One n × n matrix.
    Dense(&'a [T]),
}
