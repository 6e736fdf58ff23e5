//! The page in points: shapes handed to plotters elements on a drawing area over our backend.

mod backend;
mod document;
pub(super) mod output;
mod svg_text;

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{self, Drawable, PointCollection};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    FontDesc, FontFamily, FontStyle, FontTransform, RGBAColor, ShapeStyle, TextStyle,
};

use self::backend::{SvgBackend, UNITS};
use self::document::{Document, Pen};
use crate::figure::drawing::FigureError;
use crate::figure::drawing::colour::Rgb;
use crate::figure::drawing::geometry::{Point, Rectangle};
use crate::figure::drawing::text::font::FAMILY;

/// A stroke with everything resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ink {
    pub colour: Rgb,
    pub opacity: f64,
    pub width: f64,
    pub dash: &'static [f64],
    pub round: bool,
}

impl Ink {
    pub fn thin(colour: Rgb, width: f64) -> Self {
        Self {
            colour,
            opacity: 1.0,
            width,
            dash: &[],
            round: false,
        }
    }
}

/// Which point of a label's baseline stands at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Centre,
    Right,
}

/// How a label is set on the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextInk {
    pub colour: Rgb,
    pub size: f64,
    pub bold: bool,
    pub align: Align,
    pub upwards: bool,
    /// Colour of a rim that keeps letters readable on data.
    pub halo: Option<Rgb>,
}

impl TextInk {
    pub fn new(colour: Rgb, size: f64, align: Align) -> Self {
        Self {
            colour,
            size,
            bold: false,
            align,
            upwards: false,
            halo: None,
        }
    }
}

/// A drawing surface measured in points.
pub(crate) struct Surface {
    area: DrawingArea<SvgBackend, Shift>,
    document: Rc<RefCell<Document>>,
    width: f64,
    height: f64,
}

impl Surface {
    pub fn new(width: f64, height: f64) -> Self {
        let document = Rc::new(RefCell::new(Document::default()));
        let size = (
            (width * UNITS).round() as u32,
            (height * UNITS).round() as u32,
        );
        let area = SvgBackend {
            document: Rc::clone(&document),
            size,
        }
        .into_drawing_area();
        Self {
            area,
            document,
            width,
            height,
        }
    }

    /// A polyline, closed if it ends where it began.
    pub fn path(&self, points: &[Point], ink: &Ink) -> Result<(), FigureError> {
        let mut dash = [0.0; 6];
        for (length, unit) in dash.iter_mut().zip(ink.dash) {
            *length = unit * ink.width;
        }
        self.set_pen(Pen {
            dash,
            round: ink.round && ink.dash.is_empty(),
            ..Pen::default()
        });
        let points: Vec<(i32, i32)> = points.iter().map(canvas).collect();
        self.draw(&element::PathElement::new(
            points,
            shape_style(ink.colour, ink.opacity, ink.width),
        ))
    }

    pub fn polygon(&self, points: &[Point], colour: Rgb, opacity: f64) -> Result<(), FigureError> {
        self.set_pen(Pen::default());
        let points: Vec<(i32, i32)> = points.iter().map(canvas).collect();
        self.draw(&element::Polygon::new(points, mixed(colour, opacity)))
    }

    pub fn disc(
        &self,
        centre: Point,
        radius: f64,
        colour: Rgb,
        opacity: f64,
    ) -> Result<(), FigureError> {
        self.set_pen(Pen::default());
        let style = ShapeStyle::from(mixed(colour, opacity)).filled();
        self.draw(&element::Circle::new(
            canvas(&centre),
            (radius * UNITS).round() as u32,
            style,
        ))
    }

    pub fn ring(&self, centre: Point, radius: f64, ink: &Ink) -> Result<(), FigureError> {
        self.set_pen(Pen::default());
        let style = shape_style(ink.colour, ink.opacity, ink.width);
        self.draw(&element::Circle::new(
            canvas(&centre),
            (radius * UNITS).round() as u32,
            style,
        ))
    }

    /// A filled rectangle. Crisp edges leave no seams between neighbours.
    pub fn fill(
        &self,
        area: &Rectangle,
        colour: Rgb,
        opacity: f64,
        crisp: bool,
    ) -> Result<(), FigureError> {
        self.set_pen(Pen {
            crisp,
            ..Pen::default()
        });
        let corners = [
            canvas(&Point::new(area.left, area.top)),
            canvas(&Point::new(area.right(), area.bottom())),
        ];
        let style = ShapeStyle::from(mixed(colour, opacity)).filled();
        self.draw(&element::Rectangle::new(corners, style))
    }

    pub fn frame(&self, area: &Rectangle, ink: &Ink) -> Result<(), FigureError> {
        self.set_pen(Pen::default());
        let corners = [
            canvas(&Point::new(area.left, area.top)),
            canvas(&Point::new(area.right(), area.bottom())),
        ];
        self.draw(&element::Rectangle::new(
            corners,
            shape_style(ink.colour, ink.opacity, ink.width),
        ))
    }

    /// A label whose baseline starts, centres or ends at a point.
    pub fn text(&self, label: &str, at: Point, ink: &TextInk) -> Result<(), FigureError> {
        if label.is_empty() {
            return Ok(());
        }
        self.set_pen(Pen {
            halo: ink.halo,
            ..Pen::default()
        });
        let style = if ink.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let transform = if ink.upwards {
            FontTransform::Rotate270
        } else {
            FontTransform::None
        };
        let font =
            FontDesc::new(FontFamily::Name(FAMILY), ink.size * UNITS, style).transform(transform);
        let (red, green, blue) = ink.colour;
        let colour = RGBAColor(red, green, blue, 1.0);
        let align = match ink.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(align, VPos::Bottom));
        self.draw(&element::Text::new(label.to_owned(), canvas(&at), style))
    }

    /// Everything drawn by `inside` is cut at the rectangle.
    pub fn clipped(
        &self,
        area: &Rectangle,
        inside: impl FnOnce(&Self) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        self.document.borrow_mut().open_clip(area);
        inside(self)?;
        self.document.borrow_mut().close_clip();
        Ok(())
    }

    /// The finished SVG.
    pub fn finish(self, title: &str, description: &str) -> String {
        let size_mm = (self.width / POINTS_PER_MM, self.height / POINTS_PER_MM);
        let mut document = self.document.borrow_mut();
        document.finish((self.width, self.height), size_mm, title, description)
    }

    fn set_pen(&self, pen: Pen) {
        self.document.borrow_mut().pen = pen;
    }

    fn draw<'a, E>(&self, element: &'a E) -> Result<(), FigureError>
    where
        &'a E: PointCollection<'a, (i32, i32)>,
        E: Drawable<SvgBackend>,
    {
        self.area
            .draw(element)
            .map_err(|error| FigureError::Drawing(Box::new(error)))
    }
}

/// Points in a millimetre.
pub(crate) const POINTS_PER_MM: f64 = 72.0 / 25.4;

fn canvas(point: &Point) -> (i32, i32) {
    (
        (point.x * UNITS).round() as i32,
        (point.y * UNITS).round() as i32,
    )
}

fn mixed((red, green, blue): Rgb, opacity: f64) -> RGBAColor {
    RGBAColor(red, green, blue, opacity.clamp(0.0, 1.0))
}

fn shape_style(colour: Rgb, opacity: f64, width: f64) -> ShapeStyle {
    let stroke_width = (width * UNITS).round().clamp(0.0, 1e6) as u32;
    ShapeStyle {
        color: mixed(colour, opacity),
        filled: false,
        stroke_width,
    }
}
