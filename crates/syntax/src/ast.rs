//! The syntax tree.
//!
//! Names and literals, nothing resolved. Every node has the span of the text it was read
//! from. What could not be read is simply absent (an item, a statement) or
//! [`ExprKind::Error`]; the diagnostics beside the tree say so, and whoever walks the tree
//! stays silent about it.

use topo_model::{Span, Symbol, Value};

/// One file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// `//!` lines at the top.
    pub docs: Docs,
    /// `use` lines.
    pub uses: Vec<Use>,
    /// Everything else, in source order.
    pub items: Vec<Item>,
    /// Names declared by what could not be read, at any depth: whoever resolves names takes
    /// them as known, and says nothing about them.
    pub unread: Vec<Ident>,
    /// Declarations that could not be read, names included.
    pub nameless: Vec<Span>,
}

/// The lines of a documentation comment without their `///`, joined by newlines.
pub type Docs = Option<Box<str>>;

/// A name at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ident {
    /// The name.
    pub name: Symbol,
    /// Its place.
    pub span: Span,
}

/// A dotted name: `aws.ec2.Vpc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// One or more parts.
    pub parts: Vec<Ident>,
    /// The whole.
    pub span: Span,
}

/// `use std.net.{Network, PeeringMesh}`, `use aws.ec2`, `use "./parts/app".{App}`.
#[derive(Debug, Clone)]
pub struct Use {
    /// The module, or the namespace itself where `names` is absent.
    pub from: UseFrom,
    /// The names in braces; absent: the last part of the path is brought in.
    pub names: Option<Vec<Ident>>,
    /// The line.
    pub span: Span,
}

/// Where a `use` looks.
#[derive(Debug, Clone)]
pub enum UseFrom {
    /// A dotted path into the standard library.
    Library(Path),
    /// A directory relative to the file.
    Directory(Box<str>, Span),
}

/// A top-level item.
#[derive(Debug, Clone)]
pub struct Item {
    /// `///` lines before it.
    pub docs: Docs,
    /// The whole item.
    pub span: Span,
    /// What it is.
    pub kind: ItemKind,
}

/// The kinds of items.
#[derive(Debug, Clone)]
pub enum ItemKind {
    /// `project NAME { … }`.
    Project {
        /// The project's name.
        name: Ident,
        /// Its settings.
        fields: Vec<Field>,
    },
    /// `type NAME = T`.
    Type {
        /// The alias.
        name: Ident,
        /// What it stands for.
        ty: TypeExpr,
    },
    /// `env NAME: T { … }`.
    Env {
        /// The environment.
        name: Ident,
        /// Its type.
        ty: TypeExpr,
        /// Its body: `let`s, fields and `region` entries.
        body: Vec<EnvEntry>,
    },
    /// `topology NAME(env: T) { … }`.
    Topology {
        /// The topology's name.
        name: Ident,
        /// The parameter that takes the environment.
        param: Option<(Ident, TypeExpr)>,
        /// Its statements.
        body: Vec<Stmt>,
    },
    /// `component NAME { … }`.
    Component {
        /// The component's name.
        name: Ident,
        /// Its statements.
        body: Vec<Stmt>,
    },
    /// `kind NAME in region { … }`, `kind NAME global { … }`.
    Kind(KindDecl),
    /// `rollout ENV { … }`.
    Rollout {
        /// The environment.
        env: Ident,
        /// Its settings.
        fields: Vec<Field>,
    },
    /// `moved A -> B`.
    Moved {
        /// The old address.
        from: AddressPattern,
        /// The new one.
        to: AddressPattern,
    },
    /// `input NAME: T = default`.
    Input {
        /// The input.
        name: Ident,
        /// Its type.
        ty: TypeExpr,
        /// Its default.
        default: Option<Expr>,
    },
    /// `forget ADDRESS`.
    Forget(AddressPattern),
    /// `test "…" { plan ENV … expect … }`.
    Test {
        /// What is tested, in words.
        name: Box<str>,
        /// Where those words stand.
        name_span: Span,
        /// What is done.
        steps: Vec<TestStep>,
    },
}

