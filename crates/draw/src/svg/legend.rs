//! The legend: what the picture shows, and nothing that it doesn't.

use super::canvas::{Anchor, Canvas, Font};
use super::paint::{lock, mark};
use crate::layout::{Layout, MARGIN, Rect};
use crate::measure::width;
use crate::picture::{Change, EdgeSort, Picture, Sort};

/// A sign and what it means.
struct Entry {
    sign: Sign,
    text: &'static str,
}

enum Sign {
    /// A box of a class.
    Box(&'static str),
    /// A line of a class.
    Line(&'static str),
    Check,
    Lock,
    Flag,
}

const FONT: Font = Font::new(12, false, "soft");
/// The room of a sign.
const SIGN: i32 = 30;
const LINE: i32 = 22;

/// Paints the legend and gives where it ends.
pub(super) fn legend(picture: &Picture, layout: &Layout, canvas: &mut Canvas) -> i32 {
    let (mut x, mut y) = (MARGIN, layout.legend);
    for entry in entries(picture) {
        let wide = SIGN + width(entry.text, FONT.size, false) + 22;
        if x > MARGIN && x + wide - 22 > layout.width - MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        sign(&entry.sign, (x, y), canvas);
        canvas.text(FONT, Anchor::Start, (x + SIGN, y + 4), wide, entry.text);
        x += wide;
    }
    y + 8
}

fn sign(sign: &Sign, (x, y): (i32, i32), canvas: &mut Canvas) {
    match sign {
        Sign::Box(class) => {
            canvas.open(class, "");
            canvas.rect("box", Rect { x, y: y - 7, w: 22, h: 14 }, 4);
            canvas.close();
        }
        Sign::Line(class) => {
            canvas.open(class, "");
            canvas.path("line", &format!("M{x} {y}h22"));
            if !class.starts_with("peers") {
                canvas.path("head", &format!("M{} {y}l-6 -4v8z", x + 24));
            } else {
                canvas.circle("dot", (x + 2, y), 3);
                canvas.circle("dot", (x + 21, y), 3);
            }
            canvas.close();
        }
        Sign::Check => mark("", (x + 12, y), canvas),
        Sign::Lock => lock((x + 8, y + 5), canvas),
        Sign::Flag => canvas.path("flag", &format!("M{} {}v-11h8l-2 3 2 3h-6.5v5z", x + 9, y + 6)),
    }
}

fn entries(picture: &Picture) -> Vec<Entry> {
    let mut all = Vec::new();
    let mut add = |shown: bool, sign: Sign, text: &'static str| {
        if shown {
            all.push(Entry { sign, text });
        }
    };
    let sort = |sort: Sort| picture.nodes.iter().any(|node| node.sort == sort);
    let edge = |sort: EdgeSort| picture.edges.iter().any(|edge| edge.sort == sort);
    if picture.plan.is_none() {
        add(sort(Sort::Name), Sign::Box("name"), "name");
        add(sort(Sort::Endpoint), Sign::Box("endpoint"), "endpoint");
        add(sort(Sort::Balancer), Sign::Box("balancer"), "load balancer");
        add(sort(Sort::Network), Sign::Box("network"), "network");
        add(sort(Sort::Cluster) || sort(Sort::Group), Sign::Box("cluster"), "cluster");
        add(sort(Sort::Store), Sign::Box("store"), "database");
    } else {
        let is = |wanted: &[Change]| {
            let changes = picture.nodes.iter().map(|n| n.change).chain(picture.edges.iter().map(|e| e.change));
            let counted = picture.lanes.iter().flat_map(|lane| lane.rest.iter().map(|count| count.change));
            changes.chain(counted).flatten().any(|change| wanted.contains(&change))
        };
        add(is(&[Change::Create]), Sign::Box("create"), "created");
        add(is(&[Change::Update]), Sign::Box("update"), "updated, or parts of it changed");
        add(is(&[Change::Replace, Change::Delete]), Sign::Box("delete"), "deleted or replaced");
        add(is(&[Change::Same]), Sign::Box("same"), "unchanged");
    }
    add(edge(EdgeSort::Answers), Sign::Line("answers"), "is answered by");
    add(edge(EdgeSort::StandsBy), Sign::Line("answers by"), "stands by");
    add(edge(EdgeSort::Forwards), Sign::Line("forwards"), "forwards to");
    add(edge(EdgeSort::Peers), Sign::Line("peers"), "peering");
    let checked = picture.edges.iter().any(|edge| edge.check.as_ref().is_some_and(|check| check.own));
    add(checked, Sign::Check, "health check: failures in a row × interval");
    add(picture.nodes.iter().any(|node| !node.certificates.is_empty()), Sign::Lock, "certificate");
    add(
        picture.nodes.iter().any(|node| !node.promises.is_empty()),
        Sign::Flag,
        "objective: proved bound ≤ promised time",
    );
    all
}
