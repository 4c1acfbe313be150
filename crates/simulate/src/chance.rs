//! Chance: everything that nobody decides. It is at its extremes ([`Extreme`]) or drawn ([`Drawn`]).
//!
//! Checkers are not in step, verdicts take their time, resolvers have asked at any moment. It knows no
//! rule of Route 53; it only says how far into an interval something happens, and what of several things.

use std::collections::BTreeMap;

use topo_model::Symbol;

use crate::extreme::types;
use crate::server::{Answer, Asker, End, Gives, Server, View};
use crate::world::{Place, Policy, Record, Ty};

/// From a verdict to the last name server, in milliseconds at most. Route 53 publishes no figure.
pub(crate) const TRAVEL: i64 = 10_000;

/// From a metric's value to the alarm, in milliseconds at most. CloudWatch publishes no figure.
pub(crate) const METRIC: i64 = 60_000;

/// Who waits or asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// The checker of this number, of so many, of a check.
    Checker {
        check: usize,
        nth: usize,
        of: usize,
    },
    Check(usize),
    Balancer(usize),
}

/// What an alarm does that can't be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    Nothing,
    Rings,
    NoData,
}

/// What name servers have answered by, from when on.
pub(crate) type Past = [(i64, View)];

/// Everything that nobody decides. Times are in milliseconds.
pub(crate) trait Chance {
    /// From the loss to the next request of something that asks this often.
    fn phase(&mut self, who: Who, interval: i64) -> i64;
    /// After how long a probe of what is lost has failed, at most this.
    fn silence(&mut self, who: Who, timeout: i64) -> i64;
    /// How long something alive takes to answer.
    fn response(&mut self) -> i64;
    /// From a verdict to the name servers.
    fn travel(&mut self, who: Who) -> i64;
    /// What an alarm does, and how long after its metrics show it.
    fn alarm(&mut self, check: usize, window: i64) -> (i64, Says);
    /// The address that a checker finds under a name; `alive` tells which answer.
    fn look_up(
        &mut self,
        server: Server<'_>,
        past: &Past,
        now: i64,
        who: Who,
        name: &str,
        alive: &dyn Fn(End) -> bool,
    ) -> Option<End>;
}

/// One of the extreme courses: who is slow, who is quick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extreme {
    /// The checks of which just enough checkers are slow to hold the verdict up.
    pub(crate) slow: Vec<bool>,
    pub(crate) slow_balancers: bool,
    pub(crate) alarms: Says,
    /// Whether checkers that may find several addresses find one that answers, where any does.
    pub(crate) lucky: bool,
    /// What the checkers of each check found last, the slow ones and the quick ones: they ask in step.
    pub(crate) found: BTreeMap<(usize, bool), (i64, Option<End>)>,
}

impl Extreme {
    fn is_slow(&self, who: Who) -> bool {
        match who {
            // The fewest that are more than 18 %.
            Who::Checker { check, nth, of } => self.slow[check] && nth <= of * 18 / 100,
            Who::Check(check) => self.slow[check],
            Who::Balancer(_) => self.slow_balancers,
        }
    }
}

impl Chance for Extreme {
    fn phase(&mut self, who: Who, interval: i64) -> i64 {
        if self.is_slow(who) { interval } else { 0 }
    }

    fn silence(&mut self, who: Who, timeout: i64) -> i64 {
        if self.is_slow(who) { timeout } else { 0 }
    }

    fn response(&mut self) -> i64 {
        0
    }

    fn travel(&mut self, who: Who) -> i64 {
        if self.is_slow(who) { TRAVEL } else { 0 }
    }

    fn alarm(&mut self, check: usize, window: i64) -> (i64, Says) {
        let after = if self.slow[check] { window + METRIC } else { 0 };
        (after, self.alarms)
    }

