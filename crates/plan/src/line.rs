//! Whether an object is as a step wants it: what `exec` asks before it takes an object for
//! the one that a call made, and before it goes on with a plan that is some minutes old.

use topo_model::{Attributes, Kind, Map, Symbol, Value};

use crate::differ::holds_secret;
use crate::same::{Sense, same};

/// Whether an object has every attribute that is wanted, by meaning and as far as a cloud
/// tells it. Of tags only the keys that are wanted count; one that is `none` must be absent.
pub fn in_line(kind: &Kind, want: &Attributes, there: &Attributes) -> bool {
    let record_type = match kind.name.as_str().starts_with("aws.route53.") {
        true => want.get(Symbol::new("type")).and_then(Value::as_str),
        false => None,
    };
    want.iter().all(|(name, wanted)| {
        let Some((_, attribute)) = kind.attribute(name) else { return true };
        let found = there.get(name);
        if attribute.write_only || holds_secret(wanted) || (attribute.secret && found.is_none()) {
            return true;
        }
        match wanted {
            Value::Map(wanted) if name == "tags" => tags(wanted, found),
            _ => same(wanted, found, Sense::of(kind.name, attribute, record_type)),
        }
    })
}

fn tags(want: &Map, there: Option<&Value>) -> bool {
    let there = if let Some(Value::Map(map)) = there { Some(&**map) } else { None };
    want.iter().all(|(key, value)| same(value, there.and_then(|t| t.get(key)), Sense::PLAIN))
}
