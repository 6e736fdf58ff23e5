//! Where neurons rest exactly on their bounds with no force on them: the derivative by β from either
//! side.

use serde::Serialize;

use crate::dynamics::{ActiveSet, FixedPoint};

/// `$\partial s^\beta/\partial\beta$` at β = 0, from above and from below. They differ where a neuron
/// rests exactly on a bound with no force on it, because it answers to nudges inward alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EdgeSlopes {
    /// For β > 0, n values.
    pub positive: Vec<f64>,
    /// For β < 0, n values.
    pub negative: Vec<f64>,
}

impl EdgeSlopes {
    /// `None` where no neuron is on an edge, or where no answer, or more than one, was found.
    pub(super) fn at(
        point: &FixedPoint,
        bounds: (f64, f64),
        cost_gradient: &[f64],
    ) -> Option<Self> {
        if point.on_edge().is_empty() {
            return None;
        }
        let middle = 0.5 * (bounds.0 + bounds.1);
        let outward: Vec<(usize, f64)> = (point.active().iter().enumerate())
            .filter(|(_, neuron)| point.on_edge().contains(neuron))
            .map(|(place, &neuron)| (place, (point.state()[neuron] - middle).signum()))
            .collect();
        let side = |sign: f64| {
            let pull: Vec<f64> = (point.active().iter())
                .map(|&neuron| -sign * cost_gradient[neuron])
                .collect();
            let moves = one_side(point, &outward, &pull)?;
            let mut slope = vec![0.0; point.state().len()];
            for (&neuron, move_) in point.active().iter().zip(moves) {
                slope[neuron] = sign * move_;
            }
            Some(slope)
        };
        Some(Self {
            positive: side(1.0)?,
            negative: side(-1.0)?,
        })
    }
}

/// Where the linearised dynamics `Jac δ + pull` rest if the neurons of `outward` cannot move that
/// way: one pivot after another.
fn one_side(point: &FixedPoint, outward: &[(usize, f64)], pull: &[f64]) -> Option<Vec<f64>> {
    let jacobian = point.jacobian();
    let mut held = vec![false; pull.len()];
    for _ in 0..4 * outward.len() + 4 {
        let moves = ActiveSet::without(&held).step(jacobian, pull)?;
        let velocity = jacobian * nalgebra::DVector::from_column_slice(&moves);
        let wrong = outward.iter().find(|&&(i, outward)| {
            if held[i] {
                outward * (velocity[i] + pull[i]) < 0.0
            } else {
                outward * moves[i] > 0.0
            }
        });
        match wrong {
            Some(&(i, _)) => held[i] = !held[i],
            None => return Some(moves),
        }
    }
    None
}
