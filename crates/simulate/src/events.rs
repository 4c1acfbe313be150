//! The event loop: one course of a loss, from the moment before it to a horizon.
//!
//! Checkers ask, are answered or not, and change their minds; verdicts travel; load balancers probe; alarms
//! turn. What comes out is what name servers answered by at which time, and what happened. Clients are
//! no part of it: nobody's asking changes the course.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use topo_model::Symbol;

use crate::chance::{Chance, METRIC, Says, TRAVEL, Who};
use crate::loss::{Fate, Fates, Shaken};
use crate::server::{End, Server, View};
use crate::world::{Balancer, By, Insufficient, Target};

/// Checkers in each region.
const CHECKERS_IN_A_REGION: usize = 2;

/// A course, played out.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    /// What name servers answered by, from when on; the first since before the loss.
    pub(crate) past: Vec<(i64, View)>,
    pub(crate) happened: Vec<(i64, Happened)>,
    /// When it was broken off.
    pub(crate) end: i64,
}

/// What can be told of a course, but for answers and clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Happened {
    Lost,
    Back,
    Check { check: usize, healthy: bool },
    Balancer { host: usize, healthy: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Lost,
    Back,
    /// A checker asks.
    Asks(usize),
    /// It has its result.
    Result(usize, bool),
    /// Name servers hear of a check.
    Hear(usize, bool),
    /// A load balancer probes its targets.
    Probes(usize),
    Probed(usize, bool),
    HearTarget(usize, bool),
    /// An alarm's data has come in.
    Turns(usize, bool),
}

#[derive(Debug, Clone)]
struct Checker {
    check: usize,
    nth: usize,
    of: usize,
    says: bool,
    /// Results in a row that contradict what it says.
    against: i64,
}

#[derive(Debug, Clone, Copy)]
struct Watch {
    healthy: bool,
    against: i64,
}

struct Loop<'a, C> {
    server: Server<'a>,
    fates: &'a Fates,
    chance: C,
    now: i64,
    gone: bool,
    queue: BinaryHeap<Reverse<(i64, u64, Event)>>,
    events: u64,
    checkers: Vec<Checker>,
    balancers: Vec<Watch>,
    /// What is so already, though not every name server has heard of it.
    truth: View,
    /// When the last word on each check, and on each host, arrives: no word overtakes another.
    last_word: Vec<i64>,
    last_target: Vec<i64>,
    past: Vec<(i64, View)>,
    happened: Vec<(i64, Happened)>,
}

/// Plays one course out.
///
/// Of the checks, `counts` tells those that have a say; the others are not followed.
pub(crate) fn play(
    server: Server<'_>,
    fates: &Fates,
    (normal, counts): (&View, &[bool]),
    chance: impl Chance,
    end: i64,
) -> Course {
    let world = server.world;
    let mut run = Loop {
        server,
        fates,
        chance,
        now: 0,
        gone: false,
        queue: BinaryHeap::new(),
        events: 0,
        checkers: Vec::new(),
        balancers: vec![Watch { healthy: true, against: 0 }; world.hosts.len()],
        truth: normal.clone(),
        last_word: vec![0; world.checks.len()],
        last_target: vec![0; world.hosts.len()],
        past: vec![(i64::MIN, normal.clone())],
        happened: Vec::new(),
    };
    run.begin(counts);
    while let Some(Reverse((at, _, event))) = run.queue.pop() {
        if at > end {
            break;
        }
        run.now = at;
        run.step(event);
    }
    Course { past: run.past, happened: run.happened, end }
}

/// What everyone has heard of while nothing is lost. A check of a name that leads nowhere fails even then.
pub(crate) fn normal(server: Server<'_>) -> View {
    let mut view = View::well(server.world);
    for _ in 0..8 {
        let past = [(i64::MIN, view.clone())];
        let mut next = view.clone();
        for (at, check) in server.world.checks.iter().enumerate() {
            if let By::Probes { of: Target::Name(name), .. } = &check.by {
                let mut chance = crate::chance::Extreme {
                    slow: vec![false; server.world.checks.len()],
                    slow_balancers: false,
                    alarms: Says::Nothing,
                    lucky: true,
                    found: std::collections::BTreeMap::new(),
                };
                let who = Who::Checker { check: at, nth: 0, of: 1 };
                next.found[at] = chance.look_up(server, &past, 0, who, name, &|_| true).is_some();
            }
        }
        if next == view {
            break;
        }
        view = next;
    }
    view
}

