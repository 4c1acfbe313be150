//! Renames that rename nothing: warned of, since they may be left from an earlier one.

use topo_model::{Diagnostic, Span, Symbol};
use topo_syntax::ast::{self, ItemKind, StmtKind};

use super::{Items, Placed};
use crate::checker::Checker;
use crate::modules::{DeclKind, FileId};
use crate::suggest;

/// The resources that a pattern's step can name, and where they stand.
pub(super) struct Level<'a> {
    pub(super) file: FileId,
    pub(super) body: &'a [ast::Stmt],
    pub(super) text: String,
}

impl Checker<'_> {
    /// Looks at the targets of all renames, in a program without errors.
    pub(super) fn renames(&mut self, placed: &[Placed<'_>], items: &Items) {
        if items.moved.is_empty() || self.modules.diagnostics.iter().any(Diagnostic::is_error) {
            return;
        }
        let Some(topology) = topology_level(placed) else { return };
        for (at, (_, item)) in placed.iter().filter(|(_, item)| matches!(item.kind, ItemKind::Moved { .. })).enumerate()
        {
            let ItemKind::Moved { to, .. } = &item.kind else { continue };
            if let Some(moved) = items.moved.get(at)
                && moved.from.steps == moved.to.steps
            {
                let text = self.text(to.span).to_owned();
                let message = format!("`moved` renames `{text}` to itself");
                self.report(Diagnostic::warning(101, item.span, message, "renames nothing").help("remove it"));
            } else if items.moved.iter().any(|m| items.moved.get(at).is_some_and(|of| m.from.steps == of.to.steps)) {
                // Renamed again: only the last name is the program's.
            } else if items.forget.iter().any(|f| items.moved.get(at).is_some_and(|of| *f.steps == *of.to.steps)) {
                // Let go under its new name.
            } else if let Some(found) = self.target(&to.steps, &topology, to.span) {
                self.report(found);
            }
        }
    }

    /// T0101 for a target of which a step names nothing.
    fn target(&mut self, steps: &[ast::AddressStep], level: &Level<'_>, whole: Span) -> Option<Diagnostic> {
        let (step, rest) = steps.split_first()?;
        let mut resources = Vec::new();
        add_resources(level.body, &mut resources);
        let Some(resource) = resources.iter().find(|r| r.name.name == step.name.name) else {
            let names: Vec<Symbol> = resources.iter().map(|r| r.name.name).collect();
            let message = format!(
                "`moved` renames to `{}`, and {} has no resource `{}`",
                self.text(whole),
                level.text,
                step.name.name
            );
            let found = Diagnostic::warning(101, step.name.span, message, "not known");
            return Some(match names.is_empty() {
                true => found.help("remove it, or write the resource"),
                false => suggest::with_names(found, step.name, &names, "it has"),
            });
        };
        let next = rest.first()?;
        let (decl, _) = self.resolve(level.file, &resource.kind, "a kind or component")?;
        let of = self.modules.decl(decl);
        if of.kind != DeclKind::Component {
            let message = format!(
                "`moved` renames to `{}`, and `{}` is a resource of a cloud: there is nothing in it",
                self.text(whole),
                step.name.name
            );
            return Some(Diagnostic::warning(101, next.name.span, message, "not known"));
        }
        let ast = self.modules.file(of.file).ast.clone();
        let ItemKind::Component { body, .. } = &ast.items.get(of.item as usize)?.kind else { return None };
        let inside = Level { file: of.file, body, text: format!("component `{}`", of.full) };
        self.target(rest, &inside, whole)
    }
}

/// The topology, as the first step of a pattern sees it.
pub(super) fn topology_level<'a>(placed: &[Placed<'a>]) -> Option<Level<'a>> {
    placed.iter().find_map(|(file, item)| match &item.kind {
        ItemKind::Topology { name, body, .. } => {
            Some(Level { file: *file, body, text: format!("topology `{}`", name.name) })
        }
        _ => None,
    })
}

pub(super) fn add_resources<'a>(body: &'a [ast::Stmt], out: &mut Vec<&'a ast::Resource>) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::Resource(resource) => out.push(resource),
            StmtKind::For { body, .. } => add_resources(body, out),
            _ => {}
        }
    }
}
