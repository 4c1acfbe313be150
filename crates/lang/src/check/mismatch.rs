//! What to say when a type does not fit, and how to write what was probably meant.

use topo_model::{Diagnostic, Help, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, BinaryOp, Expr, ExprKind};

use super::Typer;
use super::exprs::{article, is_scalar};
use crate::fits::Fit;
use crate::form::{example, needs_instances, placeholder, with_unit};
use crate::suggest;
use crate::types::{has_secret, without_secrets};

/// How many members of a union a message lists: more than any union of the library has.
const ALLOWED: usize = 50;

impl Typer<'_, '_> {
    /// The finding for an expression of type `from` where `want` is expected.
    pub(crate) fn mismatch(&mut self, from: &Type, want: &Type, source: &Expr) -> Diagnostic {
        let found = self.misfit(from, want, source);
        if found.help.is_some() {
            return found;
        }
        found.help(match want.narrowed() {
            Type::Kind(_) | Type::Component(_) => format!("give what a `resource` statement of {want} makes"),
            want @ Type::Record(_) => format!("write its fields, for example `{}`", example(want)),
            want => format!("write {}, for example `{}`", article(want), example(want)),
        })
    }

    /// How to write an expression as another type, where there is a way.
    pub(crate) fn conversion(&mut self, from: &Type, want: &Type, source: &Expr) -> Option<Help> {
        if matches!(from, Type::Unknown) || matches!(want, Type::Unknown) {
            return None;
        }
        self.misfit(from, want, source).help
    }

    fn misfit(&mut self, from: &Type, want: &Type, source: &Expr) -> Diagnostic {
        let text = shorten(&self.text(source.span));
        match (from, want) {
            (Type::Secret(of), _) if self.cx.fits(of, want) != Fit::No => {
                let message = format!("the secret `{text}` would flow into a plain {want}, which is shown");
                return Diagnostic::error(801, source.span, message, "a secret")
                    .help(format!("only what has type Secret<{want}> takes it: give it there, or leave it out here"));
            }
            _ if has_secret(from) && !has_secret(want) && self.cx.fits(&without_secrets(from), want) != Fit::No => {
                let message = format!("the secrets in `{text}` would flow into a plain {want}, which is shown");
                return Diagnostic::error(801, source.span, message, "holds secrets")
                    .help(format!("only what has type {from} takes them"));
            }
            (Type::Optional(of), _) if self.cx.fits(of, want) != Fit::No => return self.not_narrowed(from, source),
            (Type::Fraction, Type::Int(_)) => return self.inexact(&text, source),
            _ => {}
        }
        // Where a `T?` is expected, what is wrong is not that it may be `none`.
        let want = if matches!(from, Type::Optional(_)) { want } else { want.narrowed() };
        let wanted = wanted(want);
        let found = |text: String| Diagnostic::error(201, source.span, text, format!("expected {wanted}"));
        let found = match literal_fix(want, &text, source) {
            Some((message, Some(fix))) => return found(message).fix(format!("write `{fix}`"), source.span, fix),
            Some((message, None)) if matches!(from, Type::None) && !needs_instances(want) => {
                let default = placeholder(want);
                let help = format!("give a value, for example `{default}`, or leave it out");
                return found(message).fix(help, source.span, default);
            }
            Some((message, None)) => found(message),
            None => found(format!("expected {wanted}, found `{text}`, which is {}", article(from))),
        };
        self.mismatch_help(found, from, want, source)
    }

