//! A vector field that was written as text.

mod capabilities;

use std::cell::RefCell;
use std::sync::Arc;

use super::parameters::{ParameterBlock, Parameters};
use crate::error::{Error, Result};
use crate::expression::{By, Division, Program};

/// What does not change while parameters do.
#[derive(Debug)]
pub(super) struct Equations {
    /// The right-hand sides.
    pub program: Program,
    /// What else is shown of every state.
    pub auxiliaries: Option<Arc<Program>>,
    /// Names of the states.
    pub states: Vec<String>,
    /// Names of the other inputs of the program, the time left out: parameters, then inputs.
    pub values: Arc<Vec<String>>,
    /// How many of them are parameters.
    pub parameters: usize,
    /// Names of the auxiliary quantities.
    pub auxiliary_names: Vec<String>,
    /// Whether quotients by 0 have a value, as in XPPAUT.
    pub guarded: bool,
    /// Whether the time is the last state.
    pub time_is_state: bool,
    /// The same with the time as the last state, of a field that depends on it.
    pub timed: Option<Arc<Equations>>,
    /// Denominators that may be 0, in a program of their own, with where they stand.
    pub denominators: Option<(Program, Vec<Division>)>,
}

impl std::fmt::Debug for Division {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} at {}", self.text.path, self.at)
    }
}

/// A vector field `$\mu_\theta(s)$` given by one expression per state, with exact derivatives.
///
/// The parameters that are learned are θ, one block `parameters`. Others, and the inputs, can be
/// replaced by name.
#[derive(Debug, Clone)]
pub struct TextField {
    equations: Arc<Equations>,
    /// Positions of the parameters that are learned, and their names.
    learned: Arc<Vec<usize>>,
    labels: Arc<Vec<String>>,
    /// The values of parameters and inputs, and the time.
    values: Vec<f64>,
    /// The registers of the program, those that do not move computed.
    prepared: Arc<Vec<f64>>,
}

/// Registers of the last evaluation, and what they were prepared from: where the next one is of the
/// same field, only states and time change, and nothing is allocated or copied.
#[derive(Default)]
struct Kept {
    prepared: Option<Arc<Vec<f64>>>,
    registers: Vec<f64>,
}

impl Kept {
    fn prepare(&mut self, prepared: &Arc<Vec<f64>>) {
        let same = |own: &Arc<Vec<f64>>| Arc::ptr_eq(own, prepared);
        if !self.prepared.as_ref().is_some_and(same) {
            self.registers.clear();
            self.registers.extend_from_slice(prepared);
            self.prepared = Some(Arc::clone(prepared));
        }
    }
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::new(Kept::default());
}

impl TextField {
    pub(super) fn new(equations: Equations, mut values: Vec<f64>) -> Self {
        values.push(0.0);
        let learned: Vec<usize> = (0..equations.parameters).collect();
        let labels = if equations.parameters == equations.values.len() {
            Arc::clone(&equations.values)
        } else {
            Arc::new(equations.values[..equations.parameters].to_vec())
        };
        Self {
            prepared: Arc::new(equations.program.prepare(&values)),
            equations: Arc::new(equations),
            learned: Arc::new(learned),
            labels,
            values,
        }
    }

    /// The names of the states, in their order.
    pub fn state_names(&self) -> &[String] {
        &self.equations.states
    }

    /// The names of all parameters, learned or not, and of the inputs.
    pub fn value_names(&self) -> &[String] {
        &self.equations.values
    }

    /// The names of the parameters that are learned.
    pub fn learned_names(&self) -> &[String] {
        &self.labels
    }

