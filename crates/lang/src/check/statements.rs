//! Statements.

use topo_model::{AttrId, Diagnostic, FieldType, KindId, RecordType, Span, Symbol, Type, Value};
use topo_syntax::ast;

use super::body::{Draft, DraftKind, Whose};
use super::braces::{Allowed, Owner};
use super::exprs::article;
use super::{Typed, Typer};
use crate::checker::{KindInfo, Signature};
use crate::ir::{self, Bind, NodeKind, What};
use crate::modules::DeclKind;
use crate::suggest;
use crate::types::has_secret;

/// The fields that every resource statement may have beside its attributes.
const RESERVED: &[&str] = &["after", "lifecycle"];

impl Typer<'_, '_> {
    /// Types a statement.
    pub(crate) fn statement(&mut self, draft: &Draft<'_>, whose: &Whose) -> NodeKind {
        match &draft.kind {
            DraftKind::Param { slot, default, .. } => {
                let ty = self.scopes[0].types[*slot as usize].clone();
                match default {
                    Some(default) => NodeKind::Param { slot: *slot, default: self.check(default, &ty) },
                    None if matches!(ty, Type::Optional(_)) => {
                        let none = ir::Expr::constant(Value::None, draft.span);
                        NodeKind::Param { slot: *slot, default: none }
                    }
                    None => NodeKind::Empty,
                }
            }
            DraftKind::Let { slot, ty, value, .. } => {
                let typed = match ty {
                    Some(ty) => {
                        let ty = self.cx.type_of(self.file, ty);
                        Typed { expr: self.check(value, &ty), ty }
                    }
                    None => {
                        // Whatever it is, `none` too.
                        self.wanted = matches!(value.kind, ast::ExprKind::Field { .. }).then_some(Type::Unknown);
                        self.infer(value)
                    }
                };
                self.scopes[draft.scope as usize].types[*slot as usize] = typed.ty;
                NodeKind::Let { slot: *slot, value: typed.expr }
            }
            DraftKind::Resource { slots, ast } => self.resource(ast, slots, whose),
            DraftKind::For { pattern, source, at, child } => self.for_statement(pattern, source, *at, *child),
            DraftKind::Check(check) => {
                let cond = self.check(&check.cond, &Type::Bool);
                let message = self.check(&check.message, &Type::String);
                let code = check.code.and_then(|code| self.cx.check_code(code));
                NodeKind::Check(Box::new(ir::Check { cond, code, message }))
            }
            DraftKind::Objective { name, when, fields, span } => self.objective(*name, *when, fields, *span),
            DraftKind::Output { slot, name, ty, value } => {
                let written = ty;
                let ty = self.cx.type_of(self.file, ty);
                if whose.topology && self.cx.holds_secret(&ty) {
                    let message = format!("output `{}` would show a secret", name.name);
                    let found = Diagnostic::error(801, written.span, message, format!("{ty}"));
                    self.report(found.help("remove the output: whoever may see the secret reads it where it is kept"));
                }
                let value = self.check(value, &ty);
                self.scopes[0].types[*slot as usize] = ty;
                NodeKind::Output { name: name.name, slot: *slot, value }
            }
            DraftKind::Misplaced => NodeKind::Empty,
        }
    }

