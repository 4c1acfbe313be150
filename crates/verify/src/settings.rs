//! Settings that would do: what to change so that an objective can be met.

use topo_model::Objective;
use topo_model::value::duration;

use crate::answer::{End, State, asked, reach};
use crate::dns::{CheckId, Dns, Probe, SetId};
use crate::loss::losses;
use crate::report::Bound;
use crate::scene::Scene;
use crate::time::{Clock, Course};

/// The settings of a topology's probes and records, as one choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Settings {
    /// Milliseconds between two probes.
    interval: i64,
    /// Probes in a row.
    threshold: i64,
    /// Milliseconds that resolvers keep a steering record.
    ttl: i64,
}

/// Time-to-live values that people write, in milliseconds, from long to short.
const TTLS: [i64; 12] = [300_000, 120_000, 60_000, 45_000, 30_000, 20_000, 15_000, 10_000, 5_000, 3_000, 1_000, 0];

/// The settings nearest to the present ones that meet the objective, in words with the sum; or the
/// least that any settings reach.
pub(crate) fn nearest(scene: &Scene<'_>, dns: &Dns, objective: &Objective, endpoint: &str, rto: i64) -> String {
    let mut trial = Trial::new(scene, dns, objective, endpoint);
    if let Some(present) = trial.present() {
        for settings in candidates(present) {
            if let Some(bound) = trial.within(settings, rto) {
                return format!("{}: {}", said(settings, present), bound.arithmetic());
            }
        }
    }
    match trial.worst(Settings { interval: 10_000, threshold: 1, ttl: 0 }) {
        Some(bound) => format!(
            "no settings reach {}: the least, with a probe every 10s, a threshold of 1 and a TTL of 0s, is {}",
            duration(rto),
            bound.arithmetic()
        ),
        None => "give the objective more time".to_owned(),
    }
}

/// What may be changed to: nothing becomes slower than it is. A TTL under 10s asks much of name servers,
/// a single probe makes flaps: both are last resorts. Then the fewer settings change the better, and of these the calmer (more
/// probes, a longer TTL).
fn candidates(present: Settings) -> Vec<Settings> {
    let mut all = Vec::new();
    for interval in [10_000, 30_000, present.interval].into_iter().filter(|i| *i <= present.interval) {
        for threshold in 1..=present.threshold {
            let ttls = TTLS.iter().copied().chain([present.ttl]).filter(|ttl| *ttl <= present.ttl);
            all.extend(ttls.map(|ttl| Settings { interval, threshold, ttl }));
        }
    }
    let changes = |s: &Settings| {
        [s.interval != present.interval, s.threshold != present.threshold, s.ttl != present.ttl]
            .into_iter()
            .filter(|changed| *changed)
            .count()
    };
    let hasty = |s: &Settings| {
        (s.ttl < 10_000 && s.ttl != present.ttl) || (s.threshold < 2 && s.threshold != present.threshold)
    };
    all.sort_by_key(|s| (hasty(s), changes(s), std::cmp::Reverse((s.threshold, s.ttl, s.interval))));
    all.dedup();
    all
}

/// What to write, of which the changed parts only.
fn said(to: Settings, from: Settings) -> String {
    let mut parts = Vec::new();
    if to.interval != from.interval {
        parts.push(format!("an interval of {}", duration(to.interval)));
    }
    if to.threshold != from.threshold {
        parts.push(format!("a threshold of {}", to.threshold));
    }
    if to.ttl != from.ttl {
        parts.push(format!("a TTL of {}", duration(to.ttl)));
    }
    let last = parts.pop().unwrap_or_default();
    let all = if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) };
    format!("it is met with {all}")
}

/// The records and checks that a name depends on.
struct Involved {
    sets: Vec<SetId>,
    checks: Vec<CheckId>,
}

