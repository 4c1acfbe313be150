//! What is painted over what: lanes, networks, what leads from one to another, boxes.

use super::canvas::{Anchor, Canvas, Font};
use super::class;
use crate::layout::{Card, Column, End, LINE, Layout, MARGIN, PAD, PILL, Rect, Route, Track, zones_height};
use crate::picture::{Change, Count, Edge, EdgeSort, Lane, LaneSort, Node, NodeId, Picture, Sort, Zone};

const TITLE: Font = Font::new(22, true, "ink");
const SUBTITLE: Font = Font::new(13, false, "soft");
const HEADING: Font = Font::new(15, true, "ink");
const NAME: Font = Font::new(14, true, "ink");
const SMALL: Font = Font::new(12, false, "soft");
const TINY: Font = Font::new(11, false, "soft");
const KIND: Font = Font::new(11, false, "kind");

pub(super) fn paint(picture: &Picture, layout: &Layout, canvas: &mut Canvas) {
    let room = layout.width - 2 * MARGIN;
    canvas.text(TITLE, Anchor::Start, (MARGIN, 42), room, &picture.title());
    canvas.text(SUBTITLE, Anchor::Start, (MARGIN, 62), room, &subtitle(picture));
    if let Some(band) = layout.band {
        band_of(picture, layout, band, canvas);
    }
    layout.columns.iter().for_each(|column| canvas.rect("lane", column.rect, 12));
    let networks = picture.iter().filter(|(_, node)| node.sort == Sort::Network);
    networks.for_each(|(id, node)| network(node, rect(layout, id), &layout.columns, canvas));
    layout.tracks.iter().for_each(|track| peering(picture, track, canvas));
    layout.routes.iter().for_each(|route| way(&picture.edges[route.edge], picture, route, canvas));
    layout.columns.iter().for_each(|column| heading(picture, column, canvas));
    for (id, node) in picture.iter() {
        match &layout.cards[id.0 as usize] {
            Some(card) => name(picture, node, card, rect(layout, id), canvas),
            None if node.sort != Sort::Network => plain(node, rect(layout, id), canvas),
            None => {}
        }
    }
    let checked = layout.routes.iter().filter(|r| picture.edges[r.edge].check.as_ref().is_some_and(|c| c.own));
    checked
        .for_each(|route| mark(picture.edges[route.edge].check.as_ref().map_or("", |c| &c.long), route.mark, canvas));
}

fn rect(layout: &Layout, id: NodeId) -> Rect {
    layout.boxes[id.0 as usize]
}

/// `2 regions · 228 resources`, or what a plan would do.
fn subtitle(picture: &Picture) -> String {
    let regions = picture.lanes.iter().filter(|lane| lane.sort == LaneSort::Region).count();
    let resources: usize = picture.lanes.iter().map(|lane| lane.resources).sum();
    let plural = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let plan = picture.plan.map(|[create, update, replace, delete]| {
        format!(" · plan: {create} to create, {update} to update, {replace} to replace, {delete} to delete")
    });
    let plan = plan.unwrap_or_default();
    format!("{} · {}{plan}", plural(regions, "region"), plural(resources, "resource"))
}

fn band_of(picture: &Picture, layout: &Layout, band: Rect, canvas: &mut Canvas) {
    canvas.rect("lane", band, 12);
    let (x, y) = (band.x + PAD, band.y + 24);
    let wide = canvas.text(HEADING, Anchor::Start, (x, y), 200, "Global");
    let Some(lane) = picture.lanes.first() else { return };
    canvas.text(SMALL, Anchor::Start, (x + wide + 12, y), band.w - wide - 60, &said(picture, lane));
    rest(&lane.rest, &layout.band_rest, (x, y + LINE + 2), true, canvas);
}

/// The second line of a lane's heading.
fn said(picture: &Picture, lane: &Lane) -> String {
    let resources = match lane.resources {
        0 if lane.sort == LaneSort::Elsewhere => "no region is known".to_owned(),
        0 => "no resources".to_owned(),
        1 => "1 resource".to_owned(),
        n => format!("{n} resources"),
    };
    let zones = match (lane.sort, picture.zones.as_slice()) {
        (LaneSort::Global, [zone]) => format!("zone {zone} · "),
        (LaneSort::Global, [_, _, ..]) => format!("zones {} · ", picture.zones.join(", ")),
        _ => String::new(),
    };
    let wave = lane.wave.map(|wave| format!("wave {wave} · ")).unwrap_or_default();
    format!("{zones}{wave}{resources}")
}

