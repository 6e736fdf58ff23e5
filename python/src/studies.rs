//! Sweeps, training and the study of the theorem: work that tells of its progress and that is stopped,
//! what was finished being kept.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use eqprop::experiment::sweep::{Existing, Shard, SweepConfig, SweepOptions, sweep};
use eqprop::experiment::training::{EpochRecord, RunOptions, TrainingSettings, Watcher, train};
use eqprop::experiment::{Fault, StudySettings, validate};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::failure::{OrRaise, refuse};
use crate::network::named;
use crate::record::Node;

/// How often the interpreter is asked whether a signal came.
const LOOK: Duration = Duration::from_millis(50);

/// What working threads tell the one that waits.
enum Told {
    /// So many of so many are done.
    Progress(u64, u64),
    /// A record is there.
    Record(PyResult<Node>),
    /// The end.
    End(PyResult<eqprop::Result<Node>>),
}

/// Does `work` in a thread of its own. `listener(done, of, record)` is called with what it tells; when it
/// raises or a signal handler does, the work is stopped, what it finished is kept, and that is raised; what
/// cannot be stopped goes on unseen until it ends.
fn run(
    py: Python<'_>,
    listener: Option<&Bound<'_, PyAny>>,
    stoppable: bool,
    work: impl FnOnce(&Sender<Told>, &AtomicBool) -> eqprop::Result<PyResult<Node>> + Send + 'static,
) -> PyResult<Node> {
    let stop = Arc::new(AtomicBool::new(false));
    let (teller, told) = channel();
    let flag = Arc::clone(&stop);
    let worker = std::thread::Builder::new()
        .name("eqprop".into())
        .spawn(move || {
            let end = work(&teller, &flag);
            let end = match end {
                Ok(node) => node.map(Ok),
                Err(error) => Ok(Err(error)),
            };
            // nobody may be there any more
            let _ = teller.send(Told::End(end));
        })
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    let mut raised = None;
    let end = listen(py, told, |told| {
        if raised.is_some() {
            return stoppable;
        }
        let heard = match (told, listener) {
            (Some(Told::Progress(done, of)), Some(listener)) => {
                listener.call1((done, of, py.None())).map(drop)
            }
            (Some(Told::Record(record)), Some(listener)) => record
                .and_then(|record| record.into_python(py, ""))
                .and_then(|record| listener.call1((py.None(), py.None(), record)).map(drop)),
            _ => py.check_signals(),
        };
        if let Err(error) = heard {
            stop.store(true, Ordering::SeqCst);
            raised = Some(error);
        }
        raised.is_none() || stoppable
    })?;
    if let Some(error) = raised {
        return Err(error);
    }
    py.detach(|| {
        // its panic has been told already
        let _ = worker.join();
    });
    match end {
        Some(end) => end?.or_raise(py),
        None => Err(PyRuntimeError::new_err("the work was left")),
    }
}

/// Hears what is told until the end, or until it is not wanted any more.
fn listen(
    py: Python<'_>,
    mut told: Receiver<Told>,
    mut hear: impl FnMut(Option<Told>) -> bool,
) -> PyResult<Option<PyResult<eqprop::Result<Node>>>> {
    loop {
        let answer;
        (told, answer) = py.detach(move || {
            let answer = told.recv_timeout(LOOK);
            (told, answer)
        });
        let wanted = match answer {
            Ok(Told::End(end)) => return Ok(Some(end)),
            Ok(other) => hear(Some(other)),
            Err(RecvTimeoutError::Timeout) => hear(None),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "the computation ended by a fault of eqprop; please report it",
                ));
            }
        };
        if !wanted {
            return Ok(None);
        }
    }
}

/// `eqprop sweep`: the summary.
#[pyfunction]
#[pyo3(signature = (config, directory, existing, shard, threads, listener))]
pub fn run_sweep<'py>(
    py: Python<'py>,
    config: &str,
    directory: PathBuf,
    existing: &str,
    shard: Option<(u64, u64)>,
    threads: Option<usize>,
    listener: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let config = SweepConfig::from_json(config).or_raise(py)?;
    let options = SweepOptions {
        shard: match shard {
            Some((index, of)) => Shard::new(index, of).or_raise(py)?,
            None => Shard::WHOLE,
        },
        threads,
        existing: match existing {
            "refuse" => Existing::Refuse,
            "resume" => Existing::Resume,
            "replace" => Existing::Replace,
            other => {
                let message =
                    format!("expected \"refuse\", \"resume\" or \"replace\", found {other:?}");
                return refuse(py, "existing", message);
            }
        },
    };
    let summary = run(py, listener.as_ref(), true, move |teller, stop| {
        let progress = |done, of| {
            let _ = teller.send(Told::Progress(done, of));
        };
        let summary = sweep(&config, &directory, &options, stop, &progress)?;
        Ok(Node::of(&summary))
    })?;
    summary.into_python(py, "")
}

/// Sends what a training run tells.
struct Reporter<'a> {
    teller: &'a Sender<Told>,
    stop: &'a AtomicBool,
}

impl Watcher for Reporter<'_> {
    fn epoch(&mut self, record: &EpochRecord) {
        let _ = self.teller.send(Told::Record(Node::of(record)));
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// `eqprop train`: all records, and where the checkpoint is.
#[pyfunction]
#[pyo3(signature = (config, directory, data, resume, force, threads, listener))]
#[expect(clippy::too_many_arguments, reason = "the Python layer names them")]
pub fn run_training<'py>(
    py: Python<'py>,
    config: Option<&str>,
    directory: PathBuf,
    data: Option<PathBuf>,
    resume: bool,
    force: bool,
    threads: usize,
    listener: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let settings = config.map(TrainingSettings::from_json);
    let settings = settings.transpose().or_raise(py)?;
    let options = RunOptions {
        directory,
        data,
        resume,
        force,
        threads,
    };
    let found = run(py, listener.as_ref(), true, move |teller, stop| {
        let run = train(settings, &options, &mut Reporter { teller, stop })?;
        Ok((|| {
            let records = run.records.iter().map(Node::of);
            Ok(Node::Map(vec![
                (
                    "records".into(),
                    Node::List(records.collect::<PyResult<_>>()?),
                ),
                ("interrupted".into(), Node::Bool(run.interrupted)),
                ("checkpoint".into(), Node::of(&run.checkpoint)?),
                ("warnings".into(), Node::of(&run.warnings())?),
                ("settings".into(), Node::of(&run.settings)?),
            ]))
        })())
    })?;
    found.into_python(py, "")
}

/// The study of `eqprop validate`.
#[pyfunction]
#[pyo3(signature = (networks, seed, plant, listener))]
pub fn run_study<'py>(
    py: Python<'py>,
    networks: Option<usize>,
    seed: Option<u64>,
    plant: Option<&str>,
    listener: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let fault = plant.map(|name| named::<Fault>(py, "plant", name));
    let defaults = StudySettings::default();
    let settings = StudySettings {
        networks: networks.unwrap_or(defaults.networks),
        seed: seed.unwrap_or(defaults.seed),
        fault: fault.transpose()?,
        ..defaults
    };
    let found = run(py, listener.as_ref(), false, move |teller, _| {
        let progress = |done: usize, of: usize| {
            let _ = teller.send(Told::Progress(done as u64, of as u64));
        };
        Ok(Node::of(&validate(&settings, &progress)?))
    })?;
    found.into_python(py, "")
}
