//! A picture as a document: lanes, nodes and edges.

use serde_json::{Value, json};
use topo_draw::{Change, Edge, EdgeSort, Lane, LaneSort, Node, Picture, Sort};

/// The document of `topo graph --json`. Nodes are known by their position.
pub(crate) fn document(picture: &Picture) -> Value {
    json!({
        "format": 1,
        "project": picture.project.as_str(),
        "env": picture.env.map(|env| env.as_str()),
        "lanes": picture.lanes.iter().map(lane).collect::<Vec<_>>(),
        "nodes": picture.nodes.iter().map(|node| self::node(picture, node)).collect::<Vec<_>>(),
        "edges": picture.edges.iter().map(edge).collect::<Vec<_>>(),
    })
}

fn lane(lane: &Lane) -> Value {
    let sort = match lane.sort {
        LaneSort::Global => "global",
        LaneSort::Region => "region",
        LaneSort::Elsewhere => "elsewhere",
    };
    let rest: Vec<Value> = lane.rest.iter().map(|c| json!({"text": c.text, "change": c.change.map(change)})).collect();
    json!({"sort": sort, "name": lane.name, "wave": lane.wave, "resources": lane.resources, "rest": rest})
}

fn node(picture: &Picture, node: &Node) -> Value {
    let zones: Vec<Value> = node
        .zones
        .iter()
        .map(|zone| json!({"name": zone.name, "subnets": zone.subnets, "nat_gateways": zone.nats}))
        .collect();
    let certificates: Vec<Value> =
        node.certificates.iter().map(|c| json!({"address": c.address, "names": c.names})).collect();
    let objectives: Vec<Value> = node
        .promises
        .iter()
        .map(|p| json!({"name": p.objective, "proved": p.holds, "text": p.text, "because": p.long}))
        .collect();
    json!({
        "sort": sort(node.sort),
        "name": node.name,
        "address": node.address,
        "lane": picture.lanes[node.lane.0 as usize].name,
        "network": node.within.map(|network| network.0),
        "facts": node.facts,
        "zones": zones,
        "certificates": certificates,
        "objectives": objectives,
        "resources": node.resources,
        "change": node.change.map(change),
    })
}

fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Name => "name",
        Sort::Balancer => "load_balancer",
        Sort::Endpoint => "endpoint",
        Sort::Network => "network",
        Sort::Cluster => "cluster",
        Sort::Group => "group",
        Sort::Store => "database",
    }
}

fn edge(edge: &Edge) -> Value {
    let sort = match edge.sort {
        EdgeSort::Answers => "answers",
        EdgeSort::StandsBy => "stands_by",
        EdgeSort::Forwards => "forwards",
        EdgeSort::Peers => "peers",
    };
    json!({
        "from": edge.from.0,
        "to": edge.to.0,
        "sort": sort,
        "when": edge.label,
        "check": edge.check.as_ref().map(|check| &check.long),
        "address": edge.address,
        "change": edge.change.map(change),
    })
}

fn change(change: Change) -> &'static str {
    match change {
        Change::Same => "none",
        other => other.name(),
    }
}
