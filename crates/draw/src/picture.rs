//! What is drawn, before anyone decides where: lanes, boxes, edges.

use topo_model::Symbol;

/// A topology as a person would sketch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The project.
    pub project: Symbol,
    /// The environment; `None` where the topology takes none.
    pub env: Option<Symbol>,
    /// The lanes: what is global first, then regions, as the program names them.
    pub lanes: Vec<Lane>,
    /// The boxes, in the program's order.
    pub nodes: Vec<Node>,
    /// What leads from box to box.
    pub edges: Vec<Edge>,
    /// The zones of the DNS that hold the names.
    pub zones: Vec<String>,
    /// What a plan would do: how many resources it would create, update, replace and delete. `None`
    /// where no plan was asked for.
    pub plan: Option<[usize; 4]>,
}

/// A lane's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LaneId(pub u32);

/// A box's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// A place: a region, or what belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// What kind of place.
    pub sort: LaneSort,
    /// Its name: `ap-east-2`.
    pub name: String,
    /// The rollout's wave that reaches it, from one; `None` where there is one wave only.
    pub wave: Option<usize>,
    /// How many resources are there.
    pub resources: usize,
    /// Those that no box stands for, by what they are.
    pub rest: Vec<Count>,
}

/// The kinds of lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LaneSort {
    /// What belongs to no region.
    Global,
    /// A region.
    Region,
    /// Of what stands here the program says no region.
    Elsewhere,
}

/// How many there are of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// In words, with the number: `4 alarms`.
    pub text: String,
    /// What a plan would do with them.
    pub change: Option<Change>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub sort: Sort,
    /// What a person would call it: `web`, `api.example.com`.
    pub name: String,
    /// The address of the resource that it is first of all; the name itself for names.
    pub address: String,
    /// Where it stands.
    pub lane: LaneId,
    /// The network that it stands in.
    pub within: Option<NodeId>,
    /// What else there is to say, each a few words.
    pub facts: Vec<String>,
    /// The zones of a network, in order.
    pub zones: Vec<Zone>,
    /// The certificates that it shows.
    pub certificates: Vec<Certificate>,
    /// What is promised of a name.
    pub promises: Vec<Promise>,
    /// How many resources it stands for.
    pub resources: usize,
    /// What a plan would do with it.
    pub change: Option<Change>,
}

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sort {
    /// A name of the DNS.
    Name,
    /// A load balancer.
    Balancer,
    /// What answers and is neither: an address, a name outside.
    Endpoint,
    /// A network.
    Network,
    /// A cluster of Kubernetes.
    Cluster,
    /// Instances by the number.
    Group,
    /// A database.
    Store,
}

impl Sort {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Name => "name",
            Sort::Balancer => "load balancer",
            Sort::Endpoint => "endpoint",
            Sort::Network => "network",
            Sort::Cluster => "cluster",
            Sort::Group => "group of instances",
            Sort::Store => "database",
        }
    }
}

impl Node {
    /// What it is, with what else there is to say.
    pub(crate) fn said(&self) -> String {
        match self.facts.is_empty() {
            true => self.sort.name().to_owned(),
            false => format!("{}: {}", self.sort.name(), self.facts.join(", ")),
        }
    }
}

/// A zone of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// What tells it from the others of its region: `a`.
    pub letter: String,
    /// How many subnets it has.
    pub subnets: usize,
    /// How many NAT gateways.
    pub nats: usize,
}

/// A certificate that something shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its address.
    pub address: String,
    /// The names on it.
    pub names: Vec<String>,
}

/// What is promised of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The objective.
    pub objective: String,
    /// In short: `57s ≤ 1m`.
    pub text: String,
    /// In a sentence.
    pub long: String,
    /// Whether it is proved.
    pub holds: bool,
}

/// What leads from one box to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: NodeId,
    /// Where it leads.
    pub to: NodeId,
    /// In which way.
    pub sort: EdgeSort,
    /// When it is taken, in short: `primary`, `80%`; empty where it always is.
    pub label: String,
    /// What decides whether it is taken.
    pub check: Option<Check>,
    /// The address of the resource that it is.
    pub address: String,
    /// What a plan would do with it.
    pub change: Option<Change>,
}

/// The kinds of edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EdgeSort {
    /// A name is answered by it.
    Answers,
    /// The same, while everything else fails.
    StandsBy,
    /// A load balancer forwards to it.
    Forwards,
    /// Two networks reach each other.
    Peers,
}

/// What decides whether a name is answered so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// In short: `2 × 10s`.
    pub short: String,
    /// In a sentence.
    pub long: String,
    /// Whether it is a health check of its own, not the health of what it leads to.
    pub own: bool,
}

/// What a plan would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A new object.
    Create,
    /// New settings.
    Update,
    /// A new object in place of the old.
    Replace,
    /// The object goes.
    Delete,
    /// Nothing.
    Same,
}

impl Change {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Change::Create => "create",
            Change::Update => "update",
            Change::Replace => "replace",
            Change::Delete => "delete",
            Change::Same => "unchanged",
        }
    }

    /// The same; nothing where there is no change.
    pub(crate) fn word(self) -> &'static str {
        if self == Change::Same { "" } else { self.name() }
    }

    /// The sign that plans are shown with.
    pub fn sign(self) -> &'static str {
        match self {
            Change::Create => "+",
            Change::Update => "~",
            Change::Replace => "-/+",
            Change::Delete => "-",
            Change::Same => "",
        }
    }

    /// Of something that stands for several: its own change, or an update where only parts change.
    pub(crate) fn with_part(self, part: Change) -> Change {
        if self == Change::Same && part != Change::Same { Change::Update } else { self }
    }

    /// Of several that are counted together.
    pub(crate) fn and(self, other: Change) -> Change {
        if self == other { self } else { Change::Update }
    }
}

/// What a plan would do with each resource.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// By [`topo_model::ResId`].
    pub changes: Vec<Change>,
    /// What the program wants no longer.
    pub gone: Vec<Gone>,
}

/// A resource that the program wants no longer.
#[derive(Debug, Clone)]
pub struct Gone {
    /// Its address.
    pub address: String,
    /// Its kind's full name.
    pub kind: Symbol,
    /// Its region.
    pub region: Option<Symbol>,
}

impl Picture {
    /// A box.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The boxes of a lane, in order.
    pub fn of_lane(&self, lane: LaneId) -> impl Iterator<Item = (NodeId, &Node)> {
        self.iter().filter(move |(_, node)| node.lane == lane)
    }

    /// The boxes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at as u32), node))
    }

    /// The lanes, in order.
    pub fn lanes(&self) -> impl Iterator<Item = (LaneId, &Lane)> {
        self.lanes.iter().enumerate().map(|(at, lane)| (LaneId(at as u32), lane))
    }

    /// The title: `genai_demo · production`.
    pub fn title(&self) -> String {
        match self.env {
            Some(env) => format!("{} · {env}", self.project),
            None => self.project.to_string(),
        }
    }
}
