//! When the sweeps of a sample stop, and what is reported of them.

/// When to stop, and how to get there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SweepControl {
    /// A sample has settled when its residual, the largest projected force, is at most this; less the rounding
    /// of the computed residual, so that the exact one is below it too. f32 reaches some 1e-6.
    pub tolerance: f64,
    /// Sweeps after which a sample is given up.
    pub max_sweeps: usize,
    /// Whether samples whose plain sweeps contract are accelerated (Anderson's method).
    pub accelerate: bool,
}

impl Default for SweepControl {
    /// Tolerance 1e-6, 500 sweeps, accelerated.
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            max_sweeps: 500,
            accelerate: true,
        }
    }
}

/// How a sample's sweeps ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The residual met the tolerance.
    Settled,
    /// The sweeps were used up, or rounding stops the residual above the tolerance.
    Stalled,
    /// The residual stopped falling, damped too. It shows nothing about the dynamics: only an integrator can.
    Oscillating,
    /// The state is not finite, or grows without limit under the sweeps.
    Diverged,
}

/// What became of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleReport {
    /// Largest projected force at the returned state, in the engine's precision, NaN if it diverged.
    pub residual: f64,
    /// Sweeps made.
    pub sweeps: usize,
    /// How it ended.
    pub end: End,
}

impl SampleReport {
    pub(crate) const NONE: Self = Self {
        residual: f64::NAN,
        sweeps: 0,
        end: End::Stalled,
    };

    /// Whether the sample settled.
    pub fn settled(&self) -> bool {
        self.end == End::Settled
    }
}
