//! Networks: weights from arrays and back.

use std::sync::Arc;

use eqprop::engine::{Scalar, SweepControl};
use eqprop::model::{self, Activation, Coupling, Dynamics, Glorot, Layers};
use nalgebra::DMatrix;
use numpy::ndarray::Array2;
use numpy::{Element, PyArray1, PyArray2, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde::de::DeserializeOwned;

use crate::batch::{self, Idle, Method, Samples, Shape, Update};
use crate::failure::{OrRaise, refuse};
use crate::interruptible::run;
use crate::record::Node;

/// A network. The Python layer has checked the shapes.
#[pyclass(frozen, module = "eqprop._core")]
pub struct Network {
    /// The library's network.
    pub network: Arc<model::Network>,
    engines: Arc<Engines>,
}

/// Engines for batches of a network, and of its transpose.
#[derive(Default)]
struct Engines {
    single: Idle<f32>,
    double: Idle<f64>,
    single_transposed: Idle<f32>,
    double_transposed: Idle<f64>,
}

/// A number type of NumPy in which the engine computes.
trait Precision: Scalar + Element {
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
struct BatchOptions {
    beta: f64,
    state_bounds: Option<(f64, f64)>,
    tolerance: f64,
    max_sweeps: usize,
    threads: usize,
}

impl BatchOptions {
    fn shape(&self) -> Shape {
        Shape {
            bounds: self.state_bounds,
            threads: self.threads,
        }
    }

    fn control(&self) -> SweepControl {
        SweepControl {
            tolerance: self.tolerance,
            max_sweeps: self.max_sweeps,
            ..SweepControl::default()
        }
    }
}

type Rows<'py, T> = PyReadonlyArray2<'py, T>;

fn samples<T: Precision>(
    inputs: &Rows<'_, T>,
    targets: Option<&Rows<'_, T>>,
    start: Option<&Rows<'_, T>>,
) -> Samples<T> {
    let values = |rows: &Rows<'_, T>| rows.as_array().iter().copied().collect();
    Samples {
        count: inputs.as_array().nrows(),
        inputs: values(inputs),
        targets: targets.map(values).unwrap_or_default(),
        start: start.map(values),
    }
}

/// What became of the samples: residuals, sweeps, and how each ended.
fn ends<'py>(
    py: Python<'py>,
    reports: &[eqprop::engine::SampleReport],
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
    let series = update.blocks.iter().any(|block| block.0 == "forward");
    if series {
        for name in ["forward", "feedback", "bias"] {
            out.set_item(name, PyList::empty(py))?;
        }
    }
    for (name, rows, columns, values) in update.blocks {
        let value = match columns {
            Some(columns) => array(py, rows, columns, values)?.into_any(),
            None => PyArray1::from_vec(py, values).into_any(),
        };
        match out.get_item(name)? {
            Some(list) if series => list.cast_into::<PyList>()?.append(value)?,
            _ => out.set_item(name, value)?,
        }
    }
    Ok(out)
}

/// A matrix of the library from an array.
pub fn matrix(array: &PyReadonlyArray2<'_, f64>) -> DMatrix<f64> {
    let array = array.as_array();
    DMatrix::from_fn(array.nrows(), array.ncols(), |i, j| array[[i, j]])
}

/// Numbers of the library from an array.
pub fn vector(array: &PyReadonlyArray1<'_, f64>) -> Vec<f64> {
    array.as_array().to_vec()
}

/// What a name in files and on the command line stands for.
pub fn named<T: DeserializeOwned>(py: Python<'_>, argument: &str, name: &str) -> PyResult<T> {
    match serde_json::from_value(serde_json::Value::from(name)) {
        Ok(value) => Ok(value),
        Err(error) => refuse(py, argument, error.to_string()),
    }
}

#[pymethods]
impl Network {
    #[staticmethod]
    fn dense(
        py: Python<'_>,
        weights: PyReadonlyArray2<'_, f64>,
        input_weights: PyReadonlyArray2<'_, f64>,
        bias: PyReadonlyArray1<'_, f64>,
        outputs: Vec<usize>,
        activation: &str,
        dynamics: &str,
    ) -> PyResult<Self> {
        Ok(Self::new(model::Network {
            dynamics: named::<Dynamics>(py, "dynamics", dynamics)?,
            activation: named::<Activation>(py, "activation", activation)?,
            coupling: Coupling::Dense(matrix(&weights)),
            input_weights: matrix(&input_weights),
            bias: vector(&bias),
            outputs,
        }))
    }

    #[staticmethod]
    fn layered(
        py: Python<'_>,
        forward: Vec<PyReadonlyArray2<'_, f64>>,
        feedback: Vec<PyReadonlyArray2<'_, f64>>,
        bias: PyReadonlyArray1<'_, f64>,
        activation: &str,
        dynamics: &str,
    ) -> PyResult<Self> {
        let mut forward: Vec<_> = forward.iter().map(matrix).collect();
        let feedback = feedback.iter().map(matrix).collect();
        let sizes: Vec<usize> = forward.iter().map(DMatrix::nrows).collect();
        let bias = vector(&bias);
        let neurons = bias.len();
        let outputs = sizes.last().copied().unwrap_or(0);
        let input_weights = forward.remove(0);
        let Some(layers) = Layers::new(&sizes, forward, feedback) else {
            return refuse(py, "forward", "the matrices do not fit each other");
        };
        Ok(Self::new(model::Network {
            dynamics: named::<Dynamics>(py, "dynamics", dynamics)?,
            activation: named::<Activation>(py, "activation", activation)?,
            coupling: Coupling::Layered(layers),
            input_weights,
            bias,
            outputs: (neurons - outputs..neurons).collect(),
        }))
    }

    /// A network drawn at random.
    #[staticmethod]
    #[pyo3(signature = (sizes, outputs, seed, gain, asymmetry, activation, dynamics))]
    #[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
    fn glorot(
        py: Python<'_>,
        sizes: Vec<usize>,
        outputs: Option<Vec<usize>>,
        seed: u64,
        gain: f64,
        asymmetry: f64,
        activation: &str,
        dynamics: &str,
    ) -> PyResult<Self> {
        let glorot = Glorot {
            seed,
            gain,
            asymmetry,
        };
        let dynamics = named::<Dynamics>(py, "dynamics", dynamics)?;
        let activation = named::<Activation>(py, "activation", activation)?;
        match outputs {
            Some(outputs) => {
                let network = glorot.dense(sizes[0], sizes[1], outputs, dynamics, activation);
                Ok(Self::new(network))
            }
            None => {
                let network = glorot.layered(&sizes, dynamics, activation);
                network.or_raise(py).map(Self::new)
            }
        }
    }

    /// θ by blocks.
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Node::of(&self.network.parameters())?.into_python(py, "")
    }

    #[pyo3(signature = (inputs, targets, start, options))]
    fn settle_f32<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f32>,
        targets: Option<Rows<'py, f32>>,
        start: Option<Rows<'py, f32>>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.settle(
            py,
            samples(&inputs, targets.as_ref(), start.as_ref()),
            options,
        )
    }

    #[pyo3(signature = (inputs, targets, start, options))]
    fn settle_f64<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f64>,
        targets: Option<Rows<'py, f64>>,
        start: Option<Rows<'py, f64>>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.settle(
            py,
            samples(&inputs, targets.as_ref(), start.as_ref()),
            options,
        )
    }

    #[pyo3(signature = (inputs, targets, start, options, estimator))]
    fn ep_update_f32<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f32>,
        targets: Rows<'py, f32>,
        start: Option<Rows<'py, f32>>,
        options: BatchOptions,
        estimator: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let samples = samples(&inputs, Some(&targets), start.as_ref());
        self.ep_update(py, samples, options, estimator)
    }

    #[pyo3(signature = (inputs, targets, start, options, estimator))]
    fn ep_update_f64<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f64>,
        targets: Rows<'py, f64>,
        start: Option<Rows<'py, f64>>,
        options: BatchOptions,
        estimator: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let samples = samples(&inputs, Some(&targets), start.as_ref());
        self.ep_update(py, samples, options, estimator)
    }

    #[pyo3(signature = (inputs, targets, start, options))]
    fn gradient_f64<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f64>,
        targets: Rows<'py, f64>,
        start: Option<Rows<'py, f64>>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.gradient(
            py,
            samples(&inputs, Some(&targets), start.as_ref()),
            options,
        )
    }

    #[pyo3(signature = (inputs, targets, start, options))]
    fn gradient_f32<'py>(
        &self,
        py: Python<'py>,
        inputs: Rows<'py, f32>,
        targets: Rows<'py, f32>,
        start: Option<Rows<'py, f32>>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        self.gradient(
            py,
            samples(&inputs, Some(&targets), start.as_ref()),
            options,
        )
    }

    #[getter]
    fn activation(&self) -> &'static str {
        self.network.activation.name()
    }

    #[getter]
    fn dynamics(&self) -> &'static str {
        self.network.dynamics.name()
    }

    #[getter]
    fn outputs(&self) -> Vec<usize> {
        self.network.outputs.clone()
    }

    #[getter]
    fn neurons(&self) -> usize {
        self.network.dimension()
    }

    #[getter]
    fn inputs(&self) -> usize {
        self.network.inputs()
    }

    /// Sizes of the layers of neurons; None if the network is dense.
    #[getter]
    fn layers(&self) -> Option<Vec<usize>> {
        match &self.network.coupling {
            Coupling::Dense(_) => None,
            Coupling::Layered(layers) => Some(layers.sizes().to_vec()),
        }
    }
}

