//! The calls that answer whole batches.

use std::sync::Arc;

use eqprop::engine::{SampleReport, Scalar, SweepControl};
use numpy::ndarray::Array2;
use numpy::{Element, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::batch::{self, Batches, Idle, Method, Samples, Shape, Update};
use crate::failure::{OrRaise, refuse};
use crate::interruptible::run;
use crate::network::Network;

/// Engines for batches of a network, and of its transpose.
#[derive(Default)]
pub struct Engines {
    single: Idle<f32>,
    double: Idle<f64>,
    single_transposed: Idle<f32>,
    double_transposed: Idle<f64>,
}

/// A number type of NumPy in which the engine computes.
pub trait Precision: Scalar + Element {
    /// The engines of this type, of a network and of its transpose.
    fn of(engines: &Engines) -> (&Idle<Self>, &Idle<Self>);
}

impl Precision for f32 {
    fn of(engines: &Engines) -> (&Idle<Self>, &Idle<Self>) {
        (&engines.single, &engines.single_transposed)
    }
}

impl Precision for f64 {
    fn of(engines: &Engines) -> (&Idle<Self>, &Idle<Self>) {
        (&engines.double, &engines.double_transposed)
    }
}

/// How a batch is followed, as the Python layer says it.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct BatchOptions {
    /// The influence parameter.
    pub beta: f64,
    state_bounds: Option<(f64, f64)>,
    tolerance: f64,
    max_sweeps: usize,
    threads: usize,
}

impl BatchOptions {
    /// What its engine is built for.
    pub fn shape(&self) -> Shape {
        Shape {
            bounds: self.state_bounds,
            threads: self.threads,
        }
    }

    /// When its sweeps stop.
    pub fn control(&self) -> SweepControl {
        SweepControl {
            tolerance: self.tolerance,
            max_sweeps: self.max_sweeps,
            ..SweepControl::default()
        }
    }
}

/// A batch as it came from Python: rows of one number type.
#[derive(FromPyObject)]
pub struct Given<'py> {
    /// x, row by row.
    #[pyo3(item)]
    inputs: Bound<'py, PyAny>,
    /// y.
    #[pyo3(item)]
    targets: Option<Bound<'py, PyAny>>,
    /// Where the states start.
    #[pyo3(item)]
    start: Option<Bound<'py, PyAny>>,
}

impl Given<'_> {
    /// Whether its numbers are of single precision.
    pub fn is_single(&self) -> bool {
        self.inputs.cast::<PyArray2<f32>>().is_ok()
    }

    /// The rows as the engine takes them.
    pub fn samples<T: Precision>(&self) -> PyResult<Samples<T>> {
        let values = |rows: &Bound<'_, PyAny>| -> PyResult<Vec<T>> {
            let rows: PyReadonlyArray2<'_, T> = rows.extract()?;
            Ok(rows.as_array().iter().copied().collect())
        };
        Ok(Samples {
            count: self.inputs.len()?,
            inputs: values(&self.inputs)?,
            targets: self
                .targets
                .as_ref()
                .map(values)
                .transpose()?
                .unwrap_or_default(),
            start: self.start.as_ref().map(values).transpose()?,
        })
    }
}

/// What became of the samples: residuals, sweeps, and how each ended.
pub fn ends<'py>(
    py: Python<'py>,
    reports: &[SampleReport],
    out: &Bound<'py, PyDict>,
) -> PyResult<()> {
    let residuals = reports.iter().map(|report| report.residual).collect();
    let sweeps = reports.iter().map(|report| report.sweeps as i64).collect();
    out.set_item("residual", PyArray1::<f64>::from_vec(py, residuals))?;
    out.set_item("sweeps", PyArray1::<i64>::from_vec(py, sweeps))?;
    let codes = reports.iter().map(batch::code).collect();
    out.set_item("outcome", PyArray1::<i64>::from_vec(py, codes))
}

fn array<T: Precision>(
    py: Python<'_>,
    rows: usize,
    columns: usize,
    values: Vec<T>,
) -> PyResult<Bound<'_, PyArray2<T>>> {
    let array = Array2::from_shape_vec((rows, columns), values);
    let array = array.map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()));
    Ok(PyArray2::from_owned_array(py, array?))
}

/// The blocks of an update; those of a layered network in lists.
fn blocks<T: Precision>(py: Python<'_>, update: Update<T>) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    let series = update.blocks.iter().any(|block| block.name == "forward");
    if series {
        for name in ["forward", "feedback", "bias"] {
            out.set_item(name, PyList::empty(py))?;
        }
    }
    for block in update.blocks {
        let value = match block.columns {
            Some(columns) => array(py, block.rows, columns, block.values)?.into_any(),
            None => PyArray1::from_vec(py, block.values).into_any(),
        };
        match out.get_item(block.name)? {
            Some(list) if series => list.cast_into::<PyList>()?.append(value)?,
            _ => out.set_item(block.name, value)?,
        }
    }
    Ok(out)
}

