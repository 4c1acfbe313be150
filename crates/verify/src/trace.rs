//! Counterexamples: what a client meets on the way to what is lost, and why nothing leads elsewhere.
//!
//! It explains what the other modules have decided and decides nothing itself.

use topo_model::Span;

use crate::answer::{End, Health, Next, State, asked, leaves_out, next};
use crate::dns::{Alias, Answer, CheckId, Dns, GroupId, Policy, Probe, SetId, Watched};
use crate::report::Loss;
use crate::scene::Scene;
use crate::time::Course;

/// A step on the way: a set that is answered.
type Way = Vec<SetId>;

/// What a client meets when a loss is not survived, step by step; nothing where it is.
pub(crate) fn broken(course: &Course<'_>, endpoint: &str, lost: &Loss) -> Option<Vec<String>> {
    let (way, end) = way_to_lost(course.dns, endpoint, course.after)?;
    let (dns, scene) = (course.dns, course.scene);
    let mut steps = vec![lost.told()];
    let mut told: Vec<CheckId> = Vec::new();
    for set in &way {
        for other in &dns.group(dns.set(*set).group).sets {
            let Some(check) = dns.set(*other).check.filter(|check| !told.contains(check)) else { continue };
            told.push(check);
            steps.push(says(course, check));
        }
        steps.push(answers(course, *set));
    }
    steps.push(match end {
        End::Endpoint(id) => format!("{} is lost: nobody serves the client", dns.endpoints.get(id).name(scene)),
        End::Nothing => nothing(dns, &way, endpoint),
    });
    Some(steps)
}

/// The places of a counterexample with what they have to do with it, and what would help.
pub(crate) fn places(
    dns: &Dns,
    scene: &Scene<'_>,
    endpoint: &str,
    before: &State,
    lost: &Loss,
) -> (Vec<(Span, String)>, String) {
    let after = State::after(dns, scene, Some(lost));
    let between = State::between(dns, before, &after);
    let course = Course { dns, scene, before, after: &after, between: &between };
    let Some((way, _)) = way_to_lost(dns, endpoint, &after) else { return (Vec::new(), String::new()) };
    let mut places: Vec<(Span, String)> = Vec::new();
    for set in &way {
        let span = scene.place(dns.set(*set).id);
        let text = why_still(&course, *set);
        if places.iter().all(|(known, _)| *known != span) {
            places.push((span, text));
        }
    }
    (places, remedy(&course, &way))
}

/// Why a name leads nowhere though nothing is lost.
pub(crate) fn nowhere(dns: &Dns, _scene: &Scene<'_>, endpoint: &str, before: &State) -> String {
    match way_to_lost(dns, endpoint, before) {
        Some((way, _)) if !way.is_empty() => nothing(dns, &way, endpoint),
        _ if asked(dns, endpoint).is_ok() => {
            format!("the records of {endpoint} lead to each other in a ring: one of them must lead to an endpoint")
        }
        _ => match dns.zone_of(endpoint) {
            Some((apex, _)) => {
                format!("no record of the zone {apex} defines {endpoint}: write one, or name what clients use")
            }
            None => format!(
                "no zone of this program holds {endpoint}: an objective is about a name that the program steers"
            ),
        },
    }
}

/// The first way, in the program's order, that ends where nobody is served.
fn way_to_lost(dns: &Dns, endpoint: &str, state: &State) -> Option<(Way, End)> {
    let mut seen: Vec<GroupId> = Vec::new();
    match asked(dns, endpoint) {
        Err(ends) => ends.into_iter().find(|end| !state.serves(*end)).map(|end| (Vec::new(), end)),
        Ok(groups) => groups.into_iter().find_map(|group| follow(dns, group, state, &mut seen)),
    }
}

fn follow(dns: &Dns, group: GroupId, state: &State, seen: &mut Vec<GroupId>) -> Option<(Way, End)> {
    if seen.contains(&group) {
        return None;
    }
    seen.push(group);
    for set in state.choice(group) {
        let found = match next(dns, *set) {
            Next::Ends(ends) => ends.into_iter().find(|end| !state.serves(*end)).map(|end| (Vec::new(), end)),
            Next::Within(group) => follow(dns, group, state, seen),
            Next::Asks(groups) => groups.into_iter().find_map(|group| follow(dns, group, state, seen)),
        };
        if let Some((mut way, end)) = found {
            way.insert(0, *set);
            return Some((way, end));
        }
    }
    let set = dns.group(group).sets.first().copied();
    set.filter(|_| leaves_out(dns, group)).map(|set| (vec![set], End::Nothing))
}

fn nothing(dns: &Dns, way: &[SetId], endpoint: &str) -> String {
    let Some(last) = way.last() else { return format!("no record defines {endpoint}") };
    let set = dns.set(*last);
    let group = dns.group(set.group);
    match &set.answer {
        Answer::Name(name) => format!("{} leads to {name}, which no record defines", group.name),
        Answer::Alias { to: Alias::Records { name, .. }, .. } => {
            format!("{} is an alias of {name}, which has no records of its type", group.name)
        }
        _ if leaves_out(dns, set.group) => format!(
            "{} answers by location and has no record for the rest of the world (`country_code = \"*\"`)",
            group.name
        ),
        _ => format!("{} has no answer that leads a client on", group.name),
    }
}

