//! Hazards: what an objective that holds still risks, as warnings with the reason.

use topo_model::value::duration;
use topo_model::{Diagnostic, Objective, ResId};

use crate::answer::{asked, reach};
use crate::dns::{CheckId, Dns, Policy, Probe, SetId};
use crate::scene::Scene;

/// What an objective's name depends on.
struct Steering {
    sets: Vec<SetId>,
    checks: Vec<CheckId>,
}

/// Finds the hazards of an objective.
pub(crate) fn judge(scene: &Scene<'_>, dns: &Dns, objective: &Objective, endpoint: &str, found: &mut Vec<Diagnostic>) {
    let reached = reach(dns, asked(dns, endpoint), |group| dns.group(group).sets.as_slice().into());
    let chosen = reached.groups.iter().map(|group| dns.group(*group)).filter(|group| group.sets.len() > 1);
    let sets: Vec<SetId> = chosen.flat_map(|group| group.sets.iter().copied()).collect();
    let mut checks: Vec<CheckId> = Vec::new();
    for check in sets.iter().filter_map(|set| dns.set(*set).check) {
        if !checks.contains(&check) {
            checks.push(check);
        }
    }
    let steering = Steering { sets, checks };
    found.extend(flapping(scene, dns, &steering));
    found.extend(failing_back(scene, dns, objective, &steering));
}

/// T0520: a single probe decides.
fn flapping(scene: &Scene<'_>, dns: &Dns, steering: &Steering) -> Option<Diagnostic> {
    let hasty = |check: &&CheckId| matches!(dns.check(**check).probe, Probe::Endpoint { threshold: 1, .. });
    let check = dns.check(*steering.checks.iter().find(hasty)?);
    let Probe::Endpoint { interval, .. } = check.probe else { return None };
    let message = format!(
        "`{}` changes the answer after one missed probe: a deploy or a short loss of packets moves the clients, and the \
         next good probe, {} later, moves them back",
        scene.address(check.id),
        duration(interval)
    );
    let found = Diagnostic::warning(520, scene.span(check.id, "health_check_config"), message, "a threshold of 1");
    Some(found.help("a threshold of 2 costs one interval and one timeout, and rides out a single miss"))
}

/// T0521: clients come back by themselves, to stores that have not caught up.
fn failing_back(scene: &Scene<'_>, dns: &Dns, objective: &Objective, steering: &Steering) -> Option<Diagnostic> {
    let store: ResId = *objective.stores.first()?;
    let primary = steering.sets.iter().map(|set| dns.set(*set)).find(|set| set.policy == Policy::Primary)?;
    let check = dns.check(primary.check?);
    // An alarm, or a check that is switched by hand, can be made to wait for a person.
    let Probe::Endpoint { interval, threshold, .. } = check.probe else { return None };
    let message = format!(
        "objective `{}`: clients go back to the primary by themselves, {threshold} good probes ({} and more) after it \
         answers again, whether or not `{}` has caught up with what was written meanwhile",
        objective.name,
        duration(threshold * interval),
        scene.address(store)
    );
    let found = Diagnostic::warning(521, objective.span, message, "names stores");
    let found = found.label(scene.place(check.id), "the primary's check: it knows nothing of the data");
    Some(found.help(
        "let the primary's record go by a calculated check that also counts one which a person holds down after a \
         failover (an alarm, or a check set `disabled` and `inverted`), and releases once the data is back",
    ))
}
