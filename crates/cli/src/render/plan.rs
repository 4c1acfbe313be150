//! A plan as people read it: by wave and region, in the program's order, unchanged
//! resources folded, ending in the counts.

use topo_model::Symbol;
use topo_plan::{Action, Node, NodeId, Plan, Summary, Wave};

use crate::render::change::{self, View};
use crate::render::{count, diff, listed, value, wrapped};
use crate::style::{self, paint};

/// The counts alone.
pub(crate) fn brief(plan: &Plan) -> String {
    format!("{}{}", frozen(plan).trim_start(), verdict(plan))
}

/// The whole plan.
pub(crate) fn all(view: View<'_>) -> String {
    let plan = view.plan;
    let mut out = head(view);
    let groups = groups(plan);
    let waves = plan.waves.len() > 1;
    let mut current = None;
    for group in &groups {
        if waves && current != Some(group.wave) {
            out.push_str(&wave_heading(group.wave, plan));
            current = Some(group.wave);
        }
        out.push_str(&format!("\n  {}\n", paint(style::HEAD, region_name(group.region))));
        for node in &group.nodes {
            for line in change::lines(node, view) {
                out.push_str(&line);
                out.push('\n');
            }
        }
    }
    out.push_str(&frozen(plan));
    out.push_str(&checks(plan));
    out.push_str(&outputs(view));
    if !groups.is_empty() || !plan.frozen.is_empty() || plan.outputs_changed {
        out.push('\n');
    }
    out.push_str(&unchanged(view));
    out.push_str(&verdict(plan));
    out
}

/// What a region is called; resources in none are global.
pub(crate) fn region_name(region: Option<Symbol>) -> &'static str {
    region.map_or("global", Symbol::as_str)
}

/// What the plan is of: `two_regions (production) on the sandbox`.
pub(crate) fn subject(plan: &Plan) -> String {
    named(plan.project, plan.env, plan.cloud)
}

/// An environment of a project in its cloud.
pub(crate) fn named(project: Symbol, env: Option<Symbol>, cloud: Symbol) -> String {
    let env = env.map(|env| format!(" ({env})")).unwrap_or_default();
    let cloud = if cloud == "sandbox" { "the sandbox".to_owned() } else { cloud.to_string() };
    format!("{project}{env} on {cloud}")
}

fn head(view: View<'_>) -> String {
    let plan = view.plan;
    let mut out = format!("{}\n", paint(style::HEAD, subject(plan)));
    for (name, given) in &plan.inputs {
        out.push_str(&format!("  input {name} = {}\n", value::inline(given, plan)));
    }
    for allowed in view.allowed {
        let text = format!("{}: {}", allowed.code, allowed.message);
        let lines = wrapped(&text, "", "", view.width.saturating_sub(10));
        for (at, line) in lines.iter().enumerate() {
            let word = if at == 0 { paint(style::WARNING, "allowed") } else { " ".repeat(7) };
            out.push_str(&format!("  {word} {line}\n"));
        }
    }
    out
}

/// How many resources are named in a list that only points them out.
const NAMED: usize = 3;

/// The changing nodes of one region within one wave.
struct Group<'a> {
    wave: u32,
    region: Option<Symbol>,
    nodes: Vec<&'a Node>,
}

/// Waves in their order; in a wave the global resources first, then the regions in the
/// order the program names them.
fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let mut order: Vec<Option<Symbol>> = vec![None];
    for region in plan.waves.iter().flat_map(|w| &w.regions).copied().chain(plan.nodes.iter().filter_map(|n| n.region))
    {
        if !order.contains(&Some(region)) {
            order.push(Some(region));
        }
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for node in plan.nodes.iter().filter(|n| shown(n)) {
        match groups.iter_mut().find(|g| g.wave == node.wave && g.region == node.region) {
            Some(group) => group.nodes.push(node),
            None => groups.push(Group { wave: node.wave, region: node.region, nodes: vec![node] }),
        }
    }
    groups.sort_by_key(|g| (g.wave, order.iter().position(|r| *r == g.region)));
    groups
}

fn shown(node: &Node) -> bool {
    let deposed = node.detail.as_ref().is_some_and(|d| !d.deposed.is_empty());
    node.action != Action::None || deposed
}

fn wave_heading(wave: u32, plan: &Plan) -> String {
    let Some(Wave { regions, bake, gate, approve, pushed, .. }) = plan.waves.get(wave as usize) else {
        return String::new();
    };
    let names: Vec<&str> = regions.iter().map(|r| r.as_str()).collect();
    let mut after = Vec::new();
    if *approve && plan.steps.iter().any(|s| s.wave < wave) {
        after.push("asks before it starts".to_owned());
    }
    // Nothing waits for a wave in which nothing is done.
    if plan.steps.iter().any(|s| s.wave > wave) {
        if *bake > 0 {
            after.push(format!("then waits {}", topo_model::Value::Duration(*bake)));
        }
        if let Some(gate) = gate {
            after.push(format!("then looks at the {gate}"));
        }
    }
    let mut out = format!("\n{}", paint(style::HEAD, format!("Wave {}: {}", wave + 1, listed(&names))));
    if !after.is_empty() {
        out.push_str(&paint(style::QUIET, format!("  ({})", after.join(", "))));
    }
    out.push('\n');
    let pushed: Vec<&str> = addresses(pushed, plan);
    if !pushed.is_empty() {
        let more = pushed.len().saturating_sub(NAMED);
        let more = (more > 0).then(|| format!("{more} more"));
        let named: Vec<&str> = pushed.iter().copied().take(NAMED).chain(more.as_deref()).collect();
        out.push_str(&paint(style::QUIET, format!("  here for what they depend on: {}", listed(&named))));
        out.push('\n');
    }
    out
}

