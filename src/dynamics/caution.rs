//! How long a step may be while a trajectory comes to rest: shorter where the residual stalls, longer
//! again where it falls.

/// Residuals above this do not stall, they have not begun to fall.
const FALLING: f64 = 1e-2;
/// Steps between two looks at whether the residual stalls.
const WINDOW: usize = 32;
/// The most careful factor on the longest stable step.
const MOST_CAREFUL: f64 = 1.0 / 64.0;

/// A factor on the longest stable step. A method at the edge of its stability region never comes to
/// rest: the error test lets the step grow until the residual stalls. Shorter steps then show
/// whether that was the cause. Where it was, the residual falls, and where it keeps falling the
/// step may grow again, up to half a step below what stalled.
#[derive(Debug, Clone)]
pub(crate) struct Caution {
    /// A window in which the residual falls by less than this factor is a stall.
    stalls_above: f64,
    steps: usize,
    /// Steps of this window that resolve the motion.
    resolved: usize,
    /// Lowest residual in this window of steps, and in the one before.
    lowest: f64,
    lowest_before: f64,
    factor: f64,
    /// Windows in a row in which the residual fell.
    falling: u32,
    /// Windows in a row that the step must prove itself before it grows, doubled by every stall.
    patience: u32,
}

impl Caution {
    /// Calls it a stall where a window of steps lowers the residual by less than the factor
    /// `stalls_above`.
    pub fn new(stalls_above: f64) -> Self {
        Self {
            stalls_above,
            steps: 0,
            resolved: 0,
            lowest: f64::INFINITY,
            lowest_before: f64::INFINITY,
            factor: 1.0,
            falling: 0,
            patience: 2,
        }
    }

    /// The factor, from 1/64 to 1.
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// Whether steps cannot be made shorter any more.
    pub fn is_exhausted(&self) -> bool {
        self.factor <= MOST_CAREFUL
    }

    /// The lowest residual of the last full window.
    pub fn lowest_of_window(&self) -> f64 {
        self.lowest_before
    }

    /// Takes note of the relative residual after a step, and of whether the step resolves the
    /// motion (where it does, a residual that does not fall is slow motion and no stall). At the
    /// end of a window, it returns whether it stalled.
    pub fn observe(&mut self, residual: f64, resolved: bool) -> Option<bool> {
        self.steps += 1;
        self.resolved += usize::from(resolved);
        self.lowest = self.lowest.min(residual);
        if !self.steps.is_multiple_of(WINDOW) {
            return None;
        }
        let hovers = std::mem::take(&mut self.resolved) < WINDOW / 2;
        let stalled =
            hovers && residual < FALLING && self.lowest >= self.stalls_above * self.lowest_before;
        self.lowest_before = std::mem::replace(&mut self.lowest, f64::INFINITY);
        if stalled {
            self.factor = (0.5 * self.factor).max(MOST_CAREFUL);
            self.patience = self.patience.saturating_mul(2);
            self.falling = 0;
        } else {
            self.falling += 1;
            if self.falling >= self.patience {
                self.factor = (2.0 * self.factor).min(1.0);
                self.falling = 0;
            }
        }
        Some(stalled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stalls_shorten_the_step_and_progress_lets_it_grow_again() {
        let mut caution = Caution::new(0.999);
        for _ in 0..5 * WINDOW {
            caution.observe(1e-4, false);
        }
        assert_eq!(caution.factor(), 1.0 / 16.0);
        let mut residual = 1e-4;
        for _ in 0..400 * WINDOW {
            residual *= 0.99;
            caution.observe(residual, false);
        }
        assert_eq!(caution.factor(), 1.0);
        assert!(!caution.is_exhausted());
        // slow motion is no stall
        for _ in 0..5 * WINDOW {
            caution.observe(1e-4, true);
        }
        assert_eq!(caution.factor(), 1.0);
    }

    #[test]
    fn a_window_hovers_while_fewer_than_half_of_its_steps_resolve_the_motion() {
        for (resolved, stalls) in [(0, true), (WINDOW / 2 - 1, true), (WINDOW / 2, false)] {
            let mut caution = Caution::new(0.999);
            // the first window has none before it to be compared with
            for k in 0..3 * WINDOW {
                let stalled = caution.observe(1e-4, k % WINDOW < resolved);
                let expected = ((k + 1) % WINDOW == 0).then_some(stalls && k > WINDOW);
                assert_eq!(stalled, expected, "{resolved} {k}");
            }
            assert_eq!(caution.factor(), if stalls { 0.25 } else { 1.0 });
        }
        // a residual that has not begun to fall does not stall
        let mut caution = Caution::new(0.999);
        for _ in 0..3 * WINDOW {
            assert_ne!(caution.observe(FALLING, false), Some(true));
        }
    }
}
