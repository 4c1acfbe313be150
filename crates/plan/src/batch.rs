//! Atomic batches: changes of one kind that share the value of the attribute that the kind
//! is batched by, as the records of a zone do.
//!
//! A batch must not wait for itself: no path may lead from one of its steps to another except
//! inside it. Every step gets a depth that grows along its needs, by one behind a step of
//! another batch; steps of one wave, one depth and one value are one batch. A need is inside
//! when both steps could be in one batch and nothing that the first one finds out is awaited.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Attributes, Kind, ResId, Symbol, Value};

use crate::decide::keys;
use crate::sequence::Sequence;
use crate::steps::Steps;
use crate::{Detail, Op};

/// What the steps of one batch share.
type Key<'a> = (Symbol, &'a Value);

impl<'a> Steps<'a> {
    fn detail(&self, step: u32) -> Option<&'a Detail> {
        self.decisions()[self.node(step).0 as usize].detail.as_deref()
    }

    /// What is known of the object that a step is about: as it will be, or, where it is
    /// removed, as it was set.
    fn attributes(&self, step: u32) -> Option<&'a Attributes> {
        let detail = self.detail(step)?;
        match self.drafts[step as usize].op {
            Op::Create | Op::Update => detail.after.as_ref(),
            Op::Delete => detail.object.as_ref().map(|o| &o.attributes),
            Op::DeleteDeposed(at) => detail.deposed.get(at as usize).or(detail.object.as_ref()).map(|o| &o.attributes),
            Op::Read | Op::Move | Op::Import | Op::Forget => None,
        }
    }

    /// The region of the object that a step removes.
    pub(crate) fn region(&self, step: u32) -> Option<Symbol> {
        let own = self.scene().region(self.node(step).0);
        let Some(detail) = self.detail(step) else { return own };
        match self.drafts[step as usize].op {
            Op::DeleteDeposed(at) => {
                detail.deposed.get(at as usize).or(detail.object.as_ref()).map_or(own, |o| o.region)
            }
            Op::Delete => detail.object.as_ref().map_or(own, |o| o.region),
            _ => own,
        }
    }

    fn kind(&self, step: u32) -> Option<&'a Kind> {
        self.scene().kind(self.node(step).0)
    }

    fn batch_key(&self, step: u32) -> Option<Key<'a>> {
        let kind = self.kind(step)?;
        let by = kind.attr(kind.batched_by?).name;
        let value = self.attributes(step)?.get(by).filter(|v| v.is_ground() && !v.is_none())?;
        Some((kind.name, value))
    }

    fn removes(&self, step: u32) -> bool {
        matches!(self.drafts[step as usize].op, Op::Delete | Op::DeleteDeposed(_))
    }

    /// Whether a step waits for something that another one finds out.
    fn awaits(&self, step: u32, other: u32) -> bool {
        if self.removes(step) {
            return false;
        }
        let mut awaits = false;
        let after = self.detail(step).and_then(|d| d.after.as_ref());
        for (_, value) in after.into_iter().flat_map(|a| a.iter()) {
            value.for_each_resource(&mut |id| awaits |= id == ResId(self.node(other).0));
        }
        awaits
    }
}

