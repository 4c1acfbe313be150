//! `--target`, `--exclude`, `--replace`, `--region`: which part of a plan is wanted.
//!
//! A target brings what it needs: its dependencies, and, where its object goes away, those
//! that have to let go of it first. An exclusion takes what depends on it along. A region
//! takes the global resources with it, and refuses where something that they or it need
//! from elsewhere is not up to date.

use topo_model::{Diagnostic, Pattern, Span};

use crate::address::{parts, selects, show};
use crate::graph::Rows;
use crate::hold::retires;
use crate::known::Decision;
use crate::scene::Scene;
use crate::{Action, Options, codes};

/// The nodes that patterns name; a diagnostic for each pattern that names none.
pub(crate) fn named(
    scene: &Scene<'_>,
    option: &str,
    patterns: &[Pattern],
    eligible: impl Fn(u32) -> bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<bool> {
    let mut marked = vec![false; scene.sides.len()];
    let mut hits = vec![false; patterns.len()];
    if patterns.is_empty() {
        return marked;
    }
    for node in scene.nodes().filter(|n| eligible(*n)) {
        let steps = parts(scene.address(node));
        for (pattern, hit) in patterns.iter().zip(&mut hits) {
            if selects(pattern, &steps) {
                (*hit, marked[node as usize]) = (true, true);
            }
        }
    }
    for (pattern, _) in patterns.iter().zip(&hits).filter(|(_, hit)| !**hit) {
        let message = format!("--{option} {} names no resource", show(pattern));
        diagnostics.push(
            Diagnostic::error(codes::NOTHING_SELECTED, pattern.span, message, "names nothing")
                .help("write an address as the plan shows it, such as `net[ap-east-2].vpc`, `net[*].vpc` or `net`"),
        );
    }
    marked
}

/// Which nodes may change; `None` where all may.
pub(crate) fn select(
    scene: &Scene<'_>,
    options: &Options,
    full: &[Decision],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<bool>> {
    if options.targets.is_empty() && options.excludes.is_empty() && options.region.is_none() {
        return None;
    }
    let mut selected = vec![true; scene.sides.len()];
    if !options.targets.is_empty() {
        selected = named(scene, "target", &options.targets, |_| true, diagnostics);
        wants(scene, full).closure(&mut selected);
    }
    let mut excluded = named(scene, "exclude", &options.excludes, |_| true, diagnostics);
    let dependants = Rows::from_edges(scene.sides.len(), &edges(&scene.deps.reversed()));
    dependants.closure(&mut excluded);
    for node in scene.nodes() {
        let out = excluded[node as usize] || scene.elsewhere(scene.region(node));
        selected[node as usize] &= !out;
    }
    Some(selected)
}

fn edges(rows: &Rows) -> Vec<(u32, u32)> {
    (0..rows.len() as u32).flat_map(|from| rows.row(from).iter().map(move |to| (from, *to))).collect()
}

/// What has to be done with a node.
fn wants(scene: &Scene<'_>, full: &[Decision]) -> Rows {
    let mut wants = edges(&scene.deps);
    for node in scene.nodes().filter(|n| full[*n as usize].action != Action::None) {
        let needs = scene.record(node).into_iter().flat_map(|r| &r.needs);
        for need in needs.filter_map(|need| scene.node_at(need)) {
            if retires(scene, need, &full[need as usize]) {
                wants.push((need, node));
            }
        }
    }
    for node in 0..scene.programmed() {
        if let Some(old) = scene.in_place_of.get(&node) {
            wants.extend([(node, *old), (*old, node)]);
        }
    }
    Rows::from_edges(scene.sides.len(), &wants)
}

/// With `--region`: what is needed from elsewhere and not up to date.
pub(crate) fn elsewhere(scene: &Scene<'_>, decisions: &[Decision], diagnostics: &mut Vec<Diagnostic>) {
    let Some(only) = scene.only else { return };
    if scene.nodes().all(|n| scene.region(n) != Some(only)) {
        let message = format!("--region {only} names a region in which there is no resource");
        diagnostics.push(
            Diagnostic::error(codes::NOTHING_SELECTED, Span::NONE, message, "names nothing")
                .help("name a region that the environment declares"),
        );
        return;
    }
    let acts = |node: u32| decisions[node as usize].wanted != Action::None;
    let here = |node: u32| !scene.elsewhere(scene.region(node));
    let mut refuse = |node: u32, other: u32, verb: &str| {
        let place = scene.region(other).map_or_else(String::new, |r| format!(" in {r}"));
        let message = format!("{}{place} is not up to date, and {} {verb}", scene.address(other), scene.address(node));
        let span = scene.resource(node).map_or(Span::NONE, |r| r.span);
        diagnostics.push(
            Diagnostic::error(codes::ELSEWHERE, span, message, "needs another region")
                .help(format!(
                    "apply {} first, or leave out `--region`",
                    scene.region(other).map_or("", |r| r.as_str())
                ))
                .at(scene.address(node)),
        );
    };
    for node in scene.nodes().filter(|n| acts(*n)) {
        for dep in scene.deps.row(node) {
            if here(node) && !here(*dep) && acts(*dep) {
                refuse(node, *dep, "needs it");
            }
        }
        let needs = scene.record(node).into_iter().flat_map(|r| &r.needs);
        for need in needs.filter_map(|need| scene.node_at(need)) {
            let goes = matches!(decisions[need as usize].wanted, Action::Replace(_) | Action::Delete);
            if !here(node) && here(need) && goes && scene.deps.row(node).binary_search(&need).is_err() {
                refuse(need, node, "can't go before that lets go of it");
            } else if !here(node) && here(need) && matches!(decisions[need as usize].wanted, Action::Replace(_)) {
                refuse(need, node, "can't be replaced without it");
            }
        }
    }
}