    fn mismatch_help(&mut self, found: Diagnostic, from: &Type, want: &Type, source: &Expr) -> Diagnostic {
        let text = self.text(source.span);
        match (from, want.narrowed()) {
            (from, Type::String) if is_scalar(from) => {
                let fix = format!("\"${{{text}}}\"");
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::String, Type::Cidr) => {
                let fix = format!("cidr({text})");
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::List(from), Type::List(of)) if is_scalar(from) && matches!(**of, Type::String) => {
                let fix = self.as_texts(&text);
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::Cidr, Type::Ip) => {
                found.help(format!("choose an address of it, for example `cidr.host({text}, 1)`"))
            }
            (Type::Duration(_), Type::Int(_)) => found.help(format!("`{text} / 1s` is the number of seconds")),
            (Type::Size(_), Type::Int(_)) => found.help(format!("`{text} / 1GiB` is the number of GiB")),
            (Type::Int(_), Type::Duration(_)) => found.help(format!("`{text} * 1s` is so many seconds")),
            (Type::Int(_), Type::Size(_)) => found.help(format!("`{text} * 1GiB` is so many GiB")),
            (Type::String, Type::Int(_) | Type::Duration(_) | Type::Size(_) | Type::Percent)
            | (Type::String, Type::Region | Type::Zone | Type::Ip)
                if !matches!(source.kind, ExprKind::Literal(_)) =>
            {
                found.help(format!("text is not converted: declare it as {want} where it comes from"))
            }
            (Type::String, Type::Union(names)) => found.help(format!("allowed are {}", unions(names))),
            (Type::Union(from), Type::Union(names)) => {
                let outside: Vec<Symbol> = from.iter().copied().filter(|n| !names.contains(n)).collect();
                found.help(format!("it may be {}; allowed are {}", unions(&outside), unions(names)))
            }
            (from, Type::List(of)) if self.cx.fits(from, of) != Fit::No => {
                let fix = format!("[{text}]");
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::Map(of), Type::List(element)) => {
                let (key, value) = (self.cx.fits(&of.0, element), self.cx.fits(&of.1, element));
                match (key != Fit::No, value != Fit::No) {
                    (true, true) => {
                        found.help(format!("take its keys or its values: `keys({text})`, `values({text})`"))
                    }
                    (true, false) => found.fix(format!("write `keys({text})`"), source.span, format!("keys({text})")),
                    (false, true) => {
                        found.fix(format!("write `values({text})`"), source.span, format!("values({text})"))
                    }
                    (false, false) => found,
                }
            }
            (Type::Map(of), want) if self.cx.fits(&of.1, want) != Fit::No => {
                found.help(format!("choose one by its key: `{text}[…]`, or `only(values({text}))`"))
            }
            (Type::List(of), want) if self.cx.fits(of, want) != Fit::No && lone(source).is_some() => {
                let fix = self.text(lone(source).unwrap_or(source.span));
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::List(of), want) if self.cx.fits(of, want) != Fit::No => {
                found.help(format!("choose one: `only({text})`, `first({text})` or `{text}[0]`"))
            }
            (Type::String, Type::Kind(kind)) => {
                let help = format!("give the resource itself, of kind {kind}, not its id");
                match &source.kind {
                    ExprKind::Field { base, name, .. } if name.name == "id" => {
                        found.fix(help, Span::new(base.span.hi, source.span.hi), "")
                    }
                    _ => found.help(help),
                }
            }
            (Type::String, Type::Bool) if matches!(source.kind, ExprKind::Literal(_)) => match truth(&text) {
                Some(fix) => found.fix(format!("write `{fix}`"), source.span, fix),
                None => found.help("write `true` or `false`"),
            },
            (Type::Int(_), Type::Bool) if matches!(source.kind, ExprKind::Literal(_)) => {
                found.help("write a Bool: `true`, `false` or a comparison")
            }
            (Type::Int(_), Type::Bool) => self.condition(found, source, "> 0"),
            (Type::String, Type::Bool) => self.condition(found, source, "!= \"\""),
            (Type::List(_) | Type::Map(_), Type::Bool) => {
                let fix = format!("len({text}) > 0");
                found.fix(format!("write `{fix}`"), source.span, fix)
            }
            (Type::Optional(_), Type::Bool) => self.condition(found, source, "!= none"),
            (Type::List(_), Type::Map(of)) => {
                let items: Vec<String> = match &source.kind {
                    ExprKind::List(items) => items.iter().map(|item| self.text(item.span)).collect(),
                    _ => Vec::new(),
                };
                let keys = placeholder(&of.0);
                match items.first().filter(|_| matches!(of.1, Type::Kind(_) | Type::Component(_))) {
                    Some(first) => found.help(format!("a Map has a key for each: `{{ {keys} = {first}, … }}`")),
                    None => found.help(format!("a Map has a key for each: `{{ {keys} = {}, … }}`", placeholder(&of.1))),
                }
            }
            (from, Type::Map(of)) if self.cx.fits(from, &of.1) != Fit::No => {
                found.help(format!("a Map has a key for each: `{{ {} = {text} }}`", placeholder(&of.0)))
            }
            (from, Type::Record(record)) => {
                let mut lacking = Vec::new();
                for field in &record.fields {
                    let member = self.cx.member(from, field.name);
                    if member.is_none() && field.default.is_none() {
                        lacking.push(field.name);
                    }
                }
                if lacking.is_empty() { found } else { found.help(format!("it lacks {}", suggest::listed(&lacking))) }
            }
            (Type::Kind(_), want) | (Type::Component(_), want) => {
                let mut fitting = Vec::new();
                for name in self.cx.members(from) {
                    if self.cx.member(from, name).is_some_and(|ty| ty == *want) {
                        fitting.push(name);
                    }
                }
                match fitting.as_slice() {
                    [one] => {
                        let one = *one;
                        found.fix(format!("write `{text}.{one}`"), source.span.end(), format!(".{one}"))
                    }
                    [] => found,
                    many => found.help(format!("it has {} of that type", suggest::listed(many))),
                }
            }
            _ => found,
        }
    }

