//! The three sides of every resource, side by side: what the program wants, what the log
//! says, what the cloud shows.

use rustc_hash::{FxHashMap, FxHashSet};
use topo_model::{
    Attributes, Desired, Diagnostic, Kind, Object, Origin, Recorded, RecordedResource, ResId, Resource, Span, Symbol,
};

use crate::graph::Rows;
use crate::{Found, Observed};

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What must be done so that the cloud is as the program wants.
    Reconcile,
    /// What changed outside; nothing else.
    Drift,
}

/// One node's sides. The first nodes are the program's resources.
#[derive(Debug)]
pub(crate) struct Sides {
    /// The address; for an object of no known resource, the path of its mark.
    pub(crate) address: String,
    /// The position in the log.
    pub(crate) recorded: Option<u32>,
    /// The position among what observation found.
    pub(crate) object: Option<u32>,
    /// Whether the log has it under another address.
    pub(crate) moved: bool,
    /// Whether the program lets it go, alive.
    pub(crate) forgotten: bool,
}

/// Everything that a plan is made from, matched.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) desired: &'a Desired,
    pub(crate) recorded: &'a Recorded,
    pub(crate) observed: &'a Observed,
    pub(crate) mode: Mode,
    /// The only region that is looked at, beside what is global.
    pub(crate) only: Option<Symbol>,
    pub(crate) sides: Vec<Sides>,
    /// The node of every resource of the log.
    pub(crate) node_of_record: Vec<u32>,
    /// What the program's resources depend on.
    pub(crate) deps: Rows,
    /// The program's resources, dependencies first.
    pub(crate) order: Vec<u32>,
    /// Objects that carry our mark, though another is on record for the node.
    pub(crate) seconds: FxHashMap<u32, Vec<u32>>,
    /// Objects that carry our mark for a resource of which no object is on record.
    pub(crate) landed: FxHashMap<u32, u32>,
    /// For a resource of the program, the node of what another kind left at its address.
    pub(crate) in_place_of: FxHashMap<u32, u32>,
    /// Nodes that `--replace` names.
    pub(crate) asked: FxHashSet<u32>,
    /// Nodes that must go first because they refer, if only through others, to one that has
    /// to go before it is made again; with that one.
    pub(crate) forced: FxHashMap<u32, u32>,
    /// What `existing` and adopted resources were found to be.
    pub(crate) found: FxHashMap<ResId, &'a Found>,
    /// Addresses that are recorded as protected and that the program protects no longer.
    pub(crate) released: FxHashSet<String>,
    /// What a mark would say of all that the program has, where everything is to go: kinds
    /// and paths.
    pub(crate) doomed: FxHashSet<(Symbol, String)>,
}

impl<'a> Scene<'a> {
    /// How many nodes the program has.
    pub(crate) fn programmed(&self) -> u32 {
        self.desired.resources.len() as u32
    }

    /// Every node.
    pub(crate) fn nodes(&self) -> std::ops::Range<u32> {
        0..self.sides.len() as u32
    }

    pub(crate) fn sides(&self, node: u32) -> &Sides {
        &self.sides[node as usize]
    }

    pub(crate) fn address(&self, node: u32) -> &str {
        &self.sides(node).address
    }

    pub(crate) fn resource(&self, node: u32) -> Option<&'a Resource> {
        self.desired.resources.get(node as usize)
    }

    pub(crate) fn record(&self, node: u32) -> Option<&'a RecordedResource> {
        let at = self.sides(node).recorded?;
        self.recorded.resources.get_index(at as usize).map(|(_, record)| record)
    }

    pub(crate) fn object(&self, node: u32) -> Option<&'a Object> {
        Some(&self.observed.objects[self.sides(node).object? as usize])
    }

    /// The node of a recorded address, as the log has it.
    pub(crate) fn node_at(&self, recorded: &str) -> Option<u32> {
        let at = self.recorded.resources.get_index_of(recorded)?;
        Some(self.node_of_record[at])
    }

    /// The full name of the kind.
    pub(crate) fn kind_name(&self, node: u32) -> Symbol {
        match (self.resource(node), self.record(node), self.object(node)) {
            (Some(resource), ..) => self.desired.kind(resource).name,
            (_, Some(record), _) => record.kind,
            (_, _, Some(object)) => object.kind,
            _ => Symbol::new(""),
        }
    }

    /// The schema; `None` for a kind that the catalogue no longer has.
    pub(crate) fn kind(&self, node: u32) -> Option<&'a Kind> {
        match self.resource(node) {
            Some(resource) => Some(self.desired.kind(resource)),
            None => self.desired.catalogue.by_name(self.kind_name(node)),
        }
    }

    /// Where the node is, or will be.
    pub(crate) fn region(&self, node: u32) -> Option<Symbol> {
        match (self.resource(node), self.record(node), self.object(node)) {
            (Some(resource), ..) => resource.region,
            (_, Some(record), _) => record.region,
            (_, _, Some(object)) => object.region,
            _ => None,
        }
    }

    /// Whether the node lives in the log alone.
    pub(crate) fn state_only(&self, node: u32) -> bool {
        match self.resource(node) {
            Some(resource) => self.desired.kind(resource).state_only(),
            None => self.kind_name(node).as_str().starts_with("core."),
        }
    }

    /// The position of the region among those that can't be reached.
    pub(crate) fn outage(&self, region: Option<Symbol>) -> Option<u32> {
        let unreachable = &self.observed.unreachable;
        unreachable.iter().position(|(out, _)| *out == region).map(|at| at as u32)
    }

    /// The outage that the node is in.
    pub(crate) fn frozen(&self, node: u32) -> Option<u32> {
        if self.observed.unreachable.is_empty() || self.state_only(node) {
            return None;
        }
        self.outage(self.region(node))
    }

    /// Whether `--region` leaves the region out.
    pub(crate) fn elsewhere(&self, region: Option<Symbol>) -> bool {
        self.only.is_some() && region.is_some() && region != self.only
    }

    /// Whether nobody looked: the record stands in for the object.
    pub(crate) fn blind(&self, node: u32, region: Option<Symbol>) -> bool {
        self.observed.skipped || self.state_only(node) || self.elsewhere(region) || self.outage(region).is_some()
    }

    /// The attributes of what is there: as observed, or as recorded where nobody looked.
    pub(crate) fn there(&self, node: u32) -> Option<&'a Attributes> {
        match (self.object(node), self.record(node)) {
            (Some(object), _) => Some(&object.attributes),
            (None, Some(record)) if self.blind(node, record.region) => Some(&record.attributes),
            _ => None,
        }
    }

    /// Where the user said that the node should be; nowhere, where it goes.
    pub(crate) fn place(&self, node: u32) -> Span {
        self.resource(node).map_or(Span::NONE, place)
    }

    /// Whether the node is only looked up.
    pub(crate) fn existing(&self, node: u32) -> bool {
        self.resource(node).is_some_and(|r| matches!(r.origin, Origin::Existing(_)))
    }
}

/// Where the user said that a resource should be: not in the library that it comes from.
pub(crate) fn place(resource: &Resource) -> Span {
    if resource.anchor.is_none() { resource.span } else { resource.anchor }
}

/// Adds the library's statement to a finding that stands at the user's.
pub(crate) fn made_at(found: Diagnostic, resource: Option<&Resource>) -> Diagnostic {
    match resource.filter(|r| !r.anchor.is_none()) {
        Some(resource) => found.label(resource.span, "made here"),
        None => found,
    }
}
