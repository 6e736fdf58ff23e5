//! No label overlaps another, and none leaves the page.
//!
//! Boxes are those of the letters as usvg shapes them with the embedded fonts, not as the layout
//! measures them.

use std::sync::{Arc, LazyLock};

use eqprop::figure::{Axis, Element, Figure, Panel, Theme};
use resvg::usvg::{Group, Node, Options, Rect, Tree, fontdb};

use super::FIGURES;

/// The boxes of all texts of a picture, with the texts, in points; and the page.
fn boxes(svg: &str) -> (Vec<(String, Rect)>, (f32, f32)) {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        for file in [
            dejavu::sans::regular(),
            dejavu::sans::bold(),
            dejavu::sans::oblique(),
        ] {
            fonts.load_font_data(file.to_vec());
        }
        Arc::new(fonts)
    });
    let options = Options {
        dpi: 72.0,
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).unwrap();
    let mut found = Vec::new();
    collect(tree.root(), &mut found);
    (found, (tree.size().width(), tree.size().height()))
}

fn collect(group: &Group, found: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => collect(group, found),
            Node::Text(text) => {
                let letters: Vec<&str> = text.chunks().iter().map(|chunk| chunk.text()).collect();
                // the box of the letters lies in the text's own coordinates, before it is turned
                let letters_box = text.flattened().bounding_box();
                let on_page = letters_box.transform(text.abs_transform()).unwrap();
                found.push((letters.concat(), on_page));
            }
            _ => {}
        }
    }
}

/// Pairs of texts that overlap and texts that leave the page, in words.
fn collisions(svg: &str) -> Vec<String> {
    let (texts, (width, height)) = boxes(svg);
    assert!(!texts.is_empty());
    let mut found = Vec::new();
    for (k, (text, area)) in texts.iter().enumerate() {
        let inside = area.left() >= 0.0 && area.top() >= 0.0;
        if !inside || area.right() > width || area.bottom() > height {
            found.push(format!("{text:?} leaves the page: {area:?}"));
        }
        for (other, there) in &texts[..k] {
            let apart = area.left() >= there.right()
                || there.left() >= area.right()
                || area.top() >= there.bottom()
                || there.top() >= area.bottom();
            if !apart {
                found.push(format!("{text:?} meets {other:?}"));
            }
        }
    }
    found
}

#[test]
fn no_label_meets_another_or_leaves_the_page() {
    let mut found = Vec::new();
    for (name, figure) in FIGURES.iter() {
        for width in [86.0, 178.0] {
            for theme in [Theme::Light, Theme::Dark] {
                let figure = Figure {
                    theme,
                    ..figure.clone()
                }
                .at_width(width);
                let svg = match figure.to_svg() {
                    Ok(svg) => svg,
                    Err(error) => {
                        found.push(format!("{name}, {width} mm: {error}"));
                        continue;
                    }
                };
                let here = collisions(&svg).into_iter();
                found.extend(here.map(|text| format!("{name}, {width} mm, {theme:?}: {text}")));
            }
        }
    }
    assert!(
        found.is_empty(),
        "{} collisions:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// The measure finds what it looks for.
#[test]
fn labels_that_do_meet_are_found() {
    let text = |x: f64, text: &str| Element::text(x, 0.5, text, Default::default());
    let figure = |x: f64| {
        let panel = Panel::new(Axis::linear(""), Axis::linear("")).with(text(0.1, "one"));
        Figure::new(vec![panel.with(text(x, "other"))])
    };
    assert_eq!(
        collisions(&figure(0.5).to_svg().unwrap()),
        Vec::<String>::new()
    );
    let meets = collisions(&figure(0.12).to_svg().unwrap());
    assert_eq!(meets, ["\"other\" meets \"one\""]);
    let leaves = collisions(&figure(1.0).to_svg().unwrap());
    assert!(
        leaves.len() == 1 && leaves[0].contains("leaves"),
        "{leaves:?}"
    );
}
