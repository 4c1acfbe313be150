//! Resources gathered into lanes and boxes.
//!
//! A box stands for the resource that a person would name and for what its component makes beside
//! it in the same place: a load balancer for its listeners, target groups and security groups.

mod boxes;
mod gone;
mod links;

use std::collections::BTreeMap;

use topo_model::{AddrId, Desired, ResId, Symbol};
use topo_verify::Report;

use crate::picture::{Change, Lane, LaneId, LaneSort, Marks, Node, NodeId, Picture, Sort};
use crate::read::Reader;
use crate::rest::Rest;

/// Sketches what a program wants. With `marks`, each box says what a plan would do with it.
pub fn picture(desired: &Desired, report: &Report, marks: Option<&Marks>) -> Picture {
    let mut gather = Gather::new(desired, marks);
    gather.boxes();
    crate::names::read(&mut gather, report);
    gather.links();
    gather.gone();
    gather.finish()
}

/// How many resources are created, updated, replaced and deleted.
fn tally(marks: &Marks) -> [usize; 4] {
    let of = |change| marks.changes.iter().filter(|c| **c == change).count();
    let deleted = of(Change::Delete) + marks.gone.len();
    [of(Change::Create), of(Change::Update), of(Change::Replace), deleted]
}

/// A picture in the making.
pub(crate) struct Gather<'d> {
    pub(crate) reader: Reader<'d>,
    marks: Option<&'d Marks>,
    pub(crate) picture: Picture,
    /// The boxes of resources: of those that they are called by, and of all that they stand for.
    pub(crate) node_of: BTreeMap<ResId, NodeId>,
    /// The resource that a box is called by.
    called_by: BTreeMap<NodeId, ResId>,
    /// The boxes that a component's instance makes.
    parts: BTreeMap<AddrId, Vec<NodeId>>,
    lane_of: BTreeMap<Option<Symbol>, LaneId>,
    rest: BTreeMap<LaneId, Rest>,
    /// Resources that are drawn as edges or marks, and so neither counted nor boxed.
    pub(crate) drawn: Vec<ResId>,
}

