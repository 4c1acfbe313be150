//! What can't stand side by side in a cloud though no key is the same: records of one name
//! (T0504), subnets that overlap (T0402), a zone of another region (T0301), an alarm that is looked for elsewhere (T0503).
//!
//! Looks at what is known before any cloud is asked, and at nothing else.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Kind, Origin, ResId, Resource, Symbol, Term, Type, Value, dns_name};

use super::Expander;
use super::findings::Role;
use super::origin::Read;
use crate::check::of_aws;

/// The attributes that choose between the records of a name and type.
const POLICIES: [&str; 5] = ["failover", "region", "weight", "geo_location", "multi_value_answer"];

/// What to do with two records that can't stand side by side.
const APART: &str =
    "remove one of them, give it another name, or give both one routing policy with a `set_identifier` each";

/// What to do with two subnets that overlap.
const PARTS: &str = "give each a part of its own: `cidr.split(block, n)` cuts a range into n parts";

/// A finding, the resource that it is about, and what it looked at.
type Found<'p> = (usize, Diagnostic, Vec<Read<'p>>);

/// What of a record says which others may stand beside it.
#[derive(Debug, Clone, Copy)]
struct Shape<'v> {
    ty: &'v str,
    policy: Option<&'static str>,
    /// The policy's value, where no two records may have the same.
    value: Option<&'v Value>,
}

/// Why two records of one name can't both be there.
#[derive(Debug)]
enum Clash<'v> {
    /// One is a CNAME, the other of this type.
    Cname(&'v str),
    Policies,
    Value(&'static str, &'v Value),
}

