//! Renames. Others name a resource by its address, so they follow.
//!
//! A component that is renamed renames everything in it, ten thousand resources maybe, one
//! entry each. So who refers to whom is looked up and not searched for.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Recorded, RecordedResource};

/// Who may refer to an address. Nothing is ever taken out: who referred to it once and no
/// longer does is found to when it is looked at.
#[derive(Debug, Default)]
pub(super) struct Users(FxHashMap<String, Vec<String>>);

impl Users {
    /// Of all that is recorded.
    pub(super) fn of(recorded: &Recorded) -> Users {
        let mut users = Users::default();
        recorded.resources.values().for_each(|r| users.add(r));
        users
    }

    /// Takes note of what a resource refers to.
    pub(super) fn add(&mut self, resource: &RecordedResource) {
        let deposed = resource.deposed.iter().flat_map(|d| &d.needs);
        for need in resource.needs.iter().chain(deposed) {
            self.note(need, &resource.address);
        }
    }

    fn note(&mut self, need: &str, user: &str) {
        match self.0.get_mut(need) {
            Some(users) => users.push(user.to_owned()),
            None => {
                self.0.insert(need.to_owned(), vec![user.to_owned()]);
            }
        }
    }
}

/// Renames all at once. A pair whose old address is not recorded, or whose new one belongs
/// to a resource that stays, is left out.
pub(super) fn rename(recorded: &mut Recorded, users: &mut Users, pairs: Vec<(String, String)>) {
    let pairs = possible(recorded, pairs);
    let mut referrers = Vec::new();
    for (from, _) in &pairs {
        referrers.extend(users.0.remove(from).unwrap_or_default());
    }
    let mut slots = Vec::with_capacity(pairs.len());
    for (from, _) in &pairs {
        slots.extend(recorded.resources.get_index_of(from));
    }
    // By way of names that no resource has, so that two can exchange theirs.
    for slot in &slots {
        let mut between = format!("\0{slot}");
        while recorded.resources.contains_key(&between) {
            between.push('\0');
        }
        set_address(recorded, *slot, &between);
    }
    for (slot, (_, to)) in slots.iter().zip(&pairs) {
        set_address(recorded, *slot, to);
    }
    let names: FxHashMap<&str, &str> = pairs.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    follow(recorded, users, &names, referrers);
    for slot in slots {
        users.add(&recorded.resources[slot]);
    }
}

fn set_address(recorded: &mut Recorded, slot: usize, address: &str) {
    let set = recorded.resources.replace_index(slot, address.to_owned());
    assert!(set.is_ok(), "'{address}' is taken after it was found free; this is a bug in topo");
    address.clone_into(&mut recorded.resources[slot].address);
}

/// Corrects every reference to an old name.
fn follow(recorded: &mut Recorded, users: &mut Users, names: &FxHashMap<&str, &str>, referrers: Vec<String>) {
    let mut seen = FxHashSet::default();
    for referrer in referrers {
        let now = names.get(referrer.as_str()).map_or(referrer.as_str(), |to| *to);
        let Some(resource) = recorded.resources.get_mut(now) else { continue };
        if !seen.insert(now.to_owned()) {
            continue;
        }
        let deposed = resource.deposed.iter_mut().flat_map(|d| d.needs.iter_mut());
        for need in resource.needs.iter_mut().chain(deposed) {
            if replace(need, names) {
                users.note(need, now);
            }
        }
    }
    for intent in &mut recorded.intents {
        replace(&mut intent.address, names);
        intent.needs.iter_mut().for_each(|n| {
            replace(n, names);
        });
    }
}

/// Whether the name was an old one.
fn replace(name: &mut String, names: &FxHashMap<&str, &str>) -> bool {
    let Some(to) = names.get(name.as_str()) else { return false };
    (*to).clone_into(name);
    true
}

/// The pairs that can be carried out together.
fn possible(recorded: &Recorded, pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let (mut from_seen, mut to_seen) = (FxHashSet::default(), FxHashSet::default());
    let mut pairs: Vec<(String, String)> = pairs
        .into_iter()
        .filter(|(from, to)| recorded.resources.contains_key(from) && from != to)
        .filter(|(from, to)| from_seen.insert(from.clone()) && to_seen.insert(to.clone()))
        .collect();
    loop {
        let leaving: FxHashSet<String> = pairs.iter().map(|(from, _)| from.clone()).collect();
        let before = pairs.len();
        pairs.retain(|(_, to)| leaving.contains(to) || !recorded.resources.contains_key(to));
        if pairs.len() == before {
            return pairs;
        }
    }
}
