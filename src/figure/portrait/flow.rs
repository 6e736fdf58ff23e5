//! Streamlines coloured by speed, trajectories coloured by time.

use super::super::{
    Colour, ColourBy, ColourMap, ColourScale, Element, Marker, MarkerShape, Scale, Stroke,
};
use crate::experiment::portrait::{
    FieldPortrait, Portrait, SpeedScale, Streamline, Trajectory, Window,
};
use crate::numeric::nearest_rank;

/// The colours of speeds, if there are streamlines.
pub(super) fn speed_scale(portrait: &Portrait) -> Option<ColourScale> {
    let mut speeds: Vec<f64> = portrait
        .fields
        .iter()
        .flat_map(|field| &field.streamlines)
        .flat_map(|line| line.speed.iter().copied())
        .filter(|speed| *speed > 0.0)
        .collect();
    speeds.sort_by(f64::total_cmp);
    let (low, high) = nearest_rank(&speeds, 0.01).zip(nearest_rank(&speeds, 0.99))?;
    let log = match portrait.settings.speed {
        SpeedScale::Auto => high > 100.0 * low,
        SpeedScale::Linear => false,
        SpeedScale::Log => true,
    };
    Some(if log && low < high {
        ColourScale::log(low, high)
    } else {
        ColourScale::linear(0.0, high)
    })
}

/// One streamline, finer and with smaller heads in a `small` panel.
pub(super) fn streamline(
    elements: &mut Vec<Element>,
    line: &Streamline,
    scale: &ColourScale,
    window: &Window,
    small: bool,
) {
    /// Heads stand this far apart along a line, in sides of the frame.
    const HEADS: f64 = 0.4;
    let length: Vec<f64> = std::iter::once(0.0)
        .chain((1..line.x.len()).scan(0.0, |length, k| {
            *length += window.distance([line.x[k - 1], line.y[k - 1]], [line.x[k], line.y[k]]);
            Some(*length)
        }))
        .collect();
    let total = length[length.len() - 1];
    elements.push(Element::ColouredLine {
        x: line.x.clone(),
        y: line.y.clone(),
        value: line.speed.clone(),
        scale: *scale,
        width: if small { 0.5 } else { 0.7 },
    });
    let heads = (total / HEADS).ceil().max(1.0);
    for head in 0..heads as usize {
        let at = total * (head as f64 + 0.5) / heads;
        let k = length
            .partition_point(|length| *length < at)
            .clamp(1, line.x.len() - 1);
        let (low, high) = scale.range;
        let fraction = match scale.scale {
            Scale::Linear => (line.speed[k] - low) / (high - low),
            Scale::Log => (line.speed[k] / low).ln() / (high / low).ln(),
        };
        elements.push(Element::Arrow {
            x: line.x[k],
            y: line.y[k],
            dx: line.x[k] - line.x[k - 1],
            dy: line.y[k] - line.y[k - 1],
            size: if small { 2.9 } else { 4.2 },
            colour: Colour::Map(fraction.clamp(0.0, 1.0)),
        });
    }
}

/// The palest end of the map of times is left out.
const END: f64 = 1.3;

/// The colours of times, if a trajectory moves.
pub(super) fn time_scale(fields: &[FieldPortrait]) -> Option<ColourScale> {
    // the last points are reached after a long time in which little is to be seen
    let end = fields
        .iter()
        .flat_map(|field| &field.trajectories)
        .filter(|trajectory| trajectory.time.len() > 1)
        .map(|trajectory| trajectory.time[trajectory.time.len() * 9 / 10])
        .fold(0.0, f64::max);
    (end > 0.0).then(|| ColourScale::linear(0.0, END * end).map(ColourMap::Inferno))
}

