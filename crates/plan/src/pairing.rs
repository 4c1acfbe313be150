//! Matching: which resource of the program, which record and which object are one.
//!
//! A resource and a record are one by their address, after renames, when they are of one
//! kind. A record and an object are one by the cloud's id, or else by our id in the mark: an
//! object whose tags were stripped is still found, and so is one whose id was never learnt.
//!
//! An object may carry this project's mark though no record has it. Where the program wants
//! the address and no object is on record, a run did not see the answer to its call: the
//! object is adopted. Where it carries the very id of an object on record, a call was answered
//! twice: it is deleted, since an id is given once. Of anything else nobody can know why it
//! is there (it may have been forgotten on purpose): it is reported and left alone, unless
//! everything is destroyed and the program still names it.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{Desired, Diagnostic, Object, Origin, Owner, RecordedResource, ResId, Span, Symbol};

use crate::graph::Rows;
use crate::scene::{Mode, Scene, Sides, place as place_of};
use crate::{Observed, codes, moves};

/// Puts everything side by side.
pub(crate) fn pair<'a>(
    desired: &'a Desired,
    recorded: &'a topo_model::Recorded,
    observed: &'a Observed,
    mode: Mode,
    only: Option<Symbol>,
    doomed: FxHashSet<(Symbol, String)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Scene<'a> {
    let deps = Rows::of(desired);
    let order = deps.order();
    let scene = Scene {
        desired,
        recorded,
        observed,
        mode,
        only,
        sides: Vec::with_capacity(desired.resources.len()),
        node_of_record: vec![u32::MAX; recorded.resources.len()],
        deps,
        order,
        seconds: FxHashMap::default(),
        landed: FxHashMap::default(),
        in_place_of: FxHashMap::default(),
        asked: FxHashSet::default(),
        forced: FxHashMap::default(),
        found: observed.found.iter().map(|(id, found)| (*id, found)).collect(),
        released: FxHashSet::default(),
        doomed,
    };
    let mut pairing = Pairing { scene, sightings: Sightings::new(&observed.objects) };
    pairing.program();
    pairing.renames(diagnostics);
    pairing.log();
    pairing.forgotten(diagnostics);
    pairing.strays(diagnostics);
    pairing.scene
}

struct Pairing<'a> {
    scene: Scene<'a>,
    sightings: Sightings<'a>,
}

/// What observation found, by what it can be found again.
struct Sightings<'a> {
    objects: &'a [Object],
    by_id: FxHashMap<(Symbol, Option<Symbol>, &'a str), u32>,
    by_mark: FxHashMap<&'a str, u32>,
    /// Which belong to a record.
    taken: Vec<bool>,
}

impl<'a> Sightings<'a> {
    fn new(objects: &'a [Object]) -> Sightings<'a> {
        let mut by_id = FxHashMap::default();
        let mut by_mark = FxHashMap::default();
        by_id.reserve(objects.len());
        for (at, object) in objects.iter().enumerate() {
            by_id.insert((object.kind, object.region, object.id.0.as_str()), at as u32);
            if let Some(owner) = &object.owner {
                by_mark.entry(owner.id.0.as_str()).or_insert(at as u32);
            }
        }
        Sightings { objects, by_id, by_mark, taken: vec![false; objects.len()] }
    }

    fn take(&mut self, at: u32) -> Option<u32> {
        (!std::mem::replace(&mut self.taken[at as usize], true)).then_some(at)
    }

    /// The object of a record.
    fn of(&mut self, record: &RecordedResource) -> Option<u32> {
        if let Some(at) = self.by_id.get(&(record.kind, record.region, record.id.0.as_str())) {
            return self.take(*at);
        }
        let at = *self.by_mark.get(record.topo_id.0.as_str())?;
        let object = &self.objects[at as usize];
        if object.kind != record.kind || object.region != record.region {
            return None;
        }
        self.take(at)
    }

    /// Marks what was replaced earlier and is still to be deleted.
    fn deposed(&mut self, record: &RecordedResource) {
        for deposed in &record.deposed {
            if let Some(at) = self.by_id.get(&(record.kind, deposed.region, deposed.id.0.as_str())) {
                self.taken[*at as usize] = true;
            }
        }
    }
}

impl Pairing<'_> {
    /// The program's resources, each with the record at its address.
    fn program(&mut self) {
        let scene = &mut self.scene;
        for (id, resource) in scene.desired.iter() {
            let address = scene.desired.address(id);
            let existing = matches!(resource.origin, Origin::Existing(_));
            let mut sides = Sides { address, recorded: None, object: None, moved: false, forgotten: false };
            if let Some((at, _, record)) = scene.recorded.resources.get_full(sides.address.as_str())
                && !existing
                && record.kind == scene.desired.kind(resource).name
            {
                sides.recorded = Some(at as u32);
                sides.object = self.sightings.of(record);
                scene.node_of_record[at] = id.0;
            }
            scene.sides.push(sides);
        }
    }

