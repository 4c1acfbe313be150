//! What the scanner has to say: brackets without a partner, lines that end too early, words in
//! the wrong place.

use topo_model::{Diagnostic, Span};

use super::Piece;
use super::brackets::Frame;
use super::cut::Cutter;
use crate::token::Tok;

impl Cutter<'_> {
    /// Brackets of a piece that nothing closes before the token `at`.
    pub(super) fn unclosed(&mut self, piece: &mut Piece, frames: &[Frame], at: usize) {
        let was_broken = std::mem::replace(&mut piece.broken, true);
        piece.spoiled.extend(frames.iter().map(|f| f.token));
        self.unbalanced |= frames.iter().any(|f| f.open == b'{');
        let Some(frame) = frames.last().filter(|_| !was_broken) else { return };
        let (open, close) = match frame.open {
            b'(' => ("(", ")"),
            b'[' => ("[", "]"),
            b'{' => ("{", "}"),
            _ => ("${", "}"),
        };
        let opener = self.tokens[frame.token].span(self.base);
        let (place, text) = self.missing(at, close);
        let mut found = Diagnostic::error(
            1,
            opener,
            format!("this `{open}` is never closed"),
            format!("expected a `{close}` for it"),
        )
        .label(place, text);
        for outer in frames.iter().rev().skip(1).take(3) {
            found = found.label(self.tokens[outer.token].span(self.base), "this is open, too");
        }
        // The names of a loop end where it says what it goes over.
        let names = open == "(" && frame.token > 0 && self.text(frame.token - 1) == "for";
        let within = (frame.token..at).find(|i| names && self.text(*i) == "in");
        let end = self.end_before(within.unwrap_or(at));
        let same_line = !self.between(frame.token, at).contains('\n');
        found = if frame.fields && !same_line {
            let indent = " ".repeat(frame.indent as usize);
            found.fix(format!("close it with `{close}`"), end, format!("\n{indent}{close}"))
        } else if frames.len() == 1 {
            let space = if close == "}" && open == "{" { " " } else { "" };
            found.fix(format!("close it with `{close}`"), end, format!("{space}{close}"))
        } else {
            found.help(format!("close it with `{close}`"))
        };
        self.errors.push(found);
    }

    /// A block of pieces that nothing closes before the current token.
    pub(super) fn unclosed_block(&mut self, piece: &Piece, open: usize, indent: u32) {
        self.given_up += 1;
        self.unbalanced = true;
        if self.cut_short {
            return;
        }
        let name = self.text(piece.first + 1);
        let what = match self.text(piece.first) {
            "for" => "this `for`".to_owned(),
            word => format!("{word} `{name}`"),
        };
        let what = if self.tok(piece.first + 1) == Some(Tok::StrOpen) { "this test".to_owned() } else { what };
        let (place, text) = self.missing(self.at, "}");
        let opener = self.tokens[open].span(self.base);
        let end = self.end_before(self.at);
        self.errors.push(
            Diagnostic::error(1, opener, format!("the `{{` of {what} is never closed"), "expected a `}` for it")
                .label(place, text)
                .fix("close it with `}`", end, format!("\n{}}}", " ".repeat(indent as usize))),
        );
    }

    /// Where a closer was missed, and what to say there.
    fn missing(&self, at: usize, close: &str) -> (Span, String) {
        match self.tokens.get(at) {
            Some(t) => (t.span(self.base), format!("expected `{close}` before this")),
            None => {
                let end = self.base + self.source.len() as u32;
                (Span::new(end, end), format!("expected `{close}` before the end of the text"))
            }
        }
    }

    /// The empty place behind the last thing before a token.
    pub(super) fn end_before(&self, at: usize) -> Span {
        let before = self.tokens[..at.min(self.tokens.len())].iter().rev();
        let last = before.into_iter().find(|t| !t.tok.is_comment() && t.tok != Tok::Newline);
        let hi = self.base + last.map_or(0, |t| t.hi);
        Span::new(hi, hi)
    }

    fn between(&self, from: usize, to: usize) -> &str {
        let end = self.tokens.get(to).map_or(self.source.len(), |t| t.lo as usize);
        let start = self.tokens.get(from).map_or(end, |t| t.lo as usize);
        self.source.get(start..end).unwrap_or("").trim_end()
    }
}

/// A closing bracket that closes nothing.
pub(super) fn stray(text: &str, span: Span) -> Diagnostic {
    let open = match text {
        ")" => "(",
        "]" => "[",
        _ => "{",
    };
    Diagnostic::error(1, span, format!("this `{text}` closes nothing"), format!("no `{open}` is open here")).fix(
        "remove it",
        span,
        "",
    )
}

/// A character or a quoted text that no program has.
pub(super) fn bad_token(text: &str, span: Span) -> Diagnostic {
    if let Some(inner) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
        return Diagnostic::error(1, span, "a string stands between `\"`, not between `'`", "found single quotes").fix(
            format!("write `\"{inner}\"`"),
            span,
            format!("\"{inner}\""),
        );
    }
    let (message, help) = match text {
        "'" => ("a string stands between `\"`, not between `'`".to_owned(), "write `\"…\"`"),
        "“" | "”" | "„" => (format!("`{text}` is not a quotation mark of the language"), "write `\"`"),
        "%" => (
            "there is no remainder operator".to_owned(),
            "`%` stands in percentages only, right behind the number: `99.95%`",
        ),
        ";" => ("a statement ends with its line, without `;`".to_owned(), "start a new line"),
        _ if text.chars().all(char::is_control) => {
            let code = text.chars().next().map_or(0, u32::from);
            (format!("the character U+{code:04X} can't stand here"), "remove it")
        }
        _ if text.chars().all(char::is_alphabetic) => {
            (format!("`{text}` can't be part of a name"), "names are of the letters a to z, digits and `_`")
        }
        _ if text.is_ascii() => {
            (format!("`{text}` means nothing here"), "outside strings and comments it is no part of the language")
        }
        _ => (format!("`{text}` means nothing here"), "outside strings and comments only ASCII is read"),
    };
    Diagnostic::error(1, span, message, "can't be read").help(help)
}

/// A line that ends in `=`.
pub(super) fn dangling(name: &str, span: Span) -> Diagnostic {
    if name.is_empty() {
        return Diagnostic::error(1, span, "a line can't start with `=`", "expected a name before this")
            .help("write `name = value` on one line");
    }
    Diagnostic::error(1, span, format!("`{name} =` has no value on its line"), "expected a value after this")
        .help(format!("a value starts on the line of its `=`: `{name} = …`"))
}

/// A word that opens a statement, where fields stand.
pub(super) fn misplaced(word: &str, outer: &str, span: Span, outer_span: Span) -> Diagnostic {
    Diagnostic::error(
        1,
        span,
        format!("a `{word}` can't stand inside the braces of a `{outer}`"),
        "expected `name = value` or `}`",
    )
    .label(outer_span, format!("inside this `{outer}`"))
    .help(format!("move it behind the `}}` of this `{outer}`"))
}
