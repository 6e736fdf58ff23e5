//! What equilibrium propagation makes of the problem: the update beside the gradient, how far the
//! nudge carries, and steps along either.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::patient;
use super::problem::Asked;
use super::written::explicit;
use crate::dynamics::{At, ContinuationSettings, Parameter};
use crate::error::{Error, Result};
use crate::experiment::{ContinuationRecord, ContinuationRequest, continuation};
use crate::gradient::{Estimator, FreePhase, gradient, judge};
use crate::model::Parameters;

/// At which β.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LearningAsked {
    #[serde(flatten)]
    pub problem: Asked,
    /// β of the measured update. 0 measures none.
    #[serde(default)]
    pub beta: f64,
}

/// The limit β → 0, and what is measured at β.
#[derive(Debug, Serialize)]
pub(super) struct LearningShown {
    /// Everything that `eqprop gradient` says.
    limit: Value,
    /// The same of the estimate from one nudged phase at β, or its error in words where there is none.
    measured: Option<Value>,
}

/// Compares the update with the gradient.
///
/// # Errors
/// What the dynamics do instead of settling.
pub(super) fn learning(asked: &LearningAsked) -> Result<LearningShown> {
    let problem = asked.problem.problem()?;
    let report = |estimator, beta| {
        let report = gradient(&problem, estimator, beta, &patient())?;
        serde_json::to_value(report).map_err(|error| Error::invalid("(answer)", error.to_string()))
    };
    let limit = report(Estimator::LinearResponse, None)?;
    let measured = (asked.beta != 0.0).then(|| {
        report(Estimator::OneSided, Some(asked.beta))
            .unwrap_or_else(|error| json!({"error": error.to_string()}))
    });
    Ok(LearningShown { limit, measured })
}

/// Along which parameter.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct BranchAsked {
    #[serde(flatten)]
    pub problem: Asked,
    /// `beta`, `asymmetry`, `gain`, `bias:I`.
    pub parameter: String,
    /// From where to where.
    pub range: [f64; 2],
}

/// The branch of fixed points along a parameter.
///
/// # Errors
/// As [`continuation`].
pub(super) fn branch(asked: &BranchAsked) -> Result<ContinuationRecord> {
    let problem = asked.problem.problem()?;
    let parameter: Parameter =
        asked
            .parameter
            .parse()
            .map_err(|error: <Parameter as std::str::FromStr>::Err| {
                Error::invalid("parameter", error.to_string())
            })?;
    let request = |at| ContinuationRequest {
        parameter: parameter.clone(),
        range: (asked.range[0], asked.range[1]),
        beta: 0.0,
        all: false,
        at,
        component: None,
        settings: ContinuationSettings::default(),
    };
    // an oscillator's fixed point is no less a point of a branch
    continuation(&problem, &request(None), &patient())
        .or_else(|_| continuation(&problem, &request(Some(At::Unstable)), &patient()))
}

/// Which steps.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LearnAsked {
    #[serde(flatten)]
    pub problem: Asked,
    /// Along the true gradient, not along the EP update.
    #[serde(default)]
    pub true_gradient: bool,
    /// θ ← θ + rate · update.
    pub rate: f64,
    /// Steps, at most 200.
    pub steps: usize,
}

/// Where the steps led.
#[derive(Debug, Serialize)]
pub(super) struct Learned {
    /// The problem with its new parameters.
    problem: Value,
    /// C(s⁰) before each step, and at the end.
    cost: Vec<f64>,
    /// The angle between update and gradient there.
    angle_degrees: Vec<Option<f64>>,
    /// Why the steps ended early.
    stopped: Option<String>,
}

/// Takes steps along the EP update (β → 0) or the gradient.
///
/// # Errors
/// [`Error::InvalidInput`] for steps without meaning, and what the dynamics of the problem as it
/// stands do instead of settling.
pub(super) fn learn(asked: &LearnAsked) -> Result<Learned> {
    if !(1..=200).contains(&asked.steps) || !asked.rate.is_finite() {
        return Err(Error::invalid(
            "steps",
            "expected 1 to 200 steps and a finite rate",
        ));
    }
    let mut own = asked.problem.clone();
    let mut problem = own.problem()?;
    let mut learned = Learned {
        problem: Value::Null,
        cost: Vec::new(),
        angle_degrees: Vec::new(),
        stopped: None,
    };
    for step in 0..=asked.steps {
        let settings = patient();
        let field = problem.field();
        let judged = FreePhase::of_problem(&problem, &field, &settings).and_then(|free| {
            let estimate = free.estimate(Estimator::LinearResponse, None)?;
            let cost = free.cost.value(free.fixed_point.state());
            Ok((judge(&free, &estimate), estimate, cost))
        });
        let (judgement, estimate, cost) = match judged {
            Ok(judged) => judged,
            Err(error) if step > 0 => {
                learned.stopped = Some(error.to_string());
                break;
            }
            Err(error) => return Err(error),
        };
        learned.cost.push(cost);
        learned
            .angle_degrees
            .push(judgement.to_gradient.angle_degrees);
        if step == asked.steps {
            break;
        }
        let update = if asked.true_gradient {
            judgement.negative_gradient
        } else {
            estimate.update
        };
        drop(field);
        if let Some(network) = problem.network_mut() {
            let moved = network.parameters().plus(asked.rate, &update);
            *network = network.with_parameters(&moved);
        } else {
            own.text = with_moved_parameters(&own.text, asked.rate, &update)?;
            problem = own.problem()?;
        }
    }
    learned.problem = explicit(&problem, &own.text)?;
    Ok(learned)
}

/// The text of a problem whose field has its parameters moved along an update.
fn with_moved_parameters(text: &str, rate: f64, update: &Parameters) -> Result<String> {
    let unreadable = |error: serde_json::Error| Error::invalid("(problem)", error.to_string());
    let mut document: Value = serde_json::from_str(text).map_err(unreadable)?;
    let moves = serde_json::to_value(update).map_err(unreadable)?;
    let moves = moves["parameters"].as_object().into_iter().flatten();
    for (name, by) in moves {
        let value = &mut document["field"]["parameters"][name];
        *value = json!(value.as_f64().unwrap_or(0.0) + rate * by.as_f64().unwrap_or(0.0));
    }
    Ok(document.to_string())
}
