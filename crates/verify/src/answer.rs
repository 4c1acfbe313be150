//! Who is healthy and who answers, in one state of the world.
//!
//! Health has three values: what may turn out either way is [`Health::Either`], and every choice
//! that it leaves open is followed. So a proof covers all combinations of outcomes without counting them; it
//! may refuse where two open outcomes exclude each other, and never accepts too much.
//!
//! It refuses to know of time: a state is what holds once every check has said its last word, or the
//! union of all states on the way there.

use std::rc::Rc;

use topo_model::{ResId, Symbol};

use crate::dns::{
    Alias, Answer, Check, CheckId, Dns, Endpoint, EndpointId, Found, GroupId, Insufficient, Location, Policy, Probe,
    SetId, Type, Watched, What,
};
use crate::loss::Fate;
use crate::report::Loss;
use crate::scene::Scene;

/// Whether something is taken for healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    Up,
    Down,
    /// It may turn out either way.
    Either,
}

impl Health {
    fn not(self) -> Health {
        match self {
            Health::Up => Health::Down,
            Health::Down => Health::Up,
            Health::Either => Health::Either,
        }
    }

    fn and(self, other: Health) -> Health {
        match (self, other) {
            (Health::Down, _) | (_, Health::Down) => Health::Down,
            (Health::Up, Health::Up) => Health::Up,
            _ => Health::Either,
        }
    }

    /// What several observers see of the same thing.
    fn seen(all: impl Iterator<Item = Health>) -> Option<Health> {
        all.reduce(|a, b| if a == b { a } else { Health::Either })
    }
}

/// Where a question ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum End {
    Endpoint(EndpointId),
    /// Nothing answers: no record, or none for those who ask.
    Nothing,
}

/// What a set leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// These endpoints, any of them.
    Ends(Vec<End>),
    /// Another group, within the same answer.
    Within(GroupId),
    /// Other groups, asked for in their turn: one for each version of IP.
    Asks(Vec<GroupId>),
}

/// One state of the world.
pub(crate) struct State {
    pub(crate) checks: Vec<Health>,
    sets: Vec<Health>,
    choices: Vec<Rc<[SetId]>>,
    fates: Vec<Fate>,
    /// What Route 53 thinks of each endpoint that an alias evaluates.
    targets: Vec<Health>,
}

impl State {
    /// The state in which a loss has been noticed everywhere; without a loss, the normal one.
    pub(crate) fn after(dns: &Dns, scene: &Scene<'_>, loss: Option<&Loss>) -> State {
        let fates: Vec<Fate> =
            dns.endpoints.iter().map(|(_, e)| loss.map_or(Fate::Keeps, |loss| loss.fate(e))).collect();
        let target = |((_, endpoint), fate): ((_, &Endpoint), &Fate)| match (fate, endpoint.notice) {
            (Fate::Lost, Some(_)) => Health::Down,
            // To evaluate a bucket or an API brings nothing, and what a bare name stands for is not known:
            // <https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html>.
            (Fate::Lost, None) => Health::Either,
            _ => Health::Up,
        };
        let targets = dns.endpoints.iter().zip(&fates).map(target).collect();
        Solver::new(dns, Some((scene, loss)), fates, targets, Vec::new()).solve()
    }

    /// The state in which the probes of some checks fail and some endpoints are lost, and nothing else is.
    pub(crate) fn given(dns: &Dns, failed: &[ResId]) -> State {
        let lost = |what: &What| matches!(what, What::Resource(id) if failed.contains(id));
        let fates: Vec<Fate> =
            dns.endpoints.iter().map(|(_, e)| if lost(&e.what) { Fate::Lost } else { Fate::Keeps }).collect();
        let targets = fates.iter().map(|f| if *f == Fate::Lost { Health::Down } else { Health::Up }).collect();
        let checks = dns.checks.iter().map(|check| {
            let probed = match &check.probe {
                Probe::Calculated { .. } => return None,
                _ if failed.contains(&check.id) && !check.disabled => Health::Down,
                _ => Health::Up,
            };
            Some(if check.inverted { probed.not() } else { probed })
        });
        Solver::new(dns, None, fates, targets, checks.collect()).solve()
    }