    /// A list of scalars as one of texts.
    pub(crate) fn as_texts(&self, list: &str) -> String {
        let free = |name: &&str| !self.is_in_scope(Symbol::new(name));
        let x = ["x", "item", "element"].into_iter().find(free).unwrap_or("an_element");
        format!("[for {x} in {list}: \"${{{x}}}\"]")
    }

    /// One finding for a list of which several elements are of another type, in the place of one
    /// for each.
    pub(crate) fn say_once(&mut self, before: usize, items: &[Expr], of: &Type, span: Span) {
        let all = &self.cx.modules.diagnostics[before..];
        let of_an_item = |found: &Diagnostic| found.code.0 == 201 && items.iter().any(|item| item.span == found.span());
        if all.len() < 2 || !all.iter().all(of_an_item) {
            return;
        }
        let all = self.cx.modules.diagnostics.split_off(before);
        let text = shorten(&self.text(span));
        let wanted = wanted(of);
        let message =
            format!("expected List<{wanted}>, found `{text}`, of which {} elements are no {wanted}", all.len());
        let mut found = Diagnostic::error(201, all[0].span(), message, format!("expected {wanted}"));
        for other in &all[1..] {
            found = found.label(other.span(), format!("expected {wanted}"));
        }
        let mut mended = self.text(span);
        for edit in all.iter().rev().map(|found| found.help.as_ref().and_then(|help| help.edit.as_ref())) {
            let Some(edit) = edit else {
                let help = all.iter().find_map(|found| found.help.as_ref()).map(|help| help.text.clone());
                self.report(found.help(help.unwrap_or_else(|| format!("write {} in each place", article(of)))));
                return;
            };
            mended.replace_range((edit.span.lo - span.lo) as usize..(edit.span.hi - span.lo) as usize, &edit.text);
        }
        self.report(found.fix(format!("write `{}`", shorten(&mended)), span, mended));
    }