    /// A slow checker's resolver has asked as long ago as it may, a quick one's just now.
    fn look_up(
        &mut self,
        server: Server<'_>,
        past: &Past,
        now: i64,
        who: Who,
        name: &str,
        alive: &dyn Fn(End) -> bool,
    ) -> Option<End> {
        let slow = self.is_slow(who);
        let check = match who {
            Who::Checker { check, .. } | Who::Check(check) => check,
            Who::Balancer(_) => return None,
        };
        if let Some((_, end)) = self.found.get(&(check, slow)).filter(|(at, _)| *at == now) {
            return *end;
        }
        let mut ends = Vec::new();
        kept(server, past, now, slow, &Question::Name(name.to_owned()), 0, &mut ends);
        // Of the zones of a load balancer checkers find each its share: enough of them find one that is up.
        let up: Vec<usize> = ends.iter().flatten().filter(|end| alive(**end)).map(|end| end.host).collect();
        ends.retain(|end| end.is_none_or(|end| end.zone.is_none() || alive(end) || !up.contains(&end.host)));
        let wanted = |end: &Option<End>| end.is_some_and(alive) == self.lucky;
        let end = ends.iter().copied().find(wanted).or_else(|| ends.first().copied()).flatten();
        self.found.insert((check, slow), (now, end));
        end
    }
}

enum Question {
    Name(String),
    Own(usize),
}

/// Where a name leads by the oldest answers that a resolver may still hold, or by the newest.
fn kept(
    server: Server<'_>,
    past: &Past,
    now: i64,
    oldest: bool,
    question: &Question,
    depth: usize,
    ends: &mut Vec<Option<End>>,
) {
    if depth > 16 {
        return ends.push(None);
    }
    for at in 0..past.len() {
        let until = past.get(at + 1).map_or(i64::MAX, |(next, _)| *next);
        if !oldest && until <= now {
            continue;
        }
        let answers: Vec<Answer> = match question {
            Question::Name(name) => {
                let mut all: Vec<Answer> = Vec::new();
                for place in &server.world.places {
                    let asker = Asker { place: place.clone(), near: None };
                    for answer in server.answers(&past[at].1, name, Ty::A, &asker) {
                        let known = all.iter().any(|old| old.gives == answer.gives && old.ttl == answer.ttl);
                        all.extend((!known).then_some(answer));
                    }
                }
                all
            }
            Question::Own(host) => {
                let gives = Gives::Ends(server.own_name(&past[at].1, *host));
                vec![Answer { via: Vec::new(), gives, ttl: server.own_ttl(*host), share: 1.0 }]
            }
        };
        let held: Vec<Answer> = answers.into_iter().filter(|a| until.saturating_add(a.ttl) > now).collect();
        for answer in &held {
            match &answer.gives {
                Gives::Ends(all) => ends.extend(all.iter().copied().map(Some)),
                Gives::Name(name) => {
                    kept(server, past, now, oldest, &Question::Name(name.clone()), depth + 1, ends);
                }
                Gives::OwnName(host) => kept(server, past, now, oldest, &Question::Own(*host), depth + 1, ends),
                Gives::Nothing => ends.push(None),
            }
        }
        if !held.is_empty() {
            return;
        }
    }
}

/// A course that is drawn.
pub(crate) struct Drawn<'r> {
    pub(crate) random: &'r mut fastrand::Rng,
    /// What the resolver of each checker holds: the answer to a name, until when.
    pub(crate) caches: BTreeMap<(usize, usize), Cache>,
    pub(crate) askers: Askers,
}

/// Who may ask: people in all places, near all regions.
#[derive(Debug, Clone)]
pub(crate) struct Askers {
    pub(crate) places: Vec<Place>,
    pub(crate) regions: Vec<Symbol>,
}

impl Askers {
    pub(crate) fn of(server: Server<'_>) -> Askers {
        let region = |record: &Record| match record.policy {
            Policy::Latency(region) => Some(region),
            _ => None,
        };
        let mut regions: Vec<Symbol> = server.world.records.iter().filter_map(region).collect();
        regions.sort();
        regions.dedup();
        Askers { places: server.world.places.clone(), regions }
    }

    /// Somebody, of whom nothing is known.
    pub(crate) fn draw(&self, random: &mut fastrand::Rng) -> Asker {
        let place = self.places[random.usize(..self.places.len())].clone();
        let mut near = self.regions.clone();
        random.shuffle(&mut near);
        Asker { place, near: Some(near) }
    }
}

/// A resolver: what it holds of each name, until when, and who asks through it.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    pub(crate) asker: Asker,
    pub(crate) held: BTreeMap<String, (Gives, i64)>,
}

impl Cache {
    pub(crate) fn new(asker: Asker) -> Cache {
        Cache { asker, held: BTreeMap::new() }
    }