impl<'d> Gather<'d> {
    fn new(desired: &'d Desired, marks: Option<&'d Marks>) -> Gather<'d> {
        let picture = Picture {
            project: desired.project.name,
            env: desired.env,
            lanes: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            zones: Vec::new(),
            plan: marks.map(tally),
        };
        let mut gather = Gather {
            reader: Reader { desired },
            marks,
            picture,
            node_of: BTreeMap::new(),
            called_by: BTreeMap::new(),
            parts: BTreeMap::new(),
            lane_of: BTreeMap::new(),
            rest: BTreeMap::new(),
            drawn: Vec::new(),
        };
        gather.lane(None);
        let gone = marks.map(|m| m.gone.as_slice()).unwrap_or_default();
        let regions = desired.regions.iter().copied().map(Some);
        let regions = regions.chain(desired.resources.iter().map(|r| r.region));
        // Latency records say where answers stand, also those outside of the program.
        let led_to = gather.of("aws.route53.RecordSet").into_iter();
        let led_to = led_to.filter_map(|set| gather.reader.text(set, "region")).map(|region| Some(Symbol::new(region)));
        let led_to: Vec<Option<Symbol>> = led_to.collect();
        let regions = regions.chain(led_to).chain(gone.iter().map(|g| g.region));
        regions.for_each(|region| _ = gather.lane(region));
        desired.resources.iter().for_each(|r| {
            let lane = gather.lane(r.region);
            gather.picture.lanes[lane.0 as usize].resources += 1;
        });
        gather
    }

    /// The lane of a region; of what is global for none.
    pub(crate) fn lane(&mut self, region: Option<Symbol>) -> LaneId {
        if let Some(lane) = self.lane_of.get(&region) {
            return *lane;
        }
        let lane = self.add_lane(match region {
            Some(region) => {
                let waves = self.reader.desired.rollout.as_ref().map(|r| r.order.as_slice()).unwrap_or_default();
                let wave = waves.iter().position(|wave| wave.contains(&region)).map(|at| at + 1);
                let wave = wave.filter(|_| waves.len() > 1);
                Lane { sort: LaneSort::Region, name: region.to_string(), wave, resources: 0, rest: Vec::new() }
            }
            None => Lane { sort: LaneSort::Global, name: "global".into(), wave: None, resources: 0, rest: Vec::new() },
        });
        self.lane_of.insert(region, lane);
        lane
    }

    /// The lane of what the program says no region of.
    pub(crate) fn elsewhere(&mut self) -> LaneId {
        let found = self.picture.lanes.iter().position(|lane| lane.sort == LaneSort::Elsewhere);
        found.map(|at| LaneId(at as u32)).unwrap_or_else(|| {
            let name = "elsewhere".to_owned();
            self.add_lane(Lane { sort: LaneSort::Elsewhere, name, wave: None, resources: 0, rest: Vec::new() })
        })
    }

    fn add_lane(&mut self, lane: Lane) -> LaneId {
        self.picture.lanes.push(lane);
        LaneId(self.picture.lanes.len() as u32 - 1)
    }

    /// What a plan would do with a resource.
    pub(crate) fn change(&self, id: ResId) -> Option<Change> {
        self.marks.map(|marks| marks.changes.get(id.0 as usize).copied().unwrap_or(Change::Same))
    }

    /// The resources of a kind, in the program's order.
    pub(crate) fn of(&self, kind: &str) -> Vec<ResId> {
        self.reader.desired.iter().map(|(id, _)| id).filter(|id| self.reader.kind(*id) == kind).collect()
    }

    /// Adds a box.
    pub(crate) fn add(&mut self, sort: Sort, name: String, address: String, lane: LaneId) -> NodeId {
        self.picture.nodes.push(Node {
            sort,
            name,
            address,
            lane,
            within: None,
            facts: Vec::new(),
            zones: Vec::new(),
            certificates: Vec::new(),
            promises: Vec::new(),
            resources: 0,
            change: self.marks.map(|_| Change::Same),
        });
        NodeId(self.picture.nodes.len() as u32 - 1)
    }

    pub(crate) fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.picture.nodes[id.0 as usize]
    }

    fn finish(mut self) -> Picture {
        for (id, resource) in self.reader.desired.iter() {
            if self.node_of.contains_key(&id) || self.drawn.contains(&id) {
                continue;
            }
            let (lane, change) = (self.lane(resource.region), self.change(id));
            self.rest.entry(lane).or_default().add(self.reader.desired.kind(resource).name, change);
        }
        for (lane, rest) in std::mem::take(&mut self.rest) {
            self.picture.lanes[lane.0 as usize].rest = rest.counts();
        }
        self.tell_apart();
        let used = |at: usize| self.picture.nodes.iter().any(|node| node.lane.0 as usize == at);
        // It is the last one: everything else was there before.
        while self
            .picture
            .lanes
            .last()
            .is_some_and(|l| l.sort == LaneSort::Elsewhere && !used(self.picture.lanes.len() - 1))
        {
            self.picture.lanes.pop();
        }
        self.picture
    }

    /// Boxes of one lane that would be called the same get their longer names.
    fn tell_apart(&mut self) {
        let nodes = &self.picture.nodes;
        let same = |a: &Node, b: &Node| a.lane == b.lane && a.name == b.name && a.address != b.address;
        let twins: Vec<NodeId> =
            self.picture.iter().filter(|(_, node)| nodes.iter().any(|n| same(n, node))).map(|(id, _)| id).collect();
        for twin in twins {
            if let Some(id) = self.called_by.get(&twin) {
                self.picture.nodes[twin.0 as usize].name = self.reader.long_name(*id);
            }
        }
    }
}
