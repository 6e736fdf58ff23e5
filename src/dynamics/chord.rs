//! Whether two fixed points are joined without a fold: what the Jacobian does to their chord.

use super::phase::largest;
use crate::numeric::linear_algebra::Factorisation;

/// All along a chord, the Jacobian turns it by less than this part of it.
const BEND: f64 = 0.5;
/// The mean of the Jacobian along a chord is known from its ends. Nodes that miss it by more than
/// this part of the chord have not seen what lies between them.
const RESOLVED: f64 = 0.05;
/// Positive nodes and weights of the eight-point Gauss–Legendre rule on [−1, 1].
pub(crate) const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// One end of the way from one phase to another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    /// The phase whose fixed point the chord begins with.
    Before,
    /// The phase whose fixed point it ends with.
    After,
}

/// Whether a chord d leads from a fixed point of one phase to one of another without a fold between
/// them: all along it the Jacobian of either phase, and so of those in between, turns d by less than
/// half, `‖Jac(start)⁻¹ Jac d − d‖ < ‖d‖/2`. Two fixed points of one phase have a mean Jacobian
/// between them that takes their chord to 0, so that no other fixed point has such a chord beside
/// it. That the nodes have seen the chord shows in their mean, which is known: `force`, that of the
/// later phase at the start.
///
/// `start` is the later phase's Jacobian there. `product` is Jac d of one side at a share of the
/// chord. Two points that are one but for rounding, as long as `end` is large, have no fold
/// between.
pub(crate) fn leads_along(
    chord: &[f64],
    end: &[f64],
    start: &Factorisation,
    force: &[f64],
    product: &dyn Fn(Side, f64) -> Vec<f64>,
) -> bool {
    let size = largest(chord.iter().copied());
    if size <= 1e-12 * (1.0 + largest(end.iter().copied())) {
        return true;
    }
    if start.reciprocal_condition() < f64::EPSILON {
        return false;
    }
    // Jac(start)⁻¹ Jac d at a share of the way, or `None` if it turns d too much
    let turned = |side: Side, share: f64| {
        let turned = start.solve(&product(side, share));
        let apart = largest(turned.iter().zip(chord).map(|(a, b)| a - b));
        (apart < BEND * size).then_some(turned)
    };
    let mut mean = start.solve(force);
    for (node, weight) in GAUSS {
        for share in [0.5 * (1.0 + node), 0.5 * (1.0 - node)] {
            let (Some(turned), Some(_)) = (turned(Side::After, share), turned(Side::Before, share))
            else {
                return false;
            };
            for (mean, turned) in mean.iter_mut().zip(turned) {
                *mean += 0.5 * weight * turned;
            }
        }
    }
    let ends = turned(Side::After, 1.0).is_some() && turned(Side::Before, 0.0).is_some();
    ends && largest(mean.iter().copied()) <= RESOLVED * size
}

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::DMatrix;

    /// One neuron whose Jacobian falls from −1 at the start of its chord to −(1 − bend) at its end.
    fn leads(length: f64, bend: f64, seen: f64) -> bool {
        let start = Factorisation::new(&DMatrix::from_element(1, 1, -1.0));
        let force = [seen * (1.0 - 0.5 * bend) * length];
        let product = |_: Side, share: f64| vec![-(1.0 - bend * share) * length];
        leads_along(&[length], &[1.0], &start, &force, &product)
    }

    #[test]
    fn a_chord_is_turned_by_less_than_half_of_it_whatever_its_length() {
        for length in [1e-3, 1.0, -50.0] {
            assert!(leads(length, 0.0, 1.0) && leads(length, 0.49, 1.0));
            assert!(!leads(length, 0.51, 1.0) && !leads(length, -0.51, 1.0));
            // the mean of the Jacobian is known: what the nodes saw must agree with it
            assert!(leads(length, 0.2, 1.04) && !leads(length, 0.2, 1.06));
            assert!(leads(length, 0.2, 0.96) && !leads(length, 0.2, 0.94));
        }
        // two points that are one but for rounding
        assert!(leads(1e-12, 3.0, 5.0));
    }
}
