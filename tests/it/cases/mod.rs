//! Inputs on which the program was once wrong, with right values from elsewhere, and their siblings.

mod bifurcations;
