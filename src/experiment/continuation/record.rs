//! A bifurcation diagram, as saved.

use serde::{Deserialize, Serialize};

use super::ContinuationRequest;
use crate::dynamics::{At, Branch, BranchEnd, ContinuationSettings, Diagram, Event, EventKind};
use crate::error::Result;
use crate::experiment::provenance::Provenance;
use crate::io::parse;
use crate::model::{Cost, Problem};

/// A bifurcation diagram, as saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContinuationRecord {
    /// Always `continuation`.
    pub kind: String,
    /// `beta`, `asymmetry`, `gain`, `bias:I`, or a name of the field.
    pub parameter: String,
    /// The names of the states, of a field in text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The parameter in the problem as it stands.
    pub nominal: f64,
    /// The range followed.
    pub range: [f64; 2],
    /// β (dimensionless) while another parameter varies.
    pub beta: f64,
    /// The neuron that the figure shows.
    pub component: usize,
    /// How far the fixed point that the dynamics reach can be carried down and up from the nominal
    /// value before its stability changes or its branch turns, or null where it is not within the
    /// range.
    pub limits: [Option<f64>; 2],
    /// Half the width of the largest window around the nominal value in which it is carried: the
    /// smaller distance to a limit, or null if there is none in the range.
    pub symmetric_window: Option<f64>,
    /// Which fixed point was followed first: the one that the dynamics reach, if null.
    #[serde(default)]
    pub at: Option<At>,
    /// The branches, that of this fixed point first.
    pub branches: Vec<BranchRecord>,
    /// The events of all branches, each once.
    #[serde(default)]
    pub events: Vec<EventRecord>,
    /// Whether the largest number of branches was reached, so that some may be missing.
    #[serde(default)]
    pub truncated: bool,
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
    /// C(s) at each point, empty if the problem has no cost.
    pub cost: Vec<f64>,
    /// The eigenvalue `[re, im]` of the largest real part at each point, per time constant, or null
    /// where bounds hold all neurons.
    pub leading_eigenvalue: Vec<Option<[f64; 2]>>,
    /// How many eigenvalues have a positive real part, counted with multiplicity.
    #[serde(default)]
    pub unstable: Vec<usize>,
    /// What happens on it. A branch that leaves another one begins with the event there.
    pub events: Vec<EventRecord>,
}

/// What happens at one place of a branch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRecord {
    /// A fold, a Hopf point, a branch point …
    #[serde(alias = "event")]
    pub kind: EventKind,
    /// On which branch.
    #[serde(default)]
    pub branch: usize,
    /// Number of points of the branch that stand before it.
    pub position: usize,
    /// The parameter.
    pub parameter: f64,
    /// The fixed point.
    pub state: Vec<f64>,
    /// C(s), or none if the problem has no cost.
    pub cost: Option<f64>,
    /// Eigenvalues `[re, im]` of the dynamics, per time constant, at a bound or a kink on the side
    /// of the start.
    pub eigenvalues: Vec<[f64; 2]>,
    /// How many eigenvalues are on the imaginary axis, or how many neurons come to a bound or a
    /// kink.
    #[serde(default = "one")]
    pub multiplicity: usize,
    /// Whether the parameter turns back.
    #[serde(default)]
    pub turns: bool,
}

fn one() -> usize {
    1
}

fn pair(value: &nalgebra::Complex<f64>) -> [f64; 2] {
    [value.re, value.im]
}

impl ContinuationRecord {
    pub(super) fn new(
        problem: &Problem,
        request: &ContinuationRequest,
        nominal: f64,
        component: usize,
        diagram: &Diagram,
    ) -> Self {
        let has_cost = problem.expect_cost().is_ok();
        let cost = has_cost.then_some(&problem.cost as &dyn Cost);
        let numbered = diagram.branches.iter().enumerate();
        let branches: Vec<BranchRecord> = numbered
            .map(|(k, branch)| BranchRecord::new(k, branch, cost))
            .collect();
        let limits = branches[0].limits();
        let own = |event: &&EventRecord| event.position > 0;
        let events = branches.iter().flat_map(|branch| &branch.events);
        Self {
            kind: "continuation".into(),
            parameter: request.parameter.name(),
            names: problem.own_names(),
            nominal,
            range: request.range.into(),
            beta: request.beta,
            component,
            at: request.at.clone(),
            limits,
            symmetric_window: limits
                .into_iter()
                .flatten()
                .map(|limit| (limit - nominal).abs())
                .min_by(f64::total_cmp),
            events: events.filter(own).cloned().collect(),
            branches,
            truncated: diagram.truncated,
            settings: request.settings,
            provenance: Provenance::current(),
        }
    }

    /// Reads a saved record.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`].
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}

impl EventRecord {
    fn new(branch: usize, position: usize, event: &Event, cost: Option<&dyn Cost>) -> Self {
        Self {
            kind: event.kind,
            branch,
            position,
            parameter: event.parameter,
            state: event.state.clone(),
            cost: cost.map(|cost| cost.value(&event.state)),
            eigenvalues: event.eigenvalues.iter().map(pair).collect(),
            multiplicity: event.multiplicity,
            turns: event.turns,
        }
    }
}

impl BranchRecord {
    fn new(number: usize, branch: &Branch, cost: Option<&dyn Cost>) -> Self {
        let points = branch.points.iter();
        let events = branch.event_positions.iter().zip(&branch.events);
        Self {
            start: branch.start,
            ends: branch.ends,
            parameter: points.clone().map(|p| p.parameter).collect(),
            state: points.clone().map(|p| p.state.clone()).collect(),
            cost: cost.map_or_else(Vec::new, |cost| {
                points.clone().map(|p| cost.value(&p.state)).collect()
            }),
            leading_eigenvalue: points
                .clone()
                .map(|p| p.eigenvalues.first().map(pair))
                .collect(),
            unstable: points.map(|p| p.unstable()).collect(),
            events: events
                .map(|(&position, event)| EventRecord::new(number, position, event, cost))
                .collect(),
        }
    }

    /// Whether the point is stable.
    pub fn stable(&self, position: usize) -> bool {
        self.leading_eigenvalue[position].is_none_or(|[re, _]| re < 0.0)
    }

    /// Whether the stability changes at an event, or the branch turns: the dynamics do not follow
    /// the parameter beyond it.
    fn ends_at(&self, event: &EventRecord) -> bool {
        let counts = |k: usize| self.unstable.get(k);
        let before = event.position.checked_sub(1).and_then(counts);
        event.turns || before != counts(event.position)
    }

    /// The first events on either side of the start that end what the dynamics can follow.
    fn limits(&self) -> [Option<f64>; 2] {
        // the arc may run either way: what counts is on which side of the start an event is
        let nominal = self.parameter[self.start];
        let ending = || self.events.iter().filter(|event| self.ends_at(event));
        let before = ending().rfind(|event| event.position <= self.start);
        let after = ending().find(|event| event.position > self.start);
        let side = |below: bool| {
            let events = [before, after].into_iter().flatten();
            events
                .map(|event| event.parameter)
                .filter(|value| (*value < nominal) == below)
                .min_by(|a, b| (a - nominal).abs().total_cmp(&(b - nominal).abs()))
        };
        [side(true), side(false)]
    }
}