/// Lines of counts, coloured by what a plan would do.
fn rest(counts: &[Count], lines: &[std::ops::Range<usize>], at: (i32, i32), also: bool, canvas: &mut Canvas) {
    for (i, line) in lines.iter().enumerate() {
        let mut parts = Vec::new();
        if also && i == 0 {
            parts.push((String::new(), "also ".to_owned()));
        }
        for at in line.clone() {
            let class = match counts[at].change {
                Some(Change::Create) => "c-create",
                Some(Change::Update) => "c-update",
                Some(Change::Replace | Change::Delete) => "c-delete",
                Some(Change::Same) => "c-same",
                None => "",
            };
            parts.push((class.to_owned(), counts[at].text.clone()));
            if at + 1 < counts.len() {
                parts.push((String::new(), ", ".to_owned()));
            }
        }
        // A separator at the end of a line needs no space behind it.
        if let Some((_, last)) = parts.last_mut() {
            last.truncate(last.trim_end().len());
        }
        canvas.line(SMALL, (at.0, at.1 + LINE * i as i32), &parts);
    }
}

fn heading(picture: &Picture, column: &Column, canvas: &mut Canvas) {
    let lane = &picture.lanes[column.lane.0 as usize];
    let (x, y) = (column.rect.x + PAD, column.rect.y);
    let most = column.clear() - x;
    canvas.text(HEADING, Anchor::Start, (x, y + 25), most, &lane.name);
    canvas.text(SMALL, Anchor::Start, (x, y + 43), most, &said(picture, lane));
    rest(&lane.rest, &column.rest, (x, column.rest_y), false, canvas);
}

fn sort_class(sort: Sort) -> &'static str {
    match sort {
        Sort::Name => "name",
        Sort::Balancer => "balancer",
        Sort::Endpoint => "endpoint",
        Sort::Network => "network",
        Sort::Cluster => "cluster",
        Sort::Group => "group",
        Sort::Store => "store",
    }
}

/// The tooltip of a box.
fn told(node: &Node) -> String {
    let what = match node.resources {
        0 | 1 => node.sort.name().to_owned(),
        n => format!("{} of {n} resources", node.sort.name()),
    };
    let facts = if node.facts.is_empty() { String::new() } else { format!(": {}", node.facts.join(", ")) };
    let change = node.change.map(|change| format!("\n{}", change.name())).unwrap_or_default();
    let promises: String = node.promises.iter().map(|p| format!("\n{}", p.long)).collect();
    format!("{}\n{what}{facts}{promises}{change}", node.address)
}

/// What a box is, and what a plan would do with it.
fn kind(node: &Node) -> String {
    match node.change.map_or("", Change::word) {
        "" => node.sort.name().to_owned(),
        change => format!("{} · {change}", node.sort.name()),
    }
}

fn group(node: &Node, canvas: &mut Canvas) {
    canvas.open(&format!("{}{}", sort_class(node.sort), class(node.change)), &told(node));
}

fn network(node: &Node, rect: Rect, columns: &[Column], canvas: &mut Canvas) {
    group(node, canvas);
    canvas.rect("net", rect, 10);
    let column = columns.iter().find(|column| column.lane == node.lane);
    let most = column.map_or(rect.right(), Column::clear) - rect.x - PAD;
    let (x, y) = (rect.x + PAD, rect.y);
    let wide = canvas.text(NAME, Anchor::Start, (x, y + 22), most, &node.name);
    if most - wide > 70 {
        canvas.text(KIND, Anchor::Start, (x + wide + 10, y + 22), most - wide - 10, &kind(node));
    }
    canvas.text(SMALL, Anchor::Start, (x, y + 39), most, &node.facts.join(" · "));
    zones(node, rect, canvas);
    canvas.close();
}

