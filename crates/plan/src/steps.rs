//! From decisions to steps, and what must come before what.
//!
//! Four kinds of edges, from those that always hold to those that give way first:
//!
//! 1. An object is made or changed after what it depends on. Within a node: a rename first;
//!    a delete-first replacement deletes, then creates; a create-first one creates, then
//!    deletes; what was deposed goes before the record of the node does.
//! 2. An object is deleted after the objects that were recorded as referring to it. Records
//!    of different ages can contradict each other; then this gives way.
//! 3. An object is deleted after those that referred to it were changed to do so no longer.
//! 4. A key is free before it is taken again; a delete-first replacement keeps the old object
//!    until what the new one needs is there.
//!
//! Where the second and third kind contradict the first, the object that refers can't be
//! changed in place, or made anew first: there is a moment at which it has nothing to refer to.
//! Such nodes are found here ([`Steps::hanging`]) and decided again.

use rustc_hash::FxHashMap;
use topo_model::{ReplaceOrder, Symbol, Value};

use crate::decide::keys;
use crate::differ::refers;
use crate::hold::retires;
use crate::known::Decision;
use crate::scene::Scene;
use crate::sequence::circles;
use crate::{Action, NodeId, Op, Present};

/// How strongly an edge holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bond {
    /// Always.
    Must,
    /// Unless records contradict each other.
    Recorded,
    /// Where it can be, and what refers can't be deleted and made anew.
    Should,
    /// Where it can be.
    Wish,
}

/// A step without its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft {
    pub(crate) node: u32,
    pub(crate) op: Op,
}

/// `step` comes after `needs`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edge {
    pub(crate) step: u32,
    pub(crate) needs: u32,
    pub(crate) bond: Bond,
}

/// All steps, with what must come before what.
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    scene: &'a Scene<'a>,
    decisions: &'a [Decision],
    pub(crate) drafts: Vec<Draft>,
    pub(crate) edges: Vec<Edge>,
    /// The first step of every node, and one more.
    starts: Vec<u32>,
}

/// The steps of all decisions.
pub(crate) fn steps<'a>(scene: &'a Scene<'a>, decisions: &'a [Decision]) -> Steps<'a> {
    let mut drafts = Vec::new();
    let mut starts = Vec::with_capacity(decisions.len() + 1);
    for (node, decision) in decisions.iter().enumerate() {
        starts.push(drafts.len() as u32);
        draft(scene, node as u32, decision, &mut drafts);
    }
    starts.push(drafts.len() as u32);
    let mut steps = Steps { scene, decisions, drafts, edges: Vec::new(), starts };
    for node in scene.nodes() {
        if !steps.of(node).is_empty() {
            steps.within(node);
            steps.behind_dependencies(node);
            steps.behind_referrers(node);
        }
    }
    steps.keys_are_freed();
    steps.addresses_are_freed();
    steps
}

fn draft(scene: &Scene<'_>, node: u32, decision: &Decision, drafts: &mut Vec<Draft>) {
    let Some(detail) = decision.detail.as_ref().filter(|_| decision.action != Action::None) else { return };
    let mut push = |op: Op| drafts.push(Draft { node, op });
    let removal = retires(scene, node, decision);
    if detail.moved_from.is_some() {
        push(Op::Move);
    }
    for (at, present) in detail.deposed.iter().enumerate() {
        if reachable(scene, node, present) {
            push(Op::DeleteDeposed(at as u32));
        }
    }
    match decision.action {
        Action::None | Action::Move => {}
        Action::Read => push(Op::Read),
        Action::Create => push(Op::Create),
        Action::Update => push(Op::Update),
        Action::Import => push(Op::Import),
        Action::Forget => push(Op::Forget),
        Action::Delete if removal => push(Op::Delete),
        Action::Delete => {}
        Action::Replace(ReplaceOrder::DeleteFirst) => {
            push(Op::Delete);
            push(Op::Create);
        }
        Action::Replace(ReplaceOrder::CreateFirst) => {
            push(Op::Create);
            // In a region that is out, the old object stays behind, deposed.
            if detail.object.as_ref().is_some_and(|old| reachable(scene, node, old)) {
                push(Op::DeleteDeposed(detail.deposed.len() as u32));
            }
        }
    }
}

fn reachable(scene: &Scene<'_>, node: u32, present: &Present) -> bool {
    scene.state_only(node) || scene.outage(present.region).is_none()
}

