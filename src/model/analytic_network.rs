//! Networks with analytic activations, continued to complex states.

use super::activation::Activation;
use super::analytic::{AnalyticField, C64};
use super::clamped::Clamped;
use super::dynamics::Dynamics;

/// 1/(1+e^{−z}) without overflow.
fn logistic(z: C64) -> C64 {
    let one = C64::new(1.0, 0.0);
    if z.re >= 0.0 {
        one / (one + (-z).exp())
    } else {
        let power = z.exp();
        power / (one + power)
    }
}

/// ρ(z), ρ′(z), ρ″(z) of an analytic activation, or `None` of the others.
fn continuation(activation: Activation, z: C64) -> Option<[C64; 3]> {
    let one = C64::new(1.0, 0.0);
    match activation {
        Activation::Identity => Some([z, one, C64::new(0.0, 0.0)]),
        Activation::Tanh => {
            let t = logistic(z * 2.0) * 2.0 - one;
            let slope = one - t * t;
            Some([t, slope, t * slope * -2.0])
        }
        Activation::Logistic => {
            let r = logistic(z);
            let slope = r * (one - r);
            Some([r, slope, slope * (one - r * 2.0)])
        }
        Activation::Softplus => {
            let r = logistic(z);
            // ln(1 + e^z) = z + ln(1 + e^{−z}), whichever does not overflow
            let value = if z.re > 0.0 {
                z + (one + (-z).exp()).ln()
            } else {
                (one + z.exp()).ln()
            };
            Some([value, r, r * (one - r)])
        }
        Activation::SteepLogistic => {
            let r = logistic(z * 4.0 - 2.0);
            let slope = r * (one - r) * 4.0;
            Some([r, slope, slope * (one - r * 2.0) * 4.0])
        }
        Activation::HardSigmoid | Activation::Relu => None,
    }
}

/// Whether an activation continues to complex voltages.
pub(super) fn is_analytic(activation: Activation) -> bool {
    continuation(activation, C64::new(0.0, 0.0)).is_some()
}

impl Clamped<'_> {
    /// Of what acts on other neurons.
    fn continued(&self, state: &[C64], order: usize) -> Vec<C64> {
        Self::of(self.network().source(), state, order)
    }

    fn of(activation: Activation, values: &[C64], order: usize) -> Vec<C64> {
        values
            .iter()
            .map(|&z| continuation(activation, z).map_or(C64::new(f64::NAN, 0.0), |all| all[order]))
            .collect()
    }

    /// `W r` for complex rates: two real products.
    fn complex_coupling(&self, rates: &[C64]) -> Vec<C64> {
        let coupling = &self.network().coupling;
        let product = |part: fn(&C64) -> f64| {
            let part: Vec<f64> = rates.iter().map(part).collect();
            let mut out = vec![0.0; rates.len()];
            coupling.multiply_add(&part, &mut out);
            out
        };
        let (re, im) = (product(|z| z.re), product(|z| z.im));
        re.into_iter()
            .zip(im)
            .map(|(re, im)| C64::new(re, im))
            .collect()
    }

    /// Wρ(z) + Uρ(x) + b.
    fn complex_drive(&self, state: &[C64]) -> Vec<C64> {
        let mut drive = self.complex_coupling(&self.continued(state, 0));
        for (drive, constant) in drive.iter_mut().zip(self.constant_drive()) {
            *drive += *constant;
        }
        drive
    }
}

