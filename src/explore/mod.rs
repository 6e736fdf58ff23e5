//! The explorer: one page in the browser that shows a problem's plane, spectrum and learning while
//! its parameters move. What it computes is this library's. The page only draws and asks.
//!
//! It listens on the loopback interface alone and answers who knows its token ([`serve`]).

mod examples;
mod guard;
mod pages;
mod server;
mod tabs;
mod view;

pub use server::{ExploreOptions, serve};
