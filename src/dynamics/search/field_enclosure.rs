//! What intervals prove of a field in general: the force over whole boxes of states, and with luck a
//! box that holds every fixed point.

use super::super::phase::Phase;
use super::proof::Enclosed;
use crate::model::IntervalField;
use crate::numeric::Interval;

/// A phase without bounds of a field that can be evaluated over intervals.
pub(super) struct FieldEnclosure<'a> {
    field: &'a dyn IntervalField,
    /// The states that the nudge pulls, each with β and its target.
    pulls: Vec<(usize, Interval, f64)>,
}

impl<'a> FieldEnclosure<'a> {
    /// `None` if the field, the cost or the bounds do not allow it.
    pub fn new(phase: &Phase<'a>) -> Option<Self> {
        let field = phase.field().intervals()?;
        if phase.bounds().is_some() {
            return None;
        }
        let mut pulls = Vec::new();
        if let Some((cost, beta)) = phase.nudge().filter(|(_, beta)| *beta != 0.0) {
            let targets = cost.targets()?.into_iter();
            pulls.extend(targets.map(|(i, target)| (i, Interval::point(beta), target)));
        }
        Some(Self { field, pulls })
    }

    /// A cube with room, outside of which one of the equations has no root anywhere.
    pub fn global_box(&self) -> Option<Vec<Interval>> {
        let n = self.field.dimension();
        let empty = |i: usize, beyond: Interval| {
            let mut region = vec![Interval::LINE; n];
            region[i] = beyond;
            self.map(&region).iter().any(|value| !value.contains(0.0))
        };
        (0..=12)
            .map(|k| 10f64.powf(f64::from(k) / 2.0))
            .find_map(|reach| {
                let above = Interval::new(reach, f64::INFINITY);
                let outside = (0..n).all(|i| empty(i, above) && empty(i, -above));
                outside.then(|| vec![Interval::new(-reach, reach); n])
            })
    }
}

impl Enclosed for FieldEnclosure<'_> {
    fn map(&self, region: &[Interval]) -> Vec<Interval> {
        let mut force = self.field.range(region);
        for &(i, beta, target) in &self.pulls {
            force[i] = force[i] - beta * (region[i] - Interval::point(target));
        }
        force
    }

    fn derivative(&self, region: &[Interval]) -> Option<Vec<Vec<Interval>>> {
        let mut rows = self.field.derivative_range(region)?;
        for &(i, beta, _) in &self.pulls {
            rows[i][i] = rows[i][i] - beta;
        }
        let finite = |value: &Interval| value.low.is_finite() && value.high.is_finite();
        rows.iter().flatten().all(finite).then_some(rows)
    }
}
