//! Labels with `$…$` mathematics, read into runs of one style each.

use super::symbols::{accent, symbol};

/// Where a run stands relative to the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Baseline,
    Subscript,
    Superscript,
}

/// Letters of one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letters {
    pub text: String,
    pub italic: bool,
    pub level: Level,
}

/// Reads a label. A dollar sign without a partner, or after a backslash, is itself.
pub(crate) fn parse(label: &str) -> Vec<Letters> {
    let mut reader = Reader {
        runs: Vec::new(),
        level: Level::Baseline,
        upright: true,
    };
    let mut rest = label;
    while let Some(start) = unescaped_dollar(rest) {
        let after = &rest[start + 1..];
        let Some(end) = unescaped_dollar(after) else {
            break;
        };
        reader.plain(&rest[..start]);
        reader.upright = false;
        reader.mathematics(&after[..end].chars().collect::<Vec<_>>());
        reader.upright = true;
        rest = &after[end + 1..];
    }
    reader.plain(rest);
    reader.runs
}

fn unescaped_dollar(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| bytes[at] == b'$' && (at == 0 || bytes[at - 1] != b'\\'))
}

struct Reader {
    runs: Vec<Letters>,
    level: Level,
    upright: bool,
}

impl Reader {
    fn plain(&mut self, text: &str) {
        self.push(&text.replace("\\$", "$"), false);
    }

    fn push(&mut self, text: &str, italic: bool) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(run) if run.italic == italic && run.level == self.level => run.text.push_str(text),
            _ => self.runs.push(Letters {
                text: text.to_owned(),
                italic,
                level: self.level,
            }),
        }
    }

    fn mathematics(&mut self, letters: &[char]) {
        let mut at = 0;
        while at < letters.len() {
            at += match letters[at] {
                '\\' => self.command(&letters[at..]),
                '^' | '_' => self.script(&letters[at..]),
                '{' | '}' | ' ' => 1,
                // arguments stand apart, the thousands of 1,000 do not
                ',' if letters.get(at + 1) == Some(&' ') => {
                    self.push(",\u{2009}", false);
                    2
                }
                letter => {
                    self.letter(letter);
                    1
                }
            };
        }
    }

    /// One letter or sign, spaced as in mathematics.
    fn letter(&mut self, letter: char) {
        let letter = match letter {
            '-' => '\u{2212}',
            '\'' => '′',
            '*' => '∗',
            other => other,
        };
        let is_italic = !self.upright
            && (letter.is_ascii_alphabetic() || ('α'..='ω').contains(&letter) || letter == 'ϑ');
        let spaced = self.level == Level::Baseline;
        let operand_before = self
            .runs
            .last()
            .is_some_and(|run| !run.text.ends_with([' ', '(']));
        match letter {
            '=' | '<' | '>' | '≤' | '≥' | '≈' | '∝' | '∼' | '≡' | '≠' | '→' | '∈' | '≪' | '≫'
            | '≃' | '⇒' | '↦'
                if spaced =>
            {
                self.push(&format!("\u{2005}{letter}\u{2005}"), false);
            }
            '+' | '\u{2212}' | '×' | '±' | '∘' | '⊙' if spaced && operand_before => {
                self.push(&format!("\u{2009}{letter}\u{2009}"), false);
            }
            _ => self.push(letter.encode_utf8(&mut [0; 4]), is_italic),
        }
    }

    /// A backslash and what belongs to it. Returns how many letters were read.
    fn command(&mut self, letters: &[char]) -> usize {
        let name: String = letters[1..]
            .iter()
            .take_while(|letter| letter.is_ascii_alphabetic())
            .collect();
        if name.is_empty() {
            match letters.get(1) {
                Some(',' | ':' | ';' | ' ') => self.push("\u{2009}", false),
                Some('!') | None => {}
                Some('|') => self.push("‖", false),
                Some(other) => self.push(&other.to_string(), false),
            }
            return letters.len().min(2);
        }
        let after = 1 + name.chars().count();
        if let Some(mark) = accent(&name) {
            let (group, used) = group(&letters[after..]);
            self.mathematics(group);
            if let Some(run) = self.runs.last_mut() {
                run.text.push(mark);
            }
            return after + used;
        }
        match name.as_str() {
            "mathrm" | "text" | "mathbf" | "operatorname" => {
                let (group, used) = group(&letters[after..]);
                self.push(&group.iter().collect::<String>(), false);
                return after + used;
            }
            "mathbb" => {
                let (group, used) = group(&letters[after..]);
                let text: String = group.iter().map(|letter| double_struck(*letter)).collect();
                self.push(&text, false);
                return after + used;
            }
            "frac" => {
                let (above, first) = group(&letters[after..]);
                let (below, second) = group(&letters[after + first..]);
                self.mathematics(above);
                self.push("/", false);
                self.mathematics(below);
                return after + first + second;
            }
            "left" | "right" | "displaystyle" => {}
            "quad" => self.push("\u{2003}", false),
            _ => match symbol(&name) {
                Some(text) => text.chars().for_each(|letter| self.letter(letter)),
                // Function names such as \log and \max are written upright.
                None => self.push(&name, false),
            },
        }
        after
    }

    /// A sub- or superscript. Scripts of scripts stay on the first level.
    fn script(&mut self, letters: &[char]) -> usize {
        let outer = self.level;
        if outer == Level::Baseline {
            self.level = if letters[0] == '^' {
                Level::Superscript
            } else {
                Level::Subscript
            };
        }
        let (group, used) = group(&letters[1..]);
        self.mathematics(group);
        self.level = outer;
        1 + used
    }
}