/// The records of one name, by what others may not have: the first of each.
#[derive(Debug, Default)]
struct Named<'v> {
    shapes: Vec<(Shape<'v>, usize)>,
    values: FxHashMap<(&'v str, &'static str, &'v Value), usize>,
}

impl<'v> Named<'v> {
    /// Takes one more record; gives the first that it can't stand beside.
    fn add(&mut self, at: usize, shape: Shape<'v>) -> Option<(usize, Clash<'v>)> {
        let beside = |(other, first): &(Shape<'v>, usize)| {
            let cname = other.ty == "CNAME" || shape.ty == "CNAME";
            let clash = match other.ty == shape.ty {
                false if cname => Clash::Cname(if other.ty == "CNAME" { shape.ty } else { other.ty }),
                true if other.policy != shape.policy => Clash::Policies,
                _ => return None,
            };
            Some((*first, clash))
        };
        let clash = self.shapes.iter().find_map(beside);
        if !self.shapes.iter().any(|(known, _)| (known.ty, known.policy) == (shape.ty, shape.policy)) {
            self.shapes.push((shape, at));
        }
        let (Some(policy), Some(value)) = (shape.policy, shape.value) else { return clash };
        let same = *self.values.entry((shape.ty, policy, value)).or_insert(at);
        let same = (same != at).then_some((same, Clash::Value(policy, value)));
        [clash, same].into_iter().flatten().min_by_key(|(first, _)| *first)
    }
}

impl<'p> Expander<'p> {
    /// Finds out before the cloud does, which would be halfway through an apply.
    pub(super) fn check_conflicts(&mut self) {
        let mut found = self.records();
        found.extend(self.subnets());
        found.extend(self.zones());
        found.extend(self.alarms());
        found.extend(self.tags_of_aws());
        for (at, diagnostic, reads) in found {
            let inside = self.in_library(self.resources[at].span) && !self.in_library(diagnostic.span());
            let (rule, role) = (diagnostic.span(), if inside { Role::Pair } else { Role::Plain });
            self.report_of(at, diagnostic, (reads, rule), role);
        }
    }

    /// The resources of a kind that the program makes or adopts.
    fn made(&self, kind: &str) -> impl Iterator<Item = (usize, &Resource)> {
        let id = self.program.catalogue.find(Symbol::new(kind));
        let all = self.resources.iter().enumerate();
        all.filter(move |(_, r)| Some(r.kind) == id && !matches!(r.origin, Origin::Existing(_)))
    }

    fn kind_of(&self, resource: &Resource) -> &Kind {
        self.program.catalogue.kind(resource.kind)
    }

    /// What the program sets an attribute to.
    fn set<'r>(&'r self, resource: &'r Resource, name: &str) -> Option<&'r Value> {
        let (at, _) = self.kind_of(resource).attribute(Symbol::new(name))?;
        resource.value(at).filter(|v| !v.is_none())
    }

    /// T0504 for records of one name that Route 53 does not take together.
    fn records(&self) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        let mut names: FxHashMap<(&Value, String), Named<'_>> = FxHashMap::default();
        for (at, record) in self.made("aws.route53.RecordSet") {
            let values = || self.settings(&[at], "resource_records");
            found.extend(self.addresses_of(record).map(|wrong| (at, wrong, values())));
            let (Some(zone), Some(Value::Str(name))) = (self.set(record, "hosted_zone"), self.set(record, "name"))
            else {
                continue;
            };
            let Some(shape) = self.shape(record) else { continue };
            let name = dns_name(name);
            if let Some((other, clash)) = names.entry((zone, name.clone())).or_default().add(at, shape) {
                // That the very same record is there twice, its key says.
                let id = |at: usize| self.set(&self.resources[at], "set_identifier");
                if matches!(clash, Clash::Value(..)) && id(other) == id(at) {
                    continue;
                }
                let (why, names) = (self.why(&clash), self.settings(&[at, other], "name"));
                found.push((at, self.together(other, at, 504, format!("{name}: {why}")).help(APART), names));
            }
        }
        found
    }

    /// What of a record says which others may stand beside it; `None` where its type is not known.
    fn shape<'r>(&'r self, record: &'r Resource) -> Option<Shape<'r>> {
        let ty = self.set(record, "type")?.as_str()?;
        let policy = POLICIES.into_iter().find(|name| self.set(record, name).is_some());
        let own = policy.filter(|policy| matches!(*policy, "failover" | "region" | "geo_location"));
        let value = own.and_then(|policy| self.set(record, policy)).filter(|value| value.is_ground());
        Some(Shape { ty, policy, value })
    }

    fn why(&self, clash: &Clash<'_>) -> String {
        match clash {
            Clash::Cname(ty) => format!("a CNAME can't stand beside a record of type {ty}"),
            Clash::Policies => "records of one name and type have one routing policy".to_owned(),
            Clash::Value(policy, value) => format!("two records have `{policy}` = {}", self.short(value)),
        }
    }

    /// T0504 for a value that is no address, of a record of addresses.
    fn addresses_of(&self, record: &Resource) -> Option<Diagnostic> {
        let kind = self.kind_of(record);
        let ty = self.set(record, "type")?.as_str()?;
        let (at, _) = kind.attribute(Symbol::new("resource_records"))?;
        let set = record.attributes[at.0 as usize].as_ref()?;
        let wrong = set.value.items()?.iter().filter_map(Value::as_str).find(|text| match ty {
            "A" => text.parse::<Ipv4Addr>().is_err(),
            "AAAA" => text.parse::<Ipv6Addr>().is_err(),
            _ => false,
        })?;
        let wanted = if ty == "A" { "an IPv4 address" } else { "an IPv6 address" };
        let message = format!("\"{wrong}\" is not {wanted}, as the values of a record of type {ty} are");
        let example = if ty == "A" { "192.0.2.1" } else { "2001:db8::1" };
        let found = Diagnostic::error(504, set.span, message, format!("not {wanted}"));
        Some(found.help(format!("write an address such as \"{example}\", or another `type`")))
    }

    /// T0402 for subnets of one VPC that share addresses.
    fn subnets(&self) -> Vec<Found<'p>> {
        let mut networks: FxHashMap<&Value, Vec<(IpNet, usize)>> = FxHashMap::default();
        for (at, subnet) in self.made("aws.ec2.Subnet") {
            if let (Some(vpc), Some(Value::Cidr(range))) = (self.set(subnet, "vpc"), self.set(subnet, "cidr_block")) {
                networks.entry(vpc).or_default().push((*range, at));
            }
        }
        let mut found = Vec::new();
        for mut ranges in networks.into_values() {
            ranges.sort_by_key(|(range, at)| (range.network(), range.prefix_len(), *at));
            // Ranges lie in each other or apart, so the last large one tells.
            let mut whole: Option<(IpNet, usize)> = None;
            for (range, at) in ranges {
                match whole.filter(|(whole, _)| whole.contains(&range)) {
                    // The same range twice is the same subnet twice, T0104.
                    Some((whole, _)) if whole == range => {}
                    Some((taken, other)) => {
                        let (first, second) = (at.min(other), at.max(other));
                        let [a, b] = if first == at { [range, taken] } else { [taken, range] };
                        let why = format!("{b} overlaps {a} in the same VPC");
                        let ranges = self.settings(&[second, first], "cidr_block");
                        found.push((second, self.together(first, second, 402, why).help(PARTS), ranges));
                    }
                    None => whole = Some((range, at)),
                }
            }
        }
        found.sort_by_key(|(at, ..)| *at);
        found
    }

    /// T0301 for a zone that the region of its resource does not have.
    fn zones(&self) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        for (at, resource) in self.resources.iter().enumerate() {
            let Some(region) = resource.region.filter(|_| !matches!(resource.origin, Origin::Existing(_))) else {
                continue;
            };
            for (attribute, set) in self.kind_of(resource).attributes.iter().zip(resource.attributes.iter()) {
                let Some(set) = set.as_ref().filter(|_| matches!(attribute.ty.narrowed(), Type::Zone)) else {
                    continue;
                };
                let (Value::Zone(zone), Some(zones)) = (&set.value, self.program.regions.zones(region)) else {
                    continue;
                };
                if !zones.contains(zone) {
                    let message = format!("the region {region} has no zone {zone}");
                    let wrong = Diagnostic::error(301, set.span, message, format!("not a zone of {region}"));
                    let help = format!(
                        "it has {}; `zones` of the project says what holds for your account",
                        crate::suggest::listed(&zones)
                    );
                    found.push((at, wrong.help(help), self.settings(&[at], attribute.name.as_str())));
                }
            }
        }
        found
    }

    /// T0503 for a health check that looks for its alarm in another region.
    fn alarms(&self) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        for (at, check) in self.made("aws.route53.HealthCheck") {
            let Some((config, _)) = self.kind_of(check).attribute(Symbol::new("health_check_config")) else { continue };
            let Some(set) = check.attributes[config.0 as usize].as_ref() else { continue };
            let Some(alarm) = set.value.field("alarm_identifier") else { continue };
            let (Some(Value::Unknown(name)), Some(Value::Region(said))) = (alarm.field("name"), alarm.field("region"))
            else {
                continue;
            };
            let Term::Output { resource, .. } = **name else { continue };
            let alarm = &self.resources[resource.0 as usize];
            if let Some(region) = alarm.region.filter(|region| region != said) {
                let name = self.addresses.render(alarm.address);
                let message = format!("`{name}` is in {region}, and `alarm_identifier.region` says {said}");
                let reads = self.settings(&[at], "health_check_config");
                found.push((at, Diagnostic::error(503, set.span, message, format!("not {region}")), reads));
            }
        }
        found
    }

    /// T0202 for a resource's tag whose key is AWS's own; the project's have been looked at.
    fn tags_of_aws(&self) -> Vec<Found<'p>> {
        let mut found = Vec::new();
        for (at, resource) in self.resources.iter().enumerate() {
            let tags = self.tags[resource.kind.0 as usize].filter(|_| !matches!(resource.origin, Origin::Existing(_)));
            let Some(set) = tags.and_then(|tags| resource.attributes[tags.0 as usize].as_ref()) else { continue };
            let Value::Map(map) = &set.value else { continue };
            let ours = |key: &str| self.program.project.tags.iter().all(|(name, _)| name != key);
            for key in map.keys().filter_map(Value::as_str).filter(|key| of_aws(key) && ours(key)) {
                let message = format!("the keys of tags that begin with `aws:` are AWS's own: \"{key}\"");
                let reads = self.settings(&[at], "tags");
                found.push((at, Diagnostic::error(202, set.span, message, "can't be set"), reads));
            }
        }
        found
    }

    /// The expressions that an attribute of several resources is set to.
    fn settings(&self, of: &[usize], name: &str) -> Vec<Read<'p>> {
        of.iter().filter_map(|at| self.setting(ResId(*at as u32), Symbol::new(name))).collect()
    }

    /// A finding about two resources, with both places.
    fn together(&self, first: usize, second: usize, code: u16, message: String) -> Diagnostic {
        let [one, other] = [first, second].map(|at| self.addresses.render(self.resources[at].address));
        let (before, here) = self.places(first, second);
        let found = Diagnostic::error(code, here, message, format!("makes `{other}`"));
        if before == here { found } else { found.label(before, format!("makes `{one}`")) }
    }
}
