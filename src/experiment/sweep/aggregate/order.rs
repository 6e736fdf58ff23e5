//! The order of an estimator: the slope of its error against β where neither higher orders nor
//! noise bend it.

use crate::numeric::{median, quantile};

/// Local slopes within one window of the fit differ by no more than this part of them.
const BEND: f64 = 0.1;
/// Errors less than this many times the smallest one are noise, or touched by it.
const ABOVE_NOISE: f64 = 10.0;

/// A fitted order of convergence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrderFit {
    /// Median over the networks of d log(error) / d log(β).
    pub order: f64,
    /// Quantiles 5 % and 95 % over the networks.
    pub range: (f64, f64),
    /// Smallest and largest β of the window of the fit.
    pub window: (f64, f64),
}

/// Fits the order of errors at ascending `beta`, one row per network with one error per β (null
/// where the estimate failed). The window is the longest run of at least three β, above the noise
/// floor, in which the local slopes of the median error agree within 10 %, or `None` if there is
/// none.
pub fn fit_order(beta: &[f64], networks: &[Vec<Option<f64>>]) -> Option<OrderFit> {
    let median: Vec<Option<f64>> = (0..beta.len())
        .map(|k| median(networks.iter().filter_map(|errors| errors[k]).collect()))
        .collect();
    let (first, last) = window(beta, &median)?;
    let beta = &beta[first..=last];
    let mut slopes: Vec<f64> = networks
        .iter()
        .filter_map(|errors| {
            let errors: Option<Vec<f64>> = errors[first..=last].iter().copied().collect();
            slope(beta, &errors?)
        })
        .collect();
    slopes.sort_by(f64::total_cmp);
    Some(OrderFit {
        order: quantile(&slopes, 0.5)?,
        range: (quantile(&slopes, 0.05)?, quantile(&slopes, 0.95)?),
        window: (beta[0], beta[beta.len() - 1]),
    })
}

/// First and last index of the window of the fit.
fn window(beta: &[f64], error: &[Option<f64>]) -> Option<(usize, usize)> {
    let error: Vec<f64> = error
        .iter()
        .map(|error| error.unwrap_or(f64::NAN))
        .collect();
    // noise grows below the β of the smallest error, and still shows beside it
    let floor = (0..error.len())
        .filter(|&k| error[k].is_finite())
        .min_by(|&a, &b| error[a].total_cmp(&error[b]))?;
    let clear = |k: usize| k >= floor && error[k] > ABOVE_NOISE * error[floor];
    let local = |k: usize| (error[k + 1] / error[k]).ln() / (beta[k + 1] / beta[k]).ln();
    let mut best: Option<(usize, usize)> = None;
    for first in floor..error.len() {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for last in first + 1..error.len() {
            if !(clear(first) && clear(last)) {
                break;
            }
            let slope = local(last - 1);
            (least, most) = (least.min(slope), most.max(slope));
            if most - least > BEND * most {
                break;
            }
            if last - first >= 2 && best.is_none_or(|(a, b)| last - first > b - a) {
                best = Some((first, last));
            }
        }
    }
    best
}

/// The slope of log(error) against log(β) by least squares.
fn slope(beta: &[f64], error: &[f64]) -> Option<f64> {
    let n = beta.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = beta
        .iter()
        .zip(error)
        .map(|(beta, error)| (beta.ln(), error.ln()))
        .unzip();
    let (x_mean, y_mean) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let pairs = || x.iter().zip(&y).map(|(x, y)| (x - x_mean, y - y_mean));
    let slope = pairs().map(|(x, y)| x * y).sum::<f64>() / pairs().map(|(x, _)| x * x).sum::<f64>();
    slope.is_finite().then_some(slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ε/β + c β^p (1 + qβ): noise on the left, higher orders on the right.
    fn errors(beta: &[f64], order: i32, noise: f64, c: f64) -> Vec<Option<f64>> {
        beta.iter()
            .map(|b| Some(noise / b + c * b.powi(order) * (1.0 + 40.0 * b * b)))
            .collect()
    }

    #[test]
    fn known_orders_are_found_between_noise_and_higher_orders() {
        let beta: Vec<f64> = (0..=24)
            .map(|k| 10_f64.powf(-6.0 + f64::from(k) / 4.0))
            .collect();
        for (order, noise) in [(1, 1e-14), (2, 1e-14), (4, 1e-16), (8, 1e-18)] {
            let networks: Vec<Vec<Option<f64>>> = [0.5, 1.0, 2.0]
                .iter()
                .map(|c| errors(&beta, order, noise, *c))
                .collect();
            let fit = fit_order(&beta, &networks).unwrap();
            // slopes that agree within 10 % leave half of that
            assert!(
                (fit.order / f64::from(order) - 1.0).abs() < 0.5 * BEND,
                "{order}: {fit:?}"
            );
            assert!(fit.range.0 <= fit.order && fit.order <= fit.range.1);
            assert!(fit.window.1 < 0.2, "{fit:?}");
        }
    }

    #[test]
    fn noise_and_failures_have_no_order() {
        let beta = [1e-3, 1e-2, 1e-1];
        assert_eq!(
            fit_order(&beta, &[vec![Some(1e-15), Some(3e-16), Some(2e-15)]]),
            None
        );
        assert_eq!(fit_order(&beta, &[vec![None, None, None]]), None);
        assert_eq!(fit_order(&beta, &[vec![Some(0.0); 3]]), None);
        assert_eq!(fit_order(&[], &[]), None);
    }

    #[test]
    fn a_network_with_a_failure_in_the_window_is_left_out_of_the_fit() {
        let beta: Vec<f64> = (0..=8)
            .map(|k| 10_f64.powf(-4.0 + f64::from(k) / 2.0))
            .collect();
        let mut broken = errors(&beta, 2, 0.0, 1.0);
        broken[3] = None;
        let fit = fit_order(&beta, &[broken, errors(&beta, 2, 0.0, 1.0)]).unwrap();
        assert!((fit.order - 2.0).abs() < 0.1);
    }
}
