//! A simulation from its question to its result: the extreme courses, and those that are drawn.

use std::collections::BTreeMap;

use topo_model::{Desired, dns_name};

use crate::chance::{Askers, Cache, Drawn, Extreme, Says};
use crate::client;
use crate::events::{self, Course};
use crate::extreme::{self, Stop, types};
use crate::loss::{Fate, Fates, Loss, Shaken};
use crate::read;
use crate::result::{Likely, Name, Second, Simulation, What, Worst};
use crate::rules::{Documented, Rules};
use crate::server::{Server, View};
use crate::timeline;
use crate::world::{By, Policy, Target, World};

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Options {
    /// The dice's seed.
    pub seed: u64,
    /// How many courses to draw; with none, the worst case alone is found.
    pub runs: u32,
    /// The names whose clients are followed; where none is given, those of the objectives, and those that
    /// some policy steers.
    pub names: Vec<String>,
}

/// Why there is nothing to simulate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The program has no record sets.
    NoRecords,
    /// No zone of the program has this name.
    NoName {
        /// The name that was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

/// Clients followed in each course and for each name.
const CLIENTS: usize = 10;

/// Points in time for which shares are given, at most.
const POINTS: i64 = 7_200;

/// Plays a loss out by the rules that AWS documents.
///
/// # Errors
///
/// The program has no records, or not those asked for.
pub fn simulate(desired: &Desired, loss: &Loss, options: &Options) -> Result<Simulation, Problem> {
    simulate_under(&Documented, desired, loss, options)
}

/// Plays a loss out by other rules.
///
/// # Errors
///
/// As [`simulate`].
pub fn simulate_under(
    rules: &dyn Rules,
    desired: &Desired,
    loss: &Loss,
    options: &Options,
) -> Result<Simulation, Problem> {
    let world = read::world(desired);
    let names = names(&world, desired, &options.names)?;
    let server = Server { world: &world, rules };
    let fates = Fates::of(&world, loss);
    let counts = world.checks_of(&names);
    let play = Play { desired, server, fates: &fates, normal: events::normal(server), counts, names: &names };
    let mut simulation = play.worst();
    simulation.seed = options.seed;
    simulation.runs = options.runs;
    if options.runs > 0 {
        play.draw(options, &mut simulation);
    }
    Ok(simulation)
}

fn names(world: &World, desired: &Desired, asked: &[String]) -> Result<Vec<String>, Problem> {
    if world.records.is_empty() {
        return Err(Problem::NoRecords);
    }
    let mut known: Vec<String> = world.names.keys().map(|(_, name)| name.clone()).collect();
    known.dedup();
    if !asked.is_empty() {
        let names: Vec<String> = asked.iter().map(|name| dns_name(name)).collect();
        let is_missing = |name: &&String| world.hosts_of(name).is_empty();
        return match names.iter().find(is_missing) {
            Some(name) => Err(Problem::NoName { name: name.clone(), known }),
            None => Ok(names),
        };
    }
    let mut names: Vec<String> =
        desired.objectives.iter().filter_map(|objective| objective.endpoint.as_str()).map(dns_name).collect();
    let steered = world.names.iter().filter(|(_, records)| {
        records.len() > 1 && records.iter().any(|at| world.records[*at].policy != Policy::Simple)
    });
    let steered = steered.map(|((_, name), _)| name.clone()).filter(|name| !world.hosts_of(name).is_empty());
    names.extend(steered);
    if names.is_empty() {
        names.extend(known.into_iter().filter(|name| !world.hosts_of(name).is_empty()));
    }
    let mut seen: Vec<String> = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    Ok(names)
}

struct Play<'a> {
    desired: &'a Desired,
    server: Server<'a>,
    fates: &'a Fates,
    normal: View,
    /// Whether each check has a say.
    counts: Vec<bool>,
    names: &'a [String],
}

