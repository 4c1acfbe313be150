//! Calls of built-in functions: how many arguments, of what types, giving what.

use topo_model::{Diagnostic, Func, Span, Symbol, Type, Value};
use topo_syntax::ast::{self, Expr};

use super::exprs::{article, is_empty};
use super::foreign::{Ours, function};
use super::operators::{has_order, plain};
use super::{Typed, Typer};
use crate::ir::{self, ExprKind};
use crate::suggest;
use crate::types::{has_secret, holds_resource};

impl Typer<'_, '_> {
    pub(crate) fn call(&mut self, name: ast::Ident, args: &[Expr], span: Span) -> Typed {
        let Some(func) = Func::by_name(name.name.as_str()) else {
            for arg in args {
                self.infer(arg);
            }
            let found = self.unknown_function(name);
            self.report(found);
            return Typed::failed(span);
        };
        if !func.arity().contains(&args.len()) {
            for arg in args {
                self.infer(arg);
            }
            let found = wrong_count(func, name, args.len(), span);
            self.report(match (func, args) {
                (Func::Join, [list]) => {
                    let text = format!("join({}, \", \")", self.text(list.span));
                    found.fix(format!("it takes a separator, too: `{text}`"), list.span.end(), ", \", \"")
                }
                _ => found,
            });
            return Typed::failed(span);
        }
        match func {
            Func::File => self.file_call(&args[0], span),
            Func::Zones => {
                let of = [self.check(&args[0], &Type::Region), self.check(&args[1], &Type::Int(None))];
                Typed::new(ExprKind::Zones(Box::new(of)), span, Type::list(Type::Zone))
            }
            _ => {
                let mut typed = Vec::with_capacity(args.len() + 1);
                let ty = self.call_types(func, args, &mut typed);
                Typed::new(ExprKind::Call(func, typed.into()), span, ty)
            }
        }
    }

    fn unknown_function(&self, name: ast::Ident) -> Diagnostic {
        let names: Vec<Symbol> = Func::ALL.iter().filter(|f| f.is_function()).map(|f| Symbol::new(f.name())).collect();
        let message = format!("there is no function `{}`", name.name);
        let found = Diagnostic::error(101, name.span, message, "not known");
        match function(name.name.as_str()) {
            Some(Ours::Named(ours)) => return found.fix(format!("it is called `{ours}` here"), name.span, ours),
            Some(Ours::Written(how)) => return found.help(how),
            None => {}
        }
        match suggest::nearest(name.name.as_str(), names.iter().map(|n| n.as_str())) {
            Some(near) => found.fix(format!("did you mean `{near}`?"), name.span, near),
            None => found.help("a program can't define functions: components are its abstraction"),
        }
    }

    /// The text of a file, read while the program is checked.
    fn file_call(&mut self, arg: &Expr, span: Span) -> Typed {
        let ast::ExprKind::Literal(Value::Str(path)) = &arg.kind else {
            let message =
                "`file` takes a path that is written out: which files a program reads is known before it runs";
            let found = Diagnostic::error(203, arg.span, message, "not a literal path");
            self.report(found.help("write the path itself: `file(\"NAME\")`"));
            return Typed::failed(span);
        };
        if self.in_library() {
            self.report(Diagnostic::error(203, span, "the standard library reads no files", "not possible here"));
            return Typed::failed(span);
        }
        let directory = self.cx.modules.file(self.file).directory.clone();
        let full = crate::modules::join(&directory, path);
        if let Some(found) = leaves(path, &full, &directory, arg.span) {
            self.report(found);
            return Typed::failed(span);
        }
        let text = match self.cx.modules.world().read(&full) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match text {
            Ok(text) => {
                self.cx.texts.push((full, text.as_str().into()));
                Typed::new(ExprKind::Const(Value::Str(text.into())), span, Type::String)
            }
            Err(reason) => {
                let message = format!("the file `{full}` can't be read: {reason}");
                let found = Diagnostic::error(2, arg.span, message, "not readable");
                self.report(found.help("a path begins in the directory of the file that it is written in"));
                Typed::failed(span)
            }
        }
    }

