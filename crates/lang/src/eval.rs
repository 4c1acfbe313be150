//! Evaluation of typed expressions: to a value, or to a term where a cloud decides.
//!
//! *Refuses to know*: where names get their values. That is the [`Host`]'s business: an
//! instance's frame while a program is expanded, nothing at all for constants.

mod convert;

use std::sync::Arc;

pub(crate) use convert::{in_range, nearest, range_of};
use topo_model::{
    AttrId, Diagnostic, Each, Func, FuncError, MAX_PATTERN, Map, Record, ResId, Span, Symbol, Term, Value,
};

use crate::ir::{Bind, Builtin, Expr, ExprKind, ListFor, MapFor};
use crate::regions::Regions;
use crate::suggest;

/// Where names get their values. What gives `None` has been reported, now or before.
pub(crate) trait Host {
    fn slot(&mut self, up: u16, slot: u32) -> Option<Value>;
    fn builtin(&mut self, name: Builtin, span: Span) -> Option<Value>;
    fn input(&mut self, at: u32) -> Option<Value>;
    /// An attribute or output of a resource.
    fn read(&mut self, resource: ResId, name: Symbol, attribute: Option<AttrId>) -> Option<Value>;
    /// The same, by name alone.
    fn member(&mut self, resource: ResId, name: Symbol) -> Option<Value>;
    /// Takes note that a field of a component's instance was read.
    fn read_field(&mut self, instance: &Arc<Record>, name: Symbol);
    /// Each resource as itself, however it was come by.
    fn plain(&self, value: Value) -> Value;
    fn zones(&self, region: Symbol) -> Option<Vec<Symbol>>;
    /// Takes note of so many turns; false when there were too many, which is reported.
    fn spend(&mut self, turns: usize, span: Span) -> bool;
    /// Takes note of so many parts of a value that was made, where a text has one for every
    /// [`PART`] bytes; false when there were too many, which is reported.
    fn spend_parts(&mut self, parts: usize, span: Span) -> bool;
    /// Reports that a value is needed now that only a cloud will tell.
    fn needs_now(&mut self, value: &Value, span: Span, what: &str);
    /// Demands that a condition holds once it is known: `message` is said where it doesn't.
    fn demand_later(&mut self, cond: Value, message: Value, span: Span);
    /// A resource in a message.
    fn address(&self, resource: ResId) -> String;
    fn report(&mut self, diagnostic: Diagnostic);
}

/// One evaluation.
pub(crate) struct Eval<'h, H> {
    pub(crate) host: &'h mut H,
    /// The values of names bound inside the expression.
    pub(crate) locals: Vec<Value>,
}

