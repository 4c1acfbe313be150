//! Kinds: from the text of a schema to the [`Kind`] that the engine sees.

use std::sync::Arc;

use topo_model::{
    AttrId, Code, Creation, Diagnostic, Kind, KindAttribute, KindCheck, KindId, KindOutput, Need, Symbol, Type, Unique,
};
use topo_syntax::ast::{self, KindMember};

use crate::check::Typer;
use crate::checker::{AttributeInfo, Checker, KindInfo};
use crate::modules::{DeclId, FileId};
use crate::suggest;

/// A kind being read.
struct Draft {
    kind: Kind,
    info: Vec<AttributeInfo>,
    file: FileId,
}

impl Checker<'_> {
    /// The kind of a declaration, read now where it was not yet.
    pub(crate) fn kind(&mut self, decl: DeclId) -> Arc<KindInfo> {
        let at = self.modules.decl(decl);
        if let Some(id) = self.catalogue.find(at.full) {
            return self.kinds[id.0 as usize].clone();
        }
        let ast = self.modules.file(at.file).ast.clone();
        let item = &ast.items[at.item as usize];
        let regional = matches!(&item.kind, ast::ItemKind::Kind(kind) if kind.regional);
        let mut draft = Draft { kind: empty(at.full, item, regional), info: Vec::new(), file: at.file };
        // Taken in before its members are read: they may name the kind itself.
        let id = self.catalogue.add(draft.kind.clone());
        let info =
            KindInfo { id, name: at.full, decl, attributes: Vec::new(), outputs: Vec::new(), identity: Vec::new() };
        self.kinds.push(Arc::new(info));
        if let ast::ItemKind::Kind(kind) = &item.kind {
            self.read_members(&mut draft, kind);
        }
        let info = KindInfo {
            id,
            name: at.full,
            decl,
            attributes: draft.info,
            outputs: draft.kind.outputs.iter().map(|o| (o.name, o.ty.clone())).collect(),
            identity: draft.kind.identity.iter().map(|a| a.0 as usize).collect(),
        };
        self.catalogue.add(draft.kind);
        let info = Arc::new(info);
        self.kinds[id.0 as usize] = info.clone();
        self.unchecked_kinds.push(id);
        info
    }

    fn read_members(&mut self, draft: &mut Draft, kind: &ast::KindDecl) {
        let mut groups = 0;
        for member in &kind.members {
            match member {
                KindMember::Attribute(attribute) => self.read_attribute(draft, attribute, None),
                KindMember::OneOf(attributes, _) => {
                    for attribute in attributes {
                        self.read_attribute(draft, attribute, Some(groups));
                    }
                    groups += 1;
                }
                KindMember::Output { docs, name, ty, modifiers } => {
                    if let Some(modifier) = modifiers.iter().find(|m| m.name != "changes") {
                        let message = format!("`{}` is not a modifier of an output", modifier.name);
                        let found = Diagnostic::error(102, modifier.span, message, "not known");
                        self.report(found.help("an output that an update may change is marked `changes`"));
                    }
                    let ty = self.type_of(draft.file, ty);
                    let taken = draft.kind.output(name.name).is_some() || draft.kind.attribute(name.name).is_some();
                    if taken {
                        self.report(suggest::duplicate(*name, draft.kind.span));
                        continue;
                    }
                    let changes = !modifiers.is_empty();
                    draft.kind.outputs.push(KindOutput { name: name.name, docs: text(docs), ty, changes });
                }
                _ => {}
            }
        }
        // What names attributes comes after all attributes.
        for member in &kind.members {
            self.read_setting(draft, member);
        }
    }

    fn read_attribute(&mut self, draft: &mut Draft, attribute: &ast::KindAttribute, alternative: Option<u16>) {
        if let Some((before, _)) = draft.kind.attribute(attribute.name.name) {
            let before = draft.info[before.0 as usize].span;
            self.report(suggest::duplicate(attribute.name, before));
            return;
        }
        let written = self.schema_type(draft.file, &attribute.ty);
        let optional = matches!(written, Type::Optional(_)) || alternative.is_some();
        let ty = written.narrowed().clone();
        let mut lowers = false;
        ty.for_each_reference(&mut |_, _, _| lowers = true);
        let given = program_type(&ty);
        let need = match &attribute.default {
            Some(default) => self.constant(draft.file, default, &given).map_or(Need::LeftToCloud, Need::Default),
            None if optional => Need::LeftToCloud,
            None => Need::Required,
        };
        let mut modifiers = [false; 4];
        for modifier in &attribute.modifiers {
            match MODIFIERS.iter().position(|m| modifier.name == **m) {
                Some(at) => modifiers[at] = true,
                None => {
                    let names: Vec<Symbol> = MODIFIERS.iter().map(|m| Symbol::new(m)).collect();
                    let message = format!("`{}` is not a modifier of an attribute", modifier.name);
                    let found = Diagnostic::error(102, modifier.span, message, "not known");
                    self.report(suggest::with_names(found, *modifier, &names, "the modifiers are"));
                }
            }
        }
        let [immutable, secret, write_only, unordered] = modifiers;
        let given = if secret { Type::Secret(Arc::new(given)) } else { given };
        draft.info.push(AttributeInfo {
            name: attribute.name.name,
            ty: if optional { Type::optional(given) } else { given },
            lowers,
            required: need == Need::Required,
            alternative,
            span: attribute.name.span,
        });
        draft.kind.attributes.push(KindAttribute {
            name: attribute.name.name,
            docs: text(&attribute.docs),
            ty,
            need,
            immutable,
            secret,
            write_only,
            unordered,
            alternative,
        });
    }

    fn read_setting(&mut self, draft: &mut Draft, member: &KindMember) {
        match member {
            KindMember::Unique { attributes, any_region, code } => {
                let attributes = self.attribute_ids(draft, attributes);
                let code = code.and_then(|code| self.check_code(code));
                draft.kind.unique.push(Unique { attributes, in_any_region: *any_region, code });
            }
            KindMember::Identity(names) => draft.kind.identity = self.attribute_ids(draft, names),
            KindMember::Settles(time) => draft.kind.settles = self.millis(draft.file, time),
            KindMember::Visible(time) => draft.kind.visible = self.millis(draft.file, time),
            KindMember::Creates { class, attributes } => {
                let of = self.attribute_ids(draft, attributes);
                draft.kind.creation = match class.name.as_str() {
                    "token" => Creation::Token,
                    "caller_reference" => Creation::CallerReference,
                    "name" => Creation::Name(of),
                    "key" => Creation::Key(of),
                    "nothing" => Creation::Nothing,
                    _ => {
                        let message = format!("`{}` is not a way to create an object once", class.name);
                        let found = Diagnostic::error(102, class.span, message, "not known");
                        let help = "write token, caller_reference, name (…), key (…) or nothing";
                        self.report(found.help(help));
                        Creation::Nothing
                    }
                };
            }
            KindMember::Batched(by) => draft.kind.batched_by = self.attribute_ids(draft, &[*by]).first().copied(),
            KindMember::Attribute(_) | KindMember::OneOf(..) | KindMember::Output { .. } | KindMember::Check(_) => {}
        }
    }

    fn attribute_ids(&mut self, draft: &Draft, names: &[ast::Ident]) -> Vec<AttrId> {
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            match draft.kind.attribute(name.name) {
                Some((id, _)) => ids.push(id),
                None => {
                    let known: Vec<Symbol> = draft.info.iter().map(|a| a.name).collect();
                    let message = format!("`{}` has no attribute `{}`", draft.kind.name, name.name);
                    let found = Diagnostic::error(102, name.span, message, "not known");
                    self.report(suggest::with_names(found, *name, &known, "it has"));
                }
            }
        }
        ids
    }

    fn millis(&mut self, file: FileId, expr: &ast::Expr) -> i64 {
        let value = self.constant(file, expr, &Type::Duration(None));
        value.and_then(|v| v.as_millis()).unwrap_or(0)
    }

    /// Lowers a kind's `check`s to terms over its own attributes.
    pub(crate) fn lower_kind_checks(&mut self, id: KindId) {
        let info = self.kinds[id.0 as usize].clone();
        let at = self.modules.decl(info.decl);
        let ast = self.modules.file(at.file).ast.clone();
        let ast::ItemKind::Kind(kind) = &ast.items[at.item as usize].kind else { return };
        let mut checks = Vec::new();
        for member in &kind.members {
            if let KindMember::Check(check) = member {
                checks.extend(self.lower_kind_check(at.file, &info, check));
            }
        }
        if !checks.is_empty() {
            let mut kind = self.catalogue.kind(id).clone();
            kind.checks = checks;
            self.catalogue.add(kind);
        }
    }

    fn lower_kind_check(&mut self, file: FileId, info: &Arc<KindInfo>, check: &ast::Check) -> Option<KindCheck> {
        let before = self.modules.diagnostics.len();
        let mut typer = Typer::for_kind(self, file, info.clone());
        let cond = typer.check(&check.cond, &Type::Bool);
        let message = typer.check(&check.message, &Type::String);
        if self.modules.diagnostics.len() > before {
            return None;
        }
        let code = check.code.and_then(|code| self.check_code(code));
        let cond = self.evaluate_constant(file, &cond)?;
        let message = self.evaluate_constant(file, &message)?;
        Some(KindCheck { cond, message, code, span: check.cond.span })
    }

    /// T0102 where a kind lacks the output that a reference sends. Looks at the text: the
    /// kind may be in the middle of being read.
    pub(crate) fn reference_outputs(&mut self, decl: DeclId, output: ast::Ident) {
        let at = self.modules.decl(decl);
        let ast = self.modules.file(at.file).ast.clone();
        let ast::ItemKind::Kind(kind) = &ast.items[at.item as usize].kind else { return };
        let mut names: Vec<Symbol> = Vec::new();
        for member in &kind.members {
            match member {
                KindMember::Output { name, .. } => names.push(name.name),
                KindMember::Attribute(attribute) => names.push(attribute.name.name),
                _ => {}
            }
        }
        if !names.contains(&output.name) {
            let message = format!("`{}` has no output `{}`", at.full, output.name);
            let found = Diagnostic::error(102, output.span, message, "not known");
            self.report(suggest::with_names(found, output, &names, "it has"));
        }
    }

    /// A diagnostic's code, as a test expects it.
    pub(crate) fn code(&mut self, code: ast::Ident) -> Option<Code> {
        self.code_of(code, &Code::all().collect::<Vec<_>>())
    }

    /// A code, as a check names it: a check finds nothing in the text, so not every code is one.
    pub(crate) fn check_code(&mut self, code: ast::Ident) -> Option<Code> {
        self.code_of(code, &Code::of_checks().collect::<Vec<_>>())
    }

    fn code_of(&mut self, code: ast::Ident, known: &[Code]) -> Option<Code> {
        let parsed = Code::parse(code.name.as_str());
        if let Some(parsed) = parsed.filter(|parsed| known.contains(parsed)) {
            return Some(parsed);
        }
        let message = match parsed.is_some_and(Code::is_known) {
            true => format!("{} is not for checks: it is found in the text of a program, or by an apply", code.name),
            false => format!("`{}` is not the code of a diagnostic", code.name),
        };
        let found = Diagnostic::error(201, code.span, message, "expected a code such as T0202");
        let names: Vec<String> = known.iter().map(Code::to_string).collect();
        self.report(match suggest::nearest(code.name.as_str(), names.iter().map(String::as_str)) {
            Some(near) if parsed.is_none_or(|parsed| !parsed.is_known()) => {
                found.fix(format!("did you mean {near}?"), code.span, near)
            }
            _ => found.help("T0202 is the code of a check; `topo explain` lists the others"),
        });
        None
    }
}

