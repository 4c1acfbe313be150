//! The language's text: from a file to its syntax tree, and back to well-laid-out text.
//!
//! Its job: the grammar (`grammar/topo.pest`), the scanner that cuts a file into pieces so
//! that one mistake costs one piece, the [syntax tree](ast), the formatter, and syntax
//! errors in plain words. It is the only crate that uses pest, and nothing of pest leaves it.
//!
//! *Refuses to know*: what a name stands for, what has which type, files and directories.
//!
//! In reading order: tokens; the scanner; the parser, which reads each piece by one rule of the grammar;
//! the reports; the outline of a file, broken or not; the formatter.

pub mod ast;
mod format;
pub mod outline;
mod parse;
mod report;
mod scan;
mod token;

pub use format::format;
pub use outline::outline;
pub use parse::{Parsed, parse, parse_address, parse_expr};
