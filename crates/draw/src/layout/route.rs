//! The ways of edges: down from a cell, past rows in the places kept for them, and in from above; or
//! past the boxes of a lane, and in from the right.

use std::fmt::Write;

use super::card::{Card, SIDE};
use super::column::Column;
use super::rows::{Rows, answers};
use super::{Rect, column_of};
use crate::picture::{EdgeSort, NodeId, Picture};

/// How far an edge goes straight down before it turns: room for the mark of its health check.
const LEAD: i32 = 22;
/// The length of an arrow's head.
const HEAD: i32 = 7;

/// The way of an edge.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) edge: usize,
    /// The line, as SVG writes paths.
    pub(crate) path: String,
    /// The arrow's head, the same way.
    pub(crate) head: String,
    /// Where its health check is marked.
    pub(crate) mark: (i32, i32),
}

/// The ways of all edges but peerings.
pub(crate) fn routes(
    picture: &Picture,
    rows: &Rows<'_>,
    columns: &[Column],
    cards: &[Option<Card>],
    boxes: &[Rect],
) -> Vec<Route> {
    let start = |edge: usize| {
        let next = rows.passes(edge).next().map(|(x, _, _)| x).unwrap_or_else(|| {
            let to = picture.edges[edge].to;
            column_of(picture, columns, to).map_or(boxes[to.0 as usize].middle(), |column| column.entrance(to))
        });
        start(picture, cards, boxes, (edge, next))
    };
    let starts: Vec<(i32, i32)> = (0..picture.edges.len()).map(start).collect();
    // Where each edge comes from last, to order those that enter one box.
    let last = |edge: usize| rows.passes(edge).last().map_or(starts[edge].0, |(x, _, _)| x);
    let mut routes = Vec::new();
    for (at, edge) in picture.edges.iter().enumerate() {
        match edge.sort {
            EdgeSort::Peers => {}
            EdgeSort::Forwards => routes.push(forward(at, boxes[edge.from.0 as usize], boxes[edge.to.0 as usize])),
            EdgeSort::Answers | EdgeSort::StandsBy => {
                let mut beside: Vec<usize> = (0..picture.edges.len())
                    .filter(|other| picture.edges[*other].to == edge.to && answers(&picture.edges[*other]))
                    .collect();
                beside.sort_by_key(|other| (last(*other), *other));
                let place = beside.iter().position(|other| *other == at).unwrap_or(0) as i32;
                let end = end(picture, columns, boxes, edge.to, (place, beside.len() as i32));
                routes.push(way(at, starts[at], rows.passes(at), end));
            }
        }
    }
    routes
}

/// Where an edge begins: at its cell, or as near as its card lets it to where it goes next.
fn start(picture: &Picture, cards: &[Option<Card>], boxes: &[Rect], (edge, next): (usize, i32)) -> (i32, i32) {
    let from = picture.edges[edge].from.0 as usize;
    let rect = boxes[from];
    let Some(card) = &cards[from] else { return (rect.middle(), rect.bottom()) };
    match card.cells.iter().position(|cell| cell.edge == edge) {
        Some(at) => (rect.x + card.cell_x(at) + card.cells[at].w / 2, rect.bottom()),
        None => (next.clamp(rect.x + SIDE, rect.right() - SIDE), rect.bottom()),
    }
}

/// Where an edge ends.
enum End {
    /// From above, at a point; straight from a height down.
    Above { x: i32, straight: i32, y: i32 },
    /// Down past the boxes, and in from the right.
    Right { x: i32, straight: i32, to: (i32, i32) },
}

fn end(picture: &Picture, columns: &[Column], boxes: &[Rect], to: NodeId, (place, of): (i32, i32)) -> End {
    let rect = boxes[to.0 as usize];
    match column_of(picture, columns, to) {
        Some(column) => match column.enter(to, place) {
            Some(x) => End::Above { x, straight: column.rect.y, y: rect.y },
            None => End::Right {
                x: column.past(to),
                straight: column.rect.y,
                to: (rect.right(), rect.y + rect.h.min(36) / 2),
            },
        },
        None => End::Above { x: rect.middle() + 16 * place - 8 * (of - 1), straight: rect.y - HEAD, y: rect.y },
    }
}

fn way(edge: usize, start: (i32, i32), passes: impl Iterator<Item = (i32, i32, i32)>, end: End) -> Route {
    let mut path = format!("M{} {}", start.0, start.1);
    let mut at = (start.0, start.1 + LEAD);
    let _ = write!(path, "V{}", at.1);
    let mut bend = |to: (i32, i32), path: &mut String| {
        let middle = (at.1 + to.1) / 2;
        let _ = match at.0 == to.0 {
            true => write!(path, "V{}", to.1),
            false => write!(path, "C{} {middle} {} {middle} {} {}", at.0, to.0, to.0, to.1),
        };
        at = to;
    };
    for (x, top, bottom) in passes {
        bend((x, top), &mut path);
        bend((x, bottom), &mut path);
    }
    let head = match end {
        End::Above { x, straight, y } => {
            bend((x, straight), &mut path);
            let _ = write!(path, "V{}", y - HEAD + 1);
            format!("M{x} {y}l-4 -{HEAD}h8z")
        }
        End::Right { x, straight, to } => {
            bend((x, straight), &mut path);
            let _ = write!(path, "V{}Q{x} {} {} {}H{}", to.1 - 6, to.1, x - 6, to.1, to.0 + HEAD - 1);
            format!("M{} {}l{HEAD} -4v8z", to.0, to.1)
        }
    };
    Route { edge, path, head, mark: (start.0, start.1 + 10) }
}

/// From a box to one below it, or to one at its side.
fn forward(edge: usize, from: Rect, to: Rect) -> Route {
    let x = from.x + 24;
    let path = format!("M{x} {}V{}", from.bottom(), to.y - HEAD + 1);
    Route { edge, path, head: format!("M{x} {}l-4 -{HEAD}h8z", to.y), mark: (x, from.bottom()) }
}