const MODIFIERS: [&str; 4] = ["immutable", "secret", "write_only", "unordered"];

fn empty(name: Symbol, item: &ast::Item, regional: bool) -> Kind {
    Kind {
        name,
        docs: text(&item.docs),
        span: item.span,
        regional,
        attributes: Vec::new(),
        outputs: Vec::new(),
        checks: Vec::new(),
        unique: Vec::new(),
        identity: Vec::new(),
        creation: Creation::Nothing,
        settles: 0,
        visible: 0,
        batched_by: None,
    }
}

fn text(docs: &ast::Docs) -> String {
    docs.as_deref().unwrap_or_default().to_owned()
}

/// What a program gives for a schema's type: the resource where there is a reference.
pub(crate) fn program_type(schema: &Type) -> Type {
    match schema {
        Type::Reference { kind, .. } => Type::Kind(*kind),
        Type::List(of) => Type::list(program_type(of)),
        Type::Optional(of) => Type::optional(program_type(of)),
        Type::Secret(of) => Type::Secret(Arc::new(program_type(of))),
        Type::Map(of) => Type::map(of.0.clone(), program_type(&of.1)),
        Type::Tuple(parts) => Type::Tuple(parts.iter().map(program_type).collect()),
        Type::Record(record) => {
            let mut record = (**record).clone();
            for field in &mut record.fields {
                field.ty = program_type(&field.ty);
            }
            Type::Record(Arc::new(record))
        }
        other => other.clone(),
    }
}
