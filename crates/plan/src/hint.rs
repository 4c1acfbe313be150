//! Renames that nobody wrote down: a delete and a create, of one kind and in one region,
//! alike in most of their attributes.
//!
//! A hint promises that nothing is deleted, so each pair is compared as the plan would compare
//! it after the rename. A reference counts as what it would lead to then: to an object that is
//! renamed itself, where that is found first; so dependencies are paired before what depends
//! on them.

use std::borrow::Cow;
use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Attributes, Diagnostic, ResId, Resolve, Symbol, Value, evaluate};

use crate::address::{Part, join, parts};
use crate::differ::{Sight, record_type};
use crate::hold::retires;
use crate::known::{Decision, Known};
use crate::scene::{Scene, made_at};
use crate::{Action, codes};

/// The most pairs of one kind and region that are compared.
const MOST_PAIRS: usize = 250_000;

/// A kind and a region.
type Place = (Symbol, Option<Symbol>);

/// A warning for every rename that seems to be missing, several instances in one.
pub(crate) fn renames(scene: &Scene<'_>, decisions: &[Decision], diagnostics: &mut Vec<Diagnostic>) {
    let mut deleted: FxHashMap<Place, Vec<u32>> = FxHashMap::default();
    for node in scene.programmed()..scene.sides.len() as u32 {
        let goes = retires(scene, node, &decisions[node as usize]);
        if goes && scene.record(node).is_some() && scene.there(node).is_some() {
            deleted.entry((scene.kind_name(node), scene.region(node))).or_default().push(node);
        }
    }
    if deleted.is_empty() {
        return;
    }
    let mut pairing = Pairing {
        known: Known { scene, decisions },
        deleted,
        renamed: FxHashMap::default(),
        gone: FxHashSet::default(),
    };
    for level in levels(scene, decisions, &pairing.deleted) {
        pairing.level(level);
    }
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for to in 0..scene.programmed() {
        pairs.extend(pairing.renamed.get(&to).map(|(from, _)| (*from, to)));
    }
    warn(scene, pairs, diagnostics);
}

/// Created nodes that may be renamed ones, those that others of them depend on first.
fn levels(scene: &Scene<'_>, decisions: &[Decision], deleted: &FxHashMap<Place, Vec<u32>>) -> Vec<Vec<u32>> {
    let mut level_of: FxHashMap<u32, usize> = FxHashMap::default();
    let mut levels: Vec<Vec<u32>> = Vec::new();
    for node in scene.order.iter().copied().filter(|n| decisions[*n as usize].action == Action::Create) {
        // What was deleted outside, or takes another kind's place, is no rename.
        let other = scene.record(node).is_some() || scene.in_place_of.contains_key(&node);
        if other || !deleted.contains_key(&(scene.kind_name(node), scene.region(node))) {
            continue;
        }
        let below = scene.deps.row(node).iter().filter_map(|dep| level_of.get(dep));
        let level = below.max().map_or(0, |level| level + 1);
        level_of.insert(node, level);
        if level == levels.len() {
            levels.push(Vec::new());
        }
        levels[level].push(node);
    }
    levels
}

/// Who became whom, as far as it is found.
struct Pairing<'a> {
    known: Known<'a>,
    deleted: FxHashMap<Place, Vec<u32>>,
    /// Created nodes, each with the deleted one and with its attributes after the rename.
    renamed: FxHashMap<u32, (u32, Attributes)>,
    /// Deleted nodes that are found.
    gone: FxHashSet<u32>,
}

impl Pairing<'_> {
    /// Pairs nodes of one level; every node at most once, the most alike first.
    fn level(&mut self, nodes: Vec<u32>) {
        let scene = self.known.scene;
        let mut wanted: FxHashMap<u32, Attributes> = nodes.iter().map(|node| (*node, self.wanted(*node))).collect();
        let mut compared: FxHashMap<Place, usize> = FxHashMap::default();
        let mut candidates = Vec::new();
        for to in nodes {
            let place = (scene.kind_name(to), scene.region(to));
            let Some(old) = self.deleted.get(&place) else { continue };
            let compared = compared.entry(place).or_default();
            *compared += old.len();
            if *compared > MOST_PAIRS {
                continue;
            }
            for from in old.iter().filter(|from| !self.gone.contains(from)) {
                if let Some(likeness) = likeness(scene, *from, to, &wanted[&to]) {
                    let ending = same_ending(scene.address(*from), scene.address(to));
                    candidates.push((Reverse(likeness), Reverse(ending), to, *from));
                }
            }
        }
        candidates.sort_unstable();
        for (_, _, to, from) in candidates {
            if !self.renamed.contains_key(&to) && self.gone.insert(from) {
                self.renamed.insert(to, (from, wanted.remove(&to).unwrap_or_default()));
            }
        }
    }

    /// The attributes of a created node, as they would be known after the renames so far.
    fn wanted(&self, node: u32) -> Attributes {
        let after = self.known.decision(node).detail.as_ref().and_then(|d| d.after.as_ref());
        let value = |value: &Value| evaluate(value, self).unwrap_or_else(|_| value.clone());
        after.into_iter().flat_map(Attributes::iter).map(|(name, v)| (name, value(v))).collect()
    }
}

