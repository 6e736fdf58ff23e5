//! What is read, and what is refused with its column.

use super::*;

fn message(source: &str) -> String {
    let text = Text::new("field.equations.x", source);
    parse(&text, Dialect::Mathematics).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_read_is_said_with_its_column() {
    for (source, expected) in [
        (
            "",
            "column 1: expected a number, a name or `(`, found the end",
        ),
        (
            "1 +",
            "column 4: expected a number, a name or `(`, found the end",
        ),
        ("(1 + x", "column 7: expected `)`, found the end"),
        (
            "f(x y)",
            "column 5: expected an operator, `,` or `)`, found the name `y`",
        ),
        (
            "2 x",
            "column 3: expected an operator or the end, found the name `x`",
        ),
        ("αβ + $", "column 6: `$` has no meaning in an expression"),
        (
            "a < b < c",
            "column 7: comparisons do not chain. Write `a < b & b < c`",
        ),
        (
            "1e999",
            "column 1: this number is too large for double precision",
        ),
        (
            "x +\n * 2",
            "line 2, column 2: expected a number, a name or `(`, found `*`",
        ),
        ("x[1", "column 4: expected `]`, found the end"),
    ] {
        assert_eq!(message(source), format!("field.equations.x: {expected}"));
    }
}

#[test]
fn hostile_text_is_refused_without_a_deep_stack() {
    for opening in ["(", "-", "f(", "x[", "2^", "!"] {
        let refused = message(&opening.repeat(100_000));
        assert!(refused.contains("may nest 200 deep"), "{refused}");
    }
    let fine = format!("{}x{}", "(".repeat(200), ")".repeat(200));
    for long in [
        fine,
        "x+".repeat(1_000_000) + "x",
        "x/".repeat(1_000_000) + "x",
    ] {
        let text = Text::new("field", long);
        assert!(parse(&text, Dialect::Mathematics).is_ok());
    }
}

#[test]
fn xppaut_takes_no_sign_after_an_operator() {
    for (source, reads) in [
        ("x^-2", false),
        ("2*-3", false),
        ("-x^2", true),
        ("2*(-3)", true),
    ] {
        let text = Text::new("line 1", source);
        assert_eq!(parse(&text, Dialect::Xpp).is_ok(), reads, "{source}");
    }
}
