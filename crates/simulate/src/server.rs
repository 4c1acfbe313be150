//! What name servers answer, in a state that they have heard of.
//!
//! No probe runs when somebody asks: an answer rests on what was last heard. It knows no time but how
//! long an answer may be kept.

use topo_model::Symbol;

use crate::rules::Rules;
use crate::world::{By, Held, Leads, Place, Policy, Ty, World};

/// What the name servers have heard of checks and load balancers, and what load balancers' own names
/// answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct View {
    /// What the probes of each check have come to, before it is inverted; calculated checks have none.
    pub(crate) found: Vec<bool>,
    /// Whether each host is healthy to an alias that evaluates it.
    pub(crate) targets: Vec<bool>,
    /// The zones that each host has taken out of its own name.
    pub(crate) left_out: Vec<Vec<Symbol>>,
}

impl View {
    /// Everything is well.
    pub(crate) fn well(world: &World) -> View {
        View {
            found: vec![true; world.checks.len()],
            targets: vec![true; world.hosts.len()],
            left_out: vec![Vec::new(); world.hosts.len()],
        }
    }
}

/// Somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Asker {
    /// Where they are, for records that go by it; nothing known of it is the rest of the world.
    pub(crate) place: Place,
    /// The regions from the nearest; `None` stands for people near any of them.
    pub(crate) near: Option<Vec<Symbol>>,
}

/// An answer as a resolver keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The records on the way, from the name that was asked for to the one that holds the answer.
    pub(crate) via: Vec<usize>,
    pub(crate) gives: Gives,
    /// In milliseconds.
    pub(crate) ttl: i64,
    /// Its share among the answers to the same question.
    pub(crate) share: f64,
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gives {
    /// Addresses.
    Ends(Vec<End>),
    /// A name to ask for.
    Name(String),
    /// A host's own name to ask for.
    OwnName(usize),
    Nothing,
}

/// An address: a host's, and of one that stands in several zones the one in this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct End {
    pub(crate) host: usize,
    pub(crate) zone: Option<Symbol>,
}

/// Records that lead to records, further than any sane program goes.
const DEEPEST: usize = 32;

/// Name servers that keep to these rules.
#[derive(Clone, Copy)]
pub(crate) struct Server<'a> {
    pub(crate) world: &'a World,
    pub(crate) rules: &'a dyn Rules,
}

