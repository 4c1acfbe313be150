//! Statements, in one frame.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use topo_model::{Code, DeferredCheck, Diagnostic, Func, Map, Objective, ResId, Severity, Span, Symbol, Value};

use super::findings::Role;
use super::frame::{Made, Reads, Run};
use super::host::FrameHost;
use super::origin::{Read, Step};
use super::{Expander, Inherited, MAX_INSTANCES};
use crate::eval::{Eval, Turns, turns_of};
use crate::ir::{self, Bind, Expr, ExprKind, Node, NodeKind};

impl<'p> Expander<'p> {
    /// Evaluates a statement in a frame.
    pub(crate) fn node(&mut self, run: &mut Run<'p>, node: &'p Node, frame: u32, inherited: &Inherited) -> Made {
        match &node.kind {
            NodeKind::Empty => {}
            NodeKind::Param { slot, default } => {
                if run.slot(frame, 0, *slot).value.is_none() {
                    let (value, reads) = self.eval(run, frame, default);
                    run.set(frame, *slot, value, reads);
                }
            }
            NodeKind::Let { slot, value } | NodeKind::Output { slot, value, .. } => {
                let (value, reads) = self.eval(run, frame, value);
                run.set(frame, *slot, value, reads);
            }
            NodeKind::Resource(resource) => return self.resource(run, node, resource, frame, inherited),
            NodeKind::Loop(of) => self.loop_turns(run, of, frame),
            NodeKind::Check(check) => self.check(run, check, frame),
            NodeKind::Objective(objective) => self.objective(run, objective, node.span, frame),
        }
        Made::Nothing
    }

    fn loop_turns(&mut self, run: &mut Run<'p>, of: &'p ir::Loop, frame: u32) {
        let start = run.by_scope[of.scope as usize].len() as u32;
        let (source, reads) = self.eval(run, frame, &of.source);
        let complete = match &source {
            Some(source) => self.begin_turns(run, of, frame, source, &reads),
            None => false,
        };
        if !complete {
            run.broken[of.scope as usize] = true;
        }
        let end = run.by_scope[of.scope as usize].len() as u32;
        run.turns[of.scope as usize].push((start, end));
    }

    /// What to go over in the place of values that a comprehension takes out of something.
    fn go_over(&self, found: Diagnostic, run: &Run<'p>, of: &ir::Loop) -> Diagnostic {
        let mut source = &of.source;
        if let ExprKind::Slot { up: 0, slot } = &source.kind {
            let lets = run.component.body.nodes.iter().find_map(|node| match &node.kind {
                NodeKind::Let { slot: own, value } if own == slot => Some(value),
                _ => None,
            });
            source = lets.unwrap_or(source);
        }
        let ExprKind::ListFor(made) = &source.kind else { return found };
        let text = |span: Span| self.program.sources.text(span);
        let (over, value) = (text(made.source.span), text(made.value.span));
        found.help(format!("go over `{over}`, whose keys are known, and take `{value}` inside the loop"))
    }

    fn begin_turns(&mut self, run: &mut Run<'p>, of: &'p ir::Loop, frame: u32, source: &Value, reads: &Reads) -> bool {
        let span = of.source.span;
        let Some(turns) = turns_of(source) else {
            let found = self.needs_now(source, span, "a `for`");
            let found = self.go_over(found, run, of);
            self.report(run, found);
            return false;
        };
        if self.turns + turns.len() > MAX_INSTANCES {
            let message = format!(
                "this loop takes {} turns, and all loops of a program together may take {MAX_INSTANCES}",
                turns.len()
            );
            self.report(run, Diagnostic::error(205, span, message, format!("{} turns", turns.len())));
            self.exhausted = true;
            return false;
        }
        self.turns += turns.len();
        let mut seen: FxHashSet<&Value> = FxHashSet::default();
        let mut complete = true;
        for at in 0..turns.len() {
            let (key, value) = turns.get(at);
            if !key.is_ground() {
                let found = self.needs_now(key, span, "the key of a loop's turn");
                let found = self.go_over(found, run, of);
                self.report(run, found);
                return false;
            }
            if !seen.insert(key) {
                let before = (0..at).find(|before| turns.get(*before).0 == key).unwrap_or(at);
                self.twice(run, of, frame, key, [at, before]);
                complete = false;
                continue;
            }
            let element = matches!(turns, Turns::List(_)).then_some(at as u32);
            complete &= self.begin_turn(run, of, frame, (key, value, element), reads);
        }
        complete
    }

