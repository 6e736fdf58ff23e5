//! Whole figures: structure, determinism, hostile data.

use super::*;

fn panel_of(elements: Vec<Element>, x: Axis, y: Axis) -> Panel {
    Panel {
        elements,
        legend: LegendPlacement::Below,
        ..Panel::new(x, y)
    }
}

fn sample() -> Figure {
    let x: Vec<f64> = (1..=20).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| x * x).collect();
    let elements = vec![
        Element::line(x.clone(), y.clone(), Stroke::series(0)).labelled("$x^2$"),
        Element::markers(x, y, Marker::series(1)).labelled("points"),
    ];
    Figure::new(vec![panel_of(
        elements,
        Axis::linear("$x_1$"),
        Axis::log("value"),
    )])
}

#[test]
fn the_svg_has_its_parts() {
    let svg = sample().to_svg().unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for part in [
        "role=\"img\"",
        "<title>Figure</title>",
        "width=\"86mm\"",
        "clip-path=\"url(#frame-",
        "<tspan",
    ] {
        assert!(svg.contains(part), "{part} is missing in {svg}");
    }
    assert!(svg.matches("<path").count() > 21);
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
}

#[test]
fn equal_figures_give_equal_bytes() {
    let options = SaveOptions { dpi: 72.0 };
    assert_eq!(sample().to_svg().unwrap(), sample().to_svg().unwrap());
    assert_eq!(
        sample().to_png(&options).unwrap(),
        sample().to_png(&options).unwrap()
    );
    assert!(sample().to_pdf().unwrap().starts_with(b"%PDF"));
}

#[test]
fn hostile_data_give_a_picture() {
    let wild: [&[f64]; 9] = [
        &[],
        &[f64::NAN, f64::NAN],
        &[f64::INFINITY, 1.0, f64::NEG_INFINITY],
        &[1e300, -1e300, 1e-300],
        &[f64::MAX, f64::MIN, f64::MIN_POSITIVE],
        &[0.0, 0.0, 0.0],
        &[7.0],
        &[-1.0, -2.0],
        &[1.0, 1.0 + f64::EPSILON, 5e-324],
    ];
    for x in wild {
        for y in wild {
            let count = x.len().min(y.len());
            let (x, y) = (x[..count].to_vec(), y[..count].to_vec());
            for (x_axis, y_axis) in [
                (Axis::linear("x"), Axis::linear("y")),
                (Axis::log("x"), Axis::log("y")),
            ] {
                let scale = ColourScale::log(y.first().copied().unwrap_or(0.0), 0.0);
                let elements = vec![
                    Element::line(x.clone(), y.clone(), Stroke::series(1)).labelled("line"),
                    Element::markers(x.clone(), y.clone(), Marker::series(2)),
                    Element::band(x.clone(), y.clone(), x.clone(), Colour::Series(0)),
                    Element::ColouredLine {
                        x: x.clone(),
                        y: y.clone(),
                        value: y.clone(),
                        scale,
                        width: 1.0,
                    },
                    Element::Polygon {
                        points: x.iter().copied().zip(y.iter().copied()).collect(),
                        fill: Colour::Map(f64::NAN),
                        opacity: 0.5,
                        label: None,
                    },
                ];
                let mut panel = panel_of(elements, x_axis, y_axis);
                panel.colour_bar = Some(ColourBar {
                    scale,
                    label: "bar".into(),
                });
                panel.equal_aspect = true;
                let svg = Figure::new(vec![panel]).to_svg().unwrap();
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{x:?} {y:?}");
                assert!(svg.len() < 60_000);
            }
        }
    }
}

#[test]
fn hostile_styles_give_a_picture() {
    for wild in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
        let stroke = Stroke::series(1).width(wild).opacity(wild);
        let marker = Marker::series(1).size(wild).opacity(wild).fill(Fill::Half);
        let text = Element::Text {
            x: 1.0,
            y: 1.0,
            text: "$x_{$\u{0}".into(),
            anchor: Anchor::Top,
            size: wild,
            colour: Colour::Muted,
        };
        let arrow = Element::Arrow {
            x: 1.0,
            y: 1.0,
            dx: wild,
            dy: wild,
            size: wild,
            colour: Colour::Muted,
        };
        let elements = vec![
            Element::line([0.0, 1.0, 2.0], [0.0, 1.0, 3.0], stroke),
            Element::markers([1.0], [1.0], marker),
            text,
            arrow,
        ];
        let axis = Axis {
            margin: wild,
            ticks: Some(vec![(wild, "t".into())]),
            ..Axis::default()
        };
        let mut panel = panel_of(elements, axis.clone(), axis);
        panel.aspect = Some(wild);
        let svg = Figure {
            columns: 9,
            ..Figure::new(vec![panel])
        }
        .to_svg()
        .unwrap();
        assert!(
            !svg.contains("NaN") && !svg.contains("inf"),
            "{wild}: {svg}"
        );
    }
}

#[test]
fn lists_of_different_length_are_refused() {
    let panel = Panel::default().with(Element::line([1.0, 2.0], [1.0], Stroke::default()));
    let error = Figure::new(vec![panel]).to_svg().unwrap_err().to_string();
    assert!(
        error.contains("y has 1 values where 2 are needed"),
        "{error}"
    );
}

