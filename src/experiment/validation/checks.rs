//! The checks of the validation: which figure stands for which claim.

use super::companion_records::{ClosedFormRecord, OrderRecord, TimeRecord};
use super::network_record::NetworkRecord;
use super::verdict::{Check, Claim, Criterion};
use crate::numeric::{self, linear_algebra::fit_line};

/// The symmetric networks of one dynamics (λ = 0), by their family's name.
fn symmetric<'a>(
    networks: &'a [NetworkRecord],
    dynamics: &'a str,
) -> impl Iterator<Item = &'a NetworkRecord> {
    networks
        .iter()
        .filter(move |record| record.asymmetry == Some(0.0) && record.family.contains(dynamics))
}

fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// All verdicts of the study.
pub(super) fn checks(
    networks: &[NetworkRecord],
    closed_form: &[ClosedFormRecord],
    orders: &[OrderRecord],
    time_resolved: &[TimeRecord],
) -> Vec<Check> {
    use Criterion::{AtLeast, AtMost, Within};
    let is_digits = |record: &&NetworkRecord| record.family.starts_with("digits");
    let random = || networks.iter().filter(|record| !is_digits(record));
    let digits = || networks.iter().filter(is_digits);
    let mut checks =
        vec![
        Claim(
            "a1",
            "EP update = (∂μ/∂θ)ᵀ Jac⁻¹c: deviation of a from centred EP, random networks",
            AtMost(1e-6),
        )
        .worst(random().map(|record| or_nan(record.update_deviation))),
        Claim(
            "a2",
            "−∂J/∂θ = (∂μ/∂θ)ᵀ Jac⁻ᵀc: deviation from finite differences of J, random networks",
            AtMost(1e-6),
        )
        .worst(random().map(|record| record.gradient_deviation)),
        Claim(
            "a3",
            "the first formula on handwritten digits, 64-32-10",
            AtMost(1e-6),
        )
        .worst(digits().map(|record| or_nan(record.update_deviation))),
        Claim(
            "a4",
            "the second formula on handwritten digits, 64-32-10",
            AtMost(1e-6),
        )
        .worst(digits().map(|record| record.gradient_deviation)),
        Claim(
            "b1",
            "symmetric Hopfield networks: EP update = −∂J/∂θ, relative error",
            AtMost(1e-10),
        )
        .worst(symmetric(networks, "hopfield").map(|record| or_nan(record.relative_error))),
        Claim(
            "b2",
            "symmetric leaky networks with curved ρ: EP update ≠ −∂J/∂θ, relative error",
            AtLeast(1e-4),
        )
        .worst(symmetric(networks, "leaky")
                // where ρ is straight, a symmetric W makes the leaky Jacobian symmetric after all
                .filter(|record| !record.family.contains("hard_sigmoid"))
                .map(|record| or_nan(record.relative_error))),
        Claim(
            "c1",
            "two linear neurons: angle by the formulas − 2·arctan(ω/α), degrees",
            AtMost(1e-10),
        )
        .worst(
            closed_form
                .iter()
                .map(|record| (or_nan(record.formula_degrees) - record.predicted_degrees).abs()),
        ),
        Claim(
            "c2",
            "two linear neurons: angle from trajectories − 2·arctan(ω/α), degrees",
            AtMost(1e-7),
        )
        .worst(
            closed_form
                .iter()
                .map(|record| (or_nan(record.measured_degrees) - record.predicted_degrees).abs()),
        ),
        Claim(
            "c3",
            "EP stops descending at ω/α = 1: distance of the sign change of ⟨ν, −∂J/∂θ⟩ from it",
            AtMost(1e-9),
        )
        .figure((descent_ends(closed_form) - 1.0).abs(), closed_form.len()),
    ];
    let slopes = |errors: fn(&OrderRecord) -> &[f64]| {
        median(
            orders
                .iter()
                .map(|record| order_of(&record.beta, errors(record)))
                .collect(),
        )
    };
    checks.extend([
        Claim("d1", "one-sided estimates are of order 1 in β: median order", Within(0.95, 1.05))
            .figure(slopes(|record| &record.one_sided), orders.len()),
        Claim("d2", "centred estimates are of order 2 in β: median order", Within(1.95, 2.05))
            .figure(slopes(|record| &record.centred), orders.len()),
        Claim("e1", "relative error ≤ bound: largest ratio − 1", AtMost(1e-9))
            .worst(networks.iter().filter(|record| record.bound_attained.is_some())
                .map(|record| or_nan(record.relative_error) / or_nan(record.error_bound) - 1.0)),
        Claim("e2", "the bound is attained by the worst target: largest |ratio − 1|", AtMost(1e-8))
            .worst(networks.iter().filter_map(|record| record.bound_attained).map(|ratio| (ratio - 1.0).abs())),
        Claim("f1", "certificate > 0 ⇒ a small EP step lowers J: targets that refute it", AtMost(0.0))
            .figure(violations(networks), certified(networks)),
        Claim("f2", "the certificate discriminates: networks with EP ascending for a tried target, all uncertified", AtLeast(1.0))
            .figure(ascending_uncertified(networks), networks.len()),
    ]);
    checks.extend(velocity_checks(time_resolved));
    checks.push(
        Claim(
            "g3",
            "both start alike and then part: largest gap between the two velocities, over ‖c‖",
            AtLeast(0.01),
        )
        .worst(time_resolved.iter().map(parting)),
    );
    checks
}

