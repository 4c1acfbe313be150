//! Values: what expressions evaluate to, what attributes hold, what state keeps.
//!
//! A value is *ground* when nothing in it is [`Value::Unknown`]. Units are variants of
//! their own; there are no floats. Composite values may hold unknown parts: a map whose
//! keys are known can be looped over though its values come from a cloud.

use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;

use ecow::EcoString;
use indexmap::IndexMap;
use ipnet::IpNet;
use rustc_hash::FxBuildHasher;

pub use crate::fraction::Fraction;
use crate::{ResId, Symbol, Term};

/// A value of the language.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Value {
    /// `none`, the only absence.
    #[default]
    None,
    /// `true`, `false`.
    Bool(bool),
    /// A checked 64-bit integer.
    Int(i64),
    /// Text.
    Str(EcoString),
    /// A percentage in millionths of a percent: `99.95%` is 99 950 000.
    Percent(i64),
    /// An exact fraction, the product of an Int and a Percent or a quotient of Ints.
    Fraction(Arc<Fraction>),
    /// A length of time in milliseconds.
    Duration(i64),
    /// An amount of data in bytes.
    Size(i64),
    /// A range of addresses; host bits are zero.
    Cidr(IpNet),
    /// An address.
    Ip(IpAddr),
    /// A region code.
    Region(Symbol),
    /// A zone within a region.
    Zone(Symbol),
    /// `[a, b]`.
    List(Arc<Vec<Value>>),
    /// `(a, b)`.
    Tuple(Arc<Vec<Value>>),
    /// A map, in source order.
    Map(Arc<Map>),
    /// A record, in source order.
    Record(Arc<Record>),
    /// A secret: where it comes from, never what it is.
    Secret(Arc<SecretRef>),
    /// A reference to a resource of this program.
    Resource(ResId),
    /// Known after apply; the term says how.
    Unknown(Arc<Term>),
}

/// A map's entries, in source order. Two maps are equal when they hold the same entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Map(IndexMap<Value, Value, FxBuildHasher>);

impl Map {
    /// An empty map.
    pub fn new() -> Map {
        Map::default()
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.0.get(key)
    }

    /// Sets a key; a new one goes last. Gives what was there.
    pub fn insert(&mut self, key: Value, value: Value) -> Option<Value> {
        self.0.insert(key, value)
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Value, &Value)> {
        self.0.iter()
    }

    /// The entry at a position.
    pub fn get_index(&self, at: usize) -> Option<(&Value, &Value)> {
        self.0.get_index(at)
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.keys()
    }

    /// The values in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.values()
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Value, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Map {
        Map(entries.into_iter().collect())
    }
}

impl std::hash::Hash for Map {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        // Order does not count for equality, so it must not count here.
        in_any_order(self.iter()).hash(state);
    }
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct SecretRef {
    /// `ssm:/path` or `input:NAME`.
    pub source: EcoString,
    /// The version or digest, once it is known, so that a change shows.
    pub version: Option<EcoString>,
}

/// A record's fields, in source order. Two records are equal when they hold the same fields.
#[derive(Debug, Clone, Eq, Default)]
pub struct Record(Vec<(Symbol, Value)>);

impl PartialEq for Record {
    fn eq(&self, other: &Record) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl std::hash::Hash for Record {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        in_any_order(self.iter()).hash(state);
    }
}

/// A hash of entries that is the same however they are ordered.
fn in_any_order<T: std::hash::Hash>(entries: impl Iterator<Item = T>) -> u64 {
    let hash = rustc_hash::FxBuildHasher;
    entries.fold(0, |sum: u64, entry| sum.wrapping_add(hash.hash_one(entry)))
}

impl Record {
    /// An empty record.
    pub fn new() -> Record {
        Record::default()
    }

    /// A field's value.
    pub fn get(&self, name: Symbol) -> Option<&Value> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Sets a field; a new one goes last.
    pub fn set(&mut self, name: Symbol, value: Value) {
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Removes a field.
    pub fn remove(&mut self, name: Symbol) -> Option<Value> {
        let at = self.0.iter().position(|(n, _)| *n == name)?;
        Some(self.0.remove(at).1)
    }

    /// The fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Symbol, &Value)> {
        self.0.iter().map(|(n, v)| (*n, v))
    }

    /// How many fields.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Symbol, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (Symbol, Value)>>(fields: I) -> Record {
        let mut record = Record::new();
        fields.into_iter().for_each(|(name, value)| record.set(name, value));
        record
    }
}

impl Value {
    /// A string.
    pub fn str(text: impl Into<EcoString>) -> Value {
        Value::Str(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Arc::new(items))
    }

    /// A tuple.
    pub fn tuple(items: Vec<Value>) -> Value {
        Value::Tuple(Arc::new(items))
    }

