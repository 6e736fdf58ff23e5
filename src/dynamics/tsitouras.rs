//! The explicit method of order 5(4) of Ch. Tsitouras (Comput. Math. Appl. 62, 2011) with its dense
//! output. A step evaluates the velocity six times and allocates nothing.

use super::settings::{SolverSettings, Statistics};
use super::stepper::{Breakdown, Flow, Launch, Stepper};

const A2: [f64; 1] = [0.161];
const A3: [f64; 2] = [0.327 - 0.335_480_655_492_357, 0.335_480_655_492_357];
const A4: [f64; 3] = [
    0.9 - (-6.359_448_489_975_075 + 4.362_295_432_869_581),
    -6.359_448_489_975_075,
    4.362_295_432_869_581,
];
const A5: [f64; 4] = [
    0.980_025_540_904_509_7
        - (-11.748_883_564_062_83 + 7.495_539_342_889_836 - 0.092_495_066_361_755_25),
    -11.748_883_564_062_83,
    7.495_539_342_889_836,
    -0.092_495_066_361_755_25,
];
const A6: [f64; 5] = [
    1.0 - (-12.920_969_317_847_11 + 8.159_367_898_576_159
        - 0.071_584_973_281_401
        - 0.028_269_050_394_068_38),
    -12.920_969_317_847_11,
    8.159_367_898_576_159,
    -0.071_584_973_281_401,
    -0.028_269_050_394_068_38,
];
const WEIGHTS: [f64; 6] = [
    0.096_460_766_818_065_23,
    0.01,
    0.479_889_650_414_499_6,
    1.379_008_574_103_742,
    -3.290_069_515_436_081,
    2.324_710_524_099_774,
];
/// Weights less those of the embedded method.
const DIFFERENCE: [f64; 7] = [
    -0.001_780_011_052_225_777,
    -0.000_816_434_459_656_746_9,
    0.007_880_878_010_261_995,
    -0.144_711_007_173_262_9,
    0.582_357_165_452_555_2,
    -0.458_082_105_929_186_97,
    0.015_151_515_151_515_152,
];
/// The weights within a step: coefficients of θ to θ⁴, a row a stage.
const WITHIN: [[f64; 4]; 7] = [
    [
        1.0,
        -2.763_706_197_274_83,
        2.913_255_461_821_91,
        -1.053_088_497_729_02,
    ],
    [0.0, 0.1317, -0.2234, 0.1017],
    [
        0.0,
        3.930_296_236_894_75,
        -5.941_033_872_131_5,
        2.490_627_285_651_25,
    ],
    [
        0.0,
        -12.411_077_166_933_7,
        30.338_188_630_282_3,
        -16.548_102_889_244_9,
    ],
    [
        0.0,
        37.509_313_416_511,
        -88.178_904_894_766_4,
        47.379_521_962_819_3,
    ],
    [
        0.0,
        -27.896_526_289_197_3,
        65.091_894_674_793_7,
        -34.870_657_861_496_6,
    ],
    [0.0, 1.5, -4.0, 2.5],
];
/// Rejections in a row after which there is no step.
const REJECTIONS: usize = 40;
/// The shortest step.
const SHORTEST: f64 = 1e-13;

/// The method in the middle of a trajectory.
pub(super) struct Tsitouras<'a> {
    flow: &'a Flow<'a>,
    rtol: f64,
    atol: f64,
    end_time: f64,
    time: f64,
    state: Vec<f64>,
    /// Time and state at the start of the last step.
    before: (f64, Vec<f64>),
    /// The velocities of the last step. The last one is that of its end.
    stages: [Vec<f64>; 7],
    next_step: f64,
    error: f64,
    steps: usize,
    rejected: usize,
}

impl<'a> Tsitouras<'a> {
    pub fn new(flow: &'a Flow<'a>, launch: &Launch<'_>, settings: &SolverSettings) -> Self {
        let state = launch.state;
        let mut stages: [Vec<f64>; 7] = std::array::from_fn(|_| vec![0.0; state.len()]);
        flow.velocity(state, &mut stages[6]);
        Self {
            flow,
            rtol: settings.rtol,
            atol: settings.atol,
            end_time: launch.end_time,
            time: launch.time,
            before: (launch.time, state.to_vec()),
            state: state.to_vec(),
            stages,
            next_step: launch.first_step,
            error: 0.0,
            steps: 0,
            rejected: 0,
        }
    }

    /// Makes an attempt at a step of length h from `before`. Returns the mean square of its error
    /// in units of the tolerance.
    fn attempt(&mut self, h: f64) -> f64 {
        let (from, state, flow) = (&self.before.1, &mut self.state, self.flow);
        let stage = |k: usize, stages: &mut [Vec<f64>; 7], state: &mut [f64]| {
            let (_, rest) = stages.split_at_mut(k);
            flow.velocity(state, &mut rest[0]);
        };
        let stages = &mut self.stages;
        combine(h, from, A2, [&stages[0]], state);
        stage(1, stages, state);
        combine(h, from, A3, [&stages[0], &stages[1]], state);
        stage(2, stages, state);
        combine(h, from, A4, [&stages[0], &stages[1], &stages[2]], state);
        stage(3, stages, state);
        let [k1, k2, k3, k4, ..] = &*stages;
        combine(h, from, A5, [k1, k2, k3, k4], state);
        stage(4, stages, state);
        let [k1, k2, k3, k4, k5, ..] = &*stages;
        combine(h, from, A6, [k1, k2, k3, k4, k5], state);
        stage(5, stages, state);
        let [k1, k2, k3, k4, k5, k6, _] = &*stages;
        combine(h, from, WEIGHTS, [k1, k2, k3, k4, k5, k6], state);
        stage(6, stages, state);
        let (mut square, mut sum) = (0.0, 0.0);
        for (i, s) in from.iter().enumerate() {
            let pairs = self.stages.iter().zip(DIFFERENCE);
            let error = h * pairs.map(|(k, weight)| weight * k[i]).sum::<f64>();
            let relative = error / (self.atol + self.rtol * s.abs());
            square += error * error;
            sum += relative * relative;
        }
        self.error = square.sqrt();
        sum / from.len() as f64
    }
}

