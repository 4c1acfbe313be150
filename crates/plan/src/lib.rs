//! The planner: what must be done so that a cloud is as a program wants it.
//!
//! Its job: to hold three sides against each other (what the program wants, what the log
//! says was set, what observation found) and to say, for every resource, what is done, why,
//! in which order, and what is known of the result. Pure and synchronous: the same three
//! sides give the same plan, to the last byte.
//!
//! *Refuses to know*: files, clouds, async, the grammar, the terminal, the clock.
//!
//! In reading order: what a plan is made of (`types`); addresses and patterns (`address`),
//! the graph (`graph`); the three sides side by side (`scene`), how they are matched
//! (`pairing`, `moves`); when two values mean the same (`same`), the three-way comparison
//! (`differ`, `tags`, `ignore`, [`in_line`]); what is known of a value (`known`); the decision about one
//! node (`decide`), about all of them, with what is held back (`hold`), and the selection
//! (`select`); steps (`steps`), their order (`sequence`), waves (`wave`), batches (`batch`);
//! what holds over the whole (`outcome`, `hint`); the pipeline (`plan`); staleness
//! (`basis`), saved plans ([`mod@format`]), terms in a user's words (`term`).

mod address;
mod basis;
mod batch;
pub mod codes;
mod decide;
mod differ;
pub mod format;
mod graph;
mod hint;
mod hold;
mod ignore;
mod known;
mod line;
mod moves;
mod outcome;
mod pairing;
mod plan;
mod same;
mod scene;
mod select;
mod sequence;
mod steps;
mod tags;
mod term;
mod types;
mod wave;

pub use address::{PatternError, pattern};
pub use basis::stale;
pub use graph::graph;
pub use line::in_line;
pub use plan::{Options, Planned, as_recorded, destroy, drift, plan};
pub use types::*;
