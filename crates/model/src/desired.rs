//! What the program wants: the instances of one environment, their attributes as terms,
//! and what must hold between them. Made by `lang`, read by `plan`.

use std::sync::Arc;

use crate::{AddrId, Addresses, Catalogue, Code, Kind, KindId, Span, Symbol, Value};

/// A resource's position in its [`Desired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct ResId(pub u32);

/// One environment of a program, expanded.
#[derive(Debug, Clone)]
pub struct Desired {
    /// The project.
    pub project: Project,
    /// The environment; `None` where the topology takes none.
    pub env: Option<Symbol>,
    /// The kinds that the program can name.
    pub catalogue: Arc<Catalogue>,
    /// The addresses of everything.
    pub addresses: Addresses,
    /// The resources, in the program's order; [`ResId`] is the position. A resource refers
    /// only to resources that stand at smaller positions or were placed before it by the
    /// order of evaluation: there are no cycles.
    pub resources: Vec<Resource>,
    /// The topology's outputs, in source order.
    pub outputs: Vec<Output>,
    /// The checks that wait for values of a cloud.
    pub checks: Vec<DeferredCheck>,
    /// The recovery objectives.
    pub objectives: Vec<Objective>,
    /// The order of regions.
    pub rollout: Option<Rollout>,
    /// The regions that the environment declares, in source order; empty where its type has
    /// no `regions`.
    pub regions: Vec<Symbol>,
    /// Renames.
    pub moved: Vec<Moved>,
    /// What is to be let go, alive.
    pub forget: Vec<Pattern>,
    /// The inputs that were used, by name, for the plan's head.
    pub inputs: Vec<(Symbol, Value)>,
    /// A digest of everything the program is made of: files, inputs, environment.
    pub digest: String,
}

/// What the `project` item says.
#[derive(Debug, Clone)]
pub struct Project {
    /// The name.
    pub name: Symbol,
    /// `sandbox` or `aws`.
    pub cloud: Symbol,
    /// `file:.topo` or `s3://bucket/prefix`.
    pub state: String,
    /// The account that an environment may be applied to, by environment.
    pub accounts: Vec<(Symbol, String)>,
    /// Tags put on everything that takes tags; already merged into the resources' `tags`.
    pub tags: Vec<(String, String)>,
    /// Where it is declared.
    pub span: Span,
}

/// One resource instance.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its address.
    pub address: AddrId,
    /// Its kind.
    pub kind: KindId,
    /// Its region; `None` for global kinds.
    pub region: Option<Symbol>,
    /// How it comes to be.
    pub origin: Origin,
    /// By [`crate::AttrId`]: what the program sets or the schema defaults to; `None` where
    /// it is left to the cloud. References are lowered to the output that is sent.
    pub attributes: Box<[Option<Attribute>]>,
    /// Resources that come first by `after`, or whose set attributes were read as constants;
    /// edges beside those in the attributes' terms.
    pub after: Vec<ResId>,
    /// Its `lifecycle`; shared, since most have none.
    pub lifecycle: Option<Arc<Lifecycle>>,
    /// The statement that made it.
    pub span: Span,
    /// The user's statement that led to it, where the one that made it is the library's;
    /// [`Span::NONE`] where that one is the user's own.
    pub anchor: Span,
}

/// An attribute's value and where it was written.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The value.
    pub value: Value,
    /// The expression; [`Span::NONE`] for a schema's default.
    pub span: Span,
}

/// How a resource comes to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is created.
    Created,
    /// `resource … from "id"`: an object that is there is adopted at the first apply.
    Adopted(Value),
    /// `existing`: looked up by its attributes, or by the id, and never changed.
    Existing(Option<Value>),
}

/// A resource's `lifecycle`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lifecycle {
    /// Refuse any plan that would delete it.
    pub protect: bool,
    /// Attribute paths whose differences are left alone: `["tags.owner"]`.
    pub ignore: Vec<String>,
    /// In which order it is replaced, where the program says so.
    pub replace: Option<ReplaceOrder>,
    /// How long an operation may take, in milliseconds.
    pub timeout: Option<i64>,
}

