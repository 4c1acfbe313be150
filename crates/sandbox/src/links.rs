//! The references inside attributes: which objects an object needs.

use topo_model::{Attributes, Kind, Symbol, Type, Value};

/// A reference, as an attribute holds it: the output that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Link {
    /// The attribute that holds it.
    pub(crate) attribute: Symbol,
    /// The kind of object that it refers to.
    pub(crate) kind: Symbol,
    /// The output that was sent.
    pub(crate) output: Symbol,
    /// The output's value.
    pub(crate) value: String,
    /// Whether the object may be in another region.
    pub(crate) any_region: bool,
}

/// Every reference in an object's attributes, in the schema's order.
pub(crate) fn links(kind: &Kind, attributes: &Attributes) -> Vec<Link> {
    let mut found = Vec::new();
    for attribute in &kind.attributes {
        if let Some(value) = attributes.get(attribute.name) {
            collect(attribute.name, &attribute.ty, value, &mut found);
        }
    }
    found
}

fn collect(attribute: Symbol, ty: &Type, value: &Value, found: &mut Vec<Link>) {
    match (ty, value) {
        (Type::Optional(of) | Type::Secret(of), value) => collect(attribute, of, value, found),
        (Type::Reference { .. }, value) => found.extend(link(attribute, ty, value)),
        (Type::List(of), Value::List(items)) => items.iter().for_each(|v| collect(attribute, of, v, found)),
        (Type::Map(of), Value::Map(map)) => map.values().for_each(|v| collect(attribute, &of.1, v, found)),
        (Type::Tuple(parts), Value::Tuple(items)) => {
            parts.iter().zip(items.iter()).for_each(|(ty, v)| collect(attribute, ty, v, found));
        }
        (Type::Record(record), Value::Record(fields)) => {
            for field in &record.fields {
                if let Some(v) = fields.get(field.name) {
                    collect(attribute, &field.ty, v, found);
                }
            }
        }
        _ => {}
    }
}

/// The reference that a value is, where its type says that it is one.
pub(crate) fn link(attribute: Symbol, ty: &Type, value: &Value) -> Option<Link> {
    let Type::Reference { kind, output, any_region } = ty else { return None };
    let value = value.as_str()?.to_owned();
    Some(Link { attribute, kind: *kind, output: *output, value, any_region: *any_region })
}
