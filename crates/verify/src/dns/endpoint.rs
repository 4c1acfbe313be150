//! Endpoints: what answers clients in the end, and where it stands.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use topo_model::{ResId, Symbol, Value};

use super::{Alias, Answer, Check, Probe, Set, Watched};
use crate::scene::{Scene, field, leads_to};

/// An endpoint's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EndpointId(pub(crate) u32);

/// What answers clients.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) what: What,
    /// The regions whose loss takes it away.
    pub(crate) regions: Vec<Symbol>,
    /// The zones it stands in, of which one must be left; empty where that is not known.
    pub(crate) zones: Vec<Symbol>,
    /// How a load balancer notices that a target no longer answers.
    pub(crate) notice: Option<Notice>,
    /// Endpoints outside the program that stand in the same place have the same number.
    pub(crate) place: u32,
}

/// What an endpoint is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// A resource of the program.
    Resource(ResId),
    /// An address that the program only names.
    Address(IpAddr),
    /// A name that no zone of the program holds.
    Name(String),
    /// Something computed from several resources, or from none that the proofs can see.
    Computed(Vec<ResId>),
}

/// A load balancer's own probes: how many must fail, the time from the start of one to the start of
/// the next, and after how long one that nobody answers has failed, in milliseconds.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) threshold: i64,
    pub(crate) interval: i64,
    pub(crate) timeout: i64,
}

impl Notice {
    pub(crate) fn ms(self) -> i64 {
        self.threshold * self.interval + self.timeout
    }
}

/// The endpoints of a program, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Endpoints {
    all: Vec<Endpoint>,
    ids: FxHashMap<What, EndpointId>,
}

impl Endpoints {
    pub(crate) fn get(&self, id: EndpointId) -> &Endpoint {
        &self.all[id.0 as usize]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (EndpointId, &Endpoint)> {
        self.all.iter().enumerate().map(|(at, endpoint)| (EndpointId(at as u32), endpoint))
    }

    /// A name that no zone of the program holds, where something leads to it.
    pub(crate) fn named(&self, name: &str) -> Option<EndpointId> {
        self.ids.get(&What::Name(name.to_owned())).copied()
    }

    pub(super) fn address(&mut self, address: IpAddr) -> EndpointId {
        self.add(What::Address(address), Vec::new(), Vec::new(), None)
    }

    pub(super) fn outside(&mut self, name: &str) -> EndpointId {
        self.add(What::Name(name.to_owned()), Vec::new(), Vec::new(), None)
    }

    /// What a value that a cloud decides leads to: the resource whose output it is.
    pub(super) fn computed(&mut self, scene: &Scene<'_>, value: &Value) -> EndpointId {
        let mut of = Vec::new();
        value.for_each_resource(&mut |id| of.push(id));
        of.sort();
        of.dedup();
        let what = match leads_to(value) {
            Some(id) => What::Resource(id),
            None if of.len() == 1 => What::Resource(of[0]),
            None => What::Computed(of.clone()),
        };
        let mut regions: Vec<Symbol> = of.iter().filter_map(|id| scene.region(*id)).collect();
        regions.sort();
        regions.dedup();
        let (zones, notice) = match what {
            What::Resource(id) => (scene.zones(id), notice(scene, id)),
            _ => (Vec::new(), None),
        };
        self.add(what, regions, zones, notice)
    }

    /// A latency record says where its addresses stand.
    pub(super) fn stands_in(&mut self, id: EndpointId, region: Symbol) {
        let endpoint = &mut self.all[id.0 as usize];
        if endpoint.regions.is_empty() {
            endpoint.regions.push(region);
        }
    }

    /// Puts what lies outside the program in one place with what its record's check probes: the
    /// program says no more of either, and a check that watched something else would be of no use.
    pub(super) fn tie(&mut self, sets: &[Set], checks: &[Check]) {
        for set in sets {
            let Some(check) = set.check else { continue };
            let Probe::Endpoint { watched, .. } = &checks[check.0 as usize].probe else { continue };
            let probed = match watched {
                Watched::Endpoint(id) => Some(*id),
                Watched::Name(name) => self.named(name),
            };
            let answered = match &set.answer {
                Answer::Addresses(addresses) if addresses.len() == 1 => Some(addresses[0]),
                Answer::Name(name) => self.named(name),
                Answer::Alias { to: Alias::Endpoint(id), .. } | Answer::Resource(id) => Some(*id),
                _ => None,
            };
            let (Some(probed), Some(answered)) = (probed, answered) else { continue };
            if self.get(probed).is_outside() && self.get(answered).is_outside() {
                let (from, to) = (self.get(probed).place, self.get(answered).place);
                self.all.iter_mut().filter(|e| e.place == from).for_each(|e| e.place = to);
            }
        }
    }

    fn add(&mut self, what: What, regions: Vec<Symbol>, zones: Vec<Symbol>, notice: Option<Notice>) -> EndpointId {
        if let Some(id) = self.ids.get(&what) {
            return *id;
        }
        let id = EndpointId(self.all.len() as u32);
        self.ids.insert(what.clone(), id);
        self.all.push(Endpoint { what, regions, zones, notice, place: id.0 });
        id
    }
}

impl Endpoint {
    /// Whether nothing says in which region it stands.
    pub(crate) fn is_outside(&self) -> bool {
        self.regions.is_empty()
    }

