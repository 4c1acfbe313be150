//! What is done with one resource, given what is done with those that it depends on.

mod detail;
mod lookup;
mod replace;

pub(crate) use replace::keys;

use topo_model::{Attributes, Kind, RecordedResource, Resource, Span, Status, Symbol, Value};

use crate::differ::{Sides, Sight, record_type};
use crate::known::{Decision, Known, Refusal, Source};
use crate::scene::{Mode, place};
use crate::{Action, Cause, Detail, Difference, Reason};

/// Decides one node. Those that it depends on are decided already.
pub(crate) fn decide(known: &Known<'_>, node: u32) -> Result<Decision, Refusal> {
    use topo_model::Origin;
    let scene = known.scene;
    let Some(resource) = scene.resource(node) else { return Ok(removed(known, node)) };
    match (&resource.origin, scene.record(node)) {
        (Origin::Existing(id), _) => lookup::existing(known, node, resource, id.as_ref()),
        (_, Some(record)) => managed(known, node, resource, record),
        (Origin::Adopted(id), None) => lookup::adopted(known, node, resource, id),
        (Origin::Created, None) => match scene.landed.get(&node) {
            Some(at) => lookup::landed(known, node, resource, *at),
            None => create(known, node, resource, reason(Cause::New, "new", place(resource))),
        },
    }
}

/// A reason that is not about one attribute.
fn reason(cause: Cause, text: impl Into<String>, span: Span) -> Reason {
    Reason { cause, attribute: None, text: text.into(), span }
}

fn create(known: &Known<'_>, node: u32, resource: &Resource, why: Reason) -> Result<Decision, Refusal> {
    let mut detail = detail::of(known, node);
    detail.after = Some(detail::after(known, node, resource, None)?);
    detail.object = None;
    detail.reasons.push(why);
    Ok(Decision::with(Action::Create, Source::Nowhere, detail))
}

/// What the program no longer has, or never had.
fn removed(known: &Known<'_>, node: u32) -> Decision {
    let scene = known.scene;
    let mut detail = detail::of(known, node);
    detail.before = detail::left(scene, node);
    if scene.sides(node).forgotten {
        detail.reasons.push(reason(Cause::Item, "forget", Span::NONE));
        return Decision::with(Action::Forget, Source::There, detail);
    }
    let text = match (scene.record(node), scene.there(node)) {
        (None, _) => "made by an earlier run that did not see the answer",
        (Some(_), None) => "removed from the program, and deleted outside already",
        _ => "removed from the program",
    };
    detail.reasons.push(reason(Cause::Removed, text, Span::NONE));
    Decision::with(Action::Delete, Source::There, detail)
}

/// A resource of which an object is on record.
fn managed(known: &Known<'_>, node: u32, resource: &Resource, record: &RecordedResource) -> Result<Decision, Refusal> {
    let scene = known.scene;
    let Some(there) = scene.there(node) else {
        return create(known, node, resource, reason(Cause::Outside, "deleted outside", place(resource)));
    };
    let sides = Sides { there, recorded: Some(&record.attributes) };
    let differences = differences(known, node, resource, sides)?;
    let others = replace::reasons(known, node, resource, record);
    if !others.is_empty() || differences.iter().any(|d| d.replaces) {
        return replace::replacement(known, node, resource, record, sides, differences, others);
    }
    let mut reasons: Vec<Reason> = loose_ends(known, node, resource, record);
    reasons.extend(differences.iter().map(|d| changed(known, d)));
    reasons.extend(changed_record(known, resource, record));
    if reasons.is_empty() && (scene.mode == Mode::Drift || same_needs(known, node, record)) {
        return Ok(quiet(known, node, record));
    }
    if reasons.is_empty() {
        reasons.push(reason(Cause::Code, "what it depends on changed in code", place(resource)));
    }
    let mut detail = detail::of(known, node);
    detail.before = Some(detail::before(resource, known, sides));
    detail.after = Some(detail::after(known, node, resource, Some(sides))?);
    detail.differences = differences;
    detail.reasons = reasons;
    let mut decision = Decision::with(Action::Update, Source::There, detail);
    decision.unfinished = !record.ready;
    if scene.object(node).is_some_and(|o| o.id != record.id) {
        (decision.action, decision.wanted) = (Action::Import, Action::Import);
    }
    Ok(decision)
}