/// In which order a resource is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceOrder {
    /// The new object first.
    CreateFirst,
    /// The old object goes first.
    DeleteFirst,
}

/// A topology's output.
#[derive(Debug, Clone)]
pub struct Output {
    /// The name.
    pub name: Symbol,
    /// Its value.
    pub value: Value,
    /// Where it is written.
    pub span: Span,
}

/// A `check` over values of a cloud.
#[derive(Debug, Clone)]
pub struct DeferredCheck {
    /// What must hold.
    pub cond: Value,
    /// What to say when it doesn't.
    pub message: Value,
    /// The code: T0202 unless the check names one.
    pub code: Code,
    /// The component instance it stands in; `None` in the topology itself.
    pub instance: Option<AddrId>,
    /// Where it stands.
    pub span: Span,
}

/// A recovery objective, parsed and typed.
#[derive(Debug, Clone)]
pub struct Objective {
    /// Its name.
    pub name: Symbol,
    /// The name clients use.
    pub endpoint: Value,
    /// The time within which an answer from a region that is up must be served, in
    /// milliseconds.
    pub rto: Option<i64>,
    /// How much data may be lost, in milliseconds of writes.
    pub rpo: Option<i64>,
    /// The resources that hold the data.
    pub stores: Vec<crate::ResId>,
    /// What it must survive: `zone`, `region`, `any two regions`.
    pub survives: String,
    /// Where it stands.
    pub span: Span,
}

/// The order of regions, and what must hold between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// The waves.
    pub order: Vec<Vec<Symbol>>,
    /// How long to wait after each wave, in milliseconds.
    pub bake: i64,
    /// `alarms`, or nothing.
    pub gate: Option<String>,
    /// Whether to ask again before each wave.
    pub approve: bool,
    /// Whether a failed wave's regions are restored (`revert`) rather than left (`halt`).
    pub revert: bool,
    /// Where it stands.
    pub span: Span,
}

/// A rename.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The old address.
    pub from: Pattern,
    /// The new one.
    pub to: Pattern,
    /// Where it stands.
    pub span: Span,
}

/// An address of which keys may be left open, in `moved` and `forget`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The steps from the topology.
    pub steps: Vec<PatternStep>,
    /// Where it is written.
    pub span: Span,
}

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PatternStep {
    /// The name.
    pub name: Symbol,
    /// The key.
    pub key: PatternKey,
}

/// The key of a pattern's step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PatternKey {
    /// No brackets.
    Absent,
    /// `[*]`.
    Any,
    /// `[key]`, in source form as [`Addresses::render`] writes it.
    Key(String),
}

impl Desired {
    /// A resource.
    pub fn resource(&self, id: ResId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// A resource's kind.
    pub fn kind(&self, resource: &Resource) -> &Kind {
        self.catalogue.kind(resource.kind)
    }

    /// The resources with their ids, in the program's order.
    pub fn iter(&self) -> impl Iterator<Item = (ResId, &Resource)> {
        self.resources.iter().enumerate().map(|(i, r)| (ResId(i as u32), r))
    }

    /// A resource's address as a user would write it.
    pub fn address(&self, id: ResId) -> String {
        self.addresses.render(self.resource(id).address)
    }
}

impl Resource {
    /// An attribute's value.
    pub fn value(&self, id: crate::AttrId) -> Option<&Value> {
        self.attributes.get(id.0 as usize)?.as_ref().map(|a| &a.value)
    }

    /// Calls `visit` for every resource that comes first, each perhaps more than once.
    pub fn for_each_dependency(&self, visit: &mut dyn FnMut(ResId)) {
        self.after.iter().copied().for_each(&mut *visit);
        for attribute in self.attributes.iter().flatten() {
            attribute.value.for_each_resource(visit);
        }
        if let Origin::Adopted(id) | Origin::Existing(Some(id)) = &self.origin {
            id.for_each_resource(visit);
        }
    }
}
