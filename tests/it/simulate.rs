//! `eqprop simulate`: trajectories against 40-digit references, the files, the refusals.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use eqprop::dynamics::{Method, Phase, SolverSettings, sample};
use eqprop::experiment::{Simulation, SimulationSettings, simulate};
use eqprop::model::Problem;
use serde_json::{Value, json};

fn references() -> serde_json::Map<String, Value> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/reference/trajectories.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// A directory with a problem in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn with(problem: &Value) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        std::fs::write(desk.path("problem.json"), problem.to_string()).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs `eqprop simulate problem.json` there: exit code, standard output, standard error.
    fn simulate(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(&[&["simulate", "problem.json"], arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::cargo_bin("eqprop")
            .unwrap()
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

/// Two neurons that spiral in; the second is the output.
fn spiral() -> Value {
    json!({
        "network": {
            "type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.2, 1.5], [-1.5, 0.1]], "bias": [0.4, -0.3], "outputs": [1]
        },
        "target": [0.9], "initial_state": [0.5, 0.5]
    })
}

struct Row {
    time: f64,
    phase: String,
    beta: f64,
    state: Vec<f64>,
}

fn rows(csv: &[u8]) -> Vec<Row> {
    let text = std::str::from_utf8(csv).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("t,phase,beta,s0,s1"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            Row {
                time: cells[0].parse().unwrap(),
                phase: cells[1].into(),
                beta: cells[2].parse().unwrap(),
                state: cells[3..].iter().map(|s| s.parse().unwrap()).collect(),
            }
        })
        .collect()
}

#[test]
fn every_method_meets_its_bar_at_chosen_times() {
    for (name, reference) in references() {
        let desk = Desk::with(&reference["problem"]);
        let phases = ["free", "nudged"];
        let expected: Vec<(f64, &str, Vec<f64>)> = phases
            .iter()
            .flat_map(|&phase| {
                let times = numbers(&reference[phase]["t"]);
                let states = reference[phase]["s"].as_array().unwrap().clone();
                times
                    .into_iter()
                    .zip(states)
                    .map(move |(t, s)| (t, phase, numbers(&s)))
            })
            .collect();
        let times: Vec<String> = expected
            .windows(2)
            .filter(|pair| pair[0].0 < pair[1].0)
            .map(|pair| pair[1].0.to_string())
            .collect();
        for (method, bar) in [
            ("tsit45", 1e-8),
            ("vern8", 1e-8),
            ("bdf", 1e-6),
            ("tr_bdf2", 1e-6),
            ("esdirk34", 1e-6),
        ] {
            let out = format!("{method}.csv");
            let (code, _, stderr) = desk.simulate(&[
                "--t-free=10",
                "--t-nudged=10",
                "--beta=0.5",
                "--rtol=1e-10",
                "--method",
                method,
                "--times",
                &times.join(","),
                "--out",
                &out,
            ]);
            assert_eq!(code, 0, "{stderr}");
            let found = rows(&desk.read(&out));
            assert_eq!(found.len(), expected.len());
            for (row, (time, phase, state)) in found.iter().zip(&expected) {
                assert_eq!((row.time, row.phase.as_str()), (*time, *phase));
                assert_eq!(row.beta, if *phase == "free" { 0.0 } else { 0.5 });
                for (s, exact) in row.state.iter().zip(state) {
                    let error = (s - exact).abs();
                    assert!(error <= bar, "{name}, {method}, t = {time}: {error:e}");
                }
            }
        }
    }
}

/// The reference test hits few times; here the dense output is looked at within every step.
#[test]
fn the_dense_output_is_as_accurate_as_the_steps() {
    let problem =
        Problem::from_json(&references()["dense_tanh_n3"]["problem"].to_string()).unwrap();
    let field = problem.field();
    let phase = Phase::of_problem(&problem, &field);
    let times: Vec<f64> = (0..=2000).map(|k| f64::from(k) / 200.0).collect();
    let states = |method, rtol| {
        let settings = SolverSettings {
            method,
            rtol,
            atol: 1e-2 * rtol,
            ..SolverSettings::default()
        };
        let start = &problem.initial_state;
        let sampled = sample(&phase, start, (0.0, 10.0), &times, &settings, &mut |_| {});
        assert!(sampled.failure.is_none());
        sampled.states
    };
    let exact = states(Method::Tsit45, 1e-13);
    for (method, bar) in [
        (Method::Tsit45, 1e-8),
        (Method::Vern8, 1e-8),
        (Method::Bdf, 1e-6),
        (Method::TrBdf2, 1e-6),
        (Method::Esdirk34, 1e-6),
    ] {
        let found = states(method, 1e-10);
        let errors = found.iter().zip(&exact).map(|(a, b)| distance(a, b));
        let error = errors.fold(0.0, f64::max);
        assert!(error <= bar, "{method:?}: {error:e}");
    }
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
}

#[test]
fn the_switch_is_a_row_of_both_phases_and_the_defaults_come_to_rest() {
    let desk = Desk::with(&spiral());
    let (code, stdout, _) = desk.simulate(&["--out=run.csv", "--json"]);
    assert_eq!(code, 0);
    let table = rows(&desk.read("run.csv"));
    assert_eq!((table[0].time, &table[0].state), (0.0, &vec![0.5, 0.5]));
    let switch = table.iter().position(|row| row.phase == "nudged").unwrap();
    // 200 evenly spaced ones a phase, and more where it bends
    assert!((201..300).contains(&switch) && (switch + 201..700).contains(&table.len()));
    assert_eq!(table[switch - 1].time, table[switch].time);
    assert_eq!(table[switch - 1].state, table[switch].state);
    assert!(table.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(table[switch..].iter().all(|row| row.beta == 0.5));
    let summary: Value = serde_json::from_str(&stdout).unwrap();
    for phase in ["free", "nudged"] {
        assert!(summary[phase]["residual"].as_f64().unwrap() < 1e-6);
        assert!(summary[phase]["statistics"]["steps"].as_u64().unwrap() > 10);
    }
}

#[test]
fn phases_of_no_length_and_starts_at_rest_work() {
    let desk = Desk::with(&spiral());
    for arguments in [
        ["--t-free=0", "--t-nudged=2"],
        ["--t-free=2", "--t-nudged=0"],
        ["--t-free=0", "--t-nudged=0"],
    ] {
        let (code, _, stderr) =
            desk.simulate(&[&arguments[..], &["--out=run.csv", "--force"]].concat());
        assert_eq!(code, 0, "{stderr}");
        let table = rows(&desk.read("run.csv"));
        for phase in ["free", "nudged"] {
            assert!(table.iter().any(|row| row.phase == phase));
        }
    }
    // both neurons rest at 0, and the target asks for nothing else
    let mut still = spiral();
    still["network"]["bias"] = json!([0.0, 0.0]);
    still["initial_state"] = json!([0.0, 0.0]);
    still["target"] = json!([0.0]);
    let desk = Desk::with(&still);
    for method in ["tsit45", "vern8", "bdf", "tr_bdf2", "esdirk34"] {
        let arguments = [
            "--out=run.csv",
            "--plot=run.svg",
            "--force",
            "--method",
            method,
        ];
        let (code, _, stderr) = desk.simulate(&arguments);
        assert_eq!(code, 0, "{method}: {stderr}");
        let table = rows(&desk.read("run.csv"));
        assert!(table.iter().all(|row| row.state == [0.0, 0.0]));
    }
}

#[test]
fn bounds_hold_the_states_and_time_constants_slow_them() {
    let mut bounded = spiral();
    bounded["state_bounds"] = json!([-0.1, 0.6]);
    bounded["time_constants"] = json!([1.0, 20.0]);
    let desk = Desk::with(&bounded);
    let (code, _, stderr) = desk.simulate(&["--out=run.csv"]);
    assert_eq!(code, 0, "{stderr}");
    let states = rows(&desk.read("run.csv")).into_iter().map(|row| row.state);
    assert!(states.flatten().all(|s| (-0.1..=0.6).contains(&s)));
    // the record tells that a held neuron does not move
    let record = Simulation::from_json(&String::from_utf8(desk.read("run.json")).unwrap()).unwrap();
    assert!(record.nudged.residual.last().unwrap() < &1e-6);
}

/// The archive's array of this name, as 64-bit floats, and its header.
fn array(archive: &[u8], name: &str) -> (Vec<f64>, String) {
    let entry = format!("{name}.npy");
    let at = archive
        .windows(entry.len())
        .position(|window| window == entry.as_bytes())
        .unwrap();
    let npy = &archive[at + entry.len()..];
    assert_eq!(&npy[1..6], b"NUMPY");
    let length = 10 + usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let header = String::from_utf8(npy[10..length].to_vec()).unwrap();
    let size = u32::from_le_bytes(archive[at - 8..at - 4].try_into().unwrap()) as usize;
    let data = npy[length..size].chunks_exact(8);
    (
        data.map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
            .collect(),
        header,
    )
}

#[test]
fn npz_and_csv_hold_the_same_numbers() {
    let desk = Desk::with(&spiral());
    for out in ["run.csv", "run.npz"] {
        let (code, _, stderr) = desk.simulate(&["--dt-out=0.3", "--force", "--out", out]);
        assert_eq!(code, 0, "{stderr}");
    }
    let table = rows(&desk.read("run.csv"));
    let archive = desk.read("run.npz");
    let (t, _) = array(&archive, "t");
    let (s, header) = array(&archive, "s");
    assert!(header.contains(&format!("({}, 2,)", table.len())));
    assert_eq!(t, table.iter().map(|row| row.time).collect::<Vec<_>>());
    let states = table.iter().flat_map(|row| row.state.clone());
    assert_eq!(s, states.collect::<Vec<_>>());
    let (beta, _) = array(&archive, "beta");
    assert_eq!(beta, table.iter().map(|row| row.beta).collect::<Vec<_>>());
    assert!(array(&archive, "phase").1.contains("'<U6'"));
}

#[test]
fn the_error_of_euler_halves_with_its_step_and_divergence_is_told() {
    let problem = Problem::from_json(&spiral().to_string()).unwrap();
    let settings = SimulationSettings {
        t_free: Some(5.0),
        t_nudged: Some(5.0),
        compare_euler: vec![0.02, 0.01, 0.005, 3.0],
        ..SimulationSettings::default()
    };
    let euler = simulate(&problem, &settings).unwrap().euler;
    let error = |k: usize| euler[k].largest_error.unwrap();
    for k in 0..2 {
        let ratio = error(k) / error(k + 1);
        assert!((ratio - 2.0).abs() < 0.06, "{ratio}");
    }
    // linear neurons, |1 + 3 (λ − 1)| > 1: the states grow without limit
    let mut linear = spiral();
    linear["network"]["activation"] = json!("identity");
    let problem = Problem::from_json(&linear.to_string()).unwrap();
    let settings = SimulationSettings {
        t_free: Some(100.0),
        compare_euler: vec![3.0],
        ..settings
    };
    let record = &simulate(&problem, &settings).unwrap().euler[0];
    assert!(record.diverged_at.unwrap() < 100.0);
    assert_eq!(record.largest_error, None);
    let text = serde_json::to_string(record).unwrap();
    assert!(text.contains(r#""largest_error":null"#));
}

/// Theory, section 3: along the way and by two points, plasticity differs by O(β).
#[test]
fn plasticity_along_the_way_nears_the_two_point_formula_with_beta() {
    let problem = Problem::from_json(&spiral().to_string()).unwrap();
    let difference = |beta: f64| {
        let settings = SimulationSettings {
            beta,
            solver: SolverSettings {
                rtol: 1e-12,
                atol: 1e-14,
                ..SolverSettings::default()
            },
            ..SimulationSettings::default()
        };
        let simulation = simulate(&problem, &settings).unwrap();
        let plasticity = simulation.plasticity.unwrap();
        assert_eq!(plasticity.norm.len(), simulation.nudged.time.len());
        assert_eq!(plasticity.norm[0], 0.0);
        // ∫ db = s^β − s⁰ exactly: the bias knows only the two points
        let last = plasticity.integral.unwrap().pop().unwrap();
        let moved: Vec<f64> = simulation.nudged.state[0]
            .iter()
            .zip(simulation.nudged.state.last().unwrap())
            .map(|(start, end)| end - start)
            .collect();
        assert!(distance(&numbers(&last["bias"]), &moved) < 1e-11);
        plasticity.relative_difference.unwrap()
    };
    let ratio = difference(0.02) / difference(0.01);
    assert!((ratio - 2.0).abs() < 0.1, "{ratio}");
}

#[test]
fn the_same_command_gives_the_same_bytes_and_plot_the_same_figure() {
    let desk = Desk::with(&references()["layered_tanh_2_3_2"]["problem"]);
    let run = |name: &str| {
        let (out, plot) = (format!("{name}.csv"), format!("{name}.svg"));
        let (code, _, stderr) =
            desk.simulate(&["--out", &out, "--plot", &plot, "--compare-euler", "0.1,2"]);
        assert_eq!(code, 0, "{stderr}");
    };
    run("one");
    run("two");
    for kind in ["csv", "json", "svg"] {
        let [one, two] = ["one", "two"].map(|name| desk.read(&format!("{name}.{kind}")));
        assert!(one == two, "{kind} differs");
    }
    let (code, _, stderr) = desk.run(&["plot", "one.json", "--out", "again.svg"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(desk.read("again.svg") == desk.read("one.svg"));
    for figure in ["arrival", "simulation"] {
        let out = format!("{figure}.png");
        let (code, _, stderr) = desk.run(&["plot", "one.json", "--figure", figure, "--out", &out]);
        assert_eq!(code, 0, "{stderr}");
    }
}

#[test]
fn a_record_never_replaces_the_problem() {
    let desk = Desk::with(&spiral());
    let before = desk.read("problem.json");
    let (code, _, stderr) = desk.simulate(&["--out=problem.csv", "--force"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(desk.read("problem.json"), before);
    assert!(Path::exists(&desk.path("problem.simulation.json")));
}

#[test]
fn bad_input_is_refused_and_leaves_nothing_behind() {
    let desk = Desk::with(&spiral());
    for (arguments, says) in [
        (&["--out=run.txt"][..], ".csv or .npz"),
        (&["--out=run.csv", "--plot=run.gif"], ".svg"),
        (&["--out=run.csv", "--t-free=-1"], "t_free"),
        (&["--out=run.csv", "--t-free=soon"], "auto"),
        (&["--out=run.csv", "--t-nudged=inf"], "t_nudged"),
        (&["--out=run.csv", "--beta=nan"], "beta"),
        (&["--out=run.csv", "--dt-out=0"], "dt_out"),
        (
            &["--out=run.csv", "--dt-out=1e-9", "--t-free=1e6"],
            "fewer rows",
        ),
        (&["--out=run.csv", "--times=1,0.5"], "times[1]"),
        (&["--out=run.csv", "--times=-1"], "times[0]"),
        (&["--out=run.csv", "--times=nan"], "times[0]"),
        (
            &["--out=run.csv", "--t-free=1", "--t-nudged=1", "--times=1,3"],
            "times[1]",
        ),
        (&["--out=run.csv", "--method=euler"], "--dt"),
        (
            &[
                "--out=run.csv",
                "--method=euler",
                "--dt=1",
                "--compare-euler=1",
            ],
            "--compare-euler",
        ),
        (&["--out=run.csv", "--compare-euler=0"], "compare_euler"),
        (&["--out=nowhere/run.csv"], "nowhere"),
    ] {
        let (code, stdout, stderr) = desk.simulate(&[arguments, &["--json"]].concat());
        assert_eq!(code, 2, "{arguments:?}");
        assert!(stderr.contains(says), "{arguments:?}: {stderr}");
        let document: Value = serde_json::from_str(&stdout).unwrap();
        assert!(document["error"]["kind"].is_string());
        assert_eq!(desk.files(), ["problem.json"], "{arguments:?}");
    }
    assert_eq!(desk.simulate(&["--out=run.csv"]).0, 0);
    let (code, _, stderr) = desk.simulate(&["--out=run.csv"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--force"));
}

#[test]
fn divergence_and_exhausted_steps_are_told_and_leave_nothing_behind() {
    let mut explosive = spiral();
    explosive["network"]["activation"] = json!("identity");
    explosive["network"]["weights"] = json!([[3.0, 0.0], [0.0, 3.0]]);
    let desk = Desk::with(&explosive);
    for (arguments, kind) in [
        (&["--t-free=100", "--json"][..], "diverged"),
        (&["--json"], "diverged"),
        (&["--t-free=5", "--max-steps=3", "--json"], "timed_out"),
    ] {
        let (code, stdout, _) = desk.simulate(&[arguments, &["--out=run.csv"]].concat());
        assert_eq!(code, 3);
        let document: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(document["error"]["kind"], kind);
        assert_eq!(desk.files(), ["problem.json"]);
    }
}

/// Lengths that were asked for are run through; a limit that was asked for holds.
#[test]
fn a_long_oscillation_is_run_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spin.json");
    let text =
        r#"{"field": {"equations": {"x": "-40*y", "y": "40*x"}}, "initial_state": {"x": 1}}"#;
    std::fs::write(&path, text).unwrap();
    let run = |more: &[&str]| {
        let out = directory.path().join("spin.csv");
        let path = [path.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let phases = [
            "--beta",
            "0",
            "--t-free",
            "700",
            "--t-nudged",
            "0",
            "--dt-out",
            "100",
        ];
        let arguments = [&["simulate"], &path[..], &phases, &["--force"], more].concat();
        crate::support::eqprop(&arguments).code
    };
    // some 510,000 steps, beyond the usual limit of 200,000
    assert_eq!(run(&[]), 0);
    assert_eq!(run(&["--max-steps", "1000"]), 3);
}
