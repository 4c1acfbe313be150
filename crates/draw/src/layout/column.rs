//! A region: its entrances, its networks with what stands in them, and what else there is.

use super::{LINE, MARGIN, PAD, Rect, texts};
use crate::measure::wrap;
use crate::picture::{LaneId, LaneSort, Node, NodeId, Picture, Sort};

/// The width of a lane with boxes.
const WIDE: i32 = 300;
/// The width of a lane without.
const SLIM: i32 = 196;
/// A lane's heading.
pub(crate) const HEAD: i32 = 56;
/// A network's heading.
pub(crate) const NET: i32 = 50;
/// Between boxes.
const BETWEEN: i32 = 10;
/// Between two edges that enter the same box.
pub(crate) const ENTER: i32 = 14;
/// The room of one edge that passes boxes at their right.
const CHANNEL: i32 = 11;
/// How many of them there are at most.
const CHANNELS: i32 = 12;

/// A lane with everything in its place.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) lane: LaneId,
    pub(crate) rect: Rect,
    /// Whether no box stands in it.
    pub(crate) slim: bool,
    /// Where the networks end.
    pub(crate) middle: i32,
    /// The boxes that names lead to, from the top, with how many edges do.
    targets: Vec<(NodeId, i32)>,
    /// Whether the first of them is the first box of all: edges enter it from above.
    open: bool,
    /// The lines of counts: their first base line, and ranges of the counts.
    pub(crate) rest_y: i32,
    pub(crate) rest: Vec<std::ops::Range<usize>>,
}

impl Column {
    /// The column of a lane; none for what is global and for lanes where nothing is.
    pub(crate) fn new(picture: &Picture, id: LaneId) -> Option<Column> {
        let lane = &picture.lanes[id.0 as usize];
        let order = order(picture, id);
        if lane.sort == LaneSort::Global || (order.is_empty() && lane.rest.is_empty() && lane.sort != LaneSort::Region)
        {
            return None;
        }
        let edges = |node: NodeId| {
            let to = |e: &&crate::picture::Edge| e.to == node && super::rows::answers(e);
            picture.edges.iter().filter(to).count() as i32
        };
        let leaves: Vec<NodeId> =
            order.iter().copied().filter(|node| picture.node(*node).sort != Sort::Network).collect();
        let targets: Vec<(NodeId, i32)> =
            leaves.iter().map(|node| (*node, edges(*node))).filter(|(_, n)| *n > 0).collect();
        let open = targets.first().is_some_and(|(node, _)| leaves.first() == Some(node));
        let slim = order.is_empty();
        let mut column = Column {
            lane: id,
            rect: Rect { x: MARGIN, y: 0, w: if slim { SLIM } else { WIDE }, h: 0 },
            slim,
            middle: 0,
            targets,
            open,
            rest_y: 0,
            rest: Vec::new(),
        };
        column.rect.w += column.channel();
        Some(column)
    }

    /// The room that edges need at the right of boxes.
    fn channel(&self) -> i32 {
        let past = self.targets.len() as i32 - i32::from(self.open);
        if past > 0 { CHANNEL * past.min(CHANNELS) + 4 } else { 0 }
    }

    /// The right side of boxes.
    fn right(&self, inside: bool) -> i32 {
        self.rect.right() - PAD - self.channel() - if inside { PAD } else { 0 }
    }

    /// The box that edges enter from above.
    fn door(&self) -> Option<(NodeId, i32)> {
        self.targets.first().copied().filter(|_| self.open)
    }

    /// Where the text of headings must end: edges come in at the right of it.
    pub(crate) fn clear(&self) -> i32 {
        match self.door() {
            Some((_, edges)) => self.right(true) - 14 - ENTER * edges,
            None => self.right(false),
        }
    }

    /// About where edges to a box come in.
    pub(crate) fn entrance(&self, node: NodeId) -> i32 {
        match self.door() {
            Some((door, edges)) if door == node => self.right(true) - 14 - ENTER * (edges - 1) / 2,
            _ => self.past(node),
        }
    }

    /// Where the edge to a box enters, of those that come from above, by its position among them.
    pub(crate) fn enter(&self, node: NodeId, at: i32) -> Option<i32> {
        let (_, edges) = self.door().filter(|(door, _)| *door == node)?;
        Some(self.right(true) - 14 - ENTER * (edges - 1 - at))
    }

    /// Where edges run past the boxes above the one that they lead to.
    pub(crate) fn past(&self, node: NodeId) -> i32 {
        let at = self.targets.iter().position(|(target, _)| *target == node).unwrap_or(0) as i32;
        // Beyond that they share the last.
        let at = (at - i32::from(self.open)).min(CHANNELS - 1);
        self.rect.right() - PAD / 2 - self.channel() + CHANNEL * at
    }

