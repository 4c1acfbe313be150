//! The objectives: for every loss that one must survive, who answers afterwards, after how long, or
//! why nobody does.

use std::collections::BTreeSet;

use topo_model::value::duration;
use topo_model::{Diagnostic, Objective, ResId};

use crate::answer::{End, State, asked, reach};
use crate::dns::{CheckId, Dns, EndpointId, Probe, What};
use crate::hazard;
use crate::loss::{Fate, losses};
use crate::report::{Assumption, Bound, Kept, Loss, LossProof, Passes, Proof, Report};
use crate::scene::{Scene, name_of};
use crate::settings;
use crate::store;
use crate::time::{Clock, Course, METRIC_DELAY, PUSH};
use crate::trace;

/// Proves every objective but those that go by something refused.
pub(crate) fn prove(scene: &Scene<'_>, dns: &Dns, is_refused: &dyn Fn(ResId) -> bool) -> Report {
    let mut report = Report::default();
    let before = State::after(dns, scene, None);
    for objective in &scene.desired.objectives {
        if objective.stores.iter().any(|store| is_refused(*store)) || goes_by(dns, objective, is_refused) {
            continue;
        }
        let proof = Prover { scene, dns, before: &before, objective }.prove(&mut report.findings);
        report.proofs.extend(proof);
    }
    report
}

/// Whether an objective's name depends on one of some resources.
fn goes_by(dns: &Dns, objective: &Objective, one_of: &dyn Fn(ResId) -> bool) -> bool {
    let Some(name) = name_of(&objective.endpoint) else { return false };
    let reached = reach(dns, asked(dns, &name), |group| dns.group(group).sets.as_slice().into());
    let mut sets = reached.groups.iter().flat_map(|group| &dns.group(*group).sets).map(|set| dns.set(*set));
    sets.any(|set| one_of(set.id) || set.check.is_some_and(|check| one_of(dns.check(check).id)))
}

struct Prover<'a> {
    scene: &'a Scene<'a>,
    dns: &'a Dns,
    before: &'a State,
    objective: &'a Objective,
}

