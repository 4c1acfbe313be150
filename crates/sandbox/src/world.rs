//! What the cloud holds: objects, with indexes over their references and identities, and a
//! journal that undoes a refused call and tells the store what an accepted one changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use topo_model::{Catalogue, Creation, Kind, Symbol, Unique, Value};
use topo_provider::Place;

use crate::links::{Link, links};
use crate::stored::{Key, Late, Stored};

/// One of a kind's `unique` tuples with the values of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct UniqueKey {
    kind: Symbol,
    region: Option<Symbol>,
    pub(crate) names: Vec<Symbol>,
    pub(crate) values: Vec<Value>,
}

/// An output of a kind with a value: what references name.
type Target = (Symbol, Symbol, String);

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) catalogue: Arc<Catalogue>,
    objects: BTreeMap<Key, Stored>,
    kinds: BTreeSet<(Symbol, Option<Symbol>, Key)>,
    ids: FxHashMap<(Symbol, Option<Symbol>, String), BTreeSet<Key>>,
    tokens: FxHashMap<(Symbol, Option<Symbol>, String), BTreeSet<Key>>,
    outputs: FxHashMap<Target, BTreeSet<Key>>,
    users: FxHashMap<Target, BTreeSet<Key>>,
    unique: FxHashMap<UniqueKey, BTreeSet<Key>>,
    /// Counters and burned references.
    notes: BTreeMap<String, u64>,
    late: BTreeMap<u64, Late>,
    /// How many objects some reads do not see yet.
    hidden: usize,
    journal: Vec<Undo>,
}

/// What was there before a step.
#[derive(Debug)]
enum Undo {
    Object(Key, Option<Box<Stored>>),
    Note(String, Option<u64>),
    Late(u64, Option<Box<Late>>),
}

/// What an accepted call changed.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    pub(crate) objects: BTreeSet<Key>,
    pub(crate) notes: BTreeSet<String>,
    pub(crate) late: BTreeSet<u64>,
}

impl Dirty {
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.notes.is_empty() && self.late.is_empty()
    }
}

impl World {
    pub(crate) fn new(catalogue: Arc<Catalogue>) -> World {
        World { catalogue, ..World::default() }
    }

