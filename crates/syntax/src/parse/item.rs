//! Items.

use pest::iterators::Pair;
use topo_model::Span;

use super::{Reader, Rule};
use crate::ast::{EnvEntry, File, Item, ItemKind, KindDecl, TestStep, Use, UseFrom};
use crate::report;
use crate::scan::{Body, Form, Piece};

impl<'s> Reader<'s> {
    /// The whole file.
    pub(super) fn file(&mut self) -> File {
        let scan = self.scan;
        let mut file = File { docs: scan.file_docs(), ..File::default() };
        let read = self.each(&scan.pieces, |reader, piece| match piece.form {
            Form::Use => {
                let read = reader.guessed(piece, |reader| reader.use_item(piece));
                if read.is_none() {
                    reader.forgo_words(piece);
                }
                read.map(Read::Use)
            }
            _ => reader.item(piece).map(Read::Item),
        });
        for read in read {
            match read {
                Read::Use(import) => file.uses.push(import),
                Read::Item(item) => file.items.push(item),
            }
        }
        file.unread = std::mem::take(&mut self.unread);
        file.nameless = std::mem::take(&mut self.nameless);
        file
    }

    fn use_item(&mut self, piece: &Piece) -> Option<Use> {
        if piece.broken {
            return None;
        }
        let span = self.piece_span(piece);
        let pair = self.grammar(Rule::use_item, piece, piece.first..piece.last)?;
        let mut from = None;
        let mut names = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::use_from => {
                    let inner = part.into_inner().next()?;
                    from = Some(match inner.as_rule() {
                        Rule::path => UseFrom::Library(self.path(inner)),
                        _ => {
                            let place = self.span(&inner);
                            UseFrom::Directory(inner.as_str().trim_matches('"').into(), place)
                        }
                    });
                }
                Rule::use_names => names = Some(part.into_inner().map(|p| self.ident(&p)).collect()),
                _ => {}
            }
        }
        Some(Use { from: from?, names, span })
    }

    fn item(&mut self, piece: &Piece) -> Option<Item> {
        let errors = self.errors.len();
        let kind = self.guessed(piece, |reader| reader.item_kind(piece));
        if kind.is_none() {
            debug_assert!(piece.broken || self.errors.len() > errors, "an item is lost without a word");
            self.forgo(piece);
        }
        Some(Item { docs: self.scan.docs(piece.first), span: self.piece_span(piece), kind: kind? })
    }

    fn item_kind(&mut self, piece: &Piece) -> Option<ItemKind> {
        match piece.form {
            Form::Env => self.env(piece),
            Form::Topology | Form::Component => self.with_statements(piece),
            Form::Kind => self.kind(piece),
            Form::Test => self.test(piece),
            Form::Project | Form::Rollout => self.with_fields(piece),
            Form::Type => {
                let mut parts = self.whole(Rule::type_item, piece)?;
                Some(ItemKind::Type { name: self.ident(&parts.next()?), ty: self.ty_after(&mut parts)? })
            }
            Form::Moved => {
                let mut parts = self.whole(Rule::moved_item, piece)?.filter(|p| p.as_rule() == Rule::address);
                Some(ItemKind::Moved { from: self.address(parts.next()?), to: self.address(parts.next()?) })
            }
            Form::Forget => {
                let mut parts = self.whole(Rule::forget_item, piece)?;
                Some(ItemKind::Forget(self.address(parts.next()?)))
            }
            Form::Input => {
                let mut parts = self.whole(Rule::input_item, piece)?;
                let name = self.ident(&parts.next()?);
                let ty = self.ty_after(&mut parts)?;
                let default = parts.find(|p| p.as_rule() == Rule::default).map(|p| self.default_value(p));
                Some(ItemKind::Input { name, ty, default })
            }
            _ => {
                self.unknown(piece);
                None
            }
        }
    }

    /// Parses a whole piece; its parts after the first word.
    pub(super) fn whole(
        &mut self,
        rule: Rule,
        piece: &Piece,
    ) -> Option<impl Iterator<Item = Pair<'s, Rule>> + use<'s>> {
        Some(self.whole_pair(rule, piece)?.into_inner().filter(|p| p.as_rule() != Rule::word))
    }

    pub(super) fn whole_pair(&mut self, rule: Rule, piece: &Piece) -> Option<Pair<'s, Rule>> {
        if piece.broken { None } else { self.grammar(rule, piece, piece.first..piece.last) }
    }

    /// Parses what is before a piece's braces; its parts after the first word.
    fn head(&mut self, rule: Rule, piece: &Piece) -> Option<impl Iterator<Item = Pair<'s, Rule>> + use<'s>> {
        if piece.broken {
            return None;
        }
        let end = match &piece.body {
            Body::Pieces { open, .. } => *open,
            _ => piece.last,
        };
        let pair = self.grammar(rule, piece, piece.first..end)?;
        if !matches!(piece.body, Body::Pieces { .. }) {
            self.no_braces(piece);
        }
        Some(pair.into_inner().filter(|p| p.as_rule() != Rule::word))
    }

    fn with_statements(&mut self, piece: &Piece) -> Option<ItemKind> {
        let topology = piece.form == Form::Topology;
        let rule = if topology { Rule::topology_head } else { Rule::component_head };
        let head = self.head(rule, piece).and_then(|mut parts| {
            let name = self.ident(&parts.next()?);
            let param = parts.find(|p| p.as_rule() == Rule::parameter).and_then(|p| {
                let mut parts = p.into_inner();
                let name = self.ident(&parts.next()?);
                Some((name, self.ty_after(&mut parts)?))
            });
            Some((name, param))
        });
        let body = self.statements(piece);
        let (name, param) = head?;
        Some(if topology { ItemKind::Topology { name, param, body } } else { ItemKind::Component { name, body } })
    }

    fn with_fields(&mut self, piece: &Piece) -> Option<ItemKind> {
        let rule = if piece.form == Form::Project { Rule::project_item } else { Rule::rollout_item };
        let pair = self.with_braces(rule, piece)?;
        let mut parts = pair.parts.into_iter();
        let name = self.ident_of(parts.find(|p| p.as_rule() == Rule::name)?, pair.origin);
        if piece.form == Form::Rollout && matches!(piece.body, Body::None) {
            self.no_braces(piece);
        }
        let fields = pair.fields;
        Some(match piece.form {
            Form::Project => ItemKind::Project { name, fields },
            _ => ItemKind::Rollout { env: name, fields },
        })
    }

    fn env(&mut self, piece: &Piece) -> Option<ItemKind> {
        let head = self.head(Rule::env_head, piece).and_then(|mut parts| {
            let name = self.ident(&parts.next()?);
            Some((name, self.ty_after(&mut parts)?))
        });
        let body = match &piece.body {
            Body::Pieces { pieces, .. } => self.each(pieces, |reader, piece| reader.env_entry(piece)),
            _ => Vec::new(),
        };
        let (name, ty) = head?;
        Some(ItemKind::Env { name, ty, body })
    }

    fn env_entry(&mut self, piece: &Piece) -> Option<EnvEntry> {
        match piece.form {
            Form::Let => {
                let Some((name, value)) = self.simple_let(piece) else {
                    self.forgo(piece);
                    return None;
                };
                Some(EnvEntry::Let { name, value })
            }
            Form::Region => {
                let read = self.guessed(piece, |reader| reader.with_braces(Rule::region_entry, piece))?;
                let code = read.parts.into_iter().find(|p| p.as_rule() == Rule::region_code)?;
                let region = self.ident_of(code, read.origin);
                if matches!(piece.body, Body::None) {
                    self.no_braces(piece);
                }
                Some(EnvEntry::Region { region, fields: read.fields, span: self.piece_span(piece) })
            }
            _ => self.field_line(piece, piece.first..piece.last).map(EnvEntry::Field),
        }
    }

    fn test(&mut self, piece: &Piece) -> Option<ItemKind> {
        let head = self.head(Rule::test_head, piece).and_then(|mut parts| {
            let string = parts.next()?;
            let span = self.span(&string);
            Some((self.plain_text(string.into_inner().next()?), span))
        });
        let steps = match &piece.body {
            Body::Pieces { pieces, .. } => self.each(pieces, |reader, piece| reader.test_step(piece)),
            _ => Vec::new(),
        };
        let (name, name_span) = head?;
        Some(ItemKind::Test { name, name_span, steps })
    }

    fn test_step(&mut self, piece: &Piece) -> Option<TestStep> {
        let span = self.piece_span(piece);
        match piece.form {
            Form::Plan => {
                let env = self.whole(Rule::plan_step, piece)?.find(|p| p.as_rule() == Rule::name);
                Some(TestStep::Plan { env: env.map(|p| self.ident(&p)), span })
            }
            Form::Expect => {
                let mut parts = self.whole(Rule::expect_step, piece)?.filter(|p| p.as_rule() != Rule::kw_error);
                let step = parts.next()?;
                if step.as_rule() != Rule::code {
                    return Some(TestStep::Expect(self.expr(step)));
                }
                let code = self.ident(&step);
                let part = parts.find(|p| p.as_rule() == Rule::string).and_then(|p| p.into_inner().next());
                Some(TestStep::ExpectError { code, part: part.map(|p| self.plain_text(p)), span })
            }
            Form::Known => self.known_step(piece, span),
            Form::Let => {
                let Some((name, value)) = self.simple_let(piece) else {
                    self.forgo(piece);
                    return None;
                };
                Some(TestStep::Let { name, value })
            }
            _ => {
                self.unknown(piece);
                None
            }
        }
    }

    fn known_step(&mut self, piece: &Piece, span: Span) -> Option<TestStep> {
        let mut parts = self.whole(Rule::known_step, piece)?.filter(|p| p.as_rule() != Rule::equals);
        let mut address = self.address(parts.next()?);
        let value = self.expr(parts.next()?);
        let last = address.steps.pop()?;
        if address.steps.is_empty() || last.key.is_some() {
            self.errors.push(report::no_output(address.span));
            return None;
        }
        address.span.hi = last.name.span.lo.saturating_sub(1);
        let output = last.name;
        Some(TestStep::Known { address, output, value, span })
    }

    fn kind(&mut self, piece: &Piece) -> Option<ItemKind> {
        let head = self.head(Rule::kind_head, piece).and_then(|mut parts| {
            let name = self.ident(&parts.next()?);
            Some((name, parts.next()?.as_rule() == Rule::kw_in))
        });
        let members = match &piece.body {
            Body::Pieces { pieces, .. } => self.each(pieces, |reader, piece| reader.kind_member(piece)),
            _ => Vec::new(),
        };
        let (name, regional) = head?;
        Some(ItemKind::Kind(KindDecl { name, regional, members }))
    }
}

/// What a top-level piece turned out to be.
enum Read {
    Use(Use),
    Item(Item),
}
