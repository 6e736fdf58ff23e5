//! Ranges whose ends are given apart.

use std::ffi::{OsStr, OsString};

/// The arguments with `--range LO HI` written as `--range=LO,HI`: a negative number is no option.
pub fn with_ranges(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let number = |text: &OsStr| {
        text.to_str()
            .is_some_and(|text| text.parse::<f64>().is_ok())
    };
    let mut out: Vec<OsString> = Vec::new();
    for argument in arguments {
        match out.as_slice() {
            [.., option, low] if option == "--range" && number(low) && number(&argument) => {
                let mut joined = OsString::from("--range=");
                joined.push(low);
                joined.push(",");
                joined.push(argument);
                out.truncate(out.len() - 2);
                out.push(joined);
            }
            _ => out.push(argument),
        }
    }
    out
}
