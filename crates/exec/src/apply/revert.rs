//! Taking a failed wave back, where the rollout asks for it and every change of the wave can
//! be reversed: what was made is deleted, what was changed gets the settings back that were
//! recorded before. What was deleted, replaced, renamed, taken over or let go can't be.

use topo_model::{Attributes, ObjectId, Recorded, RecordedResource, ReplaceOrder, TopoId, Value};
use topo_plan::{Action, Basis, Detail, Node, Op, Plan, Present, Step, StepId, Summary, Wave};

/// What takes a wave back. Nodes stand where they stand in the plan that failed.
pub(crate) struct Reversal {
    pub(crate) plan: Plan,
    /// For each of its steps, the one that it takes back.
    pub(crate) of: Vec<StepId>,
}

/// What takes back the steps that were touched, or why they can't be.
pub(crate) fn reversal(plan: &Plan, touched: &[StepId], recorded: &Recorded) -> Result<Reversal, String> {
    let mut taken = vec![None; plan.steps.len()];
    let mut nodes: Vec<Node> = plan.nodes.iter().map(untouched).collect();
    for id in touched {
        let step = &plan.steps[id.0 as usize];
        let node = &plan.nodes[step.node.0 as usize];
        if recorded.intents.iter().any(|i| i.address == node.address) {
            return Err(format!("it can't be told what became of {}", node.address));
        }
        let record = recorded.resources.get(&node.address);
        let reversed = match (step.op, node.action, record) {
            (Op::Read, _, _) => continue,
            (Op::Create, Action::Create, None) => continue,
            (Op::Create, Action::Create, Some(record)) => unmade(node, record),
            (Op::Update, Action::Update, Some(record)) => put_back(node, record)?,
            (op, action, _) => return Err(format!("{} was {}", node.address, done(op, action))),
        };
        taken[id.0 as usize] = Some(if reversed.action == Action::Delete { Op::Delete } else { Op::Update });
        nodes[step.node.0 as usize] = reversed;
    }
    Ok(in_reverse(plan, nodes, &taken))
}

fn untouched(node: &Node) -> Node {
    Node { action: Action::None, detail: None, ..node.clone() }
}

fn unmade(node: &Node, record: &RecordedResource) -> Node {
    let detail = Detail {
        object: Some(present(record, &record.topo_id, &record.id)),
        timeout: node.detail.as_ref().and_then(|d| d.timeout),
        ..Detail::default()
    };
    Node { action: Action::Delete, detail: Some(Box::new(detail)), ..node.clone() }
}

fn put_back(node: &Node, record: &RecordedResource) -> Result<Node, String> {
    let missing = || format!("the plan does not say how {} was", node.address);
    let detail = node.detail.as_deref().ok_or_else(missing)?;
    let old = detail.object.as_ref().ok_or_else(missing)?;
    let mut after = old.attributes.clone();
    for (name, value) in record.attributes.iter() {
        let before = detail.before.as_ref().and_then(|b| b.get(name)).filter(|v| !v.is_none());
        match (after.get(name), before) {
            (None, Some(before)) => after.set(name, before.clone()),
            (None, None) => return Err(format!("{}.{name} was not set before", node.address)),
            (Some(old), _) if name == "tags" => {
                let tags = without_new(old, value);
                after.set(name, tags);
            }
            (Some(_), _) => {}
        }
    }
    let detail = Detail {
        before: Some(Attributes::new()),
        after: Some(after),
        object: Some(present(record, &record.topo_id, &record.id)),
        needs: old.needs.clone(),
        deposed: Vec::new(),
        refreshed: None,
        ..detail.clone()
    };
    Ok(Node { detail: Some(Box::new(detail)), ..node.clone() })
}

/// The old tags, with `none` for each that came since.
fn without_new(old: &Value, new: &Value) -> Value {
    let (Value::Map(old), Value::Map(new)) = (old, new) else { return old.clone() };
    let came = new.keys().filter(|key| old.get(key).is_none()).map(|key| (key.clone(), Value::None));
    Value::map(old.iter().map(|(k, v)| (k.clone(), v.clone())).chain(came))
}

fn present(record: &RecordedResource, topo_id: &TopoId, id: &ObjectId) -> Present {
    Present {
        topo_id: topo_id.clone(),
        id: id.clone(),
        region: record.region,
        attributes: record.attributes.clone(),
        outputs: record.outputs.clone(),
        needs: record.needs.clone(),
    }
}

fn done(op: Op, action: Action) -> &'static str {
    match (op, action) {
        (_, Action::Replace(ReplaceOrder::CreateFirst | ReplaceOrder::DeleteFirst)) => "replaced",
        (Op::Delete | Op::DeleteDeposed(_), _) => "deleted",
        (Op::Move, _) => "renamed",
        (Op::Import, _) => "taken over",
        (Op::Forget, _) => "let go",
        _ => "changed together with something else",
    }
}

/// The steps the other way round: what came after is taken back before.
fn in_reverse(plan: &Plan, nodes: Vec<Node>, taken: &[Option<Op>]) -> Reversal {
    let mut after: Vec<Vec<StepId>> = vec![Vec::new(); plan.steps.len()];
    let (mut steps, mut of) = (Vec::new(), Vec::new());
    for (at, step) in plan.steps.iter().enumerate().rev() {
        let mut needs = std::mem::take(&mut after[at]);
        needs.sort_unstable();
        needs.dedup();
        // What is not taken back itself passes on what must go before.
        let passed = match taken[at] {
            Some(op) => {
                of.push(StepId(at as u32));
                steps.push(Step { node: step.node, op, wave: 0, needs, batch: step.batch });
                vec![StepId(steps.len() as u32 - 1)]
            }
            None => needs,
        };
        for need in &step.needs {
            after[need.0 as usize].extend(&passed);
        }
    }
    let wave = Wave { regions: Vec::new(), bake: 0, gate: None, approve: false, revert: false, pushed: Vec::new() };
    let plan = Plan {
        project: plan.project,
        env: plan.env,
        cloud: plan.cloud,
        basis: Basis { program: String::new(), serial: 0, observed: String::new() },
        nodes,
        steps,
        waves: vec![wave],
        frozen: Vec::new(),
        outputs: Vec::new(),
        outputs_changed: false,
        checks: Vec::new(),
        inputs: Vec::new(),
        summary: Summary::default(),
    };
    Reversal { plan, of }
}
