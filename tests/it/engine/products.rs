//! Sums of outer products.

use eqprop::engine::{OuterProduct, OuterProducts};

#[test]
fn outer_products_are_those_of_the_textbook() {
    let mut products = OuterProducts::new(1).unwrap();
    let (samples, m, n) = (5, 37, 41);
    let value = |i: usize| ((i * 7 + 3) % 13) as f64 - 6.0;
    let delta: Vec<f64> = (0..samples * m).map(value).collect();
    let rates: Vec<f64> = (0..samples * n).map(|i| value(i + 5)).collect();
    let mut out = vec![1.0; m * n];
    products
        .add(0.5, &delta, &rates, samples, &mut out)
        .unwrap();
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..samples)
                .map(|s| delta[s * m + i] * rates[s * n + j])
                .sum();
            assert_eq!(out[i * n + j], 1.0 + 0.5 * sum);
        }
    }
}

#[test]
fn several_outer_products_do_not_depend_on_the_number_of_threads() {
    let (samples, sizes) = (7, [(150, 130), (90, 41), (10, 150)]);
    let value = |i: usize| ((i * 7 + 3) % 13) as f32 / 3.0 - 2.0;
    let factors = sizes.map(|(m, n)| {
        let delta: Vec<f32> = (0..samples * m).map(value).collect();
        let rates: Vec<f32> = (0..samples * n).map(|i| value(i + 5)).collect();
        (delta, rates)
    });
    let sums = |threads: usize| {
        let mut out = sizes.map(|(m, n)| vec![1.0f32; m * n]);
        let products = out.iter_mut().zip(&factors);
        let products = products.map(|(out, (delta, rates))| OuterProduct {
            scale: 0.1,
            delta,
            rates,
            out,
        });
        let mut threads = OuterProducts::new(threads).unwrap();
        threads.add_all(products.collect(), samples).unwrap();
        out
    };
    let one = sums(1);
    assert_eq!(sums(2), one);
    assert_eq!(sums(3), one);
    let (delta, rates) = &factors[1];
    let mut alone = vec![1.0; 90 * 41];
    let mut products = OuterProducts::new(1).unwrap();
    products
        .add(0.1, delta, rates, samples, &mut alone)
        .unwrap();
    assert_eq!(alone, one[1]);
}