impl Server<'_> {
    /// Every answer that somebody may get.
    pub(crate) fn answers(&self, view: &View, name: &str, ty: Ty, asker: &Asker) -> Vec<Answer> {
        match self.world.look_up(name, ty) {
            Held::Records(records) => {
                let mut answers = Vec::new();
                self.of(view, &records, asker, &mut Vec::new(), 1.0, &mut answers);
                answers
            }
            Held::Elsewhere if self.world.named(name).is_some() => {
                let host = self.world.named(name).into_iter();
                let ends = host.map(|host| End { host, zone: None }).collect();
                vec![Answer { via: Vec::new(), gives: Gives::Ends(ends), ttl: 0, share: 1.0 }]
            }
            Held::Elsewhere | Held::Missing => vec![nothing(Vec::new(), 1.0)],
        }
    }

    /// The addresses of a host under its own name.
    pub(crate) fn own_name(&self, view: &View, host: usize) -> Vec<End> {
        let zones = &self.world.hosts[host].zones;
        if zones.len() < 2 {
            return vec![End { host, zone: None }];
        }
        let stays = |zone: &&Symbol| !view.left_out[host].contains(zone);
        zones.iter().filter(stays).map(|zone| End { host, zone: Some(*zone) }).collect()
    }

    /// How long resolvers keep a host's own name: load balancers' names are Route 53's, others' are
    /// not known and not kept.
    pub(crate) fn own_ttl(&self, host: usize) -> i64 {
        if self.world.hosts[host].balancer.is_some() { self.rules.kept_of_balancer() } else { 0 }
    }

    fn of(
        &self,
        view: &View,
        records: &[usize],
        asker: &Asker,
        way: &mut Vec<usize>,
        share: f64,
        answers: &mut Vec<Answer>,
    ) {
        let chosen = self.chosen(view, records, asker);
        if chosen.is_empty() || way.len() > DEEPEST {
            return answers.push(nothing(way.clone(), share));
        }
        for (at, part) in chosen {
            way.push(at);
            self.one(view, at, asker, way, share * part, answers);
            way.pop();
        }
    }

    fn one(&self, view: &View, at: usize, asker: &Asker, way: &mut Vec<usize>, share: f64, answers: &mut Vec<Answer>) {
        let record = &self.world.records[at];
        let kept = self.rules.kept(record.ttl);
        let (gives, ttl) = match &record.leads {
            Leads::Hosts(hosts) => {
                (Gives::Ends(hosts.iter().map(|host| End { host: *host, zone: None }).collect()), kept)
            }
            Leads::Name(name) => (Gives::Name(name.clone()), kept),
            Leads::OwnName(host) => (Gives::OwnName(*host), kept),
            Leads::Resource { host, .. } => {
                // Of a resource outside the program nothing is known but that it is AWS's: as a load balancer.
                (Gives::Ends(self.own_name(view, *host)), self.rules.kept_of_balancer())
            }
            Leads::Records { name, .. } => {
                let records = self.world.of_zone(record.zone, name, record.ty);
                return self.of(view, &records, asker, way, share, answers);
            }
            Leads::Nowhere => (Gives::Nothing, 0),
        };
        answers.push(Answer { via: way.clone(), gives, ttl, share });
    }

    /// The records of one name and type that somebody may be answered with, and their shares.
    pub(crate) fn chosen(&self, view: &View, records: &[usize], asker: &Asker) -> Vec<(usize, f64)> {
        let Some(first) = records.first() else { return Vec::new() };
        let healthy: Vec<bool> = records.iter().map(|at| self.record(view, *at, 0)).collect();
        let policy = |at: usize| &self.world.records[records[at]].policy;
        let rules = self.rules;
        let chosen: Vec<usize> = match &self.world.records[*first].policy {
            Policy::Simple => (0..records.len()).collect(),
            Policy::Primary | Policy::Secondary => {
                let of = |role: Policy| (0..records.len()).find(|at| *policy(*at) == role);
                match (of(Policy::Primary), of(Policy::Secondary)) {
                    (Some(one), Some(two)) if rules.primary(healthy[one], healthy[two]) => vec![one],
                    (Some(_), Some(two)) => vec![two],
                    _ => (0..records.len()).collect(),
                }
            }
            Policy::Weighted(_) => {
                return self.weighted(records, &healthy);
            }
            Policy::Latency(_) => match &asker.near {
                None => rules.eligible(&healthy),
                Some(near) => {
                    let rank = |at: &usize| match policy(*at) {
                        Policy::Latency(region) => near.iter().position(|r| r == region).unwrap_or(near.len()),
                        _ => usize::MAX,
                    };
                    rules.eligible(&healthy).into_iter().min_by_key(rank).into_iter().collect()
                }
            },
            Policy::Multivalue => rules.eligible(&healthy),
            Policy::Geo(_) => {
                let mut around: Vec<usize> = (0..records.len())
                    .filter(|at| matches!(policy(*at), Policy::Geo(place) if place.holds(&asker.place)))
                    .collect();
                around.sort_by_key(|at| match policy(*at) {
                    Policy::Geo(place) => std::cmp::Reverse(place.depth()),
                    _ => std::cmp::Reverse(0),
                });
                let health: Vec<bool> = around.iter().map(|at| healthy[*at]).collect();
                around.get(rules.geolocation(&health)).copied().into_iter().collect()
            }
        };
        let share = 1.0 / chosen.len().max(1) as f64;
        chosen.into_iter().map(|at| (records[at], share)).collect()
    }

    fn weighted(&self, records: &[usize], healthy: &[bool]) -> Vec<(usize, f64)> {
        let weight = |at: usize| match self.world.records[records[at]].policy {
            Policy::Weighted(weight) => weight,
            _ => 0,
        };
        let all: Vec<(i64, bool)> = healthy.iter().enumerate().map(|(at, healthy)| (weight(at), *healthy)).collect();
        let chosen = self.rules.weighted(&all);
        let sum: i64 = chosen.iter().map(|at| weight(*at)).sum();
        let share = |at: usize| match sum {
            0 => 1.0 / chosen.len() as f64,
            sum => weight(at) as f64 / sum as f64,
        };
        // One of weight 0 among others gets nothing.
        chosen.iter().filter(|at| share(**at) > 0.0).map(|at| (records[*at], share(*at))).collect()
    }

    /// Whether a record is healthy.
    pub(crate) fn record(&self, view: &View, at: usize, depth: usize) -> bool {
        let record = &self.world.records[at];
        let check = record.check.map(|check| self.check(view, check, 0));
        let target = match &record.leads {
            Leads::Resource { host, evaluate } if self.rules.evaluates(*evaluate) => Some(view.targets[*host]),
            Leads::Records { name, evaluate } if self.rules.evaluates(*evaluate) && depth < DEEPEST => {
                let records = self.world.of_zone(record.zone, name, record.ty);
                let health: Vec<bool> = records.iter().map(|at| self.record(view, *at, depth + 1)).collect();
                (!health.is_empty()).then(|| self.rules.together(&health))
            }
            _ => None,
        };
        self.rules.record(check, target)
    }

    /// Whether a check is healthy.
    pub(crate) fn check(&self, view: &View, at: usize, depth: usize) -> bool {
        let check = &self.world.checks[at];
        let found = match &check.by {
            By::Children { of, threshold } if depth < DEEPEST => {
                let healthy = of.iter().filter(|child| self.check(view, **child, depth + 1)).count();
                self.rules.calculated(healthy, *threshold)
            }
            _ => view.found[at],
        };
        self.rules.says(found, check.inverted, check.disabled)
    }
}

fn nothing(via: Vec<usize>, share: f64) -> Answer {
    Answer { via, gives: Gives::Nothing, ttl: 0, share }
}
