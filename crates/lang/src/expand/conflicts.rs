//! What can't stand side by side in a cloud though no key is the same: records of one name
//! (T0504), subnets that overlap (T0402), a zone of another region (T0301).
//!
//! Looks at what is known before any cloud is asked, and at nothing else.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use rustc_hash::FxHashMap;
use topo_model::{Diagnostic, Kind, Origin, Resource, Symbol, Type, Value, dns_name};

use super::Expander;

/// The attributes that choose between the records of a name and type.
const POLICIES: [&str; 5] = ["failover", "region", "weight", "geo_location", "multi_value_answer"];

/// What to do with two records that can't stand side by side.
const APART: &str =
    "remove one of them, give it another name, or give both one routing policy with a `set_identifier` each";

/// What to do with two subnets that overlap.
const PARTS: &str = "give each a part of its own: `cidr.split(block, n)` cuts a range into n parts";

/// A finding and the resource that it is about.
type Found = (usize, Diagnostic);

impl Expander<'_> {
    /// Finds out before the cloud does, which would be halfway through an apply.
    pub(super) fn check_conflicts(&mut self) {
        let mut found = self.records();
        found.extend(self.subnets());
        found.extend(self.zones());
        for (at, diagnostic) in found {
            let address = self.resources[at].address;
            self.report_at(diagnostic, Some(address), self.anchors[at]);
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
    fn records(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut names: FxHashMap<(&Value, String), Vec<usize>> = FxHashMap::default();
        for (at, record) in self.made("aws.route53.RecordSet") {
            found.extend(self.addresses_of(record).map(|wrong| (at, wrong)));
            let (Some(zone), Some(Value::Str(name))) = (self.set(record, "hosted_zone"), self.set(record, "name"))
            else {
                continue;
            };
            let name = dns_name(name);
            let others = names.entry((zone, name.clone())).or_default();
            let clash = others.iter().find_map(|other| Some((*other, self.beside(*other, at)?)));
            if let Some((other, why)) = clash {
                found.push((at, self.together(other, at, 504, format!("{name}: {why}")).help(APART)));
            }
            others.push(at);
        }
        found
    }

    /// Why two records of one name can't both be there.
    fn beside(&self, first: usize, second: usize) -> Option<String> {
        let [one, other] = [first, second].map(|at| &self.resources[at]);
        let [a, b] = [one, other].map(|r| self.set(r, "type").and_then(Value::as_str));
        let (a, b) = (a?, b?);
        if a != b {
            let other = if a == "CNAME" { b } else { a };
            let cname = a == "CNAME" || b == "CNAME";
            return cname.then(|| format!("a CNAME can't stand beside a record of type {other}"));
        }
        let policy = |r| POLICIES.into_iter().find(|name| self.set(r, name).is_some());
        let (p, q) = (policy(one), policy(other));
        if p != q {
            return Some("records of one name and type have one routing policy".to_owned());
        }
        let p = p.filter(|p| matches!(*p, "failover" | "region" | "geo_location"))?;
        let value = self.set(other, p)?;
        (value.is_ground() && self.set(one, p) == Some(value))
            .then(|| format!("two records have `{p}` = {}", self.short(value)))
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
    fn subnets(&self) -> Vec<Found> {
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
                        found.push((second, self.together(first, second, 402, why).help(PARTS)));
                    }
                    None => whole = Some((range, at)),
                }
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found
    }

    /// T0301 for a zone that the region of its resource does not have.
    fn zones(&self) -> Vec<Found> {
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
                    found.push((at, wrong.help(help)));
                }
            }
        }
        found
    }

    /// A finding about two resources, with both places.
    fn together(&self, first: usize, second: usize, code: u16, message: String) -> Diagnostic {
        let [one, other] = [first, second].map(|at| self.addresses.render(self.resources[at].address));
        let (before, here) = self.places(first, second);
        let found = Diagnostic::error(code, here, message, format!("makes `{other}`"));
        if before == here { found } else { found.label(before, format!("makes `{one}`")) }
    }
}
