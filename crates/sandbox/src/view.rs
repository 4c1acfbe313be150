//! What calls that change nothing show of the world, and what they can't see.

use topo_model::{Attributes, Creation, Intent, Kind, KindAttribute, Object, Operation, Owner, Status, Symbol, Value};
use topo_provider::{Place, Resolution, Scope};

use crate::change::same;
use crate::rules::rule;
use crate::stored::{Key, Stored};
use crate::world::World;

/// How far an object is.
pub(crate) fn status(world: &World, object: &Stored, now: i64) -> Status {
    if now < object.ready_at {
        return Status::Pending;
    }
    if let Some(why) = &object.failed {
        return Status::Failed(why.clone());
    }
    rule(object.kind).status(world, object).unwrap_or(Status::Ready)
}

/// An object as it is shown.
pub(crate) fn show(world: &World, object: &Stored, now: i64) -> Object {
    let hidden = |name: Symbol| {
        let attribute = world.kind(object.kind).and_then(|kind| kind.attribute(name));
        attribute.is_some_and(|(_, a)| a.write_only)
    };
    let mut outputs = object.outputs.clone();
    rule(object.kind).told(world, object, &mut outputs);
    Object {
        id: object.object_id(),
        kind: object.kind,
        region: object.region,
        attributes: object.attributes.iter().filter(|(n, _)| !hidden(*n)).map(|(n, v)| (n, v.clone())).collect(),
        outputs,
        owner: object.owner.clone(),
        status: status(world, object, now),
    }
}

/// Everything with the project's and environment's mark, and what is known by id.
pub(crate) fn observe(world: &mut World, scope: &Scope<'_>, now: i64) -> Vec<Object> {
    let ours = |o: &&Stored| {
        let mark = o.owner.as_ref();
        mark.is_some_and(|owner| owner.project == scope.project && owner.env == scope.env)
    };
    let mut keys: Vec<Key> =
        scope.kinds.iter().flat_map(|kind| world.of(*kind, scope.region).filter(ours)).map(|o| o.key).collect();
    let known = scope.known.iter().filter_map(|(kind, id)| world.by_id(*kind, scope.region, &id.0));
    keys.extend(known.map(|o| o.key));
    keys.sort_unstable();
    keys.dedup();
    shown(world, keys, now)
}

/// The objects of a kind that have all of these attributes or outputs.
pub(crate) fn find(
    world: &mut World,
    kind: Symbol,
    region: Option<Symbol>,
    identity: &Attributes,
    now: i64,
) -> Vec<Object> {
    let Some(schema) = world.kind(kind) else { return Vec::new() };
    let has = |o: &&Stored| {
        identity.iter().filter(|(_, wanted)| !wanted.is_none()).all(|(name, wanted)| {
            let there = o.attributes.get(name).or_else(|| o.outputs.get(name));
            let plain = |v| schema.canonical(name, v);
            there.is_some_and(|there| within(&plain(wanted), &plain(there)))
        })
    };
    let keys = world.of(kind, region).filter(has).map(|o| o.key).collect();
    shown(world, keys, now)
}

/// Whether a value is what was asked for: of maps and records, whether it holds that.
fn within(wanted: &Value, there: &Value) -> bool {
    match (wanted, there) {
        (Value::Map(wanted), Value::Map(there)) => {
            wanted.iter().all(|(k, v)| there.get(k).is_some_and(|t| within(v, t)))
        }
        (Value::Record(wanted), Value::Record(there)) => {
            wanted.iter().all(|(k, v)| there.get(k).is_some_and(|t| within(v, t)))
        }
        _ => wanted == there,
    }
}

/// One object, by its id.
pub(crate) fn read(world: &mut World, at: &Place, now: i64) -> Option<Object> {
    if let Some(object) = rule(at.kind).standing(at.kind) {
        return (object.id == at.id).then_some(object);
    }
    let key = world.at(at)?.key;
    shown(world, vec![key], now).pop()
}

