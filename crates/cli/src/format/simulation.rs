//! A loss, played out, for machines. Times are in seconds.

use serde_json::{Map, Value, json};
use topo_model::Desired;
use topo_simulate::{Name, Simulation, What, Worst};

/// The whole result.
pub(crate) fn document(result: &Simulation, desired: &Desired, lost: &[String], lasts: Option<i64>) -> Value {
    let timeline: Vec<Value> = result
        .timeline
        .iter()
        .map(|event| {
            let mut document = what(&event.what, desired);
            document["likely"] = json!(event.likely.map(seconds));
            document["worst"] = json!(event.worst.map(seconds));
            document
        })
        .collect();
    json!({
        "lost": lost,
        "for": lasts.map(seconds),
        "seed": result.seed,
        "runs": result.runs,
        "followed": seconds(result.end),
        "timeline": timeline,
        "names": result.names.iter().map(|of| name(of, lasts)).collect::<Vec<Value>>(),
    })
}

fn what(what: &What, desired: &Desired) -> Value {
    match what {
        What::Lost => json!({"event": "lost"}),
        What::Back => json!({"event": "back"}),
        What::Check { check, healthy } => {
            json!({"event": "check", "check": desired.address(*check), "healthy": healthy})
        }
        What::Balancer { host, healthy } => json!({"event": "balancer", "balancer": host, "healthy": healthy}),
        What::Answer { name, from, to } => json!({"event": "answer", "name": name, "from": from, "to": to}),
        What::First { name, host } => json!({"event": "first client", "name": name, "served_by": host}),
        What::Last { name } => json!({"event": "last client", "name": name}),
    }
}

fn name(name: &Name, lasts: Option<i64>) -> Value {
    let second = |second: &topo_simulate::Second| {
        let served: Map<String, Value> =
            name.hosts.iter().cloned().zip(second.served.iter().map(|of| share(*of))).collect();
        json!({"at": second.at, "failing": share(second.failing), "served": served})
    };
    json!({
        "name": name.name,
        "objective": name.objective.map(|objective| objective.as_str()),
        "rto": name.rto.map(seconds),
        "worst": case(name.worst, lasts),
        "likely": name.likely.map(|likely| json!({
            "affected": share(likely.affected),
            "median": case(likely.median, lasts),
            "p95": case(likely.p95, lasts),
            "p99": case(likely.p99, lasts),
        })),
        "served_by": name.served_by,
        "seconds": name.seconds.iter().map(second).collect::<Vec<Value>>(),
    })
}

/// `until` is missing where there is no end.
fn case(worst: Worst, lasts: Option<i64>) -> Value {
    match worst {
        Worst::Untouched => json!({"outcome": "untouched", "until": 0}),
        Worst::Within(ms) => json!({"outcome": "within", "until": seconds(ms)}),
        Worst::UntilBack => json!({"outcome": "until back", "until": lasts.map(seconds)}),
        Worst::Forever => json!({"outcome": "forever"}),
    }
}

fn seconds(ms: i64) -> Value {
    if ms % 1_000 == 0 { json!(ms / 1_000) } else { json!(ms as f64 / 1_000.0) }
}

/// To a tenth of a thousandth: the dice say no more.
fn share(of: f64) -> Value {
    json!((of * 10_000.0).round() / 10_000.0)
}