    /// Every state on the way from one to the other: what differs may be either way.
    pub(crate) fn between(dns: &Dns, before: &State, after: &State) -> State {
        let either = |a: &[Health], b: &[Health]| -> Vec<Health> {
            a.iter().zip(b).map(|(a, b)| if a == b { *a } else { Health::Either }).collect()
        };
        // A calculated check may turn and turn back while its children do.
        let is_own =
            |(check, health): (&Check, Health)| (!matches!(check.probe, Probe::Calculated { .. })).then_some(health);
        let checks = dns.checks.iter().zip(either(&before.checks, &after.checks)).map(is_own).collect();
        Solver::new(dns, None, after.fates.clone(), either(&before.targets, &after.targets), checks).solve()
    }

    /// The sets of a group that may be answered.
    pub(crate) fn choice(&self, group: GroupId) -> &[SetId] {
        &self.choices[group.0 as usize]
    }

    pub(crate) fn set(&self, id: SetId) -> Health {
        self.sets[id.0 as usize]
    }

    pub(crate) fn check(&self, id: CheckId) -> Health {
        self.checks[id.0 as usize]
    }

    /// What Route 53 thinks of an endpoint.
    pub(crate) fn target(&self, id: EndpointId) -> Health {
        self.targets[id.0 as usize]
    }

    pub(crate) fn fate(&self, id: EndpointId) -> Fate {
        self.fates[id.0 as usize]
    }

    /// Whether a client is served there.
    pub(crate) fn serves(&self, end: End) -> bool {
        matches!(end, End::Endpoint(id) if self.fate(id) != Fate::Lost)
    }
}

/// What a set leads to; a name that nothing defines is an end.
pub(crate) fn next(dns: &Dns, set: SetId) -> Next {
    let set = dns.set(set);
    let ty = dns.group(set.group).ty;
    match &set.answer {
        Answer::Addresses(addresses) if !addresses.is_empty() => {
            Next::Ends(addresses.iter().map(|id| End::Endpoint(*id)).collect())
        }
        Answer::Resource(id) | Answer::Alias { to: Alias::Endpoint(id), .. } => Next::Ends(vec![End::Endpoint(*id)]),
        Answer::Name(name) => asked(dns, name).map_or_else(Next::Ends, Next::Asks),
        Answer::Alias { to: Alias::Records { zone, name }, .. } => {
            let elsewhere = dns.endpoints.named(name).filter(|_| dns.is_shared(*zone));
            let end = elsewhere.map_or(End::Nothing, End::Endpoint);
            dns.alias_target(*zone, name, ty).map_or(Next::Ends(vec![end]), Next::Within)
        }
        Answer::Addresses(_) | Answer::Other => Next::Ends(vec![End::Nothing]),
    }
}

/// The groups that answer those who ask for a name, over each version of IP that it has; its end
/// where none of the program's does.
pub(crate) fn asked(dns: &Dns, name: &str) -> Result<Vec<GroupId>, Vec<End>> {
    let mut groups: Vec<GroupId> = Vec::new();
    let mut end = End::Nothing;
    for found in [Type::A, Type::Aaaa].map(|ty| dns.look_up(name, ty)) {
        match found {
            Found::Here(group) if !groups.contains(&group) => groups.push(group),
            Found::Here(_) | Found::Undefined => {}
            Found::Outside => end = dns.endpoints.named(name).map_or(End::Nothing, End::Endpoint),
        }
    }
    if groups.is_empty() { Err(vec![end]) } else { Ok(groups) }
}

/// Whether some people are answered by no record of a group: it tells places apart, and has none for
/// the rest of the world.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html>
pub(crate) fn leaves_out(dns: &Dns, group: GroupId) -> bool {
    let places = || {
        dns.group(group).sets.iter().filter_map(|set| match &dns.set(*set).policy {
            Policy::Geo(place) => Some(place),
            _ => None,
        })
    };
    places().next().is_some() && places().all(|place| place.depth() > 0)
}

/// All ends that a question may have in a state, and the groups on the way.
pub(crate) struct Reach {
    pub(crate) ends: Vec<End>,
    pub(crate) groups: Vec<GroupId>,
}

/// Follows every choice that a state leaves open.
pub(crate) fn reach(
    dns: &Dns,
    from: Result<Vec<GroupId>, Vec<End>>,
    choice: impl FnMut(GroupId) -> Rc<[SetId]>,
) -> Reach {
    reach_over(dns, from, |_| true, choice)
}

/// The ends that Route 53's checkers may find under a name: they look it up over IPv4 alone.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
fn found_by_checkers(dns: &Dns, name: &str, choice: impl FnMut(GroupId) -> Rc<[SetId]>) -> Vec<End> {
    reach_over(dns, asked(dns, name), |ty| ty != Type::Aaaa, choice).ends
}

