//! Following one branch of fixed points, in both directions, with a step that adapts.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::super::phase::largest;
use super::super::spectrum::spectral_abscissa;
use super::bordered::{Node, advance, dot, node};
use super::event::{Event, events, root};
use super::homotopy::Homotopy;

/// Settings of a continuation; every field is public and has a default. Lengths are of (s, p)
/// together, Euclidean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ContinuationSettings {
    /// First step; default 0.01.
    pub first_step: f64,
    /// Smallest step; default 1e-8.
    pub min_step: f64,
    /// Largest step; default 0.05.
    pub max_step: f64,
    /// Largest number of points in one direction; default 20 000.
    pub max_points: usize,
}

impl Default for ContinuationSettings {
    fn default() -> Self {
        Self {
            first_step: 0.01,
            min_step: 1e-8,
            max_step: 0.05,
            max_points: 20_000,
        }
    }
}

/// Why a branch was not followed further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BranchEnd {
    /// The parameter reached an end of its range.
    RangeEnd,
    /// The branch came back to its first point.
    Closed,
    /// Newton's method did not converge with the smallest step (a kink, or a jump of the force).
    StepTooSmall,
    /// The largest number of points was reached.
    MaxPoints,
    /// A state grew beyond 1e6.
    Unbounded,
}

/// One computed point of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinuationPoint {
    /// The parameter.
    pub parameter: f64,
    /// The fixed point.
    pub state: Vec<f64>,
    /// Eigenvalues of the dynamics, by decreasing real part.
    pub eigenvalues: Vec<Complex<f64>>,
}

impl ContinuationPoint {
    /// Whether every eigenvalue has a negative real part.
    pub fn stable(&self) -> bool {
        spectral_abscissa(&self.eigenvalues) < 0.0
    }
}

/// A branch of fixed points, ordered along its arc.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The points, range ends included.
    pub points: Vec<ContinuationPoint>,
    /// Position of the point from which the branch was followed.
    pub start: usize,
    /// Folds, Hopf points and branch points, in the order of the points.
    pub events: Vec<Event>,
    /// For each event, the number of points that stand before it.
    pub event_positions: Vec<usize>,
    /// Why it ends before the first and after the last point.
    pub ends: [BranchEnd; 2],
}

struct Half {
    points: Vec<ContinuationPoint>,
    events: Vec<(usize, Event)>,
    end: BranchEnd,
}

/// Follows the fixed point `state` at `parameter` along the family, in both directions, while the
/// parameter stays in `range`: pseudo-arclength continuation (H. Keller, 1977) with the tangent as
/// predictor and Newton's method on the bordered system as corrector. The step grows where few
/// corrections do, and is halved where they fail or the tangent turns by more than 15°.
///
/// `None` if `state` is no fixed point at `parameter`, or a singular one.
pub fn continue_fixed_point(
    homotopy: &Homotopy<'_>,
    state: &[f64],
    parameter: f64,
    range: (f64, f64),
    settings: &ContinuationSettings,
) -> Option<Branch> {
    let n = homotopy.dimension();
    let mut axis = vec![0.0; n + 1];
    axis[n] = 1.0;
    let mut place = state.to_vec();
    place.push(parameter);
    let given = Node {
        place,
        tangent: axis.clone(),
        orientation: 1.0,
    };
    // a last correction with the parameter held, then the tangent
    let (place, _) = advance(homotopy, &given, 0.0)?;
    let onward = node(homotopy, place, &axis)?;
    let backward = Node {
        tangent: onward.tangent.iter().map(|t| -t).collect(),
        ..onward.clone()
    };
    let ahead = follow(homotopy, onward, range, settings)?;
    let behind = if ahead.end == BranchEnd::Closed {
        Half {
            points: ahead.points[..1].to_vec(),
            events: Vec::new(),
            end: BranchEnd::Closed,
        }
    } else {
        follow(homotopy, backward, range, settings)?
    };
    let start = behind.points.len() - 1;
    let mut points: Vec<ContinuationPoint> = behind.points.into_iter().rev().collect();
    points.extend(ahead.points.into_iter().skip(1));
    let before = behind.events.into_iter().rev();
    let before = before.map(|(position, event)| (start + 1 - position, event));
    let after = ahead.events.into_iter();
    let after = after.map(|(position, event)| (start + position, event));
    let (event_positions, events) = before.chain(after).unzip();
    Some(Branch {
        points,
        start,
        events,
        event_positions,
        ends: [behind.end, ahead.end],
    })
}

