//! Vector fields that are Python functions.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eqprop::model::{
    Adjoint, Adjustable, OwnField, ParameterBlock, Parameters, Parametrised, VectorField,
};
use nalgebra::DMatrix;
use numpy::{PyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

mod derivatives;
mod exchange;

use exchange::{array, called, matrix, vector};

/// The functions of a field, shared by all its copies.
struct Functions {
    velocity: Py<PyAny>,
    jacobian: Option<Py<PyAny>>,
    pullback: Option<Py<PyAny>>,
    /// Whether they are given the parameters as well.
    with_parameters: bool,
    state: Mutex<State>,
}

/// What the calls leave behind.
#[derive(Default)]
struct State {
    /// The first exception that a function raised: nothing is called after it.
    raised: Option<PyErr>,
    /// The largest estimated error of a derivative by differences.
    difference_error: f64,
}

/// A vector field as Python gives it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct FunctionField {
    function: Py<PyAny>,
    jacobian: Option<Py<PyAny>>,
    pullback: Option<Py<PyAny>>,
    /// Names, whether they are vectors, and values (a vector has one column).
    parameters: Option<Vec<(String, bool, Values)>>,
}

/// The values of a parameter.
struct Values(DMatrix<f64>);

impl<'py> FromPyObject<'_, 'py> for Values {
    type Error = PyErr;

    fn extract(value: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let array: PyReadonlyArray2<'_, f64> = value.extract()?;
        Ok(Self(crate::network::matrix(&array)))
    }
}

/// A vector field that is a Python function, with its parameters.
#[derive(Clone)]
pub struct Function {
    functions: Arc<Functions>,
    dimension: usize,
    names: Vec<String>,
    /// θ; one additive bias a state if the function has no parameters.
    parameters: Parameters,
    last: Arc<Mutex<Last>>,
}

/// Derivatives at the state that was asked for last.
#[derive(Default)]
struct Last {
    jacobian: Option<(Vec<f64>, DMatrix<f64>)>,
    by_parameters: Option<(Vec<f64>, DMatrix<f64>)>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A name that lasts: every different one is kept once.
fn lasting(name: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = locked(&KNOWN);
    if let Some(found) = known.get(name) {
        return found;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    known.insert(kept);
    kept
}

impl std::fmt::Debug for Function {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "a Python function of {} states", self.dimension)
    }
}

impl Function {
    /// The field as Python gives it.
    pub fn new(given: FunctionField, names: Vec<String>) -> Self {
        let dimension = names.len();
        let with_parameters = given.parameters.is_some();
        let blocks = match given.parameters {
            Some(parameters) => parameters
                .into_iter()
                .map(|(name, is_vector, values)| ParameterBlock {
                    is_vector,
                    ..ParameterBlock::matrix(lasting(&name), values.0)
                })
                .collect(),
            None => vec![ParameterBlock::vector("bias", &vec![0.0; dimension])],
        };
        Self {
            functions: Arc::new(Functions {
                velocity: given.function,
                jacobian: given.jacobian,
                pullback: given.pullback,
                with_parameters,
                state: Mutex::default(),
            }),
            dimension,
            names,
            parameters: Parameters { blocks },
            last: Arc::default(),
        }
    }

    /// What the calls since the last time left behind: the first exception that was raised, and the largest
    /// estimated error of a derivative by differences (0 if there was none).
    pub fn take(&self) -> (Option<PyErr>, f64) {
        let left = std::mem::take(&mut *locked(&self.functions.state));
        *locked(&self.last) = Last::default();
        (left.raised, left.difference_error)
    }

    /// Does `work` with the interpreter unless something was raised before; keeps what it raises.
    fn call<T>(&self, work: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
        if locked(&self.functions.state).raised.is_some() {
            return None;
        }
        match Python::attach(work) {
            Ok(value) => Some(value),
            Err(error) => {
                locked(&self.functions.state).raised.get_or_insert(error);
                None
            }
        }
    }

