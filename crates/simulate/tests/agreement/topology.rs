//! Topologies to disagree about: two to four regions, a tree of records over what stands there, and
//! checks that look after it, some of them the wrong way.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;

/// A topology; what can't be written is mended when it is.
#[derive(Debug, Clone)]
pub(crate) struct Topology {
    hosts: Vec<Host>,
    checks: Vec<Check>,
    groups: Vec<Group>,
    survives: usize,
    plain: bool,
}

/// What answers in the end.
#[derive(Debug, Clone, Copy)]
enum Host {
    /// An address that the program only names.
    Outside,
    /// One that AWS gives, in a region.
    Address { region: usize },
    /// Something of AWS's that the program only names.
    Website,
    /// A load balancer over two zones of a region.
    Balancer { region: usize, interval: u32, threshold: u32 },
}

#[derive(Debug, Clone)]
struct Check {
    by: By,
    inverted: bool,
    disabled: bool,
}

#[derive(Debug, Clone)]
enum By {
    Host(usize),
    Name(usize),
    Calculated { children: Vec<usize>, threshold: usize },
    Alarm { host: usize, insufficient: usize },
}

/// The records of one name.
#[derive(Debug, Clone)]
struct Group {
    policy: usize,
    /// Whether they are CNAMEs rather than addresses and aliases.
    cname: bool,
    ttl: u32,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    to: usize,
    /// Whether it leads to another group rather than to a host.
    onward: bool,
    evaluate: bool,
    check: Option<usize>,
    weight: u32,
    /// Whether its check is one that probes what it leads to, as it should be.
    sound: bool,
}

/// The primary stands by a calculated check that needs all of its one child; dice rarely make it so that
/// this alone decides.
pub(crate) const COUNTED: &str = r#"
project p
topology main {
  resource zone: aws.route53.HostedZone { name = "x.test" }
  resource one: aws.route53.HealthCheck {
    health_check_config = { type = "HTTP", ip_address = 203.0.113.1, resource_path = "/" }
  }
  resource all: aws.route53.HealthCheck {
    health_check_config = { type = "CALCULATED", child_health_checks = [one], health_threshold = 1 }
  }
  resource first: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", ttl = 15s, resource_records = ["203.0.113.1"]
    set_identifier = "1", failover = "PRIMARY", health_check = all
  }
  resource second: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", ttl = 15s, resource_records = ["203.0.113.2"]
    set_identifier = "2", failover = "SECONDARY"
  }
  objective o { endpoint = "g.x.test", rto = 1h, survives = "region" }
}
"#;

/// The primary stands for a pool that goes on without one of its members, to which the secondary leads.
pub(crate) const POOLED: &str = r#"
project p
topology main {
  resource zone: aws.route53.HostedZone { name = "x.test" }
  for (name, address) in { "a" = 203.0.113.1, "b" = 203.0.113.2 } {
    resource health: aws.route53.HealthCheck {
      health_check_config = { type = "HTTP", ip_address = address, resource_path = "/" }
    }
    resource pool: aws.route53.RecordSet {
      hosted_zone = zone, name = "pool.x.test", type = "A", ttl = 15s, resource_records = ["${address}"]
      set_identifier = name, weight = 1, health_check = health
    }
  }
  resource first: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", set_identifier = "1", failover = "PRIMARY"
    alias_target = { dns_name = "pool.x.test", hosted_zone_id = "Z0000000000000", evaluate_target_health = true }
  }
  resource second: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", ttl = 15s, resource_records = ["203.0.113.1"]
    set_identifier = "2", failover = "SECONDARY"
  }
  objective o { endpoint = "g.x.test", rto = 1h, survives = "region" }
}
"#;

/// The primary stands for what nothing looks after, and has a check of its own.
pub(crate) const CHECKED: &str = r#"
project p
topology main {
  resource zone: aws.route53.HostedZone { name = "x.test" }
  resource health: aws.route53.HealthCheck {
    health_check_config = { type = "HTTP", ip_address = 203.0.113.1, resource_path = "/" }
  }
  resource one: aws.route53.RecordSet {
    hosted_zone = zone, name = "one.x.test", type = "A", ttl = 15s, resource_records = ["203.0.113.1"]
  }
  resource first: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", set_identifier = "1", failover = "PRIMARY", health_check = health
    alias_target = { dns_name = "one.x.test", hosted_zone_id = "Z0000000000000", evaluate_target_health = true }
  }
  resource second: aws.route53.RecordSet {
    hosted_zone = zone, name = "g.x.test", type = "A", ttl = 15s, resource_records = ["203.0.113.2"]
    set_identifier = "2", failover = "SECONDARY"
  }
  objective o { endpoint = "g.x.test", rto = 1h, survives = "region" }
}
"#;

