//! Names: what one means where it stands, and which ones are near when it means nothing.

use std::rc::Rc;

use topo_model::{Diagnostic, Func, Span, Symbol, Type};
use topo_syntax::ast;

use super::foreign::is_foreign_none;
use super::{Binding, Local, Sees, Typed, Typer};
use crate::ir::{Builtin, ExprKind};
use crate::modules::DeclKind;
use crate::suggest;

impl Typer<'_, '_> {
    /// A name of an enclosing scope: how many scopes up, and its binding.
    pub(crate) fn lookup(&self, name: Symbol) -> Option<(u32, Binding)> {
        let mut at = Some(self.scope);
        while let Some(scope) = at {
            let of = &self.scopes[scope as usize];
            if let Some(binding) = of.names.get(&name) {
                return Some((scope, *binding));
            }
            at = of.parent;
        }
        None
    }

    /// How many scopes an enclosing one is away.
    pub(crate) fn distance(&self, to: u32) -> u16 {
        let mut at = self.scope;
        let mut up = 0;
        while at != to {
            let Some(parent) = self.scopes[at as usize].parent else { break };
            at = parent;
            up += 1;
        }
        up
    }

    fn sees_builtins(&self) -> bool {
        matches!(self.sees, Sees::Builtins | Sees::Everything)
    }

    fn sees_inputs(&self) -> bool {
        matches!(self.sees, Sees::Inputs | Sees::Everything)
    }

    pub(crate) fn infer_name(&mut self, name: Symbol, span: Span) -> Typed {
        if let Some(at) = self.locals.iter().rposition(|l| l.name == name) {
            return Typed::new(ExprKind::Local(at as u32), span, self.locals[at].ty.clone());
        }
        if let Some((scope, binding)) = self.lookup(name) {
            let ty = self.scopes[scope as usize].types[binding.slot as usize].clone();
            return Typed::new(ExprKind::Slot { up: self.distance(scope), slot: binding.slot }, span, ty);
        }
        if let Some(kind) = &self.own
            && let Some((_, ty)) = kind.readable(name)
        {
            let ty = unsecret(ty.narrowed());
            return Typed::new(ExprKind::Own(name), span, ty);
        }
        if let Some(kind) = &self.own
            && name == "here"
            && self.cx.catalogue.kind(kind.id).regional
        {
            return Typed::new(ExprKind::Own(name), span, Type::Region);
        }
        if self.sees_inputs()
            && let Some(at) = self.cx.inputs.get_index_of(&name)
        {
            return Typed::new(ExprKind::Input(at as u32), span, self.cx.inputs[at].ty.clone());
        }
        if self.sees_builtins() {
            match name.as_str() {
                "here" => return Typed::new(ExprKind::Builtin(Builtin::Here), span, Type::Region),
                "account" => return Typed::new(ExprKind::Builtin(Builtin::Account), span, Type::String),
                _ => {}
            }
        }
        let found = self.unknown_name(name, span);
        self.report(found);
        Typed::failed(span)
    }

    /// `env.name` and `project.name`, where the base is no name of the program's own.
    pub(crate) fn infer_builtin_field(&mut self, base: &ast::Expr, name: ast::Ident, span: Span) -> Option<Typed> {
        let ast::ExprKind::Name(of) = &base.kind else { return None };
        if let Some(found) = self.foreign_field(base, name, span) {
            self.report(found);
            return Some(Typed::failed(span));
        }
        if *of == "output" && !self.outputs.is_empty() && !self.is_in_scope(*of) {
            return Some(self.topology_output(name, span));
        }
        let builtin = match of.as_str() {
            "env" => Builtin::EnvName,
            "project" => Builtin::ProjectName,
            _ => return None,
        };
        if !self.sees_builtins() || self.locals.iter().any(|l| l.name == *of) {
            return None;
        }
        if name.name == "name" {
            return Some(Typed::new(ExprKind::Builtin(builtin), span, Type::String));
        }
        if self.lookup(*of).is_some() {
            return None;
        }
        let message = format!("`{of}` has no `{}` here; only `{of}.name` is known everywhere", name.name);
        let found = Diagnostic::error(102, name.span, message, "not known here");
        let found = if builtin == Builtin::EnvName {
            found.help("a component sees the environment's name only: take what it needs as a `param`")
        } else {
            found.help("what the program needs beside it is a `let`, or an `input` that is given from outside")
        };
        self.report(found);
        Some(Typed::failed(span))
    }