impl Network {
    /// A network of the library.
    pub fn new(network: model::Network) -> Self {
        Self {
            network: Arc::new(network),
            engines: Arc::default(),
        }
    }

    fn settle<'py, T: Precision>(
        &self,
        py: Python<'py>,
        samples: Samples<T>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (network, engines) = (Arc::clone(&self.network), Arc::clone(&self.engines));
        let count = samples.count;
        let (states, reports) = run(py, move || {
            T::of(&engines).0.with(&network, options.shape(), |engine| {
                let rest = engine.settle(&samples, options.beta, &options.control())?;
                Ok((rest.rows(), rest.reports))
            })
        })?
        .or_raise(py)?;
        let out = PyDict::new(py);
        out.set_item("state", array(py, count, self.neurons(), states)?)?;
        ends(py, &reports, &out)?;
        Ok(out)
    }

    fn ep_update<'py, T: Precision>(
        &self,
        py: Python<'py>,
        samples: Samples<T>,
        options: BatchOptions,
        estimator: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let method = match estimator {
            "one_sided" => Method::OneSided,
            "centred" => Method::Centred,
            "asymmetric" => Method::Asymmetric,
            other => {
                let message = format!(
                    "expected \"one_sided\", \"centred\" or \"asymmetric\", found {other:?}"
                );
                return refuse(py, "estimator", message);
            }
        };
        let (network, engines) = (Arc::clone(&self.network), Arc::clone(&self.engines));
        let update = run(py, move || {
            T::of(&engines).0.with(&network, options.shape(), |engine| {
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

    fn gradient<'py, T: Precision>(
        &self,
        py: Python<'py>,
        samples: Samples<T>,
        options: BatchOptions,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (network, engines) = (Arc::clone(&self.network), Arc::clone(&self.engines));
        let [truth, update] = run(py, move || {
            let (own, of_transpose) = T::of(&engines);
            let shape = options.shape();
            let transpose = batch::transposed(&network);
            own.with(&network, shape, |engine| {
                of_transpose.with(&transpose, shape, |transposed| {
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
}
