//! A verdict: what is claimed, what was measured, and what would have refuted it.

use serde::{Deserialize, Serialize};

/// How a measured figure is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// It must not exceed this.
    AtMost(f64),
    /// It must not fall below this.
    AtLeast(f64),
    /// It must lie in this closed interval.
    Within(f64, f64),
}

impl Criterion {
    fn holds(self, measured: f64) -> bool {
        match self {
            Self::AtMost(limit) => measured <= limit,
            Self::AtLeast(limit) => measured >= limit,
            Self::Within(low, high) => (low..=high).contains(&measured),
        }
    }
}

impl std::fmt::Display for Criterion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |value: &f64| {
            if *value != 0.0 && value.abs() < 1e-3 {
                format!("{value:e}")
            } else {
                value.to_string()
            }
        };
        match self {
            Self::AtMost(limit) => write!(formatter, "≤ {}", number(limit)),
            Self::AtLeast(limit) => write!(formatter, "≥ {}", number(limit)),
            Self::Within(low, high) => write!(formatter, "{} … {}", number(low), number(high)),
        }
    }
}

/// One verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Letter and number, such as `a1`.
    pub id: String,
    /// What is claimed.
    pub claim: String,
    /// The figure that was measured (null if there was no case: then the check fails).
    pub measured: Option<f64>,
    /// What it is held against.
    pub criterion: Criterion,
    /// Number of cases behind the figure.
    pub cases: usize,
    /// Whether it holds.
    pub passed: bool,
}

/// A claim before its figure: the figure is the worst of all cases for the criterion.
pub(super) struct Claim<'a>(pub &'a str, pub &'a str, pub Criterion);

impl Claim<'_> {
    /// Judges one figure that stands for `cases` cases.
    pub fn figure(self, measured: f64, cases: usize) -> Check {
        let known = cases > 0 && measured.is_finite();
        Check {
            id: self.0.into(),
            claim: self.1.into(),
            measured: known.then_some(measured),
            criterion: self.2,
            cases,
            passed: known && self.2.holds(measured),
        }
    }

    /// Judges the worst of several figures. An unknown one (NaN) is the worst of all.
    pub fn worst(self, figures: impl IntoIterator<Item = f64>) -> Check {
        let at_least = matches!(self.2, Criterion::AtLeast(_));
        let (mut worst, mut cases) = (f64::NAN, 0);
        for figure in figures {
            let worse = if at_least {
                figure < worst
            } else {
                figure > worst
            };
            if cases == 0 || worse || figure.is_nan() {
                worst = figure;
            }
            cases += 1;
            if worst.is_nan() {
                break;
            }
        }
        self.figure(worst, cases)
    }
}
