//! A worker: one step's calls, one after another, until the object is as the plan wants it
//! or it is clear that it won't be. Every call is asked for first; what came of it is told
//! to the dispatcher.

use std::sync::Arc;

use topo_model::{Creation as Class, Intent, Object, ObjectId, Status};
use topo_plan::{Op, StepId};
use topo_provider::{Creation, Error, ErrorKind, Place, Provider, Resolution};

use crate::cloud::{Facts, Time, retry_read};
use crate::record::{self, has_all};

use super::link::{End, Fate, Halt, Happened, Link, Message, Slot};

/// How long an object that was just made may stay unseen, at least.
const UNSEEN: i64 = 60_000;

/// How long an object whose name or key is taken may stay unseen, at least: where it is ours
/// and new, the service knows of it before it shows it.
const HIDDEN: i64 = 15_000;

/// A step as a worker needs it.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) step: StepId,
    pub(crate) op: Op,
    pub(crate) facts: Arc<Facts>,
    /// The intent, durable; a lookup has one too, in name only.
    pub(crate) intent: Intent,
    /// The object as it should be; for a delete, as it was last set.
    pub(crate) want: Creation,
    /// The object, where there is one already.
    pub(crate) object: Option<ObjectId>,
    /// Objects of the address that a new one can't be.
    pub(crate) others: Vec<ObjectId>,
    /// Whether the intent is an earlier run's: the call may have been made once.
    pub(crate) asked_before: bool,
    /// How long it may take.
    pub(crate) timeout: i64,
    /// How long to wait for a person.
    pub(crate) human: i64,
}

impl Task {
    pub(crate) fn place(&self, id: &ObjectId) -> Place {
        Place { kind: self.want.kind, region: self.want.region, id: id.clone() }
    }
}

/// A worker at its step.
#[derive(Debug)]
pub(crate) struct Worker<P> {
    pub(crate) provider: Arc<P>,
    pub(crate) link: Link,
    pub(crate) time: Time,
    pub(crate) task: Task,
    /// The right to the first call, which came with the step.
    pub(crate) slot: Option<Slot>,
    /// What became of the intent, as far as is known.
    pub(crate) fate: Fate,
    pub(crate) waited: i64,
    pub(crate) attempt: u32,
    said: String,
}

impl<P: Provider> Worker<P> {
    pub(crate) fn new(provider: Arc<P>, link: Link, time: Time, task: Task, slot: Option<Slot>) -> Worker<P> {
        let fate = if task.asked_before { Fate::Open } else { Fate::DidNotHappen };
        Worker { provider, link, time, task, slot, fate, waited: 0, attempt: 0, said: String::new() }
    }

    /// Does the step and tells its end.
    pub(crate) async fn run(mut self) {
        let end = self.step().await;
        self.finish(end);
    }

    /// Goes on with a step whose call was made already.
    pub(crate) async fn run_settle(mut self, id: ObjectId) {
        let end = self.settle(&id, self.task.op == Op::Create).await.map(End::Ready);
        self.finish(end);
    }

    pub(crate) fn finish(&mut self, end: Result<End, Halt>) {
        self.slot = None;
        let end = end.unwrap_or_else(|halt| End::Halted { halt, intent: self.fate });
        self.link.tell(Message::Ended { step: self.task.step, end });
    }

    async fn step(&mut self) -> Result<End, Halt> {
        match self.task.op {
            Op::Read => self.find().await.map(End::Found),
            Op::Create => {
                let (id, seen) = self.create().await?;
                let unmarked = seen.as_ref().is_some_and(|o| !self.in_line(o));
                self.fate = Fate::Unfinished;
                let durable = self.link.happened(self.task.step, Happened::Made(id.clone(), seen));
                if unmarked {
                    let _ = durable.await;
                    self.converge(&id).await?;
                }
                self.settle(&id, !unmarked).await.map(End::Ready)
            }
            Op::Update | Op::Move | Op::Import => {
                let id = self.known()?;
                self.converge(&id).await?;
                let _told_with_the_end = self.link.happened(self.task.step, Happened::Changed);
                self.settle(&id, false).await.map(End::Ready)
            }
            Op::Delete | Op::DeleteDeposed(_) => self.delete().await.map(|()| End::Gone),
            Op::Forget => Ok(End::Gone),
        }
    }

