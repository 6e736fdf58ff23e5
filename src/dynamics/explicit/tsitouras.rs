//! The explicit method of order 5(4) of Ch. Tsitouras (Comput. Math. Appl. 62, 2011) with its dense
//! output. A step evaluates the velocity six times.

use super::{Block, Pair, Step, combine};

const A2: [f64; 1] = [0.161];
const A3: [f64; 2] = [0.327 - 0.335_480_655_492_357, 0.335_480_655_492_357];
const A4: [f64; 3] = [
    0.9 - (-6.359_448_489_975_075 + 4.362_295_432_869_581),
    -6.359_448_489_975_075,
    4.362_295_432_869_581,
];
const A5: [f64; 4] = [
    0.980_025_540_904_509_7
        - (-11.748_883_564_062_83 + 7.495_539_342_889_836 - 0.092_495_066_361_755_25),
    -11.748_883_564_062_83,
    7.495_539_342_889_836,
    -0.092_495_066_361_755_25,
];
const A6: [f64; 5] = [
    1.0 - (-12.920_969_317_847_11 + 8.159_367_898_576_159
        - 0.071_584_973_281_401
        - 0.028_269_050_394_068_38),
    -12.920_969_317_847_11,
    8.159_367_898_576_159,
    -0.071_584_973_281_401,
    -0.028_269_050_394_068_38,
];
const WEIGHTS: [f64; 6] = [
    0.096_460_766_818_065_23,
    0.01,
    0.479_889_650_414_499_6,
    1.379_008_574_103_742,
    -3.290_069_515_436_081,
    2.324_710_524_099_774,
];
/// Weights less those of the embedded method.
const DIFFERENCE: [f64; 7] = [
    -0.001_780_011_052_225_777,
    -0.000_816_434_459_656_746_9,
    0.007_880_878_010_261_995,
    -0.144_711_007_173_262_9,
    0.582_357_165_452_555_2,
    -0.458_082_105_929_186_97,
    0.015_151_515_151_515_152,
];
/// The weights within a step: coefficients of θ to θ⁴, a row a stage.
const WITHIN: [[f64; 4]; 7] = [
    [
        1.0,
        -2.763_706_197_274_83,
        2.913_255_461_821_91,
        -1.053_088_497_729_02,
    ],
    [0.0, 0.1317, -0.2234, 0.1017],
    [
        0.0,
        3.930_296_236_894_75,
        -5.941_033_872_131_5,
        2.490_627_285_651_25,
    ],
    [
        0.0,
        -12.411_077_166_933_7,
        30.338_188_630_282_3,
        -16.548_102_889_244_9,
    ],
    [
        0.0,
        37.509_313_416_511,
        -88.178_904_894_766_4,
        47.379_521_962_819_3,
    ],
    [
        0.0,
        -27.896_526_289_197_3,
        65.091_894_674_793_7,
        -34.870_657_861_496_6,
    ],
    [0.0, 1.5, -4.0, 2.5],
];
/// Tsitouras' pair of order 5(4).
pub(in crate::dynamics) struct Tsitouras;

impl Pair for Tsitouras {
    const STAGES: usize = 7;
    const INSIDE: usize = 0;
    const ORDER: f64 = 5.0;

    fn attempt(step: &mut Step<'_>, h: f64) {
        step.advance(h, A2, [0]);
        step.evaluate(1);
        step.advance(h, A3, [0, 1]);
        step.evaluate(2);
        step.advance(h, A4, [0, 1, 2]);
        step.evaluate(3);
        step.advance(h, A5, [0, 1, 2, 3]);
        step.evaluate(4);
        step.advance(h, A6, [0, 1, 2, 3, 4]);
        step.evaluate(5);
        step.advance(h, WEIGHTS, [0, 1, 2, 3, 4, 5]);
        step.evaluate(6);
    }

    fn difference(step: &Step<'_>, block: usize) -> Block {
        let of = [0, 1, 2, 3, 4, 5, 6];
        step.add(block, DIFFERENCE, of, Block::default())
    }

    fn within(step: &Step<'_>, h: f64, part: f64, _inside: &[Vec<f64>], out: &mut [f64]) {
        let weights = WITHIN.map(|row| {
            let polynomial = row
                .iter()
                .rev()
                .fold(0.0, |sum, coefficient| sum * part + coefficient);
            polynomial * part
        });
        let velocities = std::array::from_fn(|stage| step.stage(stage));
        combine(h, step.from(), weights, velocities, out);
    }
}
