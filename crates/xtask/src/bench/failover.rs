//! The program whose proofs are measured: 1 000 record sets over 10 regions, and 20 names that must
//! survive the loss of any one.
//!
//! Each name leads people to the region nearest to them by latency; each region's answer fails over to
//! the next region.

use std::fmt::Write;

const REGIONS: [&str; 10] = [
    "ap-east-2",
    "ap-northeast-1",
    "ap-southeast-1",
    "eu-central-1",
    "eu-west-1",
    "eu-north-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "sa-east-1",
];
const NAMES: usize = 20;

/// The program, with objectives that promise a time.
pub(super) fn topology(rto: &str) -> String {
    let mut text = String::from("project failover\n\ntopology main {\n");
    text.push_str("  resource zone: aws.route53.HostedZone { name = \"example.com\" }\n");
    for region in REGIONS {
        add(&mut text, &format!("resource address_{}: aws.ec2.Eip at {region} {{}}", word(region)));
    }
    for name in 0..NAMES {
        for (at, region) in REGIONS.iter().enumerate() {
            place(&mut text, name, region, REGIONS[(at + 1) % REGIONS.len()]);
        }
        let endpoint = format!("s{name}.example.com");
        add(
            &mut text,
            &format!("objective s{name} {{ endpoint = \"{endpoint}\", rto = {rto}, survives = \"region\" }}"),
        );
    }
    text.push_str("}\n");
    text
}

/// What one name has in one region: five record sets and a health check.
fn place(text: &mut String, name: usize, region: &str, next: &str) {
    let id = format!("{name}_{}", word(region));
    let (own, near) = (format!("{region}.s{name}.example.com"), format!("near-{region}.s{name}.example.com"));
    let value = format!("\"${{address_{}.public_ip}}\"", word(region));
    record(text, &format!("own_{id}"), &own, &format!("type = \"A\", ttl = 1m, resource_records = [{value}]"));
    let probe = "resource_path = \"/\", request_interval = 10s, failure_threshold = 2";
    let config = format!("{{ type = \"HTTPS\", fully_qualified_domain_name = \"{own}\", {probe} }}");
    add(text, &format!("resource health_{id}: aws.route53.HealthCheck {{ health_check_config = {config} }}"));
    for (role, to) in [("PRIMARY", region), ("SECONDARY", next)] {
        let policy = format!("set_identifier = \"{role}\", failover = \"{role}\"");
        let check = format!("health_check = health_{name}_{}", word(to));
        let answer = format!("type = \"CNAME\", ttl = 15s, resource_records = [\"{to}.s{name}.example.com\"]");
        record(text, &format!("{}_{id}", role.to_lowercase()), &near, &format!("{answer}, {policy}, {check}"));
    }
    let answer = format!("type = \"CNAME\", ttl = 15s, resource_records = [\"{near}\"]");
    let policy = format!("set_identifier = \"{region}\", region = {region}");
    record(text, &format!("latency_{id}"), &format!("s{name}.example.com"), &format!("{answer}, {policy}"));
    let answer = format!("type = \"CNAME\", ttl = 1m, resource_records = [\"s{name}.example.com\"]");
    record(text, &format!("www_{id}"), &format!("www-{region}.s{name}.example.com"), &answer);
}

fn record(text: &mut String, id: &str, name: &str, rest: &str) {
    let kind = "aws.route53.RecordSet";
    add(text, &format!("resource {id}: {kind} {{ hosted_zone = zone, name = \"{name}\", {rest} }}"));
}

fn add(text: &mut String, statement: &str) {
    // Text in memory takes everything.
    let _ = writeln!(text, "  {statement}");
}

/// A region as a part of a name.
fn word(region: &str) -> String {
    region.replace('-', "_")
}
