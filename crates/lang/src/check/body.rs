//! Bodies: the names they declare, then their statements in the order of their uses.

use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Span, Symbol, Type};
use topo_syntax::ast::{self, StmtKind};

use super::names::shadows;
use super::{Binding, Scope, Sees, Typer};
use crate::checker::Checker;
use crate::ir::{self, ComponentId, Entry, NodeKind};
use crate::modules::{DeclId, FileId};
use crate::suggest;

/// A statement whose names are declared, before it is typed.
pub(crate) struct Draft<'a> {
    pub(crate) scope: u32,
    pub(crate) span: Span,
    pub(crate) kind: DraftKind<'a>,
}

/// The kinds of drafts.
pub(crate) enum DraftKind<'a> {
    Param {
        name: ast::Ident,
        slot: u32,
        default: Option<&'a ast::Expr>,
    },
    Let {
        slot: u32,
        name: ast::Ident,
        ty: Option<&'a ast::TypeExpr>,
        value: &'a ast::Expr,
    },
    Resource {
        slots: Vec<u32>,
        ast: &'a ast::Resource,
    },
    For {
        pattern: &'a ast::Pattern,
        source: &'a ast::Expr,
        at: Option<&'a ast::Expr>,
        child: u32,
    },
    Check(&'a ast::Check),
    Objective {
        name: ast::Ident,
        when: Option<&'a ast::Expr>,
        fields: &'a [ast::Field],
        span: Span,
    },
    Output {
        slot: u32,
        name: ast::Ident,
        ty: &'a ast::TypeExpr,
        value: &'a ast::Expr,
    },
    /// Reported.
    Misplaced,
}

/// What a body belongs to.
pub(crate) struct Whose {
    pub(crate) id: Option<ComponentId>,
    /// The topology's outputs may hold no secrets: they are shown.
    pub(crate) topology: bool,
    /// The types of the parameters, or of the environment.
    pub(crate) params: Vec<(Symbol, Type)>,
}

impl Checker<'_> {
    /// Types a component.
    pub(crate) fn check_component(&mut self, decl: DeclId, id: ComponentId) -> ir::Component {
        let signature = self.signature(decl);
        let at = self.modules.decl(decl);
        let ast = self.modules.file(at.file).ast.clone();
        let body: &[ast::Stmt] = match &ast.items[at.item as usize].kind {
            ast::ItemKind::Component { body, .. } => body,
            _ => &[],
        };
        let own = self.modules.file(at.file).module == crate::modules::PROJECT;
        let sees = if own { Sees::Everything } else { Sees::Builtins };
        let whose = Whose {
            id: Some(id),
            topology: false,
            params: signature.params.iter().map(|p| (p.name, p.ty.clone())).collect(),
        };
        Typer::new(self, at.file, sees).body(body, whose)
    }

    /// Types the topology.
    pub(crate) fn check_topology(
        &mut self,
        file: FileId,
        param: Option<(ast::Ident, Type)>,
        body: &[ast::Stmt],
    ) -> (ir::Component, Vec<Scope>) {
        let mut typer = Typer::new(self, file, Sees::Everything);
        let mut params = Vec::new();
        if let Some((param, ty)) = param {
            // `env` is the usual name: it has all that `env` has in a component.
            if let Some(outer) = typer.outside(param.name).filter(|_| param.name != "env") {
                typer.report(shadows(param, outer));
            }
            typer.declare(0, param, ty.clone(), None);
            params.push((param.name, ty));
        }
        let component = typer.body(body, Whose { id: None, topology: true, params });
        (component, std::mem::take(&mut typer.scopes))
    }
}

impl Typer<'_, '_> {
    /// Types a body.
    pub(crate) fn body(&mut self, body: &[ast::Stmt], whose: Whose) -> ir::Component {
        let mut drafts = Vec::with_capacity(body.len());
        self.collect(body, 0, &whose, &mut drafts);
        self.check_hidden(&drafts);
        self.check_repeated(&drafts);
        let order = self.order(&drafts);
        let mut nodes: Vec<ir::Node> =
            drafts.iter().map(|d| ir::Node { scope: d.scope, span: d.span, kind: NodeKind::Empty }).collect();
        for at in &order {
            let draft = &drafts[*at as usize];
            self.scope = draft.scope;
            nodes[*at as usize].kind = self.statement(draft, &whose);
        }
        self.scope = 0;
        let straight = self.scopes.len() == 1 && order.iter().enumerate().all(|(at, node)| at as u32 == *node);
        let scopes: Vec<ir::Scope> = self
            .scopes
            .iter_mut()
            .map(|s| ir::Scope {
                parent: s.parent,
                slots: s.types.len() as u32,
                entries: std::mem::take(&mut s.entries),
            })
            .collect();
        let shown = shown(&drafts, &whose);
        let params = if whose.topology { Vec::new() } else { whose.params.iter().map(|(name, _)| *name).collect() };
        ir::Component { params, shown, body: ir::Body { scopes, nodes, order, straight } }
    }

