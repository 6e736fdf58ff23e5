//! Vector fields that estimators follow beside the network's own.

use nalgebra::DMatrix;

use super::linearisation::Linearisation;
use crate::model::VectorField;
use crate::numeric::linear_algebra as la;

/// The linear field `μ(y) = M y + q`, without parameters: sensitivities and recurrent
/// backpropagation are its trajectories.
#[derive(Debug, Clone)]
pub struct LinearField {
    matrix: DMatrix<f64>,
    offset: Vec<f64>,
}

impl LinearField {
    /// `M y + q`, M being n × n and q of n values.
    pub fn new(matrix: DMatrix<f64>, offset: Vec<f64>) -> Self {
        Self { matrix, offset }
    }

    /// `Jac y − c` (the sensitivity of the nudged phase) or, transposed, `Jacᵀ y − c` (recurrent
    /// backpropagation), over all n neurons. Pinned ones decay to 0 by themselves.
    pub fn companion(
        linearisation: &Linearisation,
        transposed: bool,
        cost_gradient: &[f64],
    ) -> Self {
        let n = cost_gradient.len();
        let active = linearisation.active();
        let jacobian = linearisation.jacobian();
        let mut matrix = -DMatrix::<f64>::identity(n, n);
        let mut offset = vec![0.0; n];
        for (p, &i) in active.iter().enumerate() {
            offset[i] = -cost_gradient[i];
            for (q, &j) in active.iter().enumerate() {
                matrix[(i, j)] = if transposed {
                    jacobian[(q, p)]
                } else {
                    jacobian[(p, q)]
                };
            }
        }
        Self { matrix, offset }
    }
}

impl VectorField for LinearField {
    fn dimension(&self) -> usize {
        self.offset.len()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        out.copy_from_slice(&self.offset);
        la::multiply_vector(&self.matrix, state, out, true);
    }

    fn jacobian_vector(&self, _state: &[f64], vector: &[f64], out: &mut [f64]) {
        la::multiply_vector(&self.matrix, vector, out, false);
    }
}

/// A field with `(Jacᵀ − Jac)(s − s⁰)` added, so that its Jacobian at s⁰ is Jacᵀ: nudging it gives
/// the true error vector (AsymEP, Scurria et al., arXiv:2602.03670).
pub struct Augmented<'a> {
    inner: &'a dyn VectorField,
    skew: LinearField,
}

impl<'a> Augmented<'a> {
    /// Augments `inner` around the free fixed point `free`.
    pub fn new(inner: &'a dyn VectorField, linearisation: &Linearisation, free: &[f64]) -> Self {
        let n = free.len();
        let zeros = vec![0.0; n];
        let forward = LinearField::companion(linearisation, false, &zeros);
        let backward = LinearField::companion(linearisation, true, &zeros);
        let skew = backward.matrix - forward.matrix;
        let mut offset = vec![0.0; n];
        la::multiply_vector(&skew, free, &mut offset, false);
        offset.iter_mut().for_each(|value| *value = -*value);
        Self {
            inner,
            skew: LinearField::new(skew, offset),
        }
    }

    fn add(&self, apply: impl Fn(&LinearField, &mut [f64]), out: &mut [f64]) {
        let mut extra = vec![0.0; out.len()];
        apply(&self.skew, &mut extra);
        for (out, extra) in out.iter_mut().zip(extra) {
            *out += extra;
        }
    }
}

impl VectorField for Augmented<'_> {
    fn dimension(&self) -> usize {
        self.inner.dimension()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.inner.velocity(state, out);
        self.add(|skew, extra| skew.velocity(state, extra), out);
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.inner.jacobian_vector(state, vector, out);
        self.add(
            |skew, extra| skew.jacobian_vector(state, vector, extra),
            out,
        );
    }

    fn jumps(&self) -> &[f64] {
        self.inner.jumps()
    }

    fn kinks(&self) -> &[f64] {
        self.inner.kinks()
    }

    fn on_pieces(&self, pieces: &[usize]) -> Option<Box<dyn VectorField + '_>> {
        let piece = self.inner.on_pieces(pieces)?;
        let origin = vec![0.0; self.dimension()];
        let mut offset = origin.clone();
        piece.velocity(&origin, &mut offset);
        self.add(|skew, extra| skew.velocity(&origin, extra), &mut offset);
        let matrix = piece.jacobian(&origin) + &self.skew.matrix;
        Some(Box::new(LinearField::new(matrix, offset)))
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        self.inner.on_kink(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Phase, SolverSettings, settle};
    use crate::model::{Activation, Dynamics, Glorot};

    #[test]
    fn an_augmented_field_has_the_corners_of_its_own_and_the_transposed_jacobian_at_rest() {
        for (dynamics, activation, jumps) in [
            (Dynamics::Leaky, Activation::Tanh, &[][..]),
            (Dynamics::Leaky, Activation::HardSigmoid, &[]),
            (Dynamics::Hopfield, Activation::HardSigmoid, &[0.0, 1.0]),
        ] {
            let weak = Glorot {
                gain: 0.2,
                ..Glorot::default()
            };
            let mut network = weak.dense(1, 4, vec![3], dynamics, activation);
            network.bias = vec![0.4, 0.5, 0.6, 0.5];
            let field = network.clamp(&[0.3]);
            let phase = Phase::free(&field);
            let settled = settle(&phase, &[0.5; 4], &SolverSettings::default());
            let point = settled.into_fixed_point().unwrap();
            let jacobian = field.jacobian(point.state());
            let linearisation = Linearisation::new(&point).unwrap();
            let augmented = Augmented::new(&field, &linearisation, point.state());
            assert_eq!(augmented.jumps(), jumps);
            assert_eq!(augmented.kinks(), field.kinks());
            assert_eq!(
                augmented.on_kink(point.state()),
                field.on_kink(point.state())
            );
            let gap = augmented.jacobian(point.state()) - jacobian.transpose();
            assert!(
                gap.amax() < 1e-14,
                "{dynamics:?} {activation:?} {}",
                gap.amax()
            );
        }
    }
}
