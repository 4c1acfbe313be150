//! Killed at any call and run again, an apply ends where an uninterrupted one does.

use crate::bench::{Bench, End};
use crate::cloud::{Fault, TestCloud};
use crate::wish::Wish;
use proptest::prelude::*;

/// Two topologies; the way from nothing to the first and on to the second touches creates,
/// updates, replacements and deletes.
type Way = (Vec<Wish>, Vec<Wish>);

fn uninterrupted(way: &Way) -> (Vec<String>, u64, u64) {
    let mut bench = Bench::new(TestCloud::default());
    bench.run_to_the_end(&way.0, 2);
    let first = bench.cloud.calls();
    bench.cloud.revive(&[]);
    bench.run_to_the_end(&way.1, 2);
    (bench.cloud.content(), first, bench.cloud.calls())
}

/// Goes the way with one process that dies, in the first or second topology.
#[track_caller]
fn goes_the_same_way(way: &Way, second: bool, call: u64, fault: Fault, hide: u32, expect: &[String]) {
    let told = format!("second: {second}, call {call}, {fault:?}, hide {hide}");
    let mut bench = Bench::new(TestCloud { hide, slow: hide / 2, ..TestCloud::default() });
    for (wishes, strikes) in [(&way.0, !second), (&way.1, second)] {
        if strikes {
            bench.cloud.revive(&[(call, fault.clone())]);
            match bench.run(wishes) {
                End::Died => {}
                End::Report(report) => assert_eq!(report.failed, [], "{told}"),
            }
        }
        bench.cloud.revive(&[]);
        bench.run_to_the_end(wishes, 4);
        assert_eq!(bench.recovery.unknown, [], "{told}");
    }
    assert_eq!(bench.cloud.content(), expect, "{told}");
    let recorded = bench.recorded();
    assert_eq!(recorded.intents, [], "{told}");
    assert!(recorded.resources.values().all(|r| r.ready && r.deposed.is_empty()), "{told}: {recorded:#?}");
    assert_eq!(recorded.resources.len(), way.1.len(), "{told}");
}

fn every_kind() -> Way {
    let kinds = ["t.Token", "t.Reference", "t.Name", "t.Key", "t.Marked", "t.Bare"];
    let mut first: Vec<Wish> = Vec::new();
    for (i, kind) in kinds.into_iter().chain(kinds).enumerate() {
        let links: Vec<usize> = [i.checked_sub(1), i.checked_sub(4)].into_iter().flatten().collect();
        first.push(Wish::new(&format!("n{i:02}"), kind, &links));
    }
    for i in 12..15 {
        first.push(Wish { batch: Some(1), ..Wish::new(&format!("n{i}"), "t.Record", &[2, 11]) });
    }
    let mut second = first.clone();
    (second[0].shape, second[5].shape, second[11].shape) = (2, 2, 2);
    (second[3].value, second[12].value) = (2, 2);
    second.truncate(14);
    (first, second)
}

#[test]
fn killed_at_every_call_and_run_again_is_as_if_never_killed() {
    let way = every_kind();
    let (expect, first, second) = uninterrupted(&way);
    assert!(first > 14 && second > 10, "the way has {first} and {second} calls");
    for (in_second, calls) in [(false, first), (true, second)] {
        for call in 1..=calls {
            for fault in [Fault::KillBefore, Fault::KillAfter] {
                goes_the_same_way(&way, in_second, call, fault, 0, &expect);
            }
        }
    }
}

#[test]
fn killed_while_new_objects_are_seen_late() {
    let way = every_kind();
    let (expect, first, second) = uninterrupted(&way);
    for (in_second, calls) in [(false, first), (true, second)] {
        for call in 1..=calls {
            goes_the_same_way(&way, in_second, call, Fault::KillAfter, 6, &expect);
        }
    }
}

#[test]
fn answers_lost_at_every_call() {
    let way = every_kind();
    let (expect, first, second) = uninterrupted(&way);
    for (in_second, calls) in [(false, first), (true, second)] {
        for call in 1..=calls {
            for (fault, hide) in [(Fault::Lose, 0), (Fault::Drop, 0), (Fault::Lose, 4)] {
                goes_the_same_way(&way, in_second, call, fault, hide, &expect);
            }
        }
    }
}

/// A call that lands after its process died makes no second object where the service, a name
/// or the mark tells.
#[test]
fn a_create_that_lands_late_is_not_made_twice() {
    for kind in ["t.Token", "t.Reference", "t.Name", "t.Key", "t.Marked", "t.Bare"] {
        for reads in 0..8 {
            let way = (vec![Wish::new("n0", kind, &[])], vec![Wish::new("n0", kind, &[])]);
            let (expect, ..) = uninterrupted(&way);
            goes_the_same_way(&way, false, 1, Fault::Late(reads), 0, &expect);
        }
    }
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let kind = prop::sample::select(vec!["t.Token", "t.Reference", "t.Name", "t.Key", "t.Marked", "t.Bare"]);
    let one = (kind, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..3);
    prop::collection::vec(one, 1..10).prop_map(|all| {
        let mut wishes: Vec<Wish> = Vec::new();
        for (i, (kind, one, two, count)) in all.into_iter().enumerate() {
            let mut links: Vec<usize> = [one, two].iter().take(count.min(i)).map(|l| l.index(i.max(1))).collect();
            links.dedup();
            wishes.push(Wish::new(&format!("n{i:02}"), kind, &links));
        }
        wishes
    })
}

fn ways() -> impl Strategy<Value = Way> {
    (wishes(), prop::collection::vec((0..3_i64, any::<bool>()), 10), 0_usize..4).prop_map(|(first, edits, cut)| {
        let mut second = first.clone();
        for (wish, (value, reshape)) in second.iter_mut().zip(edits) {
            wish.value += value;
            // A key can't be held by two objects at once.
            if reshape && matches!(wish.kind, "t.Token" | "t.Reference" | "t.Bare") {
                wish.shape += 1;
            }
        }
        second.truncate(first.len().saturating_sub(cut).max(1));
        (first, second)
    })
}

fn faults() -> impl Strategy<Value = Fault> {
    prop::sample::select(vec![Fault::KillBefore, Fault::KillAfter, Fault::Lose, Fault::Drop])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_way_killed_anywhere_ends_where_it_would_have(
        way in ways(),
        second in any::<bool>(),
        call in any::<prop::sample::Index>(),
        fault in faults(),
        hide in 0_u32..6,
    ) {
        let (expect, first_calls, second_calls) = uninterrupted(&way);
        let calls = if second { second_calls } else { first_calls };
        if calls > 0 {
            goes_the_same_way(&way, second, call.index(calls as usize) as u64 + 1, fault, hide, &expect);
        }
    }
}
