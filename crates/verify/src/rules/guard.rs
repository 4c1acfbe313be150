//! Security groups in the way (T0404): a port that the topology needs and that no rule of the groups
//! in front of it lets through; and probes that reach nobody for another reason (T0503).
//!
//! Only what is sure is refused: groups that the program looks up or adopts have rules of their own, and a rule
//! of which anything is computed may be the one that is needed.

use std::collections::BTreeMap;

use ipnet::IpNet;
use topo_model::{Diagnostic, ResId, Value};

use crate::answer::{End, asked, reach};
use crate::dns::{Check, Dns, Probe, Watched, What};
use crate::scene::{Scene, field, leads_to};

pub(super) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    let guards = Guards::read(scene);
    for listener in scene.of(LISTENER) {
        findings.extend(guards.shut(*listener));
    }
    for group in scene.of("aws.autoscaling.Group") {
        guards.targets(*group, findings);
    }
    for check in &dns.checks {
        findings.extend(guards.probed(dns, check));
    }
}

const LISTENER: &str = "aws.elbv2.Listener";

/// Who may talk to whom.
struct Guards<'a> {
    scene: &'a Scene<'a>,
    rules: BTreeMap<ResId, Vec<ResId>>,
    /// The listeners of each load balancer.
    listeners: BTreeMap<ResId, Vec<ResId>>,
}

/// Something that is let through, or not.
#[derive(Clone, Copy)]
struct Passage<'p> {
    direction: &'p str,
    protocols: &'p [&'p str],
    port: i64,
}

/// Who is at the other end.
enum Peer {
    Group(ResId),
    Range(IpNet),
    /// Nothing tells.
    Unknown,
}

