//! The figure of a phase portrait.

mod flow;

use flow::{speed_scale, streamline, time_scale, trajectories};

use super::look::{NUDGED, rate_unit, time_unit};
use super::state_name::{state_axis, state_value};
use super::{
    Axis, Colour, ColourBar, ColourScale, Dash, Element, Figure, Fill, LegendPlacement, Marker,
    MarkerShape, Panel, Stroke,
};
use crate::dynamics::FixedPointKind;
use crate::experiment::portrait::{
    Basins, FieldPortrait, NOWHERE, NudgedView, Polyline, Portrait, RestPoint,
};

/// Colours of basins and their attractors. Those of the nullclines are left out.
const BASINS: [usize; 6] = [0, 4, 2, 5, 7, 6];
/// Colour and dash of each nullcline.
const NULLCLINES: [(usize, Dash); 2] = [(1, Dash::LongDashed), (3, Dash::DashDotted)];

/// The figure of a portrait. A `width_mm` of `None` is one journal column, or two for two panels.
pub fn portrait_figure(portrait: &Portrait, width_mm: Option<f64>) -> Figure {
    let beside = portrait.fields.len() > 1 && portrait.settings.nudged == NudgedView::Beside;
    let speed = speed_scale(portrait);
    let time = time_scale(&portrait.fields);
    let usual = if beside {
        Figure::TWO_COLUMNS_MM
    } else {
        Figure::ONE_COLUMN_MM
    };
    let width_mm = width_mm.unwrap_or(usual);
    let small = beside && width_mm < Figure::WIDE_MM;
    let panel = |k: usize| draw(portrait, k, speed.as_ref(), time.as_ref(), small);
    let mut panels = vec![panel(0)];
    if beside {
        panels[0].colour_bar = None;
        panels.push(panel(1));
        let held = held(portrait).map_or_else(String::new, |held| format!("; {held}"));
        panels[0] = std::mem::take(&mut panels[0]).titled(format!("free{held}"));
        let title = format!("nudged, $β = {}$", portrait.fields[1].beta);
        panels[1] = std::mem::take(&mut panels[1]).titled(title);
    } else if let Some(held) = held(portrait) {
        panels[0] = std::mem::take(&mut panels[0]).titled(held);
    }
    Figure {
        columns: panels.len(),
        legend: if panels.len() == 1 {
            LegendPlacement::Right
        } else {
            LegendPlacement::Below
        },
        share_y: true,
        panels,
        description: Some(description(portrait)),
        ..Figure::default()
    }
    .at_width(width_mm)
    .lettered()
}

/// Which neurons a section holds, and where.
fn held(portrait: &Portrait) -> Option<String> {
    /// So many are named one by one.
    const NAMED: usize = 4;
    let Some(at) = &portrait.at else {
        return (portrait.neurons > 2)
            .then(|| format!("trajectories of {} neurons, projected", portrait.neurons));
    };
    let shown = portrait.settings.coordinates;
    let others: Vec<usize> = (0..at.len()).filter(|i| !shown.contains(i)).collect();
    let named: Vec<String> = others
        .iter()
        .take(NAMED)
        .map(|&i| state_value(&portrait.names, i, at[i]))
        .collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!("section: {}{more} held", named.join(", ")))
}

fn description(portrait: &Portrait) -> String {
    let [i, j] = portrait.settings.coordinates;
    let points = portrait
        .fields
        .first()
        .map_or(0, |field| field.fixed_points.len());
    let cycles = portrait
        .fields
        .first()
        .map_or(0, |field| field.cycles.len());
    let held =
        held(portrait).map_or_else(String::new, |held| format!(" ({})", held.replace('$', "")));
    let what = match (portrait.names.get(i), portrait.names.get(j)) {
        (Some(one), Some(other)) => format!("{one} and {other}"),
        _ => format!("neurons {i} and {j}"),
    };
    format!("Phase portrait of {what}{held}: {points} fixed points, {cycles} limit cycles.")
}

