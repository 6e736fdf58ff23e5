//! Following a branch in one direction, with a step that adapts.

use nalgebra::Complex;

use super::super::phase::largest;
use super::bordered::{Node, advance, difference, dot, node};
use super::branch::{BranchEnd, ContinuationPoint, ContinuationSettings};
use super::corner::{Ray, both_ways, onward, rays_at_corner};
use super::crossing::{Located, events, root};
use super::event::{Event, EventKind};
use super::piece::{Piece, Stand};
use super::switch::rays_at_branch_point;

/// One direction of a branch.
pub(super) struct Half<'a> {
    pub points: Vec<ContinuationPoint>,
    /// Events, with the number of points that stand before them.
    pub events: Vec<(usize, Event)>,
    pub end: BranchEnd,
    /// Other branches that leave from its events.
    pub rays: Vec<(Event, Ray<'a>)>,
}

/// What is followed, and how.
#[derive(Clone, Copy)]
pub(super) struct Course<'s> {
    pub range: (f64, f64),
    pub settings: &'s ContinuationSettings,
    /// Whether the other branches at branch points are looked for.
    pub switching: bool,
}

/// A step that was accepted.
struct Step {
    node: Node,
    length: f64,
    corrections: usize,
    eigenvalues: Vec<Complex<f64>>,
    events: Vec<Located>,
    /// Neurons that have come to an edge, and the edges.
    corner: Vec<(usize, f64)>,
    leaves: bool,
}

/// A step is refused if the branch turns by more than 15° on it.
const TURN: f64 = 0.966;
/// A step is refused if its end lies off the tangent by more than this part of its length.
const CONE: f64 = 0.3;
/// A margin below minus this is one overstepped.
const OVERSTEPPED: f64 = 1e-10;

/// One step along the tangent: to its length, or to the corner or the end of the range on its way.
/// Returns `None` if it has to be shorter.
fn attempt(
    piece: &Piece<'_>,
    here: (&Node, &[Complex<f64>]),
    length: f64,
    (low, high): (f64, f64),
) -> Option<Step> {
    let (place, corrections) = advance(piece, here.0, length)?;
    let next = node(piece, place, &here.0.tangent)?;
    let chord = difference(&next.place, &here.0.place);
    let aside = (dot(&chord, &chord) - length * length).max(0.0).sqrt();
    if dot(&next.tangent, &here.0.tangent) < TURN || aside > CONE * length {
        return None;
    }
    let mut end = (length, next.clone());
    let mut leaves = false;
    let bound = if next.parameter() > high { high } else { low };
    if !(low..=high).contains(&next.parameter()) {
        let beyond = |node: &Node| Some(node.parameter() - bound);
        end = root(piece, here.0, length, &beyond)?;
        // to the last bit what was asked for
        *end.1.place.last_mut()? = bound;
        leaves = true;
    }
    let mut corner = Vec::new();
    for overstepped in piece.margins(&next.place) {
        if overstepped.value >= -OVERSTEPPED {
            continue;
        }
        let margin = |node: &Node| {
            let margins = piece.margins(&node.place).into_iter();
            let (neuron, edge) = (overstepped.neuron, overstepped.edge);
            // both sides of a held neuron have a margin: the smaller one ends it
            margins
                .filter(|margin| margin.neuron == neuron && margin.edge == edge)
                .map(|margin| margin.value)
                .min_by(f64::total_cmp)
        };
        let found = root(piece, here.0, length, &margin)?;
        if found.0 < end.0 {
            end = found;
            leaves = false;
        }
        corner.push((overstepped.neuron, overstepped.edge));
    }
    let (length, mut node) = end;
    if !corner.is_empty() && !leaves {
        corner = on_edges(piece, &mut node);
    } else {
        corner.clear();
    }
    let eigenvalues = piece.eigenvalues(&node.place)?;
    let events = events(piece, here, (&node, &eigenvalues), length)?;
    Some(Step {
        node,
        length,
        corrections,
        eigenvalues,
        events,
        corner,
        leaves,
    })
}

/// The neurons whose margins have come to 0, free ones being put on their edge.
fn on_edges(piece: &Piece<'_>, node: &mut Node) -> Vec<(usize, f64)> {
    let mut corner = Vec::new();
    for margin in piece.margins(&node.place) {
        let place = (margin.neuron, margin.edge);
        if margin.value.abs() <= 1e-8 * (1.0 + margin.edge.abs()) && !corner.contains(&place) {
            corner.push(place);
            if matches!(piece.stands[margin.neuron], Stand::Free(_)) {
                node.place[margin.neuron] = margin.edge;
            }
        }
    }
    corner
}