/// A resource whose settings are as they should be.
fn quiet(known: &Known<'_>, node: u32, record: &RecordedResource) -> Decision {
    let scene = known.scene;
    let moved = scene.sides(node).moved;
    let within_reach = |d: &topo_model::Deposed| scene.state_only(node) || scene.outage(d.region).is_none();
    let deposed = scene.mode == Mode::Reconcile && record.deposed.iter().any(within_reach);
    let leftovers = deposed || scene.seconds.contains_key(&node);
    let refreshed = scene.object(node).map(|o| &o.outputs).filter(|outputs| **outputs != record.outputs);
    if !moved && !leftovers {
        let mut decision = Decision::nothing(Source::There);
        if let Some(outputs) = refreshed {
            decision.detail = Some(Box::new(Detail { refreshed: Some(outputs.clone()), ..detail::of(known, node) }));
        }
        return decision;
    }
    let mut detail = detail::of(known, node);
    detail.refreshed = refreshed.cloned();
    let span = detail.span;
    if moved {
        detail.before = detail::left(scene, node);
        detail.after = Some(record.attributes.clone());
        detail.reasons.push(reason(Cause::Item, format!("moved from {}", record.address), span));
        return Decision::with(Action::Move, Source::There, detail);
    }
    let text = if deposed { "an object that was replaced is still there" } else { "a second object carries its mark" };
    detail.reasons.push(reason(Cause::Unfinished, text, span));
    Decision::with(Action::Delete, Source::There, detail)
}

/// How the attributes of an object differ from what the program wants.
fn differences(
    known: &Known<'_>,
    node: u32,
    resource: &Resource,
    sides: Sides<'_>,
) -> Result<Vec<Difference>, Refusal> {
    let kind = known.scene.desired.kind(resource);
    let ignored = resource.lifecycle.as_ref().map_or(&[][..], |l| &l.ignore);
    let record_type = record_type(resource, kind);
    let mut differences = Vec::new();
    for (attribute, declared) in kind.attributes.iter().zip(resource.attributes.iter()) {
        let recorded = sides.recorded.and_then(|r| r.get(attribute.name));
        let want = match declared {
            Some(declared) => Some(detail::want(known, node, declared, recorded)?),
            None if recorded.is_none() => continue,
            None => None,
        };
        let there = sides.there.get(attribute.name);
        let declared = declared.as_ref();
        let sight = Sight { kind, attribute, declared, want, recorded, there, record_type };
        if let Some(mut difference) = sight.difference(ignored) {
            difference.span = match (resource.anchor.is_none(), difference.span.is_none()) {
                (true, false) => difference.span,
                _ => place(resource),
            };
            if difference.cause == Cause::Code && follows(known, node, declared) {
                difference.cause = Cause::Dependency;
            }
            differences.push(difference);
        }
    }
    Ok(differences)
}

/// Whether a value changed because what it refers to did, while the program refers to the
/// same as before: an earlier run replaced that, and did not come as far as this.
fn follows(known: &Known<'_>, node: u32, declared: Option<&topo_model::Attribute>) -> bool {
    let (Some(declared), Some(record)) = (declared, known.scene.record(node)) else { return false };
    let mut follows = !declared.value.is_ground();
    declared.value.for_each_resource(&mut |id| {
        follows &= record.needs.iter().any(|need| known.scene.node_at(need) == Some(id.0));
    });
    follows
}

