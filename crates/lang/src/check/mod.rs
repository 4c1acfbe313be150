//! Typing: each body once, into the form of [`crate::ir`].
//!
//! [`Typer`] knows the names in scope and goes through expressions in both directions:
//! [`Typer::check`] pushes an expected type in, [`Typer::infer`] brings one out. What is
//! reported once has type [`Type::Unknown`] from then on, which fits everything.

mod body;
mod braces;
mod calls;
mod exprs;
mod foreign;
mod items;
mod late;
mod meant;
mod mismatch;
mod missing;
mod names;
mod narrow;
mod operators;
mod order;
mod statements;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Span, Symbol, Type, Value};
use topo_syntax::ast;

use crate::checker::{Checker, KindInfo};
use crate::eval::{ConstantHost, Eval};
use crate::ir;
use crate::modules::FileId;
use crate::suggest;

pub(crate) use items::{EnvItem, Items, Known, RolloutItem, TestItem, TestStep, of_aws};
pub(crate) use late::DECIDE;

/// Types the expressions of one body, in one file.
pub(crate) struct Typer<'c, 'w> {
    pub(crate) cx: &'c mut Checker<'w>,
    pub(crate) file: FileId,
    /// What else can be seen.
    pub(crate) sees: Sees,
    /// Scope 0 is the body, every loop one more.
    pub(crate) scopes: Vec<Scope>,
    /// The scope that the current statement stands in.
    pub(crate) scope: u32,
    /// Names bound inside the current expression.
    pub(crate) locals: Vec<Local>,
    /// Optional values that are known to be there, at this point.
    pub(crate) narrowed: Vec<narrow::Place>,
    /// In a kind's check: the kind, whose attributes are in scope.
    pub(crate) own: Option<Arc<KindInfo>>,
    /// In the project's settings: regions are declared, not looked up.
    pub(crate) declares_regions: bool,
    /// The type that the field read next must fit, for what is proposed where it doesn't.
    pub(crate) wanted: Option<Type>,
    /// In a test: the topology's outputs, with their slots.
    pub(crate) outputs: Vec<(Symbol, u32)>,
    /// The names around the place of the last unknown one.
    pub(crate) around: suggest::Kept,
    /// In the argument of `json`, where a list may hold several types, as JSON's arrays do.
    pub(crate) mixed: bool,
    /// Where `when` can be added to the resource statement being typed; nothing where it has one.
    pub(crate) unconditional: Option<Span>,
}

/// What a body sees beside its own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sees {
    /// Nothing: defaults, ranges, project settings.
    Constants,
    /// The inputs: an environment's body.
    Inputs,
    /// `env.name`, `here` and so on: a library component.
    Builtins,
    /// Both: the topology and the project's own components.
    Everything,
}

/// The names of a body or a loop's body.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) parent: Option<u32>,
    pub(crate) names: FxHashMap<Symbol, Binding>,
    /// By slot.
    pub(crate) types: Vec<Type>,
    /// The type of the keys of the loop that this is the body of.
    pub(crate) key: Type,
    /// The node of the loop that this is the body of.
    pub(crate) header: Option<u32>,
    pub(crate) entries: Vec<ir::Entry>,
}

impl Default for Scope {
    fn default() -> Scope {
        Scope {
            parent: None,
            names: FxHashMap::default(),
            types: Vec::new(),
            key: Type::Unknown,
            header: None,
            entries: Vec::new(),
        }
    }
}

/// A name in a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding {
    pub(crate) slot: u32,
    pub(crate) span: Span,
    /// The node that gives it its value; none for a topology's environment.
    pub(crate) node: Option<u32>,
}

/// A name bound inside an expression.
#[derive(Debug, Clone)]
pub(crate) struct Local {
    pub(crate) name: Symbol,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

/// An expression with its type.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub(crate) expr: ir::Expr,
    pub(crate) ty: Type,
}

impl Typed {
    pub(crate) fn new(kind: ir::ExprKind, span: Span, ty: Type) -> Typed {
        Typed { expr: ir::Expr { kind, span }, ty }
    }

    /// What stands for something reported.
    pub(crate) fn failed(span: Span) -> Typed {
        Typed { expr: ir::Expr::failed(span), ty: Type::Unknown }
    }
}

impl<'c, 'w> Typer<'c, 'w> {
    /// A typer with no names of its own.
    pub(crate) fn new(cx: &'c mut Checker<'w>, file: FileId, sees: Sees) -> Typer<'c, 'w> {
        Typer {
            cx,
            file,
            sees,
            scopes: vec![Scope::default()],
            scope: 0,
            locals: Vec::new(),
            narrowed: Vec::new(),
            own: None,
            declares_regions: false,
            wanted: None,
            outputs: Vec::new(),
            around: suggest::Kept::default(),
            mixed: false,
            unconditional: None,
        }
    }

    /// A typer for a kind's checks.
    pub(crate) fn for_kind(cx: &'c mut Checker<'w>, file: FileId, kind: Arc<KindInfo>) -> Typer<'c, 'w> {
        let mut typer = Typer::new(cx, file, Sees::Constants);
        typer.own = Some(kind);
        typer
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.cx.report(diagnostic);
    }

    /// The source text at a place.
    pub(crate) fn text(&self, span: Span) -> String {
        self.cx.text(span).to_owned()
    }

    /// Whether this file is the standard library's.
    pub(crate) fn in_library(&self) -> bool {
        self.cx.modules.is_library(self.file)
    }
}

impl Checker<'_> {
    /// The value of an expression that may use literals and functions only.
    pub(crate) fn constant(&mut self, file: FileId, expr: &ast::Expr, ty: &Type) -> Option<Value> {
        if let ast::ExprKind::Error = expr.kind {
            return None;
        }
        let before = self.modules.diagnostics.len();
        let typed = Typer::new(self, file, Sees::Constants).check(expr, ty);
        if self.modules.diagnostics.len() > before {
            return None;
        }
        self.evaluate_constant(file, &typed)
    }

    /// Evaluates an expression without names.
    pub(crate) fn evaluate_constant(&mut self, _file: FileId, expr: &ir::Expr) -> Option<Value> {
        if let ir::ExprKind::Const(value) = &expr.kind {
            return Some(value.clone());
        }
        let mut host = ConstantHost::new(&self.regions);
        let value = Eval::new(&mut host).expr(expr);
        let found = host.diagnostics;
        self.modules.diagnostics.extend(found);
        value
    }
}
