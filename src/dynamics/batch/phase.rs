//! A phase of many samples at once: free, or nudged towards one target each.

use std::cell::RefCell;

use nalgebra::DMatrix;

use crate::dynamics::adaptive::LaneFlow;
use crate::dynamics::phase::Phase;
use crate::engine::{CouplingWorkspace, PackedCoupling, Scalar};
use crate::model::{ClampedBatch, Network, SquaredError, VectorField};
use crate::numeric::{largest, largest_in, power_iteration};

/// The systems `$\tau_i\,\dot s_i = \mu_i(s) - \beta\,\partial C/\partial s_i$` of B samples that
/// share a network, each with its own input and cost, where β = 0 in the free phase. It is B of
/// [`crate::dynamics::Phase`].
#[derive(Debug, Clone, Copy)]
pub struct BatchPhase<'a> {
    field: &'a ClampedBatch<'a>,
    time_constants: Option<&'a [f64]>,
    bounds: Option<(f64, f64)>,
    nudge: Option<(&'a [SquaredError], f64)>,
}

impl<'a> BatchPhase<'a> {
    /// The free phase of a batch: unit time constants, no bounds.
    pub fn free(field: &'a ClampedBatch<'a>) -> Self {
        Self {
            field,
            time_constants: None,
            bounds: None,
            nudge: None,
        }
    }

    /// The same with time constants τ (n positive values, shared by the samples).
    #[must_use]
    pub fn with_time_constants(self, time_constants: &'a [f64]) -> Self {
        Self {
            time_constants: Some(time_constants),
            ..self
        }
    }

    /// The same with states held inside [low, high].
    #[must_use]
    pub fn with_state_bounds(self, low: f64, high: f64) -> Self {
        Self {
            bounds: Some((low, high)),
            ..self
        }
    }

    /// The weakly clamped phase: this one, nudged by −β ∂C/∂s with one cost per sample.
    #[must_use]
    pub fn nudged(self, costs: &'a [SquaredError], beta: f64) -> Self {
        Self {
            nudge: Some((costs, beta)),
            ..self
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.field.network().dimension()
    }

    /// B.
    pub fn samples(&self) -> usize {
        self.field.samples()
    }

    /// The bounds on every state, if any.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        self.bounds
    }

    /// The phase of one sample. `field` is that sample's.
    pub(super) fn sample<'s>(&self, sample: usize, field: &'s dyn VectorField) -> Phase<'s>
    where
        'a: 's,
    {
        let mut phase = Phase::free(field);
        if let Some(constants) = self.time_constants {
            phase = phase.with_time_constants(constants);
        }
        if let Some((low, high)) = self.bounds {
            phase = phase.with_state_bounds(low, high);
        }
        if let Some((costs, beta)) = self.nudge {
            phase = phase.nudged(&costs[sample], beta);
        }
        phase
    }

    /// The vector fields.
    pub fn field(&self) -> &'a ClampedBatch<'a> {
        self.field
    }
}

/// `out = drives + W ρ(s) − s` of some samples, or what stands for it: `(drives, states, out)`.
type Products<'a, T> = Box<dyn Fn(&[T], &[T], &mut [T]) + 'a>;

/// Some samples of a batch phase as the integrator sees them (without bounds).
pub(super) struct BatchFlow<'a, T> {
    network: &'a Network,
    /// Uρ(x) + b of the samples, one after the other.
    drives: Vec<T>,
    costs: Vec<&'a SquaredError>,
    beta: f64,
    time_constants: Option<&'a [f64]>,
    products: Products<'a, T>,
}

impl<'a, T: Scalar> BatchFlow<'a, T> {
    /// `packed` is the network's coupling.
    pub fn packed(
        phase: &BatchPhase<'a>,
        samples: &[usize],
        packed: &'a PackedCoupling<T>,
    ) -> Self {
        let workspace = RefCell::<CouplingWorkspace<T>>::default();
        let products = move |drives: &[T], states: &[T], out: &mut [T]| {
            packed.velocities(drives, states, out, &mut workspace.borrow_mut());
        };
        Self::new(phase, samples, Box::new(products))
    }

