//! The figure of a simulation: states, cost, ‖μ‖ and the speed of each layer over one time axis.

use super::look::{rate_unit, time_unit, unit};
use super::{Axis, Colour, Dash, Element, Figure, LegendPlacement, Panel, Stroke};
use crate::experiment::{EulerRecord, PhaseRecord, Simulation};

/// Networks up to this size show every neuron with its name.
const FEW: usize = 4;
/// What lies this far below the largest value of a logarithmic panel is rounding, not data.
const FLOOR: f64 = 1e-10;

/// The figures of a simulation, each with the name of its file.
pub fn simulation_figures(simulation: &Simulation) -> Vec<(&'static str, Figure)> {
    vec![
        ("simulation", stacked(simulation)),
        ("arrival", arrival(simulation)),
    ]
}

/// One value per row of a phase.
type Measure = fn(&PhaseRecord) -> &Vec<f64>;

fn stacked(simulation: &Simulation) -> Figure {
    let mut panels = vec![states(simulation)];
    if !simulation.free.cost.is_empty() {
        panels.push(scalar(simulation, "cost $C$", false, |phase| &phase.cost));
    }
    panels.extend([
        scalar(simulation, "residual $‖μ‖_∞$", true, |phase| {
            &phase.residual
        }),
        speeds(simulation),
    ]);
    if !simulation.euler.is_empty() {
        panels.push(errors(simulation));
    }
    for panel in &mut panels {
        panel.elements.splice(0..0, switch(simulation));
        panel.x.margin = 0.0;
    }
    if let Some(lowest) = panels.last_mut() {
        lowest.x.label = format!("time ({})", time_unit(&simulation.names));
    }
    Figure {
        legend: LegendPlacement::Below,
        share_x: true,
        description: Some(
            "States, cost, residual and speed of each layer over time, through the free and the \
             nudged phase."
                .into(),
        ),
        ..Figure::new(panels)
    }
    .lettered()
}

/// Where the nudged phase begins, if there is one.
fn switch(simulation: &Simulation) -> Option<Element> {
    let nudged = &simulation.nudged;
    (nudged.time.last() > nudged.time.first()).then(|| Element::VerticalLine {
        at: nudged.time[0],
        stroke: Stroke::new(Colour::Muted).width(0.8).dash(Dash::Dotted),
        label: Some(format!("nudge on, $β = {}$", nudged.beta)),
    })
}

/// A curve through both phases, broken at the switch.
fn curve(
    simulation: &Simulation,
    value: &dyn Fn(&PhaseRecord) -> Vec<f64>,
    stroke: Stroke,
) -> Vec<Element> {
    simulation
        .phases()
        .iter()
        .map(|(_, phase)| Element::line(phase.time.clone(), value(phase), stroke))
        .collect()
}

fn neuron(states: &[Vec<f64>], i: usize) -> Vec<f64> {
    states.iter().map(|state| state[i]).collect()
}

/// Colour and dash of a group of neurons. Single neurons, where shown, have the colours before.
fn layer_stroke(simulation: &Simulation, layer: usize) -> Stroke {
    let neurons = simulation.free.state[0].len();
    let first = if neurons <= FEW { neurons } else { 0 };
    Stroke {
        dash: Dash::CYCLE[layer % Dash::CYCLE.len()],
        ..Stroke::new(Colour::Series(first + layer))
    }
}

fn states(simulation: &Simulation) -> Panel {
    let neurons = simulation.free.state[0].len();
    let mut panel = Panel::new(
        Axis::default(),
        Axis::linear(format!("state ({})", unit(&simulation.names))),
    );
    let mut draw = |i: usize, stroke: Stroke, label: Option<String>| {
        let curves = curve(simulation, &|phase| neuron(&phase.state, i), stroke);
        panel
            .elements
            .extend(curves.into_iter().map(|element| match &label {
                Some(label) => element.labelled(label.clone()),
                None => element,
            }));
    };
    if neurons <= FEW {
        for i in 0..neurons {
            draw(
                i,
                Stroke::new(Colour::Series(i)).width(1.2),
                Some(match simulation.names.get(i) {
                    Some(name) => name.clone(),
                    None => format!("$s_{i}$"),
                }),
            );
        }
    } else {
        for (layer, group) in simulation.layers.iter().enumerate() {
            let thin = layer_stroke(simulation, layer)
                .dash(Dash::Solid)
                .width(0.5)
                .opacity(0.6);
            for &i in &group.neurons {
                draw(i, thin, None);
            }
        }
    }
    // Euler's states may leave the page. The adaptive ones set its scale
    let all = simulation
        .phases()
        .into_iter()
        .flat_map(|(_, phase)| phase.state.iter().flatten());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &s| {
        (low.min(s), high.max(s))
    });
    let margin = 0.06
        * (high - low)
            .max(1e-9 * high.abs().max(low.abs()))
            .max(1e-12);
    panel.y.range = Some((low - margin, high + margin));
    let mut behind = Vec::new();
    for (k, euler) in simulation.euler.iter().enumerate() {
        for i in overlaid(simulation, neurons) {
            // a run that has left the page is not followed any further
            let shown = |phase: usize| {
                let gone = |error: &f64| *error > high - low;
                let left = (0..=phase).any(|p| euler.error[p].iter().any(gone));
                let end = euler.error[phase].iter().position(gone);
                let end = end.unwrap_or(if left { 0 } else { euler.error[phase].len() });
                neuron(&euler.state[phase][..end], i)
            };
            let stroke = euler_stroke(k).width(0.8);
            behind.extend(euler_lines(simulation, euler, &shown, stroke));
        }
    }
    panel.elements.splice(0..0, behind);
    panel
}

