//! What is left to do once everything is instantiated: source order, the kinds' own
//! checks, the rollout.

use std::sync::Arc;

use topo_model::{
    Desired, Diagnostic, Func, KindCheck, Map, Need, Origin, Output, Record, ResId, Resolve, Span, Symbol, Term, Value,
    evaluate,
};

use super::findings::Role;
use super::frame::Run;
use super::origin::{Read, Step};
use super::{Draft, Expanded, Expander};
use crate::ir::{NodeKind, What};

impl<'p> Expander<'p> {
    /// Expands the environment.
    pub(crate) fn expand(mut self) -> Expanded {
        if let Some(found) = self.unknown_environment() {
            self.diagnostics.push(found);
            return self.give(None);
        }
        let run = self.topology();
        let whole = self.only_checks_failed();
        self.rollout();
        self.check_objects();
        self.order_holds();
        let Some((run, order)) = run else { return self.give(None) };
        let outputs = self.outputs(&run);
        if !self.failed() {
            let desired = self.desired(order, outputs);
            return self.give(Some(desired));
        }
        let refused = self.refused_addresses();
        self.conclude();
        let draft = whole.then(|| Draft { desired: self.desired(order, outputs), refused });
        Expanded { draft, ..self.give(None) }
    }

    /// T0101 for an environment that the program does not have, T0103 where it must be named.
    fn unknown_environment(&self) -> Option<Diagnostic> {
        let all = self.program.environments();
        let topology = self.program.topology_span;
        match self.env {
            None if all.is_empty() => None,
            Some(env) if all.contains(&env) => None,
            None => {
                let message = format!("which environment? The project has {}", crate::suggest::listed(&all));
                Some(Diagnostic::error(103, topology, message, "takes an environment").help("name one with `--env`"))
            }
            Some(env) if all.is_empty() => {
                let message = format!("there is no environment `{env}`: the topology takes none");
                Some(Diagnostic::error(101, topology, message, "takes no environment"))
            }
            Some(env) => {
                let message = format!("there is no environment `{env}`");
                let found = Diagnostic::error(101, topology, message, "takes an environment");
                let near = crate::suggest::nearest(env.as_str(), all.iter().map(|e| e.as_str()));
                let known = format!("the environments are {}", crate::suggest::listed(&all));
                Some(found.help(near.map_or(known.clone(), |near| {
                    format!("did you mean `{near}`? {}", crate::suggest::sentence(&known))
                })))
            }
        }
    }

    fn give(&mut self, desired: Option<Desired>) -> Expanded {
        self.conclude();
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        topo_model::diag::sort(&mut diagnostics);
        Expanded { desired, draft: None, diagnostics }
    }

