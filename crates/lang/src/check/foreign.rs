//! What people write who know another tool, and how it is written here.

use topo_model::{Diagnostic, Symbol, Type};
use topo_syntax::ast::{self, Expr};

use super::Typer;
use super::exprs::article;

/// Whether a name is what other languages call `none`.
pub(crate) fn is_foreign_none(name: Symbol) -> bool {
    matches!(name.as_str(), "null" | "nil" | "None" | "undefined")
}

impl Typer<'_, '_> {
    /// T0101 for `null` where nothing may be absent.
    pub(crate) fn foreign_none(&self, expr: &Expr, want: &Type) -> Option<Diagnostic> {
        let ast::ExprKind::Name(name) = expr.kind else { return None };
        let known = self.locals.iter().any(|l| l.name == name) || self.lookup(name).is_some();
        if !is_foreign_none(name) || known || matches!(want, Type::Optional(_) | Type::None | Type::Unknown) {
            return None;
        }
        let message = format!("`{name}` is not known here, and {} is never `none`", article(want));
        let found = Diagnostic::error(101, expr.span, message, "not known");
        Some(found.help("leave it out, or give a value: only a `T?` may be `none`"))
    }
}