    /// The value of a parameter or of an input.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.position(name).map(|k| self.values[k])
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.equations.values.iter().position(|known| known == name)
    }

    /// The same field with a parameter or an input replaced, or as it is if there is none of this
    /// name.
    #[must_use]
    pub fn with_value(&self, name: &str, value: f64) -> Self {
        let mut values = self.values.clone();
        if let Some(k) = self.position(name) {
            values[k] = value;
        }
        self.with_values(values)
    }

    fn with_values(&self, values: Vec<f64>) -> Self {
        Self {
            prepared: Arc::new(self.equations.program.prepare(&values)),
            values,
            ..self.clone()
        }
    }

    /// The same field with its inputs clamped to these values.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if their number is another one.
    pub fn clamp(&self, inputs: &[f64]) -> Result<Self> {
        let (first, count) = (self.equations.parameters, self.inputs());
        crate::io::expect_length("input", inputs.len(), count, "one per input")?;
        let mut values = self.values.clone();
        values[first..first + count].copy_from_slice(inputs);
        Ok(self.with_values(values))
    }

    /// The same field with its learned parameters replaced, in their order.
    #[must_use]
    pub fn with_learned(&self, learned: impl Iterator<Item = f64>) -> Self {
        let mut values = self.values.clone();
        for (&k, value) in self.learned.iter().zip(learned) {
            values[k] = value;
        }
        self.with_values(values)
    }

    /// The number of inputs that a data set can clamp.
    pub fn inputs(&self) -> usize {
        self.equations.values.len() - self.equations.parameters
    }

    /// The same field with these parameters learned, and no others.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming one that does not exist.
    pub fn learning(&self, names: &[String]) -> Result<Self> {
        let known = &self.equations.values[..self.equations.parameters];
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
            let message = format!("`{twice}` stands there twice. Name each parameter once");
            return Err(Error::invalid("learn", message));
        }
        let learned = names.iter().map(|name| {
            known.iter().position(|own| own == name).ok_or_else(|| {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Error::invalid("learn", crate::io::unknown(name, &known))
            })
        });
        Ok(Self {
            learned: Arc::new(learned.collect::<Result<_>>()?),
            labels: Arc::new(names.to_vec()),
            ..self.clone()
        })
    }

    /// ∂μ/∂p for a parameter or an input p, n values. They are 0 if there is none of this name.
    pub fn slope_by(&self, name: &str, state: &[f64]) -> Vec<f64> {
        let mut slope = vec![0.0; state.len()];
        let Some(k) = self.position(name) else {
            return slope;
        };
        let wanted = state.len() + k;
        let rows = self.with_registers(state, 0.0, |registers| {
            self.equations.program.rows(registers, By::Values)
        });
        for (slope, row) in slope.iter_mut().zip(rows) {
            let found = row.iter().find(|(input, _)| *input == wanted);
            *slope = found.map_or(0.0, |(_, value)| *value);
        }
        slope
    }

    /// The right-hand sides as a program.
    pub(super) fn program(&self) -> &Program {
        &self.equations.program
    }

    /// How many of the values are parameters. Inputs stand behind them.
    pub(super) fn parameter_count(&self) -> usize {
        self.equations.parameters
    }

    /// The values of all parameters and inputs.
    pub fn numbers(&self) -> &[f64] {
        &self.values[..self.equations.values.len()]
    }

    /// Positions of the parameters that are learned.
    pub(super) fn learned_positions(&self) -> &[usize] {
        &self.learned
    }

    /// Whether the right-hand sides depend on time.
    pub fn uses_time(&self) -> bool {
        self.equations.program.uses_time()
    }

    /// Whether the time is its last state.
    pub fn is_timed(&self) -> bool {
        self.equations.time_is_state
    }

    /// The same field with the time as its last state, if it depends on time.
    pub fn with_time_as_state(&self) -> Option<Self> {
        let equations = Arc::clone(self.equations.timed.as_ref()?);
        Some(Self {
            prepared: Arc::new(equations.program.prepare(&self.values)),
            equations,
            ..self.clone()
        })
    }

    /// The velocity at a time, where the field uses it.
    pub fn velocity_at(&self, time: f64, state: &[f64], out: &mut [f64]) {
        self.with_registers(state, time, |registers| {
            for (out, &register) in out.iter_mut().zip(self.equations.program.outputs()) {
                *out = registers[register as usize];
            }
        });
    }

    /// Names of what else is shown of every state.
    pub fn auxiliary_names(&self) -> &[String] {
        &self.equations.auxiliary_names
    }

    /// What else is shown of a state, at a time.
    pub fn auxiliaries(&self, time: f64, state: &[f64]) -> Vec<f64> {
        let Some(program) = &self.equations.auxiliaries else {
            return Vec::new();
        };
        let mut values = self.values.clone();
        values[self.equations.values.len()] = time;
        let state = &state[..program.states()];
        let registers = program.registers(&program.prepare(&values), state);
        let outputs = program.outputs().iter();
        outputs
            .map(|&register| registers[register as usize])
            .collect()
    }

    fn with_registers<T>(&self, state: &[f64], time: f64, then: impl FnOnce(&[f64]) -> T) -> T {
        let run = |kept: &mut Kept| {
            kept.prepare(&self.prepared);
            kept.registers[..state.len()].copy_from_slice(state);
            kept.registers[self.equations.program.inputs() - 1] = time;
            self.equations.program.run(&mut kept.registers);
            then(&kept.registers)
        };
        KEPT.with(|kept| match kept.try_borrow_mut() {
            Ok(mut kept) => run(&mut kept),
            // `then` evaluates another field
            Err(_) => run(&mut Kept::default()),
        })
    }

    /// Whether quotients by 0 have a value, as in XPPAUT.
    pub(super) fn is_guarded(&self) -> bool {
        self.equations.guarded
    }

    /// A place that divides by 0 at a state, if there is one.
    pub(super) fn division_by_zero(&self, state: &[f64]) -> Option<&Division> {
        let (program, divisions) = self.equations.denominators.as_ref()?;
        let registers = program.registers(&program.prepare(&self.values), state);
        let zero = |register: &u32| registers[*register as usize] == 0.0;
        let place = program.outputs().iter().position(zero)?;
        divisions.get(place)
    }

    fn block(&self, values: &[f64]) -> Parameters {
        ParameterBlock::named("parameters", values, &self.labels).into()
    }

    /// The learned parameters' share of the derivatives by all inputs.
    fn learned_of(&self, inputs: &[f64]) -> Parameters {
        let first = self.equations.program.states();
        let values: Vec<f64> = self.learned.iter().map(|k| inputs[first + k]).collect();
        self.block(&values)
    }
}
