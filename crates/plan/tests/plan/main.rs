//! The planner, held to its contract: small programs, a cloud in memory, plans as text.

mod changes;
mod frozen;
mod laws;
mod lookups;
mod order;
mod outcome;
mod renames;
mod replacement;
mod saved;
mod selection;
mod speed;
mod world;
