//! The crate's rules, from outside.

mod address;
mod calls;
mod checks;
mod evaluation;
mod format;
mod functions;
mod laws;
mod networks;
mod places;
mod scalars;
mod values;
