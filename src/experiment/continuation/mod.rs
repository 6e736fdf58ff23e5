//! How far a fixed point can be carried by a parameter: the record behind the figure.

mod record;

use crate::dynamics::{
    At, ContinuationSettings, Diagram, Family, Parameter, Phase, SearchSettings, SolverSettings,
    bifurcation_diagram, continue_fixed_point, find_fixed_points, fixed_point_at, settle,
};
use crate::error::{Error, Result};
use crate::model::Problem;

pub use record::{BranchRecord, ContinuationRecord, EventRecord};

/// What is followed, and how far.
#[derive(Debug, Clone)]
pub struct ContinuationRequest {
    /// The parameter.
    pub parameter: Parameter,
    /// Its range, which has to hold the value in the problem as it stands.
    pub range: (f64, f64),
    /// β while another parameter varies. Default 0.
    pub beta: f64,
    /// Whether the branches of all other fixed points are followed too, and those that leave at
    /// branch points, bounds and kinks.
    pub all: bool,
    /// The fixed point that is followed. Default the one that the dynamics reach.
    pub at: Option<At>,
    /// The neuron that the figure shows. Default the first output.
    pub component: Option<usize>,
    /// Steps of the continuation.
    pub settings: ContinuationSettings,
}

/// Follows the fixed point that the dynamics reach from the initial state, or another one that is
/// named (and, if asked, all others) along the parameter.
///
/// # Errors
/// [`Error::InvalidInput`] for a range without the nominal value, or a neuron that does not exist.
/// What [`settle`] says where the dynamics do not reach a fixed point, and [`fixed_point_at`] where
/// there is none. [`Error::SingularJacobian`] where it cannot be followed.
pub fn continuation(
    problem: &Problem,
    request: &ContinuationRequest,
    solver: &SolverSettings,
) -> Result<ContinuationRecord> {
    let component = component(problem, request)?;
    problem.expect_autonomous()?;
    let parameter = request.parameter.of(problem)?;
    if parameter == Parameter::Beta || request.beta != 0.0 {
        problem.expect_cost()?;
    }
    let family = Family::new(problem, &parameter, request.beta)?;
    let nominal = parameter.nominal(problem);
    let (low, high) = request.range;
    if !(low.is_finite() && high.is_finite() && low < high && (low..=high).contains(&nominal)) {
        return Err(Error::invalid(
            "range",
            format!(
                "expected LO,HI with LO ≤ {nominal} ≤ HI, for the branch is followed from there, found {low},{high}"
            ),
        ));
    }
    let field = problem.field();
    let mut phase = Phase::of_problem(problem, &field);
    if request.beta != 0.0 && parameter != Parameter::Beta {
        phase = phase.nudged(&problem.cost, request.beta);
    }
    let homotopy = family.homotopy();
    let reached = match &request.at {
        Some(at) => fixed_point_at(&phase, at, &problem.initial_state)?,
        None => settle(&phase, &problem.initial_state, solver).into_fixed_point()?,
    };
    let (range, settings) = (request.range, &request.settings);
    let diagram = if request.all {
        let mut states = vec![reached.state().to_vec()];
        let search = SearchSettings::for_dimension(phase.dimension());
        let found = find_fixed_points(&phase, &search).points;
        states.extend(found.iter().map(|found| found.point.state().to_vec()));
        bifurcation_diagram(&homotopy, &states, nominal, range, settings)
    } else {
        continue_fixed_point(&homotopy, reached.state(), nominal, range, settings).map(|branch| {
            Diagram {
                branches: vec![branch],
                truncated: false,
            }
        })
    };
    let diagram = diagram.ok_or(Error::SingularJacobian {
        reciprocal_condition: 0.0,
    })?;
    Ok(ContinuationRecord::new(
        problem, request, nominal, component, &diagram,
    ))
}

fn component(problem: &Problem, request: &ContinuationRequest) -> Result<usize> {
    let n = problem.dimension();
    let default = problem.cost.outputs().first().copied().unwrap_or(0);
    let component = request.component.unwrap_or(default);
    if component < n {
        return Ok(component);
    }
    let message = format!("expected one of the {n} neurons, numbered from 0, found {component}");
    Err(Error::invalid("component", message))
}
