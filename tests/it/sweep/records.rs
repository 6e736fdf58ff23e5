//! What the records say: against the gradient of the same problem, and for networks that do not
//! settle.

use std::collections::BTreeMap;

use eqprop::experiment::sweep::{
    FailedPhase, Grid, SweepConfig, SweepOutcome, SweepRecord, measure,
};
use eqprop::gradient::gradient;
use eqprop::model::Parameters;

fn records(config: &str) -> (Grid, Vec<SweepRecord>) {
    let grid = Grid::new(&SweepConfig::from_json(config).unwrap());
    let groups = 0..grid.groups();
    let records = groups
        .flat_map(|group| measure(&grid, group, &|| false).unwrap())
        .collect();
    (grid, records)
}

fn angle(a: &Parameters, b: &Parameters) -> f64 {
    let (a, b) = (a.scaled(1.0 / a.norm()), b.scaled(1.0 / b.norm()));
    let (minus, plus) = (a.plus(-1.0, &b).norm(), a.plus(1.0, &b).norm());
    (2.0 * minus.atan2(plus)).to_degrees()
}

#[test]
fn records_agree_with_the_parameter_vectors_of_the_gradient() {
    let (grid, records) = records(
        r#"{"dynamics": ["leaky", "hopfield"], "activation": ["tanh", "steep_logistic"],
            "depth": [0, 2], "neurons": [3, 5], "asymmetry": [0, 1.5], "seeds": [3, 8],
            "rtol": [1e-9], "estimator": ["linear_response", "one_sided", "centred", "plasticity",
            "asymmetric", "dyadic", "continual", "holomorphic", "sensitivity", "richardson"],
            "beta": [0.01, 0.1]}"#,
    );
    assert_eq!(records.len(), 2 * 2 * 2 * 2 * 2 * 2 * (2 + 2 * 8));
    let mut settled = 0;
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record.index, index as u64);
        let point = record.point.clone();
        assert_eq!(point, grid.point(record.index));
        if record.outcome != SweepOutcome::Settled {
            continue;
        }
        settled += 1;
        let problem = grid.problem(&point).unwrap();
        let settings = grid.config().solver(point.rtol);
        let report = gradient(&problem, point.estimator.0, point.beta, &settings).unwrap();
        let (update, truth) = (&report.ep_update, &report.negative_gradient);
        let measured = record.measured;
        let close = |value: Option<f64>, expected: f64, tolerance: f64| {
            let value = value.unwrap();
            let gap = (value - expected).abs();
            assert!(
                gap <= tolerance * (1.0 + expected.abs()),
                "{value} {expected} {record:?}"
            );
        };
        close(measured.angle_degrees, angle(update, truth), 1e-9);
        close(
            measured.descent,
            update.dot(truth) / truth.dot(truth),
            1e-10,
        );
        let error = update.plus(-1.0, truth).norm() / truth.norm();
        close(measured.relative_error, error, 1e-10);
        close(
            measured.jacobian_asymmetry,
            report.jacobian_asymmetry,
            1e-12,
        );
        close(
            measured.weight_asymmetry,
            report.weight_asymmetry.unwrap(),
            1e-12,
        );
        close(measured.error_bound, report.error_bound.unwrap(), 1e-9);
        close(measured.cost, report.cost, 1e-12);
        let evaluations =
            measured.free_rhs_evaluations.unwrap() + measured.nudged_rhs_evaluations.unwrap();
        assert_eq!(evaluations, report.solver.rhs_evaluations);
        let steps = measured.free_steps.unwrap() + measured.nudged_steps.unwrap();
        assert_eq!(steps, report.solver.steps);
    }
    assert!(settled > 1000, "{settled}");
}

