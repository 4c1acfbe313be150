//! Objects that are there already: `existing`, `from`, and what an earlier run made without
//! seeing the answer.

use topo_model::{Attributes, Diagnostic, Object, ObjectId, RecordedResource, Resource, Span, Symbol, Value};

use super::{changed, create, detail, differences, reason};
use crate::differ::Sides;
use crate::known::{Decision, Hold, Known, Refusal, Source};
use crate::scene::{made_at, place};
use crate::{Action, Cause, Detail, Difference, Found, codes};

/// A resource that is looked up and never changed.
pub(crate) fn existing(
    known: &Known<'_>,
    node: u32,
    resource: &Resource,
    id: Option<&Value>,
) -> Result<Decision, Refusal> {
    let scene = known.scene;
    if let Some(old) = scene.in_place_of.get(&node).filter(|old| !scene.sides(**old).forgotten) {
        return Err(made_at(still_ours(scene.address(*old), place(resource)), Some(resource)).into());
    }
    match scene.found.get(&topo_model::ResId(node)) {
        Some(Found::One(_)) => return Ok(Decision::nothing(Source::Found)),
        Some(Found::Missing) => return Err(missing(known, node, resource, id).into()),
        Some(Found::Many(ids)) => return Err(many(known, node, resource, id, ids).into()),
        None => {}
    }
    let hold = match scene.frozen(node) {
        Some(outage) => Some(Hold::Outage(outage)),
        None => scene.elsewhere(resource.region).then_some(Hold::Selection),
    };
    if hold.is_some() {
        return Ok(Decision { hold, wanted: Action::Read, ..Decision::nothing(Source::Nowhere) });
    }
    let after = identity(known, node, resource, id)?;
    let reasons = vec![reason(Cause::Item, "looked up during the apply", place(resource))];
    let detail = Detail { after: Some(after), reasons, ..detail::of(known, node) };
    Ok(Decision::with(Action::Read, Source::Nowhere, detail))
}

fn still_ours(address: &str, span: Span) -> Diagnostic {
    let message = format!("{address} is recorded as made by this project, and `existing` is for what others made");
    Diagnostic::error(codes::CONTRADICTION, span, message, "looked up here")
        .help(format!("to let it go and look it up from now on, add `forget {address}`"))
        .at(address)
}

/// A resource `from` an id that has no record yet.
pub(crate) fn adopted(known: &Known<'_>, node: u32, resource: &Resource, id: &Value) -> Result<Decision, Refusal> {
    let scene = known.scene;
    match scene.found.get(&topo_model::ResId(node)) {
        Some(Found::One(object)) => {
            if let Some(owner) = holder(known, node, object) {
                return Err(taken(known, node, resource, object, &owner.address).into());
            }
            let mut decision = import(known, node, resource, object)?;
            decision.source = Source::Found;
            if let Some(difference) = replacing(&decision) {
                return Err(not_as_described(known, node, object, difference).into());
            }
            let text = format!("from {}", object.id);
            note(&mut decision, Cause::Item, text, place(resource));
            Ok(decision)
        }
        Some(Found::Missing) => Err(missing(known, node, resource, Some(id)).into()),
        Some(Found::Many(ids)) => Err(many(known, node, resource, Some(id), ids).into()),
        None if scene.frozen(node).is_some() || scene.elsewhere(resource.region) => {
            create(known, node, resource, reason(Cause::Item, format!("from {id}"), place(resource)))
        }
        None => Err(unasked(known, node, resource, id).into()),
    }
}

/// An object that carries this resource's mark, and that no record knows. It is taken over
/// if it can be brought in line; otherwise it is one too many.
pub(crate) fn landed(known: &Known<'_>, node: u32, resource: &Resource, at: u32) -> Result<Decision, Refusal> {
    let object = &known.scene.observed.objects[at as usize];
    let mut decision = import(known, node, resource, object)?;
    if replacing(&decision).is_some() {
        let mut new = create(known, node, resource, reason(Cause::New, "new", place(resource)))?;
        if let Some(detail) = &mut new.detail {
            detail.deposed.push(detail::seen(known.scene, object));
        }
        return Ok(new);
    }
    decision.source = Source::Stray(at);
    let text = "made by an earlier run that did not see the answer";
    note(&mut decision, Cause::Unfinished, text.to_owned(), place(resource));
    Ok(decision)
}

fn note(decision: &mut Decision, cause: Cause, text: String, span: Span) {
    if let Some(detail) = &mut decision.detail {
        detail.reasons.insert(0, reason(cause, text, span));
    }
}

fn import(known: &Known<'_>, node: u32, resource: &Resource, object: &Object) -> Result<Decision, Refusal> {
    let sides = Sides { there: &object.attributes, recorded: None };
    let mut differences = differences(known, node, resource, sides)?;
    // The object was never as some program said, so nothing changed in code.
    for difference in differences.iter_mut().filter(|d| d.cause == Cause::Code) {
        difference.cause = Cause::Item;
    }
    let mut detail = detail::of(known, node);
    detail.object = Some(detail::seen(known.scene, object));
    detail.before = Some(detail::before(resource, known, sides));
    detail.after = Some(detail::after(known, node, resource, Some(sides))?);
    detail.reasons = differences.iter().map(|d| changed(known, d)).collect();
    detail.differences = differences;
    Ok(Decision::with(Action::Import, Source::Nowhere, detail))
}