    /// As a person would call it.
    pub(crate) fn name(&self, scene: &Scene<'_>) -> String {
        match &self.what {
            What::Resource(id) => scene.address(*id),
            What::Address(address) => address.to_string(),
            What::Name(name) => name.clone(),
            What::Computed(of) if of.is_empty() => "a computed name".to_owned(),
            What::Computed(of) => {
                let of: Vec<String> = of.iter().map(|id| scene.address(*id)).collect();
                format!("what is computed from {}", of.join(", "))
            }
        }
    }
}

/// The slowest of the probes of a load balancer's target groups. What is left out is as ELB's
/// defaults for instances and addresses.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
fn notice(scene: &Scene<'_>, balancer: ResId) -> Option<Notice> {
    if scene.kind(balancer) != "aws.elbv2.LoadBalancer" {
        return None;
    }
    let listeners = scene.of("aws.elbv2.Listener").iter().copied();
    let listeners = listeners.filter(|listener| scene.link(*listener, "load_balancer") == Some(balancer));
    let mut slowest: Option<Notice> = None;
    for group in listeners.flat_map(|listener| forwards(scene, listener)) {
        let millis = |name: &str, or: i64| scene.get(group, name).as_millis().unwrap_or(or);
        let tcp = !matches!(scene.text(group, "protocol"), Some("HTTP" | "HTTPS"));
        let notice = Notice {
            threshold: scene.get(group, "unhealthy_threshold_count").as_int().unwrap_or(2),
            interval: millis("health_check_interval", 30_000),
            timeout: millis("health_check_timeout", if tcp { 10_000 } else { 5_000 }),
        };
        if slowest.is_none_or(|slowest| slowest.ms() < notice.ms()) {
            slowest = Some(notice);
        }
    }
    slowest.or(Some(Notice { threshold: 2, interval: 30_000, timeout: 5_000 }))
}

/// The target groups that a listener's actions forward to.
pub(crate) fn forwards(scene: &Scene<'_>, listener: ResId) -> Vec<ResId> {
    let mut groups = Vec::new();
    for action in scene.get(listener, "default_actions").items().unwrap_or_default() {
        groups.extend(field(action, "target_group").and_then(leads_to));
        let several = field(action, "forward_config").and_then(|config| field(config, "target_groups"));
        for group in several.and_then(Value::items).unwrap_or_default() {
            groups.extend(field(group, "target_group").and_then(leads_to));
        }
    }
    groups
}
