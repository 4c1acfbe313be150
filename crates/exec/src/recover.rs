//! What became of the calls that an earlier run made and never saw the answer of.
//!
//! An update or delete that may not have happened is planned anew from what is there, so
//! only creates have to be decided: an object that exists is recorded before anything else.
//! One that is not to be seen is decided by how its kind is created once. Where the service
//! sees to that, the intent stays open and the next create goes on under the same id, so
//! that a call which lands late makes no second object. Where nothing does, the kind's
//! visibility bound is waited out; after that the create did not happen. What can't be told
//! stays open, and blocks its address until it can.

use topo_model::{Creation, Intent, Object, Operation, RecordedResource, Status, TopoId};
use topo_provider::{ErrorKind, Provider, Resolution};
use topo_state::{Change, Log};

use crate::cloud::{Facts, patiently};
use crate::record::{self, Lifecycle};
use crate::{Cloud, Error, Event};

/// What recovery found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Creates of which it can't be told whether they happened: their addresses, and what
    /// depends on them, can't be changed yet.
    pub unknown: Vec<Undecided>,
}

/// A create of which it can't be told whether it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The resource.
    pub address: String,
    /// Our id of the object, if there is one.
    pub topo_id: TopoId,
    /// Why, and what a person can check.
    pub text: String,
}

/// What became of a call.
enum Outcome {
    /// An object that stands, ours by mark or by what it is.
    Stands(Box<Object>),
    /// No object stands.
    Gone,
    /// It did not happen.
    Absent(String),
    /// It may still happen; to ask again is safe.
    Pending,
    /// It can't be told.
    Undecided(String),
}

/// Asks what became of every intent that an earlier run left open, and makes the answers
/// durable. Costs nothing when there is none.
///
/// # Errors
///
/// The state can't be written.
pub async fn recover<P: Provider>(
    cloud: &Cloud<'_, P>,
    log: &mut Log,
    events: &mut dyn FnMut(Event),
) -> Result<Recovery, Error> {
    let mut recovery = Recovery::default();
    for intent in log.recorded().intents.clone() {
        let Some(kind) = cloud.catalogue.by_name(intent.kind) else {
            let text = format!("this version of topo does not know the kind {}", intent.kind);
            recovery.unknown.push(Undecided { address: intent.address, topo_id: intent.topo_id, text });
            continue;
        };
        let facts = Facts::of(kind);
        let outcome = match intent.operation {
            Operation::Create => created(cloud, &facts, &intent).await,
            Operation::Update | Operation::Delete => changed(cloud, &intent).await,
        };
        let address = intent.address.clone();
        let (text, changes) = match outcome {
            Outcome::Undecided(text) => {
                events(Event::Recovered { address: address.clone(), text: format!("can't be told: {text}") });
                recovery.unknown.push(Undecided { address, topo_id: intent.topo_id, text });
                continue;
            }
            outcome => settle(cloud, &facts, log, intent, outcome),
        };
        log.append(changes)?;
        events(Event::Recovered { address, text });
    }
    Ok(recovery)
}

/// What became of a create.
async fn created<P: Provider>(cloud: &Cloud<'_, P>, facts: &Facts, intent: &Intent) -> Outcome {
    let owner = cloud.owner(intent.topo_id.clone(), &intent.address);
    let twice = facts.creation == Creation::Nothing;
    let mut waited = cloud.time.since(intent.at);
    loop {
        let not_yet = match patiently(cloud.time, || cloud.provider.resolve(intent, &owner)).await {
            Ok(Resolution::Happened(Some(object))) => {
                if record::ours(facts, &owner, &intent.attributes, true, &object) {
                    return Outcome::Stands(object);
                }
                let theirs = !matches!(facts.creation, Creation::Nothing | Creation::Token);
                return match theirs {
                    true => Outcome::Absent(format!("{} is there and not ours", object.id)),
                    false => Outcome::Undecided(format!("{} may be it", object.id)),
                };
            }
            Ok(Resolution::Happened(None) | Resolution::NotVisible) => !twice || waited >= facts.visible,
            Ok(Resolution::Unknown(text)) => return Outcome::Undecided(text),
            Err(error) if error.kind == ErrorKind::Outage => {
                return Outcome::Undecided(match intent.region {
                    Some(region) => format!("{region} can't be reached: {error}"),
                    None => format!("the global services can't be reached: {error}"),
                });
            }
            Err(error) => return Outcome::Undecided(error.to_string()),
        };
        if not_yet {
            return if twice { Outcome::Absent("it did not happen".to_owned()) } else { Outcome::Pending };
        }
        waited = waited.saturating_add(facts.look());
        cloud.time.wait(facts.look()).await;
    }
}