fn zones(network: &Node, rect: Rect, canvas: &mut Canvas) {
    let (zones, h) = (&network.zones, zones_height(network));
    let count = zones.len() as i32;
    if count == 0 {
        return;
    }
    let room = rect.w - 2 * PAD;
    let w = (room - 6 * (count - 1)) / count;
    let y = rect.bottom() - PAD - h;
    for (at, zone) in zones.iter().enumerate() {
        let x = rect.x + PAD + (w + 6) * at as i32;
        canvas.open("", &format!("{}: {}, {} NAT", zone.name, subnets(zone), zone.nats));
        canvas.rect("zone", Rect { x, y, w, h }, 6);
        let middle = x + w / 2;
        let short = w < 74;
        let letter = if short { zone.letter.clone() } else { format!("zone {}", zone.letter) };
        let subnets = if short { zone.subnets.to_string() } else { subnets(zone) };
        canvas.text(Font::new(12, true, "ink"), Anchor::Middle, (middle, y + 17), w - 4, &letter);
        canvas.text(TINY, Anchor::Middle, (middle, y + 33), w - 4, &subnets);
        if zone.nats > 0 {
            let pill = Rect { x: middle - 17, y: y + 39, w: 34, h: 16 };
            canvas.rect("nat", pill, 8);
            canvas.text(Font::new(10, true, "nat-text"), Anchor::Middle, (middle, y + 51), w - 4, "NAT");
        }
        canvas.close();
    }
}

fn subnets(zone: &Zone) -> String {
    if zone.subnets == 1 { "1 subnet".to_owned() } else { format!("{} subnets", zone.subnets) }
}

/// A box that is neither a network nor a name.
fn plain(node: &Node, rect: Rect, canvas: &mut Canvas) {
    group(node, canvas);
    canvas.rect("box", rect, 8);
    canvas.rect("bar", Rect { x: rect.x, y: rect.y + 8, w: 3, h: rect.h - 16 }, 1);
    let (x, y) = (rect.x + 12, rect.y);
    let room = rect.w - 22;
    let kind = canvas.text(KIND, Anchor::End, (rect.right() - 10, y + 21), room * 2 / 3, &kind(node));
    canvas.text(Font::new(13, true, "ink"), Anchor::Start, (x, y + 21), room - kind - 8, &node.name);
    let mut y = y + 21;
    if !node.facts.is_empty() {
        y += LINE + 1;
        canvas.text(SMALL, Anchor::Start, (x, y), room, &node.facts.join(" · "));
    }
    for certificate in &node.certificates {
        y += LINE;
        canvas.open("", &format!("{}\ncertificate for {}", certificate.address, certificate.names.join(", ")));
        lock((x, y), canvas);
        canvas.text(
            Font::new(11, false, "locked"),
            Anchor::Start,
            (x + 15, y),
            room - 15,
            &certificate.names.join(", "),
        );
        canvas.close();
    }
    canvas.close();
}

pub(super) fn lock((x, y): (i32, i32), canvas: &mut Canvas) {
    canvas.path("shackle", &format!("M{} {}v-2a2.5 2.5 0 0 1 5 0v2", x + 2, y - 6));
    canvas.rect("lock", Rect { x, y: y - 6, w: 9, h: 6 }, 1);
}

/// A name, or another box that stands among the names.
fn name(picture: &Picture, node: &Node, card: &Card, rect: Rect, canvas: &mut Canvas) {
    group(node, canvas);
    canvas.rect("box", rect, 10);
    let (x, mut y) = (rect.x + 14, rect.y);
    let room = rect.w - 28;
    let change = node.change.map_or("", Change::word);
    if !change.is_empty() {
        canvas.text(KIND, Anchor::End, (rect.right() - 14, y + 23), room, change);
    }
    canvas.text(NAME, Anchor::Start, (x, y + 23), room, &node.name);
    let facts = if node.sort == Sort::Name { node.facts.join(" · ") } else { node.said() };
    canvas.text(SMALL, Anchor::Start, (x, y + 41), room, &facts);
    y += 50;
    for promise in &node.promises {
        let (back, text, flag) =
            if promise.holds { ("holds", "holds-text", "flag") } else { ("broken", "broken-text", "torn") };
        let font = Font::new(12, true, text);
        let w = crate::measure::width(&promise.text, 12, true) + 32;
        canvas.open("", &promise.long);
        canvas.rect(back, Rect { x, y, w, h: 20 }, 10);
        canvas.path(flag, &format!("M{} {}v-11h8l-2 3 2 3h-6.5v5z", x + 9, y + 15));
        canvas.text(font, Anchor::Start, (x + 22, y + 14), room, &promise.text);
        canvas.close();
        y += PILL;
    }
    for (at, cell) in card.cells.iter().enumerate() {
        let edge = &picture.edges[cell.edge];
        let (x, y) = (rect.x + card.cell_x(at), rect.bottom() - card.cell_h - 8);
        let cell = Rect { x, y, w: cell.w, h: card.cell_h };
        canvas.open(class(edge.change).trim_start(), &edge_told(picture, edge));
        canvas.rect("cell", cell, 6);
        said_in(edge, cell, canvas);
        canvas.close();
    }
    canvas.close();
}