    fn collect<'a>(&mut self, body: &'a [ast::Stmt], scope: u32, whose: &Whose, drafts: &mut Vec<Draft<'a>>) {
        if scope == 0 && !whose.topology {
            // Parameters have the first slots, in the order of the signature.
            for (at, (_, ty)) in whose.params.iter().enumerate() {
                debug_assert_eq!(self.scopes[0].types.len(), at);
                self.scopes[0].types.push(ty.clone());
            }
        }
        for stmt in body {
            let node = drafts.len() as u32;
            let kind = match &stmt.kind {
                StmtKind::For { pattern, source, at, body } => {
                    let child = self.begin_loop(scope, node, pattern);
                    self.scopes[scope as usize].entries.push(Entry::Loop(child));
                    let kind = DraftKind::For { pattern, source, at: at.as_ref(), child };
                    drafts.push(Draft { scope, span: source.span, kind });
                    self.collect(body, child, whose, drafts);
                    continue;
                }
                other => self.draft(other, stmt.span, scope, node, whose),
            };
            self.scopes[scope as usize].entries.push(Entry::Node(node));
            drafts.push(Draft { scope, span: stmt.span, kind });
        }
    }

    fn draft<'a>(&mut self, stmt: &'a StmtKind, span: Span, scope: u32, node: u32, whose: &Whose) -> DraftKind<'a> {
        match stmt {
            StmtKind::Param { name, default, .. } => {
                if whose.topology || scope != 0 {
                    let message = format!("`param {}` stands outside the statements of a component", name.name);
                    let found = Diagnostic::error(3, name.span, message, "not possible here");
                    let help = "parameters stand in a component, outside its loops; a topology takes its environment";
                    self.report(found.help(help));
                    return DraftKind::Misplaced;
                }
                let Some(slot) = whose.params.iter().position(|(n, _)| *n == name.name) else {
                    return DraftKind::Misplaced;
                };
                let slot = slot as u32;
                if !self.bind(0, *name, slot, Some(node)) {
                    return DraftKind::Misplaced;
                }
                DraftKind::Param { name: *name, slot, default: default.as_ref() }
            }
            StmtKind::Let { name, ty, value } => {
                let slot = self.declare(scope, *name, Type::Unknown, Some(node));
                DraftKind::Let { slot, name: *name, ty: ty.as_ref(), value }
            }
            StmtKind::Resource(ast) => {
                let mut slots = Vec::with_capacity(1);
                let mut at = Some(scope);
                while let Some(scope) = at {
                    slots.push(self.declare(scope, ast.name, Type::Unknown, Some(node)));
                    at = self.scopes[scope as usize].parent;
                }
                DraftKind::Resource { slots, ast }
            }
            StmtKind::Check(check) => DraftKind::Check(check),
            StmtKind::Objective { name, when, fields } => {
                if self.misplaced_in_loop("objective", *name, scope) {
                    return DraftKind::Misplaced;
                }
                DraftKind::Objective { name: *name, when: when.as_ref(), fields, span }
            }
            StmtKind::Output { name, ty, value } => {
                if self.misplaced_in_loop("output", *name, scope) {
                    return DraftKind::Misplaced;
                }
                let slot = self.slot(0, Type::Unknown);
                DraftKind::Output { slot, name: *name, ty, value }
            }
            StmtKind::For { .. } => DraftKind::Misplaced,
        }
    }

    fn misplaced_in_loop(&mut self, what: &str, name: ast::Ident, scope: u32) -> bool {
        if scope != 0 {
            let message = format!("`{what} {}` stands inside a loop", name.name);
            let found = Diagnostic::error(3, name.span, message, "not possible here");
            self.report(found.help(format!("an {what} has one value: write it outside the loop")));
        }
        scope != 0
    }

    fn begin_loop(&mut self, parent: u32, node: u32, pattern: &ast::Pattern) -> u32 {
        let child = self.scopes.len() as u32;
        self.scopes.push(Scope { parent: Some(parent), header: Some(node), ..Scope::default() });
        match pattern {
            ast::Pattern::Name(name) => {
                self.declare(child, *name, Type::Unknown, Some(node));
            }
            ast::Pattern::Tuple(names, _) => {
                for name in names {
                    self.declare(child, *name, Type::Unknown, Some(node));
                }
            }
        }
        child
    }

    /// A new slot of a scope.
    fn slot(&mut self, scope: u32, ty: Type) -> u32 {
        let types = &mut self.scopes[scope as usize].types;
        types.push(ty);
        types.len() as u32 - 1
    }

    /// Declares a name with a slot of its own.
    pub(crate) fn declare(&mut self, scope: u32, name: ast::Ident, ty: Type, node: Option<u32>) -> u32 {
        let slot = self.slot(scope, ty);
        self.bind(scope, name, slot, node);
        slot
    }

    /// Binds a name to a slot; reports it where it is taken in this very scope.
    fn bind(&mut self, scope: u32, name: ast::Ident, slot: u32, node: Option<u32>) -> bool {
        let names = &mut self.scopes[scope as usize].names;
        if let Some(before) = names.get(&name.name) {
            let before = before.span;
            // A resource in a loop is declared in each scope around it: said once.
            if before != name.span {
                self.report(suggest::duplicate(name, before));
            }
            return false;
        }
        names.insert(name.name, Binding { slot, span: name.span, node });
        true
    }

    /// T0104 for a second output or objective of one name.
    fn check_repeated(&mut self, drafts: &[Draft<'_>]) {
        let mut seen: FxHashMap<(&str, Symbol), Span> = FxHashMap::default();
        for draft in drafts {
            let (what, name) = match &draft.kind {
                DraftKind::Output { name, .. } => ("output", *name),
                DraftKind::Objective { name, .. } => ("objective", *name),
                _ => continue,
            };
            match seen.get(&(what, name.name)) {
                Some(before) => {
                    let message = format!("the {what} `{}` is declared twice", name.name);
                    let found = Diagnostic::error(104, name.span, message, "declared again here");
                    let found = found.label(*before, "declared first here");
                    let renamed = format!("{}_2", name.name);
                    let help = format!("give one of them another name, for example `{renamed}`");
                    self.report(found.fix(help, name.span, renamed));
                }
                None => _ = seen.insert((what, name.name), name.span),
            }
        }
    }

    /// T0104 for names that hide one from further out.
    fn check_hidden(&mut self, drafts: &[Draft<'_>]) {
        for draft in drafts {
            let names: Vec<(u32, ast::Ident)> = match &draft.kind {
                DraftKind::Param { name, .. } | DraftKind::Let { name, .. } => vec![(draft.scope, *name)],
                // Declared in each scope around it, where a clash is seen by itself.
                DraftKind::Resource { ast, .. } => vec![(0, ast.name)],
                DraftKind::For { pattern: ast::Pattern::Name(name), child, .. } => vec![(*child, *name)],
                DraftKind::For { pattern: ast::Pattern::Tuple(names, _), child, .. } => {
                    names.iter().map(|n| (*child, *n)).collect()
                }
                _ => continue,
            };
            for (scope, name) in names {
                let mut at = self.scopes[scope as usize].parent;
                let mut outer = self.outside(name.name);
                while let Some(scope) = at {
                    let of = &self.scopes[scope as usize];
                    outer = outer.or(of.names.get(&name.name).map(|b| b.span).filter(|span| *span != name.span));
                    at = of.parent;
                }
                if let Some(outer) = outer {
                    self.report(shadows(name, outer));
                }
            }
        }
    }
}

/// The names that an instance shows, with the slots of their values.
fn shown(drafts: &[Draft<'_>], whose: &Whose) -> Vec<ir::Shown> {
    let mut shown: Vec<ir::Shown> = Vec::new();
    for draft in drafts {
        if let DraftKind::Output { slot, name, .. } = &draft.kind
            && shown.iter().all(|s| s.name != name.name)
        {
            shown.push(ir::Shown { name: name.name, slot: *slot });
        }
    }
    for (slot, (name, _)) in whose.params.iter().enumerate() {
        if shown.iter().all(|s| s.name != *name) {
            shown.push(ir::Shown { name: *name, slot: slot as u32 });
        }
    }
    shown
}
