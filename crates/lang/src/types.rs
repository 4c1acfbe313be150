//! Types as written, resolved.

use std::sync::Arc;

use topo_model::{Diagnostic, FieldType, RecordType, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, ExprKind, TypeExpr, TypeKind, UnaryOp};

use crate::checker::Checker;
use crate::modules::{DeclId, DeclKind, FileId};
use crate::suggest;

impl Checker<'_> {
    /// A type as a program writes it.
    pub(crate) fn type_of(&mut self, file: FileId, ty: &TypeExpr) -> Type {
        self.resolve_type(file, ty, false)
    }

    /// A type as a kind's schema writes it: `Vpc.id` takes a resource.
    pub(crate) fn schema_type(&mut self, file: FileId, ty: &TypeExpr) -> Type {
        self.resolve_type(file, ty, true)
    }

    fn resolve_type(&mut self, file: FileId, ty: &TypeExpr, schema: bool) -> Type {
        match &ty.kind {
            TypeKind::Error => Type::Unknown,
            TypeKind::Named(path) => self.named_type(file, path, schema),
            TypeKind::Generic { name, args } => self.generic_type(file, *name, args, ty.span, schema),
            TypeKind::Tuple(parts) => {
                Type::Tuple(parts.iter().map(|part| self.resolve_type(file, part, schema)).collect())
            }
            TypeKind::Record(fields) => self.record_type(file, fields, schema),
            TypeKind::Union(names) => self.union_type(names),
            TypeKind::Optional(of) => Type::optional(self.resolve_type(file, of, schema)),
            TypeKind::Range { base, low, high } => self.range_type(file, base, low, high, ty.span),
            TypeKind::AnyRegion(of) => match self.resolve_type(file, of, schema) {
                Type::Reference { kind, output, .. } => Type::Reference { kind, output, any_region: true },
                Type::Unknown => Type::Unknown,
                other => {
                    let message = format!("only a reference can be `in any region`, and `{other}` is none");
                    let found = Diagnostic::error(201, ty.span, message, "not a reference");
                    self.report(found.fix(format!("write `{other}`"), Span::new(of.span.hi, ty.span.hi), ""));
                    other
                }
            },
        }
    }

    fn named_type(&mut self, file: FileId, path: &ast::Path, schema: bool) -> Type {
        if let [name] = path.parts.as_slice()
            && self.modules.is_refused(file, name.name)
        {
            return Type::Unknown;
        }
        if let [name] = path.parts.as_slice()
            && let Some(builtin) = builtin(name.name)
        {
            return builtin;
        }
        if let [name] = path.parts.as_slice()
            && crate::resolve::is_builtin_type(name.name)
        {
            let form =
                if name.name == "Map" { "Map<String, Int>".to_owned() } else { format!("{}<String>", name.name) };
            let message = format!("`{}` needs what it is of, as in `{form}`", name.name);
            let found = Diagnostic::error(201, name.span, message, "of what?");
            self.report(found.help(format!("write what it is of, for example `{form}`")));
            return Type::Unknown;
        }
        let Some((decl, used)) = self.resolve(file, path, "a type") else { return Type::Unknown };
        let at = self.modules.decl(decl);
        let rest = &path.parts[used..];
        match (at.kind, rest) {
            (DeclKind::Type, []) => self.alias(decl, path.span),
            (DeclKind::Component, []) => Type::Component(at.full),
            (DeclKind::Kind, []) => {
                self.kind(decl);
                Type::Kind(at.full)
            }
            (DeclKind::Kind, [output]) if schema => {
                self.reference_outputs(decl, *output);
                Type::Reference { kind: at.full, output: output.name, any_region: false }
            }
            (DeclKind::Kind, [output]) => {
                let message = format!("`{}` is an output; a type that takes the resource is its kind", output.name);
                let fix = Span::new(output.span.lo.saturating_sub(1), output.span.hi);
                let found = Diagnostic::error(201, path.span, message, "not a type");
                self.report(found.fix(format!("write `{}`", self.before_last(path)), fix, ""));
                Type::Unknown
            }
            (_, [part, ..]) => {
                let message = format!("`{}` has nothing inside that is called `{}`", at.full, part.name);
                let found = Diagnostic::error(101, part.span, message, "not known");
                let rest = Span::new(part.span.lo.saturating_sub(1), path.span.hi);
                self.report(found.fix(format!("write `{}`", at.full), rest, ""));
                Type::Unknown
            }
        }
    }

    fn before_last(&self, path: &ast::Path) -> String {
        path.parts[..path.parts.len() - 1].iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(".")
    }

    /// The type that a `type` item names.
    fn alias(&mut self, decl: DeclId, used: Span) -> Type {
        match self.aliases.get(&decl) {
            Some(Some(ty)) => return ty.clone(),
            Some(None) => {
                let found = self.alias_ring(decl, used);
                self.report(found.help("a type that holds itself would never end: write out what is inside"));
                return Type::Unknown;
            }
            None => {}
        }
        let at = self.modules.decl(decl);
        if self.alias_stack.len() >= MAX_ALIAS_DEPTH {
            let message = format!("types stand in each other more than {MAX_ALIAS_DEPTH} deep");
            self.report(Diagnostic::error(205, at.name.span, message, "too deep"));
            return Type::Unknown;
        }
        self.aliases.insert(decl, None);
        self.alias_stack.push((decl, used));
        let ast = self.modules.file(at.file).ast.clone();
        let ty = match &ast.items[at.item as usize].kind {
            ast::ItemKind::Type { ty, .. } => self.type_of(at.file, ty),
            _ => Type::Unknown,
        };
        self.alias_stack.pop();
        let ty = if is_small(&ty) {
            ty
        } else {
            let message = format!("type `{}` has more than {MAX_TYPE} parts", at.name.name);
            self.report(Diagnostic::error(205, at.name.span, message, "too large"));
            Type::Unknown
        };
        self.aliases.insert(decl, Some(ty.clone()));
        ty
    }

    /// T0105 for a type that is being resolved already, with every step of the ring.
    fn alias_ring(&self, decl: DeclId, used: Span) -> Diagnostic {
        let name = |decl: DeclId| self.modules.decl(decl).name;
        let from = self.alias_stack.iter().position(|(at, _)| *at == decl).unwrap_or(0);
        let ring = &self.alias_stack[from..];
        let again = format!("`{}` again", name(decl).name);
        if ring.len() < 2 {
            let message = format!("type `{}` is made of itself", name(decl).name);
            return Diagnostic::error(105, used, message, again).label(name(decl).span, "declared here");
        }
        let names: Vec<Symbol> = ring.iter().map(|(at, _)| name(*at).name).collect();
        let message = format!("types {} are made of each other, in a ring", suggest::listed(&names));
        let mut found = Diagnostic::error(105, used, message, again);
        for (pair, (_, place)) in ring.windows(2).zip(&ring[1..]) {
            found = found.label(*place, format!("`{}` is made of `{}`", name(pair[0].0).name, name(pair[1].0).name));
        }
        found
    }

    /// Resolves a `type` item, whether or not anything uses it.
    pub(crate) fn check_alias(&mut self, decl: DeclId) {
        let span = self.modules.decl(decl).name.span;
        self.alias(decl, span);
    }

    fn generic_type(&mut self, file: FileId, name: ast::Ident, args: &[TypeExpr], span: Span, schema: bool) -> Type {
        let mut of: Vec<Type> = args.iter().map(|arg| self.resolve_type(file, arg, schema)).collect();
        match (name.name.as_str(), of.len()) {
            ("List", 1) => Type::list(of.remove(0)),
            ("Secret", 1) => Type::Secret(Arc::new(of.remove(0))),
            ("Map", 2) => {
                let (key, value) = (of.remove(0), of.remove(0));
                if !key.is_key() {
                    let message = format!("`{key}` can't be the key of a map");
                    let found = Diagnostic::error(201, args[0].span, message, "not a key");
                    self.report(
                        found.help(
                            "keys are String, Region, Zone, Int, Cidr, Ip, unions of strings, and tuples of these",
                        ),
                    );
                }
                Type::map(key, value)
            }
            ("List" | "Secret" | "Map", count) => {
                let types = if count == 1 { "1 type".to_owned() } else { format!("{count} types") };
                let (takes, form) = match name.name.as_str() {
                    "Map" => ("2", "Map<K, V>"),
                    "List" => ("1", "List<T>"),
                    _ => ("1", "Secret<T>"),
                };
                let message = format!("`{}` takes {takes}, not {types}", name.name);
                let found = Diagnostic::error(201, span, message, "a different number is needed");
                self.report(found.help(format!("write `{form}`")));
                Type::Unknown
            }
            // That others take no types is said where they are read.
            _ => Type::Unknown,
        }
    }

    fn record_type(&mut self, file: FileId, fields: &[ast::FieldType], schema: bool) -> Type {
        let mut record = RecordType::default();
        let mut seen: Vec<ast::Ident> = Vec::new();
        for field in fields {
            if let Some(before) = seen.iter().find(|s| s.name == field.name.name) {
                self.report(suggest::duplicate(field.name, before.span));
                continue;
            }
            seen.push(field.name);
            let ty = self.resolve_type(file, &field.ty, schema);
            let default = match &field.default {
                Some(default) => self.constant(file, default, &ty),
                None if matches!(ty, Type::Optional(_)) => Some(Value::None),
                None => None,
            };
            let immutable = field.modifiers.iter().any(|m| m.name == "immutable");
            if let Some(modifier) = field.modifiers.iter().find(|m| !schema || m.name != "immutable") {
                let message = format!("a field of this record can't be `{}`", modifier.name);
                let found = Diagnostic::error(102, modifier.span, message, "not a modifier here");
                self.report(found.help("fields inside a kind's attributes may be `immutable`, and nothing else"));
            }
            record.fields.push(FieldType { name: field.name.name, ty, default, immutable });
        }
        Type::Record(Arc::new(record))
    }

    fn union_type(&mut self, names: &[(Symbol, Span)]) -> Type {
        let mut union: Vec<Symbol> = Vec::with_capacity(names.len());
        for (at, (name, span)) in names.iter().enumerate() {
            if let Some((_, first)) = names[..at].iter().find(|(n, _)| n == name) {
                let message = format!("\"{name}\" stands twice in this union");
                let found = Diagnostic::error(104, *span, message, "again here").label(*first, "first here");
                let before = names[at - 1].1;
                self.report(found.fix("remove one of them", Span::new(before.hi, span.hi), ""));
                continue;
            }
            union.push(*name);
        }
        Type::Union(union.into())
    }

    fn range_type(&mut self, file: FileId, base: &TypeExpr, low: &ast::Expr, high: &ast::Expr, span: Span) -> Type {
        let base = self.resolve_type(file, base, false);
        let ends = (literal(low), literal(high));
        let range = match (&base, &ends) {
            (Type::Unknown, _) => return Type::Unknown,
            (Type::Int(None), (Some(Value::Int(a)), Some(Value::Int(b)))) => (*a, *b),
            (Type::Duration(None), (Some(Value::Duration(a)), Some(Value::Duration(b)))) => (*a, *b),
            (Type::Size(None), (Some(Value::Size(a)), Some(Value::Size(b)))) => (*a, *b),
            (Type::Int(None) | Type::Duration(None) | Type::Size(None), _) => {
                let message = format!("the ends of this range must be literals of type {base}");
                let label = format!("expected {base}..{base}");
                let found = Diagnostic::error(201, low.span.to(high.span), message, label);
                let form = match base {
                    Type::Duration(_) => "10s..1h",
                    Type::Size(_) => "1GiB..10GiB",
                    _ => "1..10",
                };
                self.report(found.help(format!("write two of them, for example `{form}`")));
                return base;
            }
            _ => {
                let message = format!("`{base}` can't be refined by a range");
                let found = Diagnostic::error(201, span, message, "not Int, Duration or Size");
                self.report(found.help("say it of the value instead: `check x <= … else \"…\"`"));
                return base;
            }
        };
        if range.0 > range.1 {
            let message = format!("no value lies in `{}`", self.text(low.span.to(high.span)));
            let place = low.span.to(high.span);
            let found = Diagnostic::error(202, place, message, "the lower end is above the upper one");
            let turned = format!("{}..{}", self.text(high.span), self.text(low.span));
            self.report(found.fix(format!("write `{turned}`"), place, turned));
            // Said once: whatever value it is given lies outside.
            return base;
        }
        match base {
            Type::Int(_) => Type::Int(Some(range)),
            Type::Duration(_) => Type::Duration(Some(range)),
            _ => Type::Size(Some(range)),
        }
    }
}

