//! Labels as SVG `<text>` with a `<tspan>` for each change of style.

use std::fmt::Write;

use crate::figure::drawing::text::font::FAMILY;
use crate::figure::drawing::text::measure::measure;

/// How a label is set.
pub(crate) struct TextAttributes {
    pub x: f64,
    /// Height of the baseline on the page.
    pub y: f64,
    pub size: f64,
    pub bold: bool,
    pub fill: String,
    /// `start`, `middle` or `end`.
    pub anchor: &'static str,
    /// Turned to read from bottom to top.
    pub upwards: bool,
    /// Colour of a rim that keeps letters readable on data.
    pub halo: Option<String>,
}

/// A label as an SVG element.
pub(crate) fn text_element(label: &str, attributes: &TextAttributes) -> String {
    let label = measure(label, attributes.size, attributes.bold);
    let (x, y) = (number(attributes.x), number(attributes.y));
    let mut svg = format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"",
        number(attributes.size)
    );
    let _ = write!(svg, " fill=\"{}\"", attributes.fill);
    if attributes.anchor != "start" {
        let _ = write!(svg, " text-anchor=\"{}\"", attributes.anchor);
    }
    if attributes.bold {
        svg.push_str(" font-weight=\"bold\"");
    }
    if attributes.upwards {
        let _ = write!(svg, " transform=\"rotate(-90 {x} {y})\"");
    }
    if let Some(halo) = &attributes.halo {
        let rim = number(0.25 * attributes.size);
        let _ = write!(
            svg,
            " stroke=\"{halo}\" stroke-width=\"{rim}\" paint-order=\"stroke\""
        );
    }
    svg.push('>');
    let mut raise = 0.0;
    for run in &label.runs {
        let mut style = String::new();
        if run.italic && !attributes.bold {
            style.push_str(" font-style=\"oblique\"");
        }
        if (run.size - attributes.size).abs() > 1e-9 {
            let _ = write!(style, " font-size=\"{}\"", number(run.size));
        }
        if run.dx.abs() > 5e-3 {
            let _ = write!(style, " dx=\"{}\"", number(run.dx));
        }
        if (run.raise - raise).abs() > 5e-3 {
            let _ = write!(style, " dy=\"{}\"", number(raise - run.raise));
        }
        raise = run.raise;
        if style.is_empty() {
            svg.push_str(&escape(&run.text));
        } else {
            let _ = write!(svg, "<tspan{style}>{}</tspan>", escape(&run.text));
        }
    }
    svg.push_str("</text>\n");
    svg
}

/// The font list: the embedded family first, then what a browser without it may have.
pub(crate) fn family() -> String {
    format!("'{FAMILY}', Verdana, sans-serif")
}

/// A number with at most two decimals and nothing superfluous.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// Text made safe for XML. Characters that XML forbids become the replacement character.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                safe.push('\u{fffd}');
            }
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(12.345), "12.35");
        assert_eq!(number(100.0), "100");
    }

    #[test]
    fn text_is_safe() {
        assert_eq!(
            escape("a<b & \"c\"\u{7}"),
            "a&lt;b &amp; &quot;c&quot;\u{fffd}"
        );
    }
}
