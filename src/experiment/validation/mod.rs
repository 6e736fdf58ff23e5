//! `eqprop validate`: the whole study, its records and its verdicts.

mod checks;
mod companion_records;
mod ensemble;
mod network_record;
mod own_problem;
mod study;
mod text;
mod verdict;

pub use companion_records::{ClosedFormRecord, OrderRecord, TimeRecord};
pub use ensemble::{Member, rotation_problem};
pub use network_record::NetworkRecord;
pub use own_problem::validate_problem;
pub use study::{Fault, StudySettings};
pub use verdict::{Check, Criterion};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use self::checks::{ENOUGH_NETWORKS, checks, with_cases};
use self::companion_records::{closed_form, order, time_resolved};
use self::ensemble::{digit_members, random_member};
use self::network_record::examine;
use crate::dynamics::Statistics;
use crate::error::Result;
use crate::experiment::provenance::Provenance;
use crate::io::parse;

/// The record of a validation, complete: tables and figures are made from it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Always `validation`: tells `eqprop plot` what it is.
    pub kind: String,
    /// Whether every check holds.
    pub passed: bool,
    /// The verdicts.
    pub checks: Vec<Check>,
    /// Resolved settings, seeds included.
    pub settings: StudySettings,
    /// The program.
    pub provenance: Provenance,
    /// What all trajectories together cost.
    pub statistics: Statistics,
    /// Draws rejected because they did not settle or came near a kink.
    pub redrawn: usize,
    /// Wall time in seconds: the only figure that differs between two runs.
    pub wall_seconds: f64,
    /// Every network of the ensemble.
    pub networks: Vec<NetworkRecord>,
    /// The two-neuron family.
    pub closed_form: Vec<ClosedFormRecord>,
    /// Errors against β.
    pub orders: Vec<OrderRecord>,
    /// The nudged phase along time.
    pub time_resolved: Vec<TimeRecord>,
}

/// Runs the study. `progress` is called with the number of networks examined and their total, from
/// several threads.
///
/// # Errors
/// [`crate::Error::InvalidInput`] for settings out of range, and any error of the dynamics.
pub fn validate(
    settings: &StudySettings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Validation> {
    settings.validate()?;
    let clock = std::time::Instant::now();
    let random = || {
        (0..settings.networks)
            .into_par_iter()
            .map(|index| random_member(settings, index))
            .collect::<Result<Vec<_>>>()
    };
    let (random, digits) = rayon::join(random, || digit_members(settings));
    let mut members: Vec<Member> = random?.into_iter().flatten().collect();
    members.extend(digits?);
    let done = std::sync::atomic::AtomicUsize::new(0);
    let networks: Vec<NetworkRecord> = members
        .par_iter()
        .enumerate()
        .map(|(index, member)| {
            let record = examine(settings, index, member);
            let count = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress(count, members.len());
            record
        })
        .collect::<Result<_>>()?;
    // orders need derivatives, and room for a nudge of β = −0.2 on the near side of stability
    let smooth: Vec<usize> = (0..members.len())
        .filter(|&index| {
            members[index].problem.kinks().is_empty() && networks[index].spectral_abscissa < -0.3
        })
        .step_by(8)
        .collect();
    let orders: Vec<OrderRecord> = smooth
        .par_iter()
        .map(|&index| order(settings, index, &members[index]))
        .collect::<Result<_>>()?;
    let time_resolved: Vec<TimeRecord> = pick_by_asymmetry(&members, &networks)
        .into_par_iter()
        .map(|index| time_resolved(settings, &members[index]))
        .collect::<Result<_>>()?;
    let closed_form = closed_form(settings)?;
    let mut checks = checks(&networks, &closed_form, &orders, &time_resolved);
    if settings.networks < ENOUGH_NETWORKS {
        checks = with_cases(checks);
    }
    let mut statistics = Statistics::default();
    networks
        .iter()
        .for_each(|record| statistics += record.statistics);
    Ok(Validation {
        kind: "validation".into(),
        passed: checks.iter().all(|check| check.passed),
        checks,
        settings: settings.clone(),
        provenance: Provenance::current(),
        statistics,
        redrawn: networks.iter().map(|record| record.redrawn).sum(),
        wall_seconds: clock.elapsed().as_secs_f64(),
        networks,
        closed_form,
        orders,
        time_resolved,
    })
}

/// Three layered tanh networks: about a third, two thirds, and all of the way to the largest
/// asymmetry.
fn pick_by_asymmetry(members: &[Member], networks: &[NetworkRecord]) -> Vec<usize> {
    let candidates: Vec<usize> = (0..members.len())
        .filter(|&index| networks[index].family == "layered leaky tanh")
        .collect();
    let last = candidates.len().saturating_sub(1);
    [last / 3, 2 * last / 3, last]
        .into_iter()
        .filter_map(|position| candidates.get(position).copied())
        .collect()
}

impl Validation {
    /// Reads a validation from the text of its `report.json`.
    ///
    /// # Errors
    /// [`crate::Error::InvalidInput`] naming the field.
    pub fn from_json(text: &str) -> Result<Self> {
        parse(text)
    }
}
