//! The loop over the steps of samples in step: who has settled retires, who diverges is put out,
//! and the lanes close up.

use nalgebra::DMatrix;

use super::phase::{BatchFlow, BatchPhase};
use super::settle::{BatchSettings, LaneGroup, SampleEnding, SampleRun};
use crate::dynamics::adaptive::{Lane, LaneLaunch, LaneStepper};
use crate::engine::PackedCoupling;
use crate::model::Network;
use crate::numeric::{EscapeLimit, first_direction, largest_in};

/// Steps between two looks at the spectral radius. At the start, where steps are short, it is
/// looked at after 12 and 28, and after 4 if they are not short.
const WINDOW: usize = 32;
/// Samples that are asked for it.
const PROBES: usize = 4;
/// Tolerances of a step, relative and absolute, to which rounding to single precision (6e-8 a step) adds nothing.
const SINGLE_TOLERANCES: (f64, f64) = (1e-4, 1e-6);
/// Residual of the sample nearest to rest down to which single precision does.
const SINGLE_RESIDUAL: f64 = 3e-6;

/// A network's coupling, packed, in single precision too if steps may be taken in it.
pub(super) struct Packed {
    single: Option<PackedCoupling<f32>>,
    double: PackedCoupling<f64>,
}

impl Packed {
    pub fn of(network: &Network, settings: &BatchSettings) -> Self {
        let loose = settings.rtol >= SINGLE_TOLERANCES.0 && settings.atol >= SINGLE_TOLERANCES.1;
        Self {
            single: loose.then(|| PackedCoupling::of(network)),
            double: PackedCoupling::of(network),
        }
    }
}

/// Follows the samples `members` of `phase` from their starts (n × members). A sample that has
/// neither settled nor diverged within the steps allowed is `TimedOut`.
pub(super) fn walk(
    (phase, packed): (&BatchPhase<'_>, Option<&Packed>),
    members: &[usize],
    starts: DMatrix<f64>,
    settings: &BatchSettings,
) -> LaneGroup {
    let direction = first_direction(starts.nrows());
    let mut walk = Walk {
        phase,
        packed,
        single: packed.is_some_and(|packed| packed.single.is_some()),
        settings,
        places: (0..members.len()).collect(),
        members,
        // vectors without symmetry, so that no mode is orthogonal to them
        directions: DMatrix::from_fn(starts.nrows(), starts.ncols(), |i, _| direction[i]),
        group: LaneGroup::new(starts),
        time: 0.0,
        next_step: f64::NAN,
        steps: 0,
        radius: 0.0,
        longest: f64::INFINITY,
        caution: 1.0,
        lowest: f64::INFINITY,
        lowest_before: f64::INFINITY,
        limit: None,
    };
    while !walk.places.is_empty() && walk.steps < settings.max_steps && walk.go_on() {}
    walk.group
}

/// The step, in units of the shortest time constant, at which the explicit method comes to rest
/// fastest if the eigenvalues of the linearised dynamics fill the disc of radius ρ − 1 around −1:
/// the slowest mode decays as e^{−(2−ρ)h}, the fastest as the method's stability function has it.
/// (At ρ > 2, which no disc inside the left half-plane has, 96 % of the stability limit.)
fn best_step(radius: f64) -> f64 {
    (2.03 - 0.40 * radius).min(2.41 / radius)
}

struct Walk<'s> {
    phase: &'s BatchPhase<'s>,
    packed: Option<&'s Packed>,
    /// Whether steps are still taken in single precision.
    single: bool,
    settings: &'s BatchSettings,
    /// The samples of the group.
    members: &'s [usize],
    group: LaneGroup,
    /// Which of them are in the lanes.
    places: Vec<usize>,
    time: f64,
    next_step: f64,
    steps: usize,
    /// Spectral radius of the linearised dynamics, as far as it is known, and the longest step.
    radius: f64,
    longest: f64,
    /// Factor on the longest step, halved whenever the residual stalls.
    caution: f64,
    /// Of each sample, a vector near its fastest direction.
    directions: DMatrix<f64>,
    /// Lowest of the largest residuals in this window of steps, and in the one before.
    lowest: f64,
    lowest_before: f64,
    /// The size of state beyond which a sample has diverged.
    limit: Option<EscapeLimit>,
}

