//! The bare library has none of the command line's dependencies.

use std::process::Command;

/// The lines of `cargo tree` without default features, each once.
fn bare() -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--offline", "--locked", "-e", "normal"])
        .args(["--no-default-features", "--prefix", "none"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn the_bare_library_has_at_most_half_of_the_crates_of_the_first_release() {
    let lines = bare();
    // `cargo tree | sort -u` had 238 lines at version 0.1.0
    assert!(lines.len() <= 119, "{} lines", lines.len());
    let foreign = [
        "clap",
        "ctrlc",
        "indicatif",
        "plotters",
        "resvg",
        "svg2pdf",
        "dejavu",
        "colorous",
        "csv",
        "flate2",
        "sha2",
        "schemars",
        "tempfile",
    ];
    for name in foreign {
        let start = format!("{name} ");
        let found = lines.iter().find(|line| line.starts_with(&start));
        assert_eq!(found, None, "{name}");
    }
}
