//! Record sets gathered into names: what each is answered with, and when.

use topo_model::{ResId, Symbol, Value, dns_name, value::duration};
use topo_verify::{Proof, Report};

use crate::gather::Gather;
use crate::picture::{Change, Check, Edge, EdgeSort, LaneId, LaneSort, NodeId, Promise, Sort};
use crate::read::{Reader, bare, field, leads_to};

/// The record sets of one name.
struct Name {
    name: String,
    node: NodeId,
    sets: Vec<ResId>,
}

/// Makes a box of every name that leads to something, and its edges.
pub(crate) fn read(gather: &mut Gather<'_>, report: &Report) {
    let names = collect(gather);
    for zone in gather.of("aws.route53.HostedZone") {
        let Some(name) = gather.reader.text(zone, "name").map(dns_name) else { continue };
        // Where a plan would change it, it is counted, and its change shown.
        if gather.change(zone).is_none_or(|change| change == Change::Same) {
            gather.drawn.push(zone);
        }
        if !gather.picture.zones.contains(&name) {
            gather.picture.zones.push(name);
        }
    }
    for name in &names {
        facts(gather, name);
        let total: i64 = name.sets.iter().filter_map(|set| gather.reader.get(*set, "weight").as_int()).sum();
        for set in &name.sets {
            let (label, sort) = label(gather.reader, *set, total);
            let check = check(gather.reader, *set);
            gather.drawn.extend(gather.reader.link(*set, "health_check"));
            for to in answers(gather, &names, *set) {
                let (address, change) = (gather.reader.desired.address(*set), gather.change(*set));
                let edge =
                    Edge { from: name.node, to, sort, label: label.clone(), check: check.clone(), address, change };
                let known = |e: &Edge| e.from == edge.from && e.to == edge.to && e.label == edge.label;
                if !gather.picture.edges.iter().any(known) {
                    gather.picture.edges.push(edge);
                }
            }
        }
    }
    settle(gather, &names);
    for proof in &report.proofs {
        let name = dns_name(&proof.endpoint);
        for name in names.iter().filter(|n| n.name == name) {
            gather.node(name.node).promises.push(promise(proof));
        }
    }
}

/// The names of records that lead a client on. What proves a certificate has no name yet.
fn collect(gather: &mut Gather<'_>) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let lane = gather.lane(None);
    for set in gather.of("aws.route53.RecordSet") {
        let leads = matches!(gather.reader.text(set, "type"), Some("A" | "AAAA" | "CNAME"));
        let Some(name) = gather.reader.text(set, "name").filter(|_| leads).map(dns_name) else { continue };
        gather.drawn.push(set);
        let node = match names.iter_mut().find(|n| n.name == name) {
            Some(known) => {
                known.sets.push(set);
                known.node
            }
            None => {
                let node = gather.add(Sort::Name, name.clone(), name.clone(), lane);
                let change = gather.change(set);
                gather.node(node).change = change;
                names.push(Name { name, node, sets: vec![set] });
                node
            }
        };
        let change = gather.change(set);
        let node = gather.node(node);
        node.resources += 1;
        node.change = node.change.zip(change).map(|(a, b)| a.and(b));
    }
    names
}

/// `CNAME`, `failover`, `TTL 15s`.
fn facts(gather: &mut Gather<'_>, name: &Name) {
    let reader = gather.reader;
    let mut facts: Vec<String> = Vec::new();
    let mut add = |fact: String| {
        if !fact.is_empty() && !facts.contains(&fact) {
            facts.push(fact);
        }
    };
    for set in &name.sets {
        let alias = if reader.get(*set, "alias_target").is_none() { "" } else { " alias" };
        add(format!("{}{alias}", reader.text(*set, "type").unwrap_or_default()));
    }
    name.sets.iter().for_each(|set| add(policy(reader, *set).to_owned()));
    let ttls = name.sets.iter().filter_map(|set| reader.get(*set, "ttl").as_millis());
    ttls.for_each(|ttl| add(format!("TTL {}", duration(ttl))));
    gather.node(name.node).facts = facts;
}

