//! Text into tokens, in one pass that never goes back.
//!
//! The scanner and the formatter both stand on these tokens. Knows strings (with `${}`
//! inside, nested), comments, brackets and newlines; *refuses to know* what a statement is.

use topo_model::{Diagnostic, Span};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tok {
    /// The end of a line.
    Newline,
    /// `// …`, and `# …` after it was reported.
    Comment,
    /// `/// …`
    Doc,
    /// `//! …`
    FileDoc,
    /// A name or a word of the language.
    Word,
    /// A region or a zone: `ap-east-2`, `ap-east-2a`.
    Place,
    /// Anything that starts with a digit: `42`, `1m30s`, `99.95%`, `10.2.0.0/16`.
    Number,
    /// `"` or `"""` that opens a string.
    StrOpen,
    /// Text inside a string, escapes included.
    StrText,
    /// `${`
    InterpOpen,
    /// The `}` that ends a `${`.
    InterpClose,
    /// `"` or `"""` that closes a string.
    StrClose,
    /// Where an unterminated string was given up. Its span is the whole string, and is
    /// covered by the tokens before it.
    StrBroken,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// An operator or other punctuation.
    Op,
    /// An id without the quotes of a text, which was reported: the grammar sees an empty text.
    Unquoted,
    /// What no program has outside strings and comments; reported by whoever meets it.
    Bad,
}

impl Tok {
    /// Whether it is a comment of any form.
    pub(crate) fn is_comment(self) -> bool {
        matches!(self, Tok::Comment | Tok::Doc | Tok::FileDoc)
    }
}

/// A token and its bytes in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) tok: Tok,
    /// Its first byte.
    pub(crate) lo: u32,
    /// One past its last byte.
    pub(crate) hi: u32,
}

impl Token {
    /// Its text.
    pub(crate) fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.lo as usize..self.hi as usize).unwrap_or("")
    }

    /// Its place in the common space.
    pub(crate) fn span(&self, base: u32) -> Span {
        Span::new(base + self.lo, base + self.hi)
    }
}

/// The tokens of a text, and what is wrong with single ones.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// The tokens in order. Spaces are between them; carriage returns count as spaces.
    pub(crate) list: Vec<Token>,
    /// Findings about single tokens that leave the line readable, or broke a string.
    pub(crate) errors: Vec<Diagnostic>,
}

/// Where the lexer is: in a string, or in the `${}` of one.
#[derive(Clone, Copy)]
enum Mode {
    Text { open: u32, block: bool },
    Hole { braces: u32 },
}

/// Cuts a text into tokens.
pub(crate) fn tokens(source: &str, base: u32) -> Tokens {
    let mut lexer = Lexer {
        source,
        bytes: source.as_bytes(),
        at: 0,
        base,
        modes: Vec::new(),
        line_string: None,
        out: Tokens::default(),
    };
    lexer.out.list.reserve(source.len() / 4);
    if source.starts_with('\u{feff}') {
        lexer.at = 3;
    }
    while lexer.at < lexer.bytes.len() {
        match lexer.modes.last() {
            Some(&Mode::Text { block, .. }) => lexer.text(block),
            _ => lexer.code(),
        }
    }
    lexer.finish();
    lexer.out
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    base: u32,
    modes: Vec<Mode>,
    /// The index in `modes` of the outermost one-line string: the line's end ends it, and
    /// everything nested in it.
    line_string: Option<usize>,
    out: Tokens,
}

