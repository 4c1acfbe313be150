//! Decisions over all nodes, and what is held back: by a region that can't be reached, or by
//! the selection.
//!
//! A held node stays as it is: what is there, or recorded, stands in for it. Two things are
//! held with it: what needs an object that is not made now, or the place of one that is not
//! deleted now; and the removal of an object that a held node would first have to let go of.

use topo_model::{Diagnostic, Span, Symbol};

use crate::decide::decide;
use crate::known::{Decision, Hold, Known, Source};
use crate::scene::Scene;
use crate::{Action, Cause, Detail, Reason};

/// Decides every node. `selected` says which of them may change.
pub(crate) fn decide_all(scene: &Scene<'_>, selected: Option<&[bool]>) -> (Vec<Decision>, Vec<Diagnostic>) {
    let mut holds: Vec<Option<Hold>> = match selected {
        Some(selected) => selected.iter().map(|s| (!s).then_some(Hold::Selection)).collect(),
        None => Vec::new(),
    };
    loop {
        let (decisions, diagnostics) = pass(scene, &holds);
        let more = blocked(scene, &decisions);
        if more.is_empty() {
            return (decisions, diagnostics);
        }
        holds.resize(scene.sides.len(), None);
        for (node, hold) in more {
            holds[node as usize] = Some(hold);
        }
    }
}

fn pass(scene: &Scene<'_>, holds: &[Option<Hold>]) -> (Vec<Decision>, Vec<Diagnostic>) {
    let mut decisions: Vec<Decision> = scene.nodes().map(|_| Decision::nothing(Source::Nowhere)).collect();
    let mut diagnostics = Vec::new();
    // What only the log has depends on no decision, but something may have to take its place.
    for node in (scene.programmed()..scene.sides.len() as u32).chain(scene.order.iter().copied()) {
        let known = Known { scene, decisions: &decisions };
        let hold = holds.get(node as usize).copied().flatten();
        let behind = behind(&known, node);
        let decision = match decide(&known, node) {
            Ok(decision) => held(&known, node, decision, hold),
            Err(found) => match (hold, behind) {
                (Some(Hold::Selection), _) => undecided(&known, node, Hold::Selection, None),
                (_, Some(other)) => {
                    let hold = known.decision(other).hold.unwrap_or(Hold::Selection);
                    undecided(&known, node, hold, Some(other))
                }
                (_, None) => {
                    diagnostics.push(*found);
                    Decision::nothing(Source::Nowhere)
                }
            },
        };
        decisions[node as usize] = Decision { behind, ..decision };
    }
    (decisions, diagnostics)
}

/// What a node depends on that is held back and not up to date.
fn behind(known: &Known<'_>, node: u32) -> Option<u32> {
    known.scene.resource(node)?;
    known.scene.deps.row(node).iter().find_map(|dep| {
        let decision = known.decision(*dep);
        if decision.late() { Some(*dep) } else { decision.behind }
    })
}

/// A held node of which can't be said what would be done with it: what it is made from is
/// not up to date.
fn undecided(known: &Known<'_>, node: u32, hold: Hold, behind: Option<u32>) -> Decision {
    let scene = known.scene;
    let (source, wanted) = match scene.record(node) {
        Some(_) => (Source::There, Action::Update),
        None => (Source::Nowhere, Action::Create),
    };
    let detail = behind.filter(|_| matches!(hold, Hold::Outage(_))).map(|other| {
        let text = format!("{} is frozen", scene.address(other));
        frozen(text, scene.place(node))
    });
    Decision { hold: Some(hold), wanted, detail, ..Decision::nothing(source) }
}

/// What is told of a node that is left as it is.
fn frozen(text: String, span: Span) -> Box<Detail> {
    let reason = Reason { cause: Cause::Frozen, attribute: None, text, span };
    Box::new(Detail { reasons: vec![reason], span, ..Detail::default() })
}

