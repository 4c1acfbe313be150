//! The stored form of objects and of requests that are still to land: JSON.

use serde::{Deserialize, Serialize};
use topo_model::{Attributes, ObjectId, Owner, Symbol};
use topo_provider::{Creation, Place};

use crate::stored::{Change, Key, Late, Request, Stored};

/// The version of the stored form.
pub(crate) const VERSION: u64 = 1;

#[derive(Serialize, Deserialize)]
struct StoredObject {
    id: String,
    kind: Symbol,
    region: Option<Symbol>,
    attributes: Attributes,
    outputs: Attributes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Owner>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    made_at: i64,
    ready_at: i64,
    #[serde(default)]
    hidden: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    #[serde(default)]
    facts: Attributes,
}

#[derive(Serialize, Deserialize)]
struct StoredLate {
    reads: Option<u64>,
    request: StoredRequest,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRequest {
    One(StoredChange),
    Batch(Vec<StoredChange>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredChange {
    Create { kind: Symbol, region: Option<Symbol>, owner: Owner, attributes: Attributes },
    Update { kind: Symbol, region: Option<Symbol>, id: ObjectId, owner: Owner, attributes: Attributes },
    Delete { kind: Symbol, region: Option<Symbol>, id: ObjectId },
}

pub(crate) fn write_object(object: &Stored) -> serde_json::Result<Vec<u8>> {
    let o = object.clone();
    serde_json::to_vec(&StoredObject {
        id: o.id,
        kind: o.kind,
        region: o.region,
        attributes: o.attributes,
        outputs: o.outputs,
        owner: o.owner,
        token: o.token,
        made_at: o.made_at,
        ready_at: o.ready_at,
        hidden: o.hidden,
        parent: o.parent,
        failed: o.failed,
        facts: o.facts,
    })
}

pub(crate) fn read_object(key: u32, bytes: &[u8]) -> serde_json::Result<Stored> {
    let o: StoredObject = serde_json::from_slice(bytes)?;
    Ok(Stored {
        key: Key(key),
        id: o.id,
        kind: o.kind,
        region: o.region,
        attributes: o.attributes,
        outputs: o.outputs,
        owner: o.owner,
        token: o.token,
        made_at: o.made_at,
        ready_at: o.ready_at,
        hidden: o.hidden,
        parent: o.parent,
        failed: o.failed,
        facts: o.facts,
    })
}

pub(crate) fn write_late(late: &Late) -> serde_json::Result<Vec<u8>> {
    let request = match &late.request {
        Request::One(change) => StoredRequest::One(stored(change)),
        Request::Batch(changes) => StoredRequest::Batch(changes.iter().map(stored).collect()),
    };
    serde_json::to_vec(&StoredLate { reads: late.reads, request })
}

pub(crate) fn read_late(bytes: &[u8]) -> serde_json::Result<Late> {
    let late: StoredLate = serde_json::from_slice(bytes)?;
    let request = match late.request {
        StoredRequest::One(stored) => Request::One(change(stored)),
        StoredRequest::Batch(changes) => Request::Batch(changes.into_iter().map(change).collect()),
    };
    Ok(Late { request, reads: late.reads })
}

fn stored(change: &Change) -> StoredChange {
    match change.clone() {
        Change::Create(new) => {
            StoredChange::Create { kind: new.kind, region: new.region, owner: new.owner, attributes: new.attributes }
        }
        Change::Update(at, want) => StoredChange::Update {
            kind: at.kind,
            region: at.region,
            id: at.id,
            owner: want.owner,
            attributes: want.attributes,
        },
        Change::Delete(at) => StoredChange::Delete { kind: at.kind, region: at.region, id: at.id },
    }
}

fn change(stored: StoredChange) -> Change {
    match stored {
        StoredChange::Create { kind, region, owner, attributes } => {
            Change::Create(Creation { kind, region, owner, attributes })
        }
        StoredChange::Update { kind, region, id, owner, attributes } => {
            Change::Update(Place { kind, region, id }, Creation { kind, region, owner, attributes })
        }
        StoredChange::Delete { kind, region, id } => Change::Delete(Place { kind, region, id }),
    }
}
