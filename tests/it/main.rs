//! Integration tests: the library and the command line, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod architecture;
mod command_line;
mod simulate;
