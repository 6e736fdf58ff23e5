//! What is made of the records of a sweep: groups, tables, orders, figures.

use std::io::Write;

use eqprop::experiment::sweep::aggregate::{
    Aggregation, Coordinate, Measure, SweepAxis, read_records,
};
use eqprop::experiment::sweep::{
    DrawnNetwork, EstimatorName, Measurement, SweepOutcome, SweepPoint, SweepRecord, SweptSystem,
};
use eqprop::figure::{Element, SweepView, several_sweeps, sweep_figures};
use eqprop::gradient::Estimator;
use eqprop::io::Entries;
use eqprop::model::{Activation, Dynamics, Random};

use crate::support::eqprop;

const NETWORK: DrawnNetwork = DrawnNetwork {
    dynamics: Dynamics::Leaky,
    activation: Activation::Tanh,
    depth: 0,
    neurons: 4,
    gain: 0.5,
    asymmetry: 1.0,
    seed: 0,
};

const POINT: SweepPoint = SweepPoint {
    system: SweptSystem::Network(NETWORK),
    rtol: 1e-9,
    estimator: EstimatorName(Estimator::Centred),
    beta: Some(1e-3),
};

fn settled(index: u64, point: SweepPoint, error: f64) -> SweepRecord {
    SweepRecord {
        index,
        point,
        outcome: SweepOutcome::Settled,
        failure: None,
        measured: Measurement {
            jacobian_asymmetry: Some(0.3 * error),
            weight_asymmetry: Some(0.5 * error),
            error_bound: Some(2.0 * error),
            descent_certificate: Some(0.5 - error),
            angle_degrees: Some(60.0 * error),
            relative_error: Some(error),
            descent: Some(1.0 - error),
            estimator_error: Some(error),
            nudged_rhs_evaluations: Some(100),
            ..Measurement::default()
        },
        rest: None,
    }
}

fn failed(index: u64, point: SweepPoint, outcome: SweepOutcome) -> SweepRecord {
    SweepRecord {
        outcome,
        measured: Measurement::default(),
        ..settled(index, point, 1.0)
    }
}

/// Networks at 3 gains and 4 asymmetries, 40 each: some fail, the more the larger the gain.
fn records() -> Vec<SweepRecord> {
    let mut random = Random::new(11, 0);
    let mut records = Vec::new();
    for gain in [0.5, 1.0, 1.5] {
        for asymmetry in [0.0, 1.0, 2.0, 3.0] {
            for seed in 0..40 {
                let network = DrawnNetwork {
                    gain,
                    asymmetry,
                    seed,
                    ..NETWORK
                };
                let point = SweepPoint {
                    system: SweptSystem::Network(network),
                    ..POINT
                };
                let index = records.len() as u64;
                records.push(if random.uniform(0.0, 2.0) < gain - 0.5 {
                    failed(index, point, SweepOutcome::LimitCycle)
                } else {
                    let error = 0.4 * gain * asymmetry * random.uniform(0.5, 1.5) + 1e-3;
                    settled(index, point, error)
                });
            }
        }
    }
    records
}

#[test]
fn groups_are_what_a_straightforward_computation_gives() {
    let records = records();
    let axes = [SweepAxis::Gain, SweepAxis::Asymmetry];
    let groups = Aggregation::of(&records, &axes, &[Measure::RelativeError]).finish();
    assert_eq!(groups.len(), 12);
    for group in groups {
        let [Coordinate::Number(gain), Coordinate::Number(asymmetry)] = group.coordinates[..]
        else {
            panic!("{group:?}");
        };
        let members: Vec<&SweepRecord> = records
            .iter()
            .filter(|record| {
                let network = record.point.network().unwrap();
                network.gain == gain && network.asymmetry == asymmetry
            })
            .collect();
        let errors: Vec<f64> = members
            .iter()
            .filter_map(|record| record.measured.relative_error)
            .collect();
        assert_eq!((group.points(), group.settled()), (40, errors.len()));
        let cycles = group.outcomes[SweepOutcome::LimitCycle as usize];
        assert_eq!(group.settled() + cycles, 40);
        let count = |of: &dyn Fn(f64) -> bool| errors.iter().filter(|error| of(**error)).count();
        assert_eq!(group.descending, count(&|error| error < 1.0));
        assert_eq!(group.certified, count(&|error| error < 0.5));
        for (q, most_below) in [(0.05, 0.05), (0.5, 0.5), (0.95, 0.95)] {
            let value = group.quantile(0, q).unwrap();
            let below = count(&|error| error < value) as f64;
            let up_to = count(&|error| error <= value) as f64;
            let position = most_below * (errors.len() - 1) as f64;
            assert!(below <= position + 1.0 && position <= up_to, "{q}");
        }
    }
}

