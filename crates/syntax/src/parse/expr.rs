//! Expressions.

use pest::iterators::Pair;
use topo_model::{Span, Symbol, Value};

use super::{Reader, Rule};
use crate::ast::{BinaryOp, BraceEntry, BraceKey, Expr, ExprKind, Ident, ListFor, MapFor, Pattern, UnaryOp};
use crate::report;

/// An operator that waits for its right operand.
enum Waiting {
    Prefix(UnaryOp, Span),
    Infix(BinaryOp, Span),
}

impl Waiting {
    fn strength(&self) -> u8 {
        match self {
            Waiting::Prefix(UnaryOp::Not, _) => 3,
            Waiting::Prefix(UnaryOp::Neg, _) => 9,
            Waiting::Infix(op, _) => strength(*op),
        }
    }
}

/// How strongly an operator binds; all of one strength group to the left.
fn strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge | BinaryOp::In => 4,
        BinaryOp::Coalesce => 5,
        BinaryOp::Range => 6,
        BinaryOp::Add | BinaryOp::Sub => 7,
        BinaryOp::Mul | BinaryOp::Div => 8,
    }
}

fn binary_op(text: &str) -> BinaryOp {
    match text {
        "or" => BinaryOp::Or,
        "and" => BinaryOp::And,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "in" => BinaryOp::In,
        "??" => BinaryOp::Coalesce,
        ".." => BinaryOp::Range,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        _ => BinaryOp::Div,
    }
}

