//! The largest of many values, which no NaN hides, and their length.

use super::scalar::Scalar;
use super::vectorised::vectorised;

/// [`largest`] of a long slice, several values at once.
pub(crate) fn largest_in<T: Scalar>(values: &[T]) -> f64 {
    let (chunks, rest) = values.as_chunks::<16>();
    let (lanes, lost) = vectorised(
        #[inline(always)]
        || {
            let (mut lanes, mut lost) = ([T::ZERO; 16], [T::ZERO; 16]);
            for chunk in chunks {
                for (i, &value) in chunk.iter().enumerate() {
                    let size = value.absolute();
                    lanes[i] = if size > lanes[i] { size } else { lanes[i] };
                    // a comparison drops NaN, a sum keeps it
                    lost[i] += value * T::ZERO;
                }
            }
            (lanes, lost)
        },
    );
    // unless one is not finite, the lanes stand for their chunks
    let kept = if lost == [T::ZERO; 16] {
        &lanes[..]
    } else {
        chunks.as_flattened()
    };
    largest(kept.iter().chain(rest).map(|value| value.to_f64()))
}

/// The largest absolute value, NaN if any value is NaN (`f64::max` would hide it).
pub(crate) fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(0.0, |largest: f64, value| {
        let value = value.abs();
        if value > largest || value.is_nan() {
            value
        } else {
            largest
        }
    })
}

/// ‖v‖₂, also where squares overflow. It is no finite number if a value is none.
pub(crate) fn norm(vector: &[f64]) -> f64 {
    let size = largest(vector.iter().copied());
    if size == 0.0 || !size.is_finite() {
        return size;
    }
    size * vector
        .iter()
        .map(|v| (v / size).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_many_is_the_largest_of_all() {
        let values: Vec<f64> = (0..29).map(|i| f64::from(i * 37 % 29) - 20.0).collect();
        for count in 0..values.len() {
            let some = &values[..count];
            assert_eq!(largest_in(some), largest(some.iter().copied()));
        }
        for place in 0..values.len() {
            let mut values = values.clone();
            values[place] = f64::NEG_INFINITY;
            assert_eq!(largest_in(&values), f64::INFINITY);
            values[place] = f64::NAN;
            assert!(largest_in(&values).is_nan());
        }
    }
}
