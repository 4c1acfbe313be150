//! Operators.

use topo_model::{Diagnostic, Func, Span, Symbol, Type};
use topo_syntax::ast::{self, BinaryOp, Expr, UnaryOp};

use super::exprs::{article, is_scalar};
use super::mismatch::sign;
use super::{Typed, Typer};
use crate::fits::Fit;
use crate::ir::{self, ExprKind};
use crate::suggest;
use crate::types::has_secret;

impl Typer<'_, '_> {
    pub(crate) fn unary(&mut self, op: UnaryOp, operand: &Expr, span: Span) -> Typed {
        if op == UnaryOp::Not {
            let operand = self.check(operand, &Type::Bool);
            return Typed::new(ExprKind::Call(Func::Not, Box::new([operand])), span, Type::Bool);
        }
        let typed = self.infer_number(operand);
        if self.unusable(&typed.ty, operand) {
            return Typed::failed(span);
        }
        let ty = match plain(&typed.ty) {
            ty
            @ (Type::Unknown | Type::Int(_) | Type::Fraction | Type::Percent | Type::Duration(_) | Type::Size(_)) => ty,
            other => {
                let message = format!("`-` takes a number, and `{}` is {}", self.text(operand.span), article(&other));
                let found = Diagnostic::error(201, operand.span, message, "not a number");
                self.report(found.help("numbers are Int, Percent, Duration and Size; a Bool is turned with `not`"));
                return Typed::failed(span);
            }
        };
        if let ExprKind::Const(value) = &typed.expr.kind
            && let Ok(negated) = Func::Neg.call(vec![value.clone()])
        {
            return Typed::new(ExprKind::Const(negated), span, ty);
        }
        Typed::new(ExprKind::Call(Func::Neg, Box::new([typed.expr])), span, ty)
    }