fn addresses<'a>(nodes: &[NodeId], plan: &'a Plan) -> Vec<&'a str> {
    nodes.iter().filter_map(|n| plan.nodes.get(n.0 as usize)).map(|n| n.address.as_str()).collect()
}

/// Regions that can't be reached, and what is left as it is for it.
fn frozen(plan: &Plan) -> String {
    let mut out = String::new();
    for frozen in &plan.frozen {
        let region = frozen.region.map_or("the global services", Symbol::as_str);
        out.push_str(&format!(
            "\n{} {region} can't be reached, and is left as it is: {}\n",
            paint(style::WARNING, "Frozen:"),
            frozen.error
        ));
        let nodes = addresses(&frozen.nodes, plan);
        if !nodes.is_empty() {
            out.push_str(&format!("  {} not planned:\n", count(nodes.len(), "resource")));
        }
        out.extend(nodes.iter().map(|address| format!("    {address}\n")));
    }
    out
}

/// What can be told only during the apply.
fn checks(plan: &Plan) -> String {
    match plan.checks.len() {
        0 => String::new(),
        n => paint(style::QUIET, format!("\n{} known only during the apply\n", count(n, "check"))),
    }
}

fn outputs(view: View<'_>) -> String {
    if !view.plan.outputs_changed {
        return String::new();
    }
    let mut out = format!("\n{}\n", paint(style::HEAD, "Outputs"));
    for name in view.recorded.iter().map(|(name, _)| name).filter(|name| gone(*name, view.plan)) {
        out.push_str(&format!("    - {name}\n"));
    }
    for (name, value) in view.plan.outputs.iter().filter(|(name, value)| view.recorded.get(*name) != Some(value)) {
        let lines = value::lines(value, view.plan, view.width.saturating_sub(name.as_str().len() + 7));
        for (i, line) in lines.iter().enumerate() {
            out.push_str(&if i == 0 { format!("    {name} = {line}\n") } else { format!("    {line}\n") });
        }
    }
    out
}

fn gone(name: Symbol, plan: &Plan) -> bool {
    plan.outputs.iter().all(|(known, _)| *known != name)
}

fn unchanged(view: View<'_>) -> String {
    let plan = view.plan;
    // Frozen ones are not known to be unchanged.
    let frozen: std::collections::BTreeSet<NodeId> = plan.frozen.iter().flat_map(|f| f.nodes.iter().copied()).collect();
    let same = (0..).map(NodeId).zip(&plan.nodes).filter(|(id, n)| !shown(n) && !frozen.contains(id)).map(|(_, n)| n);
    if view.verbose {
        let lines = same.map(|n| format!("      {}  {}\n", n.address, paint(style::QUIET, "unchanged")));
        return lines.collect();
    }
    diff::folded(same.count(), "resource", "resources").map(|line| line + "\n").unwrap_or_default()
}

/// Whether the plan changes anything.
pub(crate) fn has_changes(plan: &Plan) -> bool {
    !plan.steps.is_empty() || plan.outputs_changed
}

fn verdict(plan: &Plan) -> String {
    if has_changes(plan) {
        format!("{} {}.\n", paint(style::HEAD, "Plan:"), counts(&plan.summary, "to "))
    } else if plan.frozen.is_empty() {
        format!("{} The cloud is as the program says.\n", paint(style::HEAD, "No changes."))
    } else {
        format!("{} What can be reached is as the program says.\n", paint(style::HEAD, "No changes."))
    }
}

/// Whether resources would change, or might, that are left as they are for a region that
/// can't be reached.
pub(crate) fn leaves(plan: &Plan) -> bool {
    plan.frozen.iter().any(|f| !f.nodes.is_empty())
}

/// `12 to create, 1 to update, 0 to replace, 0 to delete`, the rarer ones where there are any.
pub(crate) fn counts(summary: &Summary, to: &str) -> String {
    let name = |verb: &str, done: &str| if to.is_empty() { done.to_owned() } else { format!("{to}{verb}") };
    let mut out = vec![
        format!("{} {}", summary.create, name("create", "created")),
        format!("{} {}", summary.update, name("update", "updated")),
        format!("{} {}", summary.replace, name("replace", "replaced")),
        format!("{} {}", summary.delete, name("delete", "deleted")),
    ];
    let rare = [
        (summary.moved, "move", "moved"),
        (summary.import, "import", "imported"),
        (summary.forget, "forget", "forgotten"),
    ];
    out.extend(rare.into_iter().filter(|(n, ..)| *n > 0).map(|(n, verb, done)| format!("{n} {}", name(verb, done))));
    out.join(", ")
}

#[cfg(test)]
mod tests;
