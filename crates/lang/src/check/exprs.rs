//! Expressions.

use std::sync::Arc;

use topo_model::{AttrId, Diagnostic, Func, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, BinaryOp, Expr, StringPart};

use super::{Typed, Typer};
use crate::checker::Checker;
use crate::fits::Fit;
use crate::ir::{self, Bind, ExprKind};
use crate::suggest;
use crate::types::has_secret;

impl Typer<'_, '_> {
    /// Types an expression that must fit a type.
    pub(crate) fn check(&mut self, expr: &Expr, want: &Type) -> ir::Expr {
        if *want == Type::Unknown {
            return self.infer(expr).expr;
        }
        if let Some(found) = self.foreign_none(expr, want).or_else(|| self.unquoted(expr, want)) {
            self.report(found);
            return ir::Expr::failed(expr.span);
        }
        let inner = match want.narrowed() {
            Type::Secret(of) => of,
            other => other,
        };
        match (&expr.kind, inner) {
            (ast::ExprKind::Literal(Value::Str(text)), Type::Union(names)) => {
                if !names.iter().any(|n| n.as_str() == text.as_str()) {
                    self.outside_union(expr.span, text, names, matches!(want, Type::Optional(_)));
                }
                ir::Expr::constant(Value::Str(text.clone()), expr.span)
            }
            (ast::ExprKind::Braces(entries), Type::Record(record)) => self.check_record(entries, record, expr.span),
            (ast::ExprKind::Braces(entries), Type::Map(of)) => self.check_map(entries, &of.0, &of.1, expr.span),
            (ast::ExprKind::List(items), Type::List(of)) => {
                let before = self.cx.modules.diagnostics.len();
                let typed = items.iter().map(|item| self.check(item, of)).collect();
                self.say_once(before, items, of, expr.span);
                ir::Expr { kind: ExprKind::List(typed), span: expr.span }
            }
            (ast::ExprKind::Tuple(parts), Type::Tuple(types)) if parts.len() == types.len() => {
                let parts = parts.iter().zip(types.iter()).map(|(part, ty)| self.check(part, ty)).collect();
                ir::Expr { kind: ExprKind::Tuple(parts), span: expr.span }
            }
            (ast::ExprKind::If { cond, then, otherwise }, _) => {
                let cond_ir = self.check(cond, &Type::Bool);
                let mark = self.narrow(cond, true);
                let then = self.check(then, want);
                self.widen(mark);
                let mark = self.narrow(cond, false);
                let otherwise = self.check(otherwise, want);
                self.widen(mark);
                ir::Expr { kind: ExprKind::If(Box::new([cond_ir, then, otherwise])), span: expr.span }
            }
            (ast::ExprKind::Binary { op: BinaryOp::Coalesce, left, right, .. }, _) => {
                let left = self.check_perhaps(left, right, want);
                let right = self.check(right, want);
                ir::Expr { kind: ExprKind::Coalesce(Box::new([left, right])), span: expr.span }
            }
            (ast::ExprKind::Binary { op: BinaryOp::Div, .. }, Type::Int(_)) => self.check_quotient(expr, inner),
            (ast::ExprKind::ListFor(of), Type::List(want)) => {
                let (kind, _) = self.list_for(of, Some(want));
                ir::Expr { kind, span: expr.span }
            }
            (ast::ExprKind::MapFor(of), Type::Map(want)) => {
                let (kind, _, _) = self.map_for(of, Some((&want.0, &want.1)));
                ir::Expr { kind, span: expr.span }
            }
            _ => {
                self.wanted = matches!(expr.kind, ast::ExprKind::Field { .. }).then(|| want.clone());
                let typed = self.infer(expr);
                self.fit(typed, want, expr)
            }
        }
    }

    /// The left side of a `??`, which must be able to be `none`.
    fn check_perhaps(&mut self, left: &Expr, right: &Expr, want: &Type) -> ir::Expr {
        use ast::ExprKind as E;
        let perhaps = Type::optional(want.clone());
        // What is written out takes its type from what is expected.
        if matches!(left.kind, E::Braces(_) | E::List(_) | E::If { .. } | E::ListFor(_) | E::MapFor(_)) {
            return self.check(left, &perhaps);
        }
        if let E::Binary { op: BinaryOp::Coalesce, .. } = left.kind {
            return self.check(left, &perhaps);
        }
        let typed = self.infer(left);
        self.must_be_perhaps(&typed.ty, left, right);
        self.fit(typed, &perhaps, left)
    }

