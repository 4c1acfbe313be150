//! What the cloud keeps: objects, and requests that are still to land.

use ipnet::IpNet;
use topo_model::{Attributes, ObjectId, Owner, Symbol, Value};
use topo_provider::{Creation as New, Place};

/// An object's number in the sandbox; never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(pub(crate) u32);

/// An object as the cloud keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: Key,
    pub(crate) id: String,
    pub(crate) kind: Symbol,
    pub(crate) region: Option<Symbol>,
    pub(crate) attributes: Attributes,
    pub(crate) outputs: Attributes,
    pub(crate) owner: Option<Owner>,
    /// The client token or caller reference that it was created with.
    pub(crate) token: Option<String>,
    /// When it was created.
    pub(crate) made_at: i64,
    /// When it is, or was, ready.
    pub(crate) ready_at: i64,
    /// How many more reads do not see it.
    pub(crate) hidden: u64,
    /// The object that the cloud made it with, by itself.
    pub(crate) parent: Option<Key>,
    /// Why it will never be ready.
    pub(crate) failed: Option<String>,
    /// What only the service knows.
    pub(crate) facts: Attributes,
}

/// What a changing call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Create(New),
    Update(Place, New),
    Delete(Place),
}

impl Change {
    /// The kind that it is about.
    pub(crate) fn kind(&self) -> Symbol {
        match self {
            Change::Create(new) => new.kind,
            Change::Update(at, _) | Change::Delete(at) => at.kind,
        }
    }

    /// The region that it is made in.
    pub(crate) fn region(&self) -> Option<Symbol> {
        match self {
            Change::Create(new) => new.region,
            Change::Update(at, _) | Change::Delete(at) => at.region,
        }
    }
}

/// A changing call, as it can be kept until it lands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    One(Change),
    Batch(Vec<Change>),
}

/// A request whose asker died before it took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Late {
    pub(crate) request: Request,
    /// After how many more reads it lands; `None`: before the next change.
    pub(crate) reads: Option<u64>,
}

impl Stored {
    /// An attribute.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.attributes.get(Symbol::new(name))
    }

    /// An attribute's text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// An attribute's range of addresses.
    pub(crate) fn cidr(&self, name: &str) -> Option<IpNet> {
        if let Some(Value::Cidr(range)) = self.get(name) { Some(*range) } else { None }
    }

    /// Whether an attribute is set and true.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The id, as the provider's callers know it.
    pub(crate) fn object_id(&self) -> ObjectId {
        ObjectId(self.id.as_str().into())
    }

    /// Where it is, as the provider's callers know it.
    pub(crate) fn place(&self) -> Place {
        Place { kind: self.kind, region: self.region, id: self.object_id() }
    }
}
