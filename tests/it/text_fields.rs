//! Fields in text: exact derivatives, the answers of networks, refusals with their place, `.ode` files.

use std::fmt::Write;

use eqprop::dynamics::SolverSettings;
use eqprop::gradient::{Estimator, GradientReport, gradient};
use eqprop::model::{
    Activation, Adjoint, Cost, Dynamics, Parametrised, Problem, ProblemOptions, Random, VectorField,
};

use crate::support::{Shape, random_problem};

fn problem(text: &str) -> Problem {
    Problem::from_json(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refused(text: &str) -> String {
    Problem::from_json(text).unwrap_err().to_string()
}

fn report(problem: &Problem, estimator: Estimator) -> GradientReport {
    gradient(problem, estimator, None, &SolverSettings::default()).unwrap()
}

fn field_of(equations: &str, rest: &str) -> String {
    format!(r#"{{"field": {{"equations": {{{equations}}}{rest}}}}}"#)
}

const FITZHUGH_NAGUMO: &str = r#"{
  "field": {
    "equations":  {"v": "cubic - w + I", "w": "v + a - b*w"},
    "parameters": {"I": 0.2, "a": 0.7, "b": 0.8},
    "constants":  {"k": 3},
    "inputs":     {"x": 0.0},
    "definitions": {"cubic": "v - v^k/3 + x"},
    "functions":  {"f(x, k)": "1/(1 + exp(-k*x))"},
    "time_constants": {"w": 12.5}
  },
  "outputs": ["v"], "target": [0.3],
  "initial_state": {"v": -1.0, "w": 0.4}
}"#;

#[test]
fn fitzhugh_nagumo_agrees_with_forty_digits() {
    let report = report(&problem(FITZHUGH_NAGUMO), Estimator::LinearResponse);
    // mpmath 1.3, 40 digits
    let close = |found: f64, expected: f64| (found - expected).abs() <= 1e-13 * expected.abs();
    let state = [-1.0693920265985872, -0.461740033248234];
    let update = [0.9826296699200231, 1.228287087400029, 0.5671493205744658];
    let negative_gradient = [0.9826296699200231, -1.228287087400029, -0.5671493205744658];
    assert!(
        report
            .fixed_point
            .iter()
            .zip(state)
            .all(|(a, b)| close(*a, b))
    );
    assert!(
        report
            .ep_update
            .iter()
            .zip(update)
            .all(|(a, b)| close(a, b))
    );
    assert!(
        report
            .negative_gradient
            .iter()
            .zip(negative_gradient)
            .all(|(a, b)| close(a, b))
    );
    assert_eq!(report.names, ["v", "w"]);
    let json = serde_json::to_value(&report.ep_update).unwrap();
    assert!(json["parameters"]["b"].is_number(), "{json}");
}

#[test]
fn every_estimator_reaches_the_same_update() {
    let problem = problem(FITZHUGH_NAGUMO);
    let exact = report(&problem, Estimator::LinearResponse);
    for estimator in [
        Estimator::Centred,
        Estimator::Holomorphic,
        Estimator::Sensitivity,
    ] {
        let measured = report(&problem, estimator);
        let gap = measured.ep_update.plus(-1.0, &exact.ep_update).norm();
        assert!(gap <= 1e-5 * exact.ep_update.norm(), "{estimator:?}: {gap}");
    }
}

/// All functions, each once, of x, y and the parameter p.
const EVERYTHING: &str = r#"
    "x": "sin(x*y) + cos(p*x) + tan(0.3*y) + asin(0.3*x) + acos(0.2*y) + atan(x*p) + atan2(x, y) + sinh(x) + cosh(y)",
    "y": "tanh(x - p) + asinh(x) + acosh(2 + y^2) + atanh(0.2*x) + exp(-x^2) + ln(2 + x) + log10(3 + y) + log2(3 + p*x) + sqrt(2 + y)",
    "z": "logistic(x*z) + steep_logistic(y) + softplus(p*z) + hard_sigmoid(0.5 + 0.1*x) + relu(y + z) + erf(x*z) + erfc(y) + abs(x) + max(x, y, z) + min(x, p)",
    "w": "x^3*y^-2 + z^p + 2^x + if(x < y, x*z, y*z) + if(x > y & z > 0 | p == 1, x, z) + sum(i, 1, 4, x^i/i) + mod(7*x, 2) + sign(x)*z + heav(y)*x + floor(3.5)*y + x**2**y"
"#;

#[test]
fn derivatives_match_differences_of_eighth_order() {
    let text = format!(
        r#"{{"field": {{"equations": {{{EVERYTHING}}}, "parameters": {{"p": 1.3}}}},
            "cost": "0.5*(x - 0.3)^2 + tanh(y*z) + exp(-w^2)", "initial_state": [0.4, 0.9, 0.7, 0.2]}}"#
    );
    let problem = problem(&text);
    let field = problem.field();
    let mut random = Random::new(16, 0);
    for _ in 0..20 {
        let state: Vec<f64> = (0..4).map(|_| random.uniform(0.2, 0.95)).collect();
        let direction = random.symmetric(4, 1.0);
        let weights = random.symmetric(4, 1.0);
        let h = 1e-3;
        // central differences of eighth order
        let along = |value: &dyn Fn(f64) -> Vec<f64>| -> Vec<f64> {
            let factors = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
            let mut out = vec![0.0; 4];
            for (k, factor) in factors.iter().enumerate() {
                let step = h * (k + 1) as f64;
                for ((out, plus), minus) in out.iter_mut().zip(value(step)).zip(value(-step)) {
                    *out += factor * (plus - minus) / h;
                }
            }
            out
        };
        let moved = |step: f64| -> Vec<f64> {
            state
                .iter()
                .zip(&direction)
                .map(|(s, d)| s + step * d)
                .collect()
        };
        let velocity = |state: &[f64]| {
            let mut out = vec![0.0; 4];
            field.velocity(state, &mut out);
            out
        };
        let expected = along(&|step| velocity(&moved(step)));
        let mut found = vec![0.0; 4];
        field.jacobian_vector(&state, &direction, &mut found);
        let matrix = field.jacobian(&state);
        let kinked = field.on_kink(&state).len();
        for i in 0..4 {
            let by_matrix: f64 = (0..4).map(|j| matrix[(i, j)] * direction[j]).sum();
            assert!(
                (by_matrix - found[i]).abs() <= 1e-12 * (1.0 + found[i].abs()),
                "{i}"
            );
            if i < 2 && kinked == 0 {
                let gap = (expected[i] - found[i]).abs();
                assert!(gap <= 1e-9 * (1.0 + found[i].abs()), "{i}: {gap}");
            }
        }
        let mut pulled = vec![0.0; 4];
        field.vector_jacobian(&state, &weights, &mut pulled);
        let forward: f64 = found.iter().zip(&weights).map(|(a, b)| a * b).sum();
        let backward: f64 = pulled.iter().zip(&direction).map(|(a, b)| a * b).sum();
        assert!((forward - backward).abs() <= 1e-11 * (1.0 + forward.abs()));
        // ∂/∂θ (uᵀ Jac v) is the derivative of the pullback of u along v
        let second = field
            .jacobian_pullback(&state, &weights, &direction)
            .iter()
            .next()
            .unwrap();
        let pullback = |step: f64| {
            let value = field
                .parameter_pullback(&moved(step), &weights)
                .iter()
                .next()
                .unwrap();
            vec![value; 4]
        };
        let expected = along(&pullback)[0];
        if (state[0] - state[1]).abs() > 0.02 {
            let gap = (second - expected).abs();
            assert!(gap <= 1e-8 * (1.0 + second.abs()), "{second} {expected}");
        }
        let mut slope = vec![0.0; 4];
        problem.cost.gradient(&state, &mut slope);
        let mut product = vec![0.0; 4];
        problem
            .cost
            .hessian_vector(&state, &direction, &mut product);
        let gradient = |state: &[f64]| {
            let mut out = vec![0.0; 4];
            problem.cost.gradient(state, &mut out);
            out
        };
        let expected = along(&|step| gradient(&moved(step)));
        for (found, expected) in product.iter().zip(&expected) {
            assert!((found - expected).abs() <= 1e-9);
        }
        let value = along(&|step| vec![problem.cost.value(&moved(step)); 4])[0];
        let found: f64 = slope.iter().zip(&direction).map(|(a, b)| a * b).sum();
        assert!((value - found).abs() <= 1e-10);
    }
}

