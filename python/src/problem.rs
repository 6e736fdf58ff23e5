//! Problems: everything that is asked of one, answered as records.

use std::path::PathBuf;
use std::sync::Arc;

use eqprop::dynamics::{
    ContinuationSettings, FixedPointRecord, Parameter, Phase, SearchSettings, find_fixed_points,
};
use eqprop::experiment::portrait::portrait;
use eqprop::experiment::{
    ContinuationRequest, Fault, Provenance, SimulationSettings, StudySettings, continuation,
    simulate, spectra, validate_problem,
};
use eqprop::gradient::{
    Estimator, EstimatorOptions, FreePhase, ListedEigenvalues, NudgeOptions, budget,
    gradient_listing,
};
use eqprop::model::{self, SquaredError, System};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure::{OrRaise, refuse};
use crate::field::{Function, FunctionField};
use crate::interruptible::run;
use crate::network::{Network, named, vector};
use crate::portrait::PortraitOptions;
use crate::record::Node;
use crate::settings;

/// A problem. The Python layer has checked the shapes.
#[pyclass(frozen, module = "eqprop._core")]
pub struct Problem {
    /// The library's problem.
    pub problem: Arc<model::Problem>,
    /// What it is about, if that is a Python function.
    function: Option<Function>,
}

impl Problem {
    fn new(problem: model::Problem) -> Self {
        Self {
            problem: Arc::new(problem),
            function: None,
        }
    }

    /// Does `work` with the problem, interruptibly; its record as a Python object.
    pub fn record<'py>(
        &self,
        py: Python<'py>,
        work: impl FnOnce(&model::Problem) -> eqprop::Result<PyResult<Node>> + Send + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        let problem = Arc::clone(&self.problem);
        let Some(function) = &self.function else {
            let node = run(py, move || work(&problem))?.or_raise(py)??;
            return node.into_python(py, "");
        };
        // in this thread: signal handlers run in the function, and what they raise ends the work
        let result = py.detach(|| work(&problem));
        let (raised, error) = function.take();
        if let Some(raised) = raised {
            return Err(raised);
        }
        let node = result.or_raise(py)??;
        node.with("difference_error", Node::Float(error))
            .into_python(py, "")
    }
}

#[pymethods]
impl Problem {
    #[new]
    #[pyo3(signature = (network, input, target, initial_state, state_bounds, time_constants))]
    fn from_arrays(
        py: Python<'_>,
        network: &Network,
        input: PyReadonlyArray1<'_, f64>,
        target: Option<PyReadonlyArray1<'_, f64>>,
        initial_state: PyReadonlyArray1<'_, f64>,
        state_bounds: Option<(f64, f64)>,
        time_constants: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<Self> {
        let network = model::Network::clone(&network.network);
        let target = target.map(|target| vector(&target));
        // without a target there is no cost
        let outputs = if target.is_some() {
            network.outputs.as_slice()
        } else {
            &[]
        };
        let cost = SquaredError::new(outputs, &target.unwrap_or_default()).or_raise(py)?;
        Ok(Self::new(model::Problem {
            system: System::Network(network),
            input: vector(&input),
            cost: cost.into(),
            initial_state: vector(&initial_state),
            time_constants: time_constants.map(|constants| vector(&constants)),
            state_bounds,
            free_time: None,
            warnings: Vec::new(),
        }))
    }

    /// A problem about a Python function.
    #[staticmethod]
    #[pyo3(signature = (field, names, outputs, target, initial_state, state_bounds, time_constants))]
    #[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
    fn of_function(
        py: Python<'_>,
        field: FunctionField,
        names: Vec<String>,
        outputs: Vec<usize>,
        target: PyReadonlyArray1<'_, f64>,
        initial_state: PyReadonlyArray1<'_, f64>,
        state_bounds: Option<(f64, f64)>,
        time_constants: Option<PyReadonlyArray1<'_, f64>>,
    ) -> PyResult<Self> {
        let function = Function::new(field, names);
        let cost = SquaredError::new(&outputs, &vector(&target)).or_raise(py)?;
        let problem = model::Problem {
            system: System::Own(Arc::new(function.clone())),
            input: Vec::new(),
            cost: cost.into(),
            initial_state: vector(&initial_state),
            time_constants: time_constants.map(|constants| vector(&constants)),
            state_bounds,
            free_time: None,
            warnings: Vec::new(),
        };
        Ok(Self {
            function: Some(function),
            ..Self::new(problem)
        })
    }

    /// A problem file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let problem = py.detach(|| model::Problem::read(&path));
        problem.or_raise(py).map(Self::new)
    }