impl<'h, H: Host> Eval<'h, H> {
    pub(crate) fn new(host: &'h mut H) -> Eval<'h, H> {
        Eval { host, locals: Vec::new() }
    }

    /// The value of an expression; `None` after a report.
    pub(crate) fn expr(&mut self, expr: &Expr) -> Option<Value> {
        match &expr.kind {
            ExprKind::Const(value) => Some(value.clone()),
            ExprKind::Slot { up, slot } => self.host.slot(*up, *slot),
            ExprKind::Local(at) => self.locals.get(*at as usize).cloned(),
            ExprKind::Builtin(name) => self.host.builtin(*name, expr.span),
            ExprKind::Input(at) => self.host.input(*at),
            ExprKind::Own(name) => Some(Value::unknown(Term::Own(vec![*name]))),
            ExprKind::Read { base, name, attribute, optional } => {
                let base = self.expr(base)?;
                self.read(base, *name, *attribute, *optional, expr.span)
            }
            ExprKind::Field { base, name, optional } => {
                let base = self.expr(base)?;
                self.field(base, *name, *optional, expr.span)
            }
            ExprKind::Call(func, args) => self.call(*func, args, expr.span),
            ExprKind::And(both) => self.connective(Func::And, both, expr.span),
            ExprKind::Or(both) => self.connective(Func::Or, both, expr.span),
            ExprKind::Coalesce(both) => match self.expr(&both[0])? {
                Value::None => self.expr(&both[1]),
                Value::Unknown(term) => {
                    let other = self.expr(&both[1])?;
                    self.apply(Func::Coalesce, vec![Value::Unknown(term), other], expr.span)
                }
                value => Some(value),
            },
            ExprKind::If(parts) => match self.expr(&parts[0])? {
                Value::Bool(true) => self.expr(&parts[1]),
                Value::Bool(false) => self.expr(&parts[2]),
                cond => {
                    let (then, otherwise) = (self.expr(&parts[1])?, self.expr(&parts[2])?);
                    self.apply(Func::If, vec![cond, then, otherwise], expr.span)
                }
            },
            ExprKind::List(items) => {
                let value = Value::list(self.all(items)?);
                self.counted(value, expr.span)
            }
            ExprKind::Tuple(parts) => {
                let value = Value::tuple(self.all(parts)?);
                self.counted(value, expr.span)
            }
            ExprKind::Map(entries) => {
                let value = self.map(entries)?;
                self.counted(value, expr.span)
            }
            ExprKind::Record(fields) => {
                let mut record = Vec::with_capacity(fields.len());
                let mut complete = true;
                for (name, value) in fields {
                    match self.expr(value) {
                        Some(value) => record.push((*name, value)),
                        None => complete = false,
                    }
                }
                let value = complete.then(|| Value::record(record))?;
                self.counted(value, expr.span)
            }
            ExprKind::ListFor(of) => {
                let value = self.list_for(of)?;
                self.counted(value, expr.span)
            }
            ExprKind::MapFor(of) => {
                let value = self.map_for(of)?;
                self.counted(value, expr.span)
            }
            ExprKind::Convert(of, types) => {
                let value = self.expr(of)?;
                self.convert(value, &types.0, &types.1, expr.span)
            }
            ExprKind::Zones(of) => self.zones(of, expr.span),
        }
    }

    /// All values, or `None` where one is missing; the others are evaluated all the same,
    /// for what is wrong with them.
    fn all(&mut self, items: &[Expr]) -> Option<Vec<Value>> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.extend(self.expr(item));
        }
        (values.len() == items.len()).then_some(values)
    }

    fn call(&mut self, func: Func, args: &[Expr], span: Span) -> Option<Value> {
        let mut values = self.all(args)?;
        if matches!(func, Func::Eq | Func::Ne | Func::In | Func::Contains | Func::Distinct) {
            values = values.into_iter().map(|v| self.host.plain(v)).collect();
        }
        if !self.spend_match(func, &values, span) {
            return None;
        }
        match func.call(values) {
            Ok(value) if chooses(func) => self.bounded(value, span),
            Ok(value) => {
                let value = self.bounded(value, span)?;
                self.counted(value, span)
            }
            Err(error) => {
                if let (Func::Index, [of, key]) = (func, args)
                    && let (Some(Value::Map(map)), Some(missing)) = (self.quietly(of), self.quietly(key))
                {
                    self.host.report(no_such_key(error, &map, (&missing, key), of.span));
                    return None;
                }
                let mut found = refused(error, span);
                for arg in args.iter().filter(|a| !matches!(a.kind, ExprKind::Const(_))) {
                    if let Some(value) = self.quietly(arg) {
                        let value = short(&value, &|id| self.host.address(id));
                        found = found.label(arg.span, format!("this is {value}"));
                    }
                }
                self.host.report(found);
                None
            }
        }
    }

    /// A pattern may look at every byte of a text once for each of its own.
    fn spend_match(&mut self, func: Func, values: &[Value], span: Span) -> bool {
        match (func, values) {
            (Func::Matches, [Value::Str(text), Value::Str(pattern)]) => {
                self.host.spend_parts(text.len() * pattern.len().min(MAX_PATTERN) / PART, span)
            }
            _ => true,
        }
    }

    /// A value again, for a message; it was evaluated before without a report.
    fn quietly(&mut self, expr: &Expr) -> Option<Value> {
        let value = self.expr(expr)?;
        matches!(value, Value::Resource(_)).then_some(()).map_or(Some(value), |()| None)
    }

    fn apply(&mut self, func: Func, values: Vec<Value>, span: Span) -> Option<Value> {
        match func.call(values) {
            Ok(value) => self.bounded(value, span),
            Err(error) => {
                self.host.report(refused(error, span));
                None
            }
        }
    }

    /// A term that keeps doubling would take more time to read than there is.
    fn bounded(&mut self, value: Value, span: Span) -> Option<Value> {
        if let Value::Unknown(term) = &value
            && !small(term, &mut MAX_TERM.clone(), MAX_TERM_DEPTH)
        {
            let message = format!(
                "what this waits for is too much: more than 100,000 parts, or {MAX_TERM_DEPTH} steps, each over the one before"
            );
            self.host.report(Diagnostic::error(205, span, message, "too large"));
            return None;
        }
        Some(value)
    }

    /// Values that share their parts may be written shorter than they can be read: what a
    /// program makes is counted as if it shared nothing.
    fn counted(&mut self, value: Value, span: Span) -> Option<Value> {
        let parts = match &value {
            Value::List(_) | Value::Tuple(_) | Value::Map(_) | Value::Record(_) => {
                let mut left = MAX_PARTS + 1;
                count(&value, &mut left);
                MAX_PARTS + 1 - left
            }
            Value::Str(text) => text.len() / PART,
            _ => return Some(value),
        };
        self.host.spend_parts(parts, span).then_some(value)
    }

    fn connective(&mut self, func: Func, both: &[Expr; 2], span: Span) -> Option<Value> {
        let left = self.expr(&both[0])?;
        if left == Value::Bool(func == Func::Or) {
            return Some(left);
        }
        let right = self.expr(&both[1])?;
        if let Value::Bool(_) = left {
            return Some(right);
        }
        self.apply(func, vec![left, right], span)
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> Option<Value> {
        let mut map = Map::new();
        let mut complete = true;
        for (key_expr, value) in entries {
            let (Some(key), Some(value)) = (self.expr(key_expr), self.expr(value)) else {
                complete = false;
                continue;
            };
            complete &= self.insert(&mut map, key, value, key_expr.span);
        }
        complete.then(|| Value::Map(Arc::new(map)))
    }

    /// T0203 for a key that is not known, T0104 for one that is there.
    fn insert(&mut self, map: &mut Map, key: Value, value: Value, span: Span) -> bool {
        if !key.is_ground() {
            self.host.needs_now(&key, span, "a key of a map");
            return false;
        }
        if map.get(&key).is_some() {
            let message = format!("the key {key} comes twice in this map");
            let found = Diagnostic::error(104, span, message, format!("this is {key} again"));
            self.host.report(found.help("make each key of what tells the entries apart, for example a tuple `(a, b)`"));
            return false;
        }
        map.insert(key, value);
        true
    }

    fn list_for(&mut self, of: &ListFor) -> Option<Value> {
        let source = self.expr(&of.source)?;
        if let (Value::Unknown(term), Bind::One(_)) = (&source, &of.bind)
            && let Some(path) = own_path(term)
        {
            return self.each(of, path);
        }
        let mut items = Vec::new();
        let mut complete = true;
        let done = self.turns(&of.bind, &source, of.source.span, |eval| {
            match eval.chosen(of.cond.as_ref()) {
                Some(true) => match eval.expr(&of.value) {
                    Some(value) => items.push(value),
                    None => complete = false,
                },
                Some(false) => {}
                None => complete = false,
            }
            complete
        });
        (done? && complete).then(|| Value::list(items))
    }

    /// In a kind's check: the same over a list of the object that the check is about.
    fn each(&mut self, of: &ListFor, path: Vec<Symbol>) -> Option<Value> {
        let mark = self.locals.len();
        let item = Symbol::new(&format!("*{mark}"));
        self.locals.push(Value::unknown(Term::Own(path.iter().copied().chain([item]).collect())));
        let cond = of.cond.as_ref().map_or(Some(Value::Bool(true)), |cond| self.expr(cond));
        let value = self.expr(&of.value);
        self.locals.truncate(mark);
        Some(Value::unknown(Term::Each(Each { of: path, item, cond: cond?, value: value? })))
    }

    fn map_for(&mut self, of: &MapFor) -> Option<Value> {
        let source = self.expr(&of.source)?;
        let mut map = Map::new();
        let mut complete = true;
        let done = self.turns(&of.bind, &source, of.source.span, |eval| {
            match eval.chosen(of.cond.as_ref()) {
                Some(true) => {
                    let (key, value) = (eval.expr(&of.key), eval.expr(&of.value));
                    complete &= match (key, value) {
                        (Some(key), Some(value)) => eval.insert(&mut map, key, value, of.key.span),
                        _ => false,
                    };
                }
                Some(false) => {}
                None => complete = false,
            }
            complete
        });
        (done? && complete).then(|| Value::Map(Arc::new(map)))
    }

    fn chosen(&mut self, cond: Option<&Expr>) -> Option<bool> {
        let Some(cond) = cond else { return Some(true) };
        let value = self.expr(cond)?;
        let known = value.as_bool();
        if known.is_none() {
            self.host.needs_now(&value, cond.span, "the condition of a `for`");
        }
        known
    }

    /// Runs the turns of a comprehension until one says to stop.
    fn turns(
        &mut self,
        bind: &Bind,
        source: &Value,
        span: Span,
        mut turn: impl FnMut(&mut Self) -> bool,
    ) -> Option<bool> {
        let mark = self.locals.len();
        let turns = turns_of(source);
        let Some(turns) = turns else {
            self.host.needs_now(source, span, "a `for`");
            return None;
        };
        if !self.host.spend(turns.len(), span) {
            return None;
        }
        for at in 0..turns.len() {
            let (key, value) = turns.get(at);
            if !self.bind(bind, key, value, span) {
                return None;
            }
            let go_on = turn(self);
            self.locals.truncate(mark);
            if !go_on {
                return Some(false);
            }
        }
        Some(true)
    }

    fn bind(&mut self, bind: &Bind, key: &Value, value: &Value, span: Span) -> bool {
        match bind {
            Bind::One(_) => self.locals.push(key.clone()),
            Bind::Entry(..) => self.locals.extend([key.clone(), value.clone()]),
            Bind::Parts(slots) => match key.items() {
                Some(parts) if parts.len() == slots.len() => self.locals.extend(parts.iter().cloned()),
                _ => {
                    self.host.needs_now(key, span, "the parts of a tuple in `for`");
                    return false;
                }
            },
        }
        true
    }

    fn field(&mut self, base: Value, name: Symbol, optional: bool, span: Span) -> Option<Value> {
        match &base {
            Value::Record(record) => {
                self.host.read_field(record, name);
                match record.get(name) {
                    Some(value) => Some(value.clone()),
                    None => self.apply_field(base, name, optional, span),
                }
            }
            Value::None if optional => Some(Value::None),
            _ => self.apply_field(base, name, optional, span),
        }
    }

    fn apply_field(&mut self, base: Value, name: Symbol, optional: bool, span: Span) -> Option<Value> {
        let func = if optional { Func::OptionalField } else { Func::Field };
        self.apply(func, vec![base, Value::Str(name.as_str().into())], span)
    }

    fn read(
        &mut self,
        base: Value,
        name: Symbol,
        attribute: Option<AttrId>,
        optional: bool,
        span: Span,
    ) -> Option<Value> {
        match &base {
            Value::Resource(id) => self.host.read(*id, name, attribute),
            Value::None if optional => Some(Value::None),
            Value::Unknown(term) => match own_path(term) {
                Some(mut path) => {
                    path.push(name);
                    Some(Value::unknown(Term::Own(path)))
                }
                None => self.apply_field(base, name, optional, span),
            },
            _ => self.apply_field(base, name, optional, span),
        }
    }

    fn zones(&mut self, of: &[Expr; 2], span: Span) -> Option<Value> {
        let (region, count) = (self.expr(&of[0])?, self.expr(&of[1])?);
        for (value, expr) in [(&region, &of[0]), (&count, &of[1])] {
            if !value.is_ground() {
                self.host.needs_now(value, expr.span, "`zones`");
                return None;
            }
        }
        let (Value::Region(code), Value::Int(count)) = (&region, &count) else { return None };
        // A region that there is not was reported where it is written.
        let zones = self.host.zones(*code)?;
        match usize::try_from(*count) {
            Ok(count) if count <= zones.len() => {
                Some(Value::list(zones.into_iter().take(count).map(Value::Zone).collect()))
            }
            _ => {
                let names: Vec<&str> = zones.iter().map(|z| z.as_str()).collect();
                let message =
                    format!("{count} zones of {code} are asked for, and it has {}: {}", zones.len(), names.join(", "));
                let found = Diagnostic::error(202, span, message, format!("{code} has {} zones", zones.len()));
                let found = found.label(of[1].span, format!("this is {count}"));
                self.host.report(found.help("the project's `zones` sets what there is, over the built-in table"));
                None
            }
        }
    }
}