    /// Types the arguments of a function and gives the type of its result. Long, since it is
    /// a table: one arm for each function.
    fn call_types(&mut self, func: Func, args: &[Expr], out: &mut Vec<ir::Expr>) -> Type {
        use Func as F;
        let string = Type::String;
        let int = Type::Int(None);
        match func {
            F::Len => {
                self.one_of(func, &args[0], out, "a String, a List or a Map", |ty| {
                    matches!(ty, Type::String | Type::Union(_) | Type::List(_) | Type::Map(_) | Type::Tuple(_))
                });
                int
            }
            F::Keys => Type::list(self.map_arg(func, &args[0], out).0),
            F::Values => Type::list(self.map_arg(func, &args[0], out).1),
            F::First => Type::optional(self.list_arg(func, &args[0], out)),
            F::Only => self.list_arg(func, &args[0], out),
            F::Reverse => Type::list(self.list_arg(func, &args[0], out)),
            F::Distinct => {
                let of = self.list_arg(func, &args[0], out);
                self.shows_secrets(func.name(), &of, &args[0]);
                Type::list(of)
            }
            F::Sort => {
                let of = self.list_arg(func, &args[0], out);
                self.must_have_order(func, &of, &args[0]);
                Type::list(of)
            }
            F::Flatten => match self.list_arg(func, &args[0], out) {
                Type::List(of) => Type::List(of),
                Type::Unknown => Type::list(Type::Unknown),
                other => {
                    let found = wants(func, "a List of lists", &args[0], &Type::list(other), self);
                    self.report(found);
                    Type::Unknown
                }
            },
            F::Merge => self.merge(args, out),
            F::Numbers => {
                self.all(args, &int, out);
                Type::list(int)
            }
            F::Pairs => {
                let of = self.list_arg(func, &args[0], out);
                self.must_have_order(func, &of, &args[0]);
                Type::list(Type::Tuple([of.clone(), of].into()))
            }
            F::Zip => {
                let parts = [self.list_arg(func, &args[0], out), self.list_arg(func, &args[1], out)];
                Type::list(Type::Tuple(parts.into()))
            }
            F::Contains => {
                let of = self.one_of(func, &args[0], out, "a List, a Map or a String", |ty| {
                    matches!(ty, Type::String | Type::Union(_) | Type::List(_) | Type::Map(_))
                });
                let element = match &of {
                    Type::List(of) => plain(of),
                    Type::Map(of) => plain(&of.0),
                    Type::Unknown => Type::Unknown,
                    _ => Type::String,
                };
                self.shows_secrets(func.name(), &element, &args[0]);
                out.push(self.check(&args[1], &element));
                Type::Bool
            }
            F::Min | F::Max => self.extreme(func, args, out),
            F::Sum => self.sum(&args[0], out),
            F::Ceil | F::Floor | F::Round => {
                self.one_of(func, &args[0], out, "a number", |ty| matches!(ty, Type::Int(_) | Type::Fraction));
                int
            }
            F::Abs => {
                let ty = self.one_of(func, &args[0], out, "a number", |ty| {
                    matches!(ty, Type::Int(_) | Type::Fraction | Type::Percent | Type::Duration(_) | Type::Size(_))
                });
                plain(&ty)
            }
            F::Join => {
                out.push(self.check(&args[0], &Type::list(string.clone())));
                out.push(self.check(&args[1], &string));
                string
            }
            F::Split => {
                self.all(args, &string, out);
                Type::list(string)
            }
            F::Replace | F::Lower | F::Upper | F::Trim | F::Base64 | F::Sha256 => {
                self.all(args, &string, out);
                string
            }
            F::StartsWith | F::EndsWith | F::Matches | F::IsJson => {
                self.all(args, &string, out);
                Type::Bool
            }
            F::Format => {
                out.push(self.check(&args[0], &string));
                for arg in &args[1..] {
                    let typed = self.infer(arg);
                    self.must_be_scalar(&typed.ty, arg);
                    out.push(typed.expr);
                }
                string
            }
            F::Json => {
                let outer = std::mem::replace(&mut self.mixed, true);
                let typed = self.infer(&args[0]);
                self.mixed = outer;
                self.must_be_data(&typed.ty, &args[0]);
                out.push(typed.expr);
                string
            }
            F::Cidr => {
                self.all(args, &string, out);
                Type::Cidr
            }
            F::CidrSubnet | F::CidrSplit | F::CidrHost => {
                out.push(self.check(&args[0], &Type::Cidr));
                self.all(&args[1..], &int, out);
                match func {
                    F::CidrSubnet => Type::Cidr,
                    F::CidrSplit => Type::list(Type::Cidr),
                    _ => Type::Ip,
                }
            }
            F::CidrPrefix => {
                self.all(args, &Type::Cidr, out);
                int
            }
            F::CidrOverlaps => {
                self.all(args, &Type::Cidr, out);
                Type::Bool
            }
            F::CidrContains => {
                out.push(self.check(&args[0], &Type::Cidr));
                self.one_of(func, &args[1], out, "a Cidr or an Ip", |ty| matches!(ty, Type::Cidr | Type::Ip));
                Type::Bool
            }
            F::Disjoint => {
                out.push(self.check(&args[0], &Type::list(Type::Cidr)));
                Type::Bool
            }
            F::Secret => {
                self.all(args, &string, out);
                Type::Secret(std::sync::Arc::new(string))
            }
            // Operators are typed elsewhere; `file` and `zones` before.
            _ => {
                for arg in args {
                    out.push(self.infer(arg).expr);
                }
                Type::Unknown
            }
        }
    }

