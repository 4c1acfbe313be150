//! What an apply does, on a small cloud in memory.

use crate::bench::{Bench, End};
use crate::cloud::{Fault, TestCloud};
use crate::wish::{self, Wish};
use topo_exec::{Approval, Outcome};
use topo_model::{Attributes, Owner, Recorded, Symbol, TopoId, Value};
use topo_plan::{Plan, PlannedCheck, Summary};
use topo_provider::ErrorKind;

/// Runs wishes and tells what happened.
#[track_caller]
fn story(bench: &mut Bench, wishes: &[Wish]) -> String {
    story_of(bench, |recorded, objects| wish::plan(wishes, recorded, objects))
}

#[track_caller]
fn story_of(bench: &mut Bench, make: impl FnOnce(&Recorded, &[topo_model::Object]) -> Plan) -> String {
    let mut made = None;
    bench.run_plan(|recorded, objects| made.insert(make(recorded, objects)).clone()).report();
    bench.story(&made.expect("a plan was made")).join("\n")
}

pub(crate) fn chain() -> Vec<Wish> {
    vec![Wish::new("a", "t.Bare", &[]), Wish::new("b", "t.Key", &[0]), Wish::new("c", "t.Token", &[1, 0])]
}

#[test]
fn what_depends_on_something_starts_when_that_is_done() {
    let mut bench = Bench::new(TestCloud::default());
    insta::assert_snapshot!(story(&mut bench, &chain()), @r"
    wave 0: 3 steps
    Create a
    Create a done
    Create b
    Create b done
    Create c
    Create c done
    wave 0 done: true
    done
    ");
    insta::assert_snapshot!(bench.cloud.content().join("\n"), @r#"
    t.Bare name="a" value="1" shape="1" [p/e/a]
    t.Key name="b" value="1" shape="1" one=@a []
    t.Token name="c" value="1" shape="1" one=@b two=@a [p/e/c]
    "#);
    let recorded = bench.recorded();
    assert!(recorded.resources.values().all(|r| r.ready));
    assert_eq!(recorded.resources["c"].needs, ["b", "a"]);
    assert_eq!(recorded.intents, []);
    insta::assert_snapshot!(story(&mut bench, &chain()), @"done");
}

#[test]
fn everything_is_removed_in_the_opposite_order() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    bench.run(&[]).report();
    assert_eq!(bench.cloud.said(), ["create a", "create b", "create c", "delete c", "delete b", "delete a"]);
    assert_eq!(bench.cloud.content(), [""; 0]);
    assert_eq!(bench.recorded().resources.len(), 0);
}

#[test]
fn a_replacement_makes_the_new_object_before_the_old_one_goes() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    let mut wishes = chain();
    wishes[0].shape = 2;
    let report = bench.run(&wishes).report();
    assert_eq!(report.done, Summary { replace: 1, update: 2, ..Summary::default() });
    assert_eq!(bench.cloud.said()[3..], ["create a", "converge b", "converge c", "delete a"]);
    assert!(bench.recorded().resources["a"].deposed.is_empty());
}