/// Where a term is found in the object that a kind's check is about, where that is what it says.
fn own_path(term: &Term) -> Option<Vec<Symbol>> {
    match term {
        Term::Own(path) => Some(path.clone()),
        Term::Call { func: Func::Field | Func::OptionalField, args } => match args.as_slice() {
            [Value::Unknown(base), Value::Str(name)] => {
                let mut path = own_path(base)?;
                path.push(Symbol::new(name));
                Some(path)
            }
            _ => None,
        },
        Term::Each(_) | Term::Call { .. } | Term::Output { .. } => None,
    }
}

/// How many parts all values of an environment may have that its expressions make.
pub(crate) const MAX_PARTS: usize = 50_000_000;

/// So many bytes of a text count as one part.
pub(crate) const PART: usize = 8;

/// Whether a function gives one of its arguments, or a part of one, and makes nothing.
fn chooses(func: Func) -> bool {
    use Func::{Coalesce, Field, First, If, Index, Max, Min, Only, OptionalField};
    matches!(func, Coalesce | Field | First | If | Index | Max | Min | Only | OptionalField)
}

/// Takes a value's parts from those that are left; stops at none.
fn count(value: &Value, left: &mut usize) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return;
    }
    match value {
        Value::List(items) | Value::Tuple(items) => items.iter().for_each(|v| count(v, left)),
        Value::Map(map) => map.iter().for_each(|(k, v)| {
            count(k, left);
            count(v, left);
        }),
        Value::Record(record) => record.iter().for_each(|(_, v)| count(v, left)),
        Value::Str(text) => *left = left.saturating_sub(text.len() / PART),
        _ => {}
    }
}

