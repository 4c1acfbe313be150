//! From three sides to a plan.

use rustc_hash::FxHashSet;
use topo_model::{
    AddrId, Attribute, Desired, Diagnostic, Lifecycle, Origin, Owner, Pattern, Recorded, RecordedResource, ResId,
    Resource, Span, Symbol, diag,
};

use crate::graph::Rows;
use crate::known::{Decision, Hold};
use crate::pairing::pair;
use crate::scene::{Mode, Scene, Sides};
use crate::sequence::{Sequence, ordered, sequence};
use crate::steps::{Steps, steps};
use crate::{
    Action, Basis, Frozen, Node, NodeId, Observed, Plan, Step, StepId, Summary, basis, batch, hint, hold, outcome,
    select, wave,
};

/// Which part of a plan is wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only these, and what they need.
    pub targets: Vec<Pattern>,
    /// All but these, and what depends on them.
    pub excludes: Vec<Pattern>,
    /// These are replaced, whether or not they differ.
    pub replaces: Vec<Pattern>,
    /// Only this region and what is global. Nothing was observed elsewhere.
    pub region: Option<Symbol>,
}

/// A plan, and what a person should look at before it is applied.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Warnings, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What must be done so that the cloud is as the program wants.
///
/// # Errors
///
/// What stands against it, with warnings beside; nothing is planned then.
pub fn plan(
    desired: &Desired,
    recorded: &Recorded,
    observed: &Observed,
    options: &Options,
) -> Result<Planned, Vec<Diagnostic>> {
    build(Question { desired, recorded, observed, options, mode: Mode::Reconcile }, Farewell::default())
}

/// What must be done so that nothing is left of what the log has. Of the program counts
/// what is not about resources: the project, the environment, the kinds, the rollout; and
/// whether it still protects what is recorded as protected.
///
/// # Errors
///
/// As [`plan`].
pub fn destroy(
    desired: &Desired,
    recorded: &Recorded,
    observed: &Observed,
    options: &Options,
) -> Result<Planned, Vec<Diagnostic>> {
    let released = |(id, resource): (ResId, &Resource)| {
        let protects = resource.lifecycle.as_ref().is_some_and(|l| l.protect);
        (!protects).then(|| desired.address(id))
    };
    let released = match recorded.resources.values().any(|r| r.protect) {
        true => desired.iter().filter_map(released).collect(),
        false => FxHashSet::default(),
    };
    let made = desired.iter().filter(|(_, resource)| !matches!(resource.origin, Origin::Existing(_)));
    let path = |id| Owner::path_of(&desired.address(id)).to_string();
    let doomed = made.map(|(id, resource)| (desired.kind(resource).name, path(id))).collect();
    let observed = Observed { found: Vec::new(), ..observed.clone() };
    let nothing = bare(desired);
    let question = Question { desired: &nothing, recorded, observed: &observed, options, mode: Mode::Reconcile };
    build(question, Farewell { released, doomed })
}

/// What changed outside, and nothing else: the plan that would put it back.
///
/// # Errors
///
/// As [`plan`].
pub fn drift(
    desired: &Desired,
    recorded: &Recorded,
    observed: &Observed,
    options: &Options,
) -> Result<Planned, Vec<Diagnostic>> {
    let observed = Observed { found: Vec::new(), ..observed.clone() };
    let program = as_recorded(desired, recorded);
    let question = Question { desired: &program, recorded, observed: &observed, options, mode: Mode::Drift };
    build(question, Farewell::default())
}

/// A program without resources.
fn bare(desired: &Desired) -> Desired {
    Desired {
        addresses: topo_model::Addresses::default(),
        resources: Vec::new(),
        outputs: Vec::new(),
        checks: Vec::new(),
        objectives: Vec::new(),
        moved: Vec::new(),
        forget: Vec::new(),
        ..desired.clone()
    }
}

/// The program that wants exactly what a log says was set. Resources of kinds that the
/// catalogue no longer has are left out.
pub fn as_recorded(desired: &Desired, recorded: &Recorded) -> Desired {
    let mut program = bare(desired);
    let known: Vec<&RecordedResource> =
        recorded.resources.values().filter(|r| desired.catalogue.find(r.kind).is_some()).collect();
    let ids: rustc_hash::FxHashMap<&str, ResId> =
        known.iter().enumerate().map(|(at, r)| (r.address.as_str(), ResId(at as u32))).collect();
    for record in known {
        // The whole address as one name renders as it was.
        let address = program.addresses.intern(None, Symbol::new(&record.address), None);
        let after = record.needs.iter().filter_map(|need| ids.get(need.as_str()).copied()).collect();
        if let Some(resource) = restored(desired, record, address, after) {
            program.resources.push(resource);
        }
    }
    program.outputs = recorded
        .outputs
        .iter()
        .map(|(name, value)| topo_model::Output { name, value: value.clone(), span: Span::NONE })
        .collect();
    program
}

