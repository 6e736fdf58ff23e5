//! Records of the library as Python objects: numbers in arrays, names as the keys of dicts.

use numpy::ndarray::Array2;
use numpy::{Complex64, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use serde::Serialize;

mod builder;
mod rows;

use builder::Builder;

/// A record between the library and Python; made without the interpreter.
#[derive(Debug, Clone)]
pub enum Node {
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// Whole numbers in an array.
    Ints(Vec<i64>),
    /// Numbers in an array; what is unknown is NaN.
    Floats(Vec<f64>),
    /// Rows of numbers of one length: number of rows, of columns, and the values row by row.
    Rows(usize, usize, Vec<f64>),
    /// Anything else in a row.
    List(Vec<Node>),
    /// Named fields.
    Map(Vec<(String, Node)>),
}

/// Fields whose rows are real and imaginary parts.
const COMPLEX: [&str; 4] = ["eigenvalues", "leading_eigenvalue", "jacobian", "dynamics"];

impl Node {
    /// The record of a value.
    pub fn of(value: &impl Serialize) -> PyResult<Self> {
        value
            .serialize(Builder)
            .map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))
    }

    /// Adds a named field to a record that has fields.
    pub fn with(self, name: &str, value: Self) -> Self {
        self.and(vec![(name.to_owned(), value)])
    }

    /// Adds named fields to a record that has fields.
    pub fn and(mut self, more: Vec<(String, Self)>) -> Self {
        if let Self::Map(fields) = &mut self {
            fields.extend(more);
        }
        self
    }

    /// The Python object; `name` is that of the field which holds it.
    pub fn into_python<'py>(self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Ok(match self {
            Self::None => py.None().into_bound(py),
            Self::Bool(value) => value.into_pyobject(py)?.to_owned().into_any(),
            Self::Int(value) => value.into_pyobject(py)?.into_any(),
            Self::Float(value) => value.into_pyobject(py)?.into_any(),
            Self::Text(value) => PyString::new(py, &value).into_any(),
            Self::Ints(values) => PyArray1::from_vec(py, values).into_any(),
            Self::Floats(values) if values.is_empty() && COMPLEX.contains(&name) => {
                PyArray1::<Complex64>::from_vec(py, Vec::new()).into_any()
            }
            Self::Floats(values) => PyArray1::from_vec(py, values).into_any(),
            Self::Rows(_, 2, values) if COMPLEX.contains(&name) => {
                let pairs = values.chunks_exact(2);
                let values = pairs.map(|pair| Complex64::new(pair[0], pair[1])).collect();
                PyArray1::from_vec(py, values).into_any()
            }
            Self::Rows(rows, columns, values) => {
                let array = Array2::from_shape_vec((rows, columns), values).map_err(|error| {
                    pyo3::exceptions::PyRuntimeError::new_err(error.to_string())
                })?;
                PyArray2::from_owned_array(py, array).into_any()
            }
            Self::List(nodes) => {
                let list = PyList::empty(py);
                for node in nodes {
                    list.append(node.into_python(py, "")?)?;
                }
                list.into_any()
            }
            Self::Map(fields) => {
                let dict = PyDict::new(py);
                for (name, node) in fields {
                    let value = node.into_python(py, &name)?;
                    dict.set_item(PyString::intern(py, &name), value)?;
                }
                dict.into_any()
            }
        })
    }
}
