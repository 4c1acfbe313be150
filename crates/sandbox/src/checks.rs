//! The `check`s of kinds, evaluated over what the cloud holds.

use topo_model::{Kind, ResId, Resolve, Symbol, Type, Value, Verdict};
use topo_provider::Error;

use crate::links::link;
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
    within(world, object, shape::filled(value, &attribute.ty), (*name, &attribute.ty), rest)
}

/// What stands at the end of a path inside an attribute's value, or beyond a reference in it.
fn within(world: &World, object: &Stored, value: Value, at: (Symbol, &Type), path: &[Symbol]) -> Option<Value> {
    let (attribute, ty) = at;
    let Some((name, rest)) = path.split_first() else { return Some(value) };
    match (ty.narrowed(), &value) {
        (_, Value::None) => Some(Value::None),
        (ty @ Type::Reference { .. }, Value::Str(_)) => {
            let link = link(attribute, ty, &value)?;
            along(world, world.target(&link, object.region)?, path)
        }
        (Type::Record(record), Value::Record(fields)) => {
            let ty = &record.field(*name)?.ty;
            within(world, object, fields.get(*name)?.clone(), (attribute, ty), rest)
        }
        (Type::List(of), Value::List(items)) => {
            let item = items.get(name.as_str().parse::<usize>().ok()?)?.clone();
            within(world, object, item, (attribute, of), rest)
        }
        _ => None,
    }
}

fn fields(value: Value, path: &[Symbol]) -> Option<Value> {
    path.iter().try_fold(value, |value, name| match &value {
        Value::None => Some(Value::None),
        Value::Record(record) => record.get(*name).cloned(),
        _ => None,
    })
}
