//! One type per estimator.

mod continual;
mod finite;
mod holomorphic;
mod limit;
mod live;
mod path;
mod transposed;

pub use continual::Continual;
pub use finite::{Centred, OneSided, Richardson};
pub use holomorphic::{HOLOMORPHIC_POINTS, Holomorphic};
pub use limit::{LinearResponse, Sensitivity};
pub use path::Plasticity;
pub use transposed::{Asymmetric, Dyadic};
