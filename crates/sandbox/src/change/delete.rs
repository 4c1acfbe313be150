//! Deletes: refused while others need the object; what is part of it goes with it.

use std::collections::BTreeSet;

use topo_model::{Creation, Symbol};
use topo_provider::{Error, Place};

use super::{Staged, create};
use crate::refusal::{dependency, missing};
use crate::rules::rule;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(super) fn stage(world: &mut World, at: &Place) -> Result<Staged, Error> {
    let rule = rule(at.kind);
    let Some(object) = world.at(at) else {
        return Err(missing(rule.codes().missing, format!("there is no {} with the id '{}'", at.kind, at.id)));
    };
    let key = rule.deletes(world, object).unwrap_or(object).key;
    match world.take(key) {
        Some(gone) => Ok(Staged::Gone(Box::new(gone))),
        None => Err(missing(rule.codes().missing, format!("there is no {} with the id '{}'", at.kind, at.id))),
    }
}

/// Whether an object that has been taken out may be gone.
pub(super) fn judge(world: &World, gone: &Stored) -> Result<(), Error> {
    let code = rule(gone.kind).codes().in_use;
    if let Some(parent) = gone.parent.and_then(|key| world.get(key)) {
        let text = format!("{} comes and goes with {} and can't be deleted by itself", gone.id, parent.id);
        return Err(dependency(code, text));
    }
    if let Some(refusal) = rule(gone.kind).stays(world, gone) {
        return Err(refusal);
    }
    let parts = parts(world, gone);
    let doomed = parts.iter().filter_map(|key| world.get(*key));
    for object in std::iter::once(gone).chain(doomed) {
        let needed = |(user, attribute): &(&Stored, Symbol)| {
            !parts.contains(&user.key) && user.key != gone.key && rule(user.kind).keeps(attribute.as_str())
        };
        if let Some((user, _)) = world.users(object).into_iter().find(needed) {
            let text = format!("{} is used by {} ({}) and can't be deleted", object.id, user.id, user.kind);
            return Err(dependency(code, text));
        }
    }
    Ok(())
}

/// Takes out what is part of an object that is gone, and burns its caller reference.
pub(super) fn finish(world: &mut World, gone: &Stored) {
    for key in parts(world, gone) {
        world.take(key);
    }
    rule(gone.kind).gone(world, gone);
    let referenced = world.kind(gone.kind).is_some_and(|kind| kind.creation == Creation::CallerReference);
    if let Some(token) = gone.token.as_deref().filter(|_| referenced) {
        world.set_note(&create::burned(gone.kind, token), 1);
    }
}

/// What goes with an object: what lives in it, what the cloud made with it, and theirs.
fn parts(world: &World, gone: &Stored) -> BTreeSet<Key> {
    closure(world, gone, |user, attribute, of| {
        user.parent == Some(of.key) || rule(user.kind).part_of() == Some(attribute.as_str())
    })
}

/// An object and everything that needs it.
pub(crate) fn with_users(world: &World, object: &Stored) -> Vec<Key> {
    let all = closure(world, object, |user, attribute, of| {
        let part = user.parent == Some(of.key) || rule(user.kind).part_of() == Some(attribute.as_str());
        part || rule(user.kind).keeps(attribute.as_str())
    });
    all.into_iter().chain([object.key]).collect()
}

fn closure(world: &World, from: &Stored, takes: impl Fn(&Stored, Symbol, &Stored) -> bool) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(object) = open.pop() {
        open.extend(rule(object.kind).takes_along(world, object).filter(|along| found.insert(along.key)));
        for (user, attribute) in world.users(object) {
            if user.key != from.key && takes(user, attribute, object) && found.insert(user.key) {
                open.push(user);
            }
        }
    }
    found
}