impl Play<'_> {
    /// Every extreme course; of each name the worst, and the timeline of the one that is worst for any.
    fn worst(&self) -> Simulation {
        let end = events::horizon(self.server, self.fates);
        let mut worst: Vec<Option<i64>> = vec![None; self.names.len()];
        let mut served: Vec<Vec<String>> = vec![Vec::new(); self.names.len()];
        let mut shown: Option<(Option<i64>, Course)> = None;
        for extreme in self.extremes() {
            let course = events::play(self.server, self.fates, (&self.normal, &self.counts), extreme, end);
            let mut of_all = None;
            for (at, name) in self.names.iter().enumerate() {
                let used = extreme::used(self.server, &course, name);
                let failing = extreme::failing(self.fates, &used, end);
                let until = failing.last().map(|(_, until)| *until);
                worst[at] = worst[at].max(until);
                of_all = of_all.max(until);
                served[at].extend(self.serving(&used, end));
            }
            if shown.as_ref().is_none_or(|(known, _)| *known < of_all) {
                shown = Some((of_all, course));
            }
        }
        let told = shown.map(|(_, course)| self.told(&course, end)).unwrap_or_default();
        let named = self.names.iter().zip(worst).zip(served);
        Simulation {
            seed: 0,
            runs: 0,
            end,
            timeline: timeline::join(told, BTreeMap::new(), 0),
            names: named.map(|((name, worst), served)| self.name(name, self.until(worst, end), served)).collect(),
        }
    }

    /// What happens in an extreme course until what was lost is back, and what all clients do.
    fn told(&self, course: &Course, end: i64) -> BTreeMap<What, i64> {
        let mut told = timeline::told(self.server, self.desired, course, self.names);
        for name in self.names {
            let used = extreme::used(self.server, course, name);
            let failing = extreme::failing(self.fates, &used, end);
            let spares = |stop: &Stop| stop.is_some_and(|stop| self.fates.spares(stop));
            told.extend(timeline::of_clients(self.server, self.desired, name, &used, &failing, spares));
        }
        // What is worst for a loss is not for the way back.
        told.retain(|_, at| self.fates.lasts.is_none_or(|back| *at <= back));
        told
    }

    fn name(&self, name: &str, worst: Worst, mut served_by: Vec<String>) -> Name {
        let about =
            |objective: &&topo_model::Objective| objective.endpoint.as_str().map(dns_name).as_deref() == Some(name);
        let objective = self.desired.objectives.iter().find(about);
        served_by.sort();
        served_by.dedup();
        Name {
            name: name.to_owned(),
            objective: objective.map(|objective| objective.name),
            rto: objective.and_then(|objective| objective.rto),
            worst,
            likely: None,
            served_by,
            hosts: Vec::new(),
            seconds: Vec::new(),
        }
    }

    fn until(&self, until: Option<i64>, end: i64) -> Worst {
        match until {
            None => Worst::Untouched,
            Some(at) if Some(at) == self.fates.lasts => Worst::UntilBack,
            Some(at) if at >= end => Worst::Forever,
            Some(at) => Worst::Within(at),
        }
    }

    /// Who serves just before what was lost comes back, or in the end.
    fn serving(&self, used: &BTreeMap<Stop, Vec<extreme::Span>>, end: i64) -> Vec<String> {
        let at = self.fates.lasts.unwrap_or(end).min(end) - 1;
        let then = used.iter().filter(|(_, spans)| spans.iter().any(|(since, until)| *since <= at && at < *until));
        let spared = then.filter_map(|(stop, _)| *stop).filter(|stop| self.fates.spares(*stop));
        spared.map(|stop| self.server.world.hosts[stop.host].name(self.desired)).collect()
    }

    /// Each check slow or quick, all combinations of a few and the telling ones of many; and whatever
    /// else can go either way, if there is such a thing.
    fn extremes(&self) -> Vec<Extreme> {
        let world = self.server.world;
        let counts: Vec<usize> = (0..world.checks.len()).filter(|at| self.may_change(*at)).collect();
        let slow = |chosen: &dyn Fn(usize) -> bool| {
            let mut slow = vec![false; world.checks.len()];
            counts.iter().enumerate().for_each(|(nth, check)| slow[*check] = chosen(nth));
            slow
        };
        let mut slows = vec![slow(&|_| true), slow(&|_| false)];
        if counts.len() <= 4 {
            slows
                .extend((1..(1_usize << counts.len()).saturating_sub(1)).map(|bits| slow(&|nth| bits >> nth & 1 == 1)));
        } else {
            slows.extend((0..counts.len()).map(|one| slow(&|nth| nth == one)));
            slows.extend((0..counts.len()).map(|one| slow(&|nth| nth != one)));
        }
        let balancers = world
            .hosts
            .iter()
            .enumerate()
            .any(|(at, host)| host.balancer.is_some() && self.fates.hosts[at] != Fate::Keeps);
        let alarms = counts
            .iter()
            .any(|at| matches!(world.checks[*at].by, By::Unknown) || self.fates.shake(world, *at) != Shaken::No);
        let named = counts.iter().any(|at| matches!(&world.checks[*at].by, By::Probes { of: Target::Name(_), .. }));
        let mut all = Vec::new();
        for slow in &slows {
            for slow_balancers in if balancers { &[true, false][..] } else { &[true][..] } {
                for says in if alarms { &[Says::Rings, Says::NoData, Says::Nothing][..] } else { &[Says::Rings][..] } {
                    for lucky in if named { &[true, false][..] } else { &[true][..] } {
                        let (slow, slow_balancers) = (slow.clone(), *slow_balancers);
                        let found = BTreeMap::new();
                        all.push(Extreme { slow, slow_balancers, alarms: *says, lucky: *lucky, found });
                    }
                }
            }
        }
        all
    }

    /// Whether a check may say something else because of the loss.
    fn may_change(&self, at: usize) -> bool {
        let check = &self.server.world.checks[at];
        self.counts[at]
            && !check.disabled
            && match &check.by {
                By::Probes { of: Target::Host(host), .. } => {
                    self.fates.checks[at] || self.fates.hosts[*host] != Fate::Keeps
                }
                By::Probes { of: Target::Name(name), .. } => {
                    let hosts = self.server.world.hosts_of(name);
                    self.fates.checks[at] || hosts.iter().any(|host| self.fates.hosts[*host] != Fate::Keeps)
                }
                By::Alarm { .. } => self.fates.shake(self.server.world, at) != Shaken::No,
                By::Unknown => true,
                By::Children { .. } => false,
            }
    }

    /// Draws courses and adds what they show.
    fn draw(&self, options: &Options, simulation: &mut Simulation) {
        let mut random = fastrand::Rng::with_seed(options.seed);
        let askers = Askers::of(self.server);
        let end = simulation.end;
        let mut tallies: Vec<Tally> = self.names.iter().map(|_| Tally::new(end)).collect();
        let mut drawn: BTreeMap<What, Vec<i64>> = BTreeMap::new();
        for _ in 0..options.runs {
            let chance = Drawn { random: &mut random, caches: BTreeMap::new(), askers: askers.clone() };
            let course = events::play(self.server, self.fates, (&self.normal, &self.counts), chance, end);
            for (what, at) in timeline::told(self.server, self.desired, &course, self.names) {
                drawn.entry(what).or_default().push(at);
            }
            for (name, tally) in self.names.iter().zip(&mut tallies) {
                self.ask(&course, name, &askers, tally, &mut random);
            }
        }
        for ((name, tally), shown) in self.names.iter().zip(tallies).zip(&mut simulation.names) {
            let last = tally.quantile(99);
            shown.likely = Some(self.likely(&tally, end));
            if let Some(at) = last {
                drawn.insert(What::Last { name: name.clone() }, vec![at; options.runs as usize]);
            }
            (shown.hosts, shown.seconds) = self.shares(&tally);
        }
        let worst = simulation.timeline.drain(..).filter_map(|event| Some((event.what, event.worst?))).collect();
        simulation.timeline = timeline::join(worst, drawn, options.runs);
    }

    fn ask(&self, course: &Course, name: &str, askers: &Askers, tally: &mut Tally, random: &mut fastrand::Rng) {
        let types = types(self.server, name);
        // From then on nothing new comes.
        let last = course.past.last().map_or(0, |(since, _)| (*since).max(0)).max(self.fates.lasts.unwrap_or(0));
        let until = (last + 2 * self.longest_kept() + 10_000).min(course.end);
        for _ in 0..CLIENTS {
            let ty = types[random.usize(..types.len())];
            let cache = Cache::new(askers.draw(random));
            let way = client::walk(self.server, course, (name, ty), cache, until, random);
            let fails = client::fails_until(self.fates, &way, until);
            // One that fails in the end does so for good.
            tally.add(self.fates, &way, fails.map(|at| if at >= until { course.end } else { at }));
        }
    }

    fn longest_kept(&self) -> i64 {
        let ttls = self.server.world.records.iter().map(|record| record.ttl);
        ttls.max().unwrap_or(0).clamp(self.server.rules.kept_of_balancer(), 3_600_000)
    }

    fn likely(&self, tally: &Tally, end: i64) -> Likely {
        let at = |of: usize| self.until(tally.quantile(of), end);
        let affected = tally.failed.len() as f64 / tally.clients.max(1) as f64;
        Likely { affected, median: at(50), p95: at(95), p99: at(99) }
    }

    /// The shares over time, until nothing changes any more.
    fn shares(&self, tally: &Tally) -> (Vec<String>, Vec<Second>) {
        let hosts: Vec<usize> = tally.served.keys().copied().collect();
        let clients = tally.clients.max(1) as f64;
        let second = |at: usize| Second {
            at: at as i64 * tally.step / 1_000,
            failing: f64::from(tally.failing[at]) / clients,
            served: hosts.iter().map(|host| f64::from(tally.served[host][at]) / clients).collect(),
        };
        let mut seconds: Vec<Second> = (0..tally.failing.len()).map(second).collect();
        let quiet = |a: &Second, b: &Second| (a.failing - b.failing).abs() < f64::EPSILON;
        while seconds.len() > 10 && quiet(&seconds[seconds.len() - 1], &seconds[seconds.len() - 10]) {
            seconds.pop();
        }
        (hosts.iter().map(|host| self.server.world.hosts[*host].name(self.desired)).collect(), seconds)
    }
}