impl Involved {
    fn of(dns: &Dns, endpoint: &str) -> Involved {
        let reached = reach(dns, asked(dns, endpoint), |group| dns.group(group).sets.as_slice().into());
        let sets: Vec<SetId> = reached.groups.iter().flat_map(|group| dns.group(*group).sets.iter().copied()).collect();
        let mut checks: Vec<CheckId> = sets.iter().filter_map(|set| dns.set(*set).check).collect();
        let children = checks.iter().flat_map(|check| match &dns.check(*check).probe {
            Probe::Calculated { children, .. } => children.clone(),
            _ => Vec::new(),
        });
        checks.extend(children.collect::<Vec<_>>());
        checks.sort();
        checks.dedup();
        Involved { sets, checks }
    }
}

/// An objective whose settings are tried. Who is healthy does not depend on them, so that is found
/// once for all.
struct Trial<'a> {
    scene: &'a Scene<'a>,
    dns: &'a Dns,
    endpoint: &'a str,
    involved: Involved,
    before: State,
    /// Each loss: the state after it, and all on the way.
    losses: Vec<(State, State)>,
    /// The program with the settings that are tried.
    tried: Dns,
    /// The loss that was too slow last: it is likely to be so again.
    slow: usize,
}

impl<'a> Trial<'a> {
    fn new(scene: &'a Scene<'a>, dns: &'a Dns, objective: &Objective, endpoint: &'a str) -> Trial<'a> {
        let before = State::after(dns, scene, None);
        let all = reach(dns, asked(dns, endpoint), |group| dns.group(group).sets.as_slice().into());
        let id = |end: &End| match end {
            End::Endpoint(id) => Some(*id),
            End::Nothing => None,
        };
        let reached: Vec<_> = all.ends.iter().filter_map(id).collect();
        let course = |loss| {
            let after = State::after(dns, scene, Some(&loss));
            let between = State::between(dns, &before, &after);
            (after, between)
        };
        let losses = losses(&objective.survives, scene, dns, &reached).into_iter().map(course).collect();
        let involved = Involved::of(dns, endpoint);
        Trial { scene, dns, endpoint, involved, before, losses, tried: dns.clone(), slow: 0 }
    }

    /// The slowest of the settings that there are.
    fn present(&self) -> Option<Settings> {
        let probes = self.involved.checks.iter().filter_map(|check| match self.dns.check(*check).probe {
            Probe::Endpoint { interval, threshold, .. } => Some((interval, threshold)),
            _ => None,
        });
        let (interval, threshold) = probes.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))?;
        let ttl = self.involved.sets.iter().filter_map(|set| self.dns.set(*set).ttl).max()?;
        Some(Settings { interval, threshold, ttl })
    }

    /// The bound of the worst loss with other settings, if that is within a time.
    fn within(&mut self, settings: Settings, rto: i64) -> Option<Bound> {
        self.set(settings);
        if self.bound(self.slow).is_some_and(|bound| bound.total() > rto) {
            return None;
        }
        let mut worst: Option<Bound> = None;
        for at in 0..self.losses.len() {
            let Some(bound) = self.bound(at) else { continue };
            if bound.total() > rto {
                self.slow = at;
                return None;
            }
            if worst.as_ref().is_none_or(|worst| worst.total() < bound.total()) {
                worst = Some(bound);
            }
        }
        worst
    }

    /// The bound of the worst loss with other settings.
    fn worst(&mut self, settings: Settings) -> Option<Bound> {
        self.within(settings, i64::MAX)
    }

    fn bound(&self, at: usize) -> Option<Bound> {
        let (after, between) = self.losses.get(at)?;
        let course = Course { dns: &self.tried, scene: self.scene, before: &self.before, after, between };
        Clock::new(&course).name(self.endpoint)
    }

    fn set(&mut self, settings: Settings) {
        for set in &self.involved.sets {
            self.tried.sets[set.0 as usize].ttl = self.dns.set(*set).ttl.map(|ttl| ttl.min(settings.ttl));
        }
        for check in &self.involved.checks {
            let Probe::Endpoint { interval: was, threshold: were, .. } = self.dns.check(*check).probe else { continue };
            if let Probe::Endpoint { interval, threshold, .. } = &mut self.tried.checks[check.0 as usize].probe {
                *interval = settings.interval.min(was);
                *threshold = settings.threshold.min(were);
            }
        }
    }
}
