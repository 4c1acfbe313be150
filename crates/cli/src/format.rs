//! Documents for machines, as the book's chapter on the command line fixes them.

pub(crate) mod diagnostic;
pub(crate) mod event;
pub(crate) mod picture;
pub(crate) mod plan;
pub(crate) mod proof;
pub(crate) mod simulation;
