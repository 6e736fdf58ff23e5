//! Work that lets other threads run and that Ctrl-C interrupts.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often the interpreter is asked whether a signal came.
const LOOK: Duration = Duration::from_millis(50);
/// How long either thread looks for what the other sends before it sleeps: waking one takes longer than the
/// gradient of a small network.
const AWAKE: Duration = Duration::from_micros(200);

type Job = Box<dyn FnOnce() + Send>;

/// A thread that works for the main thread, which meanwhile waits for signals.
struct Worker {
    process: u32,
    jobs: Sender<Job>,
}

/// The worker that is free.
static WORKER: Mutex<Option<Worker>> = Mutex::new(None);

/// Does `work` without the interpreter's lock. In the main thread, the one that is told of signals, a
/// second thread works while this one waits; when a signal handler raises, its exception is raised here
/// at once, and what was being computed goes on unseen until it ends by its own limits.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    if !is_main_thread(py)? {
        return Ok(py.detach(work));
    }
    let worker = worker()?;
    let (report, result) = channel();
    let job: Job = Box::new(move || {
        // nobody waits for what was interrupted
        let _ = report.send(work());
    });
    if worker.jobs.send(job).is_err() {
        return Err(PyRuntimeError::new_err("the working thread has ended"));
    }
    let value = wait(py, result)?;
    // only a worker whose work is done is free
    *WORKER.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
    Ok(value)
}

/// What comes soon, if anything does.
fn soon<T>(queue: &Receiver<T>) -> Option<T> {
    let begun = Instant::now();
    while begun.elapsed() < AWAKE {
        match queue.try_recv() {
            Ok(value) => return Some(value),
            Err(TryRecvError::Empty) => std::thread::yield_now(),
            Err(TryRecvError::Disconnected) => return None,
        }
    }
    None
}

fn wait<T: Send>(py: Python<'_>, mut result: Receiver<T>) -> PyResult<T> {
    loop {
        let answer;
        (result, answer) = py.detach(move || {
            let answer = match soon(&result) {
                Some(value) => Ok(value),
                None => result.recv_timeout(LOOK),
            };
            (result, answer)
        });
        match answer {
            Ok(value) => return Ok(value),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "the computation ended by a fault of eqprop; please report it",
                ));
            }
        }
    }
}

/// The free worker of this process, or a new one: a fork has none.
fn worker() -> PyResult<Worker> {
    let process = std::process::id();
    let kept = WORKER.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(worker) = kept.filter(|worker| worker.process == process) {
        return Ok(worker);
    }
    let (jobs, queue) = channel::<Job>();
    std::thread::Builder::new()
        .name("eqprop".into())
        .stack_size(8 << 20)
        .spawn(move || {
            while let Some(job) = soon(&queue).or_else(|| queue.recv().ok()) {
                job();
            }
        })
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok(Worker { process, jobs })
}

/// Whether this is the thread in which Python's signal handlers run.
fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    thread_local! {
        static KNOWN: Cell<Option<bool>> = const { Cell::new(None) };
    }
    if let Some(known) = KNOWN.get() {
        return Ok(known);
    }
    let threading = py.import("threading")?;
    let own = threading.call_method0("get_ident")?;
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    let known = own.eq(main)?;
    KNOWN.set(Some(known));
    Ok(known)
}