    /// What to write for a field of what may be `none`: `?.` where the result may be `none`, and
    /// with a default where it may not.
    pub(crate) fn read_perhaps(
        &mut self,
        found: Diagnostic,
        (base, of): (&Expr, &Type),
        name: ast::Ident,
        span: Span,
        wanted: Option<&Type>,
    ) -> Diagnostic {
        let read = format!("{}?.{}", self.text(base.span), name.name);
        let Some(member) = self.cx.member(of, name.name) else { return found };
        if matches!(wanted, Some(Type::Optional(_) | Type::Unknown)) {
            let question = Span::new(base.span.hi, name.span.lo);
            return found.fix(format!("write `{read}`, which is `none` where it is"), question, "?.");
        }
        let plain =
            matches!(member, Type::Optional(_)) || wanted.is_some_and(|want| self.cx.fits(&member, want) == Fit::No);
        if !is_scalar(&member) || plain {
            return found;
        }
        let default = placeholder(wanted.filter(|want| is_scalar(want)).unwrap_or(&member));
        let fix = format!("{read} ?? {default}");
        let fix = if self.stands_alone(span) { fix } else { format!("({fix})") };
        found.fix(format!("say what holds without it: `{read} ?? …`"), span, fix)
    }

    /// What `x["name"]` was meant to be where fields have names.
    pub(crate) fn field_of(
        &mut self,
        found: Diagnostic,
        of: &Type,
        base: &Expr,
        index: &Expr,
        span: Span,
    ) -> Diagnostic {
        let text = self.text(base.span);
        let members = self.cx.members(of);
        match (&index.kind, of) {
            (ExprKind::Literal(Value::Str(name)), _) if members.iter().any(|m| *m == name.as_str()) => {
                let rest = Span::new(base.span.hi, span.hi);
                found.fix(format!("write `{text}.{name}`"), rest, format!(".{name}"))
            }
            (_, Type::Record(_) | Type::Kind(_) | Type::Component(_)) => {
                found.help(format!("it has {}, which are read with a dot", suggest::listed(&members)))
            }
            _ => found.help(format!("it is a value by itself: write `{text}`")),
        }
    }

    /// How to write one of two expressions as the other's type; the first, if both could be.
    pub(crate) fn alike(&mut self, a: &Type, b: &Type, first: &Expr, second: &Expr) -> Option<Help> {
        let ways = [self.conversion(a, b, first), self.conversion(b, a, second)];
        let (mended, told): (Vec<_>, Vec<_>) = ways.into_iter().flatten().partition(|help| help.edit.is_some());
        let other = "write values of one type on both sides";
        let help = mended.into_iter().chain(told).next();
        Some(help.unwrap_or_else(|| Help { text: other.to_owned(), edit: None }))
    }

    /// A comparison that makes a Bool of a value.
    fn condition(&self, found: Diagnostic, source: &Expr, rest: &str) -> Diagnostic {
        let help = format!("write `{} {rest}`", self.text(source.span));
        found.fix(help, source.span.end(), format!(" {rest}"))
    }

    /// T0204: what may be `none` is used as if it were there.
    pub(crate) fn not_narrowed(&mut self, ty: &Type, source: &Expr) -> Diagnostic {
        let text = self.text(source.span);
        let message = format!("`{text}` may be none: it is {}", article(ty));
        let found =
            Diagnostic::error(204, source.span, message, format!("may be none, and {} is needed", ty.narrowed()));
        let guarded = self.place(source).is_some();
        let help = match guarded {
            true => format!(
                "guard it with `when {text} != none` or `if {text} != none then …`, or give a default: `{text} ?? …`"
            ),
            false => format!("give a default: `{text} ?? …`"),
        };
        let of = ty.narrowed();
        if let (true, Some(place), Type::Region | Type::Zone | Type::Kind(_) | Type::Component(_)) =
            (guarded, self.unconditional, of)
        {
            return found.fix(help, place, format!("when {text} != none "));
        }
        if !is_scalar(of) || matches!(of, Type::Unknown) {
            return found.help(help);
        }
        let fix = format!("{text} ?? {}", placeholder(of));
        let fix = if self.stands_alone(source.span) { fix } else { format!("({fix})") };
        found.fix(help, source.span, fix)
    }

