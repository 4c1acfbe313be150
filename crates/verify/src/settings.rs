//! Settings that would do: what to change so that an objective can be met.

use topo_model::Objective;
use topo_model::value::duration;

use crate::answer::{State, asked, reach};
use crate::dns::{CheckId, Dns, Probe, SetId};
use crate::loss::losses;
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
    let involved = Involved::of(dns, endpoint);
    let now = Now { scene, dns, objective, endpoint, involved };
    if let Some(present) = now.present() {
        for settings in candidates(present) {
            if let Some((_, sum)) = now.worst(settings).filter(|(ms, _)| *ms <= rto) {
                return format!("{}: {sum}", said(settings, present));
            }
        }
    }
    match now.worst(Settings { interval: 10_000, threshold: 1, ttl: 0 }) {
        Some((_, sum)) => format!(
            "no settings reach {}: the least, with a probe every 10s, a threshold of 1 and a TTL of 0s, is {sum}",
            duration(rto)
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

struct Now<'a> {
    scene: &'a Scene<'a>,
    dns: &'a Dns,
    objective: &'a Objective,
    endpoint: &'a str,
    involved: Involved,
}

impl Now<'_> {
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

    /// The worst loss with other settings, in milliseconds and as a sum.
    fn worst(&self, settings: Settings) -> Option<(i64, String)> {
        let mut dns = self.dns.clone();
        for set in &self.involved.sets {
            let ttl = &mut dns.sets[set.0 as usize].ttl;
            *ttl = ttl.map(|ttl| ttl.min(settings.ttl));
        }
        for check in &self.involved.checks {
            if let Probe::Endpoint { interval, threshold, .. } = &mut dns.checks[check.0 as usize].probe {
                *interval = settings.interval.min(*interval);
                *threshold = settings.threshold.min(*threshold);
            }
        }
        let before = State::after(&dns, self.scene, None);
        let reached: Vec<_> = dns.endpoints.iter().map(|(id, _)| id).collect();
        let mut worst: Option<(i64, String)> = None;
        for loss in losses(&self.objective.survives, self.scene, &dns, &reached) {
            let after = State::after(&dns, self.scene, Some(&loss));
            let between = State::between(&dns, &before, &after);
            let course = Course { dns: &dns, scene: self.scene, before: &before, after: &after, between: &between };
            let Some(bound) = Clock::new(&course).name(self.endpoint) else { continue };
            if worst.as_ref().is_none_or(|(ms, _)| *ms < bound.total()) {
                worst = Some((bound.total(), bound.arithmetic()));
            }
        }
        worst
    }
}