/// The batch of every step.
pub(crate) fn batches(steps: &Steps<'_>, sequence: &Sequence, waves: &[u32]) -> Vec<Option<u32>> {
    let len = steps.drafts.len();
    let keys: Vec<Option<Key<'_>>> = (0..len as u32).map(|step| steps.batch_key(step)).collect();
    let mut batches = vec![None; len];
    if keys.iter().all(Option::is_none) {
        return batches;
    }
    let mut depth = vec![0_u32; len];
    for step in &sequence.order {
        let at = *step as usize;
        for need in sequence.needs.row(*step) {
            let to = *need as usize;
            let inside =
                keys[at].is_some() && keys[at] == keys[to] && waves[at] == waves[to] && !steps.awaits(*step, *need);
            let apart = u32::from(keys[to].is_some() && !inside);
            depth[at] = depth[at].max(depth[to] + apart);
        }
    }
    let mut members: FxHashMap<(Key<'_>, u32, u32), Vec<u32>> = FxHashMap::default();
    for step in &sequence.order {
        if let Some(key) = keys[*step as usize] {
            members.entry((key, waves[*step as usize], depth[*step as usize])).or_default().push(*step);
        }
    }
    let mut next = 0;
    for step in &sequence.order {
        let Some(key) = keys[*step as usize] else { continue };
        let Some(together) = members.remove(&(key, waves[*step as usize], depth[*step as usize])) else { continue };
        if together.len() > 1 {
            together.iter().for_each(|step| batches[*step as usize] = Some(next));
            next += 1;
        }
    }
    batches
}

/// Steps that must be in one wave, because one takes over a value that another gives up, and
/// both could be in one batch. Only objects with the same value of the attribute behind the
/// batch's in their key can stand in each other's way so: the records of one name.
pub(crate) fn hand_overs(steps: &Steps<'_>) -> Vec<Vec<u32>> {
    let mut siblings: FxHashMap<(Key<'_>, Vec<&Value>), Vec<u32>> = FxHashMap::default();
    let mut first_seen: Vec<(Key<'_>, Vec<&Value>)> = Vec::new();
    for step in 0..steps.drafts.len() as u32 {
        let (Some(key), Some(kind), Some(attributes)) =
            (steps.batch_key(step), steps.kind(step), steps.attributes(step))
        else {
            continue;
        };
        let Some(names) = sibling_names(kind) else { continue };
        let values: Option<Vec<&Value>> = names.iter().map(|name| attributes.get(*name)).collect();
        let Some(values) = values.filter(|v| v.iter().all(|v| v.is_ground())) else { continue };
        let group = siblings.entry((key, values.clone())).or_default();
        if group.is_empty() {
            first_seen.push((key, values));
        }
        group.push(step);
    }
    first_seen.iter().filter_map(|group| tie(steps, siblings.get(group)?)).collect()
}

/// The attributes of a key up to the one behind the batch's.
fn sibling_names(kind: &Kind) -> Option<Vec<Symbol>> {
    let by = kind.batched_by?;
    let key = keys(kind).find(|key| key.contains(&by))?;
    let at = key.iter().position(|id| *id == by)?;
    Some(key[..key.len().min(at + 2)].iter().map(|id| kind.attr(*id).name).collect())
}

/// Those of a group that hand something over to another one of it.
fn tie(steps: &Steps<'_>, group: &[u32]) -> Option<Vec<u32>> {
    let mut given: FxHashMap<(Symbol, &Value), Vec<u32>> = FxHashMap::default();
    for step in group {
        for value in gives(steps, *step) {
            given.entry(value).or_default().push(*step);
        }
    }
    let mut tied = FxHashSet::default();
    for step in group {
        for value in takes(steps, *step) {
            let others =
                given.get(&value).into_iter().flatten().filter(|other| steps.node(**other) != steps.node(*step));
            for other in others {
                tied.extend([*step, *other]);
            }
        }
    }
    let tied: Vec<u32> = group.iter().copied().filter(|step| tied.contains(step)).collect();
    (!tied.is_empty()).then_some(tied)
}

fn gives<'a>(steps: &Steps<'a>, step: u32) -> Vec<(Symbol, &'a Value)> {
    if steps.removes(step) {
        return steps.attributes(step).into_iter().flat_map(|a| a.iter()).collect();
    }
    let differences = steps.detail(step).map_or(&[][..], |d| &d.differences);
    match steps.drafts[step as usize].op {
        Op::Update => differences.iter().filter_map(|d| Some((d.attribute, d.before.as_ref()?))).collect(),
        _ => Vec::new(),
    }
}

fn takes<'a>(steps: &Steps<'a>, step: u32) -> Vec<(Symbol, &'a Value)> {
    let differences = steps.detail(step).map_or(&[][..], |d| &d.differences);
    match steps.drafts[step as usize].op {
        Op::Create => steps.attributes(step).into_iter().flat_map(|a| a.iter()).collect(),
        Op::Update => differences.iter().filter_map(|d| Some((d.attribute, d.after.as_ref()?))).collect(),
        _ => Vec::new(),
    }
}