/// One line of a `test`.
#[derive(Debug, Clone)]
pub enum TestStep {
    /// `plan ENV`, or `plan` alone where the topology takes no environment.
    Plan {
        /// The environment.
        env: Option<Ident>,
        /// The line.
        span: Span,
    },
    /// `expect CONDITION`.
    Expect(Expr),
    /// `expect error T0401 "part of the message"`.
    ExpectError {
        /// The code, as written.
        code: Ident,
        /// What the message contains.
        part: Option<Box<str>>,
        /// The line.
        span: Span,
    },
    /// `known ADDRESS.OUTPUT = EXPR`.
    Known {
        /// The resource.
        address: AddressPattern,
        /// What of it is known.
        output: Ident,
        /// The value.
        value: Expr,
        /// The line.
        span: Span,
    },
    /// `let NAME = EXPR`.
    Let {
        /// The name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
}

/// `a.b[*].c["k"]` in `moved` and `forget`.
#[derive(Debug, Clone)]
pub struct AddressPattern {
    /// The steps from the topology.
    pub steps: Vec<AddressStep>,
    /// The whole.
    pub span: Span,
}

/// One step of an address.
#[derive(Debug, Clone)]
pub struct AddressStep {
    /// The name.
    pub name: Ident,
    /// `[*]` or `[key]`.
    pub key: Option<AddressKey>,
}

/// What stands in an address's brackets.
#[derive(Debug, Clone)]
pub enum AddressKey {
    /// `*`: every key.
    Any,
    /// One key, a literal.
    Key(Expr),
}

/// `name = expr`, in a resource, project, rollout or record.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
}

/// An entry of an `env` body.
#[derive(Debug, Clone)]
pub enum EnvEntry {
    /// `let NAME = EXPR`.
    Let {
        /// The name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `name = expr`.
    Field(Field),
    /// `region CODE { … }`.
    Region {
        /// The region's code.
        region: Ident,
        /// Its settings.
        fields: Vec<Field>,
        /// The whole entry.
        span: Span,
    },
}

/// A statement of a component or topology.
#[derive(Debug, Clone)]
pub struct Stmt {
    /// `///` lines before it.
    pub docs: Docs,
    /// The whole statement.
    pub span: Span,
    /// What it is.
    pub kind: StmtKind,
}

/// The kinds of statements.
#[derive(Debug, Clone)]
pub enum StmtKind {
    /// `param NAME: T = default`.
    Param {
        /// The parameter.
        name: Ident,
        /// Its type.
        ty: TypeExpr,
        /// Its default.
        default: Option<Expr>,
    },
    /// `let NAME = EXPR`.
    Let {
        /// The name.
        name: Ident,
        /// A type, where one is written.
        ty: Option<TypeExpr>,
        /// Its value.
        value: Expr,
    },
    /// `resource NAME: KIND at R when C from ID { … }`, and `existing` likewise.
    Resource(Resource),
    /// `for (k, v) in xs at R { … }`.
    For {
        /// The loop's names.
        pattern: Pattern,
        /// What is looped over.
        source: Expr,
        /// `at R`.
        at: Option<Expr>,
        /// The statements inside.
        body: Vec<Stmt>,
    },
    /// `check c else T0401 "…"`.
    Check(Check),
    /// `objective NAME when C { … }`.
    Objective {
        /// The objective.
        name: Ident,
        /// `when C`.
        when: Option<Expr>,
        /// Its settings.
        fields: Vec<Field>,
    },
    /// `output NAME: T = EXPR`.
    Output {
        /// The output.
        name: Ident,
        /// Its type.
        ty: TypeExpr,
        /// Its value.
        value: Expr,
    },
}

/// A `resource` or `existing` statement.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Whether it is `existing`: looked up, never changed.
    pub existing: bool,
    /// The name.
    pub name: Ident,
    /// The kind or component.
    pub kind: Path,
    /// `at R`.
    pub at: Option<Expr>,
    /// `when C`.
    pub when: Option<Expr>,
    /// `from "id"`.
    pub from: Option<Expr>,
    /// The attributes, or parameters; reserved fields among them.
    pub fields: Vec<Field>,
    /// The braces and what is in them; empty at the end where they are missing.
    pub body: Span,
}

