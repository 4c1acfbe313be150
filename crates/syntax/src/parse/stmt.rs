//! Statements.

use pest::iterators::Pair;

use super::{Reader, Rule};
use topo_model::Symbol;

use crate::ast::{
    AddressKey, AddressPattern, AddressStep, Check, Expr, ExprKind, Ident, Pattern, Resource, Stmt, StmtKind,
};
use crate::report;
use crate::scan::{Body, Form, Piece, is_reserved};
use crate::token::Tok;

impl<'s> Reader<'s> {
    /// The statements in a piece's braces.
    pub(super) fn statements(&mut self, piece: &Piece) -> Vec<Stmt> {
        match &piece.body {
            Body::Pieces { pieces, .. } => self.each(pieces, |reader, piece| reader.statement(piece)),
            _ => Vec::new(),
        }
    }

    fn statement(&mut self, piece: &Piece) -> Option<Stmt> {
        let kind = self.guessed(piece, |reader| reader.statement_kind(piece));
        if kind.is_none() {
            self.forgo(piece);
        }
        Some(Stmt { docs: self.scan.docs(piece.first), span: self.piece_span(piece), kind: kind? })
    }

    fn statement_kind(&mut self, piece: &Piece) -> Option<StmtKind> {
        match piece.form {
            Form::Resource => self.resource(piece),
            Form::For => self.for_loop(piece),
            Form::Let => self.let_stmt(piece),
            Form::Param => self.param(piece),
            Form::Check => self.check(piece).map(StmtKind::Check),
            Form::Objective => self.objective(piece),
            Form::Output => self.output(piece),
            _ => {
                self.unknown(piece);
                None
            }
        }
    }

    fn param(&mut self, piece: &Piece) -> Option<StmtKind> {
        let mut parts = self.whole(Rule::param_stmt, piece)?;
        let name = self.ident(&parts.next()?);
        let ty = self.ty_after(&mut parts)?;
        let default = parts.find(|p| p.as_rule() == Rule::default).map(|p| self.default_value(p));
        Some(StmtKind::Param { name, ty, default })
    }

    fn let_stmt(&mut self, piece: &Piece) -> Option<StmtKind> {
        let mut parts = self.whole(Rule::let_stmt, piece)?;
        let name = self.ident(&parts.next()?);
        let mut ty = None;
        for part in parts {
            match part.as_rule() {
                Rule::ty => ty = Some(self.ty(part)),
                Rule::expr => return Some(StmtKind::Let { name, ty, value: self.expr(part) }),
                _ => {}
            }
        }
        None
    }

    /// A `let` where no type can be written: in an `env` and in a `test`.
    pub(super) fn simple_let(&mut self, piece: &Piece) -> Option<(Ident, Expr)> {
        match self.let_stmt(piece)? {
            StmtKind::Let { name, ty: None, value } => Some((name, value)),
            StmtKind::Let { name, ty: Some(ty), .. } => {
                self.errors.push(report::let_type(name, ty.span));
                None
            }
            _ => None,
        }
    }

    fn resource(&mut self, piece: &Piece) -> Option<StmtKind> {
        let existing = self.scan.text(piece.first) == "existing";
        let read = self.with_braces(Rule::resource_stmt, piece)?;
        self.origin = read.origin;
        let (mut name, mut kind, mut at, mut when, mut from) = (None, None, None, None, None);
        for part in read.parts {
            let slot = match part.as_rule() {
                Rule::name => {
                    name = Some(self.ident(&part));
                    continue;
                }
                Rule::path => {
                    kind = Some(self.path(part));
                    continue;
                }
                Rule::at_clause => &mut at,
                Rule::when_clause => &mut when,
                Rule::from_clause => &mut from,
                _ => continue,
            };
            let word = part.as_str().split(' ').next().unwrap_or("");
            let value = self.clause(part)?;
            if let Some(first) = slot.as_ref() {
                self.errors.push(report::twice(word, value.span, first));
            }
            *slot = Some(value);
        }
        let (name, kind) = (name?, kind?);
        let resource = Resource { existing, name, kind, at, when, from, fields: read.fields, body: read.body };
        Some(StmtKind::Resource(resource))
    }

    fn clause(&mut self, pair: Pair<'s, Rule>) -> Option<Expr> {
        pair.into_inner().find(|p| p.as_rule() == Rule::expr).map(|p| self.expr(p))
    }

