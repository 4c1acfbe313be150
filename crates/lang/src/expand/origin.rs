//! Where values come from: the places a user wrote that went into an expression.
//!
//! Inside a component of the library nothing can be changed by its user: what can is what the
//! component was given. So an expression there is read again, not for its value but for the
//! parameters it mentions, and each is followed to its argument; from there on along names,
//! fields and keys to the place where the value is written. This is done for findings only:
//! a program without any never gets here.
//!
//! *Refuses to know*: what is wrong. [`super::findings`] says that.

mod names;

use topo_model::{AddrId, Func, Span, Symbol, Value};

use super::Expander;
use super::frame::Reads;
use super::host::FrameHost;
use crate::eval::{Eval, turns_of};
use crate::ir::{Builtin, Expr, ExprKind};

/// How many expressions are looked at for one finding.
const MAX_STEPS: u32 = 20_000;

/// An expression that a finding is about, in the frame where it was evaluated.
#[derive(Clone)]
pub(crate) struct Read<'p> {
    pub(crate) run: u32,
    pub(crate) frame: u32,
    pub(crate) expr: &'p Expr,
    /// The names bound inside the expression around it.
    pub(crate) locals: Vec<Local<'p>>,
    /// The part of its value that the finding is about; the next step is the last one.
    pub(crate) path: Vec<Step>,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// A field of a record, an attribute of a resource, an output of an instance.
    Field(Symbol),
    /// The value at a key of a map.
    Key(Value),
    /// Its keys, all of them.
    Keys,
    /// A key of a map itself.
    KeyOf(Value),
    /// An element of a list, a part of a tuple.
    At(usize),
}

/// A name bound by a `for` inside an expression: what it goes over, and which turn it is
/// where that is known.
#[derive(Clone)]
pub(crate) struct Local<'p> {
    source: &'p Expr,
    /// How many names were bound where the source stands.
    outer: usize,
    turn: Option<(Vec<Step>, Value)>,
}

/// Something that a finding depends on and its user can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Leaf {
    /// A value that is written.
    Written(Span),
    /// A parameter that was left out: of that instance, that slot.
    Default(u32, u32),
}

/// A place that a finding is to show.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) leaf: Leaf,
    pub(crate) span: Span,
    pub(crate) text: String,
    /// Other places on the way, and what they do with it.
    pub(crate) on_the_way: Vec<(Span, String)>,
    pub(crate) rank: Rank,
    /// The parameter that it was given as.
    pub(crate) name: Option<String>,
    /// The parameter that was left out, and the statement that leaves it out.
    pub(crate) omitted: Option<(String, Span)>,
    /// Whether it is a literal, so that another can be written in its place.
    pub(crate) literal: bool,
}

/// How telling a place is, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// It stands in an argument.
    Argument,
    /// An argument led there.
    Elsewhere,
    /// The default of a parameter led there.
    ByDefault,
    /// It is where a parameter was left out.
    Default,
}

/// What came of following a finding's expressions.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    /// What to show, the most telling first.
    pub(crate) origins: Vec<Origin>,
    /// All that it depends on, in order.
    pub(crate) leaves: Vec<Leaf>,
}

impl<'p> Read<'p> {
    /// The whole value of an expression.
    pub(crate) fn whole(run: u32, frame: u32, expr: &'p Expr) -> Read<'p> {
        Read { run, frame, expr, locals: Vec::new(), path: Vec::new() }
    }

    /// A part of its value.
    pub(crate) fn part(mut self, step: Step) -> Read<'p> {
        self.path.insert(0, step);
        self
    }

