//! A plan as text, with everything that decides what an apply would do.

use std::fmt::Write;

use topo_model::{Diagnostic, ReplaceOrder, Severity, Value};
use topo_plan::{Action, Node, Op, Plan, Planned, StepId};

/// What came of planning.
pub(crate) fn planned(planned: &Result<Planned, Vec<Diagnostic>>) -> String {
    match planned {
        Ok(planned) => format!("{}{}", diagnostics(&planned.diagnostics), plan(&planned.plan)),
        Err(found) => diagnostics(found),
    }
}

fn diagnostics(found: &[Diagnostic]) -> String {
    let mut out = String::new();
    for d in found {
        let severity = if d.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(out, "{severity}[{}]: {}", d.code, d.message);
        if let Some(help) = &d.help {
            let _ = writeln!(out, "  help: {}", help.text);
        }
    }
    out
}

/// A plan.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut out = String::new();
    for node in plan.nodes.iter().filter(|n| shown(n)) {
        write_node(plan, node, &mut out);
    }
    for (at, step) in plan.steps.iter().enumerate() {
        let needs: Vec<String> = step.needs.iter().map(|StepId(need)| need.to_string()).collect();
        let address = &plan.nodes[step.node.0 as usize].address;
        let wave = if plan.waves.len() > 1 { format!(" wave {}", step.wave) } else { String::new() };
        let batch = step.batch.map(|b| format!(" batch {b}")).unwrap_or_default();
        let after = if needs.is_empty() { String::new() } else { format!(" after {}", needs.join(" ")) };
        let _ = writeln!(out, "{at}: {} {address}{wave}{batch}{after}", op(step.op));
    }
    rest(plan, &mut out);
    if out.is_empty() { "no changes\n".to_owned() } else { out }
}

fn shown(node: &Node) -> bool {
    let detail = node.detail.as_ref();
    node.action != Action::None || detail.is_some_and(|d| !d.reasons.is_empty() || d.refreshed.is_some())
}

fn write_node(plan: &Plan, node: &Node, out: &mut String) {
    let action = match node.action {
        Action::Replace(ReplaceOrder::CreateFirst) => "replace, create first".to_owned(),
        Action::Replace(ReplaceOrder::DeleteFirst) => "replace, delete first".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    };
    let Some(detail) = &node.detail else { return };
    let reasons: Vec<String> = detail.reasons.iter().map(|r| format!("{} ({:?})", r.text, r.cause)).collect();
    let _ = writeln!(out, "{action} {}: {}", node.address, reasons.join("; "));
    for d in &detail.differences {
        let show = |v: &Option<Value>| v.as_ref().map_or("-".to_owned(), |v| plan.display_value(v));
        let replaces = if d.replaces { " replaces" } else { "" };
        let (before, after) = if d.secret { ("*".into(), "*".into()) } else { (show(&d.before), show(&d.after)) };
        let _ = writeln!(out, "  {}: {before} -> {after} ({:?}){replaces}", d.attribute, d.cause);
    }
    if detail.refreshed.is_some() {
        let _ = writeln!(out, "  outputs refreshed");
    }
}

fn op(op: Op) -> String {
    match op {
        Op::DeleteDeposed(at) => format!("delete deposed {at} of"),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn rest(plan: &Plan, out: &mut String) {
    for (at, wave) in plan.waves.iter().enumerate() {
        let pushed: Vec<&str> = wave.pushed.iter().map(|n| plan.nodes[n.0 as usize].address.as_str()).collect();
        if !pushed.is_empty() {
            let _ = writeln!(out, "pushed to wave {at}: {}", pushed.join(" "));
        }
    }
    for frozen in &plan.frozen {
        let nodes: Vec<&str> = frozen.nodes.iter().map(|n| plan.nodes[n.0 as usize].address.as_str()).collect();
        let region = frozen.region.map_or("global", |r| r.as_str());
        let _ = writeln!(out, "frozen {region}: {}", nodes.join(" "));
    }
    if plan.outputs_changed {
        for (name, value) in &plan.outputs {
            let _ = writeln!(out, "output {name} = {}", plan.display_value(value));
        }
    }
    for check in &plan.checks {
        let _ = writeln!(out, "check {}", plan.display_value(&check.cond));
    }
}