/// How deep named types may stand in each other.
const MAX_ALIAS_DEPTH: usize = 100;

/// How many parts a type may have.
pub(crate) const MAX_TYPE: usize = 10_000;

/// Whether a type has no more parts than a type may have.
pub(crate) fn is_small(ty: &Type) -> bool {
    small(ty, &mut MAX_TYPE.clone(), MAX_TYPE_DEPTH)
}

fn small(ty: &Type, left: &mut usize, deep: usize) -> bool {
    if *left == 0 || deep == 0 {
        return false;
    }
    *left -= 1;
    let deep = deep - 1;
    match ty {
        Type::List(of) | Type::Optional(of) | Type::Secret(of) => small(of, left, deep),
        Type::Map(of) => small(&of.0, left, deep) && small(&of.1, left, deep),
        Type::Tuple(parts) => parts.iter().all(|part| small(part, left, deep)),
        Type::Record(record) => record.fields.iter().all(|f| small(&f.ty, left, deep)),
        _ => true,
    }
}

/// How deep a type may be nested, and so a value without unknown parts.
pub(crate) const MAX_TYPE_DEPTH: usize = 200;

/// The types of the language that need nothing in angle brackets.
fn builtin(name: Symbol) -> Option<Type> {
    Some(match name.as_str() {
        "Bool" => Type::Bool,
        "Int" => Type::Int(None),
        "String" => Type::String,
        "Percent" => Type::Percent,
        "Duration" => Type::Duration(None),
        "Size" => Type::Size(None),
        "Cidr" => Type::Cidr,
        "Ip" => Type::Ip,
        "Region" => Type::Region,
        "Zone" => Type::Zone,
        _ => return None,
    })
}

