//! The structure of the sources: data flow one way, and each foreign crate has its one door.

use std::path::{Path, PathBuf};

/// The modules in the order of the data; a module may use those before it, never those after.
const ORDER: [&str; 9] = [
    "numeric",
    "io",
    "model",
    "engine",
    "dynamics",
    "gradient",
    "data",
    "experiment",
    "figure",
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Lines of code with their numbers: comments, and unit tests at the end of a file, left out.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end]
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number + 1, line.to_owned()))
        .collect()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every place in `text` that names module `module` of the crate, by `crate::module`.
fn names_module(line: &str, module: &str) -> bool {
    let path = format!("crate::{module}");
    line.match_indices(&path).any(|(at, _)| {
        let rest = &line[at + path.len()..];
        !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_')
    })
}

#[test]
fn data_flow_one_way() {
    let mut wrong = Vec::new();
    for (position, module) in ORDER.iter().enumerate() {
        for file in sources(&src().join(module)) {
            for (number, line) in code(&file) {
                for later in &ORDER[position + 1..] {
                    if names_module(&line, later) {
                        wrong.push(format!(
                            "{}:{number}: {module} uses {later}",
                            file.display()
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_command_line_sees_only_the_public_interface() {
    for file in sources(&src().join("bin")) {
        for (number, line) in code(&file) {
            for module in ORDER {
                assert!(
                    !names_module(&line, module) || line.contains(&format!("crate::{module}::")),
                    "{}:{number}",
                    file.display()
                );
            }
        }
    }
}

/// Files that name a crate in a path (`name::…`) or a `use`.
fn doors(name: &str) -> Vec<String> {
    let path = format!("{name}::");
    sources(&src())
        .into_iter()
        .filter(|file| {
            code(file).iter().any(|(_, line)| {
                line.match_indices(&path).any(|(at, _)| {
                    !line[..at]
                        .ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before))
                })
            })
        })
        .map(|file| file.strip_prefix(src()).unwrap().display().to_string())
        .collect()
}

#[test]
fn each_foreign_crate_has_one_door() {
    let diffsol = doors("diffsol");
    assert!(!diffsol.is_empty());
    for file in diffsol {
        assert!(file.starts_with("dynamics/adaptive/"), "{file}");
    }
    assert_eq!(doors("faer"), ["numeric/linear_algebra.rs"]);
    assert_eq!(doors("plotters_backend"), ["figure/drawing/backend.rs"]);
    assert_eq!(doors("rand_chacha"), ["model/initialisation.rs"]);
}

#[test]
fn every_file_opens_with_a_sentence() {
    for file in sources(&src()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} says not what it is",
            file.display()
        );
    }
}
