//! `known`: values for what only an apply would tell.

use std::cell::{OnceCell, RefCell};
use std::fmt::Write as _;
use std::mem::Discriminant;
use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use topo_model::{
    AddrId, DeferredCheck, Diagnostic, Pattern, PatternKey, ResId, Resolve, Span, Symbol, Term, Type, Value, evaluate,
};

use super::super::Expander;
use super::Running;
use crate::check::Known;

/// What became of values with what is known, until more is.
#[derive(Default)]
pub(crate) struct Settled {
    outputs: RefCell<FxHashMap<(ResId, Symbol), Option<Value>>>,
    /// A value, kept so that its parts stay where they are, and what became of it.
    values: RefCell<FxHashMap<Parts, (Value, Value)>>,
}

/// The planned resources by their addresses.
#[derive(Default)]
pub(super) struct Places {
    exact: FxHashMap<String, Vec<ResId>>,
    by_names: FxHashMap<Vec<Symbol>, Vec<ResId>>,
}

/// What a value is, and where its parts stand.
type Parts = (Discriminant<Value>, usize);

/// Of a value that has parts.
fn parts_of(value: &Value) -> Option<Parts> {
    let parts = match value {
        Value::List(items) | Value::Tuple(items) => Arc::as_ptr(items) as usize,
        Value::Map(map) => Arc::as_ptr(map) as usize,
        Value::Record(record) => Arc::as_ptr(record) as usize,
        Value::Unknown(term) => Arc::as_ptr(term) as usize,
        _ => return None,
    };
    Some((std::mem::discriminant(value), parts))
}

/// What a test's outputs are known to be.
struct Outputs<'x, 'p>(&'x Expander<'p>);

impl Resolve for Outputs<'_, '_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        let id = self.0.target(resource);
        if let Some((value, _)) = self.0.known.get(&(id, name)) {
            return Some(value.clone());
        }
        // An attribute that the program sets has what it is set to.
        let set = self.0.set_to(id, name)?;
        let settled = &self.0.settled.outputs;
        if let Some(value) = settled.borrow().get(&(id, name)) {
            return value.clone();
        }
        let value = evaluate(set, self).ok().filter(Value::is_ground);
        settled.borrow_mut().insert((id, name), value.clone());
        value
    }
}

