//! What can be lost, and what a loss takes away.

use std::net::IpAddr;

use topo_model::{Desired, ResId, Symbol, dns_name};

use crate::read;
use crate::world::{By, Host, Leads, Thing, World};

/// What is lost, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Everything that is lost, at once.
    pub lost: Vec<Lost>,
    /// After how long all of it comes back, in milliseconds; never where there is none.
    pub lasts: Option<i64>,
}

/// Something that can be lost.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lost {
    /// A region: what stands there, and Route 53's checkers there.
    Region(Symbol),
    /// A zone. What does not say in which zone of the region it stands is taken to stand in this one.
    Zone {
        /// Its region.
        region: Symbol,
        /// The zone.
        zone: Symbol,
    },
    /// An address that the program names, with what stands in the same place.
    Address(IpAddr),
    /// A name: what it leads to.
    Name(String),
    /// A resource that answers clients, what a record set leads to, or a health check: its probes fail.
    Resource(ResId),
}

/// What a program has to lose, in the words of its user.
#[derive(Debug)]
pub struct Choices<'d> {
    desired: &'d Desired,
    world: World,
}

impl<'d> Choices<'d> {
    /// Those of a program.
    pub fn of(desired: &'d Desired) -> Choices<'d> {
        Choices { desired, world: read::world(desired) }
    }

    /// Whether there is any record set to simulate.
    pub fn has_records(&self) -> bool {
        !self.world.records.is_empty()
    }

    /// What is meant by a word: a region, a zone, an address, a name, a resource's address or the one of
    /// something around resources.
    pub fn find(&self, word: &str) -> Option<Vec<Lost>> {
        let lost: Vec<Lost> = self.all().into_iter().filter(|(name, _)| name == word).map(|(_, lost)| lost).collect();
        if !lost.is_empty() {
            return Some(lost);
        }
        let name = dns_name(word);
        if !self.world.hosts_of(&name).is_empty() {
            return Some(vec![Lost::Name(name)]);
        }
        let within = |name: &str| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '[']));
        let inner: Vec<Lost> = self.all().into_iter().filter(|(name, _)| within(name)).map(|(_, lost)| lost).collect();
        // What a component holds can be lost, but not that its checks fail as well.
        let hosts: Vec<Lost> = inner.iter().filter(|lost| !self.is_check(lost)).cloned().collect();
        let chosen = if hosts.is_empty() { inner } else { hosts };
        (!chosen.is_empty()).then_some(chosen)
    }

    /// Every word there is: regions, zones, addresses and names, resources.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.all().into_iter().map(|(word, _)| word).collect();
        words.dedup();
        words
    }

    fn is_check(&self, lost: &Lost) -> bool {
        matches!(lost, Lost::Resource(id) if self.world.checks.iter().any(|check| check.id == *id))
    }

    fn all(&self) -> Vec<(String, Lost)> {
        let mut regions: Vec<Symbol> = self.desired.regions.clone();
        regions.extend(self.world.hosts.iter().flat_map(|host| host.regions.iter().copied()));
        regions.extend(self.desired.resources.iter().filter_map(|resource| resource.region));
        let mut seen = Vec::new();
        regions.retain(|region| {
            !seen.contains(region) && {
                seen.push(*region);
                true
            }
        });
        let mut all: Vec<(String, Lost)> = regions.iter().map(|r| (r.as_str().to_owned(), Lost::Region(*r))).collect();
        let zones = self.world.hosts.iter().flat_map(|host| {
            let region = host.regions.first().copied();
            host.zones.iter().filter_map(move |zone| Some((region?, *zone)))
        });
        let mut zones: Vec<(Symbol, Symbol)> = zones.collect();
        zones.sort();
        zones.dedup();
        all.extend(zones.into_iter().map(|(region, zone)| (zone.as_str().to_owned(), Lost::Zone { region, zone })));
        all.extend(self.world.hosts.iter().filter_map(|host| Some((host.name(self.desired), host.lost()?))));
        let checks = self.world.checks.iter().map(|check| check.id);
        all.extend(checks.map(|id| (self.desired.address(id), Lost::Resource(id))));
        let records = self.world.records.iter().map(|record| record.id);
        all.extend(records.map(|id| (self.desired.address(id), Lost::Resource(id))));
        all
    }
}

/// What a loss does to one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Keeps,
    /// It goes on without these zones.
    Without(Vec<Symbol>),
    Gone,
}

/// What a loss takes away from a world.
#[derive(Debug, Clone)]
pub(crate) struct Fates {
    pub(crate) hosts: Vec<Fate>,
    /// Whether the probes of each check fail, whatever they ask.
    pub(crate) checks: Vec<bool>,
    pub(crate) regions: Vec<Symbol>,
    pub(crate) lasts: Option<i64>,
}

impl Fates {
    pub(crate) fn of(world: &World, loss: &Loss) -> Fates {
        let regions: Vec<Symbol> = loss.lost.iter().filter_map(Lost::region).collect();
        let mut hosts: Vec<Fate> = world.hosts.iter().map(|host| by_place(host, loss, &regions)).collect();
        let mut checks = vec![false; world.checks.len()];
        for lost in &loss.lost {
            if let Lost::Resource(id) = lost
                && let Some(at) = world.checks.iter().position(|check| check.id == *id)
            {
                checks[at] = true;
            }
            for named in lost.hosts(world) {
                let place = world.hosts[named].place;
                for (at, host) in world.hosts.iter().enumerate() {
                    // What the program only names goes with all that stands in its place.
                    if at == named || (host.place == place && host.regions.is_empty()) {
                        hosts[at] = Fate::Gone;
                    }
                }
            }
        }
        Fates { hosts, checks, regions, lasts: loss.lasts }
    }