/// The same over some types of records.
fn reach_over(
    dns: &Dns,
    from: Result<Vec<GroupId>, Vec<End>>,
    over: impl Fn(Type) -> bool,
    mut choice: impl FnMut(GroupId) -> Rc<[SetId]>,
) -> Reach {
    let mut reach = Reach { ends: Vec::new(), groups: Vec::new() };
    let mut open = Vec::new();
    let ask = |groups: Vec<GroupId>, open: &mut Vec<GroupId>, ends: &mut Vec<End>| {
        let before = open.len();
        open.extend(groups.into_iter().filter(|group| over(dns.group(*group).ty)));
        ends.extend((open.len() == before).then_some(End::Nothing));
    };
    match from {
        Ok(groups) => ask(groups, &mut open, &mut reach.ends),
        Err(ends) => reach.ends = ends,
    }
    while let Some(group) = open.pop() {
        if reach.groups.contains(&group) {
            continue;
        }
        reach.groups.push(group);
        reach.ends.extend(leaves_out(dns, group).then_some(End::Nothing));
        for set in choice(group).iter() {
            match next(dns, *set) {
                Next::Ends(ends) => reach.ends.extend(ends),
                Next::Within(group) => open.push(group),
                Next::Asks(groups) => ask(groups, &mut open, &mut reach.ends),
            }
        }
    }
    reach.ends.sort();
    reach.ends.dedup();
    reach
}

/// The sets at the end of every way that a question may take in a state, sorted.
pub(crate) fn last_sets(dns: &Dns, state: &State, name: &str) -> Vec<SetId> {
    let groups = reach(dns, asked(dns, name), |group| state.choice(group).into()).groups;
    let chosen = groups.iter().flat_map(|group| state.choice(*group).iter().copied());
    let mut last: Vec<SetId> = chosen.filter(|set| matches!(next(dns, *set), Next::Ends(_))).collect();
    last.sort();
    last
}

/// Computes a state; each part once, from those it rests on.
struct Solver<'a> {
    dns: &'a Dns,
    /// What alarms may say; nothing where the checks are given.
    world: Option<(&'a Scene<'a>, Option<&'a Loss>)>,
    fates: Vec<Fate>,
    targets: Vec<Health>,
    checks: Vec<Option<Health>>,
    busy_checks: Vec<bool>,
    sets: Vec<Option<Health>>,
    busy_sets: Vec<bool>,
    choices: Vec<Option<Rc<[SetId]>>>,
}

impl<'a> Solver<'a> {
    fn new(
        dns: &'a Dns,
        world: Option<(&'a Scene<'a>, Option<&'a Loss>)>,
        fates: Vec<Fate>,
        targets: Vec<Health>,
        mut checks: Vec<Option<Health>>,
    ) -> Solver<'a> {
        checks.resize(dns.checks.len(), None);
        Solver {
            dns,
            world,
            fates,
            targets,
            busy_checks: vec![false; checks.len()],
            checks,
            sets: vec![None; dns.sets.len()],
            busy_sets: vec![false; dns.sets.len()],
            choices: vec![None; dns.groups.len()],
        }
    }

    fn solve(mut self) -> State {
        let checks = (0..self.dns.checks.len()).map(|at| self.check(CheckId(at as u32))).collect();
        let sets = (0..self.dns.sets.len()).map(|at| self.set(SetId(at as u32))).collect();
        let choices = (0..self.dns.groups.len()).map(|at| self.choice(GroupId(at as u32))).collect();
        State { checks, sets, choices, fates: self.fates, targets: self.targets }
    }

    fn check(&mut self, id: CheckId) -> Health {
        let at = id.0 as usize;
        if let Some(health) = self.checks[at] {
            return health;
        }
        if self.busy_checks[at] {
            // It probes what it steers: it may say anything.
            return Health::Either;
        }
        self.busy_checks[at] = true;
        let check = self.dns.check(id);
        let probed = if check.disabled { Health::Up } else { self.probed(&check.probe) };
        let health = if check.inverted { probed.not() } else { probed };
        self.busy_checks[at] = false;
        self.checks[at] = Some(health);
        health
    }

