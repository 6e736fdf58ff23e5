//! Weights that learn in place, batch by batch, at the engine's speed.

use std::sync::{Arc, Mutex, PoisonError};

use eqprop::engine::Scalar;
use eqprop::model;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::batch::{Batches, Block, blocks_of, with_blocks};
use crate::batches::{BatchOptions, Given, Precision, ends, method};
use crate::failure::OrRaise;
use crate::interruptible::run;
use crate::network::Network;

/// The weights of a network in the precision that they learn in, and the engine that holds them.
struct Learning<T: Scalar> {
    batches: Batches<T>,
    blocks: Vec<Block<T>>,
}

enum State {
    Single(Learning<f32>),
    Double(Learning<f64>),
}

/// A network that learns. Threads that share one take turns.
#[pyclass(frozen, module = "eqprop._core")]
pub struct Learner {
    network: Arc<model::Network>,
    state: Arc<Mutex<State>>,
}

impl<T: Scalar> Learning<T> {
    fn new(network: &model::Network, options: &BatchOptions) -> eqprop::Result<Self> {
        Ok(Self {
            batches: Batches::new(network, options.shape())?,
            blocks: blocks_of(network),
        })
    }
}

#[pymethods]
impl Learner {
    #[new]
    fn new(
        py: Python<'_>,
        network: &Network,
        single: bool,
        options: BatchOptions,
    ) -> PyResult<Self> {
        let network = Arc::clone(&network.network);
        let state = if single {
            Learning::new(&network, &options).map(State::Single)
        } else {
            Learning::new(&network, &options).map(State::Double)
        };
        Ok(Self {
            state: Arc::new(Mutex::new(state.or_raise(py)?)),
            network,
        })
    }

    /// One update: θ + rate · mean update, the rates block by block.
    fn step<'py>(
        &self,
        py: Python<'py>,
        given: Given<'py>,
        options: BatchOptions,
        estimator: &str,
        rates: Vec<f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let method = method(py, estimator)?;
        let state = Arc::clone(&self.state);
        let work: Box<dyn FnOnce() -> eqprop::Result<_> + Send> = if given.is_single() {
            let samples = given.samples::<f32>()?;
            Box::new(move || match &mut *lock(&state) {
                State::Single(own) => own.step(&samples, &options, method, &rates),
                State::Double(_) => Err(mixed()),
            })
        } else {
            let samples = given.samples::<f64>()?;
            Box::new(move || match &mut *lock(&state) {
                State::Double(own) => own.step(&samples, &options, method, &rates),
                State::Single(_) => Err(mixed()),
            })
        };
        let (reports, cost) = run(py, work)?.or_raise(py)?;
        let out = PyDict::new(py);
        out.set_item("cost", cost)?;
        ends(py, &reports, &out)?;
        Ok(out)
    }

    /// The network as it is now.
    #[getter]
    fn network(&self, py: Python<'_>) -> Network {
        py.detach(|| {
            Network::new(match &*lock(&self.state) {
                State::Single(own) => with_blocks(&self.network, &own.blocks),
                State::Double(own) => with_blocks(&self.network, &own.blocks),
            })
        })
    }
}

impl<T: Precision> Learning<T> {
    fn step(
        &mut self,
        samples: &crate::batch::Samples<T>,
        options: &BatchOptions,
        method: crate::batch::Method,
        rates: &[f64],
    ) -> eqprop::Result<(Vec<eqprop::engine::SampleReport>, f64)> {
        let control = options.control();
        let errors = self
            .batches
            .errors(samples, options.beta, method, &control)?;
        let told = (errors.reports.clone(), errors.cost);
        self.batches.add(errors, rates, &mut self.blocks)?;
        self.batches.set(&self.blocks)?;
        Ok(told)
    }
}

fn mixed() -> eqprop::Error {
    eqprop::Error::invalid("X", "expected the precision that the learner was made for")
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