    fn all(&mut self, args: &[Expr], want: &Type, out: &mut Vec<ir::Expr>) {
        for arg in args {
            out.push(self.check(arg, want));
        }
    }

    /// An argument of one of several types.
    fn one_of(
        &mut self,
        func: Func,
        arg: &Expr,
        out: &mut Vec<ir::Expr>,
        wanted: &str,
        allowed: impl Fn(&Type) -> bool,
    ) -> Type {
        let typed = self.infer_number(arg);
        out.push(typed.expr);
        match &typed.ty {
            Type::Unknown => return Type::Unknown,
            ty if allowed(ty) => return typed.ty,
            Type::Optional(of) | Type::Secret(of) if allowed(of) => {
                self.unusable(&typed.ty, arg);
            }
            other => {
                let found = wants(func, wanted, arg, other, self);
                self.report(found);
            }
        }
        Type::Unknown
    }

    /// The element type of a list argument.
    fn list_arg(&mut self, func: Func, arg: &Expr, out: &mut Vec<ir::Expr>) -> Type {
        match self.one_of(func, arg, out, "a List", |ty| matches!(ty, Type::List(_))) {
            Type::List(of) => (*of).clone(),
            _ => Type::Unknown,
        }
    }

    fn map_arg(&mut self, func: Func, arg: &Expr, out: &mut Vec<ir::Expr>) -> (Type, Type) {
        match self.one_of(func, arg, out, "a Map", |ty| matches!(ty, Type::Map(_))) {
            Type::Map(of) => (of.0.clone(), of.1.clone()),
            _ => (Type::Unknown, Type::Unknown),
        }
    }

    fn must_have_order(&mut self, func: Func, ty: &Type, arg: &Expr) {
        if has_order(ty) || self.element_may_be_none(ty, arg) || self.shows_secrets(func.name(), ty, arg) {
            return;
        }
        let message = format!("`{}` needs elements that have an order, and {ty} has none", func.name());
        let found = Diagnostic::error(201, arg.span, message, "no order");
        self.report(found.help("numbers, texts, regions, zones, addresses, and tuples and lists of these have one"));
    }

