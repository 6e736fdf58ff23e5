//! Where the answer of a command that computes a record and draws it goes.

use std::path::PathBuf;

use clap::Args;
use eqprop::Error;
use eqprop::figure::Figure;
use eqprop::io::{refuse_existing, write_whole};
use serde::Serialize;

use super::FigureArguments;
use crate::report::{Verdict, print_json, print_text};

/// Where picture, record and text go.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// Picture to write: .svg, .png or .pdf
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Save the numbers (JSON), for `eqprop plot`
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// Replace earlier files
    #[arg(long)]
    pub force: bool,
    /// Print the record as one JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub style: FigureArguments,
}

impl OutputArguments {
    /// Refuses to replace earlier files, before anything is computed.
    pub fn check(&self) -> eqprop::Result<()> {
        let mut paths = self.out.iter().chain(&self.record);
        paths.try_for_each(|path| refuse_existing(path, self.force))
    }

    /// Writes the record and its picture where they are wanted, and prints the record, or its text.
    pub fn give<R: Serialize>(
        &self,
        record: &R,
        figure: impl Fn(&R) -> Option<Figure>,
        text: impl Fn(&R) -> String,
    ) -> eqprop::Result<Verdict> {
        if let Some(path) = &self.record {
            let text = serde_json::to_string(record).map_err(|e| Error::io(path, e.into()))?;
            write_whole(path, text.as_bytes()).map_err(|source| Error::io(path, source))?;
        }
        if let Some(path) = &self.out
            && let Some(figure) = figure(record)
        {
            self.style.save(figure, path)?;
        }
        if self.json {
            print_json(record)?;
        } else {
            print_text(&text(record))?;
        }
        Ok(Verdict::Done)
    }
}
