//! More than two neurons: what the whole network does where a section rests, and its true
//! trajectories seen from one side.

use super::record::{FieldPortrait, PortraitSettings, RestPoint};
use crate::dynamics::plane::motion;
use crate::dynamics::plane::window::{Point, Window};
use crate::dynamics::{
    FixedPoint, FixedPointKind, Phase, SearchSettings, find_fixed_points, largest,
};

/// Gives every fixed point of a section the kind that it has in the whole network: `phase`, held
/// at `rest` but for the two `coordinates`. Where the whole network does not rest, says that.
pub(super) fn of_the_whole(
    points: &mut [RestPoint],
    phase: &Phase<'_>,
    rest: &[f64],
    coordinates: [usize; 2],
) {
    for point in points {
        let state = embed(rest, coordinates, point.state);
        let near = FixedPoint::refine(phase, &state).filter(|found| {
            let moved = found.state().iter().zip(&state).map(|(a, b)| (a - b).abs());
            largest(moved) <= 1e-6 * (1.0 + largest(state.iter().copied()))
        });
        match near {
            Some(found) => {
                *point = rest_point(&found, FixedPointKind::of(phase, &found), coordinates)
            }
            None => point.whole = false,
        }
    }
}

/// True trajectories of the network and all of its fixed points, projected onto two coordinates.
/// Nothing else can be drawn in a plane that trajectories cross.
pub(super) fn projected(
    phase: &Phase<'_>,
    starts: &[Vec<f64>],
    settings: &PortraitSettings,
) -> (Window, FieldPortrait) {
    let coordinates = settings.coordinates;
    let search = SearchSettings::for_dimension(phase.dimension());
    let found = find_fixed_points(phase, &search).points;
    let fixed_points: Vec<RestPoint> = found
        .iter()
        .map(|found| rest_point(&found.point, found.kind, coordinates))
        .collect();
    let mut seen: Vec<Point> = fixed_points.iter().map(|point| point.state).collect();
    seen.extend(starts.iter().map(|start| coordinates.map(|i| start[i])));
    let follow = |window: &Window| -> Vec<motion::Trajectory> {
        let ends: Vec<&[f64]> = found.iter().map(|found| found.point.state()).collect();
        starts
            .iter()
            .map(|start| {
                motion::projected(phase, window, start, coordinates, &ends, &settings.solver)
            })
            .collect()
    };
    let window = settings.window.unwrap_or_else(|| {
        let rough = Window::around(&seen, None);
        for line in follow(&rough) {
            seen.extend(line.x.iter().zip(&line.y).map(|(&x, &y)| [x, y]));
        }
        Window::around(&seen, phase.bounds())
    });
    let field = FieldPortrait {
        beta: phase.beta(),
        streamlines: Vec::new(),
        nullclines: [Vec::new(), Vec::new()],
        fixed_points: if settings.fixed_points {
            fixed_points
        } else {
            Vec::new()
        },
        manifolds: Vec::new(),
        cycles: Vec::new(),
        basins: None,
        trajectories: follow(&window),
    };
    (window, field)
}

/// The whole state of a point of the plane.
pub(super) fn embed(rest: &[f64], coordinates: [usize; 2], point: Point) -> Vec<f64> {
    let mut state = rest.to_vec();
    for (i, value) in coordinates.into_iter().zip(point) {
        state[i] = value;
    }
    state
}

/// The record of a fixed point, seen along two of its coordinates.
pub(super) fn rest_point(
    found: &FixedPoint,
    kind: FixedPointKind,
    coordinates: [usize; 2],
) -> RestPoint {
    let pairs = found.eigenvalues().iter();
    RestPoint {
        state: coordinates.map(|i| found.state()[i]),
        kind,
        eigenvalues: pairs.map(|value| [value.re, value.im]).collect(),
        residual: found.residual(),
        whole: true,
    }
}
