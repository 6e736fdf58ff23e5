//! Settings from keyword arguments.

use eqprop::dynamics::{At, Method, SolverSettings};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure::{OrRaise, refuse};
use crate::network::vector;

/// How trajectories are integrated, from the keyword arguments that the command line has as options.
pub fn solver(py: Python<'_>, given: &Bound<'_, PyDict>) -> PyResult<SolverSettings> {
    let mut settings = SolverSettings::default();
    let (mut method, mut dt) = (None, None);
    for (name, value) in given.iter() {
        match name.extract::<String>()?.as_str() {
            "method" => method = Some(value.extract::<String>()?),
            "dt" => dt = value.extract::<Option<f64>>()?,
            "rtol" => settings.rtol = value.extract()?,
            "atol" => settings.atol = value.extract()?,
            "max_time" => settings.max_time = value.extract()?,
            "max_steps" => settings.max_steps = value.extract()?,
            "polish" => settings.polish = value.extract()?,
            other => {
                let message = "is no argument here; those of the integration are method, dt, rtol, atol, max_time, max_steps and polish";
                return refuse(py, other, message);
            }
        }
    }
    settings.method = match (method.as_deref().unwrap_or("tsit45"), dt) {
        ("euler", Some(dt)) => Method::Euler { dt },
        ("euler", None) => return refuse(py, "dt", "missing; Euler's method needs a step"),
        (_, Some(_)) => {
            let message = "only method=\"euler\" has a fixed step. Leave it out";
            return refuse(py, "dt", message);
        }
        ("tsit45", None) => Method::Tsit45,
        ("vern8", None) => Method::Vern8,
        ("bdf", None) => Method::Bdf,
        ("tr_bdf2", None) => Method::TrBdf2,
        ("esdirk34", None) => Method::Esdirk34,
        (other, None) => {
            let message = format!(
                "expected \"tsit45\", \"vern8\", \"bdf\", \"tr_bdf2\", \"esdirk34\" or \"euler\", found {other:?}"
            );
            return refuse(py, "method", message);
        }
    };
    settings.validate().or_raise(py)?;
    Ok(settings)
}

/// Which fixed point is meant: "unstable", or the state (an array) that it is nearest to.
pub fn at(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<At>> {
    let Some(given) = given else {
        return Ok(None);
    };
    match given.extract::<String>() {
        Ok(name) if name == "unstable" => Ok(Some(At::Unstable)),
        Ok(name) => refuse(
            py,
            "at",
            format!("expected \"unstable\" or a state, found {name:?}"),
        ),
        Err(_) => {
            let state: PyReadonlyArray1<'_, f64> = given.extract()?;
            Ok(Some(At::State(vector(&state))))
        }
    }
}
