//! The networks of the validation study: random ones of every kind, real digits, and the two-neuron
//! family with a closed form.

use nalgebra::DMatrix;

use super::study::{Fault, StudySettings};
use crate::data::digits;
use crate::dynamics::{Phase, settle};
use crate::error::Result;
use crate::model::{
    Activation, Coupling, Dynamics, Glorot, Layers, Network, Problem, Random, pair_with_asymmetry,
    with_asymmetry,
};

/// One network of the study with its problem.
#[derive(Debug, Clone)]
pub struct Member {
    /// What it is, such as `dense leaky tanh`.
    pub family: String,
    /// λ of W = S + λA, if the network was drawn that way.
    pub asymmetry: Option<f64>,
    /// Draws that were rejected before it (they did not settle, or came near a kink).
    pub redrawn: usize,
    /// The problem.
    pub problem: Problem,
}

#[derive(Clone, Copy)]
enum Shape {
    Dense,
    Layered,
}

/// The kinds of random network, in turn.
const FAMILIES: [(Shape, Dynamics, Activation); 10] = [
    (Shape::Dense, Dynamics::Leaky, Activation::Tanh),
    (Shape::Dense, Dynamics::Hopfield, Activation::Tanh),
    (Shape::Layered, Dynamics::Leaky, Activation::Tanh),
    (Shape::Dense, Dynamics::Leaky, Activation::Logistic),
    (Shape::Dense, Dynamics::Hopfield, Activation::SteepLogistic),
    (Shape::Layered, Dynamics::Leaky, Activation::HardSigmoid),
    (Shape::Dense, Dynamics::Leaky, Activation::Softplus),
    (Shape::Dense, Dynamics::Hopfield, Activation::Logistic),
    (Shape::Layered, Dynamics::Hopfield, Activation::Tanh),
    (Shape::Dense, Dynamics::Leaky, Activation::SteepLogistic),
];

/// Layer sizes of the layered networks, in turn, input first.
const SIZES: [&[usize]; 3] = [&[4, 8, 3], &[3, 7, 6, 2], &[5, 6, 5, 4, 3]];

/// Standard deviation of a network's largest eigenvalues at λ = 1, over the activation's slope.
const GAIN: f64 = 0.6;
/// A neuron closer to a kink than this would feel it in a finite difference.
const KINK_MARGIN: f64 = 5e-3;
/// Rounds through the families that are drawn symmetric (λ = 0).
const SYMMETRIC_ROUNDS: usize = 4;
/// Closer to a bifurcation than this, a finite difference could cross it.
const STABILITY_MARGIN: f64 = 0.15;
const MOST_DRAWS: usize = 50;

/// Draws random network number `index` of the study, or `None` if no draw of many settles.
pub fn random_member(settings: &StudySettings, index: usize) -> Result<Option<Member>> {
    let (shape, dynamics, activation) = FAMILIES[index % FAMILIES.len()];
    let rounds = settings.networks.div_ceil(FAMILIES.len());
    let round = index / FAMILIES.len();
    let level = round.saturating_sub(SYMMETRIC_ROUNDS - 1) as f64
        / rounds.saturating_sub(SYMMETRIC_ROUNDS).max(1) as f64;
    // denser near symmetry, where curves meet their floors
    let asymmetry = settings.largest_asymmetry * level * level;
    for redrawn in 0..MOST_DRAWS {
        let seed = settings
            .seed
            .wrapping_add((index as u64) << 20 | redrawn as u64);
        let problem = draw(
            seed,
            index,
            asymmetry,
            shape,
            swap(settings, dynamics),
            activation,
        )?;
        if usable(settings, &problem) {
            let shape = match shape {
                Shape::Dense => "dense",
                Shape::Layered => "layered",
            };
            return Ok(Some(Member {
                family: format!("{shape} {} {}", dynamics.name(), activation.name()),
                asymmetry: Some(asymmetry),
                redrawn,
                problem,
            }));
        }
    }
    Ok(None)
}

fn swap(settings: &StudySettings, dynamics: Dynamics) -> Dynamics {
    match (settings.fault, dynamics) {
        (Some(Fault::DynamicsSwapped), Dynamics::Leaky) => Dynamics::Hopfield,
        (Some(Fault::DynamicsSwapped), Dynamics::Hopfield) => Dynamics::Leaky,
        (_, dynamics) => dynamics,
    }
}