fn restored(desired: &Desired, record: &RecordedResource, address: AddrId, after: Vec<ResId>) -> Option<Resource> {
    let kind = desired.catalogue.find(record.kind)?;
    let attributes = desired.catalogue.kind(kind).attributes.iter();
    let value = |name: Symbol| record.attributes.get(name).filter(|v| !v.is_none());
    let lifecycle = Lifecycle { protect: record.protect, replace: record.replace, ..Lifecycle::default() };
    Some(Resource {
        address,
        kind,
        region: record.region,
        origin: Origin::Created,
        attributes: attributes
            .map(|a| value(a.name).map(|value| Attribute { value: value.clone(), span: Span::NONE }))
            .collect(),
        after,
        lifecycle: (lifecycle != Lifecycle::default()).then(|| lifecycle.into()),
        span: Span::NONE,
        anchor: Span::NONE,
    })
}

/// What a plan is asked for.
#[derive(Clone, Copy)]
struct Question<'a> {
    desired: &'a Desired,
    recorded: &'a Recorded,
    observed: &'a Observed,
    options: &'a Options,
    mode: Mode,
}

/// What counts of a program that is being destroyed.
#[derive(Default)]
struct Farewell {
    /// Addresses that it does not protect.
    released: FxHashSet<String>,
    /// Kinds of its resources, and what a mark says of their addresses.
    doomed: FxHashSet<(Symbol, String)>,
}

fn build(question: Question<'_>, farewell: Farewell) -> Result<Planned, Vec<Diagnostic>> {
    let Question { desired, recorded, observed, options, mode } = question;
    let mut diagnostics = Vec::new();
    let mut owned = pair(desired, recorded, observed, mode, options.region, farewell.doomed, &mut diagnostics);
    owned.released = farewell.released;
    let asked = select::named(&owned, "replace", &options.replaces, |n| owned.record(n).is_some(), &mut diagnostics);
    owned.asked = owned.nodes().filter(|n| asked[*n as usize]).collect();
    let (mut decisions, mut found) = settle(&mut owned, options, &mut diagnostics);
    let scene = &owned;
    diagnostics.append(&mut found);
    needless_lookups(scene, &mut decisions);
    outcome::failures(scene, &mut diagnostics);
    outcome::protected(scene, &decisions, &mut diagnostics);
    outcome::kinds(scene, &decisions, &mut diagnostics);
    let checks = outcome::checks(scene, &decisions, &mut diagnostics);
    let (outputs, outputs_changed) = outcome::outputs(scene, &decisions, &mut diagnostics);
    if mode == Mode::Reconcile {
        hint::renames(scene, &decisions, &mut diagnostics);
    }
    diag::sort(&mut diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }

    let (steps, waves) = put_in_order(scene, &decisions);
    let frozen = frozen(scene, &decisions);
    let places: Vec<(Symbol, Option<Symbol>)> = scene.nodes().map(|n| (scene.kind_name(n), scene.region(n))).collect();
    let addresses = std::mem::take(&mut owned.sides);
    let nodes = nodes(addresses, decisions, places, waves);
    let plan = Plan {
        project: desired.project.name,
        env: desired.env,
        cloud: desired.project.cloud,
        basis: Basis {
            program: desired.digest.clone(),
            serial: recorded.serial,
            observed: basis::digest(&nodes, observed),
        },
        summary: summary(&nodes),
        waves: wave::list(desired, &nodes),
        nodes,
        steps,
        frozen,
        outputs,
        outputs_changed,
        checks,
        inputs: desired.inputs.clone(),
    };
    Ok(Planned { plan, diagnostics })
}

fn nodes(
    sides: Vec<Sides>,
    decisions: Vec<Decision>,
    places: Vec<(Symbol, Option<Symbol>)>,
    waves: Vec<u32>,
) -> Vec<Node> {
    let parts = sides.into_iter().zip(decisions).zip(places).zip(waves);
    let node = |(((sides, decision), (kind, region)), wave): (((Sides, Decision), _), u32)| {
        let Decision { action, detail, .. } = decision;
        Node { address: sides.address, kind, region, action, wave, detail }
    };
    parts.map(node).collect()
}

