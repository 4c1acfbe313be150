//! The words around the place where the grammar stopped.

use std::ops::Range;

use topo_model::Span;

use crate::parse::{Failure, GrammarRule as Rule};
use crate::scan::{Form, Scan};
use crate::token::{Tok, Token};

/// What the grammar would have taken at the place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Expected {
    /// A value.
    pub(super) value: bool,
    /// An operator, a field, an index: what continues a value.
    pub(super) operator: bool,
    /// A name.
    pub(super) name: bool,
    /// A type.
    pub(super) ty: bool,
    pub(super) colon: bool,
    pub(super) equals: bool,
    /// `=>`.
    pub(super) arrow: bool,
    /// `->`.
    pub(super) becomes: bool,
    pub(super) then: bool,
    pub(super) otherwise: bool,
    /// `in` of a loop.
    pub(super) within: bool,
    /// A string and nothing else.
    pub(super) string: bool,
    /// Braces with fields.
    pub(super) fields: bool,
    /// `*` or a key in an address.
    pub(super) key: bool,
    /// The end of the piece.
    pub(super) end: bool,
    /// `in region` or `global`.
    pub(super) scope: bool,
    /// `by`, `of`, `region`: the word itself.
    pub(super) word: Option<&'static str>,
    /// `at`, `when` and `from` with their values.
    pub(super) clauses: (bool, bool, bool),
    /// Names in parentheses.
    pub(super) names: bool,
}

/// The place, what is before it and what was found.
pub(super) struct Site<'s> {
    pub(super) scan: &'s Scan<'s>,
    pub(super) form: Form,
    /// The first token of the piece.
    pub(super) first: usize,
    /// One past its last.
    pub(super) end: usize,
    /// The token that was found; `end` or beyond where the piece ends there.
    pub(super) at: usize,
    /// The last token before it, comments and newlines passed over.
    pub(super) before: Option<usize>,
    /// The innermost bracket of the piece that is open there.
    pub(super) inside: Option<usize>,
    pub(super) expected: Expected,
}

impl<'s> Site<'s> {
    pub(super) fn new(scan: &'s Scan<'s>, form: Form, tokens: Range<usize>, failure: &Failure) -> Site<'s> {
        let clean = scan.clean.as_bytes();
        let mut byte = failure.at;
        while clean.get(byte) == Some(&b' ') {
            byte += 1;
        }
        let mut at = scan.token_at(byte).max(tokens.start);
        while scan.tokens.get(at).is_some_and(|t| t.tok.is_comment()) && at < tokens.end {
            at += 1;
        }
        let before = (tokens.start..at.min(tokens.end)).rev().find(|i| {
            let tok = scan.tokens[*i].tok;
            !tok.is_comment() && tok != Tok::Newline
        });
        let mut open = Vec::new();
        for i in tokens.start..at.min(tokens.end) {
            match scan.tokens[i].tok {
                Tok::Open | Tok::InterpOpen => open.push(i),
                Tok::Close | Tok::InterpClose => {
                    open.pop();
                }
                _ => {}
            }
        }
        Site {
            scan,
            form,
            first: tokens.start,
            end: tokens.end,
            at,
            before,
            inside: open.last().copied(),
            expected: expected(&failure.expected),
        }
    }

    /// The token that was found, where the piece has one there.
    pub(super) fn found(&self) -> Option<&Token> {
        self.scan.tokens.get(self.at).filter(|t| self.at < self.end && t.tok != Tok::Newline)
    }

    /// Its text; empty at the end of a line.
    pub(super) fn found_text(&self) -> &'s str {
        self.found().map_or("", |t| t.text(self.scan.source))
    }

    /// Its kind.
    pub(super) fn found_tok(&self) -> Tok {
        self.found().map_or(Tok::Newline, |t| t.tok)
    }

    /// Its place; where the line ends, the empty place behind what was read.
    pub(super) fn span(&self) -> Span {
        match (self.found(), self.before) {
            (Some(t), _) => t.span(self.scan.base),
            (None, Some(before)) => self.scan.tokens[before].span(self.scan.base).end(),
            (None, None) => Span::new(self.scan.base, self.scan.base),
        }
    }

    /// The place behind what was read.
    pub(super) fn behind(&self) -> Span {
        self.before.map_or(self.span().start(), |i| self.scan.tokens[i].span(self.scan.base).end())
    }

    /// The text of the token before.
    pub(super) fn before_text(&self) -> &'s str {
        self.before.map_or("", |i| self.scan.tokens[i].text(self.scan.source))
    }

    /// The text of a token of the piece.
    pub(super) fn text(&self, at: usize) -> &'s str {
        self.scan.tokens.get(at).map_or("", |t| t.text(self.scan.source))
    }

    /// The bracket that is open at the place.
    pub(super) fn bracket(&self) -> &'s str {
        self.inside.map_or("", |i| self.text(i))
    }

    /// Whether what was found could start a value.
    pub(super) fn found_value(&self) -> bool {
        matches!(self.found_tok(), Tok::Word | Tok::Place | Tok::Number | Tok::StrOpen | Tok::Open)
    }
}

fn expected(rules: &[Rule]) -> Expected {
    let mut all = Expected::default();
    let mut plain = false;
    for rule in rules {
        match rule {
            Rule::expr | Rule::operand | Rule::prefix | Rule::number | Rule::list | Rule::braces | Rule::paren => {
                all.value = true;
            }
            Rule::bound | Rule::place | Rule::constant | Rule::rich | Rule::block | Rule::choice => all.value = true,
            Rule::plain | Rule::string => plain = true,
            Rule::infix | Rule::field_of | Rule::field_if | Rule::index | Rule::call => all.operator = true,
            Rule::name | Rule::path | Rule::pattern | Rule::address | Rule::step | Rule::field => all.name = true,
            Rule::ty | Rule::ty_path | Rule::ty_union | Rule::ty_tuple | Rule::ty_record => all.ty = true,
            Rule::colon => all.colon = true,
            Rule::equals | Rule::default => all.equals = true,
            Rule::at_clause | Rule::kw_at => all.clauses.0 = true,
            Rule::when_clause | Rule::kw_when => all.clauses.1 = true,
            Rule::from_clause | Rule::kw_from => all.clauses.2 = true,
            Rule::arrow => all.arrow = true,
            Rule::becomes => all.becomes = true,
            Rule::kw_then => all.then = true,
            Rule::kw_else => all.otherwise = true,
            Rule::kw_in => all.within = true,
            Rule::kw_global => all.scope = true,
            Rule::kw_by => all.word = Some("by"),
            Rule::kw_of => all.word = Some("of"),
            Rule::kw_region => all.word = Some("region"),
            Rule::fields => all.fields = true,
            Rule::any_key => all.key = true,
            Rule::names => all.names = true,
            Rule::EOI => all.end = true,
            _ => {}
        }
    }
    if plain && !all.value {
        all.string = true;
    }
    all
}