    /// Whether an expression is all of a value, so that an operator can be added without brackets.
    fn stands_alone(&self, span: Span) -> bool {
        let Some(file) = self.cx.modules.sources.file(span) else { return false };
        let at = |place: u32| (place - file.base) as usize;
        let before = file.text.get(..at(span.lo)).unwrap_or_default().trim_end_matches(' ');
        let after = file.text.get(at(span.hi)..).unwrap_or_default().trim_start_matches(' ');
        let compares = ["==", "!=", "<=", ">="].iter().any(|sign| before.ends_with(sign));
        let begins = before.ends_with(['=', '(', '[', '{', ',', ':', '\n'])
            || ["=>", " then", " else"].iter().any(|sign| before.ends_with(sign));
        let ends = after.is_empty()
            || after.starts_with(['\n', '\r', ')', ']', '}', ',', ':'])
            || ["//", "then ", "else ", "if "].iter().any(|sign| after.starts_with(sign));
        begins && !compares && ends
    }

    /// T0205: a fraction where an Int is needed.
    pub(crate) fn inexact(&mut self, text: &str, source: &Expr) -> Diagnostic {
        let message = format!("`{text}` is an exact fraction, and an Int is needed");
        let found = Diagnostic::error(205, source.span, message, "may not be whole");
        found.fix(
            format!("round it: `ceil({text})`, `floor({text})` or `round({text})`"),
            source.span,
            format!("ceil({text})"),
        )
    }

    /// T0201 for a literal that a union of strings does not have.
    pub(crate) fn outside_union(&mut self, span: Span, text: &str, names: &[Symbol], optional: bool) {
        let none = if optional { " or none" } else { "" };
        let message = format!("\"{text}\" is not one of {}{none}", unions(names));
        let found = Diagnostic::error(201, span, message, "not allowed here");
        let near = self.cx.modules.comparisons.nearest(Symbol::new(text), names);
        self.report(match near {
            Some(near) => found.fix(format!("did you mean \"{near}\"?"), span, format!("\"{near}\"")),
            None => {
                let first = names.first().map_or_else(|| "\"\"".to_owned(), |n| format!("\"{n}\""));
                found.fix(format!("write one of these, for example {first}"), span, first)
            }
        });
    }
}

/// The function that does what other languages have as a field or method.
pub(crate) fn method(name: &str, of: &Type) -> Option<&'static str> {
    Some(match (name, of) {
        ("length" | "len" | "size" | "count", Type::String | Type::Union(_) | Type::List(_) | Type::Map(_)) => "len",
        ("first", Type::List(_)) => "first",
        ("keys", Type::Map(_)) => "keys",
        ("values", Type::Map(_)) => "values",
        ("lower", Type::String) => "lower",
        ("upper", Type::String) => "upper",
        ("trim", Type::String) => "trim",
        _ => return None,
    })
}

/// A type as what is expected; of a large record the names of its fields only.
fn wanted(ty: &Type) -> String {
    match ty {
        Type::Record(record) if record.fields.len() > 3 => {
            let names: Vec<Symbol> = record.fields.iter().map(|f| f.name).collect();
            format!("a record of {}", suggest::listed(&names))
        }
        ty => ty.to_string(),
    }
}