#[test]
fn a_median_of_all_counts_failures_as_infinite() {
    let all = |failures: usize| {
        let mut records: Vec<SweepRecord> = [1.0, 2.0, 3.0, 4.0]
            .iter()
            .map(|error| settled(0, POINT, *error))
            .collect();
        records.extend((0..failures).map(|_| failed(0, POINT, SweepOutcome::Diverged)));
        let groups = Aggregation::of(&records, &[], &[Measure::RelativeError]).finish();
        assert_eq!(groups[0].quantile(0, 0.5), Some(2.5));
        groups[0].median_of_all(0)
    };
    assert_eq!(all(0), Some(2.5));
    assert_eq!(all(1), Some(3.0));
    assert_eq!(all(3), Some(4.0));
    assert_eq!(all(4), None);
}

#[test]
fn groups_that_never_settle_and_no_records_at_all_are_tables() {
    let lost = [
        failed(0, POINT, SweepOutcome::Diverged),
        failed(1, POINT, SweepOutcome::TimedOut),
    ];
    let measures = [Measure::AngleDegrees];
    let table = Aggregation::of(&lost, &[SweepAxis::Beta], &measures).to_csv();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2);
    let cells: Vec<(&str, &str)> = lines[0].split(',').zip(lines[1].split(',')).collect();
    let cell = |name: &str| cells.iter().find(|cell| cell.0 == name).unwrap().1;
    assert_eq!(lines[0].split(',').count(), lines[1].split(',').count());
    assert_eq!((cell("beta"), cell("points")), ("0.001", "2"));
    assert_eq!((cell("settled"), cell("diverged")), ("0", "1"));
    assert_eq!((cell("share_settled"), cell("timed_out")), ("0", "1"));
    assert_eq!(cell("angle_degrees_median"), "");
    let nothing = Aggregation::new(&[SweepAxis::Gain], &measures);
    assert_eq!(nothing.to_csv().lines().count(), 1);
}

#[test]
fn every_figure_survives_records_without_numbers() {
    let view = SweepView {
        axes: Some([SweepAxis::Gain, SweepAxis::Asymmetry]),
        ..SweepView::default()
    };
    let lost: Vec<SweepRecord> = records()
        .iter()
        .map(|record| failed(record.index, record.point.clone(), SweepOutcome::Diverged))
        .collect();
    for records in [records(), lost, vec![settled(0, POINT, 0.1)]] {
        for (name, figure) in sweep_figures(&records, &view) {
            let svg = figure.to_svg().unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!svg.contains("NaN"), "{name}");
        }
    }
}

#[test]
fn the_map_of_good_parameters_is_as_it_was_looked_at() {
    let view = SweepView::default();
    let figures = sweep_figures(&records(), &view);
    let names: Vec<&str> = figures.iter().map(|figure| figure.0).collect();
    assert_eq!(names, ["asymmetry", "cost", "heat_map", "good_parameters"]);
    let map = &figures[3].1;
    insta::assert_snapshot!(map.to_svg().unwrap());
}

/// Errors c·β^p with p of each estimator: the legend names p.
#[test]
fn fitted_slopes_stand_in_the_legend() {
    let mut records = Vec::new();
    for (estimator, order) in [(Estimator::OneSided, 1), (Estimator::Richardson, 4)] {
        for seed in 0..10 {
            for k in 0..12 {
                let beta = 0.1 / f64::from(1 << k);
                let point = SweepPoint {
                    system: SweptSystem::Network(DrawnNetwork { seed, ..NETWORK }),
                    beta: Some(beta),
                    estimator: EstimatorName(estimator),
                    ..POINT
                };
                let error = (1.0 + 0.1 * seed as f64) * beta.powi(order);
                records.push(settled(0, point, error));
            }
        }
    }
    let figures = sweep_figures(&records, &SweepView::default());
    let figure = &figures.iter().find(|figure| figure.0 == "beta").unwrap().1;
    let labels: Vec<&str> = figure.panels[0]
        .elements
        .iter()
        .filter_map(|element| element.label())
        .collect();
    for label in [
        "one-sided: slope 1.00 ± 0.00",
        "Richardson: slope 4.00 ± 0.00",
    ] {
        assert!(labels.contains(&label), "{labels:?}");
    }
}

/// Records written as a sweep writes them, the last one torn.
fn torn() -> Vec<u8> {
    let mut bytes = Vec::new();
    for record in records() {
        serde_json::to_writer(&mut bytes, &record).unwrap();
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"{\"index\": 480, \"dyn");
    bytes
}

