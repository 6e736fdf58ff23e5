//! Runs that repeat each other with other seeds, and what tells the groups apart.

use std::collections::BTreeSet;

use super::super::Stroke;
use super::super::look::{Look, words};
use super::panels::curve;
use crate::experiment::training::{EpochRecord, SavedRun};

/// Runs that differ in their seeds alone.
pub(super) struct Repeats<'a> {
    /// What tells it from the others.
    pub label: String,
    pub runs: Vec<&'a SavedRun>,
    /// How its curves are drawn.
    pub stroke: Stroke,
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
                stroke: Stroke::default(),
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
    let labels: Vec<String> = (0..groups.len())
        .map(|k| label(&groups, k, &different))
        .collect();
    let strokes = strokes(&groups, different.contains(ESTIMATOR));
    for (group, (label, stroke)) in groups.iter_mut().zip(labels.into_iter().zip(strokes)) {
        (group.label, group.stroke) = (label, stroke);
    }
    groups
}

const ESTIMATOR: &str = "estimator";

/// A group with an estimator of its own has its look. The others have what colours are left.
fn strokes(groups: &[Repeats<'_>], estimators_differ: bool) -> Vec<Stroke> {
    let mut strokes: Vec<Option<Stroke>> = Vec::new();
    for group in groups {
        let estimator = group.experiment.iter().find(|(path, _)| path == ESTIMATOR);
        let look = estimator.and_then(|(_, name)| Look::of(name));
        let stroke = look.map(Look::stroke).filter(|_| estimators_differ);
        strokes.push(stroke.filter(|stroke| !strokes.contains(&Some(*stroke))));
    }
    let used: Vec<_> = strokes
        .iter()
        .flatten()
        .map(|stroke| stroke.colour)
        .collect();
    let free = (0..).map(Stroke::series);
    let mut free = free.filter(|stroke| used.len() > 7 || !used.contains(&stroke.colour));
    let chosen = strokes.into_iter();
    chosen
        .map(|stroke| stroke.or_else(|| free.next()).unwrap_or_default())
        .collect()
}

/// The settings in which a group differs from most others, or the name of its first run.
fn label(groups: &[Repeats<'_>], k: usize, different: &BTreeSet<String>) -> String {
    let group = &groups[k];
    let usual = |setting: &(String, String)| {
        let agree = groups
            .iter()
            .filter(|other| other.experiment.contains(setting));
        setting.0 != ESTIMATOR && 2 * agree.count() > groups.len()
    };
    let own = || {
        let own = group.experiment.iter();
        own.filter(|(path, _)| different.contains(path))
    };
    let mut named: Vec<_> = own().filter(|setting| !usual(setting)).collect();
    if named.is_empty() {
        named.extend(own());
    }
    // the estimator stands first
    named.sort_by_key(|(path, _)| path != ESTIMATOR);
    let texts: Vec<String> = named
        .into_iter()
        .map(|(path, value)| text(path, value))
        .collect();
    match (&texts[..], group.runs.len()) {
        ([], 1) => group.runs[0].name.clone(),
        ([], count) => format!("mean of {count} seeds"),
        (texts, 1) => texts.join(", "),
        (texts, count) => format!("{} ({count} seeds)", texts.join(", ")),
    }
}

/// A setting in words.
fn text(path: &str, value: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    let name = words(last);
    match (last, value) {
        (ESTIMATOR | "scheme", _) => words(value),
        ("beta", _) => format!("$β$ = {}", rounded(value)),
        (_, "true") => name,
        (_, "false") => format!("not {name}"),
        _ => format!("{name} {}", words(&rounded(value))),
    }
}

/// A number, or several with hyphens between them, with the digits that a reader needs.
fn rounded(value: &str) -> String {
    let numbers: Option<Vec<String>> = value.split('-').map(significant).collect();
    numbers.map_or_else(|| value.to_owned(), |numbers| numbers.join("-"))
}

/// Three significant digits of a number, without zeros at the end.
fn significant(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    let short: f64 = format!("{number:.2e}").parse().ok()?;
    Some(short.to_string())
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
        assert_eq!(labels, ["EP (2 seeds)", "asymmetric"]);
        assert_eq!(groups[0].stroke, Look::of("ep").unwrap().stroke());
        let spread = groups[0].spread(|record| Some(record.test?.error));
        assert_eq!(spread.epoch, [0.0, 1.0], "only what all runs have");
        assert_eq!(spread.mean, [0.6, 0.2]);
        assert_eq!(
            (&spread.lowest[..], &spread.highest[..]),
            (&[0.5, 0.1][..], &[0.7, 0.3][..])
        );
        assert_eq!(super::groups(&runs[..1])[0].label, "run-1");
        let mut tied = run(1, Ep, &[0.5]);
        tied.settings.network.tied = true;
        let runs = [run(1, Ep, &[0.5]), tied, run(1, Asymmetric, &[0.5])];
        let labels: Vec<_> = super::groups(&runs).into_iter().map(|g| g.label).collect();
        assert_eq!(labels, ["EP", "EP, tied", "asymmetric"]);
    }

    #[test]
    fn settings_are_named_with_the_digits_that_a_reader_needs() {
        let rates = text("rates", "0.44000000000000006-0.022000000000000002");
        assert_eq!(rates, "rates 0.44-0.022");
        assert_eq!(text("nudge.beta", "4.0"), "$β$ = 4");
        assert_eq!(text("nudge.scheme", "centred"), "centred");
        assert_eq!(text("network.sizes", "64-128-10"), "sizes 64-128-10");
        assert_eq!(text("homeostasis", "1e-5"), "homeostasis 1e-5");
    }
}
