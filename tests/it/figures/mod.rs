//! Every figure that the program draws, at one and two journal columns.

mod labels;
mod looks;

use std::path::Path;
use std::sync::LazyLock;

use eqprop::experiment::portrait::Portrait;
use eqprop::experiment::sweep::aggregate::{Measure, SweepAxis, read_records};
use eqprop::experiment::training::SavedRun;
use eqprop::experiment::{ContinuationRecord, Simulation, SpectrumRecord, Validation};
use eqprop::figure::{
    Figure, SweepView, continuation_figures, portrait_figure, simulation_figures, spectrum_figure,
    sweep_figures, training_figures, validation_figures,
};

use crate::support::{eqprop, reference};

/// A figure, with what to call it in messages.
pub type Named = (String, Figure);

/// What `eqprop` saves as FILE when it is asked for a record.
fn record(directory: &Path, arguments: &[&str]) -> String {
    let path = |name: &str| directory.join(name).display().to_string();
    let (out, saved) = (path("out.svg"), path("out.json"));
    let mut all = arguments.to_vec();
    if arguments[0] == "simulate" {
        all.extend(["--out", &saved]);
    } else {
        all.extend(["--out", &out, "--record", &saved]);
    }
    all.push("--force");
    let csv = path("out.csv");
    let all: Vec<&str> = match arguments[0] {
        "simulate" => all
            .iter()
            .map(|word| if *word == saved { &csv } else { *word })
            .collect(),
        _ => all,
    };
    let ran = eqprop(&all);
    assert_eq!(ran.code, 0, "{all:?}: {}", ran.stderr);
    std::fs::read_to_string(directory.join("out.json")).unwrap()
}

fn at(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(path)
        .display()
        .to_string()
}

/// Every figure that the program draws.
fn every_figure() -> Vec<Named> {
    let directory = tempfile::tempdir().unwrap();
    let make = |arguments: &[&str]| record(directory.path(), arguments);
    let problem = |name: &str| {
        reference(&format!("problems/{name}.json"))
            .display()
            .to_string()
    };
    let mut all: Vec<Named> = Vec::new();
    let mut add = |from: &str, figures: Vec<(&'static str, Figure)>| {
        let named = |(name, figure)| (format!("{from}: {name}"), figure);
        all.extend(figures.into_iter().map(named));
    };
    let bistable = at("plots/portrait/bistable.json");
    let nudged = at("plots/portrait/nudged.json");
    let section = problem("dense_tanh_n8_all_outputs");
    let neuron = at("examples/fields/fitzhugh_nagumo.json");
    for more in [
        &[&bistable[..]][..],
        &[&nudged, "--beta", "1"],
        &[&nudged, "--beta", "1", "--nudged", "beside"],
        &[&section, "--nudged", "beside", "--beta", "0.1"],
        &[&neuron],
        &[&bistable, "--no-streamlines"],
    ] {
        let text = make(&[&["portrait"][..], more].concat());
        let portrait = Portrait::from_json(&text).unwrap();
        let figure = portrait_figure(&portrait, None);
        add(&format!("{more:?}"), vec![("portrait", figure)]);
    }
    for more in [
        &[
            &problem("strong_rotation")[..],
            "--beta",
            "0.5",
            "--compare-euler",
            "0.05,0.1,0.2",
        ][..],
        &[&problem("layered2_leaky_tanh"), "--beta", "0.5"],
        &[&neuron, "--beta", "0", "--t-free", "20", "--t-nudged", "0"],
    ] {
        let text = make(&[&["simulate"][..], more].concat());
        add(
            &format!("{more:?}"),
            simulation_figures(&Simulation::from_json(&text).unwrap()),
        );
    }
    let near_fold = at("plots/continuation/near_fold.json");
    for more in [
        &[
            &near_fold[..],
            "--parameter",
            "beta",
            "--range",
            "-0.5,1.5",
            "--all",
        ][..],
        &[
            &near_fold,
            "--parameter",
            "asymmetry",
            "--range",
            "0,3",
            "--all",
        ],
        &[
            &bistable,
            "--parameter",
            "bias:0",
            "--range",
            "-1,1",
            "--all",
        ],
        &[&neuron, "--parameter", "I", "--range", "0,1"],
    ] {
        let text = make(&[&["continue"][..], more].concat());
        let record = ContinuationRecord::from_json(&text).unwrap();
        add(&format!("{more:?}"), continuation_figures(&record));
    }
    for more in [
        &[
            &at("plots/spectrum/dense_tanh_n20.json")[..],
            "--asymmetry",
            "0,1,2",
        ][..],
        &[&at("plots/start/pair.json")],
        &[&problem("dense_tanh_n2"), "--asymmetry", "0"],
    ] {
        let text = make(&[&["spectrum"][..], more].concat());
        let figure = spectrum_figure(&SpectrumRecord::from_json(&text).unwrap());
        add(&format!("{more:?}"), vec![("spectrum", figure)]);
    }
    let validation = std::fs::read_to_string(at("plots/validation/report.json")).unwrap();
    add(
        "",
        validation_figures(&Validation::from_json(&validation).unwrap()),
    );
    for study in [
        "sweep_symmetry",
        "sweep_beta",
        "sweep_cost",
        "good_parameters",
        "fields_study/FitzHugh-Nagumo",
        "fields_study/Wilson-Cowan",
    ] {
        let records = read_records(Path::new(&at(&format!("plots/{study}")))).unwrap();
        for view in [
            SweepView::default(),
            SweepView {
                axes: (!study.starts_with("fields"))
                    .then_some([SweepAxis::Asymmetry, SweepAxis::Dynamics]),
                measure: Measure::SettlingTime,
            },
        ] {
            add(study, sweep_figures(&records, &view));
        }
    }
    let runs = |paths: &[&str]| -> Vec<SavedRun> {
        let read = |path: &&str| SavedRun::read(Path::new(&at(path))).unwrap();
        paths.iter().map(read).collect()
    };
    let deep = ["plots/training_mnist_3x512"];
    let compared = [
        "ep_seed0",
        "ep_seed1",
        "asymmetric",
        "homeostasis",
        "tied",
        "true_gradient",
    ]
    .map(|run| format!("plots/training_mnist_512/{run}"));
    let compared = compared.each_ref().map(String::as_str);
    let short = ["tests/reference/training/two_moons"];
    for paths in [&deep[..], &short, &compared, &compared[..2]] {
        add(&format!("{paths:?}"), training_figures(&runs(paths)));
    }
    all
}

pub static FIGURES: LazyLock<Vec<Named>> = LazyLock::new(every_figure);
