//! What the log says we did: the objects we made, with all that changing or deleting them
//! needs once the program no longer has their block.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};

use crate::{Attributes, ObjectId, ReplaceOrder, Symbol, TopoId};

/// The state of one environment, as its log adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The number of the last entry; grows by one with each.
    pub serial: u64,
    /// The resources by address, in the order they were first made; where one is removed,
    /// the last takes its place.
    pub resources: IndexMap<String, RecordedResource, FxBuildHasher>,
    /// Operations of which no outcome is known: a run was killed between them.
    pub intents: Vec<Intent>,
    /// The topology's outputs as of the last apply.
    pub outputs: Attributes,
}

/// A resource that we manage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResource {
    /// Its address.
    pub address: String,
    /// The kind's full name.
    pub kind: Symbol,
    /// Its region; `None` where global.
    pub region: Option<Symbol>,
    /// Our id of the object.
    pub topo_id: TopoId,
    /// The cloud's id of it.
    pub id: ObjectId,
    /// Whether the object was seen ready with every setting in line; otherwise the run
    /// that made it did not come to its end, and the next one goes on.
    pub ready: bool,
    /// The attributes as we set them, resolved; not those left to the cloud.
    pub attributes: Attributes,
    /// The outputs as last seen.
    pub outputs: Attributes,
    /// The addresses that it refers to; what deleting must come before.
    pub needs: Vec<String>,
    /// Refuse any plan that would delete it.
    pub protect: bool,
    /// In which order it is replaced, where the program said so.
    pub replace: Option<ReplaceOrder>,
    /// Objects that were replaced and are still to be deleted.
    pub deposed: Vec<Deposed>,
}

/// An object that was replaced and is still to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposed {
    /// Our id of the object.
    pub topo_id: TopoId,
    /// The cloud's id of it.
    pub id: ObjectId,
    /// Its region.
    pub region: Option<Symbol>,
    /// The attributes as we set them.
    pub attributes: Attributes,
    /// The outputs as last seen.
    pub outputs: Attributes,
    /// The addresses that it refers to.
    pub needs: Vec<String>,
}

/// An intent's number: the serial of its entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// A call that is about to be made; durable before it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number.
    pub id: IntentId,
    /// What the call does.
    pub operation: Operation,
    /// The resource.
    pub address: String,
    /// The kind's full name.
    pub kind: Symbol,
    /// The region.
    pub region: Option<Symbol>,
    /// Our id of the object: the client token, caller reference and tag of a create.
    pub topo_id: TopoId,
    /// The object, where it exists already.
    pub object: Option<ObjectId>,
    /// The attributes that the call sends, resolved; empty for a delete.
    pub attributes: Attributes,
    /// The addresses that the object refers to.
    pub needs: Vec<String>,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Makes the object.
    Create,
    /// Brings its settings in line.
    Update,
    /// Removes it.
    Delete,
}
