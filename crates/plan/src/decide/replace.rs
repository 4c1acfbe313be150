//! Replacement: a new object in place of the old one.
//!
//! The new object comes first wherever both can exist at once: where something of every
//! tuple of attributes that no two objects may share (the natural key, the schema's
//! `unique`) changes too. `lifecycle.replace` overrides that where it can. What hangs on an object that
//! has to go first goes before it, whatever its own order.

use topo_model::{AttrId, Creation, Diagnostic, Kind, RecordedResource, ReplaceOrder, Resource, Symbol, Value};

use super::{changed, detail, hopeless, reason, value_of};
use crate::differ::Sides;
use crate::known::{Decision, Known, Refusal, Source};
use crate::scene::{Mode, made_at, place};
use crate::{Action, Cause, Difference, Reason, codes};

/// Why an object is replaced, whatever its attributes are.
pub(crate) fn reasons(known: &Known<'_>, node: u32, resource: &Resource, record: &RecordedResource) -> Vec<Reason> {
    let scene = known.scene;
    let mut reasons = Vec::new();
    if scene.mode == Mode::Drift {
        return reasons;
    }
    if scene.asked.contains(&node) {
        reasons.push(reason(Cause::Asked, "asked for with --replace", place(resource)));
    }
    if let Some(first) = scene.forced.get(&node) {
        let text = format!("{} has to be deleted before it is made again", scene.address(*first));
        reasons.push(reason(Cause::Dependency, text, place(resource)));
    }
    if record.region != resource.region {
        let name = |region: Option<Symbol>| region.map_or("all regions", Symbol::as_str);
        let text = format!("it moves from {} to {}", name(record.region), name(resource.region));
        reasons.push(reason(Cause::Code, text, place(resource)));
    }
    if let Some(text) = hopeless(known, node, record) {
        reasons.push(reason(Cause::Unfinished, format!("it failed: {text}"), place(resource)));
    }
    reasons
}

/// Whether the old object of a dependency, which the record refers to, goes before there is
/// a new one.
fn goes_first(known: &Known<'_>, record: &RecordedResource, dep: u32) -> bool {
    let scene = known.scene;
    let old = match scene.in_place_of.get(&dep) {
        Some(old) => *old,
        None if known.decision(dep).action == Action::Replace(ReplaceOrder::DeleteFirst) => dep,
        None => return false,
    };
    record.needs.iter().any(|need| scene.node_at(need) == Some(old))
}

/// The decision to replace.
pub(crate) fn replacement(
    known: &Known<'_>,
    node: u32,
    resource: &Resource,
    record: &RecordedResource,
    sides: Sides<'_>,
    differences: Vec<Difference>,
    mut reasons: Vec<Reason>,
) -> Result<Decision, Refusal> {
    let mut root = None;
    for difference in differences.iter().filter(|d| d.replaces) {
        let name = difference.attribute;
        let (text, from) = match (difference.cause, &difference.after) {
            (Cause::Dependency, Some(after)) if !after.is_ground() => dependency(known, after),
            (Cause::Dependency, _) => (format!("{name} is immutable, and what it refers to changed"), None),
            _ => (format!("{name} is immutable"), None),
        };
        root = root.or(from);
        reasons.push(Reason { cause: difference.cause, attribute: Some(name), text, span: difference.span });
    }
    if reasons.iter().any(|r| r.cause != Cause::Dependency) {
        root = None;
    }
    reasons.extend(differences.iter().filter(|d| !d.replaces).map(|d| changed(known, d)));
    let order = order(known, node, resource, record, sides, &differences)?;
    let mut detail = detail::of(known, node);
    detail.before = Some(detail::before(resource, known, sides));
    detail.after = Some(detail::after(known, node, resource, None)?);
    detail.differences = differences;
    detail.reasons = reasons;
    let mut decision = Decision::with(Action::Replace(order), Source::Nowhere, detail);
    decision.root = Some(root.unwrap_or(node));
    Ok(decision)
}

