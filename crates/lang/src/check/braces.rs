//! Braces: records and maps; and every other list of `name = value` that has a fixed set
//! of names: attributes, parameters, settings.

use topo_model::{Diagnostic, KindId, RecordType, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, BraceEntry, BraceKey, ExprKind as Ast};

use super::meant::{self, Inside, Meant};
use super::{Typed, Typer, foreign};
use crate::ir::{self, ExprKind};
use crate::suggest;

/// A name that a list of fields may or must give.
pub(crate) struct Allowed<'t> {
    pub(crate) name: Symbol,
    pub(crate) ty: &'t Type,
    pub(crate) required: bool,
}

/// What a list of fields belongs to, for messages.
pub(crate) struct Owner<'t> {
    /// "`aws.ec2.Vpc`", "this record".
    pub(crate) text: String,
    /// "attribute", "field", "parameter".
    pub(crate) member: &'static str,
    /// Where to point when something is missing.
    pub(crate) span: Span,
    /// The braces, where a stub can go in; empty where there are none yet.
    pub(crate) body: Span,
    pub(crate) allowed: &'t [Allowed<'t>],
    /// Names beyond those allowed that are legal and handled elsewhere.
    pub(crate) reserved: &'t [&'t str],
    /// The kind whose checks a stub has to pass.
    pub(crate) kind: Option<KindId>,
    /// The region it is placed in by itself.
    pub(crate) at: Option<Span>,
    /// Groups of names, by position in `allowed`, of each of which one is needed.
    pub(crate) choices: &'t [Vec<usize>],
    /// The full name of the kind or component whose declaration says what is allowed.
    pub(crate) declared: Option<Symbol>,
}

impl Typer<'_, '_> {
    /// Types fields against the names allowed; gives each with its position in `allowed`.
    /// Unknown, repeated and missing names are reported.
    pub(crate) fn check_fields<'f>(
        &mut self,
        fields: impl Iterator<Item = (ast::Ident, &'f ast::Expr)>,
        owner: &Owner<'_>,
    ) -> Vec<(usize, ir::Expr)> {
        let mut given: Vec<(usize, ir::Expr)> = Vec::new();
        let mut places: Vec<ast::Ident> = Vec::new();
        let mut unknown: Vec<ast::Ident> = Vec::new();
        for (name, value) in fields {
            if let Some(before) = places.iter().find(|p| p.name == name.name) {
                let message = format!("{} `{}` is set twice", owner.member, name.name);
                let found = Diagnostic::error(104, name.span, message, "set again here");
                let found = found.label(before.span, "set first here");
                let found = self.remove_one(found, name.span, value.span);
                self.report(found);
                continue;
            }
            places.push(name);
            match owner.allowed.iter().position(|a| a.name == name.name) {
                Some(at) => {
                    let value = self.check(value, owner.allowed[at].ty);
                    given.push((at, value));
                }
                None if owner.reserved.contains(&name.name.as_str()) => {}
                None => {
                    self.infer(value);
                    if owner.declared.is_none_or(|of| !self.cx.modules.may_declare(of, name.name)) {
                        unknown.push(name);
                    }
                }
            }
        }
        let missing: Vec<usize> = (0..owner.allowed.len())
            .filter(|at| owner.allowed[*at].required && given.iter().all(|(g, _)| g != at))
            .collect();
        self.report_fields(owner, &unknown, &given, missing);
        given
    }