    fn known(&self) -> Result<ObjectId, Halt> {
        let missing = || Halt::Failed("the plan names no object to change; plan again".to_owned());
        self.task.object.clone().ok_or_else(missing)
    }

    /// The right to make one call.
    pub(crate) async fn slot(&mut self) -> Result<Slot, Halt> {
        match self.slot.take() {
            Some(slot) => Ok(slot),
            None => self.link.slot().await,
        }
    }

    /// Asks for the object until it is there, once, or it is clear that it won't be.
    async fn create(&mut self) -> Result<(ObjectId, Option<Box<Object>>), Halt> {
        if self.task.asked_before
            && let Some(object) = self.look_for().await?
        {
            return Ok((object.id.clone(), Some(object)));
        }
        let mut clash = None;
        loop {
            let mut slot = self.slot().await?;
            let before = std::mem::replace(&mut self.fate, Fate::Open);
            let made = self.provider.begin_create(&self.task.want).await;
            slot.throttled = is_throttled(&made);
            drop(slot);
            let error = match made {
                Ok(id) => return Ok((id, None)),
                Err(error) => error,
            };
            if error.kind != ErrorKind::Lost {
                self.fate = before;
            }
            match error.kind {
                ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Dependency => self.again(&error).await?,
                // A reference that was made a moment ago may not be seen everywhere yet.
                ErrorKind::NotFound if self.waited < UNSEEN => self.again(&error).await?,
                ErrorKind::Lost => {
                    if let Some(object) = self.look_for().await? {
                        return Ok((object.id.clone(), Some(object)));
                    }
                    self.again(&error).await?;
                }
                ErrorKind::Exists => {
                    if let Some(object) = self.existing(&error).await? {
                        return Ok((object.id.clone(), Some(object)));
                    }
                    if self.is_clash(&mut clash) {
                        return Err(self.refused(&error));
                    }
                    self.again(&error).await?;
                }
                _ => return Err(self.refused(&error)),
            }
        }
    }

    /// What became of a create whose answer was not seen: the object, or `None` when it is
    /// safe to ask again. For a kind that would make a second object that is only after its
    /// visibility bound.
    async fn look_for(&mut self) -> Result<Option<Box<Object>>, Halt> {
        let twice = matches!(self.task.facts.creation, Class::Nothing);
        let bound = self.waited.saturating_add(if twice { self.task.facts.visible } else { 0 });
        loop {
            match self.resolve().await? {
                Ok(Resolution::Happened(Some(object))) if self.ours(&object) => return Ok(Some(object)),
                Ok(Resolution::Happened(_)) if !twice => return Ok(None),
                Ok(Resolution::Happened(_) | Resolution::NotVisible) => {
                    if self.waited >= bound {
                        if twice && !self.task.asked_before {
                            self.fate = Fate::DidNotHappen;
                        }
                        return Ok(None);
                    }
                    self.pause(self.task.facts.look(), "nothing is to be seen of it").await?;
                }
                // For these the service itself sees to it that nothing is made twice.
                Ok(Resolution::Unknown(_)) if !twice => return Ok(None),
                Ok(Resolution::Unknown(text)) => return Err(Halt::Unknown(text)),
                Err(error) if retry_read(&error) => self.undecided(&error).await?,
                Err(error) => return Err(Halt::Unknown(self.in_words(&error))),
            }
        }
    }

    /// Whether what exists is in the way for good: by now an object with our name or key would
    /// be seen, so it clashes by something else, and asking again won't help. `since` keeps when
    /// it was first told to exist.
    pub(crate) fn is_clash(&self, since: &mut Option<i64>) -> bool {
        self.waited - *since.get_or_insert(self.waited) >= self.task.facts.visible.max(HIDDEN)
    }

    /// Somebody has the name or key already: ourselves, when an answer was lost.
    pub(crate) async fn existing(&mut self, error: &Error) -> Result<Option<Box<Object>>, Halt> {
        loop {
            match self.resolve().await? {
                Ok(Resolution::Happened(Some(object))) if self.ours(&object) => return Ok(Some(object)),
                Ok(Resolution::Happened(Some(object))) if self.task.others.contains(&object.id) => return Ok(None),
                Ok(Resolution::Happened(Some(object))) => {
                    self.fate = Fate::DidNotHappen;
                    let (text, address) = (self.in_words(error), self.task.intent.address.clone());
                    return Err(Halt::Taken { text, address, object });
                }
                Ok(_) => return Ok(None),
                Err(error) if retry_read(&error) => self.undecided(&error).await?,
                Err(other) => return Err(Halt::Unknown(self.in_words(&other))),
            }
        }
    }