/// Why a value is not known yet, and the first replacement of the chain that led here.
pub(crate) fn dependency(known: &Known<'_>, value: &Value) -> (String, Option<u32>) {
    let mut first: Option<u32> = None;
    let mut replaced: Option<u32> = None;
    let mut moving: Option<u32> = None;
    value.for_each_resource(&mut |id| {
        first = first.or(Some(id.0));
        if !matches!(known.decision(id.0).action, Action::None) {
            moving = moving.or(Some(id.0));
        }
        if known.decision(id.0).replaces() {
            replaced = replaced.or(Some(id.0));
        }
    });
    let address = |node: u32| known.scene.address(node);
    let Some(node) = replaced.or(moving).or(first) else {
        return ("its value is known only after apply".to_owned(), None);
    };
    let decision = known.decision(node);
    match (decision.action, decision.root) {
        (Action::Replace(_), Some(root)) if root != node => {
            (format!("{} is replaced, since {} is", address(node), address(root)), Some(root))
        }
        (Action::Replace(_), _) => (format!("{} is replaced", address(node)), Some(node)),
        (Action::Create, _) => (format!("{} is created", address(node)), None),
        (Action::Update, _) => (format!("{} is updated", address(node)), None),
        (Action::Read, _) => (format!("{} is looked up during the apply", address(node)), None),
        _ => (format!("{} is not finished", address(node)), None),
    }
}

/// In which order the two objects come and go.
fn order(
    known: &Known<'_>,
    node: u32,
    resource: &Resource,
    record: &RecordedResource,
    sides: Sides<'_>,
    differences: &[Difference],
) -> Result<ReplaceOrder, Refusal> {
    let scene = known.scene;
    let old_is_out = record.region != resource.region && scene.outage(record.region).is_some();
    if old_is_out && !scene.state_only(node) {
        return Ok(ReplaceOrder::CreateFirst);
    }
    if scene.forced.contains_key(&node) || scene.deps.row(node).iter().any(|dep| goes_first(known, record, *dep)) {
        return Ok(ReplaceOrder::DeleteFirst);
    }
    let kind = scene.desired.kind(resource);
    let elsewhere = kind.regional && record.region != resource.region;
    let kept = if elsewhere { None } else { keys(kind).find(|key| stays(key, kind, sides, differences)) };
    match (resource.lifecycle.as_ref().and_then(|l| l.replace), kept) {
        (Some(ReplaceOrder::CreateFirst), Some(key)) => Err(Box::new(one_too_many(known, node, resource, key, sides))),
        (Some(order), _) => Ok(order),
        (None, Some(_)) => Ok(ReplaceOrder::DeleteFirst),
        (None, None) => Ok(ReplaceOrder::CreateFirst),
    }
}

/// The program wants both objects at once, and there can be only one.
fn one_too_many(known: &Known<'_>, node: u32, resource: &Resource, key: &[AttrId], sides: Sides<'_>) -> Diagnostic {
    let kind = known.scene.desired.kind(resource);
    let part = |id: &AttrId| Some(format!("{} = {}", kind.attr(*id).name, value_of(sides.there, kind, *id)?));
    let key: Vec<String> = key.iter().filter_map(part).collect();
    let (address, key) = (known.scene.address(node), key.join(", "));
    let message = format!("{address} can't be made before the old one is deleted: both would have {key}");
    let found = Diagnostic::error(codes::ONE_TOO_MANY, place(resource), message, "has `replace = \"create_first\"`")
        .help("change one of these too, or leave out `replace`");
    made_at(found, Some(resource)).at(address)
}

/// The tuples of attributes that no two objects share.
pub(crate) fn keys(kind: &Kind) -> impl Iterator<Item = &[AttrId]> {
    let natural = match &kind.creation {
        Creation::Name(key) | Creation::Key(key) => key.as_slice(),
        _ => &[],
    };
    std::iter::once(natural).chain(kind.unique.iter().map(|u| u.attributes.as_slice())).filter(|key| !key.is_empty())
}

/// Whether the new object would have the same key as the old one.
fn stays(key: &[AttrId], kind: &Kind, sides: Sides<'_>, differences: &[Difference]) -> bool {
    let changes = |id: &AttrId| differences.iter().any(|d| d.attribute == kind.attr(*id).name);
    let absent = |id: &AttrId| value_of(sides.there, kind, *id).is_none();
    !key.iter().any(changes) && !key.iter().all(absent)
}
