//! The DNS as a program builds it: record sets by name and type, what they answer, what checks them.
//!
//! Its job is to read record sets and health checks into plain data that has no attributes, terms
//! or kinds any more. It refuses to know of losses and of time.

mod check;
mod endpoint;
mod record;

use rustc_hash::FxHashMap;
use topo_model::{ResId, Symbol};

pub(crate) use check::{Check, CheckId, Insufficient, Probe, Watched};
pub(crate) use endpoint::{Endpoint, EndpointId, Endpoints, What, forwards};
pub(crate) use record::{Alias, Answer, Location, Policy, Set, SetId};

use crate::scene::{Scene, is_beneath, is_within, name_of};

/// The record sets of one name and type, in the program's order.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) zone: ResId,
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) sets: Vec<SetId>,
}

/// A group's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupId(pub(crate) u32);

/// The types of records that lead a client on; all others are `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Type {
    A,
    Aaaa,
    Cname,
    Other(Symbol),
}

impl Type {
    fn read(text: &str) -> Type {
        match text {
            "A" => Type::A,
            "AAAA" => Type::Aaaa,
            "CNAME" => Type::Cname,
            other => Type::Other(Symbol::new(other)),
        }
    }
}

/// Where a question for a name and type ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Records of the program answer it.
    Here(GroupId),
    /// The program serves the zone and has no such record.
    Undefined,
    /// No zone of the program holds the name.
    Outside,
}

/// The DNS of a program.
#[derive(Debug, Clone)]
pub(crate) struct Dns {
    pub(crate) sets: Vec<Set>,
    pub(crate) groups: Vec<Group>,
    pub(crate) checks: Vec<Check>,
    pub(crate) endpoints: Endpoints,
    /// The checks that are taken as if they probed something else.
    pub(crate) mended: Vec<CheckId>,
    zones: Vec<(String, ResId)>,
    /// Zones that the program only looks up or adopts: they may hold records that it does not know.
    shared: Vec<ResId>,
    /// The groups of a zone's name.
    names: FxHashMap<(ResId, String), Vec<GroupId>>,
    check_ids: FxHashMap<ResId, CheckId>,
}

impl Dns {
    pub(crate) fn read(scene: &Scene<'_>) -> Dns {
        let zone_ids = scene.of("aws.route53.HostedZone");
        let zones = zone_ids.iter().filter_map(|zone| Some((name_of(scene.get(*zone, "name"))?, *zone))).collect();
        let mut dns = Dns {
            sets: Vec::new(),
            groups: Vec::new(),
            checks: Vec::new(),
            endpoints: Endpoints::default(),
            mended: Vec::new(),
            zones,
            shared: zone_ids.iter().copied().filter(|zone| !scene.is_made(*zone)).collect(),
            names: FxHashMap::default(),
            check_ids: FxHashMap::default(),
        };
        for (at, id) in scene.of("aws.route53.HealthCheck").iter().enumerate() {
            dns.check_ids.insert(*id, CheckId(at as u32));
        }
        for id in scene.of("aws.route53.HealthCheck") {
            let check = check::read(scene, *id, &mut dns.endpoints, &dns.check_ids);
            dns.checks.push(check);
        }
        for id in scene.of("aws.route53.RecordSet") {
            dns.record(scene, *id);
        }
        dns.endpoints.tie(&dns.sets, &dns.checks);
        dns
    }

    fn record(&mut self, scene: &Scene<'_>, id: ResId) {
        let (Some(zone), Some(name)) = (scene.link(id, "hosted_zone"), name_of(scene.get(id, "name"))) else { return };
        let ty = Type::read(scene.text(id, "type").unwrap_or_default());
        let set = record::read(scene, id, ty, &mut self.endpoints, &self.check_ids);
        let set_id = SetId(self.sets.len() as u32);
        self.sets.push(set);
        let groups = self.names.entry((zone, name.clone())).or_default();
        let known = groups.iter().copied().find(|g| self.groups[g.0 as usize].ty == ty);
        let group = known.unwrap_or_else(|| {
            let group = GroupId(self.groups.len() as u32);
            self.groups.push(Group { zone, name, ty, sets: Vec::new() });
            groups.push(group);
            group
        });
        self.groups[group.0 as usize].sets.push(set_id);
        self.sets[set_id.0 as usize].group = group;
    }

