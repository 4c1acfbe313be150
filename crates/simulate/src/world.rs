//! The world that a program builds: hosts that answer, records that lead to them, checks that look
//! after them.
//!
//! It holds plain data, with positions for references, and knows nothing of attributes or terms.

use std::collections::BTreeMap;
use std::net::IpAddr;

use topo_model::{ResId, Symbol};

/// Everything a loss is played out on.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) hosts: Vec<Host>,
    pub(crate) records: Vec<Record>,
    pub(crate) checks: Vec<Check>,
    /// The zones that the program serves: their names and the resources.
    pub(crate) zones: Vec<(String, ResId)>,
    /// A place for each that some record tells apart, and the rest of the world.
    pub(crate) places: Vec<Place>,
    /// The records of a zone's name, in the program's order.
    pub(crate) names: BTreeMap<(ResId, String), Vec<usize>>,
}

/// What answers clients in the end.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) what: Thing,
    /// The regions that it needs, all of them; none where the program does not say.
    pub(crate) regions: Vec<Symbol>,
    /// The zones it stands in, of which one is enough; none where the program does not say.
    pub(crate) zones: Vec<Symbol>,
    /// How a load balancer looks after its targets.
    pub(crate) balancer: Option<Balancer>,
    /// Hosts of which the program says no more than an address or a name: those that stand in one place
    /// have one number.
    pub(crate) place: usize,
}

/// What a host is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    Resource(ResId),
    Address(IpAddr),
    /// A name that no zone of the program holds.
    Name(String),
    /// What is computed from several resources.
    Several(Vec<ResId>),
}

/// A load balancer's probes, in milliseconds: so many in a row must fail, each begun so long after
/// the one before.
///
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balancer {
    pub(crate) interval: i64,
    pub(crate) timeout: i64,
    pub(crate) unhealthy: i64,
    pub(crate) healthy: i64,
}

/// A record set.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) id: ResId,
    pub(crate) ty: Ty,
    pub(crate) policy: Policy,
    pub(crate) leads: Leads,
    pub(crate) check: Option<usize>,
    /// In milliseconds; 0 for an alias, which has none.
    pub(crate) ttl: i64,
    pub(crate) zone: ResId,
}

/// The types of records that a client follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ty {
    A,
    Aaaa,
    Cname,
    Other,
}

/// How one record is chosen among those of its name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    Simple,
    Primary,
    Secondary,
    Weighted(i64),
    Latency(Symbol),
    Geo(Place),
    Multivalue,
}

/// A part of the world: all of it, a continent, a country or a subdivision of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) continent: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) subdivision: Option<String>,
}

/// Where a record leads.
#[derive(Debug, Clone)]
pub(crate) enum Leads {
    /// To addresses.
    Hosts(Vec<usize>),
    /// To another name, which is asked for in its turn.
    Name(String),
    /// To a resource's own name, the same way.
    OwnName(usize),
    /// To what the records of this name and of the same zone and type answer, at once.
    Records {
        name: String,
        evaluate: bool,
    },
    /// To what a resource's own name answers, at once.
    Resource {
        host: usize,
        evaluate: bool,
    },
    Nowhere,
}

/// A health check.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) id: ResId,
    pub(crate) by: By,
    pub(crate) inverted: bool,
    pub(crate) disabled: bool,
}

/// What a check goes by.
#[derive(Debug, Clone)]
pub(crate) enum By {
    Probes {
        of: Target,
        protocol: String,
        interval: i64,
        threshold: i64,
        /// The regions of the checkers.
        from: Vec<Symbol>,
    },
    Children {
        of: Vec<usize>,
        threshold: i64,
    },
    Alarm {
        /// The resources that the alarm rests on, with their regions; nothing where it is not the program's.
        watches: Option<Vec<(ResId, Option<Symbol>)>>,
        region: Option<Symbol>,
        /// How long it looks back.
        window: i64,
        insufficient: Insufficient,
    },
    /// Something that can't be read: it may say anything.
    Unknown,
}

/// What a check on an alarm says while that has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insufficient {
    Healthy,
    Unhealthy,
    LastKnown,
}

/// What is probed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Host(usize),
    /// Looked up before each probe.
    Name(String),
}

/// Where a question for a name ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    /// These records, of one type.
    Records(Vec<usize>),
    /// The program serves the zone and has no such record.
    Missing,
    /// No zone of the program holds it: a host, if anything leads there.
    Elsewhere,
}

impl World {
    /// The apex of the zone that holds a name: the longest that it ends in.
    fn apex(&self, name: &str) -> Option<&str> {
        let holds = |apex: &&str| name == *apex || is_below(name, apex);
        self.zones.iter().map(|(apex, _)| apex.as_str()).filter(holds).max_by_key(|apex| apex.len())
    }

