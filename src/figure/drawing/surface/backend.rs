//! A plotters backend that writes SVG at a hundredth of a point, with clipping, dashes and text.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write;
use std::rc::Rc;

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

use super::document::{Document, Pen};
use super::svg_text::{TextAttributes, number, text_element};

/// Canvas units in a point. plotters counts in whole units. At 100, curves show no steps and
/// coordinates have two decimals.
pub(crate) const UNITS: f64 = 100.0;

fn stroke(pen: &Pen, colour: BackendColor, width: u32) -> String {
    let width = f64::from(width) / UNITS;
    let mut style = format!(
        "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"",
        hex(colour),
        number(width)
    );
    if colour.alpha < 1.0 {
        let _ = write!(style, " stroke-opacity=\"{}\"", number(colour.alpha));
    }
    if pen.round {
        style.push_str(" stroke-linecap=\"round\"");
    }
    let dash: Vec<String> = pen
        .dash
        .iter()
        .filter(|length| **length > 0.0)
        .map(|l| number(*l))
        .collect();
    if !dash.is_empty() {
        let _ = write!(style, " stroke-dasharray=\"{}\"", dash.join(" "));
    }
    style
}

fn fill(colour: BackendColor) -> String {
    if colour.alpha < 1.0 {
        format!(
            "fill=\"{}\" fill-opacity=\"{}\"",
            hex(colour),
            number(colour.alpha)
        )
    } else {
        format!("fill=\"{}\"", hex(colour))
    }
}

fn hex(colour: BackendColor) -> String {
    let (red, green, blue) = colour.rgb;
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Canvas units as points.
fn points(units: i32) -> String {
    number(f64::from(units) / UNITS)
}

/// A path in relative coordinates, closed if it ends where it began.
fn path_data(path: impl IntoIterator<Item = BackendCoord>, close: bool) -> String {
    let mut data = String::new();
    let mut path = path.into_iter();
    let Some(first) = path.next() else {
        return data;
    };
    let _ = write!(data, "M{} {}l", points(first.0), points(first.1));
    let mut previous = first;
    let mut steps = 0;
    for point in path {
        let step = (
            point.0.saturating_sub(previous.0),
            point.1.saturating_sub(previous.1),
        );
        let space = if steps == 0 { "" } else { " " };
        let _ = write!(data, "{space}{} {}", points(step.0), points(step.1));
        previous = point;
        steps += 1;
    }
    if steps == 0 {
        data.push_str("0 0");
    }
    if close || (steps > 2 && previous == first) {
        data.push('z');
    }
    data
}

/// The backend. Drawing never fails.
pub(crate) struct SvgBackend {
    pub document: Rc<RefCell<Document>>,
    /// Width and height in canvas units.
    pub size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl SvgBackend {
    fn shape(&self, style: String, shape: &str) {
        self.document.borrow_mut().shape(style, shape);
    }

    fn stroke_style<S: BackendStyle>(&self, style: &S) -> String {
        stroke(
            &self.document.borrow().pen,
            style.color(),
            style.stroke_width(),
        )
    }
}

impl DrawingBackend for SvgBackend {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let shape = format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            points(upper_left.0),
            points(upper_left.1),
            points(bottom_right.0.saturating_sub(upper_left.0)),
            points(bottom_right.1.saturating_sub(upper_left.1)),
        );
        let style = if filled {
            fill(style.color())
        } else {
            self.stroke_style(style)
        };
        self.shape(style, &shape);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let shape = format!("<path d=\"{}\"/>", path_data(path, false));
        self.shape(self.stroke_style(style), &shape);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        filled: bool,
    ) -> Drawn {
        let (x, y, radius) = (
            points(center.0),
            points(center.1),
            number(f64::from(radius) / UNITS),
        );
        let shape = format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
        let style = if filled {
            fill(style.color())
        } else {
            self.stroke_style(style)
        };
        self.shape(style, &shape);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let shape = format!("<path d=\"{}\"/>", path_data(corners, true));
        self.shape(fill(style.color()), &shape);
        Ok(())
    }

    /// Writes a label whose position is on its baseline. The size is in canvas units.
    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let mut document = self.document.borrow_mut();
        let attributes = TextAttributes {
            x: f64::from(at.0) / UNITS,
            y: f64::from(at.1) / UNITS,
            size: style.size() / UNITS,
            bold: matches!(style.style(), FontStyle::Bold),
            fill: hex(style.color()),
            anchor: match style.anchor().h_pos {
                HPos::Left => "start",
                HPos::Center => "middle",
                HPos::Right => "end",
            },
            upwards: matches!(style.transform(), FontTransform::Rotate270),
            halo: document
                .pen
                .halo
                .map(|rgb| hex(BackendColor { alpha: 1.0, rgb })),
        };
        document.close_group();
        document.body.push_str(&text_element(text, &attributes));
        Ok(())
    }
}
