//! A branch of fixed points in both directions, and all branches that hang together.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::super::phase::largest;
use super::super::spectrum::spectral_abscissa;
use super::bordered::{Node, advance, difference, dot, node};
use super::corner::Ray;
use super::crossing::unstable;
use super::event::Event;
use super::follow::{Course, Half, follow};
use super::homotopy::Homotopy;
use super::piece::Piece;

/// Settings of a continuation. Every field is public and has a default. Lengths are of (s, p)
/// together, Euclidean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContinuationSettings {
    /// First step. Default 0.01.
    pub first_step: f64,
    /// Smallest step. Default 1e-8.
    pub min_step: f64,
    /// Largest step. Default 0.05.
    pub max_step: f64,
    /// Largest number of points in one direction. Default 20 000.
    pub max_points: usize,
    /// Largest number of branches. Default 100.
    pub max_branches: usize,
}

impl Default for ContinuationSettings {
    fn default() -> Self {
        Self {
            first_step: 0.01,
            min_step: 1e-8,
            max_step: 0.05,
            max_points: 20_000,
            max_branches: 100,
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
    /// It leaves another branch here, at its first event.
    Junction,
    /// No branch goes on from a bound or a kink: the force jumps there.
    Corner,
    /// No step is short enough: Newton's method does not converge, or what changes on it cannot be
    /// told apart.
    StepTooSmall,
    /// The largest number of points was reached.
    MaxPoints,
    /// A state grew beyond 1e6.
    Unbounded,
}

impl BranchEnd {
    /// As a person reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RangeEnd => "end of the range",
            Self::Closed => "closed",
            Self::Junction => "leaves another branch",
            Self::Corner => "no way on from a bound or a kink",
            Self::StepTooSmall => "no step is short enough",
            Self::MaxPoints => "the largest number of points",
            Self::Unbounded => "unbounded",
        }
    }
}

/// One computed point of a branch.
#[derive(Debug, Clone, PartialEq)]
pub struct ContinuationPoint {
    /// The parameter.
    pub parameter: f64,
    /// The fixed point.
    pub state: Vec<f64>,
    /// Eigenvalues of the dynamics, per time constant, by decreasing real part, over the neurons
    /// that no bound holds.
    pub eigenvalues: Vec<Complex<f64>>,
}

impl ContinuationPoint {
    /// Whether every eigenvalue has a negative real part.
    pub fn stable(&self) -> bool {
        spectral_abscissa(&self.eigenvalues) < 0.0
    }

    /// How many eigenvalues have a positive real part, counted with multiplicity.
    pub fn unstable(&self) -> usize {
        unstable(&self.eigenvalues)
    }

    fn place(&self) -> Vec<f64> {
        let mut place = self.state.clone();
        place.push(self.parameter);
        place
    }
}

/// A branch of fixed points, ordered along its arc.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The points, range ends included. A bound or a kink is two points, one of each side.
    pub points: Vec<ContinuationPoint>,
    /// Position of the point from which the branch was followed.
    pub start: usize,
    /// What happens on it, in the order of the points.
    pub events: Vec<Event>,
    /// For each event, the number of points that stand before it.
    pub event_positions: Vec<usize>,
    /// Why it ends before the first and after the last point.
    pub ends: [BranchEnd; 2],
}

/// All branches that were followed.
#[derive(Debug, Clone)]
pub struct Diagram {
    /// The branches, that of the first start first.
    pub branches: Vec<Branch>,
    /// Whether the largest number of branches was reached: then some may be missing.
    pub truncated: bool,
}

/// Follows the fixed point `state` at `parameter` along the family, in both directions, while the
/// parameter stays in `range`: pseudo-arclength continuation (H. Keller, 1977) with the tangent as
/// predictor and Newton's method on the bordered system as corrector. The step grows where few
/// corrections do. It is halved where they fail, where the branch turns by more than 15° or leaves a
/// cone around its tangent, and where the numbers of unstable eigenvalues at its ends differ by
/// what no event between them explains.
///
/// Bounds and kinks of a network's activation cut the family into smooth pieces. A branch that
/// comes to the edge of its piece goes on in the next one.
///
/// `None` if `state` is no fixed point at `parameter`, or a singular one.
pub fn continue_fixed_point(
    homotopy: &Homotopy<'_>,
    state: &[f64],
    parameter: f64,
    range: (f64, f64),
    settings: &ContinuationSettings,
) -> Option<Branch> {
    let course = Course {
        range,
        settings,
        switching: false,
    };
    both_ways(*homotopy, state, parameter, course).map(|(branch, _)| branch)
}

