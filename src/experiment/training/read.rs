//! A training configuration from JSON: every refusal names the field.

use std::path::Path;

use super::config::{
    Clamp, NudgeScheme, OptimiserMethod, Persistent, Schedule, SettleMethod, TrainingSettings,
};
use crate::error::{Error, Result};
use crate::io::{Document, read_text, within};

/// Largest number of neurons.
const MAX_NEURONS: usize = 100_000;
/// Largest number of weights.
const MAX_WEIGHTS: usize = 100_000_000;

impl TrainingSettings {
    /// Reads and validates a configuration file.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], or [`Error::InvalidInput`] naming file and field.
    pub fn read(path: &Path) -> Result<Self> {
        let directory = path.parent().unwrap_or(Path::new(""));
        let text = read_text(path)?;
        let mut settings: Self = Document::Training
            .parse(&text)
            .map_err(|error| error.in_file(path))?;
        settings.network.read_field(directory)?;
        settings.validate().map_err(|error| error.in_file(path))?;
        Ok(settings.completed())
    }

    /// Reads and validates a configuration.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field by its JSON path.
    pub fn from_json(text: &str) -> Result<Self> {
        let settings: Self = Document::Training.parse(text)?;
        settings.validate()?;
        Ok(settings.completed())
    }

    /// The JSON schema of a configuration, every field described.
    #[cfg(feature = "schema")]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// Refuses settings that have no meaning.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the field by its JSON path.
    pub fn validate(&self) -> Result<()> {
        within("batch", self.batch, 1, 100_000)?;
        within("epochs", self.epochs, 0, 1_000_000)?;
        within("checkpoint_minutes", self.checkpoint_minutes, 1e-3, 1e6)?;
        within("homeostasis", self.homeostasis, 0.0, 1e6)?;
        within("nudge.beta", self.nudge.beta, 1e-4, 10.0)?;
        if self.nudge.scheme != NudgeScheme::OneSided && self.nudge.beta >= 1.0 {
            let message = "expected less than 1 for nudges of both signs: at −1 nothing draws the output back. Lower it, or choose the scheme `one_sided`";
            return Err(Error::invalid("nudge.beta", message));
        }
        match self.network.field_problem()? {
            Some(problem) => self.validate_field(&problem)?,
            None => self.validate_network()?,
        }
        self.validate_optimiser()?;
        self.validate_settle()?;
        within("observe.every", self.observe.every, 1, 1_000_000)?;
        within("observe.probe", self.observe.probe, 0, 1000)
    }

    fn validate_network(&self) -> Result<()> {
        let network = &self.network;
        let sizes = &network.sizes;
        if sizes.len() < 2 {
            let message = format!("expected at least two layers, found {}", sizes.len());
            return Err(Error::invalid("network.sizes", message));
        }
        for (k, &size) in sizes.iter().enumerate() {
            within(&format!("network.sizes[{k}]"), size, 1, MAX_NEURONS)?;
        }
        let weights: usize = sizes.windows(2).map(|pair| pair[0] * pair[1]).sum();
        if weights > MAX_WEIGHTS {
            let message = format!("expected at most {MAX_WEIGHTS} weights, found {weights}");
            return Err(Error::invalid("network.sizes", message));
        }
        within("network.gain", network.gain, 0.0, 100.0)?;
        within("network.feedback_gain", network.feedback_gain, 0.0, 100.0)?;
        within("network.asymmetry", network.asymmetry, 0.0, 1.0)
    }

    fn validate_optimiser(&self) -> Result<()> {
        let optimiser = &self.optimiser;
        let layers = match self.network.field {
            Some(_) => 1,
            None => self.network.sizes.len() - 1,
        };
        if let Some(forward) = &optimiser.rates {
            rates("optimiser.rates", forward, layers)?;
        }
        if let Some(feedback) = &optimiser.feedback_rates {
            if self.network.tied {
                let message = "has no meaning with `network.tied`. Leave it out";
                return Err(Error::invalid("optimiser.feedback_rates", message));
            }
            rates("optimiser.feedback_rates", feedback, layers - 1)?;
        }
        let share = |field: &str, value: f64| {
            within(&format!("optimiser.method.{field}"), value, 0.0, 1.0 - 1e-9)
        };
        match optimiser.method {
            OptimiserMethod::Sgd {} => {}
            OptimiserMethod::Momentum { momentum } => share("momentum", momentum)?,
            OptimiserMethod::Adam {
                first_moment,
                second_moment,
                epsilon,
            } => {
                share("first_moment", first_moment)?;
                share("second_moment", second_moment)?;
                within("optimiser.method.epsilon", epsilon, 1e-30, 1.0)?;
            }
        }
        valid_schedule("optimiser.schedule", optimiser.schedule)?;
        let Some(stage) = optimiser.last_stage else {
            return Ok(());
        };
        if stage.epochs >= self.epochs {
            let message = format!(
                "expected fewer than all {} epochs, found {}",
                self.epochs, stage.epochs
            );
            return Err(Error::invalid("optimiser.last_stage.epochs", message));
        }
        within("optimiser.last_stage.outputs", stage.outputs, 0.0, 1000.0)?;
        within("optimiser.last_stage.others", stage.others, 0.0, 1000.0)
    }

