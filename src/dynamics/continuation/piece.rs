//! One smooth piece of a family: which neurons a bound or a kink holds, and on which piece of ρ the
//! others are.

use nalgebra::{Complex, DMatrix};

use super::super::phase::largest;
use super::super::spectrum::spectrum;
use super::homotopy::Homotopy;
use crate::model::VectorField;

/// A state this near to an edge (a bound, or a kink) is on it, relative to the edge's size + 1.
pub(super) const ON_EDGE: f64 = 1e-9;

/// Where a neuron stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stand {
    /// Between two edges, on this piece of ρ.
    Free(usize),
    /// On an edge, held by the force from below (`None` beyond a bound) and from above.
    Held {
        at: f64,
        below: Option<usize>,
        above: Option<usize>,
    },
}

impl Stand {
    /// The piece whose slope counts: from inside a bound, and of a kink from the side asked for.
    fn piece(self, from_above: bool) -> usize {
        match self {
            Self::Free(piece) => piece,
            Self::Held { below, above, .. } => {
                let sides = if from_above {
                    above.or(below)
                } else {
                    below.or(above)
                };
                sides.unwrap_or(0)
            }
        }
    }
}

/// What keeps a neuron where it stands: positive as long as it does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Margin {
    pub neuron: usize,
    pub edge: f64,
    pub value: f64,
}

/// The family where every neuron keeps its stand: a smooth system, which goes on beyond the edges.
/// Places are (s, p), n + 1 values.
pub(super) struct Piece<'a> {
    pub homotopy: Homotopy<'a>,
    pub stands: Vec<Stand>,
    /// The affine fields of the pieces with kinks from below, and from above.
    fields: Option<[[Box<dyn VectorField + 'a>; 2]; 2]>,
}

impl<'a> Piece<'a> {
    pub fn new(homotopy: Homotopy<'a>, stands: Vec<Stand>) -> Self {
        let fields = |from_above| {
            let pieces = stands.iter().map(|stand| stand.piece(from_above));
            homotopy.on_pieces(&pieces.collect::<Vec<usize>>())
        };
        let fields = fields(false).zip(fields(true));
        Self {
            homotopy,
            stands,
            fields: fields.map(|(below, above)| [below, above]),
        }
    }

    /// The piece that a place is on, states on an edge being held there if the force does.
    pub fn of_place(homotopy: Homotopy<'a>, place: &[f64]) -> Self {
        let n = homotopy.dimension();
        let edges: Vec<Option<f64>> = place[..n].iter().map(|&s| edge_at(&homotopy, s)).collect();
        let kinks = homotopy.kinks();
        let free = |s: f64| Stand::Free(kinks.iter().filter(|&&kink| kink < s).count());
        let stands = place.iter().zip(&edges).map(|(&s, edge)| match edge {
            Some(edge) => held(&homotopy, *edge).unwrap_or_else(|| free(s)),
            None => free(s),
        });
        let all = Self::new(homotopy, stands.collect());
        let [from_below, from_above] = [false, true].map(|above| all.force_from(place, above));
        let stands = all
            .stands
            .iter()
            .enumerate()
            .map(|(i, &stand)| match stand {
                Stand::Held {
                    below: Some(below), ..
                } if from_below[i] < 0.0 => Stand::Free(below),
                Stand::Held {
                    above: Some(above), ..
                } if from_above[i] > 0.0 => Stand::Free(above),
                other => other,
            });
        Self::new(homotopy, stands.collect())
    }

    fn smooth(&self, from_above: bool) -> Homotopy<'_> {
        match &self.fields {
            Some(fields) => {
                let [start, end] = &fields[usize::from(from_above)];
                self.homotopy.through([&**start, &**end])
            }
            None => self.homotopy,
        }
    }

    fn force_from(&self, place: &[f64], from_above: bool) -> Vec<f64> {
        let (state, parameter) = split(place);
        self.smooth(from_above).force(state, parameter).0
    }

    /// The equations: the force on a free neuron, the distance from its edge of a held one, and
    /// their derivative by the parameter.
    pub fn residual(&self, place: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (state, parameter) = split(place);
        let (mut force, mut slope) = self.smooth(false).force(state, parameter);
        for (i, stand) in self.stands.iter().enumerate() {
            if let Stand::Held { at, .. } = stand {
                (force[i], slope[i]) = (state[i] - at, 0.0);
            }
        }
        (force, slope)
    }

    /// Their derivative by the states.
    pub fn jacobian(&self, place: &[f64]) -> DMatrix<f64> {
        let (state, parameter) = split(place);
        let mut matrix = self.smooth(false).jacobian(state, parameter);
        for (i, stand) in self.stands.iter().enumerate() {
            if matches!(stand, Stand::Held { .. }) {
                matrix.row_mut(i).fill(0.0);
                matrix[(i, i)] = 1.0;
            }
        }
        matrix
    }

    /// Eigenvalues of the dynamics of the free neurons, time constants included, by decreasing real
    /// part.
    pub fn eigenvalues(&self, place: &[f64]) -> Option<Vec<Complex<f64>>> {
        let free = |i: &usize| matches!(self.stands[*i], Stand::Free(_));
        let free: Vec<usize> = (0..self.stands.len()).filter(free).collect();
        spectrum(self.homotopy.phase(), &self.jacobian(place), &free)
    }

    /// The margins of all neurons near which there is an edge.
    pub fn margins(&self, place: &[f64]) -> Vec<Margin> {
        let held = |stand: &Stand| matches!(stand, Stand::Held { .. });
        let forces = if self.stands.iter().any(held) {
            [false, true].map(|from_above| self.force_from(place, from_above))
        } else {
            [Vec::new(), Vec::new()]
        };
        let mut margins = Vec::new();
        for (neuron, stand) in self.stands.iter().enumerate() {
            let mut add = |edge: f64, value: f64| {
                if edge.is_finite() {
                    margins.push(Margin {
                        neuron,
                        edge,
                        value,
                    });
                }
            };
            match *stand {
                Stand::Free(piece) => {
                    let (low, high) = interval(&self.homotopy, piece);
                    add(low, place[neuron] - low);
                    add(high, high - place[neuron]);
                }
                Stand::Held { at, below, above } => {
                    if below.is_some() {
                        add(at, forces[0][neuron]);
                    }
                    if above.is_some() {
                        add(at, -forces[1][neuron]);
                    }
                }
            }
        }
        margins
    }

    /// Whether the place solves the equations, nearly.
    pub fn solved(&self, place: &[f64]) -> bool {
        largest(self.residual(place).0) <= 1e-7 * (1.0 + largest(place.iter().copied()))
    }
}

