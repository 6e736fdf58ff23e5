//! Runs that repeat each other with other seeds, and what tells the groups apart.

use std::collections::BTreeSet;

use super::panels::curve;
use crate::experiment::training::{EpochRecord, SavedRun};

/// Runs that differ in their seeds alone.
pub(super) struct Repeats<'a> {
    /// What tells it from the others.
    pub label: String,
    pub runs: Vec<&'a SavedRun>,
    experiment: Vec<(String, String)>,
}

/// Mean and range over the runs of a group, at the epochs that all of them have.
pub(super) struct Spread {
    pub epoch: Vec<f64>,
    pub mean: Vec<f64>,
    pub lowest: Vec<f64>,
    pub highest: Vec<f64>,
}

/// Sorts runs into groups, in the order of their first runs.
pub(super) fn groups(runs: &[SavedRun]) -> Vec<Repeats<'_>> {
    let mut groups: Vec<Repeats<'_>> = Vec::new();
    for run in runs {
        let experiment = run.experiment();
        let known = groups
            .iter_mut()
            .find(|group| group.experiment == experiment);
        match known {
            Some(group) => group.runs.push(run),
            None => groups.push(Repeats {
                label: String::new(),
                runs: vec![run],
                experiment,
            }),
        }
    }
    let settings: BTreeSet<_> = groups.iter().flat_map(|group| &group.experiment).collect();
    let different: BTreeSet<String> = settings
        .into_iter()
        .filter(|setting| {
            groups
                .iter()
                .any(|group| !group.experiment.contains(setting))
        })
        .map(|(path, _)| path.clone())
        .collect();
    for group in &mut groups {
        group.label = label(group, &different);
    }
    groups
}

/// The settings in which a group differs from another, or the name of its first run.
fn label(group: &Repeats<'_>, different: &BTreeSet<String>) -> String {
    let own = group.experiment.iter();
    let texts: Vec<String> = own
        .filter(|(path, _)| different.contains(path))
        .map(|(path, value)| {
            let name = path.rsplit('.').next().unwrap_or(path);
            format!("{name} {value}").replace('_', " ")
        })
        .collect();
    let what = if texts.is_empty() {
        group.runs[0].name.clone()
    } else {
        texts.join(", ")
    };
    match group.runs.len() {
        1 => what,
        count => format!("{what} ({count} seeds)"),
    }
}

impl Repeats<'_> {
    /// Mean and range of a value.
    pub fn spread(&self, value: impl Fn(&EpochRecord) -> Option<f64>) -> Spread {
        let curves: Vec<_> = self.runs.iter().map(|run| curve(run, &value)).collect();
        let mut spread = Spread {
            epoch: Vec::new(),
            mean: Vec::new(),
            lowest: Vec::new(),
            highest: Vec::new(),
        };
        for &epoch in &curves[0].0 {
            let at = |(x, y): &(Vec<f64>, Vec<f64>)| {
                x.iter().position(|other| *other == epoch).map(|k| y[k])
            };
            let Some(values) = curves.iter().map(at).collect::<Option<Vec<f64>>>() else {
                continue;
            };
            spread.epoch.push(epoch);
            spread
                .mean
                .push(values.iter().sum::<f64>() / values.len() as f64);
            spread
                .lowest
                .push(values.iter().copied().fold(f64::INFINITY, f64::min));
            spread
                .highest
                .push(values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
        spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::training::{TrainingEstimator, TrainingSettings};

    fn run(seed: u64, estimator: TrainingEstimator, errors: &[f64]) -> SavedRun {
        let record = |(epoch, error): (usize, &f64)| {
            let line = format!(
                r#"{{"epoch": {epoch}, "updates": 0, "rates": [], "skipped": 0, "weights": [],
                    "test": {{"samples": 9, "cost": 1, "error": {error}, "unsettled": 0}}}}"#
            );
            serde_json::from_str(&line).unwrap()
        };
        SavedRun {
            name: format!("run-{seed}"),
            settings: TrainingSettings {
                seed,
                estimator,
                ..TrainingSettings::default()
            },
            records: errors.iter().enumerate().map(record).collect(),
        }
    }

    #[test]
    fn runs_of_other_seeds_are_one_group_named_by_what_differs() {
        use TrainingEstimator::{Asymmetric, Ep};
        let runs = [
            run(1, Ep, &[0.5, 0.3, 0.1]),
            run(1, Asymmetric, &[0.5]),
            run(2, Ep, &[0.7, 0.1]),
        ];
        let groups = groups(&runs);
        let labels: Vec<&str> = groups.iter().map(|group| group.label.as_str()).collect();
        assert_eq!(labels, ["estimator ep (2 seeds)", "estimator asymmetric"]);
        let spread = groups[0].spread(|record| Some(record.test?.error));
        assert_eq!(spread.epoch, [0.0, 1.0], "only what all runs have");
        assert_eq!(spread.mean, [0.6, 0.2]);
        assert_eq!(
            (&spread.lowest[..], &spread.highest[..]),
            (&[0.5, 0.1][..], &[0.7, 0.3][..])
        );
        assert_eq!(super::groups(&runs[..1])[0].label, "run-1");
    }
}
