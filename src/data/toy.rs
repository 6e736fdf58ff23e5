//! Small sets made from a seed: XOR, two moons, a teacher network.

use std::f64::consts::PI;

use super::DataSet;
use crate::model::Random;
use crate::numeric::linear_algebra as la;

/// Streams of [`Random`] for the samples of toy sets and for the teacher's weights.
const SAMPLE_STREAM: u64 = 5001;
const TEACHER_STREAM: u64 = 5002;

/// Hidden neurons of the teacher.
const TEACHER_HIDDEN: usize = 16;

impl DataSet {
    /// The exclusive or of two bits, `samples` to train and as many to test: the corners (0, 0),
    /// (0, 1), (1, 0), (1, 1) in turn, each coordinate moved inwards by `noise · u`, u uniform in 0
    /// … 1. The classes are separable for noise < 1/2.
    pub fn xor(samples: usize, noise: f64, seed: u64) -> Self {
        let mut random = Random::new(seed, SAMPLE_STREAM);
        Self::planar("xor", samples, |sample| {
            let bits = [sample / 2 % 2, sample % 2];
            let point = bits.map(|bit| {
                let moved = noise * random.unit();
                if bit == 0 { moved } else { 1.0 - moved }
            });
            (point, bits[0] ^ bits[1])
        })
    }

    /// Two interleaved half circles, `samples` to train and as many to test: `(cos t, sin t)` and
    /// `(1 − cos t, 1/2 − sin t)` in turn, t uniform in 0 … π, with Gaussian noise of the given
    /// standard deviation. Then mapped by `((x + 3/2)/4, (y + 1)/(5/2))` and cut off to the unit
    /// square.
    pub fn two_moons(samples: usize, noise: f64, seed: u64) -> Self {
        let mut random = Random::new(seed, SAMPLE_STREAM);
        Self::planar("two_moons", samples, |sample| {
            let (sine, cosine) = (PI * random.unit()).sin_cos();
            let (x, y) = if sample % 2 == 0 {
                (cosine, sine)
            } else {
                (1.0 - cosine, 0.5 - sine)
            };
            // Box and Muller: two normal numbers from two uniform ones
            let radius = noise * (-2.0 * (1.0 - random.unit()).ln()).sqrt();
            let (sine, cosine) = (2.0 * PI * random.unit()).sin_cos();
            let (x, y) = (x + radius * cosine, y + radius * sine);
            let point = [(x + 1.5) / 4.0, (y + 1.0) / 2.5];
            (point.map(|value| value.clamp(0.0, 1.0)), sample % 2)
        })
    }

    fn planar(
        name: &str,
        samples: usize,
        mut draw: impl FnMut(usize) -> ([f64; 2], usize),
    ) -> Self {
        let (mut inputs, mut labels) = (Vec::new(), Vec::new());
        for sample in 0..2 * samples {
            let (point, label) = draw(sample);
            inputs.extend(point.map(|value| value as f32));
            labels.push(label as u16);
        }
        Self {
            name: name.into(),
            inputs,
            features: 2,
            labels,
            classes: vec!["0".into(), "1".into()],
            test: samples,
        }
    }

    /// What a random network says of random inputs, `samples` to train and as many to test: x
    /// uniform in the unit cube, the class that of the largest output of
    /// `W₂ tanh(W₁(2x − 1))` with 16 hidden neurons, weights uniform in `±4√(3/n)`, n the
    /// neurons that they come from.
    pub fn teacher(samples: usize, inputs: usize, classes: usize, seed: u64) -> Self {
        let mut weights = Random::new(seed, TEACHER_STREAM);
        let mut matrix = |rows: usize, columns: usize| {
            weights.matrix(rows, columns, 4.0 * (3.0 / columns as f64).sqrt())
        };
        let (first, second) = (
            matrix(TEACHER_HIDDEN, inputs),
            matrix(classes, TEACHER_HIDDEN),
        );
        let mut random = Random::new(seed, SAMPLE_STREAM);
        let points: Vec<f32> = (0..2 * samples * inputs)
            .map(|_| random.unit() as f32)
            .collect();
        let (mut hidden, mut values) = (vec![0.0; TEACHER_HIDDEN], vec![0.0; classes]);
        let labels = points.chunks_exact(inputs).map(|point| {
            let centred: Vec<f64> = point.iter().map(|&x| 2.0 * f64::from(x) - 1.0).collect();
            la::multiply_vector(&first, &centred, &mut hidden, false);
            hidden.iter_mut().for_each(|h| *h = h.tanh());
            la::multiply_vector(&second, &hidden, &mut values, false);
            let largest = (0..classes).max_by(|&a, &b| values[a].total_cmp(&values[b]));
            largest.unwrap_or(0) as u16
        });
        Self {
            name: "teacher".into(),
            labels: labels.collect(),
            inputs: points,
            features: inputs,
            classes: (0..classes).map(|class| class.to_string()).collect(),
            test: samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toy_sets_are_what_they_say() {
        let xor = DataSet::xor(200, 0.4, 3);
        for sample in 0..400 {
            let bit = |k: usize| u16::from(xor.input(sample)[k] > 0.5);
            assert_eq!(xor.labels[sample], bit(0) ^ bit(1));
        }
        let moons = DataSet::two_moons(200, 0.0, 3);
        for sample in 0..400 {
            let point = moons.input(sample);
            let (x, y) = (
                4.0 * f64::from(point[0]) - 1.5,
                2.5 * f64::from(point[1]) - 1.0,
            );
            let (x, y) = if sample % 2 == 0 {
                (x, y)
            } else {
                (1.0 - x, 0.5 - y)
            };
            assert!((x.hypot(y) - 1.0).abs() < 1e-6 && y > -1e-6);
        }
        let teacher = DataSet::teacher(500, 5, 3, 3);
        assert_eq!((teacher.len(), teacher.test), (1000, 500));
        for class in 0..3 {
            let members = teacher.labels.iter().filter(|label| **label == class);
            assert!(members.count() > 50, "class {class}");
        }
        assert_eq!(teacher, DataSet::teacher(500, 5, 3, 3));
        assert_ne!(teacher, DataSet::teacher(500, 5, 3, 4));
        assert_ne!(xor, DataSet::xor(200, 0.4, 4));
    }
}
