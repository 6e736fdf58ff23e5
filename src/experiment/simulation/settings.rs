//! What `eqprop simulate` is asked to do, and the times at which it looks.

use serde::{Deserialize, Serialize};

use crate::dynamics::{Phase, Sampled, SolverSettings, sample, sample_by_curvature};
use crate::error::{Error, Result};

/// Longest phase, in units of time.
const LONGEST: f64 = 1e9;
/// Largest number of states (rows times neurons times trajectories) recorded of one phase.
const MAX_VALUES: f64 = 5e6;
/// Rows of a phase if no spacing is asked for, before more are added where it bends.
const ROWS: f64 = 200.0;
/// How far a component may leave the line between two rows, relative to its extent.
const STRAIGHT: f64 = 5e-3;
/// Networks larger than this keep evenly spaced rows.
const MOST_REFINED: usize = 1000;
/// Rows before the first evenly spaced one, a decade each, so that what begins as a power of time
/// can be seen to.
const DECADES: i32 = 3;

/// Settings of a simulation. Every field has a default and is written to the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimulationSettings {
    /// Length of the free phase, which by default lasts until it rests.
    pub t_free: Option<f64>,
    /// Length of the nudged phase, which by default lasts until it rests.
    pub t_nudged: Option<f64>,
    /// Influence parameter of the nudged phase, dimensionless. Default 0.5.
    pub beta: f64,
    /// Time between rows, by default a two-hundredth of each phase.
    pub dt_out: Option<f64>,
    /// Times of rows in place of a spacing, in units of the time constant: increasing, counted
    /// through both phases. The start and the switch are rows all the same.
    pub times: Option<Vec<f64>>,
    /// Steps of Euler's method to compare with, none by default.
    pub compare_euler: Vec<f64>,
    /// How trajectories are integrated. Default [`SolverSettings::default`].
    pub solver: SolverSettings,
}

impl Default for SimulationSettings {
    fn default() -> Self {
        Self {
            t_free: None,
            t_nudged: None,
            beta: 0.5,
            dt_out: None,
            times: None,
            compare_euler: Vec::new(),
            solver: SolverSettings::default(),
        }
    }
}

/// Refuses a number outside `low ..= high`.
fn in_range(field: &str, value: f64, low: f64, high: f64) -> Result<()> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Error::invalid(
            field,
            format!("expected a number from {low:e} to {high:e}, found {value}"),
        ))
    }
}

impl SimulationSettings {
    /// Refuses settings that have no meaning.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming the setting.
    pub fn validate(&self) -> Result<()> {
        self.solver.validate()?;
        for (field, value) in [("t_free", self.t_free), ("t_nudged", self.t_nudged)] {
            in_range(field, value.unwrap_or(0.0), 0.0, LONGEST)?;
        }
        in_range("beta", self.beta, -1e3, 1e3)?;
        in_range("dt_out", self.dt_out.unwrap_or(1.0), 1e-12, LONGEST)?;
        for &dt in &self.compare_euler {
            in_range("compare_euler", dt, 1e-9, 1e6)?;
        }
        let Some(times) = &self.times else {
            return Ok(());
        };
        if self.dt_out.is_some() {
            return Err(Error::invalid("times", "give either `times` or `dt_out`"));
        }
        if let Some(k) = times.iter().position(|time| !(0.0..).contains(time)) {
            return Err(Error::invalid(
                format!("times[{k}]"),
                format!("expected a time from 0, found {}", times[k]),
            ));
        }
        match times.windows(2).position(|pair| pair[0] >= pair[1]) {
            Some(k) => Err(Error::invalid(
                format!("times[{}]", k + 1),
                format!("expected increasing times, found {}", times[k + 1]),
            )),
            None => Ok(()),
        }
    }

    /// The residual, relative to the size of the state, below which a phase rests as far as the
    /// tolerance lets one see.
    pub(super) fn at_rest(&self) -> f64 {
        (10.0 * self.solver.rtol).max(1e-9)
    }

