//! The nudge: which cost pulls the output neurons, how strongly, and towards what.

use serde::{Deserialize, Serialize};

use crate::engine::elementwise::clip;
use crate::numeric::Scalar;

/// The cost that nudges a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputCost {
    /// `$C = \tfrac12\lVert y - s_\text{out}\rVert^2$`
    #[default]
    SquaredError,
    /// `$C = -\sum_i y_i \ln p_i$` with `$p = \mathrm{softmax}(s_\text{out})$` and targets that sum to 1;
    /// `$-\partial C/\partial s = y - p$`.
    SoftmaxCrossEntropy,
}

impl OutputCost {
    /// C of one sample.
    pub fn value<T: Scalar>(self, outputs: &[T], target: &[T]) -> f64 {
        let pairs = outputs.iter().zip(target);
        match self {
            Self::SquaredError => pairs
                .map(|(s, y)| 0.5 * (y.to_f64() - s.to_f64()).powi(2))
                .sum(),
            Self::SoftmaxCrossEntropy => {
                let largest = largest(outputs);
                let sum: f64 = outputs.iter().map(|s| (s.to_f64() - largest).exp()).sum();
                pairs
                    .filter(|(_, y)| **y != T::ZERO)
                    .map(|(s, y)| y.to_f64() * (sum.ln() + largest - s.to_f64()))
                    .sum()
            }
        }
    }

    /// `c = ∂C/∂s_out` of one sample, written to `out`.
    pub fn gradient<T: Scalar>(self, outputs: &[T], target: &[T], out: &mut [T]) {
        match self {
            Self::SquaredError => {
                for ((out, &s), &y) in out.iter_mut().zip(outputs).zip(target) {
                    *out = s - y;
                }
            }
            Self::SoftmaxCrossEntropy => {
                let largest = largest(outputs);
                let sum: f64 = outputs.iter().map(|s| (s.to_f64() - largest).exp()).sum();
                for ((out, s), &y) in out.iter_mut().zip(outputs).zip(target) {
                    *out = T::from_f64((s.to_f64() - largest).exp() / sum) - y;
                }
            }
        }
    }
}

/// The weakly clamped phase of a batch: `μ − β ∂C/∂s`.
#[derive(Debug, Clone, Copy)]
pub struct Nudge<'a, T> {
    /// Which cost.
    pub cost: OutputCost,
    /// The influence parameter β.
    pub beta: f64,
    /// A factor on β for every sample, ±1 as a rule. None means 1.
    pub signs: Option<&'a [T]>,
    /// Targets y, one row of output values a sample.
    pub targets: &'a [T],
}

/// The nudge of one thread's samples, in padded rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct PaddedNudge<T> {
    betas: Vec<T>,
    targets: Vec<T>,
    width: usize,
}

impl<T: Scalar> PaddedNudge<T> {
    /// Takes the samples `first..first + count` of a nudge: rows of `width` numbers, of which `outputs` count.
    pub fn load(
        &mut self,
        nudge: &Nudge<'_, T>,
        (first, count): (usize, usize),
        width: usize,
        outputs: &[usize],
    ) {
        self.width = width;
        self.targets.clear();
        self.targets.resize(count * width, T::ZERO);
        let given = nudge.targets[first * outputs.len()..].chunks_exact(outputs.len());
        for (row, values) in self.targets.chunks_exact_mut(width).zip(given) {
            for (&at, &value) in outputs.iter().zip(values) {
                row[at] = value;
            }
        }
        self.betas.clear();
        self.betas.extend((first..first + count).map(|sample| {
            let sign = nudge.signs.map_or(1.0, |signs| signs[sample].to_f64());
            T::from_f64(nudge.beta * sign)
        }));
    }

    /// ±β of a sample.
    pub fn beta(&self, sample: usize) -> T {
        self.betas[sample]
    }

    /// The padded target row of a sample.
    pub fn targets(&self, sample: usize) -> &[T] {
        &self.targets[sample * self.width..(sample + 1) * self.width]
    }
}