impl Expander<'_> {
    /// A value with what the test knows put in.
    pub(crate) fn with_known(&self, value: Value) -> Value {
        if self.known.is_empty() {
            return value;
        }
        if let Value::Unknown(term) = &value
            && let Term::Output { resource, name } = **term
        {
            return Outputs(self).output(resource, name).unwrap_or(value);
        }
        let Some(parts) = parts_of(&value) else { return value };
        if let Some((_, settled)) = self.settled.values.borrow().get(&parts) {
            return settled.clone();
        }
        let settled = evaluate(&value, &Outputs(self)).unwrap_or_else(|_| value.clone());
        self.settled.values.borrow_mut().insert(parts, (value, settled.clone()));
        settled
    }

    /// Decides what waited for values that are known now.
    pub(super) fn settle(&mut self) {
        let checks = std::mem::take(&mut self.checks);
        let firsts = OnceCell::new();
        for check in &checks {
            self.deferred(check, &firsts);
        }
        self.checks = checks;
        self.check_objects();
    }

    /// Decides a check; `firsts` is the first resource in each instance, where it was asked for.
    fn deferred(&mut self, check: &DeferredCheck, firsts: &OnceCell<FxHashMap<AddrId, usize>>) {
        if self.with_known(check.cond.clone()) != Value::Bool(false) {
            return;
        }
        let message = match self.with_known(check.message.clone()) {
            Value::Str(text) => text.to_string(),
            other => self.short(&other),
        };
        let mut found = Diagnostic::error(check.code.0, check.span, message, "does not hold");
        let mut seen: Vec<Span> = Vec::new();
        check.cond.for_each_term(&mut |term| {
            let Term::Output { resource, name } = term else { return };
            let id = self.target(*resource);
            if let Some((value, span)) = self.known.get(&(id, *name))
                && !seen.contains(span)
            {
                seen.push(*span);
                let text = format!("`{}.{name}` is {}", self.address(id), self.short(value));
                found.labels.push(topo_model::Label { span: *span, text });
            }
        });
        let first = check.instance.and_then(|at| firsts.get_or_init(|| self.firsts()).get(&at).copied());
        self.report_at(found, check.instance, first.map_or(Span::NONE, |at| self.anchors[at]));
    }

    /// The first resource in each instance.
    fn firsts(&self) -> FxHashMap<AddrId, usize> {
        let mut firsts = FxHashMap::default();
        for (at, resource) in self.resources.iter().enumerate() {
            let mut address = Some(resource.address);
            while let Some(of) = address {
                firsts.entry(of).or_insert(at);
                address = self.addresses.step(of).parent;
            }
        }
        firsts
    }

    /// All resources by their addresses.
    fn by_address(&self) -> Places {
        let mut places = Places::default();
        for (at, resource) in self.resources.iter().enumerate() {
            let path = self.addresses.path(resource.address);
            let steps = path.iter().map(|step| (step.name, step.key.as_ref().map(ToString::to_string)));
            places.exact.entry(exact(steps)).or_default().push(ResId(at as u32));
            let names = path.iter().map(|step| step.name).collect();
            places.by_names.entry(names).or_default().push(ResId(at as u32));
        }
        places
    }

    fn matching(&self, of: &Pattern, places: &Places) -> Vec<ResId> {
        let keys = of.steps.iter().map(|step| match &step.key {
            PatternKey::Any => None,
            PatternKey::Absent => Some((step.name, None)),
            PatternKey::Key(key) => Some((step.name, Some(key.to_string()))),
        });
        if let Some(steps) = keys.collect::<Option<Vec<_>>>() {
            return places.exact.get(&exact(steps)).cloned().unwrap_or_default();
        }
        let fits = |id: &ResId| {
            let path = self.addresses.path(self.resources[id.0 as usize].address);
            path.len() == of.steps.len()
                && path.iter().zip(&of.steps).all(|(step, want)| {
                    step.name == want.name
                        && match (&want.key, &step.key) {
                            (PatternKey::Any, Some(_)) | (PatternKey::Absent, None) => true,
                            (PatternKey::Key(want), Some(key)) => *want == key.to_string(),
                            _ => false,
                        }
                })
        };
        places.named(of).iter().copied().filter(fits).collect()
    }

    /// T0202 for an address at which the plan has nothing.
    fn nothing_at(&self, of: &Pattern, places: &Places) -> Diagnostic {
        let text = self.program.sources.text(of.span);
        let message = format!("the plan has no resource `{text}`");
        let found = Diagnostic::error(202, of.span, message, "nothing is planned there");
        match places.named(of) {
            [] => found.help("none is planned in this environment"),
            [one] => found.help(format!("it is `{}`", self.address(*one))),
            some => {
                let shown: Vec<String> = some.iter().take(4).map(|at| format!("`{}`", self.address(*at))).collect();
                let shown = shown.join(", ");
                let more = if some.len() > 4 { format!(" and {} more", some.len() - 4) } else { String::new() };
                found.help(format!("there are {shown}{more}; `[*]` stands for any key"))
            }
        }
    }

    /// What an attribute is set to by the program.
    fn set_to(&self, id: ResId, name: Symbol) -> Option<&Value> {
        let of = &self.resources[id.0 as usize];
        let (at, _) = self.program.catalogue.kind(of.kind).attribute(name)?;
        of.value(at)
    }

    /// What a value waits for, and what that waits for where the program sets it.
    fn add_waits(&self, value: &Value, met: &mut IndexSet<(ResId, Symbol)>) {
        value.for_each_term(&mut |term| {
            let Term::Output { resource, name } = term else { return };
            let id = self.target(*resource);
            if self.known.contains_key(&(id, *name)) || !met.insert((id, *name)) {
                return;
            }
            if let Some(set) = self.set_to(id, *name) {
                self.add_waits(set, met);
            }
        });
    }

    /// Takes a value for an output; T0104 where it has one.
    fn learn(&mut self, id: ResId, name: Symbol, value: &Value, span: Span) -> Option<Diagnostic> {
        let address = self.address(id);
        if let Some((before, first)) = self.known.get(&(id, name)) {
            let message = format!("`{address}.{name}` is known to be {} already", self.short(before));
            let found = Diagnostic::error(104, span, message, "given again here");
            let found = found.label(*first, "given first here");
            return Some(found.help("remove one of them: an output has one value in a plan"));
        }
        let of = &self.resources[id.0 as usize];
        let set = self.program.catalogue.kind(of.kind).attribute(name);
        if let Some(set) = set.and_then(|(at, _)| of.attributes[at.0 as usize].as_ref()) {
            let message =
                format!("`{address}.{name}` is no output: the program says that it is {}", self.short(&set.value));
            let found = Diagnostic::error(104, span, message, "given again here");
            let found = found.help("remove it: only what a cloud decides is `known`");
            return Some(if set.span.is_none() { found } else { found.label(set.span, "set here") });
        }
        self.known.insert((id, name), (value.clone(), span));
        self.settled = Settled::default();
        None
    }
}

