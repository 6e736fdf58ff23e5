//! The commands. A new one is a file here, with its `mod`, and a line in the list.

mod aggregate;
mod compare;
mod completions;
mod continuation;
mod convert;
mod evaluate;
mod explore;
mod export;
mod fixed_points;
mod gradient;
mod man;
mod merge;
mod new;
mod plot;
mod portrait;
mod schema;
mod simulate;
mod spectrum;
mod sweep;
mod train;
mod validate;

use clap::{Args, Subcommand};

use crate::report::Verdict;

/// What a command has to say beside its arguments. Their doc comment is its help.
trait Command: Args {
    /// Whether standard output is to be one JSON document.
    fn json(&self) -> bool {
        false
    }

    /// Does what was asked.
    fn run(&self) -> eqprop::Result<Verdict>;
}

macro_rules! commands {
    ($($name:ident => $module:ident::$arguments:ident,)*) => {
        /// What was asked, with its arguments.
        #[derive(Debug, Subcommand)]
        pub enum Asked {
            $($name($module::$arguments),)*
        }

        impl Asked {
            /// Whether standard output is to be one JSON document.
            pub fn json(&self) -> bool {
                match self {
                    $(Self::$name(arguments) => arguments.json(),)*
                }
            }

            /// Does it.
            pub fn run(&self) -> eqprop::Result<Verdict> {
                match self {
                    $(Self::$name(arguments) => arguments.run(),)*
                }
            }
        }
    };
}

commands! {
    New => new::NewArguments,
    Gradient => gradient::GradientArguments,
    Simulate => simulate::SimulateArguments,
    FixedPoints => fixed_points::FixedPointsArguments,
    Continue => continuation::ContinueArguments,
    Spectrum => spectrum::SpectrumArguments,
    Compare => compare::CompareArguments,
    Convert => convert::ConvertArguments,
    Validate => validate::ValidateArguments,
    Sweep => sweep::SweepArguments,
    Merge => merge::MergeArguments,
    Schema => schema::SchemaArguments,
    Portrait => portrait::PortraitArguments,
    Explore => explore::ExploreArguments,
    Aggregate => aggregate::AggregateArguments,
    Train => train::TrainArguments,
    Evaluate => evaluate::EvaluateArguments,
    Export => export::ExportArguments,
    Plot => plot::PlotArguments,
    Completions => completions::CompletionsArguments,
    Man => man::ManArguments,
}
