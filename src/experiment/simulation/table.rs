//! The trajectory as a table: CSV for anyone, NPZ for NumPy. Both hold the same numbers.

use std::fmt::Write;

use super::{PhaseRecord, Simulation};
use crate::io::Archive;

impl Simulation {
    /// Both phases with their names. Every row of the table belongs to one of them.
    pub fn phases(&self) -> [(&'static str, &PhaseRecord); 2] {
        [("free", &self.free), ("nudged", &self.nudged)]
    }

    /// The names of the states: those of the field, or s0, s1, …
    pub fn columns(&self) -> Vec<String> {
        if !self.names.is_empty() {
            return self.names.clone();
        }
        let neurons = self.free.state.first().map_or(0, Vec::len);
        (0..neurons).map(|i| format!("s{i}")).collect()
    }

    /// `t,phase,beta,s0,s1,…` (of a field in text the names of its states), one row per time,
    /// numbers in the shortest form that reads back as the same.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("t,phase,beta");
        for name in self.columns().iter().chain(&self.auxiliary_names) {
            let _ = write!(text, ",{name}");
        }
        text.push('\n');
        for (name, phase) in self.phases() {
            for (k, (time, state)) in phase.time.iter().zip(&phase.state).enumerate() {
                let _ = write!(text, "{time:?},{name},{:?}", phase.beta);
                let auxiliaries = phase.auxiliaries.get(k).into_iter().flatten();
                for s in state.iter().chain(auxiliaries) {
                    let _ = write!(text, ",{s:?}");
                }
                text.push('\n');
            }
        }
        text
    }

    /// The arrays `t` (rows), `phase` (rows, text), `beta` (rows) and `s` (rows × neurons), for
    /// `numpy.load`.
    pub fn to_npz(&self) -> Vec<u8> {
        let phases = self.phases();
        let count = |phase: &PhaseRecord| phase.time.len();
        let rows = count(&self.free) + count(&self.nudged);
        let neurons = self.free.state.first().map_or(0, Vec::len);
        let names: Vec<&str> = phases
            .iter()
            .flat_map(|(name, phase)| std::iter::repeat_n(*name, count(phase)))
            .collect();
        let mut archive = Archive::default();
        archive.floats(
            "t",
            &[rows],
            phases.iter().flat_map(|(_, p)| p.time.iter().copied()),
        );
        archive.texts("phase", &names);
        let betas = phases
            .iter()
            .flat_map(|(_, phase)| std::iter::repeat_n(phase.beta, count(phase)));
        archive.floats("beta", &[rows], betas);
        let states = phases
            .iter()
            .flat_map(|(_, phase)| phase.state.iter().flatten().copied());
        archive.floats("s", &[rows, neurons], states);
        archive.finish()
    }
}
