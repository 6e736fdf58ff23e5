//! Inputs on which the program once went wrong, with their right values.

mod portraits;
mod simulations;
