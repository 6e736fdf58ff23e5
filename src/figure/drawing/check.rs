//! Refuses figures that cannot be drawn, naming what to change.

use super::{Axis, Element, Figure, FigureError, Panel, Scale};

/// Checks everything that does not depend on the layout.
pub(crate) fn check(figure: &Figure) -> Result<(), FigureError> {
    if figure.panels.is_empty() || figure.columns == 0 {
        return Err(FigureError::Empty);
    }
    check_size("width_mm", figure.width_mm)?;
    if let Some(height) = figure.height_mm {
        check_size("height_mm", height)?;
    }
    for (index, panel) in figure.panels.iter().enumerate() {
        check_axis(index + 1, "x", &panel.x)?;
        check_axis(index + 1, "y", &panel.y)?;
        check_elements(index + 1, panel)?;
    }
    Ok(())
}

fn check_size(what: &'static str, value: f64) -> Result<(), FigureError> {
    if value > 0.0 && value < 5000.0 {
        Ok(())
    } else {
        Err(FigureError::Size { what, value })
    }
}

fn check_axis(panel: usize, name: &'static str, axis: &Axis) -> Result<(), FigureError> {
    let Some((lower, upper)) = axis.range else {
        return Ok(());
    };
    let finite = lower.is_finite() && upper.is_finite() && lower != upper;
    let positive = axis.scale == Scale::Linear || (lower > 0.0 && upper > 0.0);
    if finite && positive {
        Ok(())
    } else {
        Err(FigureError::Range {
            panel,
            axis: name,
            lower,
            upper,
        })
    }
}

fn check_elements(panel: usize, content: &Panel) -> Result<(), FigureError> {
    for (index, element) in content.elements.iter().enumerate() {
        let (kind, expected, lists) = lengths(element);
        for (list, found) in lists {
            if found != expected {
                let element = index + 1;
                return Err(FigureError::Length {
                    panel,
                    element,
                    kind,
                    list,
                    found,
                    expected,
                });
            }
        }
    }
    Ok(())
}

type Lengths = (&'static str, usize, Vec<(&'static str, usize)>);

/// Kind of an element, the length its lists should have, and the length each has.
fn lengths(element: &Element) -> Lengths {
    match element {
        Element::Line { x, y, .. } => ("line", x.len(), vec![("y", y.len())]),
        Element::ColouredLine { x, y, value, .. } => (
            "coloured line",
            x.len(),
            vec![("y", y.len()), ("value", value.len())],
        ),
        Element::Markers {
            x, y, colour_by, ..
        } => {
            let value = colour_by
                .as_ref()
                .map_or(x.len(), |colour| colour.value.len());
            (
                "markers",
                x.len(),
                vec![("y", y.len()), ("colour_by.value", value)],
            )
        }
        Element::Band {
            x, lower, upper, ..
        } => (
            "band",
            x.len(),
            vec![("lower", lower.len()), ("upper", upper.len())],
        ),
        Element::Raster {
            columns,
            rows,
            class,
            ..
        } => (
            "raster",
            columns.saturating_mul(*rows),
            vec![("class", class.len())],
        ),
        _ => ("element", 0, Vec::new()),
    }
}
