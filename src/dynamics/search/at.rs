//! One fixed point that is named, stable or not, instead of the one that a trajectory reaches.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::fixed_point::FixedPoint;
use super::super::phase::Phase;
use super::{SearchSettings, find_fixed_points};
use crate::error::{Error, Result};

/// Which fixed point is meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The unstable one nearest to the initial state.
    Unstable,
    /// The one nearest to this state (n values), stable or not.
    State(Vec<f64>),
}

impl FromStr for At {
    type Err = String;

    /// `unstable`, or the numbers of a state with commas between them.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text == "unstable" {
            return Ok(Self::Unstable);
        }
        let number = |part: &str| part.trim().parse().ok().filter(|s: &f64| s.is_finite());
        let state: Option<Vec<f64>> = text.split(',').map(number).collect();
        state.map(Self::State).ok_or_else(|| {
            format!("expected `unstable` or a state `s0,s1,…` of finite numbers, found `{text}`")
        })
    }
}

/// Networks with more neurons than this are not searched for the nearest fixed point: Newton's
/// method from the state itself decides.
const MOST_SEARCHED: usize = 8;

/// The fixed point of `phase` that is meant, by Newton's method. `start` is the initial state.
///
/// # Errors
/// [`Error::InvalidInput`] (`at`) for a state of the wrong length, and where there is no such point.
pub fn fixed_point_at(phase: &Phase<'_>, at: &At, start: &[f64]) -> Result<FixedPoint> {
    let n = phase.dimension();
    let all = || {
        let found = find_fixed_points(phase, &SearchSettings::for_dimension(n));
        found.points.into_iter().map(|found| found.point)
    };
    match at {
        At::Unstable => {
            let unstable = all().filter(|point| !point.stable());
            nearest(unstable, start).ok_or_else(|| {
                Error::invalid(
                    "at",
                    "no unstable fixed point was found. Name a state near the one that is meant",
                )
            })
        }
        At::State(state) if state.len() != n => Err(Error::invalid(
            "at",
            format!(
                "expected `unstable` or {n} numbers, one per neuron, found {}",
                state.len()
            ),
        )),
        At::State(state) => {
            let mut state = state.clone();
            if let Some((low, high)) = phase.bounds() {
                state.iter_mut().for_each(|s| *s = s.clamp(low, high));
            }
            let own = FixedPoint::refine(phase, &state);
            let others = (n <= MOST_SEARCHED).then(all).into_iter().flatten();
            nearest(own.into_iter().chain(others), &state).ok_or_else(|| {
                Error::invalid(
                    "at",
                    "Newton's method from this state comes to no fixed point. Choose a state nearer to one",
                )
            })
        }
    }
}

fn nearest(points: impl Iterator<Item = FixedPoint>, state: &[f64]) -> Option<FixedPoint> {
    let distance = |point: &FixedPoint| -> f64 {
        let pairs = point.state().iter().zip(state);
        pairs.map(|(a, b)| (a - b) * (a - b)).sum()
    };
    points.min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VectorField;

    /// Two copies of ṡ = s − s³: fixed points at −1, 0, 1 in each.
    struct Cubic;

    impl VectorField for Cubic {
        fn dimension(&self) -> usize {
            2
        }
        fn velocity(&self, state: &[f64], out: &mut [f64]) {
            for (out, s) in out.iter_mut().zip(state) {
                *out = s - s * s * s;
            }
        }
        fn jacobian_vector(&self, state: &[f64], vector: &[f64], out: &mut [f64]) {
            for i in 0..2 {
                out[i] = (1.0 - 3.0 * state[i] * state[i]) * vector[i];
            }
        }
    }

    #[test]
    fn the_nearest_is_found_whatever_its_stability() {
        let phase = Phase::free(&Cubic);
        for (near, expected) in [([0.3, -0.8], [0.0, -1.0]), ([0.45, 0.55], [0.0, 1.0])] {
            let point = fixed_point_at(&phase, &At::State(near.into()), &[0.0; 2]).unwrap();
            let gap = point
                .state()
                .iter()
                .zip(expected)
                .map(|(a, b)| (a - b).abs());
            assert!(gap.fold(0.0, f64::max) < 1e-12, "{:?}", point.state());
        }
        let point = fixed_point_at(&phase, &At::Unstable, &[0.9, 0.2]).unwrap();
        assert!(!point.stable());
        assert!((point.state()[0] - 1.0).abs() < 1e-12 && point.state()[1].abs() < 1e-12);
        assert!(fixed_point_at(&phase, &At::State(vec![0.0]), &[0.0; 2]).is_err());
    }

    #[test]
    fn a_place_is_read_from_text() {
        assert_eq!("unstable".parse(), Ok(At::Unstable));
        assert_eq!("-0.5, 2e1".parse(), Ok(At::State(vec![-0.5, 20.0])));
        assert!("stable".parse::<At>().is_err() && "1,NaN".parse::<At>().is_err());
    }
}
