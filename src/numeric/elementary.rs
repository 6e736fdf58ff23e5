//! e^x, tanh and the logistic function in straight-line code that a compiler turns into vector instructions, with the
//! same bits on every processor.

/// Functions of f32 and f64 that are accurate to a few units in the last place. NaN stays NaN.
pub trait Elementary {
    /// tanh, which keeps its relative accuracy near 0.
    fn hyperbolic_tangent(self) -> Self;
    /// `1/(1 + e⁻ˣ)`.
    fn logistic(self) -> Self;
    /// `eˣ`, of an x inside ±87 (f32) or ±708 (f64).
    fn exponential(self) -> Self;
}

macro_rules! elementary {
    ($type:ident, $split:ident) => {
        impl Elementary for $type {
            #[inline(always)]
            fn hyperbolic_tangent(self) -> Self {
                let magnitude = self.abs();
                let (power, part) = $split(magnitude + magnitude);
                // e^{2|x|} − 1 without cancellation
                let less_one = power.mul_add(part, power - 1.0);
                (less_one / (less_one + 2.0)).copysign(self)
            }
            #[inline(always)]
            fn logistic(self) -> Self {
                let (power, part) = $split(-self);
                1.0 / (1.0 + power.mul_add(part, power))
            }
            #[inline(always)]
            fn exponential(self) -> Self {
                let (power, part) = $split(self);
                power.mul_add(part, power)
            }
        }
    };
}

elementary!(f32, split_single);
elementary!(f64, split_double);

/// (2ᵏ, eʳ − 1) with x = k ln 2 + r and |r| ≤ ln 2 / 2, and x clamped to ±87.
#[inline(always)]
fn split_single(x: f32) -> (f32, f32) {
    // 1.5·2²³: adding it leaves the rounded integer in the low bits
    const MAGIC: f32 = 12_582_912.0;
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, MAGIC);
    let k = shifted - MAGIC;
    // ln 2 in two parts, of which the first has zeros at its end
    let r = k.mul_add(2.121_944_4e-4, k.mul_add(-0.693_359_4, x));
    // (eʳ − 1 − r)/r² to r⁶
    let series = [40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0];
    let sum = series
        .iter()
        .fold(0.0, |sum, factorial| r.mul_add(sum, 1.0 / factorial));
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (power, (r * r).mul_add(sum, r))
}

/// The same in double precision, with x clamped to ±708.
#[inline(always)]
fn split_double(x: f64) -> (f64, f64) {
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
    // (eʳ − 1 − r)/r² to r¹¹ (the next term is below 2⁻⁵³), in pairs: a short chain of operations
    let pair = |low: f64, high: f64| r.mul_add(1.0 / high, 1.0 / low);
    let (square, fourth) = (r * r, (r * r) * (r * r));
    let lowest = square.mul_add(pair(24.0, 120.0), pair(2.0, 6.0));
    let middle = square.mul_add(pair(40_320.0, 362_880.0), pair(720.0, 5_040.0));
    let highest = square.mul_add(
        pair(479_001_600.0, 6_227_020_800.0),
        pair(3_628_800.0, 39_916_800.0),
    );
    let sum = fourth.mul_add(fourth.mul_add(highest, middle), lowest);
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (power, square.mul_add(sum, r))
}

#[cfg(test)]
mod tests {
    use super::Elementary;

    /// Largest error in units of the last place of the exact value, over −30 … 30 and small numbers.
    macro_rules! worst {
        ($type:ident, $function:ident, $exact:expr) => {{
            let points = (-30_000..=30_000).map(|i| f64::from(i) * 1e-3 + 1e-5);
            let small = (1..200).map(|i| f64::from(i) * 1e-6);
            points.chain(small).fold(0.0, |worst: f64, x| {
                let x = x as $type;
                let exact: f64 = $exact(f64::from(x));
                let error = f64::from(x.$function()) / exact - 1.0;
                worst.max(error.abs() / f64::from($type::EPSILON))
            })
        }};
    }

    #[test]
    fn they_are_accurate_to_a_few_units() {
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        assert!(worst!(f32, hyperbolic_tangent, f64::tanh) < 4.0);
        assert!(worst!(f64, hyperbolic_tangent, f64::tanh) < 4.0);
        assert!(worst!(f32, logistic, logistic) < 4.0);
        assert!(worst!(f64, logistic, logistic) < 4.0);
        assert!(worst!(f32, exponential, f64::exp) < 4.0);
        assert!(worst!(f64, exponential, f64::exp) < 4.0);
    }

    #[test]
    fn tails_saturate_and_nan_stays() {
        for x in [1e3, 1e30, f64::INFINITY] {
            assert_eq!(x.hyperbolic_tangent(), 1.0);
            assert_eq!((-x).hyperbolic_tangent(), -1.0);
            assert!((-x).logistic() < 1e-300 && x.logistic() == 1.0);
        }
        assert!(f64::NAN.hyperbolic_tangent().is_nan() && f32::NAN.logistic().is_nan());
    }
}
