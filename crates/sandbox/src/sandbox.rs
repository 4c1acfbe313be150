//! The cloud itself: calls in, one at a time, with their faults.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use topo_model::{Attributes, Catalogue, Intent, Object, ObjectId, Operation, Owner, Symbol};
use topo_provider::{BatchChange, Creation, Error, ErrorKind, Place, Provider, Resolution, Scope};

use crate::Options;
use crate::change::{Circumstances, perform};
use crate::fault::{After, Before, Call, lost};
use crate::rules::ACCOUNT;
use crate::store::{Held, OpenError, Store};
use crate::stored::{Change, Late, Request};
use crate::view;
use crate::world::World;

/// The embedded cloud.
///
/// Several processes can use a sandbox at once: each call sees what those before it did, of
/// whichever process, and happens whole or not at all.
#[derive(Debug)]
pub struct Sandbox {
    options: Options,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) world: World,
    calls: u64,
    /// How often each fault has struck.
    struck: Vec<u64>,
}

impl Sandbox {
    /// Opens the sandbox in a directory. Where there is none, it is empty, and made at the
    /// first change.
    ///
    /// # Errors
    ///
    /// A fault names a kind or region that there is not; another process has the file for
    /// itself; it can't be read.
    pub fn open(dir: &Path, catalogue: Arc<Catalogue>, options: Options) -> Result<Sandbox, OpenError> {
        options.faults.check(&catalogue)?;
        let (store, world) = Store::open(dir.join("sandbox.redb"), catalogue, options.patience)?;
        let inner = Inner { store, world, calls: 0, struck: Vec::new() };
        Ok(Sandbox { options, inner: Mutex::new(inner) })
    }

    /// How many changing calls this process has made: creates, converges, deletes, batches.
    pub fn calls(&self) -> u64 {
        self.lock().calls
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every call is undone or kept whole, so a panic in between left nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn circumstances(&self, world: &World) -> Circumstances {
        Circumstances {
            now: self.clock(),
            come: self.now(),
            pace: self.options.pace,
            hidden: self.options.faults.hidden_reads(),
            seed: world.note("seed").unwrap_or(self.options.seed),
        }
    }

    /// The time on the clock.
    pub(crate) fn clock(&self) -> i64 {
        self.options.clock.now()
    }

    /// The time that has come. At pace 0 nothing is waited for, so it is the end of all
    /// time: what a slower run left unfinished is finished too.
    pub(crate) fn now(&self) -> i64 {
        if self.options.pace > 0.0 { self.clock() } else { i64::MAX }
    }

    /// Takes the file, so that what follows can be kept.
    pub(crate) fn hold(&self, inner: &mut Inner) -> Result<Held, OpenError> {
        inner.store.hold(&mut inner.world, self.options.seed)
    }

    /// One changing call, with whatever goes wrong.
    fn change(&self, request: Request) -> Result<Vec<ObjectId>, Error> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.calls += 1;
        let number = inner.calls;
        match self.options.faults.before(&describe(number, &request), &mut inner.struck) {
            Before::Go => {}
            Before::Refuse(error) => return Err(error),
            Before::Die => (self.options.die)(),
            Before::Late(reads) => {
                let held = self.hold(inner).map_err(unusable)?;
                let at = inner.world.count("late");
                inner.world.set_late(at, Some(Late { request, reads }));
                inner.store.commit(held, &mut inner.world).map_err(unusable)?;
                (self.options.die)()
            }
        }
        let held = self.hold(inner).map_err(unusable)?;
        self.land(inner, |late| late.reads.is_none());
        let at = self.circumstances(&inner.world);
        let answer = attempt(&mut inner.world, &request, &at);
        inner.store.commit(held, &mut inner.world).map_err(unusable)?;
        match self.options.faults.after(number) {
            After::Answer => answer,
            After::Lose => Err(lost()),
            After::Die => (self.options.die)(),
        }
    }

    /// Does what was asked for by processes that have died, where it is due.
    fn land(&self, inner: &mut Inner, due: impl Fn(&Late) -> bool) {
        let landing: Vec<(u64, Late)> =
            inner.world.late().iter().filter(|(_, late)| due(late)).map(|(n, late)| (*n, late.clone())).collect();
        for (number, late) in landing {
            let at = self.circumstances(&inner.world);
            // Nobody is there to be told of a refusal.
            let _ = attempt(&mut inner.world, &late.request, &at);
            inner.world.set_late(number, None);
        }
    }

