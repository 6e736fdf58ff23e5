//! What is wrong with a JSON text, in the words of those who write it.

use serde_json::Error;
use serde_json::error::Category;

use super::super::nearest::unknown;
use super::super::range::plain;

/// Longest excerpt of a text in a message, in characters.
const LONGEST: usize = 40;

/// What is wrong, and where in the text.
pub(super) fn explain(error: &Error, text: &str) -> String {
    let Some(above) = error.line().checked_sub(1) else {
        return reason(error);
    };
    let begin: usize = text.split_inclusive('\n').take(above).map(str::len).sum();
    // columns are counted in bytes, from 1
    let at = (begin + error.column().saturating_sub(1)).min(text.len());
    let at = (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let column = text[begin.min(at)..at].chars().count() + 1;
    let what = match error.classify() {
        Category::Data | Category::Io => reason(error),
        Category::Eof => {
            "the text ends before the document does: a closing bracket or quote is missing".into()
        }
        Category::Syntax => {
            let reason = reason(error);
            syntax(text, at, &reason).unwrap_or(reason)
        }
    };
    format!("{what} (line {}, column {column})", error.line())
}

/// What is wrong, without its place.
pub(in super::super) fn reason(error: &Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    reworded(text).unwrap_or_else(|| text.to_owned())
}

/// The slip at a place where JSON ends to be JSON, if it is one of the common ones.
fn syntax(text: &str, at: usize, reason: &str) -> Option<String> {
    let (before, rest) = text.split_at(at);
    let next = rest.chars().next()?;
    let previous = before.trim_end().chars().next_back().unwrap_or(' ');
    let token = token(text, at);
    let word = token.trim_start_matches(['-', '+']).to_lowercase();
    let what = if rest.starts_with("//") || rest.starts_with("/*") || next == '#' {
        "a comment stands here, and JSON has none. Remove it".into()
    } else if next == '\u{feff}' {
        "a byte order mark (BOM) stands here, inside the text. Remove it".into()
    } else if "]}".contains(next) && previous == ',' {
        format!("a trailing comma stands before `{next}`. Remove the comma")
    } else if ["nan", "inf", "infinity"].contains(&word.as_str()) {
        format!("`{token}` is not a number that JSON knows. Give a finite number")
    } else if ["true", "false", "none", "null"].contains(&word.as_str()) {
        format!("`{token}` is not JSON, which writes true, false and null")
    } else if next == '\'' {
        "JSON puts text in double quotes, not in single ones".into()
    } else if previous == ',' && next == ',' {
        "two commas follow one another. Remove one".into()
    } else if let Ok(value) = token.parse::<f64>()
        && value.is_infinite()
    {
        format!("`{}` is beyond the largest number, 1.8e308", excerpt(token))
    } else if reason.starts_with("expected `,`")
        && (next.is_alphanumeric() || "\"{[-".contains(next))
    {
        format!("a comma is missing before `{}`", excerpt(first_word(rest)))
    } else if token.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
        format!("`{}` is not a number as JSON writes it", excerpt(token))
    } else {
        return None;
    };
    Some(what)
}

/// The run of letters, digits and signs around a place.
fn token(text: &str, at: usize) -> &str {
    let inside = |c: char| c.is_alphanumeric() || "+-._".contains(c);
    let letters = text[..at].char_indices().rev();
    let begin = letters.take_while(|(_, c)| inside(*c)).last();
    let begin = begin.map_or(at, |(begin, _)| begin);
    let end = text[at..].find(|c| !inside(c));
    &text[begin..end.map_or(text.len(), |found| at + found)]
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || ",]}".contains(c));
    &text[..end.unwrap_or(text.len())]
}

fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// serde's messages, in words that name no type of the program.
fn reworded(text: &str) -> Option<String> {
    for kind in ["unknown field ", "unknown variant "] {
        if let Some(rest) = text.strip_prefix(kind) {
            let mut names = rest.split('`').skip(1).step_by(2);
            let name = names.next()?;
            return Some(unknown(&excerpt(name), &names.collect::<Vec<_>>()));
        }
    }
    if let Some(rest) = text.strip_prefix("missing field ") {
        return Some(format!("{rest} is missing"));
    }
    if let Some(rest) = text.strip_prefix("duplicate field ") {
        return Some(format!("{rest} is given twice. Give it once"));
    }
    if let Some(rest) = text.strip_prefix("trailing characters") {
        return Some(format!(
            "trailing characters follow the end of the document{rest}"
        ));
    }
    if text == "recursion limit exceeded" {
        return Some("is nested more deeply than any document of this kind".into());
    }
    if text == "key must be a string" {
        return Some("a name in double quotes is expected here".into());
    }
    let rest = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .find_map(|kind| text.strip_prefix(kind))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let (expected, found) = (expectation(expected), finding(found));
    let example = if expected == "a list" {
        instead_of_list(&found).unwrap_or_default()
    } else {
        String::new()
    };
    Some(format!("expected {expected}{example}, found {found}"))
}

/// What to write where a list is expected and a number or the name of a file of arrays stands.
fn instead_of_list(found: &str) -> Option<String> {
    if found.parse::<f64>().is_ok() {
        return Some(format!(", such as [{found}]"));
    }
    let file = found.strip_prefix("the text ")?;
    let endings = [".npy\"", ".npz\"", ".safetensors\""];
    let names_file = endings.iter().any(|ending| file.ends_with(ending));
    names_file.then(|| format!(" or {{\"file\": {file}}}"))
}

fn expectation(text: &str) -> String {
    let words = match text {
        "f64" | "f32" => "a number",
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number, not negative",
        "i64" | "i32" => "a whole number",
        "a boolean" => "true or false",
        "a string" | "string or map" | "path string" => "a text in double quotes",
        "a sequence" => "a list",
        "a map" => "an object",
        other
            if ["struct ", "internally tagged ", "struct variant "]
                .iter()
                .any(|kind| other.starts_with(kind)) =>
        {
            "an object"
        }
        other => match other.strip_prefix("an array of length ") {
            Some(length) => return format!("a list of {length} numbers"),
            None => other,
        },
    };
    words.to_owned()
}

fn finding(text: &str) -> String {
    let quoted = text.split('`').nth(1).unwrap_or_default();
    match text.split_whitespace().next().unwrap_or_default() {
        "floating" | "integer" => quoted.parse::<f64>().map_or(excerpt(quoted), plain),
        "boolean" => quoted.to_owned(),
        "sequence" => "a list".into(),
        "map" => "an object".into(),
        "string" => format!("the text {}", excerpt(text.trim_start_matches("string "))),
        _ => excerpt(text),
    }
}
