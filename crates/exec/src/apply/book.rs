//! What is about to be made durable, and the records as they will be then.

use rustc_hash::FxHashMap;
use tokio::sync::oneshot;
use topo_model::{IntentId, Object, RecordedResource};
use topo_state::{Change, Log};

use crate::{Error, Event};

/// Changes that go to the log with the next append, and what happens after it.
#[derive(Debug, Default)]
pub(crate) struct Book {
    changes: Vec<Change>,
    /// By address, the change that tells of it; `None` where it is recorded no longer.
    drafts: FxHashMap<String, Option<usize>>,
    events: Vec<Event>,
    durable: Vec<oneshot::Sender<()>>,
}

impl Book {
    /// The record of an address, as of all that was written here.
    pub(crate) fn record<'a>(&'a self, log: &'a Log, address: &str) -> Option<&'a RecordedResource> {
        match self.drafts.get(address) {
            Some(Some(at)) => match &self.changes[*at] {
                Change::Put { resource, .. } => Some(resource),
                _ => None,
            },
            Some(None) => None,
            None => log.recorded().resources.get(address),
        }
    }

    /// The address under which an object is recorded, as of all that was written here.
    pub(crate) fn holder<'a>(&'a self, log: &'a Log, object: &Object) -> Option<&'a str> {
        let is = |r: &RecordedResource| (r.kind, r.region, &r.id) == (object.kind, object.region, &object.id);
        let drafted = self.changes.iter().filter_map(|change| match change {
            Change::Put { resource, .. } => Some(&**resource),
            _ => None,
        });
        let known = log.recorded().resources.values().chain(drafted);
        let mut found = known.filter(|r| self.record(log, &r.address).is_some_and(is));
        found.next().map(|r| r.address.as_str())
    }

    /// Writes a change that is about no resource's record; gives its position.
    pub(crate) fn write(&mut self, change: Change) -> usize {
        self.changes.push(change);
        self.changes.len() - 1
    }

    /// Writes a resource's record; the intent, if any, has happened.
    pub(crate) fn put(&mut self, intent: Option<IntentId>, resource: RecordedResource) {
        let address = resource.address.clone();
        let at = self.write(Change::Put { intent, resource: Box::new(resource) });
        self.drafts.insert(address, Some(at));
    }

    /// Writes that a resource is recorded no longer.
    pub(crate) fn remove(&mut self, intent: Option<IntentId>, address: &str) {
        self.write(Change::Removed { intent, address: address.to_owned() });
        self.drafts.insert(address.to_owned(), None);
    }

    /// Tells an event once everything written so far is durable.
    pub(crate) fn tell(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Answers once everything written so far is durable.
    pub(crate) fn answer(&mut self, durable: oneshot::Sender<()>) {
        self.durable.push(durable);
    }

    /// How many changes wait.
    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// Makes everything durable, then tells of it. Gives the serials, by position.
    pub(crate) fn flush(&mut self, log: &mut Log, events: &mut dyn FnMut(Event)) -> Result<Vec<u64>, Error> {
        let serials = if self.changes.is_empty() {
            Vec::new()
        } else {
            self.drafts.clear();
            log.append(std::mem::take(&mut self.changes))?
        };
        self.events.drain(..).for_each(events);
        for durable in self.durable.drain(..) {
            // A worker that did not wait for the answer has dropped its end.
            let _ = durable.send(());
        }
        Ok(serials)
    }
}
