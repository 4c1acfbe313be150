//! From a step to the call it makes: values that only now are known, checks that waited for
//! them, the object that is meant.

use topo_model::{
    Attributes, FuncError, Kind, ObjectId, RecordedResource, ResId, Resolve, Symbol, Term, TopoId, Value, Verdict,
    evaluate,
};
use topo_plan::{Detail, Node, NodeId, Op, Present};
use topo_provider::Provider;

use super::dispatch::Dispatcher;

/// The object that a step is about.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) topo_id: TopoId,
    pub(crate) id: ObjectId,
    pub(crate) region: Option<Symbol>,
    pub(crate) attributes: Attributes,
}

impl Target {
    fn present(present: &Present) -> Target {
        let Present { topo_id, id, region, attributes, .. } = present.clone();
        Target { topo_id, id, region, attributes }
    }

    fn recorded(record: &RecordedResource) -> Target {
        let RecordedResource { topo_id, id, region, attributes, .. } = record.clone();
        Target { topo_id, id, region, attributes }
    }
}

/// The objects' outputs and attributes, as of now.
struct Live<'a, 'b, P>(&'b Dispatcher<'a, P>);

impl<P: Provider> Resolve for Live<'_, '_, P> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        self.0.known(NodeId::from(resource), name)
    }
}

/// What a kind's checks look at: the object as it will be, and those it refers to.
struct Own<'a, 'b, P> {
    dispatcher: &'b Dispatcher<'a, P>,
    kind: &'b Kind,
    terms: &'b Attributes,
    attributes: &'b Attributes,
}

impl<P: Provider> Resolve for Own<'_, '_, P> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        self.dispatcher.known(NodeId::from(resource), name)
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        match path {
            [name] => match self.attributes.get(*name) {
                Some(value) => Some(value.clone()),
                // An output of the object itself is known to nobody yet.
                None => self.kind.attribute(*name).map(|_| Value::None),
            },
            [reference, rest @ ..] => {
                let Some(value) = self.terms.get(*reference) else { return Some(Value::None) };
                let Value::Unknown(term) = value else { return None };
                let Term::Output { resource, .. } = &**term else { return None };
                let [name] = rest else { return None };
                self.dispatcher.known(NodeId::from(*resource), *name)
            }
            [] => None,
        }
    }
}

impl<P: Provider> Dispatcher<'_, P> {
    /// An output or attribute of a node's object.
    pub(crate) fn known(&self, node: NodeId, name: Symbol) -> Option<Value> {
        let pick =
            |outputs: &Attributes, attributes: &Attributes| outputs.get(name).or_else(|| attributes.get(name)).cloned();
        if let Some(found) = self.found.get(&node) {
            return pick(&found.outputs, &found.attributes);
        }
        let record = self.record(self.plan.nodes.get(node.0 as usize)?)?;
        pick(&record.outputs, &record.attributes)
    }

    /// A node's record, under its old address where it is not moved yet.
    pub(crate) fn record(&self, node: &Node) -> Option<&RecordedResource> {
        let old = || node.detail.as_ref()?.moved_from.as_deref();
        self.book
            .record(self.log, &node.address)
            .or_else(|| old().and_then(|address| self.book.record(self.log, address)))
    }

    /// A value with everything put in that is known; an error when something is not.
    pub(crate) fn value(&self, value: &Value) -> Result<Value, String> {
        let found = evaluate(value, &Live(self)).map_err(|FuncError { message, help, .. }| match help {
            Some(help) => format!("{message}; {help}"),
            None => message,
        })?;
        if found.is_ground() { Ok(found) } else { Err(format!("{} is not known", self.in_words(&found))) }
    }

    fn in_words(&self, value: &Value) -> String {
        let mut text = None;
        value.for_each_term(&mut |term| {
            if let Term::Output { resource, name } = term {
                let address = self.plan.nodes.get(resource.0 as usize).map_or("?", |n| n.address.as_str());
                text.get_or_insert_with(|| format!("{address}.{name}"));
            }
        });
        text.unwrap_or_else(|| value.to_string())
    }

    /// The attributes that a step sends, checked as the kind demands.
    pub(crate) fn attributes(&self, kind: &Kind, terms: &Attributes) -> Result<Attributes, String> {
        let each = terms
            .iter()
            .map(|(name, term)| self.value(term).map(|value| (name, value)).map_err(|why| format!("{name}: {why}")));
        let attributes: Attributes = each.collect::<Result<_, String>>()?;
        let own = Own { dispatcher: self, kind, terms, attributes: &attributes };
        for check in &kind.checks {
            if let Verdict::Broken(text) = check.decide(&own) {
                return Err(text);
            }
        }
        Ok(attributes)
    }

    /// The attributes that a create, update, import or lookup sends.
    pub(crate) fn after(&self, node: &Node, kind: &Kind, op: Op) -> Result<Attributes, String> {
        let after = node.detail.as_ref().and_then(|d| d.after.as_ref());
        match (op, after) {
            // Only the mark changes; what an update does is the update's.
            (Op::Move, _) if node.action != topo_plan::Action::Move => Ok(self.recorded_attributes(node)),
            (Op::Move, None) => Ok(self.recorded_attributes(node)),
            (Op::Read, None) => Ok(Attributes::new()),
            (_, Some(terms)) if op == Op::Read => {
                terms.iter().map(|(name, term)| Ok((name, self.value(term)?))).collect()
            }
            (_, Some(terms)) => self.attributes(kind, terms),
            (_, None) => Err("the plan does not say how it should be; plan again".to_owned()),
        }
    }

    fn recorded_attributes(&self, node: &Node) -> Attributes {
        self.record(node).map(|r| r.attributes.clone()).unwrap_or_default()
    }

    /// The object that a step changes or removes.
    pub(crate) fn target(&self, node: &Node, op: Op) -> Result<Target, String> {
        let detail = node.detail.as_deref();
        let current = || {
            let present = detail.and_then(|d| d.object.as_ref()).map(Target::present);
            present.or_else(|| self.record(node).map(Target::recorded))
        };
        let target = match op {
            Op::DeleteDeposed(at) => detail.and_then(|d| deposed(d, at as usize)),
            _ => current(),
        };
        target.ok_or_else(|| "the plan names no object to change; plan again".to_owned())
    }
}

fn deposed(detail: &Detail, at: usize) -> Option<Target> {
    if at == detail.deposed.len() {
        return detail.object.as_ref().map(Target::present);
    }
    detail.deposed.get(at).map(Target::present)
}
