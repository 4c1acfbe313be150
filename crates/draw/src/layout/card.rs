//! The size of a name's card: the name, how it is answered, what is promised, a cell for each answer.

use crate::measure::width;
use crate::picture::{Change, Edge, LaneId, NodeId, Picture, Sort};

/// The height of a promise's pill, with the space below it.
pub(crate) const PILL: i32 = 24;
/// Between cells.
pub(crate) const CELLS: i32 = 8;
/// The space at the sides of a card.
pub(crate) const SIDE: i32 = 14;

/// A card's size.
#[derive(Debug, Clone)]
pub(crate) struct Card {
    pub(crate) w: i32,
    pub(crate) h: i32,
    pub(crate) cells: Vec<Cell>,
    /// How high the cells are; all the same.
    pub(crate) cell_h: i32,
}

/// A cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    /// The edge that begins at it.
    pub(crate) edge: usize,
    pub(crate) w: i32,
}

impl Card {
    /// The left side of a cell, from the card's.
    pub(crate) fn cell_x(&self, at: usize) -> i32 {
        let total: i32 = self.cells.iter().map(|c| c.w + CELLS).sum::<i32>() - CELLS;
        let before: i32 = self.cells[..at].iter().map(|c| c.w + CELLS).sum();
        (self.w - total) / 2 + before
    }
}

/// Whether an edge has anything to say where it begins.
fn says(edge: &Edge) -> bool {
    !edge.label.is_empty() || edge.check.is_some()
}

/// The lane that a name leads to in the end, first of all.
fn lane(picture: &Picture, mut node: NodeId) -> LaneId {
    // A circle leads nowhere.
    for _ in 0..picture.nodes.len() {
        match picture.edges.iter().find(|e| e.from == node && e.to != node) {
            Some(edge) if picture.node(node).sort == Sort::Name => node = edge.to,
            _ => break,
        }
    }
    picture.node(node).lane
}

/// The card of a name, or of another box that stands among the names.
pub(crate) fn card(picture: &Picture, id: NodeId) -> Card {
    let node = picture.node(id);
    let mut edges: Vec<(usize, &Edge)> = picture.edges.iter().enumerate().filter(|(_, e)| e.from == id).collect();
    // In the order of the regions, so that edges don't cross where they need not.
    edges.sort_by_key(|(_, edge)| lane(picture, edge.to));
    let several = edges.len() > 1;
    let cells: Vec<Cell> = edges
        .iter()
        .filter(|(_, edge)| {
            says(edge) && (several || !edge.label.is_empty() || edge.check.as_ref().is_some_and(|c| c.own))
        })
        .map(|(at, edge)| {
            let check =
                edge.check.as_ref().map_or(0, |check| width(&check.short, 11, false) + if check.own { 17 } else { 0 });
            Cell { edge: *at, w: (width(&edge.label, 12, true).max(check) + 18).max(64) }
        })
        .collect();
    let lines = |edge: &Edge| i32::from(!edge.label.is_empty()) + i32::from(edge.check.is_some());
    let lines = cells.iter().map(|cell| lines(&picture.edges[cell.edge])).max().unwrap_or(0);
    let cell_h = if lines == 0 { 0 } else { 9 + 16 * lines };
    let promises = node.promises.iter().map(|p| width(&p.text, 12, true) + 34).max().unwrap_or(0);
    let facts = if node.sort == Sort::Name { node.facts.join(" · ") } else { node.said() };
    let change = match node.change.map_or("", Change::word) {
        "" => 0,
        word => width(word, 11, false) + 16,
    };
    let text = (width(&node.name, 14, true) + change).max(width(&facts, 12, false)).max(promises);
    let total: i32 = cells.iter().map(|c| c.w + CELLS).sum::<i32>() - CELLS;
    let h = 52 + PILL * node.promises.len() as i32 + if cell_h == 0 { 0 } else { cell_h + 10 };
    Card { w: (text + 2 * SIDE).max(total + 20).max(120), h, cells, cell_h }
}