    /// T0304 for regions of the rollout that don't fit the environment's.
    pub(super) fn rollout(&mut self) {
        let Some(item) = self.program.rollouts.iter().find(|r| Some(r.env.name) == self.env) else { return };
        let run = Run::new(&self.program.topology, None, None);
        let mut found = Vec::new();
        for (at, (region, span)) in item.places.iter().enumerate() {
            if let Some((_, first)) = item.places[..at].iter().find(|(r, _)| r == region) {
                let message = format!("rollout `{}` names {region} twice", item.env.name);
                let twice = Diagnostic::error(304, *span, message, "again here").label(*first, "first here");
                let entry = self.listed_entry(*span, item.order);
                found.push(match entry {
                    Some(entry) => twice.fix("leave it out here", entry, ""),
                    None => twice.help("leave it out in one of the two places"),
                });
            }
        }
        if let Some(declared) = &self.declared {
            let env = self.program.envs.iter().find(|e| e.name.name == item.env.name);
            for (region, span) in &item.places {
                if !declared.contains(region) {
                    let names: Vec<&str> = declared.iter().map(|r| r.as_str()).collect();
                    let message = format!("environment `{}` does not declare the region {region}", item.env.name);
                    let mut unknown = Diagnostic::error(301, *span, message, "not a region of it");
                    if let Some(env) = env {
                        unknown = unknown.label(env.name.span, format!("declares {}", names.join(", ")));
                    }
                    let help = format!("leave it out, or declare it: `region {region} {{ … }}` in `{}`", item.env.name);
                    found.push(match self.listed_entry(*span, item.order) {
                        Some(entry) => unknown.fix(help, entry, ""),
                        None => unknown.help(help),
                    });
                }
            }
            let missing: Vec<Symbol> =
                declared.iter().copied().filter(|r| item.places.iter().all(|(p, _)| p != r)).collect();
            if !missing.is_empty() {
                let names = crate::suggest::listed(&missing);
                let message = format!("rollout `{}` names every region once, and misses {names}", item.env.name);
                let mut miss = Diagnostic::error(304, item.order, message, "not all regions");
                for region in env.iter().flat_map(|e| &e.regions).filter(|r| missing.contains(&r.name)) {
                    miss = miss.label(region.span, format!("{} is declared here", region.name));
                }
                let list: Vec<&str> = missing.iter().map(|r| r.as_str()).collect();
                let list = list.join(", ");
                let order = self.program.sources.text(item.order);
                found.push(match order.strip_suffix(']') {
                    Some(before) if before.trim_end().ends_with('[') => {
                        miss.fix(format!("write `[{list}]`"), item.order, format!("[{list}]"))
                    }
                    Some(before) => {
                        let at = item.order.lo + before.trim_end().trim_end_matches(',').len() as u32;
                        miss.fix(
                            format!("put it where it belongs, for example last: `…, {list}]`"),
                            Span::new(at, at),
                            format!(", {list}"),
                        )
                    }
                    None => miss.help(format!("add {list}")),
                });
            }
        }
        found.into_iter().for_each(|found| self.report(&run, found));
    }

    /// An element of a list that is written out, with the comma that goes with it; nothing where it
    /// stands alone in its brackets, or where the list is computed and the place is all of it.
    fn listed_entry(&self, span: Span, list: Span) -> Option<Span> {
        if span == list {
            return None;
        }
        let file = self.program.sources.file(span)?;
        let before = file.text.get(..(span.lo - file.base) as usize)?;
        let after = file.text.get((span.hi - file.base) as usize..)?;
        if let Some(rest) = before.trim_end().strip_suffix(',') {
            return Some(Span::new(file.base + rest.len() as u32, span.hi));
        }
        let rest = after.trim_start().strip_prefix(',')?;
        Some(Span::new(span.lo, span.hi + (after.len() - rest.trim_start().len()) as u32))
    }

    /// Decides the kinds' own checks where everything they look at is known.
    pub(crate) fn check_objects(&mut self) {
        for at in 0..self.resources.len() {
            let resource = &self.resources[at];
            let kind = self.program.catalogue.kind(resource.kind);
            if kind.checks.is_empty() || matches!(resource.origin, Origin::Existing(_)) {
                continue;
            }
            for check in &kind.checks {
                if let Some((found, reads, settings)) = self.kind_check(ResId(at as u32), check) {
                    self.making = Some(self.resources[at].address);
                    self.report_of(at, found, (reads, check.span), Role::Kind(settings));
                    self.making = None;
                }
            }
        }
        self.check_keys();
        self.check_conflicts();
    }