/// A time after which nothing new is to be expected: each wait at its longest, twice over, for probes of
/// what is itself steered; of longer chains more.
pub(crate) fn horizon(server: Server<'_>, fates: &Fates) -> i64 {
    let world = server.world;
    let probes = world.checks.iter().map(|check| match &check.by {
        By::Probes { protocol, interval, threshold, .. } => {
            server.rules.threshold(*threshold) * (interval + server.rules.timeout(protocol))
        }
        By::Alarm { window, .. } => window + METRIC,
        _ => 0,
    });
    let balancers = world.hosts.iter().filter_map(|host| host.balancer);
    let balancers = balancers.map(|of| of.unhealthy.max(of.healthy) * of.interval + of.timeout);
    let slowest = probes.chain(balancers).max().unwrap_or(0) + TRAVEL;
    let kept = world.records.iter().map(|record| server.rules.kept(record.ttl)).max().unwrap_or(0);
    let steered = world.checks.iter().filter(|check| matches!(&check.by, By::Probes { of: Target::Name(_), .. }));
    let rounds = 2 + steered.count().min(3) as i64;
    // Nobody keeps an answer for more than a week.
    let kept = kept.max(server.rules.kept_of_balancer()).min(7 * 86_400_000);
    fates.lasts.unwrap_or(0) + rounds * (slowest + kept)
}