    fn validate_settle(&self) -> Result<()> {
        let settle = &self.settle;
        within("settle.tolerance", settle.tolerance, 1e-7, 1.0)?;
        for (field, sweeps) in [
            ("settle.free_sweeps", settle.free_sweeps),
            ("settle.nudged_sweeps", settle.nudged_sweeps),
        ] {
            within(field, sweeps, 1, 1_000_000)?;
        }
        let clamp = self.clamp();
        if settle.persistent == Persistent::U8 && clamp != Clamp::All {
            let message = "`u8` holds states in [0, 1]. It needs `network.clamp` to be `all`";
            return Err(Error::invalid("settle.persistent", message));
        }
        if settle.method == SettleMethod::Adaptive && clamp == Clamp::Hidden {
            let message = "`adaptive` bounds all states or none. It needs `network.clamp` to be `all` or `none`";
            return Err(Error::invalid("settle.method", message));
        }
        Ok(())
    }
}

fn rates(field: &str, rates: &[f64], expected: usize) -> Result<()> {
    if rates.is_empty() || (rates.len() != 1 && rates.len() != expected) {
        let message = format!(
            "expected {expected} rates, or one for all, found {}",
            rates.len()
        );
        return Err(Error::invalid(field, message));
    }
    for (k, &rate) in rates.iter().enumerate() {
        within(&format!("{field}[{k}]"), rate, 0.0, 100.0)?;
    }
    Ok(())
}

fn valid_schedule(path: &str, schedule: Schedule) -> Result<()> {
    let factor = |field: &str, value: f64| within(&format!("{path}.{field}"), value, 0.0, 2.0);
    match schedule {
        Schedule::Constant {} => Ok(()),
        Schedule::Step { every, factor: own } => {
            within(&format!("{path}.every"), every, 1, 1_000_000)?;
            factor("factor", own)
        }
        Schedule::Exponential { factor: own } => factor("factor", own),
        Schedule::Cosine { end } => factor("end", end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_valid_and_every_field_survives_json() {
        let settings = TrainingSettings::default().completed();
        settings.validate().unwrap();
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(TrainingSettings::from_json(&text).unwrap(), settings);
        assert_eq!(TrainingSettings::from_json("{}").unwrap(), settings);
    }

    #[test]
    fn refusals_name_the_field() {
        for (text, field) in [
            ("", "(file)"),
            ("[]x", "(file)"),
            ("[7, 2]", "(file)"),
            (r#"{"settle": []}"#, "settle"),
            (r#"{"data": {"source": ["digits", 3]}}"#, "data.source"),
            (r#"{"epoch": 3}"#, "epoch"),
            (r#"{"batch": 0}"#, "batch"),
            (r#"{"batch": -1}"#, "batch"),
            (r#"{"network": {"sizes": [64]}}"#, "network.sizes"),
            (r#"{"network": {"sizes": [64, 0, 10]}}"#, "network.sizes[1]"),
            (r#"{"network": {"sizes": [64, 2.5]}}"#, "network.sizes[1]"),
            (
                r#"{"network": {"activation": "cube"}}"#,
                "network.activation",
            ),
            (r#"{"network": {"depth": 3}}"#, "network.depth"),
            (r#"{"nudge": {"beta": 0}}"#, "nudge.beta"),
            (
                r#"{"nudge": {"beta": 1.5, "scheme": "random_sign"}}"#,
                "nudge.beta",
            ),
            (r#"{"nudge": {"scheme": "left"}}"#, "nudge.scheme"),
            (r#"{"optimiser": {"rates": []}}"#, "optimiser.rates"),
            (
                r#"{"optimiser": {"rates": [0.1, 0.1, 0.1]}}"#,
                "optimiser.rates",
            ),
            (
                r#"{"optimiser": {"rates": [0.1, -0.1]}}"#,
                "optimiser.rates[1]",
            ),
            (
                r#"{"optimiser": {"method": {"name": "momentum", "momentum": 1}}}"#,
                "optimiser.method.momentum",
            ),
            (
                r#"{"optimiser": {"method": {"name": "sgd", "momentum": 0.9}}}"#,
                "optimiser.method",
            ),
            (
                r#"{"optimiser": {"schedule": {"name": "step", "every": 0, "factor": 0.5}}}"#,
                "optimiser.schedule.every",
            ),
            (
                r#"{"epochs": 5, "optimiser": {"last_stage": {"epochs": 5, "outputs": 4, "others": 1}}}"#,
                "optimiser.last_stage.epochs",
            ),
            (
                r#"{"network": {"clamp": "hidden"}, "settle": {"persistent": "u8"}}"#,
                "settle.persistent",
            ),
            (
                r#"{"network": {"clamp": "hidden"}, "settle": {"method": "adaptive"}}"#,
                "settle.method",
            ),
            (r#"{"settle": {"tolerance": 0}}"#, "settle.tolerance"),
            (
                r#"{"data": {"source": {"name": "imagenet"}}}"#,
                "data.source",
            ),
        ] {
            match TrainingSettings::from_json(text) {
                Err(Error::InvalidInput { field: found, .. }) => assert!(
                    found == field || found.starts_with(&format!("{field}.")),
                    "{text}: {found}"
                ),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
