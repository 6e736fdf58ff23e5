//! Jacobian homeostasis: the asymmetry of the Jacobian as a penalty on the parameters.

use crate::model::{Parameters, Parametrised, Random};

/// The asymmetry penalty `$L = 2\lVert A\rVert_F^2$`, A the antisymmetric part of
/// `$\mathrm{Jac} = \partial\mu/\partial s$`, and its derivative.
#[derive(Debug, Clone, PartialEq)]
pub struct AsymmetryPenalty {
    /// L, dimensionless. It is 0 if and only if Jac is symmetric.
    pub value: f64,
    /// ∂L/∂θ **at a fixed state**: what the parameters do to the Jacobian where it stands, not by
    /// moving the fixed point. It is the partial derivative that the source follows. Small steps
    /// against it lower L at that state, and at the moving fixed point whenever the state's own
    /// share does not outweigh it.
    pub gradient: Parameters,
}

/// The exact penalty, over all neurons, at any state:
/// `$L = \lVert\mathrm{Jac}\rVert_F^2 - \mathrm{tr}\,\mathrm{Jac}^2 = 2\lVert A\rVert_F^2$`, with
/// `$dL = 2\langle\mathrm{Jac} - \mathrm{Jac}^\top, d\mathrm{Jac}\rangle$`: n products with
/// [`Parametrised::jacobian_pullback`] (A. Laborieux and F. Zenke, arXiv:2309.02214).
pub fn asymmetry_penalty(field: &dyn Parametrised, state: &[f64]) -> AsymmetryPenalty {
    let jacobian = field.jacobian(state);
    let skew = &jacobian - jacobian.transpose();
    let n = state.len();
    let mut gradient = field.parameter_pullback(state, &vec![0.0; n]);
    let mut unit = vec![0.0; n];
    for j in 0..n {
        unit[j] = 1.0;
        let column = field.jacobian_pullback(state, skew.column(j).as_slice(), &unit);
        gradient = gradient.plus(2.0, &column);
        unit[j] = 0.0;
    }
    AsymmetryPenalty {
        value: 0.5 * skew.norm_squared(),
        gradient,
    }
}

