//! Reads what a program wants as a world.
//!
//! The only module that knows kinds, attributes and terms. It judges nothing: what can't be read leads
//! nowhere, or may say anything.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use topo_model::{Desired, ResId, Symbol, Term, Value, dns_name};

use crate::world::{
    Balancer, By, Check, Host, Insufficient, Leads, Place, Policy, Record, Target, Thing, Ty, World, is_below,
};

/// Where Route 53's checkers sit.
///
/// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html>
const CHECKERS: [&str; 8] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
];

pub(crate) fn world(desired: &Desired) -> World {
    let mut reader = Reader { desired, world: World::default(), checks: FxHashMap::default() };
    reader.zones();
    reader.checks();
    for (id, resource) in desired.iter() {
        if desired.kind(resource).name.as_str() == "aws.route53.RecordSet" {
            reader.record(id);
        }
    }
    reader.share_places();
    reader.world.places.push(Place::default());
    for record in &reader.world.records {
        if let Policy::Geo(place) = &record.policy
            && !reader.world.places.contains(place)
        {
            reader.world.places.push(place.clone());
        }
    }
    reader.world
}

struct Reader<'d> {
    desired: &'d Desired,
    world: World,
    checks: FxHashMap<ResId, usize>,
}

impl<'d> Reader<'d> {
    fn of(&self, kind: &'static str) -> impl Iterator<Item = ResId> + 'd {
        let desired = self.desired;
        desired.iter().filter(move |(_, r)| desired.kind(r).name.as_str() == kind).map(|(id, _)| id)
    }

    /// An attribute that is set.
    fn get(&self, id: ResId, name: &str) -> Option<&'d Value> {
        let resource = self.desired.resource(id);
        let (at, _) = self.desired.kind(resource).attribute(Symbol::new(name))?;
        resource.value(at).filter(|value| !value.is_none())
    }

