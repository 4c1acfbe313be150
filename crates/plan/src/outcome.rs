//! What holds over the whole plan: checks that wait for a cloud, checks of kinds, outputs.

use topo_model::{
    DeferredCheck, Diagnostic, FuncError, KindCheck, ResId, Resolve, Resource, Span, Status, Symbol, Term, Value,
    Verdict,
};

use crate::differ::refers;
use crate::known::{Decision, Known, Source};
use crate::scene::{Scene, made_at, place};
use crate::{Action, NodeId, PlannedCheck, codes};

/// The program's checks that can't be decided yet; those that fail are errors.
pub(crate) fn checks(
    scene: &Scene<'_>,
    decisions: &[Decision],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<PlannedCheck> {
    let known = Known { scene, decisions };
    let mut planned = Vec::new();
    for check in &scene.desired.checks {
        match known.value(&check.cond).map(|v| v.into_owned()) {
            Ok(Value::Bool(true)) => {}
            // What was made from what is not up to date is decided another time, too.
            Ok(Value::Bool(false)) | Err(_) if late(decisions, &check.cond) => {}
            Ok(Value::Bool(false)) => diagnostics.push(broken(&known, check)),
            Ok(cond) => {
                let message = known.value(&check.message).map_or_else(|_| check.message.clone(), |v| v.into_owned());
                let needs = waits_for(&cond);
                // What waits for something that is held back is decided another time.
                if needs.iter().all(|node| decisions[node.0 as usize].hold.is_none()) {
                    planned.push(PlannedCheck { cond, message, code: check.code.0, needs, span: check.span });
                }
            }
            Err(error) => diagnostics.push(failed(&error, check.span)),
        }
    }
    planned
}

fn waits_for(value: &Value) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    value.for_each_resource(&mut |id| nodes.push(NodeId::from(id)));
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Whether a value comes from something that is held back and not up to date.
fn late(decisions: &[Decision], value: &Value) -> bool {
    waits_for(value).iter().any(|node| {
        let decision = &decisions[node.0 as usize];
        decision.late() || decision.behind.is_some()
    })
}

fn broken(known: &Known<'_>, check: &DeferredCheck) -> Diagnostic {
    let message = match known.value(&check.message).map(|v| v.into_owned()) {
        Ok(Value::Str(text)) => text.to_string(),
        _ => "a check does not hold".to_owned(),
    };
    let found = Diagnostic::error(check.code.0, check.span, message, "does not hold");
    match check.instance {
        Some(instance) => found.at(known.scene.desired.addresses.render(instance)),
        None => found,
    }
}

fn failed(error: &FuncError, span: Span) -> Diagnostic {
    let found = Diagnostic::error(error.code, span, error.message.clone(), "evaluated at plan");
    match &error.help {
        Some(help) => found.help(help.clone()),
        None => found,
    }
}

/// The topology's outputs as they will be, and whether they differ from the recorded ones.
/// One that waits for something that is held back stays as it is recorded.
pub(crate) fn outputs(
    scene: &Scene<'_>,
    decisions: &[Decision],
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<(Symbol, Value)>, bool) {
    let known = Known { scene, decisions };
    let old = &scene.recorded.outputs;
    let mut outputs = Vec::new();
    let idle = |node: &NodeId| {
        let decision = &decisions[node.0 as usize];
        decision.action == Action::None && decision.source == Source::Nowhere
    };
    for output in &scene.desired.outputs {
        match known.value(&output.value).map(|v| v.into_owned()) {
            Ok(value) if waits_for(&value).iter().any(idle) => {
                outputs.extend(old.get(output.name).map(|value| (output.name, value.clone())));
            }
            Ok(value) => outputs.push((output.name, value)),
            Err(_) if late(decisions, &output.value) => {
                outputs.extend(old.get(output.name).map(|value| (output.name, value.clone())));
            }
            Err(error) => diagnostics.push(failed(&error, output.span)),
        }
    }
    let changed = outputs.len() != old.len() || outputs.iter().any(|(name, value)| old.get(*name) != Some(value));
    (outputs, changed)
}

/// The checks of kinds over what will be made or changed, as far as they can be decided.
pub(crate) fn kinds(scene: &Scene<'_>, decisions: &[Decision], diagnostics: &mut Vec<Diagnostic>) {
    let refused = diagnostics.iter().any(|d| d.code.0 == codes::ELSEWHERE);
    for (id, resource) in scene.desired.iter() {
        let decision = &decisions[id.0 as usize];
        let acts = matches!(decision.action, Action::Create | Action::Update | Action::Replace(_) | Action::Import);
        // Refused already; what it would be held against is not as it will be.
        if !acts || (refused && decision.behind.is_some()) {
            continue;
        }
        for check in &scene.desired.kind(resource).checks {
            let own = Own { known: Known { scene, decisions }, id, resource };
            if let Verdict::Broken(text) = check.decide(&own) {
                diagnostics.push(unfit(scene, id, resource, check, text));
            }
        }
    }
}

fn unfit(scene: &Scene<'_>, id: ResId, resource: &Resource, check: &KindCheck, text: String) -> Diagnostic {
    let code = check.code.map_or(202, |c| c.0);
    let found = Diagnostic::error(code, place(resource), text, "breaks a rule of its kind");
    made_at(found, Some(resource)).label(check.span, "the rule").at(scene.address(id.0))
}

/// What a kind's check sees of one resource: its attributes as they will be, and, along
/// references, those of the resources it refers to.
struct Own<'a> {
    known: Known<'a>,
    id: ResId,
    resource: &'a Resource,
}

