//! What a search is asked, and what it reports.

use nalgebra::Complex;
use serde::{Deserialize, Serialize};

use super::super::fixed_point::FixedPoint;
use super::degeneracy::Degeneracy;
use super::kantorovich::Kantorovich;
use super::kind::FixedPointKind;

/// Settings of the search. Every field is public and has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchSettings {
    /// The box to search, `(low, high)` for every coordinate. Default one that provably holds every
    /// fixed point, or a generous one where there is no such box.
    pub region: Option<(f64, f64)>,
    /// The search ends after this many starts in a row that led to nothing new (or four for every
    /// point that is known, if that is more), or 16 times as
    /// many while the index sum shows that some are missing. Default 128, and fewer in networks of more than 50 neurons ([`SearchSettings::for_dimension`]).
    pub patience: usize,
    /// It ends after this many starts in any case. Default 20 000.
    pub max_starts: usize,
    /// It ends when this many fixed points are known. Default 2 000.
    pub max_points: usize,
    /// Completeness is proven up to this many neurons. Default 3.
    pub proof_dimension: usize,
    /// Largest number of boxes in the proof. Default 100 000.
    pub proof_boxes: usize,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self {
            region: None,
            patience: 128,
            max_starts: 20_000,
            max_points: 2_000,
            proof_dimension: 3,
            proof_boxes: 100_000,
        }
    }
}

impl SearchSettings {
    /// The defaults for n neurons: a Newton step costs n³, so that large networks get fewer starts.
    pub fn for_dimension(n: usize) -> Self {
        let default = Self::default();
        let patience = (default.patience * 50 / n.max(50)).max(4);
        Self {
            patience,
            max_starts: default.max_starts * patience / default.patience,
            ..default
        }
    }
}

/// A fixed point with what the search proved of it.
#[derive(Debug, Clone)]
pub struct FoundPoint {
    /// The point.
    pub point: FixedPoint,
    /// What trajectories do near it.
    pub kind: FixedPointKind,
    /// The Newton–Kantorovich test.
    pub kantorovich: Kantorovich,
    /// Why it is no ordinary point, if it is none.
    pub degeneracy: Option<Degeneracy>,
}

/// How a search went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// The box, `[low, high]` for every neuron.
    #[serde(rename = "box")]
    pub region: Vec<[f64; 2]>,
    /// Whether the box provably holds every fixed point. Otherwise there may be some outside.
    pub box_holds_all: bool,
    /// Whether the list is proven complete on the box (by contraction or interval subdivision).
    pub proven_complete: bool,
    /// The sum of the indices `sign det(−Jac)` of the points found. By the theorem of Poincaré and
    /// Hopf it is 1 if none is missing, so that another number shows that some are (1 shows
    /// nothing: points that are missing together may sum to 0). It is null where the theorem does
    /// not apply (a box that may not hold all, a degenerate point, a force that jumps).
    pub index_sum: Option<i64>,
    /// Boxes of the proof, or 0 if none was tried.
    pub proof_boxes: usize,
    /// Fixed points that the proof found and the starts had missed.
    pub found_by_proof: usize,
    /// Starts, each by damped and by deflated Newton.
    pub starts: usize,
    /// Newton iterations.
    pub newton_iterations: usize,
    /// Candidates that are no fixed point: the residual does not reach round-off, or it does
    /// elsewhere.
    pub rejected_spurious: usize,
    /// Candidates that were known already.
    pub rejected_duplicates: usize,
    /// Fixed points outside the box.
    pub rejected_outside: usize,
    /// Whether a limit on starts or points ended the search while it still found new ones.
    pub truncated: bool,
}

/// The answer: fixed points sorted by state, first coordinate first.
#[derive(Debug, Clone)]
pub struct FixedPointSearch {
    /// The points.
    pub points: Vec<FoundPoint>,
    /// How they were found.
    pub record: SearchRecord,
}

/// A fixed point as it is written to files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixedPointRecord {
    /// s*, n values.
    pub state: Vec<f64>,
    /// Whether every eigenvalue has a negative real part, beyond the tolerance of the kind.
    pub stable: bool,
    /// What trajectories do near it.
    pub kind: FixedPointKind,
    /// Eigenvalues `[re, im]` of the dynamics, time constants included, over the neurons that the
    /// bounds do not hold, by decreasing real part.
    pub eigenvalues: Vec<[f64; 2]>,
    /// ‖force‖∞ on those neurons.
    pub residual: f64,
    /// The Newton–Kantorovich test.
    pub kantorovich: Kantorovich,
    /// Why it is no ordinary point, if it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degeneracy: Option<Degeneracy>,
    /// Neurons on a kink of the activation.
    pub on_kink: Vec<usize>,
    /// Neurons that the bounds hold.
    pub held: Vec<usize>,
}

impl From<&FoundPoint> for FixedPointRecord {
    fn from(found: &FoundPoint) -> Self {
        let point = &found.point;
        let pair = |value: &Complex<f64>| [value.re, value.im];
        let active = point.active();
        Self {
            state: point.state().to_vec(),
            stable: found.kind.stable(),
            kind: found.kind,
            eigenvalues: point.eigenvalues().iter().map(pair).collect(),
            residual: point.residual(),
            kantorovich: found.kantorovich,
            degeneracy: found.degeneracy,
            on_kink: point.on_kink().to_vec(),
            held: (0..point.state().len())
                .filter(|i| !active.contains(i))
                .collect(),
        }
    }
}