    /// Whether a zone of the program holds a name.
    pub(crate) fn serves(&self, name: &str) -> bool {
        self.apex(name).is_some()
    }

    /// The records that answer a question. A CNAME stands for every type; a name that has no records is
    /// answered by those of the wildcard beside or above it, unless the name exists because a longer one
    /// does.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>, RFC 4592.
    pub(crate) fn look_up(&self, name: &str, ty: Ty) -> Held {
        let Some(apex) = self.apex(name) else { return Held::Elsewhere };
        let zones: Vec<ResId> = self.zones.iter().filter(|(of, _)| of == apex).map(|(_, zone)| *zone).collect();
        let mut at = name;
        let mut asked = name.to_owned();
        loop {
            let own: Vec<usize> = zones.iter().flat_map(|zone| self.at(*zone, &asked)).copied().collect();
            if !own.is_empty() {
                return self.of_type(&own, ty);
            }
            // The closest name above that exists ends the search for a wildcard.
            if at == apex || self.exists(&zones, at) {
                return Held::Missing;
            }
            let Some((_, above)) = at.split_once('.') else { return Held::Missing };
            asked = format!("*.{above}");
            at = above;
        }
    }

    /// The records of a zone's name and type: what an alias stands for.
    pub(crate) fn of_zone(&self, zone: ResId, name: &str, ty: Ty) -> Vec<usize> {
        self.at(zone, name).iter().copied().filter(|at| self.records[*at].ty == ty).collect()
    }

    fn of_type(&self, own: &[usize], ty: Ty) -> Held {
        for ty in [ty, Ty::Cname] {
            let fits: Vec<usize> = own.iter().copied().filter(|at| self.records[*at].ty == ty).collect();
            if let Some(first) = fits.first() {
                // Two zones of one name: the first that the program names.
                let zone = self.records[*first].zone;
                return Held::Records(fits.into_iter().filter(|at| self.records[*at].zone == zone).collect());
            }
        }
        Held::Missing
    }

    /// The checks that have a say in what these names lead to.
    pub(crate) fn checks_of(&self, names: &[String]) -> Vec<bool> {
        let mut counts = vec![false; self.checks.len()];
        let mut open: Vec<String> = names.to_vec();
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = open.pop() {
            if seen.contains(&name) {
                continue;
            }
            let of = [Ty::A, Ty::Aaaa].map(|ty| self.look_up(&name, ty));
            seen.push(name);
            for at in of.into_iter().flat_map(|held| if let Held::Records(all) = held { all } else { Vec::new() }) {
                let record = &self.records[at];
                if let Leads::Name(next) | Leads::Records { name: next, .. } = &record.leads {
                    open.push(next.clone());
                }
                record.check.into_iter().for_each(|check| self.count(check, &mut counts, &mut open));
            }
        }
        counts
    }

    fn count(&self, check: usize, counts: &mut Vec<bool>, open: &mut Vec<String>) {
        if std::mem::replace(&mut counts[check], true) {
            return;
        }
        match &self.checks[check].by {
            By::Children { of, .. } => of.iter().for_each(|child| self.count(*child, counts, open)),
            By::Probes { of: Target::Name(name), .. } => open.push(name.clone()),
            _ => {}
        }
    }

    fn at(&self, zone: ResId, name: &str) -> &[usize] {
        self.names.get(&(zone, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    fn exists(&self, zones: &[ResId], name: &str) -> bool {
        let is = |(zone, other): &(ResId, String)| zones.contains(zone) && (other == name || is_below(other, name));
        self.names.keys().any(is)
    }

    /// The host that a name outside the program's zones stands for.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.hosts.iter().position(|host| matches!(&host.what, Thing::Name(own) if own == name))
    }
}

/// Whether a name lies below another.
pub(crate) fn is_below(name: &str, apex: &str) -> bool {
    name.strip_suffix(apex).is_some_and(|rest| rest.ends_with('.'))
}

impl Place {
    /// How small it is: the world, a continent, a country, a subdivision.
    pub(crate) fn depth(&self) -> u8 {
        if self.subdivision.is_some() {
            3
        } else if self.country.is_some() {
            2
        } else {
            u8::from(self.continent.is_some())
        }
    }

    /// Whether somebody who is there is in this place too. Where only the country of somebody is
    /// known, so is their continent.
    pub(crate) fn holds(&self, who: &Place) -> bool {
        match self.depth() {
            0 => true,
            1 => {
                let of_country = || who.country.as_deref().and_then(crate::continent::of);
                self.continent.as_deref() == who.continent.as_deref().or_else(of_country)
            }
            2 => self.country == who.country,
            _ => self.country == who.country && self.subdivision == who.subdivision,
        }
    }
}