#[test]
fn errors_say_what_to_change() {
    let narrow = Figure {
        width_mm: 10.0,
        ..sample()
    };
    assert!(
        narrow
            .to_svg()
            .unwrap_err()
            .to_string()
            .contains("increase width_mm")
    );
    assert!(Figure::default().to_svg().is_err());
    let mut wordy = sample();
    wordy.panels[0].elements[0] =
        Element::line([0.0], [1.0], Stroke::default()).labelled("manywords".repeat(20));
    assert!(matches!(
        wordy.to_svg(),
        Err(FigureError::LegendTooWide { .. })
    ));
    let dense = sample().to_png(&SaveOptions { dpi: 1e9 });
    assert!(matches!(dense, Err(FigureError::Resolution { .. })));
    let name = sample().save(Path::new("figure.jpeg"), &SaveOptions::default());
    assert!(matches!(name, Err(FigureError::Extension { .. })));
    let place = sample().save(
        Path::new("/nonexistent/figure.svg"),
        &SaveOptions::default(),
    );
    assert!(matches!(place, Err(FigureError::Write { .. })));
}

#[test]
fn text_stays_on_the_page() {
    let resolved = sample().to_svg().unwrap();
    for part in resolved.split("<text x=\"").skip(1) {
        let x: f64 = part.split('"').next().unwrap().parse().unwrap();
        assert!((0.0..=244.0).contains(&x));
    }
}

#[test]
fn figures_on_one_page_do_not_share_names() {
    let name = |figure: &Figure| -> String {
        let svg = figure.to_svg().unwrap();
        svg.split("<clipPath id=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let other = Figure {
        theme: Theme::Dark,
        ..sample()
    };
    assert_ne!(name(&sample()), name(&other));
}

#[test]
fn saving_leaves_only_the_figure() {
    let directory = std::env::temp_dir().join(format!("eqprop-figure-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    for (name, start) in [
        ("a.svg", &b"<svg"[..]),
        ("a.PNG", b"\x89PNG"),
        ("a.pdf", b"%PDF"),
    ] {
        let path = directory.join(name);
        sample().save(&path, &SaveOptions { dpi: 72.0 }).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(start));
    }
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 3);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn many_points_stay_a_small_file() {
    let x: Vec<f64> = (0..200_000).map(|i| f64::from(i) / 1000.0).collect();
    let y: Vec<f64> = x.iter().map(|x| (x / 10.0).sin()).collect();
    let panel = Panel::default().with(Element::line(x, y, Stroke::default()));
    assert!(Figure::new(vec![panel]).to_svg().unwrap().len() < 20_000);
}

#[test]
fn upright_labels_stand_beside_their_tick_labels_whatever_the_panel_below_needs() {
    let x: Vec<f64> = vec![0.0, 1.0];
    let panel = |label: &str, aspect: f64| Panel {
        aspect: Some(aspect),
        ..Panel::new(Axis::linear("x"), Axis::linear(label)).with(Element::line(
            x.clone(),
            x.clone(),
            Stroke::series(0),
        ))
    };
    let panels = vec![
        panel("state", 0.6),
        panel("a label of many words that a low frame breaks", 0.2),
    ];
    // frames of a page whose height is given are as low as it asks for
    let figure = Figure {
        height_mm: Some(55.0),
        ..Figure::new(panels)
    };
    let placed = layout::layout(&figure).unwrap().panels;
    let right: Vec<f64> = placed
        .iter()
        .map(|panel| panel.y_label_left + panel.y_label.height())
        .collect();
    assert!(placed[1].y_label.lines.len() > 2);
    assert!((right[0] - right[1]).abs() < 1e-9, "{right:?}");
    assert!(placed[0].y_label_left > placed[0].left_edge + 10.0);
}

#[test]
fn upright_labels_take_two_lines_where_the_height_is_free() {
    let labels = [
        "spectral abscissa (1/time constant)",
        "Jacobian asymmetry (dimensionless)",
        "a",
        "relative error of the update",
    ];
    let panel = |label: &str| Panel::new(Axis::linear("x"), Axis::linear(label));
    for width_mm in [60.0, 86.0, 178.0] {
        let figure = Figure {
            width_mm,
            columns: 2,
            ..Figure::new(labels.map(panel).to_vec())
        };
        for placed in layout::layout(&figure).unwrap().panels {
            let lines = &placed.y_label.lines;
            assert!(lines.len() <= 2, "{width_mm} mm: {lines:?}");
        }
    }
}

#[test]
fn frames_side_by_side_in_one_journal_column_are_tall_enough_for_their_labels() {
    let panel = || Panel {
        aspect: Some(0.3),
        ..Panel::new(Axis::linear("x"), Axis::linear("cost of the update"))
    };
    let figure = |width_mm: f64| Figure {
        width_mm,
        columns: 2,
        ..Figure::new(vec![panel(), panel()])
    };
    let aspect = |width_mm: f64| {
        let figure = figure(width_mm);
        let frame = layout::layout(&figure).unwrap().panels[0].projection.frame;
        frame.height / frame.width
    };
    assert!(aspect(86.0) > 0.8 && aspect(178.0) < 0.5);
}