    /// The expression inside this one that stands at a place.
    pub(crate) fn find(&self, span: Span) -> Option<Read<'p>> {
        self.find_by(&|expr| expr.span == span)
    }

    /// What is asked for the key at a place: its keys, and the key where that is computed.
    pub(crate) fn find_key(&self, span: Span) -> Option<Vec<Read<'p>>> {
        let asks = |expr: &Expr| matches!(&expr.kind, ExprKind::Call(Func::Index, args) if args[1].span == span);
        let found = self.find_by(&asks)?;
        let ExprKind::Call(_, args) = &found.expr.kind else { return None };
        let of = |expr: &'p Expr| Read { expr, path: Vec::new(), ..found.clone() };
        let key = (!matches!(args[1].kind, ExprKind::Const(_))).then(|| of(&args[1]));
        Some(std::iter::once(of(&args[0]).part(Step::Keys)).chain(key).collect())
    }

    fn find_by(&self, test: &dyn Fn(&Expr) -> bool) -> Option<Read<'p>> {
        if test(self.expr) {
            return Some(self.clone());
        }
        let inside =
            |expr: &'p Expr, locals: Vec<Local<'p>>| Read { expr, locals, path: Vec::new(), ..*self }.find_by(test);
        let here = || self.locals.clone();
        match &self.expr.kind {
            ExprKind::ListFor(of) => inside(&of.source, here()).or_else(|| {
                let bound = names::bound(&of.bind, &of.source, &self.locals);
                let mut parts = of.cond.iter().chain([&of.value]);
                parts.find_map(|part| inside(part, bound.clone()))
            }),
            ExprKind::MapFor(of) => inside(&of.source, here()).or_else(|| {
                let bound = names::bound(&of.bind, &of.source, &self.locals);
                let mut parts = of.cond.iter().chain([&of.key, &of.value]);
                parts.find_map(|part| inside(part, bound.clone()))
            }),
            _ => children(self.expr).into_iter().find_map(|part| inside(part, here())),
        }
    }
}

/// The parts of an expression, but for those that bind names.
fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Slot { .. }
        | ExprKind::Local(_)
        | ExprKind::Builtin(_)
        | ExprKind::Input(_)
        | ExprKind::Own(_) => Vec::new(),
        ExprKind::Read { base, .. } | ExprKind::Field { base, .. } | ExprKind::Convert(base, _) => vec![base],
        ExprKind::Call(_, parts) | ExprKind::List(parts) | ExprKind::Tuple(parts) => parts.iter().collect(),
        ExprKind::And(both) | ExprKind::Or(both) | ExprKind::Coalesce(both) | ExprKind::Zones(both) => {
            both.iter().collect()
        }
        ExprKind::If(parts) => parts.iter().collect(),
        ExprKind::Map(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
        ExprKind::Record(fields) => fields.iter().map(|(_, value)| value).collect(),
        ExprKind::ListFor(of) => vec![&of.source, &of.value],
        ExprKind::MapFor(of) => vec![&of.source, &of.value],
    }
}

impl<'p> Expander<'p> {
    /// Follows what a finding is about to what its user wrote.
    pub(crate) fn trace(&mut self, reads: &[Read<'p>]) -> Trace {
        let mut walk = Walk {
            x: self,
            trace: Trace::default(),
            given: Vec::new(),
            defaults: Vec::new(),
            hidden: 0,
            loops: 0,
            met: 0,
            left: MAX_STEPS,
        };
        for read in reads {
            let at = At { run: read.run, frame: read.frame, locals: read.locals.clone() };
            walk.expr(&at, read.expr, &mut read.path.clone());
        }
        let mut trace = walk.trace;
        trace.origins.sort_by_key(|origin| origin.rank);
        trace.leaves.sort_unstable();
        trace.leaves.dedup();
        trace
    }

    /// Whether a place is in the library, where its user can change nothing.
    pub(crate) fn in_library(&self, span: Span) -> bool {
        self.program.sources.file(span).is_some_and(|f| f.library)
    }
}

/// Where an expression stands.
#[derive(Clone)]
struct At<'p> {
    run: u32,
    frame: u32,
    locals: Vec<Local<'p>>,
}

/// An argument of a user's that was passed on the way to where its value is written.
struct Given {
    parameter: Symbol,
    /// The parameter with the part that is followed, for a message: `nodes.min`.
    name: String,
    address: Option<AddrId>,
    value: Option<Value>,
    argument: Span,
    /// The part of the argument that is followed.
    part: Span,
}

/// A parameter of a user's instance that was left out, on the way.
#[derive(Clone)]
struct Omitted {
    name: String,
    text: String,
    statement: Span,
}

struct Walk<'x, 'p> {
    x: &'x mut Expander<'p>,
    trace: Trace,
    given: Vec<Given>,
    defaults: Vec<Omitted>,
    /// Inside a computation of the user's: it is shown as a whole.
    hidden: u32,
    /// Inside what a loop goes over: a default that decides how often says nothing of each turn.
    loops: u32,
    /// How many places were met.
    met: u32,
    left: u32,
}

