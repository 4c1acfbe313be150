//! Changes in place: what is sent is set, what is not sent stays.

use topo_model::{Attributes, Kind, KindAttribute, Symbol, Type, Value};
use topo_provider::{Creation, Error, Place};

use super::{Circumstances, Staged};
use crate::refusal::{missing, wrong};
use crate::rules::{Rule, rule};
use crate::shape;
use crate::stored::Stored;
use crate::world::World;

/// Brings an object in line with what is wanted, its owner's mark too.
pub(super) fn stage(world: &mut World, at: &Place, want: &Creation, now: &Circumstances) -> Result<Staged, Error> {
    bring(world, at, want, true, now)
}

/// Does what a create does under a name that is taken: the mark stays.
pub(super) fn upsert(world: &mut World, at: &Place, want: &Creation, now: &Circumstances) -> Result<Staged, Error> {
    bring(world, at, want, false, now)
}

fn bring(world: &mut World, at: &Place, want: &Creation, mark: bool, now: &Circumstances) -> Result<Staged, Error> {
    let catalogue = world.catalogue.clone();
    let rule = rule(at.kind);
    let (Some(kind), Some(before)) = (catalogue.by_name(at.kind), world.at(at)) else {
        return Err(missing(rule.codes().missing, format!("there is no {} with the id '{}'", at.kind, at.id)));
    };
    let (before, mut after) = (before.clone(), before.clone());
    after.attributes = settings(kind, rule, &before.attributes, &want.attributes)?;
    rule.decides(Some(&before.attributes), &mut after.attributes);
    shape::complete(kind, &after.attributes)?;
    unchanged(kind, &before, &after)?;
    if mark && kind.tagged() {
        after.owner = Some(want.owner.clone());
    }
    if after == before {
        return Ok(Staged::Same(before.object_id()));
    }
    if rule.spreads() && after.attributes != before.attributes {
        after.ready_at = after.ready_at.max(now.after(kind.settles));
    }
    let (key, id) = (after.key, after.object_id());
    world.put(after);
    Ok(Staged::Put { key, id, before: Some(Box::new(before)) })
}

/// The settings that an object has after a call.
fn settings(kind: &Kind, rule: &dyn Rule, before: &Attributes, want: &Attributes) -> Result<Attributes, Error> {
    let asked = shape::typed(kind, want)?;
    if rule.sent_whole() {
        let mut after = asked;
        shape::fill(kind, &mut after);
        return Ok(after);
    }
    let mut after = before.clone();
    for (name, value) in want.iter() {
        if value.is_none() {
            after.remove(name);
        }
    }
    for (name, value) in asked.iter() {
        let group = kind.attribute(name).and_then(|(_, a)| a.alternative);
        let others = kind.attributes.iter().filter(|a| group.is_some() && a.alternative == group && a.name != name);
        for other in others.filter(|a| asked.get(a.name).is_none()) {
            after.remove(other.name);
        }
        after.set(name, value.clone());
    }
    // Tags are owned key by key.
    let tags = Symbol::new("tags");
    if let Some(asked) = want.get(tags).filter(|value| !value.is_none()) {
        after.set(tags, shape::merged(before.get(tags), asked));
    }
    Ok(after)
}

/// Refuses a change of what can't be changed in place.
fn unchanged(kind: &Kind, before: &Stored, after: &Stored) -> Result<(), Error> {
    let none = Value::None;
    for attribute in &kind.attributes {
        let old = before.attributes.get(attribute.name).unwrap_or(&none);
        let new = after.attributes.get(attribute.name).unwrap_or(&none);
        if attribute.immutable && !same(kind, attribute, old, new) {
            return Err(fixed(kind.name, attribute.name.as_str(), old, new));
        }
        if let Type::Record(record) = attribute.ty.narrowed() {
            let (old, new) = (shape::filled(old, &attribute.ty), shape::filled(new, &attribute.ty));
            for field in record.fields.iter().filter(|f| f.immutable) {
                let (old, new) = (old.field(field.name.as_str()), new.field(field.name.as_str()));
                if let (Some(old), Some(new)) = (old, new)
                    && old != new
                {
                    return Err(fixed(kind.name, &format!("{}.{}", attribute.name, field.name), old, new));
                }
            }
        }
    }
    Ok(())
}

fn fixed(kind: Symbol, name: &str, old: &Value, new: &Value) -> Error {
    wrong(format!("{name} of {kind} can't be changed in place: it is {old}, asked for is {new}"))
}

/// Whether two values of an attribute mean the same.
pub(crate) fn same(kind: &Kind, attribute: &KindAttribute, a: &Value, b: &Value) -> bool {
    let plain = |v: &Value| {
        let v = shape::filled(&kind.canonical(attribute.name, v), &attribute.ty);
        match &v {
            Value::List(items) if attribute.unordered => {
                let mut items = items.to_vec();
                items.sort_by_key(Value::to_string);
                Value::list(items)
            }
            _ => v,
        }
    };
    plain(a) == plain(b)
}
