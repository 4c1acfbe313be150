//! State: a log of what was about to be done and what became of it.
//!
//! *Its job*: before a call its intent is durable, after it the outcome; killed at any
//! point, the next run reads here which calls it must ask about. The state of an
//! environment ([`topo_model::Recorded`]) is what its log adds up to; a snapshot is only a
//! shorter way to the same sum.
//!
//! *Refuses to know*: clouds, the language, how a plan is made.
//!
//! On disk an environment is a directory `<store>/<project>/<cloud>/<env>/` with
//!
//! - `log-<serial>`: entries, one a line, each behind its checksum; only ever appended to,
//!   and durable when [`Log::append`] returns. A crash can spoil the last append only, which
//!   nobody was told of yet: it is dropped, always as a whole;
//! - `snapshot`: what the entries before the newest log file add up to, written to a
//!   temporary file, synced and renamed;
//! - `lock`: held by the operating system for as long as a run lives, so a killed one
//!   locks nobody out; its text names the holder.
//!
//! `<store>/store.json` names the project that the store belongs to; every other is
//! refused. Whatever else is wrong with a file is [`Error::Corrupt`], with the line: a state
//! that is silently older or smaller than it was would make the next plan destroy or repeat
//! things.
//!
//! In reading order: [`Location`] (where), [`Change`] (what a line says), [`read`] (without
//! a lock), [`Log`] (with it).

mod disk;
mod entry;
mod error;
mod line;
mod location;
mod lock;
mod log;
mod replay;
mod segment;
mod snapshot;

pub use disk::{State, read};
pub use entry::{Allowed, Change, Run, RunRecord};
pub use error::Error;
pub use location::Location;
pub use lock::Holder;
pub use log::Log;
