//! One name, colour, marker and dash for whatever appears in several figures, and the units.

use super::{Colour, Dash, Element, Marker, MarkerShape, Stroke};

/// How one thing looks in every figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    /// Its name in files.
    file: &'static str,
    /// Its name in figures.
    pub name: &'static str,
    pub colour: Colour,
    shape: MarkerShape,
    pub dash: Dash,
}

const fn look(
    file: &'static str,
    name: &'static str,
    series: usize,
    shape: MarkerShape,
    dash: Dash,
) -> Look {
    Look {
        file,
        name,
        colour: Colour::Series(series),
        shape,
        dash,
    }
}

pub(super) const LEAKY: Look = look("leaky", "leaky", 1, MarkerShape::Circle, Dash::Solid);
pub(super) const HOPFIELD: Look = look(
    "hopfield",
    "Hopfield",
    0,
    MarkerShape::TriangleUp,
    Dash::Solid,
);
pub(super) const EP: Look = look("ep", "EP", 2, MarkerShape::Square, Dash::Solid);
pub(super) const GRADIENT: Look = look(
    "true_gradient",
    "gradient",
    3,
    MarkerShape::Diamond,
    Dash::Dashed,
);
pub(super) const FREE: Look = look("free", "free", 4, MarkerShape::Circle, Dash::Solid);
pub(super) const NUDGED: Look = look("nudged", "nudged", 5, MarkerShape::Diamond, Dash::Dashed);
pub(super) const ONE_SIDED: Look = look(
    "one_sided",
    "one-sided",
    0,
    MarkerShape::Circle,
    Dash::Solid,
);
pub(super) const CENTRED: Look = look("centred", "centred", 1, MarkerShape::Square, Dash::Dashed);

const OTHERS: [Look; 8] = [
    look("rate", "rate", 4, MarkerShape::Square, Dash::Solid),
    look(
        "richardson",
        "Richardson",
        4,
        MarkerShape::TriangleUp,
        Dash::DashDotted,
    ),
    look(
        "holomorphic",
        "holomorphic",
        5,
        MarkerShape::Diamond,
        Dash::Dotted,
    ),
    look(
        "sensitivity",
        "sensitivity",
        7,
        MarkerShape::TriangleDown,
        Dash::LongDashed,
    ),
    look(
        "plasticity",
        "plasticity",
        2,
        MarkerShape::Plus,
        Dash::DashDotDotted,
    ),
    look(
        "linear_response",
        "EP, linear response",
        2,
        MarkerShape::Square,
        Dash::Solid,
    ),
    look(
        "asymmetric",
        "asymmetric",
        6,
        MarkerShape::Cross,
        Dash::Dashed,
    ),
    look("dyadic", "dyadic", 3, MarkerShape::Star, Dash::DashDotted),
];

impl Look {
    /// The look of what has this name in files.
    pub fn of(file: &str) -> Option<Self> {
        let named = [
            LEAKY, HOPFIELD, EP, GRADIENT, FREE, NUDGED, ONE_SIDED, CENTRED,
        ];
        named
            .into_iter()
            .chain(OTHERS)
            .find(|look| look.file == file)
    }

    /// Its line.
    pub fn stroke(self) -> Stroke {
        Stroke::new(self.colour).dash(self.dash)
    }

    /// Its marker.
    pub fn marker(self) -> Marker {
        Marker::new(self.shape, self.colour)
    }
}

/// A name of the files, as in a text.
pub(super) fn words(file: &str) -> String {
    Look::of(file).map_or_else(|| file.replace('_', " "), |look| look.name.to_owned())
}

/// What the numbers of a field in text are in. A label is not broken inside it.
const MODEL_UNITS: &str = "model\u{a0}units";

/// The unit of a network's states and costs. A field that names its states has units of its own.
pub(super) fn unit(names: &[String]) -> &'static str {
    if names.is_empty() {
        "dimensionless"
    } else {
        MODEL_UNITS
    }
}

/// The unit of time, likewise.
pub(super) fn time_unit(names: &[String]) -> &'static str {
    if names.is_empty() {
        "time constants"
    } else {
        MODEL_UNITS
    }
}

/// The unit of a rate of change, likewise.
pub(super) fn rate_unit(names: &[String]) -> &'static str {
    if names.is_empty() {
        "1/time constant"
    } else {
        MODEL_UNITS
    }
}

/// A legend entry that says what logarithmic axes cannot show, or nothing if they show all.
pub(super) fn left_out(symmetric: usize) -> Option<Element> {
    let label = format!("not shown on logarithmic axes: {symmetric} symmetric networks ($λ = 0$)");
    (symmetric > 0).then(|| Element::Polygon {
        points: Vec::new(),
        fill: Colour::Background,
        opacity: 0.0,
        label: Some(label),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_six_roles_have_six_colours_and_markers() {
        let roles = [LEAKY, HOPFIELD, EP, GRADIENT, FREE, NUDGED];
        for (k, look) in roles.iter().enumerate() {
            for other in &roles[..k] {
                assert_ne!(look.colour, other.colour, "{} {}", look.name, other.name);
            }
        }
        assert_eq!(words("hopfield"), "Hopfield");
        assert_eq!(words("hard_sigmoid"), "hard sigmoid");
    }
}