/// `out = from + h Σ aₖ vₖ`.
fn combine<const N: usize>(
    h: f64,
    from: &[f64],
    weights: [f64; N],
    velocities: [&Vec<f64>; N],
    out: &mut [f64],
) {
    let n = out.len();
    let (from, velocities) = (&from[..n], velocities.map(|velocity| &velocity[..n]));
    let weights = weights.map(|weight| h * weight);
    for i in 0..n {
        let mut sum = from[i];
        for k in 0..N {
            sum += weights[k] * velocities[k][i];
        }
        out[i] = sum;
    }
}

impl Stepper for Tsitouras<'_> {
    fn time(&self) -> f64 {
        self.time
    }

    fn state(&self) -> &[f64] {
        &self.state
    }

    fn velocity(&self) -> Option<&[f64]> {
        Some(&self.stages[6])
    }

    fn error(&self) -> f64 {
        self.error
    }

    fn step(&mut self) -> Result<(), Breakdown> {
        // the end of the last step is the start of this one
        self.stages.swap(0, 6);
        self.before.0 = self.time;
        self.before.1.copy_from_slice(&self.state);
        let mut h = self.next_step;
        let rounding = 100.0 * f64::EPSILON * (self.time.abs() + h.abs());
        let mut last = self.time + h > self.end_time - rounding;
        if last {
            h = self.end_time - self.time;
        }
        for _ in 0..REJECTIONS {
            let error = self.attempt(h);
            let factor = (0.9 * error.powf(-0.1)).clamp(0.5, 2.0);
            if error < 1.0 {
                self.time = if last { self.end_time } else { self.time + h };
                self.next_step = h * factor;
                self.steps += 1;
                let is_finite = self.state.iter().all(|s| s.is_finite());
                let moves = self.time > self.before.0;
                return if is_finite && moves {
                    Ok(())
                } else {
                    Err(Breakdown)
                };
            }
            self.rejected += 1;
            h *= factor;
            last = false;
            if h.is_nan() || h < SHORTEST {
                break;
            }
        }
        Err(Breakdown)
    }

    fn interpolate(&self, time: f64, out: &mut [f64]) {
        let (start, from) = &self.before;
        let h = self.time - start;
        let part = if h == 0.0 { 1.0 } else { (time - start) / h };
        let weights = WITHIN.map(|row| {
            let polynomial = row
                .iter()
                .rev()
                .fold(0.0, |sum, coefficient| sum * part + coefficient);
            polynomial * part
        });
        let [k1, k2, k3, k4, k5, k6, k7] = &self.stages;
        combine(h, from, weights, [k1, k2, k3, k4, k5, k6, k7], out);
    }

    fn step_size(&self) -> f64 {
        self.next_step
    }

    fn limit_step(&mut self, longest: f64) {
        self.next_step = self.next_step.min(longest);
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            steps: self.steps,
            rejected: self.rejected,
            rhs_evaluations: self.flow.rhs_evaluations.get(),
            ..Statistics::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::phase::Phase;
    use crate::model::VectorField;

    /// A turn about the origin.
    struct Turn;

    impl VectorField for Turn {
        fn dimension(&self) -> usize {
            2
        }
        fn velocity(&self, state: &[f64], out: &mut [f64]) {
            out.copy_from_slice(&[-state[1], state[0]]);
        }
        fn jacobian_vector(&self, _state: &[f64], vector: &[f64], out: &mut [f64]) {
            self.velocity(vector, out);
        }
    }

    /// The errors of one step of length h at its end and in its middle.
    fn errors(h: f64) -> (f64, f64) {
        let phase = Phase::free(&Turn);
        let flow = Flow::new(&phase, &[false, false]);
        let loose = SolverSettings {
            rtol: 1.0,
            atol: 1.0,
            ..SolverSettings::default()
        };
        let launch = Launch {
            time: 0.0,
            state: &[1.0, 0.0],
            first_step: h,
            end_time: f64::INFINITY,
        };
        let mut turn = Tsitouras::new(&flow, &launch, &loose);
        turn.step().unwrap();
        let off = |time: f64, state: &[f64]| (state[0] - time.cos()).hypot(state[1] - time.sin());
        let mut middle = [0.0; 2];
        turn.interpolate(0.5 * h, &mut middle);
        assert_eq!(flow.rhs_evaluations.get(), 7);
        (off(h, turn.state()), off(0.5 * h, &middle))
    }

    #[test]
    fn a_step_is_of_order_five_and_its_inside_of_order_four() {
        let (whole, half) = (errors(0.4), errors(0.2));
        let order = |whole: f64, half: f64| (whole / half).log2();
        assert!(order(whole.0, half.0) > 5.7, "{whole:?} {half:?}");
        assert!(order(whole.1, half.1) > 4.7, "{whole:?} {half:?}");
    }
}
