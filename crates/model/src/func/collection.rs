//! Lists and maps. Where only their shape counts, their elements may be unknown.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::args::{Args, all_ground};
use super::choice::some_of;
use super::compare::{equal, sorted};
use super::network;
use super::{Func, FuncError, Outcome, Stop};
use crate::{Map, Record, Value};

pub(super) fn apply(args: Args<'_>) -> Outcome {
    match args.func {
        Func::Len => len(args),
        Func::Keys => Ok(Value::list(args.map(0)?.keys().cloned().collect())),
        Func::Values => Ok(Value::list(args.map(0)?.values().cloned().collect())),
        Func::First => Ok(args.list(0)?.first().cloned().unwrap_or_default()),
        Func::Only => only(args.list(0)?),
        Func::Reverse => Ok(Value::list(args.list(0)?.iter().rev().cloned().collect())),
        Func::Distinct => {
            let mut seen = FxHashSet::default();
            Ok(Value::list(args.ground_list(0)?.iter().filter(|item| seen.insert(*item)).cloned().collect()))
        }
        Func::Flatten => flatten(args),
        Func::Merge => merge(args),
        Func::Numbers => {
            let (from, to) = if args.values.len() == 1 { (0, args.int(0)?) } else { (args.int(0)?, args.int(1)?) };
            numbers(args, from, i128::from(to))
        }
        Func::Through => numbers(args, args.int(0)?, i128::from(args.int(1)?) + 1),
        Func::Pairs => pairs(args),
        Func::Zip => {
            let pairs = args.list(0)?.iter().zip(args.list(1)?);
            Ok(Value::list(pairs.map(|(a, b)| Value::tuple(vec![a.clone(), b.clone()])).collect()))
        }
        Func::Contains => contains(args, 0, 1),
        _ => contains(args, 1, 0),
    }
}

fn len(args: Args<'_>) -> Outcome {
    let length = match args.known(0)? {
        Value::Str(text) => text.chars().count(),
        Value::List(items) | Value::Tuple(items) => items.len(),
        Value::Map(_) => args.map(0)?.len(),
        _ => return Err(args.mismatch(0, "a String, a List or a Map")),
    };
    Ok(Value::Int(length as i64))
}

/// What to write where one element is not certain.
const ONE: &str = "`first(…)` gives the first one or `none`; `[for x in xs if …: x]` leaves those that are meant";

fn only(items: &[Value]) -> Outcome {
    match items {
        [item] => Ok(item.clone()),
        [] => Err(FuncError::new(202, "`only` expects one element, and the list is empty").help(ONE).into()),
        _ => {
            // A resource has no name here: only the caller knows addresses.
            let mut named = true;
            items.iter().for_each(|item| item.for_each_resource(&mut |_| named = false));
            let shown: Vec<String> = items.iter().map(Value::to_string).collect();
            let found = match named {
                true => format!("found {}: {}", items.len(), some_of(&shown)),
                false => format!("found {}", items.len()),
            };
            Err(FuncError::new(202, format!("`only` expects one element, {found}")).help(ONE).into())
        }
    }
}

fn flatten(args: Args<'_>) -> Outcome {
    let mut parts = Vec::new();
    for item in args.list(0)? {
        match item {
            Value::Unknown(_) => return Err(Stop::Waits),
            item => parts.push(item.items().ok_or_else(|| args.mismatch(0, "a List of lists"))?),
        }
    }
    args.check_length(parts.iter().map(|part| part.len() as i128).sum())?;
    Ok(Value::list(parts.concat()))
}

/// Maps or records: several arguments, or one list of them.
fn merge(args: Args<'_>) -> Outcome {
    let parts = match args.values {
        [one] => one.items().unwrap_or(args.values),
        several => several,
    };
    if parts.iter().any(|part| matches!(part, Value::Unknown(_))) {
        return Err(Stop::Waits);
    }
    if let Some(Value::Record(_)) = parts.first() {
        let mut all = Record::new();
        for part in parts {
            let Value::Record(record) = part else { return Err(not_alike(args, part)) };
            record.iter().for_each(|(name, value)| all.set(name, value.clone()));
        }
        return Ok(Value::Record(Arc::new(all)));
    }
    let mut all = Map::new();
    for part in parts {
        let Value::Map(map) = part else { return Err(not_alike(args, part)) };
        for (key, value) in map.iter() {
            all_ground(std::slice::from_ref(key))?;
            all.insert(key.clone(), value.clone());
        }
    }
    Ok(Value::Map(Arc::new(all)))
}

fn not_alike(args: Args<'_>, found: &Value) -> Stop {
    let message = format!("`{}` takes Maps or records, all of one sort, found {}", args.func.name(), found.type_name());
    FuncError::new(201, message).into()
}

/// The integers from `from` up to, not including, `end`.
fn numbers(args: Args<'_>, from: i64, end: i128) -> Outcome {
    args.check_length(end - i128::from(from))?;
    // Every number is below an i64 or equal to one: `end` is at most one more.
    Ok(Value::list((i128::from(from)..end).map(|i| Value::Int(i as i64)).collect()))
}

fn pairs(args: Args<'_>) -> Outcome {
    let items = args.list(0)?;
    let count = items.len() as i128;
    args.check_length(count * (count - 1) / 2)?;
    if count > 1 {
        all_ground(items)?;
    }
    let mut pairs = Vec::new();
    for (i, a) in items.iter().enumerate() {
        for b in &items[i + 1..] {
            pairs.push(Value::tuple(sorted(args, &[a.clone(), b.clone()])?));
        }
    }
    Ok(Value::list(pairs))
}

/// Whether the argument at `container` has the one at `part`.
fn contains(args: Args<'_>, container: usize, part: usize) -> Outcome {
    let found = match args.known(container)? {
        Value::List(items) => member(items, args.raw(part))?,
        Value::Map(_) => args.map(container)?.get(args.ground(part)?).is_some(),
        Value::Str(text) => text.contains(args.text(part)?),
        Value::Cidr(block) => network::holds(args, *block, part)?,
        _ => return Err(args.mismatch(container, "a List, a Map, a String or a Cidr")),
    };
    Ok(Value::Bool(found))
}

fn member(items: &[Value], wanted: &Value) -> Result<bool, Stop> {
    let mut undecided = false;
    for item in items {
        match equal(item, wanted) {
            Some(true) => return Ok(true),
            Some(false) => {}
            None => undecided = true,
        }
    }
    if undecided { Err(Stop::Waits) } else { Ok(false) }
}