    /// Places the boxes down to the lower end of the networks.
    pub(crate) fn place(&mut self, picture: &Picture, top: i32, boxes: &mut [Rect]) {
        self.rect.y = top;
        let mut y = top + HEAD;
        let of = |node: &NodeId| picture.node(*node);
        let first: Vec<NodeId> = order(picture, self.lane).into_iter().filter(|n| above(of(n))).collect();
        let mut networks = Vec::new();
        for node in first {
            if of(&node).sort == Sort::Network {
                networks.push(node);
            }
            if of(&node).sort == Sort::Network || of(&node).within.is_some() {
                continue;
            }
            y = self.put(picture, node, self.rect.x + PAD, self.right(false), y, boxes);
        }
        for network in networks {
            let (x, from) = (self.rect.x + PAD, y);
            y += NET;
            let within = picture.of_lane(self.lane).filter(|(_, node)| node.within == Some(network));
            let mut within: Vec<(NodeId, &Node)> = within.collect();
            within.sort_by_key(|(_, node)| node.sort);
            for (node, _) in within {
                y = self.put(picture, node, x + PAD, self.right(true), y, boxes);
            }
            y += if of(&network).zones.is_empty() { 2 } else { zones_height(of(&network)) + PAD };
            let w = self.rect.right() - PAD - x;
            boxes[network.0 as usize] = Rect { x, y: from, w, h: y - from };
            y += BETWEEN;
        }
        self.middle = y.max(top + HEAD) - BETWEEN;
        if self.slim {
            self.count(picture, top + HEAD + 4);
            self.middle = self.rest_y + LINE * self.rest.len() as i32;
        }
    }

    fn put(&self, picture: &Picture, node: NodeId, x: i32, right: i32, y: i32, boxes: &mut [Rect]) -> i32 {
        let rect = Rect { x, y, w: right - x, h: height(picture.node(node)) };
        boxes[node.0 as usize] = rect;
        rect.bottom() + BETWEEN
    }

    /// Breaks the counts into lines, from a height down.
    fn count(&mut self, picture: &Picture, y: i32) {
        let lane = &picture.lanes[self.lane.0 as usize];
        self.rest_y = y + 12;
        self.rest = wrap(&texts(lane), ", ", 12, self.rect.w - 2 * PAD);
    }

    /// Places what stands below the peerings.
    pub(crate) fn finish(&mut self, picture: &Picture, below: i32, boxes: &mut [Rect]) {
        let mut y = below + 8;
        for node in order(picture, self.lane).into_iter().filter(|n| !above(picture.node(*n))) {
            y = self.put(picture, node, self.rect.x + PAD, self.right(false), y, boxes);
        }
        if !self.slim {
            self.count(picture, y);
            y += LINE * self.rest.len() as i32 + if self.rest.is_empty() { 0 } else { 4 };
        }
        self.rect.h = y.max(self.middle) + PAD - 6 - self.rect.y;
    }
}

/// Whether a box stands above the peerings: networks, what is in them, and what names lead to.
fn above(node: &Node) -> bool {
    matches!(node.sort, Sort::Network | Sort::Endpoint | Sort::Balancer) || node.within.is_some()
}

/// The boxes of a lane from the top: entrances, then each network with what stands in it, then the rest.
fn order(picture: &Picture, lane: LaneId) -> Vec<NodeId> {
    let all: Vec<(NodeId, &Node)> = picture.of_lane(lane).collect();
    let mut order: Vec<NodeId> = Vec::new();
    let free = |entrance: bool| {
        let is = |node: &Node| matches!(node.sort, Sort::Endpoint | Sort::Balancer);
        let free = all.iter().filter(move |(_, n)| n.sort != Sort::Network && n.within.is_none() && is(n) == entrance);
        free.map(|(id, _)| *id)
    };
    order.extend(free(true));
    for (network, _) in all.iter().filter(|(_, n)| n.sort == Sort::Network) {
        order.push(*network);
        let mut within: Vec<&(NodeId, &Node)> = all.iter().filter(|(_, n)| n.within == Some(*network)).collect();
        within.sort_by_key(|(_, node)| node.sort);
        order.extend(within.iter().map(|(id, _)| *id));
    }
    order.extend(free(false));
    order
}

/// The height of a network's row of zones.
pub(crate) fn zones_height(network: &Node) -> i32 {
    if network.zones.iter().any(|zone| zone.nats > 0) { 62 } else { 42 }
}

/// The height of a box that is no network.
fn height(node: &Node) -> i32 {
    32 + LINE * (i32::from(!node.facts.is_empty()) + node.certificates.len() as i32)
        + if node.facts.is_empty() { 0 } else { 2 }
}