    /// T0104 for an element that a loop goes over twice.
    fn twice(&mut self, run: &Run<'p>, of: &'p ir::Loop, frame: u32, key: &Value, both: [usize; 2]) {
        let span = of.source.span;
        let source = Read::whole(run.id, frame, &of.source);
        let reads = both.map(|at| source.clone().part(Step::At(at)));
        let label = format!("{key} is in it twice");
        let (found, reads) = if self.in_library(span) {
            let message = format!("{key} is given twice, and each of them may be given once");
            let found = Diagnostic::error(104, span, message, label).help("leave one of the two out");
            (found, reads.to_vec())
        } else {
            let message = format!("the turns of a loop are keyed by their elements, and {key} comes twice");
            let fix = format!("distinct({})", self.program.sources.text(span));
            let help = format!("`{fix}` leaves out what stands before");
            (Diagnostic::error(104, span, message, label).fix(help, span, fix), Vec::new())
        };
        self.report_reading(run, found, reads, Role::Plain);
    }

    fn begin_turn(
        &mut self,
        run: &mut Run<'p>,
        of: &'p ir::Loop,
        parent: u32,
        (key, value, element): (&Value, &Value, Option<u32>),
        reads: &Reads,
    ) -> bool {
        let frame = run.begin_turn(of.scope, parent, key.clone(), element);
        match &of.bind {
            Bind::One(slot) => run.set(frame, *slot, Some(key.clone()), reads.clone()),
            Bind::Entry(k, v) => {
                run.set(frame, *k, Some(key.clone()), reads.clone());
                run.set(frame, *v, Some(value.clone()), reads.clone());
            }
            Bind::Parts(slots) => {
                for (slot, part) in slots.iter().zip(key.items().unwrap_or_default()) {
                    run.set(frame, *slot, Some(part.clone()), reads.clone());
                }
            }
        }
        let Some(at) = &of.at else { return true };
        let place = self.place(run, frame, at);
        let known = place.is_some();
        run.frames[frame as usize].here = place;
        known
    }

    /// The region of an `at`.
    pub(crate) fn place(&mut self, run: &Run<'p>, frame: u32, at: &'p Expr) -> Option<Symbol> {
        match self.eval(run, frame, at).0? {
            Value::Region(region) => {
                if run.topology {
                    self.must_be_declared(run, region, at);
                }
                Some(region)
            }
            value => {
                let found = self.needs_now(&value, at.span, "`at`");
                self.report(run, found);
                None
            }
        }
    }

    /// T0301 for a region that the environment does not declare, where it declares any.
    fn must_be_declared(&mut self, run: &Run<'p>, region: Symbol, at: &'p Expr) {
        let Some(declared) = &self.declared else { return };
        if declared.contains(&region) {
            return;
        }
        let env = self.env.map(Symbol::as_str).unwrap_or_default();
        let message = format!("environment `{env}` does not declare the region {region}");
        let found = Diagnostic::error(301, at.span, message, format!("this is {region}"));
        let names: Vec<&str> = declared.iter().map(|r| r.as_str()).collect();
        let item = self.program.envs.iter().find(|e| Some(e.name.name) == self.env);
        let found = match item {
            Some(item) => found.label(item.name.span, format!("declares {}", names.join(", "))),
            None => found,
        };
        let help = format!("use one of those, or declare it: `region {region} {{ … }}` in `{env}`");
        let near = crate::suggest::nearest(region.as_str(), names.iter().copied()).or(match names.as_slice() {
            [one] => Some(*one),
            _ => None,
        });
        let found = match near.filter(|_| matches!(at.kind, ExprKind::Const(_))) {
            Some(near) => found.fix(help, at.span, near),
            None => found.help(help),
        };
        self.report(run, found);
    }

    /// After a resource's statement ran in all frames: the maps that are seen from outside
    /// its loops.
    pub(crate) fn gather(&mut self, run: &mut Run<'p>, node: &'p Node) {
        let NodeKind::Resource(resource) = &node.kind else { return };
        if resource.slots.len() == 1 {
            return;
        }
        let mut scope = node.scope;
        let mut broken = false;
        for (up, slot) in resource.slots.iter().enumerate().skip(1) {
            // What a turn further in lacks, the map further out lacks too.
            broken |= run.broken[scope as usize];
            let Some(parent) = run.component.body.scopes[scope as usize].parent else { break };
            scope = parent;
            self.gather_at(run, node.scope, up as u16, (scope, *slot), resource.slots[0], broken);
        }
    }

