//! The graph of dependencies: what must be there before what.
//!
//! The planner walks it as rows of one long list, which a hundred thousand resources need;
//! [`graph`] gives the same as a petgraph for whoever draws it.

use petgraph::graph::{DiGraph, NodeIndex};
use topo_model::{Desired, ResId};

/// The dependencies of every resource of a program: an edge leads from a resource to one
/// that comes before it. The index of a node is its [`ResId`].
pub fn graph(desired: &Desired) -> DiGraph<ResId, ()> {
    let rows = Rows::of(desired);
    let mut graph = DiGraph::with_capacity(rows.len(), rows.targets.len());
    for at in 0..rows.len() {
        graph.add_node(ResId(at as u32));
    }
    for at in 0..rows.len() {
        for to in rows.row(at as u32) {
            graph.add_edge(NodeIndex::new(at), NodeIndex::new(*to as usize), ());
        }
    }
    graph
}

/// Edges in compressed rows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Rows {
    /// What every resource depends on, each once, in ascending order.
    pub(crate) fn of(desired: &Desired) -> Rows {
        let mut rows = Rows { starts: Vec::with_capacity(desired.resources.len() + 1), targets: Vec::new() };
        rows.starts.push(0);
        let mut row: Vec<u32> = Vec::new();
        for (id, resource) in desired.iter() {
            row.clear();
            resource.for_each_dependency(&mut |to| {
                if to != id {
                    row.push(to.0);
                }
            });
            row.sort_unstable();
            row.dedup();
            rows.targets.extend_from_slice(&row);
            rows.starts.push(rows.targets.len() as u32);
        }
        rows
    }

    /// Rows from edges, each (from, to); a row keeps the order in which they are given.
    pub(crate) fn from_edges(len: usize, edges: &[(u32, u32)]) -> Rows {
        let mut starts = vec![0_u32; len + 1];
        for (from, _) in edges {
            starts[*from as usize + 1] += 1;
        }
        for at in 0..len {
            starts[at + 1] += starts[at];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; edges.len()];
        for (from, to) in edges {
            let slot = &mut next[*from as usize];
            targets[*slot as usize] = *to;
            *slot += 1;
        }
        Rows { starts, targets }
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// One row; empty for a node that has none.
    pub(crate) fn row(&self, at: u32) -> &[u32] {
        match (self.starts.get(at as usize), self.starts.get(at as usize + 1)) {
            (Some(from), Some(to)) => &self.targets[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// The edges turned round.
    pub(crate) fn reversed(&self) -> Rows {
        let edges: Vec<(u32, u32)> =
            (0..self.len() as u32).flat_map(|from| self.row(from).iter().map(move |to| (*to, from))).collect();
        Rows::from_edges(self.len(), &edges)
    }

    /// All nodes, each behind what its row names; otherwise in ascending order as far as
    /// that goes. A cycle is cut where it is entered.
    pub(crate) fn order(&self) -> Vec<u32> {
        let len = self.len() as u32;
        if (0..len).all(|at| self.row(at).last().is_none_or(|to| *to < at)) {
            return (0..len).collect();
        }
        let mut order = Vec::with_capacity(len as usize);
        let mut seen = vec![false; len as usize];
        let mut stack: Vec<(u32, usize)> = Vec::new();
        for start in 0..len {
            if std::mem::replace(&mut seen[start as usize], true) {
                continue;
            }
            stack.push((start, 0));
            while let Some((at, next)) = stack.last_mut() {
                let Some(to) = self.row(*at).get(*next) else {
                    order.push(*at);
                    stack.pop();
                    continue;
                };
                *next += 1;
                if !std::mem::replace(&mut seen[*to as usize], true) {
                    stack.push((*to, 0));
                }
            }
        }
        order
    }

    /// Every node that can be reached from those marked, themselves included.
    pub(crate) fn closure(&self, marked: &mut [bool]) {
        let mut open: Vec<u32> = (0..marked.len() as u32).filter(|at| marked[*at as usize]).collect();
        while let Some(at) = open.pop() {
            for to in self.row(at) {
                if !std::mem::replace(&mut marked[*to as usize], true) {
                    open.push(*to);
                }
            }
        }
    }
}