    /// Records under an address that the program calls otherwise now. One whose object is
    /// gone is not renamed: the old address is dropped, the new one is made.
    fn renames(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let scene = &mut self.scene;
        let renames = moves::renames(scene, diagnostics);
        let mut freed = Vec::with_capacity(renames.len());
        for (at, _) in &renames {
            let Some((_, record)) = scene.recorded.resources.get_index(*at as usize) else { continue };
            let own = std::mem::replace(&mut scene.node_of_record[*at as usize], u32::MAX);
            freed.push(match scene.sides.get_mut(own as usize) {
                Some(sides) => {
                    sides.recorded = None;
                    sides.object.take()
                }
                None => self.sightings.of(record),
            });
        }
        for ((at, node), object) in renames.into_iter().zip(freed) {
            let region = scene.recorded.resources.get_index(at as usize).and_then(|(_, record)| record.region);
            if object.is_none() && !scene.blind(node, region) {
                continue;
            }
            let sides = &mut scene.sides[node as usize];
            (sides.recorded, sides.object, sides.moved) = (Some(at), object, true);
            scene.node_of_record[at as usize] = node;
        }
    }

    /// What only the log knows.
    fn log(&mut self) {
        let scene = &mut self.scene;
        let mut replaced: FxHashMap<&str, u32> = FxHashMap::default();
        for (at, (address, record)) in scene.recorded.resources.iter().enumerate() {
            self.sightings.deposed(record);
            if scene.node_of_record[at] != u32::MAX {
                continue;
            }
            let node = scene.sides.len() as u32;
            let object = self.sightings.of(record);
            let (address, recorded) = (address.clone(), Some(at as u32));
            scene.sides.push(Sides { address, recorded, object, moved: false, forgotten: false });
            scene.node_of_record[at] = node;
            replaced.insert(record.address.as_str(), node);
        }
        if replaced.is_empty() {
            return;
        }
        for node in 0..scene.programmed() {
            if let Some(old) = replaced.get(scene.sides[node as usize].address.as_str()) {
                scene.in_place_of.insert(node, *old);
            }
        }
    }

    /// What the program lets go.
    fn forgotten(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let scene = &mut self.scene;
        if scene.desired.forget.is_empty() {
            return;
        }
        let programmed = scene.programmed() as usize;
        for (node, sides) in scene.sides.iter_mut().enumerate() {
            let parts = crate::address::parts(&sides.address);
            let Some(forget) = scene.desired.forget.iter().find(|f| crate::address::selects(f, &parts)) else {
                continue;
            };
            if node >= programmed {
                sides.forgotten = true;
                continue;
            }
            let resource = scene.desired.resource(ResId(node as u32));
            if matches!(resource.origin, Origin::Existing(_)) {
                continue;
            }
            let declared = place_of(resource);
            let message = format!("{} is to be forgotten, and the program still has it", sides.address);
            diagnostics.push(
                Diagnostic::error(codes::CONTRADICTION, forget.span, message, "forgotten here")
                    .label(declared, "declared here")
                    .help("remove one of the two"),
            );
        }
    }

