//! What became of an apply: what was done, what was not, the command that goes on.

use topo_exec::{Outcome, Report};
use topo_plan::Plan;

use crate::render::{count, plan};
use crate::style::{self, paint};

/// How many resources are named of those that only come later.
const FEW: usize = 5;

/// The report, with the command that goes on where the apply did not come to its end.
pub(crate) fn all(report: &Report, made: &Plan, go_on: &str, took: u64) -> String {
    let mut out = String::new();
    for (step, error) in &report.failed {
        let address = address(*step, made);
        out.push_str(&format!("{} {address}: {error}\n", paint(style::ERROR, "failed")));
    }
    for (code, text) in &report.checks {
        out.push_str(&format!("{} {text} [{}]\n", paint(style::ERROR, "check"), topo_model::Code(*code)));
    }
    for (step, text) in &report.waiting {
        let address = address(*step, made);
        out.push_str(&format!("{} {address}: {text}\n", paint(style::WARNING, "waits")));
    }
    out.push_str(&skipped(report, made));
    let done = plan::counts(&report.done, "");
    let took = crate::render::elapsed(took);
    let (word, style) = match report.outcome {
        Outcome::Done => ("Applied", style::CREATE.bold()),
        Outcome::Failed => ("Not everything was done", style::ERROR),
        Outcome::Interrupted => ("Interrupted", style::WARNING),
        Outcome::Waiting => ("Waiting for a person", style::WARNING),
    };
    out.push_str(&format!("{} {done} in {took}.\n", paint(style, format!("{word}:"))));
    if report.outcome != Outcome::Done {
        let left = report.failed.len() + report.waiting.len() + report.skipped.len();
        if left > 0 {
            out.push_str(&format!("{} still to be done; go on with:\n", count(left, "step")));
        } else {
            out.push_str("Go on with:\n");
        }
        out.push_str(&format!("  {}\n", paint(style::HEAD, go_on)));
    }
    out
}

/// What an apply that did all it could had to leave, with the command for later; empty where
/// every region could be reached.
pub(crate) fn left(made: &Plan, go_on: &str) -> String {
    let mut out = String::new();
    for frozen in made.frozen.iter().filter(|f| !f.nodes.is_empty()) {
        let region = frozen.region.map_or("the global services", topo_model::Symbol::as_str);
        let nodes = frozen.nodes.len();
        let word = if nodes == 1 { "Left as it is:" } else { "Left as they are:" };
        let nodes = count(nodes, "resource");
        out.push_str(&format!("{} {nodes}, since {region} can't be reached.\n", paint(style::WARNING, word)));
    }
    if !out.is_empty() {
        out.push_str(&format!("When that is over, go on with:\n  {}\n", paint(style::HEAD, go_on)));
    }
    out
}

/// Steps not tried, by the reason; each resource once.
fn skipped(report: &Report, made: &Plan) -> String {
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for (step, because) in &report.skipped {
        let address = address(*step, made);
        match by_reason.iter_mut().find(|(reason, _)| reason == because) {
            Some((_, addresses)) if addresses.contains(&address) => {}
            Some((_, addresses)) => addresses.push(address),
            None => by_reason.push((because, vec![address])),
        }
    }
    let mut out = String::new();
    for (because, addresses) in by_reason {
        out.push_str(&format!("{} {because}:\n", paint(style::WARNING, "not tried,")));
        // What hangs on a resource that failed is named; of what only comes later, the first.
        let later = made.nodes.iter().all(|n| n.address != because);
        let shown = if later && addresses.len() > FEW { FEW } else { addresses.len() };
        out.extend(addresses.iter().take(shown).map(|address| format!("  {address}\n")));
        if shown < addresses.len() {
            out.push_str(&format!("  and {} more\n", addresses.len() - shown));
        }
    }
    out
}

fn address(step: topo_plan::StepId, made: &Plan) -> String {
    let node = made.steps.get(step.0 as usize).and_then(|s| made.nodes.get(s.node.0 as usize));
    node.map(|n| n.address.clone()).unwrap_or_default()
}
