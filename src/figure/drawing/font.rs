//! Advance widths of the embedded `DejaVu` fonts, read from their tables.

use std::sync::LazyLock;

/// A font file of the family.
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
pub(crate) fn files() -> [&'static [u8]; 3] {
    [
        dejavu::sans::regular(),
        dejavu::sans::bold(),
        dejavu::sans::oblique(),
    ]
}

/// Advance of a character in units of the font size; `None` if the face lacks it.
pub(crate) fn advance(face: Face, letter: char) -> Option<f64> {
    static TABLES: LazyLock<[Option<Advances>; 3]> =
        LazyLock::new(|| files().map(|data| Advances::read(&Data(data))));
    let table = match face {
        Face::Regular => &TABLES[0],
        Face::Bold => &TABLES[1],
        Face::Oblique => &TABLES[2],
    };
    table.as_ref()?.of(letter)
}

/// Width of a text in units of the font size; kerning is left out, so it errs on the wide side.
pub(crate) fn width(face: Face, text: &str) -> f64 {
    text.chars()
        .map(|letter| advance(face, letter).unwrap_or(UNKNOWN))
        .sum()
}

/// Big-endian numbers in a font file.
struct Data<'a>(&'a [u8]);

impl Data<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.0.get(at..at + 2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn index(&self, at: usize) -> Option<usize> {
        self.u16(at).map(usize::from)
    }

    fn offset(&self, at: usize) -> Option<usize> {
        Some(self.index(at)? << 16 | self.index(at + 2)?)
    }

    /// Where a table begins.
    fn table(&self, name: &[u8; 4]) -> Option<usize> {
        let count = self.index(4)?;
        let record = (0..count).map(|index| 12 + 16 * index);
        record
            .into_iter()
            .find(|&at| self.0.get(at..at + 4) == Some(name))
            .and_then(|at| self.offset(at + 8))
    }
}

/// Advance of every character of the basic plane; zero glyphs are missing.
struct Advances {
    units_per_em: f64,
    by_letter: Vec<Option<u16>>,
}

impl Advances {
    fn of(&self, letter: char) -> Option<f64> {
        let advance = (*self.by_letter.get(letter as usize)?)?;
        Some(f64::from(advance) / self.units_per_em)
    }

    fn read(data: &Data) -> Option<Self> {
        let units_per_em = f64::from(data.u16(data.table(b"head")? + 18)?);
        let metrics = data.index(data.table(b"hhea")? + 34)?;
        let widths = data.table(b"hmtx")?;
        let map = unicode_map(data)?;
        let mut by_letter = vec![None; 0x1_0000];
        let doubled = data.index(map + 6)?;
        let (ends, starts) = (map + 14, map + 16 + doubled);
        for segment in (0..doubled).step_by(2) {
            let (start, end) = (data.index(starts + segment)?, data.index(ends + segment)?);
            let delta = data.u16(starts + doubled + segment)?;
            let range_at = starts + 2 * doubled + segment;
            let range = data.index(range_at)?;
            let end = end.min(0xfffe);
            for (letter, advance) in by_letter.iter_mut().enumerate().take(end + 1).skip(start) {
                let glyph = if range == 0 {
                    delta.wrapping_add(letter as u16)
                } else {
                    match data.u16(range_at + range + 2 * (letter - start))? {
                        0 => 0,
                        glyph => glyph.wrapping_add(delta),
                    }
                };
                if glyph != 0 {
                    let metric = usize::from(glyph).min(metrics.saturating_sub(1));
                    *advance = data.u16(widths + 4 * metric);
                }
            }
        }
        Some(Self {
            units_per_em,
            by_letter,
        })
    }
}

/// Where the map from the basic plane to glyphs (format 4) begins.
fn unicode_map(data: &Data) -> Option<usize> {
    let table = data.table(b"cmap")?;
    (0..data.index(table + 2)?)
        .filter_map(|index| data.offset(table + 4 + 8 * index + 4))
        .map(|offset| table + offset)
        .find(|&map| data.u16(map) == Some(4))
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
        assert_eq!(advance(Face::Regular, '\u{1F600}'), None);
        assert_eq!(width(Face::Regular, "\u{1F600}"), UNKNOWN);
    }
}
