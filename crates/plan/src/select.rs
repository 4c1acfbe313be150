//! `--target`, `--exclude`, `--replace`, `--region`: which part of a plan is wanted.
//!
//! A target brings what it needs: its dependencies, and, where its object goes away, those
//! that have to let go of it first. An exclusion takes what depends on it along. A region
//! takes the global resources with it, and refuses where something that they or it need
//! from elsewhere is not up to date.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Diagnostic, Pattern, Span};

use crate::address::{parts, selects, show};
use crate::graph::Rows;
use crate::hold::retires;
use crate::known::Decision;
use crate::scene::{Scene, made_at};
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
    let mut late = Late::default();
    for node in scene.nodes().filter(|n| acts(*n)) {
        for dep in scene.deps.row(node) {
            if here(node) && !here(*dep) && acts(*dep) {
                late.add(*dep, node, "needs it");
            }
        }
        let needs = scene.record(node).into_iter().flat_map(|r| &r.needs);
        for need in needs.filter_map(|need| scene.node_at(need)) {
            let goes = matches!(decisions[need as usize].wanted, Action::Replace(_) | Action::Delete);
            if !here(node) && here(need) && goes && scene.deps.row(node).binary_search(&need).is_err() {
                late.add(node, need, "can't go before that lets go of it");
            } else if !here(node) && here(need) && matches!(decisions[need as usize].wanted, Action::Replace(_)) {
                late.add(node, need, "can't be replaced without it");
            }
        }
    }
    // Nothing may be left out in silence.
    if late.causes.is_empty() {
        for node in scene.nodes().filter(|n| here(*n) && decisions[*n as usize].late()) {
            if let Some(other) = decisions[node as usize].behind {
                late.add(other, node, "needs it");
            }
        }
    }
    diagnostics.extend(late.causes.iter().map(|(other, waiting)| refused(scene, *other, waiting)));
}

/// What is not up to date, in the order it was found, each with those that wait for it.
#[derive(Default)]
struct Late {
    causes: Vec<(u32, Vec<(u32, &'static str)>)>,
    positions: FxHashMap<u32, usize>,
    known: FxHashSet<(u32, u32)>,
}

impl Late {
    fn add(&mut self, other: u32, node: u32, verb: &'static str) {
        if !self.known.insert((other, node)) {
            return;
        }
        let at = *self.positions.entry(other).or_insert(self.causes.len());
        if at == self.causes.len() {
            self.causes.push((other, Vec::new()));
        }
        self.causes[at].1.push((node, verb));
    }
}

/// One finding for what is not up to date, however many wait for it.
fn refused(scene: &Scene<'_>, other: u32, waiting: &[(u32, &'static str)]) -> Diagnostic {
    let (node, verb) = waiting.first().map_or((other, "needs it"), |first| *first);
    let more = match waiting.len() {
        0 | 1 => String::new(),
        2 => "; one more waits for it".to_owned(),
        n => format!("; {} more wait for it", n - 1),
    };
    let region = scene.region(other);
    let place = region.map_or_else(String::new, |r| format!(" in {r}"));
    let (address, first) = (scene.address(other), scene.address(node));
    let message = format!("{address}{place} is not up to date, and {first} {verb}{more}");
    let help = match region {
        Some(region) => format!("apply {region} first, or leave out `--region`"),
        None => "leave out `--region`".to_owned(),
    };
    let found = Diagnostic::error(codes::ELSEWHERE, scene.place(node), message, "needs another region").help(help);
    made_at(found, scene.resource(node)).at(first)
}
