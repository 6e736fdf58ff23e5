//! Defaults that follow other settings: what is clamped, and learning rates, from β.

use super::config::{
    Clamp, CostName, NetworkSettings, NudgeScheme, Persistent, SettleMethod, TrainingEstimator,
    TrainingSettings,
};
use super::field::sizes;

/// Rate of the first matrix for an update that is the whole error's.
const FIRST: f64 = 0.6;
/// The same of the second one, ...
const SECOND: f64 = 0.16;
/// ... and by what each further one is lower, as in the published codes.
const RATIO: f64 = 4.0 / 15.0;
/// With free outputs the first matrix learns slower: of rates from 0.15 to 1.2 this one left the smallest
/// error on 200 validation samples of the digits, at β = 0.1 and 0.5, one-sided and centred.
const FIRST_FREE: f64 = 0.4;
/// What a free output takes of its rate at up to 64 neurons below it; of more, less in proportion: its linear
/// rule is stable while rate and summed squared rates of those neurons multiply to less than 2.
const FREE: f64 = 0.25;
const NEURONS: f64 = 64.0;
/// Rate of the parameters of a field in text.
const FIELD: f64 = 0.1;

impl NetworkSettings {
    /// Which states are held in [0, 1], of settings that are complete.
    pub fn clamp(&self) -> Clamp {
        self.clamp.unwrap_or(Clamp::All)
    }
}

impl TrainingSettings {
    /// Which states are held in [0, 1].
    pub fn clamp(&self) -> Clamp {
        self.network.clamp.unwrap_or_else(|| self.default_clamp())
    }

    /// The same with the defaults written out that follow β.
    #[must_use]
    pub fn completed(mut self) -> Self {
        if let Ok(Some(problem)) = self.network.field_problem() {
            self.network.sizes = sizes(&problem);
            self.settle.method = SettleMethod::Adaptive;
            self.settle.persistent = Persistent::None;
            self.optimiser.rates = Some(self.rates());
            return self;
        }
        self.network.clamp = Some(self.clamp());
        self.optimiser.rates = Some(self.rates());
        self
    }

    fn default_clamp(&self) -> Clamp {
        let settle = &self.settle;
        let plain = settle.method == SettleMethod::Engine && settle.persistent != Persistent::U8;
        if self.nudge.beta < 1.0 && plain {
            Clamp::Hidden
        } else {
            Clamp::All
        }
    }

    /// The learning rates of the feedforward matrices: those that are given, or base rates over the part of
    /// the error that the update carries.
    ///
    /// That is 1/(1 + β) for one nudge and the squared error (`$s^\beta = (d + \beta y)/(1 + \beta)$` at an
    /// output of drive d), 1/(1 − β²) for both signs, at least 1/(1 + β/4) for cross-entropy, 1 for the true
    /// gradient. The base rates are 0.6, 0.16, and 4/15 of the last for every further layer; with free
    /// outputs the first is 0.4, and theirs a quarter as large with up to 64 neurons below, falling with their number.
    pub fn rates(&self) -> Vec<f64> {
        if let Some(rates) = &self.optimiser.rates {
            return rates.clone();
        }
        if self.network.field.is_some() {
            return vec![FIELD];
        }
        let beta = self.nudge.beta;
        let scale = match (self.estimator, self.cost, self.nudge.scheme) {
            (TrainingEstimator::TrueGradient, ..) => 1.0,
            (_, CostName::SoftmaxCrossEntropy, _) => 1.0 + 0.25 * beta,
            (_, _, NudgeScheme::OneSided) => 1.0 + beta,
            (_, _, NudgeScheme::RandomSign | NudgeScheme::Centred) => (1.0 - beta * beta).max(0.0),
        };
        let layers = self.network.sizes.len().saturating_sub(1);
        let free = self.clamp() != Clamp::All;
        let base = |k: usize| match k {
            0 if free && layers > 1 => FIRST_FREE,
            0 => FIRST,
            _ => SECOND * RATIO.powi(i32::try_from(k - 1).unwrap_or(i32::MAX)),
        };
        let mut rates: Vec<f64> = (0..layers).map(|k| base(k) * scale).collect();
        if let (Some(output), true) = (rates.last_mut(), free) {
            let below = self.network.sizes[layers - 1] as f64;
            *output *= FREE * (NEURONS / below).min(1.0);
        }
        rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rates_follow_beta_and_the_scheme() {
        let mut settings = TrainingSettings::default();
        assert_eq!(settings.rates(), [3.0, 0.8]);
        assert_eq!(settings.clone().completed().network.clamp(), Clamp::All);
        settings.nudge.beta = 0.5;
        let one_sided = settings.rates();
        assert_eq!(settings.clone().completed().network.clamp(), Clamp::Hidden);
        assert!((one_sided[0] - 0.6).abs() < 1e-12 && (one_sided[1] - 0.06).abs() < 1e-12);
        settings.nudge.scheme = NudgeScheme::Centred;
        let centred = settings.rates();
        assert!((centred[0] - 0.3).abs() < 1e-12);
        settings.settle.method = SettleMethod::Adaptive;
        assert_eq!(settings.clone().completed().network.clamp(), Clamp::All);
        settings.optimiser.rates = Some(vec![0.3]);
        assert_eq!(settings.completed().rates(), [0.3]);
    }

    #[test]
    fn deep_networks_have_a_rate_for_every_layer() {
        let mut settings = TrainingSettings::default();
        settings.network.sizes = vec![784, 512, 512, 512, 10];
        let rates = settings.rates();
        assert_eq!(rates.len(), 4);
        assert!(rates.windows(2).all(|pair| pair[1] < 0.3 * pair[0]));
    }
}