    /// A check of a kind that does not hold, what it looks at, and which settings that is.
    fn kind_check(&self, id: ResId, check: &KindCheck) -> Option<(Diagnostic, Vec<Read<'p>>, Vec<String>)> {
        let own = Own { x: self, id };
        // What it refuses to look into is absent: the check does not apply.
        let Ok(Value::Bool(false)) = evaluate(&check.cond, &own) else { return None };
        let message = match evaluate(&check.message, &own) {
            Ok(Value::Str(text)) => text.to_string(),
            _ => "a check of the kind does not hold".to_owned(),
        };
        let resource = &self.resources[id.0 as usize];
        let kind = self.program.catalogue.kind(resource.kind);
        let code = check.code.map_or(202, |c| c.0);
        let label = format!("breaks a check of `{}`", kind.name);
        let mut found = Diagnostic::error(code, resource.span, message, label);
        let (mut reads, mut settings) = (Vec::new(), Vec::new());
        for path in &leaves(&check.cond) {
            if let Some(read) = path.split_first().and_then(|(name, _)| self.setting(id, *name)) {
                let steps = path[1..].iter().rev().map(|name| Step::Field(*name));
                reads.push(Read { path: steps.collect(), ..read });
            }
            let Some(value) = own.leaf(path).filter(|v| v.is_ground() && !matches!(v, Value::Resource(_))) else {
                continue;
            };
            let set = kind.attribute(path[0]).and_then(|(at, _)| resource.attributes[at.0 as usize].as_ref());
            if let Some(set) = set
                && !set.span.is_none()
            {
                let names: Vec<&str> = path.iter().map(|n| n.as_str()).collect();
                let name = format!("`{}`", names.join("."));
                found = found.label(set.span, format!("{name} is {}", self.short(&value)));
                settings.push(name);
            }
        }
        Some((found.label(check.span, "the check"), reads, settings))
    }

    /// The expression that an attribute of a resource is set to.
    pub(super) fn setting(&self, id: ResId, name: Symbol) -> Option<Read<'p>> {
        let (statement, run, frame) = *self.makers.get(id.0 as usize)?;
        let kind = self.program.catalogue.kind(self.resources[id.0 as usize].kind);
        let (at, _) = kind.attribute(name)?;
        let What::Kind { attributes, .. } = &statement.what else { return None };
        let (_, expr) = attributes.iter().find(|(of, _)| *of == at)?;
        Some(Read::whole(run, frame, expr))
    }

    /// Puts everything into source order.
    fn desired(&mut self, order: Vec<ResId>, outputs: Vec<Output>) -> Desired {
        let program = self.program;
        let mut new_ids = vec![ResId(u32::MAX); self.resources.len()];
        for (new, old) in order.iter().enumerate() {
            new_ids[old.0 as usize] = ResId(new as u32);
        }
        let in_order =
            order.len() == self.resources.len() && order.iter().enumerate().all(|(new, old)| new as u32 == old.0);
        let mut resources = std::mem::take(&mut self.resources);
        let mut desired = Desired {
            project: program.project.clone(),
            env: self.env,
            catalogue: program.catalogue.clone(),
            addresses: std::mem::take(&mut self.addresses),
            resources: Vec::new(),
            outputs,
            checks: std::mem::take(&mut self.checks),
            objectives: std::mem::take(&mut self.objectives),
            rollout: program.rollouts.iter().find(|r| Some(r.env.name) == self.env).map(|r| r.rollout.clone()),
            regions: self.declared.clone().unwrap_or_default(),
            moved: program.moved.clone(),
            forget: program.forget.clone(),
            inputs: self.inputs(),
            digest: program.digest(self.env),
        };
        desired.checks.sort_by_key(|c| c.span);
        desired.objectives.sort_by_key(|o| o.span);
        if !in_order || !self.aliases.is_empty() {
            let map = |id: ResId| new_ids[self.target(id).0 as usize];
            for resource in &mut resources {
                for attribute in resource.attributes.iter_mut().flatten() {
                    renumber(&mut attribute.value, &map);
                }
                if let Origin::Adopted(from) | Origin::Existing(Some(from)) = &mut resource.origin {
                    renumber(from, &map);
                }
                resource.after.iter_mut().for_each(|id| *id = map(*id));
            }
            desired.outputs.iter_mut().for_each(|o| renumber(&mut o.value, &map));
            for check in &mut desired.checks {
                renumber(&mut check.cond, &map);
                renumber(&mut check.message, &map);
            }
            for objective in &mut desired.objectives {
                renumber(&mut objective.endpoint, &map);
                objective.stores.iter_mut().for_each(|id| *id = map(*id));
            }
        }
        desired.resources = if in_order { resources } else { permuted(resources, &order) };
        desired
    }

    /// The topology's outputs, in source order. A resource is told by its id: its position
    /// here means nothing to whoever reads the output.
    fn outputs(&self, run: &Run<'_>) -> Vec<Output> {
        let nodes = run.component.body.nodes.iter();
        nodes
            .filter_map(|node| match &node.kind {
                NodeKind::Output { name, slot, value } => {
                    let set = run.slot(0, 0, *slot).value.as_ref()?;
                    Some(Output { name: *name, value: self.by_id(set), span: value.span })
                }
                _ => None,
            })
            .collect()
    }

    /// A value with the id of each resource in the resource's place.
    fn by_id(&self, value: &Value) -> Value {
        let all = |items: &[Value]| items.iter().map(|v| self.by_id(v)).collect();
        match value {
            Value::Resource(id) => Value::unknown(Term::Output { resource: self.target(*id), name: Symbol::new("id") }),
            Value::List(items) => Value::list(all(items)),
            Value::Tuple(items) => Value::tuple(all(items)),
            Value::Map(map) => Value::map(map.iter().map(|(k, v)| (k.clone(), self.by_id(v)))),
            Value::Record(record) => Value::record(record.iter().map(|(n, v)| (n, self.by_id(v)))),
            Value::Unknown(term) => match &**term {
                // What a field is taken of stays a resource.
                Term::Call { func: Func::Field | Func::OptionalField, .. } => value.clone(),
                Term::Call { func, args } => Value::unknown(Term::Call { func: *func, args: all(args) }),
                Term::Output { .. } | Term::Own(_) | Term::Each(_) => value.clone(),
            },
            _ => value.clone(),
        }
    }

    fn inputs(&self) -> Vec<(Symbol, Value)> {
        let used = |(name, _): &&(Symbol, Value)| self.used_inputs.contains(name);
        self.program.inputs.iter().filter(used).cloned().collect()
    }
}

