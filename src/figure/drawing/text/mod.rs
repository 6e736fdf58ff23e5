//! From labels with markup to measured glyphs.

pub(crate) mod font;
pub(crate) mod markup;
pub(crate) mod measure;
pub(crate) mod paragraph;
mod symbols;
