//! Renames that nobody wrote down: a delete and a create, of one kind and in one region,
//! alike in most of their attributes.

use rustc_hash::FxHashMap;
use topo_model::{Attributes, Diagnostic, Kind, Span, Symbol};

use crate::address::{Part, join, parts};
use crate::hold::retires;
use crate::known::Decision;
use crate::scene::Scene;
use crate::{Action, codes};

/// The most pairs of one kind and region that are compared.
const MOST_PAIRS: usize = 250_000;

/// A warning for every rename that seems to be missing, several instances in one.
pub(crate) fn renames(scene: &Scene<'_>, decisions: &[Decision], diagnostics: &mut Vec<Diagnostic>) {
    let mut deleted: FxHashMap<(Symbol, Option<Symbol>), Vec<u32>> = FxHashMap::default();
    for node in scene.programmed()..scene.sides.len() as u32 {
        let goes = retires(scene, node, &decisions[node as usize]);
        if goes && scene.record(node).is_some() && scene.there(node).is_some() {
            deleted.entry((scene.kind_name(node), scene.region(node))).or_default().push(node);
        }
    }
    if deleted.is_empty() {
        return;
    }
    let mut created: FxHashMap<(Symbol, Option<Symbol>), Vec<u32>> = FxHashMap::default();
    let mut order = Vec::new();
    for node in (0..scene.programmed()).filter(|n| decisions[*n as usize].action == Action::Create) {
        let place = (scene.kind_name(node), scene.region(node));
        // What was deleted outside, or takes another kind's place, is no rename.
        if scene.record(node).is_some() || scene.in_place_of.contains_key(&node) || !deleted.contains_key(&place) {
            continue;
        }
        let nodes = created.entry(place).or_default();
        if nodes.is_empty() {
            order.push(place);
        }
        nodes.push(node);
    }
    let mut pairs = Vec::new();
    for place in order {
        if let (Some(old), Some(new)) = (deleted.get(&place), created.get(&place)) {
            pairs.extend(matches(scene, decisions, old, new));
        }
    }
    warn(scene, pairs, diagnostics);
}

/// Who became whom; every node at most once, the most alike first.
fn matches(scene: &Scene<'_>, decisions: &[Decision], old: &[u32], new: &[u32]) -> Vec<(u32, u32)> {
    if old.len() * new.len() > MOST_PAIRS {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    for to in new {
        let Some(after) = decisions[*to as usize].detail.as_ref().and_then(|d| d.after.as_ref()) else { continue };
        for from in old {
            let Some(record) = scene.record(*from) else { continue };
            let Some(kind) = scene.kind(*to) else { continue };
            if let Some(likeness) = likeness(kind, &record.attributes, after) {
                candidates.push((std::cmp::Reverse(likeness), *to, *from));
            }
        }
    }
    candidates.sort_unstable();
    let (mut found, mut used) = (Vec::new(), rustc_hash::FxHashSet::default());
    for (_, to, from) in candidates {
        if !used.contains(&to) && !used.contains(&from) {
            used.extend([to, from]);
            found.push((from, to));
        }
    }
    found.sort_unstable_by_key(|(_, to)| *to);
    found
}

/// How many thousandths of the attributes are equal, when most are. What is not known yet
/// counts neither way. With an immutable attribute that differs the object would be replaced
/// in spite of a `moved`: that is no rename.
fn likeness(kind: &Kind, old: &Attributes, new: &Attributes) -> Option<usize> {
    let (mut equal, mut all) = (0, 0);
    for (name, value) in new.iter().filter(|(_, value)| value.is_ground()) {
        let same = old.get(name) == Some(value);
        if !same && kind.attribute(name).is_some_and(|(_, a)| a.immutable) {
            return None;
        }
        all += 1;
        equal += usize::from(same);
    }
    all += old.iter().filter(|(name, _)| new.get(*name).is_none()).count();
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
        let (old, new, span) = (scene.address(*old), scene.address(*new), span(scene, *new));
        let message = format!("{old} would be deleted and {new} created, alike in most attributes{more}");
        diagnostics.push(
            Diagnostic::warning(codes::LOOKS_RENAMED, span, message, "looks like a rename")
                .help(format!("if it is one, write `moved {from} -> {to}`, and nothing is deleted"))
                .at(new),
        );
    }
}

fn span(scene: &Scene<'_>, node: u32) -> Span {
    scene.resource(node).map_or(Span::NONE, |r| r.span)
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
