//! A wished-for topology, and the plan that leads to it: a planner just large enough to test
//! the executor by itself.

use std::collections::BTreeMap;

use topo_model::{
    Attributes, Object, ObjectId, Recorded, RecordedResource, ReplaceOrder, ResId, Symbol, Term, Value, evaluate,
};
use topo_plan::{Action, Basis, Detail, Node, NodeId, Op, Plan, Present, Step, StepId, Summary, Wave};

/// One resource that should be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) region: Option<&'static str>,
    pub(crate) value: i64,
    /// A change of it replaces the object.
    pub(crate) shape: i64,
    /// Positions of wishes before this one.
    pub(crate) links: Vec<usize>,
    pub(crate) wave: u32,
    pub(crate) batch: Option<u32>,
}

impl Wish {
    pub(crate) fn new(name: &str, kind: &'static str, links: &[usize]) -> Wish {
        Wish {
            name: name.to_owned(),
            kind,
            region: None,
            value: 1,
            shape: 1,
            links: links.to_vec(),
            wave: 0,
            batch: None,
        }
    }

    fn terms(&self) -> Attributes {
        let link = |(field, to): (&str, &usize)| {
            let resource = ResId(*to as u32);
            (Symbol::new(field), Value::unknown(Term::Output { resource, name: Symbol::new("id") }))
        };
        let own = [
            (Symbol::new("name"), Value::str(self.name.as_str())),
            (Symbol::new("value"), Value::str(self.value.to_string())),
            (Symbol::new("shape"), Value::str(self.shape.to_string())),
        ];
        own.into_iter().chain(["one", "two"].into_iter().zip(&self.links).map(link)).collect()
    }
}

/// What is known of the wishes' ids while planning.
struct Ids(Vec<Option<ObjectId>>);

impl topo_model::Resolve for Ids {
    fn output(&self, resource: ResId, _: Symbol) -> Option<Value> {
        self.0[resource.0 as usize].as_ref().map(|id| Value::Str(id.0.clone()))
    }
}

/// An object that goes: of which address, what it refers to, the step that removes it.
struct Going {
    address: String,
    needs: Vec<String>,
    node: NodeId,
    op: Op,
    after: Vec<StepId>,
}

struct Planner<'a> {
    wishes: &'a [Wish],
    recorded: &'a Recorded,
    plan: Plan,
    ids: Ids,
    /// The step that brings a wish in line.
    steps: BTreeMap<String, StepId>,
    going: Vec<Going>,
}

/// The plan that leads from what is recorded and there to the wishes.
pub(crate) fn plan(wishes: &[Wish], recorded: &Recorded, objects: &[Object]) -> Plan {
    let waves = wishes.iter().map(|w| w.wave).max().unwrap_or(0) + 1;
    let wave = || Wave { regions: Vec::new(), bake: 0, gate: None, approve: false, revert: false, pushed: Vec::new() };
    let plan = Plan {
        project: Symbol::new("p"),
        env: Some(Symbol::new("e")),
        cloud: Symbol::new("test"),
        basis: Basis { program: String::new(), serial: recorded.serial, observed: String::new() },
        nodes: Vec::new(),
        steps: Vec::new(),
        waves: (0..waves).map(|_| wave()).collect(),
        frozen: Vec::new(),
        outputs: Vec::new(),
        outputs_changed: false,
        checks: Vec::new(),
        inputs: Vec::new(),
        summary: Summary::default(),
    };
    let steps = BTreeMap::new();
    let mut planner = Planner { wishes, recorded, plan, ids: Ids(Vec::new()), steps, going: Vec::new() };
    for wish in wishes {
        planner.wish(wish, objects);
    }
    for record in recorded.resources.values().filter(|r| wishes.iter().all(|w| w.name != r.address)) {
        planner.unwanted(record);
    }
    planner.removals();
    planner.plan
}

fn present(record: &RecordedResource) -> Present {
    Present {
        topo_id: record.topo_id.clone(),
        id: record.id.clone(),
        region: record.region,
        attributes: record.attributes.clone(),
        outputs: record.outputs.clone(),
        needs: record.needs.clone(),
    }
}

