//! Names in rows: what clients ask for on top, what that leads to below.
//!
//! The places of the regions are given, so rows are placed from the lowest up: a name wishes to stand
//! over the middle of what it leads to. The row is ordered by those wishes, and its boxes are moved
//! as little as keeps them apart (the sum of the squares is least): neighbours that collide are pooled
//! and share the mean of their wishes. An edge that passes a row has a narrow place in it.

use super::card::{Card, SIDE};
use super::column::Column;
use super::{PAD, ROWS, Rect, column_of, global};
use crate::picture::{Edge, EdgeSort, NodeId, Picture, Sort};

/// Between the boxes of a row.
const APART: i32 = 22;
/// The width of a passing edge.
const PASS: i32 = 8;

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    Card(NodeId),
    /// An edge that passes, by its position.
    Pass(usize),
}

#[derive(Debug, Clone)]
struct Place {
    item: Item,
    w: i32,
    middle: i32,
}

#[derive(Debug, Clone, Default)]
struct Row {
    places: Vec<Place>,
    y: i32,
    h: i32,
}

/// The rows, top to bottom.
#[derive(Debug, Clone)]
pub(crate) struct Rows<'p> {
    picture: &'p Picture,
    rows: Vec<Row>,
}

impl<'p> Rows<'p> {
    pub(crate) fn new(picture: &'p Picture, cards: &[Option<Card>], most: i32) -> Rows<'p> {
        let mut rows: Vec<Row> = Vec::new();
        for rank in by_rank(picture) {
            let mut row = Row::default();
            let mut taken = 0;
            for node in rank {
                let Some(card) = &cards[node.0 as usize] else { continue };
                if taken > 0 && taken + card.w > most {
                    rows.push(std::mem::take(&mut row));
                    taken = 0;
                }
                taken += card.w + APART;
                row.h = row.h.max(card.h);
                row.places.push(Place { item: Item::Card(node), w: card.w, middle: 0 });
            }
            rows.push(row);
        }
        rows.retain(|row| !row.places.is_empty());
        let mut rows = Rows { picture, rows };
        rows.add_passes();
        rows
    }

    /// Gives every edge a place in each row between its ends.
    fn add_passes(&mut self) {
        for (at, edge) in self.picture.edges.iter().enumerate().filter(|(_, edge)| answers(edge)) {
            let Some(from) = self.row_of(edge.from) else { continue };
            let to = self.row_of(edge.to).unwrap_or(self.rows.len());
            for row in self.rows.iter_mut().take(to).skip(from + 1) {
                row.places.push(Place { item: Item::Pass(at), w: PASS, middle: 0 });
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The width of the widest row.
    pub(crate) fn width(&self) -> i32 {
        self.rows.iter().map(|row| row.places.iter().map(|p| p.w + APART).sum::<i32>() - APART).max().unwrap_or(0)
    }

    pub(crate) fn bottom(&self) -> Option<i32> {
        self.rows.last().map(|row| row.y + row.h)
    }

    /// The row that a box stands in.
    pub(crate) fn row_of(&self, node: NodeId) -> Option<usize> {
        self.rows.iter().position(|row| row.places.iter().any(|p| p.item == Item::Card(node)))
    }

    /// The rows that an edge passes: where it does, and their upper and lower ends.
    pub(crate) fn passes(&self, edge: usize) -> impl Iterator<Item = (i32, i32, i32)> {
        self.rows.iter().filter_map(move |row| {
            let place = row.places.iter().find(|p| p.item == Item::Pass(edge))?;
            Some((place.middle, row.y, row.y + row.h))
        })
    }

    /// Places the rows over the columns, between a left and a right end, from a height down.
    pub(crate) fn place(
        &mut self,
        columns: &[Column],
        cards: &[Option<Card>],
        ends: (i32, i32),
        top: i32,
        boxes: &mut [Rect],
    ) {
        let mut y = top;
        for row in &mut self.rows {
            row.y = y;
            y += row.h + ROWS;
        }
        for at in (0..self.rows.len()).rev() {
            let places = self.rows[at].places.clone();
            let mut wishes: Vec<(Place, i32)> = places
                .into_iter()
                .map(|place| {
                    let wish = self.wish(at, place.item, columns, boxes).unwrap_or((ends.0 + ends.1) / 2);
                    (place, wish)
                })
                .collect();
            wishes.sort_by_key(|(_, wish)| *wish);
            let middles = apart(&wishes, ends);
            let row = &mut self.rows[at];
            row.places = wishes.into_iter().zip(middles).map(|((p, _), middle)| Place { middle, ..p }).collect();
            for place in &row.places {
                if let (Item::Card(node), y) = (place.item, row.y) {
                    let h = cards[node.0 as usize].as_ref().map_or(0, |card| card.h);
                    boxes[node.0 as usize] = Rect { x: place.middle - place.w / 2, y, w: place.w, h };
                }
            }
        }
    }

    /// Where something would like its middle to be: over what it leads to.
    fn wish(&self, row: usize, item: Item, columns: &[Column], boxes: &[Rect]) -> Option<i32> {
        let edges: Vec<usize> = match item {
            Item::Pass(edge) => vec![edge],
            Item::Card(node) => {
                let from = |(_, edge): &(usize, &Edge)| edge.from == node && answers(edge);
                self.picture.edges.iter().enumerate().filter(from).map(|(at, _)| at).collect()
            }
        };
        let wishes: Vec<i32> = edges.iter().filter_map(|edge| self.led_to(row, *edge, columns, boxes)).collect();
        let sum: i32 = wishes.iter().sum();
        let mean = (!wishes.is_empty()).then(|| sum / wishes.len() as i32)?;
        Some(match item {
            Item::Card(_) if wishes.len() == 1 => self.alone(row, item, edges[0], columns).unwrap_or(mean),
            _ => mean,
        })
    }

    /// Where a name that leads to one region would like to be: where its edge can go straight down, or,
    /// where others pass on their way there, over the left side.
    fn alone(&self, row: usize, item: Item, edge: usize, columns: &[Column]) -> Option<i32> {
        let to = self.picture.edges[edge].to;
        let column = column_of(self.picture, columns, to)?;
        let places = &self.rows[row].places;
        let place = places.iter().find(|place| place.item == item)?;
        let here = |edge: usize| {
            column_of(self.picture, columns, self.picture.edges[edge].to).is_some_and(|c| c.lane == column.lane)
        };
        let others = places.iter().filter(|place| match place.item {
            Item::Pass(edge) => here(edge),
            Item::Card(node) => {
                item != Item::Card(node)
                    && self.picture.edges.iter().enumerate().any(|(at, e)| e.from == node && here(at))
            }
        });
        let left = column.rect.x + PAD + place.w / 2;
        Some(match others.count() {
            0 => left.max(column.entrance(to) + SIDE - place.w / 2),
            _ => left,
        })
    }

    /// Where an edge goes on below a row.
    fn led_to(&self, row: usize, edge: usize, columns: &[Column], boxes: &[Rect]) -> Option<i32> {
        let below = self.rows.get(row + 1);
        if let Some(pass) = below.and_then(|row| row.places.iter().find(|p| p.item == Item::Pass(edge))) {
            return Some(pass.middle);
        }
        let to = self.picture.edges[edge].to;
        match self.row_of(to) {
            Some(below) if below > row => Some(boxes[to.0 as usize].middle()),
            Some(_) => None,
            None => column_of(self.picture, columns, to).map(|column| column.entrance(to)),
        }
    }
}

/// Whether an edge is one of the DNS.
pub(crate) fn answers(edge: &Edge) -> bool {
    matches!(edge.sort, EdgeSort::Answers | EdgeSort::StandsBy)
}

/// The names by how many others lead to them, one after the other. Names of one answer that nothing
/// leads to stand lowest, over what they lead to.
fn by_rank(picture: &Picture) -> Vec<Vec<NodeId>> {
    let among = |node: NodeId| global(picture, picture.node(node).lane);
    let nodes: Vec<NodeId> = picture.iter().map(|(id, _)| id).filter(|id| among(*id)).collect();
    let edges: Vec<&Edge> = picture.edges.iter().filter(|e| answers(e) && among(e.to) && e.from != e.to).collect();
    let mut rank = vec![0usize; picture.nodes.len()];
    // A circle would go on for ever.
    for _ in 0..nodes.len() {
        for edge in &edges {
            let below = (rank[edge.from.0 as usize] + 1).min(nodes.len());
            let to = &mut rank[edge.to.0 as usize];
            *to = (*to).max(below);
        }
    }
    let last = nodes.iter().map(|node| rank[node.0 as usize]).max().unwrap_or(0);
    let plain = |node: &NodeId| {
        let leads = picture.edges.iter().filter(|e| e.from == *node).count();
        let among = edges.iter().any(|e| e.to == *node || e.from == *node);
        !among && (leads <= 1 || picture.node(*node).sort != Sort::Name)
    };
    let last = if nodes.iter().any(plain) && !nodes.iter().all(plain) { last.max(1) } else { last };
    nodes.iter().filter(|node| plain(node)).for_each(|node| rank[node.0 as usize] = last);
    let mut ranks = vec![Vec::new(); last + 1];
    nodes.iter().for_each(|node| ranks[rank[node.0 as usize]].push(*node));
    ranks
}

/// The middles of a row's boxes: as near to their wishes as keeps them apart and between the ends.
fn apart(wishes: &[(Place, i32)], ends: (i32, i32)) -> Vec<i32> {
    let mut offsets = Vec::new();
    let mut offset = 0;
    for (at, (place, _)) in wishes.iter().enumerate() {
        if at > 0 {
            offset += (wishes[at - 1].0.w + place.w) / 2 + APART;
        }
        offsets.push(offset);
    }
    // Pools of neighbours, each with the sum of its wishes, their weight and how many they are.
    let mut pools: Vec<(i32, i32, usize)> = Vec::new();
    for ((place, wish), offset) in wishes.iter().zip(&offsets) {
        // Edges that pass want to be straight more than boxes want their places.
        let weight = if matches!(place.item, Item::Pass(_)) { 4 } else { 1 };
        let mut pool = ((wish - offset) * weight, weight, 1);
        while let Some(before) = pools.last().filter(|before| before.0 * pool.1 > pool.0 * before.1) {
            pool = (pool.0 + before.0, pool.1 + before.1, pool.2 + before.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let first = wishes.first().map_or(0, |(p, _)| p.w / 2);
    let last = wishes.last().map_or(0, |(p, _)| p.w / 2);
    let (low, high) = (ends.0 + first, (ends.1 - last - offset).max(ends.0 + first));
    let at = pools.iter().flat_map(|(sum, weight, n)| std::iter::repeat_n((sum / weight).clamp(low, high), *n));
    at.zip(offsets).map(|(at, offset)| at + offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wishes: &[i32], expected: &[i32]) {
        let place = || Place { item: Item::Card(NodeId(0)), w: 100, middle: 0 };
        let wishes: Vec<(Place, i32)> = wishes.iter().map(|wish| (place(), *wish)).collect();
        assert_eq!(apart(&wishes, (0, 1000)), expected);
    }

    #[test]
    fn boxes_that_do_not_collide_stand_where_they_wish() {
        check(&[100, 300, 900], &[100, 300, 900]);
    }

    #[test]
    fn boxes_that_collide_share_the_way() {
        check(&[300, 300], &[239, 361]);
        check(&[300, 300, 700], &[239, 361, 700]);
    }

    #[test]
    fn a_row_keeps_between_its_ends() {
        check(&[0, 0], &[50, 172]);
        check(&[1000, 1000], &[828, 950]);
    }
}
