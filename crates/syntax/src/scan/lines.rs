//! Where a line ends something, where it goes on, and where it starts something new.
//!
//! A line goes on where an operator, `->`, `=>` or `|` ends it, where the next one starts with
//! `then`, `else` or `|`, and inside `()`, `[]` and `${}`. A word that opens a piece, with a name
//! behind it, at the start of a line starts that piece, whatever brackets are open: that is
//! where the scanner picks up the thread again. It never does so at a `=`.

use super::brackets::Brackets;
use super::cut::Cutter;
use super::form::is_reserved;
use super::unclosed;
use super::{MAX_OPEN, Piece};
use crate::token::Tok;

impl Cutter<'_> {
    /// The end of a line inside a piece; false when the piece ends with it.
    pub(super) fn line_end(&mut self, piece: &mut Piece, brackets: &mut Brackets) -> bool {
        if brackets.is_empty() {
            if self.value_without_brace(piece, brackets) {
                return true;
            }
            if self.dangling_equals(piece) {
                self.blank_newline();
                return true;
            }
            if self.goes_on(piece) {
                self.blank_newline();
                return true;
            }
            return false;
        }
        if brackets.in_braces() && self.value_without_brace(piece, brackets) {
            brackets.separate();
        } else if brackets.in_braces() && !self.goes_on(piece) {
            brackets.separate();
            self.newline();
        } else {
            self.blank_newline();
            self.closes_before_field(piece, brackets);
        }
        self.closes_by_indent(piece, brackets);
        if brackets.is_empty() {
            return false;
        }
        !self.resynchronises(piece, brackets)
    }

    /// Whether the line that ends here goes on in the next: an operator ends it, or `then` or
    /// `else` starts the next.
    fn goes_on(&self, piece: &Piece) -> bool {
        let before = (piece.first..self.at).rev().take(4).find(|i| !self.tokens[*i].tok.is_comment());
        let joined = before.is_some_and(|i| match self.tokens[i].tok {
            Tok::Op => matches!(
                self.text(i),
                "+" | "-" | "*" | "/" | "??" | ".." | "==" | "!=" | "<=" | ">=" | "->" | "=>" | "|" | "&&" | "||"
            ),
            Tok::Word => matches!(self.text(i), "and" | "or" | "not" | "in" | "if" | "then" | "else"),
            _ => false,
        });
        let next = self.next_on_line();
        // An operator that nothing follows ends its line before a statement or an item.
        let opens = |i: usize| self.is_name(i + 1) && self.contexts.iter().any(|c| c.context.opens(self.text(i)));
        joined && !next.is_some_and(opens) || next.is_some_and(|i| matches!(self.text(i), "then" | "else" | "|"))
    }

    /// The first token of the following lines, a few comments and empty lines passed over.
    pub(super) fn next_on_line(&self) -> Option<usize> {
        (self.at..self.tokens.len())
            .take(12)
            .find(|i| !self.tokens[*i].tok.is_comment() && self.tokens[*i].tok != Tok::Newline)
    }

    /// A line that ends in `=`: reported, and true when the next line was meant as the value.
    fn dangling_equals(&mut self, piece: &mut Piece) -> bool {
        let before = (piece.first..self.at).rev().take(4).find(|i| !self.tokens[*i].tok.is_comment());
        let Some(equals) = before.filter(|i| self.text(*i) == "=") else { return false };
        if !piece.broken {
            let name = if equals > piece.first { self.text(equals - 1) } else { "" };
            self.errors.push(unclosed::dangling(name, self.tokens[equals].span(self.base)));
        }
        piece.broken = true;
        let Some(next) = self.next_on_line() else { return false };
        !self.starts_something(next)
    }

    /// Whether a line that starts at this token is certainly not the value of the line before.
    fn starts_something(&self, at: usize) -> bool {
        let (word, next) = (self.text(at), self.text(at + 1));
        matches!(self.tok(at), Some(Tok::Close))
            || (self.tok(at) == Some(Tok::Word) && matches!(next, "=" | ":"))
            || (self.is_name(at + 1) && self.contexts.iter().any(|c| c.context.opens(word)))
    }

    /// Whether a name stands at this token.
    pub(super) fn is_name(&self, at: usize) -> bool {
        match self.tok(at) {
            Some(Tok::Word) => !is_reserved(self.text(at)),
            Some(Tok::Place | Tok::StrOpen) => true,
            _ => false,
        }
    }

    /// Whether this token is the first of its line, blanks and comments aside.
    pub(super) fn starts_line(&self) -> bool {
        self.at == 0 || self.tokens[self.at - 1].tok == Tok::Newline
    }

    /// The index of the innermost block that such a word opens a piece of.
    fn home(&self, word: &str) -> Option<usize> {
        self.contexts.iter().rposition(|c| c.context.opens(word))
    }

    /// Whether the word here opens a piece of an outer block, so that this one must have ended.
    pub(super) fn belongs_further_out(&self) -> bool {
        if self.by_braces || self.tok(self.at) != Some(Tok::Word) || !self.starts_line() || !self.is_name(self.at + 1) {
            return false;
        }
        let innermost = self.contexts.len() - 1;
        self.home(self.text(self.at)).is_some_and(|i| {
            let outer = i < innermost && self.indent <= self.contexts[i + 1].indent;
            let dedented = self.by_indent && innermost > 0 && self.indent <= self.contexts[innermost].indent;
            outer || dedented
        })
    }

    /// At the start of a line inside brackets: whether the word here opens a piece, so that the
    /// brackets must have been forgotten.
    fn resynchronises(&mut self, piece: &mut Piece, brackets: &mut Brackets) -> bool {
        if self.tok(self.at) != Some(Tok::Word) {
            return false;
        }
        let word = self.text(self.at);
        let fields = brackets.innermost().is_some_and(|f| f.fields);
        let named = self.is_name(self.at + 1) || (word == "for" && self.text(self.at + 1) == "(");
        let loops = word == "for" && self.contexts.len() < MAX_OPEN / 2 && self.ends_in_brace();
        if !named || (word == "for" && !fields && !loops) {
            return false;
        }
        let Some(home) = self.home(word) else { return false };
        let innermost = self.contexts.len() - 1;
        let limit = if home == innermost {
            brackets.outermost().map_or(0, |f| f.indent)
        } else {
            self.contexts[home + 1].indent
        };
        if self.indent <= limit {
            let frames = brackets.take();
            self.given_up += frames.iter().filter(|f| f.open == b'{').count();
            self.unclosed(piece, &frames, self.at);
            return true;
        }
        if fields && !piece.broken {
            piece.broken = true;
            self.errors.push(unclosed::misplaced(
                word,
                self.text(piece.first),
                self.tokens[self.at].span(self.base),
                self.tokens[piece.first].span(self.base),
            ));
        }
        false
    }
}
