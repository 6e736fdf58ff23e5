//! Networks: weights from arrays and back.

use std::sync::Arc;

use eqprop::model::{self, Activation, Coupling, Dynamics, Glorot, Layers};
use nalgebra::DMatrix;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use serde::de::DeserializeOwned;

use crate::batches::Engines;
use crate::failure::{OrRaise, refuse};
use crate::record::Node;

/// A network. The Python layer has checked the shapes.
#[pyclass(frozen, module = "eqprop._core")]
pub struct Network {
    /// The library's network.
    pub network: Arc<model::Network>,
    /// Its engines.
    pub engines: Arc<Engines>,
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
            Coupling::Dense(_) | Coupling::Sparse(_) => None,
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
}
