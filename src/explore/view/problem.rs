//! The problem under the hand: its text, the two dials of its weights, and what can be moved.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::written::explicit;
use crate::error::{Error, Result};
use crate::explore::examples::EXAMPLES;
use crate::model::{Coupling, Network, Problem, pair_with_asymmetry, with_asymmetry};

/// States of a network that is explored, at most.
const MOST_NEURONS: usize = 400;
/// Biases that a branch is offered along, at most.
const MOST_BIASES: usize = 12;
/// Sliders, at most.
const MOST_SLIDERS: usize = 80;

/// A problem, with the weights W = S + A of a dense network turned into g (S + λA).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Asked {
    /// The problem file.
    pub text: String,
    /// λ. Default 1.
    #[serde(default = "one")]
    pub asymmetry: f64,
    /// g. Default 1.
    #[serde(default = "one")]
    pub gain: f64,
}

fn one() -> f64 {
    1.0
}

impl Asked {
    /// The problem.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] as for files, for more than 400 neurons, and for dials that are no
    /// numbers.
    pub fn problem(&self) -> Result<Problem> {
        let mut problem = Problem::from_json(&self.text)?;
        let sparse = |network: &Network| matches!(network.coupling, Coupling::Sparse(_));
        if problem.network().is_some_and(sparse) {
            let message = "the explorer takes full matrices. Write the weights as rows";
            return Err(Error::invalid("network.weights.sparse", message));
        }
        let neurons = problem.initial_state.len();
        if neurons > MOST_NEURONS {
            let message = format!(
                "the explorer shows up to {MOST_NEURONS} neurons, found {neurons}. `eqprop gradient` takes more"
            );
            return Err(Error::invalid("network", message));
        }
        for (field, value) in [("asymmetry", self.asymmetry), ("gain", self.gain)] {
            if !(-100.0..=100.0).contains(&value) {
                let message = format!("expected a number from -100 to 100, found {value}");
                return Err(Error::invalid(field, message));
            }
        }
        if self.asymmetry == 1.0 && self.gain == 1.0 {
            return Ok(problem);
        }
        if let Some(network) = problem.network_mut() {
            turn(&mut network.coupling, self.asymmetry, self.gain);
        }
        Ok(problem)
    }
}

/// W ← g (S + λA). Of layers, S and A are taken from each feedforward matrix and the transpose of
/// its feedback.
fn turn(coupling: &mut Coupling, asymmetry: f64, gain: f64) {
    match coupling {
        Coupling::Dense(weights) => *weights = with_asymmetry(weights, asymmetry) * gain,
        // refused before: the parts of a sparse matrix have other places
        Coupling::Sparse(_) => {}
        Coupling::Layered(layers) => {
            let pairs = layers.forward().iter().zip(layers.feedback());
            let (forward, feedback): (Vec<_>, Vec<_>) = pairs
                .map(|(forward, feedback)| pair_with_asymmetry(forward, feedback, asymmetry))
                .unzip();
            let matrices = forward.into_iter().chain(feedback);
            let places = layers.matrices_mut();
            places
                .zip(matrices)
                .for_each(|(place, matrix)| *place = matrix * gain);
        }
    }
}

/// What is shown first: the problem that was named, and the examples.
pub(super) fn start(first: Option<&(String, String)>) -> Value {
    let examples: Vec<Value> = EXAMPLES
        .iter()
        .map(|(name, about, text)| json!({"name": name, "about": about, "text": text}))
        .collect();
    let first = first.map(|(name, text)| json!({"name": name, "text": text}));
    json!({"first": first, "examples": examples, "version": env!("CARGO_PKG_VERSION")})
}

/// A number of the problem that a slider moves.
#[derive(Debug, Serialize)]
struct Slider {
    /// Its name.
    label: String,
    /// Its place in the problem (JSON pointer).
    pointer: String,
    value: f64,
    low: f64,
    high: f64,
}

/// A problem with every number written out, and what can be moved in it.
#[derive(Debug, Serialize)]
pub(super) struct Described {
    /// The problem as a file.
    problem: Value,
    /// Where the free phase starts.
    start: Vec<f64>,
    /// Whether it is a network, whose weights have dials.
    is_network: bool,
    /// What a branch can be followed along.
    along: Vec<String>,
    /// Names of the states.
    names: Vec<String>,
    /// Numbers of the outputs.
    outputs: Vec<usize>,
    sliders: Vec<Slider>,
    /// How many numbers have no slider.
    more: usize,
}

