//! What entries add up to.

mod rename;

use rustc_hash::FxHashSet;
use topo_model::IntentId;

use crate::replay::rename::Users;
use crate::{Change, RunRecord, State};

/// A state while entries are added to it.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    state: State,
    /// Intents that are closed and still listed: they leave the list together, since taking
    /// them out one by one would cost the square of their number.
    closed: FxHashSet<IntentId>,
    /// Who refers to whom; made by the first rename, kept from then on.
    users: Option<Users>,
}

impl Replay {
    pub(crate) fn new(state: State) -> Replay {
        Replay { state, ..Replay::default() }
    }

    /// The number of the last entry.
    pub(crate) fn serial(&self) -> u64 {
        self.state.recorded.serial
    }

    /// The state; complete once [`Replay::settle`] has been called.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    pub(crate) fn into_state(mut self) -> State {
        self.settle();
        self.state
    }

    /// Adds the next entry. Total: a change that names what is not there changes nothing,
    /// so a log can always be read.
    pub(crate) fn add(&mut self, change: Change) {
        let recorded = &mut self.state.recorded;
        recorded.serial += 1;
        let serial = recorded.serial;
        match change {
            Change::Started(run) => self.state.history.push(RunRecord { serial, run, end: None }),
            Change::Intent(mut intent) => {
                intent.id = IntentId(serial);
                recorded.intents.push(*intent);
            }
            Change::Put { intent, resource } => {
                self.close(intent);
                if let Some(users) = &mut self.users {
                    users.add(&resource);
                }
                self.state.recorded.resources.insert(resource.address.clone(), *resource);
            }
            Change::Closed { intent, .. } => self.close(Some(intent)),
            Change::Removed { intent, address } => {
                self.close(intent);
                self.state.recorded.resources.swap_remove(&address);
            }
            Change::Renamed { from, to } => self.rename(vec![(from, to)]),
            Change::RenamedAll(pairs) => self.rename(pairs),
            Change::Outputs(outputs) => recorded.outputs = outputs,
            Change::Finished { outcome, done, at } => {
                // A run that has ended does not end again.
                if let Some(last) = self.state.history.last_mut().filter(|r| r.end.is_none()) {
                    last.end = Some((outcome, done, at));
                }
            }
        }
    }

    /// Takes the intents that were closed out of the list.
    pub(crate) fn settle(&mut self) {
        if !self.closed.is_empty() {
            self.state.recorded.intents.retain(|i| !self.closed.contains(&i.id));
            self.closed.clear();
        }
    }

    fn close(&mut self, intent: Option<IntentId>) {
        // One that is still to come can't have been closed.
        self.closed.extend(intent.filter(|id| id.0 < self.serial()));
    }

    fn rename(&mut self, pairs: Vec<(String, String)>) {
        let recorded = &mut self.state.recorded;
        let users = self.users.get_or_insert_with(|| Users::of(recorded));
        rename::rename(recorded, users, pairs);
    }
}
