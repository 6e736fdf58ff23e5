//! Words for axes and measures.

use super::super::look::{rate_unit, time_unit, unit, words};
use super::super::{Axis, Scale};
use crate::experiment::sweep::SweepRecord;
use crate::experiment::sweep::aggregate::{Coordinate, Measure, SweepAxis};

/// The names of the states that the records are about, none if they are those of a network.
pub(super) fn own_names<'a>(records: impl IntoIterator<Item = &'a SweepRecord>) -> Vec<String> {
    let mut rests = records
        .into_iter()
        .filter_map(|record| record.rest.as_ref());
    let state = rests.find_map(|rest| rest.fixed_point.as_ref());
    let names = state.map_or(&[][..], |state| &state.0).iter();
    let names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
    let of_network = |(i, name): (usize, &String)| *name == format!("s{i}");
    if names.iter().enumerate().all(of_network) {
        return Vec::new();
    }
    names
}

/// What an axis of the grid is called along an axis of a panel, for a field with states of these
/// names.
pub(super) fn axis_label(axis: &SweepAxis, names: &[String]) -> String {
    match axis {
        SweepAxis::Gain => "gain (dimensionless)",
        SweepAxis::Asymmetry => "asymmetry $λ$ (dimensionless)",
        SweepAxis::Neurons => "neurons",
        SweepAxis::Depth => "hidden layers",
        SweepAxis::Beta => "influence parameter $β$ (dimensionless)",
        SweepAxis::Rtol => "relative tolerance of a step",
        SweepAxis::Seed => "seed",
        SweepAxis::Dynamics => "dynamics",
        SweepAxis::Activation => "activation",
        SweepAxis::Estimator => "estimator",
        SweepAxis::Varied(name) => return format!("{name} ({})", unit(names)),
    }
    .into()
}

/// A value along an axis, in words.
pub(super) fn coordinate_label(axis: &SweepAxis, value: &Coordinate) -> String {
    let symbol = match axis {
        SweepAxis::Asymmetry => "$λ$ = ",
        SweepAxis::Beta => "$β$ = ",
        SweepAxis::Gain => "gain ",
        SweepAxis::Neurons => "neurons ",
        SweepAxis::Seed => "seed ",
        SweepAxis::Rtol => "tolerance ",
        SweepAxis::Depth => match value.number() {
            Some(0.0) => return "dense".into(),
            Some(1.0) => return "1 hidden layer".into(),
            _ => return format!("{value} hidden layers"),
        },
        SweepAxis::Varied(name) => &format!("{name} = "),
        _ => "",
    };
    match value {
        Coordinate::Number(number) if *number != 0.0 && number.abs() < 1e-3 => {
            format!("{symbol}{number:e}")
        }
        Coordinate::None => "none".into(),
        _ => format!("{symbol}{}", words(&value.to_string())),
    }
}

/// What a measure is called, with its unit if it has one, for a field with states of these names.
pub(super) fn measure_label(measure: Measure, names: &[String]) -> String {
    match measure {
        Measure::AngleDegrees => "angle to gradient (°)",
        Measure::RelativeError => "relative error of the update",
        Measure::EstimatorError => "relative error of the estimate",
        Measure::Descent => "descent $⟨ν, -∇J⟩/‖∇J‖^2$ (dimensionless)",
        Measure::ErrorBound => "relative error, worst target",
        Measure::DescentCertificate => "descent certificate (dimensionless)",
        Measure::JacobianAsymmetry => "Jacobian asymmetry (dimensionless)",
        Measure::WeightAsymmetry => "weight asymmetry (dimensionless)",
        Measure::SpectralAbscissa => return format!("spectral abscissa ({})", rate_unit(names)),
        Measure::SettlingTime => return format!("settling time ({})", time_unit(names)),
        Measure::FreeRhsEvaluations => "evaluations, free phase",
        Measure::NudgedRhsEvaluations => "evaluations, nudged phases",
    }
    .into()
}

/// A labelled axis of a panel.
pub(super) fn panel_axis(label: impl Into<String>, scale: Scale) -> Axis {
    Axis {
        scale,
        ..Axis::linear(label)
    }
}
