//! What names mean within an instance.

use std::sync::Arc;

use topo_model::{AttrId, Code, DeferredCheck, Diagnostic, Map, Record, ResId, Span, Symbol, Term, Value};

use super::Expander;
use super::frame::{Reads, Run};
use crate::check::DECIDE;
use crate::eval::{Host, MAX_PARTS};
use crate::ir::Builtin;

/// The host of the expressions of one frame.
pub(crate) struct FrameHost<'a, 'p> {
    pub(crate) x: &'a mut Expander<'p>,
    pub(crate) run: &'a Run<'p>,
    pub(crate) frame: u32,
    /// The resources whose set attributes were read so far.
    pub(crate) reads: Reads,
}

impl FrameHost<'_, '_> {
    fn read_attribute(&mut self, id: ResId, name: Symbol, attribute: AttrId) -> Value {
        if let Some(raw) = self.x.raw.get(&(id, attribute)) {
            let raw = raw.clone();
            return self.x.through(&raw, id);
        }
        let resource = &self.x.resources[id.0 as usize];
        match resource.attributes[attribute.0 as usize].as_ref().map(|a| &a.value) {
            None | Some(Value::Unknown(_)) => Value::unknown(Term::Output { resource: id, name }),
            Some(value) => {
                let value = value.clone();
                self.reads.add(id);
                value
            }
        }
    }
}

impl Host for FrameHost<'_, '_> {
    fn slot(&mut self, up: u16, slot: u32) -> Option<Value> {
        let slot = self.run.slot(self.frame, up, slot);
        self.reads.extend(&slot.reads);
        slot.value.clone().map(|value| self.x.with_known(value))
    }

    fn builtin(&mut self, name: Builtin, span: Span) -> Option<Value> {
        match name {
            Builtin::EnvName => Some(Value::str(self.x.env.map_or("", Symbol::as_str))),
            Builtin::ProjectName => Some(Value::str(self.x.program.project.name.as_str())),
            Builtin::Here => match self.run.frames[self.frame as usize].here {
                Some(region) => Some(Value::Region(region)),
                None if self.x.in_library(span) && !self.run.anchor.is_none() => {
                    let found = self.x.unplaced_instance(self.run.anchor);
                    let found = self.x.place_it(found, self.run.anchor);
                    self.x.report_at(found, None, Span::NONE);
                    None
                }
                None => {
                    let message = "`here` is the region of the placement, and nothing is placed here";
                    self.report(Diagnostic::error(302, span, message, "no region").help("write `at` around it"));
                    None
                }
            },
            Builtin::Account => {
                let env = self.x.env;
                let accounts = &self.x.program.project.accounts;
                let account = accounts.iter().find(|(name, _)| Some(*name) == env).map(|(_, id)| id.clone());
                if account.is_none() {
                    let which = env.map_or_else(|| "this environment".to_owned(), |e| format!("environment `{e}`"));
                    let message = format!("the project declares no account for {which}");
                    let found = Diagnostic::error(202, span, message, "no account");
                    let found = found.label(self.x.program.project.span, "the project");
                    let name = env.map_or("production", Symbol::as_str);
                    self.report(found.help(format!("write `accounts = {{ {name} = \"…\" }}` in the project")));
                }
                account.map(Value::str)
            }
        }
    }

    fn input(&mut self, at: u32) -> Option<Value> {
        let (name, value) = self.x.program.inputs.get(at as usize)?;
        self.x.used_inputs.insert(*name);
        Some(value.clone())
    }

    fn read(&mut self, resource: ResId, name: Symbol, attribute: Option<AttrId>) -> Option<Value> {
        let (id, via) = self.x.resolve(resource);
        via.into_iter().for_each(|id| self.reads.add(id));
        let value = match attribute {
            Some(attribute) => self.read_attribute(id, name, attribute),
            None => Value::unknown(Term::Output { resource: id, name }),
        };
        Some(self.x.with_known(value))
    }

    fn member(&mut self, resource: ResId, name: Symbol) -> Option<Value> {
        let (id, _) = self.x.resolve(resource);
        let kind = self.x.program.catalogue.kind(self.x.resources[id.0 as usize].kind);
        let attribute = kind.attribute(name).map(|(at, _)| at);
        if attribute.is_none() {
            kind.output(name)?;
        }
        self.read(resource, name, attribute)
    }

    fn read_field(&mut self, instance: &Arc<Record>, name: Symbol) {
        if self.x.instances.is_empty() {
            return;
        }
        if let Some(instance) = self.x.instances.get(&(Arc::as_ptr(instance) as usize))
            && let Some((_, reads)) = instance.reads.iter().find(|(n, _)| *n == name)
        {
            self.reads.extend(reads);
        }
    }

    fn plain(&self, value: Value) -> Value {
        if self.x.aliases.is_empty() {
            return value;
        }
        super::finish::rewrite(&value, &|id| self.x.target(id)).unwrap_or(value)
    }