#[test]
fn estimators_approach_their_own_limits() {
    let (_, records) = records(
        r#"{"neurons": [6], "asymmetry": [1.5], "seeds": {"first": 0, "count": 10},
            "rtol": [1e-11], "beta": [0.02, 0.01],
            "estimator": ["one_sided", "centred", "plasticity", "asymmetric"]}"#,
    );
    for group in records.chunks(8) {
        for (pair, order) in group.chunks(2).zip([1.0, 2.0, 1.0, 2.0]) {
            let error = |k: usize| pair[k].measured.estimator_error.unwrap();
            let measured = (error(0) / error(1)).log2();
            assert!(
                (measured - order).abs() < 0.35,
                "{measured} {order} {pair:?}"
            );
        }
        let asymmetric = group[7].measured;
        let gap = asymmetric.estimator_error.unwrap() - asymmetric.relative_error.unwrap();
        assert!(gap.abs() < 1e-12, "its limit is the gradient");
    }
}

#[test]
fn networks_without_an_answer_are_records_by_type() {
    use SweepOutcome::{Diverged, LimitCycle, NotAnalytic, Settled, TimedOut};
    let survey = |config: &str| {
        let mut found: BTreeMap<SweepOutcome, Vec<SweepRecord>> = BTreeMap::new();
        for record in records(config).1 {
            found.entry(record.outcome).or_default().push(record);
        }
        found
    };
    let seeds = r#""seeds": {"first": 0, "count": 20}"#;

    let found = survey(&format!(
        r#"{{"neurons": [3], "gain": [3], "asymmetry": [6], {seeds}}}"#
    ));
    let cycle = &found[&LimitCycle][0];
    let failure = cycle.failure.as_ref().unwrap();
    assert_eq!(failure.phase, FailedPhase::Free);
    assert!(failure.period.unwrap() > 0.1 && failure.amplitude.unwrap() > 0.1);
    assert!(cycle.measured.weight_asymmetry.unwrap() > 1.0);
    assert_eq!(cycle.measured.angle_degrees, None);

    let found = survey(&format!(
        r#"{{"activation": ["identity"], "gain": [3], {seeds}}}"#
    ));
    assert!(
        found[&Diverged][0]
            .failure
            .as_ref()
            .unwrap()
            .largest
            .unwrap()
            > 1e6
    );

    let found = survey(&format!(r#"{{"max_steps": 5, {seeds}}}"#));
    let failure = found[&TimedOut][0].failure.as_ref().unwrap();
    assert!(failure.steps == Some(5) && failure.residual.unwrap() > 0.0);

    let found = survey(&format!(
        r#"{{"activation": ["relu"], "estimator": ["holomorphic", "linear_response"], {seeds}}}"#
    ));
    assert_eq!(found[&NotAnalytic].len(), found[&Settled].len());
    let refused = &found[&NotAnalytic][0];
    assert_eq!(refused.failure.as_ref().unwrap().phase, FailedPhase::Nudged);
    assert!(refused.measured.spectral_abscissa.unwrap() < 0.0);

    // β below −1 pushes linear outputs away without end
    let found = survey(&format!(
        r#"{{"activation": ["identity"], "gain": [0.2], "estimator": ["one_sided"], "beta": [-5],
            {seeds}}}"#
    ));
    assert_eq!(found[&Diverged].len(), 20);
    let failure = found[&Diverged][0].failure.as_ref().unwrap();
    assert_eq!(failure.phase, FailedPhase::Nudged);
    assert!(found[&Diverged][0].measured.error_bound.is_some());
}

#[test]
fn every_record_has_every_field_and_reads_back() {
    let (_, records) = records(
        r#"{"gain": [0.5, 4], "asymmetry": [0, 3], "seeds": {"first": 0, "count": 5},
            "state_bounds": [0, 1], "activation": ["hard_sigmoid"]}"#,
    );
    let keys = |record: &SweepRecord| -> Vec<String> {
        let value = serde_json::to_value(record).unwrap();
        value.as_object().unwrap().keys().cloned().collect()
    };
    for record in &records {
        assert_eq!(keys(record), keys(&records[0]));
        let text = serde_json::to_string(record).unwrap();
        assert_eq!(&serde_json::from_str::<SweepRecord>(&text).unwrap(), record);
    }
}
