//! Eigenvalues in the plane, with the cone of the descent condition and the boundary of stability.

use super::{Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Marker, Panel, Stroke};
use crate::experiment::{Spectrum, SpectrumRecord};

/// The eigenvalues of `∂μ/∂s` at the fixed point, one series an asymmetry. For a normal Jacobian an
/// eigenvalue at angle φ from the negative real axis turns its mode by 2φ in the update of
/// equilibrium propagation: inside the shaded cone, φ < 45°, every mode descends.
pub fn spectrum_figure(record: &SpectrumRecord) -> Figure {
    let values = || {
        record
            .spectra
            .iter()
            .flat_map(|spectrum| &spectrum.jacobian)
    };
    let extreme = |k: usize| values().map(move |v| v[k]);
    let left = extreme(0).fold(-1.0, f64::min) * 1.12;
    let top = extreme(1).fold(0.3 * left.abs(), f64::max) * 1.15;
    let right = (extreme(0).fold(0.0, f64::max) * 1.15).max(0.12 * left.abs());
    // no taller than wide
    let left = left.min(right - 2.0 * top);
    let muted = Stroke::new(Colour::Muted).width(0.8);
    // the cone ends where the frame does
    let corner = if top < -left {
        (-top, top)
    } else {
        (left, -left)
    };
    let mut cone = vec![(0.0, 0.0), corner];
    if top < -left {
        cone.extend([(left, top), (left, -top)]);
    }
    cone.push((corner.0, -corner.1));
    let mut panel = Panel::new(
        Axis::linear("real part of eigenvalues").between(left, right),
        Axis::linear("imaginary part of eigenvalues").between(-top, top),
    )
    .with(Element::Polygon {
        points: cone,
        fill: Colour::Series(2),
        opacity: 0.16,
        label: Some("within 45°: EP descends if Jac is normal".into()),
    })
    .with(Element::HorizontalLine {
        at: 0.0,
        stroke: muted.width(0.4),
        label: None,
    })
    .with(Element::VerticalLine {
        at: 0.0,
        stroke: muted.dash(Dash::Dashed),
        label: Some("stability boundary".into()),
    })
    .with_legend(LegendPlacement::Below);
    panel.equal_aspect = true;
    for (series, spectrum) in record.spectra.iter().enumerate() {
        let (x, y) = spectrum.jacobian.iter().map(|v| (v[0], v[1])).unzip();
        panel.elements.push(Element::Markers {
            x,
            y,
            marker: Marker::series(series + usize::from(series >= 2)).size(3.6),
            colour_by: None,
            label: Some(label(spectrum)),
        });
        if spectrum.dynamics != spectrum.jacobian {
            let inside = |v: &&[f64; 2]| v[0] >= left && v[1].abs() <= top;
            let shown = spectrum.dynamics.iter().filter(inside);
            let (x, y) = shown.map(|v| (v[0], v[1])).unzip();
            let marker = Marker::series(series + usize::from(series >= 2)).fill(Fill::Open);
            panel.elements.push(
                Element::Markers {
                    x,
                    y,
                    marker: marker.size(5.0),
                    colour_by: None,
                    label: None,
                }
                .labelled("with time constants"),
            );
        }
    }
    Figure {
        description: Some(
            "Eigenvalues of the Jacobian at the fixed point, the cone of 45° around the negative \
             real axis, and the imaginary axis."
                .into(),
        ),
        ..Figure::new(vec![panel])
    }
}

fn label(spectrum: &Spectrum) -> String {
    let angle = spectrum
        .update_angle_degrees
        .map_or_else(String::new, |angle| format!(", EP off by {angle:.0}°"));
    format!("asymmetry {}{angle}", spectrum.asymmetry)
}
