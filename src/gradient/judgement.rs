//! How far an estimate is from the true gradient and from its own limit: decided here alone.

use super::comparison::{Comparison, compare, difference};
use super::estimator::{Estimate, Formation};
use super::free_phase::FreePhase;
use crate::model::Parameters;

/// An estimate held against what it stands for, over all parameters.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// g, n values.
    pub true_error_vector: Vec<f64>,
    /// −∂J/∂θ.
    pub negative_gradient: Parameters,
    /// The update beside −∂J/∂θ.
    pub to_gradient: Comparison,
    /// The update beside what the method converges to: ν, or −∂J/∂θ if it reaches that.
    pub to_limit: Comparison,
}

/// Compares an estimate that was made from `free` with the true gradient and with its own limit.
///
/// An update that is the pullback of an error vector is compared in state space, in the norm of
/// parameter space. The limit itself is compared by the exact formula of a − g, and an update
/// collected along a trajectory over the parameters themselves.
pub fn judge(free: &FreePhase<'_>, estimate: &Estimate) -> Judgement {
    let c = free.cost_gradient();
    let truth = free.linearisation.true_error_vector(&c);
    let vector = &estimate.error_vector;
    let limit = if estimate.reaches_the_gradient {
        truth.clone()
    } else if estimate.formation == Formation::Limit {
        vector.clone()
    } else {
        free.linearisation.ep_error_vector(&c)
    };
    let negative_gradient = free.pullback(&truth);
    let (to_gradient, to_limit) = match estimate.formation {
        Formation::AlongTheWay => {
            let values = |parameters: &Parameters| parameters.iter().collect::<Vec<f64>>();
            let update = values(&estimate.update);
            let beside = |other: Vec<f64>| compare(&update, &other, &difference(&update, &other));
            let limit = values(&free.pullback(&limit));
            (beside(values(&negative_gradient)), beside(limit))
        }
        formation => {
            let gap = match formation {
                Formation::Limit => free.linearisation.difference(&truth),
                _ => difference(vector, &truth),
            };
            let to_limit = free.compare(vector, &limit, &difference(vector, &limit));
            (free.compare(vector, &truth, &gap), to_limit)
        }
    };
    Judgement {
        true_error_vector: truth,
        negative_gradient,
        to_gradient,
        to_limit,
    }
}
