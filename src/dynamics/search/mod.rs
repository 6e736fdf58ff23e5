//! All fixed points of a phase, stable or not, each verified, and with two or three neurons the
//! proof that none is missing.

mod at;
mod degeneracy;
mod enclosure;
mod field_enclosure;
mod kantorovich;
mod kind;
mod newton;
mod proof;
mod rate_range;
mod record;
mod starts;

pub use at::{At, fixed_point_at};
pub use degeneracy::Degeneracy;
pub use kantorovich::Kantorovich;
pub use kind::FixedPointKind;
pub use record::{FixedPointRecord, FixedPointSearch, FoundPoint, SearchRecord, SearchSettings};

use super::fixed_point::FixedPoint;
use super::phase::{Phase, largest};
use super::residual::relative_distance;
use crate::numeric::Interval;
use enclosure::Enclosure;
use field_enclosure::FieldEnclosure;
use newton::Newton;
use proof::Enclosed;
use starts::Starts;

/// All fixed points of `phase` in a box.
///
/// The box holds every fixed point wherever the network's structure gives such a box. Otherwise it
/// is `±10 (1 + ‖force at 0‖∞)`, or as the settings say. Starts of a low-discrepancy sequence go by
/// damped Newton and by Newton deflated by the roots already known, until many in a row lead to
/// nothing new (and much longer while the sum of the indices shows that some are missing).
/// Candidates are polished. Those whose residual does not reach round-off (spurious) and those
/// between which and a known point the residual stays at round-off (duplicates) are rejected. Where
/// states are bounded the map is `clip(s + force) − s`, whose roots are the fixed points of the
/// projected dynamics, on every face of the bounds.
///
/// A contraction, `Lip(ρ) ‖W‖₂ < 1`, has one fixed point and no search for more. Otherwise, up to
/// [`SearchSettings::proof_dimension`] neurons (networks with squared error, fields in text), interval
/// subdivision proves that the list is complete on the box, and adds what it lacks. That fails
/// where a fixed point is degenerate, or on a kink of a Hopfield network, whose force jumps there.
pub fn find_fixed_points(phase: &Phase<'_>, settings: &SearchSettings) -> FixedPointSearch {
    let enclosure = Enclosure::new(phase);
    let of_field = FieldEnclosure::new(phase);
    let global = match &enclosure {
        Some(enclosure) => enclosure.global_box(),
        None => of_field.as_ref().and_then(FieldEnclosure::global_box),
    };
    let region = match settings.region {
        Some((low, high)) => within_bounds(phase, Interval::new(low, high)),
        None => global.clone().unwrap_or_else(|| generous_box(phase)),
    };
    let box_holds_all =
        global.is_some_and(|global| global.iter().zip(&region).all(|(g, x)| g.is_within(*x)));
    let mut search = Search {
        phase,
        newton: Newton::new(phase, &region),
        found: Vec::new(),
        record: SearchRecord {
            region: region.iter().map(|x| [x.low, x.high]).collect(),
            box_holds_all,
            proven_complete: false,
            index_sum: box_holds_all.then_some(0),
            proof_boxes: 0,
            found_by_proof: 0,
            starts: 0,
            newton_iterations: 0,
            rejected_spurious: 0,
            rejected_duplicates: 0,
            rejected_outside: 0,
            truncated: false,
        },
    };
    let unique = enclosure.as_ref().is_some_and(Enclosure::is_unique);
    search.multistart(&region, settings, unique);
    if unique && search.found.len() == 1 {
        search.record.proven_complete = true;
        search.record.box_holds_all = true;
    }
    let enclosed = match &enclosure {
        Some(enclosure) => Some(enclosure as &dyn Enclosed),
        None => of_field.as_ref().map(|field| field as &dyn Enclosed),
    };
    if !search.record.proven_complete
        && let Some(enclosed) = enclosed
        && region.len() <= settings.proof_dimension
    {
        search.prove(enclosed, &region, settings.proof_boxes);
    }
    search.finish(enclosure.as_ref())
}

fn within_bounds(phase: &Phase<'_>, wanted: Interval) -> Vec<Interval> {
    let held = phase
        .bounds()
        .map_or(wanted, |(low, high)| wanted.clamp(Interval::new(low, high)));
    vec![held; phase.dimension()]
}

fn generous_box(phase: &Phase<'_>) -> Vec<Interval> {
    let n = phase.dimension();
    let mut force = vec![0.0; n];
    phase.force(&vec![0.0; n], &mut force);
    let reach = 10.0 * (1.0 + largest(force).min(1e6));
    within_bounds(phase, Interval::new(-reach, reach))
}

struct Search<'a> {
    phase: &'a Phase<'a>,
    newton: Newton<'a>,
    found: Vec<FixedPoint>,
    record: SearchRecord,
}

