//! Arithmetic: checked, exact, never between units that do not go together.

use std::sync::Arc;

use super::args::Args;
use super::{Func, FuncError, Outcome, Stop};
use crate::{Fraction, Value};

/// A percentage is in millionths of a percent: so many make one whole.
const WHOLE: i128 = 100_000_000;

pub(super) fn apply(args: Args<'_>) -> Outcome {
    match args.func {
        Func::Sum => sum(args),
        Func::Ceil => nearest(args, Fraction::ceil),
        Func::Floor => nearest(args, Fraction::floor),
        Func::Round => nearest(args, Fraction::round),
        Func::Abs if negative(args.known(0)?) => negate(args),
        Func::Abs => match args.known(0)? {
            Value::Int(_) | Value::Fraction(_) | Value::Percent(_) | Value::Duration(_) | Value::Size(_) => {
                Ok(args.raw(0).clone())
            }
            _ => Err(args.mismatch(0, "a number")),
        },
        Func::Neg => negate(args),
        _ => binary(args, args.func, args.known(0)?, args.known(1)?),
    }
}

fn binary(args: Args<'_>, func: Func, left: &Value, right: &Value) -> Outcome {
    let result = match func {
        Func::Add | Func::Sub => additive(func, left, right),
        Func::Mul => multiply(left, right),
        _ => divide(left, right),
    };
    result.unwrap_or_else(|| {
        let (left, right) = (left.type_name(), right.type_name());
        Err(FuncError::new(201, format!("`{}` does not take {left} and {right}", args.func.name())).into())
    })
}

/// Sum and difference, within one unit. `None` where the types do not go together.
fn additive(func: Func, left: &Value, right: &Value) -> Option<Outcome> {
    let checked = |a: &i64, b: &i64| if func == Func::Add { a.checked_add(*b) } else { a.checked_sub(*b) };
    let (unit, result): (fn(i64) -> Value, _) = match (left, right) {
        (Value::Int(a), Value::Int(b)) => (Value::Int, checked(a, b)),
        (Value::Percent(a), Value::Percent(b)) => (Value::Percent, checked(a, b)),
        (Value::Duration(a), Value::Duration(b)) => (Value::Duration, checked(a, b)),
        (Value::Size(a), Value::Size(b)) => (Value::Size, checked(a, b)),
        _ => {
            let (a, b) = (fraction(left)?, fraction(right)?);
            let result = if func == Func::Add { a.checked_add(b) } else { a.checked_sub(b) };
            return Some(exact(func, left, right, result));
        }
    };
    Some(result.map(unit).ok_or_else(|| out_of_range(func, &[left, right])))
}

fn multiply(left: &Value, right: &Value) -> Option<Outcome> {
    let (unit, result): (fn(i64) -> Value, _) = match (left, right) {
        (Value::Int(a), Value::Int(b)) => (Value::Int, a.checked_mul(*b)),
        (Value::Duration(a), Value::Int(b)) | (Value::Int(a), Value::Duration(b)) => {
            (Value::Duration, a.checked_mul(*b))
        }
        (Value::Size(a), Value::Int(b)) | (Value::Int(a), Value::Size(b)) => (Value::Size, a.checked_mul(*b)),
        (Value::Duration(amount), Value::Percent(part)) | (Value::Percent(part), Value::Duration(amount)) => {
            return Some(part_of(*amount, *part, Value::Duration, left, right));
        }
        (Value::Size(amount), Value::Percent(part)) | (Value::Percent(part), Value::Size(amount)) => {
            return Some(part_of(*amount, *part, Value::Size, left, right));
        }
        (number, Value::Percent(part)) | (Value::Percent(part), number) => {
            let product = fraction(number)?.checked_mul(Fraction::new(i128::from(*part), WHOLE)?);
            return Some(exact(Func::Mul, left, right, product));
        }
        _ => return Some(exact(Func::Mul, left, right, fraction(left)?.checked_mul(fraction(right)?))),
    };
    Some(result.map(unit).ok_or_else(|| out_of_range(Func::Mul, &[left, right])))
}

fn divide(left: &Value, right: &Value) -> Option<Outcome> {
    match (left, right) {
        (Value::Int(a), Value::Int(b))
        | (Value::Duration(a), Value::Duration(b))
        | (Value::Size(a), Value::Size(b)) => Some(ratio(*a, *b, left, right)),
        (Value::Duration(a), Value::Int(b)) => Some(share(*a, *b, Value::Duration, left, right)),
        (Value::Size(a), Value::Int(b)) => Some(share(*a, *b, Value::Size, left, right)),
        _ => {
            let (a, b) = (fraction(left)?, fraction(right)?);
            if b.num == 0 {
                return Some(Err(division_by_zero(left, right)));
            }
            Some(exact(Func::Div, left, right, a.checked_div(b)))
        }
    }
}

