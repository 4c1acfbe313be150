//! Whether a request has the shape that the schema asks for: names, types, what is required.

use topo_model::{Attributes, Kind, KindAttribute, Map, Need, RecordType, Type, Value};
use topo_provider::Error;

use crate::refusal::{invalid, wrong};

/// The attributes of a request, each of its type; those that are `none` are left out.
///
/// # Errors
///
/// An attribute that the kind does not have, or a value of another type.
pub(crate) fn typed(kind: &Kind, asked: &Attributes) -> Result<Attributes, Error> {
    let mut out = Attributes::new();
    for (name, value) in asked.iter() {
        let Some((_, attribute)) = kind.attribute(name) else {
            return Err(invalid("UnknownParameter", format!("{} has no attribute '{name}'", kind.name)));
        };
        let value = if name == "tags" { &set_keys(value) } else { value };
        if !value.is_none() {
            fits_attribute(attribute, value).map_err(|why| wrong(format!("{}.{name}: {why}", kind.name)))?;
            out.set(name, value.clone());
        }
    }
    Ok(out)
}

/// Tags without those whose value is `none`, which are to go.
fn set_keys(tags: &Value) -> Value {
    match tags {
        Value::Map(map) => {
            let set = map.iter().filter(|(_, value)| !value.is_none());
            Value::map(set.map(|(k, v)| (k.clone(), v.clone())))
        }
        other => other.clone(),
    }
}

/// The tags that are there once some are set, and others, given as `none`, removed.
pub(crate) fn merged(there: Option<&Value>, asked: &Value) -> Value {
    let (Some(Value::Map(there)), Value::Map(asked)) = (there, asked) else { return set_keys(asked) };
    let kept = there.iter().filter(|(key, _)| asked.get(key).is_none());
    let all: Map = kept.chain(asked.iter()).map(|(k, v)| (k.clone(), v.clone())).collect();
    set_keys(&Value::Map(all.into()))
}

/// Puts in the defaults of what was left out.
pub(crate) fn fill(kind: &Kind, attributes: &mut Attributes) {
    for attribute in &kind.attributes {
        if let (Need::Default(value), None) = (&attribute.need, attributes.get(attribute.name))
            && !value.is_none()
        {
            attributes.set(attribute.name, value.clone());
        }
    }
}

/// Whether everything required is there, and exactly one of each alternative.
///
/// # Errors
///
/// The first attribute that is missing, or the alternatives that are not one.
pub(crate) fn complete(kind: &Kind, attributes: &Attributes) -> Result<(), Error> {
    for attribute in &kind.attributes {
        let absent = attributes.get(attribute.name).is_none();
        if absent && attribute.need == Need::Required && attribute.alternative.is_none() {
            return Err(invalid("MissingParameter", format!("{} needs '{}'", kind.name, attribute.name)));
        }
    }
    let mut groups: Vec<u16> = kind.attributes.iter().filter_map(|a| a.alternative).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        let members = || kind.attributes.iter().filter(move |a| a.alternative == Some(group)).map(|a| a.name);
        let set = members().filter(|name| attributes.get(*name).is_some()).count();
        if set != 1 {
            let names: Vec<String> = members().map(|n| format!("'{n}'")).collect();
            let text = format!("{} takes exactly one of {}; {set} are set", kind.name, names.join(", "));
            return Err(invalid("InvalidParameterCombination", text));
        }
    }
    Ok(())
}

fn fits_attribute(attribute: &KindAttribute, value: &Value) -> Result<(), String> {
    if attribute.secret && matches!(value, Value::Secret(_)) {
        return Ok(());
    }
    fits(value, &attribute.ty)
}

