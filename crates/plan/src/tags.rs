//! Tags are owned key by key: those that the program sets are ours, others stay. A key that
//! we set and no longer want is removed; a step says so by giving it the value `none`.

use topo_model::{Map, Value};

use crate::Cause;
use crate::differ::who;
use crate::same::{Sense, same};

/// How tags differ, as far as they are ours.
pub(crate) struct TagDifference {
    /// Our keys, as they are.
    pub(crate) before: Option<Value>,
    /// Our keys, as they will be.
    pub(crate) after: Value,
    pub(crate) cause: Cause,
}

fn entries(tags: Option<&Value>) -> impl Iterator<Item = (&Value, &Value)> {
    let map = if let Some(Value::Map(map)) = tags { Some(&**map) } else { None };
    map.into_iter().flat_map(Map::iter).filter(|(_, value)| !value.is_none())
}

fn get<'a>(tags: Option<&'a Value>, key: &Value) -> Option<&'a Value> {
    if let Some(Value::Map(map)) = tags { map.get(key).filter(|v| !v.is_none()) } else { None }
}

/// How the tags that are wanted differ from those that are there.
pub(crate) fn difference(want: &Value, recorded: Option<&Value>, there: Option<&Value>) -> Option<TagDifference> {
    let mut cause: Option<Cause> = None;
    let mut note = |found: Cause| cause = Some(if cause.is_none_or(|c| c == found) { found } else { Cause::Both });
    for (key, value) in entries(Some(want)) {
        if !same(value, get(there, key), Sense::PLAIN) {
            note(who(get(recorded, key), value, get(there, key), Sense::PLAIN));
        }
    }
    if gone(want, recorded, there).next().is_some() {
        note(Cause::Code);
    }
    let cause = cause?;
    let after = Value::map(entries(Some(want)).map(|(k, v)| (k.clone(), v.clone())));
    Some(TagDifference { before: there.map(|t| owned(t, want, recorded)), after, cause })
}

/// Keys that we set, no longer want, and that are still there.
fn gone<'a>(want: &'a Value, recorded: Option<&'a Value>, there: Option<&'a Value>) -> impl Iterator<Item = &'a Value> {
    let dropped = entries(recorded).map(|(key, _)| key).filter(|key| get(Some(want), key).is_none());
    dropped.filter(move |key| get(there, key).is_some())
}

/// Those of the tags that are there which are ours.
pub(crate) fn owned(there: &Value, want: &Value, recorded: Option<&Value>) -> Value {
    let ours = |key: &Value| get(Some(want), key).is_some() || get(recorded, key).is_some();
    Value::map(entries(Some(there)).filter(|(key, _)| ours(key)).map(|(k, v)| (k.clone(), v.clone())))
}

/// The tags that a step sends: those wanted, and `none` for each that is to go.
pub(crate) fn sent(want: &Value, recorded: Option<&Value>, there: Option<&Value>) -> Value {
    let wanted = entries(Some(want)).map(|(k, v)| (k.clone(), v.clone()));
    Value::map(wanted.chain(gone(want, recorded, there).map(|key| (key.clone(), Value::None))))
}
