//! Carrying a plan out in memory: what the executor and a strict cloud would do.

use topo_model::{
    Attributes, Deposed, Object, ObjectId, Owner, RecordedResource, ResId, Resolve, Status, Symbol, TopoId, Type,
    Value, evaluate,
};
use topo_plan::{Action, Detail, Node, Op, Plan, Present};

use super::{World, key};

/// What is known while a plan is carried out.
struct Known<'a> {
    world: &'a World,
    plan: &'a Plan,
}

impl Resolve for Known<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        let record = self.world.recorded.resources.get(&self.plan.nodes[resource.0 as usize].address)?;
        record.outputs.get(name).or_else(|| record.attributes.get(name)).cloned()
    }
}

impl World {
    /// Does what a plan says, step by step, and panics where a cloud would refuse.
    #[track_caller]
    pub(crate) fn carry_out(&mut self, plan: &Plan) {
        self.carry_out_until(plan, plan.steps.len());
    }

    /// The same, killed after some steps.
    #[track_caller]
    pub(crate) fn carry_out_until(&mut self, plan: &Plan, steps: usize) {
        let mut done = vec![false; plan.steps.len()];
        for (at, step) in plan.steps.iter().enumerate().take(steps) {
            assert!(step.needs.iter().all(|need| done[need.0 as usize]), "a step stands before what it needs");
            self.step(plan, &plan.nodes[step.node.0 as usize], step.op);
            done[at] = true;
            let batch_goes_on =
                step.batch.is_some() && plan.steps.iter().skip(at + 1).any(|other| other.batch == step.batch);
            if !batch_goes_on {
                self.no_key_twice();
            }
        }
        if steps >= plan.steps.len() {
            self.recorded.outputs = plan
                .outputs
                .iter()
                .map(|(name, value)| {
                    let value = evaluate(value, &Known { world: self, plan }).expect("an output");
                    assert!(value.is_ground(), "output {name} is known after the apply");
                    (*name, value)
                })
                .collect();
        }
        for node in &plan.nodes {
            if let Some(outputs) = node.detail.as_ref().and_then(|d| d.refreshed.clone()) {
                self.recorded.resources[&node.address].outputs = outputs;
            }
        }
        self.recorded.serial += steps as u64;
    }

    fn step(&mut self, plan: &Plan, node: &Node, op: Op) {
        let detail = node.detail.as_deref().expect("a node with steps has its detail");
        match op {
            Op::Create => self.create(plan, node, detail),
            Op::Update => self.update(plan, node, detail),
            Op::Import => {
                let object = detail.object.as_ref().expect("what is adopted is there");
                let record = record(node, detail, object.topo_id.clone(), object.id.clone());
                self.recorded.resources.insert(node.address.clone(), record);
                self.update(plan, node, detail);
            }
            Op::Move => {
                let from = detail.moved_from.as_ref().expect("it had another address");
                let mut record = self.recorded.resources.shift_remove(from).expect("it is recorded");
                record.address.clone_from(&node.address);
                record.needs.clone_from(&detail.needs);
                for other in self.recorded.resources.values_mut() {
                    other.needs.iter_mut().filter(|n| *n == from).for_each(|n| n.clone_from(&node.address));
                }
                self.recorded.resources.insert(node.address.clone(), record);
            }
            Op::Forget => drop(self.recorded.resources.shift_remove(&node.address)),
            Op::Delete => {
                let object = detail.object.as_ref().expect("what is deleted was there");
                self.delete(node, object);
                self.recorded.resources.shift_remove(&node.address);
            }
            Op::DeleteDeposed(at) => {
                let object = match detail.deposed.get(at as usize) {
                    Some(object) => object,
                    None => detail.object.as_ref().expect("what is deposed was there"),
                };
                self.delete(node, object);
                if let Some(record) = self.recorded.resources.get_mut(&node.address) {
                    record.deposed.retain(|d| d.topo_id != object.topo_id);
                }
            }
            Op::Read => {}
        }
    }

    fn resolved(&self, plan: &Plan, detail: &Detail) -> Attributes {
        let after = detail.after.as_ref().expect("what is made has attributes");
        let known = Known { world: self, plan };
        after
            .iter()
            .map(|(name, value)| {
                let value = evaluate(value, &known).expect("a value");
                assert!(value.is_ground(), "{name} = {value} is not known when its step comes");
                (name, value)
            })
            .collect()
    }

