//! How long until no client is led to what is lost.
//!
//! Everything here is an upper bound. Between the loss and the end, checks fall one after the other in
//! any order, and resolvers keep what they were last told; the bound holds for every order and for
//! the unluckiest resolver:
//!
//! ```text
//! threshold × (interval + probe timeout) + push + TTL of the steering record
//! ```
//!
//! Where several checks or records are involved, the slowest counts.

use std::cell::Cell;

use topo_model::value::duration;
use topo_model::{ResId, Span, Value};

use crate::answer::{End, Health, Next, State, asked, leaves_out, next, reach};
use crate::dns::{Alias, Answer, CheckId, Dns, EndpointId, GroupId, Probe, SetId, Watched, What};
use crate::loss::Fate;
use crate::report::{Bound, Part, Passes};
use crate::scene::{Scene, field};

/// From the checkers' verdict to the answers of all name servers, in milliseconds. Route 53 does not
/// publish it.
pub(crate) const PUSH: i64 = 10_000;

/// How long resolvers keep the address of a load balancer, in milliseconds.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias-common.html>
pub(crate) const BALANCER_TTL: i64 = 60_000;

/// From a metric's value to the alarm's state, in milliseconds. CloudWatch does not publish it.
pub(crate) const METRIC_DELAY: i64 = 60_000;

/// A loss, as states of the world: before, after, and all on the way.
pub(crate) struct Course<'a> {
    pub(crate) dns: &'a Dns,
    pub(crate) scene: &'a Scene<'a>,
    pub(crate) before: &'a State,
    pub(crate) after: &'a State,
    pub(crate) between: &'a State,
}

impl Course<'_> {
    /// Whether something turns on the way, if only to turn back.
    fn turns(&self, health: impl Fn(&State) -> Health) -> bool {
        let way = health(self.between);
        health(self.before) != way || health(self.after) != way
    }
}

/// The bounds of a loss; each group's once.
pub(crate) struct Clock<'a> {
    of: &'a Course<'a>,
    groups: Vec<Memo>,
    /// How many checks are being followed, one because of the other.
    depth: Cell<u8>,
}

/// Checks that probe what others steer are followed so far; what leads further has no bound.
const MAX_DEPTH: u8 = 16;

#[derive(Clone)]
enum Memo {
    Open,
    Busy,
    Done(Option<Bound>),
}

