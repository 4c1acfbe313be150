//! Pieces into the syntax tree: the only modules that speak pest.
//!
//! Each piece of the scanner goes through one rule of the grammar. Where that fails, the
//! pieces inside its braces are tried one by one, so that one bad field costs one field.

mod body;
mod expr;
mod item;
mod literal;
mod stmt;
mod text;
mod types;

use std::ops::Range;

use pest::Parser;
use pest::iterators::Pair;
use rayon::prelude::*;
use topo_model::{Diagnostic, Span, Symbol, diag};

use crate::ast::{AddressPattern, Expr, File, Ident, Path};
use crate::report;
use crate::scan::{Form, ITEMS, Piece, STATEMENTS, Scan, is_reserved, scan, scan_alone};
use crate::token::Tok;

/// The generated parser.
#[derive(pest_derive::Parser)]
#[grammar = "../../../grammar/topo.pest"]
struct Grammar;

pub(crate) use Rule as GrammarRule;

/// A file as it was read.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// What could be read.
    pub file: File,
    /// What could not, in source order.
    pub errors: Vec<Diagnostic>,
}

/// Reads a file. Never fails: what could not be read is in [`Parsed::errors`]. `base` is the
/// file's position in the common space; spans are `base` and the offset in bytes.
pub fn parse(text: &str, base: u32) -> Parsed {
    let mut errors = Vec::new();
    if let Some(at) = text.bytes().position(|b| b == 0) {
        let span = Span::new(base + at as u32, base + at as u32 + 1);
        errors.push(Diagnostic::error(1, span, "this is not a text file: it holds a zero byte", "a zero byte"));
        return Parsed { file: File::default(), errors };
    }
    let scan = scan(text, base, &mut errors);
    let mut reader = Reader::new(&scan);
    let file = reader.file();
    errors.append(&mut reader.errors);
    diag::sort(&mut errors);
    Parsed { file, errors }
}

/// Reads an expression that stands alone.
///
/// # Errors
///
/// What is wrong with it, where it is not one expression.
pub fn parse_expr(text: &str, base: u32) -> Result<Expr, Vec<Diagnostic>> {
    read_alone(text, base, Rule::lone_expr, |reader, pair| {
        let inner = pair.into_inner().next()?;
        Some(reader.expr(inner))
    })
}

/// Reads an address as the command line has it: `net[ap-east-2].vpc`, `a[*].b`.
///
/// # Errors
///
/// What is wrong with it, where it is not an address.
pub fn parse_address(text: &str, base: u32) -> Result<AddressPattern, Vec<Diagnostic>> {
    read_alone(text, base, Rule::lone_address, |reader, pair| {
        let inner = pair.into_inner().next()?;
        Some(reader.address(inner))
    })
}

fn read_alone<T>(
    text: &str,
    base: u32,
    rule: Rule,
    build: impl Fn(&mut Reader<'_>, Pair<'_, Rule>) -> Option<T>,
) -> Result<T, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let scan = scan_alone(text, base, &mut errors);
    let Some(piece) = scan.pieces.first().filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            let what = if rule == Rule::lone_expr { "a value" } else { "an address" };
            let span = Span::new(base, base + text.len() as u32);
            errors.push(Diagnostic::error(1, span, format!("expected {what}, found nothing"), "empty"));
        }
        return Err(errors);
    };
    let mut reader = Reader::new(&scan);
    let read = reader.grammar(rule, piece, piece.first..piece.last).and_then(|pair| build(&mut reader, pair));
    match read {
        Some(read) if reader.errors.is_empty() => Ok(read),
        _ => Err(reader.errors),
    }
}

/// More pieces than this are read by several threads.
const MANY: usize = 256;

/// Reads pieces of one file.
struct Reader<'s> {
    scan: &'s Scan<'s>,
    errors: Vec<Diagnostic>,
    /// Names declared by what could not be read.
    unread: Vec<Ident>,
    /// What could not be read and declares something without a name.
    nameless: Vec<Span>,
    /// Where the text that the grammar saw last starts in the common space.
    origin: u32,
}

