//! The three-way comparison of one resource's attributes.
//!
//! What is wanted is held against what is there; the record tells who moved. An attribute
//! that was set and is set no longer is released: the record forgets it, what is there
//! stays. Two can't be left as they are: one that belongs to the object's key makes it another
//! object, and a reference would hold on to a resource that may be going; it is cleared, which
//! a step says by giving it the value `none`. Tags are owned key by key. What a cloud never tells is held against the record.

use std::borrow::Cow;

use topo_model::{Attribute, Attributes, Creation, Kind, KindAttribute, Resource, Symbol, Value};

use crate::same::{Sense, lets_go, same};
use crate::{Cause, Difference, ignore, tags};

/// What two sides say of a resource, beside the program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides<'a> {
    /// What is there.
    pub(crate) there: &'a Attributes,
    /// What was set last; `None` for an object that was never ours.
    pub(crate) recorded: Option<&'a Attributes>,
}

/// One attribute's values.
pub(crate) struct Sight<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) attribute: &'a KindAttribute,
    pub(crate) declared: Option<&'a Attribute>,
    pub(crate) want: Option<Cow<'a, Value>>,
    pub(crate) recorded: Option<&'a Value>,
    pub(crate) there: Option<&'a Value>,
    pub(crate) record_type: Option<&'a str>,
}

/// The `type` of a record set, which says what its values are.
pub(crate) fn record_type(resource: &Resource, kind: &Kind) -> Option<&'static str> {
    if !kind.name.as_str().starts_with("aws.route53.") {
        return None;
    }
    let (id, _) = kind.attribute(Symbol::new("type"))?;
    let text = resource.value(id)?.as_str()?;
    Some(Symbol::new(text).as_str())
}

impl Sight<'_> {
    /// How the attribute differs, if it does.
    pub(crate) fn difference(mut self, ignored: &[String]) -> Option<Difference> {
        let mut recorded = self.recorded.map(Cow::Borrowed);
        for path in ignored {
            match ignore::within(path, self.attribute.name) {
                ignore::Reach::Outside => {}
                ignore::Reach::All => return None,
                ignore::Reach::Part(rest) => {
                    self.want = self.want.map(|w| Cow::Owned(ignore::mask(&w, rest, self.there)));
                    recorded = recorded.map(|r| Cow::Owned(ignore::mask(&r, rest, self.there)));
                }
            }
        }
        let recorded = recorded.as_deref().filter(|r| !r.is_none());
        match self.want.as_deref().filter(|w| !w.is_none()) {
            None => self.released(recorded?),
            Some(want) if !want.is_ground() => Some(self.make(want, self.there.cloned(), Cause::Dependency)),
            Some(want) if self.untold(want) => self.against_record(want, recorded),
            Some(want) if self.attribute.name == "tags" => {
                let found = tags::difference(want, recorded, self.there)?;
                Some(Difference { before: found.before, ..self.make(&found.after, None, found.cause) })
            }
            Some(want) => self.against_there(want, recorded),
        }
    }

    fn sense(&self) -> Sense {
        Sense::of(self.kind.name, self.attribute, self.record_type)
    }

    /// Whether a cloud tells nothing that the value could be compared with.
    fn untold(&self, want: &Value) -> bool {
        self.attribute.write_only || holds_secret(want) || (self.attribute.secret && self.there.is_none())
    }

    fn released(&self, recorded: &Value) -> Option<Difference> {
        let before = self.there.filter(|t| !t.is_none()).unwrap_or(recorded);
        let none = self.make(&Value::None, Some(before.clone()), Cause::Code);
        if !stays(self.kind, self.attribute) {
            let gone = self.there.is_none_or(Value::is_none);
            return (!gone).then_some(none);
        }
        Some(Difference { after: None, replaces: false, ..none })
    }

    fn against_record(&self, want: &Value, recorded: Option<&Value>) -> Option<Difference> {
        let changed = !same(want, recorded, self.sense());
        changed.then(|| self.make(want, recorded.cloned(), Cause::Code))
    }

    fn against_there(&self, want: &Value, recorded: Option<&Value>) -> Option<Difference> {
        let sense = self.sense();
        if !same(want, self.there, sense) {
            let cause = who(recorded, want, self.there, sense);
            let there = self.there.filter(|t| !t.is_none());
            let after = there.map_or_else(|| want.clone(), |there| left(want, recorded, there));
            return Some(self.make(&after, there.cloned(), cause));
        }
        let dropped = lets_go(want, recorded, self.there);
        dropped.then(|| self.make(want, self.there.cloned(), Cause::Code))
    }

    fn make(&self, after: &Value, before: Option<Value>, cause: Cause) -> Difference {
        Difference {
            attribute: self.attribute.name,
            before,
            after: Some(after.clone()),
            cause,
            replaces: self.attribute.immutable,
            secret: self.attribute.secret || holds_secret(after),
            span: self.declared.map_or(topo_model::Span::NONE, |d| d.span),
        }
    }
}

/// What is wanted, with what is there in the fields that are left to the cloud.
fn left(want: &Value, recorded: Option<&Value>, there: &Value) -> Value {
    let (Value::Record(want), Value::Record(there)) = (want, there) else { return want.clone() };
    let recorded = recorded.and_then(|r| if let Value::Record(r) = r { Some(r) } else { None });
    let field = |(name, value): (Symbol, &Value)| {
        let was = recorded.and_then(|r| r.get(name)).filter(|v| !v.is_none());
        let value = match there.get(name) {
            Some(there) if value.is_none() && was.is_none() => there.clone(),
            Some(there) => left(value, was, there),
            None => value.clone(),
        };
        (name, value)
    };
    Value::record(want.iter().map(field))
}

/// Who moved, where what is there is not what is wanted.
pub(crate) fn who(recorded: Option<&Value>, want: &Value, there: Option<&Value>, sense: Sense) -> Cause {
    match recorded {
        None => Cause::Code,
        Some(recorded) if same(recorded, there, sense) => Cause::Code,
        Some(recorded) if same(want, Some(recorded), sense) => Cause::Outside,
        Some(_) => Cause::Both,
    }
}

/// Whether a secret is part of the value.
pub(crate) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::List(items) | Value::Tuple(items) => items.iter().any(holds_secret),
        Value::Map(map) => map.values().any(holds_secret),
        Value::Record(record) => record.iter().any(|(_, v)| holds_secret(v)),
        _ => false,
    }
}

/// Whether an attribute takes a resource.
pub(crate) fn refers(attribute: &KindAttribute) -> bool {
    let mut refers = false;
    attribute.ty.for_each_reference(&mut |_, _, _| refers = true);
    refers
}

/// Whether what is there stays when a program sets an attribute no longer.
pub(crate) fn stays(kind: &Kind, attribute: &KindAttribute) -> bool {
    let key = match &kind.creation {
        Creation::Name(key) | Creation::Key(key) => key.as_slice(),
        _ => &[],
    };
    let mut key = key.iter().chain(&kind.identity);
    !refers(attribute) && key.all(|id| kind.attr(*id).name != attribute.name)
}
