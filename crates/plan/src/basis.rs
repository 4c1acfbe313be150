//! What a plan was made from, and whether it still holds.

use std::fmt::Write;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use topo_model::{Attributes, Object, ObjectId, Recorded, Symbol, Value};

use crate::{Action, Node, NodeId, Observed, Plan, tags};

/// Objects by kind, region and id.
type Seen<'a> = FxHashMap<(Symbol, Option<Symbol>, &'a ObjectId), &'a Object>;

fn seen(observed: &Observed) -> Seen<'_> {
    let mut objects = observed.objects.iter().collect::<Vec<_>>();
    objects.extend(observed.found.iter().filter_map(|(_, found)| match found {
        crate::Found::One(object) => Some(object),
        _ => None,
    }));
    objects.into_iter().map(|o| ((o.kind, o.region, &o.id), o)).collect()
}

/// The managed attributes of a node's object as they are now; `None` where it is gone or
/// never was. State-only kinds have no object.
fn now(node: &Node, seen: &Seen<'_>) -> Option<Attributes> {
    let detail = node.detail.as_ref()?;
    let (present, before) = (detail.object.as_ref()?, detail.before.as_ref()?);
    let object = seen.get(&(node.kind, present.region, &present.id))?;
    let value = |name: Symbol, old: &Value| {
        let value = object.attributes.get(name)?;
        if name != "tags" {
            return Some((name, value.clone()));
        }
        // Other people's tags are none of our business.
        let after = detail.after.as_ref().and_then(|a| a.get(name)).unwrap_or(&Value::None);
        Some((name, tags::owned(value, after, Some(old))))
    };
    Some(before.iter().filter_map(|(name, old)| value(name, old)).collect())
}

fn touched(node: &Node) -> bool {
    node.action != Action::None && !node.kind.as_str().starts_with("core.")
}

/// The digest of the managed attributes, as observed, of all that steps touch; empty where
/// nobody looked.
pub(crate) fn digest(nodes: &[Node], observed: &Observed) -> String {
    if observed.skipped {
        return String::new();
    }
    let seen = seen(observed);
    let mut hash = Sha256::new();
    for node in nodes.iter().filter(|n| touched(n)) {
        let Some(present) = node.detail.as_ref().and_then(|d| d.object.as_ref()) else { continue };
        hash.update(node.address.as_bytes());
        hash.update([0]);
        hash.update(present.id.0.as_bytes());
        hash.update([0]);
        if let Some(attributes) = now(node, &seen) {
            for (name, value) in attributes.iter() {
                hash.update(name.as_str().as_bytes());
                hash.update(value.to_string().as_bytes());
                hash.update([0]);
            }
        }
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Why a plan can't be applied any more, in words; `None` while it can.
pub fn stale(plan: &Plan, recorded: &Recorded, program: &str, observed: Option<&Observed>) -> Option<String> {
    if plan.basis.program != program {
        return Some("the program, its inputs or its environment changed after the plan was made".to_owned());
    }
    if plan.basis.serial != recorded.serial {
        let (then, now) = (plan.basis.serial, recorded.serial);
        return Some(format!("the state changed after the plan was made: its serial was {then} and is {now}"));
    }
    let observed = observed.filter(|_| !plan.basis.observed.is_empty())?;
    if digest(&plan.nodes, observed) == plan.basis.observed {
        return None;
    }
    let first = plan.disturbed(None, observed).first().map(|node| plan.nodes[node.0 as usize].address.clone());
    let what = first.unwrap_or_else(|| "an object that the plan changes".to_owned());
    Some(format!("{what} changed outside after the plan was made"))
}

impl Plan {
    /// Nodes whose objects are not as the plan saw them: of all that the steps of a wave touch
    /// first, or of all that any step touches.
    pub fn disturbed(&self, wave: Option<u32>, observed: &Observed) -> Vec<NodeId> {
        let seen = seen(observed);
        let mut looked = vec![false; self.nodes.len()];
        let mut found = Vec::new();
        for step in &self.steps {
            // Steps stand in the order of their waves, so the first of a node decides.
            if std::mem::replace(&mut looked[step.node.0 as usize], true) || wave.is_some_and(|w| w != step.wave) {
                continue;
            }
            let node = &self.nodes[step.node.0 as usize];
            let before = node.detail.as_ref().filter(|d| d.object.is_some()).and_then(|d| d.before.as_ref());
            if touched(node) && before.is_some_and(|before| now(node, &seen).as_ref() != Some(before)) {
                found.push(step.node);
            }
        }
        found
    }
}