fn point(node: &Node, eigenvalues: Vec<Complex<f64>>) -> ContinuationPoint {
    ContinuationPoint {
        parameter: node.parameter(),
        state: node.state().to_vec(),
        eigenvalues,
    }
}

/// Follows a branch from a node along its tangent. Returns `None` if there are no eigenvalues.
pub(super) fn follow<'a>(from: Ray<'a>, course: Course<'_>) -> Option<Half<'a>> {
    let settings = course.settings;
    let (low, high) = course.range;
    let Ray {
        mut piece,
        node: first,
    } = from;
    let mut half = Half {
        points: vec![point(&first, piece.eigenvalues(&first.place)?)],
        events: Vec::new(),
        end: BranchEnd::MaxPoints,
        rays: Vec::new(),
    };
    let speed = first.parameter_speed();
    if (first.parameter() >= high && speed > 0.0) || (first.parameter() <= low && speed < 0.0) {
        half.end = BranchEnd::RangeEnd;
        return Some(half);
    }
    let mut here = first.clone();
    let mut step = settings.first_step;
    let mut travelled = 0.0;
    while half.points.len() < settings.max_points {
        let eigenvalues = &half.points.last()?.eigenvalues;
        let Some(taken) = attempt(&piece, (&here, eigenvalues), step, course.range) else {
            step *= 0.5;
            if step < settings.min_step {
                half.end = BranchEnd::StepTooSmall;
                break;
            }
            continue;
        };
        let position = half.points.len();
        for located in taken.events {
            if course.switching && located.event.kind == EventKind::BranchPoint {
                let radius = 0.2 * settings.max_step;
                for node in rays_at_branch_point(&piece, &located.node.place, radius) {
                    let piece = Piece::new(piece.homotopy, piece.stands.clone());
                    half.rays.push((located.event.clone(), Ray { piece, node }));
                }
            }
            half.events.push((position, located.event));
        }
        half.points.push(point(&taken.node, taken.eigenvalues));
        travelled += taken.length;
        let next = taken.node;
        let returned = largest(difference(&next.place, &first.place)) < 0.75 * taken.length
            && travelled > 4.0 * settings.max_step
            && dot(&next.tangent, &first.tangent) > 0.9;
        if taken.leaves {
            half.end = BranchEnd::RangeEnd;
        } else if returned {
            half.end = BranchEnd::Closed;
        } else if largest(next.state().iter().copied()) > 1e6 {
            half.end = BranchEnd::Unbounded;
        }
        if half.end != BranchEnd::MaxPoints {
            break;
        }
        if taken.corner.is_empty() {
            here = next;
            if taken.corrections <= 3 {
                step = (1.4 * step).min(settings.max_step);
            } else if taken.corrections > 5 {
                step *= 0.7;
            }
            continue;
        }
        let rays = rays_at_corner(
            piece.homotopy,
            &piece.stands,
            &next.place,
            &taken.corner,
            &both_ways,
        );
        let (ray, others) = onward(rays, &piece.stands, &next);
        let event = corner_event(&piece, &next, &taken.corner, ray.as_ref(), &half.points)?;
        let others = others.into_iter().map(|ray| (event.clone(), ray));
        half.rays.extend(others);
        half.events.push((half.points.len(), event));
        let Some(ray) = ray else {
            half.end = BranchEnd::Corner;
            break;
        };
        (piece, here) = (ray.piece, ray.node);
        let eigenvalues = piece.eigenvalues(&here.place)?;
        half.points.push(point(&here, eigenvalues));
        step = settings.first_step;
    }
    Some(half)
}

fn corner_event(
    piece: &Piece<'_>,
    arrived: &Node,
    corner: &[(usize, f64)],
    onward: Option<&Ray<'_>>,
    points: &[ContinuationPoint],
) -> Option<Event> {
    let (low, high) = piece.homotopy.bounds();
    let on_bound = corner.iter().any(|&(_, edge)| edge <= low || edge >= high);
    Some(Event {
        kind: if on_bound {
            EventKind::Bound
        } else {
            EventKind::Kink
        },
        parameter: arrived.parameter(),
        state: arrived.state().to_vec(),
        eigenvalues: points.last()?.eigenvalues.clone(),
        multiplicity: corner.len(),
        turns: onward
            .is_some_and(|ray| ray.node.parameter_speed() * arrived.parameter_speed() < 0.0),
    })
}
