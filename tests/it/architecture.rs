//! The structure of the sources: data flow one way, circles stay small, and each foreign crate has
//! its one door. docs/architecture.md says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rooms in the order of the data; a room may use those before it, never those after.
const ROOMS: [&str; 11] = [
    "numeric",
    "io",
    "expression",
    "model",
    "engine",
    "dynamics",
    "gradient",
    "data",
    "experiment",
    "figure",
    "explore",
];
/// The order inside `dynamics`; what stands on one line may name each other.
const DYNAMICS: [&[&str]; 28] = [
    &["settings"],
    &["kink", "phase", "held"],
    &["spectrum"],
    &["jacobian"],
    &["linear"],
    &["chord"],
    &["residual"],
    &["newton"],
    &["stepper"],
    &["explicit"],
    &["active_set_change"],
    &["adaptive"],
    &["integrate"],
    &["caution"],
    &["arrival"],
    &["adaptive::sensitivity"],
    &["cycle"],
    &["fixed_point"],
    &["linear_regime"],
    &["slow_orbit", "watch"],
    &["lyapunov"],
    &["outcome"],
    &["scout"],
    &["settle"],
    &["sample", "batch"],
    &["curvature"],
    &["search", "continuation"],
    &["plane"],
];
/// What else stands at the root.
const BESIDE: [&str; 3] = ["bin", "error", "lib"];
/// Files of one room that name each other in a circle.
const LARGEST_CIRCLE: usize = 3;
/// Lines of a file.
const LONGEST_FILE: usize = 350;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

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

/// The code of a file: comments, and unit tests at its end, left out.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text[..end].lines();
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// A module by its path from the root, such as `["dynamics", "settle"]`.
type Module = Vec<String>;

/// Every module of the library, with those that its code names.
struct House(BTreeMap<Module, Vec<Module>>);

impl House {
    fn read() -> Self {
        let root = src();
        let modules: BTreeMap<Module, PathBuf> = sources(&root)
            .into_iter()
            .filter_map(|file| {
                let place = file.strip_prefix(&root).unwrap().with_extension("");
                let mut module: Module = place
                    .iter()
                    .map(|part| part.to_str().unwrap().to_owned())
                    .collect();
                if module.last().is_some_and(|last| last == "mod") {
                    module.pop();
                }
                (module[0] != "bin" && module != ["lib"]).then_some((module, file))
            })
            .collect();
        let path =
            regex_lite::Regex::new(r"\b(crate|self|super)((?:::(?:[a-z_0-9]+|\w+))+)").unwrap();
        let named = modules.iter().map(|(module, file)| {
            let text = code(file);
            let mut named: Vec<Module> = path
                .captures_iter(&text)
                .filter_map(|found| {
                    let mut base: Module = match &found[1] {
                        "crate" => Vec::new(),
                        "self" => module.clone(),
                        _ => module[..module.len() - 1].to_vec(),
                    };
                    for part in found[2].split("::").skip(1) {
                        if part == "super" {
                            base.pop();
                        } else {
                            base.push(part.to_owned());
                        }
                    }
                    while !base.is_empty() && !modules.contains_key(&base) {
                        base.pop();
                    }
                    // a file may name its own folder
                    (!base.is_empty() && !module.starts_with(&base)).then_some(base)
                })
                .collect();
            named.sort();
            named.dedup();
            (module.clone(), named)
        });
        Self(named.collect())
    }

    /// Every module that can be reached from `from` by what modules name.
    fn reached<'a>(&'a self, from: &'a Module) -> Vec<&'a Module> {
        let mut found: Vec<&Module> = Vec::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            for module in &self.0[next] {
                if !found.contains(&module) {
                    found.push(module);
                    open.push(module);
                }
            }
        }
        found
    }
}

#[test]
fn the_root_holds_the_rooms() {
    for entry in std::fs::read_dir(src()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            ROOMS.contains(&name) || BESIDE.contains(&name),
            "src/{name} is no room: give it a place in one, or in ROOMS and docs/architecture.md"
        );
    }
}

#[test]
fn data_flow_one_way() {
    let place = |module: &Module| ROOMS.iter().position(|room| *room == module[0]);
    let house = House::read();
    let wrong: Vec<String> = house
        .0
        .iter()
        .flat_map(|(module, named)| named.iter().map(move |other| (module, other)))
        // the error type, which is in no room, names what all rooms may fail at
        .filter(|(module, other)| place(module).is_some() && place(other) > place(module))
        .map(|(module, other)| format!("{} uses {}", module.join("::"), other.join("::")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn dynamics_are_built_in_order() {
    let place = |module: &Module| {
        let inside = module.strip_prefix(&["dynamics".to_owned()][..])?;
        // the longest name that fits
        let named = |length: usize| {
            let name = inside.get(..length)?.join("::");
            DYNAMICS
                .iter()
                .position(|line| line.contains(&name.as_str()))
        };
        Some(named(2).or_else(|| named(1)))
    };
    for (module, named) in House::read().0 {
        let Some(own) = place(&module) else { continue };
        if module.len() == 1 {
            continue;
        }
        let own = own.unwrap_or_else(|| panic!("{} has no place in DYNAMICS", module.join("::")));
        for other in named {
            let later = place(&other).flatten().is_some_and(|place| place > own);
            assert!(!later, "{} uses {}", module.join("::"), other.join("::"));
        }
    }
}

#[test]
fn circles_of_files_stay_small() {
    let house = House::read();
    for module in house.0.keys() {
        let circle: Vec<String> = house
            .reached(module)
            .into_iter()
            .filter(|other| house.reached(other).contains(&module))
            .map(|other| other.join("::"))
            .collect();
        assert!(circle.len() <= LARGEST_CIRCLE, "{}", circle.join(", "));
    }
}

#[test]
fn no_file_holds_two_ideas() {
    for file in sources(&src()) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= LONGEST_FILE,
            "{} has {lines} lines",
            file.display()
        );
    }
}

/// Files that name a crate in a path (`name::…`) or a `use`.
fn doors(name: &str) -> Vec<String> {
    let path = format!("{name}::");
    sources(&src())
        .into_iter()
        .filter(|file| {
            let text = code(file);
            text.match_indices(&path).any(|(at, _)| {
                !text[..at]
                    .ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before))
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
    for file in doors("faer") {
        assert!(file.starts_with("numeric/linear_algebra/"), "{file}");
    }
    assert_eq!(doors("rand_chacha"), ["model/initialisation.rs"]);
    let plotters = doors("plotters_backend");
    assert!(
        plotters.len() == 1 && plotters[0].ends_with("backend.rs"),
        "{plotters:?}"
    );
}

#[test]
fn every_file_opens_with_a_sentence() {
    for file in sources(&src()) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//! "),
            "{} does not say what it is",
            file.display()
        );
    }
}

/// A newer `subsetter` brings crates that read and write every kind of font. They would take a tenth of a cold build, and
/// figures need none of them.
#[test]
fn the_lock_files_hold_no_idle_font_crates() {
    for path in ["Cargo.lock", "python/Cargo.lock"] {
        let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        let lock = lock.unwrap_or_else(|error| panic!("{path}: {error}"));
        for name in ["skrifa", "write-fonts"] {
            let entry = format!("name = \"{name}\"");
            assert!(
                !lock.contains(&entry),
                "{path} holds {name}: cargo update -p subsetter --precise 0.2.2"
            );
        }
    }
}