/// The message and the literal to write, where the expression is a literal of the wrong type.
fn literal_fix(want: &Type, text: &str, source: &Expr) -> Option<(String, Option<String>)> {
    let number = match &source.kind {
        ExprKind::Literal(Value::Int(_)) => true,
        ExprKind::Unary { operand, .. } => matches!(operand.kind, ExprKind::Literal(Value::Int(_))),
        _ => false,
    };
    let wanted = wanted(want);
    let message = format!("expected {wanted}, found {text}");
    let inner = want.narrowed();
    if number {
        return Some(match inner {
            Type::Duration(_) | Type::Percent | Type::Size(_) => {
                (format!("{message}, which has no unit"), with_unit(text, inner))
            }
            Type::String => (message, Some(format!("\"{text}\""))),
            _ => (message, None),
        });
    }
    let ExprKind::Literal(value) = &source.kind else { return None };
    let fix = match (value, inner) {
        (Value::Str(inside), want) => bare(inside, want),
        (Value::Cidr(_) | Value::Ip(_) | Value::Region(_) | Value::Zone(_) | Value::Bool(_), Type::String) => {
            Some(format!("\"{text}\""))
        }
        (Value::Percent(_) | Value::Duration(_) | Value::Size(_), Type::String) => Some(format!("\"{text}\"")),
        (Value::Ip(_), Type::Cidr) => Some(format!("{text}/32")),
        (Value::None, _) => return Some((format!("expected {wanted}, found none, and only a `T?` may be none"), None)),
        _ => None,
    };
    Some((message, fix))
}

/// The Bool that a quoted word of another tool means.
fn truth(quoted: &str) -> Option<&'static str> {
    match quoted.trim_matches('"').to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" | "enabled" | "enable" | "1" => Some("true"),
        "no" | "off" | "false" | "disabled" | "disable" | "0" => Some("false"),
        _ => None,
    }
}

/// A string's text as a literal of the wanted type, where it is one.
fn bare(text: &str, want: &Type) -> Option<String> {
    let parsed = topo_syntax::parse_expr(text, 1).ok()?;
    let value = match parsed.kind {
        ExprKind::Literal(value) => value,
        _ => return None,
    };
    let fits = matches!(
        (&value, want),
        (Value::Int(_), Type::Int(_))
            | (Value::Bool(_), Type::Bool)
            | (Value::Percent(_), Type::Percent)
            | (Value::Duration(_), Type::Duration(_))
            | (Value::Size(_), Type::Size(_))
            | (Value::Cidr(_), Type::Cidr)
            | (Value::Ip(_), Type::Ip)
            | (Value::Region(_), Type::Region)
            | (Value::Zone(_), Type::Zone)
    );
    fits.then(|| text.to_owned())
}

/// The members of a union as text; of more than anyone writes, the first.
pub(crate) fn unions(names: &[Symbol]) -> String {
    let mut shown: Vec<String> = names.iter().take(ALLOWED).map(|n| format!("\"{n}\"")).collect();
    if names.len() > ALLOWED {
        shown.push(format!("and {} more", names.len() - ALLOWED));
    }
    shown.join(", ")
}

/// A text for a message: its first line, and not all of a long one.
pub(crate) fn shorten(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let cut = line.char_indices().nth(60).map(|(at, _)| at);
    match cut {
        Some(at) => format!("{}…", &line[..at]),
        None if line.len() < text.len() => format!("{line} …"),
        None => line.to_owned(),
    }
}

/// The operator as written.
pub(crate) fn sign(op: BinaryOp) -> &'static str {
    match op {
        ast::BinaryOp::Or => "or",
        ast::BinaryOp::And => "and",
        ast::BinaryOp::Eq => "==",
        ast::BinaryOp::Ne => "!=",
        ast::BinaryOp::Lt => "<",
        ast::BinaryOp::Le => "<=",
        ast::BinaryOp::Gt => ">",
        ast::BinaryOp::Ge => ">=",
        ast::BinaryOp::In => "in",
        ast::BinaryOp::Coalesce => "??",
        ast::BinaryOp::Range => "..",
        ast::BinaryOp::Add => "+",
        ast::BinaryOp::Sub => "-",
        ast::BinaryOp::Mul => "*",
        ast::BinaryOp::Div => "/",
    }
}

/// The one element of a list as it is written.
fn lone(source: &Expr) -> Option<Span> {
    match &source.kind {
        ast::ExprKind::List(items) if items.len() == 1 => items.first().map(|item| item.span),
        _ => None,
    }
}