/// The quotient of two amounts of one unit: an Int where it is one, else a fraction.
fn ratio(a: i64, b: i64, left: &Value, right: &Value) -> Outcome {
    let Some(quotient) = Fraction::new(i128::from(a), i128::from(b)) else {
        return Err(division_by_zero(left, right));
    };
    match quotient.exact() {
        Some(int) => int_or(int, || out_of_range(Func::Div, &[left, right])),
        None => Ok(Value::Fraction(Arc::new(quotient))),
    }
}

/// A percentage of an amount, which must be a whole number of its smallest unit.
fn part_of(amount: i64, part: i64, unit: fn(i64) -> Value, left: &Value, right: &Value) -> Outcome {
    // Two 64-bit numbers: their product fits.
    let product = i128::from(amount) * i128::from(part);
    if product % WHOLE != 0 {
        return Err(not_whole(Func::Mul, [left, right], product, WHOLE, unit));
    }
    let whole = i64::try_from(product / WHOLE);
    whole.map(unit).map_err(|_| out_of_range_of(Func::Mul, &[left, right], &unit(0)))
}

/// A result that lies between two whole numbers of a unit's smallest part.
fn not_whole(func: Func, operands: [&Value; 2], of: i128, by: i128, unit: fn(i64) -> Value) -> Stop {
    let below = Fraction::new(of, by).map(|x| x.floor());
    let found = FuncError::new(205, format!("{} is not a whole number of {}", shown(func, &operands), unit(1)));
    match below.and_then(|below| Some((i64::try_from(below).ok()?, i64::try_from(below.checked_add(1)?).ok()?))) {
        Some((below, above)) => {
            found.help(format!("it lies between {} and {}: write the one that is meant", unit(below), unit(above)))
        }
        None => found,
    }
    .into()
}

/// An amount in equal parts, each a whole number of its smallest unit.
fn share(amount: i64, parts: i64, unit: fn(i64) -> Value, left: &Value, right: &Value) -> Outcome {
    if parts == 0 {
        return Err(division_by_zero(left, right));
    }
    if amount.checked_rem(parts).is_some_and(|rest| rest != 0) {
        return Err(not_whole(Func::Div, [left, right], i128::from(amount), i128::from(parts), unit));
    }
    amount.checked_div(parts).map(unit).ok_or_else(|| out_of_range(Func::Div, &[left, right]))
}

/// The elements' sum; of none the second argument, or `0`.
fn sum(args: Args<'_>) -> Outcome {
    let items = args.ground_list(0)?;
    let Some((first, rest)) = items.split_first() else {
        return Ok(if args.values.len() == 2 { args.known(1)?.clone() } else { Value::Int(0) });
    };
    // One element alone must be a number too.
    let mut total = match first {
        Value::Int(_) | Value::Percent(_) | Value::Fraction(_) | Value::Duration(_) | Value::Size(_) => first.clone(),
        _ => return Err(args.mismatch(0, "a List of numbers")),
    };
    for item in rest {
        total = binary(args, Func::Add, &total, item)?;
    }
    Ok(total)
}

fn nearest(args: Args<'_>, round: fn(Fraction) -> i128) -> Outcome {
    let number = args.known(0)?;
    let exact = fraction(number).ok_or_else(|| args.mismatch(0, "a number"))?;
    int_or(round(exact), || out_of_range(args.func, &[number]))
}

fn negative(value: &Value) -> bool {
    match value {
        Value::Int(i) | Value::Percent(i) | Value::Duration(i) | Value::Size(i) => *i < 0,
        Value::Fraction(x) => x.num < 0,
        _ => false,
    }
}

fn negate(args: Args<'_>) -> Outcome {
    let value = args.known(0)?;
    let negated = match value {
        Value::Int(i) => i.checked_neg().map(Value::Int),
        Value::Percent(p) => p.checked_neg().map(Value::Percent),
        Value::Duration(ms) => ms.checked_neg().map(Value::Duration),
        Value::Size(bytes) => bytes.checked_neg().map(Value::Size),
        Value::Fraction(x) => x.checked_neg().map(|x| Value::Fraction(Arc::new(x))),
        _ => return Err(args.mismatch(0, "a number")),
    };
    negated.ok_or_else(|| out_of_range(args.func, &[value]))
}