/// How many of the members and checks are of a kind.
#[derive(Clone, Copy)]
struct Odds {
    onward: f64,
    sound: f64,
    calculated: u32,
    inverted: f64,
    disabled: f64,
}

/// Such as people might write, with a mistake here and there.
pub(crate) fn topologies() -> impl Strategy<Value = Topology> {
    let odds = Odds { onward: 0.35, sound: 0.85, calculated: 2, inverted: 0.15, disabled: 0.1 };
    (vec(host(), 2..5), vec(check(odds), 1..6), vec(group(odds), 1..4), 0..4_usize)
        .prop_map(|(hosts, checks, groups, survives)| Topology { hosts, checks, groups, survives, plain: false })
}

/// Few things, and most checks look after something else.
pub(crate) fn twisted() -> impl Strategy<Value = Topology> {
    let odds = Odds { onward: 0.6, sound: 0.3, calculated: 6, inverted: 0.1, disabled: 0.3 };
    (vec(host(), 2..4), vec(check(odds), 2..4), vec(group(odds), 1..3), 0..3_usize)
        .prop_map(|(hosts, checks, groups, survives)| Topology { hosts, checks, groups, survives, plain: false })
}

fn host() -> impl Strategy<Value = Host> {
    prop_oneof![
        2 => Just(Host::Outside),
        1 => Just(Host::Website),
        3 => shift().prop_map(|region| Host::Address { region }),
        3 => (shift(), prop_oneof![Just(10_u32), Just(30)], 2..4_u32)
            .prop_map(|(region, interval, threshold)| Host::Balancer { region, interval, threshold }),
    ]
}

/// One name whose every record is looked after by one thing: by a check of what it leads to, or, of an alias
/// of a load balancer, by that.
pub(crate) fn plain() -> impl Strategy<Value = Topology> {
    let policy = prop_oneof![3 => Just(1_usize), 2 => Just(2), 2 => Just(3), 1 => Just(5)];
    let hosts = (2..5_usize).prop_flat_map(|count| {
        let host = prop_oneof![
            1 => Just(Host::Outside),
            2 => Just(Host::Address { region: 0 }),
            2 => (prop_oneof![Just(10_u32), Just(30)], 2..4_u32)
                .prop_map(|(interval, threshold)| Host::Balancer { region: 0, interval, threshold }),
        ];
        vec(host, count)
    });
    let ttl = prop_oneof![Just(5_u32), Just(15), Just(60), Just(120)];
    (hosts, policy, any::<bool>(), ttl, vec((any::<bool>(), 0..3_u32), 4)).prop_map(
        |(hosts, policy, cname, ttl, picks)| {
            let member = |(at, (by_check, weight)): (usize, &(bool, u32))| {
                let balancer = matches!(hosts.get(at), Some(Host::Balancer { .. }));
                let checked = *by_check || cname || !balancer;
                Member {
                    to: 0,
                    onward: false,
                    evaluate: !checked,
                    check: checked.then_some(0),
                    weight: *weight,
                    sound: true,
                }
            };
            let members: Vec<Member> = picks.iter().enumerate().take(hosts.len()).map(member).collect();
            let check = Check { by: By::Host(0), inverted: false, disabled: false };
            let groups = vec![Group { policy, cname, ttl, members }];
            Topology { hosts, checks: vec![check], groups, survives: 0, plain: true }
        },
    )
}

/// How far a host's region is from its own turn: most stand in regions of their own.
fn shift() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0_usize), 1 => 1..4_usize]
}

