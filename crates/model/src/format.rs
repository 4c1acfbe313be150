//! The stored form of values, one for the log, the sandbox and saved plans; and their
//! form in `--json`, which people's scripts read.
//!
//! Stored: JSON. Strings, integers, booleans, `none` and lists are JSON's own; every other
//! type is an object with one key that names it (`{"cidr": "10.2.0.0/16"}`,
//! `{"duration": 30000}`), so nothing is lost on the way back. In `--json` a CIDR is just
//! its text.

mod term;

use std::fmt;
use std::sync::Arc;

use ecow::EcoString;
use ipnet::IpNet;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Fraction, Map, Record, Symbol, Term, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::None => serializer.serialize_unit(),
            Value::Bool(b) => serializer.serialize_bool(*b),
            Value::Int(i) => serializer.serialize_i64(*i),
            Value::Str(s) => serializer.serialize_str(s),
            Value::List(items) => serializer.collect_seq(items.iter()),
            Value::Percent(p) => tagged(serializer, "percent", p),
            Value::Fraction(x) => tagged(serializer, "fraction", &(x.num.to_string(), x.den.to_string())),
            Value::Duration(ms) => tagged(serializer, "duration", ms),
            Value::Size(bytes) => tagged(serializer, "size", bytes),
            Value::Cidr(c) => tagged(serializer, "cidr", c),
            Value::Ip(ip) => tagged(serializer, "ip", ip),
            Value::Region(s) => tagged(serializer, "region", s),
            Value::Zone(s) => tagged(serializer, "zone", s),
            Value::Tuple(items) => tagged(serializer, "tuple", &**items),
            Value::Map(map) => tagged(serializer, "map", &Entries(map)),
            Value::Record(record) => tagged(serializer, "record", &**record),
            Value::Secret(s) => tagged(serializer, "secret", &**s),
            Value::Resource(id) => tagged(serializer, "resource", id),
            Value::Unknown(term) => tagged(serializer, "unknown", &**term),
        }
    }
}

fn tagged<S: Serializer, T: Serialize + ?Sized>(serializer: S, tag: &str, value: &T) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(tag, value)?;
    map.end()
}

/// A map as a list of pairs: its keys need not be strings.
struct Entries<'a>(&'a Map);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for entry in self.0.iter() {
            seq.serialize_element(&entry)?;
        }
        seq.end()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(&name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Record, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Record;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of values")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
                let mut fields = Vec::with_capacity(map.size_hint().unwrap_or(0));
                while let Some(entry) = map.next_entry::<Symbol, Value>()? {
                    fields.push(entry);
                }
                Ok(fields.into_iter().collect())
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Stored)
    }
}

struct Stored;

impl<'de> Visitor<'de> for Stored {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a stored value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, i: i64) -> Result<Value, E> {
        Ok(Value::Int(i))
    }

    fn visit_u64<E: serde::de::Error>(self, i: u64) -> Result<Value, E> {
        i64::try_from(i).map(Value::Int).map_err(|_| E::custom("integer out of range"))
    }

    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(Value::Str(s.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0));
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::list(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Some(tag) = map.next_key::<EcoString>()? else {
            return Err(A::Error::custom("a stored value names its type"));
        };
        Ok(match tag.as_str() {
            "percent" => Value::Percent(map.next_value()?),
            "fraction" => {
                let (num, den): (String, String) = map.next_value()?;
                let parts = num.parse().ok().zip(den.parse().ok()).and_then(|(n, d)| Fraction::new(n, d));
                Value::Fraction(Arc::new(parts.ok_or_else(|| A::Error::custom("not a fraction"))?))
            }
            "duration" => Value::Duration(map.next_value()?),
            "size" => Value::Size(map.next_value()?),
            "cidr" => {
                let block: IpNet = map.next_value()?;
                if block != block.trunc() {
                    return Err(A::Error::custom(format!("{block} has host bits")));
                }
                Value::Cidr(block)
            }
            "ip" => Value::Ip(map.next_value()?),
            "region" => Value::Region(map.next_value()?),
            "zone" => Value::Zone(map.next_value()?),
            "tuple" => Value::tuple(map.next_value()?),
            "map" => Value::map(map.next_value::<Vec<(Value, Value)>>()?),
            "record" => Value::Record(Arc::new(map.next_value()?)),
            "secret" => Value::Secret(Arc::new(map.next_value()?)),
            "resource" => Value::Resource(map.next_value()?),
            "unknown" => Value::Unknown(Arc::new(map.next_value()?)),
            other => return Err(A::Error::custom(format!("unknown stored type '{other}'"))),
        })
    }
}

/// A value as `--json` shows it: units as their literals' text, maps and records as
/// objects, secrets as `{"secret": true}`, unknown values as `{"unknown": "vpc.id"}` in
/// the words of `name`.
pub fn to_json(value: &Value, name: &dyn Fn(&Term) -> String) -> serde_json::Value {
    use serde_json::{Value as Json, json};
    match value {
        Value::None => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(i) => json!(i),
        Value::Str(s) => json!(s.as_str()),
        Value::List(items) | Value::Tuple(items) => Json::Array(items.iter().map(|v| to_json(v, name)).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(k, v)| (json_key(k), to_json(v, name))).collect()),
        Value::Record(record) => {
            Json::Object(record.iter().map(|(k, v)| (k.as_str().to_owned(), to_json(v, name))).collect())
        }
        Value::Secret(_) => json!({"secret": true}),
        Value::Unknown(term) => json!({"unknown": name(term)}),
        scalar => json!(scalar.to_string()),
    }
}

/// A map's key in a JSON object: text bare, everything else in source form.
pub fn json_key(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}
