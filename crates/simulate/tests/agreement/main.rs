//! The simulator against the proofs, which share no code with it.
//!
//! Where a loss is proved to be survived, no course is slower than the bound, and none ends with a client at
//! what is lost. In plain topologies the worst course takes as long as the bound says, to the
//! millisecond. And the other way round: a simulator that keeps to a wrong rule is found out by this.

mod mutants;
mod topology;

use std::net::IpAddr;
use std::sync::OnceLock;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use topo_lang::{Memory, Options as LoadOptions, load};
use topo_model::{Desired, ResId};
use topo_simulate::{Documented, Loss, Lost, Name, Options, Rules, Worst, simulate_under};
use topo_verify::{LossProof, Observed, Report, verify};

use crate::topology::Topology;

/// A program, and what is proved of it.
struct Case {
    text: String,
    desired: Desired,
    report: Report,
    /// Whether the bound is met to the millisecond.
    plain: bool,
}

impl Case {
    fn new(topology: &Topology) -> Case {
        Case::of(topology.text(), topology.is_plain())
    }

    fn of(text: String, plain: bool) -> Case {
        let loaded = load(&Memory::new([("main.topo", text.as_str())]), &LoadOptions::default());
        let wrong = |found: &[topo_model::Diagnostic]| {
            let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
            format!("{}\n{text}", messages.join("\n"))
        };
        let Some(program) = loaded.program else { panic!("{}", wrong(&loaded.diagnostics)) };
        let expanded = program.expand(None);
        let Some(desired) = expanded.desired else { panic!("{}", wrong(&expanded.diagnostics)) };
        let report = verify(&desired, &Observed::new());
        Case { text, desired, report, plain }
    }

    /// The losses that an objective of the program is about.
    fn losses(&self) -> impl Iterator<Item = (&str, &LossProof)> {
        self.report.proofs.iter().flat_map(|proof| proof.losses.iter().map(|loss| (proof.endpoint.as_str(), loss)))
    }

    fn lose(&self, rules: &dyn Rules, name: &str, lost: &topo_verify::Loss, runs: u32) -> Name {
        let options = Options { seed: 7, runs, names: vec![name.to_owned()] };
        let simulation = simulate_under(rules, &self.desired, &loss(lost), &options).expect("there are records");
        simulation.names.into_iter().next().expect("the name was asked for")
    }

    /// Where a simulation by these rules and the proofs can't both be right.
    fn disagreement(&self, rules: &dyn Rules, runs: u32) -> Option<String> {
        // A check of what it steers is refused by itself, whatever its objective: it never comes to rest.
        if self.report.findings.iter().any(|found| found.code == topo_model::Code(505)) {
            return None;
        }
        self.losses().find_map(|(name, proved)| {
            let claimed = claim(proved);
            // What is refused of a topology with twists may be survived: a proof covers what it can't tell.
            if claimed.is_none() && !self.plain {
                return None;
            }
            let found = self.lose(rules, name, &proved.lost, runs);
            let likely = found.likely.map_or(Worst::Untouched, |likely| likely.p99);
            let agrees = match claimed {
                Some(claimed) if self.plain => found.worst == claimed && likely <= claimed,
                Some(claimed) => found.worst <= claimed && likely <= claimed,
                None => found.worst == Worst::Forever,
            };
            let sum = proved.recovery.as_ref().map(topo_verify::Bound::arithmetic);
            (!agrees).then(|| {
                format!(
                    "without {} it is proved: {claimed:?} {sum:?}, and found: {found:?}\n{}",
                    proved.lost, self.text
                )
            })
        })
    }
}

/// The same loss, in the simulator's words.
fn loss(proved: &topo_verify::Loss) -> Loss {
    let lost = match proved {
        topo_verify::Loss::Regions(regions) => regions.iter().map(|region| Lost::Region(*region)).collect(),
        topo_verify::Loss::Zone { region, zone } => vec![Lost::Zone { region: *region, zone: *zone }],
        topo_verify::Loss::Outside { name, .. } => {
            vec![name.parse::<IpAddr>().map_or_else(|_| Lost::Name(name.clone()), Lost::Address)]
        }
    };
    Loss { lost, lasts: None }
}

