//! What a field in text can do: move, be transposed, be learned, be continued and be enclosed.

use nalgebra::{Complex, DMatrix};

use super::TextField;
use crate::expression::{By, Dual};
use crate::model::analytic::AnalyticField;
use crate::model::metric_factor::MetricFactor;
use crate::model::parameters::Parameters;
use crate::model::vector_field::{Adjoint, Adjustable, IntervalField, Parametrised, VectorField};
use crate::numeric::{Interval, norm};

/// Most states of which a matrix takes the place of its products.
const MOST_DENSE: usize = 128;

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

    fn jacobian_products(&self) -> usize {
        let n = self.dimension();
        // a matrix of numbers, most of which may be 0
        if n > MOST_DENSE {
            return n;
        }
        self.equations.program.rows_in_products().min(n)
    }

    fn logarithmic_norm(&self) -> Option<f64> {
        let rates = self.equations.program.coupled_rates(&self.prepared)?;
        Some(rates.logarithmic_norm())
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
        let influence = self.influence(state);
        let own = influence
            .alone
            .iter()
            .map(|norm| norm * norm)
            .collect::<Vec<_>>();
        let mut matrix = DMatrix::from_diagonal(&own.into());
        let mut dense = vec![0.0; influence.shared];
        for (i, row) in influence.rows.iter().enumerate() {
            row.iter().for_each(|(k, value)| dense[*k] = *value);
            for (j, other) in influence.rows.iter().enumerate().take(i + 1) {
                let product: f64 = other.iter().map(|(k, value)| dense[*k] * value).sum();
                matrix[(i, j)] += product;
                matrix[(j, i)] = matrix[(i, j)];
            }
            row.iter().for_each(|(k, _)| dense[*k] = 0.0);
        }
        matrix
    }

    fn metric_factor(&self, state: &[f64]) -> Option<MetricFactor> {
        /// Most numbers of a matrix.
        const MOST: usize = 20_000_000;
        let n = self.dimension();
        let influence = self.influence(state);
        if influence.shared == 0 {
            return Some(MetricFactor::Diagonal(influence.alone));
        }
        let count = n + influence.shared;
        if count.saturating_mul(n) > MOST {
            return None;
        }
        let mut matrix = DMatrix::zeros(count, n);
        for (i, (&norm, row)) in influence.alone.iter().zip(&influence.rows).enumerate() {
            matrix[(i, i)] = norm;
            row.iter()
                .for_each(|&(k, value)| matrix[(n + k, i)] = value);
        }
        Some(MetricFactor::Matrix(matrix))
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

/// `$\partial\mu/\partial\theta$`, with the parameters that move one state only put together: they are so many
/// directions, of which one moves it and the others do nothing.
struct Influence {
    /// The norm of those that move this state only.
    alone: Vec<f64>,
    /// How many others there are.
    shared: usize,
    /// Those of the others that move this state, with the derivatives.
    rows: Vec<Vec<(usize, f64)>>,
}

impl TextField {
    fn influence(&self, state: &[f64]) -> Influence {
        let first = self.equations.program.states();
        // of every input: how many states it moves
        let mut moves = vec![0u32; self.equations.program.inputs()];
        let mut is_learned = vec![false; moves.len()];
        (self.learned.iter()).for_each(|position| is_learned[first + position] = true);
        let mut rows = self.with_registers(state, 0.0, |registers| {
            self.equations.program.rows(registers, By::Values)
        });
        for row in &mut rows {
            row.retain(|&(input, value)| is_learned[input] && value != 0.0);
            row.iter().for_each(|&(input, _)| moves[input] += 1);
        }
        let is_alone = |input: usize| moves[input] == 1;
        let alone = rows.iter().map(|row| {
            let own = row.iter().filter(|(input, _)| is_alone(*input));
            let own: Vec<f64> = own.map(|(_, value)| *value).collect();
            norm(&own)
        });
        let alone = alone.collect();
        let mut place = vec![0; moves.len()];
        let mut shared = 0;
        for (input, _) in moves.iter().enumerate().filter(|(_, count)| **count > 1) {
            place[input] = shared;
            shared += 1;
        }
        let rows = rows.into_iter().map(|row| {
            let others = row.into_iter().filter(|(input, _)| !is_alone(*input));
            others.map(|(input, value)| (place[input], value)).collect()
        });
        Influence {
            alone,
            shared,
            rows: rows.collect(),
        }
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