    fn probed(&mut self, probe: &Probe) -> Health {
        match probe {
            Probe::Endpoint { watched: Watched::Endpoint(id), .. } => self.alive(End::Endpoint(*id)),
            Probe::Endpoint { watched: Watched::Name(name), .. } => {
                let ends = found_by_checkers(self.dns, name, |group| self.choice(group));
                Health::seen(ends.into_iter().map(|end| self.alive(end))).unwrap_or(Health::Either)
            }
            Probe::Calculated { children, threshold } => {
                let health: Vec<Health> = children.iter().map(|child| self.check(*child)).collect();
                let count = |of: Health| health.iter().filter(|h| **h == of).count() as i64;
                if count(Health::Up) >= *threshold {
                    Health::Up
                } else if count(Health::Up) + count(Health::Either) < *threshold {
                    Health::Down
                } else {
                    Health::Either
                }
            }
            Probe::Alarm { alarm, region, insufficient } => self.alarm(*alarm, *region, *insufficient),
            Probe::Unknown => Health::Either,
        }
    }

    /// What an alarm says. In a region that is lost it may keep its state, ring, or have no data. One
    /// that watches what is lost rings or has no data, and which of the two is open; of one that looks at
    /// another health check it is open what it makes of that. Any other is taken to be quiet, which
    /// a proof that rests on it says.
    fn alarm(&mut self, alarm: Option<ResId>, region: Option<Symbol>, insufficient: Insufficient) -> Health {
        let Some((scene, loss)) = self.world else { return Health::Either };
        let Some(loss) = loss else { return Health::Up };
        if region.is_none_or(|region| loss.blinds(region)) {
            return Health::Either;
        }
        let Some(alarm) = alarm else { return Health::Either };
        let mut watched = Vec::new();
        scene.resource(alarm).for_each_dependency(&mut |of| watched.push(of));
        let checks = watched.iter().filter_map(|of| self.dns.check_of(*of));
        let checks: Vec<CheckId> = checks.collect();
        if checks.into_iter().any(|check| self.check(check) != Health::Up) {
            return Health::Either;
        }
        let is_lost = |of: &ResId| {
            let of_it = |(id, endpoint): (EndpointId, &Endpoint)| {
                endpoint.what == What::Resource(*of) && self.fates[id.0 as usize] == Fate::Lost
            };
            self.dns.endpoints.iter().any(of_it) || scene.region(*of).is_some_and(|region| loss.blinds(region))
        };
        if !watched.iter().any(is_lost) {
            return Health::Up;
        }
        // With no data it may also be told to stay as it is, or to be content.
        let told = matches!(scene.text(alarm, "treat_missing_data"), Some("notBreaching" | "ignore"));
        if insufficient == Insufficient::Unhealthy && !told { Health::Down } else { Health::Either }
    }

    fn alive(&self, end: End) -> Health {
        match end {
            End::Endpoint(id) if self.fates[id.0 as usize] != Fate::Lost => Health::Up,
            _ => Health::Down,
        }
    }

    /// A set is healthy while its check is and, if it is an alias that evaluates its target, the
    /// target is. One that nothing checks is healthy.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
    fn set(&mut self, id: SetId) -> Health {
        let at = id.0 as usize;
        if let Some(health) = self.sets[at] {
            return health;
        }
        if self.busy_sets[at] {
            return Health::Either;
        }
        self.busy_sets[at] = true;
        let set = self.dns.set(id);
        let checked = set.check.map_or(Health::Up, |check| self.check(check));
        let target = match &set.answer {
            Answer::Alias { to: Alias::Endpoint(id), evaluate: true } => self.targets[id.0 as usize],
            Answer::Alias { to: Alias::Records { .. }, evaluate: true } => match next(self.dns, id) {
                Next::Within(group) => self.any(group),
                _ => Health::Up,
            },
            _ => Health::Up,
        };
        let health = checked.and(target);
        self.busy_sets[at] = false;
        self.sets[at] = Some(health);
        health
    }

    /// Whether any set of a group is healthy: what an alias to the group takes for its own health.
    fn any(&mut self, group: GroupId) -> Health {
        let health: Vec<Health> = self.dns.group(group).sets.iter().map(|set| self.set(*set)).collect();
        if health.contains(&Health::Up) {
            Health::Up
        } else if health.contains(&Health::Either) {
            Health::Either
        } else {
            Health::Down
        }
    }

    fn choice(&mut self, group: GroupId) -> Rc<[SetId]> {
        let at = group.0 as usize;
        if let Some(choice) = &self.choices[at] {
            return choice.clone();
        }
        let sets = &self.dns.group(group).sets;
        let health: Vec<(SetId, Health)> = sets.iter().map(|set| (*set, self.set(*set))).collect();
        let mut chosen = choose(self.dns, &health);
        chosen.sort();
        chosen.dedup();
        let chosen: Rc<[SetId]> = chosen.into();
        self.choices[at] = Some(chosen.clone());
        chosen
    }
}

