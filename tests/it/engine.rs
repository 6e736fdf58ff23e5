//! The engine's fixed points: their residuals, where the trajectory goes, and what they do not depend on.

use eqprop::dynamics::engine::{
    Control, End, Engine, EngineSettings, Nudge, OutputCost, SampleReport, Scalar, States, Weights,
};
use eqprop::dynamics::{Outcome, Phase, SolverSettings, settle};
use eqprop::model::{Activation, Coupling, Dynamics, Glorot, Network, SquaredError};

/// A layered network, its engine, and the drives of a few inputs.
struct Case {
    network: Network,
    sizes: Vec<usize>,
    bounds: Option<(f64, f64)>,
    inputs: Vec<Vec<f64>>,
}

fn row_major(matrix: &nalgebra::DMatrix<f64>) -> Vec<f64> {
    matrix.transpose().as_slice().to_vec()
}

impl Case {
    fn layered(
        sizes: &[usize],
        activation: Activation,
        gain: f64,
        seed: u64,
        bounds: Option<(f64, f64)>,
        samples: usize,
    ) -> Self {
        let glorot = Glorot {
            seed,
            gain,
            ..Glorot::default()
        };
        let network = glorot.layered(sizes, Dynamics::Leaky, activation).unwrap();
        let inputs = (0..samples)
            .map(|sample| {
                (0..sizes[0])
                    .map(|i| ((7 * sample + 3 * i + 1) % 11) as f64 / 10.0)
                    .collect()
            })
            .collect();
        Self {
            network,
            sizes: sizes[1..].to_vec(),
            bounds,
            inputs,
        }
    }

    fn rates(&self) -> Vec<f64> {
        self.inputs
            .iter()
            .flatten()
            .map(|&x| self.network.activation.rate(x))
            .collect()
    }

    fn outputs(&self) -> usize {
        *self.sizes.last().unwrap()
    }

    fn targets(&self) -> Vec<f64> {
        (0..self.inputs.len() * self.outputs())
            .map(|i| f64::from(u8::from(i % (self.outputs() + 1) == 0)))
            .collect()
    }

    fn engine<T: Scalar>(&self, threads: usize) -> Engine<T> {
        let cast = |values: Vec<f64>| -> Vec<T> { values.into_iter().map(T::from_f64).collect() };
        let mut settings =
            EngineSettings::layered(self.network.activation, self.inputs[0].len(), &self.sizes);
        settings.threads = threads;
        if let Some((low, high)) = self.bounds {
            settings = settings.with_state_bounds(low, high);
        }
        let mut engine = Engine::new(settings).unwrap();
        let Coupling::Layered(layers) = &self.network.coupling else {
            unreachable!()
        };
        let matrices = |matrices: &[nalgebra::DMatrix<f64>]| -> Vec<Vec<T>> {
            matrices.iter().map(|m| cast(row_major(m))).collect()
        };
        let (forward, feedback) = (matrices(layers.forward()), matrices(layers.feedback()));
        let bias: Vec<Vec<T>> = layers
            .ranges()
            .map(|range| cast(self.network.bias[range].to_vec()))
            .collect();
        engine
            .set_weights(
                Weights::Layered {
                    forward: &forward.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                    feedback: &feedback.iter().map(Vec::as_slice).collect::<Vec<_>>(),
                },
                &bias.iter().map(Vec::as_slice).collect::<Vec<_>>(),
            )
            .unwrap();
        engine
            .set_input_weights(&cast(row_major(&self.network.input_weights)))
            .unwrap();
        engine
    }

    fn drive<T: Scalar>(&self, engine: &mut Engine<T>) -> Vec<T> {
        let inputs: Vec<T> = self.rates().into_iter().map(T::from_f64).collect();
        let mut drive = vec![T::ZERO; self.inputs.len() * self.sizes[0]];
        engine.drive(&inputs, &mut drive).unwrap();
        drive
    }

    /// The state of one sample as the rest of the crate holds it.
    fn state<T: Scalar>(&self, states: &States<T>, sample: usize) -> Vec<f64> {
        self.sizes
            .iter()
            .zip(&states.layers)
            .flat_map(|(&n, layer)| &layer[sample * n..(sample + 1) * n])
            .map(|s| s.to_f64())
            .collect()
    }

    fn cost(&self, sample: usize) -> SquaredError {
        let outputs = self.outputs();
        let target = &self.targets()[sample * outputs..(sample + 1) * outputs];
        SquaredError::new(&self.network.outputs, target).unwrap()
    }
}

fn phase<'a>(field: &'a eqprop::model::Clamped, bounds: Option<(f64, f64)>) -> Phase<'a> {
    let phase = Phase::free(field);
    match bounds {
        Some((low, high)) => phase.with_state_bounds(low, high),
        None => phase,
    }
}

fn control(tolerance: f64) -> Control {
    Control {
        tolerance,
        ..Control::default()
    }
}

/// The claimed residual is the one that the vector field gives at the returned state, in both phases.
fn claims_hold<T: Scalar>(tolerance: f64, rounding: f64) {
    for activation in Activation::ALL {
        for bounds in [None, Some((0.0, 1.0))] {
            for sizes in [&[6, 9, 3][..], &[5, 20, 17, 11, 4], &[4, 3]] {
                let case = Case::layered(sizes, activation, 0.6, 3, bounds, 7);
                let mut engine = case.engine::<T>(1);
                let drive = case.drive(&mut engine);
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

#[test]
fn it_rests_where_the_trajectory_rests() {
    for (activation, bounds) in [
        (Activation::Tanh, None),
        (Activation::HardSigmoid, Some((0.0, 1.0))),
        (Activation::SteepLogistic, Some((-0.2, 0.9))),
    ] {
        let case = Case::layered(&[5, 12, 8, 3], activation, 0.7, 11, bounds, 4);
        let mut engine = case.engine::<f64>(1);
        let drive = case.drive(&mut engine);
        let mut states = States::zeros(&case.sizes, 4);
        engine
            .settle(&drive, &mut states, None, &control(1e-12))
            .unwrap();
        for sample in 0..4 {
            let field = case.network.clamp(&case.inputs[sample]);
            let phase = phase(&field, bounds);
            let outcome = settle(
                &phase,
                &vec![0.0; field.network().dimension()],
                &SolverSettings::default(),
            );
            let (Outcome::Settled(point) | Outcome::AlreadySettled(point)) = outcome else {
                panic!("{outcome:?}")
            };
            for (a, b) in point.state().iter().zip(case.state(&states, sample)) {
                assert!((a - b).abs() < 1e-9, "{a} {b}");
            }
        }
    }
}