    fn merge(&mut self, args: &[Expr], out: &mut Vec<ir::Expr>) -> Type {
        let mut result = Type::Unknown;
        // `{}` is whatever the others are.
        let mut empty: Vec<usize> = Vec::new();
        for arg in args {
            let typed = self.infer(arg);
            if is_empty(arg) {
                empty.push(out.len());
                out.push(typed.expr);
                continue;
            }
            if self.unusable(&typed.ty, arg) {
                continue;
            }
            let part = match &typed.ty {
                Type::List(of) if args.len() == 1 => (**of).clone(),
                other => other.clone(),
            };
            out.push(typed.expr);
            result = match (&result, &part) {
                (_, Type::Unknown) => result,
                (Type::Unknown, Type::Map(_) | Type::Record(_)) => part,
                (Type::Record(a), Type::Record(b)) => {
                    let mut all = (**a).clone();
                    for field in &b.fields {
                        match all.fields.iter_mut().find(|f| f.name == field.name) {
                            Some(known) => *known = field.clone(),
                            None => all.fields.push(field.clone()),
                        }
                    }
                    Type::Record(all.into())
                }
                (Type::Map(_), Type::Map(_)) => match self.cx.join_types(&result, &part) {
                    Some(joined) => joined,
                    None => {
                        let found = wants(Func::Merge, &article(&result), arg, &part, self);
                        self.report(found);
                        result
                    }
                },
                _ => {
                    let found = wants(Func::Merge, "Maps or records, all of one sort", arg, &part, self);
                    self.report(found);
                    result
                }
            };
        }
        for at in empty {
            if let Type::Map(_) = result {
                out[at].kind = ExprKind::Map(Box::new([]));
            }
        }
        if result == Type::Unknown && args.iter().all(is_empty) { Type::Record(Default::default()) } else { result }
    }

    fn extreme(&mut self, func: Func, args: &[Expr], out: &mut Vec<ir::Expr>) -> Type {
        if let [list] = args {
            let of = self.list_arg(func, list, out);
            self.must_have_order(func, &of, list);
            return if has_order(&of) { of } else { Type::Unknown };
        }
        let mut result = Type::Unknown;
        for arg in args {
            let typed = self.infer_number(arg);
            match self.cx.join_types(&result, &typed.ty) {
                Some(joined) if has_order(&joined) => result = joined,
                _ if self.unusable(&typed.ty, arg) => {}
                _ => {
                    let wanted =
                        if result == Type::Unknown { "what has an order".to_owned() } else { article(&result) };
                    let found = wants(func, &wanted, arg, &typed.ty, self);
                    self.report(found);
                }
            }
            out.push(typed.expr);
        }
        result
    }

    /// T0204 for a list whose elements may be `none`, where each is looked at.
    fn element_may_be_none(&mut self, element: &Type, list: &Expr) -> bool {
        let Type::Optional(of) = element else { return false };
        let text = self.text(list.span);
        let message = format!("elements of `{text}` may be none: it is a List<{element}>");
        let found = Diagnostic::error(204, list.span, message, format!("may hold none, and {of} is needed"));
        self.report(found.help("leave those out: `[for x in list if x != none: x]`"));
        true
    }

    fn sum(&mut self, arg: &Expr, out: &mut Vec<ir::Expr>) -> Type {
        let of = plain(&self.list_arg(Func::Sum, arg, out));
        if self.element_may_be_none(&of, arg) {
            return Type::Unknown;
        }
        // What the sum of no elements is.
        let zero = match &of {
            Type::Int(_) | Type::Fraction | Type::Unknown => Value::Int(0),
            Type::Percent => Value::Percent(0),
            Type::Duration(_) => Value::Duration(0),
            Type::Size(_) => Value::Size(0),
            other => {
                let found = wants(Func::Sum, "a List of numbers", arg, &Type::list(other.clone()), self);
                self.report(found);
                return Type::Unknown;
            }
        };
        out.push(ir::Expr::constant(zero, arg.span));
        of
    }

