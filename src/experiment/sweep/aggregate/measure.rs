//! What is aggregated: one number of a record.

use super::super::record::SweepRecord;

/// A number of a record, by the name that it has there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[cfg_attr(feature = "cli", value(rename_all = "snake_case"))]
pub enum Measure {
    /// Angle between the estimated update and −∂J/∂θ, degrees
    #[default]
    AngleDegrees,
    /// ‖ν − (−∂J/∂θ)‖/‖∂J/∂θ‖
    RelativeError,
    /// Relative distance of the update from the one that the estimator tends to
    EstimatorError,
    /// ⟨ν, −∂J/∂θ⟩/‖∂J/∂θ‖²
    Descent,
    /// Largest relative error of EP over all targets
    ErrorBound,
    /// Positive iff EP descends for every target
    DescentCertificate,
    /// ‖Jac − Jacᵀ‖/‖Jac + Jacᵀ‖
    JacobianAsymmetry,
    /// ‖W − Wᵀ‖/‖W + Wᵀ‖
    WeightAsymmetry,
    /// Largest real part of the eigenvalues
    SpectralAbscissa,
    /// Time after which the free phase was handed to Newton's method
    SettlingTime,
    /// Evaluations of the right-hand side in the free phase
    FreeRhsEvaluations,
    /// Evaluations of the right-hand side by the estimator
    NudgedRhsEvaluations,
}

impl Measure {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::AngleDegrees,
        Self::RelativeError,
        Self::EstimatorError,
        Self::Descent,
        Self::ErrorBound,
        Self::DescentCertificate,
        Self::JacobianAsymmetry,
        Self::WeightAsymmetry,
        Self::SpectralAbscissa,
        Self::SettlingTime,
        Self::FreeRhsEvaluations,
        Self::NudgedRhsEvaluations,
    ];

    /// The name used in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::AngleDegrees => "angle_degrees",
            Self::RelativeError => "relative_error",
            Self::EstimatorError => "estimator_error",
            Self::Descent => "descent",
            Self::ErrorBound => "error_bound",
            Self::DescentCertificate => "descent_certificate",
            Self::JacobianAsymmetry => "jacobian_asymmetry",
            Self::WeightAsymmetry => "weight_asymmetry",
            Self::SpectralAbscissa => "spectral_abscissa",
            Self::SettlingTime => "settling_time",
            Self::FreeRhsEvaluations => "free_rhs_evaluations",
            Self::NudgedRhsEvaluations => "nudged_rhs_evaluations",
        }
    }

    /// The number, if the record knows it.
    pub fn of(self, record: &SweepRecord) -> Option<f64> {
        let measured = &record.measured;
        match self {
            Self::AngleDegrees => measured.angle_degrees,
            Self::RelativeError => measured.relative_error,
            Self::EstimatorError => measured.estimator_error,
            Self::Descent => measured.descent,
            Self::ErrorBound => measured.error_bound,
            Self::DescentCertificate => measured.descent_certificate,
            Self::JacobianAsymmetry => measured.jacobian_asymmetry,
            Self::WeightAsymmetry => measured.weight_asymmetry,
            Self::SpectralAbscissa => measured.spectral_abscissa,
            Self::SettlingTime => measured.settling_time,
            Self::FreeRhsEvaluations => measured.free_rhs_evaluations.map(|count| count as f64),
            Self::NudgedRhsEvaluations => measured.nudged_rhs_evaluations.map(|count| count as f64),
        }
    }
}
