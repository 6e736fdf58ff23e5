//! Sweeps allocate nothing.

use allocation_counter::measure;
use eqprop::engine::States;
use eqprop::model::Activation;

use super::{Case, control};

#[test]
fn sweeps_allocate_nothing() {
    for (activation, bounds) in [
        (Activation::Tanh, None),
        (Activation::HardSigmoid, Some((0.0, 1.0))),
    ] {
        // the second is large enough for a forerunner in single precision
        for sizes in [[4, 9, 7, 5], [4, 90, 120, 5]] {
            let case = Case::layered(&sizes, activation, 1.0, 0, bounds, 7);
            let mut engine = case.engine::<f64>(1);
            let drive = case.drive();
            let mut allocations = |tolerance| {
                let mut states = States::zeros(&case.sizes, 7);
                let mut sweeps = 0;
                let info = measure(|| {
                    let reports = engine.settle(&drive, &mut states, None, &control(tolerance));
                    sweeps = reports.unwrap().iter().map(|report| report.sweeps).sum();
                });
                (sweeps, info.count_total)
            };
            allocations(1e-12);
            let (few, many) = (allocations(1e-3), allocations(1e-12));
            assert!(few.0 < many.0, "{few:?} {many:?}");
            assert_eq!((few.1, many.1), (0, 0), "{activation:?} {sizes:?}");
        }
    }
}