    /// Whether an object is what our call made.
    pub(crate) fn ours(&self, object: &Object) -> bool {
        let Task { facts, want, others, .. } = &self.task;
        !others.contains(&object.id)
            && record::ours(facts, &want.owner, &want.attributes, self.fate == Fate::Open, object)
    }

    /// Whether an object has our mark and every setting.
    fn in_line(&self, object: &Object) -> bool {
        let Task { facts, want, .. } = &self.task;
        let marked = !facts.tagged || object.owner.as_ref() == Some(&want.owner);
        marked && has_all(facts, &want.attributes, object)
    }

    /// Brings every setting in line; safe to repeat.
    pub(crate) async fn converge(&mut self, id: &ObjectId) -> Result<(), Halt> {
        let place = self.task.place(id);
        loop {
            let mut slot = self.slot().await?;
            // It is as many calls as it takes, so one that fails may have done some.
            self.fate = Fate::Unfinished;
            let done = self.provider.converge(&place, &self.task.want).await;
            slot.throttled = is_throttled(&done);
            drop(slot);
            let Err(error) = done else { return Ok(()) };
            match error.kind {
                ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Lost | ErrorKind::Dependency => {
                    self.again(&error).await?;
                }
                ErrorKind::NotFound if self.waited < UNSEEN.max(self.task.facts.visible) => self.again(&error).await?,
                _ => return Err(self.refused(&error)),
            }
        }
    }

    /// Looks at the object until it is ready. What the create could not set, its mark above
    /// all, is set as soon as the object is seen.
    async fn settle(&mut self, id: &ObjectId, mut may_lack: bool) -> Result<Box<Object>, Halt> {
        let place = self.task.place(id);
        let poll = self.task.facts.poll();
        let (mut unseen, mut human) = (0, 0);
        loop {
            let Some(object) = self.look(&place).await? else {
                if unseen > UNSEEN.max(3 * self.task.facts.visible) {
                    return Err(Halt::Failed(format!("{id} can't be seen; it may have been deleted since")));
                }
                unseen += poll;
                self.pause(poll, "it can't be seen").await?;
                continue;
            };
            if std::mem::take(&mut may_lack) && !self.in_line(&object) {
                self.converge(id).await?;
                continue;
            }
            match object.status {
                Status::Ready => return Ok(Box::new(object)),
                Status::Failed(why) => return Err(Halt::Failed(why)),
                Status::Pending => {
                    self.say("not ready yet", false);
                    self.pause(poll, "it is not ready").await?;
                }
                Status::WaitingForHuman(what) => {
                    self.say(&what, true);
                    if human >= self.task.human {
                        return Err(Halt::Human(what));
                    }
                    human += poll;
                    self.sleep(poll).await?;
                }
            }
        }
    }

    /// Reads an object; `None` when there is none, or none to be seen.
    async fn look(&mut self, place: &Place) -> Result<Option<Object>, Halt> {
        loop {
            let mut slot = self.slot().await?;
            let read = self.provider.read(place).await;
            slot.throttled = is_throttled(&read);
            drop(slot);
            match read {
                Ok(object) => return Ok(object),
                Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
                Err(error) if retry_read(&error) => self.again(&error).await?,
                Err(error) => return Err(self.refused(&error)),
            }
        }
    }

    /// Removes the object and waits until it is gone: what comes after may need its name.
    async fn delete(&mut self) -> Result<(), Halt> {
        let place = self.task.place(&self.known()?);
        loop {
            let mut slot = self.slot().await?;
            let before = std::mem::replace(&mut self.fate, Fate::Open);
            let done = self.provider.delete(&place, &self.task.want.attributes).await;
            slot.throttled = is_throttled(&done);
            drop(slot);
            let Err(error) = done else { break };
            if error.kind != ErrorKind::Lost {
                self.fate = before;
            }
            match error.kind {
                ErrorKind::NotFound => return Ok(()),
                ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Dependency | ErrorKind::Lost => {
                    self.again(&error).await?;
                }
                _ => return Err(self.refused(&error)),
            }
        }
        while self.look(&place).await?.is_some() {
            self.say("being deleted", false);
            self.pause(self.task.facts.poll(), "it is still there").await?;
        }
        Ok(())
    }