    fn gather_at(&mut self, run: &mut Run<'p>, from: u32, up: u16, (scope, slot): (u32, u32), own: u32, broken: bool) {
        // Frames of a scope come in the order of their ancestors, so one pass is enough.
        let mut maps: Vec<(u32, Option<Map>)> =
            run.by_scope[scope as usize].iter().map(|f| (*f, (!broken).then(Map::new))).collect();
        let mut at = 0;
        for frame in &run.by_scope[from as usize] {
            let ancestor = (0..up).fold(*frame, |f, _| run.frames[f as usize].parent);
            while maps[at].0 != ancestor {
                at += 1;
            }
            let key = run.key(*frame, up);
            match (&run.slot(*frame, 0, own).value, key, &mut maps[at].1) {
                (None, ..) => maps[at].1 = None,
                (Some(Value::None), ..) => {}
                (Some(value), Some(key), Some(map)) => {
                    map.insert(key, value.clone());
                }
                _ => {}
            }
        }
        for (frame, map) in maps {
            run.set(frame, slot, map.map(|m| Value::Map(Arc::new(m))), Reads::default());
        }
    }

    fn check(&mut self, run: &Run<'p>, check: &'p ir::Check, frame: u32) {
        let (Some(cond), _) = self.eval(run, frame, &check.cond) else { return };
        if cond == Value::Bool(true) {
            return;
        }
        let code = check.code.unwrap_or(Code(202));
        let (Some(message), _) = self.eval(run, frame, &check.message) else { return };
        if cond != Value::Bool(false) {
            self.checks.push(DeferredCheck { cond, message, code, instance: run.address, span: check.cond.span });
            return;
        }
        let message = match &message {
            Value::Str(text) => text.to_string(),
            other => other.render(&|id| self.address(self.target(id))),
        };
        let mut found = Diagnostic::error(code.0, check.cond.span, message, "does not hold");
        let mut reads = Vec::new();
        let instead = self.explain(run, frame, &check.cond, (&mut found, &mut reads));
        if reads.is_empty() {
            reads.push(Read::whole(run.id, frame, &check.cond));
        }
        self.report_reading(run, found, reads, Role::Check(instead));
    }

    /// Labels the operands of a condition with their values, and says which they are; perhaps
    /// also what could be written in place of the first.
    fn explain(
        &mut self,
        run: &Run<'p>,
        frame: u32,
        cond: &'p Expr,
        into: (&mut Diagnostic, &mut Vec<Read<'p>>),
    ) -> Option<String> {
        let (found, reads) = into;
        let operands: &'p [Expr] = match &cond.kind {
            ExprKind::And(both) | ExprKind::Or(both) => {
                both.iter().for_each(|part| drop(self.explain(run, frame, part, (&mut *found, &mut *reads))));
                return None;
            }
            ExprKind::Call(Func::Not, operand) => return self.explain(run, frame, &operand[0], (found, reads)),
            ExprKind::Call(_, operands) => operands,
            _ => return None,
        };
        if let ExprKind::Call(Func::Disjoint, blocks) = &cond.kind
            && let (Some(value), _) = self.eval(run, frame, &blocks[0])
            && let Some((both, free)) = explain_overlap(value.items().unwrap_or_default(), found)
        {
            let of = Read::whole(run.id, frame, &blocks[0]);
            reads.extend(both.map(|at| of.clone().part(Step::At(at))));
            return free;
        }
        for operand in operands {
            if matches!(operand.kind, ExprKind::Const(_)) || found.labels.iter().any(|l| l.span == operand.span) {
                continue;
            }
            reads.push(Read::whole(run.id, frame, operand));
            if let (Some(value), _) = self.eval(run, frame, operand)
                && !matches!(value, Value::Resource(_) | Value::Unknown(_))
            {
                let text = format!("this is {}", self.short(&value));
                found.labels.push(topo_model::Label { span: operand.span, text });
            }
        }
        None
    }

    fn objective(&mut self, run: &Run<'p>, objective: &'p ir::Objective, span: Span, frame: u32) {
        if let Some(when) = &objective.when
            && self.condition(run, frame, when, "the `when` of an objective") != Some(true)
        {
            return;
        }
        let (settings, _) = self.eval(run, frame, &objective.settings);
        let stores = match &objective.stores {
            None => Vec::new(),
            Some(stores) => match self.eval(run, frame, stores).0 {
                Some(value) => self.resources_in(&value).iter().collect(),
                None => return,
            },
        };
        let Some(settings) = settings else { return };
        let millis = |name: &str| settings.field(name).and_then(Value::as_millis);
        self.objectives.push(Objective {
            name: objective.name,
            endpoint: settings.field("endpoint").cloned().unwrap_or_default(),
            rto: millis("rto"),
            rpo: millis("rpo"),
            stores,
            survives: settings.field("survives").and_then(Value::as_str).unwrap_or_default().to_owned(),
            span,
        });
    }

