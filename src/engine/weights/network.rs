//! A packed network: layers side by side in padded rows, weights packed.

use super::layout::{BLOCK, CHUNK, Layout, panel_rows};
use super::packed::Packed;
use crate::model::{self, Activation, Coupling};
use crate::numeric::Scalar;

/// One layer of neurons, with its place in a row of the state.
#[derive(Debug, Clone)]
pub(crate) struct PackedLayer<T> {
    pub size: usize,
    /// `size` rounded up to whole panels.
    pub padded: usize,
    pub offset: usize,
    /// Whether its rates are sent as lists too: many are 0, and a matrix reads them so.
    pub listed: bool,
    /// Where the lists of its rates begin.
    pub first_block: usize,
    pub bounds: Option<(T, T)>,
    /// Matrices that act on this layer, with the layer from which each comes.
    pub incoming: Vec<(usize, Packed<T>)>,
    /// The transposed matrices of those that leave this layer.
    pub outgoing: Vec<(usize, Packed<T>)>,
    /// One row of `padded` numbers.
    pub bias: Vec<T>,
}

impl<T: Scalar> PackedLayer<T> {
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.padded
    }

    /// The lists of its rates.
    pub fn blocks(&self) -> std::ops::Range<usize> {
        let count = if self.listed {
            self.size.div_ceil(BLOCK)
        } else {
            0
        };
        self.first_block..self.first_block + count
    }

    /// Rows that panels write.
    pub fn written(&self) -> usize {
        (self.incoming.first()).map_or(0, |(_, matrix)| matrix.all_panels().end * matrix.panel_rows)
    }

    /// The groups of its rows.
    pub fn groups(&self) -> usize {
        (self.incoming.first()).map_or(0, |(_, matrix)| matrix.groups())
    }

    /// Where a group of its rows begins, or the last one ends.
    pub fn group_start(&self, group: usize) -> usize {
        (self.incoming.first()).map_or(0, |(_, matrix)| {
            matrix.group_panels(group).start * matrix.panel_rows
        })
    }

    /// Whether its matrices read lists.
    pub fn reads_lists(&self) -> bool {
        (self.incoming.first()).is_some_and(|(_, matrix)| matrix.layout == Layout::Groups)
    }
}

/// Layers, and the two sets into which they fall: no two layers of one set act on each other.
#[derive(Debug, Clone)]
pub(crate) struct PackedNetwork<T> {
    pub activation: Activation,
    pub layers: Vec<PackedLayer<T>>,
    /// Layers whose force is measured at every sweep: the output's, and every second one from there. In
    /// a dense network the only layer.
    pub measured: Vec<usize>,
    /// Layers solved exactly, given the measured ones.
    pub solved: Vec<usize>,
    /// Numbers in a row of the state. The measured layers come first.
    pub stride: usize,
    /// Lists in a row of rates.
    pub blocks: usize,
    /// Numbers of the measured layers.
    pub measured_length: usize,
    /// 1 on the output neurons of the last layer, 0 elsewhere, padded.
    pub output_mask: Vec<T>,
    /// Output neurons in the last layer.
    pub outputs: Vec<usize>,
    /// A row of zeros for any layer.
    pub zeros: Vec<T>,
    transposes_ready: bool,
}