    fn create(&mut self, plan: &Plan, node: &Node, detail: &Detail) {
        self.made += 1;
        let attributes = self.resolved(plan, detail);
        let kind = self.desired.catalogue.by_name(node.kind).expect("a kind");
        let natural: Vec<String> =
            key(kind).iter().filter_map(|id| attributes.get(kind.attr(*id).name)).map(ToString::to_string).collect();
        let short = node.kind.as_str().rsplit('.').next().unwrap_or_default().to_lowercase();
        let id = if natural.is_empty() {
            format!("{short}-{}", self.made)
        } else {
            format!("{}{}", node.region.map_or("", Symbol::as_str), natural.join("|"))
        };
        let (id, topo_id) = (ObjectId(id.as_str().into()), TopoId(format!("t{}", self.made).into()));
        let mut new = record(node, detail, topo_id.clone(), id.clone());
        new.outputs.set(Symbol::new("id"), Value::str(id.0.as_str()));
        new.outputs.set(Symbol::new("arn"), Value::str(format!("arn:{}", id.0)));
        if let Some(old) = self.recorded.resources.get(&node.address) {
            new.deposed.clone_from(&old.deposed);
            if matches!(node.action, Action::Replace(_)) {
                new.deposed.push(Deposed {
                    topo_id: old.topo_id.clone(),
                    id: old.id.clone(),
                    region: old.region,
                    attributes: old.attributes.clone(),
                    outputs: old.outputs.clone(),
                    needs: old.needs.clone(),
                });
            }
        }
        new.attributes = attributes.clone();
        if !kind.state_only() {
            self.cloud.push(Object {
                id,
                kind: node.kind,
                region: node.region,
                attributes,
                outputs: new.outputs.clone(),
                owner: Some(self.owner(topo_id, &node.address)),
                status: Status::Ready,
            });
        }
        self.recorded.resources.insert(node.address.clone(), new);
    }

    pub(crate) fn owner(&self, id: TopoId, address: &str) -> Owner {
        Owner { id, path: Owner::path_of(address), project: "demo".into(), env: "test".into() }
    }

    fn update(&mut self, plan: &Plan, node: &Node, detail: &Detail) {
        let sent = self.resolved(plan, detail);
        let kind = self.desired.catalogue.by_name(node.kind).expect("a kind").clone();
        let record = &self.recorded.resources[&node.address];
        let (topo_id, region) = (record.topo_id.clone(), record.region);
        let mark = self.owner(topo_id, &node.address);
        let id = detail.object.as_ref().expect("what is updated is there").id.clone();
        if !kind.state_only() {
            let object = self.cloud.iter_mut().find(|o| o.kind == node.kind && o.region == region && o.id == id);
            let object = object.unwrap_or_else(|| panic!("{} is not there", node.address));
            object.owner = Some(mark);
            for (name, value) in sent.iter() {
                let (_, schema) = kind.attribute(name).expect("an attribute");
                let old = object.attributes.get(name);
                assert!(!schema.immutable || old == Some(value), "{}.{name} can't change in place", node.address);
                let value = if name == "tags" { merged(old, value) } else { value.clone() };
                object.attributes.set(name, value);
            }
        }
        let record = &mut self.recorded.resources[&node.address];
        record.attributes = sent;
        record.id = id;
        record.needs.clone_from(&detail.needs);
        record.protect = detail.protect;
        record.replace = detail.replace;
        record.ready = true;
    }

    fn delete(&mut self, node: &Node, object: &Present) {
        let at = |o: &Object| o.kind == node.kind && o.region == object.region && o.id == object.id;
        let id = Value::str(object.id.0.as_str());
        for other in self.cloud.iter().filter(|o| !at(o)) {
            let kind = self.desired.catalogue.by_name(other.kind).expect("a kind");
            let takes = |name| matches!(kind.attribute(name), Some((_, a)) if matches!(a.ty, Type::Reference { .. }));
            let refers = other.attributes.iter().any(|(name, value)| *value == id && takes(name));
            assert!(!refers, "{} {} can't be deleted: {} {} refers to it", node.kind, id, other.kind, other.id);
        }
        self.cloud.retain(|o| !at(o));
    }

    /// Panics when two objects share what no two may share.
    fn no_key_twice(&self) {
        for (at, object) in self.cloud.iter().enumerate() {
            let kind = self.desired.catalogue.by_name(object.kind).expect("a kind");
            for key in std::iter::once(key(kind)).chain(kind.unique.iter().map(|u| u.attributes.as_slice())) {
                let same = |other: &&Object| {
                    let value = |o: &Object, id: &topo_model::AttrId| o.attributes.get(kind.attr(*id).name).cloned();
                    other.kind == object.kind
                        && other.region == object.region
                        && !key.is_empty()
                        && key.iter().all(|id| value(other, id) == value(object, id))
                };
                assert!(!self.cloud[..at].iter().any(|o| same(&o)), "{} {} is there twice", object.kind, object.id);
            }
        }
    }
}

fn merged(old: Option<&Value>, new: &Value) -> Value {
    let (Some(Value::Map(old)), Value::Map(new)) = (old, new) else { return new.clone() };
    let mut map = old.as_ref().clone();
    for (key, value) in new.iter() {
        map.insert(key.clone(), value.clone());
    }
    Value::map(map.iter().filter(|(_, v)| !v.is_none()).map(|(k, v)| (k.clone(), v.clone())))
}

fn record(node: &Node, detail: &Detail, topo_id: TopoId, id: ObjectId) -> RecordedResource {
    RecordedResource {
        address: node.address.clone(),
        kind: node.kind,
        region: node.region,
        topo_id,
        id,
        ready: true,
        attributes: Attributes::new(),
        outputs: detail.object.as_ref().map(|o| o.outputs.clone()).unwrap_or_default(),
        needs: detail.needs.clone(),
        protect: detail.protect,
        replace: detail.replace,
        deposed: Vec::new(),
    }
}