/// The penalty from random probes, by Jacobian products alone: the mean over `probes` vectors ε of
/// independent signs of
/// `$\lVert\mathrm{Jac}\,\varepsilon\rVert^2 - \varepsilon^\top\mathrm{Jac}^2\varepsilon$`, and of its
/// derivative. Both are unbiased, with an error that falls like 1/√probes. A single probe may well
/// be negative. No probes give zeros.
pub fn probe_penalty(
    field: &dyn Parametrised,
    state: &[f64],
    probes: usize,
    random: &mut Random,
) -> AsymmetryPenalty {
    let n = state.len();
    let mut penalty = AsymmetryPenalty {
        value: 0.0,
        gradient: field.parameter_pullback(state, &vec![0.0; n]),
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (mut forward, mut backward) = (vec![0.0; n], vec![0.0; n]);
    let weight = 1.0 / probes as f64;
    for _ in 0..probes {
        let probe: Vec<f64> = (0..n)
            .map(|_| if random.unit() < 0.5 { -1.0 } else { 1.0 })
            .collect();
        field.jacobian_vector(state, &probe, &mut forward);
        field.vector_jacobian(state, &probe, &mut backward);
        // ‖Jε‖² − (Jᵀε)·(Jε), and its derivative (2Jε − Jᵀε)ᵀ dJ ε − εᵀ dJ (Jε)
        penalty.value += weight * (dot(&forward, &forward) - dot(&backward, &forward));
        let left: Vec<f64> = forward
            .iter()
            .zip(&backward)
            .map(|(forward, backward)| 2.0 * forward - backward)
            .collect();
        let direct = field.jacobian_pullback(state, &left, &probe);
        let squared = field.jacobian_pullback(state, &probe, &forward);
        penalty.gradient = penalty
            .gradient
            .plus(weight, &direct)
            .plus(-weight, &squared);
    }
    penalty
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Adjoint, Adjustable, Clamped, Dynamics, Glorot, VectorField};

    const STATE: [f64; 5] = [0.3, -0.6, 0.9, 0.1, -0.2];

    fn fields() -> Vec<Clamped<'static>> {
        let glorot = Glorot {
            seed: 5,
            gain: 1.4,
            asymmetry: 0.8,
        };
        let mut out = Vec::new();
        for dynamics in [Dynamics::Leaky, Dynamics::Hopfield] {
            for activation in [Activation::Tanh, Activation::SteepLogistic] {
                out.push(
                    glorot
                        .dense(2, 5, vec![4], dynamics, activation)
                        .into_clamped(&[0.4, -0.7]),
                );
                let layered = glorot.layered(&[2, 3, 2], dynamics, activation).unwrap();
                out.push(layered.into_clamped(&[0.4, -0.7]));
            }
        }
        out
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        for field in fields() {
            let state = &STATE[..field.dimension()];
            let exact = asymmetry_penalty(&field, state);
            let parameters = field.parameters();
            for (k, derivative) in exact.gradient.iter().enumerate() {
                let at = |step: f64| {
                    let mut moved = parameters.clone();
                    *moved.iter_mut().nth(k).unwrap() += step;
                    let jacobian = field.with_parameters(&moved).jacobian(state);
                    // the definition, written out
                    2.0 * ((&jacobian - jacobian.transpose()) * 0.5).norm_squared()
                };
                let expected = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!(
                    (derivative - expected).abs() < 1e-8,
                    "{k}: {derivative} {expected}"
                );
            }
        }
    }

    #[test]
    fn the_default_jacobian_pullback_agrees_with_the_exact_one() {
        struct Plain<'a>(&'a Clamped<'a>);
        impl VectorField for Plain<'_> {
            fn dimension(&self) -> usize {
                self.0.dimension()
            }
            fn velocity(&self, state: &[f64], out: &mut [f64]) {
                self.0.velocity(state, out);
            }
            fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
                self.0.jacobian_vector(state, vector, out);
            }
        }
        impl Adjoint for Plain<'_> {}
        impl Parametrised for Plain<'_> {
            fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
                self.0.parameter_pullback(state, vector)
            }
        }
        for field in fields() {
            let n = field.dimension();
            let (left, right) = (&STATE[..n], &[0.5, 1.0, -2.0, 0.7, 0.2][..n]);
            let exact = field.jacobian_pullback(&STATE[..n], left, right);
            let plain = Plain(&field).jacobian_pullback(&STATE[..n], left, right);
            assert!(exact.norm() > 0.1);
            assert!(exact.plus(-1.0, &plain).norm() < 1e-8);
        }
    }

    #[test]
    fn probes_approach_the_exact_penalty_like_one_over_the_square_root() {
        for field in fields() {
            let state = &STATE[..field.dimension()];
            let exact = asymmetry_penalty(&field, state);
            // root mean square error of repeated estimates
            let errors = |probes: usize| {
                const REPEATS: u64 = 400;
                let (mut value, mut gradient) = (0.0, 0.0);
                for repeat in 0..REPEATS {
                    let mut random = Random::new(repeat, 9);
                    let found = probe_penalty(&field, state, probes, &mut random);
                    value += (found.value - exact.value).powi(2);
                    gradient += found.gradient.plus(-1.0, &exact.gradient).norm().powi(2);
                }
                let mean = |sum: f64| (sum / REPEATS as f64).sqrt();
                (mean(value), mean(gradient))
            };
            let (few, many) = (errors(4), errors(64));
            for (few, many) in [(few.0, many.0), (few.1, many.1)] {
                assert!((few / many / 4.0 - 1.0).abs() < 0.2, "{few} {many}");
            }
        }
    }

    #[test]
    fn a_step_against_the_gradient_lowers_the_asymmetry() {
        for field in fields() {
            let state = &STATE[..field.dimension()];
            let penalty = asymmetry_penalty(&field, state);
            let step = -1e-3 / penalty.gradient.norm();
            let moved = field.with_parameters(&field.parameters().plus(step, &penalty.gradient));
            let lower = asymmetry_penalty(&*moved, state).value;
            assert!(lower < penalty.value);
            let expected = penalty.value - 1e-3 * penalty.gradient.norm();
            assert!((lower - expected).abs() < 1e-4 * (1.0 + penalty.value));
        }
    }

    #[test]
    fn a_symmetric_jacobian_costs_nothing() {
        let glorot = Glorot {
            seed: 3,
            gain: 1.0,
            asymmetry: 0.0,
        };
        let network = glorot.dense(1, 4, vec![0], Dynamics::Hopfield, Activation::Tanh);
        let penalty = asymmetry_penalty(&network.clamp(&[0.3]), &STATE[..4]);
        assert!(penalty.value < 1e-30 && penalty.gradient.norm() < 1e-14);
    }
}