    /// T0204 for a left side of `??` that is never `none`.
    pub(crate) fn must_be_perhaps(&mut self, ty: &Type, left: &Expr, right: &Expr) {
        if self.own.is_some() || matches!(ty, Type::Optional(_) | Type::Unknown | Type::None) {
            return;
        }
        let text = self.text(left.span);
        let message = format!("`{text}` is {} and never none, so `??` has nothing to do", article(ty));
        let found = Diagnostic::error(204, left.span, message, "never none");
        let rest = Span::new(left.span.hi, right.span.hi);
        self.report(found.fix(format!("write `{text}`"), rest, ""));
    }

    /// Makes a typed expression fit a type, or reports that it doesn't.
    pub(crate) fn fit(&mut self, typed: Typed, want: &Type, source: &Expr) -> ir::Expr {
        let span = typed.expr.span;
        match self.cx.fits(&typed.ty, want) {
            Fit::Same => typed.expr,
            Fit::Convert => {
                if let ExprKind::Const(value) = &typed.expr.kind
                    && let Err(found) = crate::eval::in_range(value, want.narrowed(), span)
                {
                    let nearest = crate::eval::nearest(value, want.narrowed()).to_string();
                    let range = crate::eval::range_of(want.narrowed());
                    let help = format!("allowed is what lies in `{range}`: the nearest is {nearest}");
                    self.report(found.fix(help, span, nearest));
                    return typed.expr;
                }
                let kind = ExprKind::Convert(Box::new(typed.expr), Arc::new((typed.ty, want.clone())));
                ir::Expr { kind, span }
            }
            Fit::No => {
                let found = self.mismatch(&typed.ty, want, source);
                self.report(found);
                ir::Expr::failed(span)
            }
        }
    }

    /// Types an expression of which nothing is expected.
    pub(crate) fn infer(&mut self, expr: &Expr) -> Typed {
        use ast::ExprKind as E;
        let mut typed = self.infer_any(expr);
        // What makes a type of others, and could double it.
        if let E::List(_) | E::Tuple(_) | E::Braces(_) | E::ListFor(_) | E::MapFor(_) | E::Call { .. } = expr.kind {
            typed.ty = self.bounded(typed.ty, expr.span);
        }
        typed
    }

