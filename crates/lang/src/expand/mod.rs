//! Expansion: one environment of a checked program, instantiated to [`Desired`].
//!
//! Each body's statements are evaluated in the order of their uses, over the frames of its
//! loops; what they make is then put into source order. State is never looked at: the
//! verdict is the same whatever is deployed.

mod conflicts;
mod findings;
mod finish;
mod frame;
mod host;
mod keys;
mod order;
mod origin;
mod resource;
mod statements;
pub(crate) mod tests;
pub(crate) use tests::TestOutcome;

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{
    AddrId, Addresses, AttrId, DeferredCheck, Desired, Diagnostic, Lifecycle, Objective, Record, ResId, Resource, Span,
    Symbol, Value,
};

use crate::eval::Eval;
use crate::ir::{self, Component, Expr};
use crate::program::Program;
use findings::{Pending, Refused};
use frame::{Made, Reads, Run};
use host::FrameHost;

/// How many turns all `for` statements of a program may take together, and how many
/// resources it may have.
pub(crate) const MAX_INSTANCES: usize = 1_000_000;

/// How many turns all `for` expressions may take together.
pub(crate) const MAX_COMPREHENDED: usize = 10_000_000;

/// How deep components may stand in each other.
const MAX_DEPTH: u32 = 64;

/// How many findings of one run are worth having.
const MAX_FINDINGS: usize = 1000;

/// From here on a [`ResId`] is not a resource but one read through another's attribute.
const FIRST_ALIAS: u32 = 1 << 31;

