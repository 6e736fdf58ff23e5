//! What each line of an `.ode` file says.

use super::lines::Line;
use crate::error::Result;

/// A name with the text behind its equals sign.
pub(super) type Pair = (String, String);

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Statement {
    /// `x'=…` or `dx/dt=…`
    Equation(Pair),
    /// `q=…`
    Quantity(Pair),
    /// `f(x,y)=…`
    Function(String, Vec<String>, String),
    /// `!b=2*a`
    Derived(Pair),
    /// `par a=1, b=2`
    Parameters(Vec<Pair>),
    /// `number k=3`
    Numbers(Vec<Pair>),
    /// `init x=1`, or `x(0)=1`
    Initial(Vec<Pair>),
    /// `aux e=v^2`
    Auxiliary(Pair),
    /// `@ total=40, dt=.01`
    Options(Vec<Pair>),
    /// `set name {a=1,b=2}`
    Set(String, Vec<Pair>),
    /// What has no meaning here.
    Nothing,
}

/// Keywords by their first letters, each with the shortest beginning that is told apart.
const KEYWORDS: [(&str, &str); 20] = [
    ("parameters", "p"),
    ("initial", "i"),
    ("numbers", "n"),
    ("auxiliary", "aux"),
    ("options", "o"),
    ("set", "set"),
    ("only", "only"),
    ("wiener", "w"),
    ("bdry", "b"),
    ("boundary", "b"),
    ("bndry", "b"),
    ("global", "g"),
    ("markov", "m"),
    ("table", "t"),
    ("tabular", "t"),
    ("volterra", "v"),
    ("special", "sp"),
    ("export", "e"),
    ("solve", "so"),
    ("done", "d"),
];

/// Constructs that are not supported, by keyword.
const UNSUPPORTED: [(&str, &str); 12] = [
    ("wiener", "noise (`wiener`)"),
    ("bdry", "boundary values (`bdry`)"),
    ("boundary", "boundary values (`bdry`)"),
    ("bndry", "boundary values (`bndry`)"),
    ("global", "a global event (`global`)"),
    ("markov", "a Markov process (`markov`)"),
    ("table", "a table (`table`)"),
    ("tabular", "a table (`tabular`)"),
    ("volterra", "an integral equation (`volt`)"),
    ("special", "a network operator (`special`)"),
    ("export", "an external function (`export`)"),
    ("solve", "an algebraic equation (`solve`)"),
];

/// The same by what stands in a right-hand side.
const CALLS: [(&str, &str); 9] = [
    ("delay(", "a delay (`delay`)"),
    ("del_shft(", "a delay (`del_shft`)"),
    ("delshft(", "a delay (`delshft`)"),
    ("ran(", "noise (`ran`)"),
    ("normal(", "noise (`normal`)"),
    ("int{", "an integral equation (`int{…}`)"),
    ("int[", "an integral equation (`int[…]`)"),
    ("hom_bcs(", "boundary values (`hom_bcs`)"),
    ("findext(", "a search of the trajectory (`findext`)"),
];

/// The keyword that a line begins with, in full, and the rest.
fn keyword(text: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = text.split_once(char::is_whitespace)?;
    let word = if word == "params" { "param" } else { word };
    let meant =
        |(full, shortest): &&(&str, &str)| full.starts_with(word) && word.starts_with(shortest);
    let found = KEYWORDS.iter().find(meant);
    found.map(|(full, _)| (*full, rest.trim()))
}

/// Pairs `a=1, b=2 c=3`, a name alone being 0 as in XPPAUT, and whether blanks stood round an
/// equals sign.
fn pairs(line: &Line, text: &str, warnings: &mut Vec<String>) -> Result<(Vec<Pair>, bool)> {
    let mut out = Vec::new();
    let mut tidy = String::new();
    let mut blanks = false;
    for letter in text.chars() {
        match letter {
            '=' => {
                let trimmed = tidy.trim_end().len();
                blanks |= trimmed < tidy.len();
                tidy.truncate(trimmed);
                tidy.push('=');
            }
            letter if letter.is_whitespace() && tidy.ends_with('=') => blanks = true,
            letter => tidy.push(letter),
        }
    }
    // a comma inside parentheses belongs to a call
    let mut depth = 0;
    let separated = tidy.split(|letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth <= 0 && (letter == ',' || letter.is_whitespace())
    });
    for piece in separated.filter(|piece| !piece.is_empty()) {
        match piece.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                out.push((name.to_owned(), value.to_owned()));
            }
            None if piece.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                warnings.push(format!(
                    "{}: `{piece}` has no value. It is 0, as in XPPAUT",
                    line.place()
                ));
                out.push((piece.to_owned(), "0".into()));
            }
            _ => {
                let message = format!("expected `name=value`, found `{piece}`");
                return Err(line.fault(message));
            }
        }
    }
    Ok((out, blanks))
}

fn refuse_calls(line: &Line, text: &str) -> Result<()> {
    for (call, what) in CALLS {
        let begins = text.match_indices(call);
        let own = |(at, _): (usize, &str)| {
            !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
        };
        if begins.into_iter().any(own) {
            return Err(line.fault(format!("{what} is not supported")));
        }
    }
    Ok(())
}

