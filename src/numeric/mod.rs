//! With what arithmetic: scalars and vector instructions, elementary functions, products and
//! factorisations.

mod aligned;
mod among_threads;
mod arnoldi;
mod basis;
mod bipartite;
mod by_columns;
mod column_product;
mod condition;
mod diagonal_entries;
mod elementary;
mod escape;
mod exponential_action;
mod factorisation;
mod hessenberg;
mod interval;
pub(crate) mod krylov;
mod largest;
mod largest_ratio;
mod line;
pub mod linear_algebra;
mod norm_bound;
#[cfg(feature = "experiment")]
mod order_statistics;
mod power_iteration;
mod room;
mod scalar;
mod skew;
mod small_eigenvalues;
pub(crate) mod small_factorisation;
pub(crate) mod small_product;
mod small_singular_vectors;
mod smallest_eigenvalue;
mod sparse_matrix;
pub(crate) mod sparse_product;
mod vectorised;

pub(crate) use aligned::Aligned;
pub(crate) use among_threads::among_threads;
pub(crate) use arnoldi::{RitzValue, ritz_values, ritz_values_together};
pub(crate) use bipartite::{Bipartite, BipartiteFactorisation};
pub(crate) use by_columns::by_columns;
#[cfg(feature = "experiment")]
pub(crate) use by_columns::in_parts;
pub(crate) use elementary::Elementary;
pub(crate) use escape::EscapeLimit;
pub use exponential_action::exponential_action;
pub use interval::Interval;
pub(crate) use largest::{largest, largest_in, norm};
pub(crate) use largest_ratio::largest_ratio;
pub(crate) use norm_bound::{norm_is_below, symmetric_part_is_below};
#[cfg(feature = "experiment")]
pub(crate) use order_statistics::{median, nearest_rank, quantile};
pub(crate) use power_iteration::{first_direction, norm_from_below, power_iteration};
pub(crate) use room::with_room;
pub use scalar::Scalar;
pub(crate) use scalar::sealed::Real;
pub use skew::asymmetry;
pub(crate) use skew::skew;
#[cfg(feature = "experiment")]
pub(crate) use skew::transposed;
pub(crate) use smallest_eigenvalue::smallest_symmetric_eigenvalue;
pub use sparse_matrix::SparseMatrix;
pub(crate) use vectorised::vectorised;