impl<'a> Guards<'a> {
    fn read(scene: &'a Scene<'a>) -> Guards<'a> {
        Guards {
            scene,
            rules: scene.pointing("aws.ec2.SecurityGroupRule", "group"),
            listeners: scene.pointing(LISTENER, "load_balancer"),
        }
    }

    /// The groups that guard something, where the program makes all of them and all their rules.
    fn groups(&self, value: &Value) -> Option<Vec<ResId>> {
        let groups: Vec<ResId> = value.items()?.iter().map(leads_to).collect::<Option<_>>()?;
        let ours = |id: &ResId| self.scene.kind(*id) == "aws.ec2.SecurityGroup" && self.scene.is_made(*id);
        (!groups.is_empty() && groups.iter().all(ours) && self.all_known()).then_some(groups)
    }

    /// Whether it is known of every rule to which group it belongs.
    fn all_known(&self) -> bool {
        let rules = self.scene.of("aws.ec2.SecurityGroupRule");
        rules.len() == self.rules.values().map(Vec::len).sum::<usize>()
    }

    fn rules(&self, groups: &[ResId]) -> impl Iterator<Item = ResId> {
        groups.iter().filter_map(|group| self.rules.get(group)).flatten().copied()
    }

    /// Whether a rule is for a passage, whoever is at the other end; one that is computed may be.
    fn fits(&self, rule: ResId, passage: Passage<'_>) -> bool {
        let scene = self.scene;
        let known = |name: &str, fits: &dyn Fn(&Value) -> bool| {
            let value = scene.get(rule, name);
            !value.is_ground() || fits(value)
        };
        let protocol = scene.text(rule, "protocol");
        known("direction", &|v| v.as_str() == Some(passage.direction))
            && (protocol == Some("-1")
                || (protocol.is_none_or(|protocol| passage.protocols.contains(&protocol))
                    && known("from_port", &|v| v.as_int().is_none_or(|from| from <= passage.port))
                    && known("to_port", &|v| v.as_int().is_none_or(|to| to >= passage.port))))
    }

    fn peer(&self, rule: ResId) -> Peer {
        let scene = self.scene;
        if let Some(group) = scene.link(rule, "source_group") {
            return Peer::Group(group);
        }
        match (scene.get(rule, "cidr"), scene.get(rule, "cidr6")) {
            (Value::Cidr(range), _) | (_, Value::Cidr(range)) => Peer::Range(*range),
            _ => Peer::Unknown,
        }
    }

    /// A load balancer that faces the internet, with a port that nobody there may reach.
    ///
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html>
    fn shut(&self, listener: ResId) -> Option<Diagnostic> {
        let scene = self.scene;
        let balancer = scene.link(listener, "load_balancer")?;
        if !scene.is_made(balancer) || scene.text(balancer, "scheme") != Some("internet-facing") {
            return None;
        }
        let port = scene.get(listener, "port").as_int()?;
        let protocols: &[&str] = match scene.text(listener, "protocol")? {
            "UDP" => &["udp"],
            "TCP_UDP" => &["tcp", "udp"],
            _ => &["tcp"],
        };
        if scene.get(balancer, "security_groups").is_none() {
            return self.by_default(balancer, listener, port);
        }
        let groups = self.groups(scene.get(balancer, "security_groups"))?;
        let passage = Passage { direction: "ingress", protocols, port };
        let six = scene.text(balancer, "ip_address_type") != Some("ipv4");
        let lets_in = |rule: &ResId| {
            self.fits(*rule, passage)
                && match self.peer(*rule) {
                    // One that is there may be that of something that speaks for clients.
                    Peer::Group(group) => !scene.is_made(group),
                    Peer::Range(range) => is_public(range) && (six || range.network().is_ipv4()),
                    Peer::Unknown => true,
                }
        };
        if self.rules(&groups).any(|rule| lets_in(&rule)) {
            return None;
        }
        let message = format!(
            "`{}` listens on {port}, and no rule of {} lets {} {port} in from the internet",
            scene.address(balancer),
            self.names(&groups),
            protocols[0]
        );
        let found = Diagnostic::error(404, scene.span(listener, "port"), message, format!("listens on {port}"));
        let found = self.said(found, &groups, "ingress");
        Some(found.help(rule_of(scene, groups[0], ("ingress", protocols[0], port), "cidr = 0.0.0.0/0")))
    }

    /// A load balancer without groups takes the VPC's default one, which lets in what is in that group
    /// alone. A network load balancer without groups has none.
    ///
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
    fn by_default(&self, balancer: ResId, listener: ResId, port: i64) -> Option<Diagnostic> {
        let scene = self.scene;
        let application = scene.text(balancer, "type") == Some("application");
        let vpc = scene.links(balancer, "subnets").first().and_then(|subnet| scene.link(*subnet, "vpc"))?;
        // Where groups are looked up, one of them may be this very one, and have rules.
        let changed = scene.of("aws.ec2.SecurityGroup").iter().any(|group| !scene.is_made(*group));
        if !application || changed || !scene.is_made(vpc) {
            return None;
        }
        let address = scene.address(balancer);
        let message = format!(
            "`{address}` listens on {port}, and has no security_groups: the default group of `{}` lets nothing in from \
             the internet",
            scene.address(vpc)
        );
        let found = Diagnostic::error(404, scene.span(listener, "port"), message, format!("listens on {port}"));
        Some(found.label(scene.place(balancer), "without security_groups").help(format!(
            "give `{address}` security_groups: an `aws.ec2.SecurityGroup` with a rule that lets {port} in from 0.0.0.0/0"
        )))
    }

    fn names(&self, groups: &[ResId]) -> String {
        let names: Vec<String> = groups.iter().map(|group| format!("`{}`", self.scene.address(*group))).collect();
        names.join(" or ")
    }

    /// Labels what the groups do let through.
    fn said(&self, mut found: Diagnostic, groups: &[ResId], direction: &str) -> Diagnostic {
        let scene = self.scene;
        let rules: Vec<ResId> =
            self.rules(groups).filter(|rule| scene.text(*rule, "direction") == Some(direction)).take(4).collect();
        let mut places: Vec<(topo_model::Span, String)> =
            rules.iter().map(|rule| (scene.place(*rule), self.says(*rule))).collect();
        if places.is_empty() {
            let text = format!("has no rule for {direction}");
            places.extend(groups.iter().map(|group| (scene.place(*group), text.clone())));
        }
        for (span, text) in places {
            if found.labels.iter().all(|label| label.span != span) {
                found = found.label(span, text);
            }
        }
        found
    }

    /// A rule in words: `lets tcp 80 in from 10.0.0.0/8`.
    fn says(&self, rule: ResId) -> String {
        let scene = self.scene;
        let port = |name: &str| scene.get(rule, name).as_int();
        let ports = match (port("from_port"), port("to_port")) {
            (Some(from), Some(to)) if from == to => format!(" {from}"),
            (Some(from), Some(to)) => format!(" {from} to {to}"),
            _ => String::new(),
        };
        let what = match scene.text(rule, "protocol") {
            Some("-1") => "everything".to_owned(),
            protocol => format!("{}{ports}", protocol.unwrap_or("something")),
        };
        let who = match self.peer(rule) {
            Peer::Group(group) => format!("`{}`", scene.address(group)),
            Peer::Range(range) => range.to_string(),
            Peer::Unknown => "what is computed".to_owned(),
        };
        match scene.text(rule, "direction") {
            Some("egress") => format!("lets {what} out to {who}"),
            _ => format!("lets {what} in from {who}"),
        }
    }

    /// The ways from application load balancers to the instances of an Auto Scaling group. With network
    /// load balancers it depends on whose address a target sees, so they are left alone.
    ///
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html>
    fn targets(&self, group: ResId, findings: &mut Vec<Diagnostic>) {
        let scene = self.scene;
        let template = |name: &str| {
            let value = scene.get(group, name);
            let value = if name == "launch_template" { Some(value) } else { field(value, "launch_template") };
            let value = value.map(|value| field(value, "launch_template_specification").unwrap_or(value));
            value.and_then(|value| field(value, "launch_template")).and_then(leads_to)
        };
        let Some(template) = template("launch_template").or_else(|| template("mixed_instances_policy")) else { return };
        let data = scene.get(template, "launch_template_data");
        let Some(theirs) = field(data, "security_groups").and_then(|groups| self.groups(groups)) else { return };
        for target in scene.links(group, "target_groups") {
            for balancer in self.in_front(target) {
                let own = self.groups(scene.get(balancer, "security_groups"));
                let Some(own) = own.filter(|_| scene.text(balancer, "type") == Some("application")) else { continue };
                let mut ports: Vec<i64> = ["port", "health_check_port"]
                    .into_iter()
                    .filter_map(|name| scene.get(target, name).as_int())
                    .collect();
                ports.dedup();
                for port in ports {
                    let door = Door { port, target, balancer };
                    findings.extend(self.kept_out(door, &own, &theirs, group));
                    findings.extend(self.kept_in(door, &own, &theirs, group));
                }
            }
        }
    }

    /// The load balancers that forward to a target group by default.
    fn in_front(&self, target: ResId) -> Vec<ResId> {
        let forwards = |listener: &ResId| crate::dns::forwards(self.scene, *listener).contains(&target);
        let balancers = self.listeners.iter().filter(|(_, listeners)| listeners.iter().any(forwards));
        balancers.map(|(balancer, _)| *balancer).collect()
    }

    /// The instances' groups let the load balancer's port in from nowhere that it stands in.
    fn kept_out(&self, door: Door, own: &[ResId], theirs: &[ResId], group: ResId) -> Option<Diagnostic> {
        let scene = self.scene;
        let subnets = scene.links(door.balancer, "subnets");
        let passage = Passage { direction: "ingress", protocols: &["tcp"], port: door.port };
        if self.rules(theirs).any(|rule| self.fits(rule, passage) && self.may_be(rule, own, &subnets)) {
            return None;
        }
        let message = format!(
            "`{}` sends to port {} of the instances of `{}`, and no rule of {} lets it in",
            scene.address(door.balancer),
            door.port,
            scene.address(group),
            self.names(theirs)
        );
        let found = self.door(door, message, group);
        let found = self.said(found, theirs, "ingress");
        let source = format!("source_group = {}", scene.address(own[0]));
        Some(found.help(rule_of(scene, theirs[0], ("ingress", "tcp", door.port), &source)))
    }

    /// The load balancer's own groups let nothing out to the instances.
    fn kept_in(&self, door: Door, own: &[ResId], theirs: &[ResId], group: ResId) -> Option<Diagnostic> {
        let scene = self.scene;
        if own.iter().any(|group| scene.get(*group, "default_egress").as_bool() != Some(false)) {
            return None;
        }
        let subnets = scene.links(group, "vpc_zone_identifier");
        let passage = Passage { direction: "egress", protocols: &["tcp"], port: door.port };
        if self.rules(own).any(|rule| self.fits(rule, passage) && self.may_be(rule, theirs, &subnets)) {
            return None;
        }
        let message = format!(
            "`{}` sends to port {} of the instances of `{}`, and no rule of {} lets it out",
            scene.address(door.balancer),
            door.port,
            scene.address(group),
            self.names(own)
        );
        let found = self.door(door, message, group);
        let found = self.said(found, own, "egress");
        let source = format!("source_group = {}", scene.address(theirs[0]));
        Some(found.help(rule_of(scene, own[0], ("egress", "tcp", door.port), &source)))
    }

    fn door(&self, door: Door, message: String, group: ResId) -> Diagnostic {
        let scene = self.scene;
        Diagnostic::error(404, scene.place(door.target), message, format!("asks port {}", door.port))
            .label(scene.place(group), format!("`{}` puts its instances there", scene.address(group)))
    }

    /// Whether what a rule names may be in one of these groups, or in one of these subnets.
    fn may_be(&self, rule: ResId, groups: &[ResId], subnets: &[ResId]) -> bool {
        match self.peer(rule) {
            Peer::Unknown => true,
            Peer::Group(group) => groups.contains(&group) || !self.scene.is_made(group),
            Peer::Range(range) => {
                let within = |subnet: &ResId| match self.scene.get(*subnet, "cidr_block") {
                    Value::Cidr(subnet) => subnet.contains(&range) || range.contains(subnet),
                    _ => true,
                };
                subnets.is_empty() || subnets.iter().any(within)
            }
        }
    }

    /// A probe of a load balancer that checkers can't reach, or of a port on which it does not listen.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>
    fn probed(&self, dns: &Dns, check: &Check) -> Option<Diagnostic> {
        let scene = self.scene;
        let Probe::Endpoint { watched, .. } = &check.probe else { return None };
        let config = scene.get(check.id, "health_check_config");
        let usual = if field(config, "type")?.as_str()?.starts_with("HTTPS") { 443 } else { 80 };
        let port = field(config, "port").map_or(Some(usual), Value::as_int)?;
        let ends = match watched {
            Watched::Endpoint(id) => vec![End::Endpoint(*id)],
            Watched::Name(name) => reach(dns, asked(dns, name), |group| dns.group(group).sets.as_slice().into()).ends,
        };
        let name = match watched {
            Watched::Name(name) => format!("{name}, which leads to "),
            Watched::Endpoint(_) => String::new(),
        };
        let balancer = |end: &End| match end {
            End::Endpoint(id) => match dns.endpoints.get(*id).what {
                What::Resource(id) if scene.kind(id) == "aws.elbv2.LoadBalancer" && scene.is_made(id) => Some(id),
                _ => None,
            },
            End::Nothing => None,
        };
        let balancer = ends.iter().find_map(balancer)?;
        let (by, address) = (scene.address(check.id), scene.address(balancer));
        let span = scene.span(check.id, "health_check_config");
        if scene.text(balancer, "scheme") == Some("internal") {
            let message = format!(
                "`{by}` probes {name}`{address}`, which has private addresses only: checkers stand in the internet"
            );
            return Some(
                Diagnostic::error(503, span, message, "never reached")
                    .label(scene.place(balancer), "internal")
                    .help("let it look at an alarm on the load balancer's healthy targets (`CLOUDWATCH_METRIC`)"),
            );
        }
        let listeners = self.listeners.get(&balancer)?;
        let ports: Option<Vec<i64>> = listeners.iter().map(|id| scene.get(*id, "port").as_int()).collect();
        let ports = ports?;
        if ports.contains(&port) {
            return self.checkers_shut_out(check.id, balancer, port);
        }
        let listens: Vec<String> = ports.iter().map(i64::to_string).collect();
        let listens = listens.join(" and ");
        let message = format!("`{by}` probes port {port} of {name}`{address}`, which listens on {listens} only");
        Some(
            Diagnostic::error(503, span, message, format!("asks port {port}"))
                .label(scene.place(balancer), format!("listens on {listens}"))
                .help(format!("probe {listens}, or write a listener for {port}")),
        )
    }

    /// A warning: the port is open to some of the internet, and to no checker that is known.
    fn checkers_shut_out(&self, check: ResId, balancer: ResId, port: i64) -> Option<Diagnostic> {
        let scene = self.scene;
        let groups = self.groups(scene.get(balancer, "security_groups"))?;
        let passage = Passage { direction: "ingress", protocols: &["tcp"], port };
        let peers: Vec<Peer> =
            self.rules(&groups).filter(|rule| self.fits(*rule, passage)).map(|rule| self.peer(rule)).collect();
        let mut open: Vec<IpNet> = Vec::new();
        for peer in peers {
            match peer {
                Peer::Unknown => return None,
                Peer::Group(group) if !scene.is_made(group) => return None,
                Peer::Range(range) if may_check(range) => return None,
                Peer::Range(range) if is_public(range) => open.push(range),
                Peer::Range(_) | Peer::Group(_) => {}
            }
        }
        // Open to nobody: that is an error already.
        let first = open.first()?;
        let message = format!(
            "`{}` probes `{}` on {port}, which its groups let in from {first} only: Route 53's checkers stand elsewhere, \
             and the check would always fail",
            scene.address(check),
            scene.address(balancer)
        );
        let span = scene.span(check, "health_check_config");
        let found = Diagnostic::warning(404, span, message, format!("asks port {port}"));
        Some(self.said(found, &groups, "ingress").help(format!(
            "let {port} in from the checkers, too: a rule with `prefix_list`, the id of \
             com.amazonaws.{}.route53-healthchecks",
            scene.region(balancer).map_or("REGION", |region| region.as_str())
        )))
    }
}

