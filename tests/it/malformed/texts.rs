//! Texts that are no problem, whatever the field: not JSON, or JSON of another shape.

use super::{Case, edited, template};

pub fn texts() -> Vec<Case> {
    let whole = template("dense").to_string();
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let list = format!(
        "[{}, [0.7], [0.4], null, null, null, null]",
        template("dense")["network"]
    );
    let network = r#"["dense", "leaky", "tanh", [[0.5]], null, null, [0]"#.to_owned();
    let of_lists = format!(
        "[{network}{}], null, [0.4], null, null, null, null]",
        ", null".repeat(7)
    );
    let nested_bias = edited(template("dense"), "/network/bias", &deep("[", "]"));
    let texts: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", "".into(), "problem.json"),
        ("whitespace", " \n\t\r\n ".into(), "problem.json"),
        ("truncated", whole[..whole.len() / 2].into(), "problem.json"),
        (
            "a brace short",
            whole[..whole.len() - 1].into(),
            "problem.json",
        ),
        ("not JSON", "network: {type: dense}".into(), "problem.json"),
        ("another value", "[1, 2, 3]".into(), "problem.json"),
        ("null", "null".into(), "problem.json"),
        ("a list of fields", list.into(), "problem.json"),
        ("lists of fields", of_lists.into(), "problem.json"),
        ("an empty object", "{}".into(), "network"),
        (
            "invalid UTF-8",
            b"{\"network\": \"\xff\xfe\"}".into(),
            "UTF-8",
        ),
        ("binary", (0..=255).cycle().take(9_999).collect(), "UTF-8"),
        ("NUL bytes", vec![0; 64], "problem.json"),
        (
            "a byte order mark inside",
            format!("{{\u{feff}{}", &whole[1..]).into(),
            "byte order mark",
        ),
        ("a comment", format!("// why\n{whole}").into(), "a comment"),
        ("trailing garbage", format!("{whole} x").into(), "trailing"),
        (
            "two documents",
            format!("{whole}\n{whole}").into(),
            "trailing",
        ),
        ("nested arrays", deep("[", "]").into(), "problem.json"),
        (
            "nested objects",
            deep("{\"network\":", "}").into(),
            "network",
        ),
        ("a nested bias", nested_bias.into(), "network.bias"),
        ("a field twice", twice(&whole, "target"), "target"),
        ("a network field twice", twice(&whole, "bias"), "bias"),
    ];
    texts
        .into_iter()
        .map(|(name, contents, field)| Case {
            name: name.into(),
            contents,
            arguments: Vec::new(),
            field,
        })
        .collect()
}

fn twice(document: &str, field: &str) -> Vec<u8> {
    let key = format!("\"{field}\":");
    assert!(document.contains(&key));
    document
        .replacen(&key, &format!("{key}[0.25],{key}"), 1)
        .into()
}
