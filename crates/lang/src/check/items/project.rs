//! The project's settings and inputs.

use topo_model::{Diagnostic, Project, RecordType, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, ItemKind};

use super::super::braces::{Allowed, Owner};
use super::super::statements::{field, union};
use super::super::{Sees, Typer};
use super::Placed;
use crate::checker::{Checker, Input};
use crate::modules::{FileId, PROJECT};
use crate::suggest;

impl Checker<'_> {
    pub(super) fn project(&mut self, placed: &[Placed<'_>]) -> Option<Project> {
        let found: Vec<(FileId, ast::Ident, &[ast::Field], Span)> = placed
            .iter()
            .filter_map(|(file, item)| match &item.kind {
                ItemKind::Project { name, fields } => Some((*file, *name, fields.as_slice(), item.span)),
                _ => None,
            })
            .collect();
        self.only_one("project", &found.iter().map(|(_, name, _, _)| *name).collect::<Vec<_>>());
        let Some((file, name, fields, span)) = found.first().copied() else {
            self.missing_item("project", "project my_project\n\n", true);
            return None;
        };
        let settings = self.settings(file, name, "project", fields, span, &project_type());
        let value = |at: usize| settings[at].clone();
        let pairs = |value: Value| match value {
            Value::Map(map) => map.iter().map(|(k, v)| (text_of(k), text_of(v))).collect(),
            _ => Vec::<(String, String)>::new(),
        };
        if let Some(Value::Map(zones)) = value(4) {
            for (region, zones) in zones.iter() {
                let zones = zones.items().unwrap_or_default();
                if let Value::Region(region) = region {
                    self.regions.set(*region, zones.iter().map(|z| Symbol::new(&text_of(z))).collect());
                }
            }
        }
        Some(Project {
            name: name.name,
            cloud: Symbol::new(&text_of(&value(0).unwrap_or_default())),
            state: text_of(&value(1).unwrap_or_default()),
            accounts: pairs(value(2).unwrap_or_default()).into_iter().map(|(k, v)| (Symbol::new(&k), v)).collect(),
            tags: pairs(value(3).unwrap_or_default()),
            span: name.span,
        })
    }

    /// The constant settings of an item, by position in their type; `None` where one was
    /// reported.
    pub(super) fn settings(
        &mut self,
        file: FileId,
        name: ast::Ident,
        what: &str,
        fields: &[ast::Field],
        span: Span,
        ty: &RecordType,
    ) -> Vec<Option<Value>> {
        let allowed: Vec<Allowed<'_>> =
            ty.fields.iter().map(|f| Allowed { name: f.name, ty: &f.ty, required: f.default.is_none() }).collect();
        let owner = Owner {
            text: format!("{what} `{}`", name.name),
            member: "setting",
            span: name.span,
            body: self.braces(name.span.hi, span),
            allowed: &allowed,
            reserved: &[],
        };
        // Regions in the project's `zones` are declared there.
        let declares = what == "project";
        let mut typer = Typer::new(self, file, Sees::Constants);
        typer.declares_regions = declares;
        let given = typer.check_fields(fields.iter().map(|f| (f.name, &f.value)), &owner);
        let mut values: Vec<Option<Value>> = ty.fields.iter().map(|f| f.default.clone()).collect();
        for (at, value) in given {
            values[at] = self.evaluate_constant(file, &value);
        }
        values
    }

    /// The braces of an item, from a position on.
    pub(crate) fn braces(&self, from: u32, item: Span) -> Span {
        let rest = Span::new(from, item.hi);
        match self.text(rest).find('{') {
            Some(at) => Span::new(from + at as u32, item.hi),
            None => rest.end(),
        }
    }

    pub(super) fn only_one(&mut self, what: &str, names: &[ast::Ident]) {
        for second in names.iter().skip(1) {
            let message = format!("a project has one `{what}`, and `{}` is a second one", second.name);
            let found = Diagnostic::error(104, second.span, message, "a second one");
            self.report(found.label(names[0].span, "the first one"));
        }
    }

    /// T0103 for an item that every project has.
    pub(super) fn missing_item(&mut self, what: &str, stub: &str, at_start: bool) {
        let files = &self.modules.module(PROJECT).files;
        let Some(file) = files.first().map(|f| self.modules.file(*f)) else {
            // A directory that can't be read is reported as that.
            if self.modules.diagnostics.is_empty() {
                let name = self.modules.world().name();
                let message = format!("there is no `.topo` file in `{name}`, so there is no `{what}`");
                self.report(Diagnostic::error(103, Span::NONE, message, "nothing to read"));
            }
            return;
        };
        if !self.modules.unread.is_empty() {
            return;
        }
        let docs = self.text(file.span).lines().take_while(|l| l.starts_with("//!")).map(|l| l.len() as u32 + 1).sum();
        let (start, end): (u32, _) = (docs, file.span.end());
        let text_length = file.span.hi - file.span.lo;
        let start = file.span.lo + start.min(text_length);
        let (place, stub) =
            if at_start { (Span::new(start, start), stub.to_owned()) } else { (end, format!("\n{stub}")) };
        let message = format!("this project has no `{what}`");
        let found = Diagnostic::error(103, place, message, format!("a `{what}` is needed"));
        self.report(found.fix(format!("add `{}`", stub.trim()), place, stub));
    }

    pub(super) fn inputs(&mut self, placed: &[Placed<'_>], sets: &[(String, String)]) {
        let mut seen: Vec<ast::Ident> = Vec::new();
        for (file, item) in placed {
            let ItemKind::Input { name, ty, default } = &item.kind else { continue };
            if let Some(before) = seen.iter().find(|s| s.name == name.name) {
                self.report(suggest::duplicate(*name, before.span));
                continue;
            }
            seen.push(*name);
            let ty = self.type_of(*file, ty);
            let default = match default {
                Some(default) => self.constant(*file, default, &ty),
                None if matches!(ty, Type::Optional(_)) => Some(Value::None),
                None => None,
            };
            let given = sets.iter().rev().find(|(n, _)| name.name == n.as_str()).map(|(_, text)| text);
            let value = match given {
                Some(text) => self.input_value(*file, *name, &ty, text),
                None => default,
            };
            if value.is_none() && given.is_none() && !self.modules.is_broken(item.span) {
                let message = format!("the input `{}` has no value: it has no default, and none was given", name.name);
                let found = Diagnostic::error(103, name.span, message, format!("needs a value of type {ty}"));
                self.report(found.help(format!("run with `--set {}=…`, or set TOPO_SET_{}", name.name, name.name)));
            }
            self.inputs.push(Input { name: *name, ty, default: value });
        }
        let known: Vec<Symbol> = seen.iter().map(|n| n.name).collect();
        for (name, _) in sets {
            if !known.iter().any(|n| n.as_str() == name) && self.modules.unread.is_empty() {
                let message = format!("`--set {name}`: the project has no input `{name}`");
                let found = Diagnostic::error(101, Span::NONE, message, "not known");
                let near = suggest::nearest(name, known.iter().map(|n| n.as_str()));
                self.report(match near {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None if known.is_empty() => found.help(format!("it has none; write `input {name}: String`")),
                    None => found.help(format!("its inputs are {}", suggest::listed(&known))),
                });
            }
        }
    }

    /// The value of an input from its text: a literal, or for a String the bare text.
    pub(super) fn input_value(&mut self, file: FileId, name: ast::Ident, ty: &Type, text: &str) -> Option<Value> {
        match ty.narrowed() {
            Type::Secret(_) => {
                let version = topo_model::Func::Sha256.call(vec![Value::str(text)]).ok();
                let version = version.and_then(|v| v.as_str().map(Into::into));
                let source = format!("input:{}", name.name).into();
                return Some(Value::Secret(topo_model::SecretRef { source, version }.into()));
            }
            Type::String if !text.starts_with('"') => return Some(Value::str(text)),
            Type::Union(names) if names.iter().any(|n| n.as_str() == text) => return Some(Value::str(text)),
            _ => {}
        }
        let bad = |detail: &str| {
            let message = format!("the input `{}` is given as `{text}`, and {detail}", name.name);
            Diagnostic::error(201, name.span, message, format!("expected {ty}"))
        };
        let Ok(expr) = topo_syntax::parse_expr(text, 1) else {
            self.report(bad(&format!("that is no {ty}")));
            return None;
        };
        let before = self.modules.diagnostics.len();
        let value = self.constant(file, &expr, ty);
        // The findings point into the text given, which is no file.
        let found = self.modules.diagnostics.split_off(before);
        if let Some(first) = found.into_iter().next() {
            let mut found = bad(&first.message);
            if matches!(first.code.0, 202 | 205) {
                found.code = first.code;
            }
            self.report(found);
        }
        value
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn project_type() -> RecordType {
    let strings = || Type::map(Type::String, Type::String);
    let empty = || Some(Value::map([]));
    let fields = vec![
        field("cloud", union(&["sandbox", "aws"]), Some(Value::str("sandbox"))),
        field("state", Type::String, Some(Value::str("file:.topo"))),
        field("accounts", strings(), empty()),
        field("tags", strings(), empty()),
        field("zones", Type::map(Type::Region, Type::list(Type::String)), empty()),
    ];
    RecordType { fields }
}
