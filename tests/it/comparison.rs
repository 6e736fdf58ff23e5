//! `eqprop compare`, and what is written by `eqprop convert`, as their users meet them.

use eqprop::experiment::{BlockComparison, CloserTo};
use eqprop::model::{Problem, Target, VectorField, convert};
use serde_json::json;

use crate::support::eqprop;

/// An update at this angle from the first axis.
fn at(degrees: f64) -> [f64; 2] {
    let angle = degrees.to_radians();
    [angle.cos(), angle.sin()]
}

#[test]
fn an_update_is_closer_to_the_smaller_angle_and_to_neither_beyond_45_degrees() {
    let (ep, gradient) = (at(0.0), at(40.0));
    for (degrees, closer) in [
        (0.0, CloserTo::Ep),
        (15.0, CloserTo::Ep),
        (20.0, CloserTo::Both),
        (30.0, CloserTo::Gradient),
        (80.0, CloserTo::Gradient),
        (100.0, CloserTo::Neither),
        (-60.0, CloserTo::Neither),
    ] {
        let update = at(degrees).map(|value| 3.0 * value);
        let found = BlockComparison::new(&update, &ep, &gradient);
        assert_eq!(found.closer_to, closer, "{degrees}");
        assert!((found.to_ep.angle_degrees.unwrap() - degrees.abs()).abs() < 1e-12);
        let scale = degrees.to_radians().cos() / 3.0;
        assert!((found.to_ep.scale.unwrap() - scale).abs() < 1e-15);
    }
    let nothing = BlockComparison::new(&[0.0, 0.0], &ep, &gradient);
    assert_eq!(nothing.closer_to, CloserTo::Neither);
    assert_eq!(
        (nothing.to_ep.angle_degrees, nothing.to_ep.scale),
        (None, None)
    );
}

#[test]
fn an_update_in_a_file_is_compared_with_what_gradient_says() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let problem = json!({
        "network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
            "weights": [[0.0, 0.8], [-0.3, 0.1]], "bias": [0.1, -0.2], "outputs": [1]},
        "target": [0.4]
    });
    let problem = file("problem.json", problem.to_string());
    let said = eqprop(&["gradient", &problem, "--json"]).document();
    let update = file("update.json", said["ep_update"].to_string());
    let found = eqprop(&["compare", &problem, &update, "--json"]).document();
    assert_eq!(found["closer_to"], "ep");
    let number = |name: &str, angle: &str| found["all"][name][angle].as_f64().unwrap();
    assert!(number("to_ep", "relative_error") < 1e-15);
    let gap = number("to_gradient", "angle_degrees") - said["angle_degrees"].as_f64().unwrap();
    assert!(gap.abs() < 1e-9, "{gap}");
    let wrong = file(
        "wrong.json",
        json!({"wieghts": [[0, 0], [0, 0]]}).to_string(),
    );
    let refused = eqprop(&["compare", &problem, &wrong, "--json"]);
    assert!(
        refused.code == 2 && refused.stdout.contains("weights"),
        "{}",
        refused.stdout
    );
    let one_array = file("update.npy", String::new());
    let refused = eqprop(&["compare", &problem, &one_array]);
    assert!(
        refused.code == 2 && refused.stderr.contains("np.savez"),
        "{refused:?}"
    );
}

#[test]
fn what_is_written_out_moves_as_before() {
    let fields = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fields");
    let mut seen = 0;
    for entry in std::fs::read_dir(fields).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let problem = Problem::read(&path).unwrap();
        let text = convert(&problem, Target::Json, 0.0).unwrap();
        let again = Problem::from_json(&text).unwrap();
        // the states of an array, `p[1]`, are written out as `p1`
        let plain = |name: &String| name.replace(['[', ']'], "");
        let names: Vec<String> = problem.names().iter().map(plain).collect();
        assert_eq!(again.names(), names);
        let n = problem.dimension();
        for step in 0..5 {
            let state: Vec<f64> = (problem.initial_state.iter().enumerate())
                .map(|(i, s)| s + 0.1 * ((step * n + i) as f64).sin())
                .collect();
            let velocity = |problem: &Problem| {
                let mut out = vec![0.0; n];
                problem.field().velocity(&state, &mut out);
                out
            };
            for (one, other) in velocity(&problem).iter().zip(velocity(&again)) {
                let gap = (one - other).abs();
                assert!(
                    gap <= 1e-12 * (1.0 + one.abs()),
                    "{}: {gap:e}",
                    path.display()
                );
            }
        }
        for target in [Target::Ode, Target::Spice] {
            assert!(!convert(&problem, target, 0.0).unwrap().is_empty());
        }
        seen += 1;
    }
    assert_eq!(seen, 10);
}