#[test]
fn a_failure_stops_what_depends_on_it_and_the_waves_after() {
    let cloud = TestCloud::default().with_faults(&[(1, Fault::Refuse(ErrorKind::Denied))]);
    let mut bench = Bench::new(cloud);
    let mut wishes = chain();
    wishes.push(Wish::new("d", "t.Bare", &[]));
    wishes.push(Wish { wave: 1, ..Wish::new("e", "t.Bare", &[]) });
    insta::assert_snapshot!(story(&mut bench, &wishes), @r"
    wave 0: 4 steps
    Create a
    Create d
    d failed: Denied: refused (unknown: false)
    Create a done
    Create b
    Create b done
    Create c
    Create c done
    wave 0 done: false
    Create e skipped: wave 1 did not complete
    failed
    ");
    assert_eq!(bench.recorded().intents, []);
    bench.cloud.revive(&[]);
    bench.run_to_the_end(&wishes, 2);
    assert_eq!(bench.cloud.content().len(), 5);
}

#[test]
fn a_wave_that_needs_an_approval_waits_for_it() {
    let mut bench = Bench::new(TestCloud::default());
    bench.approval = Approval::No;
    let wishes = [Wish::new("a", "t.Bare", &[]), Wish { wave: 1, ..Wish::new("b", "t.Bare", &[]) }];
    let ask = |recorded: &Recorded, objects: &[topo_model::Object]| {
        let mut plan = wish::plan(&wishes, recorded, objects);
        plan.waves.iter_mut().for_each(|w| w.approve = true);
        plan.waves[0].bake = 300_000;
        plan.waves[0].gate = Some("alarms".into());
        plan.waves[0].regions = vec![Symbol::new("ap-east-2")];
        plan
    };
    insta::assert_snapshot!(story_of(&mut bench, ask), @r"
    wave 0: 1 steps
    Create a
    Create a done
    wave 0 done: true
    wave 0 bakes 300000
    wave 1 held: it waits for an approval
    Create b skipped: it waits for an approval
    waiting
    ");
    let report = bench.run_plan(ask).report();
    assert_eq!(report.outcome, Outcome::Done, "what is approved with the plan is not asked again");
}

#[test]
fn an_alarm_that_rings_holds_the_next_wave() {
    let alarm = Wish::new("alarm", crate::cloud::ALARM, &[]);
    let two = |value: i64| {
        let a = Wish { value, ..Wish::new("a", "t.Bare", &[]) };
        let b = Wish { value, wave: 1, ..Wish::new("b", "t.Bare", &[]) };
        vec![alarm.clone(), a, b]
    };
    let gated = |wishes: Vec<Wish>| {
        move |recorded: &Recorded, objects: &[topo_model::Object]| {
            let mut plan = wish::plan(&wishes, recorded, objects);
            plan.waves[0].gate = Some("alarms".into());
            plan
        }
    };
    for (alarming, outcome) in [(false, Outcome::Done), (true, Outcome::Failed)] {
        let mut bench = Bench::new(TestCloud { alarming, ..TestCloud::default() });
        bench.run(&two(1)).report();
        bench.cloud.revive(&[]);
        let report = bench.run_plan(gated(two(2))).report();
        assert_eq!(report.outcome, outcome);
        assert!(!alarming || report.skipped[0].1 == "the alarm alarm went to ALARM", "{:?}", report.skipped);
    }
}

#[test]
fn a_run_that_goes_on_behind_a_gate_asks_the_alarms_first() {
    let two = |value: i64| {
        let later = |name: &str, value| Wish { value, wave: 1, ..Wish::new(name, "t.Bare", &[]) };
        vec![Wish::new("alarm", crate::cloud::ALARM, &[]), later("b", value)]
    };
    let gated = |gate: bool| {
        move |recorded: &Recorded, objects: &[topo_model::Object]| {
            let mut plan = wish::plan(&two(2), recorded, objects);
            plan.waves[0].gate = gate.then(|| "alarms".into());
            plan
        }
    };
    for (alarming, gate, held) in [(true, true, true), (false, true, false), (true, false, false)] {
        let mut bench = Bench::new(TestCloud { alarming, ..TestCloud::default() });
        bench.run(&two(1)).report();
        let story = story_of(&mut bench, gated(gate));
        assert_eq!(story.contains("wave 1 held: the alarm alarm is in ALARM"), held, "{story}");
        let outcome = if held { "failed" } else { "done" };
        assert_eq!(story.lines().last(), Some(outcome), "{story}");
        let value = bench.recorded().resources["b"].attributes.get(Symbol::new("value")).cloned();
        assert_eq!(value, Some(Value::str(if held { "1" } else { "2" })));
    }
}

#[test]
fn a_wave_looks_again_at_what_it_changes() {
    let mut bench = Bench::new(TestCloud::default());
    let two = |value: i64| {
        let a = Wish { value, ..Wish::new("a", "t.Bare", &[]) };
        vec![a, Wish { value, wave: 1, ..Wish::new("b", "t.Bare", &[]) }]
    };
    bench.run(&two(1)).report();
    let cloud = std::sync::Arc::clone(&bench.cloud);
    let seen = |recorded: &Recorded, objects: &[topo_model::Object]| {
        let mut plan = wish::plan(&two(2), recorded, objects);
        let detail = plan.nodes[1].detail.as_mut().expect("the bench writes them all");
        detail.before = detail.object.as_ref().map(|o| o.attributes.clone());
        // Somebody is quicker than the second wave.
        cloud.edit("b", "7");
        plan
    };
    insta::assert_snapshot!(story_of(&mut bench, seen), @r"
    wave 0: 1 steps
    Update a
    Update a done
    wave 0 done: true
    wave 1 held: b.value was changed outside since the plan was made; plan again
    Update b skipped: b.value was changed outside since the plan was made; plan again
    failed
    ");
    bench.run_to_the_end(&two(2), 2);
}

#[test]
fn what_the_waves_before_took_along_is_removed_all_the_same() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&[Wish::new("a", "t.Bare", &[]), Wish::new("b", "t.Bare", &[])]).report();
    let cloud = std::sync::Arc::clone(&bench.cloud);
    let report = bench.run_plan(|recorded, objects| {
        let a = Wish { value: 2, ..Wish::new("a", "t.Bare", &[]) };
        let later = Wish { wave: 1, ..Wish::new("c", "t.Bare", &[]) };
        let mut plan = wish::plan(&[a, later], recorded, objects);
        let detail = plan.nodes[2].detail.as_mut().expect("the bench writes them all");
        detail.before = detail.object.as_ref().map(|o| o.attributes.clone());
        cloud.vanish("b");
        plan
    });
    let report = report.report();
    assert_eq!(report.done, Summary { create: 1, update: 1, delete: 1, ..Summary::default() });
}

#[test]
fn a_create_that_can_not_be_told_blocks_its_address_alone() {
    let cloud = TestCloud { untold: true, ..TestCloud::default() }.with_faults(&[(1, Fault::KillBefore)]);
    let mut bench = Bench::new(cloud);
    assert!(matches!(bench.run(&chain()[..1]), End::Died));
    bench.cloud.revive(&[]);
    let wishes = [chain()[0].clone(), chain()[1].clone(), Wish::new("d", "t.Bare", &[])];
    insta::assert_snapshot!(story(&mut bench, &wishes), @r"
    recovered a: can't be told: look for it by hand
    wave 0: 3 steps
    a failed: an earlier run asked for it and never saw the answer; look for an object whose tag topo:id is 'r1n1' (unknown: true)
    Create b skipped: a
    Create d
    Create d done
    wave 0 done: false
    failed
    ");
    assert_eq!(bench.recovery.unknown.len(), 1);
    assert_eq!(bench.recorded().intents.len(), 1, "it stays open until somebody has looked");
}

#[test]
fn a_create_that_asks_for_something_else_now_is_another_call() {
    let mut bench = Bench::new(TestCloud::default().with_faults(&[(1, Fault::KillBefore)]));
    assert!(matches!(bench.run(&[Wish::new("a", "t.Token", &[])]), End::Died));
    bench.cloud.revive(&[]);
    let other = Wish { value: 2, ..Wish::new("a", "t.Token", &[]) };
    let report = bench.run(std::slice::from_ref(&other)).report();
    assert_eq!((report.outcome, bench.recorded().intents.len()), (Outcome::Done, 0));
    assert_eq!(bench.recorded().resources["a"].topo_id, TopoId("r2n1".into()));
}

/// A plan whose first wave is taken back when it fails.
fn reverting(wishes: &[Wish]) -> impl Fn(&Recorded, &[topo_model::Object]) -> Plan + '_ {
    |recorded, objects| {
        let mut plan = wish::plan(wishes, recorded, objects);
        plan.waves[0].revert = true;
        plan
    }
}

#[test]
fn a_failed_wave_is_taken_back_where_it_can_be() {
    let mut bench = Bench::new(TestCloud::default());
    let mut wishes = chain();
    bench.run(&wishes).report();
    let (content, resources) = (bench.cloud.content(), bench.recorded().resources);
    wishes[0].value = 2;
    wishes.push(Wish::new("d", "t.Bare", &[0]));
    wishes.push(Wish::new("e", "t.Token", &[3]));
    bench.cloud.revive(&[(3, Fault::Refuse(ErrorKind::Denied))]);
    insta::assert_snapshot!(story_of(&mut bench, reverting(&wishes)), @r"
    wave 0: 3 steps
    Update a
    Update a done
    Create d
    Create d done
    Create e
    e failed: Denied: refused (unknown: false)
    wave 0 done: false
    wave 0 is taken back: 2 steps
    Delete d
    Delete d done
    Update a
    Update a done
    failed
    ");
    assert_eq!(bench.cloud.content(), content);
    assert_eq!(bench.recorded().resources, resources);
    bench.run_to_the_end(&wishes, 2);
}

#[test]
fn a_wave_that_deleted_something_is_not_taken_back() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    let wishes = [chain()[0].clone(), Wish::new("d", "t.Bare", &[])];
    bench.cloud.revive(&[(1, Fault::Refuse(ErrorKind::Denied))]);
    insta::assert_snapshot!(story_of(&mut bench, reverting(&wishes)), @r"
    wave 0: 3 steps
    Delete c
    Create d
    d failed: Denied: refused (unknown: false)
    Delete c done
    Delete b
    Delete b done
    wave 0 done: false
    wave 0 held: wave 1 can't be taken back: c was deleted
    failed
    ");
    bench.run_to_the_end(&wishes, 2);
}

#[test]
fn throttled_and_conflicting_calls_are_made_again() {
    let refuse = |kinds: &[ErrorKind]| -> Vec<(u64, Fault)> {
        kinds.iter().enumerate().map(|(i, k)| (i as u64 + 1, Fault::Refuse(*k))).collect()
    };
    let faults = refuse(&[ErrorKind::Throttled, ErrorKind::Conflict, ErrorKind::NotFound, ErrorKind::Throttled]);
    let mut bench = Bench::new(TestCloud::default().with_faults(&faults));
    let report = bench.run(&chain()).report();
    assert_eq!((report.outcome, bench.cloud.calls()), (Outcome::Done, 7));
}

#[test]
fn a_create_whose_answer_is_lost_is_found_again_and_not_repeated() {
    for kind in ["t.Bare", "t.Token", "t.Reference", "t.Name", "t.Key", "t.Marked"] {
        for (fault, hide, calls) in [(Fault::Lose, 0, 1), (Fault::Lose, 5, 1), (Fault::Drop, 0, 2)] {
            let cloud = TestCloud { hide, ..TestCloud::default() }.with_faults(&[(1, fault.clone())]);
            let mut bench = Bench::new(cloud);
            let report = bench.run(&[Wish::new("a", kind, &[])]).report();
            assert_eq!(report.outcome, Outcome::Done, "{kind} {fault:?}: {:?}", report.failed);
            assert_eq!(bench.cloud.content().len(), 1, "{kind} {fault:?}");
            let creates = bench.cloud.said().iter().filter(|s| s.starts_with("create")).count();
            // The service itself sees to it that these are not made twice.
            assert!(kind != "t.Bare" || creates == calls, "{kind} {fault:?} {:?}", bench.cloud.said());
            assert_eq!(bench.recorded().intents, []);
        }
    }
}

#[test]
fn a_name_that_is_taken_is_not_taken_over() {
    let taken = |owner: Option<Owner>, kind: &'static str, value: i64| {
        let mut bench = Bench::new(TestCloud::default());
        let attributes: Attributes = [
            (Symbol::new("name"), Value::str("a")),
            (Symbol::new("value"), Value::str(value.to_string())),
            (Symbol::new("shape"), Value::str("1")),
        ]
        .into_iter()
        .collect();
        bench.cloud.appear(kind, None, attributes, owner);
        let report = bench.run(&[Wish::new("a", kind, &[])]).report();
        assert_eq!(bench.recorded().intents, []);
        report.failed.first().map_or_else(|| bench.cloud.content().join(""), |(_, error)| error.clone())
    };
    let owner = |project: &str| {
        let (id, path) = (TopoId("old".into()), "a".into());
        Some(Owner { id, path, project: project.into(), env: "e".into() })
    };
    insta::assert_snapshot!(taken(owner("other"), "t.Marked", 1), @r#"Exists: t.Marked/a exists; to take it over, write 'resource a: t.Marked from "t.Marked/a"'"#);
    insta::assert_snapshot!(taken(None, "t.Key", 1), @r#"Exists: t.Key/a exists; to take it over, write 'resource a: t.Key from "t.Key/a"'"#);
    insta::assert_snapshot!(taken(owner("p"), "t.Marked", 7), @r#"t.Marked name="a" value="1" shape="1" [p/e/a]"#);
}

#[test]
fn a_name_that_another_resource_of_ours_has_is_not_offered() {
    let mut bench = Bench::new(TestCloud::default());
    for (kind, name) in [("t.Key", "a"), ("t.Marked", "b")] {
        bench.run(&[Wish::new(name, kind, &[])]).report();
        let id = bench.recorded().resources[name].id.clone();
        let mut made = None;
        let end = bench.run_plan(|recorded, objects| {
            let mut plan = wish::plan(&[Wish::new(name, kind, &[])], &Recorded::default(), &[]);
            plan.basis.serial = recorded.serial;
            let _ = objects;
            // The same object under another address.
            plan.nodes[0].address = "other".to_owned();
            made.insert(plan).clone()
        });
        let error = &end.report().failed[0].1;
        assert_eq!(*error, format!("Exists: {id} exists; it is managed as '{name}' already"));
        bench.run(&[]).report();
    }
}

#[test]
fn a_mark_of_this_environment_tells_who_manages_an_object() {
    let mut bench = Bench::new(TestCloud::default());
    let attributes: Attributes = [(Symbol::new("name"), Value::str("a"))].into_iter().collect();
    let owner = Owner { id: TopoId("old".into()), path: "net.b".into(), project: "p".into(), env: "e".into() };
    bench.cloud.appear("t.Marked", None, attributes, Some(owner));
    let report = bench.run(&[Wish::new("a", "t.Marked", &[])]).report();
    insta::assert_snapshot!(report.failed[0].1, @"Exists: t.Marked/a exists; it is managed as 'net.b' already");
}

#[test]
fn a_clash_that_no_key_explains_fails_once_an_object_would_be_seen() {
    for kind in ["t.Key", "t.Bare", "t.Token"] {
        let always: Vec<(u64, Fault)> = (1..100).map(|n| (n, Fault::Refuse(ErrorKind::Exists))).collect();
        let mut bench = Bench::new(TestCloud::default().with_faults(&always));
        let report = bench.run(&[Wish::new("a", kind, &[])]).report();
        assert_eq!(report.failed[0].1, "Exists: refused");
        assert_eq!(bench.recorded().intents, [], "it did not happen");
        let calls = bench.cloud.calls();
        assert!((3..12).contains(&calls), "asked again within the bound of 10 s, and no longer: {calls}");
    }
}

#[test]
fn changes_of_a_batch_go_as_one_call() {
    let record = |name: &str| Wish { batch: Some(1), ..Wish::new(name, "t.Record", &[0]) };
    let mut wishes = vec![Wish::new("a", "t.Bare", &[]), record("b"), record("c"), record("d")];
    let mut bench = Bench::new(TestCloud::default().with_faults(&[(2, Fault::Refuse(ErrorKind::Conflict))]));
    bench.run(&wishes).report();
    assert_eq!(bench.cloud.said(), ["create a", "batch of 3", "batch of 3"]);
    for fault in [Fault::Lose, Fault::Drop] {
        bench.cloud.revive(&[(1, fault)]);
        wishes[1].value += 1;
        wishes[2].value += 1;
        let report = bench.run(&wishes).report();
        assert_eq!(report.done, Summary { update: 2, ..Summary::default() });
    }
    bench.cloud.revive(&[(1, Fault::Refuse(ErrorKind::Invalid))]);
    wishes[1].value += 1;
    wishes[2].value += 1;
    let report = bench.run(&wishes).report();
    assert_eq!(report.failed.len(), 2, "none of it happened");
    bench.cloud.revive(&[]);
    bench.run_to_the_end(&wishes, 2);
}

#[test]
fn what_an_earlier_run_made_by_itself_is_left_out_of_a_batch() {
    for (fault, hide) in [(Fault::KillAfter, 3), (Fault::Late(4), 0)] {
        let cloud = TestCloud { hide, ..TestCloud::default() }.with_faults(&[(1, fault.clone())]);
        let mut bench = Bench::new(cloud);
        assert!(matches!(bench.run(&[Wish::new("b", "t.Record", &[])]), End::Died));
        bench.cloud.revive(&[]);
        let record = |name: &str| Wish { batch: Some(1), ..Wish::new(name, "t.Record", &[]) };
        let report = bench.run(&[record("b"), record("c"), record("d")]).report();
        assert_eq!(report.failed, [], "{fault:?}");
        assert_eq!((bench.cloud.content().len(), bench.recorded().intents.len()), (3, 0), "{fault:?}");
    }
}

#[test]
fn a_batch_whose_name_is_taken_says_which() {
    let mut bench = Bench::new(TestCloud::default());
    let set = [(Symbol::new("name"), Value::str("c"))];
    bench.cloud.appear("t.Record", None, set.into_iter().collect(), None);
    let record = |name: &str| Wish { batch: Some(1), ..Wish::new(name, "t.Record", &[]) };
    let report = bench.run(&[record("b"), record("c")]).report();
    insta::assert_snapshot!(report.failed[0].1, @r#"Exists: t.Record/c exists; to take it over, write 'resource c: t.Record from "t.Record/c"'"#);
}

#[test]
fn a_batch_that_can_not_be_whole_is_not_tried_in_part() {
    let record = |name: &str, links: &[usize]| Wish { batch: Some(1), ..Wish::new(name, "t.Record", links) };
    let wishes = [Wish::new("a", "t.Bare", &[]), record("b", &[0]), record("c", &[])];
    let mut bench = Bench::new(TestCloud::default().with_faults(&[(1, Fault::Refuse(ErrorKind::Denied))]));
    let report = bench.run(&wishes).report();
    let skipped: Vec<&str> = report.skipped.iter().map(|(_, because)| because.as_str()).collect();
    assert_eq!(skipped, ["a", "a"]);
    assert_eq!(bench.cloud.said(), ["create a"]);
}

#[test]
fn batches_that_wait_for_one_another_are_taken_apart() {
    let record = |name: &str, links: &[usize]| Wish { batch: Some(1), ..Wish::new(name, "t.Record", links) };
    let wishes = [record("a", &[]), Wish::new("b", "t.Bare", &[0]), record("c", &[1])];
    let mut bench = Bench::new(TestCloud::default());
    assert_eq!(bench.run(&wishes).report().outcome, Outcome::Done);
    assert_eq!(bench.cloud.said(), ["create a", "create b", "create c"]);
}

#[test]
fn a_zone_that_waits_for_a_person_ends_the_run_and_goes_on_later() {
    let mut bench = Bench::new(TestCloud::default());
    let wishes = [Wish::new("a", "t.Zone", &[]), Wish::new("b", "t.Key", &[0]), Wish::new("c", "t.Bare", &[])];
    insta::assert_snapshot!(story(&mut bench, &wishes), @r"
    wave 0: 3 steps
    Create a
    Create c
    Create c done
    waiting a: delegate the zone (human: true)
    Create b skipped: a
    wave 0 done: false
    waiting
    ");
    *bench.cloud.delegated.lock().expect("no test panics here") = true;
    bench.run_to_the_end(&wishes, 2);
}

#[test]
fn an_interrupt_lets_calls_in_flight_finish() {
    let cloud = TestCloud { held: Some(tokio::sync::Semaphore::new(0)), ..TestCloud::default() };
    let mut bench = Bench::new(cloud);
    let wishes: Vec<Wish> = ('a'..='h').map(|c| Wish::new(&c.to_string(), "t.Bare", &[])).collect();
    let (cloud, signals) = (std::sync::Arc::clone(&bench.cloud), bench.signals.clone());
    // The first look of the dispatcher starts four calls; the signal comes before they end.
    let waker = std::thread::spawn(move || {
        while cloud.busiest() < 4 {
            std::thread::yield_now();
        }
        signals.send_replace(1);
        cloud.held.as_ref().expect("calls are held").add_permits(100);
    });
    let report = bench.run(&wishes).report();
    waker.join().expect("the other thread ends");
    assert_eq!(report.outcome, Outcome::Interrupted);
    let recorded = bench.recorded();
    assert_eq!((bench.cloud.content().len(), recorded.resources.len()), (4, 4));
    assert_eq!(recorded.intents, []);
    bench.signals.send_replace(0);
    bench.run_to_the_end(&wishes, 2);
    assert_eq!(bench.cloud.content().len(), 8);
}

#[test]
fn a_second_interrupt_does_not_wait() {
    let cloud = TestCloud { held: Some(tokio::sync::Semaphore::new(0)), ..TestCloud::default() };
    let mut bench = Bench::new(cloud);
    let (cloud, signals) = (std::sync::Arc::clone(&bench.cloud), bench.signals.clone());
    let waker = std::thread::spawn(move || {
        while cloud.busiest() < 1 {
            std::thread::yield_now();
        }
        signals.send_replace(2);
    });
    let report = bench.run(&chain()).report();
    waker.join().expect("the other thread ends");
    assert_eq!(report.outcome, Outcome::Interrupted);
    assert_eq!(bench.recorded().intents.len(), 1, "nobody knows what became of the call");
}

#[test]
fn limits_of_a_service_hold() {
    let mut bench = Bench::new(TestCloud::default());
    let wishes: Vec<Wish> = (0..40).map(|i| Wish::new(&format!("n{i}"), "t.Bare", &[])).collect();
    bench.run(&wishes).report();
    assert_eq!(bench.cloud.busiest(), 4);
}

#[test]
fn a_broken_check_starts_nothing_new() {
    let mut bench = Bench::new(TestCloud::default());
    let wishes = chain();
    let with_check = |recorded: &Recorded, objects: &[topo_model::Object]| {
        let mut plan = wish::plan(&wishes, recorded, objects);
        let node = topo_plan::NodeId(1);
        plan.checks.push(PlannedCheck {
            cond: Value::Bool(false),
            message: Value::str("b is not as it should be"),
            code: 202,
            needs: vec![node],
            span: topo_model::Span::NONE,
        });
        plan
    };
    insta::assert_snapshot!(story_of(&mut bench, with_check), @r"
    wave 0: 3 steps
    Create a
    Create a done
    Create b
    Create b done
    check T0202: b is not as it should be
    wave 0 done: false
    Create c skipped: a check does not hold: b is not as it should be
    failed
    ");
}

#[test]
fn a_plan_made_from_another_state_is_refused() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    let mut log = bench.log();
    let before = log.recorded().clone();
    let mut plan = wish::plan(&[], &before, &[]);
    plan.basis.serial = 1;
    let cloud = topo_exec::Cloud {
        provider: std::sync::Arc::clone(&bench.cloud),
        catalogue: &bench.catalogue,
        project: "p",
        env: "e",
        time: topo_exec::Time { pace: 0.0, now: || 0, seed: 1 },
    };
    let run =
        topo_state::Run { command: "apply".into(), who: "t".into(), plan: String::new(), at: 0, allowed: Vec::new() };
    let options = topo_exec::Options { run, human: 0, ids: topo_exec::Ids::Random };
    let callbacks = topo_exec::Callbacks {
        events: &mut |_| {},
        approve: async |_| Approval::Yes,
        interrupt: tokio::sync::watch::Sender::new(0).subscribe(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let refused = runtime.block_on(topo_exec::apply(&cloud, &plan, &mut log, &options, callbacks));
    insta::assert_snapshot!(refused.expect_err("the plan is stale").to_string(), @"the plan was made at serial 1 of the state, which is at 11 now; plan again");
    assert_eq!(*log.recorded(), before);
}

#[test]
fn kinds_that_live_in_the_state_ask_no_cloud() {
    let mut bench = Bench::new(TestCloud::default());
    let wishes: Vec<Wish> = (0..3000)
        .map(|i: usize| {
            let links: Vec<usize> = if i == 0 { vec![] } else { vec![(i - 1) / 10, i.saturating_sub(7) / 3] };
            Wish::new(&format!("d{i:05}"), "core.Data", &links)
        })
        .collect();
    let report = bench.run(&wishes).report();
    assert_eq!(report.done.create, 3000);
    assert_eq!(bench.cloud.calls(), 0);
    let recorded = bench.recorded();
    assert!(recorded.serial < 3010, "one entry each and a few for the run, not {}", recorded.serial);
    let (first, last) = (&recorded.resources["d00000"], &recorded.resources["d02999"]);
    let id = Symbol::new("id");
    assert_eq!(recorded.resources["d00001"].attributes.get(Symbol::new("one")), first.outputs.get(id));
    assert_ne!(first.outputs.get(id), last.outputs.get(id));
    bench.run(&[]).report();
    assert_eq!(bench.recorded().resources.len(), 0);
}

#[test]
fn a_region_that_is_out_stops_its_own_resources_only() {
    let mut bench = Bench::new(TestCloud::default());
    let at = |name: &str, region: &'static str| Wish { region: Some(region), ..Wish::new(name, "t.Bare", &[]) };
    *bench.cloud.out.lock().expect("no test panics here") = Some(Symbol::new("ap-east-2"));
    let wishes = [at("a", "ap-east-2"), at("b", "ap-northeast-1")];
    let report = bench.run(&wishes).report();
    assert_eq!(bench.cloud.content().len(), 1);
    insta::assert_snapshot!(report.failed[0].1, @"ap-east-2 can't be reached: Outage: no route");
    *bench.cloud.out.lock().expect("no test panics here") = None;
    bench.run_to_the_end(&wishes, 2);
}

#[test]
fn an_object_that_vanished_is_made_again_and_leaves_no_ghost() {
    let mut bench = Bench::new(TestCloud::default());
    bench.run(&chain()).report();
    bench.cloud.vanish("c");
    bench.run_to_the_end(&chain(), 2);
    assert_eq!((bench.cloud.content().len(), bench.recorded().resources["c"].deposed.len()), (3, 0));
}

#[test]
fn a_bench_dies_when_told_to() {
    let mut bench = Bench::new(TestCloud::default().with_faults(&[(1, Fault::KillAfter)]));
    assert!(matches!(bench.run(&chain()), End::Died));
    assert_eq!(bench.recorded().intents.len(), 1);
}
