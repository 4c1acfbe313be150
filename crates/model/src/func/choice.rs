//! What looks at as little as it can: boolean operators, `if`, `??`, fields and elements.

use super::args::Args;
use super::{Func, FuncError, Outcome, Stop};
use crate::value::quoted;
use crate::{Map, Record, Symbol, Term, Value};

pub(super) fn apply(args: Args<'_>) -> Outcome {
    match args.func {
        Func::And => connective(args, false),
        Func::Or => connective(args, true),
        Func::Not => Ok(Value::Bool(!args.bool(0)?)),
        Func::Coalesce => Ok(args.raw(if args.known(0)?.is_none() { 1 } else { 0 }).clone()),
        Func::If => Ok(args.raw(if args.bool(0)? { 1 } else { 2 }).clone()),
        Func::OptionalField if args.known(0)?.is_none() => Ok(Value::None),
        Func::Field | Func::OptionalField => field(args),
        _ => index(args),
    }
}

/// `and`, which one `false` decides, and `or`, which one `true` decides; the other side
/// may be unknown.
fn connective(args: Args<'_>, decides: bool) -> Outcome {
    match (args.bool(0), args.bool(1)) {
        (Err(Stop::Refuses(error)), _) => Err(Stop::Refuses(error)),
        (Ok(left), _) if left == decides => Ok(Value::Bool(decides)),
        (_, Ok(right)) if right == decides => Ok(Value::Bool(decides)),
        // Whether the right side is asked for at all hangs on the left one.
        (Err(Stop::Waits), _) => Err(Stop::Waits),
        (Ok(_), Ok(_)) => Ok(Value::Bool(!decides)),
        (Ok(_), Err(stop)) => Err(stop),
    }
}

fn field(args: Args<'_>) -> Outcome {
    let name = args.text(1)?;
    match args.known(0)? {
        Value::Record(record) => match record.get(Symbol::new(name)) {
            Some(value) => Ok(value.clone()),
            None => Err(no_such_field(name, record).into()),
        },
        // Of a resource that only now is seen to be the one meant.
        Value::Resource(id) => Ok(Value::unknown(Term::Output { resource: *id, name: Symbol::new(name) })),
        Value::None => Err(FuncError::new(204, format!("`none` has no field `{name}`"))
            .help(format!("write `?.{name}` where the value may be `none`"))
            .into()),
        _ => Err(args.mismatch(0, "a record")),
    }
}

fn no_such_field(name: &str, record: &Record) -> FuncError {
    let fields: Vec<String> = record.iter().map(|(field, _)| format!("`{field}`")).collect();
    let has = if fields.is_empty() { "no fields".to_owned() } else { some_of(&fields) };
    FuncError::new(102, format!("there is no field `{name}`: the record has {has}"))
}

fn index(args: Args<'_>) -> Outcome {
    match args.known(0)? {
        Value::Map(_) => {
            let (map, key) = (args.map(0)?, args.ground(1)?);
            map.get(key).cloned().ok_or_else(|| no_such_key(key, map).into())
        }
        Value::List(items) | Value::Tuple(items) => {
            let at = args.int(1)?;
            let found = usize::try_from(at).ok().and_then(|at| items.get(at));
            found.cloned().ok_or_else(|| out_of_range(at, args.raw(0).type_name(), items.len()).into())
        }
        Value::None => Err(FuncError::new(204, "`none` has no elements").into()),
        _ => Err(args.mismatch(0, "a Map or a List")),
    }
}

fn no_such_key(key: &Value, map: &Map) -> FuncError {
    let keys: Vec<String> = map.keys().map(Value::to_string).collect();
    let has = if keys.is_empty() { "the map is empty".to_owned() } else { format!("the map has {}", some_of(&keys)) };
    FuncError::new(202, format!("there is no key {key}: {has}")).help(format!("`{key} in …` tells whether it is there"))
}

fn out_of_range(at: i64, container: &str, length: usize) -> FuncError {
    let container = container.to_lowercase();
    let has = match length {
        0 => format!("the {container} is empty"),
        1 => format!("the {container} has 1 element, at 0"),
        _ => format!("the {container} has {length} elements, at 0 to {}", length - 1),
    };
    let found = FuncError::new(202, format!("there is no element {at}: {has}"));
    match length {
        0 => found.help("`first(…)` gives the first one or `none`"),
        _ => found.help(format!("count from 0: the last element is {}", length - 1)),
    }
}

/// The first eight, and how many more there are.
pub(super) fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// A text as a literal, cut where it is long.
pub(super) fn excerpt(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", quoted(&text[..end])),
        None => quoted(text),
    }
}
