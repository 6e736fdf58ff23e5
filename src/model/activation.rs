//! Firing rates ρ(s) with their first two derivatives.

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The firing rate ρ as a function of the membrane voltage s, both dimensionless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `$\rho(s) = s$`
    Identity,
    /// `$\rho(s) = \tanh s$`
    Tanh,
    /// `$\rho(s) = 1/(1+e^{-s})$`
    Logistic,
    /// `$\rho(s) = \min(\max(s,0),1)$`, with kinks at 0 and 1
    HardSigmoid,
    /// `$\rho(s) = \max(s,0)$`, with a kink at 0
    Relu,
    /// `$\rho(s) = \ln(1+e^s)$`
    Softplus,
    /// `$\rho(s) = 1/(1+e^{2-4s})$`, of slope 1 at s = 1/2
    SteepLogistic,
}

fn logistic(s: f64) -> f64 {
    1.0 / (1.0 + (-s).exp())
}

/// `r (1 − r)` for `r = 1/(1+e^{−s})`, accurate in both tails.
fn logistic_slope(s: f64) -> f64 {
    let tail = (-s.abs()).exp();
    tail / ((1.0 + tail) * (1.0 + tail))
}

impl Activation {
    /// All activations, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Identity,
        Self::Tanh,
        Self::Logistic,
        Self::HardSigmoid,
        Self::Relu,
        Self::Softplus,
        Self::SteepLogistic,
    ];

    /// The name used in problem files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Tanh => "tanh",
            Self::Logistic => "logistic",
            Self::HardSigmoid => "hard_sigmoid",
            Self::Relu => "relu",
            Self::Softplus => "softplus",
            Self::SteepLogistic => "steep_logistic",
        }
    }

    /// ρ(s).
    pub fn rate(self, s: f64) -> f64 {
        match self {
            Self::Identity => s,
            Self::Tanh => s.tanh(),
            Self::Logistic => logistic(s),
            Self::HardSigmoid => s.clamp(0.0, 1.0),
            // not f64::max, which would turn a NaN into a number
            Self::Relu => {
                if s < 0.0 {
                    0.0
                } else {
                    s
                }
            }
            Self::Softplus => (if s > 0.0 { s } else { 0.0 }) + (-s.abs()).exp().ln_1p(),
            Self::SteepLogistic => logistic(4.0 * s - 2.0),
        }
    }

    /// ρ′(s). On a kink it is the slope of the flat side, 0 (see [`Activation::kinks`]).
    pub fn slope(self, s: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Tanh => {
                let cosh = s.cosh();
                1.0 / (cosh * cosh)
            }
            Self::Logistic => logistic_slope(s),
            Self::HardSigmoid => f64::from(u8::from(s > 0.0 && s < 1.0)),
            Self::Relu => f64::from(u8::from(s > 0.0)),
            Self::Softplus => logistic(s),
            Self::SteepLogistic => 4.0 * logistic_slope(4.0 * s - 2.0),
        }
    }

    /// ρ″(s), 0 on kinks. The energy-based field's Jacobian needs it.
    pub fn curvature(self, s: f64) -> f64 {
        match self {
            Self::Identity | Self::HardSigmoid | Self::Relu => 0.0,
            Self::Tanh => -2.0 * s.tanh() * self.slope(s),
            Self::Logistic => logistic_slope(s) * -(0.5 * s).tanh(),
            Self::Softplus => logistic_slope(s),
            Self::SteepLogistic => {
                let v = 4.0 * s - 2.0;
                16.0 * logistic_slope(v) * -(0.5 * v).tanh()
            }
        }
    }

    /// Voltages at which ρ has no derivative.
    pub fn kinks(self) -> &'static [f64] {
        match self {
            Self::HardSigmoid => &[0.0, 1.0],
            Self::Relu => &[0.0],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn derivatives_match_finite_differences(s in -6.0..6.0f64) {
            let h = 1e-5;
            for activation in Activation::ALL {
                if activation.kinks().iter().any(|kink| (s - kink).abs() < 2.0 * h) {
                    continue;
                }
                let slope = (activation.rate(s + h) - activation.rate(s - h)) / (2.0 * h);
                let curvature = (activation.slope(s + h) - activation.slope(s - h)) / (2.0 * h);
                prop_assert!((slope - activation.slope(s)).abs() < 1e-8, "{activation:?} slope at {s}");
                prop_assert!((curvature - activation.curvature(s)).abs() < 1e-7, "{activation:?} curvature at {s}");
            }
        }
    }

    #[test]
    fn tails_stay_finite_and_nan_stays_nan() {
        for activation in Activation::ALL {
            for s in [-1e4, -800.0, 800.0, 1e4] {
                assert!(activation.rate(s).is_finite());
                assert!(activation.slope(s).is_finite());
                assert!(activation.curvature(s).is_finite());
            }
            assert!(activation.rate(f64::NAN).is_nan(), "{activation:?}");
        }
    }

    #[test]
    fn names_are_those_of_the_files() {
        for activation in Activation::ALL {
            let json = serde_json::to_string(&activation).unwrap();
            assert_eq!(json, format!("\"{}\"", activation.name()));
        }
    }
}
