//! What is certain to be known too late, seen without expanding the program.
//!
//! Expansion finds this with the values and the whole chain; here it is found for programs
//! that have other errors, and so are not expanded.

use topo_model::{Diagnostic, Func};

use super::Typer;
use crate::ir::{Expr, ExprKind};

impl Typer<'_, '_> {
    /// T0203 for an output of a resource where a value is needed at plan time.
    pub(crate) fn must_be_known(&mut self, expr: &Expr, what: &str) {
        let Some(output) = awaited(expr) else { return };
        let text = self.text(output.span);
        let message =
            format!("{what} needs a value that is known at plan time, and `{text}` is known only after apply");
        let found = Diagnostic::error(203, expr.span, message, format!("waits for `{text}`"));
        let found = found.label(output.span, "a cloud decides this");
        self.cx.late.push(found.help(DECIDE));
    }
}

/// What to do where something is known too late.
pub(crate) const DECIDE: &str =
    "decide it by what the program says: the environment, an input, or what the resource is made of";

/// The output that a value certainly waits for. What chooses or collects may not need it.
fn awaited(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Read { attribute: None, .. } => Some(expr),
        ExprKind::Convert(of, _) => awaited(of),
        ExprKind::Call(Func::Coalesce | Func::Field | Func::OptionalField | Func::Index, _) => None,
        ExprKind::Call(_, args) => args.iter().find_map(awaited),
        _ => None,
    }
}
