//! Where a branch turns, starts to oscillate or meets another: test functions and their roots.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::bordered::{Node, advance, node};
use super::homotopy::Homotopy;

/// What happens to the fixed point at a special value of the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The branch turns back, dp/d(arclength) = 0: two fixed points meet and vanish.
    Fold,
    /// A pair of complex eigenvalues crosses the imaginary axis: an oscillation is born.
    Hopf,
    /// Another branch crosses: the bordered determinant changes sign, an eigenvalue is 0.
    BranchPoint,
}

/// A located event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// At which value of the parameter.
    pub parameter: f64,
    /// The fixed point there.
    pub state: Vec<f64>,
    /// Eigenvalues of the dynamics there, by decreasing real part.
    pub eigenvalues: Vec<Complex<f64>>,
}

/// The complex pair nearest to the imaginary axis: its real part.
fn pair_real_part(eigenvalues: &[Complex<f64>]) -> Option<f64> {
    eigenvalues
        .iter()
        .filter(|value| value.im > 1e-8)
        .map(|value| value.re)
        .min_by(|a, b| a.abs().total_cmp(&b.abs()))
}

fn growing(eigenvalues: &[Complex<f64>]) -> usize {
    eigenvalues.iter().filter(|value| value.re > 0.0).count()
}

/// The events on the step from one node to the next, `step` being its length.
pub(super) fn events(
    homotopy: &Homotopy<'_>,
    from: (&Node, &[Complex<f64>]),
    to: (&Node, &[Complex<f64>]),
    step: f64,
) -> Vec<Event> {
    let turns = from.0.parameter_speed() * to.0.parameter_speed() < 0.0;
    let crosses = from.0.orientation * to.0.orientation < 0.0;
    let mut kinds = Vec::new();
    if turns {
        kinds.push(EventKind::Fold);
    }
    if crosses {
        kinds.push(EventKind::BranchPoint);
    }
    // folds and branch points move one eigenvalue across, a Hopf point two
    let moved = growing(from.1).abs_diff(growing(to.1));
    if moved > usize::from(turns) + usize::from(crosses) {
        kinds.push(EventKind::Hopf);
    }
    kinds
        .into_iter()
        .filter_map(|kind| locate(homotopy, from.0, step, kind))
        .collect()
}

fn locate(homotopy: &Homotopy<'_>, from: &Node, step: f64, kind: EventKind) -> Option<Event> {
    let growing_pairs = |values: &[Complex<f64>]| {
        let pairs = values.iter().filter(|value| value.im > 1e-8);
        pairs.filter(|value| value.re > 0.0).count()
    };
    let before = growing_pairs(&homotopy.eigenvalues(from.state(), from.parameter())?);
    let test = |node: &Node| -> Option<f64> {
        match kind {
            EventKind::Fold => Some(node.parameter_speed()),
            EventKind::BranchPoint => Some(node.orientation),
            EventKind::Hopf => {
                let eigenvalues = homotopy.eigenvalues(node.state(), node.parameter())?;
                let real_part = pair_real_part(&eigenvalues)?.abs();
                // the count gives the sign, for the nearest pair may be another one at the far end
                let changed = growing_pairs(&eigenvalues) != before;
                Some(if changed { real_part } else { -real_part })
            }
        }
    };
    let found = root(homotopy, from, step, &test)?;
    let eigenvalues = homotopy.eigenvalues(found.state(), found.parameter())?;
    let genuine = match kind {
        EventKind::Hopf => pair_real_part(&eigenvalues).is_some_and(|re| re.abs() <= 1e-7),
        _ => true,
    };
    genuine.then(|| Event {
        kind,
        parameter: found.parameter(),
        state: found.state().to_vec(),
        eigenvalues,
    })
}

/// The node within `step` of `from` at which a test function changes sign, by the Illinois rule
/// (a secant that cannot stall) within a bracket; `None` if the sign does not change.
pub(super) fn root(
    homotopy: &Homotopy<'_>,
    from: &Node,
    step: f64,
    test: &dyn Fn(&Node) -> Option<f64>,
) -> Option<Node> {
    let at = |length: f64| -> Option<(Node, f64)> {
        let (place, _) = advance(homotopy, from, length)?;
        let found = node(homotopy, place, &from.tangent)?;
        let value = test(&found)?;
        Some((found, value))
    };
    let (mut low, mut low_value) = (0.0, at(0.0)?.1);
    let (mut best, mut high_value) = at(step)?;
    let mut high = step;
    if low_value * high_value > 0.0 {
        return None;
    }
    for round in 0..200 {
        if high_value == 0.0 || (high - low).abs() <= 1e-15 * (1.0 + step.abs()) {
            break;
        }
        let secant = low - low_value * (high - low) / (high_value - low_value);
        // every third round halves the bracket: jumps have no slope to follow
        let length = if round % 3 == 2 || !secant.is_finite() {
            0.5 * (low + high)
        } else {
            secant
        };
        let Some((found, value)) = at(length) else {
            // the bordered matrix is singular at a branch point: near enough
            break;
        };
        if value * high_value < 0.0 {
            (low, low_value) = (high, high_value);
        } else {
            low_value *= 0.5;
        }
        (high, high_value, best) = (length, value, found);
    }
    Some(best)
}