impl AnalyticField for Clamped<'_> {
    fn complex_velocity(&self, state: &[C64], out: &mut [C64]) {
        let mut drive = self.complex_drive(state);
        match self.network().dynamics {
            Dynamics::Leaky => {}
            Dynamics::Hopfield => {
                let slopes = self.continued(state, 1);
                drive
                    .iter_mut()
                    .zip(slopes)
                    .for_each(|(drive, slope)| *drive *= slope);
            }
            Dynamics::Rate => drive = Self::of(self.network().activation, &drive, 0),
        }
        for ((out, drive), z) in out.iter_mut().zip(drive).zip(state) {
            *out = drive - z;
        }
    }

    fn complex_jacobian_vector(&self, state: &[C64], vector: &[C64], out: &mut [C64]) {
        let slopes = self.continued(state, 1);
        let moved: Vec<C64> = slopes
            .iter()
            .zip(vector)
            .map(|(slope, v)| slope * v)
            .collect();
        let mut product = self.complex_coupling(&moved);
        if self.network().dynamics == Dynamics::Rate {
            let drive = self.complex_drive(state);
            let gates = Self::of(self.network().activation, &drive, 1);
            product
                .iter_mut()
                .zip(gates)
                .for_each(|(product, gate)| *product *= gate);
        }
        if self.network().dynamics == Dynamics::Hopfield {
            let drive = self.complex_drive(state);
            let curvatures = self.continued(state, 2);
            for i in 0..product.len() {
                product[i] = product[i] * slopes[i] + curvatures[i] * drive[i] * vector[i];
            }
        }
        for ((out, product), v) in out.iter_mut().zip(product).zip(vector) {
            *out = product - v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VectorField;
    use crate::model::{Glorot, Network};
    use nalgebra::DMatrix;

    fn complex_jacobian(field: &Clamped, state: &[C64]) -> DMatrix<C64> {
        let n = state.len();
        let zero = C64::new(0.0, 0.0);
        let mut matrix = DMatrix::from_element(n, n, zero);
        for j in 0..n {
            let mut unit = vec![zero; n];
            unit[j] = C64::new(1.0, 0.0);
            let mut column = vec![zero; n];
            field.complex_jacobian_vector(state, &unit, &mut column);
            matrix.column_mut(j).copy_from_slice(&column);
        }
        matrix
    }

    fn field(dynamics: Dynamics, activation: Activation) -> Clamped<'static> {
        let glorot = Glorot {
            seed: 4,
            gain: 1.5,
            ..Glorot::default()
        };
        let network: Network = glorot.dense(2, 4, vec![3], dynamics, activation);
        network.into_clamped(&[0.4, -0.7])
    }

    #[test]
    fn the_continuation_is_the_field_on_the_real_axis_and_holomorphic_off_it() {
        for activation in Activation::ALL.into_iter().filter(|&a| is_analytic(a)) {
            for dynamics in [Dynamics::Leaky, Dynamics::Hopfield, Dynamics::Rate] {
                let field = field(dynamics, activation);
                let real = [0.3, -0.8, 1.4, 0.1];
                let z: Vec<C64> = real.iter().map(|&s| C64::new(s, 0.0)).collect();
                let (mut expected, mut found) = (vec![0.0; 4], z.clone());
                field.velocity(&real, &mut expected);
                field.complex_velocity(&z, &mut found);
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((found - expected).norm() < 1e-14, "{activation:?}");
                }
                let matrix = complex_jacobian(&field, &z);
                let gap = (matrix.map(|z| z.re) - field.jacobian(&real)).amax();
                assert!(gap < 1e-13, "{activation:?} {gap}");

                // off the axis: the same derivative along both directions
                let z: Vec<C64> = real.iter().map(|&s| C64::new(s, 0.4 - s)).collect();
                let matrix = complex_jacobian(&field, &z);
                for direction in [C64::new(1e-6, 0.0), C64::new(0.0, 1e-6)] {
                    let shifted = |sign: f64| {
                        let mut moved = z.clone();
                        moved[1] += direction * sign;
                        let mut out = moved.clone();
                        field.complex_velocity(&moved, &mut out);
                        out
                    };
                    let (plus, minus) = (shifted(1.0), shifted(-1.0));
                    for i in 0..4 {
                        let slope = (plus[i] - minus[i]) / (direction * 2.0);
                        assert!((slope - matrix[(i, 1)]).norm() < 1e-8, "{activation:?}");
                    }
                }
            }
        }
    }
}
