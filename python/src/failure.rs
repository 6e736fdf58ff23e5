//! Errors of the library as the exceptions of `eqprop._errors`, each with its kind and details.

use eqprop::Error;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyAny;

use crate::record::Node;

/// The exception of an error of the library.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|other| other)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    static MAKER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let maker = MAKER.get_or_try_init(py, || {
        let module = py.import("eqprop._errors")?;
        PyResult::Ok(module.getattr("of_kind")?.unbind())
    })?;
    let details = Node::of(&error.details())?.into_python(py, "")?;
    let raised = maker.call1(py, (error.kind(), error.to_string(), details))?;
    Ok(PyErr::from_value(raised.into_bound(py)))
}

/// A result of the library as one of Python's.
pub trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> OrRaise<T> for eqprop::Result<T> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| exception(py, &error))
    }
}

/// An argument that cannot be accepted.
pub fn refuse<T>(py: Python<'_>, argument: &str, message: impl Into<String>) -> PyResult<T> {
    Err(exception(py, &Error::invalid(argument, message)))
}
