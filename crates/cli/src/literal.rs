//! Values given on the command line, as a program would write them.

use topo_model::{Diagnostic, Symbol, Value};
use topo_syntax::ast::{BraceKey, Expr, ExprKind, UnaryOp};

use crate::command::Result;
use crate::failure::Failure;

fn unreadable(text: &str, diagnostics: &[Diagnostic]) -> Failure {
    let first = diagnostics.first();
    let why = first.map(|d| format!(": {}", d.message)).unwrap_or_default();
    let failure = Failure::usage(format!("'{text}' is no value{why}"));
    match first.and_then(|d| d.help.as_ref()) {
        Some(help) => failure.help(help.text.clone()),
        None => failure,
    }
}

/// The value of a literal: `30s`, `[ap-east-2]`, `{ owner = "me" }`. A bare word that is
/// nothing else is text.
pub(crate) fn value(text: &str) -> Result<Value> {
    let expr = topo_syntax::parse_expr(text, 1).map_err(|found| unreadable(text, &found))?;
    if let ExprKind::Name(name) = expr.kind {
        return Ok(Value::str(name.as_str()));
    }
    literal(&expr).ok_or_else(|| {
        Failure::usage(format!("'{text}' is no plain value")).help("write a literal, as in ttl=30s or 'name=\"text\"'")
    })
}

fn literal(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => match literal(operand)? {
            Value::Int(i) => i.checked_neg().map(Value::Int),
            Value::Duration(ms) => ms.checked_neg().map(Value::Duration),
            _ => None,
        },
        ExprKind::List(items) => items.iter().map(literal).collect::<Option<_>>().map(Value::list),
        ExprKind::Tuple(items) => items.iter().map(literal).collect::<Option<_>>().map(Value::tuple),
        ExprKind::Braces(entries) => {
            let named = entries.iter().all(|e| matches!(e.key, BraceKey::Name(_)));
            let parts = entries.iter().map(|e| {
                let key = match &e.key {
                    BraceKey::Name(name) => Value::str(name.name.as_str()),
                    BraceKey::Key(key) => literal(key)?,
                };
                Some((key, literal(&e.value)?))
            });
            let parts = parts.collect::<Option<Vec<_>>>()?;
            Some(if named {
                Value::record(parts.iter().map(|(k, v)| (Symbol::new(k.as_str().unwrap_or_default()), v.clone())))
            } else {
                Value::map(parts)
            })
        }
        _ => None,
    }
}
