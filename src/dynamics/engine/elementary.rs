//! e^x by range reduction, in straight-line code that a compiler turns into vector instructions.

/// (e^r − 1 − r)/r² for |r| ≤ ln 2 / 2 in single precision, highest power first.
const SERIES_SINGLE: [f32; 7] = [
    1.0 / 40320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// The same in double precision.
const SERIES_DOUBLE: [f64; 13] = [
    1.0 / 87178291200.0,
    1.0 / 6227020800.0,
    1.0 / 479001600.0,
    1.0 / 39916800.0,
    1.0 / 3628800.0,
    1.0 / 362880.0,
    1.0 / 40320.0,
    1.0 / 5040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
];

/// (2ᵏ, eʳ − 1) with x = k ln 2 + r and |r| ≤ ln 2 / 2; x is clamped to ±87, and NaN stays NaN.
#[inline(always)]
pub(super) fn split_single(x: f32) -> (f32, f32) {
    // 1.5·2²³: adding it leaves the rounded integer in the low bits
    const MAGIC: f32 = 12_582_912.0;
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, MAGIC);
    let k = shifted - MAGIC;
    // ln 2 in two parts, of which the first has zeros at its end
    let r = k.mul_add(2.121_944_4e-4, k.mul_add(-0.693_359_4, x));
    let mut sum = SERIES_SINGLE[0];
    for coefficient in &SERIES_SINGLE[1..] {
        sum = r.mul_add(sum, *coefficient);
    }
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (power, (r * r).mul_add(sum, r))
}

/// The same in double precision; x is clamped to ±708.
#[inline(always)]
pub(super) fn split_double(x: f64) -> (f64, f64) {
    // 1.5·2⁵²
    const MAGIC: f64 = 6_755_399_441_055_744.0;
    let x = if x > 708.0 { 708.0 } else { x };
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x.mul_add(std::f64::consts::LOG2_E, MAGIC);
    let k = shifted - MAGIC;
    let r = k.mul_add(
        -1.908_214_929_270_587_7e-10,
        k.mul_add(-0.693_147_180_369_123_8, x),
    );
    let mut sum = SERIES_DOUBLE[0];
    for coefficient in &SERIES_DOUBLE[1..] {
        sum = r.mul_add(sum, *coefficient);
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (power, (r * r).mul_add(sum, r))
}
