//! Terms: how a value that only a cloud can decide comes to be.
//!
//! `lang` builds them, `plan` evaluates what observation knows, `exec` finishes them when
//! the ids exist, the sandbox runs kinds' checks with them, a saved plan carries them.
//! There is one definition, one evaluator ([`evaluate`]) and one format.

use std::sync::Arc;

use crate::func::Asks;
use crate::{Func, FuncError, Map, Record, ResId, Symbol, Value};

/// What an unknown value is waiting for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// An output of a resource of this program, or an attribute it sets.
    Output {
        /// The resource.
        resource: ResId,
        /// The output's or attribute's name.
        name: Symbol,
    },
    /// In a kind's `check`: an attribute or output of the object itself (`[cidr_block]`),
    /// or of an object that it refers to (`[vpc, cidr_block]`).
    Own(Vec<Symbol>),
    /// In a kind's `check`: what is made of each item of a list.
    Each(Each),
    /// A built-in function or operator over values of which one at least is unknown.
    Call {
        /// The function.
        func: Func,
        /// Its arguments.
        args: Vec<Value>,
    },
}

/// `[for item in of if cond: value]` over a list that an object holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Each {
    /// Where the list is, as in [`Term::Own`].
    pub of: Vec<Symbol>,
    /// What stands for an item's position in the paths of `cond` and `value`.
    pub item: Symbol,
    /// Whether an item counts.
    pub cond: Value,
    /// What is made of one.
    pub value: Value,
}

impl Term {
    /// Calls `visit` for this term and every one inside.
    pub fn for_each(&self, visit: &mut dyn FnMut(&Term)) {
        visit(self);
        match self {
            Term::Output { .. } | Term::Own(_) => {}
            Term::Each(each) => [&each.cond, &each.value].into_iter().for_each(|a| a.for_each_term(visit)),
            Term::Call { args, .. } => args.iter().for_each(|a| a.for_each_term(visit)),
        }
    }

    /// Calls `visit` for every resource it refers to.
    pub fn for_each_resource(&self, visit: &mut dyn FnMut(ResId)) {
        match self {
            Term::Output { resource, .. } => visit(*resource),
            Term::Own(_) => {}
            Term::Each(each) => [&each.cond, &each.value].into_iter().for_each(|a| a.for_each_resource(visit)),
            Term::Call { args, .. } => args.iter().for_each(|a| a.for_each_resource(visit)),
        }
    }
}

/// What a term's leaves are known to be, at one moment.
pub trait Resolve {
    /// The output, or the attribute, of a resource; `None` while it is not known.
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value>;

    /// For kinds' checks: an attribute or output along a path of references, fields and, in lists,
    /// positions.
    fn own(&self, path: &[Symbol]) -> Option<Value> {
        let _ = path;
        None
    }
}

/// Knows nothing: evaluates what is ground already.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Resolve for Nothing {
    fn output(&self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }
}

/// How deep a value may be nested to be evaluated: the stack of a thread has an end.
const MAX_DEPTH: usize = 256;

/// Puts in what `known` can tell and evaluates as far as that goes; what stays unknown
/// stays a term.
///
/// `and`, `or`, `??` and `if` ask only for what they need: an error in an operand counts
/// once it is the one that decides, so `len(list) > 0 and list[0] == "a"` has none.
///
/// # Errors
///
/// A function that refuses its arguments: overflow, a missing key, an address out of range.
pub fn evaluate(value: &Value, known: &dyn Resolve) -> Result<Value, FuncError> {
    Evaluation { known, depth: 0 }.value(value)
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    known: &'a dyn Resolve,
    depth: usize,
}

