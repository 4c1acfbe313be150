//! Failover that is built as AWS advises against: warnings, each with its reason.
//!
//! It refuses to know what an objective asks: these hold for records that none is about, too.

use std::collections::BTreeSet;

use topo_model::value::duration;
use topo_model::{Diagnostic, Objective, ResId, Span, Symbol};

use crate::answer::{End, Next, asked, next, reach};
use crate::dns::{Alias, Answer, CheckId, Dns, Endpoint, EndpointId, Group, GroupId, Policy, Probe, SetId};
use crate::scene::{Scene, name_of};

pub(super) fn judge(scene: &Scene<'_>, dns: &Dns, findings: &mut Vec<Diagnostic>) {
    let advice = Advice { scene, dns };
    let broken = |objective: &Objective| {
        findings.iter().any(|found| matches!(found.code.0, 501 | 507) && found.span() == objective.span)
    };
    let refused = behind(scene, dns, broken);
    let timed = behind(scene, dns, |objective| objective.rto.is_some());
    for (at, group) in dns.groups.iter().enumerate().filter(|(_, group)| group.sets.len() > 1) {
        findings.extend(advice.uneven(group));
        // Where an objective is broken, its proof has said why.
        if !refused.contains(&GroupId(at as u32)) {
            findings.extend(advice.shared(group));
            findings.extend(advice.unchecked(group));
            findings.extend(advice.kept_alive(group));
            findings.extend(advice.stuck(group));
            findings.extend(advice.blind(group));
        }
        // How long clients follow late is for an objective to say.
        if !timed.contains(&GroupId(at as u32)) {
            findings.extend(advice.slow(group));
        }
    }
}

/// The records behind some of the objectives.
fn behind(scene: &Scene<'_>, dns: &Dns, which: impl Fn(&Objective) -> bool) -> BTreeSet<GroupId> {
    let objectives = scene.desired.objectives.iter().filter(|objective| which(objective));
    let names = objectives.filter_map(|objective| name_of(&objective.endpoint));
    let all = |group: GroupId| dns.group(group).sets.as_slice().into();
    names.flat_map(|name| reach(dns, asked(dns, &name), all).groups).collect()
}

struct Advice<'a> {
    scene: &'a Scene<'a>,
    dns: &'a Dns,
}

