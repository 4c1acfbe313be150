//! What people write who know another tool, and how it is written here.

use topo_model::{Diagnostic, Span, Symbol, Type};
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

    /// T0101 for a member of a union of strings that is written without quotes.
    pub(crate) fn unquoted(&self, expr: &Expr, want: &Type) -> Option<Diagnostic> {
        let (ast::ExprKind::Name(name), Type::Union(members)) = (&expr.kind, want.narrowed()) else { return None };
        if !members.contains(name) || self.is_in_scope(*name) {
            return None;
        }
        let found = Diagnostic::error(101, expr.span, format!("`{name}` is not known here"), "not known");
        let fix = format!("\"{name}\"");
        Some(found.fix(format!("write `{fix}`"), expr.span, fix))
    }

    /// T0101 for `var.prefix`, `local.zone`, `each.value` and the like.
    pub(crate) fn foreign_field(&self, base: &Expr, name: ast::Ident, span: Span) -> Option<Diagnostic> {
        let ast::ExprKind::Name(of) = base.kind else { return None };
        if self.locals.iter().any(|l| l.name == of) || self.lookup(of).is_some() {
            return None;
        }
        let name = name.name;
        let (message, help) = match of.as_str() {
            "var" => (
                format!("`var` is not known here: an input is named directly, `{name}`"),
                format!("declare it: `input {name}: String`"),
            ),
            "local" => (
                format!("`local` is not known here: a `let` is named directly, `{name}`"),
                format!("declare it: `let {name} = …`"),
            ),
            "module" | "data" => (
                format!("`{of}` is not known here: what a statement makes is named directly"),
                "write the statement's own name".to_owned(),
            ),
            "each" | "count" => (
                format!("`{of}` is not known here: a loop names what it goes over"),
                "write `for (key, value) in … { … }` around the resource, and use these names".to_owned(),
            ),
            "path" => (
                "`path` is not known here: `file` reads from beside the file it stands in".to_owned(),
                "write `file(\"NAME\")`".to_owned(),
            ),
            "terraform" => (
                "`terraform` is not known here: the environment's name is `env.name`".to_owned(),
                "write `env.name`".to_owned(),
            ),
            of if of.starts_with("aws_") => (
                format!("`{of}` is not known here: a resource is named directly, `{name}`"),
                "write the statement's own name".to_owned(),
            ),
            _ => return None,
        };
        let found = Diagnostic::error(101, base.span, message, "not known");
        let known = self.is_in_scope(name) && !matches!(of.as_str(), "each" | "count" | "path");
        Some(match of.as_str() {
            "terraform" if name == "workspace" => found.fix(help, span, "env.name"),
            _ if known => found.fix(format!("write `{name}`"), span, name.to_string()),
            _ => found.help(help),
        })
    }
}

/// What a function of another language is here: the name of one that does the same, or how
/// it is written.
pub(crate) enum Ours {
    Named(&'static str),
    Written(&'static str),
}

/// A function that Terraform, Python or JavaScript has.
pub(crate) fn function(name: &str) -> Option<Ours> {
    Some(match name {
        "length" | "size" | "count" => Ours::Named("len"),
        "jsonencode" => Ours::Named("json"),
        "base64encode" => Ours::Named("base64"),
        "startswith" => Ours::Named("starts_with"),
        "endswith" => Ours::Named("ends_with"),
        "trimspace" | "strip" => Ours::Named("trim"),
        "toset" | "unique" => Ours::Named("distinct"),
        "one" => Ours::Named("only"),
        "cidrsubnet" => Ours::Named("cidr.subnet"),
        "cidrhost" => Ours::Named("cidr.host"),
        "cidrsubnets" => Ours::Named("cidr.split"),
        "concat" => Ours::Written("lists are joined with `flatten([a, b])`"),
        "tostring" | "str" => Ours::Written("a value becomes text in a string: `\"${value}\"`"),
        "tonumber" | "int" | "tobool" | "tolist" | "tomap" => {
            Ours::Written("there are no conversions: give a value of the type that is needed")
        }
        "coalesce" | "try" => Ours::Written("what may be none has its default behind `??`: `a ?? b`"),
        "lookup" | "element" => Ours::Written("an entry is read by its key, and an element by its position: `m[key]`"),
        "zipmap" | "setproduct" => Ours::Written("a map is made with `{ for (k, v) in zip(keys, values) : k => v }`"),
        "templatefile" | "template" => {
            Ours::Written("text with values in it is a string with `${}`; `file` reads one as it is")
        }
        "substr" | "substring" | "slice" => Ours::Written("text is taken apart with `split`, `replace` and `trim`"),
        "compact" => Ours::Written("a list is filtered with `[for x in xs if x != \"\": x]`"),
        "regex" | "can" | "timestamp" | "uuid" | "random" => {
            Ours::Written("the same program gives the same plan every time, and there is nothing like it")
        }
        "yamlencode" => Ours::Written("`json` gives JSON, which YAML takes"),
        _ => return None,
    })
}

/// A setting of resources that Terraform has: the name here, if one word does, and how it is
/// written.
pub(crate) fn setting(name: &str, lifecycle: bool) -> Option<(Option<&'static str>, &'static str)> {
    Some(match (name, lifecycle) {
        ("depends_on", false) => (Some("after"), "what must be there first is named with `after = [x, y]`"),
        ("count", false) => (None, "write `when CONDITION` before the braces, or a `for` around the resource"),
        ("for_each", false) => (None, "write `for (key, value) in … { … }` around the resource"),
        ("provider" | "region" | "location", false) => (None, "write `at REGION` before the braces"),
        ("prevent_destroy", _) => (Some("protect"), "write `lifecycle = { protect = true }`"),
        ("create_before_destroy", _) => (None, "write `lifecycle = { replace = \"create_first\" }`"),
        ("ignore_changes", _) => (Some("ignore"), "write `lifecycle = { ignore = [\"tags.owner\"] }`"),
        ("timeouts", false) => (None, "write `lifecycle = { timeout = 20m }`"),
        ("provisioner" | "connection", false) => (None, "a resource runs no commands"),
        _ => return None,
    })
}
