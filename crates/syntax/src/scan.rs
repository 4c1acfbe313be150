//! A file into pieces: one linear pass over the tokens, before the grammar sees anything.
//!
//! A piece is an item, a statement, a line of an `env`, a `kind` or a `test`. Pieces are
//! parsed independently, so one mistake costs one piece. The scanner knows brackets,
//! lines and the words that open pieces; it *refuses to know* what an expression is.
//!
//! It also prepares the text for the grammar: comments and the newlines that end nothing
//! become spaces, so positions stay what they are.

mod brackets;
mod cut;
mod form;
mod lines;
mod missing;
mod unclosed;
mod unquoted;

use topo_model::{Diagnostic, Span};

pub(crate) use form::{Context, Form, ITEMS, Inside, STATEMENTS, is_reserved, nearest};

use crate::token::{Tok, Token};

/// A file in pieces.
pub(crate) struct Scan<'a> {
    /// The text as it was written.
    pub(crate) source: &'a str,
    /// The text as the grammar is to see it; the same length.
    pub(crate) clean: String,
    /// Where the file starts in the common space.
    pub(crate) base: u32,
    /// Its tokens.
    pub(crate) tokens: Vec<Token>,
    /// The items.
    pub(crate) pieces: Vec<Piece>,
}

/// A stretch of a file that is parsed by itself.
#[derive(Debug)]
pub(crate) struct Piece {
    /// What it is.
    pub(crate) form: Form,
    /// Whether its first word was misspelt, so that the form is a guess.
    pub(crate) guessed: bool,
    /// Its first token.
    pub(crate) first: usize,
    /// One past its last token.
    pub(crate) last: usize,
    /// Whether something is wrong with it that was reported; the grammar need not look.
    pub(crate) broken: bool,
    /// The tokens at which that was, in order: a bracket without its partner, a character that means
    /// nothing, and the `=` or the end of a line behind which a `{` is missing.
    pub(crate) spoiled: Vec<usize>,
    /// What is in its braces.
    pub(crate) body: Body,
}

/// What is in a piece's braces.
#[derive(Debug)]
pub(crate) enum Body {
    /// It has none.
    None,
    /// Fields, between the tokens `open` and `close`.
    Fields {
        /// The index of `{`, or of the end of the line that misses it.
        open: usize,
        /// The index of `}`.
        close: usize,
    },
    /// Pieces; `open` is the index of the `{`, or of the end of the line that misses it.
    Pieces {
        /// The index of `{`.
        open: usize,
        /// The pieces.
        pieces: Vec<Piece>,
    },
}

/// The most brackets that may be open at once.
const MAX_OPEN: usize = 128;

/// The most levels an expression or a type may have, brackets, operators and suffixes
/// counted: whoever walks the tree does so by recursion.
const MAX_HEIGHT: u32 = 192;

/// Cuts a file into pieces.
pub(crate) fn scan<'a>(source: &'a str, base: u32, errors: &mut Vec<Diagnostic>) -> Scan<'a> {
    cut::run(source, base, errors)
}

/// Takes a text as one piece of an expression's or an address's form.
pub(crate) fn scan_alone<'a>(source: &'a str, base: u32, errors: &mut Vec<Diagnostic>) -> Scan<'a> {
    cut::alone(source, base, errors)
}

impl Scan<'_> {
    /// The bytes of a run of tokens, comments at its ends left out.
    pub(crate) fn range(&self, first: usize, last: usize) -> std::ops::Range<usize> {
        let tokens = self.tokens.get(first..last).unwrap_or(&[]);
        let end = tokens.iter().rev().find(|t| !t.tok.is_comment() && t.tok != Tok::Newline);
        let Some(start) = tokens.first() else { return self.source.len()..self.source.len() };
        // A broken string's mark has the place of the tokens before it.
        let before = first.checked_sub(1).filter(|_| start.tok == Tok::StrBroken).map(|i| self.tokens[i].hi);
        let start = before.unwrap_or(start.lo) as usize;
        start..end.map_or(start, |end| start.max(end.hi as usize))
    }

    /// The place of a run of tokens in the common space.
    pub(crate) fn span(&self, first: usize, last: usize) -> Span {
        let range = self.range(first, last);
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    /// The text of a token.
    pub(crate) fn text(&self, token: usize) -> &str {
        self.tokens.get(token).map_or("", |t| t.text(self.source))
    }

    /// The index of the first token that ends after a byte of this file.
    pub(crate) fn token_at(&self, byte: usize) -> usize {
        self.tokens.partition_point(|t| t.hi as usize <= byte)
    }

    /// The `///` lines right before a token.
    pub(crate) fn docs(&self, token: usize) -> Option<Box<str>> {
        if token < 2 || !matches!(self.tokens[token - 2].tok, Tok::Doc | Tok::Comment) {
            return None;
        }
        let mut lines = Vec::new();
        let mut at = token;
        while at >= 2 && self.tokens[at - 1].tok == Tok::Newline && self.tokens[at - 2].tok.is_comment() {
            let alone = at < 3 || matches!(self.tokens[at - 3].tok, Tok::Newline | Tok::Open);
            if !alone {
                break;
            }
            if self.tokens[at - 2].tok == Tok::Doc {
                lines.push(doc_text(self.text(at - 2), "///"));
            }
            at -= 2;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n").into_boxed_str())
    }

    /// The `//!` lines at the top.
    pub(crate) fn file_docs(&self) -> Option<Box<str>> {
        let top = self.tokens.iter().take_while(|t| t.tok.is_comment() || t.tok == Tok::Newline);
        let lines: Vec<&str> =
            top.filter(|t| t.tok == Tok::FileDoc).map(|t| doc_text(t.text(self.source), "//!")).collect();
        (!lines.is_empty()).then(|| lines.join("\n").into_boxed_str())
    }
}

fn doc_text<'t>(line: &'t str, mark: &str) -> &'t str {
    let text = line.strip_prefix(mark).unwrap_or(line).trim_end();
    text.strip_prefix(' ').unwrap_or(text)
}
