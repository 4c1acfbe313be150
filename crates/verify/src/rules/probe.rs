//! What is probed and what is pointed at: a check must not probe what it steers (T0505), and a name
//! that is probed or pointed at must be defined (T0506).

use topo_model::Diagnostic;

use crate::answer::{Next, asked, next};
use crate::dns::{Alias, Answer, CheckId, Dns, Found, GroupId, Probe, SetId, Type, Watched};
use crate::scene::Scene;

pub(super) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    for at in 0..dns.checks.len() {
        let id = CheckId(at as u32);
        if let Probe::Endpoint { watched: Watched::Name(name), .. } = &dns.check(id).probe {
            findings.extend(steered(dns, id, name).map(|set| probes_itself(scene, dns, id, name, set)));
            findings.extend(probed(scene, dns, id, name));
        }
    }
    for at in 0..dns.sets.len() {
        findings.extend(pointed(scene, dns, SetId(at as u32)));
    }
}

/// The record that a check steers by probing it, where it probes what it steers. Probing the steered name, a check sees the endpoint that the name leads to at that moment,
/// which is the one that its own verdict has chosen.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html>
pub(crate) fn steered(dns: &Dns, id: CheckId, name: &str) -> Option<SetId> {
    let mut open = asked(dns, name).ok()?;
    let mut seen: Vec<GroupId> = Vec::new();
    while let Some(group) = open.pop() {
        if seen.contains(&group) {
            continue;
        }
        seen.push(group);
        let sets = &dns.group(group).sets;
        // With one record there is nothing to steer.
        let steers = |set: &&SetId| sets.len() > 1 && dns.set(**set).check.is_some_and(|check| goes_by(dns, check, id));
        if let Some(set) = sets.iter().find(steers) {
            return Some(*set);
        }
        for set in sets {
            match next(dns, *set) {
                Next::Within(group) => open.push(group),
                Next::Asks(groups) => open.extend(groups),
                Next::Ends(_) => {}
            }
        }
    }
    None
}

/// Whether a check is another one or counts it.
fn goes_by(dns: &Dns, check: CheckId, of: CheckId) -> bool {
    check == of || matches!(&dns.check(check).probe, Probe::Calculated { children, .. } if children.contains(&of))
}

/// T0505.
fn probes_itself(scene: &Scene<'_>, dns: &Dns, id: CheckId, name: &str, set: SetId) -> Diagnostic {
    let check = dns.check(id).id;
    let steered = &dns.group(dns.set(set).group).name;
    let message = if name == steered {
        format!("`{}` probes {name}, the very name that it steers", scene.address(check))
    } else {
        format!("`{}` probes {name}, which leads to {steered}, the name that it steers", scene.address(check))
    };
    Diagnostic::error(505, scene.span(check, "health_check_config"), message, format!("probes {name}"))
        .label(scene.place(dns.set(set).id), format!("a record of {steered} that goes by this check"))
        .help("let it probe a name of the endpoint's own, one that leads there whatever is healthy")
}

/// T0506 for a name that is probed: the checkers look it up over IPv4 alone.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
fn probed(scene: &Scene<'_>, dns: &Dns, id: CheckId, name: &str) -> Option<Diagnostic> {
    let check = dns.check(id).id;
    let probes = |message: String| {
        Diagnostic::error(506, scene.span(check, "health_check_config"), message, format!("probes {name}"))
    };
    if let Some(apex) = undefined(scene, dns, name, &[Type::A, Type::Aaaa]) {
        let message = format!("`{}` probes {name}, which no record of the zone {apex} defines", scene.address(check));
        return Some(probes(message).help(format!("write a record for {name}, or probe a name that has one")));
    }
    undefined(scene, dns, name, &[Type::A])?;
    let message = format!(
        "`{}` probes {name}, which has no A record: Route 53's checkers look names up over IPv4 alone",
        scene.address(check)
    );
    Some(probes(message).help("write an A record for it, or probe the address itself with `ip_address`"))
}

/// T0506 for a name that a record leads to.
fn pointed(scene: &Scene<'_>, dns: &Dns, id: SetId) -> Option<Diagnostic> {
    let set = dns.set(id);
    let group = dns.group(set.group);
    let (name, attribute, apex) = match &set.answer {
        Answer::Name(name) => (name, "resource_records", undefined(scene, dns, name, &[Type::A, Type::Aaaa])?),
        Answer::Alias { to: Alias::Records { zone, name }, .. }
            if dns.alias_target(*zone, name, group.ty).is_none() =>
        {
            (name, "alias_target", undefined_in(scene, *zone)?)
        }
        _ => return None,
    };
    let message = format!("{} leads to {name}, which no record of the zone {apex} defines", group.name);
    Some(
        Diagnostic::error(506, scene.span(set.id, attribute), message, format!("leads to {name}"))
            .help(format!("write a record for {name}, or lead to a name that has one")),
    )
}

/// The zone in which a name has no record of some types: one that the program creates, so that all its records are the
/// program's. An `existing` zone may hold others.
fn undefined(scene: &Scene<'_>, dns: &Dns, name: &str, types: &[Type]) -> Option<String> {
    let missing = types.iter().all(|ty| dns.look_up(name, *ty) == Found::Undefined);
    let (_, zone) = dns.zone_of(name).filter(|_| missing)?;
    undefined_in(scene, *zone)
}

fn undefined_in(scene: &Scene<'_>, zone: topo_model::ResId) -> Option<String> {
    let apex = scene.text(zone, "name").filter(|_| scene.is_made(zone))?;
    Some(apex.to_owned())
}
