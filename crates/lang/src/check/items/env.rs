//! Environments.

use topo_model::{Diagnostic, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, EnvEntry, ItemKind, StmtKind};

use super::super::body::Whose;
use super::super::{Sees, Typer};
use super::{EnvItem, Items, Placed};
use crate::checker::Checker;
use crate::fits::Fit;
use crate::modules::FileId;
use crate::suggest;

impl Checker<'_> {
    pub(super) fn check_env_type(&mut self, span: Span, ty: &Type) {
        match ty {
            Type::Record(record) => {
                let name = Symbol::new("name");
                if record.field(name).is_some() {
                    let message =
                        "an environment's type can't have a field `name`: `env.name` is the environment's own name";
                    let found = Diagnostic::error(104, span, message, "has a field `name`");
                    self.report(found.help("call the field something else, for example `title`"));
                }
            }
            Type::Unknown => {}
            other => {
                let message = format!("an environment is a record, and `{other}` is none");
                let found = Diagnostic::error(201, span, message, "not a record");
                self.report(found.help(format!("write a record, for example `{{ size: {other} }}`")));
            }
        }
    }

    pub(super) fn envs(&mut self, placed: &[Placed<'_>], items: &mut Items) {
        for (file, item) in placed {
            let ItemKind::Env { name, ty, body } = &item.kind else { continue };
            if let Some(before) = items.envs.iter().find(|e| e.name.name == name.name) {
                self.report(suggest::duplicate(*name, before.name.span));
                continue;
            }
            let resolved = self.type_of(*file, ty);
            if let Some(wanted) = &items.env_type
                && self.fits(&resolved, wanted) == Fit::No
            {
                let message = format!("environment `{}` is not what the topology takes", name.name);
                let found = Diagnostic::error(201, ty.span, message, format!("{resolved}"));
                self.report(found.help(format!("the topology takes {wanted}")));
            }
            let env = self.env(*file, *name, (ty, &resolved), body, item.span);
            items.envs.push(env);
        }
        if items.env_type.is_some() && items.envs.is_empty() && self.modules.unread.is_empty() {
            let message = "the topology takes an environment, and the project has none";
            let found = Diagnostic::error(103, items.topology_span, message, "needs an `env`");
            let Some(Type::Record(record)) = items.env_type.clone() else {
                self.report(found.help("add `env production: … { … }`"));
                return;
            };
            let written = placed.iter().find_map(|(_, item)| match &item.kind {
                ItemKind::Topology { param: Some((_, ty)), .. } => Some((ty.span, item.span)),
                _ => None,
            });
            let stub = crate::form::placeholder(&Type::Record(record));
            self.report(match written {
                Some((ty, topology)) => {
                    let env = format!("env production: {} {stub}", self.text(ty));
                    found.fix(format!("add `{env}`"), topology.start(), format!("{env}\n\n"))
                }
                None => found.help(format!("add `env production: … {stub}`")),
            });
        }
    }

    /// An environment as a body: its `let`s, and its value as the one output.
    pub(super) fn env(
        &mut self,
        file: FileId,
        name: ast::Ident,
        (ty, resolved): (&ast::TypeExpr, &Type),
        body: &[EnvEntry],
        span: Span,
    ) -> EnvItem {
        let braces = self.braces(ty.span.hi, span);
        let mut stmts = Vec::new();
        let mut fields: Vec<ast::BraceEntry> = Vec::new();
        let mut regions: Vec<ast::BraceEntry> = Vec::new();
        let mut declared = Vec::new();
        for entry in body {
            match entry {
                EnvEntry::Let { name, value } => stmts.push(ast::Stmt {
                    docs: None,
                    span: value.span,
                    kind: StmtKind::Let { name: *name, ty: None, value: value.clone() },
                }),
                EnvEntry::Field(field) => {
                    // What is no setting may be a `let` without its word: the name's uses are followers.
                    if let Type::Record(record) = resolved
                        && record.field(field.name.name).is_none()
                    {
                        let value = ast::Expr { kind: ast::ExprKind::Error, span: field.value.span };
                        let kind = StmtKind::Let { name: field.name, ty: None, value };
                        stmts.push(ast::Stmt { docs: None, span: field.name.span, kind });
                    }
                    fields.push(ast::BraceEntry { key: ast::BraceKey::Name(field.name), value: field.value.clone() })
                }
                EnvEntry::Region { region, fields, span } => {
                    declared.push(*region);
                    let key = ast::ExprKind::Literal(Value::Region(region.name));
                    let entries = fields
                        .iter()
                        .map(|f| ast::BraceEntry { key: ast::BraceKey::Name(f.name), value: f.value.clone() })
                        .collect();
                    let inside = self.braces(region.span.hi, *span);
                    regions.push(ast::BraceEntry {
                        key: ast::BraceKey::Key(ast::Expr { kind: key, span: region.span }),
                        value: ast::Expr { kind: ast::ExprKind::Braces(entries), span: inside },
                    });
                }
            }
        }
        if let Some(first) = declared.first() {
            let key = ast::Ident { name: Symbol::new("regions"), span: first.span };
            let value = ast::Expr { kind: ast::ExprKind::Braces(regions), span: braces };
            fields.push(ast::BraceEntry { key: ast::BraceKey::Name(key), value });
        }
        let value = ast::Expr { kind: ast::ExprKind::Braces(fields), span: braces };
        let kind = StmtKind::Output { name, ty: ty.clone(), value };
        stmts.push(ast::Stmt { docs: None, span, kind });
        let whose = Whose { id: None, topology: false, params: Vec::new() };
        let body = Typer::new(self, file, Sees::Inputs).body(&stmts, whose);
        EnvItem { name, body, regions: declared }
    }
}
