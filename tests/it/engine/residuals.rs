//! A residual that is claimed is that of the field, in every phase.

use eqprop::dynamics::Phase;
use eqprop::engine::{End, Engine, Nudge, OutputCost, SampleReport, Scalar, States};
use eqprop::model::Activation;

use super::{Case, both_phases, control, phase};

/// The claimed residual is the one that the vector field gives at the returned state, in both phases.
fn claims_hold<T: Scalar>(tolerance: f64, rounding: f64) {
    for activation in Activation::ALL {
        for bounds in [None, Some((0.0, 1.0))] {
            for sizes in [&[6, 9, 3][..], &[5, 20, 17, 11, 4], &[4, 3]] {
                let case = Case::layered(sizes, activation, 0.6, 3, bounds, 7);
                let mut engine = case.engine::<T>(1);
                let drive = case.drive();
                let mut states = States::zeros(&case.sizes, 7);
                let targets: Vec<T> = case.targets().into_iter().map(T::from_f64).collect();
                let nudge = Nudge {
                    cost: OutputCost::SquaredError,
                    beta: 0.3,
                    signs: None,
                    targets: &targets,
                };
                for nudge in [None, Some(nudge)] {
                    let reports: Vec<SampleReport> = engine
                        .settle(&drive, &mut states, nudge.as_ref(), &control(tolerance))
                        .unwrap()
                        .to_vec();
                    for (sample, report) in reports.iter().enumerate() {
                        assert_eq!(
                            report.end,
                            End::Settled,
                            "{activation:?} {bounds:?} {report:?}"
                        );
                        let field = case.network.clamp(&case.inputs[sample]);
                        let cost = case.cost(sample);
                        let mut phase = phase(&field, bounds);
                        if let Some(nudge) = nudge {
                            phase = phase.nudged(&cost, nudge.beta);
                        }
                        let residual = phase.residual(&case.state(&states, sample));
                        assert!(
                            (residual - report.residual).abs() <= rounding,
                            "{activation:?} {bounds:?} {sizes:?}: {residual:e}, claimed {report:?}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn claimed_residuals_are_those_of_the_field() {
    claims_hold::<f64>(1e-10, 1e-13);
    claims_hold::<f32>(1e-5, 3e-6);
}

/// A nudged phase that begins where the free one ended is not swept there again, and ends as one that is, to the
/// last bit; nor does it remember weights or drives that are no longer there.
#[test]
fn a_nudged_phase_goes_on_from_the_free_one() {
    for (sizes, bounds) in [(&[6, 9, 3][..], None), (&[5, 20, 17, 4], Some((0.0, 1.0)))] {
        let case = Case::layered(sizes, Activation::HardSigmoid, 0.6, 3, bounds, 7);
        let other = Case::layered(sizes, Activation::HardSigmoid, 0.4, 4, bounds, 7);
        let (drive, other_drive) = (case.drive(), other.drive());
        let targets: Vec<f32> = case
            .targets()
            .into_iter()
            .map(|target| target as f32)
            .collect();
        let control = control(1e-5);
        for cost in [OutputCost::SquaredError, OutputCost::SoftmaxCrossEntropy] {
            let nudge = Nudge {
                cost,
                beta: 0.3,
                signs: None,
                targets: &targets,
            };
            let mut engine = case.engine::<f32>(2);
            let mut free = States::zeros(&case.sizes, 7);
            engine.settle(&drive, &mut free, None, &control).unwrap();
            let nudged = |engine: &mut Engine<f32>, drive: &[f32]| {
                let mut states = free.clone();
                let reports = engine.settle(drive, &mut states, Some(&nudge), &control);
                (reports.unwrap().to_vec(), states)
            };
            let expected = nudged(&mut case.engine(2), &drive);
            assert_eq!(nudged(&mut engine, &drive), expected);
            // and once more, from where it has been
            assert_eq!(nudged(&mut engine, &drive), expected);

            let mut start = free.clone();
            engine.settle(&drive, &mut start, None, &control).unwrap();
            let found = nudged(&mut engine, &other_drive);
            assert_eq!(found, nudged(&mut case.engine(2), &other_drive));
            engine.settle(&drive, &mut start, None, &control).unwrap();
            engine.set_network(&other.network).unwrap();
            let found = nudged(&mut engine, &drive);
            assert_eq!(found, nudged(&mut other.engine(2), &drive));
        }
    }
}

#[test]
fn what_is_not_a_number_is_never_settled() {
    for activation in Activation::ALL {
        let case = Case::layered(&[4, 6, 5, 3], activation, 0.5, 5, None, 3);
        let mut engine = case.engine::<f64>(1);
        for poisoned in 0..4 {
            let mut drive = case.drive();
            let mut states = States::zeros(&case.sizes, 3);
            match poisoned {
                0 => drive[6] = f64::NAN,
                layer => states.layers[layer - 1][case.sizes[layer - 1]] = f64::NAN,
            }
            let reports = engine
                .settle(&drive, &mut states, None, &control(1e-8))
                .unwrap();
            assert!(reports[0].settled() && reports[2].settled());
            assert_eq!(reports[1].end, End::Diverged, "{activation:?} {poisoned}");
        }
    }
}

#[test]
fn softmax_nudges_rest_where_their_force_is_zero() {
    let case = Case::layered(&[5, 12, 9, 4], Activation::Tanh, 0.7, 8, None, 5);
    let [_, nudged] = both_phases::<f64>(&case, 1);
    let targets = case.targets();
    for sample in 0..5 {
        let field = case.network.clamp(&case.inputs[sample]);
        let state = case.state(&nudged, sample);
        let mut force = vec![0.0; state.len()];
        Phase::free(&field).force(&state, &mut force);
        let sign = if sample % 2 == 0 { 1.0 } else { -1.0 };
        let mut slope = vec![0.0; 4];
        OutputCost::SoftmaxCrossEntropy.gradient(
            &state[state.len() - 4..],
            &targets[4 * sample..4 * sample + 4],
            &mut slope,
        );
        let first = state.len() - 4;
        for k in 0..4 {
            force[first + k] -= sign * 0.4 * slope[k];
        }
        assert!(force.iter().all(|force| force.abs() <= 1e-5), "{force:?}");
    }
}

#[test]
fn a_nudge_that_turns_the_output_round_is_refused() {
    let case = Case::layered(&[4, 8, 3], Activation::Tanh, 0.8, 5, None, 3);
    let (mut engine, drive) = (case.engine::<f64>(1), case.drive());
    for beta in [-1.0, f64::NAN, f64::INFINITY] {
        let nudge = Nudge {
            cost: OutputCost::SquaredError,
            beta,
            signs: None,
            targets: &case.targets(),
        };
        let mut states = States::zeros(&case.sizes, 3);
        let error = engine.settle(&drive, &mut states, Some(&nudge), &control(1e-9));
        assert!(error.is_err(), "{beta}");
    }
}
