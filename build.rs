//! Passes the commit on to the program, so that every record can name it.

use std::process::Command;

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn main() {
    // a source tree inside some other repository must not name that one's commit
    let own = git(&["rev-parse", "--show-prefix"]).is_some_and(|prefix| prefix.is_empty());
    if let Some(commit) = git(&["rev-parse", "HEAD"]).filter(|_| own) {
        let changed = git(&[
            "status",
            "--porcelain",
            "--",
            "src",
            "Cargo.toml",
            "Cargo.lock",
        ])
        .is_none_or(|changes| !changes.is_empty());
        let mark = if changed { "-dirty" } else { "" };
        println!("cargo:rustc-env=EQPROP_COMMIT={commit}{mark}");
        // not always .git/HEAD: a linked work tree keeps them elsewhere, and a path that does not
        // exist would build everything anew each time
        for name in ["HEAD", "index"] {
            if let Some(path) = git(&["rev-parse", "--git-path", name]) {
                println!("cargo:rerun-if-changed={path}");
            }
        }
    }
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=build.rs");
}
