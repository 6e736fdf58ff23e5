//! Which eigenvalues cross the imaginary axis on one step of a branch, and where.

use nalgebra::Complex;

use super::bordered::{Node, advance, difference, kernel, moved, node};
use super::event::{Event, EventKind};
use super::piece::Piece;

/// Crossings this near to each other on the branch are one event.
const TOGETHER: f64 = 1e-6;
/// A test function that is continuous has come down to this part of itself at its root.
const CONTINUOUS: f64 = 1e-5;

/// How many eigenvalues have a positive real part, with multiplicity.
pub fn unstable(eigenvalues: &[Complex<f64>]) -> usize {
    eigenvalues.iter().filter(|value| value.re > 0.0).count()
}

/// An event with its place on the step.
pub(super) struct Located {
    pub event: Event,
    pub length: f64,
    pub node: Node,
}

/// The events on the step from one node to the next, in their order, `step` being its length.
/// Returns `None` if what differs between the nodes cannot have come about continuously, or has not
/// been located: the corrector slid onto another branch, or the step is too long.
///
/// The numbers of unstable eigenvalues are compared. Ordered by decreasing real part, each is a
/// continuous function along the branch, whether eigenvalues are real or complex, one or several:
/// if k₁ are unstable at one end and k₂ at the other, those at the ranks between have a root each.
/// Roots at one place are one event. Complex pairs cross where ∂f/∂s is regular, which does not
/// depend on time constants, eigenvalues through 0 where it is singular.
pub(super) fn events(
    piece: &Piece<'_>,
    from: (&Node, &[Complex<f64>]),
    to: (&Node, &[Complex<f64>]),
    step: f64,
) -> Option<Vec<Located>> {
    let counts = [unstable(from.1), unstable(to.1)];
    let ranks = counts[0].min(counts[1])..counts[0].max(counts[1]);
    let mut roots: Vec<(f64, Node, usize)> = Vec::new();
    for rank in ranks {
        let real_part = |node: &Node| Some(piece.eigenvalues(&node.place)?.get(rank)?.re);
        let (length, node) = root(piece, from.0, step, &real_part)?;
        roots.push((length, node, rank));
    }
    let turn = if from.0.parameter_speed() * to.0.parameter_speed() < 0.0 {
        let speed = |node: &Node| Some(node.parameter_speed());
        Some(root(piece, from.0, step, &speed)?)
    } else {
        None
    };
    roots.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut groups: Vec<Vec<(f64, Node, usize)>> = Vec::new();
    for found in roots {
        match groups.last_mut() {
            Some(group) if found.0 - group[0].0 <= TOGETHER => group.push(found),
            _ => groups.push(vec![found]),
        }
    }
    let mut located = Vec::new();
    let mut turns_with_group = false;
    for group in groups {
        let turns = turn
            .as_ref()
            .is_some_and(|(length, _)| (length - group[0].0).abs() <= TOGETHER);
        turns_with_group |= turns;
        let crossing = group.len();
        let first_rank = group.iter().map(|(_, _, rank)| *rank).min()?;
        // the fold's own root is the sharper one
        let (length, node) = match &turn {
            Some(turn) if turns => turn.clone(),
            _ => group
                .into_iter()
                .next()
                .map(|(length, node, _)| (length, node))?,
        };
        let singular = !kernel(piece, &node.place, false).is_empty();
        let oscillating = if singular {
            oscillating(&piece.eigenvalues(&node.place)?, first_rank, crossing)
        } else {
            crossing
        };
        let kind = match (crossing - oscillating, oscillating) {
            (_, some) if some % 2 == 1 => return None,
            (0, 2) => EventKind::Hopf,
            (0, _) => EventKind::DoubleHopf,
            (1, 0) if turns => EventKind::Fold,
            (_, 0) => EventKind::BranchPoint,
            _ => EventKind::ZeroHopf,
        };
        if turns && !singular {
            return None;
        }
        // where branches cross, ∂f/∂p adds no rank. Where it does, this is the fold of a branch nearby
        if kind == EventKind::BranchPoint
            && !turns
            && kernel(piece, &node.place, true).len() <= crossing
        {
            return None;
        }
        located.push(at(piece, kind, crossing, turns, length, node)?);
    }
    if let Some((length, node)) = turn
        && !turns_with_group
    {
        // the stability is the same on both sides: the branch is tangent to another one's crossing
        let zeros = kernel(piece, &node.place, false).len();
        if zeros == 0 {
            return None;
        }
        located.push(at(
            piece,
            EventKind::BranchPoint,
            zeros,
            true,
            length,
            node,
        )?);
    }
    located.sort_by(|a, b| a.length.total_cmp(&b.length));
    Some(located)
}