/// Clients, counted.
struct Tally {
    clients: u32,
    /// Until when each client fails that does.
    failed: Vec<i64>,
    /// From one point in time to the next, in milliseconds.
    step: i64,
    failing: Vec<u32>,
    served: BTreeMap<usize, Vec<u32>>,
}

impl Tally {
    fn new(end: i64) -> Tally {
        let step = (end / POINTS / 1_000 + 1) * 1_000;
        let points = (end / step) as usize + 1;
        Tally { clients: 0, failed: Vec::new(), step, failing: vec![0; points], served: BTreeMap::new() }
    }

    fn add(&mut self, fates: &Fates, way: &[(i64, Stop)], fails_until: Option<i64>) {
        self.clients += 1;
        self.failed.extend(fails_until);
        let points = self.failing.len();
        let lost = |at: i64| fates.lasts.is_none_or(|back| at < back);
        let mut from = 0;
        for (nth, (_, stop)) in way.iter().enumerate() {
            let until = way.get(nth + 1).map_or(points, |(next, _)| ((next + self.step - 1) / self.step) as usize);
            for at in from..until.min(points) {
                match stop {
                    Some(end) if fates.spares(*end) || !lost(at as i64 * self.step) => {
                        self.served.entry(end.host).or_insert_with(|| vec![0; points])[at] += 1;
                    }
                    _ => self.failing[at] += 1,
                }
            }
            from = until;
        }
    }

    fn quantile(&self, of_hundred: usize) -> Option<i64> {
        let mut failed = self.failed.clone();
        failed.sort();
        let at = (failed.len() * of_hundred).div_ceil(100).max(1) - 1;
        failed.get(at).copied()
    }
}
