//! The lines of an `.ode` file: comments left out, continued lines joined, arrays written out.

use crate::error::{Error, Result};

/// A line with its number in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub number: usize,
    pub text: String,
}

impl Line {
    /// The place, for messages.
    pub fn place(&self) -> String {
        format!("line {}", self.number)
    }

    pub fn fault(&self, message: impl Into<String>) -> Error {
        Error::invalid(self.place(), message)
    }
}

/// Most lines that arrays may be written out to.
const MOST_LINES: usize = 200_000;

/// All lines that say something, up to `done`, in lower case: names have no case in these files.
pub(super) fn lines(text: &str) -> Result<Vec<Line>> {
    let mut joined: Vec<Line> = Vec::new();
    let mut continued = false;
    for (k, raw) in text.lines().enumerate() {
        let raw = raw.trim_end_matches('\r');
        // a line that begins with a quote is a button of XPPAUT's window
        let trimmed = raw.trim_start();
        let block = |rest: &str| rest.trim().is_empty() || rest.trim_start().starts_with('[');
        let is_comment = trimmed.strip_prefix('%').is_some_and(|rest| !block(rest));
        let text = if trimmed.starts_with('"') || is_comment {
            ""
        } else if trimmed.to_lowercase().starts_with("#include") {
            raw
        } else {
            raw.split('#').next().unwrap_or_default()
        };
        let lower = text.trim().to_lowercase();
        let (lower, goes_on) = match lower.strip_suffix('\\') {
            Some(rest) => (rest.to_owned(), true),
            None => (lower, false),
        };
        match joined.last_mut().filter(|_| continued) {
            Some(before) => before.text.push_str(&lower),
            None => joined.push(Line {
                number: k + 1,
                text: lower,
            }),
        }
        continued = goes_on;
        // XPPAUT ends at any line that begins so and is no equation
        let ends = |line: &Line| line.text.starts_with('d') && !line.text.contains('=');
        if !continued && joined.last().is_some_and(ends) {
            joined.pop();
            break;
        }
    }
    joined.retain(|line| !line.text.is_empty());
    expanded(joined)
}

/// Blocks `%[1..3]` … `%` and lines with a range `x[1..3]'=…` written out, in XPPAUT's order.
fn expanded(lines: Vec<Line>) -> Result<Vec<Line>> {
    let mut out = Vec::new();
    let mut lines = lines.into_iter();
    while let Some(line) = lines.next() {
        if let Some(range) = line.text.strip_prefix('%') {
            if range.trim().is_empty() {
                // a comment without words
                continue;
            }
            let Some((first, last)) = range_of(range.trim()) else {
                return Err(line.fault("expected a block of lines, `%[1..3]` … `%`"));
            };
            let block: Vec<Line> = lines
                .by_ref()
                .take_while(|inside| inside.text.trim() != "%")
                .collect();
            for j in first..=last {
                for inside in &block {
                    push(&mut out, inside, &indexed(&inside.text, j))?;
                }
            }
        } else if let Some((begin, end, first, last)) = find_range(&line.text) {
            let (before, after) = (&line.text[..begin], &line.text[end..]);
            for j in first..=last {
                let text = format!("{before}{j}{}", indexed(after, j));
                push(&mut out, &line, &indexed(&text, j))?;
            }
        } else {
            out.push(Line {
                text: plain(&line.text),
                ..line
            });
        }
    }
    Ok(out)
}

/// A line outside arrays: `x[3]` is `x3`.
fn plain(text: &str) -> String {
    if text.contains("[j") || text.contains("int[") {
        return text.to_owned();
    }
    indexed(text, 0)
}

fn push(out: &mut Vec<Line>, from: &Line, text: &str) -> Result<()> {
    if out.len() >= MOST_LINES {
        let message = format!("arrays may be written out to {MOST_LINES} lines at most");
        return Err(from.fault(message));
    }
    out.push(Line {
        number: from.number,
        text: text.to_owned(),
    });
    Ok(())
}

/// `[1..3]` as its ends.
fn range_of(text: &str) -> Option<(i64, i64)> {
    let (first, last) = text
        .strip_prefix('[')?
        .strip_suffix(']')?
        .split_once("..")?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let width = i64::checked_sub(last, first)?;
    (0..1_000_000).contains(&width).then_some((first, last))
}

/// The first range of a line: where it begins and ends, and its ends.
fn find_range(text: &str) -> Option<(usize, usize, i64, i64)> {
    let mut from = 0;
    while let Some(begin) = text[from..].find('[').map(|at| from + at) {
        let end = begin + text[begin..].find(']')? + 1;
        if let Some((first, last)) = range_of(&text[begin..end]) {
            return Some((begin, end, first, last));
        }
        from = end;
    }
    None
}

/// `[j]`, `[j-1]`, `[2*j]` as numbers. What is no index stays.
fn indexed(text: &str, j: i64) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find('[') {
        let Some(length) = rest[begin..].find(']') else {
            break;
        };
        out.push_str(&rest[..begin]);
        let inside = &rest[begin + 1..begin + length];
        match whole(inside, j) {
            Some(value) => out.push_str(&value.to_string()),
            None => out.push_str(&rest[begin..=begin + length]),
        }
        rest = &rest[begin + length + 1..];
    }
    out + rest
}

/// The value of an index: sums and products of `j` and whole numbers.
fn whole(text: &str, j: i64) -> Option<i64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut sum = 0i64;
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (sign, terms) = match rest.strip_prefix('-') {
            Some(terms) => (-1, terms),
            None => (1, rest.strip_prefix('+').unwrap_or(rest)),
        };
        let end = terms.find(['+', '-']).unwrap_or(terms.len());
        let mut product = sign;
        for factor in terms[..end].split('*') {
            let factor = if factor == "j" {
                j
            } else {
                factor.parse().ok()?
            };
            product = i64::checked_mul(product, factor)?;
        }
        sum = sum.checked_add(product)?;
        rest = &terms[end..];
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        lines(source)
            .unwrap()
            .into_iter()
            .map(|line| line.text)
            .collect()
    }

    #[test]
    fn arrays_are_written_out_as_xppaut_does() {
        assert_eq!(
            texts("x[1..3]' = -x[j] + x[j-1] + [j]*a # ring\nDONE\nx'=1"),
            [
                "x1' = -x1 + x0 + 1*a",
                "x2' = -x2 + x1 + 2*a",
                "x3' = -x3 + x2 + 3*a"
            ]
        );
        assert_eq!(
            texts("%[1..2]\nx[j]'=y[j]\ny[j]'=-x[j]\n%\naux z=x1"),
            ["x1'=y1", "y1'=-x1", "x2'=y2", "y2'=-x2", "aux z=x1"]
        );
        assert_eq!(texts("par a=1 \\\n b=2\n\n\"button\n"), ["par a=1 b=2"]);
    }
}
