//! Types.

use std::sync::Arc;

use crate::{Symbol, Value};

/// A type of the language. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// What follows from an error that is reported already: fits everything, silently.
    Unknown,
    /// The type of `none` alone.
    None,
    /// `Bool`.
    Bool,
    /// `Int`, perhaps `in a..b` (both included).
    Int(Option<(i64, i64)>),
    /// `String`.
    String,
    /// `Percent`.
    Percent,
    /// An exact fraction, the product of Int and Percent.
    Fraction,
    /// `Duration`, perhaps between two lengths in milliseconds (both included).
    Duration(Option<(i64, i64)>),
    /// `Size`, perhaps between two amounts in bytes (both included).
    Size(Option<(i64, i64)>),
    /// `Cidr`.
    Cidr,
    /// `Ip`.
    Ip,
    /// `Region`.
    Region,
    /// `Zone`.
    Zone,
    /// `"a" | "b"`.
    Union(Arc<[Symbol]>),
    /// `List<T>`.
    List(Arc<Type>),
    /// `Map<K, V>`.
    Map(Arc<(Type, Type)>),
    /// `(A, B)`.
    Tuple(Arc<[Type]>),
    /// `{ a: A, b: B = 1 }`.
    Record(Arc<RecordType>),
    /// `T?`.
    Optional(Arc<Type>),
    /// `Secret<T>`.
    Secret(Arc<Type>),
    /// A resource of the kind with this full name, `aws.ec2.Vpc`.
    Kind(Symbol),
    /// An instance of the component with this full name, `std.net.Network`.
    Component(Symbol),
    /// In a kind's schema: takes a resource of the kind, sends one of its outputs.
    Reference {
        /// The kind's full name.
        kind: Symbol,
        /// The output that is sent.
        output: Symbol,
        /// Whether the resource may be in another region.
        any_region: bool,
    },
}

/// The fields of a record type, in the order written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RecordType {
    /// The fields.
    pub fields: Vec<FieldType>,
}

/// A field of a record type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldType {
    /// The name.
    pub name: Symbol,
    /// The type.
    pub ty: Type,
    /// What it is when it is left out; an optional field's is `none`.
    pub default: Option<Value>,
    /// In a kind's schema: a change of this field replaces the object
    /// (`health_check_config.type`). Written as in attributes: `type: String immutable`.
    pub immutable: bool,
}

impl RecordType {
    /// A field.
    pub fn field(&self, name: Symbol) -> Option<&FieldType> {
        self.fields.iter().find(|f| f.name == name)
    }
}

impl Type {
    /// `List<T>`.
    pub fn list(of: Type) -> Type {
        Type::List(Arc::new(of))
    }

    /// `Map<K, V>`.
    pub fn map(key: Type, value: Type) -> Type {
        Type::Map(Arc::new((key, value)))
    }

    /// `T?`; optional once, however often it is asked.
    pub fn optional(of: Type) -> Type {
        match of {
            Type::Optional(_) | Type::None | Type::Unknown => of,
            of => Type::Optional(Arc::new(of)),
        }
    }

    /// The type under `?`.
    pub fn narrowed(&self) -> &Type {
        if let Type::Optional(of) = self { of } else { self }
    }

    /// Whether values of the type can be keys of a map.
    pub fn is_key(&self) -> bool {
        match self {
            Type::Unknown | Type::String | Type::Region | Type::Zone | Type::Int(_) | Type::Cidr | Type::Ip => true,
            Type::Union(_) => true,
            Type::Tuple(parts) => parts.iter().all(Type::is_key),
            _ => false,
        }
    }

    /// Whether it takes brackets before a `?`.
    fn is_compound(&self) -> bool {
        match self {
            Type::Union(_) | Type::Int(Some(_)) | Type::Duration(Some(_)) | Type::Size(Some(_)) => true,
            Type::Reference { any_region, .. } => *any_region,
            _ => false,
        }
    }

    /// Calls `visit` for every [`Type::Reference`] inside.
    pub fn for_each_reference(&self, visit: &mut dyn FnMut(Symbol, Symbol, bool)) {
        match self {
            Type::Reference { kind, output, any_region } => visit(*kind, *output, *any_region),
            Type::List(of) | Type::Optional(of) | Type::Secret(of) => of.for_each_reference(visit),
            Type::Map(of) => of.1.for_each_reference(visit),
            Type::Tuple(parts) => parts.iter().for_each(|p| p.for_each_reference(visit)),
            Type::Record(record) => record.fields.iter().for_each(|f| f.ty.for_each_reference(visit)),
            _ => {}
        }
    }
}

/// As a program would write it.
impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Unknown => f.write_str("an unknown type"),
            Type::None => f.write_str("none"),
            Type::Bool => f.write_str("Bool"),
            Type::Int(None) => f.write_str("Int"),
            Type::Int(Some((low, high))) => write!(f, "Int in {low}..{high}"),
            Type::String => f.write_str("String"),
            Type::Percent => f.write_str("Percent"),
            Type::Fraction => f.write_str("a fraction"),
            Type::Duration(None) => f.write_str("Duration"),
            Type::Duration(Some((low, high))) => {
                write!(f, "Duration in {}..{}", Value::Duration(*low), Value::Duration(*high))
            }
            Type::Size(None) => f.write_str("Size"),
            Type::Size(Some((low, high))) => write!(f, "Size in {}..{}", Value::Size(*low), Value::Size(*high)),
            Type::Cidr => f.write_str("Cidr"),
            Type::Ip => f.write_str("Ip"),
            Type::Region => f.write_str("Region"),
            Type::Zone => f.write_str("Zone"),
            Type::Union(names) => {
                for (i, name) in names.iter().enumerate() {
                    write!(f, "{}\"{name}\"", if i == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            Type::List(of) => write!(f, "List<{of}>"),
            Type::Map(of) => write!(f, "Map<{}, {}>", of.0, of.1),
            Type::Tuple(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i == 0 { "(" } else { ", " })?;
                }
                f.write_str(")")
            }
            Type::Record(record) if record.fields.is_empty() => f.write_str("{}"),
            Type::Record(record) => {
                for (i, field) in record.fields.iter().enumerate() {
                    write!(f, "{}{}: {}", if i == 0 { "{ " } else { ", " }, field.name, field.ty)?;
                }
                f.write_str(" }")
            }
            Type::Optional(of) if of.is_compound() => write!(f, "({of})?"),
            Type::Optional(of) => write!(f, "{of}?"),
            Type::Secret(of) => write!(f, "Secret<{of}>"),
            Type::Kind(name) | Type::Component(name) => write!(f, "{name}"),
            Type::Reference { kind, output, any_region } => {
                write!(f, "{kind}.{output}{}", if *any_region { " in any region" } else { "" })
            }
        }
    }
}
