//! The handbook cannot rot: every command that README and docs show is run, what they show as its
//! output is compared, options named in sentences exist, and links lead somewhere.
//!
//! The info string of a fenced block says what becomes of it: `json file=NAME` is written to a file,
//! `sh run` is run (`exit=3`: with that exit code), `text output` is what the block before it
//! prints, and `sh by-hand` is what a test cannot do. The blocks of a page share a directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex_lite::Regex;

use crate::support::{eqprop, read_json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages, by their path from the root.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| Path::new("docs").join(entry.unwrap().file_name()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from));
    pages.sort();
    pages
}

fn text(page: &Path) -> String {
    std::fs::read_to_string(root().join(page)).unwrap()
}

/// A fenced block: its info string and its lines.
struct Block {
    info: String,
    body: String,
}

/// The fenced blocks of a page, and the text outside of them.
fn parts(text: &str) -> (Vec<Block>, String) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut prose = String::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            if !inside {
                let info = info.trim().to_owned();
                let body = String::new();
                blocks.push(Block { info, body });
            }
            inside = !inside;
        } else if let (true, Some(block)) = (inside, blocks.last_mut()) {
            block.body.extend([line, "\n"]);
        } else {
            prose.extend([line, "\n"]);
        }
    }
    (blocks, prose)
}

/// Runs the blocks of a page in a directory of its own.
fn run(page: &Path) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    for name in ["plots", "tests", "examples"] {
        std::os::unix::fs::symlink(root().join(name), place.join(name)).unwrap();
    }
    // what the Python blocks write; where NumPy is at hand they write it themselves
    let name = "weights.npz";
    std::fs::copy(root().join("tests/handbook").join(name), place.join(name)).unwrap();
    let program = Path::new(assert_cmd::cargo::cargo_bin!("eqprop"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let ran = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .current_dir(place)
            .env("PATH", &path)
            .output()
    };
    let numpy = ran("python3", &["-c", "import numpy"]).is_ok_and(|output| output.status.success());
    let mut printed = String::new();
    for Block { info, body } in parts(&text(page)).0 {
        let words: Vec<&str> = info.split_whitespace().collect();
        let output = match words[..] {
            ["json", file] if file.starts_with("file=") => {
                std::fs::write(place.join(&file["file=".len()..]), &body).unwrap();
                continue;
            }
            ["sh", "run", ..] => ran("bash", &["-euo", "pipefail", "-c", &body]).unwrap(),
            ["python", "run"] if numpy => ran("python3", &["-c", &body]).unwrap(),
            ["text", "output"] => {
                compare(&body, &printed).unwrap_or_else(|difference| {
                    panic!("{}: {difference}\nprinted:\n{printed}", page.display())
                });
                continue;
            }
            _ => continue,
        };
        let code = words.get(2).and_then(|word| word.strip_prefix("exit="));
        let code = code.map_or(0, |code| code.parse().unwrap());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{}:\n{body}{stderr}",
            page.display()
        );
        printed = String::from_utf8(output.stdout).unwrap();
    }
}

