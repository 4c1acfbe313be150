//! The items of a project beside types, kinds and components: the project itself, its
//! inputs, environments, topology, rollouts, renames and tests.

use topo_model::{Code, Diagnostic, Moved, Pattern, Project, Rollout, Span, Symbol, Type};
use topo_syntax::ast::{self, ItemKind};

mod env;
mod input;
mod known;
mod project;
pub(crate) use project::of_aws;
mod renames;
mod rollout;
mod test;

use super::Scope;
use crate::checker::Checker;
use crate::ir::{self, Component};
use crate::modules::{FileId, PROJECT};

/// What a project's own files hold.
#[derive(Debug, Default)]
pub(crate) struct Items {
    pub(crate) project: Option<Project>,
    pub(crate) topology: Option<Component>,
    /// Where its name stands.
    pub(crate) topology_span: Span,
    /// The type that the topology takes an environment by.
    pub(crate) env_type: Option<Type>,
    pub(crate) envs: Vec<EnvItem>,
    pub(crate) rollouts: Vec<RolloutItem>,
    pub(crate) moved: Vec<Moved>,
    pub(crate) forget: Vec<Pattern>,
    pub(crate) tests: Vec<TestItem>,
}

/// An environment: a body whose one output is its value.
#[derive(Debug)]
pub(crate) struct EnvItem {
    pub(crate) name: ast::Ident,
    pub(crate) body: Component,
    /// Where each region is declared.
    pub(crate) regions: Vec<ast::Ident>,
}

/// A rollout, with where each region stands in it.
#[derive(Debug)]
pub(crate) struct RolloutItem {
    pub(crate) env: ast::Ident,
    pub(crate) rollout: Rollout,
    pub(crate) places: Vec<(Symbol, Span)>,
    pub(crate) order: Span,
}

/// A test.
#[derive(Debug)]
pub(crate) struct TestItem {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) steps: Vec<TestStep>,
}

/// A line of a test.
#[derive(Debug)]
pub(crate) enum TestStep {
    Plan(Option<Symbol>, Span),
    Expect(ir::Expr),
    ExpectError { code: Code, part: Option<Box<str>>, span: Span },
    Known(Box<Known>),
    Let(ir::Expr),
}

/// A value that a test gives to what only an apply would tell.
#[derive(Debug)]
pub(crate) struct Known {
    /// The resources.
    pub(crate) of: Pattern,
    /// The output of each.
    pub(crate) output: ast::Ident,
    pub(crate) value: ir::Expr,
}

/// An item of the project, with its file.
type Placed<'a> = (FileId, &'a ast::Item);