/// T0205 for values of too many parts.
pub(crate) fn too_many_parts(span: Span) -> Diagnostic {
    let millions = MAX_PARTS / 1_000_000;
    let message = format!("the values that this program makes have more than {millions} million parts together");
    let help = format!("{PART} bytes of a text count as one part, and for `matches` once for each byte of the pattern");
    Diagnostic::error(205, span, message, "too many").help(help)
}

/// T0205 for comprehensions of too many turns.
pub(crate) fn too_many_turns(limit: usize, span: Span) -> Diagnostic {
    let message = format!("the `for` expressions of this program take more than {limit} turns");
    Diagnostic::error(205, span, message, "too many")
}

/// How many steps a term may take, each over the one before: it is evaluated in turn.
const MAX_TERM_DEPTH: usize = 200;

/// How large a term may grow.
const MAX_TERM: usize = 100_000;

fn small(term: &Term, left: &mut usize, deep: usize) -> bool {
    match term {
        Term::Output { .. } | Term::Own(_) => true,
        Term::Each(each) => {
            deep > 0 && [&each.cond, &each.value].into_iter().all(|part| small_value(part, left, deep - 1))
        }
        Term::Call { args, .. } => deep > 0 && args.iter().all(|arg| small_value(arg, left, deep - 1)),
    }
}