/// A dense network as equations.
fn written_out(network: &Problem) -> String {
    let weights = network.weights().unwrap();
    let own = network.network().unwrap();
    let n = own.dimension();
    let (mut equations, mut parameters) = (String::new(), String::new());
    let rate = own.activation.name();
    let is_rate = own.dynamics == Dynamics::Rate;
    let acting = |name: String| {
        if is_rate {
            name
        } else {
            format!("{rate}({name})")
        }
    };
    let mut separator = "";
    for i in 0..n {
        let mut sum = format!("b{i}");
        let _ = write!(parameters, "{separator}\"b{i}\": {:?}", own.bias[i]);
        for j in 0..n {
            let _ = write!(sum, " + w{i}_{j}*{}", acting(format!("s{j}")));
            let _ = write!(parameters, ", \"w{i}_{j}\": {:?}", weights[(i, j)]);
        }
        for k in 0..own.inputs() {
            let _ = write!(sum, " + u{i}_{k}*{}", acting(format!("x{k}")));
            let _ = write!(
                parameters,
                ", \"u{i}_{k}\": {:?}",
                own.input_weights[(i, k)]
            );
        }
        if is_rate {
            sum = format!("{rate}({sum})");
        }
        let _ = write!(equations, "{separator}\"s{i}\": \"{sum} - s{i}\"");
        separator = ", ";
    }
    let inputs: Vec<String> = (network.input.iter().enumerate())
        .map(|(k, x)| format!("\"x{k}\": {x:?}"))
        .collect();
    let outputs: Vec<String> = own.outputs.iter().map(|i| format!("\"s{i}\"")).collect();
    format!(
        r#"{{"field": {{"equations": {{{equations}}}, "parameters": {{{parameters}}}, "inputs": {{{}}}}},
            "outputs": [{}], "target": {:?}}}"#,
        inputs.join(", "),
        outputs.join(", "),
        network.cost.target()
    )
}