fn check(odds: Odds) -> impl Strategy<Value = Check> {
    let by = prop_oneof![
        6 => (0..8_usize).prop_map(By::Host),
        2 => (0..8_usize).prop_map(By::Name),
        odds.calculated => (vec(0..8_usize, 1..4), 0..4_usize).prop_map(|(children, threshold)| By::Calculated { children, threshold }),
        1 => (0..8_usize, 0..3_usize).prop_map(|(host, insufficient)| By::Alarm { host, insufficient }),
    ];
    (by, prop::bool::weighted(odds.inverted), prop::bool::weighted(odds.disabled))
        .prop_map(|(by, inverted, disabled)| Check { by, inverted, disabled })
}

fn group(odds: Odds) -> impl Strategy<Value = Group> {
    (policy(), any::<bool>(), prop_oneof![Just(5_u32), Just(15), Just(60), Just(120)], vec(member(odds), 1..4))
        .prop_map(|(policy, cname, ttl, members)| Group { policy, cname, ttl, members })
}

/// Simple ones lead nowhere else, and there is enough of them at the bottom.
fn policy() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(0_usize), 3 => Just(1), 3 => Just(2), 3 => Just(3), 2 => Just(4), 2 => Just(5)]
}

fn member(odds: Odds) -> impl Strategy<Value = Member> {
    (
        0..8_usize,
        prop::bool::weighted(odds.onward),
        prop::bool::weighted(0.85),
        prop::option::weighted(0.8, 0..8_usize),
        prop_oneof![1 => Just(0_u32), 3 => Just(1), 1 => Just(255)],
        prop::bool::weighted(odds.sound),
    )
        .prop_map(|(to, onward, evaluate, check, weight, sound)| Member {
            to,
            onward,
            evaluate,
            check,
            weight,
            sound,
        })
}

const REGIONS: [&str; 4] = ["eu-central-1", "us-east-1", "ap-northeast-1", "ap-east-2"];
const PLACES: [&str; 4] = [
    "{ country_code = \"*\" }",
    "{ continent_code = \"AS\" }",
    "{ country_code = \"JP\" }",
    "{ country_code = \"US\", subdivision_code = \"WA\" }",
];

impl Topology {
    /// The program, with an objective for its topmost name.
    pub(crate) fn text(&self) -> String {
        let mut out =
            String::from("project p\ntopology main {\n  resource zone: aws.route53.HostedZone { name = \"x.test\" }\n");
        self.hosts.iter().enumerate().for_each(|(at, host)| self.host(at, *host, &mut out));
        self.checks.iter().enumerate().for_each(|(at, check)| self.check(at, check, &mut out));
        for (at, group) in self.groups.iter().enumerate() {
            self.group(at, group, &mut out);
        }
        let survives = ["region", "region", "zone", "any two regions"][self.survives];
        let top = self.groups.len() - 1;
        let _ =
            writeln!(out, "  objective o {{ endpoint = \"g{top}.x.test\", rto = 1h, survives = \"{survives}\" }}\n}}");
        out
    }