    fn for_statement(
        &mut self,
        pattern: &ast::Pattern,
        source: &ast::Expr,
        at: Option<&ast::Expr>,
        child: u32,
    ) -> NodeKind {
        let typed = self.infer(source);
        let types = self.loop_types(pattern, &typed.ty, source);
        let key = match &typed.ty {
            Type::Map(of) => of.0.clone(),
            Type::List(of) => (**of).clone(),
            _ => Type::Unknown,
        };
        if !key.is_key() {
            let text = self.text(source.span);
            let found = if has_secret(&key) {
                let message = format!("`{text}` holds secrets, and what a loop makes is keyed by its elements");
                Diagnostic::error(801, source.span, message, "a secret")
                    .help("go over names, and take the secret that belongs to each inside the loop")
            } else {
                let message =
                    format!("the turns of a loop are keyed by the elements of `{text}`, and {key} can't be a key");
                Diagnostic::error(201, source.span, message, "no key")
                    .help("go over a Map, or over a List of String, Region, Zone, Int, Cidr, Ip or tuples of these")
            };
            self.report(found);
        }
        let names = match pattern {
            ast::Pattern::Name(_) => 1,
            ast::Pattern::Tuple(names, _) => names.len(),
        };
        let scope = &mut self.scopes[child as usize];
        for (slot, ty) in types.into_iter().enumerate().take(names) {
            scope.types[slot] = ty;
        }
        scope.key = key;
        let bind = match pattern {
            ast::Pattern::Name(_) => Bind::One(0),
            ast::Pattern::Tuple(..) if matches!(typed.ty, Type::Map(_)) && names == 2 => Bind::Entry(0, 1),
            ast::Pattern::Tuple(..) => Bind::Parts((0..names as u32).collect()),
        };
        let at = at.map(|at| {
            let outer = std::mem::replace(&mut self.scope, child);
            let at = self.check(at, &Type::Region);
            self.scope = outer;
            at
        });
        NodeKind::Loop(Box::new(ir::Loop { scope: child, bind, source: typed.expr, at }))
    }

    fn resource(&mut self, ast: &ast::Resource, slots: &[u32], whose: &Whose) -> NodeKind {
        let at = ast.at.as_ref().map(|at| self.check(at, &Type::Region));
        let when = ast.when.as_ref().map(|when| self.check(when, &Type::Bool));
        at.iter().for_each(|at| self.must_be_known(at, "`at`"));
        when.iter().for_each(|when| self.must_be_known(when, "`when`"));
        let mark = self.narrowed.len();
        if let Some(when) = &ast.when {
            self.narrow(when, true);
        }
        let from = ast.from.as_ref().map(|from| self.check(from, &Type::String));
        self.unconditional = (ast.when.is_none() && ast.body.lo < ast.body.hi).then(|| ast.body.start());
        let made = self.made(ast, whose);
        let after = self.reserved(ast, "after").map(|value| self.after(value));
        let lifecycle = self.reserved(ast, "lifecycle").map(|value| self.check(value, &lifecycle_type()));
        if let (true, Some(value)) = (ast.existing, self.reserved(ast, "lifecycle")) {
            let message =
                format!("`{}` is `existing` and never changed, so `lifecycle` has nothing to say", ast.name.name);
            let found = Diagnostic::error(201, value.span, message, "not possible here");
            let name = ast.fields.iter().find(|f| f.name.name == "lifecycle").map_or(value.span, |f| f.name.span);
            let entry = self.entry(name.to(value.span));
            self.report(found.fix("remove it", entry, ""));
        }
        if let (Some((What::Kind { kind, .. }, _)), Some(value)) = (&made, self.reserved(ast, "lifecycle")) {
            self.ignored(*kind, value);
        }
        self.unconditional = None;
        self.widen(mark);
        let (what, ty) = match made {
            Some((what, ty)) => (Some(what), ty),
            None => (None, Type::Unknown),
        };
        self.set_resource_types(ast, slots, &ty);
        let Some(what) = what else { return NodeKind::Empty };
        NodeKind::Resource(Box::new(ir::Resource {
            name: ast.name.name,
            name_span: ast.name.span,
            slots: slots.into(),
            what,
            existing: ast.existing,
            at,
            when,
            from,
            after,
            lifecycle,
        }))
    }