    pub(crate) fn kind(&self, name: Symbol) -> Option<&Kind> {
        self.catalogue.by_name(name)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Stored> {
        self.objects.get(&key)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Stored> {
        self.objects.values()
    }

    /// The objects of a kind in a region, in the order they were made.
    pub(crate) fn of(&self, kind: Symbol, region: Option<Symbol>) -> impl Iterator<Item = &Stored> {
        let range = (kind, region, Key(0))..=(kind, region, Key(u32::MAX));
        self.kinds.range(range).filter_map(|(_, _, key)| self.get(*key))
    }

    /// The objects of a kind wherever they are.
    pub(crate) fn everywhere(&self, kind: Symbol) -> impl Iterator<Item = &Stored> {
        let from = self.kinds.range((kind, None, Key(0))..);
        from.take_while(move |(k, _, _)| *k == kind).filter_map(|(_, _, key)| self.get(*key))
    }

    pub(crate) fn by_id(&self, kind: Symbol, region: Option<Symbol>, id: &str) -> Option<&Stored> {
        self.get(*self.ids.get(&(kind, region, id.to_owned()))?.first()?)
    }

    pub(crate) fn at(&self, place: &Place) -> Option<&Stored> {
        self.by_id(place.kind, place.region, &place.id.0)
    }

    /// The object that was created with a token or caller reference.
    pub(crate) fn by_token(&self, kind: Symbol, region: Option<Symbol>, token: &str) -> Option<&Stored> {
        self.get(*self.tokens.get(&(kind, region, token.to_owned()))?.last()?)
    }

    /// Whether reads change what later reads see.
    pub(crate) fn reads_count(&self) -> bool {
        self.hidden > 0 || self.late.values().any(|late| late.reads.is_some())
    }

    /// The object that a reference means, seen from a region.
    pub(crate) fn target(&self, link: &Link, from: Option<Symbol>) -> Option<&Stored> {
        let found = self.outputs.get(&(link.kind, link.output, link.value.clone()))?;
        let candidates = || found.iter().filter_map(|key| self.get(*key));
        let near = |o: &&Stored| o.region == from || o.region.is_none() || from.is_none();
        candidates().find(near).or_else(|| candidates().find(|_| link.any_region))
    }

    /// The object that an attribute refers to: the first, in a list.
    pub(crate) fn follow(&self, object: &Stored, attribute: &str) -> Option<&Stored> {
        let all = links(self.kind(object.kind)?, &object.attributes);
        let link = all.iter().find(|l| l.attribute == attribute)?;
        self.target(link, object.region)
    }

    /// All objects that an attribute refers to, in its order.
    pub(crate) fn follow_all(&self, object: &Stored, attribute: &str) -> Vec<&Stored> {
        let all = self.kind(object.kind).map(|kind| links(kind, &object.attributes)).unwrap_or_default();
        let wanted = all.iter().filter(|l| l.attribute == attribute);
        wanted.filter_map(|link| self.target(link, object.region)).collect()
    }

    /// The objects that refer to one, each with the attribute that does.
    pub(crate) fn users(&self, object: &Stored) -> Vec<(&Stored, Symbol)> {
        let mut found = Vec::new();
        for (output, value) in object.outputs.iter() {
            let Some(text) = value.as_str() else { continue };
            let Some(users) = self.users.get(&(object.kind, output, text.to_owned())) else { continue };
            for user in users.iter().filter_map(|key| self.get(*key)) {
                let Some(kind) = self.kind(user.kind) else { continue };
                for link in links(kind, &user.attributes) {
                    let meant = link.kind == object.kind && link.output == output && link.value == text;
                    // The object may be gone from the index already when its users are asked for.
                    let reaches = self.target(&link, user.region).is_none_or(|o| o.key == object.key);
                    if meant && reaches {
                        found.push((user, link.attribute));
                    }
                }
            }
        }
        found
    }

    /// Whether another object has one of an object's unique tuples; which tuple, and who.
    pub(crate) fn taken(&self, object: &Stored) -> Option<(UniqueKey, &Stored)> {
        self.unique_keys(object).into_iter().find_map(|unique| {
            let other = self.unique.get(&unique)?.iter().find(|key| **key != object.key)?;
            Some((unique, self.get(*other)?))
        })
    }

    /// The object that has, as its key or name, the same values as another.
    pub(crate) fn same_key(&self, object: &Stored) -> Option<&Stored> {
        let names = self.key_names(self.kind(object.kind)?)?;
        let unique = self.unique_key(object, names, object.region)?;
        self.unique.get(&unique)?.iter().filter(|key| **key != object.key).find_map(|key| self.get(*key))
    }

    pub(crate) fn note(&self, name: &str) -> Option<u64> {
        self.notes.get(name).copied()
    }

    pub(crate) fn set_note(&mut self, name: &str, value: u64) {
        let before = self.notes.insert(name.to_owned(), value);
        self.journal.push(Undo::Note(name.to_owned(), before));
    }

    /// Counts a note up by one and gives what it was.
    pub(crate) fn count(&mut self, name: &str) -> u64 {
        let at = self.note(name).unwrap_or(0);
        self.set_note(name, at + 1);
        at
    }

    pub(crate) fn new_key(&mut self) -> Key {
        Key(self.count("next") as u32)
    }

    pub(crate) fn late(&self) -> &BTreeMap<u64, Late> {
        &self.late
    }

    pub(crate) fn set_late(&mut self, number: u64, late: Option<Late>) {
        let before = match late {
            Some(late) => self.late.insert(number, late),
            None => self.late.remove(&number),
        };
        self.journal.push(Undo::Late(number, before.map(Box::new)));
    }

    /// Fills a new world from the store: nothing of it needs to be undone or kept.
    pub(crate) fn load(&mut self, objects: Vec<Stored>, notes: Vec<(String, u64)>, late: Vec<(u64, Late)>) {
        for object in objects {
            self.replace(object.key, Some(object));
        }
        self.notes.extend(notes);
        self.late.extend(late);
    }

    /// Puts an object in, in place of what has its key.
    pub(crate) fn put(&mut self, object: Stored) {
        let before = self.replace(object.key, Some(object.clone()));
        self.journal.push(Undo::Object(object.key, before.map(Box::new)));
    }

    /// Takes an object out.
    pub(crate) fn take(&mut self, key: Key) -> Option<Stored> {
        let before = self.replace(key, None)?;
        self.journal.push(Undo::Object(key, Some(Box::new(before.clone()))));
        Some(before)
    }

    /// Undoes everything since the last call was settled.
    pub(crate) fn undo(&mut self) {
        while let Some(step) = self.journal.pop() {
            match step {
                Undo::Object(key, before) => {
                    self.replace(key, before.map(|b| *b));
                }
                Undo::Note(name, Some(value)) => {
                    self.notes.insert(name, value);
                }
                Undo::Note(name, None) => {
                    self.notes.remove(&name);
                }
                Undo::Late(number, Some(late)) => {
                    self.late.insert(number, *late);
                }
                Undo::Late(number, None) => {
                    self.late.remove(&number);
                }
            }
        }
    }

    /// How far the journal is; what comes after can be undone alone with [`World::undo_to`].
    pub(crate) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Undoes everything since a mark.
    pub(crate) fn undo_to(&mut self, mark: usize) {
        let kept: Vec<Undo> = self.journal.drain(..mark.min(self.journal.len())).collect();
        self.undo();
        self.journal = kept;
    }

    /// What has changed since the last call was settled.
    pub(crate) fn dirty(&self) -> Dirty {
        let mut dirty = Dirty::default();
        for step in &self.journal {
            match step {
                Undo::Object(key, _) => dirty.objects.insert(*key),
                Undo::Note(name, _) => dirty.notes.insert(name.clone()),
                Undo::Late(number, _) => dirty.late.insert(*number),
            };
        }
        dirty
    }

    /// Forgets how to undo: the changes are durable.
    pub(crate) fn settle(&mut self) {
        self.journal.clear();
    }

    fn replace(&mut self, key: Key, new: Option<Stored>) -> Option<Stored> {
        let old = self.objects.remove(&key);
        if let Some(old) = &old {
            self.index(old, false);
        }
        if let Some(new) = new {
            self.index(&new, true);
            self.objects.insert(key, new);
        }
        old
    }

    fn index(&mut self, object: &Stored, add: bool) {
        let id = (object.kind, object.region, object.id.clone());
        let place = (object.kind, object.region, object.key);
        mark(&mut self.ids, id, object.key, add);
        if add {
            self.kinds.insert(place);
            self.hidden += usize::from(object.hidden > 0);
        } else {
            self.kinds.remove(&place);
            self.hidden -= usize::from(object.hidden > 0);
        }
        if let Some(token) = &object.token {
            mark(&mut self.tokens, (object.kind, object.region, token.clone()), object.key, add);
        }
        for unique in self.unique_keys(object) {
            mark(&mut self.unique, unique, object.key, add);
        }
        for (output, value) in object.outputs.iter() {
            if let Some(text) = value.as_str() {
                mark(&mut self.outputs, (object.kind, output, text.to_owned()), object.key, add);
            }
        }
        let needs = self.kind(object.kind).map(|kind| links(kind, &object.attributes)).unwrap_or_default();
        for link in needs {
            mark(&mut self.users, (link.kind, link.output, link.value), object.key, add);
        }
    }

    /// The names of the attributes that a kind's objects are created under.
    pub(crate) fn key_names(&self, kind: &Kind) -> Option<Vec<Symbol>> {
        match &kind.creation {
            Creation::Key(key) | Creation::Name(key) => Some(key.iter().map(|a| kind.attr(*a).name).collect()),
            _ => None,
        }
    }

    fn unique_keys(&self, object: &Stored) -> Vec<UniqueKey> {
        let Some(kind) = self.kind(object.kind) else { return Vec::new() };
        let named = |unique: &Unique| -> Vec<Symbol> { unique.attributes.iter().map(|a| kind.attr(*a).name).collect() };
        let key = self.key_names(kind).map(|names| (names, object.region));
        let tuples = kind.unique.iter().map(|u| (named(u), object.region.filter(|_| !u.in_any_region)));
        let mut places: Vec<(Vec<Symbol>, Option<Symbol>)> = key.into_iter().chain(tuples).collect();
        let mut seen = BTreeSet::new();
        places.retain(|place| seen.insert(place.clone()));
        let keyed = |(names, region)| self.unique_key(object, names, region);
        places.into_iter().filter_map(keyed).collect()
    }

    /// An object's values of a tuple in the form that they are compared in; `None` where all
    /// are absent.
    fn unique_key(&self, object: &Stored, names: Vec<Symbol>, region: Option<Symbol>) -> Option<UniqueKey> {
        let kind = self.kind(object.kind)?;
        let value = |n: &Symbol| object.attributes.get(*n).map(|v| kind.canonical(*n, v).into_owned());
        let values: Vec<Value> = names.iter().map(|n| value(n).unwrap_or_default()).collect();
        let told = values.iter().any(|v| !v.is_none());
        told.then_some(UniqueKey { kind: object.kind, region, names, values })
    }
}

fn mark<K: Eq + std::hash::Hash>(index: &mut FxHashMap<K, BTreeSet<Key>>, at: K, key: Key, add: bool) {
    if add {
        index.entry(at).or_default().insert(key);
    } else if let std::collections::hash_map::Entry::Occupied(mut found) = index.entry(at) {
        found.get_mut().remove(&key);
        if found.get().is_empty() {
            found.remove();
        }
    }
}

impl std::fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let set = self.names.iter().zip(&self.values).filter(|(_, value)| !value.is_none());
        for (i, (name, value)) in set.enumerate() {
            write!(f, "{}{name} = {value}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