/// A `check`.
#[derive(Debug, Clone)]
pub struct Check {
    /// What must hold.
    pub cond: Expr,
    /// The code it names.
    pub code: Option<Ident>,
    /// What to say when it doesn't.
    pub message: Expr,
}

/// The names a loop binds.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// `x`.
    Name(Ident),
    /// `(k, v)`.
    Tuple(Vec<Ident>, Span),
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Debug, Clone)]
pub enum ExprKind {
    /// Could not be read; reported already.
    Error,
    /// A literal of any type: `none`, `42`, `30s`, `10.0.0.0/16`, `ap-east-2`, a string
    /// without `${}`.
    Literal(Value),
    /// A string with `${}` in it.
    Interpolation(Vec<StringPart>),
    /// A name.
    Name(Symbol),
    /// `x.field`, `x?.field`.
    Field {
        /// What is looked into.
        base: Box<Expr>,
        /// The field.
        name: Ident,
        /// Whether it is `?.`.
        optional: bool,
    },
    /// `m[k]`.
    Index {
        /// What is looked into.
        base: Box<Expr>,
        /// The key or position.
        index: Box<Expr>,
    },
    /// `f(x, y)`, `cidr.split(b, n)`: the name joined by dots.
    Call {
        /// The function.
        func: Ident,
        /// Its arguments.
        args: Vec<Expr>,
    },
    /// `-x`, `not x`.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a + b`.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// The left operand.
        left: Box<Expr>,
        /// The right one.
        right: Box<Expr>,
    },
    /// `if c then a else b`.
    If {
        /// The condition.
        cond: Box<Expr>,
        /// The value where it holds.
        then: Box<Expr>,
        /// The value where it does not.
        otherwise: Box<Expr>,
    },
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `(a, b)`; two parts at least.
    Tuple(Vec<Expr>),
    /// `{ a = 1, "k" = 2 }`: a record or a map.
    Braces(Vec<BraceEntry>),
    /// `[for x in xs if c: f(x)]`.
    ListFor(Box<ListFor>),
    /// `{ for (k, v) in m if c: k => f(v) }`; `if c` stands before the colon.
    MapFor(Box<MapFor>),
}

/// An entry of a brace expression.
#[derive(Debug, Clone)]
pub struct BraceEntry {
    /// The field's name or the map's key.
    pub key: BraceKey,
    /// The value.
    pub value: Expr,
}

/// What stands left of `=` in a brace expression.
#[derive(Debug, Clone)]
pub enum BraceKey {
    /// A bare name: a record's field, or a String key where a Map is expected.
    Name(Ident),
    /// Anything else (a string, a region, a number, `(a, b)`): a map's key.
    Key(Expr),
}

/// A list comprehension.
#[derive(Debug, Clone)]
pub struct ListFor {
    /// The loop's names.
    pub pattern: Pattern,
    /// What is looped over.
    pub source: Expr,
    /// `if c`.
    pub cond: Option<Expr>,
    /// Each element.
    pub value: Expr,
}

/// A map comprehension.
#[derive(Debug, Clone)]
pub struct MapFor {
    /// The loop's names.
    pub pattern: Pattern,
    /// What is looped over.
    pub source: Expr,
    /// `if c`.
    pub cond: Option<Expr>,
    /// Each key.
    pub key: Expr,
    /// Each value.
    pub value: Expr,
}