fn follow(
    homotopy: &Homotopy<'_>,
    first: Node,
    (low, high): (f64, f64),
    settings: &ContinuationSettings,
) -> Option<Half> {
    let point = |node: &Node| {
        Some(ContinuationPoint {
            parameter: node.parameter(),
            state: node.state().to_vec(),
            eigenvalues: homotopy.eigenvalues(node.state(), node.parameter())?,
        })
    };
    let mut half = Half {
        points: vec![point(&first)?],
        events: Vec::new(),
        end: BranchEnd::MaxPoints,
    };
    let at_end = |parameter: f64, speed: f64| {
        (parameter >= high && speed > 0.0) || (parameter <= low && speed < 0.0)
    };
    if at_end(first.parameter(), first.parameter_speed()) {
        half.end = BranchEnd::RangeEnd;
        return Some(half);
    }
    let mut here = node(homotopy, first.place.clone(), &first.tangent)?;
    let mut step = settings.first_step;
    let mut travelled = 0.0;
    while half.points.len() < settings.max_points {
        let next = advance(homotopy, &here, step)
            .and_then(|(place, corrections)| {
                Some((node(homotopy, place, &here.tangent)?, corrections))
            })
            .filter(|(next, _)| dot(&next.tangent, &here.tangent) > 0.966);
        let Some((mut next, corrections)) = next else {
            step *= 0.5;
            if step < settings.min_step {
                half.end = BranchEnd::StepTooSmall;
                break;
            }
            continue;
        };
        let mut length = step;
        let leaves = next.parameter() > high || next.parameter() < low;
        if leaves {
            let end = if next.parameter() > high { high } else { low };
            let beyond = |node: &Node| Some(node.parameter() - end);
            if let Some(last) = root(homotopy, &here, step, &beyond) {
                let ahead: Vec<f64> = last
                    .place
                    .iter()
                    .zip(&here.place)
                    .map(|(a, b)| a - b)
                    .collect();
                length = dot(&ahead, &here.tangent);
                next = last;
                // to the last bit what was asked for
                if let Some(last) = next.place.last_mut() {
                    *last = end;
                }
            }
        }
        let next_point = point(&next)?;
        let last_point = half.points.last()?;
        let from = (&here, last_point.eigenvalues.as_slice());
        for event in events(homotopy, from, (&next, &next_point.eigenvalues), length) {
            half.events.push((half.points.len(), event));
        }
        half.points.push(next_point);
        travelled += length;
        let back = next.place.iter().zip(&first.place).map(|(a, b)| a - b);
        let returned = largest(back) < 0.75 * length
            && travelled > 4.0 * settings.max_step
            && dot(&next.tangent, &first.tangent) > 0.9;
        if leaves {
            half.end = BranchEnd::RangeEnd;
        } else if returned {
            half.end = BranchEnd::Closed;
        } else if largest(next.state().iter().copied()) > 1e6 {
            half.end = BranchEnd::Unbounded;
        }
        if half.end != BranchEnd::MaxPoints {
            break;
        }
        // the next step's border is this tangent: the sign of the determinant anew
        here = node(homotopy, next.place, &next.tangent)?;
        if corrections <= 3 {
            step = (1.4 * step).min(settings.max_step);
        } else if corrections > 5 {
            step *= 0.7;
        }
    }
    Some(half)
}
