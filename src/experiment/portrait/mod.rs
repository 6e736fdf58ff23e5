//! Phase portraits: everything that is to be seen in a plane of states, as numbers.

mod outline;
mod projection;
mod record;
mod section;

pub use crate::dynamics::plane::{
    Basins, LimitCycle, Manifold, NOWHERE, Path, Polyline, Streamline, Trajectory, Window,
};
pub use record::{FieldPortrait, NudgedView, Portrait, PortraitSettings, RestPoint, SpeedScale};
pub use section::Slice;

use super::provenance::Provenance;
use crate::dynamics::plane::window::{Point, inside};
use crate::dynamics::{Phase, settle};
use crate::error::Result;
use crate::model::{Problem, VectorField};
use outline::Outline;
use projection::{embed, of_the_whole, projected};
use section::Section;

/// Computes the portrait of a problem.
///
/// # Errors
/// [`crate::Error::InvalidInput`] for settings that do not fit the problem. For more than two
/// neurons without `at`, the errors of a free phase that does not settle.
pub fn portrait(problem: &Problem, settings: &PortraitSettings) -> Result<Portrait> {
    let neurons = problem.dimension();
    settings.validate(neurons)?;
    problem.expect_autonomous()?;
    if settings.beta.is_some() {
        problem.expect_cost()?;
    }
    let field = problem.field();
    let rest = match &settings.at {
        Some(at) => at.clone(),
        None if neurons == 2 => problem.initial_state.clone(),
        None => {
            let phase = Phase::of_problem(problem, &field);
            let outcome = settle(&phase, &problem.initial_state, &settings.solver);
            outcome.into_fixed_point()?.state().to_vec()
        }
    };
    if settings.project && neurons > 2 {
        return Ok(projection_of(problem, &field, &rest, settings));
    }
    let section = Section::new(problem, &field, settings.coordinates, &rest);
    let mut starts = vec![settings.coordinates.map(|i| problem.initial_state[i])];
    starts.extend(&settings.starts);

    // the nudge begins where the free phase ends, if it does
    let mut nudged_starts = starts.clone();
    if settings.beta.is_some()
        && let Ok(s0) = settle(&section.phase(0.0), &starts[0], &settings.solver).into_fixed_point()
    {
        nudged_starts[0] = [s0.state()[0], s0.state()[1]];
    }
    let starts_of = |k: usize| if k == 0 { &starts } else { &nudged_starts };

    let betas = std::iter::once(0.0).chain(settings.beta);
    let outlines: Vec<Outline> = betas
        .map(|beta| Outline::new(section.phase(beta), &starts, settings))
        .collect();
    let window = settings.window.unwrap_or_else(|| {
        let mut points: Vec<Point> = outlines.iter().flat_map(Outline::extent).collect();
        points.extend(&starts);
        let window = Window::around(&points, None);
        for (k, outline) in outlines.iter().enumerate() {
            let reached = outline.trajectories(&window, starts_of(k));
            let reached = reached.iter().flat_map(|line| line.x.iter().zip(&line.y));
            let reached = reached.map(|(&x, &y)| [x, y]);
            points.extend(reached.filter(|state| inside(window.figure(state), 0.5)));
        }
        Window::around(&points, problem.state_bounds)
    });
    let whole = |k: usize| k == 0 || settings.nudged == NudgedView::Beside;
    let fields = outlines
        .iter()
        .enumerate()
        .map(|(k, outline)| {
            let mut field_portrait = outline.portrait(window, starts_of(k), settings, whole(k));
            if neurons > 2 {
                let free = Phase::of_problem(problem, &field);
                let phase = match field_portrait.beta {
                    0.0 => free,
                    beta => free.nudged(&problem.cost, beta),
                };
                let points = &mut field_portrait.fixed_points;
                of_the_whole(points, &phase, &rest, settings.coordinates);
            }
            field_portrait
        })
        .collect();
    let paths = match settings.beta.filter(|_| settings.path) {
        Some(beta) => outlines[0]
            .points
            .iter()
            .map(|found| {
                let start = found.point.state();
                crate::dynamics::plane::motion::path(
                    |beta| section.phase(beta),
                    &window,
                    start,
                    beta,
                )
            })
            .collect(),
        None => Vec::new(),
    };
    Ok(Portrait {
        kind: "portrait".into(),
        neurons,
        names: problem.own_names(),
        at: (neurons > 2).then_some(rest),
        window,
        settings: settings.clone(),
        fields,
        paths,
        provenance: Provenance::current(),
    })
}

/// The free trajectories of a problem, and the nudged ones if there is a β, projected.
fn projection_of(
    problem: &Problem,
    field: &dyn VectorField,
    rest: &[f64],
    settings: &PortraitSettings,
) -> Portrait {
    let neurons = problem.dimension();
    let free = Phase::of_problem(problem, field);
    let mut starts = vec![problem.initial_state.clone()];
    starts.extend(
        settings
            .starts
            .iter()
            .map(|&point| embed(&problem.initial_state, settings.coordinates, point)),
    );
    let (window, field) = projected(&free, &starts, settings);
    let mut fields = vec![field];
    if let Some(beta) = settings.beta {
        starts[0] = rest.to_vec();
        let shown = PortraitSettings {
            window: Some(window),
            ..settings.clone()
        };
        fields.push(projected(&free.nudged(&problem.cost, beta), &starts, &shown).1);
    }
    Portrait {
        kind: "portrait".into(),
        neurons,
        names: problem.own_names(),
        at: None,
        window,
        settings: settings.clone(),
        fields,
        paths: Vec::new(),
        provenance: Provenance::current(),
    }
}
