//! What a file declares, whether or not it can be read: for editors.
//!
//! The scanner's pieces with their names. No grammar is asked, so a broken file has an outline,
//! too: a token that is missing costs the piece it belongs to, and no other.

use topo_model::Span;

use crate::scan::{Body, Form, Piece, Scan, is_reserved, scan};
use crate::token::Tok;

/// A piece of a file: an item, a statement, a line of an `env`, of a `kind` or of a `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub sort: Sort,
    /// What it is called, as written: a name, a region, an address, a module, a test's words. Empty
    /// where it has no name or the name can't be told.
    pub name: Box<str>,
    /// Where that stands; empty at the end of the first word where there is none.
    pub name_span: Span,
    /// The `///` lines before it.
    pub docs: Option<Box<str>>,
    /// The whole piece.
    pub span: Span,
    /// What is in its braces, where pieces are.
    pub children: Vec<Entry>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// `use`.
    Use,
    /// `project`.
    Project,
    /// `type`.
    Type,
    /// `env`.
    Env,
    /// `topology`.
    Topology,
    /// `component`.
    Component,
    /// `kind`.
    Kind,
    /// `rollout`.
    Rollout,
    /// `moved`.
    Moved,
    /// `input`.
    Input,
    /// `forget`.
    Forget,
    /// `test`.
    Test,
    /// `param`.
    Param,
    /// `let`.
    Let,
    /// `resource` and `existing`.
    Resource,
    /// `for`.
    For,
    /// `check`.
    Check,
    /// `objective`.
    Objective,
    /// `output` of a component, a topology or a kind.
    Output,
    /// `name = value` of an environment.
    Field,
    /// `region CODE { … }` of an environment.
    Region,
    /// `plan`, `known` and `expect` of a test.
    Step,
    /// An attribute of a kind.
    Attribute,
    /// Another line of a kind: `unique (…)`, `settles in 2s`.
    Member,
    /// What begins as nothing that can stand there.
    Unknown,
}

/// The outline of a file. `base` is the file's position in the common space.
#[must_use]
pub fn outline(text: &str, base: u32) -> Vec<Entry> {
    let scan = scan(text, base, &mut Vec::new());
    entries(&scan, &scan.pieces)
}

fn entries(scan: &Scan<'_>, pieces: &[Piece]) -> Vec<Entry> {
    pieces.iter().map(|piece| entry(scan, piece)).collect()
}

fn entry(scan: &Scan<'_>, piece: &Piece) -> Entry {
    let sort = sort(piece.form);
    let (first, last) = name(scan, piece, sort);
    let (name, name_span) = match scan.tokens.get(first).filter(|_| first < last) {
        Some(_) => (scan.source.get(scan.range(first, last)).unwrap_or("").into(), scan.span(first, last)),
        None => ("".into(), scan.span(piece.first, piece.first + 1).end()),
    };
    let children = match &piece.body {
        Body::Pieces { pieces, .. } => entries(scan, pieces),
        _ => Vec::new(),
    };
    Entry { sort, name, name_span, docs: scan.docs(piece.first), span: scan.span(piece.first, piece.last), children }
}

/// The tokens of a piece's name.
fn name(scan: &Scan<'_>, piece: &Piece, sort: Sort) -> (usize, usize) {
    let tok = |at: usize| scan.tokens.get(at).filter(|_| at < piece.last).map(|t| t.tok);
    let word = |at: usize| tok(at) == Some(Tok::Word) && !is_reserved(scan.text(at));
    let one = |at: usize, is: bool| if is { (at, at + 1) } else { (at, at) };
    let (first, next) = (piece.first, piece.first + 1);
    let touching = || {
        let joined = |at: &usize| *at == next || scan.tokens[*at - 1].hi == scan.tokens[*at].lo;
        let end = (next..piece.last).take_while(joined).find(|at| tok(*at) == Some(Tok::Newline));
        end.unwrap_or_else(|| next + (next..piece.last).take_while(joined).count())
    };
    match sort {
        Sort::Use => {
            let end = touching();
            // What is taken from it in braces is no part of the module's name.
            let braces = (next + 1..end).find(|at| scan.text(*at) == "{" && scan.text(*at - 1) == ".");
            (next, braces.map_or(end, |at| at - 1))
        }
        Sort::Moved | Sort::Forget => (next, touching()),
        Sort::Test => {
            let string = tok(next) == Some(Tok::StrOpen) && tok(next + 1) == Some(Tok::StrText);
            one(next + 1, string)
        }
        Sort::Region => one(next, word(next) || tok(next) == Some(Tok::Place)),
        Sort::Field | Sort::Attribute => one(first, tok(first) == Some(Tok::Word)),
        Sort::For | Sort::Check | Sort::Step | Sort::Member => (next, next),
        Sort::Unknown => {
            // The word that says what it is was forgotten.
            let named = matches!(scan.text(next), ":" | "=" | "{" | "(");
            one(first, named && word(first))
        }
        _ => one(next, word(next)),
    }
}

fn sort(form: Form) -> Sort {
    match form {
        Form::Use => Sort::Use,
        Form::Project => Sort::Project,
        Form::Type => Sort::Type,
        Form::Env => Sort::Env,
        Form::Topology => Sort::Topology,
        Form::Component => Sort::Component,
        Form::Kind => Sort::Kind,
        Form::Rollout => Sort::Rollout,
        Form::Moved => Sort::Moved,
        Form::Input => Sort::Input,
        Form::Forget => Sort::Forget,
        Form::Test => Sort::Test,
        Form::Param => Sort::Param,
        Form::Let => Sort::Let,
        Form::Resource => Sort::Resource,
        Form::For => Sort::For,
        Form::Check => Sort::Check,
        Form::Objective => Sort::Objective,
        Form::Output | Form::KindOutput => Sort::Output,
        Form::Field => Sort::Field,
        Form::Region => Sort::Region,
        Form::Plan | Form::Known | Form::Expect => Sort::Step,
        Form::Attribute => Sort::Attribute,
        Form::OneOf | Form::Names | Form::After | Form::Creates | Form::Batched => Sort::Member,
        Form::Unknown => Sort::Unknown,
    }
}
