//! A path from one phase to another, along which fixed points are followed.

use nalgebra::DMatrix;

use super::super::phase::Phase;
use crate::model::VectorField;

/// Vector fields of one dimension, by a parameter that may enter in any way.
pub(super) trait FieldFamily: Sync {
    /// The field at a value of the parameter.
    fn at(&self, parameter: f64) -> Box<dyn VectorField + '_>;

    /// ∂μ/∂p.
    fn slope(&self, state: &[f64], parameter: f64) -> Vec<f64>;
}

/// The force `$f(s, p) = (1-p)\,f_0(s) + p\,f_1(s)$` between two phases of equal dimension, time
/// constants and bounds. Every parameter that enters linearly is one of these, with p reaching
/// beyond 0 and 1: β (f₁ nudged by 1), the asymmetry or the gain of the weights, a bias. Through a
/// family of fields the parameter may enter in any way.
#[derive(Clone, Copy)]
pub struct Homotopy<'a> {
    phases: [Phase<'a>; 2],
    family: Option<&'a dyn FieldFamily>,
}

impl<'a> Homotopy<'a> {
    /// From `start` (p = 0) to `end` (p = 1). The bounds are those of `start`.
    pub fn new(start: Phase<'a>, end: Phase<'a>) -> Self {
        Self {
            phases: [start, end],
            family: None,
        }
    }

    /// Through a family of fields, with time constants, bounds and nudge of `phase`.
    pub(super) fn along(phase: Phase<'a>, family: &'a dyn FieldFamily) -> Self {
        Self {
            phases: [phase, phase],
            family: Some(family),
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.phases[0].dimension()
    }

    pub(super) fn phase(&self) -> &Phase<'a> {
        &self.phases[0]
    }

    /// Where the force has kinks.
    pub(super) fn kinks(&self) -> &'a [f64] {
        self.phases[0].field().kinks()
    }

    /// Whether the force itself, not its slope alone, jumps at a kink.
    pub(super) fn jumps(&self) -> bool {
        !self.phases[0].field().jumps().is_empty()
    }

    /// The fields of both ends on these pieces of theirs, if they have kinks.
    pub(super) fn on_pieces(&self, pieces: &[usize]) -> Option<[Box<dyn VectorField + 'a>; 2]> {
        let [start, end] = self.phases.map(|phase| phase.field().on_pieces(pieces));
        Some([start?, end?])
    }

    /// Lowest and highest state.
    pub(super) fn bounds(&self) -> (f64, f64) {
        self.phases[0]
            .bounds()
            .unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
    }

    /// The same path through other fields.
    pub(super) fn through<'b>(&self, fields: [&'b dyn VectorField; 2]) -> Homotopy<'b>
    where
        'a: 'b,
    {
        let [start, end] = self.phases;
        Homotopy {
            phases: [start.with_field(fields[0]), end.with_field(fields[1])],
            family: None,
        }
    }

    fn forces(&self, state: &[f64]) -> [Vec<f64>; 2] {
        self.phases.map(|phase| {
            let mut out = vec![0.0; state.len()];
            phase.force(state, &mut out);
            out
        })
    }

    /// f(s, p) and ∂f/∂p, between two phases f₁(s) − f₀(s).
    pub fn force(&self, state: &[f64], parameter: f64) -> (Vec<f64>, Vec<f64>) {
        if let Some(family) = self.family {
            let field = family.at(parameter);
            let mut force = vec![0.0; state.len()];
            self.phases[0].with_field(&*field).force(state, &mut force);
            return (force, family.slope(state, parameter));
        }
        let [start, end] = self.forces(state);
        let force = start
            .iter()
            .zip(&end)
            .map(|(a, b)| (1.0 - parameter) * a + parameter * b);
        let slope = start.iter().zip(&end).map(|(a, b)| b - a);
        (force.collect(), slope.collect())
    }

    /// ∂f/∂s.
    pub fn jacobian(&self, state: &[f64], parameter: f64) -> DMatrix<f64> {
        if let Some(family) = self.family {
            let field = family.at(parameter);
            return self.phases[0].with_field(&*field).force_jacobian(state);
        }
        let [start, end] = self.phases.map(|phase| phase.force_jacobian(state));
        start * (1.0 - parameter) + end * parameter
    }
}