fn small_value(value: &Value, left: &mut usize, deep: usize) -> bool {
    if *left == 0 || deep == 0 {
        return false;
    }
    *left -= 1;
    match value {
        Value::Unknown(term) => small(term, left, deep),
        Value::List(items) | Value::Tuple(items) => items.iter().all(|v| small_value(v, left, deep - 1)),
        Value::Map(map) => map.values().all(|v| small_value(v, left, deep - 1)),
        Value::Record(record) => record.iter().all(|(_, v)| small_value(v, left, deep - 1)),
        _ => true,
    }
}

/// What a loop goes over: a key and a value for each turn.
pub(crate) enum Turns<'v> {
    /// The elements are the keys.
    List(&'v [Value]),
    Map(&'v Map),
}

/// The turns over a list or a map; `None` for what is not known yet.
pub(crate) fn turns_of(value: &Value) -> Option<Turns<'_>> {
    match value {
        Value::List(items) => Some(Turns::List(items)),
        Value::Map(map) => Some(Turns::Map(map)),
        _ => None,
    }
}

impl<'v> Turns<'v> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Turns::List(items) => items.len(),
            Turns::Map(map) => map.len(),
        }
    }

    /// The key and the value of a turn.
    pub(crate) fn get(&self, at: usize) -> (&'v Value, &'v Value) {
        match self {
            Turns::List(items) => (&items[at], &items[at]),
            Turns::Map(map) => map.get_index(at).unwrap_or((&Value::None, &Value::None)),
        }
    }
}