    /// Looks an `existing` object up by what identifies it.
    async fn find(&mut self) -> Result<Box<Object>, Halt> {
        let (kind, region) = (self.task.want.kind, self.task.want.region);
        loop {
            let mut slot = self.slot().await?;
            let found = match &self.task.object {
                Some(id) => self.provider.read(&self.task.place(id)).await.map(|o| o.into_iter().collect()),
                None => self.provider.find(kind, region, &self.task.want.attributes).await,
            };
            slot.throttled = is_throttled(&found);
            drop(slot);
            let mut found: Vec<Object> = match found {
                Ok(found) => found,
                Err(error) if retry_read(&error) => {
                    self.again(&error).await?;
                    continue;
                }
                Err(error) => return Err(self.refused(&error)),
            };
            return match (found.pop(), found.len()) {
                (Some(object), 0) => Ok(Box::new(object)),
                (None, _) => Err(Halt::Failed(format!("there is no such {kind}"))),
                (Some(_), more) => Err(Halt::Failed(format!("there are {} such {kind}; one is needed", more + 1))),
            };
        }
    }

    pub(crate) async fn resolve(&mut self) -> Result<Result<Resolution, Error>, Halt> {
        let mut slot = self.slot().await?;
        let resolved = self.provider.resolve(&self.task.intent, &self.task.want.owner).await;
        slot.throttled = is_throttled(&resolved);
        Ok(resolved)
    }

    /// Waits before asking again what became of a call; when the time is over it can't be told.
    async fn undecided(&mut self, error: &Error) -> Result<(), Halt> {
        let wait = self.time.backoff(u64::from(self.task.step.0), self.attempt);
        self.attempt += 1;
        if self.waited.saturating_add(wait) > self.task.timeout {
            return Err(Halt::Unknown(self.in_words(error)));
        }
        self.waited += wait;
        self.sleep(wait).await
    }

    /// Waits before the call is made again, for longer each time.
    pub(crate) async fn again(&mut self, error: &Error) -> Result<(), Halt> {
        self.say(&error.to_string(), false);
        let wait = self.time.backoff(u64::from(self.task.step.0), self.attempt);
        self.attempt += 1;
        if self.waited.saturating_add(wait) > self.task.timeout {
            return Err(self.late(&self.in_words(error)));
        }
        self.waited += wait;
        self.sleep(wait).await
    }

    /// Waits before the next look; gives up when the operation's time is over.
    async fn pause(&mut self, ms: i64, what: &str) -> Result<(), Halt> {
        if self.waited.saturating_add(ms) > self.task.timeout {
            return Err(self.late(what));
        }
        self.waited += ms;
        self.sleep(ms).await
    }

    fn late(&self, what: &str) -> Halt {
        let text = format!("{what}; gave up after {}", topo_model::value::duration(self.task.timeout));
        if self.fate == Fate::Open { Halt::Unknown(text) } else { Halt::Failed(text) }
    }

    async fn sleep(&mut self, ms: i64) -> Result<(), Halt> {
        tokio::select! {
            () = self.time.wait(ms) => Ok(()),
            () = self.link.stopped() => Err(Halt::Interrupted),
        }
    }

    /// Says what it waits for, once.
    fn say(&mut self, text: &str, human: bool) {
        if self.said != text {
            text.clone_into(&mut self.said);
            self.link.tell(Message::Waiting { step: self.task.step, text: text.to_owned(), human });
        }
    }

    /// A refusal that asking again won't change.
    pub(crate) fn refused(&self, error: &Error) -> Halt {
        let text = self.in_words(error);
        if self.fate == Fate::Open { Halt::Unknown(text) } else { Halt::Failed(text) }
    }

    fn in_words(&self, error: &Error) -> String {
        match (error.kind, self.task.want.region) {
            (ErrorKind::Outage, Some(region)) => format!("{region} can't be reached: {error}"),
            (ErrorKind::Outage, None) => format!("the global services can't be reached: {error}"),
            _ => error.to_string(),
        }
    }
}

pub(crate) fn is_throttled<T>(result: &Result<T, Error>) -> bool {
    result.as_ref().is_err_and(|e| e.kind == ErrorKind::Throttled)
}