impl Evaluation<'_> {
    fn value(self, value: &Value) -> Result<Value, FuncError> {
        let inner = self.deeper()?;
        Ok(match value {
            Value::Unknown(term) => match &**term {
                Term::Output { resource, name } => self.output(*resource, *name, value),
                Term::Own(path) => self.known.own(path).unwrap_or_else(|| value.clone()),
                Term::Each(each) => inner.each(each, value)?,
                Term::Call { func, args } => inner.call(*func, args)?,
            },
            Value::List(items) if !value.is_ground() => Value::List(Arc::new(inner.all(items)?)),
            Value::Tuple(items) if !value.is_ground() => Value::Tuple(Arc::new(inner.all(items)?)),
            Value::Map(map) if !value.is_ground() => {
                let entries = map.iter().map(|(k, v)| Ok((inner.value(k)?, inner.value(v)?)));
                Value::Map(Arc::new(entries.collect::<Result<Map, FuncError>>()?))
            }
            Value::Record(record) if !value.is_ground() => {
                let fields = record.iter().map(|(n, v)| Ok((n, inner.value(v)?)));
                Value::Record(Arc::new(fields.collect::<Result<Record, FuncError>>()?))
            }
            ground => ground.clone(),
        })
    }

    fn deeper(self) -> Result<Self, FuncError> {
        if self.depth == MAX_DEPTH {
            let message = format!("the value is made in more than {MAX_DEPTH} steps, each over the one before");
            return Err(FuncError { code: 205, message, help: None });
        }
        Ok(Evaluation { depth: self.depth + 1, ..self })
    }

    fn all(self, items: &[Value]) -> Result<Vec<Value>, FuncError> {
        items.iter().map(|item| self.value(item)).collect()
    }

    /// An output where it is known, else `unknown`.
    fn output(self, resource: ResId, name: Symbol, unknown: &Value) -> Value {
        self.known.output(resource, name).unwrap_or_else(|| unknown.clone())
    }

    /// What is made of each item, once all of it is known; else `unknown`.
    fn each(self, each: &Each, unknown: &Value) -> Result<Value, FuncError> {
        let count = match self.known.own(&each.of) {
            Some(Value::List(items)) => items.len(),
            Some(Value::None) => {
                return Err(FuncError { code: 204, message: "there is no list".to_owned(), help: None });
            }
            _ => return Ok(unknown.clone()),
        };
        let mut made = Vec::with_capacity(count);
        for at in 0..count {
            let known = Item { known: self.known, of: &each.of, item: each.item, at: Symbol::new(&at.to_string()) };
            let one = Evaluation { known: &known, depth: self.depth };
            match one.value(&each.cond)? {
                Value::Bool(false) => {}
                Value::Bool(true) => made.push(one.value(&each.value)?),
                _ => return Ok(unknown.clone()),
            }
        }
        // A part that waits would name an item outside of its list.
        let done = made.iter().all(Value::is_ground);
        Ok(if done { Value::list(made) } else { unknown.clone() })
    }

    fn call(self, func: Func, args: &[Value]) -> Result<Value, FuncError> {
        let mut done: Vec<Value> = Vec::with_capacity(args.len());
        for (i, arg) in args.iter().enumerate() {
            let asks = done.first().map_or(Asks::Yes, |first| func.asks(first, i));
            done.push(match asks {
                Asks::Yes => self.value(arg)?,
                Asks::No => arg.clone(),
                // What is wrong with it counts only once it turns out to be the one chosen.
                Asks::Perhaps => self.value(arg).unwrap_or_else(|_| arg.clone()),
            });
        }
        let result = func.call(done)?;
        // A field of a resource that was chosen only now is an output to ask for.
        if let Value::Unknown(term) = &result
            && let Term::Output { resource, name } = **term
            && matches!(func, Func::Field | Func::OptionalField)
        {
            return Ok(self.output(resource, name, &result));
        }
        Ok(result)
    }
}

/// What is known within one turn of an [`Each`]: its item stands at a position.
struct Item<'a> {
    known: &'a dyn Resolve,
    of: &'a [Symbol],
    item: Symbol,
    at: Symbol,
}

impl Resolve for Item<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        self.known.output(resource, name)
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        let mut path = path.to_vec();
        if let Some(place) = path.get_mut(self.of.len()).filter(|name| **name == self.item) {
            *place = self.at;
        }
        self.known.own(&path)
    }
}