    /// T0102 for what `ignore` names and the kind does not have.
    fn ignored(&mut self, kind: KindId, lifecycle: &ast::Expr) {
        let ast::ExprKind::Braces(entries) = &lifecycle.kind else { return };
        let ignore = entries.iter().find(|e| matches!(&e.key, ast::BraceKey::Name(name) if name.name == "ignore"));
        let Some(ast::ExprKind::List(paths)) = ignore.map(|e| &e.value.kind) else { return };
        let kind = self.cx.kinds[kind.0 as usize].clone();
        let names: Vec<Symbol> = kind.attributes.iter().map(|a| a.name).collect();
        for path in paths {
            let ast::ExprKind::Literal(Value::Str(text)) = &path.kind else { continue };
            let first = text.split(['.', '[']).next().unwrap_or_default();
            if names.iter().any(|name| *name == first) {
                continue;
            }
            let message = format!("`{}` has no attribute `{first}` to ignore", kind.name);
            let found = Diagnostic::error(102, path.span, message, "not known");
            let known = format!("it has {}", suggest::listed(&names));
            self.report(match suggest::nearest(first, names.iter().map(|n| n.as_str())) {
                Some(near) => {
                    let mended = topo_model::value::quoted(&text.replacen(first, near, 1));
                    found.fix(format!("did you mean `{near}`? {}", suggest::sentence(&known)), path.span, mended)
                }
                None => found.help(known),
            });
        }
    }

    /// The instance's type in its own scope; in each scope around it, a map by the keys of
    /// the loops between.
    fn set_resource_types(&mut self, ast: &ast::Resource, slots: &[u32], ty: &Type) {
        let mut scope = self.scope;
        let mut keys: Vec<Type> = Vec::new();
        for slot in slots {
            let seen = match keys.as_slice() {
                [] if ast.when.is_some() => Type::optional(ty.clone()),
                [] => ty.clone(),
                [key] => Type::map(key.clone(), ty.clone()),
                several => Type::map(Type::Tuple(several.iter().rev().cloned().collect()), ty.clone()),
            };
            let of = &mut self.scopes[scope as usize];
            of.types[*slot as usize] = seen;
            keys.push(of.key.clone());
            match of.parent {
                Some(parent) => scope = parent,
                None => break,
            }
        }
    }

