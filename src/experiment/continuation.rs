//! How far a fixed point can be carried by a parameter: the record behind the figure.

use serde::{Deserialize, Serialize};

use super::provenance::Provenance;
use crate::dynamics::{
    Branch, BranchEnd, ContinuationSettings, EventKind, Family, Parameter, Phase, SearchSettings,
    SolverSettings, continue_fixed_point, find_fixed_points, settle,
};
use crate::error::{Error, Result};
use crate::io::parse;
use crate::model::{Cost, Problem};

/// What is followed, and how far.
#[derive(Debug, Clone)]
pub struct ContinuationRequest {
    /// The parameter.
    pub parameter: Parameter,
    /// Its range; has to hold the value in the problem as it stands.
    pub range: (f64, f64),
    /// β while another parameter varies; default 0.
    pub beta: f64,
    /// Whether the branches of all other fixed points are followed too.
    pub all: bool,
    /// The neuron that the figure shows; default: the first output.
    pub component: Option<usize>,
    /// Steps of the continuation.
    pub settings: ContinuationSettings,
}

/// A bifurcation diagram, as saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContinuationRecord {
    /// Always `continuation`.
    pub kind: String,
    /// `beta`, `asymmetry`, `gain` or `bias:I`.
    pub parameter: String,
    /// The parameter in the problem as it stands.
    pub nominal: f64,
    /// The range followed.
    pub range: [f64; 2],
    /// β while another parameter varies.
    pub beta: f64,
    /// The neuron that the figure shows.
    pub component: usize,
    /// How far the fixed point that the dynamics reach can be carried down and up from the nominal
    /// value before it loses stability or its branch turns; null where it is not within the range.
    pub limits: [Option<f64>; 2],
    /// Half the width of the largest window around the nominal value in which it is carried: the
    /// smaller distance to a limit; null if there is none in the range.
    pub symmetric_window: Option<f64>,
    /// The branches, that of the fixed point which the dynamics reach first.
    pub branches: Vec<BranchRecord>,
    /// Settings of the continuation.
    pub settings: ContinuationSettings,
    /// Where the numbers come from.
    pub provenance: Provenance,
}

/// One branch, point by point along its arc.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchRecord {
    /// Position of the point from which it was followed.
    pub start: usize,
    /// Why it ends, at its first and at its last point.
    pub ends: [BranchEnd; 2],
    /// The parameter.
    pub parameter: Vec<f64>,
    /// The fixed points.
    pub state: Vec<Vec<f64>>,
    /// C(s).
    pub cost: Vec<f64>,
    /// The eigenvalue `[re, im]` of the largest real part.
    pub leading_eigenvalue: Vec<[f64; 2]>,
    /// Folds, Hopf and branch points.
    pub events: Vec<EventRecord>,
}

/// A fold, Hopf or branch point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// Which of them.
    pub event: EventKind,
    /// Number of points of the branch that stand before it.
    pub position: usize,
    /// The parameter.
    pub parameter: f64,
    /// The fixed point.
    pub state: Vec<f64>,
    /// C(s).
    pub cost: f64,
    /// Eigenvalues `[re, im]` of the dynamics.
    pub eigenvalues: Vec<[f64; 2]>,
}

impl ContinuationRecord {
    /// Reads a saved record.
    ///
    /// # Errors
    /// [`Error::InvalidInput`].
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}

impl BranchRecord {
    fn new(branch: &Branch, cost: &dyn Cost) -> Self {
        let pair = |value: &nalgebra::Complex<f64>| [value.re, value.im];
        Self {
            start: branch.start,
            ends: branch.ends,
            parameter: branch.points.iter().map(|p| p.parameter).collect(),
            state: branch.points.iter().map(|p| p.state.clone()).collect(),
            cost: branch.points.iter().map(|p| cost.value(&p.state)).collect(),
            leading_eigenvalue: branch
                .points
                .iter()
                .filter_map(|p| p.eigenvalues.first().map(pair))
                .collect(),
            events: branch
                .events
                .iter()
                .zip(&branch.event_positions)
                .map(|(event, &position)| EventRecord {
                    event: event.kind,
                    position,
                    parameter: event.parameter,
                    state: event.state.clone(),
                    cost: cost.value(&event.state),
                    eigenvalues: event.eigenvalues.iter().map(pair).collect(),
                })
                .collect(),
        }
    }

    /// Whether the point is stable.
    pub fn stable(&self, position: usize) -> bool {
        self.leading_eigenvalue[position][0] < 0.0
    }

