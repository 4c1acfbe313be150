//! What a step must know of its resource.

use std::borrow::Cow;

use topo_model::{
    Attribute, Attributes, Diagnostic, FuncError, Kind, KindAttribute, Object, RecordedResource, Resource, Symbol,
    TopoId, Value,
};

use crate::differ::Sides;
use crate::known::{Known, Refusal, Source};
use crate::scene::{Mode, Scene};
use crate::{Detail, Present, differ, ignore, tags};

/// All that does not depend on what is done.
pub(crate) fn of(known: &Known<'_>, node: u32) -> Detail {
    let scene = known.scene;
    let record = scene.record(node);
    let resource = scene.resource(node);
    let lifecycle = resource.and_then(|r| r.lifecycle.as_deref());
    let mut deposed = Vec::new();
    if let Some(record) = record.filter(|_| scene.mode == Mode::Reconcile) {
        deposed.extend(record.deposed.iter().map(|d| Present {
            topo_id: d.topo_id.clone(),
            id: d.id.clone(),
            region: d.region,
            attributes: d.attributes.clone(),
            outputs: d.outputs.clone(),
            needs: d.needs.clone(),
        }));
    }
    for at in scene.seconds.get(&node).into_iter().flatten() {
        deposed.push(seen(scene, &scene.observed.objects[*at as usize]));
    }
    let object = match record {
        Some(record) => Some(present(record, scene.object(node))),
        None => scene.object(node).map(|object| seen(scene, object)),
    };
    let moved = record.filter(|_| scene.sides(node).moved);
    Detail {
        moved_from: moved.map(|r| r.address.clone()),
        object,
        deposed,
        needs: needs(scene, node),
        protect: lifecycle.map_or(resource.is_none() && record.is_some_and(|r| r.protect), |l| l.protect),
        replace: lifecycle.and_then(|l| l.replace),
        timeout: lifecycle.and_then(|l| l.timeout),
        span: scene.place(node),
        ..Detail::default()
    }
}

fn needs(scene: &Scene<'_>, node: u32) -> Vec<String> {
    if scene.resource(node).is_none() {
        return scene.record(node).map(|r| r.needs.clone()).unwrap_or_default();
    }
    let deps = scene.deps.row(node).iter().filter(|d| !scene.existing(**d));
    deps.map(|d| scene.address(*d).to_owned()).collect()
}

fn present(record: &RecordedResource, object: Option<&Object>) -> Present {
    Present {
        topo_id: record.topo_id.clone(),
        id: object.map_or_else(|| record.id.clone(), |o| o.id.clone()),
        region: record.region,
        attributes: record.attributes.clone(),
        outputs: object.map_or_else(|| record.outputs.clone(), |o| o.outputs.clone()),
        needs: record.needs.clone(),
    }
}

/// An object without a record. Its [`Present::topo_id`] is empty where it carries no mark.
pub(crate) fn seen(scene: &Scene<'_>, object: &Object) -> Present {
    Present {
        topo_id: object.owner.as_ref().map_or_else(|| TopoId("".into()), |o| o.id.clone()),
        id: object.id.clone(),
        region: object.region,
        attributes: object.attributes.clone(),
        outputs: object.outputs.clone(),
        needs: referred(scene, object),
    }
}

/// The recorded resources that an object without a record refers to, by what it holds.
fn referred(scene: &Scene<'_>, object: &Object) -> Vec<String> {
    let Some(kind) = scene.desired.catalogue.by_name(object.kind) else { return Vec::new() };
    let mut needs = Vec::new();
    for attribute in &kind.attributes {
        let Some(value) = object.attributes.get(attribute.name).filter(|v| !v.is_none()) else { continue };
        attribute.ty.for_each_reference(&mut |_, output, _| {
            let holds = |of: &Value| value == of || value.items().is_some_and(|items| items.contains(of));
            let records = scene.recorded.resources.values();
            let referred = records.filter(|r| r.outputs.get(output).is_some_and(holds));
            needs.extend(referred.map(|r| r.address.clone()));
        });
    }
    needs
}

/// What the program wants of an attribute, as far as it is known. Where it waits for a
/// lookup that can't be made now, what was recorded is taken to be right still.
pub(crate) fn want<'a>(
    known: &Known<'a>,
    node: u32,
    declared: &'a Attribute,
    recorded: Option<&'a Value>,
) -> Result<Cow<'a, Value>, Refusal> {
    let value = known.value(&declared.value).map_err(|e| Box::new(failed(known, node, declared, &e)))?;
    match recorded {
        Some(recorded) if !value.is_ground() && waits_for_lookups(known, &value) => Ok(Cow::Borrowed(recorded)),
        _ => Ok(value),
    }
}