/// The sets of one name and type that some client may be answered with.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html>
fn choose(dns: &Dns, sets: &[(SetId, Health)]) -> Vec<SetId> {
    let policy = |id: SetId| &dns.set(id).policy;
    match sets.first().map(|(id, _)| policy(*id)) {
        None => Vec::new(),
        Some(Policy::Simple) => sets.iter().map(|(id, _)| *id).collect(),
        Some(Policy::Primary | Policy::Secondary) => failover(dns, sets),
        Some(Policy::Weighted(_)) => weighted(dns, sets),
        Some(Policy::Latency(_) | Policy::Multivalue) => healthy_or_all(sets),
        Some(Policy::Geo(_)) => geolocation(dns, sets),
    }
}

/// The healthy ones; where none is, all are taken for healthy.
fn healthy_or_all(sets: &[(SetId, Health)]) -> Vec<SetId> {
    let sure = sets.iter().any(|(_, health)| *health == Health::Up);
    sets.iter().filter(|(_, health)| !sure || *health != Health::Down).map(|(id, _)| *id).collect()
}

/// The primary while it is healthy, the secondary while only that is, and the primary again where
/// neither is.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-problems.html>
fn failover(dns: &Dns, sets: &[(SetId, Health)]) -> Vec<SetId> {
    let of = |policy: Policy| sets.iter().find(|(id, _)| dns.set(*id).policy == policy).copied();
    let (primary, secondary) = (of(Policy::Primary), of(Policy::Secondary));
    let (Some((first, first_health)), Some((second, second_health))) = (primary, secondary) else {
        return sets.iter().map(|(id, _)| *id).collect();
    };
    match (first_health, second_health) {
        (Health::Up, _) | (Health::Down, Health::Down) => vec![first],
        (Health::Down, Health::Up) => vec![second],
        (Health::Either, Health::Down) => vec![first],
        (Health::Either, _) | (Health::Down, Health::Either) => vec![first, second],
    }
}

/// The healthy ones of those with a weight; where none is, the healthy ones of those with the weight 0;
/// where none is either, those with a weight. All together where no weight is over 0.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html>
fn weighted(dns: &Dns, sets: &[(SetId, Health)]) -> Vec<SetId> {
    let weighs = |id: SetId| matches!(dns.set(id).policy, Policy::Weighted(weight) if weight > 0);
    let (heavy, light): (Vec<_>, Vec<_>) = sets.iter().copied().partition(|(id, _)| weighs(*id));
    if heavy.is_empty() {
        return healthy_or_all(&light);
    }
    let is = |of: &[(SetId, Health)], health: Health| of.iter().any(|(_, h)| *h == health);
    let mut chosen: Vec<SetId> = heavy.iter().filter(|(_, h)| *h != Health::Down).map(|(id, _)| *id).collect();
    if is(&heavy, Health::Up) {
        return chosen;
    }
    chosen.extend(light.iter().filter(|(_, h)| *h != Health::Down).map(|(id, _)| *id));
    if !is(&light, Health::Up) {
        chosen.extend(heavy.iter().map(|(id, _)| *id));
    }
    chosen
}

/// For the people of each place: the healthy one of the smallest place around them; where none is
/// healthy, that of the smallest.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html>
fn geolocation(dns: &Dns, sets: &[(SetId, Health)]) -> Vec<SetId> {
    let place = |id: SetId| match &dns.set(id).policy {
        Policy::Geo(place) => place.clone(),
        _ => Location::default(),
    };
    let mut chosen = Vec::new();
    for (of, _) in sets {
        let people = place(*of);
        // From the smallest place around these people to the whole world.
        let mut around: Vec<(SetId, Health, Location)> =
            sets.iter().map(|(id, h)| (*id, *h, place(*id))).filter(|(_, _, place)| place.may_hold(&people)).collect();
        around.sort_by_key(|(_, _, place)| std::cmp::Reverse(place.depth()));
        let mut sure = false;
        for (id, health, place) in &around {
            if *health != Health::Down {
                chosen.push(*id);
            }
            sure = *health == Health::Up && place.holds(&people);
            if sure {
                break;
            }
        }
        if !sure {
            chosen.push(*of);
        }
    }
    chosen
}