impl Walk<'_> {
    /// Goes on with the samples that are left, until a quarter of them is done. Returns `false` if
    /// the integrator cannot go on.
    fn go_on(&mut self) -> bool {
        let samples: Vec<usize> = self
            .places
            .iter()
            .map(|&place| self.members[place])
            .collect();
        match self.packed {
            Some(Packed {
                single: Some(packed),
                ..
            }) if self.single => {
                // what single precision cannot do is left to double
                self.single = self.launch(&BatchFlow::packed(self.phase, &samples, packed));
                true
            }
            Some(Packed { double, .. }) => {
                self.launch(&BatchFlow::packed(self.phase, &samples, double))
            }
            None => self.launch(&BatchFlow::plain(self.phase, &samples)),
        }
    }

    fn launch<T: Lane>(&mut self, flow: &BatchFlow<'_, T>) -> bool {
        let starts = self.group.states.select_columns(&self.places);
        let starts: Vec<T> = starts.iter().map(|&state| T::from_f64(state)).collect();
        if self.steps == 0 {
            self.next_step = self.settings.initial_step * flow.shortest_time();
        }
        let launch = LaneLaunch {
            time: self.time,
            states: &starts,
            lanes: self.places.len(),
            first_step: self.next_step.min(self.caution * self.longest),
            rtol: self.settings.rtol,
            atol: self.settings.atol,
        };
        let went_on = T::with_lanes(flow, &launch, |stepper| {
            let went_on = self.walk(flow, stepper);
            self.group.statistics += stepper.statistics();
            went_on
        });
        went_on == Ok(true)
    }

    fn walk<T: Lane>(&mut self, flow: &BatchFlow<'_, T>, stepper: &mut dyn LaneStepper<T>) -> bool {
        let lanes = self.places.len();
        // who is near rest already ends single precision at the first look
        let (mut went_on, single) = (true, self.single);
        let mut done = vec![false; lanes];
        let mut count = self.look(flow, stepper, &mut done);
        while 4 * count < lanes && self.steps < self.settings.max_steps && single == self.single {
            if stepper.step().is_err() {
                went_on = false;
                break;
            }
            self.steps += 1;
            count += self.look(flow, stepper, &mut done);
            // who starts near rest takes long steps soon
            let early = self.steps == 4 && stepper.step_size() > 0.5 * flow.shortest_time();
            if early || self.steps == 12 || self.steps % WINDOW == 28 {
                self.choose_step(flow, stepper);
            }
            stepper.limit_step(self.caution * self.longest);
        }
        self.time = stepper.time();
        self.next_step = stepper.step_size();
        let mut lane = 0..lanes;
        let n = flow.dimension();
        self.places.retain(|&place| {
            let Some(lane) = lane.next().filter(|&lane| !done[lane]) else {
                return false;
            };
            let state = &stepper.states()[lane * n..(lane + 1) * n];
            keep(&mut self.group.states, place, state);
            true
        });
        went_on && single == self.single
    }

    /// Writes down who has settled or diverged since the last look, and counts them.
    fn look<T: Lane>(
        &mut self,
        flow: &BatchFlow<'_, T>,
        stepper: &dyn LaneStepper<T>,
        done: &mut [bool],
    ) -> usize {
        let n = flow.dimension();
        let (states, velocities) = (stepper.states(), stepper.velocities());
        let limit = *self.limit.get_or_insert_with(|| {
            EscapeLimit::of(1.0 + largest_in(states) + largest_in(velocities))
        });
        let (mut worst, mut best, mut count): (f64, f64, usize) = (0.0, f64::INFINITY, 0);
        for (lane, &place) in self.places.iter().enumerate() {
            if done[lane] {
                continue;
            }
            let state = &states[lane * n..(lane + 1) * n];
            let residual = flow.residual(&velocities[lane * n..(lane + 1) * n]);
            let size = largest_in(state);
            let ending = if residual <= self.settings.tolerance && !self.single {
                SampleEnding::Settled
            } else if !residual.is_finite() || limit.is_exceeded_by(size) {
                SampleEnding::Diverged
            } else {
                worst = worst.max(residual);
                best = best.min(residual);
                SampleEnding::TimedOut
            };
            self.group.samples[place] = SampleRun {
                ending,
                residual,
                time: stepper.time(),
            };
            if ending != SampleEnding::TimedOut {
                done[lane] = true;
                count += 1;
                keep(&mut self.group.states, place, state);
            }
        }
        self.single &= best > SINGLE_RESIDUAL.max(3.0 * self.settings.tolerance);
        self.lowest = self.lowest.min(worst);
        count
    }

    /// Chooses the longest step anew, and a shorter one if the residual stalls: an error test that
    /// lets the step grow over the stability limit keeps a trajectory from coming to rest.
    fn choose_step<T: Lane>(&mut self, flow: &BatchFlow<'_, T>, stepper: &dyn LaneStepper<T>) {
        let (n, lanes) = (flow.dimension(), self.places.len());
        let probes: Vec<usize> = (0..lanes).step_by(lanes.div_ceil(PROBES)).collect();
        let places: Vec<usize> = probes.iter().map(|&lane| self.places[lane]).collect();
        let samples: Vec<usize> = places.iter().map(|&place| self.members[place]).collect();
        let mut states = Vec::with_capacity(n * probes.len());
        let mut vectors = self.directions.select_columns(&places);
        for (&lane, mut vector) in probes.iter().zip(vectors.column_iter_mut()) {
            let lane = lane * n..(lane + 1) * n;
            states.extend(stepper.states()[lane.clone()].iter().map(|s| s.to_f64()));
            // where the step is too long, the velocity itself is the fastest direction
            let velocity = stepper.velocities()[lane].iter().map(|v| v.to_f64());
            let size = velocity.clone().map(|v| v * v).sum::<f64>().sqrt();
            vector.normalize_mut();
            for (value, velocity) in vector.iter_mut().zip(velocity) {
                *value += velocity / size.max(f64::MIN_POSITIVE);
            }
        }
        let part = BatchFlow::plain(self.phase, &samples);
        let radius = part.spectral_radius(&states, &mut vectors);
        for (&place, vector) in places.iter().zip(vectors.column_iter()) {
            self.directions.set_column(place, &vector);
        }
        let unit = flow.shortest_time();
        // a short iteration can lose sight of the fastest mode
        self.radius = radius.max(0.8 * self.radius);
        self.longest = unit * best_step(unit * self.radius);
        if self.steps > WINDOW && self.lowest >= 0.999 * self.lowest_before {
            self.caution = (0.5 * self.caution).max(1.0 / 64.0);
            self.single = false;
        }
        self.lowest_before = std::mem::replace(&mut self.lowest, f64::INFINITY);
    }
}

/// Writes down the state of a sample.
fn keep<T: Lane>(states: &mut DMatrix<f64>, place: usize, state: &[T]) {
    for (kept, state) in states.column_mut(place).iter_mut().zip(state) {
        *kept = state.to_f64();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stability function of a method of three stages and order 3.
    fn stability(z: f64) -> f64 {
        1.0 + z * (1.0 + z * (0.5 + z / 6.0))
    }

    #[test]
    fn the_best_step_balances_the_fastest_and_the_slowest_mode() {
        for r in [0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95] {
            let decay = |step: f64| {
                let ends = [-1.0 - r, -1.0 + r].map(|mode| stability(step * mode).abs());
                ends[0].max(ends[1]).ln()
            };
            let chosen = decay(best_step(1.0 + r));
            let best = (50..350)
                .map(|k| decay(0.01 * f64::from(k)))
                .fold(0.0, f64::min);
            assert!(chosen <= 0.95 * best, "r = {r}: {chosen} instead of {best}");
        }
    }
}
