//! The explicit method of order 8(7) of J. H. Verner with its dense output of order 8. A step evaluates the
//! velocity 13 times, and 7 times more where it is looked inside.

#[rustfmt::skip]
mod table;

use super::{Block, Pair, Step, combine};

/// Verner's pair of order 8(7).
pub(in crate::dynamics) struct Verner;

/// The stages that move the state, and that of the end.
const MOVING: [usize; 9] = [0, 5, 6, 7, 8, 9, 10, 11, 13];

/// Weights less those of the embedded method, ...
const DIFFERENCE: [f64; 9] = [
    -3.272_103_901_028_137_5e-5,
    -0.000_504_625_061_877_770_4,
    0.000_121_172_358_978_475_9,
    -20.142_336_771_313_868,
    5.237_178_599_439_828_6,
    -8.156_744_408_794_658,
    22.938_283_273_988_784,
    -0.236_132_463_307_154_2,
    0.360_167_943_728_977_54,
];
/// ... of these stages.
const COMPARED: [usize; 9] = [0, 5, 6, 7, 8, 9, 10, 11, 12];

impl Pair for Verner {
    const STAGES: usize = 14;
    const INSIDE: usize = 7;
    const ORDER: f64 = 8.0;

    fn attempt(step: &mut Step<'_>, h: f64) {
        step.advance(h, table::A2, [0]);
        step.evaluate(1);
        step.advance(h, table::A3, [0, 1]);
        step.evaluate(2);
        step.advance(h, table::A4, [0, 2]);
        step.evaluate(3);
        step.advance(h, table::A5, [0, 2, 3]);
        step.evaluate(4);
        step.advance(h, table::A6, [0, 3, 4]);
        step.evaluate(5);
        step.advance(h, table::A7, [0, 3, 4, 5]);
        step.evaluate(6);
        step.advance(h, table::A8, [0, 3, 4, 5, 6]);
        step.evaluate(7);
        step.advance(h, table::A9, [0, 3, 4, 5, 6, 7]);
        step.evaluate(8);
        step.advance(h, table::A10, [0, 3, 4, 5, 6, 7, 8]);
        step.evaluate(9);
        step.advance(h, table::A11, [0, 3, 4, 5, 6, 7, 8, 9]);
        step.evaluate(10);
        step.advance(h, table::A12, [0, 3, 4, 5, 6, 7, 8, 9, 10]);
        step.evaluate(11);
        step.advance(h, table::A13, [0, 3, 4, 5, 6, 7, 8, 9]);
        step.evaluate(12);
        step.advance(h, table::WEIGHTS, [0, 5, 6, 7, 8, 9, 10, 11]);
    }

    fn complete(step: &mut Step<'_>) {
        step.evaluate(13);
    }

    fn difference(step: &Step<'_>, block: usize) -> Block {
        step.add(block, DIFFERENCE, COMPARED, Block::default())
    }

    fn fill(step: &Step<'_>, h: f64, inside: &mut [Vec<f64>]) {
        let mut state = step.from().to_vec();
        let moving = MOVING.map(|stage| step.stage(stage));
        for (k, weights) in table::INSIDE.iter().enumerate() {
            let (known, rest) = inside.split_at_mut(k);
            for (i, s) in state.iter_mut().enumerate() {
                let known = known.iter().map(Vec::as_slice);
                let terms = weights.iter().zip(moving.into_iter().chain(known));
                let slope: f64 = terms.map(|(weight, velocity)| weight * velocity[i]).sum();
                *s = step.from()[i] + h * slope;
            }
            step.flow.velocity(&state, &mut rest[0]);
        }
    }

    fn within(step: &Step<'_>, h: f64, part: f64, inside: &[Vec<f64>], out: &mut [f64]) {
        let about_middle = 2.0 * part - 1.0;
        let weights = table::WITHIN.map(|row| {
            let terms = row.iter().rev();
            part * terms.fold(0.0, |sum, coefficient| sum * about_middle + coefficient)
        });
        let velocities = std::array::from_fn(|k| match MOVING.get(k) {
            Some(&stage) => step.stage(stage),
            None => inside[k - MOVING.len()].as_slice(),
        });
        combine(h, step.from(), weights, velocities, out);
    }
}
