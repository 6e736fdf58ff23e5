//! `eqprop completions`.

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::{Shell, generate};

use super::Command;
use crate::report::{Verdict, print_text};

/// Completions for a shell, on standard output
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eqprop completions bash > eqprop.bash
  eqprop completions zsh > _eqprop
  eqprop completions fish > eqprop.fish")]
pub struct CompletionsArguments {
    /// The shell that reads them
    #[arg(value_enum)]
    pub shell: Name,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Name {
    /// Source the output from ~/.bashrc, or keep it in a directory of completions
    Bash,
    /// Keep the output as _eqprop in a directory of $fpath
    Zsh,
    /// Keep the output in ~/.config/fish/completions
    Fish,
}

impl Command for CompletionsArguments {
    fn run(&self) -> eqprop::Result<Verdict> {
        let shell = match self.shell {
            Name::Bash => Shell::Bash,
            Name::Zsh => Shell::Zsh,
            Name::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        generate(
            shell,
            &mut crate::Arguments::command(),
            "eqprop",
            &mut script,
        );
        print_text(&String::from_utf8_lossy(&script))?;
        Ok(Verdict::Done)
    }
}