    fn new(phase: &BatchPhase<'a>, samples: &[usize], products: Products<'a, T>) -> Self {
        let (drives, n) = (phase.field.constant_drive().as_slice(), phase.dimension());
        let (costs, beta) = phase.nudge.unwrap_or((&[], 0.0));
        Self {
            network: phase.field.network(),
            drives: samples
                .iter()
                .flat_map(|&sample| &drives[sample * n..(sample + 1) * n])
                .map(|&drive| T::from_f64(drive))
                .collect(),
            costs: samples
                .iter()
                .filter_map(|&sample| costs.get(sample))
                .collect(),
            beta,
            time_constants: phase.time_constants,
            products,
        }
    }

    /// n.
    pub fn dimension(&self) -> usize {
        self.network.dimension()
    }

    /// The shortest time constant.
    pub fn shortest_time(&self) -> f64 {
        self.time_constants.map_or(1.0, |constants| {
            constants.iter().copied().fold(f64::INFINITY, f64::min)
        })
    }

    /// ‖μ^β‖∞ of one sample from its velocity, or NaN if any value is.
    pub fn residual(&self, velocity: &[T]) -> f64 {
        match self.time_constants {
            None => largest_in(velocity),
            Some(constants) => largest(velocity.iter().zip(constants).map(|(v, c)| v.to_f64() * c)),
        }
    }

    fn divide_by_time_constants(&self, out: &mut [T]) {
        if let Some(constants) = self.time_constants {
            for lane in out.chunks_exact_mut(constants.len()) {
                for (out, &constant) in lane.iter_mut().zip(constants) {
                    *out = *out / T::from_f64(constant);
                }
            }
        }
    }
}

impl<'a> BatchFlow<'a, f64> {
    /// Whatever the network's dynamics.
    pub fn plain(phase: &BatchPhase<'a>, samples: &[usize]) -> Self {
        let (network, rates) = (phase.field.network(), RefCell::<Vec<f64>>::default());
        let products = move |drives: &[f64], states: &[f64], out: &mut [f64]| {
            let rates = &mut rates.borrow_mut();
            rates.resize(states.len(), 0.0);
            network.velocities(drives, states, rates, out);
        };
        Self::new(phase, samples, Box::new(products))
    }

    /// An estimate of the largest spectral radius of the linearised dynamics over the samples, by
    /// power iteration on `vectors` (one a sample), which end nearer to the fastest directions: the
    /// largest growth in the last half of the products.
    pub fn spectral_radius(&self, states: &[f64], vectors: &mut DMatrix<f64>) -> f64 {
        const PRODUCTS: usize = 8;
        let n = self.dimension();
        let mut jacobian = self.network.linearise(&self.drives, states);
        for (lane, cost) in self.costs.iter().enumerate() {
            for &neuron in cost.outputs() {
                jacobian.diagonal_mut()[lane * n + neuron] -= self.beta;
            }
        }
        let mut radius: f64 = 0.0;
        power_iteration(
            vectors.as_mut_slice(),
            n,
            PRODUCTS,
            |vectors, images| {
                jacobian.multiply(vectors, images);
                self.divide_by_time_constants(images);
            },
            |growth| radius = radius.max(growth),
        );
        radius
    }
}

impl<T: Scalar> LaneFlow<T> for BatchFlow<'_, T> {
    fn velocity(&self, states: &[T], out: &mut [T]) {
        (self.products)(&self.drives, states, out);
        let (n, beta) = (self.dimension(), T::from_f64(self.beta));
        for (lane, cost) in self.costs.iter().enumerate() {
            for (&neuron, &target) in cost.outputs().iter().zip(cost.target()) {
                let i = lane * n + neuron;
                out[i] -= beta * (states[i] - T::from_f64(target));
            }
        }
        self.divide_by_time_constants(out);
    }
}