impl<'p> Walk<'_, 'p> {
    fn expr(&mut self, at: &At<'p>, expr: &'p Expr, path: &mut Vec<Step>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        if self.x.in_library(expr.span) {
            // A part that can't be told apart is none of the values that decide how many there are.
            let part = u32::from(!path.is_empty());
            if !self.along(at, expr, path) {
                self.loops += part;
                self.inside(at, expr);
                self.loops -= part;
            }
            return;
        }
        let before = self.met;
        let followed = self.along(at, expr, path);
        if followed && self.met > before {
            return;
        }
        self.written(at, expr, path);
        if !followed {
            self.hidden += 1;
            self.inside(at, expr);
            self.hidden -= 1;
        }
    }

    /// All parts of an expression.
    fn inside(&mut self, at: &At<'p>, expr: &'p Expr) {
        match &expr.kind {
            ExprKind::ListFor(of) => {
                self.source(at, &of.source);
                let inner = At { locals: names::bound(&of.bind, &of.source, &at.locals), ..at.clone() };
                of.cond.iter().chain([&of.value]).for_each(|part| self.expr(&inner, part, &mut Vec::new()));
            }
            ExprKind::MapFor(of) => {
                self.source(at, &of.source);
                let inner = At { locals: names::bound(&of.bind, &of.source, &at.locals), ..at.clone() };
                of.cond.iter().chain([&of.key, &of.value]).for_each(|part| self.expr(&inner, part, &mut Vec::new()));
            }
            _ => children(expr).into_iter().for_each(|part| self.expr(at, part, &mut Vec::new())),
        }
    }

    /// What a loop goes over.
    fn source(&mut self, at: &At<'p>, source: &'p Expr) {
        self.loops += 1;
        self.expr(at, source, &mut Vec::new());
        self.loops -= 1;
    }

    /// Follows an expression that only chooses among values; false for one that computes.
    fn along(&mut self, at: &At<'p>, expr: &'p Expr, path: &mut Vec<Step>) -> bool {
        match &expr.kind {
            ExprKind::Slot { up, slot } => self.slot(at, *up, *slot, path),
            ExprKind::Local(of) => self.local(at, *of as usize, path),
            ExprKind::Builtin(name) => return self.builtin(*name),
            ExprKind::Convert(of, _) => self.expr(at, of, path),
            ExprKind::Read { base, name, .. } | ExprKind::Field { base, name, .. } => {
                path.push(Step::Field(*name));
                self.base(at, base, path);
                return true;
            }
            ExprKind::If(parts) => match self.value(at, &parts[0]) {
                Some(Value::Bool(cond)) => self.expr(at, &parts[if cond { 1 } else { 2 }], path),
                _ => return false,
            },
            ExprKind::Coalesce(both) => match self.value(at, &both[0]) {
                Some(Value::None) => self.expr(at, &both[1], path),
                _ => self.expr(at, &both[0], path),
            },
            ExprKind::Call(func, args) => return self.call(at, *func, args, path),
            ExprKind::List(_) | ExprKind::Tuple(_) | ExprKind::Map(_) | ExprKind::Record(_) => {
                return self.part(at, expr, path);
            }
            ExprKind::ListFor(_) | ExprKind::MapFor(_) => return self.turn(at, expr, path),
            ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Zones(_) => return false,
            ExprKind::Const(_) | ExprKind::Input(_) | ExprKind::Own(_) => return false,
        }
        true
    }

    /// A part of what is written out.
    fn part(&mut self, at: &At<'p>, expr: &'p Expr, path: &mut Vec<Step>) -> bool {
        let part = match (&expr.kind, path.last()) {
            (ExprKind::List(items) | ExprKind::Tuple(items), Some(Step::At(which))) => items.get(*which),
            (ExprKind::Record(fields), Some(Step::Field(name))) => {
                fields.iter().find(|(n, _)| n == name).map(|(_, value)| value)
            }
            (ExprKind::Map(entries), Some(Step::Key(key) | Step::KeyOf(key))) => {
                let key = key.clone();
                let entry = entries.iter().find(|(k, _)| self.value(at, k).as_ref() == Some(&key));
                let of_key = matches!(path.last(), Some(Step::KeyOf(_)));
                entry.map(|(key, value)| if of_key { key } else { value })
            }
            _ => None,
        };
        let Some(part) = part else { return false };
        path.pop();
        let outer = self
            .given
            .last_mut()
            .filter(|given| encloses(given.part, part.span))
            .map(|given| std::mem::replace(&mut given.part, part.span));
        self.expr(at, part, path);
        if let (Some(outer), Some(given)) = (outer, self.given.last_mut()) {
            given.part = outer;
        }
        true
    }

    /// What the keys of a map are made of, where it is made of what a loop goes over.
    fn keys_of(&mut self, at: &At<'p>, source: &'p Expr) {
        let map = matches!(self.value(at, source), Some(Value::Map(_)));
        self.expr(at, source, &mut map.then_some(Step::Keys).into_iter().collect());
    }

    /// A turn of a comprehension.
    fn turn(&mut self, at: &At<'p>, expr: &'p Expr, path: &mut Vec<Step>) -> bool {
        if let (ExprKind::MapFor(of), Some(Step::Keys)) = (&expr.kind, path.last()) {
            self.keys_of(at, &of.source);
            return true;
        }
        let (bind, source, cond) = match &expr.kind {
            ExprKind::ListFor(of) => (&of.bind, &of.source, of.cond.as_ref()),
            ExprKind::MapFor(of) => (&of.bind, &of.source, of.cond.as_ref()),
            _ => return false,
        };
        let (Some(wanted), Some(over)) = (path.last().cloned(), self.value(at, source)) else { return false };
        let Some(turns) = turns_of(&over) else { return false };
        let mut chosen = 0;
        for which in 0..turns.len() {
            let inner = At { locals: names::turn(bind, source, &at.locals, &turns, which), ..at.clone() };
            if cond.is_some_and(|cond| self.value(&inner, cond) != Some(Value::Bool(true))) {
                continue;
            }
            let part = match (&expr.kind, &wanted) {
                (ExprKind::ListFor(of), Step::At(at)) if *at == chosen => Some(&of.value),
                (ExprKind::MapFor(of), Step::Key(key)) if self.value(&inner, &of.key).as_ref() == Some(key) => {
                    Some(&of.value)
                }
                (ExprKind::MapFor(of), Step::KeyOf(key)) if self.value(&inner, &of.key).as_ref() == Some(key) => {
                    Some(&of.key)
                }
                _ => None,
            };
            if let Some(part) = part {
                path.pop();
                self.expr(&inner, part, path);
                return true;
            }
            chosen += 1;
        }
        false
    }

    /// A call that gives a part of what it takes.
    fn call(&mut self, at: &At<'p>, func: Func, args: &'p [Expr], path: &mut Vec<Step>) -> bool {
        let [of, rest @ ..] = args else { return false };
        match (func, path.last().cloned()) {
            (Func::Index, _) => {
                let (base, key) = (self.value(at, of), rest.first().and_then(|key| self.value(at, key)));
                match (base, key) {
                    (Some(Value::Map(_)), Some(key)) => path.push(Step::Key(key)),
                    (Some(_), Some(Value::Int(at))) => match usize::try_from(at) {
                        Ok(at) => path.push(Step::At(at)),
                        Err(_) => return false,
                    },
                    _ => return false,
                }
            }
            (Func::First | Func::Only, _) => path.push(Step::At(0)),
            (Func::Keys | Func::Values, Some(Step::At(which))) => {
                let Some(Value::Map(map)) = self.value(at, of) else { return false };
                let Some((key, _)) = map.get_index(which) else { return false };
                path.pop();
                path.push(if func == Func::Keys { Step::KeyOf(key.clone()) } else { Step::Key(key.clone()) });
            }
            (Func::Sort | Func::Distinct | Func::Reverse, Some(Step::At(which))) => {
                let Some(before) = self.value(at, of) else { return false };
                let Ok(after) = func.call(vec![before.clone()]) else { return false };
                let element = after.items().and_then(|items| items.get(which));
                let Some(found) = before.items().and_then(|all| all.iter().position(|e| Some(e) == element)) else {
                    return false;
                };
                path.pop();
                path.push(Step::At(found));
            }
            _ => return false,
        }
        self.base(at, of, path);
        true
    }

    /// What a part is taken of: where nothing comes of that, the whole is what is written.
    fn base(&mut self, at: &At<'p>, expr: &'p Expr, path: &mut Vec<Step>) {
        if self.x.in_library(expr.span) {
            self.expr(at, expr, path);
        } else {
            self.along(at, expr, path);
        }
    }

    fn builtin(&mut self, name: Builtin) -> bool {
        let span = match name {
            Builtin::ProjectName => self.x.program.project.span,
            Builtin::EnvName => {
                let item = self.x.program.envs.iter().find(|e| Some(e.name.name) == self.x.env);
                item.map_or(Span::NONE, |item| item.name.span)
            }
            Builtin::Here | Builtin::Account => Span::NONE,
        };
        if span.is_none() {
            return false;
        }
        let what = if name == Builtin::ProjectName { "the project's name" } else { "the environment's name" };
        self.show(Leaf::Written(span), span, what.to_owned(), false);
        true
    }

    /// The value of an expression again, without a word.
    fn value(&mut self, at: &At<'p>, expr: &'p Expr) -> Option<Value> {
        let run = self.x.run_of(at.run)?;
        let locals = at.locals.iter().map(|l| l.turn.as_ref().map(|(_, value)| value.clone()));
        let locals: Vec<Option<Value>> = locals.collect();
        // A turn that is not known has no value: what looks at it has none either.
        if locals.iter().any(Option::is_none) && mentions_locals(expr) {
            return None;
        }
        let mut host = FrameHost { x: self.x, run: &run, frame: at.frame, reads: Reads::default() };
        let mut eval = Eval::new(&mut host);
        eval.locals = locals.into_iter().map(Option::unwrap_or_default).collect();
        eval.expr(expr)
    }

    /// A place where something is written.
    fn written(&mut self, at: &At<'p>, expr: &'p Expr, path: &[Step]) {
        let leaf = Leaf::Written(expr.span);
        if self.hidden > 0 {
            self.show(leaf, expr.span, String::new(), false);
            return;
        }
        let literal = matches!(expr.kind, ExprKind::Const(_));
        let known = self.given.last().and_then(|given| given.value.clone());
        let value = known.or_else(|| path.is_empty().then(|| self.value(at, expr)).flatten());
        let value = value.filter(|value| value.is_ground() && self.x.resources_in(value).is_empty());
        let text = match (self.given.last(), value) {
            (Some(given), value) => {
                let name = match given.address.filter(|_| !encloses(given.argument, expr.span)) {
                    Some(of) => format!("{} of `{}`", given.name, self.x.addresses.render(of)),
                    None => given.name.clone(),
                };
                match value {
                    Some(value) => format!("{name} is {}", self.x.short(&value)),
                    None => format!("given as {name}"),
                }
            }
            (None, Some(value)) if literal => format!("{} comes from here", self.x.short(&value)),
            (None, Some(value)) => format!("this is {}", self.x.short(&value)),
            (None, None) => "comes from here".to_owned(),
        };
        self.show(leaf, expr.span, text, literal);
    }

    /// Takes note of a place, once.
    fn show(&mut self, leaf: Leaf, span: Span, text: String, literal: bool) {
        self.met += 1;
        self.trace.leaves.push(leaf);
        if self.hidden > 0 {
            return;
        }
        let mut on_the_way = self.on_the_way(span);
        if let Some(known) = self.trace.origins.iter_mut().find(|known| known.leaf == leaf) {
            known.on_the_way.extend(on_the_way);
            return;
        }
        let rank = match (self.defaults.is_empty(), on_the_way.is_empty()) {
            (true, true) => Rank::Argument,
            (true, false) => Rank::Elsewhere,
            (false, _) => Rank::ByDefault,
        };
        on_the_way.extend(self.defaults.iter().map(|omitted| (omitted.statement, omitted.text.clone())));
        let name = self.given.last().map(|given| given.name.clone());
        let omitted = self.defaults.last().map(|omitted| (omitted.name.clone(), omitted.statement));
        self.trace.origins.push(Origin { leaf, span, text, on_the_way, rank, name, omitted, literal });
    }

    /// The arguments through which a place is reached that is in none of them.
    fn on_the_way(&self, span: Span) -> Vec<(Span, String)> {
        let text = |at: usize, given: &Given| {
            let name = if at + 1 == self.given.len() { given.name.clone() } else { format!("`{}`", given.parameter) };
            match given.address {
                Some(of) => format!("`{}` takes it as {name}", self.x.addresses.render(of)),
                None => format!("taken as {name}"),
            }
        };
        let given = self.given.iter().enumerate().filter(|(_, given)| !encloses(given.argument, span));
        given.map(|(at, given)| (given.part, text(at, given))).collect()
    }
}

pub(crate) fn encloses(outer: Span, inner: Span) -> bool {
    outer.lo <= inner.lo && inner.hi <= outer.hi
}

fn mentions_locals(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Local(_) | ExprKind::ListFor(_) | ExprKind::MapFor(_))
        || children(expr).into_iter().any(mentions_locals)
}

/// A part of a value.
fn part_of(value: &Value, path: &[Step]) -> Option<Value> {
    let mut at = value.clone();
    for step in path.iter().rev() {
        at = match (step, &at) {
            (Step::Field(name), Value::Record(record)) => record.get(*name)?.clone(),
            (Step::Key(key), Value::Map(map)) => map.get(key)?.clone(),
            (Step::KeyOf(key), Value::Map(_)) => key.clone(),
            (Step::At(which), _) => at.items()?.get(*which)?.clone(),
            _ => return None,
        };
    }
    Some(at)
}