/// Follows several fixed points, and at branch points, bounds and kinks all other branches that
/// leave them.
///
/// `None` if the first state is no fixed point at `parameter`, or a singular one.
pub fn bifurcation_diagram(
    homotopy: &Homotopy<'_>,
    states: &[Vec<f64>],
    parameter: f64,
    range: (f64, f64),
    settings: &ContinuationSettings,
) -> Option<Diagram> {
    let course = Course {
        range,
        settings,
        switching: true,
    };
    let mut diagram = Diagram {
        branches: Vec::new(),
        truncated: false,
    };
    let mut waiting = Vec::new();
    for (k, state) in states.iter().enumerate() {
        let place = [state.as_slice(), &[parameter]].concat();
        let mut followed = None;
        if !diagram.passes(homotopy, &place) {
            followed = both_ways(*homotopy, state, parameter, course);
        }
        if let Some((branch, rays)) = followed {
            diagram.branches.push(branch);
            waiting.extend(rays);
        } else if k == 0 {
            return None;
        }
        while let Some((event, ray)) = waiting.pop() {
            let inside = (range.0..=range.1).contains(&ray.node.parameter());
            if !inside || diagram.passes(homotopy, &ray.node.place) {
                continue;
            }
            if diagram.branches.len() >= settings.max_branches {
                diagram.truncated = true;
                break;
            }
            if let Some(half) = follow(ray, course) {
                let (branch, rays) = leaving(event, half);
                diagram.branches.push(branch);
                waiting.extend(rays);
            }
        }
    }
    Some(diagram)
}

type Rays<'a> = Vec<(Event, Ray<'a>)>;

fn both_ways<'a>(
    homotopy: Homotopy<'a>,
    state: &[f64],
    parameter: f64,
    course: Course<'_>,
) -> Option<(Branch, Rays<'a>)> {
    let n = homotopy.dimension();
    let mut axis = vec![0.0; n + 1];
    axis[n] = 1.0;
    let place = [state, &[parameter]].concat();
    let piece = Piece::of_place(homotopy, &place);
    let again = Piece::new(homotopy, piece.stands.clone());
    let given = Node {
        place,
        tangent: axis.clone(),
    };
    // a last correction with the parameter held, then the tangent
    let (place, _) = advance(&piece, &given, 0.0)?;
    if largest(difference(&place, &given.place)) > 1e-6 * (1.0 + largest(place.iter().copied())) {
        return None;
    }
    let onward = node(&piece, place, &axis)?;
    let backward = onward.reversed();
    let ahead = follow(
        Ray {
            piece,
            node: onward,
        },
        course,
    )?;
    let behind = if ahead.end == BranchEnd::Closed {
        Half {
            points: ahead.points[..1].to_vec(),
            events: Vec::new(),
            end: BranchEnd::Closed,
            rays: Vec::new(),
        }
    } else {
        let node = backward;
        follow(Ray { piece: again, node }, course)?
    };
    let start = behind.points.len() - 1;
    let mut points: Vec<ContinuationPoint> = behind.points.into_iter().rev().collect();
    points.extend(ahead.points.into_iter().skip(1));
    let before = behind.events.into_iter().rev();
    let before = before.map(|(position, event)| (start + 1 - position, event));
    let after = ahead.events.into_iter();
    let after = after.map(|(position, event)| (start + position, event));
    let (event_positions, events) = before.chain(after).unzip();
    let branch = Branch {
        points,
        start,
        events,
        event_positions,
        ends: [behind.end, ahead.end],
    };
    let rays = ahead.rays.into_iter().chain(behind.rays).collect();
    Some((branch, rays))
}

/// The branch that leaves another one at an event.
fn leaving<'a>(event: Event, half: Half<'a>) -> (Branch, Rays<'a>) {
    let all = std::iter::once((0, event)).chain(half.events);
    let (event_positions, events) = all.unzip();
    let branch = Branch {
        points: half.points,
        start: 0,
        events,
        event_positions,
        ends: [BranchEnd::Junction, half.end],
    };
    (branch, half.rays)
}

impl Diagram {
    /// Whether a branch goes through a place (s, p).
    fn passes(&self, homotopy: &Homotopy<'_>, place: &[f64]) -> bool {
        let mut segments = self.branches.iter().flat_map(|b| b.points.windows(2));
        segments.any(|pair| {
            let (from, to) = (pair[0].place(), pair[1].place());
            let chord = difference(&to, &from);
            let length = dot(&chord, &chord).sqrt();
            let apart = difference(place, &from);
            let share = dot(&apart, &chord) / (length * length);
            let near = dot(&apart, &apart).sqrt() <= 2.0 * length;
            if !near || !(-1e-6..=1.0 + 1e-6).contains(&share) {
                return false;
            }
            // the arc itself, from its chord
            let middle: Vec<f64> = from.iter().zip(&to).map(|(a, b)| 0.5 * (a + b)).collect();
            let tangent: Vec<f64> = chord.iter().map(|value| value / length).collect();
            let node = Node {
                place: from,
                tangent,
            };
            let piece = Piece::of_place(*homotopy, &middle);
            advance(&piece, &node, share * length).is_some_and(|(arc, _)| {
                largest(difference(&arc, place)) <= 1e-6 * (1.0 + largest(arc.iter().copied()))
            })
        })
    }
}