    /// A misspelt required name is reported as unknown alone, not as missing too.
    fn report_fields(
        &mut self,
        owner: &Owner<'_>,
        unknown: &[ast::Ident],
        given: &[(usize, ir::Expr)],
        mut missing: Vec<usize>,
    ) {
        let is_given = |at: &usize| given.iter().any(|(given, _)| given == at);
        let mut undecided: Vec<&[usize]> =
            owner.choices.iter().map(Vec::as_slice).filter(|of| !of.iter().any(is_given)).collect();
        let unknown = self.report_foreign(owner, unknown);
        let mut needed = missing.clone();
        needed.extend(undecided.iter().copied().flatten());
        let open: Vec<usize> = (0..owner.allowed.len()).filter(|at| !is_given(at)).collect();
        let mut stood_for: Vec<usize> = Vec::new();
        let compared = self.cx.modules.comparisons.spend(unknown.len() * owner.allowed.len());
        let all = match compared {
            true => meant::meant(owner, &unknown, &needed, &open),
            false => vec![Meant::Nothing; unknown.len()],
        };
        let (strange, alike): (Vec<_>, Vec<_>) =
            unknown.into_iter().zip(all).partition(|(_, meant)| *meant == Meant::Nothing);
        let strange: Vec<ast::Ident> = strange.into_iter().map(|(name, _)| name).collect();
        for (name, meant) in &alike {
            self.report_unknown(owner, *name, meant, given);
            stood_for.extend(meant.positions());
        }
        match meant::inside(owner, &strange, &open).filter(|_| compared) {
            Some(inside) => {
                stood_for.push(inside.at);
                self.report_inside(owner, &strange, &inside);
            }
            None => strange.iter().for_each(|name| self.report_unknown(owner, *name, &Meant::Nothing, given)),
        }
        missing.retain(|at| !stood_for.contains(at));
        undecided.retain(|of| !of.iter().any(|at| stood_for.contains(at)));
        let lacks = !missing.is_empty() || !undecided.is_empty();
        if lacks && !self.cx.modules.is_broken(owner.span.to(owner.body)) {
            let found = self.missing_fields(owner, given, &missing, &undecided);
            self.report(found);
        }
    }

    /// T0102 for settings that other tools have; gives the unknown names that are none.
    fn report_foreign(&mut self, owner: &Owner<'_>, unknown: &[ast::Ident]) -> Vec<ast::Ident> {
        let lifecycle = owner.allowed.iter().any(|a| a.name == "protect");
        if !lifecycle && !owner.reserved.contains(&"after") {
            return unknown.to_vec();
        }
        let mut left = Vec::with_capacity(unknown.len());
        for name in unknown {
            let Some((ours, how)) = foreign::setting(name.name.as_str(), lifecycle) else {
                left.push(*name);
                continue;
            };
            let is_known = |ours: &&str| owner.reserved.contains(ours) || owner.allowed.iter().any(|a| a.name == *ours);
            let found = no_such(owner, *name);
            self.report(match ours.filter(is_known) {
                Some(ours) => found.fix(how, name.span, ours),
                None => found.help(how),
            });
        }
        left
    }

    /// T0102 for a name that is not known, with what was meant.
    fn report_unknown(&mut self, owner: &Owner<'_>, name: ast::Ident, meant: &Meant, given: &[(usize, ir::Expr)]) {
        let mut known: Vec<Symbol> = owner.allowed.iter().map(|a| a.name).collect();
        known.extend(owner.reserved.iter().map(|name| Symbol::new(name)));
        let found = no_such(owner, name);
        let has = suggest::listed(&known);
        self.report(match meant {
            Meant::One(at) => {
                let meant = owner.allowed[*at].name;
                found.fix(format!("did you mean `{meant}`? It has {has}"), name.span, meant.to_string())
            }
            Meant::Any(several) => {
                let names: Vec<String> = several.iter().map(|at| format!("`{}`", owner.allowed[*at].name)).collect();
                found.help(format!("did you mean {}? It has {has}", names.join(" or ")))
            }
            Meant::Nothing => {
                let mut set = given.iter().map(|(at, _)| owner.allowed[*at].name);
                match set.find(|set| meant::is_set_as(name.name.as_str(), set.as_str())) {
                    Some(near) => found.help(format!("did you mean `{near}`? It is set already")),
                    None => suggest::with_names(found, name, &known, "it has"),
                }
            }
        });
    }

    /// T0102 for names that are fields of a record, written beside it.
    fn report_inside(&mut self, owner: &Owner<'_>, unknown: &[ast::Ident], inside: &Inside) {
        let names: Vec<Symbol> = unknown.iter().map(|name| name.name).collect();
        let plural = if names.len() == 1 { "" } else { "s" };
        let message = format!("{} has no {}{plural} {}", owner.text, owner.member, suggest::listed(&names));
        let Some((first, others)) = unknown.split_first() else { return };
        let mut found = Diagnostic::error(102, first.span, message, "not known");
        for other in others {
            found = found.label(other.span, "not known");
        }
        let fields: Vec<String> = inside.fields.iter().map(|field| format!("{field} = …")).collect();
        let they = if names.len() == 1 { "it belongs" } else { "they belong" };
        let record = owner.allowed[inside.at].name;
        self.report(found.help(format!("{they} in `{record} = {{ {} }}`", fields.join(", "))));
    }

