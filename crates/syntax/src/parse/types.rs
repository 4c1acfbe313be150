//! Types.

use pest::iterators::Pair;
use topo_model::Symbol;

use super::expr::is_least;
use super::{Reader, Rule};
use crate::ast::{Expr, ExprKind, FieldType, Ident, TypeExpr, TypeKind, UnaryOp};
use crate::report;

impl Reader<'_> {
    /// The next part that is a type, as one.
    pub(super) fn ty_after<'p>(&mut self, parts: &mut impl Iterator<Item = Pair<'p, Rule>>) -> Option<TypeExpr> {
        parts.find(|p| p.as_rule() == Rule::ty).map(|p| self.ty(p))
    }

    /// The value of `= value`.
    pub(super) fn default_value(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        match pair.into_inner().find(|p| p.as_rule() == Rule::expr) {
            Some(value) => self.expr(value),
            None => Expr { kind: ExprKind::Error, span },
        }
    }

    pub(super) fn ty(&mut self, pair: Pair<'_, Rule>) -> TypeExpr {
        let whole = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(base) = parts.next() else { return TypeExpr { kind: TypeKind::Error, span: whole } };
        let mut ty = self.ty_base(base);
        for suffix in parts {
            let span = ty.span.to(self.span(&suffix));
            let base = Box::new(ty);
            let kind = match suffix.as_rule() {
                Rule::optional => TypeKind::Optional(base),
                Rule::any_region => TypeKind::AnyRegion(base),
                _ => {
                    let mut bounds = suffix.into_inner().filter(|p| p.as_rule() == Rule::bound);
                    match (bounds.next(), bounds.next()) {
                        (Some(low), Some(high)) => {
                            TypeKind::Range { base, low: Box::new(self.bound(low)), high: Box::new(self.bound(high)) }
                        }
                        _ => TypeKind::Error,
                    }
                }
            };
            ty = TypeExpr { kind, span };
        }
        ty
    }

    fn bound(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let whole = self.span(&pair);
        let mut negative = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::prefix => negative = Some(self.span(&part)),
                _ => {
                    if let Some(sign) = negative.filter(|_| is_least(part.as_str())) {
                        let span = sign.to(self.span(&part));
                        return Expr { kind: ExprKind::Literal(topo_model::Value::Int(i64::MIN)), span };
                    }
                    let operand = self.operand(part);
                    return match negative {
                        Some(sign) => self.unary(UnaryOp::Neg, sign, operand),
                        None => operand,
                    };
                }
            }
        }
        Expr { kind: ExprKind::Error, span: whole }
    }

    fn ty_base(&mut self, pair: Pair<'_, Rule>) -> TypeExpr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::ty_path => self.ty_path(pair),
            Rule::ty_union => TypeKind::Union(self.union(pair)),
            Rule::ty_tuple => {
                let mut parts: Vec<TypeExpr> = pair.into_inner().map(|p| self.ty(p)).collect();
                match parts.len() {
                    // Parentheses around one type only group.
                    1 => return TypeExpr { span, ..parts.remove(0) },
                    _ => TypeKind::Tuple(parts),
                }
            }
            _ => TypeKind::Record(pair.into_inner().filter_map(|p| self.field_type(p)).collect()),
        };
        TypeExpr { kind, span }
    }

    fn ty_path(&mut self, pair: Pair<'_, Rule>) -> TypeKind {
        let mut parts = pair.into_inner();
        let Some(path) = parts.next() else { return TypeKind::Error };
        let path = self.path(path);
        let args: Vec<TypeExpr> = parts.map(|p| self.ty(p)).collect();
        match (args.is_empty(), path.parts.as_slice()) {
            (true, _) => TypeKind::Named(path),
            (false, [name]) if report::GENERICS.contains(&name.name.as_str()) => {
                TypeKind::Generic { name: *name, args }
            }
            (false, [name]) => {
                self.errors.push(report::generic(*name));
                TypeKind::Error
            }
            (false, _) => {
                self.errors.push(report::generic_path(path.span));
                TypeKind::Error
            }
        }
    }

    fn union(&mut self, pair: Pair<'_, Rule>) -> Vec<(Symbol, topo_model::Span)> {
        pair.into_inner()
            .filter(|p| p.as_rule() == Rule::plain)
            .map(|p| (Symbol::new(p.as_str().trim_matches('"')), self.span(&p)))
            .collect()
    }

    /// `immutable` and its like, and `= value`, in either order.
    pub(super) fn modifiers<'p>(&mut self, parts: impl Iterator<Item = Pair<'p, Rule>>) -> (Vec<Ident>, Option<Expr>) {
        let mut modifiers = Vec::new();
        let mut default: Option<Expr> = None;
        for part in parts {
            match part.as_rule() {
                Rule::modifier => {
                    let Some(name) = part.into_inner().next().map(|p| self.ident(&p)) else { continue };
                    if !report::MODIFIERS.contains(&name.name.as_str()) {
                        self.errors.push(report::modifier(name));
                    }
                    modifiers.push(name);
                }
                Rule::default => {
                    let value = self.default_value(part);
                    if let Some(first) = &default {
                        self.errors.push(report::twice("=", value.span, first));
                    }
                    default = Some(value);
                }
                _ => {}
            }
        }
        (modifiers, default)
    }

    fn field_type(&mut self, pair: Pair<'_, Rule>) -> Option<FieldType> {
        let start = (self.origin - self.scan.base) as usize + pair.as_span().start();
        let docs = self.scan.docs(self.scan.token_at(start));
        let mut parts = pair.into_inner();
        let name = self.ident(&parts.next()?);
        let ty = self.ty_after(&mut parts)?;
        let (modifiers, default) = self.modifiers(parts);
        Some(FieldType { docs, name, ty, modifiers, default })
    }
}
