//! What a program means: from its files to the resources that one environment of it wants.
//!
//! Its job: modules, names, types, the catalogue of kinds from the standard library's
//! text, and the expansion of an environment to [`topo_model::Desired`].
//!
//! *Refuses to know*: clouds, state, async, the terminal, the grammar. It is pure: files
//! come through [`World`] only, and the same files, inputs and environment give the same
//! result, whatever is deployed.
//!
//! In reading order: where files come from ([`world`], `library`), modules and what they
//! declare (`modules`, `resolve`), types (`types`, `fits`, `form`), kinds (`kinds`), the typed form
//! of a program (`ir`) and how it is made (`check`), evaluation (`eval`), expansion
//! (`expand`), the standard library by itself (`reference`). A run is [`load`], which gives
//! every syntax, name and type error at once, then [`Program::expand`] for each environment.

mod check;
mod checker;
mod eval;
mod expand;
mod fits;
mod form;
mod ir;
mod kinds;
mod library;
mod modules;
mod program;
mod reference;
mod regions;
mod resolve;
mod suggest;
mod types;
pub mod world;

pub use expand::tests::{Compared, TestFailure, TestOutcome};
pub use expand::{Draft, Expanded};
pub use program::{Loaded, Options, Program, Prove, load};
pub use reference::{Entry, Library, Member, Page, Rule, Sort, Takes, kinds, library, pages, with_kinds};
pub use world::{Disk, Memory, World};
