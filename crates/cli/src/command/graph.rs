//! `topo graph`: the topology as a drawing, a box for every region.

use topo_model::{Desired, ResId, Symbol, value::quoted};

use crate::args::{GraphFormat, Reads};
use crate::command::Result;
use crate::exit::Exit;
use crate::output::Output;
use crate::project::Project;

/// Prints the drawing.
pub(crate) fn run(reads: &Reads, format: GraphFormat, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let env = project.environment_of_program(&reads.options, output)?;
    let desired = project.desired(env, output)?.desired;
    output.result(&match format {
        GraphFormat::Dot => dot(&desired),
        GraphFormat::Mermaid => mermaid(&desired),
    });
    Ok(Exit::Done)
}

/// The resources by region: the global ones first, then as the program names the regions.
fn clusters(desired: &Desired) -> Vec<(Option<Symbol>, Vec<ResId>)> {
    let mut clusters: Vec<(Option<Symbol>, Vec<ResId>)> = vec![(None, Vec::new())];
    clusters.extend(desired.regions.iter().map(|r| (Some(*r), Vec::new())));
    for (id, resource) in desired.iter() {
        match clusters.iter_mut().find(|(region, _)| *region == resource.region) {
            Some((_, members)) => members.push(id),
            None => clusters.push((resource.region, vec![id])),
        }
    }
    clusters.retain(|(_, members)| !members.is_empty());
    clusters
}

/// Every edge once: what comes first, then what needs it.
fn edges(desired: &Desired) -> Vec<(ResId, ResId)> {
    let mut edges = Vec::new();
    for (id, resource) in desired.iter() {
        let start = edges.len();
        resource.for_each_dependency(&mut |before| edges.push((before, id)));
        edges[start..].sort();
    }
    edges.dedup();
    edges
}

fn short_kind(desired: &Desired, id: ResId) -> &'static str {
    let name = desired.kind(desired.resource(id)).name.as_str();
    name.split_once('.').map_or(name, |(_, rest)| rest)
}

fn dot(desired: &Desired) -> String {
    let mut out =
        format!("digraph {} {{\n  rankdir = LR\n  node [shape = box]\n", quoted(desired.project.name.as_str()));
    for (at, (region, members)) in clusters(desired).iter().enumerate() {
        let indent = if region.is_some() { "    " } else { "  " };
        if let Some(region) = region {
            out.push_str(&format!("  subgraph cluster_{at} {{\n    label = {}\n", quoted(region.as_str())));
        }
        for id in members {
            let label = dot_quoted(&format!("{}\n{}", desired.address(*id), short_kind(desired, *id)));
            out.push_str(&format!("{indent}n{} [label = {label}]\n", id.0));
        }
        if region.is_some() {
            out.push_str("  }\n");
        }
    }
    out.extend(edges(desired).iter().map(|(before, after)| format!("  n{} -> n{}\n", before.0, after.0)));
    out.push_str("}\n");
    out
}

/// Graphviz knows only these escapes.
fn dot_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn mermaid(desired: &Desired) -> String {
    let mut out = String::from("flowchart LR\n");
    for (region, members) in clusters(desired) {
        let indent = if region.is_some() { "    " } else { "  " };
        if let Some(region) = region {
            out.push_str(&format!("  subgraph {region}\n"));
        }
        for id in members {
            // Quotes end a label, and a key may hold some.
            let address = desired.address(id).replace('"', "#quot;");
            out.push_str(&format!("{indent}n{}[\"{address}<br/>{}\"]\n", id.0, short_kind(desired, id)));
        }
        if region.is_some() {
            out.push_str("  end\n");
        }
    }
    out.extend(edges(desired).iter().map(|(before, after)| format!("  n{} --> n{}\n", before.0, after.0)));
    out
}