    /// Whether it is one of the plain ones.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
    }

    fn region(&self, at: usize, shift: usize) -> &'static str {
        REGIONS[(at + shift) % REGIONS.len()]
    }

    fn host(&self, at: usize, host: Host, out: &mut String) {
        let own = |answer: &str| {
            format!(
                "  resource own{at}: aws.route53.RecordSet {{ hosted_zone = zone, name = \"h{at}.x.test\", type = \"A\", {answer} }}\n"
            )
        };
        match host {
            Host::Outside => out.push_str(&own(&format!("ttl = 30s, resource_records = [\"203.0.113.{}\"]", at + 1))),
            Host::Website => out.push_str(&own(&alias(&website(at), "\"Z0000000000001\"", true))),
            Host::Address { region } => {
                let _ = writeln!(out, "  resource ip{at}: aws.ec2.Eip at {} {{ }}", self.region(at, region));
                out.push_str(&own(&format!("ttl = 30s, resource_records = [\"${{ip{at}.public_ip}}\"]")));
            }
            Host::Balancer { region, interval, threshold } => {
                let r = self.region(at, region);
                let _ = write!(
                    out,
                    "  resource vpc{at}: aws.ec2.Vpc at {r} {{ cidr_block = 10.{at}.0.0/16 }}
  resource a{at}: aws.ec2.Subnet at {r} {{ vpc = vpc{at}, cidr_block = 10.{at}.1.0/24, availability_zone = {r}a }}
  resource b{at}: aws.ec2.Subnet at {r} {{ vpc = vpc{at}, cidr_block = 10.{at}.2.0/24, availability_zone = {r}c }}
  resource lb{at}: aws.elbv2.LoadBalancer at {r} {{ name = \"lb{at}\", type = \"network\", subnets = [a{at}, b{at}] }}
  resource tg{at}: aws.elbv2.TargetGroup at {r} {{
    name = \"tg{at}\", vpc = vpc{at}, port = 80, protocol = \"TCP\", health_check_interval = {interval}s
    health_check_timeout = 5s, unhealthy_threshold_count = {threshold}
  }}
  resource li{at}: aws.elbv2.Listener at {r} {{
    load_balancer = lb{at}, port = 80, protocol = \"TCP\", default_actions = [{{ type = \"forward\", target_group = tg{at} }}]
  }}
"
                );
                out.push_str(&own(&alias(
                    &format!("lb{at}.dns_name"),
                    &format!("lb{at}.canonical_hosted_zone_id"),
                    true,
                )));
            }
        }
    }

    fn check(&self, at: usize, check: &Check, out: &mut String) {
        let (interval, threshold) = ([10, 30][at % 2], [1, 2, 3][at % 3]);
        let flags = format!("inverted = {}, disabled = {}", check.inverted, check.disabled);
        let config = match &check.by {
            By::Host(host) => self.probe(*host % self.hosts.len(), interval, threshold),
            By::Name(group) => format!(
                "type = \"TCP\", port = 80, fully_qualified_domain_name = \"g{}.x.test\", request_interval = {interval}s, failure_threshold = {threshold}",
                group % self.groups.len()
            ),
            By::Calculated { children, threshold } => {
                let mut of: Vec<usize> = children.iter().map(|child| child % self.checks.len()).collect();
                of.retain(|child| *child < at && !matches!(self.checks[*child].by, By::Calculated { .. }));
                of.sort();
                of.dedup();
                if of.is_empty() {
                    self.probe(at % self.hosts.len(), interval, 2)
                } else {
                    let names: Vec<String> = of.iter().map(|child| format!("c{child}")).collect();
                    let threshold = threshold % (of.len() + 1);
                    format!(
                        "type = \"CALCULATED\", child_health_checks = [{}], health_threshold = {threshold}",
                        names.join(", ")
                    )
                }
            }
            By::Alarm { host, insufficient } => {
                let host = host % self.hosts.len();
                match self.hosts[host] {
                    Host::Balancer { region, .. } => {
                        let r = self.region(host, region);
                        let _ = writeln!(
                            out,
                            "  resource al{at}: aws.cloudwatch.Alarm at {r} {{
    alarm_name = \"al{at}\", namespace = \"AWS/NetworkELB\", metric_name = \"HealthyHostCount\", statistic = \"Minimum\"
    dimensions = {{ LoadBalancer = lb{host}.load_balancer_full_name }}, period = 1m, evaluation_periods = 2
    comparison_operator = \"LessThanThreshold\", threshold = 1
  }}"
                        );
                        let status = ["Healthy", "Unhealthy", "LastKnownStatus"][*insufficient];
                        format!(
                            "type = \"CLOUDWATCH_METRIC\", alarm_identifier = {{ name = al{at}, region = {r} }}, insufficient_data_health_status = \"{status}\""
                        )
                    }
                    _ => self.probe(host, interval, threshold),
                }
            }
        };
        let _ = writeln!(
            out,
            "  resource c{at}: aws.route53.HealthCheck {{ health_check_config = {{ {config}, {flags} }} }}"
        );
    }

    /// A probe of a host: by its own name.
    fn probe(&self, host: usize, interval: u32, threshold: u32) -> String {
        format!(
            "type = \"HTTPS\", fully_qualified_domain_name = \"h{host}.x.test\", resource_path = \"/\", request_interval = {interval}s, failure_threshold = {threshold}"
        )
    }

    fn group(&self, at: usize, group: &Group, out: &mut String) {
        let policy = group.policy % 6;
        let count = match policy {
            0 => 1,
            1 if group.members.len() < 2 => return self.group(at, &Group { policy: 0, ..group.clone() }, out),
            1 => 2,
            _ => group.members.len(),
        };
        // No multivalue CNAMEs.
        let cname = group.cname && policy != 5;
        for (nth, member) in group.members.iter().take(count).enumerate() {
            let (lead, is_alias, host) = self.lead(at, group, nth, cname, policy == 5);
            let mut fields = String::new();
            let check = member.check.map(|check| check % self.checks.len());
            // A primary that is no alias needs a check.
            let check = check.or((policy == 1 && nth == 0 && !is_alias).then_some(0));
            if let Some(check) = check.filter(|_| policy != 0) {
                let named = match host {
                    Some(host) if member.sound => format!("s{at}_{nth}_{host}"),
                    _ => format!("c{check}"),
                };
                if let (Some(host), true) = (host, member.sound) {
                    let probe = self.probe(host, [10, 30][host % 2], [1, 2, 3][nth % 3]);
                    let _ = writeln!(
                        out,
                        "  resource {named}: aws.route53.HealthCheck {{ health_check_config = {{ {probe} }} }}"
                    );
                }
                let _ = write!(fields, ", health_check = {named}");
            }
            if policy != 0 {
                let _ = write!(fields, ", set_identifier = \"{nth}\"");
            }
            let _ = match policy {
                1 => write!(fields, ", failover = \"{}\"", ["PRIMARY", "SECONDARY"][nth]),
                2 => write!(fields, ", weight = {}", member.weight),
                3 => write!(fields, ", region = {}", REGIONS[nth]),
                4 => write!(fields, ", geo_location = {}", PLACES[nth]),
                5 => write!(fields, ", multi_value_answer = true"),
                _ => Ok(()),
            };
            let ty = if cname { "CNAME" } else { "A" };
            let _ = writeln!(
                out,
                "  resource r{at}_{nth}: aws.route53.RecordSet {{ hosted_zone = zone, name = \"g{at}.x.test\", type = \"{ty}\", {lead}{fields} }}"
            );
        }
    }

    /// Where a record leads: what to write, whether it is an alias, and the host if it leads to one.
    fn lead(&self, at: usize, group: &Group, nth: usize, cname: bool, plain: bool) -> (String, bool, Option<usize>) {
        let member = &group.members[nth];
        let host = (member.to + nth) % self.hosts.len();
        let lower = (at > 0 && member.onward && !plain).then(|| member.to % at.max(1));
        let ttl = group.ttl;
        match lower {
            Some(lower) if cname => (format!("ttl = {ttl}s, resource_records = [\"g{lower}.x.test\"]"), false, None),
            // An alias leads to records of its own type.
            Some(lower) if !self.is_cname(lower) => {
                (alias(&format!("\"g{lower}.x.test\""), "\"Z0000000000000\"", member.evaluate), true, None)
            }
            _ if cname => (format!("ttl = {ttl}s, resource_records = [\"h{host}.x.test\"]"), false, Some(host)),
            _ => match self.hosts[host] {
                Host::Outside => {
                    (format!("ttl = {ttl}s, resource_records = [\"203.0.113.{}\"]", host + 1), false, Some(host))
                }
                Host::Address { .. } => {
                    (format!("ttl = {ttl}s, resource_records = [\"${{ip{host}.public_ip}}\"]"), false, Some(host))
                }
                Host::Balancer { .. } | Host::Website if plain => {
                    ("ttl = 60s, resource_records = [\"203.0.113.99\"]".to_owned(), false, None)
                }
                Host::Website => (alias(&website(host), "\"Z0000000000001\"", member.evaluate), true, Some(host)),
                Host::Balancer { .. } => {
                    let zone = format!("lb{host}.canonical_hosted_zone_id");
                    (alias(&format!("lb{host}.dns_name"), &zone, member.evaluate), true, Some(host))
                }
            },
        }
    }

    fn is_cname(&self, group: usize) -> bool {
        self.groups[group].cname && self.groups[group].policy % 6 != 5
    }
}

fn alias(name: &str, zone: &str, evaluate: bool) -> String {
    format!("alias_target = {{ dns_name = {name}, hosted_zone_id = {zone}, evaluate_target_health = {evaluate} }}")
}

fn website(host: usize) -> String {
    format!("\"w{host}.example.net\"")
}
