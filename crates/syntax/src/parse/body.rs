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
            let head = piece.spoiled.is_empty() || piece.spoiled.iter().any(|at| *at < open || close < *at);
            return if head { None } else { self.piecemeal(rule, piece, open, close) };
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
        for line in self.entries(open + 1, close, &piece.spoiled) {
            let first = piece.spoiled.partition_point(|at| *at < line.start);
            let spoiled = piece.spoiled.get(first).is_some_and(|at| *at < line.end);
            let field = if spoiled { self.spoiled_field(line) } else { self.field_line(piece, line) };
            fields.extend(field);
        }
        let head = self.attempt(rule, scan.range(piece.first, open)).ok()?;
        let origin = self.origin;
        let parts = head.into_inner().filter(|p| !matches!(p.as_rule(), Rule::word | Rule::EOI)).collect();
        Some(WithFields { parts, fields, body: scan.span(open, close + 1), origin })
    }

    /// The entries between two tokens, at the level of those tokens: runs of tokens.
    /// A spoiled bracket has no partner, a spoiled `=` misses its `{`, and commas of a line
    /// with a spoiled `}` are those of the braces it was meant to close.
    fn entries(&self, from: usize, to: usize, spoiled: &[usize]) -> Vec<Range<usize>> {
        let mut entries = Vec::new();
        let mut start = from;
        let mut open: Vec<u32> = Vec::new();
        let mut loose: Option<(usize, u32)> = None;
        let mut line_end = from;
        for at in from..to {
            let text = self.scan.text(at);
            let token = self.scan.tokens[at];
            let odd = spoiled.binary_search(&at).is_ok();
            match token.tok {
                Tok::Open | Tok::InterpOpen if odd => loose = loose.or_else(|| Some((at, self.indent(at)))),
                Tok::Open | Tok::InterpOpen => open.push(token.lo),
                Tok::Op if odd && text == "=" => open.push(token.lo),
                Tok::Close | Tok::InterpClose if !odd => {
                    open.pop();
                }
                Tok::StrBroken => open.retain(|lo| *lo < token.lo),
                Tok::Newline if open.is_empty() && self.ends_entry(start, at, loose) => {
                    entries.push(start..at);
                    start = at + 1;
                    loose = None;
                }
                Tok::Op
                    if open.is_empty()
                        && loose.is_none()
                        && text == ","
                        && !self.meant_for_braces(at, spoiled, &mut line_end) =>
                {
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

    /// Whether an entry ends at a newline. Behind a bracket without a partner the next begins where
    /// a field does, behind a brace where one does that is not indented more.
    fn ends_entry(&self, start: usize, newline: usize, loose: Option<(usize, u32)>) -> bool {
        let field = self.scan.text(newline + 2) == "=" && self.scan.tokens[newline + 1].tok == Tok::Word;
        match loose {
            Some((open, indent)) if self.scan.text(open) == "{" => field && self.indent(newline + 1) <= indent,
            Some(_) => field,
            None => field || !self.goes_on(start, newline),
        }
    }

    /// The token that ends the line of another.
    fn line_end(&self, at: usize) -> usize {
        let rest = self.scan.tokens[at..].iter();
        at + rest.take_while(|t| t.tok != Tok::Newline).count()
    }

    /// How far the line of a token is indented.
    fn indent(&self, at: usize) -> u32 {
        let line = (0..at).rev().find(|i| self.scan.tokens[*i].tok == Tok::Newline);
        let (end, first) = line.map_or((0, 0), |i| (self.scan.tokens[i].hi, i + 1));
        self.scan.tokens.get(first).map_or(0, |t| t.lo.saturating_sub(end))
    }

    /// Whether a spoiled `}` follows in the line of a comma. The end of the line is kept for the next.
    fn meant_for_braces(&self, comma: usize, spoiled: &[usize], line_end: &mut usize) -> bool {
        let Some(next) = spoiled.get(spoiled.partition_point(|at| *at <= comma)) else { return false };
        if self.scan.text(*next) != "}" {
            return false;
        }
        if *line_end <= comma {
            *line_end = self.line_end(comma);
        }
        *line_end > *next
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
            guessed: false,
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
                let modifiers = parts.filter(|p| p.as_rule() == Rule::modifier).map(|p| self.ident(&p)).collect();
                Some(KindMember::Output { docs: self.scan.docs(piece.first), name, ty, modifiers })
            }
            Form::Check => self.check(piece).map(KindMember::Check),
            Form::Names if self.scan.text(piece.first) == "unique" => self.unique(piece),
            Form::Names => {
                let names = self.whole(Rule::names_line, piece)?.next()?;
                Some(KindMember::Identity(names.into_inner().map(|p| self.ident(&p)).collect()))
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

    fn unique(&mut self, piece: &Piece) -> Option<KindMember> {
        let (mut attributes, mut any_region, mut code) = (Vec::new(), false, None);
        for part in self.whole(Rule::unique_line, piece)? {
            match part.as_rule() {
                Rule::names => attributes = part.into_inner().map(|p| self.ident(&p)).collect(),
                Rule::any_region => any_region = true,
                Rule::code => code = Some(self.ident(&part)),
                _ => {}
            }
        }
        Some(KindMember::Unique { attributes, any_region, code })
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

    /// Says that the first word of a piece was misspelt, and reads it as what it was meant to be:
    /// more of its head is not reported.
    pub(super) fn guessed<T>(&mut self, piece: &Piece, read: impl FnOnce(&mut Reader<'s>) -> T) -> T {
        if !piece.guessed {
            return read(self);
        }
        self.unknown(piece);
        let from = self.errors.len();
        let read = read(self);
        let body = match &piece.body {
            Body::Pieces { open, .. } => self.scan.span(*open, *open + 1).lo,
            _ => u32::MAX,
        };
        let later = self.errors.split_off(from);
        self.errors.extend(later.into_iter().filter(|e| e.span().lo > body));
        read
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