/// Operators of two characters; those of one are in [`Lexer::code`].
const DOUBLE: [&[u8; 2]; 13] =
    [b"==", b"!=", b"<=", b">=", b"??", b"?.", b"..", b"->", b"=>", b"&&", b"||", b"::", b":="];

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, tok: Tok, length: usize) {
        self.out.list.push(Token { tok, lo: self.at as u32, hi: (self.at + length) as u32 });
        self.at += length;
    }

    fn run(&self, from: usize, accept: impl Fn(u8) -> bool) -> usize {
        self.bytes[from.min(self.bytes.len())..].iter().take_while(|b| accept(**b)).count()
    }

    /// One token outside a string's text.
    fn code(&mut self) {
        match self.peek(0) {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' => {
                if self.in_one_line_string() {
                    return self.unterminated();
                }
                self.push(Tok::Newline, 1);
            }
            b'/' if self.peek(1) == b'/' => self.comment(),
            b'/' if self.peek(1) == b'*' => self.enclosed_comment(),
            b'#' => self.hash(),
            b'"' => self.quote(),
            b'\'' => self.apostrophe(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.push(Tok::Number, number_length(&self.bytes[self.at..])),
            b'{' => {
                if let Some(Mode::Hole { braces }) = self.modes.last_mut() {
                    *braces += 1;
                }
                self.push(Tok::Open, 1);
            }
            b'}' => self.close_brace(),
            b'(' | b'[' => self.push(Tok::Open, 1),
            b')' | b']' => self.push(Tok::Close, 1),
            b';' if self.ends_line(1) => self.semicolon(),
            b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b',' | b':' | b'.' | b'?' | b'|' | b'&' | b'!' => {
                let two = [self.peek(0), self.peek(1)];
                let length = if DOUBLE.iter().any(|d| **d == two) { 2 } else { 1 };
                self.push(Tok::Op, length);
            }
            _ => self.strange(),
        }
    }

    fn close_brace(&mut self) {
        match self.modes.last_mut() {
            Some(Mode::Hole { braces: 0 }) => {
                self.modes.pop();
                self.push(Tok::InterpClose, 1);
            }
            Some(Mode::Hole { braces }) => {
                *braces -= 1;
                self.push(Tok::Close, 1);
            }
            _ => self.push(Tok::Close, 1),
        }
    }

    fn comment(&mut self) {
        // Within `${}` of a one-line string a comment would swallow the closing quote.
        if self.in_one_line_string() {
            return self.push(Tok::Op, 1);
        }
        let mut length = self.run(self.at, |b| b != b'\n');
        if self.bytes[self.at..self.at + length].ends_with(b"\r") {
            length -= 1;
        }
        let tok = match (self.peek(2), self.peek(3)) {
            (b'/', b'/') => Tok::Comment,
            (b'/', _) => Tok::Doc,
            (b'!', _) => Tok::FileDoc,
            _ => Tok::Comment,
        };
        self.push(tok, length);
    }

    /// `# …`: read as a comment, and reported once for neighbouring lines.
    fn hash(&mut self) {
        if self.in_one_line_string() {
            return self.push(Tok::Bad, 1);
        }
        let mut before = self.out.list.iter().rev();
        let follows = before.next().is_some_and(|t| t.tok == Tok::Newline)
            && before.next().is_some_and(|t| t.tok == Tok::Comment && self.bytes[t.lo as usize] == b'#');
        if !follows {
            let span = self.span(self.at, 1);
            let found = Diagnostic::error(1, span, "`#` does not start a comment", "a comment starts with `//`");
            let end = self.at + self.run(self.at, |b| b != b'\n');
            let next = self.source[end..].trim_start();
            // One edit mends one line only.
            let found = if next.starts_with('#') {
                found.help("write `//`, here and on the lines that follow")
            } else {
                found.fix("write `//`", span, "//")
            };
            self.out.errors.push(found);
        }
        let mut length = self.run(self.at, |b| b != b'\n');
        if self.bytes[self.at..self.at + length].ends_with(b"\r") {
            length -= 1;
        }
        self.push(Tok::Comment, length);
    }

    /// `/* … */`: read as a comment for each of its lines, and reported once.
    fn enclosed_comment(&mut self) {
        if self.in_one_line_string() {
            return self.push(Tok::Op, 1);
        }
        let body = &self.source[self.at + 2..];
        let closed = body.find("*/");
        let end = self.at + 2 + closed.map_or(body.len(), |at| at + 2);
        let span = self.span(self.at, 2);
        let found = Diagnostic::error(1, span, "comments are written `// …`, to the end of the line", "not a comment");
        let rest = &self.source[end..];
        let alone = rest.lines().next().is_none_or(|rest| rest.trim().is_empty());
        let inner = self.source[self.at..end].strip_suffix("*/").filter(|inner| alone && !inner.contains('\n'));
        self.out.errors.push(match inner {
            Some(inner) => {
                let whole = self.span(self.at, end - self.at);
                found.fix("write `//`", whole, format!("//{}", inner[2..].trim_end()))
            }
            None => found.help("write `//` before each line of it"),
        });
        while self.at < end {
            let length = self.bytes[self.at..end].iter().take_while(|b| **b != b'\n').count();
            if length > 0 {
                self.push(Tok::Comment, length);
            }
            if self.at < end {
                self.push(Tok::Newline, 1);
            }
        }
    }

    fn ends_line(&self, after: usize) -> bool {
        let rest = &self.bytes[self.at + after..];
        let spaces = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        matches!(rest.get(spaces), None | Some(b'\n' | b'}')) || rest[spaces..].starts_with(b"//")
    }

    fn semicolon(&mut self) {
        let span = self.span(self.at, 1);
        self.out.errors.push(
            Diagnostic::error(1, span, "a statement ends with its line, without `;`", "not needed").fix(
                "remove the `;`",
                span,
                "",
            ),
        );
        self.at += 1;
    }

    fn word(&mut self) {
        match place_length(&self.bytes[self.at..]) {
            Some(length) => self.push(Tok::Place, length),
            None => self.push(Tok::Word, self.run(self.at, is_word)),
        }
    }

    /// `'text'`, which other languages have.
    fn apostrophe(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let inner = rest.iter().take_while(|b| !matches!(b, b'\'' | b'\n' | b'"')).count();
        let length = if rest.get(inner) == Some(&b'\'') { inner + 2 } else { 1 };
        self.push(Tok::Bad, length);
    }

    fn strange(&mut self) {
        let length = self.source[self.at..].chars().next().map_or(1, char::len_utf8);
        self.push(Tok::Bad, length);
    }

    fn quote(&mut self) {
        let open = self.at as u32;
        let block = self.bytes[self.at..].starts_with(b"\"\"\"");
        self.push(Tok::StrOpen, if block { 3 } else { 1 });
        if !block && self.line_string.is_none() {
            self.line_string = Some(self.modes.len());
        }
        self.modes.push(Mode::Text { open, block });
    }

    /// One token of a string's text.
    fn text(&mut self, block: bool) {
        let start = self.at;
        let mut at = self.at;
        while let Some(&b) = self.bytes.get(at) {
            match b {
                b'\\' => at += if self.bytes.get(at + 1).is_some_and(|b| *b != b'\n') { 2 } else { 1 },
                b'"' if !block || self.bytes[at..].starts_with(b"\"\"\"") => break,
                b'\n' if !block || self.in_one_line_string() => break,
                b'$' if self.bytes.get(at + 1) == Some(&b'{') => break,
                _ => at += 1,
            }
        }
        let at = at.min(self.bytes.len());
        if at > start {
            self.push(Tok::StrText, at - start);
        }
        match self.bytes.get(at) {
            Some(b'"') => {
                self.modes.pop();
                self.line_string = self.line_string.filter(|i| *i < self.modes.len());
                self.push(Tok::StrClose, if block { 3 } else { 1 });
            }
            Some(b'$') => {
                self.modes.push(Mode::Hole { braces: 0 });
                self.push(Tok::InterpOpen, 2);
            }
            Some(_) => self.unterminated(),
            None => {}
        }
    }

    fn in_one_line_string(&self) -> bool {
        self.line_string.is_some()
    }

    /// The line ends inside a one-line string: gives up the outermost of those.
    fn unterminated(&mut self) {
        let Some(first) = self.line_string.take() else { return };
        let Some(&Mode::Text { open, .. }) = self.modes.get(first) else { return };
        let inner = self.modes.get(first + 2).copied();
        self.modes.truncate(first);
        if let Some(Mode::Text { open: quote, .. }) = inner {
            return self.open_hole(open, quote);
        }
        let end = open as usize + self.source[open as usize..self.at].trim_end().len();
        let span = Span::new(self.base + open, self.base + end as u32);
        let text = &self.source[open as usize + 1..end.max(open as usize + 1)];
        let closers = text.len() - text.trim_end_matches([' ', ',', ')', ']', '}']).len();
        let closers = if text.contains(['(', '[', '{']) { 0 } else { closers };
        let at = Span::new(span.hi, span.hi);
        let at = Span::new(at.lo - closers as u32, at.hi - closers as u32);
        let mut found = Diagnostic::error(
            1,
            span,
            "this string has no closing `\"`: a string ends on the line it starts on",
            "opened here, open at the end of the line",
        );
        found = if text.contains("${") && !text.contains('}') {
            found.help("close it with `}\"`; text over several lines stands between `\"\"\"` and `\"\"\"`")
        } else {
            found.fix("close it; text over several lines stands between `\"\"\"` and `\"\"\"`", at, "\"")
        };
        self.out.errors.push(found);
        self.out.list.push(Token { tok: Tok::StrBroken, lo: open, hi: self.at as u32 });
    }

    /// A `"` after a `${` that opens a string without an end: it was to close the string around.
    fn open_hole(&mut self, open: u32, quote: u32) {
        let before = &self.source[open as usize..quote as usize];
        let hole = open as usize + before.rfind("${").unwrap_or_default();
        let length = quote as usize - hole;
        let text = self.source[hole..quote as usize].trim_end();
        let message = format!("`{text}` has no closing `}}`");
        let found = Diagnostic::error(1, self.span(hole, length), message, "expected `}` behind the value");
        let behind = self.span(hole + text.len(), 0);
        self.out.errors.push(match text {
            "${" => found.help("a value stands in it: `${name}`"),
            _ => found.fix(format!("write `{text}}}`"), behind, "}"),
        });
        self.out.list.push(Token { tok: Tok::StrBroken, lo: open, hi: self.at as u32 });
    }

    fn finish(&mut self) {
        self.unterminated();
        let block = self.modes.iter().find_map(|m| match m {
            Mode::Text { open, .. } => Some(*open),
            Mode::Hole { .. } => None,
        });
        if let Some(open) = block {
            let span = self.span(open as usize, 3);
            self.out.errors.push(
                Diagnostic::error(
                    1,
                    span,
                    "this string has no closing `\"\"\"`",
                    "opened here, open at the end of the file",
                )
                .help("close it with `\"\"\"`"),
            );
            self.out.list.push(Token { tok: Tok::StrBroken, lo: open, hi: self.bytes.len() as u32 });
        }
    }

    fn span(&self, at: usize, length: usize) -> Span {
        Span::new(self.base + at as u32, self.base + (at + length) as u32)
    }
}

