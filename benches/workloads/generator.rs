//! The random numbers of the workloads: splitmix64 as a counter, easy to write in any language.

/// `count` uniform numbers in [0, 1): the stream of seed `base · 1 000 003 + stream` (wrapping).
pub fn uniform(base: u64, stream: u64, count: usize) -> Vec<f64> {
    const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
    let seed = base.wrapping_mul(1_000_003).wrapping_add(stream);
    (1..=count as u64)
        .map(|i| {
            let mut z = seed.wrapping_add(i.wrapping_mul(GAMMA));
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            (z >> 11) as f64 * (0.5_f64).powi(53)
        })
        .collect()
}

/// `count` uniform numbers in (−limit, limit).
pub fn symmetric(base: u64, stream: u64, count: usize, limit: f64) -> Vec<f64> {
    uniform(base, stream, count)
        .into_iter()
        .map(|u| limit * (2.0 * u - 1.0))
        .collect()
}