fn said_in(edge: &Edge, cell: Rect, canvas: &mut Canvas) {
    let mut y = cell.y + 1;
    if !edge.label.is_empty() {
        y += 16;
        canvas.text(Font::new(12, true, "ink"), Anchor::Middle, (cell.middle(), y), cell.w - 6, &edge.label);
    }
    let Some(check) = &edge.check else { return };
    y += 16;
    let room = cell.w - 6;
    if !check.own {
        canvas.text(TINY, Anchor::Middle, (cell.middle(), y), room, &check.short);
        return;
    }
    let wide = crate::measure::width(&check.short, 11, false);
    let x = cell.middle() - (wide + 15) / 2;
    canvas.path("pulse", &pulse((x + 6, y - 4)));
    canvas.text(TINY, Anchor::Start, (x + 16, y), room, &check.short);
}

/// The sign of a health check, around a point.
pub(super) fn pulse((x, y): (i32, i32)) -> String {
    format!("M{} {y}h2.5l2 -4 2.5 8 2 -4h2", x - 6)
}

pub(super) fn mark(title: &str, at: (i32, i32), canvas: &mut Canvas) {
    canvas.open("", title);
    canvas.circle("mark", at, 8);
    canvas.path("pulse", &pulse((at.0, at.1)));
    canvas.close();
}

/// The tooltip of an edge.
fn edge_told(picture: &Picture, edge: &Edge) -> String {
    let way = if edge.sort == EdgeSort::Peers { "↔" } else { "→" };
    let label = if edge.label.is_empty() { String::new() } else { format!("\n{}", edge.label) };
    let check = edge.check.as_ref().map(|check| format!("\n{}", check.long)).unwrap_or_default();
    let change = edge.change.map(|change| format!("\n{}", change.name())).unwrap_or_default();
    let (from, to) = (&picture.node(edge.from).address, &picture.node(edge.to).address);
    format!("{}\n{from} {way} {to}{label}{check}{change}", edge.address)
}

fn way(edge: &Edge, picture: &Picture, route: &Route, canvas: &mut Canvas) {
    let sort = match edge.sort {
        EdgeSort::Answers => "answers",
        EdgeSort::StandsBy => "answers by",
        EdgeSort::Forwards => "forwards",
        EdgeSort::Peers => "peers",
    };
    canvas.open(&format!("{sort}{}", class(edge.change)), &edge_told(picture, edge));
    canvas.path("wide", &route.path);
    canvas.path("line", &route.path);
    canvas.path("head", &route.head);
    canvas.close();
}

fn peering(picture: &Picture, track: &Track, canvas: &mut Canvas) {
    let edge = &picture.edges[track.edge];
    let [from, to] = track.ends;
    let side = |end: End| if end.x == end.at.0 { String::new() } else { format!("H{}", end.x) };
    let r = 6;
    let turn = if to.x > from.x { r } else { -r };
    let path = format!(
        "M{} {}{}V{}q0 {r} {turn} {r}H{}q{turn} 0 {turn} -{r}V{}H{}",
        from.at.0,
        from.at.1,
        side(from),
        track.y - r,
        to.x - turn,
        to.at.1,
        to.at.0
    );
    canvas.open(&format!("peers{}", class(edge.change)), &edge_told(picture, edge));
    canvas.path("wide", &path);
    canvas.path("line", &path);
    canvas.circle("dot", from.at, 4);
    canvas.circle("dot", to.at, 4);
    canvas.close();
}