/// Decides until no decision stands in the way of another.
fn settle(
    scene: &mut Scene<'_>,
    options: &Options,
    diagnostics: &mut Vec<Diagnostic>,
) -> (Vec<Decision>, Vec<Diagnostic>) {
    loop {
        let mut selection = Vec::new();
        let (mut decisions, mut found) = hold::decide_all(scene, None);
        if let Some(selected) = select::select(scene, options, &decisions, &mut selection) {
            (decisions, found) = hold::decide_all(scene, Some(&selected));
            select::elsewhere(scene, &decisions, &mut selection);
        }
        let hanging = steps(scene, &decisions).hanging();
        let known = scene.forced.len();
        scene.forced.extend(hanging);
        if scene.forced.len() == known {
            diagnostics.append(&mut selection);
            return (decisions, found);
        }
    }
}

/// A lookup that nothing waits for is no change.
fn needless_lookups(scene: &Scene<'_>, decisions: &mut [Decision]) {
    if decisions.iter().all(|d| d.action != Action::Read) {
        return;
    }
    let mut needed = vec![false; decisions.len()];
    for node in scene.nodes().filter(|n| !matches!(decisions[*n as usize].action, Action::None | Action::Read)) {
        scene.deps.row(node).iter().for_each(|dep| needed[*dep as usize] = true);
    }
    for node in scene.order.iter().rev() {
        let decision = &mut decisions[*node as usize];
        if decision.action != Action::Read {
            continue;
        }
        if needed[*node as usize] {
            scene.deps.row(*node).iter().for_each(|dep| needed[*dep as usize] = true);
        } else {
            (decision.action, decision.detail) = (Action::None, None);
        }
    }
}

/// The steps in their order, and the wave of every node.
fn put_in_order(scene: &Scene<'_>, decisions: &[Decision]) -> (Vec<Step>, Vec<u32>) {
    let mut drafts = steps(scene, decisions);
    let edges = std::mem::take(&mut drafts.edges);
    let sequence = sequence(drafts.drafts.len(), edges);
    let mut nodes = wave::of_nodes(scene);
    let waves = wave::of_steps(scene, &drafts, &sequence, &nodes);
    let batches = batch::batches(&drafts, &sequence, &waves);
    nodes.resize(scene.sides.len(), 0);
    for node in scene.nodes() {
        let main = drafts.make(node).or_else(|| drafts.of(node).last());
        if let Some(step) = main {
            nodes[node as usize] = waves[step as usize];
        }
    }
    (numbered(&drafts, sequence, &waves, &batches), nodes)
}

fn numbered(drafts: &Steps<'_>, sequence: Sequence, waves: &[u32], batches: &[Option<u32>]) -> Vec<Step> {
    let Sequence { needs, order } = sequence;
    // Waves grow along needs, so ranking by them contradicts no edge.
    let order = ordered(&needs, &|step| waves[step as usize]).unwrap_or(order);
    let mut number = vec![0_u32; order.len()];
    for (at, step) in order.iter().enumerate() {
        number[*step as usize] = at as u32;
    }
    let of = |rows: &Rows, step: u32| {
        let mut needs: Vec<StepId> = rows.row(step).iter().map(|need| StepId(number[*need as usize])).collect();
        needs.sort_unstable();
        needs
    };
    let step = |at: &u32| Step {
        node: drafts.node(*at),
        op: drafts.drafts[*at as usize].op,
        wave: waves[*at as usize],
        needs: of(&needs, *at),
        batch: batches[*at as usize],
    };
    order.iter().map(step).collect()
}

fn frozen(scene: &Scene<'_>, decisions: &[Decision]) -> Vec<Frozen> {
    let unreachable = scene.observed.unreachable.iter();
    let mut frozen: Vec<Frozen> = unreachable
        .map(|(region, error)| Frozen { region: *region, error: error.clone(), nodes: Vec::new() })
        .collect();
    for (node, decision) in decisions.iter().enumerate() {
        if let (Some(Hold::Outage(at)), false) = (decision.hold, decision.wanted == Action::Read) {
            frozen[at as usize].nodes.push(NodeId(node as u32));
        }
    }
    frozen
}

fn summary(nodes: &[Node]) -> Summary {
    let mut summary = Summary::default();
    for node in nodes {
        match node.action {
            Action::None | Action::Read => {}
            Action::Create => summary.create += 1,
            Action::Update => summary.update += 1,
            Action::Replace(_) => summary.replace += 1,
            Action::Delete => summary.delete += 1,
            Action::Move => summary.moved += 1,
            Action::Import => summary.import += 1,
            Action::Forget => summary.forget += 1,
        }
    }
    summary
}
