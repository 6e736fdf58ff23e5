//! The figures of a sweep: error against asymmetry, β and cost, and maps over two axes.

mod asymmetry;
mod beta;
mod cells;
mod contour;
mod cost;
mod heat_map;
mod labels;
mod series;
mod share;

use super::Figure;
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Measure, SweepAxis};

/// What the maps of a sweep show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepView {
    /// Horizontal and vertical axis; `None`, the default, takes gain and asymmetry if both vary,
    /// else the first two axes of numbers that do.
    pub axes: Option<[SweepAxis; 2]>,
    /// The number of the heat map; default the angle.
    pub measure: Measure,
}

/// The figures of a sweep, each with its name: those for which the records hold something to see,
/// `asymmetry` always.
pub fn sweep_figures(records: &[SweepRecord], view: &SweepView) -> Vec<(&'static str, Figure)> {
    let mut figures = vec![("asymmetry", asymmetry::figure(records))];
    figures.extend(beta::figure(records).map(|figure| ("beta", figure)));
    figures.extend(cost::figure(records).map(|figure| ("cost", figure)));
    if let Some([x, y]) = view.axes.or_else(|| axes_of_maps(records)) {
        figures.push(("heat_map", heat_map::figure(records, [x, y], view.measure)));
        figures.push(("good_parameters", share::figure(records, [x, y])));
    }
    figures
}

/// The two axes that a map is drawn over if none are named.
fn axes_of_maps(records: &[SweepRecord]) -> Option<[SweepAxis; 2]> {
    use SweepAxis::{Asymmetry, Beta, Depth, Gain, Neurons, Rtol};
    let mut varying = [Gain, Asymmetry, Neurons, Depth, Beta, Rtol]
        .into_iter()
        .filter(|&axis| series::values(records, axis).len() > 1);
    Some([varying.next()?, varying.next()?])
}
