//! What a field in text can do: move, be transposed, be learned, be continued and be enclosed.

use nalgebra::{Complex, DMatrix};

use super::TextField;
use crate::expression::{By, Dual};
use crate::model::analytic::AnalyticField;
use crate::model::parameters::Parameters;
use crate::model::vector_field::{
    Adjoint, Adjustable, IntervalField, MOST_OF_JACOBIAN, Parametrised, VectorField,
};
use crate::numeric::Interval;

impl VectorField for TextField {
    fn dimension(&self) -> usize {
        self.equations.states.len()
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.velocity_at(0.0, state, out);
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.with_registers(state, 0.0, |registers| {
            self.equations.program.along(registers, vector, out);
        });
    }

    fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        let n = self.dimension();
        let mut matrix = DMatrix::zeros(n, n);
        let rows = self.with_registers(state, 0.0, |registers| {
            self.equations.program.rows(registers, By::States)
        });
        for (i, row) in rows.into_iter().enumerate() {
            for (input, value) in row.into_iter().take_while(|(input, _)| *input < n) {
                matrix[(i, input)] = value;
            }
        }
        matrix
    }

    fn on_kink(&self, state: &[f64]) -> Vec<usize> {
        self.with_registers(state, 0.0, |registers| {
            self.equations.program.on_kink(registers)
        })
    }

    fn description(&self) -> String {
        "a field with kinks or conditions".into()
    }

    fn analytic(&self) -> Option<&dyn AnalyticField> {
        (self.equations.program.is_analytic()).then_some(self as &dyn AnalyticField)
    }

    fn intervals(&self) -> Option<&dyn IntervalField> {
        Some(self)
    }
}

impl Adjoint for TextField {
    fn vector_jacobian(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        self.with_registers(state, 0.0, |registers| {
            let pulls = self
                .equations
                .program
                .backward(registers, vector, By::States);
            out.copy_from_slice(&pulls[..out.len()]);
        });
    }
}

impl Parametrised for TextField {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        self.with_registers(state, 0.0, |registers| {
            self.learned_of(
                &self
                    .equations
                    .program
                    .backward(registers, vector, By::Values),
            )
        })
    }

    /// The derivative of the pullback along `right`, by dual numbers.
    fn jacobian_pullback(&self, state: &[f64], left: &[f64], right: &[f64]) -> Parameters {
        let program = &self.equations.program;
        let state: Vec<Dual<f64>> = (state.iter().zip(right))
            .map(|(&value, &slope)| Dual { value, slope })
            .collect();
        let weights: Vec<Dual<f64>> = (left.iter())
            .map(|&value| Dual { value, slope: 0.0 })
            .collect();
        let registers = program.registers(&self.prepared, &state);
        let pulls = program.backward(&registers, &weights, By::Values);
        let slopes: Vec<f64> = pulls.iter().map(|pull| pull.slope).collect();
        self.learned_of(&slopes)
    }

    fn parameter_metric(&self, state: &[f64]) -> DMatrix<f64> {
        let n = self.dimension();
        let rows = self.learned_rows(state);
        let mut matrix = DMatrix::zeros(n, n);
        let mut dense = vec![0.0; self.learned.len()];
        for (i, row) in rows.iter().enumerate() {
            row.iter().for_each(|(k, value)| dense[*k] = *value);
            for (j, other) in rows.iter().enumerate().take(i + 1) {
                let product: f64 = other.iter().map(|(k, value)| dense[*k] * value).sum();
                matrix[(i, j)] = product;
                matrix[(j, i)] = product;
            }
            row.iter().for_each(|(k, _)| dense[*k] = 0.0);
        }
        matrix
    }

    fn parameter_jacobian(&self, state: &[f64]) -> Option<DMatrix<f64>> {
        let (count, n) = (self.learned.len(), self.dimension());
        if count.saturating_mul(n) > MOST_OF_JACOBIAN {
            return None;
        }
        let mut matrix = DMatrix::zeros(count, n);
        for (i, row) in self.learned_rows(state).into_iter().enumerate() {
            for (k, value) in row {
                matrix[(k, i)] = value;
            }
        }
        Some(matrix)
    }

    fn adjustable(&self) -> Option<&dyn Adjustable> {
        Some(self)
    }
}

impl Adjustable for TextField {
    fn parameters(&self) -> Parameters {
        let values: Vec<f64> = self.learned.iter().map(|&k| self.values[k]).collect();
        self.block(&values)
    }

    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_> {
        Box::new(self.with_learned(parameters.iter()))
    }
}

impl AnalyticField for TextField {
    fn complex_velocity(&self, state: &[Complex<f64>], out: &mut [Complex<f64>]) {
        let program = &self.equations.program;
        let registers = program.registers(&self.prepared, state);
        for (out, &register) in out.iter_mut().zip(program.outputs()) {
            *out = registers[register as usize];
        }
    }

    fn complex_jacobian_vector(
        &self,
        state: &[Complex<f64>],
        vector: &[Complex<f64>],
        out: &mut [Complex<f64>],
    ) {
        let registers = self.equations.program.registers(&self.prepared, state);
        self.equations.program.along(&registers, vector, out);
    }
}

impl TextField {
    /// ∂μᵢ/∂p of every state, for the learned parameters that it depends on, by their place among them.
    fn learned_rows(&self, state: &[f64]) -> Vec<Vec<(usize, f64)>> {
        let first = self.equations.program.states();
        let mut place = vec![None; self.equations.program.inputs()];
        for (k, &position) in self.learned.iter().enumerate() {
            place[first + position] = Some(k);
        }
        let rows = self.with_registers(state, 0.0, |registers| {
            self.equations.program.rows(registers, By::Values)
        });
        let learned = |row: Vec<(usize, f64)>| {
            let own = row.into_iter();
            own.filter_map(|(input, value)| Some((place[input]?, value)))
                .collect()
        };
        rows.into_iter().map(learned).collect()
    }

    fn interval_registers(&self, region: &[Interval]) -> Vec<Interval> {
        let others = self.values.iter().map(|&value| Interval::point(value));
        let inputs: Vec<Interval> = region.iter().copied().chain(others).collect();
        self.equations.program.registers_of(&inputs)
    }
}

impl IntervalField for TextField {
    fn range(&self, region: &[Interval]) -> Vec<Interval> {
        let registers = self.interval_registers(region);
        let outputs = self.equations.program.outputs().iter();
        outputs
            .map(|&register| registers[register as usize])
            .collect()
    }

    fn derivative_range(&self, region: &[Interval]) -> Option<Vec<Vec<Interval>>> {
        let program = &self.equations.program;
        let registers = self.interval_registers(region);
        if !program.is_continuous(&registers) {
            return None;
        }
        let n = self.dimension();
        let rows = program.rows(&registers, By::States).into_iter().map(|row| {
            let mut dense = vec![Interval::ZERO; n];
            for (input, value) in row.into_iter().take_while(|(input, _)| *input < n) {
                dense[input] = value;
            }
            dense
        });
        Some(rows.collect())
    }
}
