//! The mean true gradient of a batch, and what EP makes of it in the limit of weak nudges.

use eqprop::Result;
use eqprop::engine::{Scalar, States, SweepControl};
use eqprop::model::{self, Coupling, Layers};

use super::update::{Errors, worst};
use super::{Batches, Samples, Update, row};

impl<T: Scalar> Batches<T> {
    /// The mean of −∂J/∂θ, and of ν in the limit of weak nudges, which takes an engine of the transposed
    /// network: with Jac = W D − I, g = D Wᵀ g − c, and h = D a obeys h = D W h − D c.
    pub fn gradient(
        &mut self,
        network: &model::Network,
        transposed: &mut Self,
        samples: &Samples<T>,
        control: &SweepControl,
    ) -> Result<[Update<T>; 2]> {
        let (drives, rates) = self.drives(samples)?;
        let mut free = self.start(samples);
        let mut reports = self
            .engine
            .settle(&drives, &mut free, None, control)?
            .to_vec();
        let settings = self.engine.settings().clone();
        let (sizes, last) = (&settings.sizes, settings.sizes.len() - 1);
        let n: usize = sizes.iter().sum();
        let held = |s: T| {
            let s = s.to_f64();
            self.shape
                .bounds
                .is_some_and(|(low, high)| s <= low || s >= high)
        };
        let slope = |s: T| match held(s) {
            true => 0.0,
            false => settings.activation.slope(s.to_f64()),
        };
        let of_outputs = |value: &dyn Fn(T, T) -> f64| -> Vec<T> {
            let outputs = settings.outputs.len();
            let states = free.layers[last].chunks_exact(sizes[last]);
            let rows = states.zip(samples.targets.chunks_exact(outputs));
            rows.flat_map(|(state, target)| {
                let pairs = settings.outputs.iter().zip(target);
                pairs.map(|(&at, &y)| T::from_f64(value(state[at], y)))
            })
            .collect()
        };
        let c = of_outputs(&|s, y| s.to_f64() - y.to_f64());
        let scaled = of_outputs(&|s, y| (s.to_f64() - y.to_f64()) * slope(s));
        let mut truth = States::zeros(sizes, samples.count);
        let own = self.engine.error_vectors(&free, &c, &mut truth, control)?;
        worst(&mut reports, own);
        let mut response = States::zeros(sizes, samples.count);
        let own = transposed
            .engine
            .error_vectors(&free, &scaled, &mut response, control)?;
        worst(&mut reports, own);
        // a = W h − c where no bound holds
        let offset: usize = sizes[..last].iter().sum();
        for sample in 0..samples.count {
            let h: Vec<f64> = row(&response, sizes, sample).map(|v| v.to_f64()).collect();
            let mut a = vec![0.0; n];
            network.coupling.multiply_add(&h, &mut a);
            for (k, &output) in settings.outputs.iter().enumerate() {
                a[offset + output] -= c[sample * settings.outputs.len() + k].to_f64();
            }
            let mut values = a.into_iter();
            for (k, &size) in sizes.iter().enumerate() {
                let states = &free.layers[k][sample * size..][..size];
                let out = &mut response.layers[k][sample * size..][..size];
                for ((out, &state), a) in out.iter_mut().zip(states).zip(&mut values) {
                    *out = if held(state) { T::ZERO } else { T::from_f64(a) };
                }
            }
        }
        let cost = self.cost(samples, &free, &reports);
        let mut update = |errors: States<T>| {
            self.collect(Errors {
                inputs: rates.clone(),
                free: free.clone(),
                errors,
                reports: reports.clone(),
                cost,
            })
        };
        Ok([update(truth)?, update(response)?])
    }
}

/// The transpose of a network's weights; its input and biases mean nothing.
pub fn transposed(network: &model::Network) -> model::Network {
    let coupling = match &network.coupling {
        Coupling::Dense(weights) => Coupling::Dense(weights.transpose()),
        Coupling::Sparse(weights) => Coupling::Dense(weights.matrix().transposed().to_dense()),
        Coupling::Layered(layers) => {
            let transposes = |matrices: &[nalgebra::DMatrix<f64>]| {
                matrices.iter().map(|matrix| matrix.transpose()).collect()
            };
            let (forward, feedback) = (layers.feedback(), layers.forward());
            let swapped = Layers::new(layers.sizes(), transposes(forward), transposes(feedback));
            swapped.map_or_else(|| network.coupling.clone(), Coupling::Layered)
        }
    };
    model::Network {
        coupling,
        ..network.clone()
    }
}