impl<'a> Steps<'a> {
    pub(crate) fn scene(&self) -> &'a Scene<'a> {
        self.scene
    }

    pub(crate) fn decisions(&self) -> &'a [Decision] {
        self.decisions
    }

    /// The steps of a node.
    pub(crate) fn of(&self, node: u32) -> std::ops::Range<u32> {
        self.starts[node as usize]..self.starts[node as usize + 1]
    }

    fn op(&self, step: u32) -> Op {
        self.drafts[step as usize].op
    }

    fn find(&self, node: u32, test: impl Fn(Op) -> bool) -> Option<u32> {
        self.of(node).find(|step| test(self.op(*step)))
    }

    /// The step after which a node's outputs are there.
    pub(crate) fn make(&self, node: u32) -> Option<u32> {
        self.find(node, |op| matches!(op, Op::Read | Op::Create | Op::Update | Op::Import))
    }

    /// How many objects were deposed before.
    fn leftovers(&self, node: u32) -> u32 {
        self.decisions[node as usize].detail.as_ref().map_or(0, |d| d.deposed.len() as u32)
    }

    /// The step that removes the object that is on record as the current one.
    fn retire(&self, node: u32) -> Option<u32> {
        let current = self.leftovers(node);
        self.find(node, |op| op == Op::Delete || op == Op::DeleteDeposed(current))
    }

    fn edge(&mut self, step: u32, needs: u32, bond: Bond) {
        if step != needs {
            self.edges.push(Edge { step, needs, bond });
        }
    }

    fn within(&mut self, node: u32) {
        let steps = self.of(node);
        let current = self.leftovers(node);
        for step in steps.clone() {
            for other in steps.clone() {
                let first = match (self.op(other), self.op(step)) {
                    (Op::Move, op) => op != Op::Move,
                    (Op::Delete, Op::Create) => true,
                    (Op::Create, Op::DeleteDeposed(at)) => at == current,
                    (Op::DeleteDeposed(_), Op::Delete | Op::Forget) => true,
                    _ => false,
                };
                if first {
                    self.edge(step, other, Bond::Must);
                }
            }
        }
        if let Some(old) = self.scene.in_place_of.get(&node).copied()
            && let (Some(make), Some(last)) = (self.make(node), self.of(old).last())
        {
            self.edge(make, last, Bond::Must);
        }
    }

    fn behind_dependencies(&mut self, node: u32) {
        let Some(make) = self.make(node) else { return };
        let delete = self.find(node, |op| op == Op::Delete);
        let scene = self.scene;
        for dep in scene.deps.row(node) {
            let Some(needs) = self.make(*dep) else { continue };
            self.edge(make, needs, Bond::Must);
            if let Some(delete) = delete {
                self.edge(delete, needs, Bond::Wish);
            }
        }
    }

    /// What this node refers to, or referred to, is deleted after it lets go.
    fn behind_referrers(&mut self, node: u32) {
        let (scene, decisions) = (self.scene, self.decisions);
        let needs = match scene.record(node) {
            Some(record) => &record.needs[..],
            None => {
                decisions[node as usize].detail.as_ref().and_then(|d| d.object.as_ref()).map_or(&[][..], |o| &o.needs)
            }
        };
        for need in needs.iter().filter_map(|need| scene.node_at(need)) {
            match self.retire(node) {
                Some(step) => self.deleted_after(need, step, Bond::Recorded),
                None => {
                    if let Some(make) = self.make(node) {
                        self.deleted_after(need, make, Bond::Should);
                    }
                }
            }
        }
        let deposed = decisions[node as usize].detail.as_ref().map_or(&[][..], |d| &d.deposed);
        for (at, present) in deposed.iter().enumerate() {
            let Some(step) = self.find(node, |op| op == Op::DeleteDeposed(at as u32)) else { continue };
            for need in present.needs.iter().filter_map(|need| scene.node_at(need)) {
                self.deleted_after(need, step, Bond::Recorded);
            }
        }
    }

    fn deleted_after(&mut self, node: u32, needs: u32, bond: Bond) {
        for step in self.of(node) {
            if matches!(self.op(step), Op::Delete | Op::DeleteDeposed(_)) {
                self.edge(step, needs, bond);
            }
        }
    }

    /// An object with a key that another one has now is made after that is gone.
    fn keys_are_freed(&mut self) {
        let scene = self.scene;
        let mut freed: FxHashMap<Key<'_>, u32> = FxHashMap::default();
        for node in scene.programmed()..scene.sides.len() as u32 {
            let (Some(kind), Some(step)) = (scene.kind(node), self.find(node, |op| op == Op::Delete)) else { continue };
            let Some(there) = self.decisions[node as usize].detail.as_ref().and_then(|d| d.before.as_ref()) else {
                continue;
            };
            for (at, key) in keys(kind).enumerate() {
                let values = key.iter().map(|id| there.get(kind.attr(*id).name).filter(|v| !v.is_none())).collect();
                freed.insert((kind.name, scene.region(node), at, values), step);
            }
        }
        if freed.is_empty() {
            return;
        }
        for node in 0..scene.programmed() {
            let (Some(kind), Some(step)) = (scene.kind(node), self.find(node, |op| op == Op::Create)) else { continue };
            let Some(after) = self.decisions[node as usize].detail.as_ref().and_then(|d| d.after.as_ref()) else {
                continue;
            };
            for (at, key) in keys(kind).enumerate() {
                let values = key.iter().map(|id| after.get(kind.attr(*id).name)).collect();
                if let Some(delete) = freed.get(&(kind.name, scene.region(node), at, values)) {
                    self.edges.push(Edge { step, needs: *delete, bond: Bond::Wish });
                }
            }
        }
    }

    /// A record leaves an address before another takes it.
    fn addresses_are_freed(&mut self) {
        let scene = self.scene;
        let moving = scene.nodes().filter(|node| scene.sides(*node).moved);
        let left: FxHashMap<&str, u32> = moving
            .filter_map(|node| Some((scene.record(node)?.address.as_str(), self.find(node, |op| op == Op::Move)?)))
            .collect();
        if left.is_empty() {
            return;
        }
        for node in scene.nodes() {
            let Some(freed) = left.get(scene.address(node)) else { continue };
            for step in self.of(node) {
                self.edge(step, *freed, Bond::Recorded);
            }
        }
    }

    /// Nodes that hang on one that must be deleted before it is made again, and that would
    /// let go of it only once it is there again; each with that one.
    pub(crate) fn hanging(&self) -> Vec<(u32, u32)> {
        let remakes = |d: &Decision| d.action == Action::Replace(ReplaceOrder::DeleteFirst);
        if self.scene.in_place_of.is_empty() && !self.decisions.iter().any(remakes) {
            return Vec::new();
        }
        let edges: Vec<Edge> = self.edges.iter().copied().filter(|e| e.bond != Bond::Wish).collect();
        let Some(component) = circles(self.drafts.len(), &edges) else { return Vec::new() };
        let mut first: FxHashMap<u32, u32> = FxHashMap::default();
        for edge in edges.iter().filter(|e| e.bond == Bond::Must) {
            let (step, needs) = (edge.step, edge.needs);
            let remade = (self.op(step), self.op(needs)) == (Op::Create, Op::Delete);
            if remade && component[step as usize] == component[needs as usize] {
                first.entry(component[step as usize]).or_insert(self.drafts[step as usize].node);
            }
        }
        let together = |a: u32, b: u32| component[a as usize] == component[b as usize];
        let mut found = Vec::new();
        for edge in edges.iter().filter(|e| e.bond != Bond::Must && together(e.step, e.needs)) {
            let node = self.drafts[edge.needs as usize].node;
            let hangs = match self.op(edge.needs) {
                Op::Update => self.holds_on(node),
                Op::DeleteDeposed(_) => self.make(node).is_some_and(|make| together(make, edge.needs)),
                _ => false,
            };
            if let Some(first) = first.get(&component[edge.step as usize]).filter(|first| hangs && **first != node) {
                found.push((node, *first));
            }
        }
        found
    }

    /// Whether a reference of the object changes, so that a cloud may refuse to delete what
    /// it refers to before.
    fn holds_on(&self, node: u32) -> bool {
        let Some(kind) = self.scene.kind(node).filter(|k| !k.state_only()) else { return false };
        let differences = self.decisions[node as usize].detail.as_ref().map_or(&[][..], |d| &d.differences);
        let refers = |name| kind.attribute(name).is_some_and(|(_, attribute)| refers(attribute));
        differences.iter().any(|d| d.before.is_some() && refers(d.attribute))
    }

    /// The step's node.
    pub(crate) fn node(&self, step: u32) -> NodeId {
        NodeId(self.drafts[step as usize].node)
    }
}

/// What no two objects share: kind, region, which of the kind's keys, values.
type Key<'a> = (Symbol, Option<Symbol>, usize, Vec<Option<&'a Value>>);