    /// The address under a name now, and until when all on the way there is kept. What is asked for the
    /// first time is taken to have been asked for at any time before.
    pub(crate) fn look_up(
        &mut self,
        server: Server<'_>,
        view: &View,
        now: i64,
        (name, ty): (&str, Ty),
        random: &mut fastrand::Rng,
    ) -> (Option<End>, i64) {
        let mut asked = name.to_owned();
        let mut until = i64::MAX;
        for _ in 0..16 {
            let fresh = self.held.get(&asked).filter(|(_, until)| *until > now).cloned();
            let (gives, kept) = fresh.unwrap_or_else(|| {
                // Of a name with addresses of one version only, nobody asks for the other.
                let types = types(server, &asked);
                let ty = if types.contains(&ty) { ty } else { types[0] };
                let answer = draw(server.answers(view, &asked, ty, &self.asker), random);
                let first = !self.held.contains_key(&asked);
                let held = (answer.gives, now + age(answer.ttl, first, random));
                self.held.insert(asked.clone(), held.clone());
                held
            });
            until = until.min(kept);
            match gives {
                Gives::Name(next) => asked = next,
                Gives::OwnName(host) => return self.own(server, view, now, host, until, random),
                Gives::Ends(ends) => return (random.choice(ends), until),
                Gives::Nothing => return (None, until),
            }
        }
        (None, until)
    }

    fn own(
        &mut self,
        server: Server<'_>,
        view: &View,
        now: i64,
        host: usize,
        until: i64,
        random: &mut fastrand::Rng,
    ) -> (Option<End>, i64) {
        // A name that no program can write.
        let key = format!("/{host}");
        let fresh = self.held.get(&key).filter(|(_, until)| *until > now).cloned();
        let (gives, kept) = fresh.unwrap_or_else(|| {
            let ends: Vec<End> = random.choice(server.own_name(view, host)).into_iter().collect();
            let first = !self.held.contains_key(&key);
            let held = (Gives::Ends(ends), now + age(server.own_ttl(host), first, random));
            self.held.insert(key, held.clone());
            held
        });
        match gives {
            Gives::Ends(ends) => (ends.first().copied(), until.min(kept)),
            _ => (None, until),
        }
    }
}

/// How long an answer is kept from now on.
fn age(ttl: i64, first: bool, random: &mut fastrand::Rng) -> i64 {
    if first && ttl > 0 { random.i64(1..=ttl) } else { ttl }
}

/// One of several answers, by their shares.
fn draw(answers: Vec<Answer>, random: &mut fastrand::Rng) -> Answer {
    let mut at = random.f64() * answers.iter().map(|answer| answer.share).sum::<f64>();
    let mut last = Answer { via: Vec::new(), gives: Gives::Nothing, ttl: 0, share: 0.0 };
    for answer in answers {
        at -= answer.share;
        last = answer;
        if at < 0.0 {
            break;
        }
    }
    if let Gives::Ends(ends) = &mut last.gives {
        // A client takes one of several addresses, and keeps to it while it is kept.
        *ends = random.choice(ends.iter().copied()).into_iter().collect();
    }
    last
}

impl Chance for Drawn<'_> {
    fn phase(&mut self, _: Who, interval: i64) -> i64 {
        self.random.i64(1..=interval)
    }

    fn silence(&mut self, _: Who, timeout: i64) -> i64 {
        timeout
    }

    fn response(&mut self) -> i64 {
        self.random.i64(20..=300)
    }

    fn travel(&mut self, _: Who) -> i64 {
        self.random.i64(0..=TRAVEL)
    }

    fn alarm(&mut self, _: usize, window: i64) -> (i64, Says) {
        let says = if self.random.bool() { Says::Rings } else { Says::NoData };
        (window - self.random.i64(0..=window.clamp(0, 60_000)) + self.random.i64(0..=METRIC), says)
    }

    fn look_up(
        &mut self,
        server: Server<'_>,
        past: &Past,
        now: i64,
        who: Who,
        name: &str,
        _: &dyn Fn(End) -> bool,
    ) -> Option<End> {
        let Who::Checker { check, nth, .. } = who else { return None };
        let (_, view) = past.last()?;
        let asker = self.askers.draw(self.random);
        let cache = self.caches.entry((check, nth)).or_insert_with(|| Cache::new(asker));
        cache.look_up(server, view, now, (name, Ty::A), self.random).0
    }
}
