//! A function's arguments, and how it looks at each: as it is, once it is known, or as a
//! value of the type it takes.

use ipnet::IpNet;

use super::{Func, FuncError, MAX_ELEMENTS, Stop};
use crate::{Map, Value};

/// The arguments of one call.
#[derive(Clone, Copy)]
pub(super) struct Args<'a> {
    pub(super) func: Func,
    pub(super) values: &'a [Value],
}

impl<'a> Args<'a> {
    pub(super) fn new(func: Func, values: &'a [Value]) -> Args<'a> {
        Args { func, values }
    }

    pub(super) fn check_count(self) -> Result<(), FuncError> {
        let (allowed, found) = (self.func.arity(), self.values.len());
        if allowed.contains(&found) {
            return Ok(());
        }
        let wanted = match (*allowed.start(), *allowed.end()) {
            (least, usize::MAX) => format!("at least {}", arguments(least)),
            (least, most) if least == most => arguments(least),
            (least, most) => format!("{least} to {}", arguments(most)),
        };
        Err(FuncError::new(201, format!("`{}` takes {wanted}, found {found}", self.func.name())))
    }

    /// The argument as it is; the count was checked.
    pub(super) fn raw(self, index: usize) -> &'a Value {
        &self.values[index]
    }

    /// The argument, of which parts may be unknown, but not all of it.
    pub(super) fn known(self, index: usize) -> Result<&'a Value, Stop> {
        match self.raw(index) {
            Value::Unknown(_) => Err(Stop::Waits),
            value => Ok(value),
        }
    }

    /// The argument, no part of which is unknown.
    pub(super) fn ground(self, index: usize) -> Result<&'a Value, Stop> {
        all_ground(std::slice::from_ref(self.raw(index)))?;
        Ok(self.raw(index))
    }

    /// The elements of a list or tuple, which may be unknown.
    pub(super) fn list(self, index: usize) -> Result<&'a [Value], Stop> {
        self.known(index)?.items().ok_or_else(|| self.mismatch(index, "a List"))
    }

    /// The elements of a list or tuple, all known.
    pub(super) fn ground_list(self, index: usize) -> Result<&'a [Value], Stop> {
        let items = self.list(index)?;
        all_ground(items)?;
        Ok(items)
    }

    /// A map whose keys are known.
    pub(super) fn map(self, index: usize) -> Result<&'a Map, Stop> {
        match self.known(index)? {
            Value::Map(map) if map.keys().all(Value::is_ground) => Ok(map),
            Value::Map(_) => Err(Stop::Waits),
            _ => Err(self.mismatch(index, "a Map")),
        }
    }

    pub(super) fn text(self, index: usize) -> Result<&'a str, Stop> {
        match self.known(index)? {
            Value::Str(text) => Ok(text),
            _ => Err(self.mismatch(index, "a String")),
        }
    }

    pub(super) fn int(self, index: usize) -> Result<i64, Stop> {
        self.known(index)?.as_int().ok_or_else(|| self.mismatch(index, "an Int"))
    }

    pub(super) fn bool(self, index: usize) -> Result<bool, Stop> {
        self.known(index)?.as_bool().ok_or_else(|| self.mismatch(index, "a Bool"))
    }

    pub(super) fn cidr(self, index: usize) -> Result<IpNet, Stop> {
        match self.known(index)? {
            Value::Cidr(block) => Ok(*block),
            _ => Err(self.mismatch(index, "a Cidr")),
        }
    }

    /// The error of an argument that has another type than the function takes.
    pub(super) fn mismatch(self, index: usize, wanted: &str) -> Stop {
        let found = self.raw(index).type_name();
        FuncError::new(201, format!("`{}` takes {wanted} here, found {found}", self.func.name())).into()
    }

    /// Refuses to make a list of so many elements.
    pub(super) fn check_length(self, length: i128) -> Result<(), FuncError> {
        if length <= MAX_ELEMENTS as i128 {
            return Ok(());
        }
        let message = format!("{} elements: more than the {MAX_ELEMENTS} that a list may have", length);
        Err(FuncError::new(205, format!("`{}` would give {message}", self.func.name())))
    }
}

fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".to_owned() } else { format!("{count} arguments") }
}

/// Waits while a part of one of the values is unknown.
pub(super) fn all_ground(values: &[Value]) -> Result<(), Stop> {
    if values.iter().all(Value::is_ground) { Ok(()) } else { Err(Stop::Waits) }
}
