//! How steps begin and end, as the log and the report see it.

use std::sync::Arc;

use topo_model::{
    Attributes, Intent, IntentId, Object, ObjectId, Operation, Owner, RecordedResource, ReplaceOrder, Symbol, TopoId,
    Value,
};
use topo_plan::{Action, Node, NodeId, Op, StepId};
use topo_provider::{Creation, Provider};
use topo_state::Change;

use crate::Event;
use crate::record::{self, Lifecycle};

use super::dispatch::Dispatcher;
use super::link::{End, Fate, Halt, Happened};
use super::prepare::Target;
use super::worker::Task;

impl<P: Provider> Dispatcher<'_, P> {
    /// Whether a step needs no call: the state alone changes.
    pub(crate) fn is_instant(&self, step: StepId) -> bool {
        let node = self.node(step);
        let op = self.op(step);
        let state_only = node.kind.as_str().starts_with("core.");
        // Only a mark would change, and there is none.
        let unmarked = || op == Op::Move && !self.facts[&node.kind].tagged;
        state_only || op == Op::Forget || unmarked()
    }

    /// Why a create can't be made: an earlier one may have happened, and a second one would
    /// make a second object.
    pub(crate) fn undecided(&self, step: StepId) -> Option<String> {
        let node = self.node(step);
        let earlier = self.earlier.get(&node.address).filter(|_| self.op(step) == Op::Create)?;
        let id = &earlier.topo_id;
        (self.facts[&node.kind].creation == topo_model::Creation::Nothing).then(|| {
            format!(
                "an earlier run asked for it and never saw the answer; look for an object whose tag topo:id is '{id}'"
            )
        })
    }

    /// A step as a worker needs it.
    pub(crate) fn task(&mut self, step: StepId) -> Result<Task, String> {
        let (node, op) = (self.node(step), self.op(step));
        let facts = Arc::clone(&self.facts[&node.kind]);
        let detail = node.detail.as_deref();
        let timeout = detail.and_then(|d| d.timeout).unwrap_or_else(|| facts.timeout());
        let needs = detail.map(|d| d.needs.clone()).unwrap_or_default();
        let (object, attributes, region, topo_id) = self.meant(node, op)?;
        let earlier = if op == Op::Create { self.earlier(node, &attributes) } else { None };
        let asked_before = earlier.is_some();
        let topo_id = earlier.as_ref().map(|e| e.topo_id.clone()).or(topo_id).unwrap_or_else(|| self.ids.fresh());
        let owner = self.cloud.owner(topo_id.clone(), &node.address);
        let intent = earlier.unwrap_or_else(|| Intent {
            id: IntentId(0),
            operation: op.operation().unwrap_or(Operation::Update),
            address: node.address.clone(),
            kind: node.kind,
            region,
            topo_id,
            object: object.clone(),
            attributes: if deletes(op) { Attributes::new() } else { attributes.clone() },
            needs,
            at: (self.cloud.time.now)(),
        });
        Ok(Task {
            step,
            op,
            facts,
            intent,
            want: Creation { kind: node.kind, region, owner, attributes },
            object,
            others: self.others(node),
            asked_before,
            timeout,
            human: self.options.human,
        })
    }

    /// The intent that an earlier run left open, where this create is the same call again:
    /// under the same id it can't make a second object. One that would send something else
    /// is another call.
    fn earlier(&mut self, node: &Node, attributes: &Attributes) -> Option<Intent> {
        let earlier = self.earlier.remove(&node.address)?;
        if earlier.attributes == *attributes && earlier.kind == node.kind && earlier.region == node.region {
            return Some(earlier);
        }
        let why = "the program asks for something else now".to_owned();
        self.book.write(Change::Closed { intent: earlier.id, why });
        None
    }

    /// The object that a step is about, the attributes it sends, and our id of it where it
    /// has one.
    #[expect(clippy::type_complexity, reason = "four facts that are taken apart at once")]
    fn meant(
        &self,
        node: &Node,
        op: Op,
    ) -> Result<(Option<ObjectId>, Attributes, Option<Symbol>, Option<TopoId>), String> {
        if deletes(op) {
            let Target { topo_id, id, region, attributes } = self.target(node, op)?;
            return Ok((Some(id), attributes, region, Some(topo_id)));
        }
        let kind = self.cloud.catalogue.by_name(node.kind);
        let kind = kind.ok_or_else(|| format!("this version of topo does not know the kind {}", node.kind))?;
        let mut attributes = self.after(node, kind, op)?;
        match op {
            Op::Create => Ok((None, attributes, node.region, None)),
            Op::Read => {
                let id = Symbol::new("id");
                let by_id = if kind.attribute(id).is_none() { attributes.remove(id) } else { None };
                let by_id = by_id.as_ref().and_then(Value::as_str).map(|id| ObjectId(id.into()));
                Ok((by_id, attributes, node.region, None))
            }
            _ => {
                let target = self.target(node, op)?;
                let topo_id = Some(target.topo_id).filter(|id| !id.0.is_empty());
                Ok((Some(target.id), attributes, node.region, topo_id))
            }
        }
    }

    /// Objects of the address that a new one can't be.
    fn others(&self, node: &Node) -> Vec<ObjectId> {
        let Some(record) = self.record(node) else { return Vec::new() };
        let current = keeps_old(node).then_some((record.region, &record.id));
        let all = record.deposed.iter().map(|d| (d.region, &d.id)).chain(current);
        all.filter(|(region, _)| *region == node.region).map(|(_, id)| id.clone()).collect()
    }

    /// Does a step that needs no call.
    pub(crate) fn instant(&mut self, step: StepId) {
        let (node, op) = (self.node(step), self.op(step));
        let id = NodeId(self.plan.steps[step.0 as usize].node.0);
        self.book.tell(Event::Started { step, node: id, op });
        match self.try_instant(node, op) {
            Ok(object) => self.succeed(step, object),
            Err(why) => self.fail(step, why, false),
        }
    }

    fn try_instant(&mut self, node: &Node, op: Op) -> Result<Option<ObjectId>, String> {
        match op {
            Op::Forget => self.book.remove(None, &node.address),
            // The record has its new address since the start.
            Op::Move => {}
            Op::Delete | Op::DeleteDeposed(_) => {
                let target = self.target(node, op)?;
                self.gone(node, &target.topo_id, Some(&target.id), None);
                return Ok(Some(target.id));
            }
            Op::Create | Op::Update => {
                let kind = self.cloud.catalogue.by_name(node.kind);
                let kind = kind.ok_or_else(|| format!("this version of topo does not know the kind {}", node.kind))?;
                let attributes = self.after(node, kind, op)?;
                let record = self.state_only(node, op, attributes)?;
                let id = record.id.clone();
                self.book.put(None, record);
                return Ok(Some(id));
            }
            Op::Read | Op::Import => {
                return Err(format!("a {} lives in the state alone; none can be found", node.kind));
            }
        }
        Ok(self.book.record(self.log, &node.address).map(|r| r.id.clone()))
    }

    /// The record of a resource that no cloud knows. Its id is ours.
    fn state_only(&mut self, node: &Node, op: Op, attributes: Attributes) -> Result<RecordedResource, String> {
        let topo_id = match op {
            Op::Update => self.target(node, op)?.topo_id,
            _ => self.ids.fresh(),
        };
        let id = ObjectId(topo_id.0.clone());
        let outputs = [(Symbol::new("id"), Value::Str(topo_id.0.clone()))].into_iter().collect();
        let intent = Intent {
            id: IntentId(0),
            operation: op.operation().unwrap_or(Operation::Create),
            address: node.address.clone(),
            kind: node.kind,
            region: node.region,
            topo_id,
            object: None,
            attributes,
            needs: node.detail.as_ref().map(|d| d.needs.clone()).unwrap_or_default(),
            at: 0,
        };
        let old = self.record(node);
        let made = record::made(old, intent, id, outputs, lifecycle(node), keeps_old(node));
        Ok(RecordedResource { ready: true, ..made })
    }

    /// Something became of a step's intent.
    pub(crate) fn happened(&mut self, step: StepId, what: Happened) {
        let node = self.node(step);
        let Some(intent) = self.intents.remove(&step) else { return };
        let old = self.book.record(self.log, &node.address);
        let (id, outputs) = match what {
            Happened::Made(id, seen) => (id, seen.map(|o| o.outputs).unwrap_or_default()),
            Happened::Changed => {
                let Some(id) = intent.object.clone() else { return };
                (id, old.map(|o| o.outputs.clone()).unwrap_or_default())
            }
        };
        let closes = Some(intent.id);
        let keep = intent.operation == Operation::Create && keeps_old(node);
        let made = record::made(old, intent, id, outputs, lifecycle(node), keep);
        self.book.put(closes, made);
    }

    /// A step came to its end.
    pub(crate) fn ended(&mut self, step: StepId, end: End) {
        let node = self.node(step);
        match end {
            End::Ready(object) => self.ended_ready(step, *object),
            End::Gone => {
                let Some(intent) = self.intents.remove(&step) else { return };
                self.gone(node, &intent.topo_id, intent.object.as_ref(), Some(intent.id));
                self.succeed(step, intent.object);
            }
            End::Found(object) => {
                let id = object.id.clone();
                self.found.insert(self.plan.steps[step.0 as usize].node, *object);
                self.succeed(step, Some(id));
            }
            End::Halted { halt, intent } => self.halted(step, halt, intent),
        }
    }

    fn ended_ready(&mut self, step: StepId, object: Object) {
        let node = self.node(step);
        let intent = self.intents.remove(&step).map(|i| i.id);
        if let Some(mut record) = self.book.record(self.log, &node.address).cloned() {
            record.ready = true;
            record.outputs = object.outputs;
            self.book.put(intent, record);
        }
        self.succeed(step, Some(object.id));
    }

    /// An object is seen gone.
    fn gone(&mut self, node: &Node, topo_id: &TopoId, id: Option<&ObjectId>, intent: Option<IntentId>) {
        let record = self.book.record(self.log, &node.address);
        match record.and_then(|r| Some(record::without(r, topo_id, id?))) {
            Some(Some(rest)) => self.book.put(intent, rest),
            Some(None) => self.book.remove(intent, &node.address),
            None => {
                if let Some(intent) = intent {
                    self.book.write(Change::Closed { intent, why: "it is gone".to_owned() });
                }
            }
        }
    }

    /// What to do about an object that has a resource's name or key.
    fn whose(&self, address: &str, object: &Object) -> String {
        let marked = object.owner.as_ref().filter(|mark| {
            let here = mark.project == self.cloud.project && mark.env == self.cloud.env;
            here && mark.path != Owner::path_of(address)
        });
        let recorded = self.book.holder(self.log, object).map(str::to_owned);
        match recorded.or_else(|| marked.map(|mark| mark.path.to_string())) {
            Some(other) => format!("it is managed as '{other}' already"),
            None => format!("to take it over, write 'resource {address}: {} from \"{}\"'", object.kind, object.id),
        }
    }

    fn halted(&mut self, step: StepId, halt: Halt, fate: Fate) {
        let node = self.node(step);
        let why = match &halt {
            Halt::Interrupted => "interrupted".to_owned(),
            Halt::Failed(text) | Halt::Unknown(text) | Halt::Human(text) => text.clone(),
            Halt::Taken { text, address, object } => format!("{text}; {}", self.whose(address, object)),
        };
        self.touched.push(step);
        if let Some(intent) = self.intents.remove(&step) {
            let record = self.book.record(self.log, &node.address);
            match (fate, record) {
                (Fate::Open, _) => {}
                (Fate::Unfinished, Some(record)) => {
                    let unfinished = RecordedResource { ready: false, ..record.clone() };
                    self.book.put(Some(intent.id), unfinished);
                }
                _ => {
                    self.book.write(Change::Closed { intent: intent.id, why: why.clone() });
                }
            }
        }
        match halt {
            Halt::Failed(_) | Halt::Taken { .. } => self.fail(step, why, false),
            Halt::Unknown(_) => self.fail(step, why, true),
            Halt::Interrupted => {
                self.started.remove(&step);
                let skipped = self.schedule.failed(step);
                self.skip(step, "interrupted");
                skipped.into_iter().for_each(|s| self.skip(s, "interrupted"));
            }
            Halt::Human(_) => {
                self.started.remove(&step);
                let skipped = self.schedule.failed(step);
                self.report.waiting.push((step, why));
                let because = node.address.clone();
                skipped.into_iter().for_each(|s| self.skip(s, &because));
            }
        }
    }

    fn succeed(&mut self, step: StepId, object: Option<ObjectId>) {
        let (id, op) = (self.plan.steps[step.0 as usize].node, self.op(step));
        let ms = self.started.remove(&step).map_or(0, |at| at.elapsed().as_millis() as u64);
        self.book.tell(Event::Done { step, node: id, op, id: object.map(|o| o.to_string()), ms });
        self.touched.push(step);
        let mut ready = Vec::new();
        self.schedule.done(step, &mut ready);
        ready.into_iter().for_each(|unit| self.route(unit));
        let left = &mut self.left[id.0 as usize];
        *left -= 1;
        if *left == 0 {
            if let Some(count) = self.count(self.node(step).action) {
                *count += 1;
            }
            self.check(id);
        }
    }

    /// Where the report counts an action.
    pub(crate) fn count(&mut self, action: Action) -> Option<&mut u32> {
        let done = &mut self.report.done;
        match action {
            Action::None | Action::Read => None,
            Action::Create => Some(&mut done.create),
            Action::Update => Some(&mut done.update),
            Action::Replace(_) => Some(&mut done.replace),
            Action::Delete => Some(&mut done.delete),
            Action::Move => Some(&mut done.moved),
            Action::Import => Some(&mut done.import),
            Action::Forget => Some(&mut done.forget),
        }
    }

    /// A step failed: what depends on it is not tried, everything else goes on.
    pub(crate) fn fail(&mut self, step: StepId, error: String, unknown: bool) {
        self.started.remove(&step);
        let (node, op) = (self.plan.steps[step.0 as usize].node, self.op(step));
        self.book.tell(Event::Failed { step, node, op, error: error.clone(), unknown });
        self.report.failed.push((step, error));
        let because = self.node(step).address.clone();
        for skipped in self.schedule.failed(step) {
            self.skip(skipped, &because);
        }
    }

    pub(crate) fn skip(&mut self, step: StepId, because: &str) {
        let (node, op) = (self.plan.steps[step.0 as usize].node, self.op(step));
        self.book.tell(Event::Skipped { step, node, op, because: because.to_owned() });
        self.report.skipped.push((step, because.to_owned()));
    }

    /// Looks at the checks that waited for a node; a broken one stops the start of everything
    /// else.
    fn check(&mut self, node: NodeId) {
        for at in self.checks.settled(node) {
            self.run_check(at);
        }
    }

    /// Runs one check whose values are known.
    pub(crate) fn run_check(&mut self, at: usize) {
        let check = &self.plan.checks[at];
        let text = match self.value(&check.cond) {
            Ok(Value::Bool(true)) => return,
            Ok(_) => self.value(&check.message).ok().and_then(|m| m.as_str().map(str::to_owned)),
            Err(why) => Some(why),
        };
        let text = text.unwrap_or_else(|| "a check does not hold".to_owned());
        self.book.tell(Event::CheckFailed { code: check.code, text: text.clone(), span: check.span });
        self.stop_starting(format!("a check does not hold: {text}"));
        self.report.checks.push((check.code, text));
    }
}

fn deletes(op: Op) -> bool {
    matches!(op, Op::Delete | Op::DeleteDeposed(_))
}

/// Whether a create leaves the old object for a later step to delete.
fn keeps_old(node: &Node) -> bool {
    node.action == Action::Replace(ReplaceOrder::CreateFirst)
}

fn lifecycle(node: &Node) -> Lifecycle {
    let detail = node.detail.as_deref();
    Lifecycle { protect: detail.is_some_and(|d| d.protect), replace: detail.and_then(|d| d.replace) }
}