/// Studies of fewer networks than this may lack the cases of a check.
pub(super) const ENOUGH_NETWORKS: usize = 80;

/// The checks that a study of so few networks can make: those with cases, medians of ten or more, and
/// of what is only found among many networks what was found.
pub(super) fn with_cases(checks: Vec<Check>) -> Vec<Check> {
    let has_cases = |check: &Check| match check.id.as_str() {
        "d1" | "d2" => check.cases >= 10,
        "f2" | "g3" => check.passed,
        _ => check.cases > 0,
    };
    checks.into_iter().filter(has_cases).collect()
}

/// The verdicts on one problem.
pub(super) fn problem_checks(
    record: &NetworkRecord,
    time_resolved: &TimeRecord,
    differences: (&str, usize),
) -> Vec<Check> {
    use Criterion::AtMost;
    let (along, cases) = differences;
    let mut checks = Vec::new();
    if let Some(deviation) = record.update_deviation {
        checks.push(
            Claim(
                "a1",
                "EP update = (∂μ/∂θ)ᵀ Jac⁻¹c: deviation from ν by trajectories without Newton's method",
                AtMost(1e-6),
            )
            .figure(deviation, 1),
        );
    }
    let claim =
        format!("−∂J/∂θ = (∂μ/∂θ)ᵀ Jac⁻ᵀc: deviation from finite differences of J along {along}");
    checks.push(Claim("a2", &claim, AtMost(1e-6)).figure(record.gradient_deviation, cases));
    match record.bound_attained {
        Some(attained) => {
            let (error, bound) = (or_nan(record.relative_error), or_nan(record.error_bound));
            checks.push(
                Claim("e1", "relative error ≤ bound: ratio − 1", AtMost(1e-9))
                    .figure(error / bound - 1.0, 1),
            );
            let claim = "the bound is attained by the worst target: |ratio − 1|";
            checks.push(Claim("e2", claim, AtMost(1e-8)).figure((attained - 1.0).abs(), 1));
        }
        None if record.error_bound.is_some() => checks.push(
            Claim(
                "b1",
                "symmetric Jacobian: EP update = −∂J/∂θ, relative error",
                AtMost(1e-8),
            )
            .figure(or_nan(record.relative_error), 1),
        ),
        None => {}
    }
    checks.extend(velocity_checks(std::slice::from_ref(time_resolved)));
    checks
}

