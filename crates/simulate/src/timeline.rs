//! What happens in a course, told by what a person knows: checks, names, answers.

use std::collections::BTreeMap;

use topo_model::Desired;

use crate::events::{Course, Happened};
use crate::extreme::{Span, Stop, types};
use crate::result::{Event, What};
use crate::server::{Asker, Gives, Server, View};

/// What happens in a course, each thing when it first does.
pub(crate) fn told(server: Server<'_>, desired: &Desired, course: &Course, names: &[String]) -> BTreeMap<What, i64> {
    let mut told = BTreeMap::new();
    for (at, happened) in &course.happened {
        let what = match happened {
            Happened::Lost => What::Lost,
            Happened::Back => What::Back,
            Happened::Check { check, healthy } => {
                What::Check { check: server.world.checks[*check].id, healthy: *healthy }
            }
            Happened::Balancer { host, healthy } => {
                What::Balancer { host: server.world.hosts[*host].name(desired), healthy: *healthy }
            }
        };
        told.entry(what).or_insert(*at);
    }
    for name in names {
        let mut before: Option<Vec<String>> = None;
        for (at, view) in &course.past {
            let now = answered(server, desired, view, name);
            if let Some(before) = before.filter(|before| *before != now) {
                let what = What::Answer { name: name.clone(), from: before, to: now.clone() };
                told.entry(what).or_insert(*at);
            }
            before = Some(now);
        }
    }
    told
}

/// What clients of a name do in a course: who serves them newly, and when the last one fails.
pub(crate) fn of_clients(
    server: Server<'_>,
    desired: &Desired,
    name: &str,
    used: &BTreeMap<Stop, Vec<Span>>,
    failing: &[Span],
    spares: impl Fn(&Stop) -> bool,
) -> Vec<(What, i64)> {
    let mut told = Vec::new();
    for (stop, spans) in used {
        if let (Some(end), Some((since, _))) = (stop, spans.first())
            && *since > 0
            && spares(stop)
        {
            let host = server.world.hosts[end.host].name(desired);
            told.push((What::First { name: name.to_owned(), host }, *since));
        }
    }
    if let Some((_, until)) = failing.last() {
        told.push((What::Last { name: name.to_owned() }, *until));
    }
    told
}

/// What a name may be answered with, each once: a name, an address, a resource.
pub(crate) fn answered(server: Server<'_>, desired: &Desired, view: &View, name: &str) -> Vec<String> {
    let host = |host: usize| server.world.hosts[host].name(desired);
    let mut all = Vec::new();
    for place in &server.world.places {
        for ty in types(server, name) {
            let asker = Asker { place: place.clone(), near: None };
            for answer in server.answers(view, name, ty, &asker) {
                match answer.gives {
                    Gives::Ends(ends) => all.extend(ends.into_iter().map(|end| host(end.host))),
                    Gives::Name(name) => all.push(name),
                    Gives::OwnName(of) => all.push(host(of)),
                    Gives::Nothing => all.push("nothing".to_owned()),
                }
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Both cases side by side, in the order in which things are likely to happen.
pub(crate) fn join(mut worst: BTreeMap<What, i64>, drawn: BTreeMap<What, Vec<i64>>, runs: u32) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (what, mut times) in drawn {
        times.sort();
        let likely = (times.len() as u32 * 2 >= runs).then(|| times[times.len() / 2]);
        let worst = worst.remove(&what);
        if likely.is_some() || worst.is_some() {
            events.push(Event { what, likely, worst });
        }
    }
    events.extend(worst.into_iter().map(|(what, at)| Event { what, likely: None, worst: Some(at) }));
    let time = |event: &Event| event.worst.or(event.likely);
    events.sort_by(|a, b| time(a).cmp(&time(b)).then_with(|| a.what.cmp(&b.what)));
    events
}
