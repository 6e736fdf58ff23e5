//! An update of the user's own, judged by the library.

use eqprop::experiment::BlockComparison;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::network::vector;
use crate::record::Node;

/// How far an update is from the EP update and from the true gradient, values in the same order, and which
/// it is closer to.
#[pyfunction]
pub fn beside<'py>(
    py: Python<'py>,
    update: PyReadonlyArray1<'_, f64>,
    ep: PyReadonlyArray1<'_, f64>,
    gradient: PyReadonlyArray1<'_, f64>,
) -> PyResult<Bound<'py, PyAny>> {
    let compared = BlockComparison::new(&vector(&update), &vector(&ep), &vector(&gradient));
    Node::of(&compared)?.into_python(py, "")
}
