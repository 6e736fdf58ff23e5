//! Every axis says its unit and every panel its letter, and what appears in several figures looks
//! the same in all.

use std::collections::BTreeMap;

use eqprop::figure::{Element, Figure, LegendPlacement, Panel, Scale};

use super::FIGURES;

#[test]
fn every_axis_says_its_unit_and_every_panel_its_letter() {
    // what is counted is its own unit, what is relative has none
    let counts = [
        "epoch",
        "neurons",
        "seed",
        "evaluations",
        "mean sweeps",
        "hidden layers",
    ];
    let names = ["dynamics", "activation", "estimator", "relative"];
    for (name, figure) in FIGURES.iter() {
        let letters: Vec<_> = figure
            .panels
            .iter()
            .map(|panel| panel.tag.clone())
            .collect();
        if letters.len() > 1 {
            let wanted: Vec<_> = ('a'..)
                .take(letters.len())
                .map(|c| Some(c.to_string()))
                .collect();
            assert_eq!(letters, wanted, "{name}");
        } else {
            assert_eq!(letters, [None], "{name}");
        }
        for panel in &figure.panels {
            let bar = panel.colour_bar.as_ref().map_or("", |bar| &bar.label);
            for label in [&panel.x.label, &panel.y.label, bar] {
                let known = counts
                    .iter()
                    .chain(&names)
                    .any(|start| label.trim_start_matches("median ").starts_with(start));
                assert!(
                    label.is_empty() || label.ends_with(')') || known,
                    "{name}: {label:?}"
                );
                assert!(!label.contains("forward["), "{name}: {label:?}");
            }
        }
    }
}

/// Colour and marker of what an element shows.
fn look(element: &Element) -> Option<String> {
    match element {
        Element::Line { stroke, .. } | Element::HorizontalLine { stroke, .. } => {
            Some(format!("{:?}", stroke.colour))
        }
        Element::Markers { marker, .. } => Some(format!("{:?} {:?}", marker.colour, marker.shape)),
        Element::Band { fill, .. } => Some(format!("{fill:?}")),
        _ => None,
    }
}

#[test]
fn what_appears_in_several_figures_looks_the_same_in_all() {
    let mut looks: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut bands = BTreeMap::new();
    for (name, figure) in FIGURES.iter() {
        for element in figure.panels.iter().flat_map(|panel| &panel.elements) {
            let Some(label) = element.label() else {
                continue;
            };
            let spoiled = label.contains("hopfield") || label.contains('[');
            assert!(!spoiled, "{name}: {label}");
            let start = label.split(':').next().unwrap();
            for role in ["leaky", "Hopfield", "EP", "gradient", "free", "nudged"] {
                if start.split(" (").next() == Some(role) {
                    let kind = match element {
                        Element::Markers { .. } => "marker",
                        _ => "colour",
                    };
                    let look = look(element).unwrap();
                    let key = format!("{kind} {look}");
                    looks
                        .entry(role)
                        .or_default()
                        .entry(key)
                        .or_insert_with(|| name.clone());
                }
            }
            if let Element::Band { .. } = element {
                let quantiles = label.rsplit(": ").next().unwrap().to_owned();
                bands.entry(quantiles).or_insert_with(|| name.clone());
            }
        }
    }
    assert_eq!(looks.len(), 6, "{looks:?}");
    for (role, found) in &looks {
        for kind in ["marker", "colour"] {
            let of_kind: Vec<_> = found
                .iter()
                .filter(|(key, _)| key.starts_with(kind))
                .collect();
            assert!(of_kind.len() <= 1, "{role}: {of_kind:?}");
        }
    }
    assert_eq!(bands.keys().collect::<Vec<_>>(), ["10–90 %"], "{bands:?}");
}