/// Where the samples rest.
#[pyfunction]
pub fn settle<'py>(
    py: Python<'py>,
    network: &Network,
    given: Given<'py>,
    options: BatchOptions,
) -> PyResult<Bound<'py, PyDict>> {
    if given.is_single() {
        settle_as::<f32>(py, network, given.samples()?, options)
    } else {
        settle_as::<f64>(py, network, given.samples()?, options)
    }
}

/// The mean update by nudged phases.
#[pyfunction]
pub fn ep_update<'py>(
    py: Python<'py>,
    network: &Network,
    given: Given<'py>,
    options: BatchOptions,
    estimator: &str,
) -> PyResult<Bound<'py, PyDict>> {
    if given.is_single() {
        ep_update_as::<f32>(py, network, given.samples()?, options, estimator)
    } else {
        ep_update_as::<f64>(py, network, given.samples()?, options, estimator)
    }
}

/// The mean gradient, true and by EP in the limit.
#[pyfunction]
pub fn batch_gradient<'py>(
    py: Python<'py>,
    network: &Network,
    given: Given<'py>,
    options: BatchOptions,
) -> PyResult<Bound<'py, PyDict>> {
    if given.is_single() {
        gradient_as::<f32>(py, network, given.samples()?, options)
    } else {
        gradient_as::<f64>(py, network, given.samples()?, options)
    }
}

fn settle_as<'py, T: Precision>(
    py: Python<'py>,
    network: &Network,
    samples: Samples<T>,
    options: BatchOptions,
) -> PyResult<Bound<'py, PyDict>> {
    let (network, engines) = (Arc::clone(&network.network), Arc::clone(&network.engines));
    let (count, neurons) = (samples.count, network.dimension());
    let (states, reports) = run(py, move || {
        let shape = options.shape();
        let new = || Batches::new(&network, shape);
        T::of(&engines).0.with(shape, new, |engine| {
            let rest = engine.settle(&samples, options.beta, &options.control())?;
            Ok((rest.rows(), rest.reports))
        })
    })?
    .or_raise(py)?;
    let out = PyDict::new(py);
    out.set_item("state", array(py, count, neurons, states)?)?;
    ends(py, &reports, &out)?;
    Ok(out)
}

fn ep_update_as<'py, T: Precision>(
    py: Python<'py>,
    network: &Network,
    samples: Samples<T>,
    options: BatchOptions,
    estimator: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let method = method(py, estimator)?;
    let (network, engines) = (Arc::clone(&network.network), Arc::clone(&network.engines));
    let update = run(py, move || {
        let shape = options.shape();
        let new = || Batches::new(&network, shape);
        T::of(&engines).0.with(shape, new, |engine| {
            engine.update(&samples, options.beta, method, &options.control())
        })
    })?
    .or_raise(py)?;
    let out = PyDict::new(py);
    out.set_item("cost", update.cost)?;
    ends(py, &update.reports, &out)?;
    out.set_item("update", blocks(py, update)?)?;
    Ok(out)
}

fn gradient_as<'py, T: Precision>(
    py: Python<'py>,
    network: &Network,
    samples: Samples<T>,
    options: BatchOptions,
) -> PyResult<Bound<'py, PyDict>> {
    let (network, engines) = (Arc::clone(&network.network), Arc::clone(&network.engines));
    let [truth, update] = run(py, move || {
        let (own, of_transpose) = T::of(&engines);
        let shape = options.shape();
        let new = || Batches::new(&network, shape);
        let new_transposed = || Batches::new(&batch::transposed(&network), shape);
        own.with(shape, new, |engine| {
            of_transpose.with(shape, new_transposed, |transposed| {
                engine.gradient(&network, transposed, &samples, &options.control())
            })
        })
    })?
    .or_raise(py)?;
    let out = PyDict::new(py);
    out.set_item("cost", truth.cost)?;
    ends(py, &truth.reports, &out)?;
    out.set_item("ep_update", blocks(py, update)?)?;
    out.set_item("negative_gradient", blocks(py, truth)?)?;
    Ok(out)
}

/// A method by its name.
pub fn method(py: Python<'_>, estimator: &str) -> PyResult<Method> {
    match estimator {
        "one_sided" => Ok(Method::OneSided),
        "centred" => Ok(Method::Centred),
        "asymmetric" => Ok(Method::Asymmetric),
        other => {
            let message =
                format!("expected \"one_sided\", \"centred\" or \"asymmetric\", found {other:?}");
            refuse(py, "estimator", message)
        }
    }
}