    fn for_loop(&mut self, piece: &Piece) -> Option<StmtKind> {
        let head = self.for_head(piece);
        let body = self.statements(piece);
        let (pattern, source, at) = match head {
            Some(head) => head,
            None => self.broken_head(piece)?,
        };
        Some(StmtKind::For { pattern, source, at, body })
    }

    /// What can be told of a loop whose head could not be read: the names that it declares.
    fn broken_head(&self, piece: &Piece) -> Option<(Pattern, Expr, Option<Expr>)> {
        let Body::Pieces { open, .. } = piece.body else { return None };
        let head = piece.first..open;
        let text = |at: usize| self.scan.text(at);
        let end = head.clone().find(|i| matches!(text(*i), ")" | "in")).unwrap_or(open);
        let names = (piece.first..end).filter(|i| self.scan.tokens[*i].tok == Tok::Word && !is_reserved(text(*i)));
        let names: Vec<Ident> = names
            .take_while(|i| text(*i) != "at")
            .map(|i| Ident { name: Symbol::new(text(i)), span: self.scan.tokens[i].span(self.scan.base) })
            .collect();
        let span = self.scan.span(piece.first, open);
        let source = Expr { kind: ExprKind::Error, span };
        // Where it is placed is not known either, but somewhere.
        let at = head.clone().any(|i| text(i) == "at").then(|| Expr { kind: ExprKind::Error, span });
        let pattern = match names.as_slice() {
            [name] if text(piece.first + 1) != "(" => Pattern::Name(*name),
            _ => Pattern::Tuple(names, span),
        };
        Some((pattern, source, at))
    }

    fn for_head(&mut self, piece: &Piece) -> Option<(Pattern, Expr, Option<Expr>)> {
        if piece.broken {
            return None;
        }
        let end = match &piece.body {
            Body::Pieces { open, .. } => *open,
            _ => piece.last,
        };
        let pair = self.grammar(Rule::for_head, piece, piece.first..end)?;
        let (mut pattern, mut source, mut at) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pattern => pattern = Some(self.pattern(part)),
                Rule::expr => source = Some(self.expr(part)),
                Rule::at_clause => at = self.clause(part),
                _ => {}
            }
        }
        if !matches!(piece.body, Body::Pieces { .. }) {
            self.no_braces(piece);
            return None;
        }
        Some((pattern?, source?, at))
    }

    pub(super) fn check(&mut self, piece: &Piece) -> Option<Check> {
        let mut parts = self.whole(Rule::check_stmt, piece)?;
        let cond = self.expr(parts.next()?);
        let mut code = None;
        for part in parts {
            match part.as_rule() {
                Rule::code => code = Some(self.ident(&part)),
                Rule::expr => return Some(Check { cond, code, message: self.expr(part) }),
                _ => {}
            }
        }
        None
    }

    fn objective(&mut self, piece: &Piece) -> Option<StmtKind> {
        let read = self.with_braces(Rule::objective_stmt, piece)?;
        self.origin = read.origin;
        let (mut name, mut when) = (None, None);
        for part in read.parts {
            match part.as_rule() {
                Rule::name => name = Some(self.ident(&part)),
                Rule::when_clause => when = self.clause(part),
                _ => {}
            }
        }
        Some(StmtKind::Objective { name: name?, when, fields: read.fields })
    }

    fn output(&mut self, piece: &Piece) -> Option<StmtKind> {
        let mut parts = self.whole(Rule::output_stmt, piece)?;
        let name = self.ident(&parts.next()?);
        let ty = self.ty_after(&mut parts)?;
        let value = self.expr(parts.find(|p| p.as_rule() == Rule::expr)?);
        Some(StmtKind::Output { name, ty, value })
    }

    pub(super) fn address(&mut self, pair: Pair<'_, Rule>) -> AddressPattern {
        let span = self.span(&pair);
        let steps = pair.into_inner().filter_map(|step| self.address_step(step)).collect();
        AddressPattern { steps, span }
    }

    fn address_step(&mut self, pair: Pair<'_, Rule>) -> Option<AddressStep> {
        let mut parts = pair.into_inner();
        let name = self.ident(&parts.next()?);
        let key = parts.next().and_then(|key| key.into_inner().next()).map(|key| match key.as_rule() {
            Rule::any_key => AddressKey::Any,
            _ => AddressKey::Key(self.expr(key)),
        });
        Some(AddressStep { name, key })
    }
}