    /// Objects that carry our mark and that no record knows.
    fn strays(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let scene = &mut self.scene;
        if scene.mode == Mode::Drift {
            return;
        }
        let project = scene.desired.project.name.as_str();
        let env = scene.desired.env.map_or("", Symbol::as_str);
        let found: FxHashSet<(Symbol, Option<Symbol>, &str)> = scene
            .found
            .values()
            .filter_map(|found| match found {
                crate::Found::One(object) => Some((object.kind, object.region, object.id.0.as_str())),
                _ => None,
            })
            .collect();
        let mut by_path: Option<FxHashMap<(Symbol, String), u32>> = None;
        for (at, object) in self.sightings.objects.iter().enumerate() {
            let Some(owner) = object.owner.as_ref().filter(|o| o.project == project && o.env == env) else { continue };
            if self.sightings.taken[at] || found.contains(&(object.kind, object.region, object.id.0.as_str())) {
                continue;
            }
            let by_path = by_path.get_or_insert_with(|| by_path_of(scene));
            let node = by_path.get(&(object.kind, owner.path.to_string())).copied();
            place(scene, node, at as u32, owner, diagnostics);
        }
    }
}

/// Nodes by what a mark writes for their address.
fn by_path_of(scene: &Scene<'_>) -> FxHashMap<(Symbol, String), u32> {
    // From the end, so that the program's nodes win.
    let nodes = scene.nodes().rev().filter(|node| !scene.existing(*node));
    nodes.map(|node| ((scene.kind_name(node), Owner::path_of(scene.address(node)).to_string()), node)).collect()
}

/// Gives an object without a record its place.
fn place(scene: &mut Scene<'_>, node: Option<u32>, at: u32, owner: &Owner, diagnostics: &mut Vec<Diagnostic>) {
    let object = &scene.observed.objects[at as usize];
    let wanted = |node: &u32| scene.resource(*node).is_some() && scene.region(*node) == object.region;
    let free = |node: &u32| scene.record(*node).is_none() && !scene.landed.contains_key(node);
    if let Some(node) = node.filter(|n| wanted(n) && free(n)) {
        scene.landed.insert(node, at);
        return;
    }
    if scene.doomed.contains(&(object.kind, owner.path.to_string())) {
        let address = owner.path.to_string();
        scene.sides.push(Sides { address, recorded: None, object: Some(at), moved: false, forgotten: false });
        return;
    }
    let span = node.map_or(Span::NONE, |n| scene.place(n));
    let what = format!("{} {}", object.kind, object.id);
    match node.filter(|n| holds(scene, *n, owner)) {
        Some(node) => {
            scene.seconds.entry(node).or_default().push(at);
            let address = scene.address(node);
            let message = format!("{what} carries the mark and the id of {address}, which is another object");
            diagnostics.push(
                Diagnostic::warning(codes::SECOND_OBJECT, span, message, "has a second object")
                    .help(format!("a call of an earlier run was answered twice; the plan deletes {}", object.id))
                    .at(address),
            );
        }
        None => {
            if scene.desired.forget.iter().any(|f| begins(&owner.path, f)) {
                return;
            }
            let message = format!("{what} carries the mark of {}, and the state does not know it", owner.path);
            diagnostics.push(
                Diagnostic::warning(codes::SECOND_OBJECT, span, message, "is left alone")
                    .help(format!("delete it by hand, or adopt it: `resource … from \"{}\"`", object.id)),
            );
        }
    }
}

/// Whether the node's record has an object of this id, or had it before it was replaced.
fn holds(scene: &Scene<'_>, node: u32, owner: &Owner) -> bool {
    let landed = scene.landed.get(&node).and_then(|at| scene.observed.objects[*at as usize].owner.as_ref());
    let record = scene.record(node);
    let deposed = || record.is_some_and(|r| r.deposed.iter().any(|d| d.topo_id == owner.id));
    record.is_some_and(|r| r.topo_id == owner.id) || deposed() || landed.is_some_and(|o| o.id == owner.id)
}

/// Whether a path may be one that a pattern names.
fn begins(path: &str, pattern: &topo_model::Pattern) -> bool {
    let first = path.split(['.', ':']).next();
    pattern.steps.first().is_some_and(|step| Some(step.name.as_str()) == first)
}
