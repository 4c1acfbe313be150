//! The seam between Topo's executor and a cloud.
//!
//! Calls are what costs and what can be lost, so the trait is about many objects at once
//! where it reads, and about one call at a time where it changes something. It knows
//! nothing of the language, of plans, of state; the two implementations are the embedded
//! sandbox and, behind the same border, a real cloud.
//!
//! Whoever calls [`Provider::begin_create`], [`Provider::converge`], [`Provider::delete`]
//! or [`Provider::batch`] has made the intent durable before. Each is one attempt: retries,
//! limits, polling and waiting belong to the caller.

mod error;

use std::future::Future;

pub use error::{Error, ErrorKind};
use topo_model::{Attributes, Intent, Object, ObjectId, Owner, Symbol};

/// A cloud.
pub trait Provider: Send + Sync + 'static {
    /// The account that calls would be made in.
    fn account(&self) -> impl Future<Output = Result<String, Error>> + Send;

    /// Every object of these kinds in one region (`None`: the global ones) that carries
    /// the project's and environment's mark, *and* those of the known ids that the scan
    /// did not return: a stripped tag must not make a second object. Reads all pages.
    /// A region that can't be reached is [`ErrorKind::Outage`].
    fn observe(&self, scope: &Scope<'_>) -> impl Future<Output = Result<Vec<Object>, Error>> + Send;

    /// The objects of a kind that these attributes identify, ours or not.
    fn find(
        &self,
        kind: Symbol,
        region: Option<Symbol>,
        identity: &Attributes,
    ) -> impl Future<Output = Result<Vec<Object>, Error>> + Send;

    /// One object as it is now, with how far it is; `None` when it does not exist or is
    /// not to be seen yet.
    fn read(&self, at: &Place) -> impl Future<Output = Result<Option<Object>, Error>> + Send;

    /// Asks for a new object: one call. The object may be [`topo_model::Status::Pending`]
    /// for long after.
    fn begin_create(&self, new: &Creation) -> impl Future<Output = Result<ObjectId, Error>> + Send;

    /// Brings every setting of an object in line with the attributes given, its owner's
    /// mark too. Idempotent; as many calls as it takes.
    ///
    /// What is not given stays as it is, and what is given as `none` is removed (a service
    /// that is sent the whole object, as Route 53 is a record set, removes what is not given
    /// too). Tags are owned key by key: a key that is not given stays, one with the value
    /// `none` is removed.
    fn converge(&self, at: &Place, want: &Creation) -> impl Future<Output = Result<(), Error>> + Send;

    /// Removes an object. One that is gone already is [`ErrorKind::NotFound`].
    fn delete(&self, at: &Place, last: &Attributes) -> impl Future<Output = Result<(), Error>> + Send;

    /// Changes that belong together, of one kind and with one value of the attribute that
    /// the kind is batched by: all of them happen or none does. Gives the ids in order.
    fn batch(&self, changes: &[BatchChange]) -> impl Future<Output = Result<Vec<ObjectId>, Error>> + Send;

    /// What became of a call whose answer was never seen: asked by token, tag, natural key
    /// or caller reference, as the kind allows.
    fn resolve(&self, intent: &Intent, owner: &Owner) -> impl Future<Output = Result<Resolution, Error>> + Send;

    /// How many calls may be under way at once to a service in a region.
    fn parallel(&self, service: &str) -> usize;
}

/// What to observe.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// The project whose mark counts.
    pub project: &'a str,
    /// The environment; empty where the topology takes none.
    pub env: &'a str,
    /// The region; `None` for global kinds.
    pub region: Option<Symbol>,
    /// The kinds.
    pub kinds: &'a [Symbol],
    /// Objects that the log knows, whether or not they still carry a mark.
    pub known: &'a [(Symbol, ObjectId)],
}

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its kind.
    pub kind: Symbol,
    /// Its region.
    pub region: Option<Symbol>,
    /// Its id.
    pub id: ObjectId,
}

/// An object as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// Its kind.
    pub kind: Symbol,
    /// Its region.
    pub region: Option<Symbol>,
    /// The mark it carries; its id is the client token or caller reference.
    pub owner: Owner,
    /// The attributes, ground; those left to the cloud are absent.
    pub attributes: Attributes,
}

/// One change of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BatchChange {
    /// A new object.
    Create(Creation),
    /// New settings.
    Update(ObjectId, Creation),
    /// A removal, with the attributes last set.
    Delete(Place, Attributes),
}

/// What became of a call whose answer was never seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// It happened. For a create, the object; for an update or delete, what stands now.
    Happened(Option<Box<Object>>),
    /// There is no sign of it, now. For a kind that can be asked twice without harm this
    /// is enough to ask again; for others only once its visibility bound has passed.
    NotVisible,
    /// It can't be told; the text says what a person can check.
    Unknown(String),
}