/// Whether `printed` is as `shown`: a line `…` stands for any lines, a `…` at the end of a line for
/// its rest; spaces do not count, and numbers may differ in the fourth digit or, near 0, altogether.
fn compare(shown: &str, printed: &str) -> Result<(), String> {
    let number = Regex::new(r"-?\d+(\.\d+)?(e[+-]?\d+)?").unwrap();
    let numbers = |line: &str| -> Vec<f64> {
        let found = number.find_iter(line);
        found.map(|found| found.as_str().parse().unwrap()).collect()
    };
    let words = |line: &str| {
        let line = number.replace_all(line, "0").into_owned();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let same = |shown: &str, printed: &str| {
        let (a, b) = match shown.strip_suffix('…') {
            Some(start) => {
                let length = start.chars().count();
                let cut: String = printed.chars().take(length).collect();
                (start.to_owned(), cut)
            }
            None => (shown.to_owned(), printed.to_owned()),
        };
        let close = |(a, b): (f64, f64)| (a - b).abs() <= 1e-4 * a.abs() + 1e-9;
        words(&a) == words(&b) && numbers(&a).into_iter().zip(numbers(&b)).all(close)
    };
    let mut lines = printed.lines();
    let mut skip = false;
    for wanted in shown.lines() {
        if wanted == "…" {
            skip = true;
        } else if skip {
            if !lines.any(|line| same(wanted, line)) {
                return Err(format!("not printed: {wanted}"));
            }
            skip = false;
        } else {
            let line = lines.next().unwrap_or_default();
            if !same(wanted, line) {
                return Err(format!("shown: {wanted}\nprinted: {line}"));
            }
        }
    }
    match lines.next() {
        Some(line) if !skip => Err(format!("not shown: {line}")),
        _ => Ok(()),
    }
}

#[test]
fn outputs_are_compared() {
    let printed = "a 1.00001\nb\nc 2e-17\n";
    for shown in ["a 1.0\nb\nc 0.0\n", "a 1.0\n…\n", "…\nc 3e-16\n", "a…\n…\n"] {
        assert_eq!(compare(shown, printed), Ok(()), "{shown}");
    }
    for shown in ["a 1.0\n", "a 1.1\n…\n", "b\n…\n", "…\nd\n", "…\nb\n"] {
        assert!(compare(shown, printed).is_err(), "{shown}");
    }
}

#[test]
fn commands_of_the_readme_run() {
    run(Path::new("README.md"));
}

#[test]
fn commands_of_the_gallery_run() {
    run(Path::new("docs/gallery.md"));
}

#[test]
fn commands_of_the_other_pages_run() {
    let own = ["README.md", "docs/gallery.md"].map(PathBuf::from);
    for page in pages() {
        if !own.contains(&page) {
            run(&page);
        }
    }
}

#[test]
fn every_block_of_commands_says_what_becomes_of_it() {
    for page in pages() {
        for Block { info, body } in parts(&text(&page)).0 {
            let known = info.starts_with("sh run") || info == "sh by-hand";
            let commands = info.starts_with("sh") || info.starts_with("bash");
            let shown = body.lines().any(|line| line.starts_with("eqprop "));
            assert!(
                known || !(commands || shown),
                "{}: mark this block `sh run` or `sh by-hand`\n{body}",
                page.display()
            );
        }
    }
}

#[test]
fn options_that_pages_name_exist() {
    let code = Regex::new(r"`eqprop ([a-z-]+)([^`]*)`").unwrap();
    let option = Regex::new(r"--[a-z][a-z-]*").unwrap();
    let mut asked = BTreeSet::new();
    for page in pages()
        .iter()
        .filter(|page| !page.ends_with("CHANGELOG.md"))
    {
        for found in code.captures_iter(&parts(&text(page)).1) {
            for option in option.find_iter(&found[2]) {
                let option = option.as_str().to_owned();
                asked.insert((found[1].to_owned(), option, page.clone()));
            }
            asked.insert((found[1].to_owned(), "--help".into(), page.clone()));
        }
    }
    for (command, option, page) in asked
        .into_iter()
        .filter(|(name, ..)| !name.starts_with('-'))
    {
        let help = eqprop(&[&command, "--help"]);
        let page = page.display();
        assert_eq!(help.code, 0, "{page}: eqprop {command}");
        assert!(
            help.stdout.contains(&option),
            "{page}: eqprop {command} {option}"
        );
    }
}

/// The anchor that GitHub and mdBook give a heading.
fn anchor(heading: &str) -> String {
    let plain = heading.trim_start_matches('#').trim().to_lowercase();
    plain
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            _ => (letter.is_alphanumeric() || "-_".contains(letter)).then_some(letter),
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    // made when the handbook is built
    let made = root().join("docs/commands.md");
    for page in pages() {
        let (_, prose) = parts(&text(&page));
        for found in link.captures_iter(&prose) {
            let (target, fragment) = found[1].split_once('#').unwrap_or((&found[1], ""));
            if target.contains("://") {
                continue;
            }
            let place = root().join(page.parent().unwrap());
            let place = if target.is_empty() {
                root().join(&page)
            } else {
                place.join(target)
            };
            assert!(
                place.exists() || place == made,
                "{}: {target}",
                page.display()
            );
            if !fragment.is_empty() {
                let other = std::fs::read_to_string(&place).unwrap();
                let there = other
                    .lines()
                    .any(|line| line.starts_with('#') && anchor(line) == fragment);
                assert!(there, "{}: {}", page.display(), &found[1]);
            }
        }
    }
}

/// The examples at the end of a command's help.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines
        .take_while(|line| line.starts_with("  "))
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn examples_of_every_help_run_one_after_the_other() {
    let directory = tempfile::tempdir().unwrap();
    let program = Path::new(assert_cmd::cargo::cargo_bin!("eqprop"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", program.parent().unwrap().display());
    let help = eqprop(&["--help"]).stdout;
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.split_whitespace().next());
    let mut run = 0;
    for command in commands.filter(|command| *command != "help") {
        let shown = examples(&eqprop(&[command, "--help"]).stdout);
        assert!(!shown.is_empty(), "eqprop {command} shows no example");
        // the explorer runs until it is ended; an update to compare is the reader's own
        if ["explore", "compare"].contains(&command) {
            continue;
        }
        for line in shown.iter().filter(|line| line.starts_with("eqprop ")) {
            let output = Command::new("bash")
                .args(["-c", line])
                .current_dir(directory.path())
                .env("PATH", &path)
                .output()
                .unwrap();
            assert!(output.status.success(), "{line}: {output:?}");
            run += 1;
        }
    }
    assert!(run > 20, "{run}");
}

/// `python docs/render_notebooks.py` has run since a notebook was last changed.
#[test]
fn pages_of_notebooks_show_their_cells() {
    let summary = text(Path::new("docs/SUMMARY.md"));
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("examples/notebooks")).unwrap() {
        let path = entry.unwrap().path();
        let name = format!(
            "notebook_{}.md",
            path.file_stem().unwrap().to_str().unwrap()
        );
        assert!(
            summary.contains(&name),
            "{name} is missing in docs/SUMMARY.md"
        );
        let shown = text(&Path::new("docs").join(&name));
        let mut rest = shown.as_str();
        for cell in read_json(&path)["cells"].as_array().unwrap() {
            let lines = cell["source"].as_array().unwrap().iter();
            let source: String = lines.map(|line| line.as_str().unwrap()).collect();
            // formulas are fenced differently there
            let source = source.split("$$").next().unwrap();
            let place = rest.find(source);
            let place = place.unwrap_or_else(|| panic!("{name} does not show\n{source}"));
            rest = &rest[place + source.len()..];
        }
        count += 1;
    }
    assert_eq!(count, 5);
}
