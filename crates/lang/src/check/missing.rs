//! What a list of fields lacks: one finding for all of it, with lines that can be put in.
//!
//! A line is put in by an edit only where it can stand: a literal that the kind's checks do
//! not refuse, or the one name in scope that fits. What only the writer knows is `…`.

use topo_model::{Diagnostic, KindId, Need, Resolve, Span, Symbol, Type, Value, evaluate};

use super::braces::Owner;
use super::exprs::article;
use super::{Sees, Typer};
use crate::fits::Fit;
use crate::form::{candidates, needs_instances, placeholder};
use crate::ir::{self, ExprKind};
use crate::suggest;

/// What only the writer knows.
const OPEN: &str = "…";

/// A value to put in.
struct Stub {
    text: String,
    /// Whether the program can stand with it as it is.
    stands: bool,
}

impl Stub {
    fn whole(text: String) -> Stub {
        Stub { text, stands: true }
    }

    fn open() -> Stub {
        Stub { text: OPEN.to_owned(), stands: false }
    }
}

/// What is known of an object of which not everything is given.
struct Partial<'a>(&'a [(Symbol, Option<Value>)]);

impl Resolve for Partial<'_> {
    fn output(&self, _: topo_model::ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        let [name] = path else { return None };
        self.0.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone())
    }
}

