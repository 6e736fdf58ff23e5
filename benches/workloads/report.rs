//! Which workloads to run, how they are timed, and the line that each prints.

use std::time::Instant;

/// What the environment asks for.
pub struct Selection {
    /// Added to every seed (`EQPROP_BENCH_SEED`).
    pub shift: u64,
    only: Option<regex_lite::Regex>,
}

impl Selection {
    /// Reads `EQPROP_BENCH_SEED` and `EQPROP_BENCH_ONLY`.
    pub fn from_environment() -> Self {
        let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            shift: read("EQPROP_BENCH_SEED").map_or(0, |value| {
                let shift: i64 = value
                    .parse()
                    .expect("EQPROP_BENCH_SEED: expected an integer");
                shift as u64
            }),
            only: read("EQPROP_BENCH_ONLY").map(|pattern| {
                regex_lite::Regex::new(&pattern)
                    .expect("EQPROP_BENCH_ONLY: expected a regular expression")
            }),
        }
    }

    /// Whether `EQPROP_BENCH_ONLY` matches the workload's name, or "workload path precision threads".
    pub fn wants(&self, case: &Case) -> bool {
        self.only.as_ref().is_none_or(|only| {
            let label = format!(
                "{} {} {} {}",
                case.workload, case.path, case.precision, case.threads
            );
            only.is_match(&case.workload) || only.is_match(&label)
        })
    }
}

/// One line of the output.
pub struct Case {
    /// As in the peers' scripts: `W3-hard-b20`.
    pub workload: String,
    /// `engine` or `adaptive`.
    pub path: &'static str,
    /// `f64` or `f32`.
    pub precision: &'static str,
    /// Threads.
    pub threads: usize,
}

impl Case {
    /// The case of these names.
    pub fn new(
        workload: &str,
        path: &'static str,
        precision: &'static str,
        threads: usize,
    ) -> Self {
        Self {
            workload: workload.into(),
            path,
            precision,
            threads,
        }
    }
}

/// What a run is judged by, evaluated in f64 outside the timed region.
#[derive(Default)]
pub struct Judgement {
    /// ‖μ‖∞ over the batch at the free fixed points.
    pub residual: f64,
    /// ‖μ^β‖∞ at the nudged ones, if the workload has them.
    pub residual_nudged: Option<f64>,
    /// Evaluations of the velocity (adaptive) or sweeps (engine), both phases.
    pub sweeps: usize,
    /// Sum of all states of the free fixed points.
    pub state_sum: f64,
    /// W4: mean angle between EP update and gradient at λ = 0, 0.5, 1.
    pub angle_mean_deg: Option<[f64; 3]>,
}

/// Times `run` in a pool of `case.threads` threads and prints the line.
pub fn bench<T: Send>(
    selection: &Selection,
    case: &Case,
    mut run: impl FnMut() -> T + Send,
    judge: impl FnOnce(&T) -> Judgement,
) {
    if !selection.wants(case) {
        return;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(case.threads)
        .build()
        .expect("threads can be started");
    let (result, times) = pool.install(|| {
        let mut result = run();
        let clock = Instant::now();
        let mut times = Vec::new();
        while times.len() < 5 || (times.len() < 201 && clock.elapsed().as_secs_f64() < 2.0) {
            let start = Instant::now();
            result = run();
            times.push(start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        (result, times)
    });
    let judgement = judge(&result);
    let mut line = serde_json::json!({
        "workload": case.workload,
        "path": case.path,
        "precision": case.precision,
        "threads": case.threads,
        "median_s": times[times.len() / 2],
        "min_s": times[0],
        "residual": judgement.residual,
        "residual_nudged": judgement.residual_nudged,
        "sweeps": judgement.sweeps,
        "state_sum": judgement.state_sum,
        "runs": times.len(),
    });
    if let Some(angles) = judgement.angle_mean_deg {
        line["angle_mean_deg"] = serde_json::json!(angles);
    }
    println!("{line}");
}
