//! Every quantity of `eqprop gradient` against values computed independently with mpmath.

use eqprop::dynamics::{Method, SolverSettings};
use eqprop::gradient::{Estimator, gradient};
use eqprop::model::Problem;
use serde_json::Value;

use crate::support::{gap, read_json, reference, reference_problem, settled, size};

/// The accuracy asked of every quantity, relative to the largest entry of its block.
const TOLERANCE: f64 = 1e-8;

/// Fields of `expected/` that are no quantities of the report.
const NOT_COMPARED: [&str; 1] = ["checks"];

/// The differences found in one problem.
struct Differences {
    problem: String,
    /// What a reference value of exactly 0 may be in double precision: round-off, amplified by the
    /// condition of the Jacobian.
    round_off: f64,
    failures: Vec<String>,
    worst: (f64, String),
}

impl Differences {
    fn note(&mut self, name: &str, error: f64, scale: f64) {
        let (measure, limit) = if scale == 0.0 {
            (error, self.round_off)
        } else {
            (error / scale, TOLERANCE)
        };
        if scale != 0.0 && measure > self.worst.0 {
            self.worst = (measure, format!("{} {name}", self.problem));
        }
        // not `measure > limit`, which a NaN would pass
        let holds = measure <= limit;
        if !holds {
            self.failures.push(format!(
                "{} {name}: off by {measure:.2e}, at most {limit:.2e}",
                self.problem
            ));
        }
    }

    fn disagree(&mut self, name: &str, found: &Value, expected: &Value) {
        self.failures.push(format!(
            "{} {name}: found {found}, expected {expected}",
            self.problem
        ));
    }

    fn compare(&mut self, name: &str, found: &Value, expected: &Value) {
        match expected {
            Value::Object(fields) => {
                for (field, expected) in fields {
                    let found = quantity(found, field);
                    self.compare(&format!("{name}.{field}"), &found, expected);
                }
            }
            Value::Array(_) if name.ends_with("eigenvalues") => {
                self.multiset(name, found, expected);
            }
            // blocks of one series are of different sizes: each has its own scale
            Value::Array(entries) if is_series(name, entries) => {
                for (k, expected) in entries.iter().enumerate() {
                    self.compare(&format!("{name}[{k}]"), &found[k], expected);
                }
            }
            Value::Array(_) | Value::Number(_) => {
                let (f, e) = (flat(found), flat(expected));
                if f.len() == e.len() && shape(found) == shape(expected) {
                    self.note(name, gap(&f, &e), size(&e));
                } else {
                    self.disagree(name, found, expected);
                }
            }
            _ if found == expected => {}
            _ => self.disagree(name, found, expected),
        }
    }

    /// Eigenvalues in any order: each expected one takes the nearest that is left.
    fn multiset(&mut self, name: &str, found: &Value, expected: &Value) {
        let pairs = |value: &Value| -> Vec<(f64, f64)> {
            let flat = flat(value);
            flat.chunks(2).map(|pair| (pair[0], pair[1])).collect()
        };
        let (mut left, expected) = (pairs(found), pairs(expected));
        if left.len() != expected.len() {
            self.failures.push(format!(
                "{} {name}: {} found, {} expected",
                self.problem,
                left.len(),
                expected.len()
            ));
            return;
        }
        let scale = expected
            .iter()
            .map(|(re, im)| re.hypot(*im))
            .fold(0.0, f64::max);
        for (re, im) in expected {
            let distance = |at: &(f64, f64)| (at.0 - re).hypot(at.1 - im);
            let nearest = (0..left.len())
                .min_by(|&a, &b| distance(&left[a]).total_cmp(&distance(&left[b])))
                .unwrap();
            let taken = left.swap_remove(nearest);
            self.note(name, distance(&taken), scale);
        }
    }
}

/// Whether these are the blocks of a series (`forward`, `feedback`, or the biases of layers).
fn is_series(name: &str, entries: &[Value]) -> bool {
    let of_lists = entries.iter().any(Value::is_array);
    let of_matrices = entries
        .iter()
        .any(|entry| entry.get(0).is_some_and(Value::is_array));
    of_matrices || (of_lists && (name.contains(".bias") || name.ends_with("_head")))
}

