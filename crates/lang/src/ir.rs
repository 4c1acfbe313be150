//! The typed form of a program: each component once, every name a numbered slot, ready to
//! be instantiated.

use std::sync::Arc;

use topo_model::{AttrId, Code, Func, KindId, Span, Symbol, Type, Value};

/// An expression.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub(crate) enum ExprKind {
    Const(Value),
    /// A name of a body: so many scopes up, that slot.
    Slot {
        up: u16,
        slot: u32,
    },
    /// A name bound inside the expression by `for`, or by a test's `let`.
    Local(u32),
    Builtin(Builtin),
    Input(u32),
    /// In a kind's check: an attribute or output of the object itself.
    Own(Symbol),
    /// An attribute or output of a resource.
    Read {
        base: Box<Expr>,
        name: Symbol,
        /// The attribute; `None` for an output.
        attribute: Option<AttrId>,
        optional: bool,
    },
    /// A field of a record or of a component's instance.
    Field {
        base: Box<Expr>,
        name: Symbol,
        optional: bool,
    },
    Call(Func, Box<[Expr]>),
    And(Box<[Expr; 2]>),
    Or(Box<[Expr; 2]>),
    Coalesce(Box<[Expr; 2]>),
    If(Box<[Expr; 3]>),
    List(Box<[Expr]>),
    Tuple(Box<[Expr]>),
    Map(Box<[(Expr, Expr)]>),
    Record(Box<[(Symbol, Expr)]>),
    ListFor(Box<ListFor>),
    MapFor(Box<MapFor>),
    /// Fits a value of one type to another: checks refinements, picks the fields of a record.
    Convert(Box<Expr>, Arc<(Type, Type)>),
    /// `zones(region, n)`.
    Zones(Box<[Expr; 2]>),
}

/// The names that are always in scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    EnvName,
    ProjectName,
    Here,
    Account,
}

/// How a loop binds its names.
#[derive(Debug, Clone)]
pub(crate) enum Bind {
    /// The element of a list, or the key of a map.
    One(u32),
    /// The key and value of a map's entry.
    Entry(u32, u32),
    /// The parts of a tuple.
    Parts(Box<[u32]>),
}

/// A list comprehension; its names are locals.
#[derive(Debug, Clone)]
pub(crate) struct ListFor {
    pub(crate) bind: Bind,
    pub(crate) source: Expr,
    pub(crate) cond: Option<Expr>,
    pub(crate) value: Expr,
}

/// A map comprehension; its names are locals.
#[derive(Debug, Clone)]
pub(crate) struct MapFor {
    pub(crate) bind: Bind,
    pub(crate) source: Expr,
    pub(crate) cond: Option<Expr>,
    pub(crate) key: Expr,
    pub(crate) value: Expr,
}

/// A component's position among those of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ComponentId(pub(crate) u32);

/// A component, or the topology.
#[derive(Debug)]
pub(crate) struct Component {
    /// The parameters, by slot.
    pub(crate) params: Vec<Symbol>,
    /// The names that an instance shows: outputs, then the parameters they don't hide.
    pub(crate) shown: Vec<Shown>,
    pub(crate) body: Body,
}

/// A name that an instance shows, and the slot of scope 0 where its value is.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) name: Symbol,
    pub(crate) slot: u32,
}

/// The statements of a component.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Scope 0 is the body itself, every loop is one more.
    pub(crate) scopes: Vec<Scope>,
    /// In source order.
    pub(crate) nodes: Vec<Node>,
    /// In the order to evaluate.
    pub(crate) order: Vec<u32>,
    /// Whether `order` is the source order and there are no loops, so that whatever is made
    /// is made in source order.
    pub(crate) straight: bool,
}

/// A body or a loop's body.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) parent: Option<u32>,
    pub(crate) slots: u32,
    /// Nodes and loops, in source order.
    pub(crate) entries: Vec<Entry>,
}

/// What stands in a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry {
    /// A node, by its position in the body.
    Node(u32),
    /// A loop, by its scope.
    Loop(u32),
}

/// A statement.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) scope: u32,
    pub(crate) span: Span,
    pub(crate) kind: NodeKind,
}

/// The kinds of statements.
#[derive(Debug)]
pub(crate) enum NodeKind {
    /// Reported, or nothing to do.
    Empty,
    /// A parameter's default, evaluated where no argument came.
    Param {
        slot: u32,
        default: Expr,
    },
    Let {
        slot: u32,
        value: Expr,
    },
    Output {
        name: Symbol,
        slot: u32,
        value: Expr,
    },
    Resource(Box<Resource>),
    Loop(Box<Loop>),
    Check(Box<Check>),
    Objective(Box<Objective>),
}

/// A `resource` or `existing` statement.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) name: Symbol,
    pub(crate) name_span: Span,
    /// Where its value goes: the slot in its own scope, then for each scope outward the
    /// slot of the map.
    pub(crate) slots: Box<[u32]>,
    pub(crate) what: What,
    pub(crate) existing: bool,
    pub(crate) at: Option<Expr>,
    pub(crate) when: Option<Expr>,
    pub(crate) from: Option<Expr>,
    pub(crate) after: Option<Expr>,
    pub(crate) lifecycle: Option<Expr>,
}

/// What a resource statement makes.
#[derive(Debug)]
pub(crate) enum What {
    Kind { kind: KindId, attributes: Box<[(AttrId, Expr)]> },
    Component { component: ComponentId, arguments: Box<[(u32, Expr)]> },
}

/// A `for` statement.
#[derive(Debug)]
pub(crate) struct Loop {
    /// The scope of its body; `bind`'s slots are in it.
    pub(crate) scope: u32,
    pub(crate) bind: Bind,
    pub(crate) source: Expr,
    /// Evaluated within the turn.
    pub(crate) at: Option<Expr>,
}

/// A `check`.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) cond: Expr,
    pub(crate) code: Option<Code>,
    pub(crate) message: Expr,
}

/// An `objective`.
#[derive(Debug)]
pub(crate) struct Objective {
    pub(crate) name: Symbol,
    pub(crate) when: Option<Expr>,
    /// A record of all its settings.
    pub(crate) settings: Expr,
    /// `stores`, as a list.
    pub(crate) stores: Option<Expr>,
}

impl Expr {
    /// A constant.
    pub(crate) fn constant(value: Value, span: Span) -> Expr {
        Expr { kind: ExprKind::Const(value), span }
    }

    /// Stands for an expression that was reported; never evaluated, since the program is
    /// not run.
    pub(crate) fn failed(span: Span) -> Expr {
        Expr::constant(Value::None, span)
    }
}