/// Whether a byte can stand in a word.
pub(crate) fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// The length of the number, quantity, address or range of addresses at the start; the
/// same as the grammar's `number`.
fn number_length(bytes: &[u8]) -> usize {
    let get = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = bytes.iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let mut dots = 0;
    while get(at) == b'.' && get(at + 1).is_ascii_digit() {
        at += 1 + digits(at + 1);
        dots += 1;
    }
    if get(at) == b'%' {
        return at + 1;
    }
    if dots > 0 && get(at) == b'/' && get(at + 1).is_ascii_digit() {
        return at + 1 + digits(at + 1);
    }
    at + bytes[at..].iter().take_while(|b| is_word(**b)).count()
}

/// The most words behind the first one of a region's code: `us-gov-west-1` has two.
const MAX_PARTS: usize = 4;

/// The length of the region or zone at the start; the same as the grammar's `place`.
pub(crate) fn place_length(bytes: &[u8]) -> Option<usize> {
    let get = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let lower = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_lowercase()).count();
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = lower(0);
    if at < 2 || get(at) != b'-' {
        return None;
    }
    let mut parts = 0;
    while parts < MAX_PARTS && get(at) == b'-' && lower(at + 1) > 0 {
        at += 1 + lower(at + 1);
        parts += 1;
    }
    if parts == 0 || get(at) != b'-' || digits(at + 1) == 0 {
        return None;
    }
    at += 1 + digits(at + 1);
    let ends = |at: usize| !is_word(get(at));
    if get(at).is_ascii_lowercase() && ends(at + 1) {
        return Some(at + 1);
    }
    if get(at) == b'-' && lower(at + 1) > 0 {
        let city = at + 1 + lower(at + 1);
        let number = digits(city + 1);
        if get(city) == b'-' && number > 0 {
            let end = city + 1 + number;
            if get(end).is_ascii_lowercase() && ends(end + 1) {
                return Some(end + 1);
            }
        }
    }
    ends(at).then_some(at)
}