pub(super) fn trajectories(
    elements: &mut Vec<Element>,
    trajectories: &[Trajectory],
    portrait: &Portrait,
    scale: Option<&ColourScale>,
) {
    /// The tail of a slow approach has no room for more.
    const MOST_DOTS: usize = 100;
    let Some(scale) = scale else {
        return;
    };
    let last = scale.range.1 / END;
    let step = nice_step(last / 8.0);
    let window = &portrait.window;
    let label = format!(
        "trajectory, $t$ from 0 (dark) to {} (pale), dots $Δt = {step}$",
        nice_step(last)
    );
    for trajectory in trajectories
        .iter()
        .filter(|trajectory| trajectory.time.len() > 1)
    {
        let (x, y) = (&trajectory.x, &trajectory.y);
        let halo = Stroke::new(Colour::Background).width(2.6);
        elements.push(Element::line(x.clone(), y.clone(), halo));
        elements.push(Element::ColouredLine {
            x: x.clone(),
            y: y.clone(),
            value: trajectory.time.iter().map(|time| time.min(last)).collect(),
            scale: *scale,
            width: 1.7,
        });
        // dots that would touch are left out: nothing moves there
        let mut dots: (Vec<f64>, Vec<f64>, Vec<f64>) = Default::default();
        let end = trajectory.time[trajectory.time.len() - 1];
        for k in 0..=((end / step) as usize).min(MOST_DOTS) {
            let time = step * k as f64;
            let (dot_x, dot_y) = at_time(trajectory, time);
            let near = dots
                .0
                .last()
                .zip(dots.1.last())
                .is_some_and(|(x, y)| window.distance([*x, *y], [dot_x, dot_y]) < 0.02);
            if !near {
                dots.0.push(dot_x);
                dots.1.push(dot_y);
                dots.2.push(time.min(last));
            }
        }
        elements.push(Element::Markers {
            x: dots.0,
            y: dots.1,
            marker: Marker::new(MarkerShape::Circle, Colour::Foreground)
                .size(3.2)
                .edge(Colour::Background),
            colour_by: Some(ColourBy {
                value: dots.2,
                scale: *scale,
            }),
            label: Some(label.clone()),
        });
        // in the legend a trajectory is a line with dots
        let stroke = Stroke::new(Colour::Foreground).width(1.7);
        elements.push(Element::line([x[0]], [y[0]], stroke).labelled(label.clone()));
    }
}

fn at_time(trajectory: &Trajectory, time: f64) -> (f64, f64) {
    let k = trajectory
        .time
        .partition_point(|t| *t < time)
        .clamp(1, trajectory.time.len() - 1);
    let (from, to) = (trajectory.time[k - 1], trajectory.time[k]);
    let part = if to > from {
        (time - from) / (to - from)
    } else {
        1.0
    };
    let between = |values: &[f64]| values[k - 1] + part * (values[k] - values[k - 1]);
    (between(&trajectory.x), between(&trajectory.y))
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
fn nice_step(step: f64) -> f64 {
    let exponent = step.log10().floor() as i32;
    // powers of ten by their decimal text, so that 0.2 is not 0.20000000000000001
    let power = |digit: u8| format!("{digit}e{exponent}").parse().unwrap_or(step);
    [1, 2, 5]
        .into_iter()
        .map(power)
        .find(|candidate| *candidate >= step)
        .unwrap_or_else(|| format!("1e{}", exponent + 1).parse().unwrap_or(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_numbers() {
        let steps = [0.0004, 0.13, 1.0, 2.1, 70.0].map(nice_step);
        assert_eq!(steps, [0.0005, 0.2, 1.0, 5.0, 100.0]);
    }

    #[test]
    fn times_between_points_are_interpolated() {
        let trajectory = Trajectory {
            time: vec![0.0, 1.0, 3.0],
            x: vec![0.0, 2.0, 4.0],
            y: vec![1.0, 1.0, 0.0],
        };
        assert_eq!(at_time(&trajectory, 2.0), (3.0, 0.5));
        assert_eq!(at_time(&trajectory, 0.0), (0.0, 1.0));
    }
}