    /// The same with checks that probe what they steer mended: each probes what its record leads to. They
    /// are found by themselves; what else is wrong is to be found too.
    pub(crate) fn mended(&self) -> Dns {
        let mut mended = self.clone();
        for at in 0..self.checks.len() {
            let id = CheckId(at as u32);
            let Probe::Endpoint { watched: Watched::Name(name), .. } = &self.check(id).probe else { continue };
            if crate::rules::probe::steered(self, id, name).is_none() {
                continue;
            }
            let own = self.sets.iter().find(|set| set.check == Some(id)).and_then(|set| match &set.answer {
                Answer::Addresses(addresses) => addresses.first().map(|id| Watched::Endpoint(*id)),
                Answer::Resource(id) | Answer::Alias { to: Alias::Endpoint(id), .. } => Some(Watched::Endpoint(*id)),
                Answer::Name(name) | Answer::Alias { to: Alias::Records { name, .. }, .. } => {
                    Some(Watched::Name(name.clone()))
                }
                Answer::Other => None,
            });
            if let (Some(own), Probe::Endpoint { watched, .. }) = (own, &mut mended.checks[at].probe) {
                *watched = own;
                mended.mended.push(id);
            }
        }
        mended
    }

    pub(crate) fn set(&self, id: SetId) -> &Set {
        &self.sets[id.0 as usize]
    }

    pub(crate) fn group(&self, id: GroupId) -> &Group {
        &self.groups[id.0 as usize]
    }

    pub(crate) fn check(&self, id: CheckId) -> &Check {
        &self.checks[id.0 as usize]
    }

    pub(crate) fn check_of(&self, id: ResId) -> Option<CheckId> {
        self.check_ids.get(&id).copied()
    }

    /// The zone of the program that holds a name: the longest that the name ends in.
    pub(crate) fn zone_of(&self, name: &str) -> Option<&(String, ResId)> {
        self.zones.iter().filter(|(apex, _)| is_within(name, apex)).max_by_key(|(apex, _)| apex.len())
    }

    /// Who answers a question as resolvers ask it: a CNAME stands for every type, and a name that
    /// no record has is answered by the wildcard of the nearest name above it that exists.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>, RFC 4592.
    pub(crate) fn look_up(&self, name: &str, ty: Type) -> Found {
        let Some((apex, _)) = self.zone_of(name) else { return Found::Outside };
        let shared = || self.zones.iter().any(|(other, zone)| other == apex && self.shared.contains(zone));
        match self.own(name, apex, ty) {
            // Somebody else's record may define it.
            Found::Undefined if shared() => Found::Outside,
            found => found,
        }
    }

    /// What the program's own records say of a name.
    fn own(&self, name: &str, apex: &str, ty: Type) -> Found {
        // Two zones of one name serve different networks or one is not delegated to: a record in
        // either defines the name.
        let zones = || self.zones.iter().filter(|(other, _)| other == apex).map(|(_, zone)| *zone);
        let own: Vec<GroupId> = zones().flat_map(|zone| self.at(zone, name)).collect();
        if !own.is_empty() {
            return self.of_type(&own, ty);
        }
        if zones().any(|zone| self.has_below(zone, name)) {
            return Found::Undefined;
        }
        let mut above = name;
        while let Some((_, rest)) = above.split_once('.') {
            let wild = format!("*.{rest}");
            let groups: Vec<GroupId> = zones().flat_map(|zone| self.at(zone, &wild)).collect();
            if !groups.is_empty() {
                return self.of_type(&groups, ty);
            }
            let exists = zones().any(|zone| self.at(zone, rest).next().is_some() || self.has_below(zone, rest));
            if exists || rest == apex {
                break;
            }
            above = rest;
        }
        Found::Undefined
    }

    /// Whether a zone may hold records that the program does not know.
    pub(crate) fn is_shared(&self, zone: ResId) -> bool {
        self.shared.contains(&zone)
    }

    /// The records that an alias leads to: those of the name and type in its zone.
    pub(crate) fn alias_target(&self, zone: ResId, name: &str, ty: Type) -> Option<GroupId> {
        self.at(zone, name).find(|g| self.group(*g).ty == ty)
    }

    fn at(&self, zone: ResId, name: &str) -> impl Iterator<Item = GroupId> {
        self.names.get(&(zone, name.to_owned())).into_iter().flatten().copied()
    }

    fn of_type(&self, groups: &[GroupId], ty: Type) -> Found {
        let of = |ty| groups.iter().copied().find(|g| self.group(*g).ty == ty);
        of(ty).or_else(|| of(Type::Cname)).map_or(Found::Undefined, Found::Here)
    }

    /// Whether a name exists only because a longer one does.
    fn has_below(&self, zone: ResId, name: &str) -> bool {
        let below = |group: &Group| group.zone == zone && is_beneath(&group.name, name);
        self.groups.iter().any(below)
    }
}
