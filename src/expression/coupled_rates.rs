//! Results that are sums of functions of one state each, as those of a network: how far apart they let
//! trajectories go.

use super::graph::{Id, Node};
use super::operation::{Binary, Unary};
use super::program::Program;
use crate::numeric::norm_from_below;

/// `$\mu = A s + C\varphi(s) + d$`, every φ a function of one state with |φ′| ≤ 1: its Jacobian is A + C D, D
/// diagonal.
#[derive(Debug, Default)]
pub(crate) struct CoupledRates {
    /// A as (row, column, entry).
    linear: Vec<(usize, usize, f64)>,
    /// C.
    coupling: Vec<(usize, usize, f64)>,
    /// Which register holds φ of every state, if any does.
    rates: Vec<Option<Id>>,
}

/// The largest |f′|, of functions that have one.
fn largest_slope(function: Unary) -> Option<f64> {
    match function {
        Unary::Tanh | Unary::Softplus | Unary::Atan | Unary::Sin | Unary::Cos => Some(1.0),
        Unary::Logistic => Some(0.25),
        _ => None,
    }
}

impl Program {
    /// The results in that form, if they have it. `prepared` are the registers of [`Program::prepare`].
    pub fn coupled_rates(&self, prepared: &[f64]) -> Option<CoupledRates> {
        let mut found = CoupledRates {
            rates: vec![None; self.states()],
            ..CoupledRates::default()
        };
        // quantities that are used again and again in each other would take for ever
        let mut most = 4 * prepared.len();
        for (row, &output) in self.outputs().iter().enumerate() {
            let mut waiting = vec![(output, 1.0)];
            while let Some((register, factor)) = waiting.pop() {
                most = most.checked_sub(1)?;
                self.add_share(prepared, register, (row, factor), &mut waiting, &mut found)?;
            }
        }
        Some(found)
    }

    /// Adds a register's share in a row, times a number, or has it wait for what the register is made of.
    fn add_share(
        &self,
        prepared: &[f64],
        register: Id,
        (row, factor): (usize, f64),
        waiting: &mut Vec<(Id, f64)>,
        found: &mut CoupledRates,
    ) -> Option<()> {
        if self.is_known(register) {
            return Some(());
        }
        if !factor.is_finite() {
            return None;
        }
        if (register as usize) < self.states() {
            found.linear.push((row, register as usize, factor));
            return Some(());
        }
        if let Some(terms) = self.terms(register as usize) {
            for &[a, b] in terms {
                let (moving, own) = self.with_number(prepared, a, b)?;
                waiting.push((moving, factor * own));
            }
            return Some(());
        }
        match self.node(register)? {
            Node::Binary(Binary::Add, a, b) => waiting.extend([(a, factor), (b, factor)]),
            Node::Binary(Binary::Subtract, a, b) => waiting.extend([(a, factor), (b, -factor)]),
            Node::Binary(Binary::Multiply, a, b) => {
                let (moving, own) = self.with_number(prepared, a, b)?;
                waiting.push((moving, factor * own));
            }
            Node::Binary(Binary::Divide, a, b) if self.is_known(b) => {
                waiting.push((a, factor / prepared[b as usize]));
            }
            Node::Unary(Unary::Negative, a) => waiting.push((a, -factor)),
            Node::Unary(function, a) if (a as usize) < self.states() => {
                let slope = largest_slope(function)?;
                found.coupling.push((row, a as usize, factor * slope));
                let rate = &mut found.rates[a as usize];
                // two functions of one state have slopes of their own
                if rate.is_some_and(|own| own != register) {
                    return None;
                }
                *rate = Some(register);
            }
            _ => return None,
        }
        Some(())
    }

    /// Of two factors the one that moves, and the number that the other one is.
    fn with_number(&self, prepared: &[f64], a: Id, b: Id) -> Option<(Id, f64)> {
        match (self.is_known(a), self.is_known(b)) {
            (_, true) => Some((a, prepared[b as usize])),
            (true, false) => Some((b, prepared[a as usize])),
            (false, false) => None,
        }
    }
}