/// How many of the eigenvalues from `rank` on have an imaginary part to speak of.
fn oscillating(eigenvalues: &[Complex<f64>], rank: usize, count: usize) -> usize {
    let largest = eigenvalues
        .iter()
        .map(|value| value.norm())
        .fold(0.0, f64::max);
    let some = eigenvalues.iter().skip(rank).take(count);
    some.filter(|value| value.im.abs() > 1e-3 * largest).count()
}

fn at(
    piece: &Piece<'_>,
    kind: EventKind,
    multiplicity: usize,
    turns: bool,
    length: f64,
    node: Node,
) -> Option<Located> {
    let event = Event {
        kind,
        parameter: node.parameter(),
        state: node.state().to_vec(),
        eigenvalues: piece.eigenvalues(&node.place)?,
        multiplicity,
        turns,
    };
    Some(Located {
        event,
        length,
        node,
    })
}

/// The node within `step` of `from` at which a test function changes sign, by the Illinois rule (a
/// secant that cannot stall) within a bracket, and its distance, or `None` if the sign does not
/// change, or if the function jumps.
pub(super) fn root(
    piece: &Piece<'_>,
    from: &Node,
    step: f64,
    test: &dyn Fn(&Node) -> Option<f64>,
) -> Option<(f64, Node)> {
    let at = |length: f64| -> Option<(Node, f64)> {
        let (place, _) = advance(piece, from, length)?;
        let found = node(piece, place, &from.tangent)?;
        let value = test(&found)?;
        Some((found, value))
    };
    let start = at(0.0)?;
    let (mut low, mut low_value) = (0.0, start.1);
    let (mut best, mut high_value) = at(step)?;
    let mut high = step;
    // values at both ends of the bracket. The rule halves one of them
    let mut ends = [low_value, high_value];
    let scale = low_value.abs().max(high_value.abs());
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
            return between(&at, length);
        };
        if value * high_value < 0.0 {
            (low, low_value) = (high, high_value);
            ends[0] = ends[1];
        } else {
            low_value *= 0.5;
        }
        (high, high_value, best) = (length, value, found);
        ends[1] = value;
    }
    let left = if ends[1] == 0.0 {
        0.0
    } else {
        ends[0].abs().max(ends[1].abs())
    };
    (left <= CONTINUOUS * scale).then_some((high, best))
}

