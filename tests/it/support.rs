//! What the modules share: reference files, random problems, comparisons, the command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use assert_cmd::Command;
use eqprop::dynamics::{FixedPoint, Phase, SolverSettings, settle};
use eqprop::model::{Activation, Dynamics, Glorot, Problem, Random};
use serde_json::Value;

/// A file below tests/reference.
pub fn reference(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/reference")
        .join(path)
}

/// A JSON file of the reference data.
pub fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A reference problem, by name.
pub fn reference_problem(name: &str) -> Problem {
    Problem::read(&reference(&format!("problems/{name}.json"))).unwrap()
}

/// A problem written as a JSON value.
pub fn problem(document: &Value) -> Problem {
    Problem::from_json(&document.to_string()).unwrap_or_else(|error| panic!("{error}"))
}

/// The numbers of a JSON list.
pub fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|number| number.as_f64().unwrap()).collect()
}

/// How the neurons of a random network are coupled.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// All with all; neurons.
    Dense(usize),
    /// In layers; sizes, input first.
    Layered(&'static [usize]),
}

/// A random problem with random biases, input, target and start.
pub fn random_problem(
    seed: u64,
    shape: Shape,
    dynamics: Dynamics,
    activation: Activation,
    gain: f64,
) -> Problem {
    let glorot = Glorot {
        seed,
        gain,
        asymmetry: 1.0,
    };
    let mut network = match shape {
        Shape::Dense(n) => glorot.dense(2, n, vec![n - 1, 0], dynamics, activation),
        Shape::Layered(sizes) => glorot.layered(sizes, dynamics, activation).unwrap(),
    };
    let mut random = Random::new(seed, 1);
    network.bias = random.symmetric(network.dimension(), 0.5);
    let input = random.symmetric(network.inputs(), 1.0);
    let target = random.symmetric(network.outputs.len(), 1.0);
    let start = random.symmetric(network.dimension(), 0.3);
    let mut problem = Problem::new(network, input, &target).unwrap();
    problem.initial_state = start;
    problem
}

/// The fixed point that the free phase of `problem` reaches.
pub fn settled(problem: &Problem, settings: &SolverSettings) -> FixedPoint {
    let field = problem.field();
    let phase = Phase::of_problem(problem, &field);
    settle(&phase, &problem.initial_state, settings)
        .into_fixed_point()
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The largest absolute difference of two lists of equal length.
pub fn gap(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(
            0.0,
            |largest, value| {
                if value <= largest { largest } else { value }
            },
        )
}

/// The largest absolute value of a list.
pub fn size(a: &[f64]) -> f64 {
    gap(a, &vec![0.0; a.len()])
}

/// `‖a − b‖∞ / ‖b‖∞`.
pub fn relative_gap(a: &[f64], b: &[f64]) -> f64 {
    gap(a, b) / size(b)
}

/// The observed order of convergence: the mean slope of log₂ of errors that belong to a parameter
/// halved each time.
pub fn observed_order(errors: &[f64]) -> f64 {
    let first = errors[0];
    let last = errors[errors.len() - 1];
    (first / last).log2() / (errors.len() - 1) as f64
}

/// Errors as a person reads them.
pub fn short(errors: &[f64]) -> String {
    let texts: Vec<String> = errors.iter().map(|error| format!("{error:.1e}")).collect();
    texts.join(", ")
}

/// What the program did.
#[derive(Debug)]
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The one JSON document on standard output.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|e| panic!("stdout is not one JSON document ({e}): {self:?}"))
    }
}

/// Runs the program; it is killed, and the test fails, if it hangs.
pub fn eqprop(arguments: &[&str]) -> Ran {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("eqprop"))
        .args(arguments)
        .timeout(Duration::from_secs(60))
        .output()
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: output
            .status
            .code()
            .unwrap_or_else(|| panic!("killed, perhaps hung: eqprop {arguments:?}")),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A problem file in a directory of its own, for the command line.
pub struct ProblemFile {
    directory: tempfile::TempDir,
}

impl ProblemFile {
    /// Writes `contents` to a new file.
    pub fn new(contents: &[u8]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("problem.json"), contents).unwrap();
        Self { directory }
    }

    /// Its path.
    pub fn path(&self) -> String {
        let path = self.directory.path().join("problem.json");
        path.to_str().unwrap().to_owned()
    }
}

/// `eqprop gradient` on a problem given as a JSON value, with `--json` and more arguments.
pub fn eqprop_gradient(document: &Value, more: &[&str]) -> Ran {
    let file = ProblemFile::new(document.to_string().as_bytes());
    let path = file.path();
    let mut arguments = vec!["gradient", &path, "--json"];
    arguments.extend(more);
    eqprop(&arguments)
}

/// `EQPROP_TEST_SEED`, which draws other random networks than those the tests were written with; 0 if unset.
pub fn seed_offset() -> u64 {
    std::env::var("EQPROP_TEST_SEED").map_or(0, |seed| seed.parse().unwrap())
}

/// How many random siblings of a case a property is tested on: `EQPROP_TEST_CASES` for a long run.
pub fn siblings(usual: u64) -> u64 {
    std::env::var("EQPROP_TEST_CASES").map_or(usual, |cases| cases.parse().unwrap())
}