/// What a proof claims, as the worst that a simulation may find; nothing where it refuses.
fn claim(proved: &LossProof) -> Option<Worst> {
    let survived = || proved.recovery.as_ref().map_or(Worst::Untouched, |bound| Worst::Within(bound.total()));
    proved.broken.is_none().then(survived)
}

fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[track_caller]
fn agree(cases: u32, topologies: &impl Strategy<Value = Topology>) {
    let outcome = runner(cases).run(topologies, |topology| match Case::new(&topology).disagreement(&Documented, 2) {
        None => Ok(()),
        Some(text) => Err(TestCaseError::fail(text)),
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn no_course_is_slower_than_what_is_proved() {
    agree(60, &topology::topologies());
    agree(60, &topology::twisted());
}

#[test]
fn in_plain_topologies_the_worst_course_takes_as_long_as_is_proved() {
    agree(40, &topology::plain());
}

/// Some of each kind, loaded once.
fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut runner = runner(1);
        let mut cases = drawn(&mut runner, 30, &topology::plain());
        cases.extend(drawn(&mut runner, 40, &topology::topologies()));
        cases.extend(drawn(&mut runner, 60, &topology::twisted()));
        cases.extend(
            [topology::COUNTED, topology::POOLED, topology::CHECKED].map(|text| Case::of(text.to_owned(), false)),
        );
        cases
    })
}

fn drawn(runner: &mut TestRunner, count: usize, topologies: &impl Strategy<Value = Topology>) -> Vec<Case> {
    (0..count).map(|_| Case::new(&topologies.new_tree(runner).expect("a topology").current())).collect()
}

/// Without time: whatever two checks fail, both models answer with the same record sets. Of places, the proofs do
/// not know which country is on which continent, and may answer with more.
#[test]
fn both_answer_alike_whatever_fails() {
    for case in cases() {
        let of_kind = |kind: &str| -> Vec<ResId> {
            let is = |(_, of): &(ResId, &topo_model::Resource)| case.desired.kind(of).name.as_str() == kind;
            case.desired.iter().filter(is).map(|(id, _)| id).collect()
        };
        let by_place = case.text.contains("geo_location");
        let checks = of_kind("aws.route53.HealthCheck");
        let pairs = checks.iter().flat_map(|one| checks.iter().map(|other| vec![*one, *other]));
        for failed in pairs.chain([Vec::new(), of_kind("aws.elbv2.LoadBalancer")]) {
            for (name, _) in case.losses().take(1) {
                let proved = topo_verify::answers(&case.desired, name, &failed);
                let found = topo_simulate::answers(&case.desired, name, &failed);
                let alike = if by_place { found.iter().all(|set| proved.contains(set)) } else { proved == found };
                let failed: Vec<String> = failed.iter().map(|id| case.desired.address(*id)).collect();
                assert!(alike, "{failed:?}: {proved:?} is proved, {found:?} is found\n{}", case.text);
            }
        }
    }
}

/// A proof that refused everything would agree with any simulation, and so would one that nobody
/// is touched by.
#[test]
fn the_proofs_accept_much_and_refuse_little_that_would_be_survived() {
    let (mut noticed, mut accepted, mut refused, mut survived) = (0, 0, 0, 0);
    for case in cases() {
        for (name, proved) in case.losses() {
            if proved.broken.is_none() {
                accepted += 1;
                noticed += usize::from(proved.recovery.is_some());
            } else {
                refused += 1;
                survived += usize::from(case.lose(&Documented, name, &proved.lost, 0).worst != Worst::Forever);
            }
        }
    }
    let counts =
        format!("{accepted} accepted, {noticed} of them noticed; {refused} refused, {survived} of them survived");
    assert!(accepted > 100 && noticed > 50 && refused > 50, "{counts}");
    assert!(survived * 10 < refused, "{counts}");
}
