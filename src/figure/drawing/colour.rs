//! Colours by meaning, resolved by a theme: Okabe–Ito for series, viridis for values.

use super::Scale;

/// A colour by meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Colour {
    /// Okabe–Ito colour of the series with this number. These colours are safe for the
    /// colour-blind.
    Series(usize),
    /// Text and axes.
    #[default]
    Foreground,
    /// Secondary text and guides.
    Muted,
    /// Faint lines.
    Grid,
    /// The page.
    Background,
    /// Exactly these red, green and blue parts.
    Rgb(u8, u8, u8),
    /// Viridis, from 0 to 1.
    Map(f64),
}

/// Which colours stand for page and ink.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark ink on white.
    #[default]
    Light,
    /// Light ink on near-black.
    Dark,
}

/// Red, green and blue parts.
pub(crate) type Rgb = (u8, u8, u8);

/// Okabe–Ito without black, yellow late because it is faint on white.
const SERIES_LIGHT: [Rgb; 8] = [
    (0x00, 0x72, 0xb2),
    (0xd5, 0x5e, 0x00),
    (0x00, 0x9e, 0x73),
    (0xcc, 0x79, 0xa7),
    (0xe6, 0x9f, 0x00),
    (0x56, 0xb4, 0xe9),
    (0x1a, 0x1a, 0x1a),
    (0xd8, 0xc8, 0x2a),
];

/// The same hues, lightened where near-black would swallow them.
const SERIES_DARK: [Rgb; 8] = [
    (0x3f, 0x9f, 0xe0),
    (0xf0, 0x7a, 0x22),
    (0x1f, 0xbf, 0x92),
    (0xdc, 0x93, 0xbc),
    (0xe6, 0x9f, 0x00),
    (0x8c, 0xcd, 0xf4),
    (0xe8, 0xe8, 0xe8),
    (0xf0, 0xe4, 0x42),
];

impl Theme {
    /// The red, green and blue parts of a colour on this page.
    pub(crate) fn resolve(self, colour: Colour) -> Rgb {
        let light = self == Self::Light;
        let pick = |on_light, on_dark| if light { on_light } else { on_dark };
        match colour {
            Colour::Series(index) => {
                let series = if light { SERIES_LIGHT } else { SERIES_DARK };
                series[index % series.len()]
            }
            Colour::Foreground => pick((0x1a, 0x1a, 0x1a), (0xe8, 0xe8, 0xe8)),
            Colour::Muted => pick((0x6e, 0x6e, 0x6e), (0x9c, 0xa0, 0xa6)),
            Colour::Grid => pick((0xe3, 0xe3, 0xe3), (0x30, 0x34, 0x3a)),
            Colour::Background => pick((0xff, 0xff, 0xff), (0x12, 0x14, 0x18)),
            Colour::Rgb(red, green, blue) => (red, green, blue),
            Colour::Map(value) => ColourMap::Viridis.at(value),
        }
    }
}

/// A continuous sequence of colours, perceptually even.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourMap {
    /// Blue over green to yellow, for amounts.
    #[default]
    Viridis,
    /// Blue over grey to yellow, for amounts, best for the colour-blind.
    Cividis,
    /// Black over red to pale yellow, for amounts.
    Inferno,
    /// Blue over white to red, for signed values that are centred on zero by a symmetric range.
    BlueRed,
}

impl ColourMap {
    /// The colour at a position from 0 to 1. Positions beyond are moved to the nearer end.
    pub(crate) fn at(self, position: f64) -> Rgb {
        let position = if position.is_nan() {
            0.0
        } else {
            position.clamp(0.0, 1.0)
        };
        let gradient = match self {
            Self::Viridis => colorous::VIRIDIS,
            Self::Cividis => colorous::CIVIDIS,
            Self::Inferno => colorous::INFERNO,
            // colorous runs from red to blue. Warm colours should mean "more".
            Self::BlueRed => {
                return colorous::RED_BLUE
                    .eval_continuous(1.0 - position)
                    .into_tuple();
            }
        };
        gradient.eval_continuous(position).into_tuple()
    }
}

/// From values to colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColourScale {
    /// Values at the first and last colour.
    pub range: (f64, f64),
    /// Linear or logarithmic.
    pub scale: Scale,
    /// The colours.
    pub map: ColourMap,
}

impl ColourScale {
    /// Viridis, linear between two values.
    #[must_use]
    pub fn linear(lower: f64, upper: f64) -> Self {
        Self {
            range: (lower, upper),
            scale: Scale::Linear,
            map: ColourMap::Viridis,
        }
    }

    /// Viridis, logarithmic between two positive values.
    #[must_use]
    pub fn log(lower: f64, upper: f64) -> Self {
        Self {
            scale: Scale::Log,
            ..Self::linear(lower, upper)
        }
    }

    /// The same scale with other colours.
    #[must_use]
    pub fn map(self, map: ColourMap) -> Self {
        Self { map, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_differ_and_wrap() {
        for theme in [Theme::Light, Theme::Dark] {
            let colours: Vec<Rgb> = (0..8)
                .map(|index| theme.resolve(Colour::Series(index)))
                .collect();
            for (index, colour) in colours.iter().enumerate() {
                assert!(!colours[..index].contains(colour));
            }
            assert_eq!(theme.resolve(Colour::Series(8)), colours[0]);
        }
    }

    #[test]
    fn a_map_survives_any_position() {
        assert_eq!(ColourMap::Viridis.at(f64::NAN), ColourMap::Viridis.at(0.0));
        assert_eq!(
            ColourMap::Viridis.at(f64::INFINITY),
            ColourMap::Viridis.at(1.0)
        );
    }
}
