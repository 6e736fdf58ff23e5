//! Whether a branch of a family with bounds or kinks leads from parameter 0 to 1 without turning back.

use std::cell::Cell;

use super::super::chord::{Side, leads_along};
use super::super::phase::largest;
use super::bordered::{difference, dot};
use super::corner::{ALL_COMBINATIONS, rays_at_corner};
use super::homotopy::Homotopy;
use super::piece::Piece;
use crate::numeric::linear_algebra::{self as la, Factorisation};

/// Shortest step of the parameter: a branch that bends more has come to a fold.
const SHORTEST: f64 = 1e-6;
/// Steps in answer to one question, over all pieces.
const STEPS: usize = 4_000;
/// A margin below minus this, relative to 1 + |edge|, is one overstepped.
const OVERSTEPPED: f64 = 1e-11;
/// A margin smaller than this is that of a corner.
const CORNER: f64 = 1e-8;

/// Neurons at edges, and the edges.
type Corner = Vec<(usize, f64)>;

/// How the way along one piece ends.
enum Way {
    /// At parameter 1.
    Arrives(Vec<f64>),
    /// Where neurons come to edges.
    Corner(Vec<f64>, Corner),
    /// At a fold.
    Folds,
    /// Nowhere within the steps.
    Unknown,
}

/// Whether the branch of fixed points that begins with `start` at parameter 0 comes to a state at
/// parameter 1 that `is_end`, the parameter growing all the way. Each piece of the family is
/// followed to the corner where a neuron comes to a bound or a kink. There the branch goes on in the
/// piece beyond if that leads to larger parameters, and ends if it leads back.
///
/// `None` where that cannot be decided.
pub(crate) fn leads(
    homotopy: Homotopy<'_>,
    start: &[f64],
    is_end: &dyn Fn(&[f64]) -> bool,
) -> Option<bool> {
    let place = [start, &[0.0]].concat();
    let piece = Piece::of_place(homotopy, &place);
    let corner = edges_near(&piece, &place);
    let decided = Cell::new(true);
    let beyond = |piece: &Piece<'_>, place: &[f64], corner: &[(usize, f64)]| {
        let rising = |piece: &Piece<'_>, place: &[f64]| match rise(piece, place) {
            Some(direction) => vec![direction],
            None => {
                decided.set(false);
                Vec::new()
            }
        };
        let rays = rays_at_corner(homotopy, &piece.stands, place, corner, &rising);
        if rays.is_empty() && corner.len() > ALL_COMBINATIONS {
            decided.set(false);
        }
        rays
    };
    let mut waiting = beyond(&piece, &place, &corner);
    let mut steps = STEPS;
    while let Some(ray) = waiting.pop() {
        match walk(&ray.piece, ray.node.place, &mut steps) {
            Way::Arrives(state) if is_end(&state) => return Some(true),
            Way::Arrives(_) | Way::Folds => {}
            Way::Corner(place, corner) => waiting.extend(beyond(&ray.piece, &place, &corner)),
            Way::Unknown => decided.set(false),
        }
    }
    decided.get().then_some(false)
}

/// The direction in which a piece leads to larger parameters, or `None` where ∂f/∂s is singular.
fn rise(piece: &Piece<'_>, place: &[f64]) -> Option<Vec<f64>> {
    let (_, by_parameter) = piece.residual(place);
    let right: Vec<f64> = by_parameter.iter().map(|slope| -slope).collect();
    let mut direction = la::solve(&piece.jacobian(place), &right)?;
    direction.push(1.0);
    let norm = dot(&direction, &direction).sqrt();
    norm.is_finite()
        .then(|| direction.iter().map(|d| d / norm).collect())
}

/// The edges at which neurons are, or are held without force.
fn edges_near(piece: &Piece<'_>, place: &[f64]) -> Corner {
    let mut corner = Corner::new();
    for margin in piece.margins(place) {
        let at = (margin.neuron, margin.edge);
        if margin.value.abs() <= CORNER * (1.0 + margin.edge.abs()) && !corner.contains(&at) {
            corner.push(at);
        }
    }
    corner
}

