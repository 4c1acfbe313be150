//! Where things go. Whole pixels throughout, so that the same picture is the same text everywhere.
//!
//! What is global lies on top, with the names in rows: those that clients ask for first, what they
//! lead to below. Under it stand the regions side by side, each with its entrances on top, its
//! networks in the middle, and what no box stands for at the bottom. Peerings run in tracks below the
//! networks. See the crate's page on why no library does this.

mod card;
mod column;
mod route;
mod rows;
mod tracks;

pub(crate) use card::{Card, PILL, card};
pub(crate) use column::{Column, zones_height};
pub(crate) use route::Route;
pub(crate) use tracks::{End, Track};

use crate::picture::{LaneId, LaneSort, NodeId, Picture};

/// The margin of the picture.
pub(crate) const MARGIN: i32 = 24;
/// The space inside lanes and networks.
pub(crate) const PAD: i32 = 14;
/// The space that the title takes.
const TITLE: i32 = 80;
/// The heading of the band of what is global, without its counts.
const BAND: i32 = 34;
/// A line of small text.
pub(crate) const LINE: i32 = 17;
/// Between rows of names: room for the edges to turn.
const ROWS: i32 = 62;
/// Between what is global and the regions.
const BELOW: i32 = 44;
/// Between lanes.
const GAP: i32 = 18;
/// The narrowest picture.
const NARROW: i32 = 720;
/// How wide a lane may grow to fill a picture.
const WIDEST: i32 = 440;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rect {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) w: i32,
    pub(crate) h: i32,
}

impl Rect {
    pub(crate) fn right(self) -> i32 {
        self.x + self.w
    }

    pub(crate) fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub(crate) fn middle(self) -> i32 {
        self.x + self.w / 2
    }
}

/// A picture with everything in its place.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) width: i32,
    /// Where the legend begins.
    pub(crate) legend: i32,
    /// What is global; none where nothing is.
    pub(crate) band: Option<Rect>,
    /// The lines of the band's counts, as ranges of them.
    pub(crate) band_rest: Vec<std::ops::Range<usize>>,
    pub(crate) columns: Vec<Column>,
    /// By node.
    pub(crate) boxes: Vec<Rect>,
    /// By node; of names only.
    pub(crate) cards: Vec<Option<Card>>,
    pub(crate) routes: Vec<Route>,
    pub(crate) tracks: Vec<Track>,
}

/// Puts everything in its place.
pub(crate) fn layout(picture: &Picture) -> Layout {
    let mut columns: Vec<Column> = picture.lanes().filter_map(|(id, _)| Column::new(picture, id)).collect();
    let gaps = GAP * (columns.len() as i32 - 1).max(0);
    let natural: i32 = columns.iter().map(|c| c.rect.w).sum::<i32>() + gaps;
    let cards: Vec<Option<Card>> =
        picture.iter().map(|(id, node)| global(picture, node.lane).then(|| card(picture, id))).collect();
    let mut rows = rows::Rows::new(picture, &cards, natural.max(NARROW));
    let width = natural.max(rows.width() + 2 * PAD).max(NARROW);
    spread(&mut columns, width, natural);

    let mut boxes = vec![Rect::default(); picture.nodes.len()];
    let shown = picture.lanes.first().map(texts).unwrap_or_default();
    let band_rest = crate::measure::wrap(&shown, ", ", 12, width - 2 * PAD - ALSO);
    let has_band = !rows.is_empty() || !shown.is_empty();
    let mut y = TITLE;
    let band = has_band.then(|| {
        let top = y + BAND + LINE * band_rest.len() as i32 + if rows.is_empty() { 0 } else { 16 };
        rows.place(&columns, &cards, (MARGIN + PAD, MARGIN + width - PAD), top, &mut boxes);
        let bottom = rows.bottom().unwrap_or(top) + PAD;
        let rect = Rect { x: MARGIN, y, w: width, h: bottom - y };
        y = bottom + BELOW;
        rect
    });
    for column in &mut columns {
        column.place(picture, y, &mut boxes);
    }
    let middle = columns.iter().map(|c| c.middle).max().unwrap_or(y);
    let tracks = tracks::tracks(picture, &columns, &boxes, middle);
    let below = tracks.iter().map(|t| t.y).max().map_or(middle, |y| y + 16);
    columns.iter_mut().for_each(|column| column.finish(picture, below, &mut boxes));
    let bottom = columns.iter().map(|c| c.rect.bottom()).max().unwrap_or(y - BELOW);
    columns.iter_mut().for_each(|column| column.rect.h = bottom - column.rect.y);
    let routes = route::routes(picture, &rows, &columns, &cards, &boxes);
    Layout { width: width + 2 * MARGIN, legend: bottom + 26, band, band_rest, columns, boxes, cards, routes, tracks }
}

/// The room of the word before counts.
pub(crate) const ALSO: i32 = 34;

/// The counts of a lane, as texts.
pub(crate) fn texts(lane: &crate::picture::Lane) -> Vec<String> {
    lane.rest.iter().map(|count| count.text.clone()).collect()
}

/// Whether a lane is that of what is global.
pub(crate) fn global(picture: &Picture, lane: LaneId) -> bool {
    picture.lanes[lane.0 as usize].sort == LaneSort::Global
}

/// Gives lanes what is left of the width, and puts them in the middle.
fn spread(columns: &mut [Column], width: i32, natural: i32) {
    let wide = columns.iter().filter(|c| !c.slim).count() as i32;
    let each = if wide == 0 { 0 } else { (width - natural) / wide };
    let grow = |column: &Column| if column.slim { 0 } else { each.min((WIDEST - column.rect.w).max(0)) };
    let total: i32 = columns.iter().map(|c| c.rect.w + grow(c)).sum::<i32>() + GAP * (columns.len() as i32 - 1).max(0);
    let mut x = MARGIN + (width - total) / 2;
    for column in columns {
        column.rect.w += grow(column);
        column.rect.x = x;
        x = column.rect.right() + GAP;
    }
}

/// The column of a node.
pub(crate) fn column_of<'c>(picture: &Picture, columns: &'c [Column], node: NodeId) -> Option<&'c Column> {
    columns.iter().find(|column| column.lane == picture.node(node).lane)
}