    fn zones(&self, region: Symbol) -> Option<Vec<Symbol>> {
        self.x.program.regions.zones(region)
    }

    fn spend(&mut self, turns: usize, span: Span) -> bool {
        self.x.comprehended += turns;
        if self.x.comprehended > super::MAX_COMPREHENDED {
            if self.x.comprehended - turns <= super::MAX_COMPREHENDED {
                self.report(crate::eval::too_many_turns(super::MAX_COMPREHENDED, span));
            }
            self.x.exhausted = true;
            return false;
        }
        true
    }

    fn spend_parts(&mut self, parts: usize, span: Span) -> bool {
        let before = self.x.parts;
        self.x.parts += parts;
        if self.x.parts <= MAX_PARTS {
            return true;
        }
        if before <= MAX_PARTS {
            self.report(crate::eval::too_many_parts(span));
        }
        self.x.exhausted = true;
        false
    }

    fn needs_now(&mut self, value: &Value, span: Span, what: &str) {
        let found = self.x.needs_now(value, span, what);
        self.report(found);
    }

    fn demand_later(&mut self, cond: Value, message: Value, span: Span) {
        // An expression may be evaluated again, for a message.
        if !self.x.muted && self.x.demanded.insert((span, cond.clone())) {
            let instance = self.run.address;
            self.x.checks.push(DeferredCheck { cond, message, code: Code(202), instance, span });
        }
    }

    fn address(&self, resource: ResId) -> String {
        self.x.address(self.x.target(resource))
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.x.report(self.run, diagnostic);
    }
}

impl Expander<'_> {
    /// A resource as itself, and the resources it was read through.
    pub(crate) fn resolve(&self, id: ResId) -> (ResId, Vec<ResId>) {
        let mut via = Vec::new();
        let mut at = id;
        while let Some((target, through)) = self.alias(at) {
            via.push(through);
            at = target;
        }
        (at, via)
    }

    /// A resource as itself.
    pub(crate) fn target(&self, id: ResId) -> ResId {
        let mut at = id;
        while let Some((target, _)) = self.alias(at) {
            at = target;
        }
        at
    }

    fn alias(&self, id: ResId) -> Option<(ResId, ResId)> {
        id.0.checked_sub(super::FIRST_ALIAS).map(|at| self.aliases[at as usize])
    }

    /// The resources in a value as read through an attribute of another: whoever uses them
    /// comes after that one too.
    fn through(&mut self, value: &Value, by: ResId) -> Value {
        match value {
            Value::Resource(id) => {
                let alias = ResId(super::FIRST_ALIAS + self.aliases.len() as u32);
                self.aliases.push((*id, by));
                Value::Resource(alias)
            }
            Value::List(items) => Value::list(items.iter().map(|v| self.through(v, by)).collect()),
            Value::Tuple(items) => Value::tuple(items.iter().map(|v| self.through(v, by)).collect()),
            Value::Map(map) => {
                let map: Map = map.iter().map(|(k, v)| (k.clone(), self.through(v, by))).collect();
                Value::Map(Arc::new(map))
            }
            Value::Record(record) => {
                Value::record(record.iter().map(|(n, v)| (n, self.through(v, by))).collect::<Vec<_>>())
            }
            other => other.clone(),
        }
    }

    /// T0203, with the chain of what is waited for.
    pub(crate) fn needs_now(&self, value: &Value, span: Span, what: &str) -> Diagnostic {
        let mut waits: Option<(ResId, Symbol)> = None;
        let waiting = |resource: ResId, name: Symbol| {
            let id = self.target(resource);
            (!self.known.contains_key(&(id, name))).then_some((id, name))
        };
        value.for_each_term(&mut |term| {
            if let (None, Term::Output { resource, name }) = (&waits, term) {
                waits = waiting(*resource, *name);
            }
        });
        let Some((resource, name)) = waits else {
            let message = format!("{what} needs a value that is known at plan time");
            return Diagnostic::error(203, span, message, "known only after apply").help(DECIDE);
        };
        let address = self.address(resource);
        let message = format!(
            "{what} needs a value that is known at plan time, and `{address}.{name}` is known only after apply"
        );
        let label = format!("waits for `{address}.{name}`");
        let mut found = Diagnostic::error(203, span, message, label);
        let mut next = Some((resource, name));
        let mut hops = 0;
        while let Some((resource, name)) = next.take() {
            let of = &self.resources[resource.0 as usize];
            let address = self.address(resource);
            found = found.label(of.span, format!("`{address}.{name}` is known once `{address}` exists"));
            let kind = self.program.catalogue.kind(of.kind);
            let set = kind.attribute(name).and_then(|(at, _)| of.value(at));
            if let Some(value) = set
                && hops < 8
            {
                value.for_each_term(&mut |term| {
                    if let (None, Term::Output { resource, name }) = (&next, term) {
                        next = waiting(*resource, *name);
                    }
                });
            }
            hops += 1;
        }
        found.help(DECIDE)
    }
}
