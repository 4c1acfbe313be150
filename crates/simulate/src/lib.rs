//! The simulator: what clients see, second by second, when a part of a topology is lost.
//!
//! Its job: to play a loss out over time, as an event loop. Checkers probe, verdicts travel to the
//! name servers, these answer by the status they last heard of, resolvers keep what they were told, load
//! balancers probe their targets, and clients ask. Out come a timeline, the time until clients are
//! served again in the worst and in the likely case, and the share of them that fails meanwhile.
//!
//! It is a second answer to the question that the proofs answer, by another way: the proofs bound every
//! course that a loss can take, this plays courses out. Nothing is shared between the two, so that
//! where they differ, one is wrong; a test looks for that.
//!
//! *Refuses to know*: the proofs, objectives' verdicts, plans, the language, the terminal, any cloud's
//! interface, the wall clock. It reads [`topo_model::Desired`], primitive kinds only, and is
//! deterministic: the same program, loss and seed give the same result.
//!
//! In reading order: what a program builds, read as a world (`world`); what Route 53 does with it, one
//! method a rule ([`Rules`]); what name servers answer in a state (`server`); what is lost
//! ([`Loss`]); chance, at its worst or drawn (`chance`); the event loop (`events`); what clients make of
//! its history, for all of them at once (`extreme`) or one by one (`client`); the result
//! ([`Simulation`]).
//!
//! What Route 53 does is cited where it is played. What AWS does not publish is taken for granted here as
//! it is in the proofs: verdicts reach all name servers within ten seconds, metrics reach an alarm
//! within a minute.

mod asked;
mod chance;
mod client;
mod continent;
mod events;
mod extreme;
mod loss;
mod read;
mod result;
mod rules;
mod run;
mod server;
mod timeline;
mod world;

pub use asked::answers;
pub use loss::{Choices, Loss, Lost};
pub use result::{Event, Likely, Name, Second, Simulation, What, Worst};
pub use rules::{Documented, Rules};
pub use run::{Options, Problem, simulate, simulate_under};