/// Whether a value is of a type; why not, otherwise.
pub(crate) fn fits(value: &Value, ty: &Type) -> Result<(), String> {
    let right = match (ty, value) {
        (_, Value::Unknown(_)) => return Err(format!("the value of {value} is not known yet")),
        (Type::Unknown, _) | (Type::None, Value::None) => true,
        (Type::Optional(_), Value::None) => true,
        (Type::Optional(of), _) => return fits(value, of),
        (Type::Secret(_), Value::Secret(_)) => true,
        (Type::Secret(of), _) => return fits(value, of),
        (Type::Int(range), Value::Int(i)) => return within(*range, *i, value),
        (Type::Duration(range), Value::Duration(ms)) => return within(*range, *ms, value),
        (Type::Size(range), Value::Size(bytes)) => return within(*range, *bytes, value),
        (Type::Union(names), Value::Str(text)) => names.iter().any(|n| *n == **text),
        (Type::List(of), Value::List(items)) => return items.iter().try_for_each(|v| fits(v, of)),
        (Type::Map(of), Value::Map(map)) => {
            return map.iter().try_for_each(|(k, v)| fits(k, &of.0).and_then(|()| fits(v, &of.1)));
        }
        (Type::Tuple(parts), Value::Tuple(items)) if parts.len() == items.len() => {
            return parts.iter().zip(items.iter()).try_for_each(|(ty, v)| fits(v, ty));
        }
        (Type::Record(record), Value::Record(fields)) => return fits_record(record, fields),
        (Type::Reference { .. }, Value::Str(_)) => true,
        (Type::Bool, Value::Bool(_))
        | (Type::String, Value::Str(_))
        | (Type::Percent, Value::Percent(_))
        | (Type::Fraction, Value::Fraction(_))
        | (Type::Cidr, Value::Cidr(_))
        | (Type::Ip, Value::Ip(_))
        | (Type::Region, Value::Region(_))
        | (Type::Zone, Value::Zone(_)) => true,
        _ => false,
    };
    if right { Ok(()) } else { Err(format!("{value} ({}) is not {ty}", value.type_name())) }
}

fn within(range: Option<(i64, i64)>, number: i64, value: &Value) -> Result<(), String> {
    match range {
        Some((low, high)) if !(low..=high).contains(&number) => Err(format!("{value} is outside {low}..{high}")),
        _ => Ok(()),
    }
}

fn fits_record(record: &RecordType, fields: &Attributes) -> Result<(), String> {
    if let Some((name, _)) = fields.iter().find(|(name, _)| record.field(*name).is_none()) {
        return Err(format!("there is no field '{name}'"));
    }
    for field in &record.fields {
        match fields.get(field.name) {
            Some(value) => fits(value, &field.ty).map_err(|why| format!("{}: {why}", field.name))?,
            None if field.default.is_some() || matches!(field.ty, Type::Optional(_)) => {}
            None => return Err(format!("the field '{}' is missing", field.name)),
        }
    }
    Ok(())
}

/// A value with every field that was left out filled in: what the service goes by.
pub(crate) fn filled(value: &Value, ty: &Type) -> Value {
    match (ty.narrowed(), value) {
        (Type::Record(record), Value::Record(fields)) => Value::record(record.fields.iter().map(|field| {
            let value = fields.get(field.name).or(field.default.as_ref()).cloned().unwrap_or_default();
            (field.name, filled(&value, &field.ty))
        })),
        (Type::List(of), Value::List(items)) => Value::list(items.iter().map(|v| filled(v, of)).collect()),
        _ => value.clone(),
    }
}

/// A text in the type that an attribute has, where it can be read as one.
pub(crate) fn coerced(value: Value, ty: &Type) -> Value {
    let Value::Str(text) = &value else { return value };
    let read = match ty.narrowed() {
        Type::Cidr => text.parse().ok().map(Value::Cidr),
        Type::Ip => text.parse().ok().map(Value::Ip),
        Type::Region => Some(Value::Region(text.as_str().into())),
        Type::Zone => Some(Value::Zone(text.as_str().into())),
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int(_) => text.parse().ok().map(Value::Int),
        _ => None,
    };
    read.unwrap_or(value)
}
