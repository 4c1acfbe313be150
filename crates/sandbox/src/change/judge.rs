//! Whether an object is right as a call would leave it.

use topo_model::{Creation, Status, Value};
use topo_provider::{Error, ErrorKind};

use crate::checks;
use crate::links::links;
use crate::refusal::{conflict, invalid, missing};
use crate::rules::{Asked, rule};
use crate::stored::{Key, Stored};
use crate::view::status;
use crate::world::World;

/// Judges an object that has been put in: what it refers to is there, what is unique is
/// unique, the kind's checks hold, the service's own rules too.
///
/// # Errors
///
/// The first of these that is not so.
pub(crate) fn judge(world: &World, key: Key, before: Option<&Stored>, now: i64) -> Result<(), Error> {
    let Some((object, kind)) = world.get(key).and_then(|o| Some((o, world.kind(o.kind)?))) else { return Ok(()) };
    if let Some(Value::Map(tags)) = object.get("tags")
        && let Some(key) =
            tags.keys().filter_map(Value::as_str).find(|key| key.to_ascii_lowercase().starts_with("aws:"))
    {
        return Err(invalid("InvalidParameterValue", format!("the tag '{key}' can't be set: aws: is AWS's own")));
    }
    references(world, object, before.is_none(), now)?;
    let rule = rule(object.kind);
    if let Some((unique, other)) = world.taken(object) {
        let text = format!("{} with {unique} exists already: {}", kind.name, other.id);
        let creates = before.is_none() && !matches!(kind.creation, Creation::Name(_));
        let kind = if creates { ErrorKind::Exists } else { ErrorKind::Invalid };
        return Err(Error::new(kind, rule.codes().exists, text));
    }
    if rule.checked() {
        checks::hold(world, kind, object)?;
    }
    rule.check(&Asked { world, object, before, now })
}

fn references(world: &World, object: &Stored, new: bool, now: i64) -> Result<(), Error> {
    let Some(kind) = world.kind(object.kind) else { return Ok(()) };
    for link in links(kind, &object.attributes) {
        let Some(target) = world.target(&link, object.region) else {
            if let Some(lost) = rule(link.kind).lost(world, &link.value) {
                return Err(lost);
            }
            let region = object.region.filter(|_| !link.any_region).map(|r| format!(" in {r}")).unwrap_or_default();
            let text = format!("{}: there is no {} '{}'{region}", link.attribute, link.kind, link.value);
            return Err(missing(rule(link.kind).codes().missing, text));
        };
        if !new || !rule(object.kind).awaits(link.attribute.as_str()) {
            continue;
        }
        match status(world, target, now) {
            Status::Ready => {}
            Status::Failed(why) => {
                return Err(invalid("IncorrectState", format!("{} has failed: {why}", target.id)));
            }
            Status::Pending | Status::WaitingForHuman(_) => {
                return Err(conflict("IncorrectState", format!("{} is not ready yet", target.id)));
            }
        }
    }
    Ok(())
}