/// Every function has words in the other languages, and means the same when it is read again.
#[test]
fn every_function_goes_to_xppaut_and_back() {
    const ANY: &str = "(3*x)";
    const INSIDE: &str = "(0.9*sin(x))";
    const BEYOND: &str = "(1.5+x*x)";
    let functions = [
        (
            ANY,
            "sin cos tan atan sinh cosh tanh exp abs logistic softplus relu hard_sigmoid asinh erf \
             erfc sign heav floor ceil not",
        ),
        (INSIDE, "asin acos atanh"),
        (BEYOND, "acosh ln log10 sqrt"),
    ];
    let of_two = [
        "atan2(3*x, x + 2)",
        "min(x, 0.2)",
        "max(x, 0.2)",
        "mod(7*x, 3)",
        "if(x < 0.3, x, 2)",
        "if(x <= 0.3, 2, x)",
        "if(x == 0.3, 5, x)",
        "(2 + x)^1.5",
        "x^3",
    ];
    let of_one = functions.iter().flat_map(|(argument, names)| {
        names
            .split_whitespace()
            .map(move |f| format!("{f}{argument}"))
    });
    let bodies: Vec<String> = of_one.chain(of_two.map(str::to_owned)).collect();
    let mut equations = serde_json::Map::new();
    equations.insert("x".into(), json!("-x"));
    for (k, body) in bodies.iter().enumerate() {
        equations.insert(format!("y{k}"), json!(body));
    }
    let document =
        json!({"field": {"equations": equations}, "initial_state": vec![0.0; bodies.len() + 1]});
    let problem = Problem::from_json(&document.to_string()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (name, target) in [("again.ode", Target::Ode), ("again.json", Target::Json)] {
        let path = directory.path().join(name);
        std::fs::write(&path, convert(&problem, target, 0.0).unwrap()).unwrap();
        let again = Problem::read(&path).unwrap();
        for x in [-1.3, -0.4, 0.0, 0.3, 0.7, 1.6] {
            let mut state = vec![0.0; bodies.len() + 1];
            state[0] = x;
            let velocity = |problem: &Problem| {
                let mut out = vec![0.0; state.len()];
                problem.field().velocity(&state, &mut out);
                out
            };
            let pairs = velocity(&problem).into_iter().zip(velocity(&again));
            for (k, (one, other)) in pairs.enumerate().skip(1) {
                let gap = (one - other).abs();
                assert!(
                    gap <= 1e-13 * (1.0 + one.abs()),
                    "{name}: {} at {x}: {one} {other}",
                    bodies[k - 1]
                );
            }
        }
    }
}

/// XPPAUT takes nine characters of a name, and keeps as many rows as it is told.
#[test]
fn xppaut_keeps_the_names_that_it_can_take_and_all_of_a_run() {
    let text = r#"{"field": {"equations": {"v": "-gain*v", "nine_char": "-nine_char", "ten_charac": "-ten_charac",
        "Membrane": "-Membrane"}, "parameters": {"gain": 2}}, "initial_state": [1, 1, 1, 1]}"#;
    let problem = Problem::from_json(text).unwrap();
    let written = convert(&problem, Target::Ode, 0.0).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("names.ode");
    std::fs::write(&path, &written).unwrap();
    let again = Problem::read(&path).unwrap();
    assert_eq!(again.names()[..2], ["v", "nine_char"]);
    for name in &again.names()[2..] {
        let plain = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(plain && name.len() <= 9, "{name}");
    }
    let option = |name: &str| -> f64 {
        let (_, rest) = written.split_once(&format!("{name}=")).unwrap();
        rest.split([',', '\n']).next().unwrap().parse().unwrap()
    };
    assert!(
        option("maxstor") * option("dt") >= option("total"),
        "{written}"
    );
}
