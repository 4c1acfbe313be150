//! Clients one by one: what each meets in a course that is drawn.

use crate::chance::Cache;
use crate::events::Course;
use crate::extreme::Stop;
use crate::loss::Fates;
use crate::server::Server;
use crate::world::Ty;

/// A client that asks all the time: where it is led to, from when on.
pub(crate) fn walk(
    server: Server<'_>,
    course: &Course,
    (name, ty): (&str, Ty),
    mut cache: Cache,
    until: i64,
    random: &mut fastrand::Rng,
) -> Vec<(i64, Stop)> {
    let mut way: Vec<(i64, Stop)> = Vec::new();
    let (mut now, mut at) = (0, 0);
    // What is held when the loss comes was told before it.
    while now < until {
        while course.past.get(at + 1).is_some_and(|(since, _)| *since <= now) {
            at += 1;
        }
        let (stop, held) = cache.look_up(server, &course.past[at].1, now, (name, ty), random);
        if way.last().is_none_or(|(_, last)| *last != stop) {
            way.push((now, stop));
        }
        // What is not kept is asked for anew every second.
        now = held.max(now + 1_000);
    }
    way
}

/// Until when a client fails, in milliseconds; nothing for one that never does.
pub(crate) fn fails_until(fates: &Fates, way: &[(i64, Stop)], end: i64) -> Option<i64> {
    let back = fates.lasts.unwrap_or(i64::MAX);
    let until = |at: usize| way.get(at + 1).map_or(end, |(next, _)| *next);
    let failing = |(at, (since, stop)): (usize, &(i64, Stop))| match stop {
        Some(stop) if fates.spares(*stop) => None,
        Some(_) => (*since < back).then(|| until(at).min(back)),
        None => Some(until(at)),
    };
    way.iter().enumerate().filter_map(failing).max()
}
