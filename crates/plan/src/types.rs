//! What a plan is made of. `apply` obeys a plan and nothing else, so everything it needs
//! is here, or in the state whose serial the plan names.

use serde::{Deserialize, Serialize};
use topo_model::{Attributes, Object, ObjectId, Operation, ReplaceOrder, ResId, Span, Symbol, TopoId, Value};

/// A node's position in its plan. The first nodes are the program's resources, at the
/// positions of their [`ResId`]s, so a term of the program is a term of the plan; behind
/// them stand those that only the state knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl From<ResId> for NodeId {
    fn from(id: ResId) -> NodeId {
        NodeId(id.0)
    }
}

/// A step's position in its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepId(pub u32);

/// What would be done, in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The project.
    pub project: Symbol,
    /// The environment.
    pub env: Option<Symbol>,
    /// The cloud.
    pub cloud: Symbol,
    /// What it was made from; a saved plan is stale when these differ.
    pub basis: Basis,
    /// The resources.
    pub nodes: Vec<Node>,
    /// What is done; every step's `needs` stand before it.
    pub steps: Vec<Step>,
    /// The waves, first to last; one at least.
    pub waves: Vec<Wave>,
    /// Regions that can't be reached.
    pub frozen: Vec<Frozen>,
    /// The topology's outputs as they will be.
    pub outputs: Vec<(Symbol, Value)>,
    /// Whether `outputs` differ from the recorded ones.
    pub outputs_changed: bool,
    /// Checks over values that are not known yet, with the nodes they wait for.
    pub checks: Vec<PlannedCheck>,
    /// Inputs that were used.
    pub inputs: Vec<(Symbol, Value)>,
    /// The counts.
    pub summary: Summary,
}

/// What a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The digest of the program, inputs and environment.
    pub program: String,
    /// The state's serial.
    pub serial: u64,
    /// The digest of the managed attributes, as observed, of all that the steps touch; empty
    /// where nobody looked.
    pub observed: String,
}

/// The counts of a plan, by action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// New objects.
    pub create: u32,
    /// Changed in place.
    pub update: u32,
    /// Replaced by a new object.
    pub replace: u32,
    /// Removed.
    pub delete: u32,
    /// Renamed.
    #[serde(rename = "move")]
    pub moved: u32,
    /// Adopted.
    pub import: u32,
    /// Let go, alive.
    pub forget: u32,
}

/// One resource of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its address.
    pub address: String,
    /// Its kind.
    pub kind: Symbol,
    /// Its region.
    pub region: Option<Symbol>,
    /// What is done with it.
    pub action: Action,
    /// Its wave.
    pub wave: u32,
    /// What follows is present only where `action` is not [`Action::None`], or where
    /// observation told something that the log does not know: an unchanged resource costs
    /// nothing more than its address.
    pub detail: Option<Box<Detail>>,
}

/// What a changing resource carries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// Why; the first reason is the one that decided.
    pub reasons: Vec<Reason>,
    /// The address it had, where it is renamed.
    pub moved_from: Option<String>,
    /// The managed attributes as they are; `None` where nothing is there.
    pub before: Option<Attributes>,
    /// The attributes as they will be, as terms; `None` where nothing will be. With an object
    /// that stays, a tag with the value `none` is to be removed, and so is an attribute (a
    /// reference that the program sets no longer); an attribute that is absent stays as it
    /// is. For a [`Action::Read`] what the object is looked up by, and `id` where the program
    /// gives its id.
    pub after: Option<Attributes>,
    /// The differences, in the schema's order.
    pub differences: Vec<Difference>,
    /// The object that is there.
    pub object: Option<Present>,
    /// Objects that were replaced earlier and are still to be deleted.
    pub deposed: Vec<Present>,
    /// The addresses it refers to; recorded so that it can be deleted in the right order.
    pub needs: Vec<String>,
    /// Refuse any later plan that would delete it.
    pub protect: bool,
    /// In which order it is replaced, where the program says so.
    pub replace: Option<ReplaceOrder>,
    /// How long one operation may take, in milliseconds.
    pub timeout: Option<i64>,
    /// The outputs as observed, where the log has others.
    pub refreshed: Option<Attributes>,
    /// The user's statement in the program.
    #[serde(skip)]
    pub span: Span,
}

/// An object that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Our id of it; empty for an object that is adopted and carries no mark of ours yet.
    pub topo_id: TopoId,
    /// The cloud's.
    pub id: ObjectId,
    /// The region it is in.
    pub region: Option<Symbol>,
    /// The attributes as we set them last.
    pub attributes: Attributes,
    /// The outputs as last seen.
    pub outputs: Attributes,
    /// The addresses it refers to.
    pub needs: Vec<String>,
}