impl<C: Chance> Loop<'_, C> {
    fn at(&mut self, time: i64, event: Event) {
        self.events += 1;
        self.queue.push(Reverse((time, self.events, event)));
    }

    fn begin(&mut self, counts: &[bool]) {
        self.at(0, Event::Lost);
        if let Some(lasts) = self.fates.lasts {
            self.at(lasts, Event::Back);
        }
        for check in (0..counts.len()).filter(|check| counts[*check]) {
            self.begin_check(check);
        }
        for host in 0..self.server.world.hosts.len() {
            if let Some(balancer) = self.server.world.hosts[host].balancer
                && self.fates.hosts[host] != Fate::Keeps
            {
                let first = self.chance.phase(Who::Balancer(host), balancer.interval);
                self.at(first, Event::Probes(host));
            }
        }
    }

    fn begin_check(&mut self, at: usize) {
        let check = &self.server.world.checks[at];
        match &check.by {
            By::Probes { of, interval, from, .. } => {
                let fails = self.fates.checks[at];
                let changes = match of {
                    Target::Host(host) => self.fates.hosts[*host] != Fate::Keeps,
                    Target::Name(_) => true,
                };
                let regions: Vec<Symbol> =
                    from.iter().copied().filter(|region| !self.fates.regions.contains(region)).collect();
                let of = regions.len() * CHECKERS_IN_A_REGION;
                if check.disabled || !(fails || changes) {
                    return;
                }
                for nth in 0..of {
                    let says = self.truth.found[at];
                    let id = self.checkers.len();
                    self.checkers.push(Checker { check: at, nth, of, says, against: 0 });
                    let first = self.chance.phase(Who::Checker { check: at, nth, of }, *interval);
                    self.at(first, Event::Asks(id));
                }
            }
            By::Alarm { window, insufficient, .. } => {
                let shaken = self.fates.shake(self.server.world, at);
                if shaken == Shaken::No || check.disabled {
                    return;
                }
                let (after, says) = self.chance.alarm(at, *window);
                let says = match (says, shaken) {
                    // Metrics of what is lost say something or nothing, but not that all is well.
                    (Says::Nothing, Shaken::Rests) => Says::NoData,
                    (says, _) => says,
                };
                let found = match says {
                    Says::Nothing => true,
                    Says::Rings => false,
                    Says::NoData => *insufficient != Insufficient::Unhealthy,
                };
                self.at(after, Event::Turns(at, found));
                if let Some(lasts) = self.fates.lasts {
                    self.at(lasts.max(after) + after, Event::Turns(at, true));
                }
            }
            By::Unknown => {
                let (after, says) = self.chance.alarm(at, 0);
                self.at(after, Event::Turns(at, says != Says::Rings));
            }
            By::Children { .. } => {}
        }
    }

    fn step(&mut self, event: Event) {
        match event {
            Event::Lost => {
                self.gone = true;
                self.happened.push((self.now, Happened::Lost));
            }
            Event::Back => {
                self.gone = false;
                self.happened.push((self.now, Happened::Back));
            }
            Event::Asks(id) => self.asks(id),
            Event::Result(id, good) => self.result(id, good),
            Event::Turns(check, found) => self.verdict(check, found),
            Event::Hear(check, found) => self.hear(|view| view.found[check] = found),
            Event::Probes(host) => self.probes(host),
            Event::Probed(host, good) => self.probed(host, good),
            Event::HearTarget(host, healthy) => self.hear(|view| view.targets[host] = healthy),
        }
    }

    fn alive(&self, end: End) -> bool {
        !self.gone || self.fates.spares(end)
    }

    fn asks(&mut self, id: usize) {
        let Checker { check, nth, of, .. } = self.checkers[id];
        let who = Who::Checker { check, nth, of };
        let By::Probes { of: target, protocol, .. } = &self.server.world.checks[check].by else { return };
        let end = match target {
            Target::Host(host) => Some(End { host: *host, zone: None }),
            Target::Name(name) => {
                let (fates, gone) = (self.fates, self.gone);
                let alive = move |end: End| !gone || fates.spares(end);
                self.chance.look_up(self.server, &self.past, self.now, who, name, &alive)
            }
        };
        let good = end.is_some_and(|end| self.alive(end)) && !(self.gone && self.fates.checks[check]);
        let after =
            if good { self.chance.response() } else { self.chance.silence(who, self.server.rules.timeout(protocol)) };
        self.at(self.now + after, Event::Result(id, good));
    }

    /// The next request follows the answer.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
    fn result(&mut self, id: usize, good: bool) {
        let check = self.checkers[id].check;
        let By::Probes { interval, threshold, .. } = &self.server.world.checks[check].by else { return };
        self.at(self.now + interval, Event::Asks(id));
        let checker = &mut self.checkers[id];
        checker.against = if good == checker.says { 0 } else { checker.against + 1 };
        if checker.against < self.server.rules.threshold(*threshold).max(1) {
            return;
        }
        checker.says = good;
        checker.against = 0;
        let of = checker.of;
        let healthy = self.checkers.iter().filter(|checker| checker.check == check && checker.says).count();
        let found = self.server.rules.quorum(healthy, of);
        self.verdict(check, found);
    }

    fn verdict(&mut self, check: usize, found: bool) {
        if self.truth.found[check] == found {
            return;
        }
        let before = self.statuses();
        self.truth.found[check] = found;
        for (at, (old, new)) in before.into_iter().zip(self.statuses()).enumerate() {
            if old != new {
                self.happened.push((self.now, Happened::Check { check: at, healthy: new }));
            }
        }
        let arrives = (self.now + self.chance.travel(Who::Check(check))).max(self.last_word[check]);
        self.last_word[check] = arrives;
        self.at(arrives, Event::Hear(check, found));
    }

    fn statuses(&self) -> Vec<bool> {
        (0..self.server.world.checks.len()).map(|at| self.server.check(&self.truth, at, 0)).collect()
    }

    fn hear(&mut self, change: impl FnOnce(&mut View)) {
        let Some((since, view)) = self.past.last() else { return };
        let mut next = view.clone();
        change(&mut next);
        if next == *view {
            return;
        }
        if *since == self.now {
            self.past.pop();
        }
        self.past.push((self.now, next));
    }

    fn probes(&mut self, host: usize) {
        let Some(balancer) = self.server.world.hosts[host].balancer else { return };
        let good = !self.gone || self.fates.hosts[host] == Fate::Keeps;
        let after =
            if good { self.chance.response() } else { self.chance.silence(Who::Balancer(host), balancer.timeout) };
        self.at(self.now + after, Event::Probed(host, good));
        self.at(self.now + balancer.interval, Event::Probes(host));
    }

    fn probed(&mut self, host: usize, good: bool) {
        let Some(Balancer { unhealthy, healthy, .. }) = self.server.world.hosts[host].balancer else { return };
        let watch = &mut self.balancers[host];
        watch.against = if good == watch.healthy { 0 } else { watch.against + 1 };
        if watch.against < if good { healthy } else { unhealthy } {
            return;
        }
        *watch = Watch { healthy: good, against: 0 };
        self.happened.push((self.now, Happened::Balancer { host, healthy: good }));
        match &self.fates.hosts[host] {
            // Its own name leaves the zone out by itself.
            Fate::Without(zones) => {
                let out = if good { Vec::new() } else { zones.clone() };
                self.hear(|view| view.left_out[host] = out);
            }
            _ => {
                let arrives = (self.now + self.chance.travel(Who::Balancer(host))).max(self.last_target[host]);
                self.last_target[host] = arrives;
                self.at(arrives, Event::HearTarget(host, good));
            }
        }
    }
}