impl Places {
    /// Those whose names along the way are a pattern's.
    fn named(&self, of: &Pattern) -> &[ResId] {
        let names: Vec<Symbol> = of.steps.iter().map(|step| step.name).collect();
        self.by_names.get(&names).map_or(&[], Vec::as_slice)
    }
}

/// An address as a text to look it up by.
fn exact(steps: impl IntoIterator<Item = (Symbol, Option<String>)>) -> String {
    let mut text = String::new();
    for (name, key) in steps {
        // Writing to a String can't fail.
        let _ = match key {
            Some(key) => write!(text, ".{name}[{key}]"),
            None => write!(text, ".{name}"),
        };
    }
    text
}

impl Running<'_> {
    /// A `known` step. What waited for the value is decided when the plan ends: more may be known then.
    pub(super) fn known(&mut self, of: &Known) {
        let Some(value) = self.eval(&of.value) else { return };
        let Some(plan) = self.plan.as_mut() else { return };
        let (expander, name) = (&mut plan.expander, of.output.name);
        let found = if value.is_ground() {
            let span = Span { lo: of.of.span.lo, hi: of.output.span.hi };
            let places = plan.places.get_or_insert_with(|| expander.by_address());
            let ids = expander.matching(&of.of, places);
            // What was refused is not there; that was reported.
            let missing = ids.is_empty() && plan.errors.is_empty();
            let mut found: Vec<Diagnostic> = missing.then(|| expander.nothing_at(&of.of, places)).into_iter().collect();
            for id in ids {
                found.extend(expander.learn(id, name, &value, span));
            }
            plan.learned = true;
            found
        } else {
            let found = expander.needs_now(&value, of.value.span, "`known`");
            vec![suggested(expander, found, &value)]
        };
        found.into_iter().for_each(|found| self.fail(found, None));
    }
}

/// A finding about an unknown value, with the steps that would make it known.
pub(super) fn suggested(x: &Expander<'_>, found: Diagnostic, value: &Value) -> Diagnostic {
    let mut met: IndexSet<(ResId, Symbol)> = IndexSet::new();
    x.add_waits(value, &mut met);
    let waits = met.iter().filter(|(id, name)| x.set_to(*id, *name).is_none());
    let line = |(id, name): &(ResId, Symbol)| {
        let kind = x.program.catalogue.kind(x.resources[id.0 as usize].kind);
        let ty = kind.outputs.iter().find(|o| o.name == *name).map(|o| &o.ty);
        let ty = ty.or_else(|| kind.attribute(*name).map(|(_, a)| &a.ty));
        format!("`known {}.{name} = {}`", x.address(*id), ty.map_or("…".to_owned(), sample))
    };
    let lines: Vec<String> = waits.take(4).map(line).collect();
    match lines.is_empty() {
        true => found,
        false => found.help(format!("say in the test, before this, what it is: {}", lines.join(", "))),
    }
}

/// A value of a type, for a line that is to be completed.
fn sample(ty: &Type) -> String {
    match ty {
        Type::Optional(of) | Type::Secret(of) => sample(of),
        Type::String => "\"…\"".to_owned(),
        Type::List(of) => format!("[{}]", sample(of)),
        Type::Map(of) => format!("{{ {} = {} }}", sample(&of.0), sample(&of.1)),
        Type::Int(_) => "1".to_owned(),
        Type::Bool => "true".to_owned(),
        Type::Ip => "10.0.0.1".to_owned(),
        Type::Cidr => "10.0.0.0/16".to_owned(),
        _ => "…".to_owned(),
    }
}
