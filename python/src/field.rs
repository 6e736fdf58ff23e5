//! Vector fields that are Python functions.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eqprop::Error;
use eqprop::model::{
    Adjoint, Adjustable, OwnField, ParameterBlock, Parameters, Parametrised, VectorField,
};
use nalgebra::DMatrix;
use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::failure::exception;

/// First step of a central difference, relative to the size of what is moved.
const STEP: f64 = 2e-3;

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
    fn directional(&self, state: &[f64], direction: &[f64]) -> Vec<f64> {
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

    fn matrix_at(&self, state: &[f64]) -> DMatrix<f64> {
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
    fn by_parameters(&self, state: &[f64]) -> DMatrix<f64> {
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
                    let part = self::vector(py, &name, &part, block.values.len())?;
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

fn called<'py>(
    py: Python<'py>,
    function: &Py<PyAny>,
    arguments: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    function
        .bind(py)
        .call1(pyo3::types::PyTuple::new(py, arguments)?)
}

/// A parameter block as an array.
fn array<'py>(py: Python<'py>, block: &ParameterBlock) -> PyResult<Bound<'py, PyAny>> {
    let values = &block.values;
    if block.is_vector {
        return Ok(PyArray1::from_slice(py, values.as_slice()).into_any());
    }
    let array = Array2::from_shape_fn(values.shape(), |(i, j)| values[(i, j)]);
    Ok(PyArray2::from_owned_array(py, array).into_any())
}

/// Anything that NumPy takes for an array, as one of doubles (`eqprop._arrays.result`).
fn converted<'py>(
    py: Python<'py>,
    name: &str,
    value: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    static CONVERT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let convert = CONVERT.get_or_try_init(py, || {
        let module = py.import("eqprop._arrays")?;
        PyResult::Ok(module.getattr("result")?.unbind())
    })?;
    Ok(convert.call1(py, (name, value))?.into_bound(py))
}

fn vector<'py>(
    py: Python<'py>,
    name: &str,
    value: &Bound<'py, PyAny>,
    length: usize,
) -> PyResult<PyReadonlyArray1<'py, f64>> {
    // most functions return just that
    if let Ok(array) = value.cast::<PyArray1<f64>>()
        && array.len()? == length
    {
        return Ok(array.readonly());
    }
    let value = converted(py, name, value)?;
    if let Ok(array) = value.cast::<PyArray1<f64>>()
        && array.len()? == length
    {
        return Ok(array.readonly());
    }
    let shape = value.getattr("shape")?;
    let message = format!("expected {length} numbers, found shape {shape}");
    Err(exception(py, &Error::invalid(name, message)))
}

fn matrix<'py>(
    py: Python<'py>,
    name: &str,
    value: &Bound<'py, PyAny>,
    shape: (usize, usize),
) -> PyResult<DMatrix<f64>> {
    let value = converted(py, name, value)?;
    if let Ok(array) = value.extract::<PyReadonlyArray2<'_, f64>>() {
        let matrix = crate::network::matrix(&array);
        if matrix.shape() == shape {
            return Ok(matrix);
        }
    }
    let found = value.getattr("shape")?;
    let message = format!("expected shape {shape:?}, found {found}");
    Err(exception(py, &Error::invalid(name, message)))
}
