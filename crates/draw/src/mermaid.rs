//! A picture as Mermaid draws it, in pages and pull requests.

use crate::picture::{Change, Edge, EdgeSort, LaneSort, Node, NodeId, Picture, Sort};

/// The picture in Mermaid's language: a subgraph for every lane.
pub fn mermaid(picture: &Picture) -> String {
    let mut out = String::from("flowchart TB\n");
    for (id, lane) in picture.lanes() {
        let members: Vec<(NodeId, &Node)> = picture.of_lane(id).collect();
        if members.is_empty() {
            continue;
        }
        let inside = lane.sort != LaneSort::Global;
        if inside {
            out.push_str(&format!("  subgraph r{}[\"{}\"]\n", id.0, escaped(&lane.name)));
        }
        let indent = if inside { "    " } else { "  " };
        for (id, node) in members {
            let (open, close) = match node.sort {
                Sort::Name => ("([", "])"),
                Sort::Network => ("[[", "]]"),
                Sort::Store => ("[(", ")]"),
                _ => ("[", "]"),
            };
            let class = node.change.map(|change| format!(":::{}", change.name())).unwrap_or_default();
            let label = lines(&label(node, "\n"));
            out.push_str(&format!("{indent}n{}{open}\"{label}\"{close}{class}\n", id.0));
        }
        if inside {
            out.push_str("  end\n");
        }
    }
    out.extend(picture.edges.iter().map(edge));
    if picture.plan.is_some() {
        let changes = picture.edges.iter().enumerate().filter_map(|(at, edge)| Some((at, edge.change?)));
        out.extend(changes.map(|(at, change)| format!("  linkStyle {at} {}\n", look(change))));
        out.extend([Change::Create, Change::Update, Change::Replace, Change::Delete, Change::Same].map(class));
    }
    out
}

fn class(change: Change) -> String {
    format!("  classDef {} {}\n", change.name(), look(change))
}

fn look(change: Change) -> &'static str {
    match change {
        Change::Create => "stroke:#1a7f37,stroke-width:2px",
        Change::Update => "stroke:#bf8700,stroke-width:2px",
        Change::Replace | Change::Delete => "stroke:#cf222e,stroke-width:2px",
        Change::Same => "stroke:#8c959f,stroke-dasharray:4 3",
    }
}

fn edge(edge: &Edge) -> String {
    let label = lines(&edge_label(edge, "\n"));
    let arrow = match edge.sort {
        EdgeSort::Peers => "<-->",
        EdgeSort::StandsBy => "-.->",
        EdgeSort::Answers | EdgeSort::Forwards => "-->",
    };
    let label = if label.is_empty() { String::new() } else { format!("|\"{label}\"|") };
    format!("  n{} {arrow}{label} n{}\n", edge.from.0, edge.to.0)
}

/// What a box says, line by line.
pub(crate) fn label(node: &Node, line: &str) -> String {
    let mut lines = vec![node.name.clone()];
    lines.push(if node.sort == Sort::Name { node.facts.join(", ") } else { node.said() });
    lines.extend(node.promises.iter().map(|promise| promise.text.clone()));
    let nats: usize = node.zones.iter().filter(|zone| zone.nats > 0).count();
    match node.zones.len() {
        0 => {}
        1 => lines.push(format!("1 zone, {}", if nats > 0 { "NAT" } else { "no NAT" })),
        zones if nats == 0 => lines.push(format!("{zones} zones, no NAT")),
        zones if nats == zones => lines.push(format!("{zones} zones, NAT in each")),
        zones => lines.push(format!("{zones} zones, NAT in {nats} of them")),
    }
    lines.extend(node.certificates.iter().map(|c| format!("certificate for {}", c.names.join(", "))));
    lines.retain(|line| !line.is_empty());
    lines.join(line)
}

/// When an edge is taken.
pub(crate) fn edge_label(edge: &Edge, line: &str) -> String {
    if edge.sort == EdgeSort::Peers {
        return "peering".to_owned();
    }
    let check = edge.check.as_ref().map(|check| check.short.clone());
    let lines: Vec<String> =
        [Some(edge.label.clone()), check].into_iter().flatten().filter(|t| !t.is_empty()).collect();
    lines.join(line)
}

fn lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("<br/>")
}

/// Mermaid reads labels as HTML, and a quote ends them.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '&' => out.push_str("#amp;"),
            '`' => out.push_str("#96;"),
            c => out.push(c),
        }
    }
    out
}
