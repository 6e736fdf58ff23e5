//! A network as equations in text.

use std::collections::HashSet;
use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::super::activation::Activation;
use super::super::coupling::Coupling;
use super::super::dynamics::Dynamics;
use super::super::network::Network;
use super::super::problem::Problem;
use crate::error::Result;

/// ρ′(s) as an expression, on kinks that of the flat side.
fn slope(activation: Activation, s: &str) -> String {
    match activation {
        Activation::Identity => "1".into(),
        Activation::Tanh => format!("(1/cosh({s})^2)"),
        Activation::Logistic => format!("(logistic({s})*logistic(-{s}))"),
        Activation::HardSigmoid => format!("if({s} > 0 & {s} < 1, 1, 0)"),
        Activation::Relu => format!("if({s} > 0, 1, 0)"),
        Activation::Softplus => format!("logistic({s})"),
        Activation::SteepLogistic => format!("(4*steep_logistic({s})*logistic(2 - 4*{s}))"),
    }
}

/// Whether neuron j can act on neuron i.
fn connected(network: &Network) -> Box<dyn Fn(usize, usize) -> bool + '_> {
    match &network.coupling {
        Coupling::Dense(_) => Box::new(|_, _| true),
        Coupling::Sparse(weights) => {
            let places = weights.places();
            let pairs = places.row.iter().zip(&places.column);
            let listed: HashSet<(usize, usize)> =
                pairs.map(|(&i, &j)| (i as usize, j as usize)).collect();
            Box::new(move |i, j| listed.contains(&(i, j)))
        }
        Coupling::Layered(layers) => {
            let ranges: Vec<_> = layers.ranges().collect();
            let layer = move |i: usize| ranges.iter().position(|range| range.contains(&i));
            Box::new(move |i, j| {
                layer(i)
                    .zip(layer(j))
                    .is_some_and(|(a, b)| a.abs_diff(b) == 1)
            })
        }
    }
}

/// The same problem with its network written out: states `s0`, …, parameters `w0_1` (from 1 to 0),
/// `u0_0` and `b0`, inputs `x0`, ….
pub(super) fn written_out(problem: &Problem, network: &Network) -> Result<Problem> {
    problem.allow_full_matrices()?;
    let n = network.dimension();
    let weights = network.coupling.to_matrix();
    let rate = network.activation.name();
    let is_rate = network.dynamics == Dynamics::Rate;
    // where bounds hold all states in the straight part of ρ, the kinks at its ends are no part of the dynamics
    let is_straight = (problem.state_bounds).is_some_and(|(low, high)| match network.activation {
        Activation::HardSigmoid => low >= 0.0 && high <= 1.0,
        Activation::Relu => low >= 0.0,
        _ => false,
    });
    let acting = |name: String, is_bare: bool| {
        if is_rate || is_bare {
            name
        } else {
            format!("{rate}({name})")
        }
    };
    let acts = connected(network);
    let (mut equations, mut parameters) = (Map::new(), Map::new());
    for i in 0..n {
        let mut drive = format!("b{i}");
        parameters.insert(drive.clone(), network.bias[i].into());
        for j in (0..n).filter(|&j| acts(i, j)) {
            let _ = write!(
                drive,
                " + w{i}_{j}*{}",
                acting(format!("s{j}"), is_straight)
            );
            parameters.insert(format!("w{i}_{j}"), weights[(i, j)].into());
        }
        if i < network.input_weights.nrows() {
            for k in 0..network.inputs() {
                let _ = write!(drive, " + u{i}_{k}*{}", acting(format!("x{k}"), false));
                parameters.insert(format!("u{i}_{k}"), network.input_weights[(i, k)].into());
            }
        }
        let equation = match network.dynamics {
            Dynamics::Leaky => format!("{drive} - s{i}"),
            Dynamics::Rate => format!("{rate}({drive}) - s{i}"),
            Dynamics::Hopfield if is_straight => format!("{drive} - s{i}"),
            Dynamics::Hopfield => {
                format!(
                    "{}*({drive}) - s{i}",
                    slope(network.activation, &format!("s{i}"))
                )
            }
        };
        equations.insert(format!("s{i}"), equation.into());
    }
    let inputs = problem.input.iter().enumerate();
    let inputs: Map<String, Value> = inputs
        .map(|(k, x)| (format!("x{k}"), (*x).into()))
        .collect();
    let document = json!({
        "field": {"equations": equations, "parameters": parameters, "inputs": inputs},
    });
    let mut text = Problem::from_json(&document.to_string())?;
    text.cost = problem.cost.clone();
    text.initial_state = problem.initial_state.clone();
    text.time_constants = problem.time_constants.clone();
    text.state_bounds = problem.state_bounds;
    Ok(text)
}