    fn reserved<'a>(&self, ast: &'a ast::Resource, name: &str) -> Option<&'a ast::Expr> {
        ast.fields.iter().find(|f| f.name.name == name).map(|f| &f.value)
    }

    /// What the statement makes, and the type of its name.
    fn made(&mut self, ast: &ast::Resource, whose: &Whose) -> Option<(What, Type)> {
        let resolved = self.cx.resolve(self.file, &ast.kind, "a kind or component");
        let Some((decl, used)) = resolved else {
            ast.fields.iter().for_each(|f| drop(self.infer(&f.value)));
            return None;
        };
        let of = self.cx.modules.decl(decl);
        if let Some(part) = ast.kind.parts.get(used) {
            let message = format!("`{}` has nothing inside that is called `{}`", of.full, part.name);
            let found = Diagnostic::error(101, part.span, message, "not known");
            self.report(found.help(format!("write `{}`", of.full)));
            return None;
        }
        match of.kind {
            DeclKind::Kind => {
                let kind = self.cx.kind(decl);
                let attributes = self.attributes(ast, &kind);
                Some((What::Kind { kind: kind.id, attributes }, Type::Kind(of.full)))
            }
            DeclKind::Component => {
                let signature = self.cx.signature(decl);
                self.component_only(ast);
                let arguments = self.arguments(ast, &signature);
                let component = self.cx.component(decl);
                if let Some(user) = whose.id {
                    self.cx.component_edges.push((user, component, ast.kind.span));
                }
                Some((What::Component { component, arguments }, Type::Component(of.full)))
            }
            DeclKind::Type => {
                let message = format!("`{}` is a type, and a resource is of a kind or a component", of.name.name);
                let found = Diagnostic::error(201, ast.kind.span, message, "a type");
                let found = found.label(of.name.span, "declared here");
                self.report(
                    found.help(format!("a value of this type is a `let {}: {} = …`", ast.name.name, of.name.name)),
                );
                None
            }
        }
    }

    /// What goes with kinds and not with components.
    fn component_only(&mut self, ast: &ast::Resource) {
        if ast.existing {
            let message =
                format!("`{}` is a component: only a resource of a cloud can be `existing`", self.text(ast.kind.span));
            let found = Diagnostic::error(201, ast.kind.span, message, "a component");
            self.report(found.help("write `resource` for what this program makes, or name the kind that is looked up"));
        } else if let Some(from) = &ast.from {
            let message =
                format!("`{}` is a component: only a resource of a cloud has an id", self.text(ast.kind.span));
            let found = Diagnostic::error(201, from.span, message, "adopts nothing");
            let word = self.text(Span::new(ast.kind.span.hi, from.span.lo)).rfind("from");
            self.report(match word {
                Some(at) => {
                    let start = ast.kind.span.hi + at as u32;
                    found.fix("remove it", Span::new(start, from.span.hi), "")
                }
                None => found.help("remove it"),
            });
        }
    }

    fn attributes(&mut self, ast: &ast::Resource, kind: &KindInfo) -> Box<[(AttrId, ir::Expr)]> {
        let by_id = ast.existing && ast.from.is_some();
        let allowed: Vec<Allowed<'_>> = kind
            .attributes
            .iter()
            .enumerate()
            .map(|(at, a)| {
                // What exists is found by its identity; the rest is whatever it is.
                let identity = kind.identity.contains(&at) && !matches!(a.ty, Type::Optional(_));
                let required = if ast.existing { identity && !by_id } else { a.required };
                Allowed { name: a.name, ty: &a.ty, required }
            })
            .collect();
        let choices = if ast.existing { Vec::new() } else { alternatives(kind) };
        let owner = self.owner(ast, kind.name, "attribute", &allowed);
        let owner = Owner {
            kind: (!ast.existing).then_some(kind.id),
            at: ast.at.as_ref().map(|at| at.span),
            choices: &choices,
            ..owner
        };
        let given = self.check_fields(ast.fields.iter().map(|f| (f.name, &f.value)), &owner);
        if ast.existing && !by_id && given.is_empty() && kind.identity.is_empty() {
            let message = format!("nothing says which `{}` `{}` is", kind.name, ast.name.name);
            let found = Diagnostic::error(103, ast.name.span, message, "could be any");
            self.report(found.help("give its id, `from \"…\"`, or attributes that only it has"));
        }
        given.into_iter().map(|(at, value)| (AttrId(at as u16), value)).collect()
    }

    fn arguments(&mut self, ast: &ast::Resource, signature: &Signature) -> Box<[(u32, ir::Expr)]> {
        let allowed: Vec<Allowed<'_>> =
            signature.params.iter().map(|p| Allowed { name: p.name, ty: &p.ty, required: p.required }).collect();
        let owner = self.owner(ast, signature.name, "parameter", &allowed);
        let given = self.check_fields(ast.fields.iter().map(|f| (f.name, &f.value)), &owner);
        given.into_iter().map(|(at, value)| (at as u32, value)).collect()
    }

    fn owner<'t>(
        &self,
        ast: &ast::Resource,
        name: Symbol,
        member: &'static str,
        allowed: &'t [Allowed<'t>],
    ) -> Owner<'t> {
        Owner {
            text: format!("`{name}`"),
            member,
            span: ast.name.span,
            body: ast.body,
            allowed,
            reserved: RESERVED,
            kind: None,
            at: None,
            choices: &[],
            declared: Some(name),
        }
    }

    /// `after`: resources, in lists and maps as they come.
    fn after(&mut self, value: &ast::Expr) -> ir::Expr {
        if let ast::ExprKind::List(items) = &value.kind {
            let items = items.iter().map(|item| self.after(item)).collect();
            return ir::Expr { kind: ir::ExprKind::List(items), span: value.span };
        }
        let typed = self.infer(value);
        if !orders(&typed.ty) {
            let text = self.text(value.span);
            let message = format!("`after` takes resources, and `{text}` is {}", article(&typed.ty));
            let found = Diagnostic::error(201, value.span, message, "not a resource");
            let named = match &value.kind {
                ast::ExprKind::Literal(Value::Str(text)) => self.lookup(Symbol::new(text)).map(|_| text.to_string()),
                ast::ExprKind::Field { base, .. } => Some(self.text(base.span)),
                _ => None,
            };
            self.report(match named {
                Some(name) => found.fix(format!("name the resource itself: `{name}`"), value.span, name),
                None => found.help("name the resource itself"),
            });
        }
        typed.expr
    }

    fn objective(&mut self, name: ast::Ident, when: Option<&ast::Expr>, fields: &[ast::Field], span: Span) -> NodeKind {
        let when_ir = when.map(|w| self.check(w, &Type::Bool));
        let mark = self.narrowed.len();
        if let Some(when) = when {
            self.narrow(when, true);
        }
        let ty = objective_type();
        let allowed: Vec<Allowed<'_>> =
            ty.fields.iter().map(|f| Allowed { name: f.name, ty: &f.ty, required: f.default.is_none() }).collect();
        let owner = Owner {
            text: format!("objective `{}`", name.name),
            member: "setting",
            span: name.span,
            body: self.cx.braces(when.map_or(name.span.hi, |w| w.span.hi), span),
            allowed: &allowed,
            reserved: &["stores"],
            kind: None,
            at: None,
            choices: &[],
            declared: None,
        };
        let given = self.check_fields(fields.iter().map(|f| (f.name, &f.value)), &owner);
        let stores = fields.iter().find(|f| f.name.name == "stores").map(|f| self.after(&f.value));
        self.widen(mark);
        let mut values: Vec<(Symbol, ir::Expr)> = ty
            .fields
            .iter()
            .map(|f| (f.name, ir::Expr::constant(f.default.clone().unwrap_or_default(), name.span)))
            .collect();
        for (at, value) in given {
            values[at].1 = value;
        }
        let settings = ir::Expr { kind: ir::ExprKind::Record(values.into()), span };
        NodeKind::Objective(Box::new(ir::Objective { name: name.name, when: when_ir, settings, stores }))
    }
}

