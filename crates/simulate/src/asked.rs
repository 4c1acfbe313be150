//! One question in one state, without time: which record sets may be answered.

use topo_model::{Desired, ResId, dns_name};

use crate::extreme::types;
use crate::read;
use crate::rules::Documented;
use crate::server::{Asker, Gives, Server, View};
use crate::world::{Place, Thing, Ty};

/// The record sets that some client may be answered with for a name, at the end of every chain of
/// aliases and CNAMEs, in the program's order, while the probes of the given health checks fail and the given
/// resources are unhealthy to aliases that evaluate them. All else is well; calculated checks follow from
/// their children.
pub fn answers(desired: &Desired, name: &str, failed: &[ResId]) -> Vec<ResId> {
    let world = read::world(desired);
    let mut view = View::well(&world);
    for (at, check) in world.checks.iter().enumerate() {
        view.found[at] = !failed.contains(&check.id);
    }
    for (at, host) in world.hosts.iter().enumerate() {
        view.targets[at] = !matches!(&host.what, Thing::Resource(id) if failed.contains(id));
    }
    let server = Server { world: &world, rules: &Documented };
    let mut sets = Vec::new();
    for place in &world.places {
        for ty in types(server, &dns_name(name)) {
            last(server, &view, &dns_name(name), (ty, place), 0, &mut sets);
        }
    }
    sets.sort();
    sets.dedup();
    sets
}

fn last(server: Server<'_>, view: &View, name: &str, (ty, place): (Ty, &Place), depth: usize, sets: &mut Vec<ResId>) {
    let asker = Asker { place: place.clone(), near: None };
    for answer in server.answers(view, name, ty, &asker) {
        let Some(end) = answer.via.last() else { continue };
        match &answer.gives {
            Gives::Name(next) if server.world.serves(next) && depth < 16 => {
                let types = types(server, next);
                let ty = if types.contains(&ty) { ty } else { types[0] };
                last(server, view, next, (ty, place), depth + 1, sets);
            }
            _ => sets.push(server.world.records[*end].id),
        }
    }
}