impl Prover<'_> {
    fn prove(&self, findings: &mut Vec<Diagnostic>) -> Option<Proof> {
        let Some(endpoint) = name_of(&self.objective.endpoint) else {
            findings.push(self.unknown_endpoint());
            return None;
        };
        let normal = self.reached(&endpoint, self.before);
        if let Some(found) = self.broken_already(&endpoint, &normal) {
            findings.push(found);
            return None;
        }
        let reached: Vec<EndpointId> = self.everything(&endpoint);
        let mut used: BTreeSet<Assumption> = BTreeSet::new();
        let all = losses(&self.objective.survives, self.scene, self.dns, &reached);
        let losses: Vec<LossProof> = all.into_iter().map(|loss| self.lose(&endpoint, loss, &mut used)).collect();
        used.extend(self.mended(&endpoint));
        used.extend(self.alarms(&endpoint));
        let proof = Proof {
            objective: self.objective.name,
            endpoint,
            survives: self.objective.survives.clone(),
            rto: self.objective.rto,
            rpo: self.objective.rpo,
            losses,
            assumptions: used.into_iter().collect(),
            span: self.objective.span,
        };
        self.judge(&proof, findings);
        if proof.holds() {
            hazard::judge(self.scene, self.dns, self.objective, &proof.endpoint, findings);
        }
        Some(proof)
    }

    /// The checks of a name that are taken as if they did not probe what they steer.
    fn mended(&self, endpoint: &str) -> impl Iterator<Item = Assumption> {
        let sets = reach(self.dns, asked(self.dns, endpoint), |group| self.dns.group(group).sets.as_slice().into());
        let sets = sets.groups.into_iter().flat_map(|group| &self.dns.group(group).sets);
        let checks = sets.filter_map(|set| self.dns.set(*set).check).filter(|check| self.dns.mended.contains(check));
        checks.map(|check| {
            let name = self.scene.address(self.dns.check(check).id);
            let text = format!("`{name}` probes what its record leads to, and not the name that it steers (T0505)");
            Assumption { name: "mended", text }
        })
    }

    /// The checks of a name that go by alarms.
    fn alarms(&self, endpoint: &str) -> Vec<Assumption> {
        let sets = reach(self.dns, asked(self.dns, endpoint), |group| self.dns.group(group).sets.as_slice().into());
        let sets = sets.groups.into_iter().flat_map(|group| &self.dns.group(group).sets);
        let mut open: Vec<CheckId> = sets.filter_map(|set| self.dns.set(*set).check).collect();
        let mut taken = Vec::new();
        while let Some(check) = open.pop() {
            let check = self.dns.check(check);
            match &check.probe {
                Probe::Calculated { children, .. } if !taken.iter().any(|(id, _)| *id == check.id) => {
                    open.extend(children);
                    taken.push((check.id, None));
                }
                Probe::Alarm { .. } => {
                    let name = self.scene.address(check.id);
                    let text =
                        format!("the alarm of `{name}` stays quiet when something is lost that it does not refer to");
                    taken.push((check.id, Some(Assumption { name: "alarms", text })));
                }
                _ => {}
            }
        }
        taken.into_iter().filter_map(|(_, assumption)| assumption).collect()
    }

    /// One loss by itself.
    fn lose(&self, endpoint: &str, lost: Loss, used: &mut BTreeSet<Assumption>) -> LossProof {
        let (dns, scene, before) = (self.dns, self.scene, self.before);
        let after = State::after(dns, scene, Some(&lost));
        let between = State::between(dns, before, &after);
        let course = Course { dns, scene, before, after: &after, between: &between };
        let ends = self.reached(endpoint, &after);
        let mut broken = trace::broken(&course, endpoint, &lost);
        let recovery = if broken.is_some() { None } else { Clock::new(&course).name(endpoint) };
        if broken.is_none() && recovery.is_none() {
            broken = Some(vec![lost.told(), format!("nothing bounds how long clients of {endpoint} are led to it")]);
        }
        self.assumptions(&course, &lost, &ends, recovery.as_ref(), used);
        let mut served_by: Vec<String> = ends
            .iter()
            .filter(|end| after.serves(**end))
            .filter_map(|end| match end {
                End::Endpoint(id) => Some(dns.endpoints.get(*id).name(scene)),
                End::Nothing => None,
            })
            .collect();
        served_by.sort();
        // Nobody was ever led there: nothing passes.
        let recovery = recovery.filter(|bound| !bound.parts.is_empty());
        let stores = store::lose(scene, &self.objective.stores, &lost);
        used.extend(stores.iter().filter_map(store::taken_for_granted));
        LossProof { lost, served_by, recovery, stores, broken }
    }

    /// The ends that clients may be led to in a state.
    fn reached(&self, endpoint: &str, state: &State) -> Vec<End> {
        reach(self.dns, asked(self.dns, endpoint), |group| state.choice(group).into()).ends
    }

    /// Every endpoint that the name can lead to in any state.
    fn everything(&self, endpoint: &str) -> Vec<EndpointId> {
        let all = reach(self.dns, asked(self.dns, endpoint), |group| self.dns.group(group).sets.as_slice().into());
        let id = |end: &End| match end {
            End::Endpoint(id) => Some(*id),
            End::Nothing => None,
        };
        all.ends.iter().filter_map(id).collect()
    }

    fn judge(&self, proof: &Proof, findings: &mut Vec<Diagnostic>) {
        // One finding for the first loss of each kind: the others have the same causes.
        if let Some(loss) = proof.losses.iter().find(|loss| loss.broken.is_some()) {
            findings.push(self.no_path(proof, loss));
        }
        findings.extend(proof.rpo.and_then(|rpo| self.loses_data(proof, rpo)));
        let Some(rto) = proof.rto else { return };
        let slow = proof.losses.iter().rev().filter(|loss| loss.recovery.as_ref().is_some_and(|r| r.total() > rto));
        let slowest = slow.max_by_key(|loss| loss.recovery.as_ref().map(Bound::total));
        if let Some((loss, bound)) = slowest.and_then(|loss| Some((loss, loss.recovery.as_ref()?))) {
            findings.push(self.too_slow(proof, loss, bound, rto));
        }
    }

    fn unknown_endpoint(&self) -> Diagnostic {
        let message = format!(
            "objective `{}`: its endpoint is known only after apply, so nothing can be proved of it",
            self.objective.name
        );
        Diagnostic::error(507, self.objective.span, message, "the endpoint of this objective")
            .help("write the name that clients use, as text")
    }

    /// The name leads nowhere though nothing is lost.
    fn broken_already(&self, endpoint: &str, ends: &[End]) -> Option<Diagnostic> {
        if !ends.is_empty() && ends.iter().all(|end| *end != End::Nothing) {
            return None;
        }
        let message = format!("objective `{}`: {endpoint} leads some or all clients nowhere", self.objective.name);
        let found = Diagnostic::error(507, self.objective.span, message, "no answer even with nothing lost");
        let why = trace::nowhere(self.dns, self.scene, endpoint, self.before);
        Some(found.help(why))
    }

    /// T0507 with the counterexample.
    fn no_path(&self, proof: &Proof, loss: &LossProof) -> Diagnostic {
        let message = format!(
            "objective `{}`: when {}, clients of {} are led to what is lost",
            proof.objective,
            loss.lost.told(),
            proof.endpoint
        );
        let label = format!("must survive the loss of {}", survived(&proof.survives));
        let found = Diagnostic::error(507, proof.span, message, label);
        let steps = loss.broken.clone().unwrap_or_default();
        let (places, fix) = trace::places(self.dns, self.scene, &proof.endpoint, self.before, &loss.lost);
        let found = places.into_iter().fold(found, |found, (span, text)| found.label(span, text));
        let steps: Vec<String> = steps.iter().enumerate().map(|(at, step)| format!("{}. {step}", at + 1)).collect();
        let trace = steps.join("\n");
        found.help(if fix.is_empty() { trace } else { format!("{trace}\n{fix}") })
    }

    /// T0501 with the sum.
    fn too_slow(&self, proof: &Proof, loss: &LossProof, bound: &Bound, rto: i64) -> Diagnostic {
        let message = format!(
            "objective `{}`: when {}, {} is served again within {}, not within {}: {}",
            proof.objective,
            loss.lost.told(),
            proof.endpoint,
            duration(bound.total()),
            duration(rto),
            bound.arithmetic()
        );
        let mut found = Diagnostic::error(501, proof.span, message, format!("promises {}", duration(rto)));
        for part in bound.parts.iter().filter(|part| !part.span.is_none()) {
            if found.labels.iter().all(|label| label.span != part.span) {
                found = found.label(part.span, format!("{}: {}", part.formula, part.what));
            }
        }
        let nearest = settings::nearest(self.scene, self.dns, self.objective, &proof.endpoint, rto);
        found.help(nearest)
    }

    /// T0502: no stores to prove it of, or one that loses more than the objective allows.
    fn loses_data(&self, proof: &Proof, rpo: i64) -> Option<Diagnostic> {
        let promise = format!("promises to lose {} at most", duration(rpo));
        if self.objective.stores.is_empty() {
            let message = format!(
                "objective `{}`: an rpo of {} is unproven, because no `stores` are named",
                proof.objective,
                duration(rpo)
            );
            let found = Diagnostic::error(502, proof.span, message, promise);
            return Some(found.help("name what holds the data, as in `stores = [db]`, or leave the rpo out"));
        }
        let worst = proof.losses.iter().rev().filter_map(|loss| Some((loss, loss.loses_more(rpo)?)));
        let (loss, store) = worst.max_by_key(|(_, store)| store.kept)?;
        let lost = match store.kept {
            Kept::Within(ms) => format!("up to {} of writes", duration(ms)),
            Kept::Unbounded => "an unbounded part of the last writes".to_owned(),
            Kept::Nothing => "all that it holds".to_owned(),
        };
        let message = format!(
            "objective `{}`: when {}, `{}` loses {lost}, not {} at most",
            proof.objective,
            loss.lost.told(),
            store.store,
            duration(rpo)
        );
        let mut found = Diagnostic::error(502, proof.span, message, promise);
        let place = self.objective.stores.iter().find(|id| self.scene.address(**id) == store.store);
        if let Some(place) = place {
            found = found.label(self.scene.place(*place), store.why.clone());
            found = found.help(store::advice(self.scene, *place, &loss.lost));
        }
        Some(found)
    }

    fn assumptions(
        &self,
        course: &Course<'_>,
        lost: &Loss,
        ends: &[End],
        recovery: Option<&Bound>,
        used: &mut BTreeSet<Assumption>,
    ) {
        let mut take = |name: &'static str, text: String| used.insert(Assumption { name, text });
        let passes = |of: Passes| recovery.is_some_and(|bound| bound.parts.iter().any(|part| part.passes == of));
        if passes(Passes::Push) {
            let text = format!(
                "the name servers learn of a check's verdict within {}; AWS publishes no figure",
                duration(PUSH)
            );
            take("push", text);
        }
        if passes(Passes::Alarm) {
            let text =
                format!("an alarm has a metric's value within {}; AWS publishes no figure", duration(METRIC_DELAY));
            take("metrics", text);
        }
        if passes(Passes::Balancer) {
            take(
                "balancer",
                "Route 53 takes a load balancer whose region is lost for unhealthy as soon as its own probes would; \
                 AWS does not say how such a load balancer is judged"
                    .to_owned(),
            );
        }
        for end in ends {
            let End::Endpoint(id) = end else { continue };
            let endpoint = self.dns.endpoints.get(*id);
            let name = endpoint.name(self.scene);
            if endpoint.is_outside() {
                take("outside", format!("{name} stands in a place of its own: nothing in the program says where"));
            }
            if course.after.fate(*id) == Fate::Shrinks {
                let text = "enough of Route 53's checkers find an address in another zone, so that no check falls with one zone";
                take("checkers", text.to_owned());
            }
            if matches!(endpoint.what, What::Resource(_)) && course.after.fate(*id) != Fate::Lost {
                take("serves", format!("`{name}` serves all clients while its region is up"));
            }
        }
        if let Loss::Zone { zone, .. } = lost
            && zone.as_str() == "?"
        {
            take("zone", "what says in no zone may stand in any of its region".to_owned());
        }
    }
}

/// What an objective survives, with its article.
fn survived(survives: &str) -> String {
    match survives {
        "any two regions" => "any two regions".to_owned(),
        one => format!("any one {one}"),
    }
}