impl Advice<'_> {
    fn place(&self, set: SetId) -> Span {
        self.scene.place(self.dns.set(set).id)
    }

    /// A record as a person would call it, among those of its name.
    fn named(&self, set: SetId) -> String {
        format!("`{}`", self.scene.address(self.dns.set(set).id))
    }

    /// Whether Route 53 ever takes a record for unhealthy.
    fn is_checked(&self, set: SetId) -> bool {
        let set = self.dns.set(set);
        set.check.is_some() || matches!(set.answer, Answer::Alias { evaluate: true, .. })
    }

    /// T0508. One check for several places: they are called unhealthy together, so nothing moves.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-types.html>
    fn shared(&self, group: &Group) -> Option<Diagnostic> {
        let by_check =
            |check: CheckId| group.sets.iter().copied().filter(move |set| self.dns.set(*set).check == Some(check));
        let (check, first, second) = group.sets.iter().find_map(|set| {
            let check = self.dns.set(*set).check?;
            let other = by_check(check).find(|other| *other > *set && self.are_apart(*set, *other))?;
            Some((check, *set, other))
        })?;
        let address = self.scene.address(self.dns.check(check).id);
        let message = format!(
            "{} and {} of {} go by one health check, `{address}`: they become unhealthy together, and nobody is led from one to the other",
            self.named(first),
            self.named(second),
            group.name
        );
        Some(
            Diagnostic::warning(508, self.place(second), message, format!("goes by `{address}`"))
                .label(self.place(first), "so does this one")
                .label(self.scene.place(self.dns.check(check).id), "the check of both")
                .help("give each record a check that probes its own endpoint"),
        )
    }

    /// Whether two records lead to different places, or to some of which nothing says where they are.
    fn are_apart(&self, one: SetId, other: SetId) -> bool {
        let places = |set| -> BTreeSet<Symbol> {
            self.endpoints(set).into_iter().flat_map(|endpoint| endpoint.regions.iter().copied()).collect()
        };
        let (here, there) = (places(one), places(other));
        next(self.dns, one) != next(self.dns, other) && (here.is_empty() || there.is_empty() || here != there)
    }

    /// T0510 within one name: a record that nothing checks beside others that are checked. The last resort
    /// may be so: a secondary, one of no weight, one for the rest of the world.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
    fn unchecked(&self, group: &Group) -> Option<Diagnostic> {
        let may_be_bare = |set: &SetId| match &self.dns.set(*set).policy {
            Policy::Primary | Policy::Secondary | Policy::Weighted(0) => true,
            Policy::Geo(place) => place.depth() == 0,
            _ => false,
        };
        let bare = group.sets.iter().copied().find(|set| !self.is_checked(*set) && !may_be_bare(set))?;
        let checked = group.sets.iter().copied().find(|set| self.is_checked(*set))?;
        let message = format!(
            "{} of {} is checked by nothing, so it counts as healthy and is answered also when it is down",
            self.named(bare),
            group.name
        );
        Some(
            Diagnostic::warning(510, self.place(bare), message, "never unhealthy")
                .label(self.place(checked), "this one is checked")
                .help(self.to_check(bare)),
        )
    }

    fn to_check(&self, set: SetId) -> &'static str {
        match self.dns.set(set).answer {
            Answer::Alias { .. } => {
                "write `evaluate_target_health = true` in its alias_target, or give it a `health_check`"
            }
            _ => "give it a `health_check` that probes its endpoint",
        }
    }

    /// T0510 in a tree: an alias asks whether any record of its target is healthy, and one of them always
    /// is.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html>
    fn kept_alive(&self, group: &Group) -> Option<Diagnostic> {
        group.sets.iter().find_map(|set| {
            let data = self.dns.set(*set);
            // The last resort is answered whatever it is taken for.
            let evaluates = matches!(data.answer, Answer::Alias { to: Alias::Records { .. }, evaluate: true });
            if !evaluates || data.check.is_some() || data.policy == Policy::Secondary {
                return None;
            }
            let Next::Within(target) = next(self.dns, *set) else { return None };
            let leaf = self.always_alive(target, 0)?;
            let message = format!(
                "{} evaluates {}, of which {} is checked by nothing: the branch counts as healthy for ever",
                self.named(*set),
                self.dns.group(target).name,
                self.named(leaf)
            );
            Some(
                Diagnostic::warning(510, self.place(leaf), message, "never unhealthy")
                    .label(self.place(*set), format!("one of {}, and never left", group.name))
                    .help(self.to_check(leaf)),
            )
        })
    }

    /// A record that keeps all that evaluate its group healthy.
    fn always_alive(&self, group: GroupId, depth: u8) -> Option<SetId> {
        self.dns.group(group).sets.iter().find_map(|set| {
            let data = self.dns.set(*set);
            match (&data.answer, data.check) {
                (_, Some(_)) => None,
                (Answer::Alias { to: Alias::Records { .. }, evaluate: true }, None) => match next(self.dns, *set) {
                    Next::Within(inner) if depth < 16 => self.always_alive(inner, depth + 1),
                    _ => None,
                },
                (Answer::Alias { evaluate: true, .. }, None) => None,
                _ => Some(*set),
            }
        })
    }

    /// T0511. A primary that is an alias needs no check, but without one it must evaluate its target.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html>
    fn stuck(&self, group: &Group) -> Option<Diagnostic> {
        let primary = group.sets.iter().copied().find(|set| self.dns.set(*set).policy == Policy::Primary)?;
        let data = self.dns.set(primary);
        if data.check.is_some() || !matches!(data.answer, Answer::Alias { evaluate: false, .. }) {
            return None;
        }
        let message = format!(
            "{} is the primary of {}, an alias that neither evaluates its target nor has a check: it never fails over",
            self.named(primary),
            group.name
        );
        let secondary = group.sets.iter().find(|set| self.dns.set(**set).policy == Policy::Secondary);
        let span = self.scene.span(data.id, "alias_target");
        let found = Diagnostic::warning(511, span, message, "never unhealthy");
        let found = secondary.into_iter().fold(found, |found, set| found.label(self.place(*set), "never answered"));
        Some(found.help(self.to_check(primary)))
    }

    /// T0512. What is checked should be kept for a minute at most, or clients follow late.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover.html>
    fn slow(&self, group: &Group) -> Option<Diagnostic> {
        let long =
            |set: &SetId| self.dns.set(*set).ttl.filter(|ttl| *ttl > 60_000 && self.dns.set(*set).check.is_some());
        let (set, ttl) = group.sets.iter().find_map(|set| Some((*set, long(set)?)))?;
        let kept = duration(ttl);
        let message = format!(
            "{} of {} is checked, and resolvers keep it for {kept}: that long clients go on to what has failed",
            self.named(set),
            group.name
        );
        let span = self.scene.span(self.dns.set(set).id, "ttl");
        let found = Diagnostic::warning(512, span, message, format!("kept for {kept}"));
        Some(found.help("write a ttl of 60s or less on every record of the name"))
    }

    /// T0513. A resolver keeps a record for as long as that record says: those with a longer TTL get more
    /// than their share.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-weighted.html>
    fn uneven(&self, group: &Group) -> Option<Diagnostic> {
        let weighted = |set: &&SetId| matches!(self.dns.set(**set).policy, Policy::Weighted(weight) if weight > 0);
        let mut timed = group.sets.iter().filter(weighted).filter_map(|set| Some((*set, self.dns.set(*set).ttl?)));
        let (first, ttl) = timed.next()?;
        let (other, different) = timed.find(|(_, other)| *other != ttl)?;
        let message = format!(
            "the weighted records of {} are kept for {} and {}: the longer one is answered more often than its weight says",
            group.name,
            duration(ttl),
            duration(different)
        );
        let span = |set: SetId| self.scene.span(self.dns.set(set).id, "ttl");
        let found = Diagnostic::warning(513, span(other), message, format!("kept for {}", duration(different)));
        let found = if span(first) == span(other) {
            found
        } else {
            found.label(span(first), format!("kept for {}", duration(ttl)))
        };
        Some(found.help("give all records of the name one ttl"))
    }

    /// T0514. An alarm falls silent with its region, so it can't tell that the region is lost.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
    fn blind(&self, group: &Group) -> Option<Diagnostic> {
        group.sets.iter().find_map(|set| {
            let check = self.dns.set(*set).check?;
            let (id, alarm, region) = self.alarm(check, 0)?;
            let judged = self.endpoints(*set).into_iter().find(|endpoint| endpoint.regions.contains(&region))?;
            let (address, by) = (self.scene.address(alarm), self.scene.address(id));
            let message = format!(
                "{} of {} leads to `{}` in {region} and goes by `{address}`, which is lost with that region",
                self.named(*set),
                group.name,
                judged.name(self.scene)
            );
            Some(
                Diagnostic::warning(514, self.place(*set), message, format!("goes by `{by}`"))
                    .label(self.scene.place(alarm), format!("an alarm in {region}"))
                    .label(self.scene.place(id), "the health check that looks at it")
                    .help("probe the endpoint, or count the alarm's check together with such a probe (`CALCULATED`)"),
            )
        })
    }

    /// The alarm that alone decides a check.
    fn alarm(&self, check: CheckId, depth: u8) -> Option<(ResId, ResId, Symbol)> {
        let data = self.dns.check(check);
        match &data.probe {
            Probe::Alarm { alarm, region, .. } => Some((data.id, (*alarm)?, (*region)?)),
            Probe::Calculated { children, .. } if children.len() == 1 && depth < 4 => {
                self.alarm(children[0], depth + 1)
            }
            _ => None,
        }
    }

    fn endpoints(&self, set: SetId) -> Vec<&Endpoint> {
        let reached = match next(self.dns, set) {
            Next::Ends(ends) => ends,
            Next::Within(group) => self.ends(vec![group]),
            Next::Asks(groups) => self.ends(groups),
        };
        let id = |end: &End| match end {
            End::Endpoint(id) => Some(*id),
            End::Nothing => None,
        };
        let ids: Vec<EndpointId> = reached.iter().filter_map(id).collect();
        ids.into_iter().map(|id| self.dns.endpoints.get(id)).collect()
    }

    fn ends(&self, groups: Vec<GroupId>) -> Vec<End> {
        reach(self.dns, Ok(groups), |group| self.dns.group(group).sets.as_slice().into()).ends
    }
}
