//! With what arithmetic: scalars and vector instructions, elementary functions, products and
//! factorisations.

mod aligned;
mod elementary;
mod escape;
mod interval;
mod largest;
pub mod linear_algebra;
#[cfg(feature = "experiment")]
mod order_statistics;
mod power_iteration;
mod scalar;
pub(crate) mod small_factorisation;
pub(crate) mod small_product;
pub(crate) mod sparse_product;
mod vectorised;

pub(crate) use aligned::Aligned;
pub(crate) use elementary::Elementary;
pub(crate) use escape::EscapeLimit;
pub use interval::Interval;
pub(crate) use largest::{largest, largest_in};
#[cfg(feature = "experiment")]
pub(crate) use order_statistics::{median, nearest_rank, quantile};
pub(crate) use power_iteration::power_iteration;
pub use scalar::Scalar;
pub(crate) use scalar::sealed::Real;
pub(crate) use vectorised::vectorised;