fn draw(
    seed: u64,
    index: usize,
    asymmetry: f64,
    shape: Shape,
    dynamics: Dynamics,
    activation: Activation,
) -> Result<Problem> {
    let mut random = Random::new(seed, 0);
    // the weights act through the slope of the activation
    let gain = GAIN
        / match activation {
            Activation::Logistic => 0.25,
            Activation::Softplus => 0.75,
            _ => 1.0,
        };
    let round = index / FAMILIES.len();
    let (inputs, network) = match shape {
        Shape::Dense => {
            let n = 3 + (round * 3) % 10;
            let inputs = 1 + round % 3;
            let outputs = (1 + round % 4).min(n);
            let limit = gain * (3.0 / n as f64).sqrt();
            let weights = random.matrix(n, n, limit);
            let network = Network {
                dynamics,
                activation,
                coupling: Coupling::Dense(with_asymmetry(&weights, asymmetry)),
                input_weights: random.matrix(n, inputs, 1.0),
                bias: random.symmetric(n, 0.5),
                outputs: (n - outputs..n).collect(),
            };
            (inputs, network)
        }
        Shape::Layered => {
            let sizes = SIZES[round % SIZES.len()];
            let n: usize = sizes[1..].iter().sum();
            let mut blocks: Vec<(DMatrix<f64>, DMatrix<f64>)> = Vec::new();
            for pair in sizes[1..].windows(2) {
                let limit = gain * (6.0 / (pair[0] + pair[1]) as f64).sqrt();
                let forward = random.matrix(pair[1], pair[0], limit);
                let feedback = random.matrix(pair[0], pair[1], limit);
                blocks.push(pair_with_asymmetry(&forward, &feedback, asymmetry));
            }
            let (forward, feedback) = blocks.into_iter().unzip();
            let layers = Layers::new(&sizes[1..], forward, feedback).ok_or_else(|| {
                crate::Error::invalid("sizes", "the study's layers do not fit together")
            })?;
            let network = Network {
                dynamics,
                activation,
                coupling: Coupling::Layered(layers),
                input_weights: random.matrix(sizes[1], sizes[0], 1.0),
                bias: (0..n).map(|_| random.uniform(0.1, 0.6)).collect(),
                outputs: (n - sizes[sizes.len() - 1]..n).collect(),
            };
            (sizes[0], network)
        }
    };
    let target: Vec<f64> = network
        .outputs
        .iter()
        .map(|_| random.uniform(-1.0, 1.0))
        .collect();
    Problem::new(network, random.symmetric(inputs, 1.0), &target)
}

/// Whether the dynamics settle at a stable point, away from kinks.
fn usable(settings: &StudySettings, problem: &Problem) -> bool {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    let Ok(point) = settle(&phase, &problem.initial_state, &settings.solver).into_fixed_point()
    else {
        return false;
    };
    let kinks = problem.kinks();
    crate::dynamics::spectral_abscissa(point.eigenvalues()) < -STABILITY_MARGIN
        && point
            .state()
            .iter()
            .all(|s| kinks.iter().all(|kink| (s - kink).abs() > KINK_MARGIN))
}

/// A layered 64-32-10 network, hard sigmoid, independent Glorot weights, shown real digits.
///
/// # Errors
/// If the embedded data were damaged.
pub fn digit_members(settings: &StudySettings) -> Result<Vec<Member>> {
    let digits = digits()?;
    let glorot = Glorot {
        seed: settings.seed,
        ..Glorot::default()
    };
    let dynamics = swap(settings, Dynamics::Leaky);
    let mut network = glorot.layered(&[64, 32, 10], dynamics, Activation::HardSigmoid)?;
    let mut random = Random::new(settings.seed, 1);
    network
        .bias
        .iter_mut()
        .for_each(|bias| *bias = random.uniform(0.2, 0.6));
    let mut members = Vec::new();
    let mut redrawn = 0;
    // the data are not shuffled: draw images from all over the set
    while members.len() < settings.digits && redrawn < MOST_DRAWS * settings.digits {
        let digit = &digits[random.index(digits.len())];
        let problem = Problem::new(network.clone(), digit.pixels.clone(), &digit.one_hot())?;
        if usable(settings, &problem) {
            members.push(Member {
                family: "digits 64-32-10".into(),
                asymmetry: None,
                redrawn: std::mem::take(&mut redrawn),
                problem,
            });
        } else {
            redrawn += 1;
        }
    }
    Ok(members)
}

/// Two linear neurons, `W = [[1 − α, ω], [−ω, 1 − α]]`, both outputs: the angle between the EP
/// update and the true gradient is 2·arctan(ω/α) for every target.
///
/// # Errors
/// None in practice: the lengths agree.
pub fn rotation_problem(alpha: f64, omega: f64, target: &[f64; 2]) -> Result<Problem> {
    let network = Network {
        dynamics: Dynamics::Leaky,
        activation: Activation::Identity,
        coupling: Coupling::Dense(DMatrix::from_row_slice(
            2,
            2,
            &[1.0 - alpha, omega, -omega, 1.0 - alpha],
        )),
        input_weights: DMatrix::zeros(2, 0),
        bias: vec![0.3, -0.2],
        outputs: vec![0, 1],
    };
    Problem::new(network, Vec::new(), target)
}