/// Where Route 53's checkers are known to stand: of the published ranges of ROUTE53_HEALTHCHECKS, those
/// that have long been there. New ones come, so nothing is refused by this list.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/route-53-ip-addresses.html>
const CHECKERS: [&str; 17] = [
    "15.177.0.0/18",
    "54.183.255.128/26",
    "54.228.16.0/26",
    "54.232.40.64/26",
    "54.241.32.64/26",
    "54.243.31.192/26",
    "54.244.52.192/26",
    "54.245.168.0/26",
    "54.248.220.0/26",
    "54.250.253.192/26",
    "54.251.31.128/26",
    "54.252.79.128/26",
    "54.252.254.192/26",
    "54.255.254.192/26",
    "107.23.255.0/26",
    "176.34.159.192/26",
    "177.71.207.128/26",
];

/// Whether checkers may stand in a range.
fn may_check(range: IpNet) -> bool {
    let holds = |text: &str| text.parse::<IpNet>().is_ok_and(|known| known.contains(&range) || range.contains(&known));
    !range.network().is_ipv4() || CHECKERS.into_iter().any(holds)
}

/// A port of targets behind a load balancer.
#[derive(Clone, Copy)]
struct Door {
    port: i64,
    target: ResId,
    balancer: ResId,
}

/// Whether addresses of a range are of the internet.
fn is_public(range: IpNet) -> bool {
    let private = |text: &str| text.parse::<IpNet>().is_ok_and(|private| private.contains(&range));
    ![
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    ]
    .into_iter()
    .any(private)
}

/// The rule to write.
fn rule_of(scene: &Scene<'_>, group: ResId, (direction, protocol, port): (&str, &str, i64), who: &str) -> String {
    format!(
        "write an `aws.ec2.SecurityGroupRule` with group = {}, direction = \"{direction}\", protocol = \"{protocol}\", \
         from_port = {port}, to_port = {port}, {who}",
        scene.address(group)
    )
}