/// The two velocities against their exponentials.
fn velocity_checks(records: &[TimeRecord]) -> [Check; 2] {
    [
        Claim(
            "g1",
            "nudged velocity − (−e^{Jac t}c), largest over t, over ‖c‖",
            Criterion::AtMost(1e-6),
        )
        .worst(
            records
                .iter()
                .map(|record| gap(&record.nudged_velocity, &record.nudged_predicted)),
        ),
        Claim(
            "g2",
            "backpropagated velocity − (−e^{Jacᵀt}c), largest over t, over ‖c‖",
            Criterion::AtMost(1e-6),
        )
        .worst(records.iter().map(|record| {
            gap(
                &record.backpropagation_velocity,
                &record.backpropagation_predicted,
            )
        })),
    ]
}

/// The order at which errors shrink with β: the slope of their logarithms over the halvings whose
/// errors stand well above rounding.
pub(super) fn order_of(beta: &[f64], errors: &[f64]) -> f64 {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    // the largest two β are not yet asymptotic
    for (beta, error) in beta.iter().zip(errors).skip(2) {
        if *error > 1e-10 {
            x.push(beta.ln());
            y.push(error.ln());
        }
    }
    if x.len() < 2 {
        f64::NAN
    } else {
        fit_line(&x, &y).0
    }
}

/// The median, or NaN if there are no values or one is NaN.
pub(super) fn median(values: Vec<f64>) -> f64 {
    let known = !values.iter().any(|value| value.is_nan());
    numeric::median(values)
        .filter(|_| known)
        .unwrap_or(f64::NAN)
}

/// Where the descent changes sign, by linear interpolation in (1 − r²)/(1 + r²), which it is.
fn descent_ends(records: &[ClosedFormRecord]) -> f64 {
    let straight = |ratio: f64| (1.0 - ratio * ratio) / (1.0 + ratio * ratio);
    for pair in records.windows(2) {
        let (before, after) = (or_nan(pair[0].descent), or_nan(pair[1].descent));
        if before > 0.0 && after <= 0.0 {
            let (x0, x1) = (straight(pair[0].ratio), straight(pair[1].ratio));
            let zero = x0 + (x1 - x0) * before / (before - after);
            return ((1.0 - zero) / (1.0 + zero)).sqrt();
        }
    }
    f64::NAN
}

fn is_certified(record: &NetworkRecord) -> bool {
    record.descent_certificate.is_some_and(|value| value > 0.0)
}

fn violations(networks: &[NetworkRecord]) -> f64 {
    let certified = networks.iter().filter(|record| is_certified(record));
    certified
        .map(|record| record.targets_ascending)
        .sum::<usize>() as f64
}

/// Number of (network, target) pairs behind the check of the certificate.
fn certified(networks: &[NetworkRecord]) -> usize {
    let certified = networks.iter().filter(|record| is_certified(record));
    certified.map(|record| record.targets).sum()
}

fn ascending_uncertified(networks: &[NetworkRecord]) -> f64 {
    networks
        .iter()
        .filter(|record| !is_certified(record) && record.targets_ascending > 0)
        .count() as f64
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b) * (a - b))
        .sum::<f64>()
        .sqrt()
}

fn norm(a: &[f64]) -> f64 {
    a.iter().map(|a| a * a).sum::<f64>().sqrt()
}

/// Largest distance of two curves, over the norm of the second at its start, or NaN if they do not
/// have the same times.
fn gap(measured: &[Vec<f64>], predicted: &[Vec<f64>]) -> f64 {
    let Some(scale) = predicted.first().map(|first| norm(first)) else {
        return f64::NAN;
    };
    if measured.len() != predicted.len() {
        return f64::NAN;
    }
    measured
        .iter()
        .zip(predicted)
        .map(|(measured, predicted)| distance(measured, predicted) / scale)
        .fold(0.0, |largest, gap| {
            if gap > largest || gap.is_nan() {
                gap
            } else {
                largest
            }
        })
}

/// How far nudged and backpropagated velocity part, having started alike.
fn parting(record: &TimeRecord) -> f64 {
    let (nudged, backward) = (&record.nudged_velocity, &record.backpropagation_velocity);
    match (nudged.first(), backward.first()) {
        (Some(a), Some(b)) if distance(a, b) <= 1e-6 * norm(b) => gap(nudged, backward),
        _ => f64::NAN,
    }
}