/// What a check says after the loss.
fn says(course: &Course<'_>, check: CheckId) -> String {
    let name = course.scene.address(course.dns.check(check).id);
    let watched = watched(course, check);
    match course.after.check(check) {
        Health::Up => format!("`{name}` ({watched}) stays healthy"),
        Health::Down => format!("`{name}` ({watched}) becomes unhealthy"),
        Health::Either => format!("`{name}` ({watched}) may say either"),
    }
}

fn watched(course: &Course<'_>, check: CheckId) -> String {
    let check = course.dns.check(check);
    if check.disabled {
        return "which is disabled".to_owned();
    }
    match &check.probe {
        Probe::Endpoint { watched: Watched::Name(name), .. } => format!("which probes {name}"),
        Probe::Endpoint { watched: Watched::Endpoint(id), .. } => {
            format!("which probes {}", course.dns.endpoints.get(*id).name(course.scene))
        }
        Probe::Calculated { children, threshold } => format!(
            "which counts {threshold} of {}",
            if children.len() == 1 { "1 check".to_owned() } else { format!("{} checks", children.len()) }
        ),
        Probe::Alarm { .. } => "which goes by an alarm".to_owned(),
        Probe::Unknown => "of which nothing is known".to_owned(),
    }
}

/// What is answered, and to where it leads.
fn answers(course: &Course<'_>, id: SetId) -> String {
    let dns = course.dns;
    let set = dns.set(id);
    let group = dns.group(set.group);
    let leads = match &set.answer {
        Answer::Name(name) => format!("the CNAME {name}"),
        Answer::Alias { to: Alias::Records { name, .. }, .. } => format!("what {name} answers"),
        Answer::Alias { to: Alias::Endpoint(id), .. } | Answer::Resource(id) => {
            format!("the address of {}", dns.endpoints.get(*id).name(course.scene))
        }
        Answer::Addresses(all) => {
            let all: Vec<String> = all.iter().map(|id| dns.endpoints.get(*id).name(course.scene)).collect();
            all.join(", ")
        }
        Answer::Other => "nothing".to_owned(),
    };
    let how = match &set.policy {
        Policy::Simple => "has one answer".to_owned(),
        Policy::Primary => "answers with its primary".to_owned(),
        Policy::Secondary => "answers with its secondary".to_owned(),
        Policy::Weighted(weight) => format!("answers with its record of weight {weight}"),
        Policy::Latency(region) => format!("answers those near {region}"),
        Policy::Geo(_) => "answers by location".to_owned(),
        Policy::Multivalue if course.after.set(id) == Health::Down => {
            "answers with all of its records, since none is healthy".to_owned()
        }
        Policy::Multivalue => "answers with all that are healthy".to_owned(),
    };
    format!("{} {how}: {leads}", group.name)
}

/// Why a set is answered though it leads to what is lost.
fn why_still(course: &Course<'_>, id: SetId) -> String {
    let dns = course.dns;
    let set = dns.set(id);
    let group = dns.group(set.group);
    let alias_unchecked = matches!(&set.answer, Answer::Alias { evaluate: false, .. }) && set.check.is_none();
    if group.sets.len() == 1 {
        return format!("the only record of {}", group.name);
    }
    if alias_unchecked {
        return "nothing checks this record: it is an alias that does not evaluate its target".to_owned();
    }
    if set.check.is_none() && !matches!(&set.answer, Answer::Alias { evaluate: true, .. }) {
        return "nothing checks this record".to_owned();
    }
    match course.after.set(id) {
        Health::Up => "called healthy though it leads to what is lost".to_owned(),
        Health::Down => "unhealthy, and answered all the same: no other record is healthy".to_owned(),
        Health::Either => "may be called healthy though it leads to what is lost".to_owned(),
    }
}

/// What would help, by what the last choice on the way could have been.
fn remedy(course: &Course<'_>, way: &[SetId]) -> String {
    let dns = course.dns;
    let choices: Vec<SetId> = way.iter().copied().filter(|set| dns.group(dns.set(*set).group).sets.len() > 1).collect();
    let Some(set) = choices.first().map(|id| (id, dns.set(*id))) else {
        let name = way.first().map_or("the name", |set| dns.group(dns.set(*set).group).name.as_str());
        return format!(
            "only an edit of {name} would lead elsewhere, through Route 53's control plane, which stands in us-east-1 \
             and takes up to a minute: use a routing policy (`failover`, latency by `region`) with a second answer in another region"
        );
    };
    let (id, set) = set;
    if matches!(set.answer, Answer::Alias { evaluate: false, .. }) && set.check.is_none() {
        return "write `evaluate_target_health = true`, or give the record a health check".to_owned();
    }
    match (set.check, course.after.set(*id)) {
        (None, _) if !matches!(set.answer, Answer::Alias { .. }) => {
            "give the record a health check that probes what it leads to".to_owned()
        }
        (Some(check), Health::Up) => {
            format!("let `{}` probe what the record leads to", course.scene.address(dns.check(check).id))
        }
        (_, Health::Down) => "a second answer must stand where the loss does not reach".to_owned(),
        _ => "a check whose outcome is sure must decide: one that probes the endpoint itself".to_owned(),
    }
}