impl<'a> Clock<'a> {
    pub(crate) fn new(of: &'a Course<'a>) -> Clock<'a> {
        Clock { of, groups: vec![Memo::Open; of.dns.groups.len()], depth: Cell::new(0) }
    }

    /// After how long no question for a name leads to what is lost; nothing if that never comes.
    pub(crate) fn name(&mut self, name: &str) -> Option<Bound> {
        match asked(self.of.dns, name) {
            Ok(groups) => self.slowest(groups),
            Err(ends) => self.ends(&ends),
        }
    }

    fn slowest(&mut self, groups: Vec<GroupId>) -> Option<Bound> {
        let each: Option<Vec<Bound>> = groups.into_iter().map(|group| self.group(group)).collect();
        Some(longest(each?))
    }

    fn group(&mut self, group: GroupId) -> Option<Bound> {
        let at = group.0 as usize;
        match &self.groups[at] {
            Memo::Done(bound) => return bound.clone(),
            // Records that lead to each other in a ring never lead anywhere.
            Memo::Busy => return None,
            Memo::Open => self.groups[at] = Memo::Busy,
        }
        let bound = self.whole(group);
        self.groups[at] = Memo::Done(bound.clone());
        bound
    }

    fn whole(&mut self, group: GroupId) -> Option<Bound> {
        if leaves_out(self.of.dns, group) {
            return None;
        }
        let sets = self.of.between.choice(group);
        let each: Option<Vec<Bound>> = sets.iter().map(|set| self.set(group, *set)).collect();
        Some(longest(each?))
    }

    /// A set does no more harm once what it leads to is right, or once it is answered no more and
    /// forgotten by all resolvers.
    fn set(&mut self, group: GroupId, set: SetId) -> Option<Bound> {
        let onward = match next(self.of.dns, set) {
            Next::Ends(ends) => self.ends(&ends),
            Next::Within(group) => self.group(group),
            Next::Asks(groups) => self.slowest(groups),
        };
        if onward.as_ref().is_some_and(|bound| bound.parts.is_empty()) || self.of.after.choice(group).contains(&set) {
            return onward;
        }
        let gone = self.gone(group, set);
        match (onward, gone) {
            (Some(onward), Some(gone)) => Some(if onward.total() < gone.total() { onward } else { gone }),
            (onward, gone) => onward.or(gone),
        }
    }

    fn ends(&self, ends: &[End]) -> Option<Bound> {
        let each: Option<Vec<Bound>> = ends.iter().map(|end| self.end(*end)).collect();
        Some(longest(each?))
    }

    fn end(&self, end: End) -> Option<Bound> {
        let End::Endpoint(id) = end else { return None };
        match self.of.after.fate(id) {
            Fate::Keeps => Some(Bound { parts: Vec::new() }),
            Fate::Lost => None,
            Fate::Shrinks => {
                let mut parts = vec![self.notice(id)?];
                parts.push(kept(BALANCER_TTL, "a load balancer's own name", Span::NONE));
                Some(Bound { parts })
            }
        }
    }

    fn gone(&self, group: GroupId, set: SetId) -> Option<Bound> {
        let mut parts = self.noticed(group)?.parts;
        parts.push(push());
        parts.push(self.kept(set, 0)?);
        Some(Bound { parts })
    }

    /// After how long the last of a group's sets that turn has turned for good.
    fn noticed(&self, group: GroupId) -> Option<Bound> {
        let of = self.of;
        let changed = of.dns.group(group).sets.iter().filter(|set| of.turns(|state| state.set(**set)));
        let each: Option<Vec<Bound>> = changed.map(|set| self.set_noticed(*set)).collect();
        Some(longest(each?))
    }

    fn set_noticed(&self, id: SetId) -> Option<Bound> {
        let of = self.of;
        let set = of.dns.set(id);
        let mut each = Vec::new();
        if let Some(check) = set.check.filter(|check| of.turns(|state| state.check(*check))) {
            each.push(self.check_noticed(check)?);
        }
        match &set.answer {
            Answer::Alias { to: Alias::Endpoint(target), evaluate: true }
                if of.before.target(*target) != of.after.target(*target) =>
            {
                each.push(Bound { parts: vec![self.notice(*target)?] });
            }
            Answer::Alias { to: Alias::Records { .. }, evaluate: true } => {
                if let Next::Within(group) = next(of.dns, id)
                    && group != set.group
                {
                    each.push(self.noticed(group)?);
                }
            }
            _ => {}
        }
        Some(longest(each))
    }

    fn check_noticed(&self, id: CheckId) -> Option<Bound> {
        let depth = self.depth.get();
        self.depth.set(depth + 1);
        let bound = if depth < MAX_DEPTH { self.check_alone(id) } else { None };
        self.depth.set(depth);
        bound
    }

    fn check_alone(&self, id: CheckId) -> Option<Bound> {
        let of = self.of;
        let check = of.dns.check(id);
        let name = of.scene.address(check.id);
        match &check.probe {
            Probe::Endpoint { watched, interval, threshold, timeout } => {
                let formula = format!("{threshold} × ({} + {})", duration(*interval), duration(*timeout));
                let what = format!(
                    "`{name}` misses {}: {} between two, {} until one has failed",
                    counted(*threshold, "probe"),
                    duration(*interval),
                    duration(*timeout)
                );
                let span = of.scene.span(check.id, "health_check_config");
                let mut parts = self.moved(watched)?.parts;
                parts.push(Part { passes: Passes::Probes, ms: threshold * (interval + timeout), formula, what, span });
                Some(Bound { parts })
            }
            Probe::Calculated { children, .. } => {
                let changed = children.iter().filter(|c| of.before.check(**c) != of.after.check(**c));
                let each: Option<Vec<Bound>> = changed.map(|child| self.check_noticed(*child)).collect();
                Some(longest(each?))
            }
            Probe::Alarm { alarm, .. } => self.alarm((*alarm)?).map(|part| Bound { parts: vec![part] }),
            Probe::Unknown => None,
        }
    }

    /// Where what is probed is itself steered, the checkers follow only once it has been steered.
    fn moved(&self, watched: &Watched) -> Option<Bound> {
        let of = self.of;
        let Watched::Name(name) = watched else { return Some(Bound { parts: Vec::new() }) };
        let reached = reach(of.dns, asked(of.dns, name), |group| of.between.choice(group).into());
        let steered = reached.groups.iter().filter(|group| of.between.choice(**group) != of.before.choice(**group));
        let mut each = Vec::new();
        for group in steered {
            // A probe of what it steers has no bound.
            let checks = of.dns.group(*group).sets.iter().filter_map(|set| of.dns.set(*set).check);
            if checks.clone().any(|check| self.is_probing(check, name)) {
                return None;
            }
            let mut parts = self.noticed(*group)?.parts;
            parts.push(push());
            let sets = &of.dns.group(*group).sets;
            let ttls: Option<Vec<Part>> = sets.iter().map(|set| self.kept(*set, 0)).collect();
            parts.extend(ttls?.into_iter().rev().max_by_key(|part| part.ms));
            each.push(Bound { parts });
        }
        Some(longest(each))
    }

    fn is_probing(&self, check: CheckId, name: &str) -> bool {
        match &self.of.dns.check(check).probe {
            Probe::Endpoint { watched: Watched::Name(probed), .. } => probed == name,
            Probe::Calculated { children, .. } => {
                children.iter().any(|child| *child != check && self.is_probing(*child, name))
            }
            _ => false,
        }
    }

    fn alarm(&self, alarm: ResId) -> Option<Part> {
        let scene = self.of.scene;
        let metrics = scene.get(alarm, "metrics").items().unwrap_or_default();
        let period = scene.get(alarm, "period").as_millis().or_else(|| {
            let of =
                |metric| field(field(metric, "metric_stat").unwrap_or(metric), "period").and_then(Value::as_millis);
            metrics.iter().filter_map(of).max()
        })?;
        let periods = scene.get(alarm, "evaluation_periods").as_int().unwrap_or(1);
        Some(Part {
            passes: Passes::Alarm,
            ms: periods * period + METRIC_DELAY,
            formula: format!("{periods} × {} + {}", duration(period), duration(METRIC_DELAY)),
            what: format!("`{}` looks at {} of {}", scene.address(alarm), counted(periods, "period"), duration(period)),
            span: scene.place(alarm),
        })
    }

    /// After how long Route 53 no longer takes a load balancer for healthy.
    fn notice(&self, id: EndpointId) -> Option<Part> {
        let endpoint = self.of.dns.endpoints.get(id);
        let notice = endpoint.notice?;
        let span = match endpoint.what {
            What::Resource(id) => self.of.scene.place(id),
            _ => Span::NONE,
        };
        let (interval, timeout) = (duration(notice.interval), duration(notice.timeout));
        Some(Part {
            passes: Passes::Balancer,
            ms: notice.ms(),
            formula: format!("{} × {interval} + {timeout}", notice.threshold),
            what: format!(
                "`{}` misses {} of its own: {interval} between two, {timeout} until one has failed",
                endpoint.name(self.of.scene),
                counted(notice.threshold, "probe")
            ),
            span,
        })
    }

    /// How long resolvers keep a set's answer.
    fn kept(&self, id: SetId, depth: u8) -> Option<Part> {
        let of = self.of;
        let set = of.dns.set(id);
        let name = &of.dns.group(set.group).name;
        match &set.answer {
            Answer::Alias { to: Alias::Records { .. }, .. } => {
                let Next::Within(group) = next(of.dns, id) else { return Some(kept(BALANCER_TTL, name, Span::NONE)) };
                let sets = of.dns.group(group).sets.iter().filter(|_| depth < 32);
                let each: Option<Vec<Part>> = sets.map(|set| self.kept(*set, depth + 1)).collect();
                each?.into_iter().rev().max_by_key(|part| part.ms)
            }
            Answer::Alias { .. } => Some(kept(BALANCER_TTL, name, of.scene.span(set.id, "alias_target"))),
            _ => Some(kept(set.ttl?, name, of.scene.span(set.id, "ttl"))),
        }
    }
}

/// The longest of several bounds; none of them is no time at all.
fn longest(bounds: Vec<Bound>) -> Bound {
    // Of equal ones the first.
    bounds.into_iter().rev().max_by_key(Bound::total).unwrap_or(Bound { parts: Vec::new() })
}

/// `1 probe`, `2 probes`.
fn counted(count: i64, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

fn push() -> Part {
    Part {
        passes: Passes::Push,
        ms: PUSH,
        formula: duration(PUSH),
        what: "the name servers learn of it (assumed)".to_owned(),
        span: Span::NONE,
    }
}

fn kept(ms: i64, name: &str, span: Span) -> Part {
    Part {
        passes: Passes::Kept,
        ms,
        formula: duration(ms),
        what: format!("resolvers keep the answer for {name}"),
        span,
    }
}