/// What a function refuses, as a finding.
pub(crate) fn refused(error: FuncError, span: Span) -> Diagnostic {
    let found = Diagnostic::error(error.code, span, error.message, "can't be computed");
    match error.help {
        Some(help) => found.help(help),
        None => found,
    }
}

/// What the place of a key is marked with that a map does not have.
pub(crate) const NO_SUCH_KEY: &str = "not one of its keys";

/// A key that a map does not have, with the one that was probably meant.
fn no_such_key(error: FuncError, map: &Map, (missing, key): (&Value, &Expr), of: Span) -> Diagnostic {
    let found = Diagnostic::error(error.code, key.span, error.message, NO_SUCH_KEY);
    let found = found.label(of, "a map without it");
    let name = |key: &Value| key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    // A region of another continent is no slip of the keyboard.
    let continent = |key: &Value| name(key).split('-').next().map(str::to_owned);
    let other = |key: &Value| matches!(missing, Value::Region(_)) && continent(key) != continent(missing);
    let names: Vec<(String, &Value)> = map.keys().filter(|key| !other(key)).map(|key| (name(key), key)).collect();
    let near = suggest::nearest(&name(missing), names.iter().map(|(name, _)| name.as_str()));
    match names.iter().find(|(name, _)| Some(name.as_str()) == near) {
        Some((_, near)) if matches!(key.kind, ExprKind::Const(_)) => {
            found.fix(format!("did you mean {near}?"), key.span, near.to_string())
        }
        Some((_, near)) => found.help(format!("did you mean {near}?")),
        None if map.is_empty() => found.help(format!("`{missing} in …` tells whether it is there")),
        None => found.help("write one of its keys, or ask first with `in` whether it is there"),
    }
}

/// How many characters of a value are shown in a label.
const SHORT: usize = 120;

/// A value for a label, not all of a long one.
pub(crate) fn short(value: &Value, address: &dyn Fn(ResId) -> String) -> String {
    value.excerpt(SHORT, address)
}

/// The host of expressions without names.
pub(crate) struct ConstantHost<'r> {
    pub(crate) regions: &'r Regions,
    pub(crate) diagnostics: Vec<Diagnostic>,
    turns: usize,
    parts: usize,
}

/// How many turns all `for` expressions of one constant may take.
const MAX_CONSTANT: usize = 1_000_000;

impl<'r> ConstantHost<'r> {
    pub(crate) fn new(regions: &'r Regions) -> ConstantHost<'r> {
        ConstantHost { regions, diagnostics: Vec::new(), turns: 0, parts: 0 }
    }
}

impl Host for ConstantHost<'_> {
    fn slot(&mut self, _: u16, _: u32) -> Option<Value> {
        None
    }

    fn builtin(&mut self, _: Builtin, _: Span) -> Option<Value> {
        None
    }

    fn input(&mut self, _: u32) -> Option<Value> {
        None
    }

    fn read(&mut self, _: ResId, _: Symbol, _: Option<AttrId>) -> Option<Value> {
        None
    }

    fn member(&mut self, _: ResId, _: Symbol) -> Option<Value> {
        None
    }

    fn read_field(&mut self, _: &Arc<Record>, _: Symbol) {}

    fn plain(&self, value: Value) -> Value {
        value
    }

    fn zones(&self, region: Symbol) -> Option<Vec<Symbol>> {
        self.regions.zones(region)
    }

    fn spend(&mut self, turns: usize, span: Span) -> bool {
        let before = self.turns <= MAX_CONSTANT;
        self.turns += turns;
        let enough = self.turns <= MAX_CONSTANT;
        if before && !enough {
            self.report(too_many_turns(MAX_CONSTANT, span));
        }
        enough
    }

    fn spend_parts(&mut self, parts: usize, span: Span) -> bool {
        let before = self.parts <= MAX_PARTS;
        self.parts += parts;
        let enough = self.parts <= MAX_PARTS;
        if before && !enough {
            self.report(too_many_parts(span));
        }
        enough
    }

    // Nothing without names waits for a cloud.
    fn needs_now(&mut self, _: &Value, _: Span, _: &str) {}

    fn demand_later(&mut self, _: Value, _: Value, _: Span) {}

    fn address(&self, _: ResId) -> String {
        "a resource".to_owned()
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}
