//! Error vectors against the linear solve and the asymmetric nudge.

use eqprop::engine::{Nudge, OutputCost, SampleReport, States};
use eqprop::model::Activation;

use super::{Case, control, phase};

#[test]
fn error_vectors_are_those_of_the_linear_solve_and_of_the_asymmetric_nudge() {
    for (activation, bounds) in [
        (Activation::Tanh, None),
        (Activation::HardSigmoid, Some((0.0, 1.0))),
    ] {
        let case = Case::layered(&[5, 12, 9, 4], activation, 0.7, 8, bounds, 5);
        let mut engine = case.engine::<f64>(1);
        let drive = case.drive();
        let mut free = States::zeros(&case.sizes, 5);
        let tight = control(1e-13);
        engine.settle(&drive, &mut free, None, &tight).unwrap();
        let targets = case.targets();
        let outputs = case.outputs();
        let mut costs = vec![0.0; 5 * outputs];
        for sample in 0..5 {
            let own = sample * outputs..(sample + 1) * outputs;
            OutputCost::SquaredError.gradient(
                &free.layers[2][own.clone()],
                &targets[own.clone()],
                &mut costs[own],
            );
        }
        let mut errors = States::zeros(&case.sizes, 5);
        let reports = engine
            .error_vectors(&free, &costs, &mut errors, &tight)
            .unwrap();
        assert!(reports.iter().all(SampleReport::settled));
        let beta = 1e-4;
        let both: Vec<States<f64>> = [beta, -beta]
            .into_iter()
            .map(|beta| {
                let nudge = Nudge {
                    cost: OutputCost::SquaredError,
                    beta,
                    signs: None,
                    targets: &targets,
                };
                let mut nudged = free.clone();
                engine
                    .settle_asymmetric(&drive, &mut nudged, &free, &nudge, &tight)
                    .unwrap();
                nudged
            })
            .collect();
        for sample in 0..5 {
            let field = case.network.clamp(&case.inputs[sample]);
            let phase = phase(&field, bounds);
            let state = case.state(&free, sample);
            let pinned = phase.pinned(&state);
            let n = state.len();
            let jacobian = phase.force_jacobian(&state);
            let mut matrix = jacobian.transpose();
            let mut c = nalgebra::DVector::zeros(n);
            for k in 0..outputs {
                c[n - outputs + k] = costs[sample * outputs + k];
            }
            for i in (0..n).filter(|&i| pinned[i]) {
                matrix.row_mut(i).fill(0.0);
                matrix.column_mut(i).fill(0.0);
                matrix[(i, i)] = 1.0;
                c[i] = 0.0;
            }
            let exact = matrix.lu().solve(&c).unwrap();
            let found = case.state(&errors, sample);
            let (up, down) = (case.state(&both[0], sample), case.state(&both[1], sample));
            for i in 0..n {
                assert!((exact[i] - found[i]).abs() < 1e-10, "{activation:?} {i}");
                let response = (up[i] - down[i]) / (2.0 * beta);
                assert!(
                    (exact[i] - response).abs() < 1e-6,
                    "{activation:?} {i}: {} {response}",
                    exact[i]
                );
            }
        }
    }
}
