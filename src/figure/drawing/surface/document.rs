//! The SVG under construction: groups of equal style, clips, header.

use std::fmt::Write;

use super::svg_text::{escape, family, number};
use crate::figure::drawing::geometry::Rectangle;

/// Stands for the figure's own name until its content is known. Text never holds this character.
const FIGURE: char = '\0';

/// What plotters' styles cannot express. It holds for the strokes that follow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pen {
    /// Marks and gaps in points, empty for an unbroken line.
    pub dash: [f64; 6],
    /// Round ends.
    pub round: bool,
    /// Edges snapped to pixels, so that neighbouring cells show no seams.
    pub crisp: bool,
    /// Colour around letters that stand on data.
    pub halo: Option<(u8, u8, u8)>,
}

/// The SVG under construction, shared with the surface that opens and closes clip groups.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub body: String,
    pub pen: Pen,
    /// Style of the group that is open, so that equal neighbours share it.
    group: Option<String>,
    /// Number of clips so far.
    clips: usize,
}

impl Document {
    /// Ends the group of equal styles.
    pub fn close_group(&mut self) {
        if self.group.take().is_some() {
            self.body.push_str("</g>\n");
        }
    }

    /// Writes a shape into a group of its style.
    pub fn shape(&mut self, mut style: String, shape: &str) {
        if self.pen.crisp {
            style.push_str(" shape-rendering=\"crispEdges\"");
        }
        if self.group.as_deref() != Some(style.as_str()) {
            self.close_group();
            let _ = writeln!(self.body, "<g {style}>");
            self.group = Some(style);
        }
        self.body.push_str(shape);
        self.body.push('\n');
    }

    /// What follows is cut at a rectangle.
    pub fn open_clip(&mut self, area: &Rectangle) {
        self.close_group();
        self.clips += 1;
        let [left, top, width, height] = [area.left, area.top, area.width, area.height].map(number);
        let _ = writeln!(
            self.body,
            "<clipPath id=\"frame-{FIGURE}-{0}\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" \
             height=\"{height}\"/></clipPath>\n<g clip-path=\"url(#frame-{FIGURE}-{0})\">",
            self.clips
        );
    }

    /// What follows is no longer cut.
    pub fn close_clip(&mut self) {
        self.close_group();
        self.body.push_str("</g>\n");
    }

    /// The whole SVG of a page with these sizes in points and in millimetres.
    pub fn finish(
        &mut self,
        size: (f64, f64),
        size_mm: (f64, f64),
        title: &str,
        description: &str,
    ) -> String {
        self.close_group();
        let [width, height, wide, high] = [size.0, size.1, size_mm.0, size_mm.1].map(number);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}mm\" height=\"{high}mm\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{}\" \
             stroke-linejoin=\"round\" xml:space=\"preserve\">\n<title>{}</title>\n",
            family(),
            escape(title),
        );
        if !description.is_empty() {
            let _ = writeln!(svg, "<desc>{}</desc>", escape(description));
        }
        // Figures may share one HTML page: names must differ between figures.
        let name = fingerprint(&format!("{title}\n{}", self.body));
        svg.push_str(&self.body.replace(FIGURE, &name));
        svg.push_str("</svg>\n");
        svg
    }
}

/// A short name for a text: FNV-1a, the same on every machine.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", hash >> 32)
}