    /// The fix of an entry that stands twice. The `region`s of an environment are no entry of their own.
    fn remove_one(&self, found: Diagnostic, name: Span, value: Span) -> Diagnostic {
        if value.lo < name.hi {
            return found.help("remove one of them");
        }
        let entry = self.entry(name.to(value));
        found.fix("remove one of them", entry, "")
    }

    /// An entry of braces with what separates it from the one before.
    pub(crate) fn entry(&self, entry: Span) -> Span {
        let Some(file) = self.cx.modules.sources.file(entry) else { return entry };
        let before = file.text.get(..(entry.lo - file.base) as usize).unwrap_or_default();
        let kept = before.trim_end_matches([' ', '\t', '\n', '\r']);
        // A region of an environment begins with a word, which may be the end of another one.
        let word = kept.strip_suffix("region").filter(|rest| !rest.ends_with(is_part_of_a_word));
        let kept = word.map_or(kept, |rest| rest.trim_end_matches([' ', '\t', '\n', '\r']));
        let kept = kept.strip_suffix(',').unwrap_or(kept);
        Span::new(file.base + kept.len() as u32, entry.hi)
    }

    /// Braces where a record is expected.
    pub(crate) fn check_record(&mut self, entries: &[BraceEntry], record: &RecordType, span: Span) -> ir::Expr {
        let fields = self.named_entries(entries);
        let allowed: Vec<Allowed<'_>> =
            record.fields.iter().map(|f| Allowed { name: f.name, ty: &f.ty, required: f.default.is_none() }).collect();
        let owner = Owner {
            text: "this record".to_owned(),
            member: "field",
            span,
            body: span,
            allowed: &allowed,
            reserved: &[],
            kind: None,
            at: None,
            choices: &[],
            declared: None,
        };
        let mut given = self.check_fields(fields.into_iter(), &owner);
        // In the type's order, so that equal records are equal values.
        let mut values = Vec::with_capacity(record.fields.len());
        for (at, field) in record.fields.iter().enumerate() {
            let value = match given.iter().position(|(g, _)| *g == at) {
                Some(found) => given.swap_remove(found).1,
                None => ir::Expr::constant(field.default.clone().unwrap_or_default(), span),
            };
            values.push((field.name, value));
        }
        ir::Expr { kind: ExprKind::Record(values.into()), span }
    }