/// Neurons whose Euler trajectories are shown: all of a few, else the one that moves most.
fn overlaid(simulation: &Simulation, neurons: usize) -> Vec<usize> {
    if neurons <= FEW {
        return (0..neurons).collect();
    }
    let way = |i: &usize| {
        let states = simulation.free.state.iter().chain(&simulation.nudged.state);
        states.fold(0.0, |largest: f64, state| {
            largest.max((state[*i] - simulation.free.state[0][*i]).abs())
        })
    };
    (0..neurons)
        .max_by(|a, b| way(a).total_cmp(&way(b)))
        .into_iter()
        .collect()
}

fn euler_stroke(k: usize) -> Stroke {
    Stroke::new(Colour::Foreground).dash(Dash::CYCLE[(k + 1) % Dash::CYCLE.len()])
}

/// What is known of an Euler run, which may have diverged before its end.
fn euler_lines(
    simulation: &Simulation,
    euler: &EulerRecord,
    values: &dyn Fn(usize) -> Vec<f64>,
    stroke: Stroke,
) -> Vec<Element> {
    let label = format!("Euler, $Δt = {}$", euler.dt);
    let phases = simulation.phases().into_iter().enumerate();
    phases
        .map(|(k, (_, phase))| {
            let y = values(k);
            Element::line(&phase.time[..y.len()], y, stroke).labelled(label.clone())
        })
        .collect()
}

fn scalar(simulation: &Simulation, label: &str, log: bool, measure: Measure) -> Panel {
    let stroke = Stroke::new(Colour::Foreground);
    let label = format!("{label} ({})", unit(&simulation.names));
    let axis = if log {
        let phases = simulation.phases();
        log_axis(&label, phases.iter().flat_map(|(_, phase)| measure(phase)))
    } else {
        Axis::linear(label)
    };
    let mut panel = Panel::new(Axis::default(), axis);
    panel.elements = curve(simulation, &|phase| measure(phase).clone(), stroke);
    panel
}

/// How fast each layer moves: inward from the input in the free phase, back from the output in the
/// nudged phase.
fn speeds(simulation: &Simulation) -> Panel {
    let phases = simulation.phases();
    let all = phases
        .iter()
        .flat_map(|(_, phase)| phase.speed.iter().flatten());
    let mut panel = Panel::new(Axis::default(), log_axis(&speed_label(simulation), all));
    for (layer, group) in simulation.layers.iter().enumerate() {
        let curves = curve(
            simulation,
            &|phase| phase.speed[layer].clone(),
            layer_stroke(simulation, layer),
        );
        panel.elements.extend(
            curves
                .into_iter()
                .map(|element| element.labelled(group.name.clone())),
        );
    }
    panel
}

fn speed_label(simulation: &Simulation) -> String {
    format!("layer speed ({})", rate_unit(&simulation.names))
}

/// The speed of each layer since the nudge, both axes logarithmic: a layer k connections away from
/// the output starts to move as the k-th power of time.
fn arrival(simulation: &Simulation) -> Figure {
    let nudged = &simulation.nudged;
    let time: Vec<f64> = nudged
        .time
        .iter()
        .map(|time| time - nudged.time[0])
        .collect();
    let all = nudged.speed.iter().flatten();
    let mut panel = Panel::new(
        Axis::log(format!(
            "time since the nudge ({})",
            time_unit(&simulation.names)
        )),
        log_axis(&speed_label(simulation), all),
    )
    .with_legend(LegendPlacement::Below);
    panel.aspect = Some(0.7);
    for (layer, group) in simulation.layers.iter().enumerate() {
        let stroke = layer_stroke(simulation, layer).width(1.3);
        let line = Element::line(time.clone(), nudged.speed[layer].clone(), stroke);
        panel.elements.push(line.labelled(group.name.clone()));
    }
    Figure {
        description: Some("Speed of each layer since the nudge began.".into()),
        ..Figure::new(vec![panel])
    }
}

fn errors(simulation: &Simulation) -> Panel {
    let all = simulation
        .euler
        .iter()
        .flat_map(|euler| euler.error.iter().flatten());
    // beyond a state of this size the method has left the scene
    let mut axis = log_axis(&format!("Euler error ({})", unit(&simulation.names)), all);
    if let Some((low, high)) = &mut axis.range {
        *high = high.min(1e3);
        *low = low.min(1e-3 * *high);
    }
    let mut panel = Panel::new(Axis::default(), axis);
    for (k, euler) in simulation.euler.iter().enumerate() {
        let errors = |phase: usize| euler.error[phase].clone();
        panel
            .elements
            .extend(euler_lines(simulation, euler, &errors, euler_stroke(k)));
    }
    panel
}

/// A logarithmic axis from the floor (or the smallest value) to the largest value.
fn log_axis<'a>(label: &str, values: impl Iterator<Item = &'a f64>) -> Axis {
    let positive = values.copied().filter(|value| *value > 0.0);
    let (low, high) = positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| {
        (low.min(value), high.max(value))
    });
    let axis = Axis::log(label);
    if high > 0.0 {
        axis.between(low.max(FLOOR * high) / 1.5, 1.5 * high)
    } else {
        axis
    }
}
