//! Whether a value of one type may stand where another is expected.

use std::sync::Arc;

use topo_model::{RecordType, Symbol, Type};

use crate::checker::Checker;

/// How a type fits another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// As it is.
    Same,
    /// After a look at the value: a refinement, or picking a record's fields.
    Convert,
    /// Not at all.
    No,
}

/// An integer range within another.
fn within(from: Option<(i64, i64)>, want: Option<(i64, i64)>) -> Fit {
    match (from, want) {
        (_, None) => Fit::Same,
        (Some((a, b)), Some((low, high))) if low <= a && b <= high => Fit::Same,
        (Some((a, b)), Some((low, high))) if b < low || high < a => Fit::No,
        _ => Fit::Convert,
    }
}

impl Checker<'_> {
    /// How `from` fits `want`.
    pub(crate) fn fits(&mut self, from: &Type, want: &Type) -> Fit {
        match (from, want) {
            (Type::Unknown, _) | (_, Type::Unknown) | (Type::None, Type::Optional(_)) => Fit::Same,
            (Type::Optional(from), Type::Optional(want)) => self.fits(from, want),
            (from, Type::Optional(want)) => self.fits(from, want),
            (Type::Int(from), Type::Int(want)) => within(*from, *want),
            (Type::Duration(from), Type::Duration(want)) => within(*from, *want),
            (Type::Size(from), Type::Size(want)) => within(*from, *want),
            (Type::Union(_), Type::String) => Fit::Same,
            (Type::Union(from), Type::Union(want)) => {
                if from.iter().all(|name| want.contains(name)) {
                    Fit::Same
                } else {
                    Fit::No
                }
            }
            (Type::List(from), Type::List(want)) => self.fits(from, want),
            (Type::Map(from), Type::Map(want)) => self.fits(&from.0, &want.0).max(self.fits(&from.1, &want.1)),
            (Type::Tuple(from), Type::Tuple(want)) if from.len() == want.len() => {
                from.iter().zip(want.iter()).map(|(f, w)| self.fits(f, w)).max().unwrap_or(Fit::Same)
            }
            (Type::Record(from), Type::Record(want)) => self.record_fits(from, want),
            (Type::Kind(_) | Type::Component(_), Type::Record(want)) => self.structure_fits(from, want),
            (Type::Secret(from), Type::Secret(want)) => self.fits(from, want),
            (Type::Optional(_), Type::Secret(_)) => Fit::No,
            (from, Type::Secret(want)) => self.fits(from, want),
            (from, want) if from == want => Fit::Same,
            _ => Fit::No,
        }
    }

    fn record_fits(&mut self, from: &Arc<RecordType>, want: &Arc<RecordType>) -> Fit {
        if Arc::ptr_eq(from, want) {
            return Fit::Same;
        }
        let mut fit = Fit::Same;
        for (at, field) in want.fields.iter().enumerate() {
            match from.field(field.name) {
                Some(given) => {
                    fit = fit.max(self.fits(&given.ty, &field.ty));
                    if from.fields.get(at).map(|f| f.name) != Some(field.name) {
                        fit = fit.max(Fit::Convert);
                    }
                }
                None if field.default.is_some() => fit = fit.max(Fit::Convert),
                None => return Fit::No,
            }
        }
        if from.fields.len() == want.fields.len() { fit } else { fit.max(Fit::Convert) }
    }

    /// A resource or a component's instance where a record is wanted.
    fn structure_fits(&mut self, from: &Type, want: &RecordType) -> Fit {
        let mut fit = Fit::Convert;
        for field in &want.fields {
            match self.member(from, field.name) {
                Some(ty) => fit = fit.max(self.fits(&ty, &field.ty)),
                None if field.default.is_some() => {}
                None => return Fit::No,
            }
        }
        fit
    }

    /// The type of what can be read of a resource, an instance or a record by name.
    pub(crate) fn member(&mut self, of: &Type, name: Symbol) -> Option<Type> {
        match of {
            Type::Kind(kind) => self.kind_by_name(*kind)?.readable(name).map(|(_, ty)| ty.clone()),
            Type::Component(component) => self.signature_by_name(*component)?.shown(name).cloned(),
            Type::Record(record) => record.field(name).map(|f| f.ty.clone()),
            _ => None,
        }
    }

    /// Whether a secret is somewhere in a type, or in what an instance shows.
    pub(crate) fn holds_secret(&mut self, ty: &Type) -> bool {
        let mut met: Vec<Symbol> = Vec::new();
        let mut left = vec![ty.clone()];
        while let Some(ty) = left.pop() {
            match ty {
                Type::Secret(_) => return true,
                Type::List(of) | Type::Optional(of) => left.push((*of).clone()),
                Type::Map(of) => left.extend([of.0.clone(), of.1.clone()]),
                Type::Tuple(parts) => left.extend(parts.iter().cloned()),
                Type::Record(record) => left.extend(record.fields.iter().map(|f| f.ty.clone())),
                Type::Component(name) if !met.contains(&name) => {
                    met.push(name);
                    if let Some(signature) = self.signature_by_name(name) {
                        left.extend(signature.names().into_iter().filter_map(|n| signature.shown(n).cloned()));
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// What can be read of a value of a type by name.
    pub(crate) fn members(&mut self, of: &Type) -> Vec<Symbol> {
        match of {
            Type::Kind(kind) => self.kind_by_name(*kind).map(|k| k.names()).unwrap_or_default(),
            Type::Component(component) => self.signature_by_name(*component).map(|s| s.names()).unwrap_or_default(),
            Type::Record(record) => record.fields.iter().map(|f| f.name).collect(),
            _ => Vec::new(),
        }
    }

    /// The type that both fit, for the elements of a list or the branches of an `if`.
    pub(crate) fn join_types(&mut self, a: &Type, b: &Type) -> Option<Type> {
        match (a, b) {
            (Type::Unknown, other) | (other, Type::Unknown) => Some(other.clone()),
            (Type::None, Type::None) => Some(Type::None),
            (Type::None, other) | (other, Type::None) => Some(Type::optional(other.clone())),
            (Type::Optional(x), Type::Optional(y)) => self.join_types(x, y).map(Type::optional),
            (Type::Optional(x), y) | (y, Type::Optional(x)) => self.join_types(x, y).map(Type::optional),
            (Type::Int(x), Type::Int(y)) => Some(Type::Int(hull(*x, *y))),
            (Type::Duration(x), Type::Duration(y)) => Some(Type::Duration(hull(*x, *y))),
            (Type::Size(x), Type::Size(y)) => Some(Type::Size(hull(*x, *y))),
            (Type::Fraction, Type::Int(_)) | (Type::Int(_), Type::Fraction) => Some(Type::Fraction),
            (Type::Union(x), Type::Union(y)) => {
                let mut names = x.to_vec();
                names.extend(y.iter().filter(|n| !x.contains(n)));
                Some(Type::Union(names.into()))
            }
            (Type::Union(_), Type::String) | (Type::String, Type::Union(_)) => Some(Type::String),
            (Type::List(x), Type::List(y)) => self.join_types(x, y).map(Type::list),
            (Type::Map(x), Type::Map(y)) => {
                let key = self.join_types(&x.0, &y.0)?;
                Some(Type::map(key, self.join_types(&x.1, &y.1)?))
            }
            (Type::Tuple(x), Type::Tuple(y)) if x.len() == y.len() => {
                let parts: Option<Vec<Type>> = x.iter().zip(y.iter()).map(|(x, y)| self.join_types(x, y)).collect();
                parts.map(|parts| Type::Tuple(parts.into()))
            }
            (a, b) if self.fits(a, b) == Fit::Same => Some(b.clone()),
            (a, b) if self.fits(b, a) == Fit::Same => Some(a.clone()),
            _ => None,
        }
    }
}

fn hull(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    let ((a, b), (c, d)) = (a?, b?);
    Some((a.min(c), b.max(d)))
}