impl CoupledRates {
    /// An upper bound of the logarithmic norm of A + C D over all D, `$\lVert C\rVert_2$` being found by power
    /// iteration with a tenth to spare.
    pub fn logarithmic_norm(&self) -> f64 {
        let multiply = |vector: &[f64], out: &mut [f64]| {
            for &(row, column, entry) in &self.coupling {
                out[row] += entry * vector[column];
            }
        };
        let transpose = |vector: &[f64], out: &mut [f64]| {
            for &(row, column, entry) in &self.coupling {
                out[column] += entry * vector[row];
            }
        };
        let norm = norm_from_below(self.rates.len(), multiply, transpose);
        self.circles() + 1.1 * norm
    }

    /// No eigenvalue of (A + Aᵀ)/2 is larger, by its circles.
    fn circles(&self) -> f64 {
        let n = self.rates.len();
        let (mut centres, mut radii) = (vec![0.0; n], vec![0.0; n]);
        for &(row, column, entry) in &self.linear {
            if row == column {
                centres[row] += entry;
            } else {
                radii[row] += 0.5 * entry.abs();
                radii[column] += 0.5 * entry.abs();
            }
        }
        let ends = centres
            .iter()
            .zip(radii)
            .map(|(centre, radius)| centre + radius);
        ends.fold(f64::NEG_INFINITY, |most, end| {
            // sums that overflow
            let end = if end.is_nan() { f64::INFINITY } else { end };
            end.max(most)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Program, program_of};
    use nalgebra::DMatrix;

    /// The program of some expressions of x, y, z, and its registers.
    fn program(expressions: &[&str]) -> (Program, Vec<f64>) {
        let program = program_of(&["x", "y", "z", "g"], expressions);
        let prepared = program.prepare(&[1.5, 0.0]);
        (program, prepared)
    }

    #[test]
    fn the_bound_is_above_the_logarithmic_norm_at_every_state() {
        let fields = [
            "-x + 0.4*tanh(y) - g*tanh(z)/2 + 0.1",
            "0.3*x - 2*y + 0.7*logistic(x) + 0.2*tanh(y) - 0.1*tanh(z) + 0.2*tanh(y)",
            "-(z - g*(0.5*tanh(y) + 0.25)) + tanh(z)",
        ];
        let (program, prepared) = program(&fields);
        let bound = program.coupled_rates(&prepared).unwrap().logarithmic_norm();
        let mut largest = f64::NEG_INFINITY;
        for k in 0..200 {
            let state = [0.0, 1.0, 2.0].map(|i| 2.0 * (f64::from(k) * (1.0 + 0.37 * i)).sin());
            let registers = program.registers(&prepared, &state);
            let mut jacobian = DMatrix::zeros(3, 3);
            for (i, row) in program
                .rows(&registers, super::super::By::States)
                .into_iter()
                .enumerate()
            {
                row.into_iter()
                    .filter(|(j, _)| *j < 3)
                    .for_each(|(j, value)| jacobian[(i, j)] = value);
            }
            let symmetric = (&jacobian + jacobian.transpose()) / 2.0;
            largest = symmetric.symmetric_eigenvalues().max().max(largest);
        }
        assert!(
            largest <= bound && bound < largest + 0.8,
            "{largest} {bound}"
        );
    }

    #[test]
    fn other_fields_have_none() {
        for field in [
            "x*y",
            "tanh(x + y)",
            "tanh(x) + logistic(x)",
            "x^2",
            "tanh(t*x)",
            "relu(x)",
            "x/y",
            "sqrt(x)",
            "1e308*g*g*x",
        ] {
            let (program, prepared) = program(&[field]);
            assert!(program.coupled_rates(&prepared).is_none(), "{field}");
        }
    }

    /// 2⁶⁰ ways through sums of sums are not walked.
    #[test]
    fn sums_of_sums_of_sums_end() {
        let mut text = "tanh(x)".to_owned();
        for _ in 0..12 {
            text = format!("({text} + y + ({text}))");
        }
        let (program, prepared) = program(&[&text]);
        assert!(program.coupled_rates(&prepared).is_none());
    }

    #[test]
    fn a_bound_that_overflows_is_infinite() {
        for field in ["-x + 1e200*tanh(y)", "1e308*x + 1e308*x - 1e308*y"] {
            let (program, prepared) = program(&[field, "-y", "-z"]);
            let rates = program.coupled_rates(&prepared).unwrap();
            assert_eq!(rates.logarithmic_norm(), f64::INFINITY, "{field}");
        }
    }
}
