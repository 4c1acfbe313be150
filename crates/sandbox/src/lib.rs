//! The embedded cloud: the default one, so that a first run needs no account.
//!
//! It is driven by the schemas of kinds and stricter than a mock: it holds references,
//! `unique`, `check` and each service's own rules, and it creates things exactly as
//! effectively-once, or not, as the real service does. Everything is kept in one file that
//! survives a kill at any instant: one transaction a call. Faults come on request.
//!
//! *Refuses to know*: the network, the language, plans, the state log.
//!
//! In reading order: how it is run ([`Options`], [`Clock`], [`Faults`]); what it holds
//! (`stored`, `world`, `store`, `format`); what a call does to it (`change`: create, converge,
//! delete), with what makes a request right (`shape`, `checks`) and the services' own rules
//! (`rules`, one module a service); what a call shows of it (`view`); the cloud itself
//! ([`Sandbox`]); and changes behind the back of whoever uses it (`behind`).

mod behind;
mod change;
mod checks;
mod clock;
mod fault;
mod format;
mod links;
mod mint;
mod options;
mod refusal;
mod rules;
mod sandbox;
mod shape;
mod store;
mod stored;
mod view;
mod world;

pub use behind::{EditError, Which};
pub use clock::Clock;
pub use fault::{FaultError, Faults};
pub use options::Options;
pub use sandbox::Sandbox;
pub use store::OpenError;