/// An Int or a fraction as a fraction.
fn fraction(value: &Value) -> Option<Fraction> {
    match value {
        Value::Int(i) => Some(Fraction::from(*i)),
        Value::Fraction(x) => Some(**x),
        _ => None,
    }
}

fn int_or(int: i128, error: impl FnOnce() -> Stop) -> Outcome {
    i64::try_from(int).map(Value::Int).map_err(|_| error())
}

fn exact(func: Func, left: &Value, right: &Value, result: Option<Fraction>) -> Outcome {
    result.map(|x| Value::Fraction(Arc::new(x))).ok_or_else(|| {
        let shown = shown(func, &[left, right]);
        let message = format!("{shown} is out of range: its terms pass the 127 bits that a fraction is computed with");
        FuncError::new(205, message).into()
    })
}

fn shown(func: Func, operands: &[&Value]) -> String {
    let args = operands.iter().map(|operand| (*operand).clone()).collect();
    crate::Term::Call { func, args }.to_string()
}

/// Where the result is of the operands' unit, if they have one.
fn out_of_range(func: Func, operands: &[&Value]) -> Stop {
    let unit = operands.iter().find(|v| matches!(v, Value::Duration(_) | Value::Size(_) | Value::Percent(_)));
    let ratio = func == Func::Div && operands.iter().all(|operand| operand.type_name() == operands[0].type_name());
    out_of_range_of(func, operands, unit.filter(|_| !ratio).unwrap_or(&&Value::Int(0)))
}

/// A result of the unit of `like` that does not fit into 64 bits.
fn out_of_range_of(func: Func, operands: &[&Value], like: &Value) -> Stop {
    let (least, most, unit) = match like {
        Value::Duration(_) => (Value::Duration(i64::MIN), Value::Duration(i64::MAX), "a Duration"),
        Value::Size(_) => (Value::Size(i64::MIN), Value::Size(i64::MAX), "a Size"),
        Value::Percent(_) => (Value::Percent(i64::MIN), Value::Percent(i64::MAX), "a Percent"),
        _ => (Value::Int(i64::MIN), Value::Int(i64::MAX), "an Int"),
    };
    let shown = shown(func, operands);
    let found = FuncError::new(205, format!("{shown} is out of range: {unit} lies between {least} and {most}"));
    match room(func, operands) {
        Some(room) => found.help(room),
        None => found,
    }
    .into()
}

/// How far the left operand may go beside the right one, of amounts of one unit or a number of them.
fn room(func: Func, operands: &[&Value]) -> Option<String> {
    let [left, right] = operands else { return None };
    let (unit, a): (fn(i64) -> Value, i64) = match left {
        Value::Int(i) => (Value::Int, *i),
        Value::Duration(ms) => (Value::Duration, *ms),
        Value::Size(bytes) => (Value::Size, *bytes),
        Value::Percent(part) => (Value::Percent, *part),
        _ => return None,
    };
    let b = match (func, left, right) {
        (_, Value::Int(_), Value::Int(b)) | (Func::Mul, _, Value::Int(b)) => *b,
        (Func::Add | Func::Sub, Value::Duration(_), Value::Duration(b))
        | (Func::Add | Func::Sub, Value::Size(_), Value::Size(b))
        | (Func::Add | Func::Sub, Value::Percent(_), Value::Percent(b)) => *b,
        _ => return None,
    };
    let (grows, limit) = match func {
        Func::Add if b > 0 => (true, i64::MAX.checked_sub(b)?),
        Func::Add => (false, i64::MIN.checked_sub(b)?),
        Func::Sub if b > 0 => (false, i64::MIN.checked_add(b)?),
        Func::Sub => (true, i64::MAX.checked_add(b)?),
        Func::Mul if (a > 0) == (b > 0) => (a > 0, i64::MAX.checked_div(b)?),
        Func::Mul => (a > 0, i64::MIN.checked_div(b)?),
        _ => return None,
    };
    let bound = if grows { "at most" } else { "at least" };
    Some(format!("beside {right}, the left side may be {bound} {}", unit(limit)))
}

fn division_by_zero(left: &Value, right: &Value) -> Stop {
    FuncError::new(205, format!("{} divides by zero", shown(Func::Div, &[left, right])))
        .help("choose what holds without it: `if x == 0 then … else …`, or a range for it that begins above 0")
        .into()
}