#[test]
fn records_read_back_compressed_or_not_and_a_torn_line_is_none() {
    let directory = tempfile::tempdir().unwrap();
    let compressed = directory.path().join("records.jsonl.gz");
    let file = std::fs::File::create(&compressed).unwrap();
    let mut writer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    writer.write_all(&torn()).unwrap();
    writer.finish().unwrap();
    assert_eq!(read_records(directory.path()).unwrap(), records());
    // a copy beside it does not count twice
    std::fs::write(directory.path().join("records.jsonl"), torn()).unwrap();
    assert_eq!(read_records(directory.path()).unwrap(), records());
    assert_eq!(read_records(&compressed).unwrap(), records());
}

#[test]
fn the_command_line_aggregates_and_plots_and_names_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(path("records.jsonl"), torn()).unwrap();
    let place = directory.path().display().to_string();
    let ran = eqprop(&["aggregate", &place, "--by", "gain,asymmetry"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 13), "{ran:?}");
    assert!(ran.stdout.starts_with("gain,asymmetry,points,settled,"));
    let table = path("table.csv");
    let arguments = [
        "aggregate",
        &place,
        "--measures",
        "descent",
        "--out",
        &table,
    ];
    assert_eq!(eqprop(&arguments).code, 0);
    assert_eq!(eqprop(&arguments).code, 2, "not overwritten");
    for (figure, more) in [
        ("good_parameters", &["--axes", "asymmetry,gain"][..]),
        ("heat_map", &["--measure", "descent"][..]),
        ("asymmetry", &[]),
    ] {
        let out = path(&format!("{figure}.svg"));
        let base = ["plot", &place, "--figure", figure, "--out", &out];
        let ran = eqprop(&[&base, more].concat());
        assert_eq!(ran.code, 0, "{figure}: {ran:?}");
    }
    let out = path("x.svg");
    let ran = eqprop(&["plot", &place, "--out", &out, "--axes", "gain,gain"]);
    assert!(ran.code == 2 && ran.stderr.contains("--axes"), "{ran:?}");
    let ran = eqprop(&["plot", &place, "--out", &out, "--figure", "nothing"]);
    assert!(ran.code == 2 && ran.stderr.contains("heat_map"), "{ran:?}");
    std::fs::write(path("records.jsonl"), "{\"index\": 0}\n").unwrap();
    let ran = eqprop(&["aggregate", &place]);
    assert!(ran.code == 2 && ran.stderr.contains("line 1"), "{ran:?}");
    std::fs::write(path("records.jsonl"), "").unwrap();
    assert_eq!(eqprop(&["aggregate", &place]).code, 2);
    assert_eq!(eqprop(&["aggregate", &path("nowhere")]).code, 2);
}

/// Ten problems beside networks whose angle is 200° times their asymmetry: each panel says so.
#[test]
fn several_problems_have_a_panel_each_beside_the_networks() {
    let problem = |k: u64| SweepPoint {
        system: SweptSystem::Problem {
            vary: Entries(vec![("a".to_owned(), k as f64)]),
        },
        ..POINT
    };
    let mut sweeps: Vec<(String, Vec<SweepRecord>)> = (0..10)
        .map(|field| {
            let records = (1..=30).map(|k| settled(k, problem(k), 1e-3 * k as f64));
            (format!("field number {field}"), records.collect())
        })
        .collect();
    sweeps[3].1.push(settled(0, problem(0), 1e-9));
    sweeps.push(("networks".into(), records()));
    let figure = several_sweeps(&sweeps, Measure::AngleDegrees);
    assert_eq!((figure.panels.len(), figure.columns), (10, 5));
    for (panel, (name, _)) in figure.panels.iter().zip(&sweeps) {
        assert_eq!(panel.title.as_ref(), Some(name));
        assert_eq!(panel.x, figure.panels[0].x);
        assert_eq!(panel.y, figure.panels[0].y);
        let mut seen = (0, 0);
        for element in &panel.elements {
            match (element, element.label()) {
                (Element::Markers { x, .. }, _) => seen.0 += x.len(),
                (Element::Line { x, y, .. }, Some("random networks: median")) => {
                    let ratios = x.iter().zip(y).map(|(x, y)| y / x);
                    seen.1 += ratios
                        .filter(|ratio| (ratio / 200.0 - 1.0).abs() < 0.1)
                        .count();
                    assert_eq!(seen.1, x.len());
                }
                _ => {}
            }
        }
        assert!(seen.0 == 30 && seen.1 > 3, "{seen:?}");
    }
    for width in [86.0, 178.0] {
        assert!(figure.clone().at_width(width).to_svg().is_ok());
    }
    let alone = several_sweeps(&sweeps[10..], Measure::RelativeError);
    assert_eq!(alone.panels.len(), 1);
}