    pub(crate) fn binary(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr, span: Span) -> Typed {
        if op == BinaryOp::Sub
            && let Some(code) = self.misspelt_region(left, span)
        {
            self.known_region(code, span);
            return Typed::failed(span);
        }
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let a = self.check(left, &Type::Bool);
                let mark = self.narrow(left, op == BinaryOp::And);
                let b = self.check(right, &Type::Bool);
                self.widen(mark);
                let both = Box::new([a, b]);
                let kind = if op == BinaryOp::And { ExprKind::And(both) } else { ExprKind::Or(both) };
                Typed::new(kind, span, Type::Bool)
            }
            BinaryOp::Eq | BinaryOp::Ne => self.equality(op, op_span, left, right, span),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                self.comparison(op, op_span, left, right, span)
            }
            BinaryOp::In => self.membership(left, right, span),
            BinaryOp::Coalesce => self.coalesce(left, right, span),
            BinaryOp::Range => {
                let a = self.check(left, &Type::Int(None));
                let b = self.check(right, &Type::Int(None));
                let ty = Type::list(Type::Int(None));
                Typed::new(ExprKind::Call(Func::Through, Box::new([a, b])), span, ty)
            }
            BinaryOp::Div => self.quotient(op_span, left, right, span),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.arithmetic(op, op_span, left, right, span).0,
        }
    }

    /// The region that was meant by what reads as a subtraction of unknown names: `ap-east2`.
    fn misspelt_region(&self, left: &Expr, span: Span) -> Option<Symbol> {
        let text = self.text(span);
        let mut first = left;
        while let ast::ExprKind::Binary { op: BinaryOp::Sub, left, .. } = &first.kind {
            first = left;
        }
        let ast::ExprKind::Name(name) = &first.kind else { return None };
        let known = self.is_in_scope(*name);
        let spelt = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let near = || suggest::nearest(text.as_ref(), crate::regions::Regions::codes()).is_some();
        (!known && spelt && !self.declares_regions && near()).then(|| Symbol::new(text.as_ref()))
    }

    /// A number that may be an exact fraction: an operand, or what is rounded.
    pub(crate) fn infer_number(&mut self, expr: &Expr) -> Typed {
        match &expr.kind {
            ast::ExprKind::Binary { op: op @ BinaryOp::Div, op_span, left, right } => {
                self.arithmetic(*op, *op_span, left, right, expr.span).0
            }
            _ => self.infer(expr),
        }
    }

    /// A quotient of Ints, Durations or Sizes by itself is an Int, and must be exact; one of
    /// a fraction stays one.
    fn quotient(&mut self, op_span: Span, left: &Expr, right: &Expr, span: Span) -> Typed {
        let (typed, of_fractions) = self.arithmetic(BinaryOp::Div, op_span, left, right, span);
        if typed.ty != Type::Fraction || of_fractions {
            return typed;
        }
        let whole = Type::Int(None);
        Typed::new(
            ExprKind::Convert(Box::new(typed.expr), std::sync::Arc::new((Type::Fraction, whole.clone()))),
            span,
            whole,
        )
    }

    /// Reports what can't be computed with: it may be `none`, or is a secret.
    pub(crate) fn unusable(&mut self, ty: &Type, expr: &Expr) -> bool {
        let found = match ty {
            Type::Optional(_) => self.not_narrowed(ty, expr),
            Type::Secret(_) => {
                let message = format!("what is made of the secret `{}` would be shown", self.text(expr.span));
                Diagnostic::error(801, expr.span, message, "a secret")
                    .help("give the secret as it is to an attribute that takes one")
            }
            _ => return false,
        };
        self.report(found);
        true
    }

    /// Both sides; what is written out (braces, lists, strings) is read as the type of the
    /// other side, so that `x.role == "primry"` is found out.
    fn both_sides(&mut self, left: &Expr, right: &Expr) -> (Typed, Typed) {
        if written_out(left) && !written_out(right) {
            let b = self.infer_number(right);
            return (self.as_other(left, &b.ty), b);
        }
        let a = self.infer_number(left);
        if written_out(right) {
            let b = self.as_other(right, &a.ty);
            return (a, b);
        }
        let b = self.infer_number(right);
        (a, b)
    }

    pub(crate) fn as_other(&mut self, expr: &Expr, other: &Type) -> Typed {
        let shape = match (&expr.kind, other.narrowed()) {
            (ast::ExprKind::Braces(_), Type::Record(_) | Type::Map(_))
            | (ast::ExprKind::List(_), Type::List(_))
            | (ast::ExprKind::Tuple(_), Type::Tuple(_))
            | (ast::ExprKind::Literal(topo_model::Value::Str(_)), Type::Union(_)) => other.narrowed().clone(),
            _ => return self.infer(expr),
        };
        let checked = self.check(expr, &shape);
        Typed { expr: checked, ty: shape }
    }

    fn equality(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr, span: Span) -> Typed {
        let (a, b) = self.both_sides(left, right);
        if !self.comparable(&a.ty, &b.ty) {
            let found = self.unlike(op, op_span, (left, &a.ty), (right, &b.ty));
            self.report(found);
            return Typed { ty: Type::Bool, ..Typed::failed(span) };
        }
        let func = if op == BinaryOp::Eq { Func::Eq } else { Func::Ne };
        Typed::new(ExprKind::Call(func, Box::new([a.expr, b.expr])), span, Type::Bool)
    }

    fn comparable(&mut self, a: &Type, b: &Type) -> bool {
        match (a, b) {
            // In a kind's check an attribute left out is `none`, whatever its type.
            (Type::None, other) | (other, Type::None) => {
                self.own.is_some() || matches!(other, Type::Optional(_) | Type::None | Type::Unknown)
            }
            (a, b) if has_secret(a) || has_secret(b) => false,
            (Type::Optional(_), _) | (_, Type::Optional(_)) => {
                let (a, b) = (a.narrowed().clone(), b.narrowed().clone());
                self.comparable(&a, &b)
            }
            (Type::Fraction, Type::Int(_)) | (Type::Int(_), Type::Fraction) => true,
            // Values of several fields are equal where each is: they have the same ones.
            (Type::Record(a), Type::Record(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields
                        .iter()
                        .all(|of| b.field(of.name).is_some_and(|other| self.comparable(&of.ty, &other.ty)))
            }
            (Type::Kind(_) | Type::Component(_), Type::Record(_)) => false,
            (Type::Record(_), Type::Kind(_) | Type::Component(_)) => false,
            (Type::List(a), Type::List(b)) => self.comparable(a, b),
            (Type::Map(a), Type::Map(b)) => self.comparable(&a.0, &b.0) && self.comparable(&a.1, &b.1),
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| self.comparable(a, b))
            }
            (Type::Int(_), Type::Int(_)) | (Type::Duration(_), Type::Duration(_)) | (Type::Size(_), Type::Size(_)) => {
                true
            }
            (a, b) => self.cx.fits(a, b) != Fit::No || self.cx.fits(b, a) != Fit::No,
        }
    }

    /// T0201 for operands that can't be compared, T0801 for secrets.
    fn unlike(&mut self, op: BinaryOp, op_span: Span, left: (&Expr, &Type), right: (&Expr, &Type)) -> Diagnostic {
        let (a, b) = (article(left.1), article(right.1));
        let sign = sign(op);
        if has_secret(left.1) || has_secret(right.1) {
            let message = format!("`{sign}` would show whether a secret is what it is compared with");
            return Diagnostic::error(801, op_span, message, "compares a secret")
                .help("decide it by something that is no secret, for example an `input` of type Bool");
        }
        let none = matches!(left.1, Type::None) || matches!(right.1, Type::None);
        let message = if none {
            let (expr, ty) = if matches!(left.1, Type::None) { right } else { left };
            format!("`{}` is {} and never none", self.text(expr.span), article(ty))
        } else {
            format!("`{sign}` compares what has one type: left is {a}, right is {b}")
        };
        let found = Diagnostic::error(201, op_span, message, "these can't be compared");
        let found = found.label(left.0.span, format!("{}", left.1)).label(right.0.span, format!("{}", right.1));
        if none {
            return found.help("it is always there: leave the comparison out");
        }
        let orders = !matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        if orders && !(has_order(left.1) && has_order(right.1)) {
            let what = if has_order(left.1) { right.1 } else { left.1 };
            return found.help(match what {
                Type::Record(_) | Type::Kind(_) | Type::Component(_) => {
                    "compare something of each that has an order, such as a number or a text".to_owned()
                }
                _ => format!("{} has no order: compare with `==` or `!=`", article(what)),
            });
        }
        let help = self.alike(right.1, left.1, right.0, left.0);
        Diagnostic { help, ..found }
    }

    fn comparison(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr, span: Span) -> Typed {
        let (a, b) = (self.infer_number(left), self.infer_number(right));
        if self.unusable(&a.ty, left) || self.unusable(&b.ty, right) {
            return Typed { ty: Type::Bool, ..Typed::failed(span) };
        }
        if !(has_order(&a.ty) && has_order(&b.ty) && self.comparable(&a.ty, &b.ty)) {
            let found = self.unlike(op, op_span, (left, &a.ty), (right, &b.ty));
            self.report(self.unit_fix(found, (left, &a.ty), (right, &b.ty)));
            return Typed { ty: Type::Bool, ..Typed::failed(span) };
        }
        let func = match op {
            BinaryOp::Lt => Func::Lt,
            BinaryOp::Le => Func::Le,
            BinaryOp::Gt => Func::Gt,
            _ => Func::Ge,
        };
        Typed::new(ExprKind::Call(func, Box::new([a.expr, b.expr])), span, Type::Bool)
    }

    /// A bare number beside a unit: the number with the unit.
    fn unit_fix(&self, found: Diagnostic, left: (&Expr, &Type), right: (&Expr, &Type)) -> Diagnostic {
        for ((number, _), (_, other)) in [(left, right), (right, left)] {
            if let ast::ExprKind::Literal(topo_model::Value::Int(i)) = number.kind {
                let fix = match other {
                    Type::Duration(_) => format!("{i}s"),
                    Type::Percent => format!("{i}%"),
                    Type::Size(_) => format!("{i}GiB"),
                    _ => continue,
                };
                return found.fix(format!("write `{fix}`"), number.span, fix);
            }
        }
        found
    }

    fn membership(&mut self, left: &Expr, right: &Expr, span: Span) -> Typed {
        // A range on the right is not made into a list, and may be of any unit.
        if let ast::ExprKind::Binary { op: BinaryOp::Range, left: low, right: high, .. } = &right.kind {
            let value = self.infer_number(left);
            if self.unusable(&value.ty, left) {
                return Typed { ty: Type::Bool, ..Typed::failed(span) };
            }
            let unit = match plain(&value.ty) {
                unit @ (Type::Int(_) | Type::Duration(_) | Type::Size(_) | Type::Percent | Type::Unknown) => unit,
                Type::Fraction => Type::Int(None),
                other => {
                    let text = self.text(left.span);
                    let message = format!("a range has numbers in it, and `{text}` is {}", article(&other));
                    let found = Diagnostic::error(201, left.span, message, "not a number");
                    self.report(found.help("to look for a text, write a list: `x in [\"a\", \"b\"]`"));
                    return Typed { ty: Type::Bool, ..Typed::failed(span) };
                }
            };
            let (low, high) = (self.check(low, &unit), self.check(high, &unit));
            let above = ExprKind::Call(Func::Ge, Box::new([value.expr.clone(), low]));
            let below = ExprKind::Call(Func::Le, Box::new([value.expr, high]));
            let both = [above, below].map(|kind| ir::Expr { kind, span });
            return Typed::new(ExprKind::And(Box::new(both)), span, Type::Bool);
        }
        let container = self.infer(right);
        let element = match &container.ty {
            Type::List(of) => (**of).clone(),
            Type::Map(of) => of.0.clone(),
            Type::Unknown => Type::Unknown,
            other => {
                let message =
                    format!("`in` looks into a List or a Map, and `{}` is {}", self.text(right.span), article(other));
                let found = Diagnostic::error(201, right.span, message, "not a List or Map");
                let text = format!("contains({}, {})", self.text(right.span), self.text(left.span));
                self.report(match other {
                    Type::String | Type::Cidr => {
                        let prefix = if *other == Type::Cidr { "cidr." } else { "" };
                        found.fix(format!("write `{prefix}{text}`"), span, format!("{prefix}{text}"))
                    }
                    other if is_scalar(other) => {
                        let (left, right) = (self.text(left.span), self.text(right.span));
                        found.help(format!("`{left} == {right}` compares one value; a list is written `[{right}]`"))
                    }
                    _ => found.help("write a list, `[a, b]`, or a Map, whose keys are looked at"),
                });
                Type::Unknown
            }
        };
        if self.shows_secrets("in", &element, right) {
            return Typed { ty: Type::Bool, ..Typed::failed(span) };
        }
        let value = self.as_other(left, &element);
        let value = if self.comparable(&value.ty, &element) { value.expr } else { self.fit(value, &element, left) };
        Typed::new(ExprKind::Call(Func::In, Box::new([value, container.expr])), span, Type::Bool)
    }

    /// T0801 for a look through secrets.
    pub(crate) fn shows_secrets(&mut self, name: &str, element: &Type, expr: &Expr) -> bool {
        let holds = has_secret(element);
        if holds {
            let message = format!("`{name}` would show which secrets `{}` holds", self.text(expr.span));
            let found = Diagnostic::error(801, expr.span, message, "holds secrets");
            self.report(found.help("decide it by something that is no secret, for example an `input` of type Bool"));
        }
        holds
    }

    fn coalesce(&mut self, left: &Expr, right: &Expr, span: Span) -> Typed {
        let a = self.infer(left);
        self.must_be_perhaps(&a.ty, left, right);
        let inner = match &a.ty {
            Type::Optional(of) => (**of).clone(),
            Type::Unknown | Type::None => Type::Unknown,
            other => other.clone(),
        };
        let b = self.as_other(right, &inner);
        let ty = match self.cx.join_types(&inner, &b.ty) {
            Some(ty) => ty,
            None => {
                let found = self.mismatch(&b.ty, &inner, right);
                self.report(found);
                Type::Unknown
            }
        };
        Typed::new(ExprKind::Coalesce(Box::new([a.expr, b.expr])), span, ty)
    }

    /// The result, and whether an operand was a fraction already.
    fn arithmetic(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr, span: Span) -> (Typed, bool) {
        let (a, b) = (self.infer_number(left), self.infer_number(right));
        let of_fractions = a.ty == Type::Fraction || b.ty == Type::Fraction;
        if self.unusable(&a.ty, left) || self.unusable(&b.ty, right) {
            return (Typed::failed(span), false);
        }
        let Some(ty) = result_of(op, &plain(&a.ty), &plain(&b.ty)) else {
            let sign = sign(op);
            let message =
                format!("`{sign}` does not take {} on the left and {} on the right", article(&a.ty), article(&b.ty));
            let found = Diagnostic::error(201, op_span, message, "no such operation");
            let found = found.label(left.span, format!("{}", a.ty)).label(right.span, format!("{}", b.ty));
            let adds = matches!(op, BinaryOp::Add | BinaryOp::Sub);
            let found = if adds { self.unit_fix(found, (left, &a.ty), (right, &b.ty)) } else { found };
            self.report(match (op, &a.ty, &b.ty) {
                (BinaryOp::Add, Type::String | Type::Union(_), _) | (BinaryOp::Add, _, Type::String) => {
                    let fix = format!("\"{}{}\"", self.piece(left), self.piece(right));
                    found.fix(format!("write `{fix}`"), span, fix)
                }
                (BinaryOp::Add, Type::List(_), Type::List(_)) => {
                    let fix = format!("flatten([{}, {}])", self.text(left.span), self.text(right.span));
                    found.fix(format!("write `{fix}`"), span, fix)
                }
                _ if found.help.is_some() => found,
                _ => found.help(operands(op, &a.ty, &b.ty)),
            });
            return (Typed::failed(span), false);
        };
        let func = match op {
            BinaryOp::Add => Func::Add,
            BinaryOp::Sub => Func::Sub,
            BinaryOp::Mul => Func::Mul,
            _ => Func::Div,
        };
        (Typed::new(ExprKind::Call(func, Box::new([a.expr, b.expr])), span, ty), of_fractions)
    }

    /// An operand of a string sum as a piece of one string.
    fn piece(&self, expr: &Expr) -> String {
        let text = self.text(expr.span);
        match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            Some(inside) => inside.to_owned(),
            None => format!("${{{text}}}"),
        }
    }

    /// A quotient where an Int is wanted: exact, or T0205 with the values.
    pub(crate) fn check_quotient(&mut self, expr: &Expr, want: &Type) -> ir::Expr {
        let typed = self.infer_number(expr);
        if typed.ty == Type::Fraction {
            let kind = ExprKind::Convert(Box::new(typed.expr), std::sync::Arc::new((Type::Fraction, want.clone())));
            return ir::Expr { kind, span: expr.span };
        }
        self.fit(typed, want, expr)
    }
}

