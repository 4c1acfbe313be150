//! Record sets, read.

use rustc_hash::FxHashMap;
use topo_model::{ResId, Symbol, Value};

use super::{CheckId, EndpointId, Endpoints, GroupId, Type};
use crate::scene::{Scene, field, is_within, name_of};

/// A record set's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SetId(pub(crate) u32);

/// A record set.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) id: ResId,
    pub(crate) group: GroupId,
    pub(crate) policy: Policy,
    pub(crate) answer: Answer,
    pub(crate) check: Option<CheckId>,
    /// How long a resolver keeps it, in milliseconds; an alias has none of its own.
    pub(crate) ttl: Option<i64>,
}

/// How one set is chosen among those of its name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Policy {
    Simple,
    Primary,
    Secondary,
    Weighted(i64),
    Latency(Symbol),
    Geo(Location),
    Multivalue,
}

/// Who is answered by a geolocation record: those of a subdivision, a country, a continent, or all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Location {
    pub(crate) continent: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) subdivision: Option<String>,
}

/// What a set answers.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Addresses, each by itself.
    Addresses(Vec<EndpointId>),
    /// Another name, asked for in its turn.
    Name(String),
    /// The same, of a resource of the program: a load balancer's own name.
    Resource(EndpointId),
    /// What another record or an AWS resource answers, as its own.
    Alias { to: Alias, evaluate: bool },
    /// Nothing that leads a client to an endpoint.
    Other,
}

/// What an alias stands for.
#[derive(Debug, Clone)]
pub(crate) enum Alias {
    /// The records of this name in the alias' own zone.
    Records {
        zone: ResId,
        name: String,
    },
    Endpoint(EndpointId),
}

pub(super) fn read(
    scene: &Scene<'_>,
    id: ResId,
    ty: Type,
    endpoints: &mut Endpoints,
    checks: &FxHashMap<ResId, CheckId>,
) -> Set {
    let check = scene.link(id, "health_check").and_then(|check| checks.get(&check)).copied();
    let policy = policy(scene, id);
    let answer = answer(scene, id, ty, endpoints);
    if let (Policy::Latency(region), Answer::Addresses(addresses)) = (&policy, &answer) {
        addresses.iter().for_each(|address| endpoints.stands_in(*address, *region));
    }
    Set { id, group: GroupId(0), policy, answer, check, ttl: scene.get(id, "ttl").as_millis() }
}

fn policy(scene: &Scene<'_>, id: ResId) -> Policy {
    match scene.text(id, "failover") {
        Some("PRIMARY") => return Policy::Primary,
        Some("SECONDARY") => return Policy::Secondary,
        _ => {}
    }
    if let Some(weight) = scene.get(id, "weight").as_int() {
        return Policy::Weighted(weight);
    }
    if let Some(region) = scene.text(id, "region") {
        return Policy::Latency(Symbol::new(region));
    }
    if scene.get(id, "multi_value_answer").as_bool() == Some(true) {
        return Policy::Multivalue;
    }
    let place = scene.get(id, "geo_location");
    if place.is_none() {
        return Policy::Simple;
    }
    let part = |name: &str| field(place, name).and_then(Value::as_str).map(str::to_owned);
    Policy::Geo(Location {
        continent: part("continent_code"),
        country: part("country_code").filter(|country| country != "*"),
        subdivision: part("subdivision_code"),
    })
}

fn answer(scene: &Scene<'_>, id: ResId, ty: Type, endpoints: &mut Endpoints) -> Answer {
    let alias = scene.get(id, "alias_target");
    if !alias.is_none() {
        let evaluate = field(alias, "evaluate_target_health").and_then(Value::as_bool).unwrap_or(false);
        let to = field(alias, "dns_name").map_or(Alias::Endpoint(endpoints.outside("?")), |target| {
            match (name_of(target), scene.link(id, "hosted_zone")) {
                (Some(name), Some(zone)) if within(scene, zone, &name) => {
                    endpoints.outside(&name);
                    Alias::Records { zone, name }
                }
                (Some(name), _) => Alias::Endpoint(endpoints.outside(&name)),
                (None, _) => Alias::Endpoint(endpoints.computed(scene, target)),
            }
        });
        return Answer::Alias { to, evaluate };
    }
    let values = scene.get(id, "resource_records");
    let items = values.items().unwrap_or_default();
    match ty {
        Type::Cname => match items.first() {
            Some(value) => match name_of(value) {
                Some(name) => {
                    endpoints.outside(&name);
                    Answer::Name(name)
                }
                None => Answer::Resource(endpoints.computed(scene, value)),
            },
            None => Answer::Other,
        },
        Type::A | Type::Aaaa if !values.is_none() => {
            let each = |value: &Value| match value.as_str().and_then(|text| text.parse().ok()) {
                Some(address) => endpoints.address(address),
                None => endpoints.computed(scene, value),
            };
            Answer::Addresses(items.iter().map(each).collect())
        }
        _ => Answer::Other,
    }
}

fn within(scene: &Scene<'_>, zone: ResId, name: &str) -> bool {
    name_of(scene.get(zone, "name")).is_some_and(|apex| is_within(name, &apex))
}

impl Location {
    /// How small it is: the world, a continent, a country, a subdivision.
    pub(crate) fn depth(&self) -> u8 {
        match (&self.subdivision, &self.country, &self.continent) {
            (Some(_), _, _) => 3,
            (_, Some(_), _) => 2,
            (_, _, Some(_)) => 1,
            _ => 0,
        }
    }

    /// Whether people of another place surely live in this one.
    pub(crate) fn holds(&self, other: &Location) -> bool {
        match self.depth() {
            0 => true,
            1 => other.continent == self.continent,
            2 => other.country == self.country,
            _ => other == self,
        }
    }

    /// Whether they may: which continent a country is in, its code does not tell.
    pub(crate) fn may_hold(&self, other: &Location) -> bool {
        self.holds(other) || (self.depth() == 1 && other.continent.is_none() && other.depth() > 1)
    }
}
