//! The words that every part of Topo shares.
//!
//! *Refuses to know*: files, clouds, async, the grammar. Everything here is plain data and
//! pure functions over it.
//!
//! In reading order: places in text ([`Span`], [`SourceMap`]) and findings about them
//! ([`Diagnostic`]); interned names ([`Symbol`]); values ([`Value`]), the terms that
//! unknown ones are made of ([`Term`]), the functions over both ([`Func`]); types
//! ([`Type`]); the schemas of kinds ([`Kind`], [`Catalogue`]); addresses ([`Addresses`]);
//! then the three sides that the planner compares: what the program wants ([`Desired`]),
//! what the log says we did ([`Recorded`]), what a cloud shows ([`Object`]).

mod address;
mod desired;
pub mod diag;
pub mod format;
mod fraction;
mod func;
mod kind;
mod object;
mod recorded;
mod source;
mod span;
mod symbol;
mod term;
mod ty;
pub mod value;

pub use address::{AddrId, Addresses, Step};
pub use desired::{
    Attribute, DeferredCheck, Desired, Lifecycle, Moved, Objective, Origin, Output, Pattern, PatternKey, PatternStep,
    Project, ReplaceOrder, ResId, Resource, Rollout,
};
pub use diag::{Code, Diagnostic, Edit, Help, Label, Severity};
pub use func::{Func, FuncError, MAX_PATTERN};
pub use kind::{
    AttrId, Catalogue, Creation, Kind, KindAttribute, KindCheck, KindId, KindOutput, Need, Unique, Verdict, dns_name,
};
pub use object::{Attributes, LONGEST_PATH, Object, ObjectId, Owner, Status, TopoId};
pub use recorded::{Deposed, Intent, IntentId, Operation, Recorded, RecordedResource};
pub use span::{LineColumn, MAX_SOURCE_BYTES, SourceFile, SourceMap, Span};
pub use symbol::Symbol;
pub use term::{Each, Nothing, Resolve, Term, evaluate};
pub use ty::{FieldType, RecordType, Type};
pub use value::{Fraction, Map, Record, SecretRef, Value};