impl Search<'_> {
    fn multistart(&mut self, region: &[Interval], settings: &SearchSettings, unique: bool) {
        let starts = Starts::new(region);
        let mut in_vain = 0;
        // many points are known only if each was likely to be met again
        while in_vain < settings.patience.max(4 * self.found.len())
            || (in_vain < 16 * settings.patience
                && self.record.index_sum.is_some_and(|sum| sum != 1))
        {
            if unique && !self.found.is_empty() {
                break;
            }
            if self.record.starts >= settings.max_starts || self.found.len() >= settings.max_points
            {
                self.record.truncated = true;
                break;
            }
            let start = starts.point(self.record.starts);
            self.record.starts += 1;
            let mut new = false;
            if let Some(candidate) = self.newton.damped(&start) {
                new |= self.offer(&candidate);
            }
            let known = self.found.iter().map(FixedPoint::state);
            if let Some(candidate) = self.newton.deflated(&start, known) {
                new |= self.offer(&candidate);
            }
            in_vain = if new { 0 } else { in_vain + 1 };
        }
    }

    /// Adds a candidate to the list if it is a fixed point, in the box, and new.
    fn offer(&mut self, candidate: &[f64]) -> bool {
        let mut state = candidate.to_vec();
        if let Some((low, high)) = self.phase.bounds() {
            state.iter_mut().for_each(|s| *s = s.clamp(low, high));
        }
        let near = |point: &FixedPoint| relative_distance(point.state(), &state) <= 1e-5;
        let polished = FixedPoint::refine(self.phase, &state)
            .filter(near)
            .or_else(|| FixedPoint::verify_to(self.phase, &state, 1e-13));
        let Some(point) = polished else {
            self.record.rejected_spurious += 1;
            return false;
        };
        let inside = |(s, [low, high]): (&f64, &[f64; 2])| (low..=high).contains(&s);
        if !point.state().iter().zip(&self.record.region).all(inside) {
            self.record.rejected_outside += 1;
            return false;
        }
        if self.found.iter().any(|known| self.same(known, &point)) {
            self.record.rejected_duplicates += 1;
            return false;
        }
        let index = self.index(&point);
        self.record.index_sum = self.record.index_sum.zip(index).map(|(sum, one)| sum + one);
        self.found.push(point);
        true
    }

    /// Whether two fixed points are one: they coincide, or nothing but round-off is between them
    /// (near a fold, a computed fixed point is known to half the digits only).
    fn same(&self, one: &FixedPoint, other: &FixedPoint) -> bool {
        let gap = relative_distance(one.state(), other.state());
        let at_rest_between = |share: &f64| {
            let pairs = one.state().iter().zip(other.state());
            let state: Vec<f64> = pairs.map(|(a, b)| a + share * (b - a)).collect();
            degeneracy::rests(self.phase, &state)
        };
        // shares at which equally spaced fixed points have no other between them
        gap <= 1e-9 || [0.236, 0.382, 0.618, 0.854].iter().all(at_rest_between)
    }

    /// The index of a point, `sign det(−Jac)`, or `None` if the theorem about their sum does not
    /// apply: it asks for a continuous map that points inward on the surface of the box, as it does
    /// on every box that holds all fixed points, and for points that are not degenerate.
    fn index(&self, point: &FixedPoint) -> Option<i64> {
        let continuous =
            self.phase.field().rate_form().is_some() && self.phase.walls().next().is_none();
        let degenerate = FixedPointKind::of(self.phase, point) == FixedPointKind::Degenerate;
        (continuous && self.record.box_holds_all && !degenerate).then(|| {
            let growing = point.eigenvalues().iter().filter(|v| v.re > 0.0);
            if growing.count() % 2 == 0 { 1 } else { -1 }
        })
    }

    fn prove(&mut self, enclosure: &dyn Enclosed, region: &[Interval], budget: usize) {
        let mut region = region.to_vec();
        if let Some((low, high)) = self.phase.bounds() {
            // held neurons sit on the bounds: room beyond them
            let room = 0.1 * (high - low);
            for x in &mut region {
                x.low -= if x.low == low { room } else { 0.0 };
                x.high += if x.high == high { room } else { 0.0 };
            }
        }
        let roots: Vec<Vec<f64>> = self.found.iter().map(|p| p.state().to_vec()).collect();
        let proof = proof::prove(enclosure, &region, &roots, budget);
        self.record.proof_boxes = proof.boxes;
        let mut complete = proof.decided;
        for near in &proof.missing {
            let candidate = self.newton.damped(near);
            let added = candidate.is_some_and(|candidate| self.offer(&candidate));
            self.record.found_by_proof += usize::from(added);
        }
        // each of the isolating boxes holds exactly one root: the list has to have one in each
        let holds = |isolated: &Vec<Interval>, point: &FixedPoint| {
            isolated
                .iter()
                .zip(point.state())
                .all(|(x, s)| x.contains(*s))
        };
        for isolated in &proof.isolated {
            let inside = self.found.iter().filter(|point| holds(isolated, point));
            // none is possible outside the box that was asked for, beside a box that reaches out
            complete &= inside.count() <= 1;
        }
        complete &= proof.missing.len() == self.record.found_by_proof;
        self.record.proven_complete = complete;
    }

    fn finish(mut self, enclosure: Option<&Enclosure>) -> FixedPointSearch {
        self.record.newton_iterations = self.newton.iterations;
        let by_state = |a: &FixedPoint, b: &FixedPoint| {
            let mut pairs = a.state().iter().zip(b.state());
            pairs
                .find_map(|(a, b)| Some(a.total_cmp(b)).filter(|order| order.is_ne()))
                .unwrap_or(std::cmp::Ordering::Equal)
        };
        self.found.sort_by(by_state);
        let points = self.found.iter().map(|point| {
            let kantorovich = Kantorovich::at(self.phase, enclosure, point);
            FoundPoint {
                kind: FixedPointKind::of(self.phase, point),
                kantorovich,
                degeneracy: Degeneracy::of(self.phase, point, &kantorovich, &self.found),
                point: point.clone(),
            }
        });
        let points: Vec<FoundPoint> = points.collect();
        // of a line of fixed points no list is complete
        let line = |found: &FoundPoint| found.degeneracy == Some(Degeneracy::Line);
        self.record.proven_complete &= !points.iter().any(line);
        FixedPointSearch {
            points,
            record: self.record,
        }
    }
}
