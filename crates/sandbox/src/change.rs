//! What a changing call does: its changes are put in, then all of them are judged as they
//! stand together, then what follows from them is done. Whoever calls undoes the whole when
//! any of it is refused.

mod create;
mod delete;
mod judge;
mod update;

use topo_model::ObjectId;
use topo_provider::Error;

use crate::mint::Mint;
use crate::refusal::invalid;
use crate::rules::{Made, rule};
use crate::stored::{Change, Key, Request, Stored};
use crate::world::World;

pub(crate) use create::child;
pub(crate) use delete::with_users;
pub(crate) use judge::judge;
pub(crate) use update::same;

/// The circumstances that a call is made in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    /// The time on the clock.
    pub(crate) now: i64,
    /// The time that has come: what was to be ready by then is.
    pub(crate) come: i64,
    pub(crate) pace: f64,
    /// How many reads do not see what is created.
    pub(crate) hidden: u64,
    pub(crate) seed: u64,
}

/// A change that is put in and not judged yet.
enum Staged {
    /// Nothing is to be changed.
    Same(ObjectId),
    /// An object is new, or has new settings.
    Put { key: Key, id: ObjectId, before: Option<Box<Stored>> },
    /// An object is gone.
    Gone(Box<Stored>),
}

/// Does what a call asks for; gives the ids of its objects in order.
///
/// # Errors
///
/// What the service refuses. Part of it may have been put in by then.
pub(crate) fn perform(world: &mut World, request: &Request, at: &Circumstances) -> Result<Vec<ObjectId>, Error> {
    let changes = match request {
        Request::One(change) => std::slice::from_ref(change),
        Request::Batch(changes) => {
            together(world, changes)?;
            changes
        }
    };
    let mut staged: Vec<Option<Staged>> = changes.iter().map(|_| None).collect();
    // Deletes first: what takes the place of something has its name.
    for rank in 0..3 {
        for (change, staged) in changes.iter().zip(&mut staged) {
            if order(change) == rank {
                *staged = Some(stage(world, change, at)?);
            }
        }
    }
    let staged: Vec<Staged> = staged.into_iter().flatten().collect();
    for one in &staged {
        match one {
            Staged::Same(_) => {}
            Staged::Put { key, before, .. } => judge(world, *key, before.as_deref(), at.come)?,
            Staged::Gone(object) => delete::judge(world, object)?,
        }
    }
    for one in &staged {
        match one {
            Staged::Same(_) => {}
            Staged::Put { key, before, .. } => finish(world, *key, before.is_none(), at)?,
            Staged::Gone(object) => delete::finish(world, object),
        }
    }
    Ok(staged.into_iter().map(Staged::id).collect())
}

impl Staged {
    fn id(self) -> ObjectId {
        match self {
            Staged::Same(id) | Staged::Put { id, .. } => id,
            Staged::Gone(object) => object.object_id(),
        }
    }
}

impl Circumstances {
    /// When what takes so many milliseconds, and starts now, is done.
    pub(crate) fn after(&self, ms: i64) -> i64 {
        self.now + (ms as f64 * self.pace).round() as i64
    }
}

fn order(change: &Change) -> u8 {
    match change {
        Change::Delete(_) => 0,
        Change::Update(..) => 1,
        Change::Create(_) => 2,
    }
}

fn stage(world: &mut World, change: &Change, at: &Circumstances) -> Result<Staged, Error> {
    match change {
        Change::Create(new) => create::stage(world, new, at),
        Change::Update(place, want) => update::stage(world, place, want, at),
        Change::Delete(place) => delete::stage(world, place),
    }
}

fn finish(world: &mut World, key: Key, new: bool, at: &Circumstances) -> Result<(), Error> {
    let Some(object) = world.get(key) else { return Ok(()) };
    let (mint, rule) = (Mint::new(at.seed, &object.id, 0), rule(object.kind));
    rule.done(world, key, &Made { new, mint: &mint })
}

/// Whether changes may go as one batch: one kind, and one value of what it is batched by.
fn together(world: &World, changes: &[Change]) -> Result<(), Error> {
    let Some(first) = changes.first() else { return Ok(()) };
    let kind = world.kind(first.kind());
    let by = kind.and_then(|kind| kind.batched_by.map(|by| kind.attr(by).name));
    let Some(by) = by else {
        return Err(invalid("InvalidBatch", format!("changes of {} don't go in batches", first.kind())));
    };
    let value = |change: &Change| match change {
        Change::Create(new) => new.attributes.get(by).cloned(),
        Change::Update(place, want) => want.attributes.get(by).or_else(|| world.at(place)?.attributes.get(by)).cloned(),
        Change::Delete(place) => world.at(place).and_then(|o| o.attributes.get(by)).cloned(),
    };
    let shared = changes.iter().find_map(value);
    let one = |change: &Change| change.kind() == first.kind() && value(change).is_none_or(|v| Some(v) == shared);
    if changes.iter().all(one) {
        return Ok(());
    }
    Err(invalid("InvalidBatch", format!("a batch of {} has one kind and one '{by}'", first.kind())))
}
