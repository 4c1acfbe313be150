//! `lifecycle.ignore`: paths whose differences are left alone.
//!
//! At an ignored path the program's value is taken to be what is there, so that it is
//! neither compared nor changed. A new object still gets what the program says.

use std::sync::Arc;

use topo_model::{Map, Record, Symbol, Value, format::json_key};

/// How a path relates to an attribute.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reach<'a> {
    /// It is about another.
    Outside,
    /// It is the attribute.
    All,
    /// It is a part of the attribute.
    Part(&'a str),
}

/// How a path relates to an attribute.
pub(crate) fn within(path: &str, attribute: Symbol) -> Reach<'_> {
    match path.strip_prefix(attribute.as_str()) {
        Some("") => Reach::All,
        Some(rest) => rest.strip_prefix('.').map_or(Reach::Outside, Reach::Part),
        None => Reach::Outside,
    }
}

/// A value with the part at a path taken from what is there.
pub(crate) fn mask(value: &Value, path: &str, there: Option<&Value>) -> Value {
    let (head, rest) = path.split_once('.').map_or((path, None), |(h, r)| (h, Some(r)));
    match value {
        Value::Record(record) => {
            let name = Symbol::new(head);
            let inner = there.and_then(|t| t.field(head));
            let masked = match (rest, record.get(name)) {
                (Some(rest), Some(field)) => Some(mask(field, rest, inner)),
                _ => inner.cloned(),
            };
            let mut new = Record::clone(record);
            match masked {
                Some(masked) => new.set(name, masked),
                None => drop(new.remove(name)),
            }
            Value::Record(Arc::new(new))
        }
        // A key may hold dots of its own.
        Value::Map(map) => {
            let kept = map.iter().filter(|(k, _)| json_key(k) != path).map(|(k, v)| (k.clone(), v.clone()));
            let mut new: Map = kept.collect();
            let inner = if let Some(Value::Map(there)) = there { entry(there, path) } else { None };
            if let Some((key, value)) = inner {
                new.insert(key.clone(), value.clone());
            }
            Value::Map(Arc::new(new))
        }
        other => other.clone(),
    }
}

fn entry<'a>(map: &'a Map, key: &str) -> Option<(&'a Value, &'a Value)> {
    map.iter().find(|(k, _)| json_key(k) == key)
}
