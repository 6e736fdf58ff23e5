//! Phase portraits against closed forms and against XPPAUT, AUTO and mpmath.
//!
//! The reference numbers are those of tests/reference/xppaut/reference.json (field `mpmath`, which
//! XPPAUT and AUTO confirm to their own digits).

use assert_cmd::Command;
use eqprop::dynamics::FixedPointKind;
use eqprop::experiment::portrait::{
    NOWHERE, NudgedView, Portrait, PortraitSettings, Window, portrait,
};
use eqprop::figure::portrait_figure;
use eqprop::model::Problem;

fn problem(weights: &str, bias: &str, rest: &str) -> Problem {
    Problem::from_json(&text(weights, bias, rest)).unwrap()
}

fn text(weights: &str, bias: &str, rest: &str) -> String {
    format!(
        r#"{{"network": {{"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": {weights}, "bias": {bias}, "outputs": [1]}}, "target": [0.5]{rest}}}"#
    )
}

const BISTABLE: (&str, &str) = ("[[1.5, 0.3], [0.2, 1.4]]", "[0.1, -0.05]");
const CYCLE: (&str, &str) = ("[[1.8, -2], [2, 1.6]]", "[0, 0]");
const FOLD: &str = "[[2, -0.5], [1, 0.3]]";

/// Kind, state and eigenvalues of the bistable system's fixed points, by the first coordinate.
const BISTABLE_POINTS: [(FixedPointKind, [f64; 2], [f64; 2]); 5] = [
    (
        FixedPointKind::StableNode,
        [-1.539595229889161, -1.4994885759844683],
        [-0.7045454910100653, -0.7899900665771099],
    ),
    (
        FixedPointKind::Saddle,
        [0.31429848821796386, -1.119469562857231],
        [0.382243397429984, -0.5337972053598818],
    ),
    (
        FixedPointKind::StableNode,
        [1.0743043248791233, -0.8825726524931529],
        [-0.243713049936267, -0.49617858688419325],
    ),
    (
        FixedPointKind::Saddle,
        [1.2851522525357353, -0.3526804059094627],
        [0.2556668528387976, -0.6201835986130835],
    ),
    (
        FixedPointKind::StableNode,
        [1.7806701906031226, 1.3687106678946779],
        [-0.6714250288143555, -0.8476688522527487],
    ),
];

fn window(half: f64) -> Option<Window> {
    Some(Window {
        x: (-half, half),
        y: (-half, half),
    })
}

/// Only what the test is about.
fn bare() -> PortraitSettings {
    PortraitSettings {
        streamlines: false,
        nullclines: false,
        manifolds: false,
        cycles: false,
        basins: false,
        trajectories: false,
        ..PortraitSettings::default()
    }
}

#[test]
fn fixed_points_of_the_bistable_system_are_those_of_xppaut() {
    let problem = problem(BISTABLE.0, BISTABLE.1, "");
    let portrait = portrait(&problem, &bare()).unwrap();
    let points = &portrait.fields[0].fixed_points;
    assert_eq!(points.len(), BISTABLE_POINTS.len());
    for (point, (kind, state, eigenvalues)) in points.iter().zip(BISTABLE_POINTS) {
        assert_eq!(point.kind, kind);
        for k in 0..2 {
            assert!((point.state[k] - state[k]).abs() < 1e-12);
            assert!((point.eigenvalues[k][0] - eigenvalues[k]).abs() < 1e-12);
            assert_eq!(point.eigenvalues[k][1], 0.0);
        }
    }
}

