//! Portraits of more than two neurons, of unequal axes, and of nudged fields.

use eqprop::dynamics::FixedPointKind;
use eqprop::experiment::portrait::{NudgedView, Portrait, PortraitSettings, portrait};
use eqprop::figure::portrait_figure;
use serde_json::{Value, json};

use crate::support::problem;

fn bare() -> PortraitSettings {
    PortraitSettings {
        streamlines: false,
        nullclines: false,
        manifolds: false,
        basins: false,
        cycles: false,
        ..PortraitSettings::default()
    }
}

fn of(document: &Value, settings: &PortraitSettings) -> Portrait {
    portrait(&problem(document), settings).unwrap()
}

/// Two quiet neurons and a bistable third, none of which hears the others.
fn uncoupled() -> Value {
    json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.5, 0, 0], [0, 0.5, 0], [0, 0, 2.0]], "outputs": [0]},
        "target": [0.5], "initial_state": [0.4, 0.3, 0.2]
    })
}

#[test]
fn the_kind_shown_is_that_of_the_whole_network() {
    let at = |third: f64| PortraitSettings {
        at: Some(vec![0.0, 0.0, third]),
        ..bare()
    };
    // stable in the section, a saddle of the network
    let portrait = of(&uncoupled(), &at(0.0));
    let point = &portrait.fields[0].fixed_points[0];
    assert_eq!((point.kind, point.whole), (FixedPointKind::Saddle, true));
    assert_eq!(point.eigenvalues.len(), 3);
    // no rest of the network at all
    let elsewhere = of(&uncoupled(), &at(0.5));
    assert!(!elsewhere.fields[0].fixed_points[0].whole);
    let text = format!("{:?}", portrait_figure(&elsewhere, None));
    assert!(text.contains("of the section only"));
    assert!(text.contains("$s_{2} = 0.500$"), "{text}");
}

#[test]
fn projected_trajectories_are_those_of_the_network() {
    // s₂ drives s₀: (s₀, s₁) alone would stay on their axis
    let driven = json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0, 0, 1.0], [0, 0, 0], [0, 0, 0]], "outputs": [0]},
        "target": [0.5], "initial_state": [0.0, 1.0, 1.0]
    });
    let settings = PortraitSettings {
        project: true,
        ..bare()
    };
    let portrait = of(&driven, &settings);
    let line = &portrait.fields[0].trajectories[0];
    assert!(line.time.len() > 10 && portrait.at.is_none());
    for k in 0..line.time.len() {
        let t = line.time[k];
        assert!((line.x[k] - t * (-t).exp()).abs() < 1e-6, "{t}");
        assert!((line.y[k] - (-t).exp()).abs() < 1e-6, "{t}");
    }
    assert!(format!("{:?}", portrait_figure(&portrait, None)).contains("projected"));
}

#[test]
fn each_axis_has_a_window_of_its_own() {
    // s₀ → 1, s₁ → 1e-4
    let unequal = json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "identity",
            "weights": [[0, 0], [0, 0]], "bias": [1.0, 1e-4], "outputs": [0]},
        "target": [0.5]
    });
    let window = of(&unequal, &bare()).window;
    let size = |edges: (f64, f64)| edges.1 - edges.0;
    assert!((1.0..3.0).contains(&size(window.x)) && (1e-4..3e-4).contains(&size(window.y)));
}

#[test]
fn the_nudged_trajectory_starts_where_the_free_phase_ends() {
    let two = json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.5, 0.3], [-0.2, 0.4]], "bias": [0.3, -0.1], "outputs": [0]},
        "target": [1.5], "initial_state": [-0.8, 0.9]
    });
    let settings = PortraitSettings {
        beta: Some(1.0),
        nudged: NudgedView::Beside,
        ..bare()
    };
    let portrait = of(&two, &settings);
    let [free, nudged] = [&portrait.fields[0], &portrait.fields[1]];
    let line = &nudged.trajectories[0];
    let [x, y] = free.fixed_points[0].state;
    assert!(
        (line.x[0] - x).hypot(line.y[0] - y) < 1e-2 * (line.x.last().unwrap() - x).abs().max(0.1)
    );
    let figure = format!("{:?}", portrait_figure(&portrait, None));
    assert!(figure.contains("$t$ from 0 (dark)"));
}