    fn arguments<'py>(
        &self,
        py: Python<'py>,
        state: &[f64],
        vector: Option<&[f64]>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        // copies: a function may change what it is given
        let mut arguments = vec![PyArray1::from_slice(py, state).into_any()];
        if self.functions.with_parameters {
            let given = PyDict::new(py);
            for block in &self.parameters.blocks {
                given.set_item(block.name, array(py, block)?)?;
            }
            arguments.push(given.into_any());
        }
        if let Some(vector) = vector {
            arguments.push(PyArray1::from_slice(py, vector).into_any());
        }
        Ok(arguments)
    }

    fn evaluate(&self, state: &[f64], out: &mut [f64]) {
        let found = self.call(|py| {
            let arguments = self.arguments(py, state, None)?;
            let found = called(py, &self.functions.velocity, arguments)?;
            let name = "the function's result";
            Ok(vector(py, name, &found, self.dimension)?
                .as_array()
                .to_vec())
        });
        match found {
            Some(found) => out.copy_from_slice(&found),
            None => out.fill(f64::NAN),
        }
    }

    /// Parameters of the same shapes with these values.
    fn shaped(&self, values: impl Iterator<Item = f64>) -> Parameters {
        let mut out = self.parameters.clone();
        for (slot, value) in out.iter_mut().zip(values) {
            *slot = value;
        }
        out
    }
}

impl VectorField for Function {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn velocity(&self, state: &[f64], out: &mut [f64]) {
        self.evaluate(state, out);
        if !self.functions.with_parameters {
            let bias = &self.parameters.blocks[0].values;
            out.iter_mut()
                .zip(bias.iter())
                .for_each(|(out, bias)| *out += bias);
        }
    }

    fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
        if self.functions.jacobian.is_some() {
            let product = self.matrix_at(state) * nalgebra::DVector::from_column_slice(vector);
            out.copy_from_slice(product.as_slice());
        } else {
            out.copy_from_slice(&self.directional(state, vector));
        }
    }

    fn jacobian(&self, state: &[f64]) -> DMatrix<f64> {
        self.matrix_at(state)
    }

    fn description(&self) -> String {
        "a Python function".into()
    }
}

impl Adjoint for Function {}

impl Parametrised for Function {
    fn parameter_pullback(&self, state: &[f64], vector: &[f64]) -> Parameters {
        if !self.functions.with_parameters {
            return self.shaped(vector.iter().copied());
        }
        let Some(function) = &self.functions.pullback else {
            let product = self
                .by_parameters(state)
                .tr_mul(&nalgebra::DVector::from_column_slice(vector));
            return self.shaped(product.iter().copied());
        };
        let found = self.call(|py| {
            let arguments = self.arguments(py, state, Some(vector))?;
            let found = called(py, function, arguments)?;
            let mut values = Vec::new();
            for block in &self.parameters.blocks {
                let name = format!("the result of pullback [{:?}]", block.name);
                let part = found.get_item(block.name)?;
                if block.is_vector {
                    let part = exchange::vector(py, &name, &part, block.values.len())?;
                    values.extend(part.as_array().iter().copied());
                } else {
                    values.extend(matrix(py, &name, &part, block.values.shape())?.iter());
                }
            }
            Ok(values)
        });
        match found {
            Some(values) => self.shaped(values.into_iter()),
            None => self.shaped(std::iter::repeat(f64::NAN)),
        }
    }

    fn adjustable(&self) -> Option<&dyn Adjustable> {
        Some(self)
    }
}

impl Adjustable for Function {
    fn parameters(&self) -> Parameters {
        self.parameters.clone()
    }

    fn with_parameters(&self, parameters: &Parameters) -> Box<dyn Parametrised + '_> {
        Box::new(Self {
            parameters: parameters.clone(),
            last: Arc::default(),
            ..self.clone()
        })
    }
}

impl OwnField for Function {
    fn state_names(&self) -> Vec<String> {
        self.names.clone()
    }
}