/// What a line says. Notes go to `warnings`.
pub(super) fn statement(line: &Line, warnings: &mut Vec<String>) -> Result<Statement> {
    let text = line.text.as_str();
    if text.starts_with("#include") || text.starts_with("include ") {
        return Err(line.fault("an include is not supported. Put its lines here"));
    }
    if let Some(options) = text.strip_prefix('@') {
        if !options.starts_with(char::is_whitespace) {
            warnings.push(format!(
                "{}: no blank stands after `@`. XPPAUT ignores such options",
                line.place()
            ));
        }
        return options_of(line, options, warnings);
    }
    if let Some(derived) = text.strip_prefix('!') {
        return Ok(Statement::Derived(pair(line, derived)?));
    }
    // a quantity may have the name of a keyword: `i = 2`
    if let Some((word, rest)) = keyword(text).filter(|(_, rest)| !rest.starts_with('=')) {
        return of_keyword(line, word, rest, warnings);
    }
    refuse_calls(line, text)?;
    let Some((left, right)) = text.split_once('=') else {
        if text.parse::<u32>().is_ok() {
            let message = "the number of equations stands first in XPPAUT's old format, which is not supported. Write equations as x'=a-x";
            return Err(line.fault(message));
        }
        return Ok(passed_over(line, warnings));
    };
    let left: String = left.chars().filter(|c| !c.is_whitespace()).collect();
    if left
        .split('(')
        .next()
        .is_some_and(|name| name.contains(','))
    {
        return Ok(passed_over(line, warnings));
    }
    let right = unspaced(right);
    if left == "0" {
        return Err(line.fault("an algebraic equation (`0=…`) is not supported"));
    }
    if let Some(name) = left.strip_suffix('\'') {
        return Ok(Statement::Equation((name.to_owned(), right)));
    }
    if let Some(name) = left
        .strip_prefix('d')
        .and_then(|rest| rest.strip_suffix("/dt"))
    {
        return Ok(Statement::Equation((name.to_owned(), right)));
    }
    let Some((name, arguments)) = left.split_once('(') else {
        return Ok(Statement::Quantity((left, right)));
    };
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    match arguments {
        "0" => Ok(Statement::Initial(vec![(name.to_owned(), right)])),
        "t+1" => Err(line.fault("a map (`x(t+1)=…`) is not supported")),
        "t" => Err(line.fault("an integral equation (`x(t)=…`) is not supported")),
        _ => Ok(Statement::Function(
            name.to_owned(),
            arguments.split(',').map(str::to_owned).collect(),
            right,
        )),
    }
}

fn passed_over(line: &Line, warnings: &mut Vec<String>) -> Statement {
    warnings.push(format!(
        "{}: `{}` is no equation (such as x'=a-x) and no statement. It is passed over, as XPPAUT does",
        line.place(),
        line.text
    ));
    Statement::Nothing
}

fn of_keyword(
    line: &Line,
    word: &'static str,
    rest: &str,
    warnings: &mut Vec<String>,
) -> Result<Statement> {
    if let Some((_, what)) = UNSUPPORTED.iter().find(|(own, _)| *own == word) {
        return Err(line.fault(format!("{what} is not supported")));
    }
    let spaced = |blanks: bool, warnings: &mut Vec<String>| {
        if blanks {
            warnings.push(format!(
                "{}: blanks stand round `=`. XPPAUT ends such a run without output",
                line.place()
            ));
        }
    };
    match word {
        "parameters" | "numbers" | "initial" => {
            let (pairs, blanks) = pairs(line, rest, warnings)?;
            spaced(blanks, warnings);
            Ok(match word {
                "parameters" => Statement::Parameters(pairs),
                "numbers" => Statement::Numbers(pairs),
                _ => Statement::Initial(pairs),
            })
        }
        "auxiliary" => {
            refuse_calls(line, rest)?;
            Ok(Statement::Auxiliary(pair(line, rest)?))
        }
        "options" if !rest.contains('=') => {
            warnings.push(format!(
                "{}: the file of options `{rest}` is not read",
                line.place()
            ));
            Ok(Statement::Nothing)
        }
        "options" => options_of(line, rest, warnings),
        "set" => {
            let inside = rest
                .split_once('{')
                .and_then(|(name, rest)| Some((name.trim(), rest.trim().strip_suffix('}')?)));
            let Some((name, inside)) = inside else {
                return Err(line.fault("expected `set name {a=1,b=2}`"));
            };
            Ok(Statement::Set(
                name.to_owned(),
                pairs(line, inside, warnings)?.0,
            ))
        }
        _ => Ok(Statement::Nothing),
    }
}

/// Blanks vanish in these files.
fn unspaced(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn pair(line: &Line, text: &str) -> Result<Pair> {
    match text.split_once('=') {
        Some((name, value)) => Ok((unspaced(name), unspaced(value))),
        None => Err(line.fault(format!("expected `name=…`, found `{}`", text.trim()))),
    }
}

fn options_of(line: &Line, text: &str, warnings: &mut Vec<String>) -> Result<Statement> {
    let (pairs, blanks) = pairs(line, text, warnings)?;
    if blanks {
        warnings.push(format!(
            "{}: blanks stand round `=`. XPPAUT ignores such an option",
            line.place()
        ));
    }
    Ok(Statement::Options(pairs))
}