/// A piece of a string with `${}`.
#[derive(Debug, Clone)]
pub enum StringPart {
    /// Text, escapes resolved.
    Text(Box<str>),
    /// `${expr}`.
    Expr(Expr),
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`
    Not,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `??`
    Coalesce,
    /// `..`
    Range,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// A type, as written.
#[derive(Debug, Clone)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// Its place.
    pub span: Span,
}

/// The kinds of types.
#[derive(Debug, Clone)]
pub enum TypeKind {
    /// Could not be read; reported already.
    Error,
    /// `String`, `ec2.Vpc`, `Vpc.id`, `Network`.
    Named(Path),
    /// `List<T>`, `Map<K, V>`, `Secret<T>`.
    Generic {
        /// `List`, `Map` or `Secret`.
        name: Ident,
        /// What stands between the angle brackets.
        args: Vec<TypeExpr>,
    },
    /// `(A, B)`.
    Tuple(Vec<TypeExpr>),
    /// `{ min: Int, max: Int = 10 }`.
    Record(Vec<FieldType>),
    /// `"primary" | "standby"`; one or more.
    Union(Vec<(Symbol, Span)>),
    /// `T?`.
    Optional(Box<TypeExpr>),
    /// `Int in 1..100`: both ends included.
    Range {
        /// The type refined.
        base: Box<TypeExpr>,
        /// The least value.
        low: Box<Expr>,
        /// The greatest.
        high: Box<Expr>,
    },
    /// `Vpc.id in any region`.
    AnyRegion(Box<TypeExpr>),
}

/// A field of a record type.
#[derive(Debug, Clone)]
pub struct FieldType {
    /// `///` lines before it.
    pub docs: Docs,
    /// The name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// In kinds: `immutable`. Modifiers and default come in either order.
    pub modifiers: Vec<Ident>,
    /// Its default.
    pub default: Option<Expr>,
}

/// A `kind`: the schema of a resource type.
#[derive(Debug, Clone)]
pub struct KindDecl {
    /// The kind's name within its namespace.
    pub name: Ident,
    /// `in region` (true) or `global`.
    pub regional: bool,
    /// What is in its braces.
    pub members: Vec<KindMember>,
}

/// A line of a kind.
#[derive(Debug, Clone)]
pub enum KindMember {
    /// `cidr_block: Cidr immutable`, also inside `one of { … }`.
    Attribute(KindAttribute),
    /// `one of { a: T, b: U }`.
    OneOf(Vec<KindAttribute>, Span),
    /// `output id: String`, `output version: String changes`.
    Output {
        /// `///` lines before it.
        docs: Docs,
        /// The output.
        name: Ident,
        /// Its type.
        ty: TypeExpr,
        /// `changes`.
        modifiers: Vec<Ident>,
    },
    /// `check c else "…"`.
    Check(Check),
    /// `unique (vpc, cidr_block)`, `unique (bucket_name) in any region else T0702`.
    Unique {
        /// The attributes.
        attributes: Vec<Ident>,
        /// `in any region`.
        any_region: bool,
        /// The code it names.
        code: Option<Ident>,
    },
    /// `identity (name)`.
    Identity(Vec<Ident>),
    /// `settles in 2s`.
    Settles(Expr),
    /// `visible in 5s`.
    Visible(Expr),
    /// `creates by token`, `creates by key (vpc, cidr_block)`.
    Creates {
        /// `token`, `caller_reference`, `name`, `key` or `nothing`.
        class: Ident,
        /// The attributes of `name` and `key`.
        attributes: Vec<Ident>,
    },
    /// `batched by hosted_zone`.
    Batched(Ident),
}

/// An attribute of a kind.
#[derive(Debug, Clone)]
pub struct KindAttribute {
    /// `///` lines before it.
    pub docs: Docs,
    /// The attribute.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// `immutable`, `secret`, `write_only`, `unordered`.
    pub modifiers: Vec<Ident>,
    /// Its default.
    pub default: Option<Expr>,
}