#[test]
fn a_network_written_out_gives_the_same_answers() {
    let activations = [Activation::Tanh, Activation::Logistic, Activation::Softplus];
    let kinds = [Dynamics::Leaky, Dynamics::Rate];
    for (activation, dynamics) in activations.into_iter().flat_map(|a| kinds.map(|d| (a, d))) {
        let network = random_problem(7, Shape::Dense(6), dynamics, activation, 0.9);
        let text = problem(&written_out(&network));
        let [one, other] =
            [&network, &text].map(|problem| report(problem, Estimator::LinearResponse));
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
        assert!(
            one.fixed_point
                .iter()
                .zip(&other.fixed_point)
                .all(|(a, b)| close(*a, *b))
        );
        assert!(close(one.ep_update.norm(), other.ep_update.norm()));
        assert!(close(
            one.negative_gradient.norm(),
            other.negative_gradient.norm()
        ));
        assert!(close(
            one.angle_degrees.unwrap(),
            other.angle_degrees.unwrap()
        ));
        assert!(close(one.error_bound.unwrap(), other.error_bound.unwrap()));
        assert!(close(
            one.descent_certificate.unwrap(),
            other.descent_certificate.unwrap()
        ));
        assert!(close(one.jacobian_asymmetry, other.jacobian_asymmetry));
    }
}

