#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eqprop_fuzz::read("expression", bytes));