/// One panel with everything of field `k`. The first also has the nudged field if it is overlaid.
fn draw(
    portrait: &Portrait,
    k: usize,
    speed: Option<&ColourScale>,
    time: Option<&ColourScale>,
    small: bool,
) -> Panel {
    let [i, j] = portrait.settings.coordinates;
    let window = &portrait.window;
    let mut panel = Panel::new(
        Axis::linear(state_axis(&portrait.names, i)).between(window.x.0, window.x.1),
        Axis::linear(state_axis(&portrait.names, j)).between(window.y.0, window.y.1),
    );
    // streamlines are evenly spaced in a square
    panel.aspect = Some(1.0);
    let field = &portrait.fields[k];
    let shaded = field
        .basins
        .as_ref()
        .is_some_and(|basins| basins.class.iter().any(|class| *class != basins.class[0]));
    let elements = &mut panel.elements;
    if let Some(basins) = field.basins.as_ref().filter(|_| shaded) {
        elements.push(raster(basins));
    }
    if let Some(speed) = speed {
        field
            .streamlines
            .iter()
            .for_each(|line| streamline(elements, line, speed, window, small));
    }
    nullclines(elements, field, portrait, None);
    for half in &field.manifolds {
        let (stroke, name) = if half.stable {
            (
                Stroke::new(Colour::Foreground).width(1.2),
                "stable manifold",
            )
        } else {
            (
                Stroke::new(Colour::Foreground)
                    .width(0.9)
                    .dash(Dash::Dotted),
                "unstable manifold",
            )
        };
        elements.push(line(&half.curve, stroke).labelled(name));
    }
    let stable = field
        .fixed_points
        .iter()
        .filter(|point| point.kind.stable())
        .count();
    for (number, cycle) in field.cycles.iter().enumerate() {
        let stroke = Stroke::new(attractor_colour(stable + number)).width(1.9);
        elements.push(line(&cycle.curve, stroke).labelled("stable limit cycle"));
    }
    let overlaid = portrait
        .fields
        .get(1)
        .filter(|_| k == 0 && portrait.settings.nudged == NudgedView::Overlay);
    if let Some(nudged) = overlaid {
        nullclines(elements, nudged, portrait, Some(field));
    }
    paths(elements, portrait);
    trajectories(elements, &field.trajectories, portrait, time);
    if let Some(nudged) = overlaid {
        for point in &nudged.fixed_points {
            elements.push(marker(point, NUDGED.colour, 3.4));
        }
    }
    fixed_points(elements, field, shaded);
    panel.colour_bar = match (speed, time) {
        (Some(speed), _) => Some(ColourBar {
            scale: *speed,
            label: format!("speed $\\|\\dot{{s}}\\|$ ({})", rate_unit(&portrait.names)),
        }),
        (None, Some(time)) => Some(ColourBar {
            scale: *time,
            label: format!("time $t$ ({})", time_unit(&portrait.names)),
        }),
        _ => None,
    };
    panel
}

fn attractor_colour(number: usize) -> Colour {
    Colour::Series(BASINS[number % BASINS.len()])
}

fn raster(basins: &Basins) -> Element {
    let last = basins.class.iter().filter(|class| **class != NOWHERE).max();
    let count = last.map_or(0, |last| usize::from(*last) + 1);
    Element::Raster {
        x_range: basins.x,
        y_range: basins.y,
        columns: basins.side,
        rows: basins.side,
        class: basins.class.clone(),
        palette: (0..count).map(attractor_colour).collect(),
        opacity: 0.17,
    }
}

fn line(curve: &Polyline, stroke: Stroke) -> Element {
    Element::line(curve.x.clone(), curve.y.clone(), stroke)
}