    /// The entries that have names; keys are reported.
    fn named_entries<'e>(&mut self, entries: &'e [BraceEntry]) -> Vec<(ast::Ident, &'e ast::Expr)> {
        let mut named = Vec::with_capacity(entries.len());
        for entry in entries {
            match &entry.key {
                BraceKey::Name(name) => named.push((*name, &entry.value)),
                BraceKey::Key(key) => {
                    let message = format!("a record is expected, and `{}` is a map's key", self.text(key.span));
                    let found = Diagnostic::error(201, key.span, message, "not a field's name");
                    let bare = match &key.kind {
                        Ast::Literal(Value::Str(text)) if is_name(text) => Some(text.to_string()),
                        _ => None,
                    };
                    self.report(match bare {
                        Some(bare) => {
                            // What it was meant for is set.
                            named.push((ast::Ident { name: Symbol::new(&bare), span: key.span }, &entry.value));
                            found.fix("write the name without quotes", key.span, bare)
                        }
                        None => found.help("a record's fields have names: `name = value`"),
                    });
                }
            }
        }
        named
    }

    /// Braces where a map is expected.
    pub(crate) fn check_map(&mut self, entries: &[BraceEntry], key: &Type, value: &Type, span: Span) -> ir::Expr {
        let mut typed = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = match &entry.key {
                BraceKey::Key(expr) => self.check(expr, key),
                BraceKey::Name(name) => {
                    // A bare name is the text itself: `{ owner = "platform" }`.
                    let text = Value::Str(name.name.as_str().into());
                    let literal = ast::Expr { kind: Ast::Literal(text), span: name.span };
                    self.check(&literal, key)
                }
            };
            typed.push((key, self.check(&entry.value, value)));
        }
        self.report_twice(&typed);
        ir::Expr { kind: ExprKind::Map(typed.into()), span }
    }

    /// T0104 for literal keys that stand twice; computed ones are compared at expansion.
    fn report_twice(&mut self, entries: &[(ir::Expr, ir::Expr)]) {
        let mut seen: rustc_hash::FxHashMap<&Value, Span> = rustc_hash::FxHashMap::default();
        let mut found = Vec::new();
        for (key, of) in entries {
            let ExprKind::Const(value) = &key.kind else { continue };
            match seen.get(value) {
                Some(before) => {
                    let message = format!("the key {value} stands twice in this map");
                    let twice = Diagnostic::error(104, key.span, message, "again here");
                    found.push(self.remove_one(twice.label(*before, "first here"), key.span, of.span));
                }
                None => {
                    seen.insert(value, key.span);
                }
            }
        }
        for found in found {
            self.report(found);
        }
    }

    /// Braces of which nothing is expected: quoted keys make a map, names a record.
    pub(crate) fn infer_braces(&mut self, entries: &[BraceEntry], span: Span) -> Typed {
        let keyed = entries.iter().any(|e| matches!(e.key, BraceKey::Key(_)));
        if !keyed {
            return self.infer_record(entries, span);
        }
        let (mut key, mut value) = (Type::Unknown, Type::Unknown);
        let mut typed = Vec::with_capacity(entries.len());
        for entry in entries {
            let k = match &entry.key {
                BraceKey::Key(expr) => self.infer(expr),
                BraceKey::Name(name) => {
                    let text = Value::Str(name.name.as_str().into());
                    Typed::new(ExprKind::Const(text), name.span, Type::String)
                }
            };
            let v = self.infer(&entry.value);
            key = self.join_entry(&key, &k, "keys");
            value = self.join_entry(&value, &v, "values");
            typed.push((k.expr, v.expr));
        }
        self.must_be_key(&key, span);
        self.report_twice(&typed);
        Typed::new(ExprKind::Map(typed.into()), span, Type::map(key, value))
    }

    fn join_entry(&mut self, so_far: &Type, next: &Typed, what: &str) -> Type {
        match self.cx.join_types(so_far, &next.ty) {
            Some(ty) => ty,
            None => {
                let message = format!("the {what} of a map have one type: this is {}, before it {so_far}", next.ty);
                let found = Diagnostic::error(201, next.expr.span, message, format!("{}", next.ty));
                self.report(
                    found.help("write values of one type, or a record, `{ name = value }`, whose fields differ"),
                );
                so_far.clone()
            }
        }
    }

    fn infer_record(&mut self, entries: &[BraceEntry], span: Span) -> Typed {
        let mut record = RecordType::default();
        let mut values = Vec::with_capacity(entries.len());
        let mut places: Vec<ast::Ident> = Vec::new();
        for (name, value) in self.named_entries(entries) {
            if let Some(before) = places.iter().find(|p| p.name == name.name) {
                let message = format!("field `{}` is set twice", name.name);
                let found = Diagnostic::error(104, name.span, message, "set again here");
                let found = found.label(before.span, "set first here");
                let found = self.remove_one(found, name.span, value.span);
                self.report(found);
                continue;
            }
            places.push(name);
            let typed = self.infer(value);
            record.fields.push(topo_model::FieldType {
                name: name.name,
                ty: typed.ty,
                default: None,
                immutable: false,
            });
            values.push((name.name, typed.expr));
        }
        Typed::new(ExprKind::Record(values.into()), span, Type::Record(record.into()))
    }
}

/// T0102 for one name.
fn no_such(owner: &Owner<'_>, name: ast::Ident) -> Diagnostic {
    let message = format!("{} has no {} `{}`", owner.text, owner.member, name.name);
    Diagnostic::error(102, name.span, message, "not known")
}

fn is_part_of_a_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