fn shape(value: &Value) -> Vec<usize> {
    match value.as_array() {
        None => Vec::new(),
        Some(entries) => {
            let mut out = vec![entries.len()];
            out.extend(entries.iter().flat_map(shape));
            out
        }
    }
}

fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(entries) => entries.iter().flat_map(flat).collect(),
        other => vec![other.as_f64().unwrap_or(f64::NAN)],
    }
}

/// A field of the report, or what the reference stores of a large block: `NAME_norm`, `NAME_head`.
fn quantity(report: &Value, field: &str) -> Value {
    let of_each = |name: &str, summary: &dyn Fn(&[f64]) -> Value| {
        let block = &report[name];
        let is_series = report.get("forward").is_some();
        if is_series {
            block
                .as_array()
                .unwrap()
                .iter()
                .map(|matrix| summary(&flat(matrix)))
                .collect()
        } else {
            summary(&flat(block))
        }
    };
    if let Some(name) = field.strip_suffix("_norm") {
        of_each(name, &|values| {
            values.iter().map(|v| v * v).sum::<f64>().sqrt().into()
        })
    } else if let Some(name) = field.strip_suffix("_head") {
        of_each(name, &|values| values[..values.len().min(5)].into())
    } else {
        report[field].clone()
    }
}

#[test]
fn every_quantity_of_every_reference_problem_agrees() {
    let mut failures = Vec::new();
    let mut worst = (0.0, String::new());
    let mut count = 0;
    let mut paths: Vec<_> = std::fs::read_dir(reference("problems"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let expected = read_json(&reference(&format!("expected/{name}.json")));
        let settings = SolverSettings::default();
        let report = Problem::read(&path)
            .and_then(|problem| gradient(&problem, Estimator::LinearResponse, None, &settings));
        count += 1;
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        let checks = &expected["checks"];
        let condition = checks["jacobian_condition"].as_f64().unwrap();
        let mut differences = Differences {
            problem: name,
            round_off: 100.0 * f64::EPSILON * condition,
            failures: Vec::new(),
            worst: worst.clone(),
        };
        let found = serde_json::to_value(&report).unwrap();
        for (field, expected) in expected.as_object().unwrap() {
            if !NOT_COMPARED.contains(&field.as_str()) {
                differences.compare(field, &found[field], expected);
            }
        }
        let active: Value = (0..report.fixed_point.len())
            .filter(|i| !report.pinned.contains(i))
            .collect();
        if active != checks["active_neurons"] {
            differences.disagree("active neurons", &active, &checks["active_neurons"]);
        }
        if checks["parameters"] != report.ep_update.len() {
            differences.disagree(
                "parameters",
                &report.ep_update.len().into(),
                &checks["parameters"],
            );
        }
        failures.extend(differences.failures);
        worst = differences.worst;
    }
    println!(
        "{count} problems; largest relative difference {:.1e} in {}",
        worst.0, worst.1
    );
    assert!(count >= 50, "only {count} reference problems found");
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_integrator_reaches_the_same_fixed_point() {
    let mut failures = Vec::new();
    for name in [
        "dense_tanh_n8_all_outputs",
        "dense_relu_n20",
        "hopfield_logistic_n5_asymmetric",
        "layered3_leaky_hard_sigmoid",
        "bistable_near_boundary",
        "strong_rotation",
        "time_constants_n4",
        "time_constants_layered",
        "bounds_dense_n5",
        "bounds_layered_outputs_pinned",
    ] {
        let problem = reference_problem(name);
        let expected = read_json(&reference(&format!("expected/{name}.json")));
        let expected = flat(&expected["fixed_point"]);
        for method in [
            Method::Tsit45,
            Method::Bdf,
            Method::TrBdf2,
            Method::Esdirk34,
        ] {
            let settings = SolverSettings {
                method,
                // reaching the point is the question here, not following the way to it closely
                rtol: 1e-6,
                atol: 1e-9,
                ..SolverSettings::default()
            };
            let point = settled(&problem, &settings);
            let error = gap(point.state(), &expected);
            let holds = error <= 1e-9;
            if !holds {
                failures.push(format!("{name} by {}: off by {error:.1e}", method.name()));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