/// What became of an update or delete.
async fn changed<P: Provider>(cloud: &Cloud<'_, P>, intent: &Intent) -> Outcome {
    let owner = cloud.owner(intent.topo_id.clone(), &intent.address);
    match patiently(cloud.time, || cloud.provider.resolve(intent, &owner)).await {
        Ok(Resolution::Happened(Some(object))) => Outcome::Stands(object),
        Ok(Resolution::Happened(None)) => Outcome::Gone,
        Ok(Resolution::NotVisible) => Outcome::Absent("it did not happen".to_owned()),
        Ok(Resolution::Unknown(text)) => Outcome::Absent(text),
        Err(error) => Outcome::Absent(error.to_string()),
    }
}

/// What the log is told, with the same in words.
fn settle<P: Provider>(
    cloud: &Cloud<'_, P>,
    facts: &Facts,
    log: &Log,
    intent: Intent,
    outcome: Outcome,
) -> (String, Vec<Change>) {
    let old = log.recorded().resources.get(&intent.address);
    let id = intent.id;
    match (intent.operation, outcome) {
        (Operation::Create, Outcome::Stands(object)) => {
            let text = format!("{} was created; the run goes on with it", object.id);
            let lifecycle = old.map(|o| Lifecycle { protect: o.protect, replace: o.replace }).unwrap_or_default();
            let made = record::made(old, intent, object.id, object.outputs, lifecycle, true);
            (text, vec![put(id, made)])
        }
        (Operation::Create, Outcome::Pending) => {
            ("nothing is to be seen of its create; the next one goes on under the same id".to_owned(), Vec::new())
        }
        (Operation::Update, Outcome::Stands(object)) => {
            let owner = cloud.owner(intent.topo_id.clone(), &intent.address);
            updated(facts, &owner, old, intent, *object)
        }
        (Operation::Delete, Outcome::Gone) => {
            match old.and_then(|o| Some(record::without(o, &intent.topo_id, intent.object.as_ref()?))) {
                Some(Some(rest)) => ("was deleted".to_owned(), vec![put(id, rest)]),
                Some(None) => {
                    let removed = Change::Removed { intent: Some(id), address: intent.address };
                    ("was deleted".to_owned(), vec![removed])
                }
                None => ("was deleted".to_owned(), vec![closed(id, "it is gone")]),
            }
        }
        (Operation::Delete, Outcome::Stands(_)) => ("is still there".to_owned(), vec![closed(id, "still there")]),
        (_, Outcome::Absent(why)) => (why.clone(), unfinished(intent, old, &why)),
        (_, _) => ("is gone".to_owned(), vec![closed(id, "the object is gone")]),
    }
}

/// An update that may have happened: the record says what stands, and that the run which
/// changed it did not come to its end unless everything is in line.
fn updated(
    facts: &Facts,
    owner: &topo_model::Owner,
    old: Option<&RecordedResource>,
    intent: Intent,
    object: Object,
) -> (String, Vec<Change>) {
    let id = intent.id;
    let marked = !facts.tagged || object.owner.as_ref() == Some(owner);
    let whole = marked && record::has_all(facts, &intent.attributes, &object);
    if !whole {
        return ("was changed in part, or not at all".to_owned(), unfinished(intent, old, "not all in line"));
    }
    let Some(old) = old else {
        if !facts.tagged {
            return ("was not taken over".to_owned(), vec![closed(id, "not taken over")]);
        }
        let made = record::made(None, intent, object.id, object.outputs, Lifecycle::default(), false);
        return ("was taken over".to_owned(), vec![put(id, made)]);
    };
    let tells_all = intent.attributes.iter().all(|(name, _)| !facts.untold(name));
    let lifecycle = Lifecycle { protect: old.protect, replace: old.replace };
    let made = record::made(Some(old), intent, object.id, object.outputs, lifecycle, false);
    let record = RecordedResource { ready: tells_all && object.status == Status::Ready, ..made };
    ("was changed".to_owned(), vec![put(id, record)])
}

fn unfinished(intent: Intent, old: Option<&RecordedResource>, why: &str) -> Vec<Change> {
    match old.filter(|_| intent.operation == Operation::Update) {
        Some(old) => vec![put(intent.id, RecordedResource { ready: false, ..old.clone() })],
        None => vec![closed(intent.id, why)],
    }
}

fn put(intent: topo_model::IntentId, resource: RecordedResource) -> Change {
    Change::Put { intent: Some(intent), resource: Box::new(resource) }
}

fn closed(intent: topo_model::IntentId, why: &str) -> Change {
    Change::Closed { intent, why: why.to_owned() }
}