fn split(place: &[f64]) -> (&[f64], f64) {
    let n = place.len() - 1;
    (&place[..n], place[n])
}

/// The states of a piece of ρ, inside the bounds.
fn interval(homotopy: &Homotopy<'_>, piece: usize) -> (f64, f64) {
    let kinks = homotopy.kinks();
    let (low, high) = homotopy.bounds();
    let below = piece.checked_sub(1).and_then(|k| kinks.get(k));
    (
        below.map_or(low, |kink| kink.max(low)),
        kinks.get(piece).map_or(high, |kink| kink.min(high)),
    )
}

fn edge_at(homotopy: &Homotopy<'_>, s: f64) -> Option<f64> {
    let (low, high) = homotopy.bounds();
    let edges = homotopy.kinks().iter().copied().chain([low, high]);
    let inside = edges.filter(|edge| edge.is_finite() && (low..=high).contains(edge));
    inside
        .into_iter()
        .find(|edge| (s - edge).abs() <= ON_EDGE * (1.0 + edge.abs()))
}

/// The pieces of ρ below and above an edge, `None` beyond a bound.
fn sides(homotopy: &Homotopy<'_>, edge: f64) -> (Option<usize>, Option<usize>) {
    let (low, high) = homotopy.bounds();
    let kinks = homotopy.kinks().iter();
    let (below, above) = (
        kinks.clone().filter(|&&kink| kink < edge).count(),
        kinks.filter(|&&kink| kink <= edge).count(),
    );
    (
        (edge > low).then_some(below),
        (edge < high).then_some(above),
    )
}

/// Being held at an edge, where that is possible: on bounds, and where the force jumps.
fn held(homotopy: &Homotopy<'_>, edge: f64) -> Option<Stand> {
    let (below, above) = sides(homotopy, edge);
    let bound = below.is_none() || above.is_none();
    (bound || homotopy.jumps()).then_some(Stand::Held {
        at: edge,
        below,
        above,
    })
}

/// The stands that a neuron on an edge may have.
pub(super) fn options(homotopy: &Homotopy<'_>, edge: f64) -> Vec<Stand> {
    let (below, above) = sides(homotopy, edge);
    let free = [below, above].into_iter().flatten().map(Stand::Free);
    free.chain(held(homotopy, edge)).collect()
}
