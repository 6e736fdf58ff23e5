//! A sweep over the values of one problem, which a file holds.

use sha2::{Digest, Sha256};

use super::config::SweepConfig;
use super::draw::draw;
use super::point::{Grid, SweepPoint, SweptSystem};
use crate::data::hexadecimal;
use crate::error::{Error, Result};
use crate::model::{Problem, ProblemOptions, ProblemSource};

/// Largest number of values that are varied.
const MOST_VARIED: usize = 16;

impl SweepConfig {
    /// Refuses what belongs to random networks beside a problem, and the other way round.
    pub(super) fn validate_given(&self) -> Result<()> {
        if self.problem.is_none() {
            let stray = [
                ("vary", !self.vary.is_empty()),
                ("changes", self.changes.is_some()),
                ("problem_sha256", self.problem_sha256.is_some()),
            ];
            return stray
                .iter()
                .find(|(_, given)| *given)
                .map_or(Ok(()), |(field, _)| {
                    let message = "belongs to a `problem`, which is missing. Name its file";
                    Err(Error::invalid(*field, message))
                });
        }
        let shared = Self {
            problem: self.problem.clone(),
            problem_sha256: self.problem_sha256.clone(),
            vary: self.vary.clone(),
            changes: self.changes.clone(),
            directory: self.directory.clone(),
            rtol: self.rtol.clone(),
            estimator: self.estimator.clone(),
            beta: self.beta.clone(),
            method: self.method,
            max_time: self.max_time,
            max_steps: self.max_steps,
            polish_nudged: self.polish_nudged,
            ..Self::default()
        };
        let [own, shared] = [self, &shared].map(|config| serde_json::to_value(config).ok());
        if let (Some(own), Some(shared)) = (own, shared)
            && let Some(fields) = own.as_object()
            && let Some((name, _)) = (fields.iter()).find(|(name, value)| shared[*name] != **value)
        {
            let message = "belongs to a sweep of random networks. The values of a `problem` are varied by `vary`";
            return Err(Error::invalid(name.clone(), message));
        }
        if self.vary.0.len() > MOST_VARIED {
            let message = format!("expected at most {MOST_VARIED} names");
            return Err(Error::invalid("vary", message));
        }
        for (name, axis) in &self.vary.0 {
            axis.validate_within(&format!("vary.{name}"), f64::MIN, f64::MAX)?;
        }
        Ok(())
    }
}

impl Grid {
    /// The grid of a validated configuration, its problem read if it has one.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Io`], and [`Error::InvalidInput`] if the file is another one
    /// than before, or holds no problem with the names that are varied.
    pub fn open(config: &SweepConfig) -> Result<Self> {
        let Some(file) = &config.problem else {
            return Ok(Self::new(config));
        };
        let path = config.directory.join(file);
        let source = ProblemSource::read(&path)?;
        let hash = hexadecimal(&Sha256::digest(source.text().as_bytes()));
        if config
            .problem_sha256
            .as_ref()
            .is_some_and(|sha256| *sha256 != hash)
        {
            let message = format!("is not that of {}, which is {hash}", path.display());
            return Err(Error::invalid("problem_sha256", message));
        }
        let mut grid = Self::new(&SweepConfig {
            problem_sha256: Some(hash),
            ..config.clone()
        });
        grid.source = Some(source);
        // a wrong name is wrong at every point. A value may be at some
        let at = |index| {
            let problem = grid.problem(&grid.point(index))?;
            problem
                .expect_autonomous()
                .map_err(|error| error.in_file(&path))
        };
        at(0).or_else(|error| at(grid.points() - 1).map_err(|_| error))?;
        Ok(grid)
    }

    /// The problem of a point: a random network as it is drawn, or that of the file with the values of
    /// the point.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the file is not read, or is not valid with these values.
    pub fn problem(&self, point: &SweepPoint) -> Result<Problem> {
        match (&point.system, &self.source) {
            (SweptSystem::Network(network), _) => draw(self.config(), network),
            (SweptSystem::Problem { vary }, Some(source)) => {
                let set = (vary.0.iter()).map(|(name, value)| (name.clone(), format!("{value:?}")));
                source.problem(&ProblemOptions {
                    set: set.collect(),
                    ..self.config().changes.clone().unwrap_or_default()
                })
            }
            (SweptSystem::Problem { .. }, None) => {
                Err(Error::invalid("problem", "has not been read"))
            }
        }
    }
}