impl Reader<'_> {
    /// A flat sequence of operands and operators into a tree, by precedence.
    pub(super) fn expr(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let whole = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(first) = parts.next() else { return Expr { kind: ExprKind::Error, span: whole } };
        if first.as_rule() == Rule::operand && parts.peek().is_none() {
            return self.operand(first);
        }
        let mut operands: Vec<Expr> = Vec::new();
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut chained = false;
        for part in std::iter::once(first).chain(parts) {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::prefix => {
                    let op = if part.as_str() == "-" { UnaryOp::Neg } else { UnaryOp::Not };
                    waiting.push(Waiting::Prefix(op, span));
                }
                Rule::infix => {
                    let op = binary_op(part.as_str());
                    while waiting.last().is_some_and(|w| w.strength() >= strength(op)) {
                        chained |= self.chains(&waiting, op, span, &operands);
                        self.reduce(&mut waiting, &mut operands);
                    }
                    waiting.push(Waiting::Infix(op, span));
                }
                _ => match waiting.last() {
                    // Of the least number the amount alone is out of range.
                    Some(Waiting::Prefix(UnaryOp::Neg, sign)) if is_least(part.as_str()) => {
                        let kind = ExprKind::Literal(Value::Int(i64::MIN));
                        operands.push(Expr { kind, span: sign.to(span) });
                        waiting.pop();
                    }
                    _ => operands.push(self.operand(part)),
                },
            }
        }
        while !waiting.is_empty() {
            self.reduce(&mut waiting, &mut operands);
        }
        // A chain is reported; what it would mean is nobody's to guess.
        let made = if chained { None } else { operands.pop() };
        made.unwrap_or(Expr { kind: ExprKind::Error, span: whole })
    }

    /// Applies the operator that waited last.
    fn reduce(&mut self, waiting: &mut Vec<Waiting>, operands: &mut Vec<Expr>) {
        let (Some(op), Some(right)) = (waiting.pop(), operands.pop()) else { return };
        let made = match op {
            Waiting::Prefix(op, span) => self.unary(op, span, right),
            Waiting::Infix(op, op_span) => {
                let Some(left) = operands.pop() else { return };
                let span = left.span.to(right.span);
                let kind = ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) };
                Expr { kind, span }
            }
        };
        operands.push(made);
    }

    /// Reports `a < b < c`; whether this is one.
    fn chains(&mut self, waiting: &[Waiting], op: BinaryOp, span: Span, operands: &[Expr]) -> bool {
        if let (Some(Waiting::Infix(before, first)), Some(middle)) = (waiting.last(), operands.last())
            && strength(*before) == 4
            && strength(op) == 4
        {
            let found = report::chained(self.scan, *first, span, middle.span);
            self.errors.push(found);
            return true;
        }
        false
    }

    /// `-x` or `not x`; a negative number is one literal.
    pub(super) fn unary(&mut self, op: UnaryOp, sign: Span, operand: Expr) -> Expr {
        let span = sign.to(operand.span);
        let folded = match (op, &operand.kind) {
            (UnaryOp::Neg, ExprKind::Literal(value)) => negated(value),
            _ => None,
        };
        let kind = match folded {
            Some(value) => ExprKind::Literal(value),
            None => ExprKind::Unary { op, operand: Box::new(operand) },
        };
        Expr { kind, span }
    }

    /// A primary with its fields, indexes and calls.
    pub(super) fn operand(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let whole = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(primary) = parts.next() else { return Expr { kind: ExprKind::Error, span: whole } };
        let mut expr = self.primary(primary);
        for suffix in parts {
            let span = expr.span.to(self.span(&suffix));
            expr = self.suffix(expr, suffix, span);
        }
        expr
    }

    fn suffix(&mut self, base: Expr, suffix: Pair<'_, Rule>, span: Span) -> Expr {
        let rule = suffix.as_rule();
        let mut inner = suffix.into_inner();
        let kind = match rule {
            Rule::field_of | Rule::field_if => match inner.next() {
                Some(name) => {
                    let name = self.ident(&name);
                    ExprKind::Field { base: Box::new(base), name, optional: rule == Rule::field_if }
                }
                None => ExprKind::Error,
            },
            Rule::index => match inner.next() {
                Some(index) => ExprKind::Index { base: Box::new(base), index: Box::new(self.expr(index)) },
                None => ExprKind::Error,
            },
            _ => {
                let args: Vec<Expr> = inner.map(|p| self.expr(p)).collect();
                match function_name(&base) {
                    Some(name) => {
                        let func = Ident { name: Symbol::new(&name), span: base.span };
                        ExprKind::Call { func, args }
                    }
                    None => {
                        self.errors.push(report::not_callable(base.span));
                        ExprKind::Error
                    }
                }
            }
        };
        Expr { kind, span }
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::plain => {
                let text = pair.as_str();
                ExprKind::Literal(Value::str(text.get(1..text.len() - 1).unwrap_or("")))
            }
            Rule::rich | Rule::block => self.string(pair),
            Rule::name => ExprKind::Name(Symbol::new(pair.as_str())),
            Rule::number => self.number(pair.as_str(), span),
            Rule::place => ExprKind::Literal(place(pair.as_str())),
            Rule::constant => ExprKind::Literal(match pair.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::None,
            }),
            Rule::list => self.list(pair),
            Rule::braces => self.braces(pair),
            Rule::paren => {
                let mut parts: Vec<Expr> = pair.into_inner().map(|p| self.expr(p)).collect();
                match parts.len() {
                    1 => return Expr { span, ..parts.remove(0) },
                    _ => ExprKind::Tuple(parts),
                }
            }
            Rule::choice => self.choice(pair),
            _ => ExprKind::Error,
        };
        Expr { kind, span }
    }

    fn choice(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut parts = pair.into_inner().filter(|p| p.as_rule() == Rule::expr).map(|p| self.expr(p));
        match (parts.next(), parts.next(), parts.next()) {
            (Some(cond), Some(then), Some(otherwise)) => {
                ExprKind::If { cond: Box::new(cond), then: Box::new(then), otherwise: Box::new(otherwise) }
            }
            _ => ExprKind::Error,
        }
    }

    fn list(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut items = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::list_for {
                return match self.comprehension(part) {
                    Some(For { pattern, source, cond, mut values }) => match values.pop() {
                        Some(value) => ExprKind::ListFor(Box::new(ListFor { pattern, source, cond, value })),
                        None => ExprKind::Error,
                    },
                    None => ExprKind::Error,
                };
            }
            items.push(self.expr(part));
        }
        ExprKind::List(items)
    }

    fn braces(&mut self, pair: Pair<'_, Rule>) -> ExprKind {
        let mut entries = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::map_for {
                let Some(For { pattern, source, cond, mut values }) = self.comprehension(part) else {
                    return ExprKind::Error;
                };
                return match (values.pop(), values.pop()) {
                    (Some(value), Some(key)) => {
                        ExprKind::MapFor(Box::new(MapFor { pattern, source, cond, key, value }))
                    }
                    _ => ExprKind::Error,
                };
            }
            entries.extend(self.entry(part));
        }
        ExprKind::Braces(entries)
    }

    fn entry(&mut self, pair: Pair<'_, Rule>) -> Option<BraceEntry> {
        // `(name)` is a key that is computed, `name` a field.
        let grouped = pair.as_str().starts_with('(');
        let mut parts = pair.into_inner();
        let key = self.operand(parts.next()?);
        let value = self.expr(parts.nth(1)?);
        let key = match key.kind {
            ExprKind::Name(name) if !grouped => BraceKey::Name(Ident { name, span: key.span }),
            _ => BraceKey::Key(key),
        };
        Some(BraceEntry { key, value })
    }

    fn comprehension(&mut self, pair: Pair<'_, Rule>) -> Option<For> {
        let (mut pattern, mut cond, mut exprs) = (None, None, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pattern => pattern = Some(self.pattern(part)),
                Rule::only_if => {
                    let inner = part.into_inner().find(|p| p.as_rule() == Rule::expr)?;
                    cond = Some(self.expr(inner));
                }
                Rule::expr => exprs.push(self.expr(part)),
                _ => {}
            }
        }
        if exprs.is_empty() {
            return None;
        }
        let source = exprs.remove(0);
        Some(For { pattern: pattern?, source, cond, values: exprs })
    }

    pub(super) fn pattern(&mut self, pair: Pair<'_, Rule>) -> Pattern {
        let span = self.span(&pair);
        let grouped = pair.as_str().starts_with('(');
        let mut names: Vec<Ident> = pair.into_inner().map(|p| self.ident(&p)).collect();
        match (grouped, names.len()) {
            (false, 1) => Pattern::Name(names.remove(0)),
            _ => Pattern::Tuple(names, span),
        }
    }
}

