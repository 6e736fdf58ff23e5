//! What goes to a Python function and what comes back.

use eqprop::Error;
use eqprop::model::ParameterBlock;
use nalgebra::DMatrix;
use numpy::ndarray::Array2;
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::failure::exception;

/// What a function returns for these arguments.
pub(super) fn called<'py>(
    py: Python<'py>,
    function: &Py<PyAny>,
    arguments: Vec<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    function
        .bind(py)
        .call1(pyo3::types::PyTuple::new(py, arguments)?)
}

/// A parameter block as an array.
pub(super) fn array<'py>(py: Python<'py>, block: &ParameterBlock) -> PyResult<Bound<'py, PyAny>> {
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

/// A result of so many numbers.
pub(super) fn vector<'py>(
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

/// A result of this shape.
pub(super) fn matrix<'py>(
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