    /// `output.x` in a test: what the topology gives under that name.
    fn topology_output(&mut self, name: ast::Ident, span: Span) -> Typed {
        if let Some((_, slot)) = self.outputs.iter().find(|(output, _)| *output == name.name) {
            let ty = self.scopes[0].types[*slot as usize].clone();
            return Typed::new(ExprKind::Slot { up: self.distance(0), slot: *slot }, span, ty);
        }
        let names: Vec<Symbol> = self.outputs.iter().map(|(output, _)| *output).collect();
        let message = format!("the topology has no output `{}`", name.name);
        let found = Diagnostic::error(102, name.span, message, "not known");
        self.report(suggest::with_names(found, name, &names, "its outputs are"));
        Typed::failed(span)
    }

    fn unknown_name(&mut self, name: Symbol, span: Span) -> Diagnostic {
        let message = format!("`{name}` is not known here");
        if is_foreign_none(name) {
            let found = Diagnostic::error(101, span, message, "not known");
            return found.fix("write `none`: the only absence there is", span, "none");
        }
        if let Some((output, _)) = self.outputs.iter().find(|(output, _)| *output == name) {
            let found = Diagnostic::error(101, span, message, "an output of the topology");
            return found.fix(format!("write `output.{output}`"), span, format!("output.{output}"));
        }
        if matches!(name.as_str(), "True" | "False" | "TRUE" | "FALSE") {
            let ours = name.as_str().to_ascii_lowercase();
            return Diagnostic::error(101, span, message, "not known").fix(format!("write `{ours}`"), span, ours);
        }
        if let Some(found) = self.known_otherwise(name, span, &message) {
            return found;
        }
        let around = self.names_around();
        let locals: Vec<Symbol> = self.locals.iter().map(|l| l.name).collect();
        let compare = |names| self.cx.modules.comparisons.nearest(name, names);
        let near: Vec<Symbol> = [&locals, &*around].into_iter().filter_map(compare).collect();
        let near = compare(&near);
        let region = || suggest::nearest(name.as_str(), crate::regions::Regions::codes());
        if near.is_none()
            && name.as_str().ends_with(|c: char| c.is_ascii_digit())
            && let Some(region) = region()
        {
            let found = Diagnostic::error(301, span, format!("there is no region `{name}`"), "unknown region");
            return found.fix(format!("did you mean `{region}`?"), span, region);
        }
        let found = Diagnostic::error(101, span, message, "not known");
        if around.is_empty() && locals.is_empty() {
            return found.help("write the value itself: what stands here is known before anything has a name");
        }
        let known = suggest::listed_with(&locals, &around);
        match near {
            Some(near) => found.fix(format!("did you mean `{near}`? In scope are {known}"), span, near.to_string()),
            None => found.help(format!("in scope are {known}")),
        }
    }

    /// A name that means something, though not a value that can be seen here.
    fn known_otherwise(&self, name: Symbol, span: Span, message: &str) -> Option<Diagnostic> {
        if matches!(name.as_str(), "env" | "project") && self.sees_builtins() {
            let found = Diagnostic::error(101, span, message, "not a value by itself");
            return Some(found.help(format!("`{name}.name` is its name")));
        }
        let file = self.cx.modules.file(self.file);
        let import = file.scope.get(&name).map(|i| i.what);
        let decl = match import {
            Some(crate::modules::Imported::Decl(decl)) => Some(decl),
            _ => self.cx.modules.module(file.module).items.get(&name).copied(),
        };
        if let Some(decl) = decl {
            let decl = self.cx.modules.decl(decl);
            let what = match decl.kind {
                DeclKind::Type => "a type",
                DeclKind::Kind => "a kind of resource",
                DeclKind::Component => "a component",
            };
            let found = Diagnostic::error(101, span, format!("`{name}` is {what}, not a value"), "not a value");
            let found = found.label(decl.name.span, "declared here");
            return Some(found.help(match decl.kind {
                DeclKind::Type => format!("write a value of it; types stand behind a `:`, as in `let x: {name} = …`"),
                _ => format!("make one, `resource x: {name} {{ … }}`, and write `x`"),
            }));
        }
        if Func::by_name(name.as_str()).is_some() {
            let found = Diagnostic::error(101, span, format!("`{name}` is a function"), "not called");
            return Some(found.help(format!("call it: `{name}(…)`")));
        }
        if !self.sees_inputs() && self.cx.inputs.contains_key(&name) {
            let found = Diagnostic::error(101, span, format!("the input `{name}` is not known here"), "not known");
            return Some(found.help("give it to the component as a `param`"));
        }
        None
    }