/// What pulls the output layer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pull<'a, T> {
    /// Nothing: the free phase.
    None,
    /// The squared error.
    Squared(&'a PaddedNudge<T>),
    /// The cross-entropy of a softmax.
    Softmax(&'a PaddedNudge<T>),
}

fn largest<T: Scalar>(values: &[T]) -> f64 {
    values.iter().fold(f64::NEG_INFINITY, |largest, value| {
        largest.max(value.to_f64())
    })
}

/// softmax of `values`, written to `out`.
fn softmax(values: &[f64], out: &mut [f64]) {
    let largest = largest(values);
    let mut sum = 0.0;
    for (out, value) in out.iter_mut().zip(values) {
        *out = (value - largest).exp();
        sum += *out;
    }
    out.iter_mut().for_each(|out| *out /= sum);
}

/// Iterations of the inner problem.
const INNER: usize = 50;

/// The state of the output neurons at rest under a cross-entropy nudge, `s = d + β (y − softmax(s))`,
/// given their drive d: Newton's method, whose matrix is diagonal plus rank one, or where there are
/// bounds the projected iteration. Writes the states at rest into `drives`, and returns the largest
/// projected force on the present `states`, NaN if any force is not a number.
pub(crate) fn answer_softmax<T: Scalar>(
    outputs: &[usize],
    beta: f64,
    targets: &[T],
    bounds: Option<(T, T)>,
    states: &[T],
    drives: &mut [T],
    scratch: &mut Vec<f64>,
) -> f64 {
    let count = outputs.len();
    scratch.resize(3 * count, 0.0);
    let (values, rest) = scratch.split_at_mut(count);
    let (share, aim) = rest.split_at_mut(count);
    for (i, &at) in outputs.iter().enumerate() {
        values[i] = states[at].to_f64();
        aim[i] = drives[at].to_f64() + beta * targets[at].to_f64();
    }
    softmax(values, share);
    for (i, &at) in outputs.iter().enumerate() {
        drives[at] = T::from_f64(aim[i] - beta * share[i]);
    }
    // the force is read off before the outputs' own answer replaces their drive
    let mut largest = 0.0;
    for (&state, drive) in states.iter().zip(drives.iter_mut()) {
        let mut force = (*drive - state).to_f64();
        if let Some((low, high)) = bounds {
            if (state <= low && force <= 0.0) || (state >= high && force >= 0.0) {
                force = 0.0;
            }
            *drive = clip(*drive, low, high);
        }
        if force.abs() > largest || force.is_nan() {
            largest = force.abs();
        }
    }
    for _ in 0..INNER {
        let change = match bounds {
            Some((low, high)) => {
                let mut change = 0.0_f64;
                for i in 0..count {
                    let next = clip(aim[i] - beta * share[i], low.to_f64(), high.to_f64());
                    change = change.max((next - values[i]).abs());
                    values[i] = next;
                }
                change
            }
            None => newton_step(beta, aim, share, values),
        };
        if change <= 1e-13 || change.is_nan() {
            break;
        }
        softmax(values, share);
    }
    for (&at, &value) in outputs.iter().zip(&*values) {
        drives[at] = T::from_f64(value);
    }
    largest
}

/// Makes one Newton step of `s + β softmax(s) = aim` and returns the largest change.
fn newton_step(beta: f64, aim: &[f64], share: &[f64], values: &mut [f64]) -> f64 {
    // J = D − β p pᵀ with D = 1 + β p, inverted by Sherman and Morrison
    let (mut projection, mut power) = (0.0, 0.0);
    for ((&aim, &p), &s) in aim.iter().zip(share).zip(&*values) {
        let diagonal = 1.0 + beta * p;
        projection += p * (aim - beta * p - s) / diagonal;
        power += p * p / diagonal;
    }
    let along = beta * projection / (1.0 - beta * power);
    let mut change = 0.0_f64;
    for ((&aim, &p), s) in aim.iter().zip(share).zip(values) {
        let step = ((aim - beta * p - *s) + along * p) / (1.0 + beta * p);
        change = change.max(step.abs());
        *s += step;
    }
    change
}