/// The decision, or what is left of it when something holds the node back.
fn held(known: &Known<'_>, node: u32, mut decision: Decision, hold: Option<Hold>) -> Decision {
    if decision.action == Action::None {
        return decision;
    }
    let Some((hold, why)) = grounds(known, node, &decision, hold) else { return decision };
    let span = decision.detail.as_ref().map_or(Span::NONE, |d| d.span);
    if decision.replaces() {
        decision.source = Source::There;
    }
    decision.hold = Some(hold);
    decision.action = Action::None;
    decision.detail = why.map(|text| frozen(text, span));
    decision
}

/// What holds a node back, and, where it is an outage, in words.
fn grounds(known: &Known<'_>, node: u32, decision: &Decision, hold: Option<Hold>) -> Option<(Hold, Option<String>)> {
    let scene = known.scene;
    if hold == Some(Hold::Selection) {
        return Some((Hold::Selection, None));
    }
    if let Some(outage) = scene.frozen(node).or_else(|| out_of_reach(scene, node, decision)) {
        return Some((Hold::Outage(outage), Some(unreachable(scene, outage))));
    }
    if let Some(hold @ Hold::Outage(outage)) = hold {
        let text = format!("something that refers to it can't follow: {}", unreachable(scene, outage));
        return Some((hold, Some(text)));
    }
    let old = scene.in_place_of.get(&node).filter(|old| known.decision(**old).hold.is_some());
    let missing = || scene.deps.row(node).iter().find(|dep| known.decision(**dep).missing());
    let waits_for = old.or_else(missing)?;
    let hold = known.decision(*waits_for).hold?;
    let text = matches!(hold, Hold::Outage(_)).then(|| format!("{} is frozen", scene.address(*waits_for)));
    Some((hold, text))
}

/// The outage around an object that would have to be deleted.
fn out_of_reach(scene: &Scene<'_>, node: u32, decision: &Decision) -> Option<u32> {
    if scene.observed.unreachable.is_empty() || scene.state_only(node) || !retires(scene, node, decision) {
        return None;
    }
    // What a create-first replacement leaves behind can be deleted later.
    if decision.action == Action::Replace(topo_model::ReplaceOrder::CreateFirst) {
        return None;
    }
    let detail = decision.detail.as_ref()?;
    detail.object.iter().chain(&detail.deposed).find_map(|present| scene.outage(present.region))
}

fn unreachable(scene: &Scene<'_>, outage: u32) -> String {
    let region = scene.observed.unreachable[outage as usize].0;
    format!("{} can't be reached", region.map_or("the global services", Symbol::as_str))
}

/// Whether the object that the log has for the node goes away.
pub(crate) fn retires(scene: &Scene<'_>, node: u32, decision: &Decision) -> bool {
    decision.replaces() || (decision.action == Action::Delete && scene.resource(node).is_none())
}

/// Nodes whose object would go away while one that stays still refers to it: that of a node
/// that is held, or one that can't be deleted now.
fn blocked(scene: &Scene<'_>, decisions: &[Decision]) -> Vec<(u32, Hold)> {
    let mut found = Vec::new();
    let mut block = |needs: &[String], hold: Hold| {
        for need in needs.iter().filter_map(|need| scene.node_at(need)) {
            if retires(scene, need, &decisions[need as usize]) {
                found.push((need, hold));
            }
        }
    };
    for (node, decision) in decisions.iter().enumerate() {
        let Some(record) = scene.record(node as u32) else { continue };
        let outage = |region| scene.outage(region).filter(|_| !scene.state_only(node as u32)).map(Hold::Outage);
        let left = decision.replaces().then(|| outage(record.region)).flatten();
        if let Some(hold) = decision.hold.or(left) {
            block(&record.needs, hold);
        }
        for deposed in &record.deposed {
            if let Some(hold) = decision.hold.or_else(|| outage(deposed.region)) {
                block(&deposed.needs, hold);
            }
        }
    }
    found
}