/// A root so near to `length` that nothing can be solved there, for the bordered matrix is singular
/// at a branch point: from a line through both sides. Returns `None` if the function jumps, as it
/// does where another branch is found on the other side.
fn between(at: &dyn Fn(f64) -> Option<(Node, f64)>, length: f64) -> Option<(f64, Node)> {
    const APART: f64 = 2e-5;
    let side = |steps: f64| at(length + steps * APART);
    let [far_below, below, above, far_above] = [side(-2.0)?, side(-1.0)?, side(1.0)?, side(2.0)?];
    let (near, far) = (above.1 - below.1, 0.5 * (far_above.1 - far_below.1));
    if (near - far).abs() > 0.2 * far.abs() {
        return None;
    }
    let share = below.1 / (below.1 - above.1);
    if !(-0.5..=1.5).contains(&share) {
        return None;
    }
    let way = difference(&above.0.place, &below.0.place);
    // both sides are on one branch only if they are no farther apart than along it
    if way.iter().any(|way| way.abs() > 4.0 * APART) {
        return None;
    }
    let node = Node {
        place: moved(&below.0.place, share, &way),
        tangent: below.0.tangent,
    };
    Some((length + (2.0 * share - 1.0) * APART, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A straight branch on which nothing can be solved within 1e-9 of `root`, seen through a test
    /// function of the distance from there.
    fn straight(root: f64, value: impl Fn(f64) -> f64) -> impl Fn(f64) -> Option<(Node, f64)> {
        move |length| {
            let node = Node {
                place: vec![2.0 + 0.6 * length, -1.0 + 0.8 * length],
                tangent: vec![0.6, 0.8],
            };
            ((length - root).abs() > 1e-9).then(|| (node, value(length - root)))
        }
    }

    #[test]
    fn a_root_where_nothing_can_be_solved_lies_on_the_line_through_both_sides() {
        for (root, beside) in [(0.3, 0.0), (0.3, 6e-6), (-0.7, -1.3e-5)] {
            for slope in [2.0, -0.01] {
                let at = straight(root, |away| slope * away);
                let (length, node) = between(&at, root + beside).unwrap();
                assert!((length - root).abs() < 1e-12, "{root} {beside} {slope}");
                assert!((node.place[0] - (2.0 + 0.6 * root)).abs() < 1e-12);
                assert!((node.place[1] - (-1.0 + 0.8 * root)).abs() < 1e-12);
                assert_eq!(node.tangent, [0.6, 0.8]);
            }
        }
    }

    #[test]
    fn a_jump_is_no_root_and_neither_is_another_branch_on_the_other_side() {
        // the function jumps, or is no line, or has its root elsewhere
        assert!(between(&straight(0.3, |away| away + 1e-3 * away.signum()), 0.3).is_none());
        assert!(between(&straight(0.3, |away| away.powi(3)), 0.3).is_none());
        assert!(between(&straight(0.3, |away| away + 1e-4), 0.3).is_none());
        let other = |length: f64| {
            let (mut node, value) = straight(0.3, |away| away)(length)?;
            node.place[0] += if length > 0.3 { 1e-3 } else { 0.0 };
            Some((node, value))
        };
        assert!(between(&other, 0.3).is_none());
        // one of the four places is not to be had either
        assert!(between(&straight(0.3 + 2e-5, |away| away), 0.3).is_none());
    }

    #[test]
    fn eigenvalues_on_the_axis_are_not_unstable_and_small_imaginary_parts_do_not_oscillate() {
        let values: Vec<Complex<f64>> = [(0.5, 0.0), (0.0, 2.0), (0.0, -2.0), (-1.0, 0.0)]
            .map(|(re, im)| Complex::new(re, im))
            .into();
        assert_eq!(unstable(&values), 1);
        assert_eq!(oscillating(&values, 1, 2), 2);
        assert_eq!(oscillating(&values, 0, 2), 1);
        // the largest modulus is 2: imaginary parts to 2e-3 are rounding of a double zero
        let rounded = [(2.0, 0.0), (0.0, 2e-3), (0.0, -2e-3)];
        let rounded = rounded.map(|(re, im)| Complex::new(re, im));
        assert_eq!(oscillating(&rounded, 1, 2), 0);
    }

    /// On x = p, the fixed points of ẋ = p − x, a linear test function has its root where it is put, at
    /// the ends of the step as well.
    #[test]
    fn a_root_is_found_from_end_to_end_of_a_step_and_not_beyond() {
        use super::super::{Family, Parameter};
        use crate::model::Problem;
        let text = r#"{"field": {"equations": {"x": "p - x"}, "parameters": {"p": 0}}}"#;
        let problem = Problem::from_json(text).unwrap();
        let family = Family::new(&problem, &Parameter::Named("p".into()), 0.0).unwrap();
        let piece = Piece::of_place(family.homotopy(), &[0.0, 0.0]);
        let from = node(&piece, vec![0.0, 0.0], &[0.0, 1.0]).unwrap();
        let (place, _) = advance(&piece, &from, 0.5).unwrap();
        let end = place[1];
        assert!((end - 0.5 * 0.5f64.sqrt()).abs() < 1e-15);
        for share in [-0.1, 0.0, 0.2, 0.8, 1.0, 1.1] {
            let wanted = share * end;
            for sign in [1.0, -1.0] {
                let found = root(&piece, &from, 0.5, &|node| {
                    Some(sign * (node.parameter() - wanted))
                });
                let length = found.map(|(length, _)| length);
                let expected = (0.0..=1.0).contains(&share).then_some(0.5 * share);
                assert_eq!(length.is_some(), expected.is_some(), "{share} {sign}");
                assert!((length.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-14);
            }
        }
    }
}