impl Resolve for Own<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        self.known.output(resource, name)
    }

    fn own(&self, path: &[Symbol]) -> Option<Value> {
        let (first, rest) = path.split_first()?;
        let kind = self.known.scene.desired.kind(self.resource);
        let Some((attr, declared)) = kind.attribute(*first) else {
            return kind.here(*first, self.resource.region).or_else(|| self.known.output(self.id, *first));
        };
        let Some(value) = self.resource.value(attr).filter(|v| !v.is_none()) else { return Some(Value::None) };
        match (rest.split_first(), refers(declared)) {
            (None, _) => self.known.value(value).ok().map(|v| v.into_owned()),
            (Some((next, deeper)), true) => {
                let found = self.known.output(self.referred(value)?, *next)?;
                deeper.iter().try_fold(found, |value, name| value.field(name.as_str()).cloned())
            }
            (Some(_), false) => {
                let value = self.known.value(value).ok()?.into_owned();
                rest.iter().try_fold(value, |value, name| match value {
                    Value::Record(record) => Some(record.get(*name).cloned().unwrap_or_default()),
                    Value::None => Some(Value::None),
                    _ => None,
                })
            }
        }
    }
}

impl Own<'_> {
    /// The resource that a reference leads to, also by way of another one that takes it.
    fn referred(&self, value: &Value) -> Option<ResId> {
        let desired = self.known.scene.desired;
        let mut value = value;
        loop {
            let Value::Unknown(term) = value else { return None };
            let Term::Output { resource: at, name } = &**term else { return None };
            let resource = desired.resource(*at);
            match desired.kind(resource).attribute(*name) {
                Some((id, attribute)) if refers(attribute) => value = resource.value(id)?,
                _ => return Some(*at),
            }
        }
    }
}

/// Warnings for objects that were ready once and that their cloud calls failed.
pub(crate) fn failures(scene: &Scene<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for node in 0..scene.programmed() {
        let (Some(object), Some(record)) = (scene.object(node), scene.record(node)) else { continue };
        let Status::Failed(text) = &object.status else { continue };
        if !record.ready {
            continue;
        }
        let address = scene.address(node);
        let span = scene.place(node);
        let message = format!("{address} was ready and has failed: {text}");
        let found = Diagnostic::warning(codes::FAILED_OBJECT, span, message, "has failed")
            .help(format!("repair it, or have it made again: `--replace {address}`"));
        diagnostics.push(made_at(found, scene.resource(node)).at(address));
    }
}

/// Errors for protected resources that would lose their object.
pub(crate) fn protected(scene: &Scene<'_>, decisions: &[Decision], diagnostics: &mut Vec<Diagnostic>) {
    for node in scene.nodes() {
        let decision = &decisions[node as usize];
        if !crate::hold::retires(scene, node, decision) || scene.record(node).is_none() {
            continue;
        }
        let protect = match scene.resource(node) {
            Some(resource) => resource.lifecycle.as_ref().is_some_and(|l| l.protect),
            None => scene.record(node).is_some_and(|r| r.protect) && !scene.released.contains(scene.address(node)),
        };
        if !protect {
            continue;
        }
        let address = scene.address(node);
        let reason = decision.detail.as_ref().and_then(|d| d.reasons.first());
        let why = reason.map_or_else(String::new, |r| format!(": {}", r.text));
        let verb = if decision.replaces() { "replaced" } else { "deleted" };
        let span = scene.place(node);
        let message = format!("{address} is protected and would be {verb}{why}");
        let found = Diagnostic::error(codes::PROTECTED, span, message, "has `lifecycle.protect`")
            .help(format!("apply once with `protect = false` on {address}, if it may go"));
        diagnostics.push(made_at(found, scene.resource(node)).at(address));
    }
}