/// The attributes of each `one of` of a kind, by position. That no two are given is seen when
/// their values are.
fn alternatives(kind: &KindInfo) -> Vec<Vec<usize>> {
    let groups = kind.attributes.iter().filter_map(|a| a.alternative).max().map_or(0, |g| g + 1);
    let members = |group| (0..kind.attributes.len()).filter(move |at| kind.attributes[*at].alternative == Some(group));
    (0..groups).map(|group| members(group).collect()).collect()
}

/// Whether values of a type are resources, or hold some.
fn orders(ty: &Type) -> bool {
    match ty {
        Type::Unknown | Type::None | Type::Kind(_) | Type::Component(_) => true,
        Type::List(of) | Type::Optional(of) => orders(of),
        Type::Map(of) => orders(&of.1),
        Type::Tuple(parts) => parts.iter().all(orders),
        _ => false,
    }
}

pub(crate) fn field(name: &str, ty: Type, default: Option<Value>) -> FieldType {
    FieldType { name: Symbol::new(name), ty, default, immutable: false }
}

pub(crate) fn union(names: &[&str]) -> Type {
    Type::Union(names.iter().map(|n| Symbol::new(n)).collect())
}

/// How long something may take: not less than nothing.
pub(crate) fn length_of_time() -> Type {
    const YEAR: i64 = 365 * 24 * 60 * 60 * 1000;
    Type::Duration(Some((0, YEAR)))
}

fn lifecycle_type() -> Type {
    let fields = vec![
        field("protect", Type::optional(Type::Bool), Some(Value::None)),
        field("ignore", Type::list(Type::String), Some(Value::list(Vec::new()))),
        field("replace", Type::optional(union(&["create_first", "delete_first"])), Some(Value::None)),
        field("timeout", Type::optional(length_of_time()), Some(Value::None)),
    ];
    Type::Record(RecordType { fields }.into())
}

fn objective_type() -> RecordType {
    let time = || Type::optional(length_of_time());
    let fields = vec![
        field("endpoint", Type::String, None),
        field("rto", time(), Some(Value::None)),
        field("rpo", time(), Some(Value::None)),
        field("survives", union(&["zone", "region", "any two regions"]), Some(Value::Str("region".into()))),
    ];
    RecordType { fields }
}