/// The parts of a comprehension; `values` are its element, or its key and value.
struct For {
    pattern: Pattern,
    source: Expr,
    cond: Option<Expr>,
    values: Vec<Expr>,
}

/// The dotted name that an expression is, if it is one.
fn function_name(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.as_str().to_owned()),
        ExprKind::Field { base, name, optional: false } => {
            let mut joined = function_name(base)?;
            joined.push('.');
            joined.push_str(name.name.as_str());
            Some(joined)
        }
        _ => None,
    }
}

/// Whether this is the amount of the least Int.
pub(super) fn is_least(text: &str) -> bool {
    let digits = text.bytes().filter(|b| *b != b'_');
    text.starts_with('9') && digits.eq(i64::MIN.unsigned_abs().to_string().bytes())
}

/// A number with its sign changed; not for those that are negative already.
fn negated(value: &Value) -> Option<Value> {
    match value {
        Value::Int(i) if *i > 0 => Some(Value::Int(-i)),
        Value::Percent(p) if *p > 0 => Some(Value::Percent(-p)),
        Value::Duration(ms) if *ms > 0 => Some(Value::Duration(-ms)),
        Value::Size(bytes) if *bytes > 0 => Some(Value::Size(-bytes)),
        _ => None,
    }
}

/// A region, or a zone where a letter follows the number.
fn place(text: &str) -> Value {
    let symbol = Symbol::new(text);
    if text.ends_with(|c: char| c.is_ascii_digit()) { Value::Region(symbol) } else { Value::Zone(symbol) }
}