fn waits_for_lookups(known: &Known<'_>, value: &Value) -> bool {
    let mut all = true;
    value.for_each_resource(&mut |id| {
        let blind = known.scene.observed.skipped || known.decision(id.0).hold.is_some();
        all &= blind && known.scene.existing(id.0) && known.decision(id.0).source == Source::Nowhere;
    });
    all
}

fn failed(known: &Known<'_>, node: u32, declared: &Attribute, error: &FuncError) -> Diagnostic {
    let label = "evaluated at plan";
    let mut found = match known.scene.resource(node).filter(|r| !r.anchor.is_none()) {
        Some(resource) => Diagnostic::error(error.code, resource.anchor, error.message.clone(), "comes from here")
            .label(declared.span, label),
        None => Diagnostic::error(error.code, declared.span, error.message.clone(), label),
    };
    if let Some(help) = &error.help {
        found = found.help(help.clone());
    }
    found.at(known.scene.address(node))
}

/// The attributes as they will be. With an object that stays, ignored paths are as they
/// are there; tags that are to go, and references that are to be cleared, are `none`.
pub(crate) fn after(
    known: &Known<'_>,
    node: u32,
    resource: &Resource,
    sides: Option<Sides<'_>>,
) -> Result<Attributes, Refusal> {
    let kind = known.scene.desired.kind(resource);
    let ignored = resource.lifecycle.as_ref().map_or(&[][..], |l| &l.ignore);
    let mut attributes = Vec::with_capacity(resource.attributes.len());
    for (attribute, declared) in kind.attributes.iter().zip(resource.attributes.iter()) {
        let recorded = sides.and_then(|s| s.recorded).and_then(|r| r.get(attribute.name));
        let Some(declared) = declared else {
            attributes.extend(cleared(kind, attribute, recorded));
            continue;
        };
        let mut value = want(known, node, declared, recorded)?;
        if let Some(sides) = sides {
            let there = sides.there.get(attribute.name);
            for path in ignored {
                value = match ignore::within(path, attribute.name) {
                    ignore::Reach::Outside => value,
                    ignore::Reach::All => there.map_or(value, |t| Cow::Owned(t.clone())),
                    ignore::Reach::Part(rest) => {
                        let there = there.filter(|_| attribute.name != "tags");
                        Cow::Owned(ignore::mask(&value, rest, there))
                    }
                };
            }
            if attribute.name == "tags" && value.is_ground() {
                value = Cow::Owned(tags::sent(&value, recorded.map(|r| kept(r, ignored)).as_deref(), there));
            }
        }
        if value.is_none() {
            attributes.extend(cleared(kind, attribute, recorded));
        } else {
            attributes.push((attribute.name, value.into_owned()));
        }
    }
    Ok(attributes.into_iter().collect())
}

/// What a step sends for an attribute that was set and does not stay as it is.
fn cleared(kind: &Kind, attribute: &KindAttribute, recorded: Option<&Value>) -> Option<(Symbol, Value)> {
    let was_set = recorded.is_some_and(|r| !r.is_none());
    (was_set && !differ::stays(kind, attribute)).then_some((attribute.name, Value::None))
}

/// Recorded tags without the ignored ones, which are not removed.
fn kept<'a>(recorded: &'a Value, ignored: &[String]) -> Cow<'a, Value> {
    let mut tags = Cow::Borrowed(recorded);
    for path in ignored {
        if let Some(key) = path.strip_prefix("tags.") {
            tags = Cow::Owned(ignore::mask(&tags, key, None));
        }
    }
    tags
}

/// The managed attributes as they are: those that the program sets, and those that it set.
pub(crate) fn before(resource: &Resource, known: &Known<'_>, sides: Sides<'_>) -> Attributes {
    let kind = known.scene.desired.kind(resource);
    let mut attributes = Vec::new();
    for (attribute, declared) in kind.attributes.iter().zip(resource.attributes.iter()) {
        let recorded = sides.recorded.and_then(|r| r.get(attribute.name));
        let Some(there) = sides.there.get(attribute.name) else { continue };
        if declared.is_none() && recorded.is_none() {
            continue;
        }
        let value = match declared {
            _ if attribute.name != "tags" => there.clone(),
            Some(declared) => tags::owned(there, &declared.value, recorded),
            None => tags::owned(there, &Value::None, recorded),
        };
        attributes.push((attribute.name, value));
    }
    attributes.into_iter().collect()
}

/// What is there of the attributes that were set, for a node that the program changes nothing of.
pub(crate) fn left(scene: &Scene<'_>, node: u32) -> Option<Attributes> {
    let there = scene.there(node)?;
    let Some(record) = scene.record(node) else { return Some(there.clone()) };
    let set = record.attributes.iter().filter_map(|(name, recorded)| {
        let value = there.get(name)?;
        let owned = || tags::owned(value, &Value::None, Some(recorded));
        Some((name, if name == "tags" { owned() } else { value.clone() }))
    });
    Some(set.collect())
}
