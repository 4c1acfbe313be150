//! Losses: what an objective must survive, and what each takes away.

use topo_model::{Desired, Symbol};

use crate::dns::{Dns, Endpoint, EndpointId};
use crate::report::Loss;
use crate::scene::Scene;

/// What a loss does to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes on.
    Keeps,
    /// It goes on without the zone that is lost: its own name leads there until it notices.
    Shrinks,
    /// It is gone.
    Lost,
}

impl Loss {
    /// What the loss does to an endpoint.
    pub(crate) fn fate(&self, endpoint: &Endpoint) -> Fate {
        match self {
            Loss::Regions(regions) if endpoint.regions.iter().any(|r| regions.contains(r)) => Fate::Lost,
            Loss::Regions(_) => Fate::Keeps,
            Loss::Zone { region, zone } => match endpoint.zones.as_slice() {
                // Where it stands is not known: it may be that very zone.
                [] if endpoint.regions.contains(region) => Fate::Lost,
                [only] if only == zone => Fate::Lost,
                several if several.contains(zone) => Fate::Shrinks,
                _ => Fate::Keeps,
            },
            Loss::Outside { place, .. } if endpoint.is_outside() && endpoint.place == *place => Fate::Lost,
            Loss::Outside { .. } => Fate::Keeps,
        }
    }

    /// Whether an alarm that stands in a region can't be relied on.
    pub(crate) fn blinds(&self, region: Symbol) -> bool {
        matches!(self, Loss::Regions(regions) if regions.contains(&region))
    }
}

/// Every loss that an objective is to survive, in a fixed order: single regions (or zones) as they
/// are declared, then the places outside, then pairs.
///
/// `reached` are the endpoints that the objective's name can lead to. An address or a name of which
/// nothing says where it stands is taken to stand in a place of its own, which can be lost as a region
/// can.
pub(crate) fn losses(survives: &str, scene: &Scene<'_>, dns: &Dns, reached: &[EndpointId]) -> Vec<Loss> {
    let regions = regions(scene.desired, dns, reached);
    let mut outside: Vec<Loss> = Vec::new();
    for id in reached {
        let endpoint = dns.endpoints.get(*id);
        let loss = Loss::Outside { place: endpoint.place, name: endpoint.name(scene) };
        let known = outside.iter().any(|l| matches!(l, Loss::Outside { place, .. } if *place == endpoint.place));
        if endpoint.is_outside() && !known {
            outside.push(loss);
        }
    }
    match survives {
        "zone" => zones(dns, reached).into_iter().chain(outside).collect(),
        "any two regions" => {
            let singles = regions.iter().map(|r| vec![*r]);
            let pairs = regions.iter().enumerate().flat_map(|(at, a)| regions[at + 1..].iter().map(|b| vec![*a, *b]));
            singles.chain(pairs).map(Loss::Regions).chain(outside).collect()
        }
        _ => regions.iter().map(|r| Loss::Regions(vec![*r])).chain(outside).collect(),
    }
}

/// The regions that can be lost: those of the environment, then those that anything stands in.
fn regions(desired: &Desired, dns: &Dns, reached: &[EndpointId]) -> Vec<Symbol> {
    let mut regions = desired.regions.clone();
    let mut others: Vec<Symbol> = desired.resources.iter().filter_map(|r| r.region).collect();
    others.extend(reached.iter().flat_map(|id| dns.endpoints.get(*id).regions.iter().copied()));
    others.sort();
    others.dedup();
    others.retain(|r| !regions.contains(r));
    regions.extend(others);
    regions
}

/// The zones that the endpoints stand in; of one that says none, a nameless zone of its region.
fn zones(dns: &Dns, reached: &[EndpointId]) -> Vec<Loss> {
    let mut zones: Vec<(Symbol, Symbol)> = Vec::new();
    for id in reached {
        let endpoint = dns.endpoints.get(*id);
        let Some(region) = endpoint.regions.first() else { continue };
        if endpoint.zones.is_empty() {
            zones.push((*region, Symbol::new("?")));
        }
        zones.extend(endpoint.zones.iter().map(|zone| (*region, *zone)));
    }
    zones.sort();
    zones.dedup();
    zones.into_iter().map(|(region, zone)| Loss::Zone { region, zone }).collect()
}
