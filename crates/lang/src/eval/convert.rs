//! Fitting a value to a type: refinements are looked at, a record's fields picked.
//!
//! What only a cloud will tell is fitted as far as its shape shows: into the branches of an
//! `if`, field by field into a record. Its refinements are demanded for when it is known.

use std::sync::Arc;

use topo_model::{Diagnostic, Func, Map, RecordType, Span, Symbol, Term, Type, Value};

use super::{Eval, Host};

impl<H: Host> Eval<'_, H> {
    /// Fits a value of type `from` to a type that `from` fits.
    pub(crate) fn convert(&mut self, value: Value, from: &Type, want: &Type, span: Span) -> Option<Value> {
        match (&value, want) {
            (Value::None, _) => Some(value),
            (Value::Unknown(term), _) => self.convert_later(&value, term, from, want, span),
            (_, Type::Optional(of) | Type::Secret(of)) => self.convert(value, inside(from), of, span),
            (Value::Fraction(fraction), Type::Int(_)) => {
                let Some(whole) = fraction.exact().and_then(|whole| i64::try_from(whole).ok()) else {
                    self.host.report(not_whole(&value, fraction.floor(), fraction.ceil(), span));
                    return None;
                };
                self.convert(Value::Int(whole), &Type::Int(None), want, span)
            }
            (_, Type::Int(Some(_)) | Type::Duration(Some(_)) | Type::Size(Some(_))) => {
                match in_range(&value, want, span) {
                    Ok(()) => Some(value),
                    Err(found) => {
                        self.host.report(*found);
                        None
                    }
                }
            }
            (Value::List(items), Type::List(of)) => {
                let from = element(from);
                let items =
                    items.iter().map(|v| self.convert(v.clone(), from, of, span)).collect::<Option<Vec<_>>>()?;
                Some(Value::list(items))
            }
            (Value::Tuple(parts), Type::Tuple(types)) => {
                let from = if let Type::Tuple(from) = from { from.as_ref() } else { &[] };
                let parts = parts
                    .iter()
                    .zip(types.iter())
                    .enumerate()
                    .map(|(at, (v, ty))| self.convert(v.clone(), from.get(at).unwrap_or(&Type::Unknown), ty, span));
                Some(Value::tuple(parts.collect::<Option<Vec<_>>>()?))
            }
            (Value::Map(map), Type::Map(of)) => {
                let (key, element) =
                    if let Type::Map(from) = from { (&from.0, &from.1) } else { (&Type::Unknown, &Type::Unknown) };
                let entries = map.iter().map(|(k, v)| {
                    let key = self.convert(k.clone(), key, &of.0, span)?;
                    Some((key, self.convert(v.clone(), element, &of.1, span)?))
                });
                Some(Value::Map(Arc::new(entries.collect::<Option<Map>>()?)))
            }
            (Value::Record(_) | Value::Resource(_), Type::Record(record)) => self.pick(&value, from, record, span),
            _ => Some(value),
        }
    }

    /// The fields of a record type, of what has them.
    fn pick(&mut self, value: &Value, from: &Type, record: &RecordType, span: Span) -> Option<Value> {
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let given = match value {
                Value::Resource(id) => self.host.member(*id, field.name),
                Value::Record(of) => {
                    self.host.read_field(of, field.name);
                    of.get(field.name).cloned()
                }
                _ => None,
            };
            let given = given.or_else(|| field.default.clone())?;
            fields.push((field.name, self.convert(given, member(from, field.name), &field.ty, span)?));
        }
        Some(Value::record(fields))
    }

    /// Fits what is known only after apply.
    fn convert_later(&mut self, value: &Value, term: &Term, from: &Type, want: &Type, span: Span) -> Option<Value> {
        // What chooses among values that are known is fitted in each of them.
        if let Term::Call { func, args } = term {
            match (func, args.as_slice()) {
                (Func::If, [cond, then, otherwise]) if !is_scalar(want) => {
                    let then = self.convert(then.clone(), from, want, span)?;
                    let otherwise = self.convert(otherwise.clone(), from, want, span)?;
                    return Some(call(Func::If, vec![cond.clone(), then, otherwise]));
                }
                (Func::Coalesce, [left, right]) if !is_scalar(want) => {
                    let left = self.convert(left.clone(), from, want, span)?;
                    let right = self.convert(right.clone(), from, want, span)?;
                    return Some(call(Func::Coalesce, vec![left, right]));
                }
                (Func::Index, [of @ (Value::Map(_) | Value::List(_)), key]) if !is_scalar(want) => {
                    let of = match of {
                        Value::Map(map) => {
                            let each =
                                map.iter().map(|(k, v)| Some((k.clone(), self.convert(v.clone(), from, want, span)?)));
                            Value::Map(Arc::new(each.collect::<Option<Map>>()?))
                        }
                        other => {
                            let items = other.items().unwrap_or_default().iter();
                            Value::list(
                                items.map(|v| self.convert(v.clone(), from, want, span)).collect::<Option<_>>()?,
                            )
                        }
                    };
                    return Some(call(Func::Index, vec![of, key.clone()]));
                }
                _ => {}
            }
        }
        match (from, want) {
            (Type::Optional(from), Type::Optional(of)) if needs_fitting(of) => {
                let absent = call(Func::Eq, vec![value.clone(), Value::None]);
                let there = self.convert_present(value, from, of, Some(&absent), span)?;
                Some(if there == *value { there } else { call(Func::If, vec![absent, Value::None, there]) })
            }
            (_, Type::Optional(of) | Type::Secret(of)) => self.convert_later(value, term, inside(from), of, span),
            _ => self.convert_present(value, from, want, None, span),
        }
    }

    /// The same for what is not `none`, or where `absent` does not hold.
    fn convert_present(
        &mut self,
        value: &Value,
        from: &Type,
        want: &Type,
        absent: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        let unless = |cond: Value| match absent {
            Some(absent) => call(Func::Or, vec![absent.clone(), cond]),
            None => cond,
        };
        match (from, want) {
            (Type::Fraction, Type::Int(_)) => {
                let whole = call(Func::Floor, vec![value.clone()]);
                let exact = call(Func::Eq, vec![whole.clone(), value.clone()]);
                let message = vec![value.clone(), Value::str(" is not a whole number, and an Int is needed")];
                self.host.demand_later(unless(exact), call(Func::Interpolate, message), span);
                self.convert_present(&whole, &Type::Int(None), want, absent, span)
            }
            (_, Type::Int(Some(_)) | Type::Duration(Some(_)) | Type::Size(Some(_))) => {
                let (low, high) = ends(want);
                let within = call(
                    Func::And,
                    vec![call(Func::Ge, vec![value.clone(), low]), call(Func::Le, vec![value.clone(), high])],
                );
                let message = vec![value.clone(), Value::str(format!(" is outside `{want}`"))];
                self.host.demand_later(unless(within), call(Func::Interpolate, message), span);
                Some(value.clone())
            }
            (Type::Record(of), Type::Record(record)) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for field in &record.fields {
                    let given = match of.field(field.name) {
                        Some(_) => call(Func::Field, vec![value.clone(), Value::str(field.name.as_str())]),
                        None => field.default.clone()?,
                    };
                    fields.push((field.name, self.convert(given, member(from, field.name), &field.ty, span)?));
                }
                Some(Value::record(fields))
            }
            (_, want) if !needs_fitting(want) => Some(value.clone()),
            _ => {
                self.host.needs_now(value, span, &format!("fitting a value to `{want}`"));
                None
            }
        }
    }
}