/// Why an object must be touched, whether or not an attribute differs.
fn loose_ends(known: &Known<'_>, node: u32, resource: &Resource, record: &RecordedResource) -> Vec<Reason> {
    let scene = known.scene;
    let mut reasons = Vec::new();
    let object = scene.object(node);
    let kind = scene.desired.kind(resource);
    if let Some(text) = object.filter(|_| kind.tagged()).and_then(|o| unmarked(known, o, record)) {
        reasons.push(reason(Cause::Outside, text, place(resource)));
    }
    if scene.mode == Mode::Drift {
        return reasons;
    }
    if !record.ready {
        reasons.push(reason(Cause::Unfinished, "an earlier run did not finish it", place(resource)));
    }
    if object.is_some_and(|o| o.id != record.id) {
        reasons.push(reason(Cause::Unfinished, "made by an earlier run that did not see the answer", place(resource)));
    }
    reasons
}

/// Why the record of an object must be touched.
fn changed_record(known: &Known<'_>, resource: &Resource, record: &RecordedResource) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if known.scene.mode == Mode::Drift {
        return reasons;
    }
    let lifecycle = resource.lifecycle.as_deref();
    if lifecycle.is_some_and(|l| l.protect) != record.protect {
        reasons.push(reason(Cause::Code, "lifecycle.protect changed in code", place(resource)));
    }
    if lifecycle.and_then(|l| l.replace) != record.replace {
        reasons.push(reason(Cause::Code, "lifecycle.replace changed in code", place(resource)));
    }
    reasons
}

/// What is wrong with the mark of an object.
fn unmarked(known: &Known<'_>, object: &topo_model::Object, record: &RecordedResource) -> Option<String> {
    let desired = known.scene.desired;
    let env = desired.env.map_or("", Symbol::as_str);
    match &object.owner {
        None => Some("its mark was removed outside".to_owned()),
        Some(owner) if owner.project != desired.project.name.as_str() || owner.env != env => {
            Some(format!("it carries the mark of {} {}", owner.project, owner.env).trim_end().to_owned())
        }
        Some(owner) if owner.id != record.topo_id => Some("its mark was changed outside".to_owned()),
        Some(_) => None,
    }
}

/// Whether the record names the same resources to come first as the program does.
fn same_needs(known: &Known<'_>, node: u32, record: &RecordedResource) -> bool {
    let scene = known.scene;
    let deps = scene.deps.row(node);
    // A need without a record is gone, or is to be made again under its address.
    let stale = |need: &String| scene.node_at(need).is_some_and(|n| deps.binary_search(&n).is_err());
    let replaced = |need: &String| deps.iter().any(|dep| scene.address(*dep) == need);
    let told = |dep: &u32| {
        let mut needs = record.needs.iter();
        needs.any(|need| scene.node_at(need) == Some(*dep) || scene.address(*dep) == need)
    };
    !record.needs.iter().any(|need| stale(need) && !replaced(need))
        && deps.iter().filter(|dep| !scene.existing(**dep)).all(told)
}

/// The reason that a difference gives.
fn changed(known: &Known<'_>, difference: &Difference) -> Reason {
    let name = difference.attribute;
    let text = match (difference.cause, &difference.after) {
        (_, None) => format!("{name} is released to the cloud"),
        (_, Some(Value::None)) => format!("{name} is cleared"),
        (Cause::Dependency, Some(after)) if after.is_ground() => format!("what {name} refers to changed"),
        (Cause::Dependency, Some(after)) => replace::dependency(known, after).0,
        (Cause::Outside, _) => format!("{name} changed outside"),
        (Cause::Item, _) => format!("its {name} differs from the program's"),
        (Cause::Both, _) => format!("{name} changed in code and outside"),
        _ => format!("{name} changed in code"),
    };
    Reason { cause: difference.cause, attribute: Some(name), text, span: difference.span }
}

/// Whether an object that was never finished can't become so.
fn hopeless(known: &Known<'_>, node: u32, record: &RecordedResource) -> Option<String> {
    match known.scene.object(node).map(|o| &o.status) {
        Some(Status::Failed(text)) if !record.ready => Some(text.clone()),
        _ => None,
    }
}

/// The value of an attribute among those of an object.
fn value_of<'a>(attributes: &'a Attributes, kind: &Kind, id: topo_model::AttrId) -> Option<&'a Value> {
    attributes.get(kind.attr(id).name).filter(|v| !v.is_none())
}
