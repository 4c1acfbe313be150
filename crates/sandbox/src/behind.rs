//! Changes behind the back of whoever uses the cloud: what a person with a console does.

use topo_model::{Kind, Map, Object, ObjectId, Symbol, Type, Value};
use topo_provider::Error;

use crate::change::{Circumstances, judge, perform, with_users};
use crate::rules::rule;
use crate::store::OpenError;
use crate::stored::{Change, Key, Request, Stored};
use crate::world::World;
use crate::{Sandbox, shape, view};

/// Which object is meant: its id, and its kind and region where others have the same id.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which<'a> {
    /// The id.
    pub id: &'a str,
    /// The kind's full name.
    pub kind: Option<&'a str>,
    /// The region.
    pub region: Option<&'a str>,
}

/// Why an object can't be changed behind the back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// There is none.
    #[error("the sandbox has no object '{0}'")]
    Missing(String),
    /// There are several.
    #[error("the sandbox has several objects '{id}': {}", found.join(", "))]
    Ambiguous {
        /// The id.
        id: String,
        /// The kinds and regions of those that have it.
        found: Vec<String>,
    },
    /// The kind has no such attribute.
    #[error("{kind} has no attribute '{attribute}'")]
    Attribute {
        /// The kind.
        kind: Symbol,
        /// What was asked for.
        attribute: String,
    },
    /// The value is of another type.
    #[error("{attribute}: {why}")]
    Value {
        /// The attribute.
        attribute: String,
        /// What is wrong.
        why: String,
    },
    /// The service refuses it from anyone.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The file can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The file can't be removed.
    #[error("the sandbox can't be removed")]
    Remove(#[source] std::io::Error),
}

impl Sandbox {
    /// Every object, also those that reads do not see yet: by kind, region and id, so that
    /// the order of calls does not show.
    pub fn objects(&self) -> Vec<Object> {
        let (inner, now) = (self.lock(), self.now());
        let mut objects: Vec<Object> = inner.world.all().map(|o| view::show(&inner.world, o, now)).collect();
        objects.sort_by(|a, b| (a.kind, a.region, &a.id).cmp(&(b.kind, b.region, &b.id)));
        objects
    }

    /// How many requests of processes that have died are still to land.
    pub fn late(&self) -> usize {
        self.lock().world.late().len()
    }

    /// Sets an attribute, or a field or key inside it: `cidr_block`, `tags.team`. `none`
    /// removes it. The service's own rules hold; that it is immutable does not. What happens
    /// without anyone asking is set the same way: the state of an alarm.
    ///
    /// # Errors
    ///
    /// No such object or attribute, a value of another type, one that the service refuses.
    pub fn edit(&self, which: Which<'_>, attribute: &str, value: Value) -> Result<Object, EditError> {
        self.behind(which, |world, before, now| {
            let after = with(world, before, attribute, value)?;
            world.put(after);
            judge(world, before.key, Some(before), now)?;
            Ok(world.get(before.key).map_or_else(|| view::show(world, before, now), |o| view::show(world, o, now)))
        })
    }

    /// Removes an object; `force` takes everything that needs it along. Gives the ids of
    /// what is gone.
    ///
    /// # Errors
    ///
    /// No such object; one that others need.
    pub fn remove(&self, which: Which<'_>, force: bool) -> Result<Vec<ObjectId>, EditError> {
        self.behind(which, |world, object, now| {
            let before: Vec<(Key, ObjectId)> = world.all().map(|o| (o.key, o.object_id())).collect();
            if force {
                let whole = rule(object.kind).deletes(world, object).unwrap_or(object).clone();
                for key in with_users(world, &whole) {
                    world.take(key);
                }
            } else {
                let at = Circumstances { now, come: i64::MAX, pace: 0.0, hidden: 0, seed: 0 };
                perform(world, &Request::One(Change::Delete(object.place())), &at)?;
            }
            Ok(before.into_iter().filter(|(key, _)| world.get(*key).is_none()).map(|(_, id)| id).collect())
        })
    }

    /// Removes every tag of an object, the owner's mark too.
    ///
    /// # Errors
    ///
    /// No such object; a kind without tags.
    pub fn strip_tags(&self, which: Which<'_>) -> Result<Object, EditError> {
        self.behind(which, |world, object, now| {
            let tags = Symbol::new("tags");
            if !world.kind(object.kind).is_some_and(Kind::tagged) {
                return Err(EditError::Attribute { kind: object.kind, attribute: "tags".to_owned() });
            }
            let mut bare = Stored { owner: None, ..object.clone() };
            if bare.attributes.get(tags).is_some() {
                bare.attributes.set(tags, Value::map([]));
            }
            world.put(bare.clone());
            Ok(view::show(world, &bare, now))
        })
    }