#[test]
fn nullclines_are_those_of_auto_and_cross_at_the_fixed_points() {
    let problem = problem(BISTABLE.0, BISTABLE.1, "");
    let settings = PortraitSettings {
        nullclines: true,
        // grid lines at every 0.025, so that the references' 3.0, 2.5, 2.0 are among them
        window: window(3.0),
        ..bare()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    let nullclines = &portrait.fields[0].nullclines;
    let vertices = |k: usize| {
        let branches = nullclines[k].iter();
        branches.flat_map(|branch| branch.x.iter().copied().zip(branch.y.iter().copied()))
    };
    let nearest = |k: usize, x: f64, y: f64| {
        let gaps = vertices(k).map(|(a, b)| (a - x).hypot(b - y));
        gaps.fold(f64::INFINITY, f64::min)
    };
    // all three branches at s₁ = −3
    for u in [-1.5753176727598301, 0.5330696706274038, 0.7838500518895686] {
        assert!(nearest(0, u, -3.0) < 1e-9);
    }
    let second = [
        (-3.0, -1.5215702231254689),
        (-2.5, -1.5193379631264567),
        (-2.0, -1.513349944133438),
    ];
    for (x, u) in second {
        assert!(nearest(1, x, u) < 1e-9);
    }
    for k in 0..2 {
        for (x, y) in vertices(k) {
            let force = match k {
                0 => 1.5 * x.tanh() + 0.3 * y.tanh() + 0.1 - x,
                _ => 0.2 * x.tanh() + 1.4 * y.tanh() - 0.05 - y,
            };
            assert!(force.abs() < 1e-12);
        }
        // polylines pass their fixed points at the distance of a chord
        for (_, state, _) in BISTABLE_POINTS {
            assert!(nearest(k, state[0], state[1]) < 0.025);
        }
    }
}

#[test]
fn the_limit_cycle_has_the_period_and_extent_of_auto() {
    let problem = problem(CYCLE.0, CYCLE.1, r#", "initial_state": [0.1, 0]"#);
    let settings = PortraitSettings {
        cycles: true,
        basins: true,
        basin_cells: 40,
        ..bare()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    let field = &portrait.fields[0];
    assert_eq!(field.cycles.len(), 1);
    let cycle = &field.cycles[0];
    assert!((cycle.period - 5.580790656152889).abs() < 1e-6);
    assert!((cycle.multiplier - 0.025141987685882182).abs() < 1e-6);
    let largest = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
    assert!((largest(&cycle.curve.x) - 1.9914193998329688).abs() < 1e-4);
    assert!((largest(&cycle.curve.y) - 1.9851900559060074).abs() < 1e-4);
    assert_eq!(cycle.curve.x.first(), cycle.curve.x.last());
    assert_eq!(field.fixed_points.len(), 1);
    assert_eq!(field.fixed_points[0].kind, FixedPointKind::UnstableFocus);
    // everything but the focus itself goes to the cycle
    let class = &field.basins.as_ref().unwrap().class;
    assert!(class.iter().filter(|class| **class != 0).count() <= 1);
}

#[test]
fn the_fold_is_where_auto_finds_it() {
    // two fixed points exist on one side of the fold at b₀ = ±0.17712790696602024 only
    let count = |bias: f64| {
        let problem = problem(FOLD, &format!("[{bias}, 0]"), "");
        let portrait = portrait(&problem, &bare()).unwrap();
        portrait.fields[0].fixed_points.len()
    };
    let fold = 0.17712790696602024;
    assert_eq!([count(-fold + 1e-6), count(-fold - 1e-6)], [3, 1]);
    assert_eq!([count(fold - 1e-6), count(fold + 1e-6)], [3, 1]);
}

/// The branches of (x − a)(y − b) = ±10⁻⁶ pass each other inside one cell of the grid, and never meet.
#[test]
fn branches_of_a_nullcline_that_pass_in_one_cell_are_not_exchanged() {
    const CELLS: usize = 40;
    let half = 1.0 / CELLS as f64;
    for (right, up) in [(0.5, 0.0), (-0.5, 0.0), (0.0, 0.5), (0.0, -0.5), (0.0, 0.0)] {
        for sign in ["-", "+"] {
            // where the branches pass is seen from the centre of the cell alone
            let (a, b) = (half * (1.0 + right), half * (1.0 + up));
            let text = format!(
                r#"{{"field": {{"equations": {{"x": "(x - {a:?})*(y - {b:?}) {sign} 1e-6", "y": "-y"}}}},
                "initial_state": [0.5, 0.5]}}"#
            );
            let settings = PortraitSettings {
                nullclines: true,
                nullcline_cells: CELLS,
                window: window(1.0),
                ..bare()
            };
            let portrait = portrait(&Problem::from_json(&text).unwrap(), &settings).unwrap();
            let branches = &portrait.fields[0].nullclines[0];
            assert_eq!(branches.len(), 2, "{right} {up} {sign}");
            for branch in branches {
                let points = branch.x.iter().zip(&branch.y);
                let sides: Vec<(bool, bool)> = points.map(|(&x, &y)| (x > a, y > b)).collect();
                assert!(
                    sides.windows(2).all(|pair| pair[0] == pair[1]),
                    "{right} {up} {sign}"
                );
            }
        }
    }
}

#[test]
fn basins_are_those_that_trajectories_reach_and_manifolds_part_them() {
    let problem = problem(BISTABLE.0, BISTABLE.1, "");
    let settings = PortraitSettings {
        basins: true,
        manifolds: true,
        window: window(2.4),
        basin_cells: 96,
        ..bare()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    let basins = portrait.fields[0].basins.as_ref().unwrap();
    // an integrator of the test's own
    let step = |[x, y]: [f64; 2], h: f64| {
        let f = |x: f64, y: f64| {
            (
                1.5 * x.tanh() + 0.3 * y.tanh() + 0.1 - x,
                0.2 * x.tanh() + 1.4 * y.tanh() - 0.05 - y,
            )
        };
        let (a, b) = f(x, y);
        let (c, d) = f(x + 0.5 * h * a, y + 0.5 * h * b);
        [x + h * c, y + h * d]
    };
    let attractors: Vec<[f64; 2]> = BISTABLE_POINTS
        .iter()
        .filter(|(kind, ..)| kind.stable())
        .map(|(_, state, _)| *state)
        .collect();
    let start = |k: usize| [-2.4 + 0.05 * (k % 97) as f64, -2.4 + 0.05 * (k / 97) as f64];
    assert_eq!(basins.side, 97);
    for k in (0..97 * 97).step_by(11) {
        let mut state = start(k);
        for _ in 0..2000 {
            state = step(state, 0.03);
        }
        let class = attractors
            .iter()
            .position(|at| (at[0] - state[0]).hypot(at[1] - state[1]) < 0.05);
        // on the separatrix itself either answer is right
        if let Some(class) = class {
            assert_eq!(usize::from(basins.class[k]), class, "{:?}", start(k));
        }
    }
    let manifolds = &portrait.fields[0].manifolds;
    assert_eq!(manifolds.len(), 8);
    for half in manifolds.iter().filter(|half| !half.stable) {
        let end = [half.curve.x.last().unwrap(), half.curve.y.last().unwrap()];
        let arrives = attractors
            .iter()
            .any(|at| (at[0] - end[0]).hypot(at[1] - end[1]) < 1e-9);
        assert!(arrives, "an unstable manifold ends at {end:?}");
    }
    // the separatrix runs between 0.1531 and 0.1532 at s₁ = −0.4 (XPPAUT's two starts)
    let crossing = manifolds
        .iter()
        .filter(|half| half.stable)
        .flat_map(|half| (1..half.curve.x.len()).map(move |k| (half, k)))
        .filter_map(|(half, k)| {
            let (x, y) = (&half.curve.x, &half.curve.y);
            let part = (-0.4 - y[k - 1]) / (y[k] - y[k - 1]);
            (0.0..1.0)
                .contains(&part)
                .then(|| x[k - 1] + part * (x[k] - x[k - 1]))
        })
        .find(|x| (x - 0.15).abs() < 0.1)
        .unwrap();
    assert!((0.1531..0.1532).contains(&crossing), "{crossing}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let problem = problem(BISTABLE.0, BISTABLE.1, r#", "initial_state": [-0.4, 0.9]"#);
    let settings = PortraitSettings {
        basin_cells: 64,
        nullcline_cells: 64,
        beta: Some(0.5),
        ..PortraitSettings::default()
    };
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let portrait = pool
            .build()
            .unwrap()
            .install(|| portrait(&problem, &settings));
        serde_json::to_string(&portrait.unwrap()).unwrap()
    };
    let text = with_threads(1);
    assert_eq!(text, with_threads(3));
    // the record alone makes the picture
    let again = Portrait::from_json(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let broken = text.replacen("\"speed\":[", "\"speed\":[1.0,", 2);
    assert!(Portrait::from_json(&broken).is_err());
    let svg = portrait_figure(&again, None).to_svg().unwrap();
    assert_eq!(svg, portrait_figure(&again, None).to_svg().unwrap());
}

#[test]
fn every_element_can_be_turned_off_and_the_rest_is_still_drawn() {
    let problem = problem(BISTABLE.0, BISTABLE.1, "");
    let nothing = PortraitSettings {
        fixed_points: false,
        ..bare()
    };
    let portrait = portrait(&problem, &nothing).unwrap();
    let field = &portrait.fields[0];
    assert!(field.streamlines.is_empty() && field.fixed_points.is_empty());
    assert!(field.manifolds.is_empty() && field.basins.is_none());
    portrait_figure(&portrait, None).to_svg().unwrap();
}

#[test]
fn a_stiff_system_has_the_same_fixed_points_and_its_own_flow() {
    let rest = r#", "time_constants": [0.001, 1], "initial_state": [-0.4, 0.9]"#;
    let problem = problem(BISTABLE.0, BISTABLE.1, rest);
    let settings = PortraitSettings {
        window: window(2.4),
        basin_cells: 48,
        ..PortraitSettings::default()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    let field = &portrait.fields[0];
    for (point, (kind, state, _)) in field.fixed_points.iter().zip(BISTABLE_POINTS) {
        assert_eq!(point.kind, kind);
        assert!((point.state[0] - state[0]).abs() < 1e-12);
    }
    // where s₀ is a thousand times faster, its nullcline's middle branch is the separatrix
    let basins = field.basins.as_ref().unwrap();
    let cell = |x: f64, y: f64| {
        let at = |value: f64, (low, high): (f64, f64)| {
            ((value - low) / (high - low) * basins.side as f64) as usize
        };
        basins.class[at(y, basins.y) * basins.side + at(x, basins.x)]
    };
    assert_eq!(
        [cell(-2.0, -1.5), cell(1.5, -1.0), cell(1.8, 1.3)],
        [0, 1, 2]
    );
    assert!(!basins.class.contains(&NOWHERE));
    assert!(field.streamlines.len() > 10);
}

#[test]
fn a_nudge_moves_the_fixed_points_along_their_path() {
    let problem = problem(BISTABLE.0, BISTABLE.1, "");
    let settings = PortraitSettings {
        beta: Some(0.2),
        nudged: NudgedView::Beside,
        nullclines: true,
        ..bare()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    assert_eq!(portrait.fields[1].beta, 0.2);
    // β ∂C/∂s only moves the output's nullcline
    assert_eq!(
        portrait.fields[0].nullclines[0],
        portrait.fields[1].nullclines[0]
    );
    assert_ne!(
        portrait.fields[0].nullclines[1],
        portrait.fields[1].nullclines[1]
    );
    assert_eq!(portrait.paths.len(), 5);
    for path in portrait.paths.iter().filter(|path| path.complete) {
        let end = [path.curve.x[40], path.curve.y[40]];
        let meets = portrait.fields[1]
            .fixed_points
            .iter()
            .any(|point| (point.state[0] - end[0]).hypot(point.state[1] - end[1]) < 1e-10);
        assert!(meets);
    }
    assert!(portrait.paths.iter().any(|path| path.complete));
}

#[test]
fn two_coordinates_of_a_larger_network_are_shown_through_its_fixed_point() {
    let weights = "[[0.2, 0.5, -0.3], [0.4, 0.1, 0.2], [-0.6, 0.3, 1.4]]";
    let problem = problem(weights, "[0.1, 0.2, 0]", r#", "initial_state": [0, 0, 1]"#);
    let settings = PortraitSettings {
        coordinates: [2, 0],
        ..bare()
    };
    let portrait = portrait(&problem, &settings).unwrap();
    let at = portrait.at.as_ref().unwrap();
    // the network's own fixed point is one of the section
    let found = portrait.fields[0]
        .fixed_points
        .iter()
        .any(|point| (point.state[0] - at[2]).hypot(point.state[1] - at[0]) < 1e-10);
    assert!(found);
}

#[test]
fn bounded_states_stay_inside_their_bounds() {
    let problem = Problem::from_json(
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "hard_sigmoid",
            "weights": [[0, 2], [2, 0]], "bias": [-0.6, -0.7], "outputs": [1]},
            "target": [0.5], "state_bounds": [0, 1], "initial_state": [0.9, 0.3]}"#,
    )
    .unwrap();
    let portrait = portrait(&problem, &PortraitSettings::default()).unwrap();
    let field = &portrait.fields[0];
    let inside = |values: &[f64]| values.iter().all(|s| (0.0..=1.0).contains(s));
    assert!(
        field
            .streamlines
            .iter()
            .all(|line| inside(&line.x) && inside(&line.y))
    );
    assert!(
        field
            .trajectories
            .iter()
            .all(|line| inside(&line.x) && inside(&line.y))
    );
    portrait_figure(&portrait, None).to_svg().unwrap();
}

#[test]
fn the_command_draws_redraws_and_refuses() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("problem.json"), text(BISTABLE.0, BISTABLE.1, "")).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("eqprop").unwrap();
        command
            .current_dir(directory.path())
            .args(arguments)
            .assert()
    };
    command(&[
        "portrait",
        "problem.json",
        "--out",
        "a.svg",
        "--record",
        "a.json",
    ])
    .success();
    command(&["plot", "a.json", "--out", "b.svg"]).success();
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    assert_eq!(read("a.svg"), read("b.svg"));
    command(&["portrait", "problem.json", "--out", "a.svg"]).code(2);
    for (arguments, field) in [
        (["--coordinates", "0,0"], "coordinates"),
        (["--coordinates", "0,7"], "coordinates"),
        (["--coordinates", "1"], "--coordinates"),
        (["--window", "1,0,0,1"], "window"),
        (["--window", "0,1"], "--window"),
        (["--at", "1"], "at"),
        (["--start", "NaN,0"], "starts"),
        (["--beta", "inf"], "beta"),
        (["--separation", "0"], "separation"),
    ] {
        let mut all = vec!["portrait", "problem.json", "--out", "c.svg"];
        all.extend(arguments);
        let output = command(&all).code(2).get_output().stderr.clone();
        let message = String::from_utf8(output).unwrap();
        assert!(
            message.starts_with(&format!("error: {field}: ")),
            "{message}"
        );
        assert!(!path("c.svg").exists());
    }
}

/// The picture of the basins is as many cells as starts, each around its start.
#[test]
fn basins_reach_half_a_cell_beyond_the_window() {
    let settings = PortraitSettings {
        basins: true,
        basin_cells: 32,
        window: Some(Window {
            x: (-3.0, 2.0),
            y: (-2.0, 10.0),
        }),
        ..bare()
    };
    let seen = portrait(&problem(BISTABLE.0, BISTABLE.1, ""), &settings).unwrap();
    let basins = seen.fields[0].basins.as_ref().unwrap();
    let cells = (basins.side - 1) as f64;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(near(basins.x.0, -3.0 - 2.5 / cells) && near(basins.x.1, 2.0 + 2.5 / cells));
    assert!(near(basins.y.0, -2.0 - 6.0 / cells) && near(basins.y.1, 10.0 + 6.0 / cells));
}