/// The routing policy of a record set; empty for the simple one.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html>
fn policy(reader: Reader<'_>, set: ResId) -> &'static str {
    let is = |name| !reader.get(set, name).is_none();
    match () {
        () if is("failover") => "failover",
        () if is("weight") => "weighted",
        () if is("region") => "latency",
        () if is("geo_location") => "geolocation",
        () if reader.get(set, "multi_value_answer").as_bool() == Some(true) => "multivalue",
        () => "",
    }
}

/// When a record set answers, in short.
fn label(reader: Reader<'_>, set: ResId, total: i64) -> (String, EdgeSort) {
    let label = match policy(reader, set) {
        "failover" if reader.text(set, "failover") == Some("SECONDARY") => {
            return ("secondary".to_owned(), EdgeSort::StandsBy);
        }
        "failover" => "primary".to_owned(),
        "weighted" => match reader.get(set, "weight").as_int() {
            Some(weight) if total > 0 => format!("{}%", (weight * 200 + total) / (total * 2)),
            Some(weight) => format!("weight {weight}"),
            None => "weight ?".to_owned(),
        },
        "latency" => bare(reader.get(set, "region")),
        "geolocation" => place(reader.get(set, "geo_location")),
        "multivalue" => reader.text(set, "set_identifier").unwrap_or("multivalue").to_owned(),
        _ => String::new(),
    };
    (label, EdgeSort::Answers)
}

fn place(location: &Value) -> String {
    let code = |name| field(location, name).map(bare);
    match (code("subdivision_code"), code("country_code"), code("continent_code")) {
        (_, Some(country), _) if country == "*" => "everyone else".to_owned(),
        (Some(subdivision), Some(country), _) => format!("{country}-{subdivision}"),
        (_, Some(country), _) => country,
        (_, _, Some(continent)) => format!("continent {continent}"),
        _ => "geolocation".to_owned(),
    }
}

fn check(reader: Reader<'_>, set: ResId) -> Option<Check> {
    let Some(health) = reader.link(set, "health_check") else {
        let follows = field(reader.get(set, "alias_target"), "evaluate_target_health").and_then(Value::as_bool);
        let long = "healthy while what it leads to is".to_owned();
        return (follows == Some(true)).then(|| Check { short: "target's health".into(), long, own: false });
    };
    let config = reader.get(health, "health_check_config");
    let words = |name| field(config, name).map(bare).unwrap_or_default();
    let (short, long) = match words("type").as_str() {
        "CALCULATED" => {
            let of = field(config, "child_health_checks").and_then(Value::items).map_or(0, <[Value]>::len);
            let short = format!("{} of {of} checks", words("health_threshold"));
            (short.clone(), format!("healthy while {short} are"))
        }
        "CLOUDWATCH_METRIC" => ("alarm".to_owned(), "unhealthy while an alarm rings".to_owned()),
        ty => {
            let interval = field(config, "request_interval").map_or(Some(30_000), Value::as_millis).map(duration);
            let interval = interval.unwrap_or_else(|| "?".to_owned());
            let threshold = field(config, "failure_threshold").map_or("3".to_owned(), bare);
            let host = if words("ip_address").is_empty() { "fully_qualified_domain_name" } else { "ip_address" };
            let host = field(config, host).and_then(Value::as_str).map_or_else(|| known(config, host), str::to_owned);
            let long = format!(
                "{ty} {host}{} every {interval}, unhealthy after {threshold} failures in a row",
                words("resource_path")
            );
            (format!("{threshold} × {interval}"), long)
        }
    };
    let address = reader.desired.address(health);
    Some(Check { short, long: format!("{address}: {long}"), own: true })
}

/// What is probed, where only a cloud knows its name.
fn known(config: &Value, name: &str) -> String {
    match field(config, name) {
        Some(value) if value.is_ground() => bare(value),
        _ => "a name that AWS gives".to_owned(),
    }
}

/// The boxes that a record set leads to.
fn answers(gather: &mut Gather<'_>, names: &[Name], set: ResId) -> Vec<NodeId> {
    let alias = field(gather.reader.get(set, "alias_target"), "dns_name");
    let values: Vec<&Value> = match alias {
        Some(value) => vec![value],
        None => gather.reader.get(set, "resource_records").items().unwrap_or_default().iter().collect(),
    };
    values.into_iter().map(|value| answer(gather, names, value)).collect()
}

fn answer(gather: &mut Gather<'_>, names: &[Name], value: &Value) -> NodeId {
    let Some(id) = leads_to(value) else {
        let text = dns_name(&bare(value));
        if let Some(name) = names.iter().find(|n| n.name == text) {
            return name.node;
        }
        let lane = gather.elsewhere();
        return endpoint(gather, text.clone(), text, lane);
    };
    if let Some(node) = gather.node_of.get(&id) {
        return *node;
    }
    let (region, address) = (gather.reader.resource(id).region, gather.reader.desired.address(id));
    let lane = match region {
        Some(region) => gather.lane(Some(region)),
        None => gather.elsewhere(),
    };
    let change = gather.change(id);
    let node = endpoint(gather, gather.reader.name(id), address, lane);
    let made = gather.node(node);
    made.resources = 1;
    made.change = change;
    gather.node_of.insert(id, node);
    node
}

/// A box for what answers and is no resource of the program: no plan changes it.
fn endpoint(gather: &mut Gather<'_>, name: String, address: String, lane: LaneId) -> NodeId {
    let known = gather.picture.iter().find(|(_, n)| n.sort == Sort::Endpoint && n.address == address);
    known.map(|(id, _)| id).unwrap_or_else(|| {
        let node = gather.add(Sort::Endpoint, name, address, lane);
        gather.node(node).change = None;
        node
    })
}

/// Puts endpoints where latency records say that they stand, also behind names of their own.
fn settle(gather: &mut Gather<'_>, names: &[Name]) {
    for name in names {
        for set in &name.sets {
            let Some(region) = gather.reader.text(*set, "region").map(Symbol::new) else { continue };
            let address = gather.reader.desired.address(*set);
            let of = |at: NodeId, e: &&Edge| e.from == at;
            let mut reached: Vec<NodeId> =
                gather.picture.edges.iter().filter(|e| e.address == address).map(|e| e.to).collect();
            for _ in 0..names.len() {
                let next = |node: &NodeId| {
                    let mut edges = gather.picture.edges.iter().filter(|e| of(*node, e));
                    edges.next().filter(|_| edges.next().is_none()).map(|e| e.to)
                };
                let further: Vec<NodeId> = reached.iter().filter_map(next).filter(|n| !reached.contains(n)).collect();
                if further.is_empty() {
                    break;
                }
                reached.extend(further);
            }
            let lane = gather.lane(Some(region));
            for node in reached {
                let here = gather.picture.nodes[node.0 as usize].lane;
                let lost = gather.picture.lanes[here.0 as usize].sort == LaneSort::Elsewhere;
                if lost {
                    gather.node(node).lane = lane;
                }
            }
        }
    }
}

fn promise(proof: &Proof) -> Promise {
    let survives = match proof.survives.as_str() {
        "any two regions" => "any two regions".to_owned(),
        one => format!("a {one}"),
    };
    let took = proof.worst().and_then(|loss| loss.recovery.as_ref());
    let holds = proof.holds();
    let text = match (took.map(topo_verify::Bound::total), proof.rto) {
        _ if proof.losses.iter().any(|loss| loss.broken.is_some()) => format!("does not survive {survives}"),
        (Some(total), Some(rto)) if total <= rto => format!("{} ≤ {}", duration(total), duration(rto)),
        (Some(total), Some(rto)) => format!("{} > {}", duration(total), duration(rto)),
        (Some(total), None) => format!("survives {survives}, back in {}", duration(total)),
        (None, _) => format!("survives {survives}"),
    };
    let within = proof.rto.map(|rto| format!(" within {}", duration(rto))).unwrap_or_default();
    let sum = took.map(|bound| format!(": {}", bound.arithmetic())).unwrap_or_default();
    let verdict = if holds { "proved" } else { "not so" };
    let long = format!("objective {}: survives the loss of {survives}{within}; {verdict}{sum}", proof.objective);
    Promise { objective: proof.objective.to_string(), text, long, holds }
}