/// What became of a call, as the service can tell it: by token, mark, reference or key.
pub(crate) fn resolve(world: &mut World, intent: &Intent, owner: &Owner, now: i64) -> Resolution {
    if intent.operation != Operation::Create {
        let place = intent.object.clone().map(|id| Place { kind: intent.kind, region: intent.region, id });
        return Resolution::Happened(place.and_then(|at| read(world, &at, now)).map(Box::new));
    }
    let catalogue = world.catalogue.clone();
    let Some(kind) = catalogue.by_name(intent.kind) else { return Resolution::NotVisible };
    let token = || world.by_token(kind.name, intent.region, &owner.id.0);
    let ours = |o: &&Stored| o.owner.as_ref().is_some_and(|mark| mark.id == owner.id);
    let marked = || world.of(kind.name, intent.region).find(ours).filter(|_| kind.tagged());
    let found = match &kind.creation {
        Creation::Token | Creation::CallerReference => token().or_else(marked),
        Creation::Name(_) | Creation::Key(_) => marked().or_else(|| same_identity(world, kind, intent)),
        Creation::Nothing if kind.tagged() => marked(),
        Creation::Nothing => return untold(world, kind, intent, now),
    };
    let seen = found.map(|o| o.key).and_then(|key| shown(world, vec![key], now).pop());
    seen.map_or(Resolution::NotVisible, |object| Resolution::Happened(Some(Box::new(object))))
}

/// The object with the key, name or identity that was asked for.
fn same_identity<'w>(world: &'w World, kind: &Kind, intent: &Intent) -> Option<&'w Stored> {
    let names = match world.key_names(kind) {
        Some(names) => names,
        None => kind.identity.iter().map(|a| kind.attr(*a).name).collect(),
    };
    let same = |o: &Stored, name: Symbol| {
        let [asked, there] = [&intent.attributes, &o.attributes].map(|of| of.get(name).filter(|v| !v.is_none()));
        asked.map(|v| kind.canonical(name, v)) == there.map(|v| kind.canonical(name, v))
    };
    let has = |o: &&Stored| names.iter().all(|n| same(o, *n));
    world.of(kind.name, intent.region).filter(|_| !names.is_empty()).find(has)
}

/// Without mark, token and key, an object is ours when it is just as we asked; otherwise
/// it can't be told.
fn untold(world: &mut World, kind: &Kind, intent: &Intent, now: i64) -> Resolution {
    if kind.identity.is_empty() {
        let text = format!("look for the {} that was made at this time; only its id tells it from others", kind.name);
        return Resolution::Unknown(text);
    }
    let Some(key) = same_identity(world, kind, intent).map(|o| o.key) else { return Resolution::NotVisible };
    let Some(object) = shown(world, vec![key], now).pop() else { return Resolution::NotVisible };
    let asked = |a: &KindAttribute| intent.attributes.get(a.name).filter(|v| !v.is_none()).cloned();
    let there = |a: &KindAttribute| object.attributes.get(a.name).cloned().unwrap_or_default();
    let differs = |a: &&KindAttribute| asked(a).is_some_and(|value| !same(kind, a, &value, &there(a)));
    match kind.attributes.iter().find(differs) {
        None => Resolution::Happened(Some(Box::new(object))),
        Some(attribute) => Resolution::Unknown(format!(
            "{} {} is there with another '{}': compare it with what was asked for, and adopt or remove it",
            kind.name, object.id, attribute.name
        )),
    }
}

/// The objects as they are shown; one that is to be hidden from some more reads is left out.
fn shown(world: &mut World, keys: Vec<Key>, now: i64) -> Vec<Object> {
    let mut out = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(object) = world.get(key) else { continue };
        if object.hidden == 0 {
            out.push(show(world, object, now));
        } else {
            let seen_later = Stored { hidden: object.hidden - 1, ..object.clone() };
            world.put(seen_later);
        }
    }
    out
}
