//! The native half of the Python package `eqprop`: the library's public interface over arrays.

mod batch;
mod batches;
mod comparison;
mod failure;
mod field;
mod figure;
mod interruptible;
mod learner;
mod network;
mod portrait;
mod problem;
mod record;
mod settings;
mod studies;

use pyo3::prelude::*;

/// What `eqprop` is built on; import that instead.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<network::Network>()?;
    module.add_class::<problem::Problem>()?;
    module.add_class::<learner::Learner>()?;
    module.add_function(wrap_pyfunction!(batches::settle, module)?)?;
    module.add_function(wrap_pyfunction!(batches::ep_update, module)?)?;
    module.add_function(wrap_pyfunction!(batches::batch_gradient, module)?)?;
    module.add_function(wrap_pyfunction!(comparison::beside, module)?)?;
    module.add_function(wrap_pyfunction!(figure::draw, module)?)?;
    module.add_function(wrap_pyfunction!(figure::views, module)?)?;
    module.add_function(wrap_pyfunction!(studies::run_sweep, module)?)?;
    module.add_function(wrap_pyfunction!(studies::run_training, module)?)?;
    module.add_function(wrap_pyfunction!(studies::run_study, module)?)
}