fn replacing(decision: &Decision) -> Option<&Difference> {
    decision.detail.as_ref()?.differences.iter().find(|d| d.replaces)
}

/// The record that has an object already.
fn holder<'a>(known: &Known<'a>, node: u32, object: &Object) -> Option<&'a RecordedResource> {
    let mut records = known.scene.recorded.resources.values();
    let kind = known.scene.kind_name(node);
    records.find(|r| r.kind == kind && r.region == object.region && r.id == object.id)
}

/// What the lookup goes by: the identifying attributes, or `id` where one is given.
fn identity(known: &Known<'_>, node: u32, resource: &Resource, id: Option<&Value>) -> Result<Attributes, Refusal> {
    let mut identity = detail::after(known, node, resource, None)?;
    if let Some(id) = id {
        identity.set(Symbol::new("id"), known.value(id).map_or_else(|_| id.clone(), |v| v.into_owned()));
    }
    Ok(identity)
}

/// In words, what was looked for.
fn sought(known: &Known<'_>, node: u32, resource: &Resource, id: Option<&Value>) -> String {
    let scene = known.scene;
    let kind = scene.kind_name(node);
    let place = resource.region.map(|r| format!(" in {r}")).unwrap_or_default();
    if let Some(id) = id {
        let id = known.value(id).map_or_else(|_| id.clone(), |v| v.into_owned());
        return format!("{kind} {id}{place}");
    }
    let schema = scene.desired.kind(resource);
    let of = |(at, declared): (usize, &Option<topo_model::Attribute>)| {
        let value = known.value(&declared.as_ref()?.value).ok()?.into_owned();
        let by = schema.identity.is_empty() || schema.identity.iter().any(|id| id.0 as usize == at);
        (by && !value.is_none()).then(|| format!("{} = {value}", schema.attributes[at].name))
    };
    let values: Vec<String> = resource.attributes.iter().enumerate().filter_map(of).collect();
    format!("{kind} with {}{place}", values.join(", "))
}

fn missing(known: &Known<'_>, node: u32, resource: &Resource, id: Option<&Value>) -> Diagnostic {
    let message = format!("there is no {}", sought(known, node, resource, id));
    let found = Diagnostic::error(codes::NOT_FOUND, place(resource), message, "found nothing")
        .help("correct what it is looked up by, or declare it as a `resource` to have it made");
    made_at(found, Some(resource)).at(known.scene.address(node))
}

fn many(known: &Known<'_>, node: u32, resource: &Resource, id: Option<&Value>, ids: &[ObjectId]) -> Diagnostic {
    let listed: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let sought = sought(known, node, resource, id);
    let message = format!("there are {} objects of {sought}: {}", ids.len(), listed.join(", "));
    let one = ids.first().map_or_else(String::new, |id| format!("name the one that is meant: `from \"{id}\"`"));
    let found = Diagnostic::error(codes::AMBIGUOUS, place(resource), message, "could be any of them").help(one);
    made_at(found, Some(resource)).at(known.scene.address(node))
}

fn unasked(known: &Known<'_>, node: u32, resource: &Resource, id: &Value) -> Diagnostic {
    let address = known.scene.address(node);
    let (message, help) = if known.scene.observed.skipped {
        (format!("{address} is to be adopted, which needs a look at the cloud"), "leave out `--refresh=false`")
    } else {
        let message = format!("{address} is to be adopted from {id}, which is known only after apply");
        (message, "write the object's id as a constant")
    };
    let found = Diagnostic::error(codes::NOT_ADOPTABLE, place(resource), message, "adopted here").help(help);
    made_at(found, Some(resource)).at(address)
}

fn taken(known: &Known<'_>, node: u32, resource: &Resource, object: &Object, owner: &str) -> Diagnostic {
    let address = known.scene.address(node);
    let message = format!("{} {} is recorded as {owner} already", object.kind, object.id);
    let found = Diagnostic::error(codes::NOT_ADOPTABLE, place(resource), message, "adopted here")
        .help(format!("to call it {address}, write `moved {owner} -> {address}` and leave out `from`"));
    made_at(found, Some(resource)).at(address)
}

fn not_as_described(known: &Known<'_>, node: u32, object: &Object, difference: &Difference) -> Diagnostic {
    let name = difference.attribute;
    let show = |value: &Option<Value>| value.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let (is, wanted) = if difference.secret {
        ("another value".to_owned(), "this".to_owned())
    } else {
        (show(&difference.before), show(&difference.after))
    };
    let message = format!("{} {} can't be adopted: its {name} is {is}, not {wanted}", object.kind, object.id);
    let found = Diagnostic::error(codes::NOT_ADOPTABLE, difference.span, message, "can't be changed in place")
        .help(format!("write {name} as it is, adopt the object, and change it afterwards"));
    made_at(found, known.scene.resource(node)).at(known.scene.address(node))
}
