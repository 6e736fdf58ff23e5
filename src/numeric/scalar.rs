//! The two number types of the engine, f32 and f64, with the vector operations that its kernels need.

use pulp::Simd;

use crate::numeric::Elementary;

/// A number that the engine computes with: `f32` or `f64`. Sealed.
pub trait Scalar: sealed::Real {}

impl Scalar for f32 {}
impl Scalar for f64 {}

pub(crate) mod sealed {
    use super::{Elementary, Simd};
    use std::fmt::Debug;
    use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

    /// Arithmetic, elementary functions that a compiler can vectorise, and the few vector
    /// operations that it would not find by itself.
    pub trait Real:
        Copy
        + Send
        + Sync
        + Debug
        + Default
        + PartialEq
        + PartialOrd
        + Add<Output = Self>
        + Sub<Output = Self>
        + Mul<Output = Self>
        + Div<Output = Self>
        + Neg<Output = Self>
        + AddAssign
        + SubAssign
        + MulAssign
        + Elementary
        + 'static
    {
        /// 0.
        const ZERO: Self;
        /// 1.
        const ONE: Self;
        /// Relative spacing of the numbers.
        const EPSILON: f64;
        /// A vector register of these numbers.
        type Vector<S: Simd>: Copy + Send + Sync + 'static;

        /// Nearest number of this type.
        fn from_f64(value: f64) -> Self;
        /// The same value as f64.
        fn to_f64(self) -> f64;
        /// |x|.
        fn absolute(self) -> Self;
        /// Whether x = 0, by its bits: cheaper than a comparison, which must think of NaN.
        fn is_zero(self) -> bool;
        /// `self · a + b`, rounded once.
        fn fused(self, a: Self, b: Self) -> Self;

        /// Numbers in a register.
        fn lanes<S: Simd>() -> usize;
        /// A register of equal values.
        fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
        /// `a · b + c`.
        fn vector_fused<S: Simd>(
            simd: S,
            a: Self::Vector<S>,
            b: Self::Vector<S>,
            c: Self::Vector<S>,
        ) -> Self::Vector<S>;
        /// `a + b`.
        fn vector_add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
        /// `a − b`.
        fn vector_sub<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
        /// `a · b`.
        fn vector_mul<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
        /// `a / b`.
        fn vector_div<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
        /// |a|.
        fn vector_abs<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
        /// `if a < b { yes } else { no }`: `no` where a or b is NaN.
        fn select_less<S: Simd>(
            simd: S,
            a: Self::Vector<S>,
            b: Self::Vector<S>,
            yes: Self::Vector<S>,
            no: Self::Vector<S>,
        ) -> Self::Vector<S>;
        /// The sum of a register's numbers.
        fn reduce_sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
        /// The largest of a register's numbers, none of them NaN.
        fn reduce_max<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
        /// The slice as registers. What does not fill one is left out.
        fn as_vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
        /// The same, to be written.
        fn as_vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];
    }
}

macro_rules! real {
    ($type:ident, $vector:ident, $lanes:ident, $slice:ident, $slice_mut:ident,
     $splat:ident, $fused:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $abs:ident,
     $less:ident, $select:ident, $reduce_sum:ident, $reduce_max:ident) => {
        impl sealed::Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: f64 = $type::EPSILON as f64;
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $type
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn absolute(self) -> Self {
                self.abs()
            }
            #[inline(always)]
            fn is_zero(self) -> bool {
                self.to_bits() << 1 == 0
            }
            #[inline(always)]
            fn fused(self, a: Self, b: Self) -> Self {
                self.mul_add(a, b)
            }
            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S> {
                simd.$splat(value)
            }
            #[inline(always)]
            fn vector_fused<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
                c: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$fused(a, b, c)
            }
            #[inline(always)]
            fn vector_add<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn vector_sub<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$sub(a, b)
            }
            #[inline(always)]
            fn vector_mul<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$mul(a, b)
            }
            #[inline(always)]
            fn vector_div<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$div(a, b)
            }
            #[inline(always)]
            fn vector_abs<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S> {
                simd.$abs(a)
            }
            #[inline(always)]
            fn select_less<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
                yes: Self::Vector<S>,
                no: Self::Vector<S>,
            ) -> Self::Vector<S> {
                simd.$select(simd.$less(a, b), yes, no)
            }
            #[inline(always)]
            fn reduce_sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self {
                simd.$reduce_sum(a)
            }
            #[inline(always)]
            fn reduce_max<S: Simd>(simd: S, a: Self::Vector<S>) -> Self {
                simd.$reduce_max(a)
            }
            #[inline(always)]
            fn as_vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>] {
                S::$slice(slice).0
            }
            #[inline(always)]
            fn as_vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>] {
                S::$slice_mut(slice).0
            }
        }
    };
}

real!(
    f32,
    f32s,
    F32_LANES,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    mul_add_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    div_f32s,
    abs_f32s,
    less_than_f32s,
    select_f32s,
    reduce_sum_f32s,
    reduce_max_f32s
);
real!(
    f64,
    f64s,
    F64_LANES,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    mul_add_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    div_f64s,
    abs_f64s,
    less_than_f64s,
    select_f64s,
    reduce_sum_f64s,
    reduce_max_f64s
);