    /// The text of a problem file.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let problem = py.detach(|| model::Problem::from_json(text));
        problem.or_raise(py).map(Self::new)
    }

    #[getter]
    fn network(&self) -> Option<Network> {
        let network = self.problem.network().cloned();
        network.map(Network::new)
    }

    /// The names of the states.
    #[getter]
    fn names(&self) -> Vec<String> {
        self.problem.names()
    }

    /// Whether there is a cost.
    #[getter]
    fn has_cost(&self) -> bool {
        self.problem.expect_cost().is_ok()
    }

    #[getter]
    fn input<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.problem.input)
    }

    #[getter]
    fn target<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        let cost = &self.problem.cost;
        (!cost.target().is_empty()).then(|| PyArray1::from_slice(py, cost.target()))
    }

    #[getter]
    fn initial_state<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.problem.initial_state)
    }

    #[getter]
    fn time_constants<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyArray1<f64>>> {
        let constants = self.problem.time_constants.as_ref();
        constants.map(|constants| PyArray1::from_slice(py, constants))
    }

    #[getter]
    fn state_bounds(&self) -> Option<(f64, f64)> {
        self.problem.state_bounds
    }

    /// What `eqprop gradient --json` prints.
    #[pyo3(signature = (estimator, beta, points, learning_rate, settle_time, at, with_budget, eigenvalues, solver))]
    #[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        estimator: &str,
        beta: Option<f64>,
        points: Option<usize>,
        learning_rate: Option<f64>,
        settle_time: Option<f64>,
        at: Option<Bound<'py, PyAny>>,
        with_budget: bool,
        eigenvalues: Option<usize>,
        solver: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let settings = settings::solver(py, solver)?;
        let estimator: Estimator = named(py, "estimator", estimator)?;
        let at = settings::at(py, at.as_ref())?;
        let options = EstimatorOptions {
            beta,
            points,
            learning_rate,
        };
        let nudging = NudgeOptions {
            settle_time,
            ..NudgeOptions::new(&settings)
        };
        self.record(py, move |problem| {
            nudging.validate()?;
            // before the free phase, which may take long
            estimator.with(&options)?;
            let field = problem.field();
            let free = match &at {
                None => FreePhase::of_problem(problem, &field, &settings)?,
                Some(at) => FreePhase::at(problem, &field, at, &settings)?,
            };
            let listed = eigenvalues.map_or(ListedEigenvalues::Usual, ListedEigenvalues::Rightmost);
            let report = gradient_listing(problem, &free, estimator, &options, &nudging, listed)?;
            let budget = with_budget
                .then(|| budget(&free, estimator, &options, &nudging))
                .transpose()?;
            Ok((|| {
                let mut node = Node::of(&report)?;
                if let Some(budget) = &budget {
                    node = node.with("budget", Node::of(budget)?);
                }
                Ok(node.with("provenance", Node::of(&Provenance::current())?))
            })())
        })
    }

    /// The record that `eqprop simulate` writes.
    #[pyo3(signature = (t_free, t_nudged, beta, times, dt_out, compare_euler, solver))]
    #[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
    fn simulate<'py>(
        &self,
        py: Python<'py>,
        t_free: Option<f64>,
        t_nudged: Option<f64>,
        beta: f64,
        times: Option<Vec<f64>>,
        dt_out: Option<f64>,
        compare_euler: Vec<f64>,
        solver: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let settings = SimulationSettings {
            t_free,
            t_nudged,
            beta,
            dt_out,
            times,
            compare_euler,
            solver: settings::solver(py, solver)?,
        };
        self.record(py, move |problem| {
            Ok(Node::of(&simulate(problem, &settings)?))
        })
    }

    /// What `eqprop fixed-points --json` prints.
    #[pyo3(signature = (beta, region, patience))]
    fn fixed_points<'py>(
        &self,
        py: Python<'py>,
        beta: f64,
        region: Option<(f64, f64)>,
        patience: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.record(py, move |problem| {
            problem.expect_autonomous()?;
            if beta != 0.0 {
                problem.expect_cost()?;
            }
            let field = problem.field();
            let mut phase = Phase::of_problem(problem, &field);
            if beta != 0.0 {
                phase = phase.nudged(&problem.cost, beta);
            }
            let defaults = SearchSettings::for_dimension(phase.dimension());
            let settings = SearchSettings {
                region,
                patience: patience.unwrap_or(defaults.patience),
                ..defaults
            };
            let search = find_fixed_points(&phase, &settings);
            Ok((|| {
                let names = problem.own_names();
                let named = |node: Node| match names.as_slice() {
                    [] => Ok(node),
                    names => Ok(node.with("names", Node::of(&names)?)),
                };
                let points = search.points.iter().map(FixedPointRecord::from);
                let points = points.map(|point| named(Node::of(&point)?));
                let points = points.collect::<PyResult<Vec<_>>>()?;
                let own = named(Node::Map(Vec::new()))?;
                Ok(own.and(vec![
                    ("fixed_points".into(), Node::List(points)),
                    ("search".into(), Node::of(&search.record)?),
                    ("provenance".into(), Node::of(&Provenance::current())?),
                ]))
            })())
        })
    }

    /// The record behind `eqprop portrait`.
    fn portrait<'py>(
        &self,
        py: Python<'py>,
        options: PortraitOptions,
        solver: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let settings = options.settings(py, solver)?;
        self.record(py, move |problem| {
            Ok(Node::of(&portrait(problem, &settings)?))
        })
    }

    /// What `eqprop spectrum --json` prints.
    fn spectrum<'py>(
        &self,
        py: Python<'py>,
        asymmetry: Vec<f64>,
        at: Option<Bound<'py, PyAny>>,
        solver: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let solver = settings::solver(py, solver)?;
        let at = settings::at(py, at.as_ref())?;
        self.record(py, move |problem| {
            Ok(Node::of(&spectra(
                problem,
                &asymmetry,
                at.as_ref(),
                &solver,
            )?))
        })
    }

    /// What `eqprop continue --json` prints.
    #[pyo3(signature = (parameter, range, beta, all, at, component, step, solver))]
    #[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
    fn continuation<'py>(
        &self,
        py: Python<'py>,
        parameter: &str,
        range: (f64, f64),
        beta: f64,
        all: bool,
        at: Option<Bound<'py, PyAny>>,
        component: Option<usize>,
        step: Option<f64>,
        solver: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let parameter: Parameter = match parameter.parse() {
            Ok(parameter) => parameter,
            Err(message) => return refuse(py, "parameter", message),
        };
        let defaults = ContinuationSettings::default();
        let max_step = step.unwrap_or(defaults.max_step);
        let request = ContinuationRequest {
            parameter,
            range,
            beta,
            all,
            at: settings::at(py, at.as_ref())?,
            component,
            settings: ContinuationSettings {
                max_step,
                first_step: defaults.first_step.min(max_step),
                ..defaults
            },
        };
        let solver = settings::solver(py, solver)?;
        self.record(py, move |problem| {
            Ok(Node::of(&continuation(problem, &request, &solver)?))
        })
    }

    /// The report of `eqprop validate PROBLEM --json`.
    #[pyo3(signature = (at, plant))]
    fn validate<'py>(
        &self,
        py: Python<'py>,
        at: Option<Bound<'py, PyAny>>,
        plant: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let at = settings::at(py, at.as_ref())?;
        let fault = plant.map(|name| named::<Fault>(py, "plant", name));
        let settings = StudySettings {
            fault: fault.transpose()?,
            ..StudySettings::default()
        };
        self.record(py, move |problem| {
            Ok(Node::of(&validate_problem(
                problem,
                at.as_ref(),
                &settings,
            )?))
        })
    }
}