    /// A phase over `span`, at its rows: as asked for, or where nothing was asked for, so many more
    /// that the lines between them look like the trajectory, first moments included.
    pub(super) fn seen(
        &self,
        phase: &Phase<'_>,
        start: &[f64],
        span: (f64, f64),
        rows: Vec<f64>,
    ) -> (Vec<f64>, Sampled) {
        let solver = self.run_through();
        let follow = |rows: Vec<f64>| {
            let sampled = sample(phase, start, span, &rows, &solver, &mut |_| {});
            (rows, sampled)
        };
        if !self.is_refined(&rows, start) {
            return follow(rows);
        }
        let first = rows[1] - rows[0];
        let early = (1..=4 * DECADES).rev();
        let early = early.map(|k| tidy(rows[0] + first * 10.0_f64.powf(-f64::from(k) / 4.0)));
        let early = early.filter(|time| *time > rows[0]);
        let rows: Vec<f64> = [rows[0]]
            .into_iter()
            .chain(early)
            .chain(rows[1..].iter().copied())
            .collect();
        // how far each component moves need not be known to the last digit
        let loose = SolverSettings {
            rtol: solver.rtol.max(1e-5),
            atol: solver.atol.max(1e-8),
            ..solver
        };
        let seen = sample(phase, start, span, &rows, &loose, &mut |_| {}).states;
        if seen.len() < rows.len() {
            return follow(rows);
        }
        let extent = |i: usize| {
            let values = seen.iter().map(|state| state[i]);
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| {
                (low.min(s), high.max(s))
            });
            high - low
        };
        let tolerance: Vec<f64> = (0..start.len()).map(|i| STRAIGHT * extent(i)).collect();
        let most = (MAX_VALUES / start.len() as f64) as usize;
        sample_by_curvature(phase, start, span, &rows, &tolerance, most, &solver)
    }

    /// The rows alone.
    pub(super) fn refined(
        &self,
        phase: &Phase<'_>,
        start: &[f64],
        span: (f64, f64),
        rows: Vec<f64>,
    ) -> Vec<f64> {
        if self.is_refined(&rows, start) {
            self.seen(phase, start, span, rows).0
        } else {
            rows
        }
    }

    fn is_refined(&self, rows: &[f64], start: &[f64]) -> bool {
        let asked = self.dt_out.is_some() || self.times.is_some();
        !asked && rows.len() >= 2 && start.len() <= MOST_REFINED
    }

    /// How the phases are integrated: lengths that were asked for are run through, however many steps
    /// that takes, unless their number is limited too.
    pub(super) fn run_through(&self) -> SolverSettings {
        const STEPS: usize = 50_000_000;
        let is_usual = self.solver.max_steps == SolverSettings::default().max_steps;
        let given = self.t_free.is_some() && self.t_nudged.is_some();
        SolverSettings {
            max_steps: if given && is_usual {
                STEPS
            } else {
                self.solver.max_steps
            },
            ..self.solver
        }
    }

    /// Times of the rows of a free phase of length `t_free`: the start and the switch among them.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they are more than a record should hold.
    pub(super) fn free_rows(&self, t_free: f64, neurons: usize) -> Result<Vec<f64>> {
        let Some(times) = &self.times else {
            return self.grid(0.0, t_free, neurons);
        };
        self.refuse_excess("times", times.len() as f64, neurons)?;
        let inside = times.iter().filter(|time| **time > 0.0 && **time < t_free);
        let mut rows = vec![0.0];
        rows.extend(inside);
        rows.extend((t_free > 0.0).then_some(t_free));
        Ok(rows)
    }

    /// Times of the rows of the nudged phase that follows: the switch again, and the end unless
    /// `times` leaves it out.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if they are too many, or if one lies beyond the end.
    pub(super) fn nudged_rows(
        &self,
        t_free: f64,
        t_nudged: f64,
        neurons: usize,
    ) -> Result<Vec<f64>> {
        let Some(times) = &self.times else {
            return self.grid(t_free, t_nudged, neurons);
        };
        let end = t_free + t_nudged;
        if let Some(k) = times.iter().position(|&time| time > end * (1.0 + 1e-12)) {
            return Err(Error::invalid(
                format!("times[{k}]"),
                format!("expected times up to the end at {end}, found {}", times[k]),
            ));
        }
        let inside = times.iter().filter(|time| **time > t_free);
        let mut rows = vec![t_free];
        rows.extend(inside.map(|time| time.min(end)));
        Ok(rows)
    }

    /// Evenly spaced times from `start`, the end included.
    fn grid(&self, start: f64, length: f64, neurons: usize) -> Result<Vec<f64>> {
        let spacing = self.dt_out.unwrap_or(length / ROWS);
        let end = start + length;
        let mut times = vec![start];
        if length > 0.0 {
            self.refuse_excess("dt_out", length / spacing, neurons)?;
            times.extend(
                (1_u32..)
                    .map(|k| tidy(start + f64::from(k) * spacing))
                    .take_while(|time| *time < end - 1e-9 * spacing),
            );
            times.push(end);
        }
        Ok(times)
    }

    fn refuse_excess(&self, field: &str, rows: f64, neurons: usize) -> Result<()> {
        let runs = 1.0 + self.compare_euler.len() as f64;
        let values = rows * neurons as f64 * runs;
        if values <= MAX_VALUES {
            return Ok(());
        }
        Err(Error::invalid(
            field,
            format!(
                "{rows:.0} rows of {neurons} neurons in {runs} trajectories are {values:.1e} \
                 numbers a phase. At most {MAX_VALUES:.0e} are recorded: ask for fewer rows"
            ),
        ))
    }
}

/// 0.3 rather than 0.30000000000000004.
fn tidy(time: f64) -> f64 {
    format!("{time:.14e}").parse().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(settings: SimulationSettings, t_free: f64, t_nudged: f64) -> [Vec<f64>; 2] {
        [
            settings.free_rows(t_free, 2).unwrap(),
            settings.nudged_rows(t_free, t_nudged, 2).unwrap(),
        ]
    }

    #[test]
    fn rows_hold_the_start_and_the_switch_twice() {
        let default = SimulationSettings::default;
        let every = |dt_out| SimulationSettings {
            dt_out: Some(dt_out),
            ..default()
        };
        assert_eq!(
            rows(every(0.1), 0.3, 0.25),
            [vec![0.0, 0.1, 0.2, 0.3], vec![0.3, 0.4, 0.5, 0.55]]
        );
        assert_eq!(rows(every(5.0), 0.0, 1.0), [vec![0.0], vec![0.0, 1.0]]);
        let at = |times: &[f64]| SimulationSettings {
            times: Some(times.to_vec()),
            ..default()
        };
        assert_eq!(
            rows(at(&[0.5, 2.0, 2.5]), 2.0, 1.0),
            [vec![0.0, 0.5, 2.0], vec![2.0, 2.5]]
        );
        assert!(at(&[3.1]).nudged_rows(2.0, 1.0, 2).is_err());
        assert!(every(1e-12).free_rows(1e9, 5000).is_err());
        assert_eq!(
            rows(default(), 7.0, 3.0).map(|times| times.len()),
            [201, 201]
        );
    }
}
