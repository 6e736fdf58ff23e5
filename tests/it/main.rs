//! Integration tests: the library and the command line, one binary.

mod architecture;
mod command_line;