/// Describes a problem.
///
/// # Errors
/// As [`Asked::problem`].
pub(super) fn describe(asked: &Asked) -> Result<Described> {
    let problem = asked.problem()?;
    let explicit = explicit(&problem, &asked.text)?;
    let mut sliders = Vec::new();
    collect(&explicit, "", &mut sliders);
    let more = sliders.len().saturating_sub(MOST_SLIDERS);
    sliders.truncate(MOST_SLIDERS);
    Ok(Described {
        names: problem.names(),
        start: problem.initial_state.clone(),
        is_network: problem.network().is_some(),
        along: along(&problem, &explicit),
        outputs: problem.cost.outputs().to_vec(),
        problem: explicit,
        sliders,
        more,
    })
}

fn along(problem: &Problem, explicit: &Value) -> Vec<String> {
    let mut out = vec!["beta".to_owned()];
    if problem.network().is_some() {
        let biases = (0..problem.dimension()).map(|i| format!("bias:{i}"));
        out.extend(["asymmetry".to_owned(), "gain".to_owned()]);
        out.extend(biases.take(MOST_BIASES));
    } else if let Some(parameters) = explicit["field"]["parameters"].as_object() {
        out.extend(parameters.keys().cloned());
    }
    out
}

/// The numbers that may be moved: parameters, input, target, start and time constants.
fn collect(value: &Value, pointer: &str, out: &mut Vec<Slider>) {
    const FIXED: [&str; 4] = ["sizes", "outputs", "state_bounds", "type"];
    match value {
        Value::Number(number) => {
            let value = number.as_f64().unwrap_or(0.0);
            let positive = pointer.contains("/time_constants/");
            let reach = (2.0 * value.abs()).max(if positive { 10.0 } else { 2.0 });
            out.push(Slider {
                label: label(pointer),
                pointer: pointer.to_owned(),
                value,
                low: if positive { 0.05 } else { -reach },
                high: reach,
            });
        }
        Value::Array(values) => {
            for (k, value) in values.iter().enumerate() {
                collect(value, &format!("{pointer}/{k}"), out);
            }
        }
        Value::Object(fields) => {
            let moved = fields
                .iter()
                .filter(|(key, _)| !FIXED.contains(&key.as_str()));
            for (key, value) in moved {
                collect(value, &format!("{pointer}/{key}"), out);
            }
        }
        _ => {}
    }
}

/// `/network/weights/0/1` is `weights[0][1]`.
fn label(pointer: &str) -> String {
    let mut parts = pointer.split('/').skip(1).peekable();
    if matches!(parts.peek(), Some(&"network" | &"field")) {
        parts.next();
    }
    let mut out = String::new();
    for part in parts {
        if part.parse::<usize>().is_ok() {
            out += &format!("[{part}]");
        } else if part != "parameters" {
            out += if out.is_empty() { "" } else { "." };
            out += part;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Asked {
        Asked {
            text: text.into(),
            asymmetry: 1.0,
            gain: 1.0,
        }
    }

    #[test]
    fn every_example_says_of_itself_what_it_is_when_written_out() {
        for (name, _, text) in EXAMPLES {
            let problem = asked(text).problem().unwrap();
            let written = explicit(&problem, text).unwrap().to_string();
            let again = asked(&written).problem().unwrap();
            assert_eq!(again.network(), problem.network(), "{name}");
            assert_eq!(again.initial_state, problem.initial_state, "{name}");
            assert!(!describe(&asked(text)).unwrap().sliders.is_empty());
        }
    }

    #[test]
    fn the_dials_turn_the_weights() {
        let text = EXAMPLES[0].2;
        let plain = asked(text).problem().unwrap();
        let symmetric = Asked {
            asymmetry: 0.0,
            gain: 2.0,
            ..asked(text)
        };
        let turned = symmetric.problem().unwrap().weights().unwrap();
        let weights = plain.weights().unwrap();
        assert!((turned - (&weights + weights.transpose())).norm() < 1e-15);
        let wild = Asked {
            gain: f64::NAN,
            ..asked(text)
        };
        assert!(wild.problem().is_err());
    }
}
