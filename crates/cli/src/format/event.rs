//! What happens during an apply, in `--json`: one event a line. Waves are counted from 1,
//! as everywhere that people read.

use serde_json::{Value as Json, json};
use topo_exec::{Event, Outcome};
use topo_plan::{NodeId, Op, Plan};
use topo_state::Allowed;

/// The event before all others: what will be done.
pub(crate) fn planned(plan: &Plan, allowed: &[Allowed]) -> Json {
    let (project, env, cloud) = (plan.project, plan.env, plan.cloud);
    let planned = json!({"event": "planned", "project": project, "env": env, "cloud": cloud, "summary": plan.summary});
    super::plan::with_allowed(planned, allowed)
}

/// One event.
pub(crate) fn one(event: &Event, plan: &Plan) -> Json {
    match event {
        Event::Recovered { address, text } => recovered(address, text),
        Event::WaveStarted { wave, steps } => {
            json!({"event": "wave_started", "wave": wave + 1, "regions": regions(*wave, plan), "steps": steps})
        }
        Event::Started { node, op, .. } => step("started", *node, *op, plan, json!({})),
        Event::Waiting { node, text, human, .. } => {
            let node = plan.nodes.get(node.0 as usize);
            json!({
                "event": "waiting", "address": node.map(|n| &n.address), "region": node.and_then(|n| n.region),
                "text": text, "human": human,
            })
        }
        Event::Done { node, op, id, ms, .. } => step("done", *node, *op, plan, json!({"id": id, "ms": ms})),
        Event::Failed { node, op, error, unknown, .. } => {
            step("failed", *node, *op, plan, json!({"error": error, "unknown": unknown}))
        }
        Event::Skipped { node, op, because, .. } => step("skipped", *node, *op, plan, json!({"because": because})),
        Event::WaveDone { wave, ok } => {
            json!({"event": "wave_done", "wave": wave + 1, "regions": regions(*wave, plan), "ok": ok})
        }
        Event::Baking { wave, ms } => json!({"event": "baking", "wave": wave + 1, "ms": ms}),
        Event::CheckFailed { code, text, .. } => {
            json!({"event": "check_failed", "code": topo_model::Code(*code).to_string(), "text": text})
        }
        Event::Reverting { wave, steps } => json!({"event": "reverting", "wave": wave + 1, "steps": steps}),
        Event::Held { wave, text } => json!({"event": "held", "wave": wave + 1, "text": text}),
        Event::Finished { done, outcome } => finished(done, *outcome, plan),
    }
}

/// What became of a call of an earlier run.
pub(crate) fn recovered(address: &str, text: &str) -> Json {
    json!({"event": "recovered", "address": address, "text": text})
}

/// The last event: what was done, and what was left for a region that can't be reached.
pub(crate) fn finished(done: &topo_plan::Summary, outcome: Outcome, plan: &Plan) -> Json {
    let mut out = json!({"event": "finished", "outcome": outcome, "summary": done});
    if !plan.frozen.is_empty() {
        out["frozen"] = super::plan::frozen(plan);
    }
    out
}

fn regions(wave: u32, plan: &Plan) -> Vec<topo_model::Symbol> {
    super::plan::waves(plan).into_iter().nth(wave as usize).unwrap_or_default()
}

fn step(event: &str, node: NodeId, op: Op, plan: &Plan, more: Json) -> Json {
    let node = plan.nodes.get(node.0 as usize);
    let mut out = json!({
        "event": event,
        "address": node.map(|n| &n.address),
        "kind": node.map(|n| n.kind),
        "region": node.and_then(|n| n.region),
        "operation": operation(op),
    });
    if let (Json::Object(out), Json::Object(more)) = (&mut out, more) {
        out.extend(more);
    }
    out
}

fn operation(op: Op) -> &'static str {
    match op {
        Op::Read => "read",
        Op::Create => "create",
        Op::Update => "update",
        Op::Delete => "delete",
        Op::DeleteDeposed(_) => "delete_deposed",
        Op::Move => "move",
        Op::Import => "import",
        Op::Forget => "forget",
    }
}