impl<'s> Reader<'s> {
    fn new(scan: &'s Scan<'s>) -> Reader<'s> {
        Reader { scan, errors: Vec::new(), unread: Vec::new(), nameless: Vec::new(), origin: scan.base }
    }

    /// Reads pieces, in parallel where there are many; the results are in source order.
    fn each<T: Send>(
        &mut self,
        pieces: &[Piece],
        read: impl Fn(&mut Reader<'s>, &Piece) -> Option<T> + Sync,
    ) -> Vec<T> {
        if pieces.len() < MANY {
            return pieces.iter().filter_map(|p| read(self, p)).collect();
        }
        let scan = self.scan;
        let chunks: Vec<(Vec<T>, Reader<'s>)> = pieces
            .par_chunks(MANY / 4)
            .map(|chunk| {
                let mut reader = Reader::new(scan);
                let read: Vec<T> = chunk.iter().filter_map(|p| read(&mut reader, p)).collect();
                (read, reader)
            })
            .collect();
        let mut all = Vec::with_capacity(pieces.len());
        for (read, mut reader) in chunks {
            all.extend(read);
            self.errors.append(&mut reader.errors);
            self.unread.append(&mut reader.unread);
            self.nameless.append(&mut reader.nameless);
        }
        all
    }

    /// Parses a run of tokens by a rule; reports where that fails.
    fn grammar(&mut self, rule: Rule, piece: &Piece, tokens: Range<usize>) -> Option<Pair<'s, Rule>> {
        let range = self.scan.range(tokens.start, tokens.end);
        match self.attempt(rule, range.clone()) {
            Ok(pair) => Some(pair),
            Err(failure) => {
                let found = report::syntax(self.scan, piece.form, tokens, &failure);
                self.errors.push(found);
                None
            }
        }
    }

    /// Parses bytes of the file by a rule.
    fn attempt(&mut self, rule: Rule, range: Range<usize>) -> Result<Pair<'s, Rule>, Failure> {
        let scan = self.scan;
        let text = scan.clean.get(range.clone()).unwrap_or("");
        self.origin = scan.base + range.start as u32;
        match Grammar::parse(rule, text) {
            Ok(mut pairs) => pairs.next().ok_or(Failure { at: range.start, expected: Vec::new(), too_deep: false }),
            Err(error) => Err(Failure::new(range.start, error)),
        }
    }

    /// The place of a pair, spaces at its end left out.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        let trimmed = span.as_str().trim_end_matches([' ', '\n']).len();
        Span::new(self.origin + span.start() as u32, self.origin + (span.start() + trimmed) as u32)
    }

    fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        let span = pair.as_span();
        let place = Span::new(self.origin + span.start() as u32, self.origin + span.end() as u32);
        Ident { name: Symbol::new(span.as_str()), span: place }
    }

    fn path(&self, pair: Pair<'_, Rule>) -> Path {
        let span = self.span(&pair);
        Path { parts: pair.into_inner().map(|p| self.ident(&p)).collect(), span }
    }

    fn piece_span(&self, piece: &Piece) -> Span {
        self.scan.span(piece.first, piece.last)
    }

    /// Remembers every word of an unread import, those in a string without an end too.
    fn forgo_words(&mut self, piece: &Piece) {
        let span = self.piece_span(piece);
        let text = self.scan.source.get(self.scan.range(piece.first, piece.last)).unwrap_or("");
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let names = words.filter(|w| w.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_reserved(w));
        self.unread.extend(names.map(|w| Ident { name: Symbol::new(w), span }));
    }

    fn forgo_name(&mut self, at: usize) -> bool {
        let Some(token) = self.scan.tokens.get(at).filter(|t| t.tok == Tok::Word) else { return false };
        let text = token.text(self.scan.source);
        let named = !is_reserved(text);
        if named {
            self.unread.push(Ident { name: Symbol::new(text), span: token.span(self.scan.base) });
        }
        named
    }

    /// Remembers the names that an unread piece declares, those of the statements in it too.
    fn forgo(&mut self, piece: &Piece) {
        let unknown = piece.form == Form::Unknown;
        let import = self.scan.text(piece.first + 1) == "." || self.scan.tokens[piece.first].tok == Tok::StrOpen;
        if unknown && import {
            return self.forgo_words(piece);
        }
        for at in piece.first + 1..piece.last {
            // In the braces of a line or behind a comma, a declaration has a `:` or `=`.
            let starts = match self.scan.tokens[at - 1].tok {
                Tok::Newline => true,
                Tok::Open | Tok::Op => {
                    matches!(self.scan.text(at - 1), "{" | ",") && matches!(self.scan.text(at + 2), ":" | "=")
                }
                _ => false,
            };
            if starts && (STATEMENTS.contains(&self.scan.text(at)) || ITEMS.contains(&self.scan.text(at))) {
                self.forgo_name(at + 1);
            }
        }
        match self.scan.text(piece.first) {
            "use" => return self.forgo_words(piece),
            word if unknown && (STATEMENTS.contains(&word) || ITEMS.contains(&word)) => {
                self.forgo_name(piece.first + 1);
                return;
            }
            _ => {}
        }
        if unknown && matches!(self.scan.text(piece.first + 1), ":" | "=" | "{" | "(") {
            // The word that says what it is was forgotten.
            self.forgo_name(piece.first);
            return;
        }
        if unknown && matches!(self.scan.text(piece.first + 2), ":" | "=") {
            // That word is misspelt.
            self.forgo_name(piece.first + 1);
            return;
        }
        let declares = matches!(
            piece.form,
            Form::Type
                | Form::Env
                | Form::Component
                | Form::Kind
                | Form::Input
                | Form::Param
                | Form::Let
                | Form::Resource
                | Form::Output
                | Form::Topology
                | Form::Project
                | Form::Objective
        );
        if declares && !self.forgo_name(piece.first + 1) {
            self.nameless.push(self.piece_span(piece));
        }
    }
}

/// Where the grammar stopped, and what it would have taken there.
pub(crate) struct Failure {
    /// The byte in the file.
    pub(crate) at: usize,
    /// The rules that were tried there.
    pub(crate) expected: Vec<Rule>,
    /// The stack of the thread was too small for the nesting.
    pub(crate) too_deep: bool,
}

impl Failure {
    fn new(start: usize, error: pest::error::Error<Rule>) -> Failure {
        let at = match error.location {
            pest::error::InputLocation::Pos(at) => at,
            pest::error::InputLocation::Span((at, _)) => at,
        };
        let (expected, too_deep) = match error.variant {
            pest::error::ErrorVariant::ParsingError { positives, .. } => (positives, false),
            pest::error::ErrorVariant::CustomError { .. } => (Vec::new(), true),
        };
        Failure { at: start + at, expected, too_deep }
    }
}