    /// What becomes JSON holds data: no secrets, no resources.
    fn must_be_data(&mut self, ty: &Type, arg: &Expr) {
        let text = self.text(arg.span);
        if holds_fraction(ty) {
            let message = format!("`{text}` holds an exact fraction, and JSON has no such number");
            let found = Diagnostic::error(205, arg.span, message, "may not be whole");
            self.report(found.help("round it with `ceil`, `floor` or `round`"));
        } else if has_secret(ty) {
            let message = format!("`{text}` holds a secret, and `json` gives a plain String");
            let found = Diagnostic::error(801, arg.span, message, "holds a secret");
            self.report(found.help("leave the secret out, and give it by itself to what takes one"));
        } else if holds_resource(ty) {
            let message = format!("`{text}` holds a resource, and `json` takes data: name the outputs that are meant");
            let found = Diagnostic::error(201, arg.span, message, format!("{ty}"));
            let members = self.cx.members(ty);
            self.report(match ty {
                Type::Kind(_) | Type::Component(_) => found.help(format!("it has {}", suggest::listed(&members))),
                _ => found.help("write what is meant of each resource, for example `x.id` in the place of `x`"),
            });
        }
    }
}

/// T0002 for a path that is none of the project: what a program means is to follow from its files.
fn leaves(path: &str, full: &str, directory: &str, span: Span) -> Option<Diagnostic> {
    let help = "put the file into the project, and write its path from the file that reads it";
    if path.starts_with(['/', '\\']) || path.get(1..).is_some_and(|rest| rest.starts_with(":\\")) {
        let message = format!("`file` reads files of the project, and `{path}` begins at the root of the machine");
        return Some(Diagnostic::error(2, span, message, "an absolute path").help(help));
    }
    let outside = full == ".." || full.starts_with("../");
    // A directory that is imported from beside the project may read what lies in it.
    let own = directory.starts_with("..") && full.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
    (outside && !own).then(|| {
        let message = format!("`file` reads files of the project, and `{path}` leaves it");
        Diagnostic::error(2, span, message, "outside the project").help(help)
    })
}

/// Whether a fraction is somewhere in a type.
fn holds_fraction(ty: &Type) -> bool {
    match ty {
        Type::Fraction => true,
        Type::List(of) | Type::Optional(of) => holds_fraction(of),
        Type::Map(of) => holds_fraction(&of.1),
        Type::Tuple(parts) => parts.iter().any(holds_fraction),
        Type::Record(record) => record.fields.iter().any(|f| holds_fraction(&f.ty)),
        _ => false,
    }
}

fn wants(func: Func, wanted: &str, arg: &Expr, found: &Type, typer: &Typer<'_, '_>) -> Diagnostic {
    let text = typer.text(arg.span);
    let message = format!("`{}` takes {wanted}, and `{text}` is {}", func.name(), article(found));
    let found = Diagnostic::error(201, arg.span, message, format!("expected {wanted}"));
    found.help(format!("`{}` gives {}", func.name(), summary(func)))
}

/// What a function gives, in one line.
fn summary(func: Func) -> String {
    let text = func.docs().lines().next().unwrap_or_default().trim().trim_end_matches('.');
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    first + chars.as_str()
}

fn wrong_count(func: Func, name: ast::Ident, given: usize, span: Span) -> Diagnostic {
    let (low, high) = (*func.arity().start(), *func.arity().end());
    let wanted = match (low, high) {
        (low, high) if low == high => format!("{low}"),
        (low, usize::MAX) => format!("{low} or more"),
        (low, high) => format!("{low} to {high}"),
    };
    let plural = if wanted == "1" { "argument" } else { "arguments" };
    let message = format!("`{}` takes {wanted} {plural}, found {given}", name.name);
    let first = func.docs().lines().next().unwrap_or_default().trim().to_owned();
    Diagnostic::error(201, span, message, format!("expected {wanted} {plural}")).help(first)
}
