//! Programs of one to five regions, written by hand as a person in a hurry would.

use std::fmt::Write;

use proptest::prelude::*;
use topo_draw::Picture;
use topo_lang::{Memory, Options, load};
use topo_verify::Observed;

const REGIONS: [&str; 5] = ["ap-east-2", "ap-northeast-1", "eu-central-1", "us-east-1", "sa-east-1"];
const COUNTRIES: [&str; 5] = ["TW", "JP", "DE", "US", "BR"];

/// What is generated.
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    regions: Vec<Region>,
    /// Which pairs of networks are peered.
    peered: Vec<bool>,
    pub(crate) names: Vec<Name>,
}

#[derive(Debug, Clone)]
struct Region {
    networks: usize,
    zones: usize,
    nats: usize,
    balancers: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Name {
    label: String,
    policy: Policy,
    cname: bool,
    answers: Vec<usize>,
    checked: bool,
}

#[derive(Debug, Clone, Copy)]
enum Policy {
    Simple,
    Failover,
    Weighted,
    Latency,
    Geolocation,
    Multivalue,
}

fn region() -> impl Strategy<Value = Region> {
    (0usize..3, 0usize..4, 0usize..4, 0usize..3).prop_map(|(networks, zones, nats, balancers)| Region {
        networks,
        zones,
        nats: nats.min(zones),
        balancers: if networks > 0 && zones > 0 { balancers } else { 0 },
    })
}

fn name() -> impl Strategy<Value = Name> {
    let policy = prop::sample::select(vec![
        Policy::Simple,
        Policy::Failover,
        Policy::Weighted,
        Policy::Latency,
        Policy::Geolocation,
        Policy::Multivalue,
    ]);
    let answers = prop::collection::vec(0usize..30, 1..6);
    ("[a-z]([a-z0-9]{0,30}[a-z])?", policy, any::<bool>(), answers, any::<bool>())
        .prop_map(|(label, policy, cname, answers, checked)| Name { label, policy, cname, answers, checked })
}

/// Topologies of one to five regions.
pub(crate) fn topology() -> impl Strategy<Value = Topology> {
    let regions = prop::collection::vec(region(), 1..6);
    let peered = prop::collection::vec(any::<bool>(), 45);
    (regions, peered, prop::collection::vec(name(), 0..7)).prop_map(|(regions, peered, mut names)| {
        // Names are told apart by their position.
        names.iter_mut().enumerate().for_each(|(at, name)| name.label.push_str(&at.to_string()));
        Topology { regions, peered, names }
    })
}

/// The program.
pub(crate) fn text(topology: &Topology) -> String {
    let mut out = String::from("use aws.ec2\nuse aws.elbv2\nuse aws.route53\nproject generated\ntopology main {\n");
    out.push_str("  resource zone: route53.HostedZone { name = \"example.com\" }\n");
    let mut networks = Vec::new();
    let mut balancers = Vec::new();
    for (at, region) in topology.regions.iter().enumerate() {
        write_region(&mut out, at, region, &mut networks, &mut balancers);
    }
    let mut peered = topology.peered.iter();
    for (at, (a, _)) in networks.iter().enumerate() {
        for (b, region) in &networks[at + 1..] {
            if peered.next() == Some(&true) {
                let place = networks[at].1;
                let _ = writeln!(
                    out,
                    "  resource link_{a}_{b}: ec2.VpcPeeringConnection at {place} {{ vpc = {a}, peer_vpc = {b}, peer_region = {region} }}"
                );
            }
        }
    }
    for at in 0..topology.names.len() {
        write_name(&mut out, &topology.names, at, &balancers);
    }
    out.push_str("}\n");
    out
}

fn write_region(
    out: &mut String,
    at: usize,
    region: &Region,
    networks: &mut Vec<(String, &'static str)>,
    balancers: &mut Vec<String>,
) {
    let place = REGIONS[at];
    let zones: &[&str] = match place {
        "ap-northeast-1" => &["a", "c", "d"],
        _ => &["a", "b", "c"],
    };
    for n in 0..region.networks {
        let (vpc, range) = (format!("net{at}{n}"), 10 * at + n + 1);
        let _ = writeln!(out, "  resource {vpc}: ec2.Vpc at {place} {{ cidr_block = 10.{range}.0.0/16 }}");
        for (z, zone) in zones.iter().enumerate().take(region.zones) {
            let _ = writeln!(
                out,
                "  resource sub{at}{n}{zone}: ec2.Subnet at {place} {{ vpc = {vpc}, cidr_block = 10.{range}.{z}.0/24, availability_zone = {place}{zone} }}"
            );
            if z < region.nats {
                let _ = writeln!(
                    out,
                    "  resource nat{at}{n}{zone}: ec2.NatGateway at {place} {{ subnet = sub{at}{n}{zone}, connectivity_type = \"private\" }}"
                );
            }
        }
        networks.push((vpc, place));
    }
    for b in 0..region.balancers {
        let _ = writeln!(
            out,
            "  resource web{at}{b}: elbv2.LoadBalancer at {place} {{ name = \"web-{at}{b}\", type = \"network\", subnets = [sub{at}0a] }}"
        );
        balancers.push(format!("web{at}{b}"));
    }
}

fn write_name(out: &mut String, names: &[Name], at: usize, balancers: &[String]) {
    let name = &names[at];
    let sets = match name.policy {
        Policy::Simple => 1,
        Policy::Failover => 2,
        _ => name.answers.len(),
    };
    for set in 0..sets {
        let check = name.checked || matches!(name.policy, Policy::Failover);
        if check {
            let _ = writeln!(
                out,
                "  resource check{at}{set}: route53.HealthCheck {{ health_check_config = {{ type = \"TCP\", ip_address = 203.0.113.{set}, port = 443, request_interval = 10s }} }}"
            );
        }
        let answer = name.answers[set % name.answers.len()];
        let leads_on = !matches!(name.policy, Policy::Multivalue);
        let (ty, answers) = match (name.cname && leads_on, balancers.get(answer).filter(|_| leads_on)) {
            (true, _) => {
                let to = names[..at]
                    .get(answer)
                    .map_or(format!("elsewhere{answer}.example.net"), |n| format!("{}.example.com", n.label));
                ("CNAME", format!("ttl = 30s, resource_records = [\"{to}\"]"))
            }
            (false, Some(web)) => (
                "A",
                format!(
                    "alias_target = {{ dns_name = {web}.dns_name, hosted_zone_id = {web}.canonical_hosted_zone_id, evaluate_target_health = true }}"
                ),
            ),
            (false, None) => ("A", format!("ttl = 30s, resource_records = [\"198.51.100.{answer}\"]")),
        };
        let policy = match name.policy {
            Policy::Simple => String::new(),
            Policy::Failover => format!("failover = \"{}\",", ["PRIMARY", "SECONDARY"][set]),
            Policy::Weighted => format!("weight = {},", answer * 7),
            Policy::Latency => format!("region = {},", REGIONS[set]),
            Policy::Geolocation => format!("geo_location = {{ country_code = \"{}\" }},", COUNTRIES[set]),
            Policy::Multivalue => "multi_value_answer = true,".to_owned(),
        };
        let identifier = if policy.is_empty() { String::new() } else { format!("set_identifier = \"set {set}\",") };
        let check = if check { format!("health_check = check{at}{set},") } else { String::new() };
        let _ = writeln!(
            out,
            "  resource name{at}{set}: route53.RecordSet {{ hosted_zone = zone, name = \"{}.example.com\", type = \"{ty}\", {policy} {identifier} {check} {answers} }}",
            name.label
        );
    }
}

/// The picture of a generated topology.
pub(crate) fn picture(topology: &Topology) -> Picture {
    of_text(&text(topology))
}

/// The picture of a program whose texts try to get out of their quotes.
pub(crate) fn hostile() -> Picture {
    of_text(
        "project hostile\ntopology main {\n  for k in [\"</title><script>alert(1)</script>\", \"a & b\"] {\n    \
         resource vpc: aws.ec2.Vpc at ap-east-2 { cidr_block = 10.0.0.0/16 }\n  }\n}\n",
    )
}

#[track_caller]
fn of_text(text: &str) -> Picture {
    let loaded = load(&Memory::new([("main.topo", text)]), &Options::default());
    let program = loaded.program.unwrap_or_else(|| panic!("{:?}\n{text}", messages(&loaded.diagnostics)));
    let expanded = program.expand(None);
    let desired = expanded.desired.unwrap_or_else(|| panic!("{:?}\n{text}", messages(&expanded.diagnostics)));
    let report = topo_verify::verify(&desired, &Observed::new());
    topo_draw::picture(&desired, &report, None)
}

fn messages(found: &[topo_model::Diagnostic]) -> Vec<&str> {
    found.iter().map(|d| d.message.as_str()).collect()
}
