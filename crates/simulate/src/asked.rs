//! One question in one state, without time: which record sets may be answered.

use topo_model::{Desired, ResId, dns_name};

use crate::extreme::types;
use crate::read;
use crate::rules::Documented;
use crate::server::{Asker, Server, View};
use crate::world::{Thing, Ty};

/// The record sets that hold the answers which somebody may get for a name, with their shares among all who ask
/// from one place; sorted.
///
/// `failing` are the health checks whose probes fail, before they are inverted or disabled, and the
/// resources that are unhealthy to an alias that evaluates them. Calculated checks follow from
/// their children. Addresses, where a record holds several, are not told apart.
pub fn answers(desired: &Desired, name: &str, failing: &[ResId]) -> Vec<(ResId, f64)> {
    let world = read::world(desired);
    let server = Server { world: &world, rules: &Documented };
    let mut view = View::well(&world);
    for (at, check) in world.checks.iter().enumerate() {
        view.found[at] = !failing.contains(&check.id);
    }
    for (at, host) in world.hosts.iter().enumerate() {
        view.targets[at] = !matches!(&host.what, Thing::Resource(id) if failing.contains(id));
    }
    let name = dns_name(name);
    let mut all: Vec<(ResId, f64)> = Vec::new();
    for place in &world.places {
        let mut here: Vec<(ResId, f64)> = Vec::new();
        let types: Vec<Ty> = types(server, &name);
        for ty in &types {
            for answer in server.answers(&view, &name, *ty, &Asker { place: place.clone(), near: None }) {
                let Some(set) = answer.via.last().map(|at| world.records[*at].id) else { continue };
                match here.iter_mut().find(|(known, _)| *known == set) {
                    Some((_, share)) => *share = share.max(answer.share),
                    None => here.push((set, answer.share)),
                }
            }
        }
        for (set, share) in here {
            match all.iter_mut().find(|(known, _)| *known == set) {
                Some((_, known)) => *known = known.max(share),
                None => all.push((set, share)),
            }
        }
    }
    all.sort_by_key(|(set, _)| *set);
    all
}
