//! From text to tokens, each with the byte at which it begins.

/// Whose rules a text follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Those of mathematics: powers group from the right, names have cases.
    Mathematics,
    /// Those of XPPAUT: powers group from the left, no sign may follow an operator.
    Xpp,
}

/// The smallest pieces of an expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Number(f64),
    Name(&'a str),
    Symbol(Symbol),
    End,
}

/// What cannot be read, and at which byte.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unreadable {
    pub at: usize,
    pub message: String,
}

impl Unreadable {
    pub fn new(at: usize, message: impl Into<String>) -> Self {
        Self {
            at,
            message: message.into(),
        }
    }
}

/// Signs between names and numbers. A byte is compared faster than a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Plus,
    Minus,
    Times,
    Over,
    Power,
    DoubleTimes,
    Open,
    Close,
    OpenIndex,
    CloseIndex,
    Comma,
    Semicolon,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    DoubleAnd,
    Or,
    DoubleOr,
    Not,
}

impl Symbol {
    /// The symbol that a text begins with.
    fn beginning(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        Some(match (bytes.first()?, bytes.get(1)) {
            (b'*', Some(b'*')) => Self::DoubleTimes,
            (b'<', Some(b'=')) => Self::LessOrEqual,
            (b'>', Some(b'=')) => Self::GreaterOrEqual,
            (b'=', Some(b'=')) => Self::Equal,
            (b'!', Some(b'=')) => Self::NotEqual,
            (b'&', Some(b'&')) => Self::DoubleAnd,
            (b'|', Some(b'|')) => Self::DoubleOr,
            (b'+', _) => Self::Plus,
            (b'-', _) => Self::Minus,
            (b'*', _) => Self::Times,
            (b'/', _) => Self::Over,
            (b'^', _) => Self::Power,
            (b'(', _) => Self::Open,
            (b')', _) => Self::Close,
            (b'[', _) => Self::OpenIndex,
            (b']', _) => Self::CloseIndex,
            (b',', _) => Self::Comma,
            (b'<', _) => Self::Less,
            (b'>', _) => Self::Greater,
            (b'&', _) => Self::And,
            (b'|', _) => Self::Or,
            (b'!', _) => Self::Not,
            (b';', _) => Self::Semicolon,
            _ => return None,
        })
    }

    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
            Self::Power => "^",
            Self::DoubleTimes => "**",
            Self::Open => "(",
            Self::Close => ")",
            Self::OpenIndex => "[",
            Self::CloseIndex => "]",
            Self::Comma => ",",
            Self::Semicolon => ";",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&",
            Self::DoubleAnd => "&&",
            Self::Or => "|",
            Self::DoubleOr => "||",
            Self::Not => "!",
        }
    }
}

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    dialect: Dialect,
    offset: usize,
}

fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

/// Whether a text is one name.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(begins_name) && name_length(text) == text.len()
}

/// How many bytes at the begin of a text go on with a name.
fn name_length(text: &str) -> usize {
    let goes_on = |letter: char| letter.is_alphanumeric() || letter == '_';
    // most have letters of one byte only
    let short = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let length = text.bytes().take_while(short).count();
    let rest = &text[length..];
    if rest.as_bytes().first().is_none_or(u8::is_ascii) {
        return length;
    }
    length + rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len())
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str, dialect: Dialect) -> Self {
        Self {
            text,
            dialect,
            offset: 0,
        }
    }

    fn length(&self, from: usize, belongs: impl Fn(char) -> bool) -> usize {
        let rest = &self.text[from..];
        rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())
    }

    /// The next token, and where it begins.
    pub fn next(&mut self) -> Result<(Token<'a>, usize), Unreadable> {
        let next = self.text.as_bytes().get(self.offset);
        if next.is_some_and(|next| !next.is_ascii_graphic()) {
            self.offset += self.length(self.offset, char::is_whitespace);
        }
        let at = self.offset;
        let rest = &self.text[at..];
        let Some(first) = rest.chars().next() else {
            return Ok((Token::End, at));
        };
        if begins_name(first) {
            let mut length = name_length(rest);
            // the index of XPPAUT's sums
            if self.dialect == Dialect::Xpp && rest[length..].starts_with('\'') {
                length += 1;
            }
            self.offset += length;
            return Ok((Token::Name(&rest[..length]), at));
        }
        if first.is_ascii_digit()
            || first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit())
        {
            return Ok((Token::Number(self.number(at)?), at));
        }
        match Symbol::beginning(rest) {
            Some(symbol) => {
                self.offset += symbol.text().len();
                Ok((Token::Symbol(symbol), at))
            }
            None => Err(Unreadable::new(
                at,
                format!("`{first}` has no meaning in an expression"),
            )),
        }
    }

    fn number(&mut self, at: usize) -> Result<f64, Unreadable> {
        let digit = |letter: char| letter.is_ascii_digit();
        let mut end = at + self.length(at, digit);
        // two points are a range
        if self.text[end..].starts_with('.') && !self.text[end + 1..].starts_with('.') {
            end += 1;
            end += self.length(end, digit);
        }
        if self.text[end..].starts_with(['e', 'E']) {
            let sign = usize::from(self.text[end + 1..].starts_with(['+', '-']));
            let digits = self.length(end + 1 + sign, digit);
            if digits > 0 {
                end += 1 + sign + digits;
            }
        }
        self.offset = end;
        let number: f64 = self.text[at..end]
            .parse()
            .map_err(|_| Unreadable::new(at, "is not a number"))?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(Unreadable::new(
                at,
                "this number is too large for double precision",
            ))
        }
    }
}