/// The nullclines of a field, or those in which it differs from the free one.
fn nullclines(
    elements: &mut Vec<Element>,
    field: &FieldPortrait,
    portrait: &Portrait,
    free: Option<&FieldPortrait>,
) {
    let (names, coordinates) = (&portrait.names, portrait.settings.coordinates);
    for (k, branches) in field.nullclines.iter().enumerate() {
        let (series, dash) = NULLCLINES[k];
        // a neuron that is no output keeps its nullcline
        if free.is_some_and(|free| free.nullclines[k] == *branches) {
            continue;
        }
        let (stroke, note) = match free {
            None => (
                Stroke::new(Colour::Series(series)).width(1.3).dash(dash),
                String::new(),
            ),
            Some(_) => (
                Stroke::new(Colour::Series(series))
                    .width(1.0)
                    .dash(Dash::Dotted),
                format!(", $β = {}$", field.beta),
            ),
        };
        let label = match names.get(coordinates[k]) {
            Some(name) => format!("d{name}/d$t$ = 0{note}"),
            None => format!("$\\dot{{s}}_{{{}}} = 0${note}", coordinates[k]),
        };
        elements.extend(
            branches
                .iter()
                .map(|branch| line(branch, stroke).labelled(&label)),
        );
    }
}

fn paths(elements: &mut Vec<Element>, portrait: &Portrait) {
    let Some(beta) = portrait.settings.beta else {
        return;
    };
    let label = format!(
        "nudged fixed point, ${} ≤ β ≤ {}$",
        beta.min(0.0),
        beta.max(0.0)
    );
    let window = &portrait.window;
    for path in &portrait.paths {
        let curve = &path.curve;
        let stroke = Stroke::new(NUDGED.colour).width(1.6);
        elements.push(line(curve, stroke).labelled(&label));
        let (n, half) = (curve.x.len(), curve.x.len() / 2);
        let reach = window.distance([curve.x[0], curve.y[0]], [curve.x[n - 1], curve.y[n - 1]]);
        if reach > 0.04 {
            elements.push(Element::Arrow {
                x: curve.x[half],
                y: curve.y[half],
                dx: curve.x[half] - curve.x[half - 1],
                dy: curve.y[half] - curve.y[half - 1],
                size: 6.0,
                colour: NUDGED.colour,
            });
        }
    }
}

fn fixed_points(elements: &mut Vec<Element>, field: &FieldPortrait, shaded: bool) {
    let mut attractor = 0;
    for point in &field.fixed_points {
        let mut colour = Colour::Foreground;
        if point.kind.stable() {
            if shaded {
                colour = attractor_colour(attractor);
            }
            attractor += 1;
        }
        if !point.whole {
            colour = Colour::Muted;
        }
        let label = match point.whole {
            true => name(point.kind).to_owned(),
            false => format!("{} of the section only", name(point.kind)),
        };
        elements.push(marker(point, colour, 5.2).labelled(label));
    }
}

fn marker(point: &RestPoint, colour: Colour, size: f64) -> Element {
    let (shape, fill) = match point.kind {
        FixedPointKind::StableNode => (MarkerShape::Circle, Fill::Full),
        FixedPointKind::StableFocus => (MarkerShape::Diamond, Fill::Full),
        FixedPointKind::UnstableNode => (MarkerShape::Circle, Fill::Open),
        FixedPointKind::UnstableFocus => (MarkerShape::Diamond, Fill::Open),
        FixedPointKind::Saddle => (MarkerShape::Circle, Fill::Half),
        FixedPointKind::Center => (MarkerShape::Square, Fill::Open),
        FixedPointKind::Degenerate => (MarkerShape::Cross, Fill::Full),
    };
    let mut marker = Marker::new(shape, colour).size(size).fill(fill);
    if fill == Fill::Full && shape != MarkerShape::Cross && colour != Colour::Muted {
        marker = marker.edge(Colour::Foreground);
    }
    Element::markers([point.state[0]], [point.state[1]], marker)
}

fn name(kind: FixedPointKind) -> &'static str {
    match kind {
        FixedPointKind::StableNode => "stable node",
        FixedPointKind::StableFocus => "stable focus",
        FixedPointKind::UnstableNode => "unstable node",
        FixedPointKind::UnstableFocus => "unstable focus",
        FixedPointKind::Saddle => "saddle",
        FixedPointKind::Center => "centre",
        FixedPointKind::Degenerate => "degenerate",
    }
}