impl Planner<'_> {
    fn wish(&mut self, wish: &Wish, objects: &[Object]) {
        let record = self.recorded.resources.get(&wish.name);
        let terms = wish.terms();
        let value = |(name, term): (Symbol, &Value)| (name, evaluate(term, &self.ids).expect("only references"));
        let after: Attributes = terms.iter().map(value).collect();
        let standing = record.filter(|r| {
            r.kind.as_str().starts_with("core.") || objects.iter().any(|o| o.kind == r.kind && o.id == r.id)
        });
        let shape = Symbol::new("shape");
        let action = match standing {
            None => Action::Create,
            Some(r) if r.kind != wish.kind || r.attributes.get(shape) != after.get(shape) => {
                Action::Replace(ReplaceOrder::CreateFirst)
            }
            Some(r) if !r.ready || r.attributes != after => Action::Update,
            Some(_) => Action::None,
        };
        let node = NodeId(self.plan.nodes.len() as u32);
        let needs: Vec<String> = wish.links.iter().map(|l| self.wishes[*l].name.clone()).collect();
        let step_needs: Vec<StepId> = needs.iter().filter_map(|n| self.steps.get(n).copied()).collect();
        let detail = Detail { after: Some(terms), object: standing.map(present), needs, ..Detail::default() };
        let detail = self.with_deposed(detail, record);
        self.plan.nodes.push(Node {
            address: wish.name.clone(),
            kind: Symbol::new(wish.kind),
            region: wish.region.map(Symbol::new),
            action,
            wave: wish.wave,
            detail: Some(Box::new(detail)),
        });
        let known = matches!(action, Action::None | Action::Update);
        self.ids.0.push(standing.filter(|_| known).map(|r| r.id.clone()));
        let op = match action {
            Action::Create | Action::Replace(_) => Op::Create,
            Action::Update => Op::Update,
            _ => return self.deposed(record, node, None),
        };
        let step = self.step(node, op, wish.wave, step_needs, wish.batch);
        self.steps.insert(wish.name.clone(), step);
        self.deposed(record, node, Some(step));
        if let (Action::Replace(_), Some(old)) = (action, standing) {
            let op = Op::DeleteDeposed(old.deposed.len() as u32);
            self.goes(&old.address, &old.needs, node, op, vec![step]);
        }
    }

    fn with_deposed(&self, detail: Detail, record: Option<&RecordedResource>) -> Detail {
        let deposed = record.iter().flat_map(|r| &r.deposed).map(|d| Present {
            topo_id: d.topo_id.clone(),
            id: d.id.clone(),
            region: d.region,
            attributes: d.attributes.clone(),
            outputs: d.outputs.clone(),
            needs: d.needs.clone(),
        });
        Detail { deposed: deposed.collect(), ..detail }
    }

    fn deposed(&mut self, record: Option<&RecordedResource>, node: NodeId, after: Option<StepId>) {
        let Some(record) = record else { return };
        for (at, old) in record.deposed.iter().enumerate() {
            self.goes(&record.address, &old.needs, node, Op::DeleteDeposed(at as u32), after.into_iter().collect());
        }
        if !record.deposed.is_empty() && after.is_none() {
            self.plan.nodes[node.0 as usize].action = Action::Delete;
        }
    }

    fn unwanted(&mut self, record: &RecordedResource) {
        let node = NodeId(self.plan.nodes.len() as u32);
        let detail = Detail { object: Some(present(record)), needs: record.needs.clone(), ..Detail::default() };
        let detail = self.with_deposed(detail, Some(record));
        self.plan.nodes.push(Node {
            address: record.address.clone(),
            kind: record.kind,
            region: record.region,
            action: Action::Delete,
            wave: 0,
            detail: Some(Box::new(detail)),
        });
        self.deposed(Some(record), node, None);
        self.goes(&record.address, &record.needs, node, Op::Delete, Vec::new());
    }

    fn goes(&mut self, address: &str, needs: &[String], node: NodeId, op: Op, after: Vec<StepId>) {
        self.going.push(Going { address: address.to_owned(), needs: needs.to_vec(), node, op, after });
    }

    /// Users go before what they use; names tell the order, since links point to earlier ones.
    fn removals(&mut self) {
        let mut going = std::mem::take(&mut self.going);
        going.sort_by(|a, b| b.address.cmp(&a.address));
        let mut removed: Vec<(Vec<String>, StepId)> = Vec::new();
        for Going { address, needs, node, op, mut after } in going {
            let users = removed.iter().filter(|(uses, _)| uses.contains(&address)).map(|(_, step)| *step);
            after.extend(users);
            let changed = self.recorded.resources.values().filter(|r| r.needs.contains(&address));
            after.extend(changed.filter_map(|r| self.steps.get(&r.address)));
            let wave = self.plan.waves.len() as u32 - 1;
            after.sort();
            after.dedup();
            let step = self.step(node, op, wave, after, None);
            removed.push((needs, step));
        }
    }

    fn step(&mut self, node: NodeId, op: Op, wave: u32, needs: Vec<StepId>, batch: Option<u32>) -> StepId {
        self.plan.steps.push(Step { node, op, wave, needs, batch });
        StepId(self.plan.steps.len() as u32 - 1)
    }
}