/// The double-struck form of the letters that name number sets.
fn double_struck(letter: char) -> char {
    match letter {
        'C' => 'ℂ',
        'E' => '𝔼',
        'N' => 'ℕ',
        'P' => 'ℙ',
        'Q' => 'ℚ',
        'R' => 'ℝ',
        'Z' => 'ℤ',
        other => other,
    }
}

/// The next argument: a braced group, a command or one letter, and how many letters it took.
fn group(letters: &[char]) -> (&[char], usize) {
    match letters.first() {
        None => (&[], 0),
        Some('{') => {
            let mut depth = 0_usize;
            for (at, letter) in letters.iter().enumerate() {
                match letter {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    return (&letters[1..at], at + 1);
                }
            }
            (&letters[1..], letters.len())
        }
        Some('\\') => {
            let name = letters[1..]
                .iter()
                .take_while(|letter| letter.is_ascii_alphabetic())
                .count();
            let length = (1 + name.max(1)).min(letters.len());
            (&letters[..length], length)
        }
        Some(_) => (&letters[..1], 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(label: &str) -> Vec<(String, bool, Level)> {
        parse(label)
            .into_iter()
            .map(|run| (run.text, run.italic, run.level))
            .collect()
    }

    #[test]
    fn scripts_and_italics() {
        assert_eq!(
            shown("state $u_1$"),
            [
                ("state ".into(), false, Level::Baseline),
                ("u".into(), true, Level::Baseline),
                ("1".into(), false, Level::Subscript)
            ]
        );
        assert_eq!(
            shown("$10^{-3}$")[1],
            ("\u{2212}3".into(), false, Level::Superscript)
        );
        assert_eq!(
            shown("$s^\\beta$")[1],
            ("β".into(), true, Level::Superscript)
        );
    }

    #[test]
    fn words_relations_and_accents() {
        assert_eq!(shown("$\\log x$")[0].0, "log");
        assert_eq!(shown("$\\beta=0$")[1].0, "\u{2005}=\u{2005}0");
        assert_eq!(shown("$\\dot{x}$")[0].0, "x\u{307}");
        assert_eq!(shown("$(1, 2)$")[0].0, "(1,\u{2009}2)");
        assert_eq!(shown("$1,000$")[0].0, "1,000");
        assert_eq!(
            shown("$\\mathrm{free}$")[0],
            ("free".into(), false, Level::Baseline)
        );
    }

    #[test]
    fn broken_markup_never_panics() {
        for label in [
            "$",
            "$$",
            "a$b",
            "\\$5",
            "$\\$",
            "$x^$",
            "$x_{$",
            "${}}}$",
            "$\\hat$",
            "$\\frac{a}$",
            "$^$",
            "é$ß_ü$",
        ] {
            parse(label);
        }
        assert_eq!(shown("\\$5")[0].0, "$5");
    }
}