    /// The names of the scopes around, and what is always there, in order.
    fn names_around(&mut self) -> Rc<[Symbol]> {
        let mut count = 0;
        let mut at = Some(self.scope);
        while let Some(scope) = at {
            let of = &self.scopes[scope as usize];
            count += of.names.len();
            at = of.parent;
        }
        let mut kept = std::mem::take(&mut self.around);
        let names = kept.sorted(self.scope, count, || self.names_in_scopes());
        self.around = kept;
        names
    }

    /// Whether an expression could use a name here.
    pub(crate) fn is_in_scope(&self, name: Symbol) -> bool {
        self.locals.iter().any(|l| l.name == name)
            || self.lookup(name).is_some()
            || self.own.as_ref().is_some_and(|kind| kind.readable(name).is_some())
            || self.sees_inputs() && self.cx.inputs.contains_key(&name)
            || self.sees_builtins() && matches!(name.as_str(), "here" | "account")
    }

    /// The names of the scopes around, and what is always there.
    fn names_in_scopes(&self) -> Vec<Symbol> {
        let mut names: Vec<Symbol> = Vec::new();
        let mut at = Some(self.scope);
        while let Some(scope) = at {
            let of = &self.scopes[scope as usize];
            names.extend(of.names.keys().copied());
            at = of.parent;
        }
        if let Some(kind) = &self.own {
            names.extend(kind.names());
        }
        if self.sees_inputs() {
            names.extend(self.cx.inputs.keys().copied());
        }
        if self.sees_builtins() {
            names.extend(["here", "account"].map(Symbol::new));
        }
        names
    }

    /// Binds a name inside the current expression; a name that is in scope may not be
    /// shadowed.
    pub(crate) fn bind_local(&mut self, name: ast::Ident, ty: Type) {
        let outer = self.locals.iter().find(|l| l.name == name.name).map(|l| l.span);
        let outer = outer.or_else(|| self.lookup(name.name).map(|(_, b)| b.span)).or_else(|| self.outside(name.name));
        if let Some(outer) = outer {
            self.report(shadows(name, outer));
        }
        self.locals.push(Local { name: name.name, ty, span: name.span });
    }

    /// The declaration of a name that is in scope, though not declared in the body itself.
    pub(crate) fn outside(&self, name: Symbol) -> Option<Span> {
        let input = self.cx.inputs.get(&name).filter(|_| self.sees_inputs());
        let builtin = self.sees_builtins() && matches!(name.as_str(), "here" | "account" | "env" | "project");
        input.map(|i| i.name.span).or(builtin.then_some(Span::NONE))
    }
}

/// T0104 for a name that hides another.
pub(crate) fn shadows(name: ast::Ident, outer: Span) -> Diagnostic {
    if outer.is_none() {
        let message = format!("`{}` is always in scope and can't be declared again", name.name);
        return Diagnostic::error(104, name.span, message, "choose another name")
            .help(format!("another name would do, for example `{}_2`", name.name));
    }
    let message = format!("`{}` is in scope already; a name is not declared twice", name.name);
    let found = Diagnostic::error(104, name.span, message, "declared again here").label(outer, "declared first here");
    found.help(format!("choose another name, for example `{}_2`, here and where it is used", name.name))
}

/// In a kind's check a secret attribute is read as what it holds.
fn unsecret(ty: &Type) -> Type {
    if let Type::Secret(of) = ty { (**of).clone() } else { ty.clone() }
}