/// Follows a piece to its next corner.
fn walk(piece: &Piece<'_>, mut place: Vec<f64>, steps: &mut usize) -> Way {
    let n = place.len() - 1;
    let mut step = 1.0f64;
    while place[n] < 1.0 {
        let Some(left) = steps.checked_sub(1) else {
            return Way::Unknown;
        };
        *steps = left;
        step = step.min(1.0 - place[n]);
        let mut ahead = place.clone();
        ahead[n] = if step < 1.0 - place[n] {
            place[n] + step
        } else {
            1.0
        };
        let next = solved(piece, ahead).filter(|next| is_smooth(piece, &place, next));
        let Some(next) = next else {
            step *= 0.5;
            if step < SHORTEST {
                return Way::Folds;
            }
            continue;
        };
        if !oversteps(piece, &next) {
            place = next;
            step *= 2.0;
            continue;
        }
        return match first_edge(piece, place, next) {
            Some((place, corner)) => Way::Corner(place, corner),
            None => Way::Unknown,
        };
    }
    place.truncate(n);
    Way::Arrives(place)
}

/// The fixed point at the parameter of a place, by Newton's method from there.
fn solved(piece: &Piece<'_>, mut place: Vec<f64>) -> Option<Vec<f64>> {
    const ITERATIONS: usize = 12;
    for _ in 0..ITERATIONS {
        let (force, _) = piece.residual(&place);
        let right: Vec<f64> = force.iter().map(|force| -force).collect();
        let step = la::solve(&piece.jacobian(&place), &right)?;
        let size = largest(step.iter().copied());
        if !size.is_finite() {
            return None;
        }
        place.iter_mut().zip(&step).for_each(|(s, step)| *s += step);
        if size <= 1e-12 * (1.0 + largest(place.iter().copied())) {
            return Some(place);
        }
    }
    None
}

/// Whether no fold is between two places of one piece.
fn is_smooth(piece: &Piece<'_>, from: &[f64], to: &[f64]) -> bool {
    let n = from.len() - 1;
    let chord = difference(&to[..n], &from[..n]);
    let later = [&from[..n], &to[n..]].concat();
    let jacobian = Factorisation::new(&piece.jacobian(&later));
    let product = |side: Side, share: f64| {
        let mut place: Vec<f64> = from
            .iter()
            .zip(to)
            .map(|(a, b)| a + share * (b - a))
            .collect();
        place[n] = match side {
            Side::Before => from[n],
            Side::After => to[n],
        };
        let mut product = vec![0.0; n];
        la::multiply_vector(&piece.jacobian(&place), &chord, &mut product, false);
        product
    };
    leads_along(
        &chord,
        &to[..n],
        &jacobian,
        &piece.residual(&later).0,
        &product,
    )
}

fn oversteps(piece: &Piece<'_>, place: &[f64]) -> bool {
    let mut margins = piece.margins(place).into_iter();
    margins.any(|margin| margin.value < -OVERSTEPPED * (1.0 + margin.edge.abs()))
}

/// The place between two of one piece at which the first neuron comes to an edge, by secants, every
/// third step a bisection, and the neurons there, put on their edges.
fn first_edge(piece: &Piece<'_>, from: Vec<f64>, to: Vec<f64>) -> Option<(Vec<f64>, Corner)> {
    const ROUNDS: usize = 120;
    let n = from.len() - 1;
    let (mut low, mut high) = (from, to);
    for round in 0..ROUNDS {
        let before = piece.margins(&low).into_iter();
        let pairs = before
            .zip(piece.margins(&high))
            .filter(|(_, after)| after.value < 0.0);
        let share = pairs
            .map(|(before, after)| before.value.max(0.0) / (before.value.max(0.0) - after.value))
            .fold(1.0, f64::min);
        let share = if round % 3 == 2 { 0.5 } else { share };
        let between = low.iter().zip(&high).map(|(a, b)| a + share * (b - a));
        let middle = solved(piece, between.collect())?;
        if oversteps(piece, &middle) {
            high = middle;
        } else {
            low = middle;
        }
        let corner = edges_near(piece, &low);
        let arrived = corner.iter().any(|at| {
            let margins = piece.margins(&high).into_iter();
            margins
                .filter(|margin| (margin.neuron, margin.edge) == *at)
                .any(|margin| margin.value < 0.0)
        });
        if arrived || high[n] - low[n] <= 1e-15 {
            for &(neuron, edge) in &corner {
                if let super::piece::Stand::Free(_) = piece.stands[neuron] {
                    low[neuron] = edge;
                }
            }
            return (!corner.is_empty()).then_some((low, corner));
        }
    }
    None
}