/// A literal, perhaps with a minus before it.
fn literal(expr: &ast::Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => match literal(operand)? {
            Value::Int(i) => i.checked_neg().map(Value::Int),
            Value::Duration(ms) => ms.checked_neg().map(Value::Duration),
            _ => None,
        },
        _ => None,
    }
}

/// A type with the plain one in each secret's place.
pub(crate) fn without_secrets(ty: &Type) -> Type {
    match ty {
        Type::Secret(of) => without_secrets(of),
        Type::List(of) => Type::list(without_secrets(of)),
        Type::Optional(of) => Type::optional(without_secrets(of)),
        Type::Map(of) => Type::map(of.0.clone(), without_secrets(&of.1)),
        Type::Tuple(parts) => Type::Tuple(parts.iter().map(without_secrets).collect()),
        Type::Record(record) => {
            let mut record = (**record).clone();
            record.fields.iter_mut().for_each(|f| f.ty = without_secrets(&f.ty));
            Type::Record(record.into())
        }
        other => other.clone(),
    }
}

/// Whether a secret is somewhere in a type.
pub(crate) fn has_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret(_) => true,
        Type::List(of) | Type::Optional(of) => has_secret(of),
        Type::Map(of) => has_secret(&of.0) || has_secret(&of.1),
        Type::Tuple(parts) => parts.iter().any(has_secret),
        Type::Record(record) => record.fields.iter().any(|f| has_secret(&f.ty)),
        _ => false,
    }
}

/// Whether a resource or instance is somewhere in a type.
pub(crate) fn holds_resource(ty: &Type) -> bool {
    match ty {
        Type::Kind(_) | Type::Component(_) => true,
        Type::List(of) | Type::Optional(of) | Type::Secret(of) => holds_resource(of),
        Type::Map(of) => holds_resource(&of.1),
        Type::Tuple(parts) => parts.iter().any(holds_resource),
        Type::Record(record) => record.fields.iter().any(|f| holds_resource(&f.ty)),
        _ => false,
    }
}
