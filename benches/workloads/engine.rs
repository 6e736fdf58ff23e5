//! The workloads in the engine: fixed points by sweeps, f64 and f32.
//!
//! Timed are the input drive, the sweeps of every phase, and the update; the weights of W1 to W3 are
//! packed before (as long as they stay the same, they are packed once), those of W4 within.

use eqprop::engine::{
    Engine, EngineSettings, InputDrive, Nudge, OuterProducts, OutputCost, SampleReport, Scalar,
    States, SweepControl,
};
use eqprop::model::{Coupling, Network};
use nalgebra::DMatrix;
use rayon::prelude::*;

use super::judge::degrees_between;
use super::problems::{LayeredProblem, SweepProblem, W3_BETA, W4_BETA};

fn cast<T: Scalar>(values: impl IntoIterator<Item = f64>) -> Vec<T> {
    values.into_iter().map(T::from_f64).collect()
}

fn engine_of<T: Scalar>(network: &Network, threads: usize) -> Engine<T> {
    let settings = EngineSettings {
        threads,
        ..EngineSettings::of(network).expect("a leaky network")
    };
    let mut engine = Engine::new(settings).expect("a network with neurons");
    engine.set_network(network).expect("its own network");
    engine
}

fn sweeps(reports: &[SampleReport]) -> usize {
    reports
        .iter()
        .map(|report| report.sweeps)
        .max()
        .unwrap_or(0)
}

fn control(tolerance: f64) -> SweepControl {
    SweepControl {
        tolerance,
        ..SweepControl::default()
    }
}

/// W1, its weights already in the engine.
pub struct Small {
    engine: Engine<f64>,
    drive: Vec<f64>,
}

impl Small {
    /// Packs the weights.
    pub fn new(network: &Network) -> Self {
        let engine = engine_of(network, 1);
        Self {
            engine,
            drive: network.bias.clone(),
        }
    }

    /// The free fixed point from 0, and the sweeps.
    pub fn run(&mut self) -> (States<f64>, usize) {
        let mut states = States::zeros(&[self.drive.len()], 1);
        let reports = self
            .engine
            .settle(&self.drive, &mut states, None, &control(1e-9))
            .expect("lengths agree");
        let sweeps = sweeps(reports);
        (states, sweeps)
    }
}

/// W2 and W3, the weights already in the engine.
pub struct Layered<T: Scalar> {
    engine: Engine<T>,
    input: InputDrive<T>,
    products: OuterProducts<T>,
    sizes: Vec<usize>,
    inputs: Vec<T>,
    targets: Vec<T>,
    samples: usize,
}

/// What a run of W2 or W3 returns: free and nudged states, the update, sweeps of both phases.
pub struct LayeredRun<T> {
    /// s⁰.
    pub free: States<T>,
    /// s^β, empty if not asked for.
    pub nudged: States<T>,
    /// Free and nudged together.
    pub sweeps: usize,
    /// ΔW of every matrix, input weights last.
    pub update: Vec<Vec<T>>,
}

impl<T: Scalar> Layered<T> {
    /// Packs the weights.
    pub fn new(problem: &LayeredProblem, threads: usize) -> Self {
        let network = &problem.network;
        let Coupling::Layered(layers) = &network.coupling else {
            unreachable!("W2 and W3 are layered")
        };
        let sizes = layers.sizes().to_vec();
        let engine = engine_of(network, threads);
        let mut input = engine.input_drive(network.input_weights.ncols());
        input.set_network(network).expect("the same shape");
        Self {
            input,
            products: engine.outer_products(),
            engine,
            sizes,
            inputs: cast(problem.inputs.iter().copied()),
            targets: cast(problem.costs.iter().flat_map(|cost| cost.target().to_vec())),
            samples: problem.costs.len(),
        }
    }

    /// W2: the free phase from 0. W3 (`learn`): the nudged phase and the update too.
    pub fn run(&mut self, learn: bool) -> LayeredRun<T> {
        let control = control(1e-6);
        let mut drive = vec![T::ZERO; self.samples * self.sizes[0]];
        self.input
            .drives(&self.inputs, &mut drive)
            .expect("lengths agree");
        let mut free = States::zeros(&self.sizes, self.samples);
        let reports = self
            .engine
            .settle(&drive, &mut free, None, &control)
            .expect("lengths agree");
        let mut run = LayeredRun {
            sweeps: sweeps(reports),
            free,
            nudged: States::default(),
            update: Vec::new(),
        };
        if learn {
            let nudge = Nudge {
                cost: OutputCost::SquaredError,
                beta: W3_BETA,
                signs: None,
                targets: &self.targets,
            };
            run.nudged = run.free.clone();
            let reports = self
                .engine
                .settle(&drive, &mut run.nudged, Some(&nudge), &control)
                .expect("lengths agree");
            run.sweeps += sweeps(reports);
            run.update = self.update(&run.free, &run.nudged);
        }
        run
    }