fn permuted<T>(items: Vec<T>, order: &[ResId]) -> Vec<T> {
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order.iter().filter_map(|old| items[old.0 as usize].take()).collect()
}

fn renumber(value: &mut Value, map: &dyn Fn(ResId) -> ResId) {
    if let Some(new) = rewrite(value, map) {
        *value = new;
    }
}

/// A value with other ids; `None` where it has none.
pub(crate) fn rewrite(value: &Value, map: &dyn Fn(ResId) -> ResId) -> Option<Value> {
    match value {
        Value::Resource(id) => Some(Value::Resource(map(*id))),
        Value::Unknown(term) => match &**term {
            Term::Output { resource, name } => {
                Some(Value::unknown(Term::Output { resource: map(*resource), name: *name }))
            }
            Term::Own(_) | Term::Each(_) => None,
            Term::Call { func, args } => {
                rewrite_all(args, map).map(|args| Value::unknown(Term::Call { func: *func, args }))
            }
        },
        Value::List(items) => rewrite_all(items, map).map(Value::list),
        Value::Tuple(items) => rewrite_all(items, map).map(Value::tuple),
        Value::Map(entries) => {
            let new: Vec<Option<Value>> = entries.values().map(|v| rewrite(v, map)).collect();
            if new.iter().all(Option::is_none) {
                return None;
            }
            let entries = entries.iter().zip(new);
            let entries: Map = entries.map(|((k, v), new)| (k.clone(), new.unwrap_or_else(|| v.clone()))).collect();
            Some(Value::Map(Arc::new(entries)))
        }
        Value::Record(record) => {
            let new: Vec<Option<Value>> = record.iter().map(|(_, v)| rewrite(v, map)).collect();
            if new.iter().all(Option::is_none) {
                return None;
            }
            let fields = record.iter().zip(new);
            let fields: Record = fields.map(|((n, v), new)| (n, new.unwrap_or_else(|| v.clone()))).collect();
            Some(Value::Record(Arc::new(fields)))
        }
        _ => None,
    }
}

