//! The workloads of the benches are those of the peers: numbers that the peers' scripts print.

#[path = "../../benches/workloads/generator.rs"]
mod generator;
#[path = "../../benches/workloads/problems.rs"]
#[expect(dead_code, reason = "the bench uses all of it, the tests a part")]
mod problems;

use eqprop::dynamics::{Phase, SolverSettings, settle};
use eqprop::model::{Activation, Coupling};

#[test]
fn the_generator_is_the_peers() {
    assert_eq!(
        generator::uniform(101, 1, 3),
        [0.26452088732185386, 0.9224523618850617, 0.4022847501944885]
    );
    // seeds wrap
    assert_eq!(
        generator::uniform(u64::MAX, 1_000_004, 2),
        generator::uniform(0, 1, 2)
    );
}

#[test]
fn w1_is_the_peers() {
    let network = problems::w1(0);
    let weights = network.coupling.to_matrix();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-8, "{found}");
    close(weights[(0, 0)], -0.09228859);
    close(weights[(0, 1)], 0.16556684);
    close(network.bias[0], -0.57800922);
    close(network.bias[1], -0.33856718);
    let field = network.clamp(&[]);
    let point = settle(&Phase::free(&field), &[0.0; 50], &SolverSettings::default())
        .into_fixed_point()
        .unwrap();
    assert!((point.state().iter().sum::<f64>() + 2.413_660_500_079_721_3).abs() < 1e-11);
}

#[test]
fn layers_stand_in_the_order_of_this_crate() {
    let problem = problems::w3(0, 20);
    let Coupling::Layered(layers) = &problem.network.coupling else {
        panic!("not layered")
    };
    assert_eq!(layers.sizes(), [512, 512, 512, 10]);
    assert_eq!(problem.network.outputs, (1536..1546).collect::<Vec<_>>());
    // about a fifth of the pixels, one target each in turn
    let active = problem.inputs.iter().filter(|&&x| x > 0.0).count();
    assert!((0.19..0.21).contains(&(active as f64 / (784.0 * 20.0))));
    assert_eq!(problem.costs[13].target()[3], 1.0);
    // the matrix into the output is the peers' stream 10, its feedback stream 20
    let limit = (6.0_f64 / 522.0).sqrt();
    let first = |stream| generator::symmetric(303, stream, 1, limit)[0];
    assert_eq!(layers.forward()[2][(0, 0)], first(10));
    assert_eq!(layers.feedback()[2][(0, 0)], first(20));
}

#[test]
fn w2_and_w4_settle_where_the_peers_do() {
    use eqprop::dynamics::{BatchPhase, BatchSettings, settle_batch};
    use eqprop::model::ClampedBatch;
    use nalgebra::DMatrix;
    use std::borrow::Cow;

    let settings = BatchSettings {
        tolerance: 1e-9,
        ..BatchSettings::default()
    };
    for (activation, first, sum) in [
        (
            Activation::SteepLogistic,
            [-0.00428498, -0.71337356, 0.10945404],
            -84.763190,
        ),
        (
            Activation::HardSigmoid,
            [0.01092153, -0.49781869, 0.07358519],
            -72.673267,
        ),
    ] {
        let problem = problems::w2(0, activation, 20);
        let field =
            ClampedBatch::with_input_rates(&problem.network, Cow::Borrowed(&problem.inputs));
        let starts = DMatrix::zeros(522, 20);
        let run = settle_batch(&BatchPhase::free(&field), &starts, &settings).unwrap();
        assert!(run.all_settled());
        for (k, expected) in first.iter().enumerate() {
            assert!((run.states[(512 + k, 0)] - expected).abs() < 1e-6);
        }
        assert!(
            (run.states.sum() - sum).abs() < 1e-4,
            "{}",
            run.states.sum()
        );
    }

    let networks = problems::w4(0);
    assert_eq!(networks.len(), 420);
    // λ = 0 is symmetric, λ = 1 is the matrix that was drawn
    let weights = |k: usize| networks[k].network.coupling.to_matrix();
    assert_eq!(weights(0), weights(0).transpose());
    assert!(weights(400) != weights(400).transpose());
    assert_eq!(networks[0].network.bias, networks[400].network.bias);
}