    /// One call that only looks.
    fn look<T>(&self, region: Option<Symbol>, look: impl FnOnce(&mut World, i64) -> T) -> Result<T, Error> {
        self.options.faults.outage(region)?;
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.store.refresh(&mut inner.world).map_err(unusable)?;
        if !inner.world.reads_count() {
            return Ok(look(&mut inner.world, self.now()));
        }
        let held = self.hold(inner).map_err(unusable)?;
        self.land(inner, |late| late.reads == Some(0));
        let waiting: Vec<(u64, Late)> = inner.world.late().iter().map(|(n, late)| (*n, late.clone())).collect();
        for (number, late) in waiting {
            if let Some(reads) = late.reads {
                inner.world.set_late(number, Some(Late { reads: Some(reads.saturating_sub(1)), ..late }));
            }
        }
        let answer = look(&mut inner.world, self.now());
        inner.store.commit(held, &mut inner.world).map_err(unusable)?;
        Ok(answer)
    }
}

/// Does a request whole or not at all.
fn attempt(world: &mut World, request: &Request, at: &Circumstances) -> Result<Vec<ObjectId>, Error> {
    let mark = world.mark();
    let answer = perform(world, request, at);
    if answer.is_err() {
        world.undo_to(mark);
    }
    answer
}

/// What faults see of a request.
fn describe(number: u64, request: &Request) -> Call {
    let changes = match request {
        Request::One(change) => std::slice::from_ref(change),
        Request::Batch(changes) => changes,
    };
    let operation = |change: &Change| match change {
        Change::Create(_) => Operation::Create,
        Change::Update(..) => Operation::Update,
        Change::Delete(_) => Operation::Delete,
    };
    Call {
        number,
        kind: changes.first().map_or_else(|| Symbol::new(""), Change::kind),
        region: changes.first().and_then(Change::region),
        operations: changes.iter().map(operation).collect(),
    }
}

/// The file, not the cloud, is in trouble.
fn unusable(error: OpenError) -> Error {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(why) = cause {
        text.push_str(&format!(": {why}"));
        cause = why.source();
    }
    Error::new(ErrorKind::Other, "SandboxUnusable", text)
}

impl Provider for Sandbox {
    async fn account(&self) -> Result<String, Error> {
        Ok(ACCOUNT.to_owned())
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Vec<Object>, Error> {
        self.look(scope.region, |world, now| view::observe(world, scope, now))
    }

    async fn find(&self, kind: Symbol, region: Option<Symbol>, identity: &Attributes) -> Result<Vec<Object>, Error> {
        self.look(region, |world, now| view::find(world, kind, region, identity, now))
    }

    async fn read(&self, at: &Place) -> Result<Option<Object>, Error> {
        self.look(at.region, |world, now| view::read(world, at, now))
    }

    async fn begin_create(&self, new: &Creation) -> Result<ObjectId, Error> {
        let ids = self.change(Request::One(Change::Create(new.clone())))?;
        ids.into_iter().next().ok_or_else(lost)
    }

    async fn converge(&self, at: &Place, want: &Creation) -> Result<(), Error> {
        self.change(Request::One(Change::Update(at.clone(), want.clone()))).map(drop)
    }

    async fn delete(&self, at: &Place, _last: &Attributes) -> Result<(), Error> {
        self.change(Request::One(Change::Delete(at.clone()))).map(drop)
    }

    async fn batch(&self, changes: &[BatchChange]) -> Result<Vec<ObjectId>, Error> {
        let change = |change: &BatchChange| match change {
            BatchChange::Create(new) => Change::Create(new.clone()),
            BatchChange::Update(id, want) => {
                let at = Place { kind: want.kind, region: want.region, id: id.clone() };
                Change::Update(at, want.clone())
            }
            BatchChange::Delete(at, _) => Change::Delete(at.clone()),
        };
        self.change(Request::Batch(changes.iter().map(change).collect()))
    }

    async fn resolve(&self, intent: &Intent, owner: &Owner) -> Result<Resolution, Error> {
        self.look(intent.region, |world, now| view::resolve(world, intent, owner, now))
    }

    /// Route 53 takes one batch a zone at a time and five requests a second; ACM and SSM a
    /// few a second; the others bear more.
    fn parallel(&self, service: &str) -> usize {
        match service {
            "aws.route53" | "aws.acm" => 5,
            "aws.ssm" => 3,
            _ => 10,
        }
    }
}