impl Resolve for Pairing<'_> {
    fn output(&self, resource: ResId, name: Symbol) -> Option<Value> {
        let scene = self.known.scene;
        let Some((from, attributes)) = self.renamed.get(&resource.0) else {
            return self.known.output(resource, name);
        };
        if let Some(value) = attributes.get(name) {
            return value.is_ground().then(|| value.clone());
        }
        let outputs = scene.object(*from).map(|o| &o.outputs).or(scene.record(*from).map(|r| &r.outputs))?;
        outputs.get(name).or_else(|| scene.there(*from)?.get(name)).cloned()
    }
}

/// How long the text is that both addresses end in: it tells apart what is alike otherwise.
fn same_ending(a: &str, b: &str) -> usize {
    a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count()
}

/// How many thousandths of the attributes would be equal after the rename, when most would.
/// What would not be known then counts neither way. An immutable attribute that would differ,
/// or be unknown, has the object replaced in spite of a `moved`: that is no rename.
fn likeness(scene: &Scene<'_>, from: u32, to: u32, wanted: &Attributes) -> Option<usize> {
    let (resource, kind) = (scene.resource(to)?, scene.kind(to)?);
    let (record, there) = (scene.record(from)?, scene.there(from)?);
    let ignored = resource.lifecycle.as_ref().map_or(&[][..], |l| &l.ignore);
    let record_type = record_type(resource, kind);
    let (mut equal, mut all) = (0, 0);
    for (attribute, declared) in kind.attributes.iter().zip(resource.attributes.iter()) {
        let name = attribute.name;
        let (want, recorded) = (wanted.get(name), record.attributes.get(name));
        if want.is_none() && recorded.is_none() {
            continue;
        }
        let known = want.is_none_or(Value::is_ground);
        let (want, declared) = (want.map(Cow::Borrowed), declared.as_ref());
        let sight = Sight { kind, attribute, declared, want, recorded, there: there.get(name), record_type };
        let difference = sight.difference(ignored);
        if difference.as_ref().is_some_and(|d| d.replaces) {
            return None;
        }
        if known {
            all += 1;
            equal += usize::from(difference.is_none());
        }
    }
    (all == 0 || equal * 2 > all).then(|| (equal * 1000).checked_div(all).unwrap_or(1000))
}

/// One `moved` that would do, and the nodes it would rename.
struct Line {
    from: String,
    to: String,
    pairs: Vec<(u32, u32)>,
}

fn warn(scene: &Scene<'_>, pairs: Vec<(u32, u32)>, diagnostics: &mut Vec<Diagnostic>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut known: FxHashMap<(String, String), usize> = FxHashMap::default();
    for (from, to) in pairs {
        let (old, new) = shortest(scene.address(from), scene.address(to));
        let at = *known.entry((old.clone(), new.clone())).or_insert_with(|| {
            lines.push(Line { from: old, to: new, pairs: Vec::new() });
            lines.len() - 1
        });
        lines[at].pairs.push((from, to));
    }
    for Line { from, to, pairs } in lines {
        let Some((old, new)) = pairs.first() else { continue };
        let more = match pairs.len() {
            1 => String::new(),
            n => format!(", and {} more like it", n - 1),
        };
        let (span, resource) = (scene.place(*new), scene.resource(*new));
        let (old, new) = (scene.address(*old), scene.address(*new));
        let message = format!("{old} would be deleted and {new} created, alike in most attributes{more}");
        let found = Diagnostic::warning(codes::LOOKS_RENAMED, span, message, "looks like a rename")
            .help(format!("if it is one, write `moved {from} -> {to}`, and nothing is deleted"));
        diagnostics.push(made_at(found, resource).at(new));
    }
}

/// The shortest `moved` that makes one address of another: without the steps that both end
/// in, and with open keys where the last ones are equal.
fn shortest(from: &str, to: &str) -> (String, String) {
    let (mut from, mut to) = (parts(from), parts(to));
    while from.len() > 1 && to.len() > 1 && from.last() == to.last() {
        from.pop();
        to.pop();
    }
    if let (Some(a), Some(b)) = (from.last_mut(), to.last_mut())
        && a.key.is_some()
        && a.key == b.key
    {
        (*a, *b) = (Part { key: Some("*"), ..*a }, Part { key: Some("*"), ..*b });
    }
    (join(&from), join(&to))
}
