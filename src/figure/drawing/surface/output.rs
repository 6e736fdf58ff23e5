//! From SVG to PNG and PDF with the embedded fonts, and to files that are never half written.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::figure::drawing::text::font::{FAMILY, files};
use crate::figure::drawing::{Figure, FigureError};

/// Dots per inch in which an SVG without resolution is measured (CSS).
const CSS_DPI: f32 = 96.0;
const LARGEST_SIDE: f64 = 30_000.0;

/// How figures are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SaveOptions {
    /// Resolution of PNG in dots per inch at the printed width. Default 300.
    pub dpi: f64,
}

impl Default for SaveOptions {
    fn default() -> Self {
        Self { dpi: 300.0 }
    }
}

/// Reads an SVG with only the embedded fonts, so that every machine draws the same letters.
fn tree(svg: &str, format: &'static str) -> Result<Tree, FigureError> {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        for file in files() {
            fonts.load_font_data(file.to_vec());
        }
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    });
    let options = Options {
        dpi: CSS_DPI,
        font_family: FAMILY.to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(|error| FigureError::Convert {
        format,
        source: Box::new(error),
    })
}

/// PNG bytes.
pub(crate) fn png(svg: &str, options: &SaveOptions) -> Result<Vec<u8>, FigureError> {
    let tree = tree(svg, "PNG")?;
    let scale = options.dpi / f64::from(CSS_DPI);
    let width = (f64::from(tree.size().width()) * scale).round();
    let height = (f64::from(tree.size().height()) * scale).round();
    let unusable = || FigureError::Resolution {
        dpi: options.dpi,
        width,
        height,
    };
    let fits = |side: f64| (1.0..=LARGEST_SIDE).contains(&side);
    if !fits(width) || !fits(height) {
        return Err(unusable());
    }
    let mut image = Pixmap::new(width as u32, height as u32).ok_or_else(unusable)?;
    resvg::render(
        &tree,
        Transform::from_scale(scale as f32, scale as f32),
        &mut image.as_mut(),
    );
    let bytes = image.encode_png();
    let bytes = bytes.map_err(|error| FigureError::Convert {
        format: "PNG",
        source: Box::new(error),
    })?;
    Ok(with_resolution(bytes, options.dpi))
}

/// Adds the chunk that tells programs how large the picture is on paper.
fn with_resolution(mut bytes: Vec<u8>, dpi: f64) -> Vec<u8> {
    // Signature (8 bytes) and header chunk (25 bytes) come first. Metadata may follow.
    const AFTER_HEADER: usize = 33;
    if bytes.len() < AFTER_HEADER {
        return bytes;
    }
    let per_metre = ((dpi / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend_from_slice(&per_metre);
    chunk.extend_from_slice(&per_metre);
    chunk.push(1);
    let check = crc32(&chunk).to_be_bytes();
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    let whole = length.into_iter().chain(chunk).chain(check);
    bytes.splice(AFTER_HEADER..AFTER_HEADER, whole);
    bytes
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            crc >> 1 ^ 0xedb8_8320
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// PDF bytes.
pub(crate) fn pdf(svg: &str) -> Result<Vec<u8>, FigureError> {
    let tree = tree(svg, "PDF")?;
    let page = svg2pdf::PageOptions { dpi: CSS_DPI };
    svg2pdf::to_pdf(&tree, svg2pdf::ConversionOptions::default(), page).map_err(|error| {
        FigureError::Convert {
            format: "PDF",
            source: error.to_string().into(),
        }
    })
}

/// Writes a figure in the format of the path's extension.
pub(crate) fn save(figure: &Figure, path: &Path, options: &SaveOptions) -> Result<(), FigureError> {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    let bytes = match extension.to_ascii_lowercase().as_str() {
        "svg" => figure.to_svg()?.into_bytes(),
        "png" => figure.to_png(options)?,
        "pdf" => figure.to_pdf()?,
        _ => {
            return Err(FigureError::Extension {
                path: path.to_owned(),
            });
        }
    };
    crate::io::write_whole(path, &bytes).map_err(|source| FigureError::Write {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_png() {
        // Every PNG ends in an empty IEND chunk with this checksum.
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
    }
}
