//! The stored form of terms: a list of steps, each over what earlier ones give; the last
//! is the term. Readers of JSON bound how deep it may be nested: so this is flat however
//! deep the term is. What a term uses twice is stored once.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Each, Func, ResId, Symbol, Term, Value};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Output(ResId, Symbol),
    Own(Vec<Symbol>),
    /// The list, what stands for an item, which items count, and what is made of one.
    Each(Vec<Symbol>, Symbol, [Argument; 2]),
    Call(String, Vec<Argument>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Argument {
    /// What the step at this position gives.
    Step(usize),
    Value(Value),
}

#[derive(Default)]
struct Steps {
    steps: Vec<Step>,
    /// Where the terms stand that were added already.
    places: FxHashMap<*const Term, usize>,
}

impl Steps {
    fn add(&mut self, term: &Term) -> usize {
        let identity = std::ptr::from_ref(term);
        if let Some(place) = self.places.get(&identity) {
            return *place;
        }
        let step = match term {
            Term::Output { resource, name } => Step::Output(*resource, *name),
            Term::Own(path) => Step::Own(path.clone()),
            Term::Each(each) => {
                let both = [self.argument(&each.cond), self.argument(&each.value)];
                Step::Each(each.of.clone(), each.item, both)
            }
            Term::Call { func, args } => {
                Step::Call(func.name().to_owned(), args.iter().map(|arg| self.argument(arg)).collect())
            }
        };
        self.steps.push(step);
        let place = self.steps.len() - 1;
        self.places.insert(identity, place);
        place
    }

    fn argument(&mut self, value: &Value) -> Argument {
        match value {
            Value::Unknown(term) => Argument::Step(self.add(term)),
            value => Argument::Value(value.clone()),
        }
    }
}

impl Serialize for Term {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut steps = Steps::default();
        steps.add(self);
        steps.steps.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Term, D::Error> {
        let mut terms: Vec<Arc<Term>> = Vec::new();
        for step in Vec::<Step>::deserialize(deserializer)? {
            let read = |arg: Argument| match arg {
                Argument::Value(value) => Ok(value),
                Argument::Step(place) => terms.get(place).cloned().map(Value::Unknown).ok_or(place),
            };
            let missing = |place: usize| D::Error::custom(format!("no step {place} before its use"));
            let term = Arc::new(match step {
                Step::Output(resource, name) => Term::Output { resource, name },
                Step::Own(path) => Term::Own(path),
                Step::Each(of, item, [cond, value]) => {
                    let (cond, value) = (read(cond).map_err(missing)?, read(value).map_err(missing)?);
                    Term::Each(Each { of, item, cond, value })
                }
                Step::Call(name, args) => {
                    let func = Func::ALL.iter().copied().find(|f| f.name() == name);
                    let func = func.ok_or_else(|| D::Error::custom(format!("unknown function '{name}'")))?;
                    let args: Result<Vec<Value>, usize> = args.into_iter().map(read).collect();
                    Term::Call { func, args: args.map_err(missing)? }
                }
            });
            terms.push(term);
        }
        terms.pop().map(Arc::unwrap_or_clone).ok_or_else(|| D::Error::custom("a term has a step"))
    }
}
