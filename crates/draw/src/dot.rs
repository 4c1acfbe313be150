//! A picture as Graphviz draws it.

use crate::picture::{Change, Edge, EdgeSort, LaneSort, Node, NodeId, Picture, Sort};

/// The picture in Graphviz' language: a cluster for every lane.
pub fn dot(picture: &Picture) -> String {
    let mut out = format!("digraph {} {{\n", quote(&picture.title()));
    out.push_str("  rankdir = TB\n  node [shape = box, style = rounded]\n");
    for (at, (id, lane)) in picture.lanes().enumerate() {
        let members: Vec<(NodeId, &Node)> = picture.of_lane(id).collect();
        if members.is_empty() {
            continue;
        }
        // Clusters would draw the names below each other.
        let (indent, close) = if lane.sort == LaneSort::Global { ("  ", "") } else { ("    ", "  }\n") };
        if !close.is_empty() {
            out.push_str(&format!("  subgraph cluster_{at} {{\n    label = {}\n", quote(&lane.name)));
        }
        for (id, node) in members {
            let label = quote(&crate::mermaid::label(node, "\n"));
            out.push_str(&format!("{indent}n{} [label = {label}{}]\n", id.0, look(node)));
        }
        out.push_str(close);
    }
    out.extend(picture.edges.iter().map(edge));
    out.push_str("}\n");
    out
}

fn look(node: &Node) -> String {
    let shape = match node.sort {
        Sort::Name => ", shape = oval",
        Sort::Network => ", shape = box3d",
        Sort::Store => ", shape = cylinder",
        _ => "",
    };
    let color = node.change.map(|change| format!(", color = {}", color(change))).unwrap_or_default();
    let style = if node.change == Some(Change::Same) { ", style = \"rounded,dashed\"" } else { "" };
    format!("{shape}{color}{style}")
}

fn color(change: Change) -> &'static str {
    match change {
        Change::Create => "forestgreen",
        Change::Update => "darkorange",
        Change::Replace | Change::Delete => "red",
        Change::Same => "gray",
    }
}

fn edge(edge: &Edge) -> String {
    let mut attributes: Vec<String> = Vec::new();
    let label = crate::mermaid::edge_label(edge, "\n");
    if !label.is_empty() {
        attributes.push(format!("label = {}", quote(&label)));
    }
    match edge.sort {
        EdgeSort::Peers => attributes.push("dir = both, constraint = false".to_owned()),
        EdgeSort::StandsBy => attributes.push("style = dashed".to_owned()),
        EdgeSort::Answers | EdgeSort::Forwards => {}
    }
    attributes.extend(edge.change.map(|change| format!("color = {}", color(change))));
    let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
    format!("  n{} -> n{}{attributes}\n", edge.from.0, edge.to.0)
}

/// Graphviz knows only these escapes.
fn quote(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
