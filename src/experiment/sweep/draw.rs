//! The random problem of a point: the same seed gives the same draws along every other axis.

use nalgebra::DMatrix;

use super::config::SweepConfig;
use super::point::DrawnNetwork;
use crate::error::{Error, Result};
use crate::model::{
    Coupling, Layers, Network, Problem, Random, pair_with_asymmetry, with_asymmetry,
};

/// Streams of [`Random`], one a tensor. `forward[k]` and `feedback[k]` count from theirs.
const INPUT_WEIGHTS: u64 = 3000;
const BIAS: u64 = 3001;
const INPUT: u64 = 3002;
const TARGET: u64 = 3003;
const FORWARD: u64 = 4000;
const FEEDBACK: u64 = 6000;

/// Draws the problem of a point: weights as the configuration documents them, then S + λA, with
/// S and A from W and Wᵀ in a dense network, and from each feedforward matrix and the transpose of
/// the feedback matrix that answers it in a layered one.
///
/// # Errors
/// None for points of a validated configuration.
pub(super) fn draw(config: &SweepConfig, point: &DrawnNetwork) -> Result<Problem> {
    let stream = |stream: u64| Random::new(point.seed, stream);
    let uniform = |number: u64, count: usize, [low, high]: [f64; 2]| -> Vec<f64> {
        let mut random = stream(number);
        (0..count).map(|_| random.uniform(low, high)).collect()
    };
    let weights = |number: u64, rows: usize, columns: usize| {
        let limit = point.gain * (6.0 / (rows + columns) as f64).sqrt();
        stream(number).matrix(rows, columns, limit)
    };
    let n = point.neurons;
    let (coupling, reached) = if point.depth == 0 {
        let coupling = Coupling::Dense(with_asymmetry(&weights(FORWARD, n, n), point.asymmetry));
        (coupling, n)
    } else {
        let mut sizes = vec![n; point.depth];
        sizes.push(config.outputs);
        let (forward, feedback) = (0..point.depth)
            .map(|k| {
                let (below, above) = (sizes[k], sizes[k + 1]);
                let forward = weights(FORWARD + k as u64, above, below);
                let feedback = weights(FEEDBACK + k as u64, below, above);
                pair_with_asymmetry(&forward, &feedback, point.asymmetry)
            })
            .unzip();
        let layers = Layers::new(&sizes, forward, feedback)
            .ok_or_else(|| Error::invalid("depth", "the layers do not fit together"))?;
        (Coupling::Layered(layers), n)
    };
    let neurons = coupling.dimension();
    let drive = uniform(INPUT_WEIGHTS, reached * config.inputs, config.input_weights);
    let network = Network {
        dynamics: point.dynamics,
        activation: point.activation,
        coupling,
        input_weights: DMatrix::from_row_slice(reached, config.inputs, &drive),
        bias: uniform(BIAS, neurons, config.bias),
        outputs: (neurons - config.outputs..neurons).collect(),
    };
    let target = uniform(TARGET, config.outputs, config.target);
    let input = uniform(INPUT, config.inputs, config.input);
    let mut problem = Problem::new(network, input, &target)?;
    if let Some([low, high]) = config.state_bounds {
        problem.state_bounds = Some((low, high));
        problem.initial_state.fill(0f64.clamp(low, high));
    }
    Ok(problem)
}

#[cfg(test)]
mod tests {
    use super::super::point::Grid;
    use super::*;

    fn grid(text: &str) -> Grid {
        Grid::new(&SweepConfig::from_json(text).unwrap())
    }

    #[test]
    fn points_that_differ_in_asymmetry_share_both_parts_and_all_else() {
        for depth in [0, 2] {
            let grid = grid(&format!(
                r#"{{"depth": [{depth}], "neurons": [4], "asymmetry": [0, 1, -1, 0.5]}}"#
            ));
            let problems: Vec<Problem> = (0..4)
                .map(|index| draw(grid.config(), grid.point(index).network().unwrap()).unwrap())
                .collect();
            let matrix = |k: usize| problems[k].network().unwrap().coupling.to_matrix();
            let (symmetric, drawn) = (matrix(0), matrix(1));
            assert!((&symmetric - symmetric.transpose()).norm() < 1e-15);
            assert!((matrix(2) - drawn.transpose()).norm() < 1e-15);
            assert!((matrix(3) - (&symmetric + &drawn) * 0.5).norm() < 1e-15);
            assert!((&drawn - drawn.transpose()).norm() > 0.1);
            for problem in &problems {
                assert_eq!(
                    problem.network().unwrap().bias,
                    problems[0].network().unwrap().bias
                );
                assert_eq!(problem.input, problems[0].input);
                assert_eq!(problem.cost.target(), problems[0].cost.target());
            }
        }
    }

    #[test]
    fn a_seed_never_changes_its_network() {
        let grid = grid(r#"{"neurons": [2], "seeds": [7], "gain": [1]}"#);
        let problem = draw(grid.config(), grid.point(0).network().unwrap()).unwrap();
        let drawn = problem.network().unwrap().coupling.to_matrix();
        let limit = (6.0f64 / 4.0).sqrt();
        let first = Random::new(7, 4000).uniform(-limit, limit);
        assert!((drawn[(0, 0)] - first).abs() < 1e-15);
        assert_eq!(
            problem.network().unwrap().bias[0],
            Random::new(7, 3001).uniform(-0.5, 0.5)
        );
        assert_eq!(problem.input[0], Random::new(7, 3002).uniform(-1.0, 1.0));
        assert_eq!(
            problem.cost.target()[0],
            Random::new(7, 3003).uniform(-1.0, 1.0)
        );
    }
}