    /// A condition that must be known now.
    pub(crate) fn condition(&mut self, run: &Run<'p>, frame: u32, when: &'p Expr, what: &str) -> Option<bool> {
        let value = self.eval(run, frame, when).0?;
        let known = value.as_bool();
        if known.is_none() {
            let found = self.needs_now(&value, when.span, what);
            self.report(run, found);
        }
        known
    }

    /// The resources in a value; of an instance, everything in it.
    pub(crate) fn resources_in(&self, value: &Value) -> Reads {
        let mut out = Reads::default();
        self.add_resources(value, &mut out);
        out
    }

    fn add_resources(&self, value: &Value, out: &mut Reads) {
        match value {
            Value::Resource(id) => {
                let (id, via) = self.resolve(*id);
                out.add(id);
                via.into_iter().for_each(|id| out.add(id));
            }
            Value::Record(record) => match self.instances.get(&(Arc::as_ptr(record) as usize)) {
                Some(instance) => instance.members.clone().for_each(|id| out.add(ResId(id))),
                None => record.iter().for_each(|(_, v)| self.add_resources(v, out)),
            },
            Value::List(items) | Value::Tuple(items) => items.iter().for_each(|v| self.add_resources(v, out)),
            Value::Map(map) => map.values().for_each(|v| self.add_resources(v, out)),
            Value::Unknown(term) => term.for_each_resource(&mut |id| out.add(self.target(id))),
            _ => {}
        }
    }

    /// Evaluates an expression of a test against the topology, with the test's own names.
    pub(crate) fn eval_with(&mut self, run: &Run<'p>, expr: &Expr, locals: &mut Vec<Value>) -> Option<Value> {
        let mut host = FrameHost { x: self, run, frame: 0, reads: Reads::default() };
        let mut eval = Eval::new(&mut host);
        eval.locals = std::mem::take(locals);
        let value = eval.expr(expr);
        *locals = eval.locals;
        value.map(|value| self.with_known(value))
    }

    /// Whether something was found that stops the run.
    pub(crate) fn failed(&self) -> bool {
        let pending = self.pending.iter().map(|pending| &pending.found);
        pending.chain(&self.diagnostics).any(|found| found.severity == Severity::Error)
    }
}

/// Says which two ranges overlap and what they share; gives their positions, and a range that
/// could take the place of the second.
fn explain_overlap(blocks: &[Value], found: &mut Diagnostic) -> Option<([usize; 2], Option<String>)> {
    let blocks: Vec<ipnet::IpNet> =
        blocks.iter().filter_map(|b| if let Value::Cidr(block) = b { Some(*block) } else { None }).collect();
    let (first, second) = blocks.iter().enumerate().find_map(|(at, a)| {
        let meets = |b: &ipnet::IpNet| a.contains(b) || b.contains(a);
        Some((at, at + 1 + blocks[at + 1..].iter().position(meets)?))
    })?;
    let (a, b) = (blocks[first], blocks[second]);
    let shared = if a.contains(&b) { b } else { a };
    let share = format!("{a} and {b} share {shared}");
    found.message = format!("{}: {share}", found.message);
    if let Some(primary) = found.labels.first_mut() {
        primary.text = share;
    }
    let free = next_free(b, &blocks);
    if let Some(free) = free {
        let text = format!("give one of them a range of its own, for example {free}");
        found.help.get_or_insert(topo_model::Help { text, edit: None });
    }
    Some(([second, first], free.map(|free| free.to_string())))
}

/// How far a free range is looked for.
const NEIGHBOURS: u32 = 1024;

/// The ranges for networks of one's own, of RFC 1918 and RFC 6598.
const PRIVATE: [([u8; 4], u8); 4] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([100, 64, 0, 0], 10)];

/// The next range behind one, as large and in the same private range, that overlaps none of
/// the others.
fn next_free(block: ipnet::IpNet, taken: &[ipnet::IpNet]) -> Option<ipnet::IpNet> {
    let ipnet::IpNet::V4(block) = block else { return None };
    let mut private = PRIVATE.iter().filter_map(|(ip, length)| ipnet::Ipv4Net::new((*ip).into(), *length).ok());
    let around = private.find(|around| around.contains(&block))?;
    let size = 1_u32.checked_shl(32 - u32::from(block.prefix_len()))?;
    (1..NEIGHBOURS).find_map(|step| {
        let at = u32::from(block.network()).checked_add(size.checked_mul(step)?)?;
        let free = ipnet::Ipv4Net::new(at.into(), block.prefix_len()).ok().filter(|free| around.contains(free))?;
        let free = ipnet::IpNet::V4(free);
        (!taken.iter().any(|other| other.contains(&free) || free.contains(other))).then_some(free)
    })
}