impl Checker<'_> {
    /// Checks all items of the project.
    pub(crate) fn check_items(&mut self, sets: &[(String, String)]) -> Items {
        let asts: Vec<(FileId, std::sync::Arc<ast::File>)> = (0..self.modules.files.len())
            .map(|at| FileId(at as u32))
            .filter(|file| !self.modules.is_library(*file))
            .map(|file| (file, self.modules.file(file).ast.clone()))
            .collect();
        let mut placed: Vec<Placed<'_>> = Vec::new();
        for (file, ast) in &asts {
            let own = self.modules.file(*file).module == PROJECT;
            for item in &ast.items {
                if self.may_stand(own, item) {
                    placed.push((*file, item));
                }
            }
        }
        let mut items = Items { project: self.project(&placed), ..Items::default() };
        self.inputs(&placed, sets);
        self.check_declarations();
        let topology = self.topology(&placed, &mut items);
        self.envs(&placed, &mut items);
        for (file, item) in &placed {
            self.other_item(*file, item, &mut items);
        }
        if let (Some(scopes), Some(level)) = (topology, renames::topology_level(&placed)) {
            self.tests(&placed, (&scopes, &level), &mut items);
        }
        self.rename_rules(&items);
        self.renames(&placed, &items);
        items
    }

    /// T0003 for what has no place in the module it stands in.
    fn may_stand(&mut self, own: bool, item: &ast::Item) -> bool {
        let (what, why) = match &item.kind {
            ItemKind::Kind(kind) => {
                (format!("kind {}", kind.name.name), "only the standard library describes kinds of resources")
            }
            ItemKind::Type { .. } | ItemKind::Component { .. } => return true,
            _ if own => return true,
            other => (item_name(other), "a directory that is imported holds types and components only"),
        };
        let span = Span::new(item.span.lo, (item.span.lo + what.len() as u32).min(item.span.hi));
        let found = Diagnostic::error(3, span, format!("`{what}` has no place here: {why}"), "not possible here");
        self.report(found.help(match &item.kind {
            ItemKind::Kind(kind) => {
                format!("what is made of existing kinds is a `component {} {{ … }}`", kind.name.name)
            }
            _ => "move it to a file of the project's own directory".to_owned(),
        }));
        false
    }

    /// Everything that is declared is checked, whether or not it is used.
    fn check_declarations(&mut self) {
        for at in 0..self.modules.decls.len() {
            let decl = crate::modules::DeclId(at as u32);
            let of = self.modules.decl(decl);
            if self.modules.is_library(of.file) {
                continue;
            }
            match of.kind {
                crate::modules::DeclKind::Type => self.check_alias(decl),
                crate::modules::DeclKind::Component => {
                    self.component(decl);
                }
                crate::modules::DeclKind::Kind => {}
            }
        }
    }

    /// The topology, and its scopes for the tests that look into it.
    fn topology(&mut self, placed: &[Placed<'_>], items: &mut Items) -> Option<Vec<Scope>> {
        let is_topology = |(_, item): &&Placed<'_>| matches!(item.kind, ItemKind::Topology { .. });
        let found: Vec<&Placed<'_>> = placed.iter().filter(is_topology).collect();
        let names = found.iter().filter_map(|(_, item)| match &item.kind {
            ItemKind::Topology { name, .. } => Some(*name),
            _ => None,
        });
        self.only_one("topology", &names.collect::<Vec<_>>());
        let Some((file, ast::Item { kind: ItemKind::Topology { name, param, body }, .. })) = found.first() else {
            self.missing_item("topology", "topology main {\n}\n", false);
            return None;
        };
        let file = *file;
        items.topology_span = name.span;
        let param = param.as_ref().map(|(name, ty)| {
            let resolved = self.type_of(file, ty);
            self.check_env_type(ty.span, &resolved);
            (*name, resolved)
        });
        items.env_type = param.as_ref().map(|(_, ty)| ty.clone());
        let (component, scopes) = self.check_topology(file, param, body);
        items.topology = Some(component);
        Some(scopes)
    }

    fn other_item(&mut self, file: FileId, item: &ast::Item, items: &mut Items) {
        match &item.kind {
            ItemKind::Rollout { env, fields } => self.rollout(file, *env, fields, item.span, items),
            ItemKind::Moved { from, to } => {
                let (from, to) = (self.pattern(file, from), self.pattern(file, to));
                if let (Some(from), Some(to)) = (from, to) {
                    items.moved.push(Moved { from, to, span: item.span });
                }
            }
            ItemKind::Forget(pattern) => items.forget.extend(self.pattern(file, pattern)),
            _ => {}
        }
    }
}

fn item_name(item: &ItemKind) -> String {
    match item {
        ItemKind::Project { name, .. } => format!("project {}", name.name),
        ItemKind::Env { name, .. } => format!("env {}", name.name),
        ItemKind::Topology { name, .. } => format!("topology {}", name.name),
        ItemKind::Rollout { env, .. } => format!("rollout {}", env.name),
        ItemKind::Input { name, .. } => format!("input {}", name.name),
        ItemKind::Moved { .. } => "moved".to_owned(),
        ItemKind::Forget(_) => "forget".to_owned(),
        ItemKind::Test { .. } => "test".to_owned(),
        ItemKind::Type { name, .. } | ItemKind::Component { name, .. } => name.name.to_string(),
        ItemKind::Kind(kind) => kind.name.name.to_string(),
    }
}
