//! A picture as SVG: one file with its own colours for light and dark, no fonts, no scripts.
//!
//! What a box or an edge is stands in its `title`, which browsers show under the pointer and readers
//! of screens read out. Everything that comes from a program is escaped by [`canvas`].

mod canvas;
mod legend;
mod paint;
mod style;

use crate::picture::{Change, LaneSort, Picture, Sort};
use canvas::Canvas;

/// A text as it stands in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it says.
    pub text: String,
    /// The left end of its box.
    pub x: i32,
    /// The upper end.
    pub y: i32,
    /// How wide it is at most.
    pub width: i32,
    /// How high.
    pub height: i32,
}

/// The picture as an SVG document.
pub fn svg(picture: &Picture) -> String {
    let (canvas, width, height) = painted(picture);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n"
    );
    out.push_str(&format!("<title id=\"title\">{}</title>\n", canvas::escaped(&picture.title())));
    out.push_str(&format!("<desc id=\"desc\">{}</desc>\n", canvas::escaped(&description(picture))));
    out.push_str(&format!("<style>\n{}</style>\n", style::STYLE));
    out.push_str(&format!("<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n"));
    out.push_str(&canvas.into_text());
    out.push_str("</svg>\n");
    out
}

/// Every text of the picture with the room that it takes: none meets another.
pub fn labels(picture: &Picture) -> Vec<Label> {
    painted(picture).0.labels
}

fn painted(picture: &Picture) -> (Canvas, i32, i32) {
    let layout = crate::layout::layout(picture);
    let mut canvas = Canvas::default();
    paint::paint(picture, &layout, &mut canvas);
    let bottom = legend::legend(picture, &layout, &mut canvas);
    (canvas, layout.width, bottom + crate::layout::MARGIN)
}

/// The picture in words.
fn description(picture: &Picture) -> String {
    let mut said = Vec::new();
    for (at, name) in picture.iter().filter(|(_, node)| node.sort == Sort::Name) {
        let leads: Vec<String> = picture
            .edges
            .iter()
            .filter(|e| e.from == at)
            .map(|e| match e.label.as_str() {
                "" => picture.node(e.to).name.clone(),
                label => format!("{} ({label})", picture.node(e.to).name),
            })
            .collect();
        said.push(format!("{} leads to {}.", name.name, leads.join(", ")));
    }
    for (id, lane) in picture.lanes().filter(|(_, lane)| lane.sort == LaneSort::Region) {
        let boxes: Vec<String> = picture.of_lane(id).map(|(_, n)| format!("{} {}", n.sort.name(), n.name)).collect();
        let boxes = if boxes.is_empty() { String::new() } else { format!(": {}", boxes.join(", ")) };
        said.push(format!("Region {}{boxes}.", lane.name));
    }
    said.join(" ")
}

/// The class of what a plan would do.
fn class(change: Option<Change>) -> &'static str {
    match change {
        None => "",
        Some(Change::Create) => " create",
        Some(Change::Update) => " update",
        Some(Change::Replace | Change::Delete) => " delete",
        Some(Change::Same) => " same",
    }
}