/// One environment, expanded.
#[derive(Debug)]
pub struct Expanded {
    /// What the program wants; `None` where an error was found.
    pub desired: Option<Desired>,
    /// What it would want if nothing but checks refused it.
    pub draft: Option<Draft>,
    /// What was found, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// An environment that only checks refuse: everything in it has its value, so that more can be said
/// of it at once. Nothing may be planned from it.
#[derive(Debug)]
pub struct Draft {
    /// What the program would want.
    pub desired: Desired,
    /// The instances and resources of which a check says that they can't be.
    pub refused: Vec<AddrId>,
}

/// Expands one environment.
pub(crate) struct Expander<'p> {
    pub(crate) program: &'p Program,
    pub(crate) env: Option<Symbol>,
    pub(crate) resources: Vec<Resource>,
    /// For each resource the user's statement that led to it, where its own is the library's.
    pub(crate) anchors: Vec<Span>,
    /// For each resource its statement, with the run and the frame where it stands.
    makers: Vec<(&'p ir::Resource, u32, u32)>,
    /// Every instance of a body, kept to find out where values came from.
    runs: Vec<Option<Rc<Run<'p>>>>,
    /// The environment's among them.
    env_run: Option<u32>,
    /// What is being evaluated, or was last: a finding is about it.
    reading: Option<(u32, u32, &'p Expr)>,
    /// Findings whose places are not settled.
    pending: Vec<Pending<'p>>,
    /// The checks that failed, by the instance whose they are.
    refused: FxHashMap<Option<AddrId>, Refused>,
    /// Whether values are looked up again for findings, when nothing more is found.
    muted: bool,
    /// Attributes that take resources, as they were given.
    pub(crate) raw: FxHashMap<(ResId, AttrId), Value>,
    pub(crate) addresses: Addresses,
    /// What a test says of outputs that only an apply would tell, and where it does.
    pub(crate) known: FxHashMap<(ResId, Symbol), (Value, Span)>,
    /// What became of values with that.
    pub(crate) settled: tests::Settled,
    /// What an alias stands for, and what it was read through.
    pub(crate) aliases: Vec<(ResId, ResId)>,
    /// Instances of components, by the address of their record.
    pub(crate) instances: FxHashMap<usize, Instance>,
    pub(crate) checks: Vec<DeferredCheck>,
    pub(crate) objectives: Vec<Objective>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    seen: FxHashSet<(u16, Span, String, Option<AddrId>)>,
    /// The refinements that are demanded for later, once each.
    pub(crate) demanded: FxHashSet<(Span, Value)>,
    pub(crate) used_inputs: BTreeSet<Symbol>,
    /// The regions that the environment declares; `None` where its type has none.
    pub(crate) declared: Option<Vec<Symbol>>,
    pub(crate) turns: usize,
    pub(crate) comprehended: usize,
    /// The parts of all values that were made.
    pub(crate) parts: usize,
    /// Whether a limit was passed: nothing more is evaluated.
    pub(crate) exhausted: bool,
    /// What is being made, for findings.
    pub(crate) making: Option<AddrId>,
    /// By kind: where `tags` are, if it takes any.
    pub(crate) tags: Vec<Option<AttrId>>,
}

/// An instance of a component.
pub(crate) struct Instance {
    /// Kept, so that its address stays its own.
    _record: Arc<Record>,
    /// What reading each field depends on, beside the field's value.
    pub(crate) reads: Vec<(Symbol, Reads)>,
    /// The resources in it.
    pub(crate) members: std::ops::Range<u32>,
    /// Its run.
    pub(crate) run: u32,
}

/// What a component's resources inherit from its statement.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inherited {
    pub(crate) after: Reads,
    pub(crate) lifecycle: Option<Arc<Lifecycle>>,
}

impl<'p> Expander<'p> {
    pub(crate) fn new(program: &'p Program, env: Option<Symbol>) -> Expander<'p> {
        let tags = Symbol::new("tags");
        Expander {
            program,
            env,
            resources: Vec::new(),
            anchors: Vec::new(),
            makers: Vec::new(),
            runs: Vec::new(),
            env_run: None,
            reading: None,
            pending: Vec::new(),
            refused: FxHashMap::default(),
            muted: false,
            raw: FxHashMap::default(),
            addresses: Addresses::default(),
            known: FxHashMap::default(),
            settled: tests::Settled::default(),
            aliases: Vec::new(),
            instances: FxHashMap::default(),
            checks: Vec::new(),
            objectives: Vec::new(),
            diagnostics: Vec::new(),
            seen: FxHashSet::default(),
            demanded: FxHashSet::default(),
            used_inputs: BTreeSet::new(),
            declared: None,
            turns: 0,
            comprehended: 0,
            parts: 0,
            exhausted: false,
            making: None,
            tags: program.catalogue.kinds().iter().map(|k| k.attribute(tags).map(|(at, _)| at)).collect(),
        }
    }

    /// Runs the topology. The run is kept for the tests that look into it.
    pub(crate) fn topology(&mut self) -> Option<(Rc<Run<'p>>, Vec<ResId>)> {
        let env = match self.program.env_type.as_ref() {
            Some(ty) => Some(self.environment(ty)?),
            None => None,
        };
        let mut run = self.begin(Run::new(&self.program.topology, None, None));
        run.topology = true;
        if let Some(env) = env {
            run.set(0, 0, Some(env), Reads::default());
        }
        let order = self.body(&mut run, &Inherited::default());
        Some((self.keep(run), order))
    }

    /// The environment's value, and the regions it declares.
    fn environment(&mut self, ty: &topo_model::Type) -> Option<Value> {
        let name = self.env?;
        let item = self.program.envs.iter().find(|e| e.name.name == name)?;
        let mut run = self.begin(Run::new(&item.body, None, None));
        self.body(&mut run, &Inherited::default());
        let run = self.keep(run);
        self.env_run = Some(run.id);
        let slot = item.body.shown.first().map_or(0, |s| s.slot);
        let value = run.slot(0, 0, slot).value.clone()?;
        let mut host = FrameHost { x: self, run: &run, frame: 0, reads: Reads::default() };
        let value = Eval::new(&mut host).convert(value, &topo_model::Type::Unknown, ty, item.name.span)?;
        if let Some(Value::Map(regions)) = value.field("regions") {
            let codes = regions.keys().filter_map(|k| if let Value::Region(r) = k { Some(*r) } else { None });
            self.declared = Some(codes.collect());
        }
        Some(value)
    }

    /// Runs a body; gives what it made, in source order.
    pub(crate) fn body(&mut self, run: &mut Run<'p>, inherited: &Inherited) -> Vec<ResId> {
        let component: &'p Component = run.component;
        // Where evaluation follows the source, what is made comes in order by itself.
        let mut straight = Vec::new();
        for at in &component.body.order {
            let node = &component.body.nodes[*at as usize];
            let scope = node.scope as usize;
            for position in 0..run.by_scope[scope].len() {
                if self.exhausted {
                    return Vec::new();
                }
                let frame = run.by_scope[scope][position];
                let made = self.node(run, node, frame, inherited);
                if !component.body.straight {
                    run.made[*at as usize].push(made);
                    continue;
                }
                match made {
                    Made::Nothing => {}
                    Made::One(id) => straight.push(id),
                    Made::Many(ids) => straight.extend(ids),
                }
            }
            self.gather(run, node);
        }
        if component.body.straight { straight } else { run.in_source_order() }
    }

    /// Gives a run its number.
    fn begin(&mut self, mut run: Run<'p>) -> Run<'p> {
        run.id = self.runs.len() as u32;
        self.runs.push(None);
        run
    }

    /// Keeps a run that came to its end.
    fn keep(&mut self, run: Run<'p>) -> Rc<Run<'p>> {
        let run = Rc::new(run);
        self.runs[run.id as usize] = Some(run.clone());
        run
    }

    /// A run that came to its end.
    fn run_of(&self, id: u32) -> Option<Rc<Run<'p>>> {
        self.runs.get(id as usize)?.clone()
    }

    /// Evaluates an expression in a frame.
    pub(crate) fn eval(&mut self, run: &Run<'p>, frame: u32, expr: &'p Expr) -> (Option<Value>, Reads) {
        self.reading = Some((run.id, frame, expr));
        let mut host = FrameHost { x: self, run, frame, reads: Reads::default() };
        let value = Eval::new(&mut host).expr(expr);
        let reads = host.reads;
        (value, reads)
    }

    /// The address of a resource, as a user would write it.
    pub(crate) fn address(&self, id: ResId) -> String {
        self.addresses.render(self.resources[id.0 as usize].address)
    }

    /// A value for a label, with addresses, not all of a long one.
    pub(crate) fn short(&self, value: &Value) -> String {
        crate::eval::short(value, &|id| self.address(self.target(id)))
    }

    /// The user's statement that a resource comes from.
    pub(crate) fn whence(&self, at: usize) -> Span {
        let resource = &self.resources[at];
        if resource.anchor.is_none() { resource.span } else { resource.anchor }
    }
}