    fn update(&mut self, free: &States<T>, nudged: &States<T>) -> Vec<Vec<T>> {
        let scale = T::from_f64(1.0 / (W3_BETA * self.samples as f64));
        let layers = self.sizes.len();
        let mut updates = Vec::new();
        let responses: Vec<Vec<T>> = free
            .layers
            .iter()
            .zip(&nudged.layers)
            .map(|(free, nudged)| nudged.iter().zip(free).map(|(&s, &s0)| s - s0).collect())
            .collect();
        let rates: Vec<Vec<T>> = free
            .layers
            .iter()
            .map(|states| {
                let mut rates = states.clone();
                self.engine.rates(states, &mut rates);
                rates
            })
            .collect();
        let mut add = |response: &[T], rates: &[T]| {
            let size = response.len() / self.samples * (rates.len() / self.samples);
            let mut out = vec![T::ZERO; size];
            self.products
                .add(scale, response, rates, self.samples, &mut out)
                .expect("lengths agree");
            updates.push(out);
        };
        for k in 0..layers - 1 {
            add(&responses[k + 1], &rates[k]);
            add(&responses[k], &rates[k + 1]);
        }
        add(&responses[0], &self.inputs);
        updates
    }
}

/// The states as the judge takes them: f64, n × B.
pub fn states<T: Scalar>(states: &States<T>, sizes: &[usize]) -> DMatrix<f64> {
    let samples = states.layers[0].len() / sizes[0];
    let columns = (0..samples).flat_map(|sample| {
        states
            .layers
            .iter()
            .zip(sizes)
            .flat_map(move |(layer, &size)| {
                layer[sample * size..(sample + 1) * size]
                    .iter()
                    .map(|value| value.to_f64())
            })
    });
    DMatrix::from_iterator(sizes.iter().sum(), samples, columns)
}

/// W4 for one network: s⁰, the angle in degrees, the sweeps of the three phases.
pub type Angle = (Vec<f64>, f64, usize);

/// W4: 420 networks, three fixed points each, gradient and angle.
pub fn sweep(problems: &[SweepProblem]) -> Vec<Angle> {
    problems
        .par_iter()
        // networks differ in their sweeps: shares small enough that no thread ends long before another
        .with_min_len(30)
        .map_init(|| engine_of(&problems[0].network, 1), sweep_one)
        .collect()
}

fn sweep_one(engine: &mut Engine<f64>, problem: &SweepProblem) -> Angle {
    let network = &problem.network;
    let n = network.dimension();
    engine.set_network(network).expect("equally large networks");
    let control = control(1e-10);
    let mut free = States::zeros(&[n], 1);
    let reports = engine
        .settle(&network.bias, &mut free, None, &control)
        .expect("lengths agree");
    let mut count = sweeps(reports);
    // the gradient and both nudged phases from one factorisation; both signs as one batch: the weights are read once for the two
    let near = engine.linearise(&free).expect("a dense network");
    let twice = |values: &[f64]| values.repeat(2);
    let nudge = Nudge {
        cost: OutputCost::SquaredError,
        beta: W4_BETA,
        signs: Some(&[1.0, -1.0]),
        targets: &twice(problem.cost.target()),
    };
    let mut nudged = States {
        layers: vec![twice(&free.layers[0])],
    };
    let reports = engine
        .settle_near(&near, &twice(&network.bias), &mut nudged, &nudge, &control)
        .expect("lengths agree");
    count += sweeps(reports);
    let (plus, minus) = nudged.layers[0].split_at(n);
    let response: Vec<f64> = plus
        .iter()
        .zip(minus)
        .map(|(plus, minus)| (plus - minus) / (2.0 * W4_BETA))
        .collect();
    let cost_gradient: Vec<f64> = network
        .outputs
        .iter()
        .zip(problem.cost.target())
        .map(|(&neuron, target)| free.layers[0][neuron] - target)
        .collect();
    let gradient = near.error_vector(0, &cost_gradient);
    let degrees = gradient.map_or(f64::NAN, |gradient| degrees_between(&response, &gradient));
    (free.layers.remove(0), degrees, count)
}
