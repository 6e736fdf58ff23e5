//! Corners of a branch, where a neuron comes to a bound or a kink: which branches leave them.

use super::bordered::{Node, dot, kernel, moved};
use super::homotopy::Homotopy;
use super::piece::{Piece, Stand, options};

/// A direction in which a branch leaves a place.
pub(super) struct Ray<'a> {
    pub piece: Piece<'a>,
    pub node: Node,
}

/// Up to this many neurons at once, all combinations of their stands are tried.
pub(super) const ALL_COMBINATIONS: usize = 6;

/// The directions in which a piece may be left at a place.
type Directions<'d> = dyn Fn(&Piece<'_>, &[f64]) -> Vec<Vec<f64>> + 'd;

/// The branches at a corner, where some neurons are on edges: for each combination of stands that
/// they may have, the smooth branch of that piece, as far as it stays on the piece. `directions` are
/// those in which a piece may be left.
pub(super) fn rays_at_corner<'a>(
    homotopy: Homotopy<'a>,
    stands: &[Stand],
    place: &[f64],
    corner: &[(usize, f64)],
    directions: &Directions<'_>,
) -> Vec<Ray<'a>> {
    let choices: Vec<Vec<Stand>> = corner
        .iter()
        .map(|&(_, edge)| options(&homotopy, edge))
        .collect();
    let mut rays = Vec::new();
    for combination in combinations(&choices) {
        let mut candidate = stands.to_vec();
        for (&(neuron, _), stand) in corner.iter().zip(combination) {
            candidate[neuron] = stand;
        }
        let piece = Piece::new(homotopy, candidate);
        if !piece.solved(place) {
            continue;
        }
        for tangent in directions(&piece, place) {
            if stays(&piece, place, &tangent, corner) {
                let (piece, place) = (Piece::new(homotopy, piece.stands.clone()), place.to_vec());
                let node = Node { place, tangent };
                rays.push(Ray { piece, node });
            }
        }
    }
    rays
}

/// The directions of the branches through a place, both ways.
pub(super) fn both_ways(piece: &Piece<'_>, place: &[f64]) -> Vec<Vec<f64>> {
    let lines = kernel(piece, place, true).into_iter();
    lines
        .flat_map(|line| [1.0, -1.0].map(|sign| line.iter().map(|t| sign * t).collect()))
        .collect()
}

fn combinations(choices: &[Vec<Stand>]) -> Vec<Vec<Stand>> {
    if choices.len() > ALL_COMBINATIONS {
        // all of them alike: what a symmetric network does
        let most = choices.iter().map(Vec::len).max().unwrap_or(0);
        let alike = (0..most).map(|k| {
            let of_each = choices.iter().filter_map(|of_one| of_one.get(k).copied());
            of_each.collect::<Vec<Stand>>()
        });
        return alike.filter(|all| all.len() == choices.len()).collect();
    }
    choices.iter().fold(vec![Vec::new()], |begun, of_one| {
        begun
            .iter()
            .flat_map(|start| {
                of_one.iter().map(|&stand| {
                    let mut longer = start.clone();
                    longer.push(stand);
                    longer
                })
            })
            .collect()
    })
}

/// Whether a short way along the tangent no neuron of the corner leaves the piece.
fn stays(piece: &Piece<'_>, place: &[f64], tangent: &[f64], corner: &[(usize, f64)]) -> bool {
    const WAY: f64 = 1e-6;
    const RATE: f64 = -1e-5;
    let before = piece.margins(place);
    let after = piece.margins(&moved(place, WAY, tangent));
    before.iter().zip(&after).all(|(before, after)| {
        let there = corner.contains(&(before.neuron, before.edge));
        !there || after.value - before.value >= RATE * WAY
    })
}

/// The ray on which a branch that came to a corner along `arrived` goes on, and the others. All
/// neurons of the corner change their stand if they can: so does a symmetric network.
pub(super) fn onward<'a>(
    mut rays: Vec<Ray<'a>>,
    stands: &[Stand],
    arrived: &Node,
) -> (Option<Ray<'a>>, Vec<Ray<'a>>) {
    rays.retain(|ray| {
        let same = ray.piece.stands == stands;
        !(same && dot(&ray.node.tangent, &arrived.tangent) < 0.0)
    });
    let changed = |ray: &Ray<'_>| {
        let pairs = ray.piece.stands.iter().zip(stands);
        pairs.filter(|(new, old)| new != old).count()
    };
    rays.sort_by(|a, b| {
        let straight = |ray: &Ray<'_>| dot(&ray.node.tangent, &arrived.tangent);
        changed(b)
            .cmp(&changed(a))
            .then(straight(b).total_cmp(&straight(a)))
    });
    let mut rays = rays.into_iter();
    (rays.next(), rays.collect())
}
