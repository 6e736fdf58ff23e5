//! Derivatives of a Python function: given by another one, or by differences.

use nalgebra::DMatrix;

use super::exchange::{called, matrix};
use super::{Function, locked};

/// First step of a central difference, relative to the size of what is moved.
const STEP: f64 = 2e-3;

impl Function {
    /// d/dh of `at(h)` at 0 by central differences with one extrapolation, and its estimated error.
    fn difference(&self, mut at: impl FnMut(f64) -> Vec<f64>, step: f64) -> Vec<f64> {
        let mut central = |step: f64| -> Vec<f64> {
            let (plus, minus) = (at(step), at(-step));
            let pairs = plus.iter().zip(&minus);
            pairs
                .map(|(plus, minus)| (plus - minus) / (2.0 * step))
                .collect()
        };
        let (coarse, fine, finest) = (central(step), central(0.5 * step), central(0.25 * step));
        let extrapolated = |fine: &[f64], coarse: &[f64], weight: f64| -> Vec<f64> {
            let pairs = fine.iter().zip(coarse);
            pairs
                .map(|(fine, coarse)| fine + (fine - coarse) / weight)
                .collect()
        };
        let first = extrapolated(&fine, &coarse, 3.0);
        let second = extrapolated(&finest, &fine, 3.0);
        let best = extrapolated(&second, &first, 15.0);
        let error = best
            .iter()
            .zip(&second)
            .fold(0.0f64, |error, (best, second)| {
                error.max((best - second).abs())
            });
        let mut state = locked(&self.functions.state);
        if error.is_finite() {
            state.difference_error = state.difference_error.max(error);
        }
        best
    }

    /// ∂μ/∂s v by differences.
    pub(super) fn directional(&self, state: &[f64], direction: &[f64]) -> Vec<f64> {
        let size = |values: &[f64]| values.iter().fold(0.0f64, |size, v| size.max(v.abs()));
        let length = size(direction);
        if length == 0.0 {
            return vec![0.0; self.dimension];
        }
        let at = |h: f64| {
            let moved: Vec<f64> = state
                .iter()
                .zip(direction)
                .map(|(s, v)| s + h * v)
                .collect();
            let mut out = vec![0.0; self.dimension];
            self.evaluate(&moved, &mut out);
            out
        };
        self.difference(at, STEP * size(state).max(1.0) / length)
    }

    /// ∂μ/∂s as the function `jacobian` gives it, else by differences.
    pub(super) fn matrix_at(&self, state: &[f64]) -> DMatrix<f64> {
        if let Some((at, matrix)) = &locked(&self.last).jacobian
            && at == state
        {
            return matrix.clone();
        }
        let n = self.dimension;
        let given = self.functions.jacobian.as_ref();
        let matrix = match given {
            Some(function) => self.call(|py| {
                let arguments = self.arguments(py, state, None)?;
                let found = called(py, function, arguments)?;
                matrix(py, "the result of jacobian", &found, (n, n))
            }),
            None => {
                let mut unit = vec![0.0; n];
                let columns = (0..n).flat_map(|j| {
                    unit[j] = 1.0;
                    let column = self.directional(state, &unit);
                    unit[j] = 0.0;
                    column
                });
                Some(DMatrix::from_iterator(n, n, columns))
            }
        };
        let matrix = matrix.unwrap_or_else(|| DMatrix::from_element(n, n, f64::NAN));
        locked(&self.last).jacobian = Some((state.to_vec(), matrix.clone()));
        matrix
    }

    /// ∂μ/∂θ by differences: a column a parameter.
    pub(super) fn by_parameters(&self, state: &[f64]) -> DMatrix<f64> {
        if let Some((at, matrix)) = &locked(&self.last).by_parameters
            && at == state
        {
            return matrix.clone();
        }
        let count = self.parameters.len();
        let values: Vec<f64> = self.parameters.iter().collect();
        let columns = (0..count).flat_map(|k| {
            let at = |h: f64| {
                let mut moved = self.clone();
                if let Some(value) = moved.parameters.iter_mut().nth(k) {
                    *value += h;
                }
                let mut out = vec![0.0; self.dimension];
                moved.evaluate(state, &mut out);
                out
            };
            self.difference(at, STEP * values[k].abs().max(1.0))
        });
        let matrix = DMatrix::from_iterator(self.dimension, count, columns);
        locked(&self.last).by_parameters = Some((state.to_vec(), matrix.clone()));
        matrix
    }
}
