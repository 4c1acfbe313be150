//! The pictures: a topology as a person would sketch it.
//!
//! Its job: pure functions from what a program wants ([`topo_model::Desired`]), what is proved of it
//! ([`topo_verify::Report`]) and what a plan would do ([`Marks`]) to a [`Picture`], and from that to text:
//! [`svg`], [`dot`], [`mermaid`]. A picture is no list of resources. It keeps what people draw on
//! whiteboards (names and how they are answered, load balancers, clusters, networks, peerings) and
//! counts the rest.
//!
//! *Refuses to know*: files, the terminal, the language, plans and state, any cloud's interface. The
//! same arguments give the same text, byte for byte.
//!
//! In reading order: what is drawn (`picture`); attributes by name (`read`); resources gathered into
//! lanes and boxes (`gather`), record sets into names (`names`), what is left into counts (`rest`);
//! where things go (`layout`); the three languages (`svg`, `dot`, `mermaid`).
//!
//! # Why the layout is our own
//!
//! The layered layouts that crates.io has were looked at first, by their sources and pages: `rust-sugiyama` 0.4 (MIT, the best
//! kept), `layout-rs` 0.1 (MIT) and the young ports of dagre. All of them choose the order of the bottom
//! row themselves, and here that row is given: regions stand in the program's order, whatever
//! crosses. `rust-sugiyama` places each connected part by itself and tells no bends, so an edge that
//! passes a row would run through its boxes; `layout-rs` knows no fixed places and draws in its own
//! style. With the lanes given and two or three rows above them, what is left of Sugiyama's method is
//! short and has an exact answer: order a row by where its edges lead, then move its boxes as
//! little as keeps them apart, a least-squares problem that pooling solves (`layout::rows`).

mod dot;
mod gather;
mod layout;
mod measure;
mod mermaid;
mod names;
mod picture;
mod read;
mod rest;
mod svg;

pub use dot::dot;
pub use gather::picture;
pub use mermaid::mermaid;
pub use picture::{
    Certificate, Change, Check, Count, Edge, EdgeSort, Gone, Lane, LaneId, LaneSort, Marks, Node, NodeId, Picture,
    Promise, Sort, Zone,
};
pub use svg::{Label, labels, svg};
