//! A layered network of a problem file.

use super::super::coupling::{Coupling, Layers};
use super::super::network::Network;
use super::network::{
    RawNetwork, Rows, check_inputs, check_size, check_weights, glorot, matrix, refuse, required,
};
use crate::error::{Error, Result};
use crate::io::{Object, expect_length, from_value};

/// The validated network.
pub(super) fn layered(raw: RawNetwork) -> Result<Network> {
    refuse(
        &[
            ("weights", raw.has_weights()),
            ("input_weights", raw.input_weights.is_some()),
            ("outputs", raw.outputs.is_some()),
        ],
        "belongs to networks of type \"dense\". The outputs are the last layer",
    )?;
    let sizes = raw
        .sizes
        .ok_or_else(|| Error::invalid("network.sizes", "missing. List the layers, input first"))?;
    if sizes.len() < 2 {
        return Err(Error::invalid(
            "network.sizes",
            format!("expected at least two layers, found {}", sizes.len()),
        ));
    }
    if let Some(k) = sizes.iter().position(|&size| size == 0) {
        return Err(Error::invalid(
            format!("network.sizes[{k}]"),
            "expected a positive size, found 0",
        ));
    }
    check_inputs("network.sizes[0]", sizes[0])?;
    let neurons = sizes[1..]
        .iter()
        .try_fold(0usize, |sum, &size| sum.checked_add(size));
    let neurons = check_size("network.sizes", neurons)?;
    check_weights(sizes.windows(2).try_fold(0usize, |sum, pair| {
        sum.checked_add(pair[0].checked_mul(pair[1])?)
    }))?;
    if let Some(Object(init)) = &raw.init {
        refuse(
            &[
                ("forward", raw.forward.is_some()),
                ("feedback", raw.feedback.is_some()),
                ("bias", raw.bias.is_some()),
            ],
            "cannot be given together with `init`",
        )?;
        return glorot(init)?.layered(&sizes, raw.dynamics.0, raw.activation.0);
    }
    let pairs = sizes.len() - 2;
    let read_series = |field: &str, given: Option<Vec<Rows>>, shapes: Vec<(usize, usize)>| {
        let series = required(field, given)?;
        if series.len() != shapes.len() {
            return Err(Error::invalid(
                field,
                format!("expected {} matrices, found {}", shapes.len(), series.len()),
            ));
        }
        series
            .iter()
            .zip(shapes)
            .enumerate()
            .map(|(k, (rows, shape))| matrix(&format!("{field}[{k}]"), rows, shape))
            .collect::<Result<Vec<_>>>()
    };
    let mut forward = read_series(
        "network.forward",
        raw.forward,
        (0..=pairs).map(|k| (sizes[k + 1], sizes[k])).collect(),
    )?;
    let feedback_given = if pairs == 0 {
        raw.feedback.or(Some(Vec::new()))
    } else {
        raw.feedback
    };
    let feedback = read_series(
        "network.feedback",
        feedback_given,
        (0..pairs).map(|k| (sizes[k + 1], sizes[k + 2])).collect(),
    )?;
    let bias = match raw.bias {
        None => vec![0.0; neurons],
        Some(value) => {
            let layers: Rows = from_value("network.bias", value)?;
            if layers.len() != sizes.len() - 1 {
                return Err(Error::invalid(
                    "network.bias",
                    format!("expected {} lists, found {}", sizes.len() - 1, layers.len()),
                ));
            }
            for (k, layer) in layers.iter().enumerate() {
                let field = format!("network.bias[{k}]");
                expect_length(&field, layer.len(), sizes[k + 1], "one per neuron")?;
            }
            layers.concat()
        }
    };
    let input_weights = forward.remove(0);
    let layers = Layers::new(&sizes[1..], forward, feedback)
        .ok_or_else(|| Error::invalid("network.sizes", "do not fit the matrices"))?;
    Ok(Network {
        dynamics: raw.dynamics.0,
        activation: raw.activation.0,
        input_weights,
        coupling: Coupling::Layered(layers),
        bias,
        outputs: (neurons - sizes[sizes.len() - 1]..neurons).collect(),
    })
}
