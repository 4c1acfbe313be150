//! Peerings: a track below the networks for each, as many side by side as don't meet.

use super::{Column, Rect, column_of};
use crate::picture::{EdgeSort, NodeId, Picture};

/// Between tracks.
const STEP: i32 = 14;

/// The way of a peering.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    pub(crate) edge: usize,
    /// The height that it runs at.
    pub(crate) y: i32,
    /// Where it leaves the two networks, left one first.
    pub(crate) ends: [End; 2],
}

/// Where a peering leaves a network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The x of the way down.
    pub(crate) x: i32,
    /// The point at the network.
    pub(crate) at: (i32, i32),
}

/// A peering with its networks, left one first.
struct Link {
    edge: usize,
    nodes: [NodeId; 2],
    span: i32,
}

/// Gives every peering its way, below the networks.
pub(crate) fn tracks(picture: &Picture, columns: &[Column], boxes: &[Rect], middle: i32) -> Vec<Track> {
    let mut links: Vec<Link> = Vec::new();
    for (edge, peering) in picture.edges.iter().enumerate().filter(|(_, e)| e.sort == EdgeSort::Peers) {
        let at = |node: NodeId| boxes[node.0 as usize].x;
        let mut nodes = [peering.from, peering.to];
        nodes.sort_by_key(|node| (at(*node), boxes[node.0 as usize].y));
        links.push(Link { edge, nodes, span: at(nodes[1]) - at(nodes[0]) });
    }
    links.sort_by_key(|link| (link.span, boxes[link.nodes[0].0 as usize].x, link.edge));
    let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut tracks = Vec::new();
    for link in &links {
        let ends = link.nodes.map(|node| end(picture, columns, boxes, &links, node, link.edge));
        let (from, to) = (ends[0].x.min(ends[1].x) - 8, ends[0].x.max(ends[1].x) + 8);
        let free = taken.iter().position(|track| track.iter().all(|(a, b)| to < *a || from > *b));
        let at = free.unwrap_or_else(|| {
            taken.push(Vec::new());
            taken.len() - 1
        });
        taken[at].push((from, to));
        tracks.push(Track { edge: link.edge, y: middle + 16 + STEP * at as i32, ends });
    }
    tracks
}

/// Where a peering leaves a network: the short ones at the sides, so that no long one crosses them.
fn end(picture: &Picture, columns: &[Column], boxes: &[Rect], links: &[Link], node: NodeId, edge: usize) -> End {
    let rect = boxes[node.0 as usize];
    // Links are sorted by their span.
    let to_left = links.iter().filter(|l| l.nodes[1] == node).map(|l| l.edge);
    let to_right = links.iter().rev().filter(|l| l.nodes[0] == node).map(|l| l.edge);
    let all: Vec<usize> = to_left.chain(to_right).collect();
    let at = all.iter().position(|e| *e == edge).unwrap_or(0) as i32;
    let lowest = picture
        .of_lane(picture.node(node).lane)
        .all(|(id, other)| other.sort != picture.node(node).sort || boxes[id.0 as usize].y <= rect.y);
    if lowest {
        let x = rect.x + (at + 1) * rect.w / (all.len() as i32 + 1);
        return End { x, at: (x, rect.bottom()) };
    }
    // Another network lies below: out at the side and past it.
    let left = column_of(picture, columns, node).map_or(rect.x, |column| column.rect.x);
    let y = rect.bottom() - 10 - 7 * at;
    End { x: left + 4 + 3 * at, at: (rect.x, y) }
}