#[test]
fn refusals_name_field_and_column_and_what_was_meant() {
    for (text, expected) in [
        (
            field_of(r#""v": "a - v", "w": "v + + * w""#, r#", "parameters": {"a": 1}"#),
            "field.equations.w: column 7: expected a number, a name or `(`, found `*`",
        ),
        (
            field_of(r#""volt": "gain - vlot""#, r#", "parameters": {"gain": 1}"#),
            "field.equations.volt: column 8: `vlot` is not defined. Did you mean `volt`?",
        ),
        (
            field_of(r#""v": "q - v""#, r#", "definitions": {"q": "r", "r": "2*s", "s": "q + 1"}"#),
            "definitions go round in a circle: s → q → r → s (each uses the next)",
        ),
        (
            field_of(r#""v": "f(v)""#, r#", "functions": {"f(x)": "g(x)", "g(x)": "1 + f(x)"}"#),
            "field.functions.g(x): column 5: a function may not lead back to itself: f → g → f",
        ),
        (field_of(r#""v": "1/(1 - 1) - v""#, ""), "column 2: this divides by 0"),
        (field_of(r#""v": "1/v - 1""#, ""), "column 2: this divides by 0 at the initial state"),
        (field_of(r#""v": "sin - v""#, ""), "column 1: `sin` is a function. Write `sin(…)`"),
        (field_of(r#""v": "max(v)""#, ""), "column 1: `max` takes 2 arguments or more, found 1"),
        (field_of(r#""t": "1""#, ""), "field.equations.t: `t` has a meaning of its own"),
        (field_of(r#""v": "-v", "v": "1""#, ""), "`v` is given twice"),
        (
            field_of(r#""x[1..3]": "x[i-1] - x[i]""#, ""),
            "`x[0]` is outside of `x[1..3]`. Give `\"wrap\": true` or an `\"edge\"`",
        ),
        (
            r#"{"field": {"equations": {"v": "a - v"}, "parameters": {"a": 1}}, "cost": "(v - a)^2"}"#.into(),
            "cost: depends on the parameter `a`",
        ),
        (
            r#"{"field": {"equations": {"v": "1 - v"}}, "outputs": ["u"], "target": [1]}"#.into(),
            "outputs[0]: expected `v`, found `u`",
        ),
    ] {
        let found = refused(&text);
        assert!(found.contains(expected), "{found}\ninstead of\n{expected}");
    }
    let forced = problem(
        r#"{"field": {"equations": {"v": "sin(t) - v"}}, "outputs": ["v"], "target": [1]}"#,
    );
    let refused = gradient(
        &forced,
        Estimator::LinearResponse,
        None,
        &SolverSettings::default(),
    );
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("depend on the time `t`")
    );
}

#[test]
fn hostile_systems_are_refused_in_time() {
    let deep = format!("{}v{}", "(".repeat(100_000), ")".repeat(100_000));
    assert!(refused(&field_of(&format!(r#""v": "{deep}""#), "")).contains("nest 200 deep"));
    let many = r#""x[1..1000000]": "-x[i]""#;
    assert!(refused(&field_of(many, "")).contains("5000 states"));
    // functions that double each other
    let mut functions = String::from(r#""f0(x)": "x + 1.5""#);
    for k in 1..60 {
        let _ = write!(
            functions,
            r#", "f{k}(x)": "f{j}(x + {k}) + f{j}(2*x)""#,
            j = k - 1
        );
    }
    let text = field_of(
        r#""v": "f59(v)""#,
        &format!(r#", "functions": {{{functions}}}"#),
    );
    assert!(refused(&text).contains("more than"), "{}", refused(&text));
    // a long chain, backwards
    let mut chain = String::from(r#""d0": "1""#);
    for k in 1..20_000 {
        let _ = write!(chain, r#", "d{k}": "d{j} + 1""#, j = k - 1);
    }
    let text = field_of(
        r#""v": "d19999 - v""#,
        &format!(r#", "definitions": {{{chain}}}"#),
    );
    let chained = problem(&text);
    let mut velocity = [0.0];
    chained.field().velocity(&[0.0], &mut velocity);
    assert_eq!(velocity, [20_000.0]);
    // names of every alphabet
    let text = field_of(
        r#""мембрана": "α*電圧 - мембрана", "電圧": "-電圧""#,
        r#", "parameters": {"α": 2}"#,
    );
    assert_eq!(problem(&text).names(), ["мембрана", "電圧"]);
}

#[test]
fn arrays_wrap_or_have_an_edge() {
    let ring = r#"{"field": {"equations": {"x[1..5]": "-x[i] + tanh(g*x[i-1]) + sum(j, 1, 5, x[j])"}, "parameters": {"g": 1}, "wrap": true},
        "initial_state": {"x[1..5]": [1, 2, 3, 4, 5]}}"#;
    let ring = problem(ring);
    assert_eq!(ring.names()[0], "x[1]");
    let mut velocity = [0.0; 5];
    ring.field().velocity(&ring.initial_state, &mut velocity);
    assert!((velocity[0] - (-1.0 + 5.0_f64.tanh() + 15.0)).abs() < 1e-14);
    let edge = r#"{"field": {"equations": {"x[1..2]": {"equation": "x[i-1] - x[i]", "edge": 7}}}}"#;
    let mut velocity = [0.0; 2];
    problem(edge).field().velocity(&[1.0, 2.0], &mut velocity);
    assert_eq!(velocity, [6.0, -1.0]);
}

#[test]
fn powers_group_as_in_mathematics() {
    for (text, value) in [
        ("2^3^2", 512.0),
        ("-2^2", -4.0),
        ("2**-1", 0.5),
        ("2^-1^2", 0.5),
        ("(-2)^3", -8.0),
        ("8 - 2 - 1", 5.0),
        ("mod(-1, 3)", 2.0),
    ] {
        let mut velocity = [0.0];
        problem(&field_of(&format!(r#""v": "{text}""#), ""))
            .field()
            .velocity(&[0.0], &mut velocity);
        assert_eq!(velocity, [value], "{text}");
    }
}

#[test]
fn an_ode_file_is_read_with_its_meaning() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cell.ode");
    std::fs::write(
        &path,
        "# a cell\npar I=0.2, a=0.7 b=.8 eps=.08\nw2=w*2\nV' = v-v^3/3-w2/2+i\ndw/dt=eps*(v+a-b*w)\naux e=v^2\ninit v=-1 w=.4\n@ total=10, dt=.05\ndone\nnonsense",
    )
    .unwrap();
    let options = ProblemOptions {
        outputs: Some(vec!["v".into()]),
        target: Some(vec![0.3]),
        learn: Some(vec!["i".into(), "a".into()]),
        set: vec![("b".into(), "0.75".into())],
        ..ProblemOptions::default()
    };
    let cell = Problem::read_with(&path, &options).unwrap();
    assert_eq!(cell.names(), ["v", "w"]);
    assert_eq!(cell.initial_state, [-1.0, 0.4]);
    assert_eq!(cell.free_time, Some(10.0));
    let report = report(&cell, Estimator::LinearResponse);
    assert_eq!(report.ep_update.len(), 2);
    let eqprop::model::System::Text(field) = &cell.system else {
        panic!("a field in text");
    };
    assert_eq!(field.value("b"), Some(0.75));
    assert_eq!(field.auxiliaries(0.0, &[3.0, 0.0]), [9.0]);
    for (text, expected) in [
        (
            "x'=-x\nwiener w",
            "line 2: noise (`wiener`) is not supported",
        ),
        (
            "x'=delay(x,1)",
            "line 1: a delay (`delay`) is not supported",
        ),
        ("x'=x^-2", "line 1: XPPAUT takes no sign after an operator"),
        ("x(t+1)=x/2", "line 1: a map"),
        ("par a=1\nx'=b-x", "line 2: `b` is not defined"),
    ] {
        std::fs::write(&path, text).unwrap();
        let refused = Problem::read(&path).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    for (text, expected) in [
        (
            "par a=1\npar b=2*a\nx'=b-x",
            "line 2: XPPAUT reads of `b=2*a`",
        ),
        (
            "q=r+1\nr=2\nx'=q-x",
            "line 1: `q` uses `r` before the line of that",
        ),
        (
            "x'=1/y\ny'=-y",
            "line 1: this divides by 0 at the initial state",
        ),
        ("a_long_name_indeed'=-1", "XPPAUT cuts `a_long_name_indeed`"),
    ] {
        std::fs::write(&path, text).unwrap();
        let warnings = Problem::read(&path).unwrap().warnings;
        assert!(
            warnings.iter().any(|warning| warning.contains(expected)),
            "{warnings:?}"
        );
    }
}

#[test]
fn what_xppaut_passes_over_is_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("odd.ode");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Problem::read(&path)
    };
    // each was run with XPPAUT: the velocity at the start, and what the warning says
    for (text, velocity, warning) in [
        ("% a comment\nx'=1-x\n%% par a=2\n", vec![1.0], ""),
        ("f1=2\nx'=f[1]-x", vec![2.0], ""),
        ("o = 3*2\nx'=o-x", vec![6.0], ""),
        (
            "init x=1.5,y\nx'=-x\ny'=1+y",
            vec![-1.5, 1.0],
            "line 1: `y` has no value",
        ),
        ("x'=2-x\ndobe\ny'=1", vec![2.0], ""),
        (
            "x'=2-x\nsome words",
            vec![2.0],
            "line 2: `some words` is no equation",
        ),
        (
            "x'=2-x\no my.opt",
            vec![2.0],
            "line 2: the file of options `my.opt` is not read",
        ),
        ("%[1..2]\nx[j]'=[j]-x[j]\n%\n%\n", vec![1.0, 2.0], ""),
        (
            "par r=1\nx'=2-x\nlow glucose, r=0.04, k=0.1",
            vec![2.0],
            "line 3: `low glucose, r=0.04, k=0.1` is no equation",
        ),
    ] {
        let problem = read(text).unwrap();
        let mut found = vec![0.0; velocity.len()];
        problem.field().velocity(&problem.initial_state, &mut found);
        assert_eq!(found, velocity, "{text}");
        let warned = problem.warnings.iter().any(|own| own.contains(warning));
        assert!(warned || warning.is_empty(), "{:?}", problem.warnings);
    }
    let refused = read("2\nx'=2-x").unwrap_err().to_string();
    assert!(
        refused.contains("line 1: the number of equations"),
        "{refused}"
    );
}

/// A rate network, layered or with bounds on where the drive bends, answers as its text does.
#[test]
fn rate_networks_and_their_texts_agree() {
    for (shape, activation) in [
        (Shape::Layered(&[3, 5, 2]), Activation::Tanh),
        (Shape::Layered(&[2, 4, 3, 2]), Activation::SteepLogistic),
        (Shape::Dense(5), Activation::HardSigmoid),
    ] {
        let network = random_problem(3, shape, Dynamics::Rate, activation, 0.8);
        let text = eqprop::model::convert(&network, eqprop::model::Target::Json, 0.0).unwrap();
        let text = problem(&text);
        let [one, other] =
            [&network, &text].map(|problem| report(problem, Estimator::LinearResponse));
        for (a, b) in [
            (one.angle_degrees, other.angle_degrees),
            (one.error_bound, other.error_bound),
            (Some(one.jacobian_asymmetry), Some(other.jacobian_asymmetry)),
            (Some(one.cost), Some(other.cost)),
        ] {
            let close = |(a, b): (f64, f64)| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
            assert_eq!(a.is_some(), b.is_some(), "{shape:?} {a:?} {b:?}");
            assert!(a.zip(b).is_none_or(close), "{shape:?} {a:?} {b:?}");
        }
        // an estimate from trajectories tends to the same limit
        let measured = gradient(
            &network,
            Estimator::Centred,
            Some(1e-3),
            &SolverSettings::default(),
        );
        let gap = measured
            .unwrap()
            .ep_update
            .plus(-1.0, &one.ep_update)
            .norm();
        assert!(gap <= 1e-4 * one.ep_update.norm(), "{gap:e}");
    }
}

/// A name with no dot is one of the field's own, or one of the document's.
#[test]
fn a_field_of_the_document_is_set_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("problem.json");
    std::fs::write(&path, FITZHUGH_NAGUMO).unwrap();
    let read = |name: &str, value: &str| {
        let options = ProblemOptions {
            set: vec![(name.into(), value.into())],
            ..ProblemOptions::default()
        };
        Problem::read_with(&path, &options)
    };
    let changed = read("initial_state", r#"{"v": 2, "w": -1}"#).unwrap();
    assert_eq!(changed.initial_state, [2.0, -1.0]);
    let refused = read("initial_stat", "[2, -1]").unwrap_err().to_string();
    assert!(refused.contains("initial_state"), "{refused}");
}

/// What an `.ode` file sets for XPPAUT alone is named once, and nothing where it sets nothing.
#[test]
fn options_without_a_meaning_here_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("options.ode");
    for (options, expected) in [
        ("", vec![]),
        ("@ total=20\n", vec![]),
        (
            "@ total=20, dt=0.1, xlo=0\n@ dt=0.2\n",
            vec!["options that have no meaning here are not used: dt, xlo"],
        ),
    ] {
        std::fs::write(&path, format!("x'=-x\n{options}done\n")).unwrap();
        assert_eq!(
            Problem::read(&path).unwrap().warnings,
            expected,
            "{options}"
        );
    }
}

/// A range as wide as the integers themselves is no array.
#[test]
fn ranges_without_end_are_no_arrays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("range.ode");
    for range in [
        "[-9223372036854775808..9223372036854775807]",
        "[-9000000000000000000..9000000000000000000]",
        "[-2..9223372036854775807]",
        "[0..1000000]",
    ] {
        std::fs::write(&path, format!("x{range}'=-x[j]\n")).unwrap();
        let refused = Problem::read(&path).unwrap_err().to_string();
        assert!(!refused.contains("written out"), "{range}: {refused}");
    }
}

#[test]
fn the_time_of_an_ode_file_is_no_state_and_no_parameter() {
    for parameters in ["a=2", "a=2, b=3", "a=2, b=3, c=5"] {
        let text = format!("par {parameters}\nx'=-a*x+cos(t)\ny'=x*t\nq'=-q");
        let forced = Problem::from_ode(&text, &ProblemOptions::default()).unwrap();
        let eqprop::model::System::Text(field) = &forced.system else {
            panic!("a field in text");
        };
        assert!(field.uses_time());
        for time in [0.0, 0.7, 11.0] {
            let mut found = [f64::NAN; 3];
            field.velocity_at(time, &[0.3, -1.5, 4.0], &mut found);
            let expected = [-0.6 + time.cos(), 0.3 * time, -4.0];
            let close = found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-14);
            assert!(close, "{parameters} at {time}: {found:?}");
        }
    }
}
