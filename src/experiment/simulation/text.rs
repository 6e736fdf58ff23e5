//! What is particular to a field in text: columns of its own, and the time as a state.

use crate::dynamics::Phase;
use crate::model::{Problem, System, TextField, VectorField};

/// Whether the time is the last state.
pub(super) fn is_timed(problem: &Problem) -> bool {
    matches!(&problem.system, System::Text(field) if field.is_timed())
}

/// What else a field in text shows of each row.
pub(super) fn auxiliaries(problem: &Problem, time: &[f64], state: &[Vec<f64>]) -> Vec<Vec<f64>> {
    match &problem.system {
        System::Text(field) if !field.auxiliary_names().is_empty() => {
            let rows = time.iter().zip(state);
            rows.map(|(&time, state)| field.auxiliaries(time, state))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// ‖μ^β‖∞ over the states, the time left out.
pub(super) fn moving(field: &TextField, phase: &Phase<'_>, state: &[Vec<f64>]) -> Vec<f64> {
    let n = field.dimension() - 1;
    let rows = state.iter().map(|state| {
        let mut force = vec![0.0; n + 1];
        phase.force(state, &mut force);
        crate::dynamics::largest(force[..n].iter().copied())
    });
    rows.collect()
}
