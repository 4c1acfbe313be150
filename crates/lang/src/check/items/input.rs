//! Inputs: what is given to a program from outside, as text.

use topo_model::{Diagnostic, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, ItemKind};

use super::super::exprs::article;
use super::super::mismatch::unions;
use super::Placed;
use crate::checker::{Checker, Input};
use crate::form::example;
use crate::modules::FileId;
use crate::suggest;
use crate::types::{has_secret, holds_resource};

impl Checker<'_> {
    pub(super) fn inputs(&mut self, placed: &[Placed<'_>], sets: &[(String, String)]) {
        for (file, item) in placed {
            let ItemKind::Input { name, ty, default } = &item.kind else { continue };
            if let Some(before) = self.inputs.get(&name.name) {
                self.report(suggest::duplicate(*name, before.name.span));
                continue;
            }
            let written = ty.span;
            let ty = self.type_of(*file, ty);
            self.may_be_given(*name, &ty, written);
            let has_default = default.is_some();
            let default = match default {
                Some(default) => self.input_default(*file, default, &ty),
                None if matches!(ty, Type::Optional(_)) => Some(Value::None),
                None => None,
            };
            let given = sets.iter().rev().find(|(n, _)| name.name == n.as_str()).map(|(_, text)| text);
            let value = match given {
                Some(text) => self.input_value(*file, *name, &ty, text),
                None => default,
            };
            if value.is_none() && given.is_none() && !has_default && !self.modules.is_broken(item.span) {
                let message = format!("the input `{}` has no value: it has no default, and none was given", name.name);
                let found = Diagnostic::error(103, name.span, message, format!("needs a value of type {ty}"));
                self.report(found.help(format!("run with `--set {}=…`, or set TOPO_SET_{}", name.name, name.name)));
            }
            self.inputs.insert(name.name, Input { name: *name, ty, default: value });
        }
        let known: Vec<Symbol> = self.inputs.keys().copied().collect();
        for (name, _) in sets {
            if !known.iter().any(|n| n.as_str() == name) && self.modules.unread.is_empty() {
                let message = format!("`--set {name}`: the project has no input `{name}`");
                let found = Diagnostic::error(101, Span::NONE, message, "not known");
                let near = suggest::nearest(name, known.iter().map(|n| n.as_str()));
                self.report(match near {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None if known.is_empty() => found.help(format!("it has none; write `input {name}: String`")),
                    None => found.help(format!("its inputs are {}", suggest::listed(&known))),
                });
            }
        }
    }

    /// T0201 for an input that no text can give, T0801 for one that would be listed with a
    /// secret in it.
    fn may_be_given(&mut self, name: ast::Ident, ty: &Type, written: Span) {
        let whole = matches!(ty.narrowed(), Type::Secret(_));
        if holds_resource(ty) {
            let message = format!("the input `{}` is given as text, and {ty} is a resource", name.name);
            let found = Diagnostic::error(201, written, message, "not what a text can give");
            self.report(found.help("take its id as a String, and look it up: `existing x: KIND from ID { }`"));
        } else if has_secret(ty) && !whole {
            let message = format!("the input `{}` would be listed with the secret that is in it", name.name);
            let found = Diagnostic::error(801, written, message, "holds a secret");
            self.report(found.help("make the secret an input of its own: `input password: Secret<String>`"));
        }
    }

    /// The default of an input; that of a secret is where it comes from, never what it is.
    fn input_default(&mut self, file: FileId, default: &ast::Expr, ty: &Type) -> Option<Value> {
        let value = self.constant(file, default, ty)?;
        if matches!(ty.narrowed(), Type::Secret(_)) && !matches!(value, Value::Secret(_) | Value::None) {
            let message = "a secret that stands in the program is none: everyone who reads it knows it";
            let found = Diagnostic::error(801, default.span, message, "shown here");
            self.report(found.help("say where it comes from, `secret(\"ssm:/path\")`, or leave it out"));
        }
        Some(value)
    }

    /// The value of an input from its text: a literal, or for a String the bare text.
    pub(super) fn input_value(&mut self, file: FileId, name: ast::Ident, ty: &Type, text: &str) -> Option<Value> {
        match ty.narrowed() {
            Type::Secret(of) => {
                self.secret_text(file, name, of, text)?;
                let version = topo_model::Func::Sha256.call(vec![Value::str(text)]).ok();
                let version = version.and_then(|v| v.as_str().map(Into::into));
                let source = format!("input:{}", name.name).into();
                return Some(Value::Secret(topo_model::SecretRef { source, version }.into()));
            }
            Type::String if matches!(ty, Type::Optional(_)) && text == "none" => return Some(Value::None),
            Type::String if !text.starts_with('"') => return Some(Value::str(text)),
            Type::Union(names) if names.iter().any(|n| n.as_str() == text) => return Some(Value::str(text)),
            Type::Union(names) if !text.starts_with('"') && text != "none" => {
                let allowed = unions(names);
                let message =
                    format!("the input `{}` is given as `{text}`, and that is not one of {allowed}", name.name);
                let found = Diagnostic::error(201, name.span, message, format!("expected {ty}"));
                let near = suggest::nearest(text, names.iter().map(|n| n.as_str()));
                self.report(match near {
                    Some(near) => found.help(format!("did you mean `{near}`?")),
                    None => {
                        let first = names.first().map_or("", |n| n.as_str());
                        found.help(format!("write one of them, for example `--set {}={first}`", name.name))
                    }
                });
                return None;
            }
            _ => {}
        }
        self.literal_text(file, name, ty, text, true)
    }

    /// Whether a secret's text is one of its type; the findings don't show it.
    fn secret_text(&mut self, file: FileId, name: ast::Ident, of: &Type, text: &str) -> Option<()> {
        match of {
            Type::String => Some(()),
            of => self.literal_text(file, name, of, text, false).map(|_| ()),
        }
    }

    /// A text as a literal of a type.
    fn literal_text(&mut self, file: FileId, name: ast::Ident, ty: &Type, text: &str, shown: bool) -> Option<Value> {
        let bad = |detail: &str| {
            if !shown {
                let message = format!("the secret input `{}` is given as what is no {ty}", name.name);
                let found = Diagnostic::error(201, name.span, message, format!("expected {ty}"));
                return found.help(format!("write {}, for example `{}`", article(ty), example(ty)));
            }
            let message = format!("the input `{}` is given as `{text}`, and {detail}", name.name);
            let found = Diagnostic::error(201, name.span, message, format!("expected {ty}"));
            let form = example(ty);
            // Quoted where a shell would take it apart.
            let form = if form.contains(['"', ' ', '(']) { format!("'{form}'") } else { form };
            found.help(format!("write {}, for example `--set {}={form}`", article(ty.narrowed()), name.name))
        };
        // A place of its own, so that findings can cite it.
        let place = match shown {
            true => self.modules.sources.add(&format!("--set {}", name.name), text.into(), true).map(|f| f.base),
            false => None,
        };
        let Ok(expr) = topo_syntax::parse_expr(text, place.unwrap_or(1)) else {
            self.report(bad(&format!("that is no {ty}")));
            return None;
        };
        let before = self.modules.diagnostics.len();
        let value = self.constant(file, &expr, ty);
        let found = self.modules.diagnostics.split_off(before);
        if let Some(first) = found.into_iter().next() {
            let unknown = first.code.0 == 101;
            let mut found = match unknown {
                true => bad(&format!("that is no {}", ty.narrowed())),
                false => bad(&first.message),
            };
            if let Some(help) = first.help.filter(|_| shown && !unknown) {
                found = found.help(help.text);
            }
            if matches!(first.code.0, 202 | 205) {
                found.code = first.code;
            }
            self.report(found);
        }
        value
    }
}
