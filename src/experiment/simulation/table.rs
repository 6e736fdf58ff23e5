//! The trajectory as a table: CSV for anyone, NPZ for NumPy. The same numbers in both.

use std::fmt::Write;

use super::{PhaseRecord, Simulation};
use crate::io::Archive;

impl Simulation {
    /// Both phases with their names; every row of the table belongs to one of them.
    pub fn phases(&self) -> [(&'static str, &PhaseRecord); 2] {
        [("free", &self.free), ("nudged", &self.nudged)]
    }

    /// `t,phase,beta,s0,s1,…`, one row a time, numbers in the shortest form that reads back as the
    /// same.
    pub fn to_csv(&self) -> String {
        let neurons = self.free.state.first().map_or(0, Vec::len);
        let mut text = String::from("t,phase,beta");
        for i in 0..neurons {
            let _ = write!(text, ",s{i}");
        }
        text.push('\n');
        for (name, phase) in self.phases() {
            for (time, state) in phase.time.iter().zip(&phase.state) {
                let _ = write!(text, "{time:?},{name},{:?}", phase.beta);
                for s in state {
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
