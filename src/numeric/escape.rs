//! When a number has run away.

/// Sizes beyond this multiple of a problem's own scale are no transient any more.
const ESCAPED: f64 = 1e10;

/// The size beyond which what starts at a given scale has run away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct EscapeLimit(f64);

impl EscapeLimit {
    /// The limit of a problem of this scale.
    pub fn of(scale: f64) -> Self {
        Self(ESCAPED * scale)
    }

    /// Whether `size` is beyond it, or no number.
    pub fn is_exceeded_by(self, size: f64) -> bool {
        size.is_nan() || size > self.0
    }
}
