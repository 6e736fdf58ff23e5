//! Equilibrium propagation in networks that have no energy function, taken literally: the network
//! is an explicit system of ordinary differential equations, solved by adaptive integrators, and
//! learning is what its trajectories do when they are nudged.
//!
//! The theory is that of B. Scellier, A. Goyal, J. Binas, T. Mesnard and Y. Bengio, *Generalization
//! of Equilibrium Propagation to Vector Field Dynamics*, arXiv:1808.04873 (2018). [`theory`]
//! derives everything that is used here.
//!
//! # The theorem
//!
//! A state s follows `$\dot s = \mu_\theta(s)$` to a fixed point `$s^0$`, where a cost C is
//! measured: the objective is `$J(\theta) = C(s^0)$`. Nudged, the state follows
//! `$\dot s = \mu_\theta(s) - \beta\,\partial C/\partial s$` to `$s^\beta$`. With
//! `$\mathrm{Jac} = \partial\mu/\partial s$` and `$c = \partial C/\partial s$` at `$s^0$`,
//!
//! ```math
//! \begin{aligned}
//! -\frac{\partial J}{\partial\theta} &= \Bigl(\frac{\partial\mu}{\partial\theta}\Bigr)^{\!\top} g,
//!   & g &= \mathrm{Jac}^{-\top}\, c && \text{(the gradient)} \\
//! \nu &= \Bigl(\frac{\partial\mu}{\partial\theta}\Bigr)^{\!\top} a,
//!   & a &= \frac{\partial s^\beta}{\partial\beta}\Big|_{\beta=0} = \mathrm{Jac}^{-1}\, c
//!   && \text{(equilibrium propagation)}
//! \end{aligned}
//! ```
//!
//! The two differ by one transpose: they are equal when Jac is symmetric, and the angle between
//! them measures how far it is from that.
//!
//! # A tour by task
//!
//! **Simulate something.** A [`model::Network`] with its input clamped is a [`model::VectorField`],
//! and so is any type of yours that implements the trait's three methods. A [`dynamics::Phase`]
//! adds time constants, bounds, and a nudge.
//!
//! **Let it settle.** [`dynamics::settle`] follows the trajectory and says by type what became of
//! it: a [`dynamics::FixedPoint`] (with residual, Jacobian and spectrum), a limit cycle,
//! divergence, or no answer in the time given.
//!
//! ```
//! use eqprop::dynamics::{Phase, SolverSettings, settle};
//! use eqprop::model::{Activation, Dynamics, Glorot};
//!
//! let network = Glorot::default().layered(&[4, 8, 2], Dynamics::Leaky, Activation::Tanh)?;
//! let field = network.clamp(&[0.5, -0.2, 0.1, 0.9]);
//! let outcome = settle(&Phase::free(&field), &[0.0; 10], &SolverSettings::default());
//! let fixed_point = outcome.into_fixed_point()?;
//! assert!(fixed_point.stable() && fixed_point.residual() < 1e-14);
//! # Ok::<(), eqprop::Error>(())
//! ```
//!
//! **Compare EP with the gradient.** That takes a field with parameters, a [`model::Parametrised`].
//! [`gradient::gradient`] does it for a problem. [`gradient::FreePhase`] gives the parts: the two
//! solves of the theorem, and every [`gradient::Estimator`] from actual nudged trajectories.
//!
//! ```
//! use eqprop::dynamics::SolverSettings;
//! use eqprop::gradient::{Estimator, gradient};
//! use eqprop::model::{Activation, Dynamics, Glorot, Problem};
//!
//! let network = Glorot::default().layered(&[4, 8, 2], Dynamics::Leaky, Activation::Tanh)?;
//! let problem = Problem::new(network, vec![0.5, -0.2, 0.1, 0.9], &[1.0, 0.0])?;
//! let settings = SolverSettings::default();
//! let limit = gradient(&problem, Estimator::LinearResponse, None, &settings)?;
//! let measured = gradient(&problem, Estimator::Centred, Some(1e-3), &settings)?;
//! let (limit, measured) = (limit.angle_degrees.unwrap(), measured.angle_degrees.unwrap());
//! assert!(limit > 1.0 && (limit - measured).abs() < 1e-3);
//! # Ok::<(), eqprop::Error>(())
//! ```
//!
//! **Know where the error comes from.** [`gradient::budget`] splits it by its sources.
//! [`gradient::asymmetry_penalty`] is the asymmetry as a penalty that training can lower.
//!
//! **Know how wrong EP can be.** [`gradient::all_targets`] gives the largest relative error over
//! all targets, and a certificate that EP descends for every one of them.
//!
//! **Check the theorem.** [`experiment::validate`] is the study behind `eqprop validate`.
//!
//! **Do it for many.** [`experiment::sweep::sweep`] writes a record for every point of a grid of
//! random networks, nudges and solvers. It can be divided, interrupted and resumed.
//!
//! **Draw it.** [`figure`] makes publication figures of saved records.
//!
//! # Conventions
//!
//! s is the state (n values, dimensionless), x the input, y the target, W the recurrent weights
//! with `W[i][j]` acting from neuron j on neuron i, ρ the firing rate, β the influence parameter,
//! J the objective and Jac the Jacobian `∂μ/∂s`. Time is measured in units of the neurons' time
//! constant. Data flow one way through the modules: [`model`] → [`dynamics`] → [`gradient`] →
//! [`experiment`] → [`figure`].

#[cfg(feature = "experiment")]
pub mod data;
pub mod dynamics;
pub mod engine;
pub mod error;
#[cfg(feature = "experiment")]
pub mod experiment;
#[cfg(feature = "explore")]
pub mod explore;
mod expression;
#[cfg(feature = "figure")]
pub mod figure;
pub mod gradient;
pub mod io;
pub mod model;
pub mod numeric;
#[doc = include_str!("../docs/theory.md")]
pub mod theory {}

pub use error::{Error, Result};
