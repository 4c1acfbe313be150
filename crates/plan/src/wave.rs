//! Waves: in which order regions are changed.
//!
//! A resource's wave is the later of its region's and those of what it depends on. Regions
//! that the rollout does not name, and global resources, follow what they depend on; what is
//! only looked up pulls nobody. A step that makes or changes an object is in its resource's
//! wave, one that deletes an object in that of the object's region; each is pushed on as far
//! as what it needs, so no step needs one of a later wave. Steps that hand a value over
//! within one atomic batch (the primary's role, a name) are in the latest of their waves.

use rustc_hash::FxHashMap;
use topo_model::{Desired, Symbol};

use crate::batch::hand_overs;
use crate::scene::Scene;
use crate::sequence::Sequence;
use crate::steps::Steps;
use crate::{Action, Node, NodeId, Op, Wave};

/// The wave of every region that the rollout names.
fn regions(desired: &Desired) -> FxHashMap<Symbol, u32> {
    let order = desired.rollout.iter().flat_map(|r| r.order.iter().enumerate());
    order.flat_map(|(wave, regions)| regions.iter().map(move |region| (*region, wave as u32))).collect()
}

/// The wave of every resource of the program.
pub(crate) fn of_nodes(scene: &Scene<'_>) -> Vec<u32> {
    let named = regions(scene.desired);
    let mut waves = vec![0; scene.programmed() as usize];
    if named.is_empty() {
        return waves;
    }
    for node in &scene.order {
        let own = scene.region(*node).filter(|_| !scene.existing(*node)).and_then(|r| named.get(&r)).copied();
        let needs = scene.deps.row(*node).iter().map(|dep| waves[*dep as usize]).max();
        waves[*node as usize] = own.unwrap_or(0).max(needs.unwrap_or(0));
    }
    waves
}

/// The wave of every step.
pub(crate) fn of_steps(scene: &Scene<'_>, steps: &Steps<'_>, sequence: &Sequence, nodes: &[u32]) -> Vec<u32> {
    let mut waves: Vec<u32> = vec![0; steps.drafts.len()];
    let named = regions(scene.desired);
    if named.is_empty() {
        return waves;
    }
    let in_region = |region: Option<Symbol>| region.and_then(|r| named.get(&r)).copied().unwrap_or(0);
    for (step, draft) in steps.drafts.iter().enumerate() {
        waves[step] = match (draft.op, nodes.get(draft.node as usize)) {
            (Op::Delete | Op::DeleteDeposed(_), _) | (_, None) => in_region(steps.region(step as u32)),
            (_, Some(wave)) => *wave,
        };
    }
    push(sequence, &mut waves);
    let ties = hand_overs(steps);
    // Waves only grow, and there are few of them.
    loop {
        let mut raised = false;
        for tie in &ties {
            let latest = tie.iter().map(|step| waves[*step as usize]).max().unwrap_or(0);
            for step in tie {
                raised |= waves[*step as usize] < latest;
                waves[*step as usize] = latest;
            }
        }
        if !raised {
            return waves;
        }
        push(sequence, &mut waves);
    }
}

fn push(sequence: &Sequence, waves: &mut [u32]) {
    for step in &sequence.order {
        let needs = sequence.needs.row(*step).iter().map(|need| waves[*need as usize]).max();
        waves[*step as usize] = waves[*step as usize].max(needs.unwrap_or(0));
    }
}

/// The waves of a plan, with the nodes that are later than their region.
pub(crate) fn list(desired: &Desired, nodes: &[Node]) -> Vec<Wave> {
    let Some(rollout) = &desired.rollout else {
        return vec![Wave {
            regions: Vec::new(),
            bake: 0,
            gate: None,
            approve: false,
            revert: false,
            pushed: Vec::new(),
        }];
    };
    let mut waves: Vec<Wave> = rollout
        .order
        .iter()
        .map(|regions| Wave {
            regions: regions.clone(),
            bake: rollout.bake,
            gate: rollout.gate.clone(),
            approve: rollout.approve,
            revert: rollout.revert,
            pushed: Vec::new(),
        })
        .collect();
    if waves.is_empty() {
        waves.push(Wave {
            regions: Vec::new(),
            bake: 0,
            gate: None,
            approve: false,
            revert: false,
            pushed: Vec::new(),
        });
    }
    let named = regions(desired);
    for (at, node) in nodes.iter().enumerate().filter(|(_, n)| n.action != Action::None) {
        let own = node.region.and_then(|r| named.get(&r)).copied();
        if own.is_some_and(|own| own < node.wave)
            && let Some(wave) = waves.get_mut(node.wave as usize)
        {
            wave.pushed.push(NodeId(at as u32));
        }
    }
    waves
}