    /// Removes everything, the file too.
    ///
    /// # Errors
    ///
    /// Another process has it; it can't be removed.
    pub fn reset(&self) -> Result<(), EditError> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        inner.store.remove(&mut inner.world)
    }

    /// A change of one object that is not a call: no fault strikes it, and it is not counted.
    fn behind<T>(
        &self,
        which: Which<'_>,
        change: impl FnOnce(&mut World, &Stored, i64) -> Result<T, EditError>,
    ) -> Result<T, EditError> {
        let mut inner = self.lock();
        if !inner.store.path().exists() {
            return Err(EditError::Missing(which.id.to_owned()));
        }
        let inner = &mut *inner;
        let held = self.hold(inner)?;
        let object = chosen(&inner.world, which)?.clone();
        let done = change(&mut inner.world, &object, self.clock());
        if done.is_err() {
            inner.world.undo();
        }
        inner.store.commit(held, &mut inner.world)?;
        done
    }
}

/// The one object that is meant.
fn chosen<'w>(world: &'w World, which: Which<'_>) -> Result<&'w Stored, EditError> {
    let meant = |o: &&Stored| {
        let region = which.region.is_none_or(|region| o.region.is_some_and(|r| r == *region));
        o.id == which.id && which.kind.is_none_or(|kind| o.kind == *kind) && region
    };
    let found: Vec<&Stored> = world.all().filter(meant).collect();
    match found.as_slice() {
        [] => Err(EditError::Missing(which.id.to_owned())),
        [one] => Ok(one),
        several => {
            let place = |o: &&Stored| match o.region {
                Some(region) => format!("{} in {region}", o.kind),
                None => o.kind.to_string(),
            };
            Err(EditError::Ambiguous { id: which.id.to_owned(), found: several.iter().map(place).collect() })
        }
    }
}

/// An object with one attribute, or one field or key of it, set.
fn with(world: &World, object: &Stored, path: &str, value: Value) -> Result<Stored, EditError> {
    let (name, inside) = path.split_once('.').map_or((path, None), |(name, inside)| (name, Some(inside)));
    let name = Symbol::new(name);
    if let Some(ty) = rule(object.kind).happens(path) {
        return happened(world, object, name, (value, &ty));
    }
    let Some((_, attribute)) = world.kind(object.kind).and_then(|kind| kind.attribute(name)) else {
        return Err(EditError::Attribute { kind: object.kind, attribute: path.to_owned() });
    };
    let old = object.attributes.get(name).cloned().unwrap_or_default();
    let Some(new) = placed(old, inside, value, &attribute.ty) else {
        return Err(EditError::Attribute { kind: object.kind, attribute: path.to_owned() });
    };
    let mut after = object.clone();
    if new.is_none() {
        after.attributes.remove(name);
        return Ok(after);
    }
    shape::fits(&new, &attribute.ty).map_err(|why| EditError::Value { attribute: path.to_owned(), why })?;
    after.attributes.set(name, new);
    Ok(after)
}

/// An object that something happened to: one of its outputs, or what only the service knows.
fn happened(world: &World, object: &Stored, name: Symbol, new: (Value, &Type)) -> Result<Stored, EditError> {
    let value = shape::coerced(new.0, new.1);
    shape::fits(&value, new.1).map_err(|why| EditError::Value { attribute: name.to_string(), why })?;
    let mut after = object.clone();
    let told = world.kind(object.kind).is_some_and(|kind| kind.output(name).is_some());
    let place = if told { &mut after.outputs } else { &mut after.facts };
    place.set(name, value);
    Ok(after)
}

/// A value with another put in at a path; `None` where there is no such place.
fn placed(old: Value, path: Option<&str>, value: Value, ty: &Type) -> Option<Value> {
    let Some(path) = path else { return Some(shape::coerced(value, ty)) };
    match (ty.narrowed(), old) {
        (Type::Map(of), old) => {
            let mut map = if let Value::Map(map) = old { (*map).clone() } else { Map::new() };
            let key = Value::str(path);
            if value.is_none() {
                map = map.iter().filter(|(k, _)| **k != key).map(|(k, v)| (k.clone(), v.clone())).collect();
            } else {
                map.insert(key, shape::coerced(value, &of.1));
            }
            Some(Value::Map(map.into()))
        }
        (Type::Record(fields), Value::Record(record)) => {
            let (name, inside) = path.split_once('.').map_or((path, None), |(name, inside)| (name, Some(inside)));
            let name = Symbol::new(name);
            let old = record.get(name).cloned().unwrap_or_default();
            let new = placed(old, inside, value, &fields.field(name)?.ty)?;
            let mut record = (*record).clone();
            record.set(name, new);
            Some(Value::Record(record.into()))
        }
        _ => None,
    }
}