/// What is done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    None,
    /// An `existing` one is looked up when its identity is known only during the apply.
    Read,
    /// A new object.
    Create,
    /// New settings.
    Update,
    /// A new object in place of the old.
    Replace(ReplaceOrder),
    /// The object is removed; also where only a deposed one is.
    Delete,
    /// Only its address changes.
    Move,
    /// An object that is there is taken over.
    Import,
    /// The object stays, and is ours no longer.
    Forget,
}

/// Why a resource changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind of reason.
    pub cause: Cause,
    /// The attribute, where one is the reason.
    pub attribute: Option<Symbol>,
    /// In words: `cidr_block is immutable`, `vpc is replaced`.
    pub text: String,
    /// Where the program says so.
    #[serde(skip)]
    pub span: Span,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The program has it, the cloud does not and never had.
    New,
    /// The program says otherwise than it did.
    Code,
    /// Somebody else changed or deleted the object.
    Outside,
    /// Both.
    Both,
    /// A resource that it refers to is replaced, or becomes known only then.
    Dependency,
    /// The program no longer has it.
    Removed,
    /// An earlier run did not come to its end.
    Unfinished,
    /// The command line asked for it (`--replace`).
    Asked,
    /// An item of the program: `moved`, `forget`, `from`; also where an adopted object
    /// differs from the program.
    Item,
    /// Not planned: its region is frozen, or what it depends on is.
    Frozen,
}

/// How one attribute differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The attribute.
    pub attribute: Symbol,
    /// What is there; `None` where nothing is.
    pub before: Option<Value>,
    /// What will be; `None` where it is released to the cloud.
    pub after: Option<Value>,
    /// Who moved.
    pub cause: Cause,
    /// Whether it forces a replacement.
    pub replaces: bool,
    /// Whether it holds a secret, and must not be shown.
    pub secret: bool,
    /// Where the user's program sets it.
    #[serde(skip)]
    pub span: Span,
}

/// One thing that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The resource.
    pub node: NodeId,
    /// What is done.
    pub op: Op,
    /// The wave.
    pub wave: u32,
    /// The steps that come first; all stand before this one.
    pub needs: Vec<StepId>,
    /// Steps with the same number go as one atomic batch, when all of them can.
    pub batch: Option<u32>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Looks an `existing` object up.
    Read,
    /// Makes the object; a replaced one becomes deposed.
    Create,
    /// Brings its settings in line.
    Update,
    /// Removes the current object; the resource is recorded no longer.
    Delete,
    /// Removes the deposed object at this position of the resource's
    /// [`Detail::deposed`]; the object that a create-first replacement deposes comes
    /// behind those that were deposed before.
    DeleteDeposed(u32),
    /// Records the resource under its new address, then marks the object.
    Move,
    /// Records and marks an object that was there.
    Import,
    /// Drops the record.
    Forget,
}

impl Op {
    /// The operation that its intent names; `None` where no call needs one.
    pub fn operation(self) -> Option<Operation> {
        match self {
            Op::Create => Some(Operation::Create),
            Op::Update | Op::Move | Op::Import => Some(Operation::Update),
            Op::Delete | Op::DeleteDeposed(_) => Some(Operation::Delete),
            Op::Read | Op::Forget => None,
        }
    }
}

/// A wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wave {
    /// The regions that the rollout puts here; empty where there is no rollout.
    pub regions: Vec<Symbol>,
    /// How long to wait after it, in milliseconds.
    pub bake: i64,
    /// What must be healthy before the next one.
    pub gate: Option<String>,
    /// Whether to ask before it.
    pub approve: bool,
    /// Whether to restore its regions when it fails.
    pub revert: bool,
    /// Nodes that are here though their region stands in an earlier wave.
    pub pushed: Vec<NodeId>,
}

/// A region that can't be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// The region; `None`: the global services.
    pub region: Option<Symbol>,
    /// What the provider said.
    pub error: String,
    /// Resources that would change, or might, and are left as they are: those of the
    /// region, and those that depend on them.
    pub nodes: Vec<NodeId>,
}

/// A check that waits for values of the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCheck {
    /// What must hold.
    pub cond: Value,
    /// What to say when it doesn't.
    pub message: Value,
    /// The code.
    pub code: u16,
    /// The nodes it waits for.
    pub needs: Vec<NodeId>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// What observation found.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Objects, ours by mark or known by id.
    pub objects: Vec<Object>,
    /// What `existing` resources, and adopted ones, were found to be.
    pub found: Vec<(ResId, Found)>,
    /// Regions that can't be reached (`None`: the global services), with the error.
    pub unreachable: Vec<(Option<Symbol>, String)>,
    /// Whether nothing was asked (`--refresh=false`): the record stands in for the cloud.
    pub skipped: bool,
}

/// What an `existing` or adopted resource was found to be.
#[derive(Debug, Clone)]
pub enum Found {
    /// Exactly one object.
    One(Object),
    /// None.
    Missing,
    /// More than one: their ids.
    Many(Vec<ObjectId>),
}