/// What an operator takes beside an operand, in words.
fn operands(op: BinaryOp, left: &Type, right: &Type) -> String {
    let all = [Type::Int(None), Type::Percent, Type::Duration(None), Type::Size(None)];
    let (left, right, sign) = (plain(left), plain(right), sign(op));
    let named = |fits: &dyn Fn(&Type) -> bool| {
        let names: Vec<String> = all.iter().filter(|ty| fits(ty)).map(article).collect();
        names.join(" or ")
    };
    let beside = named(&|ty| result_of(op, &left, ty).is_some());
    let before = named(&|ty| result_of(op, ty, &right).is_some());
    match (beside.as_str(), before.as_str()) {
        ("", "") if op == BinaryOp::Add => {
            "lists are joined with `flatten([a, b])`, maps with `merge(a, b)`".to_owned()
        }
        ("", "") => format!("`{sign}` takes numbers: Int, Percent, Duration and Size"),
        ("", before) => format!("`{sign}` takes {before} before {}", article(&right)),
        (beside, _) => format!("`{sign}` takes {beside} after {}", article(&left)),
    }
}

/// What an operation gives, for operands without refinements.
fn result_of(op: BinaryOp, a: &Type, b: &Type) -> Option<Type> {
    use Type::{Duration, Fraction, Int, Percent, Size, Unknown};
    Some(match (op, a, b) {
        (_, Unknown, _) | (_, _, Unknown) => Unknown,
        (BinaryOp::Add | BinaryOp::Sub, Int(_), Int(_)) => Int(None),
        (BinaryOp::Add | BinaryOp::Sub, Int(_) | Fraction, Int(_) | Fraction) => Fraction,
        (BinaryOp::Add | BinaryOp::Sub, Percent, Percent) => Percent,
        (BinaryOp::Add | BinaryOp::Sub, Duration(_), Duration(_)) => Duration(None),
        (BinaryOp::Add | BinaryOp::Sub, Size(_), Size(_)) => Size(None),
        (BinaryOp::Mul, Int(_), Int(_)) => Int(None),
        (BinaryOp::Mul, Duration(_), Int(_)) | (BinaryOp::Mul, Int(_), Duration(_)) => Duration(None),
        (BinaryOp::Mul, Size(_), Int(_)) | (BinaryOp::Mul, Int(_), Size(_)) => Size(None),
        (BinaryOp::Mul, Int(_) | Fraction, Int(_) | Fraction | Percent) => Fraction,
        (BinaryOp::Mul, Percent, Int(_) | Fraction) => Fraction,
        // Of a length or an amount, which is a whole number of its smallest unit.
        (BinaryOp::Mul, Duration(_), Percent) | (BinaryOp::Mul, Percent, Duration(_)) => Duration(None),
        (BinaryOp::Mul, Size(_), Percent) | (BinaryOp::Mul, Percent, Size(_)) => Size(None),
        (BinaryOp::Div, Int(_), Int(_)) => Fraction,
        (BinaryOp::Div, Int(_) | Fraction, Int(_) | Fraction) => Fraction,
        (BinaryOp::Div, Duration(_), Duration(_)) | (BinaryOp::Div, Size(_), Size(_)) => Fraction,
        (BinaryOp::Div, Duration(_), Int(_)) => Duration(None),
        (BinaryOp::Div, Size(_), Int(_)) => Size(None),
        _ => return None,
    })
}

/// A type without its refinement.
pub(crate) fn plain(ty: &Type) -> Type {
    match ty {
        Type::Int(_) => Type::Int(None),
        Type::Duration(_) => Type::Duration(None),
        Type::Size(_) => Type::Size(None),
        other => other.clone(),
    }
}

/// Whether values of a type have an order.
pub(crate) fn has_order(ty: &Type) -> bool {
    match ty {
        Type::Unknown
        | Type::Int(_)
        | Type::Fraction
        | Type::String
        | Type::Union(_)
        | Type::Percent
        | Type::Duration(_)
        | Type::Size(_)
        | Type::Cidr
        | Type::Ip
        | Type::Region
        | Type::Zone => true,
        Type::Tuple(parts) => parts.iter().all(has_order),
        Type::List(of) => has_order(of),
        _ => false,
    }
}

/// Whether an expression's type follows from what is expected of it.
fn written_out(expr: &Expr) -> bool {
    use ast::ExprKind as E;
    matches!(expr.kind, E::Braces(_) | E::List(_) | E::Tuple(_) | E::Literal(topo_model::Value::Str(_)))
}