impl Typer<'_, '_> {
    /// T0103 for all that is missing at once: names that are needed, and groups of which one is.
    pub(super) fn missing_fields(
        &mut self,
        owner: &Owner<'_>,
        given: &[(usize, ir::Expr)],
        missing: &[usize],
        choices: &[&[usize]],
    ) -> Diagnostic {
        let name = |at: &usize| owner.allowed[*at].name;
        let names: Vec<Symbol> = missing.iter().map(name).collect();
        let mut needs: Vec<String> = Vec::new();
        if !names.is_empty() {
            let plural = if names.len() == 1 { "" } else { "s" };
            needs.push(format!("the {}{plural} {}", owner.member, suggest::listed(&names)));
        }
        for group in choices {
            needs.push(format!("one of {}", suggest::listed(&group.iter().map(name).collect::<Vec<_>>())));
        }
        let needs = match needs.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{}, and {last}", rest.join(", ")),
            _ => needs.concat(),
        };
        let label = match names.is_empty() {
            true => "none of them is set".to_owned(),
            false => format!("missing {}", suggest::listed(&names)),
        };
        let found = Diagnostic::error(103, owner.span, format!("{} needs {needs}", owner.text), label);
        let stubs = self.stubs(owner, given, missing, choices);
        let lines: Vec<String> =
            stubs.iter().map(|(at, stub)| format!("{} = {}", owner.allowed[*at].name, stub.text)).collect();
        if stubs.iter().all(|(_, stub)| stub.stands) {
            return self.put_in(found, owner.body, &lines);
        }
        let open: Vec<&Type> =
            stubs.iter().filter(|(_, stub)| stub.text == OPEN).map(|(at, _)| owner.allowed[*at].ty).collect();
        let of = match open.as_slice() {
            [first, rest @ ..] if holds_instances(first.narrowed()) && rest.iter().all(|ty| ty == first) => {
                format!(", where `…` is {}", article(first.narrowed()))
            }
            _ => String::new(),
        };
        found.help(format!("add `{}`{of}", lines.join("`, `")))
    }

    /// The fix that puts lines into braces.
    fn put_in(&self, found: Diagnostic, place: Span, lines: &[String]) -> Diagnostic {
        let body = self.text(place);
        let help = format!("add `{}`", lines.join("`, `"));
        let Some(inner) = body.strip_prefix('{').and_then(|b| b.strip_suffix('}')) else {
            let text = format!(" {{ {} }}", lines.join(", "));
            return found.fix(format!("add `{}`", text.trim()), place.end(), text);
        };
        let at = place.lo + 1 + inner.trim_end().len() as u32;
        if inner.contains('\n') {
            let indent = self.indent_inside(place);
            let text: String = lines.iter().map(|line| format!("\n{indent}{line}")).collect();
            return found.fix(help, Span::new(at, at), text);
        }
        let comma = if inner.trim().is_empty() { " " } else { ", " };
        let text = format!("{comma}{}{}", lines.join(", "), if inner.ends_with(' ') { "" } else { " " });
        found.fix(help, Span::new(at, at), text)
    }

    /// The indentation of the lines inside braces.
    fn indent_inside(&self, body: Span) -> String {
        let text = self.text(body);
        let line = text.lines().skip(1).find(|l| !l.trim().is_empty() && l.trim() != "}");
        match line {
            Some(line) => line.chars().take_while(|c| c.is_whitespace()).collect(),
            None => "  ".to_owned(),
        }
    }

    /// A value for each name that is missing, and for one of each group.
    fn stubs(
        &mut self,
        owner: &Owner<'_>,
        given: &[(usize, ir::Expr)],
        missing: &[usize],
        choices: &[&[usize]],
    ) -> Vec<(usize, Stub)> {
        let kind = owner.kind.map(|kind| self.cx.catalogue.kind(kind));
        let left_out = |name: Symbol| match kind.and_then(|kind| kind.attribute(name)).map(|(_, of)| &of.need) {
            Some(Need::Default(value)) => value.clone(),
            _ => Value::None,
        };
        let mut known: Vec<(Symbol, Option<Value>)> =
            owner.allowed.iter().map(|a| (a.name, Some(left_out(a.name)))).collect();
        for (at, value) in given {
            known[*at].1 = match &value.kind {
                ExprKind::Const(value) => Some(value.clone()),
                _ => None,
            };
        }
        missing.iter().for_each(|at| known[*at].1 = None);
        let mut stubs = Vec::with_capacity(missing.len() + choices.len());
        for at in missing {
            stubs.push((*at, self.stub(owner, *at, &mut known)));
        }
        for group in choices {
            let mut chosen = None;
            for at in *group {
                let before = known[*at].1.take();
                let stub = self.stub(owner, *at, &mut known);
                if stub.stands {
                    chosen = Some((*at, stub));
                    break;
                }
                known[*at].1 = before;
            }
            stubs.extend(chosen.or_else(|| group.first().map(|at| (*at, Stub::open()))));
        }
        stubs
    }

    /// A value to put in for what is missing: the one name in scope that fits, or a literal that
    /// no check of the kind refuses.
    fn stub(&mut self, owner: &Owner<'_>, at: usize, known: &mut [(Symbol, Option<Value>)]) -> Stub {
        let (name, ty) = (owner.allowed[at].name, owner.allowed[at].ty.narrowed().clone());
        if holds_instances(&ty) {
            return self.named_stub(name, &ty, owner.span).map_or_else(Stub::open, Stub::whole);
        }
        if matches!(ty, Type::Cidr | Type::Ip | Type::Region | Type::Zone)
            && let Some(named) = self.named_stub(name, &ty, owner.span)
        {
            return Stub::whole(named);
        }
        let Some(kind) = owner.kind else { return Stub::whole(placeholder(&ty)) };
        if ty == Type::Zone {
            return Stub::whole(self.zone_stub(owner.at));
        }
        // What is refused whatever stands here is another finding's.
        let before = self.refusing(kind, known);
        for text in candidates(name, &ty) {
            let Some(value) = self.literal_value(&text, &ty) else { continue };
            known[at].1 = Some(value);
            if self.refusing(kind, known) <= before {
                return Stub { text, stands: before == 0 };
            }
        }
        known[at].1 = None;
        Stub::open()
    }

    /// A zone of the region that a statement is placed in; `here` does not see its own `at`.
    fn zone_stub(&self, at: Option<Span>) -> String {
        let Some(place) = at.map(|at| self.text(at)) else { return "zones(here, 1)[0]".to_owned() };
        let zones = self.cx.regions.zones(Symbol::new(&place)).unwrap_or_default();
        zones.first().map_or_else(|| format!("zones({place}, 1)[0]"), ToString::to_string)
    }

    /// The one name in scope that is of a type; of several the one that is called the same.
    fn named_stub(&mut self, name: Symbol, ty: &Type, own: Span) -> Option<String> {
        let mut seen: Vec<(u32, u32, Symbol)> = Vec::new();
        let mut next = Some(self.scope);
        while let Some(scope) = next {
            let of = &self.scopes[scope as usize];
            let others = of.names.iter().filter(|(_, binding)| binding.span != own);
            seen.extend(others.map(|(name, binding)| (scope, binding.slot, *name)));
            next = of.parent;
        }
        seen.sort_unstable_by_key(|(scope, slot, _)| (*scope, *slot));
        let mut fitting: Vec<(Symbol, String)> = Vec::new();
        for (scope, slot, seen) in seen {
            let from = self.scopes[scope as usize].types[slot as usize].clone();
            if from == Type::Unknown {
                continue;
            }
            let values = match (&from, ty) {
                (Type::Map(map), Type::List(of)) if holds_instances(of) => self.cx.fits(&map.1, of) != Fit::No,
                _ => false,
            };
            let element = match ty {
                Type::List(of) if holds_instances(of) => self.cx.fits(&from, of) != Fit::No,
                _ => false,
            };
            if self.cx.fits(&from, ty) != Fit::No {
                fitting.push((seen, seen.to_string()));
            } else if element {
                fitting.push((seen, format!("[{seen}]")));
            } else if values {
                fitting.push((seen, format!("values({seen})")));
            }
        }
        match fitting.as_slice() {
            [(_, one)] => Some(one.clone()),
            several => several.iter().find(|(other, _)| *other == name).map(|(_, text)| text.clone()),
        }
    }

    /// The value of a literal of a type; none where it is refused.
    fn literal_value(&mut self, text: &str, ty: &Type) -> Option<Value> {
        let expr = topo_syntax::parse_expr(text, 1).ok()?;
        let before = self.cx.modules.diagnostics.len();
        let typed = Typer::new(self.cx, self.file, Sees::Constants).check(&expr, ty);
        let refused = self.cx.modules.diagnostics.len() > before;
        self.cx.modules.diagnostics.truncate(before);
        if refused {
            return None;
        }
        let value = self.cx.evaluate_constant(self.file, &typed);
        self.cx.modules.diagnostics.truncate(before);
        value
    }

    /// How many checks of a kind refuse what is known of an object.
    fn refusing(&mut self, kind: KindId, known: &[(Symbol, Option<Value>)]) -> usize {
        if let Some(at) = self.cx.unchecked_kinds.iter().position(|unchecked| *unchecked == kind) {
            self.cx.unchecked_kinds.remove(at);
            self.cx.lower_kind_checks(kind);
        }
        let checks = &self.cx.catalogue.kind(kind).checks;
        checks.iter().filter(|check| matches!(evaluate(&check.cond, &Partial(known)), Ok(Value::Bool(false)))).count()
    }
}

/// Whether only what the program makes is a value of a type, or of its elements.
fn holds_instances(ty: &Type) -> bool {
    match ty {
        Type::List(of) => holds_instances(of),
        Type::Map(of) => holds_instances(&of.1),
        ty => needs_instances(ty),
    }
}