    /// A map; of equal keys the last wins.
    pub fn map(entries: impl IntoIterator<Item = (Value, Value)>) -> Value {
        Value::Map(Arc::new(entries.into_iter().collect()))
    }

    /// A record; of equal names the last wins.
    pub fn record(fields: impl IntoIterator<Item = (Symbol, Value)>) -> Value {
        Value::Record(Arc::new(fields.into_iter().collect()))
    }

    /// A value known after apply.
    pub fn unknown(term: Term) -> Value {
        Value::Unknown(Arc::new(term))
    }

    /// Whether no part is known only after apply.
    pub fn is_ground(&self) -> bool {
        match self {
            Value::Unknown(_) => false,
            Value::List(items) | Value::Tuple(items) => items.iter().all(Value::is_ground),
            Value::Map(map) => map.iter().all(|(k, v)| k.is_ground() && v.is_ground()),
            Value::Record(record) => record.iter().all(|(_, v)| v.is_ground()),
            _ => true,
        }
    }

    /// Whether it is `none`.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Calls `visit` for every unknown term in it, outermost first.
    pub fn for_each_term(&self, visit: &mut dyn FnMut(&Term)) {
        match self {
            Value::Unknown(term) => term.for_each(visit),
            Value::List(items) | Value::Tuple(items) => items.iter().for_each(|v| v.for_each_term(visit)),
            Value::Map(map) => map.iter().for_each(|(k, v)| {
                k.for_each_term(visit);
                v.for_each_term(visit);
            }),
            Value::Record(record) => record.iter().for_each(|(_, v)| v.for_each_term(visit)),
            _ => {}
        }
    }

    /// Every resource it refers to: by a term, or as a resource itself.
    pub fn for_each_resource(&self, visit: &mut dyn FnMut(ResId)) {
        match self {
            Value::Resource(id) => visit(*id),
            Value::Unknown(term) => term.for_each_resource(visit),
            Value::List(items) | Value::Tuple(items) => items.iter().for_each(|v| v.for_each_resource(visit)),
            Value::Map(map) => map.iter().for_each(|(k, v)| {
                k.for_each_resource(visit);
                v.for_each_resource(visit);
            }),
            Value::Record(record) => record.iter().for_each(|(_, v)| v.for_each_resource(visit)),
            _ => {}
        }
    }

    /// The text of a string, region or zone.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            Value::Region(s) | Value::Zone(s) => Some(s.as_str()),
            _ => None,
        }
    }

    /// The integer.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(i) = self { Some(*i) } else { None }
    }

    /// The truth value.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    /// The milliseconds of a duration.
    pub fn as_millis(&self) -> Option<i64> {
        if let Value::Duration(ms) = self { Some(*ms) } else { None }
    }

    /// The record's field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        if let Value::Record(r) = self { r.get(Symbol::new(name)) } else { None }
    }

    /// The items of a list or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        if let Value::List(v) | Value::Tuple(v) = self { Some(v) } else { None }
    }

    /// The value's type, in the language's word, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::None => "none",
            Value::Bool(_) => "Bool",
            Value::Int(_) => "Int",
            Value::Str(_) => "String",
            Value::Percent(_) => "Percent",
            Value::Fraction(_) => "fraction",
            Value::Duration(_) => "Duration",
            Value::Size(_) => "Size",
            Value::Cidr(_) => "Cidr",
            Value::Ip(_) => "Ip",
            Value::Region(_) => "Region",
            Value::Zone(_) => "Zone",
            Value::List(_) => "List",
            Value::Tuple(_) => "tuple",
            Value::Map(_) => "Map",
            Value::Record(_) => "record",
            Value::Secret(_) => "Secret",
            Value::Resource(_) => "resource",
            Value::Unknown(_) => "value known after apply",
        }
    }
}

/// A string as a literal of the language.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A duration as a literal: `1m30s`, `500ms`, `0s`.
pub fn duration(ms: i64) -> String {
    let mut out = String::new();
    let mut rest = ms.unsigned_abs();
    if ms < 0 {
        out.push('-');
    }
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= length {
            out.push_str(&format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    if ms == 0 {
        out.push_str("0s");
    }
    out
}

/// A size as a literal: the largest unit that divides it.
pub fn size(bytes: i64) -> String {
    for (unit, length) in [("TiB", 1_i64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes != 0 && bytes % length == 0 {
            return format!("{}{unit}", bytes / length);
        }
    }
    format!("{bytes}B")
}

/// A percentage as a literal: `99.95%`.
pub fn percent(millionths: i64) -> String {
    let whole = millionths.unsigned_abs();
    let sign = if millionths < 0 { "-" } else { "" };
    let fraction = format!("{:06}", whole % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}%", whole / 1_000_000)
}
