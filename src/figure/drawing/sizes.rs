//! Sizes in points at the printed width that layout and drawing share.

/// Font size of axis labels and panel titles, as journals ask for.
pub(crate) const LABEL_SIZE: f64 = 8.0;
/// Font size of tick labels and legends.
pub(crate) const TICK_SIZE: f64 = 7.0;
/// Font size of the figure's title and of panel tags.
pub(crate) const TITLE_SIZE: f64 = 9.0;
/// Length of a major tick.
pub(crate) const TICK_LENGTH: f64 = 3.0;
/// Between a tick and its label.
pub(crate) const TICK_GAP: f64 = 2.0;
/// Between tick labels and the axis label.
pub(crate) const LABEL_GAP: f64 = 3.5;
/// Between the frame and its title.
pub(crate) const TITLE_GAP: f64 = 4.5;
/// Between a panel's labels and its legend.
pub(crate) const LEGEND_GAP: f64 = 6.0;
/// Width of frames and major ticks.
pub(crate) const FRAME_WIDTH: f64 = 0.6;
/// Width of minor ticks.
pub(crate) const MINOR_WIDTH: f64 = 0.45;
