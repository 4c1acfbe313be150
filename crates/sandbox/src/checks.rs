//! The `check`s of kinds, evaluated over what the cloud holds.

use topo_model::{Kind, ResId, Resolve, Symbol, Type, Value, Verdict};
use topo_provider::Error;

use crate::refusal::wrong;
use crate::shape;
use crate::stored::Stored;
use crate::world::World;

/// Whether every check of an object's kind holds, with `none` for what is absent.
///
/// # Errors
///
/// The first check that is broken, in its own words.
pub(crate) fn hold(world: &World, kind: &Kind, object: &Stored) -> Result<(), Error> {
    let known = Known { world, object };
    for check in &kind.checks {
        if let Verdict::Broken(text) = check.decide(&known) {
            return Err(wrong(text));
        }
    }
    Ok(())
}

/// What the leaves of a check are known to be.
struct Known<'a> {
    world: &'a World,
    object: &'a Stored,
}

impl Resolve for Known<'_> {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        along(self.world, self.object, path)
    }
}

/// The attribute or output at the end of a path of references and fields.
fn along(world: &World, object: &Stored, path: &[Symbol]) -> Option<Value> {
    let (name, rest) = path.split_first()?;
    let kind = world.kind(object.kind)?;
    let Some((_, attribute)) = kind.attribute(*name) else {
        let told = object.outputs.get(*name).cloned();
        let here = kind.here(*name, object.region).filter(|_| rest.is_empty());
        return told.or(here).and_then(|v| fields(v, rest));
    };
    let Some(value) = object.attributes.get(*name) else { return Some(Value::None) };
    if !rest.is_empty() && matches!(attribute.ty.narrowed(), Type::Reference { .. }) {
        return along(world, world.follow(object, name.as_str())?, rest);
    }
    fields(shape::filled(value, &attribute.ty), rest)
}

fn fields(value: Value, path: &[Symbol]) -> Option<Value> {
    path.iter().try_fold(value, |value, name| match &value {
        Value::None => Some(Value::None),
        Value::Record(record) => record.get(*name).cloned(),
        _ => None,
    })
}