impl<T: Scalar> PackedNetwork<T> {
    pub fn new(
        activation: Activation,
        sizes: &[usize],
        dense: bool,
        outputs: Vec<usize>,
        bounds: &[Option<(f64, f64)>],
    ) -> Self {
        let last = sizes.len() - 1;
        let (measured, solved): (Vec<_>, Vec<_>) = (0..sizes.len())
            .rev()
            .partition(|k| (last - k).is_multiple_of(2));
        let sparse = matches!(activation, Activation::HardSigmoid | Activation::Relu);
        // a list takes longer to write than one panel to read without it
        let reads_lists = |layer: usize| sparse && sizes[layer] > panel_rows::<T>();
        // whole panels, and whole chunks
        let unit = panel_rows::<T>() * CHUNK / gcd(panel_rows::<T>(), CHUNK);
        let mut layers: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(k, &size)| {
                let neighbours = if dense {
                    vec![k]
                } else {
                    [k.checked_sub(1), (k < last).then_some(k + 1)]
                        .into_iter()
                        .flatten()
                        .collect()
                };
                let layout = if reads_lists(k) {
                    Layout::Groups
                } else {
                    Layout::Panels
                };
                let matrices = || -> Vec<_> {
                    neighbours
                        .iter()
                        .map(|&from| (from, Packed::zeros(size, sizes[from], layout)))
                        .collect()
                };
                let padded = size.next_multiple_of(unit);
                PackedLayer {
                    size,
                    padded,
                    offset: 0,
                    listed: neighbours.iter().any(|&to| reads_lists(to)),
                    first_block: 0,
                    bounds: bounds
                        .get(k)
                        .copied()
                        .flatten()
                        .map(|(low, high)| (T::from_f64(low), T::from_f64(high))),
                    incoming: matrices(),
                    outgoing: matrices(),
                    bias: vec![T::ZERO; padded],
                }
            })
            .collect();
        let (mut stride, mut blocks, mut measured_length) = (0, 0, 0);
        for (position, &k) in measured.iter().chain(&solved).enumerate() {
            layers[k].offset = stride;
            layers[k].first_block = blocks;
            stride += layers[k].padded;
            if layers[k].listed {
                blocks += layers[k].size.div_ceil(BLOCK);
            }
            if position < measured.len() {
                measured_length = stride;
            }
        }
        let mut output_mask = vec![T::ZERO; layers[last].padded];
        for &output in &outputs {
            output_mask[output] = T::ONE;
        }
        Self {
            activation,
            zeros: vec![T::ZERO; layers.iter().map(|layer| layer.padded).max().unwrap_or(0)],
            layers,
            measured,
            solved,
            stride,
            blocks,
            measured_length,
            output_mask,
            outputs,
            transposes_ready: false,
        }
    }

    /// Weights of the matrices that read lists.
    pub fn listed_weights(&self) -> usize {
        let layers = self.layers.iter().filter(|layer| layer.reads_lists());
        let matrices = layers.flat_map(|layer| &layer.incoming);
        matrices
            .map(|(_, matrix)| matrix.rows * matrix.columns)
            .sum()
    }

    /// The last layer.
    pub fn last(&self) -> &PackedLayer<T> {
        &self.layers[self.layers.len() - 1]
    }

    /// All matrices to be written: the layer on which each acts, the one from which it comes, whether it is
    /// to be transposed. Transposes are among them once something has asked for them.
    pub fn coupling_mut(&mut self) -> impl Iterator<Item = (usize, usize, bool, &mut Packed<T>)> {
        let wanted = self.transposes_ready;
        let layers = self.layers.iter_mut().enumerate();
        layers.flat_map(move |(k, layer)| {
            let (incoming, outgoing) = (layer.incoming.iter_mut(), layer.outgoing.iter_mut());
            let outgoing = outgoing.filter(move |_| wanted);
            incoming
                .map(move |(from, packed)| (k, *from, false, packed))
                .chain(outgoing.map(move |(to, packed)| (*to, k, true, packed)))
        })
    }

    /// Takes the coupling and the biases of a network of the same shape.
    pub fn set(&mut self, network: &model::Network) {
        self.transposes_ready = false;
        for (to, from, _, packed) in self.coupling_mut() {
            let filled;
            let matrix = match &network.coupling {
                Coupling::Dense(matrix) => matrix,
                Coupling::Layered(layers) if from < to => &layers.forward()[from],
                Coupling::Layered(layers) => &layers.feedback()[to],
                Coupling::Sparse(weights) => {
                    filled = weights.matrix().to_dense();
                    &filled
                }
            };
            packed.set_columns(matrix.as_slice());
        }
        let mut bias = network.bias.iter();
        for layer in &mut self.layers {
            let own = &mut layer.bias[..layer.size];
            for (slot, &value) in own.iter_mut().zip(&mut bias) {
                *slot = T::from_f64(value);
            }
        }
    }

    /// A layer's bias.
    pub fn bias_mut(&mut self, layer: usize) -> &mut [T] {
        let layer = &mut self.layers[layer];
        &mut layer.bias[..layer.size]
    }

    /// Makes the transposed matrices, if they are not there.
    pub fn prepare_transposes(&mut self) {
        if std::mem::replace(&mut self.transposes_ready, true) {
            return;
        }
        for k in 0..self.layers.len() {
            let mut outgoing = std::mem::take(&mut self.layers[k].outgoing);
            for (to, transposed) in &mut outgoing {
                for (from, matrix) in &self.layers[*to].incoming {
                    if *from == k {
                        transposed.set_transpose_of(matrix);
                    }
                }
            }
            self.layers[k].outgoing = outgoing;
        }
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}
