//! Eigenvalues in the plane, with the cone of the descent condition and the boundary of stability.

use super::{Axis, Colour, Dash, Element, Figure, Fill, LegendPlacement, Marker, Panel, Stroke};
use crate::experiment::{Spectrum, SpectrumRecord};

/// The eigenvalues of `∂μ/∂s` at the fixed point, one series per asymmetry. Of each complex pair
/// the upper one is shown, since the lower half of the plane is its mirror image. For a normal
/// Jacobian an eigenvalue at angle φ from the negative real axis turns its mode by 2φ in the update
/// of equilibrium propagation: inside the shaded cone, φ < 45°, every mode descends.
pub fn spectrum_figure(record: &SpectrumRecord) -> Figure {
    let values = || {
        let spectra = record.spectra.iter();
        spectra.flat_map(|spectrum| &spectrum.jacobian)
    };
    let extreme = |k: usize, of: fn(f64, f64) -> f64| values().map(|v| v[k]).fold(0.0, of);
    // a margin of a twelfth around the eigenvalues and the origin, and no flatter than 1 to 4
    let (low, high) = (extreme(0, f64::min), extreme(0, f64::max));
    let margin = (high - low).max(1e-3) / 12.0;
    let (left, right) = (low - margin, high + margin);
    let top = (extreme(1, f64::max) + margin).max(0.25 * (right - left));
    // no taller than wide
    let left = left.min(right - top);
    let muted = Stroke::new(Colour::Muted).width(0.8);
    // the cone ends where the frame does
    let reach = top.min(-left);
    let cone = vec![(0.0, 0.0), (-reach, reach), (left, reach), (left, 0.0)];
    let mut panel = Panel::new(
        Axis::linear("real part of eigenvalues (1/time constant)").between(left, right),
        Axis::linear("imaginary part (1/time constant)").between(-0.5 * margin, top),
    )
    .with(Element::Polygon {
        points: cone,
        fill: Colour::Muted,
        opacity: 0.2,
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
        let upper = spectrum.jacobian.iter().filter(|v| v[1] >= 0.0);
        let (x, y) = upper.map(|v| (v[0], v[1])).unzip();
        panel.elements.push(Element::Markers {
            x,
            y,
            marker: Marker::series(series).size(3.6),
            colour_by: None,
            label: Some(label(spectrum)),
        });
        if spectrum.dynamics != spectrum.jacobian {
            let inside = |v: &&[f64; 2]| v[0] >= left && (0.0..=top).contains(&v[1]);
            let shown = spectrum.dynamics.iter().filter(inside);
            let (x, y) = shown.map(|v| (v[0], v[1])).unzip();
            let marker = Marker::series(series).fill(Fill::Open);
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
            "Eigenvalues of the Jacobian at the fixed point, of complex pairs the upper one, with the \
             cone of 45° around the negative real axis and the imaginary axis."
                .into(),
        ),
        ..Figure::new(vec![panel])
    }
}

fn label(spectrum: &Spectrum) -> String {
    let angle = spectrum
        .update_angle_degrees
        .map_or_else(String::new, |angle| format!(", EP off by {angle:.0}°"));
    format!("asymmetry $λ = {}${angle}", spectrum.asymmetry)
}