    fn text(&self, id: ResId, name: &str) -> Option<&'d str> {
        self.get(id, name)?.as_str()
    }

    fn link(&self, id: ResId, name: &str) -> Option<ResId> {
        self.get(id, name).and_then(resource_of)
    }

    fn millis(&self, id: ResId, name: &str) -> Option<i64> {
        self.get(id, name)?.as_millis()
    }

    fn zones(&mut self) {
        let zones = self.of("aws.route53.HostedZone").filter_map(|id| Some((dns_name(self.text(id, "name")?), id)));
        self.world.zones = zones.collect();
    }

    fn checks(&mut self) {
        let ids: Vec<ResId> = self.of("aws.route53.HealthCheck").collect();
        self.checks = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        for id in ids {
            let config = self.get(id, "health_check_config");
            let is = |name| config.and_then(|c| field(c, name)).and_then(Value::as_bool).unwrap_or(false);
            let (inverted, disabled) = (is("inverted"), is("disabled"));
            let by = config.and_then(|config| self.goes_by(config)).unwrap_or(By::Unknown);
            self.world.checks.push(Check { id, by, inverted, disabled });
        }
    }

    fn goes_by(&mut self, config: &'d Value) -> Option<By> {
        match field(config, "type")?.as_str()? {
            "CALCULATED" => {
                let children = field(config, "child_health_checks")?.items()?;
                let child = |value| self.checks.get(&resource_of(value)?).copied();
                let of = children.iter().map(child).collect::<Option<_>>()?;
                Some(By::Children { of, threshold: field(config, "health_threshold")?.as_int()? })
            }
            "CLOUDWATCH_METRIC" => self.alarm(config),
            protocol => {
                let of = self.target(config)?;
                let regions = field(config, "regions").and_then(Value::items);
                let named = regions.map(|all| all.iter().filter_map(Value::as_str).map(Symbol::new).collect());
                Some(By::Probes {
                    of,
                    protocol: protocol.to_owned(),
                    interval: field(config, "request_interval").map_or(Some(30_000), Value::as_millis)?.max(1),
                    threshold: field(config, "failure_threshold").map_or(Some(3), Value::as_int)?.max(1),
                    from: named.unwrap_or_else(|| CHECKERS.iter().map(|region| Symbol::new(region)).collect()),
                })
            }
        }
    }

    /// An address is probed where there is one; a name beside it is only what is asked for.
    fn target(&mut self, config: &'d Value) -> Option<Target> {
        if let Some(address) = field(config, "ip_address") {
            return match address_of(address) {
                Some(address) => Some(Target::Host(self.host(Thing::Address(address)))),
                None => Some(Target::Host(self.computed(address))),
            };
        }
        let name = field(config, "fully_qualified_domain_name")?;
        let Some(text) = name.as_str() else { return Some(Target::Host(self.computed(name))) };
        let name = dns_name(text);
        if !self.world.serves(&name) {
            self.host(Thing::Name(name.clone()));
        }
        Some(Target::Name(name))
    }

    fn alarm(&self, config: &'d Value) -> Option<By> {
        let identifier = field(config, "alarm_identifier")?;
        let name = field(identifier, "name")?;
        let region = field(identifier, "region")?.as_str().map(Symbol::new);
        let called =
            |id: &ResId| self.text(*id, "alarm_name") == name.as_str() && self.desired.resource(*id).region == region;
        let alarm = resource_of(name).or_else(|| self.of("aws.cloudwatch.Alarm").find(called));
        let watches = alarm.map(|id| {
            let mut of = Vec::new();
            let resource = self.desired.resource(id);
            resource.for_each_dependency(&mut |id| of.push((id, self.desired.resource(id).region)));
            of
        });
        Some(By::Alarm {
            watches,
            region,
            window: alarm.map_or(0, |id| self.window(id)),
            insufficient: match field(config, "insufficient_data_health_status").and_then(Value::as_str) {
                Some("Unhealthy") => Insufficient::Unhealthy,
                Some("LastKnownStatus") => Insufficient::LastKnown,
                _ => Insufficient::Healthy,
            },
        })
    }

    /// How long an alarm looks back: its periods, the longest of them where it has several metrics.
    fn window(&self, alarm: ResId) -> i64 {
        let metrics = self.get(alarm, "metrics").and_then(Value::items).unwrap_or_default();
        let of = |metric: &Value| {
            let own = field(metric, "period").and_then(Value::as_millis);
            own.or_else(|| field(field(metric, "metric_stat")?, "period")?.as_millis())
        };
        let period = self.millis(alarm, "period").or_else(|| metrics.iter().filter_map(of).max());
        let periods = self.get(alarm, "evaluation_periods").and_then(Value::as_int).unwrap_or(1);
        period.unwrap_or(60_000) * periods
    }

    fn record(&mut self, id: ResId) {
        let (Some(zone), Some(name)) = (self.link(id, "hosted_zone"), self.text(id, "name").map(dns_name)) else {
            return;
        };
        let ty = match self.text(id, "type") {
            Some("A") => Ty::A,
            Some("AAAA") => Ty::Aaaa,
            Some("CNAME") => Ty::Cname,
            _ => Ty::Other,
        };
        let policy = self.policy(id);
        let leads = self.leads(id, zone, ty);
        if let (Policy::Latency(region), Leads::Hosts(hosts)) = (&policy, &leads) {
            // Such a record says where its addresses stand.
            for host in hosts {
                let regions = &mut self.world.hosts[*host].regions;
                if regions.is_empty() {
                    regions.push(*region);
                }
            }
        }
        let check = self.link(id, "health_check").and_then(|check| self.checks.get(&check)).copied();
        let ttl = self.millis(id, "ttl").unwrap_or(0);
        let at = self.world.records.len();
        self.world.records.push(Record { id, ty, policy, leads, check, ttl, zone });
        self.world.names.entry((zone, name)).or_default().push(at);
    }

    fn policy(&self, id: ResId) -> Policy {
        if let Some(role) = self.text(id, "failover") {
            return if role == "PRIMARY" { Policy::Primary } else { Policy::Secondary };
        }
        if let Some(weight) = self.get(id, "weight").and_then(Value::as_int) {
            return Policy::Weighted(weight);
        }
        if let Some(region) = self.text(id, "region") {
            return Policy::Latency(Symbol::new(region));
        }
        if self.get(id, "multi_value_answer").and_then(Value::as_bool) == Some(true) {
            return Policy::Multivalue;
        }
        let Some(place) = self.get(id, "geo_location") else { return Policy::Simple };
        let part = |name| field(place, name).and_then(Value::as_str).map(str::to_owned);
        Policy::Geo(Place {
            continent: part("continent_code"),
            country: part("country_code").filter(|code| code != "*"),
            subdivision: part("subdivision_code"),
        })
    }

    fn leads(&mut self, id: ResId, zone: ResId, ty: Ty) -> Leads {
        if let Some(alias) = self.get(id, "alias_target") {
            return self.alias(alias, zone);
        }
        let values = self.get(id, "resource_records").and_then(Value::items).unwrap_or_default();
        match ty {
            Ty::A | Ty::Aaaa if !values.is_empty() => {
                let host = |value: &'d Value| match address_of(value) {
                    Some(address) => self.host(Thing::Address(address)),
                    None => self.computed(value),
                };
                Leads::Hosts(values.iter().map(host).collect())
            }
            Ty::Cname => match values.first() {
                Some(value) => match value.as_str() {
                    Some(text) => Leads::Name(self.name(text)),
                    None => Leads::OwnName(self.computed(value)),
                },
                None => Leads::Nowhere,
            },
            _ => Leads::Nowhere,
        }
    }

    fn alias(&mut self, alias: &'d Value, zone: ResId) -> Leads {
        let evaluate = field(alias, "evaluate_target_health").and_then(Value::as_bool).unwrap_or(false);
        let Some(target) = field(alias, "dns_name") else { return Leads::Nowhere };
        let Some(text) = target.as_str() else {
            return Leads::Resource { host: self.computed(target), evaluate };
        };
        let name = dns_name(text);
        let apex = self.text(zone, "name").map(dns_name);
        if apex.is_some_and(|apex| name == apex || is_below(&name, &apex)) {
            return Leads::Records { name, evaluate };
        }
        Leads::Resource { host: self.host(Thing::Name(name)), evaluate }
    }

    /// A name that something leads to; outside the program's zones it is a host.
    fn name(&mut self, text: &str) -> String {
        let name = dns_name(text);
        if !self.world.serves(&name) {
            self.host(Thing::Name(name.clone()));
        }
        name
    }

    /// The host that a value which a cloud decides stands for: the resources that it comes from.
    fn computed(&mut self, value: &Value) -> usize {
        let mut of = Vec::new();
        match resource_of(value) {
            Some(id) => of.push(id),
            None => value.for_each_resource(&mut |id| of.push(id)),
        }
        of.sort();
        of.dedup();
        match of.as_slice() {
            [one] => self.host(Thing::Resource(*one)),
            _ => self.host(Thing::Several(of)),
        }
    }

    fn host(&mut self, what: Thing) -> usize {
        if let Some(at) = self.world.hosts.iter().position(|host| host.what == what) {
            return at;
        }
        let of: &[ResId] = match &what {
            Thing::Resource(id) => std::slice::from_ref(id),
            Thing::Several(ids) => ids,
            Thing::Address(_) | Thing::Name(_) => &[],
        };
        let mut regions: Vec<Symbol> = of.iter().filter_map(|id| self.desired.resource(*id).region).collect();
        regions.sort();
        regions.dedup();
        let (zones, balancer) = match &what {
            Thing::Resource(id) => (self.zones_of(*id), self.balancer(*id)),
            _ => (Vec::new(), None),
        };
        let place = self.world.hosts.len();
        self.world.hosts.push(Host { what, regions, zones, balancer, place });
        place
    }

    fn zones_of(&self, id: ResId) -> Vec<Symbol> {
        let subnets = self.get(id, "subnets").and_then(Value::items).unwrap_or_default().iter().filter_map(resource_of);
        let mappings = self.get(id, "subnet_mappings").and_then(Value::items).unwrap_or_default();
        let mapped = mappings.iter().filter_map(|mapping| resource_of(field(mapping, "subnet")?));
        let zone = |subnet| self.text(subnet, "availability_zone").map(Symbol::new);
        let mut zones: Vec<Symbol> = subnets.chain(mapped).filter_map(zone).collect();
        zones.sort();
        zones.dedup();
        zones
    }

    /// The slowest probes among the target groups that a load balancer forwards to; ELB's defaults for what
    /// is left out.
    fn balancer(&self, id: ResId) -> Option<Balancer> {
        if self.desired.kind(self.desired.resource(id)).name.as_str() != "aws.elbv2.LoadBalancer" {
            return None;
        }
        let listeners = self.of("aws.elbv2.Listener").filter(|of| self.link(*of, "load_balancer") == Some(id));
        let probes = listeners.flat_map(|listener| self.groups(listener)).map(|group| {
            let http = matches!(self.text(group, "protocol"), Some("HTTP" | "HTTPS"));
            let count = |name, or| self.get(group, name).and_then(Value::as_int).unwrap_or(or);
            Balancer {
                interval: self.millis(group, "health_check_interval").unwrap_or(30_000).max(1),
                timeout: self.millis(group, "health_check_timeout").unwrap_or(if http { 5_000 } else { 10_000 }),
                unhealthy: count("unhealthy_threshold_count", 2),
                healthy: count("healthy_threshold_count", 5),
            }
        });
        let slowest = probes.max_by_key(|probes| probes.unhealthy * probes.interval + probes.timeout);
        Some(slowest.unwrap_or(Balancer { interval: 30_000, timeout: 5_000, unhealthy: 2, healthy: 5 }))
    }

    fn groups(&self, listener: ResId) -> Vec<ResId> {
        let mut groups = Vec::new();
        for action in self.get(listener, "default_actions").and_then(Value::items).unwrap_or_default() {
            let several = field(action, "forward_config").and_then(|config| field(config, "target_groups"));
            let several = several.and_then(Value::items).unwrap_or_default().iter();
            let one = std::iter::once(action);
            groups.extend(one.chain(several).filter_map(|at| resource_of(field(at, "target_group")?)));
        }
        groups
    }

    /// What the program only names is taken to stand with what its record's check probes: a check
    /// that looked elsewhere would be of no use, and the program says no more.
    fn share_places(&mut self) {
        let outside = |host: &usize| self.world.hosts[*host].regions.is_empty();
        let mut pairs = Vec::new();
        for record in &self.world.records {
            let Some(By::Probes { of, .. }) = record.check.map(|check| &self.world.checks[check].by) else { continue };
            let probed = match of {
                Target::Host(host) => Some(*host),
                Target::Name(name) => self.world.named(name),
            };
            let answered = match &record.leads {
                Leads::Hosts(hosts) if hosts.len() == 1 => Some(hosts[0]),
                Leads::Name(name) => self.world.named(name),
                Leads::OwnName(host) | Leads::Resource { host, .. } => Some(*host),
                _ => None,
            };
            pairs.extend(probed.zip(answered).filter(|(a, b)| outside(a) && outside(b)));
        }
        for (a, b) in pairs {
            let (from, to) = (self.world.hosts[a].place, self.world.hosts[b].place);
            self.world.hosts.iter_mut().filter(|host| host.place == from).for_each(|host| host.place = to);
        }
    }
}

/// The resource that a value is, or whose output it is.
fn resource_of(value: &Value) -> Option<ResId> {
    match value {
        Value::Resource(id) => Some(*id),
        Value::Unknown(term) => match &**term {
            Term::Output { resource, .. } => Some(*resource),
            _ => None,
        },
        _ => None,
    }
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.field(name).filter(|value| !value.is_none())
}

fn address_of(value: &Value) -> Option<IpAddr> {
    match value {
        Value::Ip(address) => Some(*address),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    }
}