    /// The first events on either side of the start that end what the dynamics can follow.
    fn limits(&self) -> [Option<f64>; 2] {
        // the arc may run either way: what counts is on which side of the start an event is
        let nominal = self.parameter[self.start];
        let nearest = |keep: &dyn Fn(&&EventRecord) -> bool, last: bool| {
            let mut kept = self.events.iter().filter(keep);
            if last { kept.next_back() } else { kept.next() }.map(|event| event.parameter)
        };
        let before = nearest(&|event| event.position <= self.start, true);
        let after = nearest(&|event| event.position > self.start, false);
        let side = |below: bool| {
            let values = [before, after].into_iter().flatten();
            values
                .filter(|value| (*value < nominal) == below)
                .min_by(|a, b| (a - nominal).abs().total_cmp(&(b - nominal).abs()))
        };
        [side(true), side(false)]
    }
}

/// Follows the fixed point that the dynamics reach from the initial state (and, if asked, all
/// others) along the parameter.
///
/// # Errors
/// [`Error::InvalidInput`] for a range without the nominal value, bounded states, or a neuron that
/// does not exist; what [`settle`] says where the dynamics do not reach a fixed point;
/// [`Error::SingularJacobian`] where it cannot be followed.
pub fn continuation(
    problem: &Problem,
    request: &ContinuationRequest,
    solver: &SolverSettings,
) -> Result<ContinuationRecord> {
    let component = component(problem, request)?;
    let family = Family::new(problem, request.parameter, request.beta)?;
    let nominal = request.parameter.nominal(problem);
    let (low, high) = request.range;
    if !(low.is_finite() && high.is_finite() && low < high && (low..=high).contains(&nominal)) {
        return Err(Error::invalid(
            "range",
            format!(
                "expected LO,HI with LO ≤ {nominal} ≤ HI, for the branch is followed from there; found {low},{high}"
            ),
        ));
    }
    let field = problem.field();
    let mut phase = Phase::of_problem(problem, &field);
    if request.beta != 0.0 && request.parameter != Parameter::Beta {
        phase = phase.nudged(&problem.cost, request.beta);
    }
    let homotopy = family.homotopy();
    let follow = |state: &[f64]| {
        continue_fixed_point(&homotopy, state, nominal, request.range, &request.settings)
    };
    let reached = settle(&phase, &problem.initial_state, solver).into_fixed_point()?;
    let mut branches = vec![follow(reached.state()).ok_or(Error::SingularJacobian {
        reciprocal_condition: 0.0,
    })?];
    if request.all {
        let settings = SearchSettings::for_dimension(phase.dimension());
        for found in find_fixed_points(&phase, &settings).points {
            let state = found.point.state();
            if !branches.iter().any(|branch| passes(branch, state, nominal)) {
                branches.extend(follow(state));
            }
        }
    }
    let branches: Vec<BranchRecord> = branches
        .iter()
        .map(|branch| BranchRecord::new(branch, &problem.cost))
        .collect();
    let limits = branches[0].limits();
    Ok(ContinuationRecord {
        kind: "continuation".into(),
        parameter: request.parameter.name(),
        nominal,
        range: [low, high],
        beta: request.beta,
        component,
        limits,
        symmetric_window: limits
            .into_iter()
            .flatten()
            .map(|limit| (limit - nominal).abs())
            .min_by(f64::total_cmp),
        branches,
        settings: request.settings,
        provenance: Provenance::current(),
    })
}

fn component(problem: &Problem, request: &ContinuationRequest) -> Result<usize> {
    let n = problem.network.dimension();
    let default = problem.network.outputs.first().copied().unwrap_or(0);
    let component = request.component.unwrap_or(default);
    if component < n {
        return Ok(component);
    }
    let message = format!("there are {n} neurons, numbered from 0; found {component}");
    Err(Error::invalid("component", message))
}

/// Whether a branch goes through a state at the nominal parameter: one of its segments does.
fn passes(branch: &Branch, state: &[f64], nominal: f64) -> bool {
    branch.points.windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        let span = b.parameter - a.parameter;
        let share = (nominal - a.parameter) / span;
        let on_segment = (-1e-9..=1.0 + 1e-9).contains(&share);
        let between = a
            .state
            .iter()
            .zip(&b.state)
            .map(|(a, b)| a + share * (b - a));
        let gap = between
            .zip(state)
            .map(|(s, t)| (s - t).abs())
            .fold(0.0, f64::max);
        // a chord is off its arc by the square of its length
        let length = a
            .state
            .iter()
            .zip(&b.state)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f64>();
        on_segment && gap <= 4.0 * (length + span * span) + 1e-9
    })
}
