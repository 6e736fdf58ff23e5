//! Numbers as readers of a journal expect them.

/// A number with this many decimals and a true minus sign. Zero has no sign.
pub(crate) fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|letter| matches!(letter, '0' | '-' | '.'));
    if is_zero {
        text.replace('-', "")
    } else {
        text.replace('-', "\u{2212}")
    }
}

/// A power of ten in markup.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    format!("$10^{{{exponent}}}$")
}

/// A digit times a power of ten in markup.
pub(crate) fn scientific(digit: u8, exponent: i32) -> String {
    if digit == 1 {
        return power_of_ten(exponent);
    }
    format!("${digit}\\times10^{{{exponent}}}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_no_sign() {
        assert_eq!(decimal(-0.0001, 2), "0.00");
        assert_eq!(decimal(-1.5, 1), "\u{2212}1.5");
    }

    #[test]
    fn powers_are_markup() {
        assert_eq!(scientific(1, -3), "$10^{-3}$");
        assert_eq!(scientific(2, 5), "$2\\times10^{5}$");
    }
}
