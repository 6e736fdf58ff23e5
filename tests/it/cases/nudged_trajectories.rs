//! "Measured on trajectories" means it: estimators follow their nudged trajectories.

use serde_json::Value;

use super::gradient_of;
use crate::support::{eqprop, gap, numbers, reference};

const FOLLOWING: [&str; 9] = [
    "one_sided",
    "centred",
    "richardson",
    "holomorphic",
    "sensitivity",
    "plasticity",
    "continual",
    "asymmetric",
    "dyadic",
];

fn count(found: &Value, name: &str) -> u64 {
    found["solver"][name].as_u64().unwrap()
}

#[test]
fn every_estimator_that_follows_nudged_trajectories_has_nudged_steps() {
    for beta in ["1e-4", "1e-2"] {
        for estimator in FOLLOWING {
            let found = gradient_of("centred_jump", &["--estimator", estimator, "--beta", beta]);
            assert!(count(&found, "nudged_steps") > 3, "{estimator} {beta}");
            let sum = |names: [&str; 4]| names.map(|name| count(&found, name)).iter().sum::<u64>();
            let evaluations = sum([
                "free_rhs_evaluations",
                "nudged_rhs_evaluations",
                "newton_rhs_evaluations",
                "branch_rhs_evaluations",
            ]);
            assert_eq!(count(&found, "rhs_evaluations"), evaluations);
            let steps = count(&found, "free_steps") + count(&found, "nudged_steps");
            assert_eq!(count(&found, "steps"), steps);
        }
    }
    let limit = gradient_of("centred_jump", &[]);
    assert_eq!(count(&limit, "nudged_steps"), 0);
    assert!(count(&limit, "newton_steps") > 0 && count(&limit, "free_steps") > 0);
}

#[test]
fn without_polishing_newton_has_no_part_and_the_answer_is_the_same() {
    let polished = gradient_of("centred_jump", &[]);
    for estimator in FOLLOWING {
        let options = ["--estimator", estimator, "--beta", "1e-3"];
        let with = gradient_of("centred_jump", &options);
        let without = gradient_of("centred_jump", &[&options[..], &["--no-polish"]].concat());
        assert_eq!(count(&without, "newton_steps"), 0, "{estimator}");
        assert_eq!(count(&without, "newton_rhs_evaluations"), 0, "{estimator}");
        assert!(count(&without, "nudged_steps") > 3, "{estimator}");
        let vector = |found: &Value| numbers(&found["error_vector"]["ep"]);
        let error = gap(&vector(&with), &vector(&without));
        assert!(error < 1e-5, "{estimator}: {error:.1e}");
        let state = |found: &Value| numbers(&found["fixed_point"]);
        assert!(gap(&state(&polished), &state(&without)) < 1e-9);
    }
}

#[test]
fn nudged_trajectories_of_larger_networks_are_followed_and_arrive() {
    for name in [
        "dense_tanh_n20",
        "dense_hard_sigmoid_n40",
        "bounds_layered",
        "strong_rotation",
    ] {
        let path = reference(&format!("problems/{name}.json"));
        for more in [&[][..], &["--no-polish"]] {
            let options = [
                "gradient",
                path.to_str().unwrap(),
                "--json",
                "--estimator",
                "centred",
            ];
            let found = eqprop(&[&options[..], more].concat());
            assert_eq!(found.code, 0, "{name} {}", found.stderr);
            let found = found.document();
            assert!(count(&found, "nudged_steps") > 6, "{name}");
            assert!(found["jumped"].as_array().unwrap().is_empty(), "{name}");
        }
    }
}
