//! Equality and order.

use std::cmp::Ordering;

use super::args::{Args, all_ground};
use super::{Func, FuncError, Outcome, Stop};
use crate::{Fraction, Value};

pub(super) fn apply(args: Args<'_>) -> Outcome {
    let holds = match args.func {
        Func::Sort => return Ok(Value::list(sorted(args, args.ground_list(0)?)?)),
        Func::Min => return extreme(args, Ordering::Less),
        Func::Max => return extreme(args, Ordering::Greater),
        Func::Eq => equal(args.raw(0), args.raw(1)).ok_or(Stop::Waits)?,
        Func::Ne => !equal(args.raw(0), args.raw(1)).ok_or(Stop::Waits)?,
        Func::Lt => order(args)?.is_lt(),
        Func::Le => order(args)?.is_le(),
        Func::Gt => order(args)?.is_gt(),
        _ => order(args)?.is_ge(),
    };
    Ok(Value::Bool(holds))
}

/// Whether two values are equal; `None` while that can't be told. What differs in a part
/// that is known is different.
pub(super) fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        (Value::Int(int), Value::Fraction(fraction)) | (Value::Fraction(fraction), Value::Int(int)) => {
            Some(fraction.exact() == Some(i128::from(*int)))
        }
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().zip(b.iter()).map(|(a, b)| equal(a, b)))
        }
        (Value::Map(a), Value::Map(b)) => {
            if !a.keys().chain(b.keys()).all(Value::is_ground) {
                return None;
            }
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().map(|(key, value)| b.get(key).map_or(Some(false), |other| equal(value, other))))
        }
        (Value::Record(a), Value::Record(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().map(|(name, value)| b.get(name).map_or(Some(false), |other| equal(value, other))))
        }
        _ => Some(a == b),
    }
}

/// `and` over what may be undecided: one `false` decides.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => result = None,
        }
    }
    result
}

/// The order of two values; remembers the first two that have none.
#[derive(Default)]
struct Order {
    unordered: Option<(Value, Value)>,
}

impl Order {
    /// A total order even where values have none: a sort needs one to come to its end.
    fn compare(&mut self, a: &Value, b: &Value) -> Ordering {
        match (a, b) {
            (Value::Int(a), Value::Int(b))
            | (Value::Percent(a), Value::Percent(b))
            | (Value::Duration(a), Value::Duration(b))
            | (Value::Size(a), Value::Size(b)) => a.cmp(b),
            (Value::Int(a), Value::Fraction(b)) => Fraction::from(*a).cmp(b),
            (Value::Fraction(a), Value::Int(b)) => (**a).cmp(&Fraction::from(*b)),
            (Value::Fraction(a), Value::Fraction(b)) => a.cmp(b),
            (Value::Str(a), Value::Str(b)) => a.cmp(b),
            (Value::Region(a), Value::Region(b)) | (Value::Zone(a), Value::Zone(b)) => a.cmp(b),
            (Value::Cidr(a), Value::Cidr(b)) => a.cmp(b),
            (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
            (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
                let parts = a.iter().zip(b.iter()).map(|(a, b)| self.compare(a, b)).find(|o| o.is_ne());
                parts.unwrap_or_else(|| a.len().cmp(&b.len()))
            }
            (a, b) => {
                self.unordered.get_or_insert_with(|| (a.clone(), b.clone()));
                rank(a).cmp(&rank(b))
            }
        }
    }

    fn finish(self, args: Args<'_>) -> Result<(), FuncError> {
        let Some((a, b)) = self.unordered else { return Ok(()) };
        let (left, right) = (a.type_name(), b.type_name());
        let types = if left == right { format!("{left} values have") } else { format!("{left} and {right} have") };
        Err(FuncError::new(201, format!("`{}` can't compare {a} with {b}: {types} no order", args.func.name())))
    }
}

/// Orders values of types that have no common order, one type after the other.
fn rank(value: &Value) -> u8 {
    match value {
        Value::None => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Fraction(_) => 2,
        Value::Str(_) => 3,
        Value::Percent(_) => 4,
        Value::Duration(_) => 5,
        Value::Size(_) => 6,
        Value::Cidr(_) => 7,
        Value::Ip(_) => 8,
        Value::Region(_) => 9,
        Value::Zone(_) => 10,
        Value::List(_) => 11,
        Value::Tuple(_) => 12,
        Value::Map(_) => 13,
        Value::Record(_) => 14,
        Value::Secret(_) => 15,
        Value::Resource(_) => 16,
        Value::Unknown(_) => 17,
    }
}

fn order(args: Args<'_>) -> Result<Ordering, Stop> {
    let mut order = Order::default();
    let ordering = order.compare(args.ground(0)?, args.ground(1)?);
    order.finish(args)?;
    Ok(ordering)
}

/// The values in their order; they are ground.
pub(super) fn sorted(args: Args<'_>, items: &[Value]) -> Result<Vec<Value>, FuncError> {
    let (mut items, mut order) = (items.to_vec(), Order::default());
    items.sort_by(|a, b| order.compare(a, b));
    order.finish(args)?;
    Ok(items)
}

/// The least or the greatest of the arguments, or of the one list; of equals the first.
fn extreme(args: Args<'_>, wanted: Ordering) -> Outcome {
    let items = match args.values {
        [Value::List(items)] => items,
        several => several,
    };
    all_ground(items)?;
    let Some((mut best, rest)) = items.split_first() else {
        let message = format!("`{}` expects an element, and the list is empty", args.func.name());
        let name = args.func.name();
        return Err(FuncError::new(202, message)
            .help(format!("say what holds without any: `if len(xs) == 0 then … else {name}(xs)`"))
            .into());
    };
    let mut order = Order::default();
    for item in rest {
        if order.compare(item, best) == wanted {
            best = item;
        }
    }
    order.finish(args)?;
    Ok(best.clone())
}
