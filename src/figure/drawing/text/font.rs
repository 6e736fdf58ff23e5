//! Advance widths of the embedded `DejaVu` fonts.

use std::sync::LazyLock;

/// A font file of the family, in the order of [`files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Regular,
    Bold,
    Oblique,
}

/// Name of the family in SVG.
pub(crate) const FAMILY: &str = "DejaVu Sans";

/// Width of a character that no table knows, in units of the font size.
const UNKNOWN: f64 = 0.6;

/// The font files themselves.
#[inline(never)] // where it is inlined, their two megabytes stand once more in the program
pub(crate) fn files() -> [&'static [u8]; 3] {
    [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans::oblique(),
    ]
}

/// Advance of a character in units of the font size, or `None` if the face lacks it.
pub(crate) fn advance(face: Face, letter: char) -> Option<f64> {
    static FACES: LazyLock<[Option<ttf_parser::Face<'static>>; 3]> =
        LazyLock::new(|| files().map(|data| ttf_parser::Face::parse(data, 0).ok()));
    let face = FACES[face as usize].as_ref()?;
    let width = face.glyph_hor_advance(face.glyph_index(letter)?)?;
    Some(f64::from(width) / f64::from(face.units_per_em()))
}

/// Width of a text in units of the font size. Kerning is left out, so it errs on the wide side.
pub(crate) fn width(face: Face, text: &str) -> f64 {
    text.chars()
        .map(|letter| advance(face, letter).unwrap_or(UNKNOWN))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // From DejaVuSans.ttf: M is 1767 of 2048 units wide, a digit 1303, a space 651.
        assert_eq!(advance(Face::Regular, 'M'), Some(1767.0 / 2048.0));
        assert_eq!(width(Face::Regular, "1 1"), (1303.0 * 2.0 + 651.0) / 2048.0);
        assert!(width(Face::Bold, "abc") > width(Face::Regular, "abc"));
        assert!(advance(Face::Oblique, 'β').is_some());
    }

    #[test]
    fn an_unknown_character_still_has_a_width() {
        assert_eq!(advance(Face::Regular, '\u{20000}'), None);
        assert_eq!(width(Face::Regular, "\u{20000}"), UNKNOWN);
    }
}
