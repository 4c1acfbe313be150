//! `moved`: which record is to be found under another address now.
//!
//! A rename of a component, or into a loop, takes everything below with it; renames chain.
//! A record goes to the last address of its chain that the program has and that no other
//! record holds. So a `moved` that has done its work does nothing more, however long it stays
//! in the program, and a new resource may take the old name.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Diagnostic, Moved};

use crate::address::{parts, rename, show};
use crate::codes;
use crate::scene::Scene;

/// Positions in the log, each with the node that the record now belongs to.
pub(crate) fn renames(scene: &Scene<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(u32, u32)> {
    let moved = &scene.desired.moved;
    if moved.is_empty() {
        return Vec::new();
    }
    let nodes: FxHashMap<&str, u32> =
        (0..scene.programmed()).filter(|n| !scene.existing(*n)).map(|n| (scene.address(n), n)).collect();
    let mut chains: Vec<(u32, Vec<(String, usize)>)> = Vec::new();
    for (at, address) in scene.recorded.resources.keys().enumerate() {
        let chain = chain(moved, address);
        if !chain.is_empty() {
            chains.push((at as u32, chain));
        }
    }
    // Who moves the shortest way goes first, and frees its place.
    chains.sort_by_key(|(at, chain)| (chain.len(), *at));
    let moving: FxHashSet<u32> = chains.iter().map(|(at, _)| *at).collect();
    let mut taken: FxHashMap<u32, u32> = FxHashMap::default();
    for (at, node) in scene.node_of_record.iter().enumerate() {
        if *node != u32::MAX && !moving.contains(&(at as u32)) {
            taken.insert(*node, at as u32);
        }
    }
    let mut result = Vec::new();
    for (at, chain) in &chains {
        let own = scene.node_of_record[*at as usize];
        let free = |(to, _): &&(String, usize)| nodes.get(to.as_str()).is_some_and(|n| fits(scene, *at, *n, &taken));
        if let Some((to, _)) = chain.iter().rev().find(free) {
            let node = nodes[to.as_str()];
            taken.insert(node, *at);
            // Renames that lead in a circle leave everything where it is.
            if node != own {
                result.push((*at, node));
            }
        } else if own != u32::MAX {
            taken.insert(own, *at);
        } else if let Some((to, rule)) = chain.iter().rev().find(|(to, _)| nodes.contains_key(to.as_str())) {
            diagnostics.push(refused(scene, *at, to, &moved[*rule]));
        }
    }
    result
}

/// Where an address is led, hop by hop, with the rule of each hop; every rule leads once.
fn chain(moved: &[Moved], address: &str) -> Vec<(String, usize)> {
    let mut used = vec![false; moved.len()];
    let mut chain: Vec<(String, usize)> = Vec::new();
    loop {
        let at = chain.last().map_or(address, |(to, _)| to.as_str());
        let steps = parts(at);
        let next = moved.iter().enumerate().filter(|(rule, _)| !used[*rule]);
        let next = next.map(|(rule, m)| (rule, rename(&m.from, &m.to, &steps))).find(|(_, to)| to.is_some());
        let Some((rule, Some(to))) = next else { return chain };
        used[rule] = true;
        chain.push((to, rule));
    }
}

/// Whether a record may come to belong to a node.
fn fits(scene: &Scene<'_>, at: u32, node: u32, taken: &FxHashMap<u32, u32>) -> bool {
    let holder = taken.get(&node);
    let kind = scene.recorded.resources.get_index(at as usize).map(|(_, record)| record.kind);
    holder.is_none() && kind == Some(scene.kind_name(node))
}

fn refused(scene: &Scene<'_>, at: u32, to: &str, rule: &Moved) -> Diagnostic {
    let from = scene.recorded.resources.get_index(at as usize).map_or("", |(address, _)| address.as_str());
    let message = format!("{from} can't move to {to}: something else is recorded there, or it is of another kind");
    let label = format!("moves {} to {}", show(&rule.from), show(&rule.to));
    Diagnostic::warning(codes::CONTRADICTION, rule.span, message, label)
        .help(format!("{from} will be deleted; keep it under a third address, or forget it, if it should live"))
}