    fn infer_any(&mut self, expr: &Expr) -> Typed {
        let span = expr.span;
        match &expr.kind {
            ast::ExprKind::Error => Typed::failed(span),
            ast::ExprKind::Literal(value) => self.literal(value, span),
            ast::ExprKind::Interpolation(parts) => self.interpolation(parts, span),
            ast::ExprKind::Name(name) => {
                let typed = self.infer_name(*name, span);
                self.narrow_typed(typed, expr)
            }
            ast::ExprKind::Field { base, name, optional } => {
                let wanted = self.wanted.take();
                if let Some(typed) = self.infer_builtin_field(base, *name, span) {
                    return typed;
                }
                let typed = self.field(base, *name, *optional, span, wanted.as_ref());
                self.narrow_typed(typed, expr)
            }
            ast::ExprKind::Index { base, index } => {
                let typed = self.index(base, index, span);
                self.narrow_typed(typed, expr)
            }
            ast::ExprKind::Call { func, args } => self.call(*func, args, span),
            ast::ExprKind::Unary { op, operand } => self.unary(*op, operand, span),
            ast::ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, left, right, span),
            ast::ExprKind::If { cond, then, otherwise } => self.infer_if(cond, then, otherwise, span),
            ast::ExprKind::List(items) => self.infer_list(items, span),
            ast::ExprKind::Tuple(parts) => {
                let parts: Vec<Typed> = parts.iter().map(|part| self.infer(part)).collect();
                let ty = Type::Tuple(parts.iter().map(|p| p.ty.clone()).collect());
                Typed::new(ExprKind::Tuple(parts.into_iter().map(|p| p.expr).collect()), span, ty)
            }
            ast::ExprKind::Braces(entries) => self.infer_braces(entries, span),
            ast::ExprKind::ListFor(of) => {
                let (kind, ty) = self.list_for(of, None);
                Typed::new(kind, span, Type::list(ty))
            }
            ast::ExprKind::MapFor(of) => {
                let (kind, key, value) = self.map_for(of, None);
                Typed::new(kind, span, Type::map(key, value))
            }
        }
    }

    /// T0205 for a type that keeps doubling, or is nested without end.
    fn bounded(&mut self, ty: Type, span: Span) -> Type {
        if crate::types::is_small(&ty) {
            return ty;
        }
        let (parts, depth) = (crate::types::MAX_TYPE, crate::types::MAX_TYPE_DEPTH);
        let message =
            format!("the type of this value has more than {parts} parts, or is nested more than {depth} deep");
        self.report(Diagnostic::error(205, span, message, "too large"));
        Type::Unknown
    }

    fn narrow_typed(&self, mut typed: Typed, source: &Expr) -> Typed {
        // A kind's check does not apply where it must look into an attribute that is absent.
        if let Type::Optional(of) = &typed.ty
            && (self.own.is_some() || self.is_narrowed(source))
        {
            typed.ty = (**of).clone();
        }
        typed
    }

    fn literal(&mut self, value: &Value, span: Span) -> Typed {
        let ty = match value {
            Value::None => Type::None,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int(None),
            Value::Str(_) => Type::String,
            Value::Percent(_) => Type::Percent,
            Value::Duration(_) => Type::Duration(None),
            Value::Size(_) => Type::Size(None),
            Value::Cidr(_) => Type::Cidr,
            Value::Ip(_) => Type::Ip,
            Value::Region(code) => {
                self.known_region(*code, span);
                Type::Region
            }
            Value::Zone(zone) => {
                let code = zone.as_str().trim_end_matches(|c: char| c.is_ascii_alphabetic());
                self.known_region(Symbol::new(code), span);
                Type::Zone
            }
            _ => Type::Unknown,
        };
        Typed::new(ExprKind::Const(value.clone()), span, ty)
    }

    /// T0301 for a region that AWS does not have.
    pub(crate) fn known_region(&mut self, code: Symbol, span: Span) {
        if self.declares_regions || self.cx.regions.knows(code) {
            return;
        }
        let message = format!("there is no region `{code}`");
        let found = Diagnostic::error(301, span, message, "unknown region");
        let found = match suggest::nearest(code.as_str(), crate::regions::Regions::codes()) {
            Some(near) => {
                let zone = self.text(span).strip_prefix(code.as_str()).unwrap_or_default().to_owned();
                found.fix(format!("did you mean `{near}{zone}`?"), span, format!("{near}{zone}"))
            }
            None => found.help(format!("if AWS has it, say so in the project: `zones = {{ {code} = [\"{code}a\"] }}`")),
        };
        self.report(found);
    }

    fn interpolation(&mut self, parts: &[StringPart], span: Span) -> Typed {
        let mut typed = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                StringPart::Text(text) => typed.push(ir::Expr::constant(Value::Str((&**text).into()), span)),
                StringPart::Expr(expr) => {
                    self.wanted = matches!(expr.kind, ast::ExprKind::Field { .. }).then_some(Type::String);
                    let part = self.infer(expr);
                    self.must_be_scalar(&part.ty, expr);
                    typed.push(part.expr);
                }
            }
        }
        Typed::new(ExprKind::Call(Func::Interpolate, typed.into()), span, Type::String)
    }

    pub(crate) fn must_be_scalar(&mut self, ty: &Type, expr: &Expr) {
        let found = match ty {
            ty if is_scalar(ty) => return,
            Type::Optional(of) if is_scalar(of) => self.not_narrowed(ty, expr),
            Type::Fraction => {
                let text = self.text(expr.span);
                self.inexact(&text, expr)
            }
            ty if has_secret(ty) => {
                let message = format!("the secret `{}` would stand in a plain String", self.text(expr.span));
                Diagnostic::error(801, expr.span, message, "a secret")
                    .help("give the secret as it is to an attribute that takes one")
            }
            Type::Kind(_) | Type::Component(_) => {
                let message = format!("`{}` is a resource, and only scalars go into a string", self.text(expr.span));
                let found = Diagnostic::error(201, expr.span, message, format!("{ty}"));
                let members = self.cx.members(ty);
                let id = members.iter().any(|m| *m == "id").then_some("id");
                match id {
                    Some(id) => found.fix("write its id", expr.span.end(), format!(".{id}")),
                    None => found.help(format!("it has {}", suggest::listed(&members))),
                }
            }
            _ => {
                let message =
                    format!("only scalars go into a string, and `{}` is {}", self.text(expr.span), article(ty));
                let found = Diagnostic::error(201, expr.span, message, "not a scalar");
                let text = self.text(expr.span);
                let fix = match ty {
                    Type::List(of) if matches!(**of, Type::String) => format!("join({text}, \", \")"),
                    Type::List(of) if is_scalar(of) => format!("join({}, \", \")", self.as_texts(&text)),
                    _ => format!("json({text})"),
                };
                found.fix(format!("write `${{{fix}}}`"), expr.span, fix)
            }
        };
        self.report(found);
    }

    fn field(&mut self, base: &Expr, name: ast::Ident, optional: bool, span: Span, wanted: Option<&Type>) -> Typed {
        let typed = self.infer(base);
        let (of, unwrapped) = match &typed.ty {
            Type::Unknown => return Typed::failed(span),
            Type::Optional(of) if optional => ((**of).clone(), true),
            Type::Optional(_) => {
                let found = self.not_narrowed(&typed.ty, base);
                let found = self.read_perhaps(found, (base, typed.ty.narrowed()), name, span, wanted);
                self.report(found);
                return Typed::failed(span);
            }
            other => (other.clone(), false),
        };
        let Some(typed) = self.member_of(typed.expr, &of, name, unwrapped, span) else {
            let unread = match &of {
                Type::Component(full) => self.cx.modules.may_declare(*full, name.name),
                _ => false,
            };
            if !unread {
                let found = self.no_member(&of, base, name);
                self.report(found);
            }
            return Typed::failed(span);
        };
        if unwrapped { Typed { ty: Type::optional(typed.ty), ..typed } } else { typed }
    }

    /// Reading a member by name; `None` where there is none.
    fn member_of(&mut self, base: ir::Expr, of: &Type, name: ast::Ident, optional: bool, span: Span) -> Option<Typed> {
        let base = Box::new(base);
        match of {
            Type::Kind(kind) => {
                let kind = self.cx.kind_by_name(*kind)?;
                let (attribute, ty) = kind.readable(name.name)?;
                let attribute = attribute.map(|a| AttrId(a as u16));
                let read = ExprKind::Read { base, name: name.name, attribute, optional };
                Some(Typed::new(read, span, ty.clone()))
            }
            Type::Component(_) | Type::Record(_) => {
                let ty = self.cx.member(of, name.name)?;
                Some(Typed::new(ExprKind::Field { base, name: name.name, optional }, span, ty))
            }
            _ => None,
        }
    }

    fn no_member(&mut self, of: &Type, base: &Expr, name: ast::Ident) -> Diagnostic {
        let text = self.text(base.span);
        let members = self.cx.members(of);
        let message = match of {
            Type::Kind(_) => format!("`{of}` has no attribute or output `{}`", name.name),
            Type::Component(_) => format!("`{text}` shows no `{}`", name.name),
            Type::Record(_) => format!("`{text}` has no field `{}`", name.name),
            Type::Map(_) => format!("`{text}` is {}, and has keys, not fields", article(of)),
            _ => format!("`{text}` is {}, and has no fields", article(of)),
        };
        let found = Diagnostic::error(102, name.span, message, "not known");
        let near = |cx: &Checker<'_>| cx.modules.comparisons.nearest(name.name, &members);
        match of {
            Type::Map(map) if matches!(map.0, Type::String) => {
                let fix = Span::new(base.span.hi, name.span.hi);
                found.fix("write it as a key", fix, format!("[\"{}\"]", name.name))
            }
            Type::Map(map) if matches!(of, Type::Map(_)) && self.cx.member(&map.1, name.name).is_some() => {
                found.help(format!("choose one by its key first: `{text}[…].{}`", name.name))
            }
            Type::Component(_) => {
                suggest::with_near(found, name, near(self.cx), &members, "its parameters and outputs are")
            }
            Type::Kind(_) | Type::Record(_) => suggest::with_near(found, name, near(self.cx), &members, "it has"),
            Type::List(of) if self.cx.member(of, name.name).is_some() => found
                .help(format!("take it of each, `[for x in {text}: x.{0}]`, or of one: `{text}[0].{0}`", name.name)),
            of => match super::mismatch::method(name.name.as_str(), of) {
                Some(func) => found.fix(
                    format!("write `{func}({text})`"),
                    Span::new(base.span.lo, name.span.hi),
                    format!("{func}({text})"),
                ),
                None => found.help(format!("it is a value by itself: write `{text}`")),
            },
        }
    }

    fn index(&mut self, base: &Expr, index: &Expr, span: Span) -> Typed {
        let typed = self.infer(base);
        let (index, ty) = match &typed.ty {
            Type::Unknown => {
                self.infer(index);
                return Typed::failed(span);
            }
            Type::Map(of) => (self.check(index, &of.0), of.1.clone()),
            Type::List(of) => (self.check(index, &Type::Int(None)), (**of).clone()),
            Type::Tuple(parts) => match &index.kind {
                ast::ExprKind::Literal(Value::Int(at)) if usize::try_from(*at).is_ok_and(|a| a < parts.len()) => {
                    (ir::Expr::constant(Value::Int(*at), index.span), parts[*at as usize].clone())
                }
                _ => {
                    let message = format!("the parts of {} are 0 to {}", article(&typed.ty), parts.len() - 1);
                    let found = Diagnostic::error(201, index.span, message, "not the position of a part");
                    let last = parts.len() - 1;
                    self.report(found.help(format!("write a number from 0 to {last}: each part has its own type")));
                    return Typed::failed(span);
                }
            },
            Type::Optional(_) => {
                let found = self.not_narrowed(&typed.ty, base);
                self.report(found);
                return Typed::failed(span);
            }
            other => {
                let message = format!("`{}` is {}, and has no keys", self.text(base.span), article(other));
                let found = Diagnostic::error(201, base.span, message, "not a Map or List");
                let found = self.field_of(found, other, base, index, span);
                self.report(found);
                return Typed::failed(span);
            }
        };
        Typed::new(ExprKind::Call(Func::Index, Box::new([typed.expr, index])), span, ty)
    }

    fn infer_if(&mut self, cond: &Expr, then: &Expr, otherwise: &Expr, span: Span) -> Typed {
        let cond_ir = self.check(cond, &Type::Bool);
        let branch = |typer: &mut Self, expr: &Expr, truth: bool, other: Option<&Type>| {
            let mark = typer.narrow(cond, truth);
            let typed = match other {
                Some(other) => typer.as_other(expr, other),
                None => typer.infer(expr),
            };
            typer.widen(mark);
            typed
        };
        // `{}` is whatever the other branch is.
        let (a, b) = if is_empty(then) {
            let b = branch(self, otherwise, false, None);
            (branch(self, then, true, Some(&b.ty)), b)
        } else {
            let a = branch(self, then, true, None);
            let other = is_empty(otherwise).then_some(&a.ty);
            let b = branch(self, otherwise, false, other);
            (a, b)
        };
        let ty = match self.cx.join_types(&a.ty, &b.ty) {
            Some(ty) => ty,
            None => {
                let message = format!("the branches differ: `then` is {}, `else` {}", article(&a.ty), article(&b.ty));
                let found = Diagnostic::error(201, otherwise.span, message, format!("{}", b.ty));
                let found = found.label(then.span, format!("{}", a.ty));
                let help = self.alike(&b.ty, &a.ty, otherwise, then);
                self.report(Diagnostic { help, ..found });
                Type::Unknown
            }
        };
        Typed::new(ExprKind::If(Box::new([cond_ir, a.expr, b.expr])), span, ty)
    }

    fn infer_list(&mut self, items: &[Expr], span: Span) -> Typed {
        let mut of = Type::Unknown;
        let mut typed = Vec::with_capacity(items.len());
        let parts: Vec<Typed> = items.iter().map(|item| self.infer(item)).collect();
        if self.mixed && self.differ(&parts) {
            let ty = Type::Tuple(parts.iter().map(|part| part.ty.clone()).collect());
            return Typed::new(ExprKind::Tuple(parts.into_iter().map(|part| part.expr).collect()), span, ty);
        }
        for (item, part) in items.iter().zip(parts) {
            match self.cx.join_types(&of, &part.ty) {
                Some(joined) => of = joined,
                None => {
                    let message = format!("a list holds one type: this is {}, what stands before is {}", part.ty, of);
                    let found = Diagnostic::error(201, item.span, message, format!("{}", part.ty));
                    let found = found.label(items[0].span, format!("{of}"));
                    let help = self.conversion(&part.ty, &of, item);
                    self.report(match help {
                        Some(help) => Diagnostic { help: Some(help), ..found },
                        None => found.help("values of several types stand in a tuple, `(a, b)`, or a record"),
                    });
                }
            }
            typed.push(part.expr);
        }
        Typed::new(ExprKind::List(typed.into()), span, Type::list(of))
    }

    /// Whether values have no type that all of them fit.
    fn differ(&mut self, parts: &[Typed]) -> bool {
        let joined = parts.iter().try_fold(Type::Unknown, |of, part| self.cx.join_types(&of, &part.ty));
        joined.is_none()
    }

    fn list_for(&mut self, of: &ast::ListFor, want: Option<&Type>) -> (ExprKind, Type) {
        let mark = self.locals.len();
        let (source, bind) = self.loop_source(&of.pattern, &of.source);
        let cond = of.cond.as_ref().map(|c| self.check(c, &Type::Bool));
        let narrowed = of.cond.as_ref().map(|c| self.narrow(c, true));
        let (value, ty) = match want {
            Some(want) => (self.check(&of.value, want), want.clone()),
            None => {
                let typed = self.infer(&of.value);
                (typed.expr, typed.ty)
            }
        };
        if let Some(mark) = narrowed {
            self.widen(mark);
        }
        self.locals.truncate(mark);
        (ExprKind::ListFor(Box::new(ir::ListFor { bind, source, cond, value })), ty)
    }

    fn map_for(&mut self, of: &ast::MapFor, want: Option<(&Type, &Type)>) -> (ExprKind, Type, Type) {
        let mark = self.locals.len();
        let (source, bind) = self.loop_source(&of.pattern, &of.source);
        let cond = of.cond.as_ref().map(|c| self.check(c, &Type::Bool));
        let narrowed = of.cond.as_ref().map(|c| self.narrow(c, true));
        let (key, key_ty, value, ty) = match want {
            Some((key, value)) => (self.check(&of.key, key), key.clone(), self.check(&of.value, value), value.clone()),
            None => {
                let key = self.infer(&of.key);
                let value = self.infer(&of.value);
                self.must_be_key(&key.ty, of.key.span);
                (key.expr, key.ty, value.expr, value.ty)
            }
        };
        if let Some(mark) = narrowed {
            self.widen(mark);
        }
        self.locals.truncate(mark);
        (ExprKind::MapFor(Box::new(ir::MapFor { bind, source, cond, key, value })), key_ty, ty)
    }

    /// T0201, or T0801 for a secret, where a type can't be a key.
    pub(crate) fn must_be_key(&mut self, ty: &Type, span: Span) {
        if ty.is_key() {
            return;
        }
        let text = super::mismatch::shorten(&self.text(span));
        let found = if has_secret(ty) {
            Diagnostic::error(801, span, format!("the secret `{text}` can't be a key: keys are shown"), "a secret")
                .help("give it a name that may be shown, and use that as the key")
        } else {
            Diagnostic::error(201, span, format!("`{text}` is {}, which can't be a key", article(ty)), "not a key")
                .help("keys are String, Region, Zone, Int, Cidr, Ip, and tuples of these")
        };
        self.report(found);
    }

    /// The source of a comprehension, with its names bound as locals.
    fn loop_source(&mut self, pattern: &ast::Pattern, source: &Expr) -> (ir::Expr, Bind) {
        let typed = self.infer(source);
        let types = self.loop_types(pattern, &typed.ty, source);
        let first = self.locals.len() as u32;
        match pattern {
            ast::Pattern::Name(name) => {
                self.bind_local(*name, types.first().cloned().unwrap_or(Type::Unknown));
                (typed.expr, Bind::One(first))
            }
            ast::Pattern::Tuple(names, _) => {
                for (at, name) in names.iter().enumerate() {
                    self.bind_local(*name, types.get(at).cloned().unwrap_or(Type::Unknown));
                }
                let bind = if matches!(typed.ty, Type::Map(_)) && names.len() == 2 {
                    Bind::Entry(first, first + 1)
                } else {
                    Bind::Parts((first..first + names.len() as u32).collect())
                };
                (typed.expr, bind)
            }
        }
    }

    /// The types of a loop's names; empty after a report.
    pub(crate) fn loop_types(&mut self, pattern: &ast::Pattern, source: &Type, expr: &Expr) -> Vec<Type> {
        let element = match (source, pattern) {
            (Type::Unknown, _) => return Vec::new(),
            (Type::Map(of), ast::Pattern::Name(_)) => return vec![of.0.clone()],
            (Type::Map(of), ast::Pattern::Tuple(names, _)) if names.len() == 2 => {
                return vec![of.0.clone(), of.1.clone()];
            }
            (Type::List(of), ast::Pattern::Name(_)) => return vec![(**of).clone()],
            (Type::List(of), ast::Pattern::Tuple(..)) => (**of).clone(),
            (Type::Map(_), _) => source.clone(),
            (Type::Optional(_), _) => {
                let found = self.not_narrowed(source, expr);
                self.report(found);
                return Vec::new();
            }
            _ => {
                let text = self.text(expr.span);
                let message = format!("`{text}` is {}, and `for` goes over a List or a Map", article(source));
                let found = Diagnostic::error(201, expr.span, message, "not a List or Map");
                self.report(match source {
                    Type::Int(_) => found.fix(format!("write `range({text})`"), expr.span, format!("range({text})")),
                    Type::String => found.help(format!("cut it into a List: `split({text}, \",\")`")),
                    Type::Cidr => found.help(format!("cut it into a List: `cidr.split({text}, 2)`")),
                    _ => found.help("write a List, `[a, b]`, or a Map, `{ \"a\" = b }`"),
                });
                return Vec::new();
            }
        };
        let ast::Pattern::Tuple(names, span) = pattern else { return Vec::new() };
        match &element {
            Type::Unknown => Vec::new(),
            Type::Tuple(parts) if parts.len() == names.len() => parts.to_vec(),
            other => {
                let message = match other {
                    Type::Map(_) => "the entries of a Map have two parts, key and value".to_owned(),
                    Type::Tuple(parts) => format!("the elements have {} parts, not {}", parts.len(), names.len()),
                    _ => format!("the elements are {other} and have no parts"),
                };
                let label = format!("{} names", names.len());
                let found = Diagnostic::error(201, *span, message, label).label(expr.span, format!("{source}"));
                self.report(found.help(match other {
                    Type::Map(_) => "write `for (key, value) in …`".to_owned(),
                    Type::Tuple(parts) => format!("write {} names, one for each part", parts.len()),
                    _ => format!("write one name: `for {} in …`", names.first().map_or("x", |n| n.name.as_str())),
                }));
                Vec::new()
            }
        }
    }
}

/// Whether it is `{}`.
pub(crate) fn is_empty(expr: &Expr) -> bool {
    matches!(&expr.kind, ast::ExprKind::Braces(entries) if entries.is_empty())
}

/// Whether values of a type can stand in `${}`.
pub(crate) fn is_scalar(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Unknown
            | Type::Bool
            | Type::Int(_)
            | Type::String
            | Type::Union(_)
            | Type::Percent
            | Type::Duration(_)
            | Type::Size(_)
            | Type::Cidr
            | Type::Ip
            | Type::Region
            | Type::Zone
    )
}

/// A type with its article, for sentences.
pub(crate) fn article(ty: &Type) -> String {
    match ty {
        Type::None => "none".to_owned(),
        Type::Fraction | Type::Unknown => ty.to_string(),
        Type::Record(_) => format!("a record {ty}"),
        Type::Tuple(_) => format!("a tuple {ty}"),
        Type::Union(_) => format!("one of {ty}"),
        Type::Kind(_) | Type::Component(_) => format!("a resource of {ty}"),
        _ => {
            let text = ty.to_string();
            let vowel = text.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
            format!("{} {text}", if vowel { "an" } else { "a" })
        }
    }
}