    /// Whether an address answers while the loss lasts.
    pub(crate) fn spares(&self, end: crate::server::End) -> bool {
        match &self.hosts[end.host] {
            Fate::Keeps => true,
            Fate::Gone => false,
            Fate::Without(zones) => end.zone.is_none_or(|zone| !zones.contains(&zone)),
        }
    }

    /// Whether an alarm can't be relied on: it stands in a lost region, or rests on what is lost.
    pub(crate) fn shake(&self, world: &World, check: usize) -> Shaken {
        let By::Alarm { watches, region, .. } = &world.checks[check].by else { return Shaken::No };
        if region.is_none_or(|region| self.regions.contains(&region)) {
            return Shaken::Blind;
        }
        let Some(watches) = watches else { return Shaken::Blind };
        let lost = |(id, region): &(ResId, Option<Symbol>)| {
            let host = world.hosts.iter().position(|host| host.what == Thing::Resource(*id));
            region.is_some_and(|region| self.regions.contains(&region))
                || host.is_some_and(|host| self.hosts[host] == Fate::Gone)
        };
        if watches.iter().any(lost) { Shaken::Rests } else { Shaken::No }
    }
}

/// What a loss does to an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shaken {
    /// Nothing: it stays quiet.
    No,
    /// It stands where the loss is: it may keep its state, ring, or have no data.
    Blind,
    /// It watches what is lost: it rings, or has no data.
    Rests,
}

fn by_place(host: &Host, loss: &Loss, regions: &[Symbol]) -> Fate {
    if host.regions.iter().any(|region| regions.contains(region)) {
        return Fate::Gone;
    }
    let zone = |lost: &Lost| match lost {
        Lost::Zone { region, zone } if host.regions.contains(region) => Some(*zone),
        _ => None,
    };
    let hit: Vec<Symbol> = loss.lost.iter().filter_map(zone).collect();
    if hit.is_empty() {
        return Fate::Keeps;
    }
    let gone: Vec<Symbol> = host.zones.iter().copied().filter(|zone| hit.contains(zone)).collect();
    match gone.len() {
        // Where it stands is not said.
        0 if host.zones.is_empty() => Fate::Gone,
        0 => Fate::Keeps,
        several if several == host.zones.len() => Fate::Gone,
        _ => Fate::Without(gone),
    }
}

impl Lost {
    fn region(&self) -> Option<Symbol> {
        match self {
            Lost::Region(region) => Some(*region),
            _ => None,
        }
    }

    /// The hosts that are meant one by one.
    fn hosts(&self, world: &World) -> Vec<usize> {
        let find = |thing: Thing| world.hosts.iter().position(|host| host.what == thing).into_iter().collect();
        match self {
            Lost::Region(_) | Lost::Zone { .. } => Vec::new(),
            Lost::Address(address) => find(Thing::Address(*address)),
            Lost::Name(name) => world.hosts_of(name),
            Lost::Resource(id) => match world.records.iter().find(|record| record.id == *id) {
                Some(record) => world.hosts_behind(&record.leads, 0),
                None => find(Thing::Resource(*id)),
            },
        }
    }
}

impl Host {
    /// As a person would call it.
    pub(crate) fn name(&self, desired: &Desired) -> String {
        match &self.what {
            Thing::Resource(id) => desired.address(*id),
            Thing::Address(address) => address.to_string(),
            Thing::Name(name) => name.clone(),
            Thing::Several(of) if of.is_empty() => "a computed name".to_owned(),
            Thing::Several(of) => {
                let of: Vec<String> = of.iter().map(|id| desired.address(*id)).collect();
                format!("what is computed from {}", of.join(", "))
            }
        }
    }

    fn lost(&self) -> Option<Lost> {
        match &self.what {
            Thing::Resource(id) => Some(Lost::Resource(*id)),
            Thing::Address(address) => Some(Lost::Address(*address)),
            Thing::Name(name) => Some(Lost::Name(name.clone())),
            Thing::Several(_) => None,
        }
    }
}

impl World {
    /// The hosts that a name leads to, whatever is healthy.
    pub(crate) fn hosts_of(&self, name: &str) -> Vec<usize> {
        self.hosts_behind(&Leads::Name(name.to_owned()), 0)
    }

    fn hosts_behind(&self, leads: &Leads, depth: usize) -> Vec<usize> {
        let all = |records: Vec<usize>| -> Vec<usize> {
            records.into_iter().flat_map(|at| self.hosts_behind(&self.records[at].leads, depth + 1)).collect()
        };
        let mut hosts = match leads {
            _ if depth > 32 => Vec::new(),
            Leads::Hosts(hosts) => hosts.clone(),
            Leads::OwnName(host) | Leads::Resource { host, .. } => vec![*host],
            Leads::Name(name) | Leads::Records { name, .. } => {
                let of = [crate::world::Ty::A, crate::world::Ty::Aaaa].map(|ty| match self.look_up(name, ty) {
                    crate::world::Held::Records(records) => all(records),
                    crate::world::Held::Elsewhere => self.named(name).into_iter().collect(),
                    crate::world::Held::Missing => Vec::new(),
                });
                of.concat()
            }
            Leads::Nowhere => Vec::new(),
        };
        hosts.sort();
        hosts.dedup();
        hosts
    }
}