#[test]
fn two_rows_of_three_panels_become_two_columns_in_a_narrow_figure() {
    let find = |wanted: &str| FIGURES.iter().find(|(name, _)| name == wanted).unwrap();
    let (_, figure) = find("good_parameters: good_parameters");
    let titles = |figure: &Figure| -> Vec<String> {
        let panels = figure.panels.iter();
        panels
            .map(|panel| {
                format!(
                    "{}{}",
                    panel.tag.as_ref().unwrap(),
                    panel.title.as_ref().unwrap()
                )
            })
            .collect()
    };
    assert_eq!(
        (figure.columns, &titles(figure)[1][..]),
        (3, "bleaky: descend")
    );
    let narrow = figure.clone().at_width(86.0);
    assert_eq!(
        (narrow.columns, &titles(&narrow)[1][..]),
        (2, "bHopfield: settle")
    );
    let bars = |figure: &Figure| {
        figure
            .panels
            .iter()
            .filter(|p| p.colour_bar.is_some())
            .count()
    };
    assert_eq!((bars(figure), bars(&narrow)), (2, 3));
    assert!(narrow.share_x && narrow.share_y);
    let (_, along_time) = find(": time_resolved");
    let narrow = along_time.clone().at_width(86.0);
    assert!(
        narrow.columns == 2 && !narrow.share_y,
        "velocities and norms have scales of their own"
    );
}

#[test]
fn the_lowest_panel_of_every_column_says_what_runs_along_it() {
    for (name, figure) in FIGURES.iter() {
        for width in [86.0, 178.0] {
            let figure = figure.clone().at_width(width);
            let lowest = figure.panels.len().saturating_sub(figure.columns);
            for panel in &figure.panels[lowest..] {
                assert!(
                    !panel.x.label.is_empty(),
                    "{name}, {width} mm: {:?}",
                    panel.tag
                );
            }
        }
    }
}

#[test]
fn maps_tick_the_values_of_their_cells() {
    let is_map = |name: &str| name.ends_with("heat_map") || name.ends_with("good_parameters");
    let maps: Vec<_> = FIGURES.iter().filter(|(name, _)| is_map(name)).collect();
    assert!(maps.len() > 4);
    for (name, figure) in maps {
        for panel in &figure.panels {
            let ticks = panel.x.ticks.as_ref().unwrap_or_else(|| panic!("{name}"));
            let Some(Element::Raster {
                x_range, columns, ..
            }) = panel
                .elements
                .iter()
                .find(|element| matches!(element, Element::Raster { .. }))
            else {
                panic!("{name}");
            };
            // equal steps along the axis' own scale
            let along = |x: f64| match panel.x.scale {
                Scale::Linear => x,
                Scale::Log => x.ln(),
            };
            let (low, high) = (along(x_range.0), along(x_range.1));
            for (value, _) in ticks {
                let cells = (along(*value) - low) / (high - low) * *columns as f64 - 0.5;
                assert!((cells - cells.round()).abs() < 1e-6, "{name}: {value}");
            }
        }
    }
}

#[test]
fn figures_of_a_problem_speak_of_no_networks() {
    let mut seen = 0;
    for (name, figure) in FIGURES
        .iter()
        .filter(|(name, _)| name.starts_with("fields_study"))
    {
        for panel in &figure.panels {
            let bar = panel.colour_bar.as_ref().map(|bar| bar.label.as_str());
            let legend = panel.elements.iter().filter_map(Element::label);
            for text in legend.chain(bar).chain([&*panel.x.label, &panel.y.label]) {
                assert!(!text.contains("network"), "{name}: {text}");
                assert!(!text.contains("time constant"), "{name}: {text}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn a_narrow_figure_has_no_legend_beside_its_panels() {
    let figure = Figure {
        legend: LegendPlacement::Right,
        ..Figure::new(vec![Panel::default().with_legend(LegendPlacement::Right)])
    };
    let narrow = figure.clone().at_width(86.0);
    assert_eq!(narrow.legend, LegendPlacement::Below);
    assert_eq!(narrow.panels[0].legend, LegendPlacement::Below);
    assert_eq!(figure.at_width(178.0).legend, LegendPlacement::Right);
}
