//! The order of steps: waves, then the program's order as far as edges allow; and which
//! steps go as one atomic batch.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::graph::Rows;
use crate::steps::{Bond, Edge};

/// Edges over steps without a cycle: from a step to those it needs.
#[derive(Debug)]
pub(crate) struct Sequence {
    /// What every step needs, ascending.
    pub(crate) needs: Rows,
    /// The steps, needs first.
    pub(crate) order: Vec<u32>,
}

/// Drops edges that contradict others, the weakest first, until an order exists.
pub(crate) fn sequence(len: usize, mut edges: Vec<Edge>) -> Sequence {
    edges.sort_unstable_by_key(|e| (e.step, e.needs, e.bond));
    edges.dedup_by_key(|e| (e.step, e.needs));
    for weakest in [Bond::Wish, Bond::Should, Bond::Recorded] {
        let needs = rows(len, &edges);
        if let Some(order) = ordered(&needs, &|_| 0) {
            return Sequence { needs, order };
        }
        let component = components(len, &edges);
        let circular = |e: &Edge| component[e.step as usize] == component[e.needs as usize];
        edges.retain(|e| e.bond != weakest || !circular(e));
    }
    let needs = rows(len, &edges);
    let order = ordered(&needs, &|_| 0).expect("a program's dependencies have no cycle; this is a bug in topo");
    Sequence { needs, order }
}

fn rows(len: usize, edges: &[Edge]) -> Rows {
    let pairs: Vec<(u32, u32)> = edges.iter().map(|e| (e.step, e.needs)).collect();
    Rows::from_edges(len, &pairs)
}

/// For every step the strongly connected component it is in, if there is a cycle at all.
pub(crate) fn circles(len: usize, edges: &[Edge]) -> Option<Vec<u32>> {
    ordered(&rows(len, edges), &|_| 0).is_none().then(|| components(len, edges))
}

/// For every step the strongly connected component it is in.
fn components(len: usize, edges: &[Edge]) -> Vec<u32> {
    let mut graph: DiGraph<(), ()> = DiGraph::with_capacity(len, edges.len());
    for _ in 0..len {
        graph.add_node(());
    }
    for edge in edges {
        graph.add_edge(NodeIndex::new(edge.step as usize), NodeIndex::new(edge.needs as usize), ());
    }
    let mut component = vec![0; len];
    for (at, members) in tarjan_scc(&graph).iter().enumerate() {
        for member in members {
            component[member.index()] = at as u32;
        }
    }
    component
}

/// Every step behind its needs, otherwise by `rank` and then by number; `None` where there
/// is a cycle.
pub(crate) fn ordered(needs: &Rows, rank: &dyn Fn(u32) -> u32) -> Option<Vec<u32>> {
    let len = needs.len();
    let followers = needs.reversed();
    let mut open: Vec<u32> = (0..len as u32).map(|step| needs.row(step).len() as u32).collect();
    let ready = (0..len as u32).filter(|step| open[*step as usize] == 0);
    let mut ready: BinaryHeap<Reverse<(u32, u32)>> = ready.map(|step| Reverse((rank(step), step))).collect();
    let mut order = Vec::with_capacity(len);
    while let Some(Reverse((_, step))) = ready.pop() {
        order.push(step);
        for follower in followers.row(step) {
            open[*follower as usize] -= 1;
            if open[*follower as usize] == 0 {
                ready.push(Reverse((rank(*follower), *follower)));
            }
        }
    }
    (order.len() == len).then_some(order)
}
