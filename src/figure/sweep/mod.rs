//! The figures of a sweep: error against asymmetry, β and cost, and maps over two axes.

mod asymmetry;
mod beta;
mod cells;
mod contour;
mod cost;
mod heat_map;
mod labels;
mod series;
mod several;
mod share;
mod varied;

pub use several::several_sweeps;

use super::Figure;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};

/// What the maps of a sweep show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepView {
    /// Horizontal and vertical axis. `None`, the default, takes gain and asymmetry if both vary,
    /// else the first two axes of numbers that do.
    pub axes: Option<[SweepAxis; 2]>,
    /// The number of the heat map. Default the angle.
    pub measure: Measure,
}

/// The figures of a sweep, each with its name: those for which the records hold something to see,
/// of random networks `asymmetry` and of a problem `varied` always.
pub fn sweep_figures(records: &[SweepRecord], view: &SweepView) -> Vec<(&'static str, Figure)> {
    let of_problem = records
        .first()
        .is_some_and(|one| one.point.network().is_none());
    let mut figures = if of_problem {
        vec![("varied", varied::figure(records))]
    } else {
        vec![("asymmetry", asymmetry::figure(records))]
    };
    figures.extend(beta::figure(records).map(|figure| ("beta", figure)));
    figures.extend(cost::figure(records).map(|figure| ("cost", figure)));
    if let Some(axes) = view.axes.clone().or_else(|| axes_of_maps(records)) {
        figures.push(("heat_map", heat_map::figure(records, &axes, view.measure)));
        figures.push(("good_parameters", share::figure(records, &axes)));
    }
    figures
}

/// The axes along which the values of a problem are varied, in their order.
fn varied_axes(records: &[SweepRecord]) -> impl Iterator<Item = SweepAxis> {
    let first = records.first().map_or(&[][..], |one| one.point.varied());
    first
        .iter()
        .map(|(name, _)| SweepAxis::Varied(name.clone()))
}

/// The two axes that a map is drawn over if none are named.
fn axes_of_maps(records: &[SweepRecord]) -> Option<[SweepAxis; 2]> {
    use SweepAxis::{Asymmetry, Beta, Depth, Gain, Neurons, Rtol};
    let mut varying = varied_axes(records)
        .chain([Gain, Asymmetry, Neurons, Depth, Beta, Rtol])
        .filter(|axis| series::values(records, axis).len() > 1);
    Some([varying.next()?, varying.next()?])
}