/// Whether values of another type that fits may have to be changed, or looked at.
fn needs_fitting(want: &Type) -> bool {
    match want {
        Type::Int(range) | Type::Duration(range) | Type::Size(range) => range.is_some(),
        Type::Record(_) => true,
        Type::List(of) | Type::Optional(of) | Type::Secret(of) => needs_fitting(of),
        Type::Map(of) => needs_fitting(&of.0) || needs_fitting(&of.1),
        Type::Tuple(parts) => parts.iter().any(needs_fitting),
        _ => false,
    }
}

fn is_scalar(want: &Type) -> bool {
    matches!(want.narrowed(), Type::Int(_) | Type::Duration(_) | Type::Size(_))
}

/// A call over what is not known yet.
fn call(func: Func, args: Vec<Value>) -> Value {
    Value::unknown(Term::Call { func, args })
}

/// The type under `?` or `Secret`.
fn inside(ty: &Type) -> &Type {
    match ty {
        Type::Optional(of) | Type::Secret(of) => of,
        other => other,
    }
}

fn element(ty: &Type) -> &Type {
    if let Type::List(of) = ty { of } else { &Type::Unknown }
}

fn member(ty: &Type, name: Symbol) -> &Type {
    match ty {
        Type::Record(record) => record.field(name).map_or(&Type::Unknown, |f| &f.ty),
        _ => &Type::Unknown,
    }
}

/// The ends of a refinement, as values.
fn ends(ty: &Type) -> (Value, Value) {
    let (unit, (low, high)): (fn(i64) -> Value, _) = match ty {
        Type::Int(Some(range)) => (Value::Int, *range),
        Type::Duration(Some(range)) => (Value::Duration, *range),
        Type::Size(Some(range)) => (Value::Size, *range),
        _ => return (Value::None, Value::None),
    };
    (unit(low), unit(high))
}

/// T0202 for a value outside its refinement.
pub(crate) fn in_range(value: &Value, ty: &Type, span: Span) -> Result<(), Box<Diagnostic>> {
    let (number, range) = match (value, ty) {
        (Value::Int(i), Type::Int(Some(range))) => (*i, *range),
        (Value::Duration(ms), Type::Duration(Some(range))) => (*ms, *range),
        (Value::Size(bytes), Type::Size(Some(range))) => (*bytes, *range),
        _ => return Ok(()),
    };
    if range.0 <= number && number <= range.1 {
        return Ok(());
    }
    let message = format!("{value} is outside `{ty}`");
    let side = if number < range.0 { "below the least" } else { "above the greatest" };
    let found = Diagnostic::error(202, span, message, format!("this is {value}, {side}"));
    Err(Box::new(found.help(format!("allowed is what lies in `{}`", range_of(ty)))))
}

/// The value of a refined type that is nearest to one outside it.
pub(crate) fn nearest(value: &Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Int(i), Type::Int(Some((low, high)))) => Value::Int(*i.clamp(low, high)),
        (Value::Duration(ms), Type::Duration(Some((low, high)))) => Value::Duration(*ms.clamp(low, high)),
        (Value::Size(bytes), Type::Size(Some((low, high)))) => Value::Size(*bytes.clamp(low, high)),
        _ => value.clone(),
    }
}

/// The range of a refined type: `1..10`.
pub(crate) fn range_of(ty: &Type) -> String {
    let text = ty.to_string();
    text.split_once(" in ").map_or(text.clone(), |(_, range)| range.to_owned())
}

fn not_whole(value: &Value, floor: i128, ceil: i128, span: Span) -> Diagnostic {
    let message = format!("an Int is needed here, and this is {value}");
    Diagnostic::error(205, span, message, format!("this is {value}"))
        .help(format!("`floor(…)` gives {floor}, `ceil(…)` gives {ceil}"))
}
