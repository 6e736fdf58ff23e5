//! `eqprop sweep`, `merge` and `schema`: the same bytes however the work was divided, ended or
//! resumed; nothing lost, nothing doubled, and clear refusals.

mod division;
mod failures;
mod given;
mod records;
mod refusals;
mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// 240 points in 120 groups: two measurements of each free phase.
const CONFIG: &str = r#"{"neurons": [4], "asymmetry": {"from": 0, "to": 2, "count": 4},
    "seeds": {"first": 5, "count": 30}, "estimator": ["linear_response", "one_sided"]}"#;

/// A directory with a configuration, in which sweeps run.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new(config: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("config.json"), config).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A command in this directory, outside any job array.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("eqprop"));
        command.args(arguments).current_dir(self.directory.path());
        for name in ["ID", "COUNT", "MIN", "STEP"] {
            command.env_remove(format!("SLURM_ARRAY_TASK_{name}"));
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs the configuration into `out`; has to succeed.
    fn sweep(&self, out: &str, more: &[&str]) {
        self.succeed(&[&["sweep", "config.json", "--out", out], more].concat());
    }

    fn succeed(&self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    /// Runs and has to be refused with code 2 and a message that says every one of `texts`.
    fn refused(&self, arguments: &[&str], texts: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        for text in texts {
            assert!(message.contains(text), "no {text:?} in {message}");
        }
    }

    /// The description and the records of a whole sweep.
    fn result(&self, out: &str) -> [Vec<u8>; 2] {
        ["sweep.json", "records.jsonl"].map(|name| read(&self.path(out).join(name)))
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
