//! What is measured of the weights, and at the fixed points of the probe set.

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::config::Clamp;
use super::record::{AngleRecord, BlockValue, Observables, PairRecord};
use super::weights::BlockKind;
use crate::error::{Error, Result};
use crate::gradient::{LayeredLinearisation, compare};
use crate::model::{Coupling, Layers, Network};
use crate::numeric::linear_algebra as la;

/// Probe samples whose eigenvalues are computed in wide networks, where they cost more than all the
/// rest. In others all are.
const SPECTRA: usize = 8;
/// What wide means: eigenvalues of a matrix larger than this.
const WIDE: usize = 64;

/// A sample of the probe set at its free fixed point.
#[derive(Debug, Clone)]
pub struct ProbeSample {
    /// The input x.
    pub input: Vec<f64>,
    /// s⁰, n values: first hidden layer to output.
    pub state: Vec<f64>,
    /// ∂C/∂s at the outputs.
    pub cost_gradient: Vec<f64>,
    /// The error vector that training forms its update of, such as `$(s^\beta - s^0)/\beta$`;
    /// n values.
    pub error_vector: Vec<f64>,
}

/// Measures a layered leaky network. Probe samples at which the Jacobian is singular, or that are
/// not finite, are left out.
///
/// # Errors
/// [`Error::InvalidInput`] if the network is not layered and leaky.
pub fn observe(network: &Network, clamp: Clamp, probe: &[ProbeSample]) -> Result<Observables> {
    let Coupling::Layered(layers) = &network.coupling else {
        return Err(Error::invalid("network", "expected a layered network"));
    };
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    let usable = probe.par_iter().enumerate().filter(|(_, sample)| {
        finite(&sample.state) && finite(&sample.cost_gradient) && finite(&sample.error_vector)
    });
    let measured = usable.map(|(k, sample)| {
        let active = active(layers, clamp, &sample.state);
        match LayeredLinearisation::new(network, &sample.state, &active) {
            Ok(linearisation) => Ok(Some(Measured::new(sample, &linearisation, k))),
            Err(Error::SingularJacobian { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    });
    let measured: Vec<Measured<'_>> = measured
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect();
    let asymmetries: Vec<f64> = measured.iter().filter_map(|m| m.asymmetry).collect();
    Ok(Observables {
        pairs: (0..layers.forward().len())
            .map(|k| pair(layers, k))
            .collect(),
        probe: measured.len(),
        jacobian_asymmetry: mean(&asymmetries),
        spectral_abscissa: measured
            .iter()
            .filter_map(|m| m.abscissa)
            .max_by(f64::total_cmp),
        angle: (!measured.is_empty()).then(|| angles(network, layers, &measured)),
    })
}

/// A probe sample with what its linearisation says.
struct Measured<'a> {
    sample: &'a ProbeSample,
    /// g = Jac⁻ᵀ c.
    truth: Vec<f64>,
    asymmetry: Option<f64>,
    abscissa: Option<f64>,
}

impl<'a> Measured<'a> {
    fn new(sample: &'a ProbeSample, linearisation: &LayeredLinearisation, k: usize) -> Self {
        let mut cost_gradient = vec![0.0; sample.state.len()];
        let outputs = sample.state.len() - sample.cost_gradient.len();
        cost_gradient[outputs..].copy_from_slice(&sample.cost_gradient);
        Self {
            sample,
            truth: linearisation.true_error_vector(&cost_gradient),
            asymmetry: linearisation.asymmetry(),
            abscissa: if k < SPECTRA || linearisation.reduced_dimension() <= WIDE {
                linearisation.spectral_abscissa()
            } else {
                None
            },
        }
    }
}

/// The neurons that no bound holds.
fn active(layers: &Layers, clamp: Clamp, state: &[f64]) -> Vec<usize> {
    let clamped = match clamp {
        Clamp::All => state.len(),
        Clamp::Hidden => state.len() - layers.sizes().last().unwrap_or(&0),
        Clamp::None => 0,
    };
    let held = |i: usize| i < clamped && !(state[i] > 0.0 && state[i] < 1.0);
    (0..state.len()).filter(|&i| !held(i)).collect()
}

fn pair(layers: &Layers, k: usize) -> PairRecord {
    let (forward, feedback) = (&layers.forward()[k], layers.feedback()[k].transpose());
    let trace = forward.dot(&feedback);
    let size = forward.norm() * feedback.norm();
    PairRecord {
        trace,
        cosine: (size > 0.0 && size.is_finite()).then(|| trace / size),
    }
}

/// One block of an update summed over samples, `$\sum_p v_p r_p^\top$`, as its factors: error
/// vectors v (EP's and the true ones, one column a sample) and the products of the presynaptic
/// rates, `$K_{pq} = r_p \cdot r_q$`. Norms follow from these without the block itself.
struct Block {
    kind: BlockKind,
    update: DMatrix<f64>,
    truth: DMatrix<f64>,
    kernel: DMatrix<f64>,
}

fn angles(network: &Network, layers: &Layers, measured: &[Measured<'_>]) -> AngleRecord {
    let blocks = blocks(network, layers, measured);
    let all: Vec<&Block> = blocks.iter().collect();
    let of_samples: Vec<f64> = (0..measured.len())
        .filter_map(|p| angle_of_sample(&blocks, p))
        .collect();
    AngleRecord {
        all: angle(&all),
        blocks: blocks
            .iter()
            .map(|block| BlockValue {
                block: block.kind.name(),
                value: angle(&[block]),
            })
            .collect(),
        mean_of_samples: mean(&of_samples),
    }
}

fn blocks(network: &Network, layers: &Layers, measured: &[Measured<'_>]) -> Vec<Block> {
    let samples = measured.len();
    let rate = |s: f64| network.activation.rate(s);
    let kernel = |rates: DMatrix<f64>| la::multiply(&rates.transpose(), &rates);
    let ranges: Vec<_> = layers.ranges().collect();
    let inputs = DMatrix::from_fn(network.inputs(), samples, |i, p| {
        rate(measured[p].sample.input[i])
    });
    let input_kernel = kernel(inputs);
    let kernels: Vec<_> = ranges
        .iter()
        .map(|range| {
            kernel(DMatrix::from_fn(range.len(), samples, |i, p| {
                rate(measured[p].sample.state[range.start + i])
            }))
        })
        .collect();
    let block = |kind, layer: usize, kernel: &DMatrix<f64>| {
        let range = &ranges[layer];
        Block {
            kind,
            update: DMatrix::from_fn(range.len(), samples, |i, p| {
                measured[p].sample.error_vector[range.start + i]
            }),
            truth: DMatrix::from_fn(range.len(), samples, |i, p| {
                measured[p].truth[range.start + i]
            }),
            kernel: kernel.clone(),
        }
    };
    let ones = DMatrix::from_element(samples, samples, 1.0);
    let last = ranges.len();
    let forward = (0..last).map(|k| {
        let source = if k == 0 {
            &input_kernel
        } else {
            &kernels[k - 1]
        };
        block(BlockKind::Forward(k), k, source)
    });
    let feedback = (0..last - 1).map(|k| block(BlockKind::Feedback(k), k, &kernels[k + 1]));
    let bias = (0..last).map(|k| block(BlockKind::Bias(k), k, &ones));
    forward.chain(feedback).chain(bias).collect()
}

/// The angle in degrees between the two sides of some blocks taken together, `None` if one is 0.
fn angle(blocks: &[&Block]) -> Option<f64> {
    // 2 atan2(|u − v|, |u + v|) of the unit vectors keeps its digits at small angles
    let norm = |side: &dyn Fn(&Block) -> DMatrix<f64>| {
        let squares = blocks.iter().map(|block| {
            let vectors = side(block);
            la::multiply(&vectors.transpose(), &vectors).dot(&block.kernel)
        });
        squares.sum::<f64>().max(0.0).sqrt()
    };
    let update = norm(&|block| block.update.clone());
    let truth = norm(&|block| block.truth.clone());
    let usable = |value: f64| value > 0.0 && value.is_finite();
    (usable(update) && usable(truth)).then(|| {
        let minus = norm(&|block| &block.update / update - &block.truth / truth);
        let plus = norm(&|block| &block.update / update + &block.truth / truth);
        (2.0 * minus.atan2(plus)).to_degrees()
    })
}

/// The same of one sample alone, over all blocks.
fn angle_of_sample(blocks: &[Block], sample: usize) -> Option<f64> {
    let side = |vectors: fn(&Block) -> &DMatrix<f64>| -> Vec<f64> {
        let scaled = blocks.iter().flat_map(|block| {
            let size = block.kernel[(sample, sample)].sqrt();
            vectors(block)
                .column(sample)
                .iter()
                .map(|v| v * size)
                .collect::<Vec<_>>()
        });
        scaled.collect()
    };
    let (update, truth) = (side(|block| &block.update), side(|block| &block.truth));
    compare(&update, &truth, &[]).angle_degrees
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
