//! Pieces with fields in braces, the lines of a kind, and what is no piece at all.

use std::ops::Range;

use pest::iterators::Pair;
use topo_model::{Span, Symbol};

use super::{Reader, Rule};
use crate::ast::{Expr, ExprKind, Field, Ident, KindAttribute, KindMember};
use crate::report;
use crate::scan::{Body, Form, Piece};
use crate::token::Tok;

/// A piece with fields.
pub(super) struct WithFields<'s> {
    /// What is before the braces.
    pub(super) parts: Vec<Pair<'s, Rule>>,
    /// What is in them.
    pub(super) fields: Vec<Field>,
    /// The braces; empty at the end where there are none.
    pub(super) body: Span,
    /// Where the text of `parts` starts in the common space.
    pub(super) origin: u32,
}

impl<'s> Reader<'s> {
    /// Parses a piece that ends in braces with fields. Where the whole can't be read, its head
    /// and its fields are read one by one.
    pub(super) fn with_braces(&mut self, rule: Rule, piece: &Piece) -> Option<WithFields<'s>> {
        let Body::Fields { open, close } = piece.body else {
            let pair = self.whole_pair(rule, piece)?;
            return Some(self.split_fields(pair, piece));
        };
        if piece.broken {
            // Reported already; what is wrong in one field leaves the others.
            let inside = !piece.spoiled.is_empty() && piece.spoiled.iter().all(|at| open < *at && *at < close);
            return if inside { self.piecemeal(rule, piece, open, close) } else { None };
        }
        let scan = self.scan;
        let range = scan.range(piece.first, piece.last);
        let failure = match self.attempt(rule, range) {
            Ok(pair) => return Some(self.split_fields(pair, piece)),
            Err(failure) => failure,
        };
        let errors = self.errors.len();
        let read = self.piecemeal(rule, piece, open, close);
        let inside = failure.at > scan.range(open, open + 1).start && failure.at <= scan.range(close, close + 1).start;
        if !inside || self.errors.len() == errors {
            self.errors.push(report::syntax(scan, piece.form, piece.first..piece.last, &failure));
            return None;
        }
        read
    }

    fn split_fields(&mut self, pair: Pair<'s, Rule>, piece: &Piece) -> WithFields<'s> {
        let end = self.piece_span(piece).end();
        let origin = self.origin;
        let mut read = WithFields { parts: Vec::new(), fields: Vec::new(), body: end, origin };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::fields => {
                    read.body = self.span(&part);
                    read.fields = part.into_inner().filter_map(|f| self.field(f)).collect();
                }
                Rule::word | Rule::EOI => {}
                _ => read.parts.push(part),
            }
        }
        read
    }

    /// Head and fields apart, with an error for each that can't be read.
    fn piecemeal(&mut self, rule: Rule, piece: &Piece, open: usize, close: usize) -> Option<WithFields<'s>> {
        let scan = self.scan;
        let mut fields = Vec::new();
        let mut lost = false;
        for line in self.entries(open + 1, close) {
            let spoiled = piece.spoiled.iter().any(|at| line.contains(at));
            let field = if spoiled { self.spoiled_field(line) } else { self.field_line(piece, line) };
            match field {
                Some(field) => fields.push(field),
                None => lost = true,
            }
        }
        if lost {
            return None;
        }
        let head = self.attempt(rule, scan.range(piece.first, open)).ok()?;
        let origin = self.origin;
        let parts = head.into_inner().filter(|p| !matches!(p.as_rule(), Rule::word | Rule::EOI)).collect();
        Some(WithFields { parts, fields, body: scan.span(open, close + 1), origin })
    }

    /// The entries between two tokens, at the level of those tokens: runs of tokens.
    fn entries(&self, from: usize, to: usize) -> Vec<Range<usize>> {
        let mut entries = Vec::new();
        let mut start = from;
        let mut open: Vec<u32> = Vec::new();
        for at in from..to {
            let text = self.scan.text(at);
            let token = self.scan.tokens[at];
            match token.tok {
                Tok::Open | Tok::InterpOpen => open.push(token.lo),
                Tok::Close | Tok::InterpClose => {
                    open.pop();
                }
                Tok::StrBroken => open.retain(|lo| *lo < token.lo),
                Tok::Newline if open.is_empty() && !self.goes_on(start, at) => {
                    entries.push(start..at);
                    start = at + 1;
                }
                Tok::Op if open.is_empty() && text == "," => {
                    entries.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
        }
        entries.push(start..to);
        entries.retain(|e| self.scan.tokens[e.clone()].iter().any(|t| !t.tok.is_comment() && t.tok != Tok::Newline));
        for entry in &mut entries {
            while matches!(self.scan.tokens[entry.start].tok, Tok::Newline | Tok::Comment | Tok::Doc | Tok::FileDoc) {
                entry.start += 1;
            }
        }
        entries
    }

    /// Whether the newline at a token does not end the entry: the scanner made it a space, or a
    /// `=` stands before it and no field after it.
    fn goes_on(&self, start: usize, at: usize) -> bool {
        let lo = self.scan.tokens[at].lo as usize;
        if self.scan.clean.as_bytes().get(lo) == Some(&b' ') {
            return true;
        }
        let before = (start..at).rev().find(|i| !self.scan.tokens[*i].tok.is_comment());
        before.is_some_and(|i| self.scan.text(i) == "=")
            && !matches!(self.scan.text(at + 2), "=" | ":")
            && self.scan.tokens.get(at + 1).is_some_and(|t| !matches!(t.tok, Tok::Close | Tok::Newline))
    }

    /// A field that stands alone. Where only its value can't be read it has the value
    /// [`ExprKind::Error`].
    pub(super) fn field_line(&mut self, piece: &Piece, tokens: Range<usize>) -> Option<Field> {
        if piece.broken && piece.form == Form::Field {
            return self.spoiled_field(tokens);
        }
        let form = Piece {
            form: Form::Field,
            first: tokens.start,
            last: tokens.end,
            broken: false,
            spoiled: Vec::new(),
            body: Body::None,
        };
        match self.grammar(Rule::field_line, &form, tokens.clone()) {
            Some(pair) => self.field(pair.into_inner().next()?),
            None => self.spoiled_field(tokens),
        }
    }

    /// A field whose value was reported as unreadable; nothing where it has no name either.
    fn spoiled_field(&self, tokens: Range<usize>) -> Option<Field> {
        let first = self.scan.tokens.get(tokens.start).copied();
        let token = first.filter(|t| t.tok == Tok::Word && self.scan.text(tokens.start + 1) == "=")?;
        let name = Ident { name: Symbol::new(token.text(self.scan.source)), span: token.span(self.scan.base) };
        let value = Expr { kind: ExprKind::Error, span: self.scan.span(tokens.start + 2, tokens.end) };
        Some(Field { name, value })
    }

    pub(super) fn field(&mut self, pair: Pair<'s, Rule>) -> Option<Field> {
        let mut parts = pair.into_inner();
        let name = self.ident(&parts.next()?);
        let value = self.expr(parts.nth(1)?);
        Some(Field { name, value })
    }

    pub(super) fn ident_of(&mut self, pair: Pair<'_, Rule>, origin: u32) -> Ident {
        self.origin = origin;
        self.ident(&pair)
    }

    pub(super) fn kind_member(&mut self, piece: &Piece) -> Option<KindMember> {
        match piece.form {
            Form::Attribute => {
                let line = self.whole(Rule::attribute_line, piece)?.next()?;
                self.attribute(line).map(KindMember::Attribute)
            }
            Form::OneOf => {
                let span = self.piece_span(piece);
                let lines = self.whole(Rule::one_of_line, piece)?.filter(|p| p.as_rule() == Rule::attribute);
                let attributes = lines.filter_map(|p| self.attribute(p)).collect();
                Some(KindMember::OneOf(attributes, span))
            }
            Form::KindOutput => {
                let mut parts = self.whole(Rule::output_line, piece)?;
                let name = self.ident(&parts.next()?);
                let ty = self.ty_after(&mut parts)?;
                Some(KindMember::Output { docs: self.scan.docs(piece.first), name, ty })
            }
            Form::Check => self.check(piece).map(KindMember::Check),
            Form::Names => {
                let names = self.whole(Rule::names_line, piece)?.next()?;
                let names = names.into_inner().map(|p| self.ident(&p)).collect();
                let unique = self.scan.text(piece.first) == "unique";
                Some(if unique { KindMember::Unique(names) } else { KindMember::Identity(names) })
            }
            Form::After => {
                let value = self.whole(Rule::after_line, piece)?.find(|p| p.as_rule() == Rule::expr)?;
                let value = self.expr(value);
                let settles = self.scan.text(piece.first) == "settles";
                Some(if settles { KindMember::Settles(value) } else { KindMember::Visible(value) })
            }
            Form::Creates => {
                let mut parts = self.whole(Rule::creates_line, piece)?.filter(|p| p.as_rule() != Rule::kw_by);
                let class = self.ident(&parts.next()?);
                let names = parts.find(|p| p.as_rule() == Rule::names);
                let attributes = names.map(|p| p.into_inner().map(|p| self.ident(&p)).collect()).unwrap_or_default();
                Some(KindMember::Creates { class, attributes })
            }
            Form::Batched => {
                let name = self.whole(Rule::batched_line, piece)?.find(|p| p.as_rule() == Rule::name)?;
                Some(KindMember::Batched(self.ident(&name)))
            }
            _ => {
                self.unknown(piece);
                None
            }
        }
    }

    fn attribute(&mut self, pair: Pair<'s, Rule>) -> Option<KindAttribute> {
        let start = (self.origin - self.scan.base) as usize + pair.as_span().start();
        let docs = self.scan.docs(self.scan.token_at(start));
        let mut parts = pair.into_inner();
        let name = self.ident(&parts.next()?);
        let ty = self.ty_after(&mut parts)?;
        let (modifiers, default) = self.modifiers(parts);
        Some(KindAttribute { docs, name, ty, modifiers, default })
    }

    /// A piece that is none of those which can stand where it stands.
    pub(super) fn unknown(&mut self, piece: &Piece) {
        if !piece.broken {
            self.errors.push(report::unknown(self.scan, piece));
        }
    }

    /// A piece whose braces are missing altogether.
    pub(super) fn no_braces(&mut self, piece: &Piece) {
        self.errors.push(report::no_braces(self.scan, piece));
    }
}