fn rewrite_all(items: &[Value], map: &dyn Fn(ResId) -> ResId) -> Option<Vec<Value>> {
    let new: Vec<Option<Value>> = items.iter().map(|v| rewrite(v, map)).collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    Some(items.iter().zip(new).map(|(v, new)| new.unwrap_or_else(|| v.clone())).collect())
}

/// What a kind's check knows of an object before any cloud is asked: what the program sets,
/// of the object itself and along its references.
struct Own<'x, 'p> {
    x: &'x Expander<'p>,
    id: ResId,
}

/// What a check looks at, outermost first: paths of references, and fields of records.
fn leaves(cond: &Value) -> Vec<Vec<Symbol>> {
    let mut all: Vec<Vec<Symbol>> = Vec::new();
    cond.for_each_term(&mut |term| {
        let path = match term {
            Term::Own(path) => path.clone(),
            Term::Call { func: Func::Field | Func::OptionalField, args } => match args.as_slice() {
                [Value::Unknown(base), Value::Str(name)] => match &**base {
                    Term::Own(path) => [path.as_slice(), &[Symbol::new(name)]].concat(),
                    _ => return,
                },
                _ => return,
            },
            Term::Each(each) => each.of.clone(),
            Term::Call { .. } | Term::Output { .. } => return,
        };
        // A record is shown by the fields that are looked at.
        if !all.iter().any(|known| known.starts_with(&path)) {
            all.push(path);
        }
    });
    all
}

impl Own<'_, '_> {
    /// The value of a leaf: along references, and at the end perhaps into a record.
    fn leaf(&self, path: &[Symbol]) -> Option<Value> {
        let value = match self.own(path) {
            Some(value) => Some(value),
            None => {
                let (last, before) = path.split_last()?;
                match self.own(before)? {
                    Value::Record(record) => record.get(*last).cloned(),
                    _ => None,
                }
            }
        };
        value.filter(|v| !v.is_none())
    }

    /// An attribute of a resource, as the program gave it.
    fn attribute(&self, id: ResId, name: Symbol) -> Option<Value> {
        let resource = &self.x.resources[id.0 as usize];
        let kind = self.x.program.catalogue.kind(resource.kind);
        let Some((at, schema)) = kind.attribute(name) else {
            return kind.here(name, resource.region);
        };
        if let Some(raw) = self.x.raw.get(&(id, at)) {
            return Some(raw.clone());
        }
        if let Some((known, _)) = self.x.known.get(&(id, name)) {
            return Some(known.clone());
        }
        match resource.value(at) {
            Some(value) => Some(self.x.with_known(value.clone())),
            // What is left out is `none`, unless a cloud decides it for an object that is there.
            None if matches!(resource.origin, Origin::Created) && schema.need != Need::Required => Some(Value::None),
            None => None,
        }
    }
}

impl Resolve for Own<'_, '_> {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        let (name, rest) = path.split_first()?;
        let mut value = self.attribute(self.id, *name)?;
        for name in rest {
            value = match &value {
                Value::Resource(id) => self.attribute(self.x.target(*id), *name)?,
                Value::Record(record) => record.get(*name)?.clone(),
                Value::List(items) => items.get(name.as_str().parse::<usize>().ok()?)?.clone(),
                Value::None => return Some(Value::None),
                _ => return None,
            };
        }
        // Of what is put together, the parts that are known count.
        (!matches!(value, Value::Unknown(_))).then_some(value)
    }
}
