//! What is read is what was appended.

use proptest::prelude::*;
use topo_model::{IntentId, Recorded};
use topo_state::{Change, State, read};

use crate::store::{Store, assert_same, attributes, files, finished, intent, many, put, resource, started};

fn address() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "d", "net[ap-east-2].vpc", "x[\"a.b\"]"]).prop_map(str::to_owned)
}

fn needs() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(address(), 0..3)
}

/// Intents of the past, of the future, and none at all.
fn intent_id() -> impl Strategy<Value = Option<IntentId>> {
    prop::option::of((0_u64..60).prop_map(IntentId))
}

fn change() -> impl Strategy<Value = Change> {
    fn refs(names: &[String]) -> Vec<&str> {
        names.iter().map(String::as_str).collect()
    }
    prop_oneof![
        (0_i64..9).prop_map(started),
        (0_i64..9).prop_map(finished),
        (0_i64..9).prop_map(|i| Change::Outputs(attributes(i))),
        (address(), needs()).prop_map(|(a, n)| intent(&a, &refs(&n))),
        (address(), needs(), needs(), intent_id()).prop_map(|(a, n, d, intent)| Change::Put {
            intent,
            resource: Box::new(resource(&a, &refs(&n), &refs(&d)))
        }),
        intent_id()
            .prop_map(|i| Change::Closed { intent: i.unwrap_or(IntentId(1)), why: "it did not happen".to_owned() }),
        (address(), intent_id()).prop_map(|(address, intent)| Change::Removed { intent, address }),
        (address(), address()).prop_map(|(from, to)| Change::Renamed { from, to }),
        prop::collection::vec((address(), address()), 0..4).prop_map(Change::RenamedAll),
    ]
}

/// Runs of appends of changes; whether a snapshot is due at the end of each.
fn runs() -> impl Strategy<Value = Vec<(bool, Vec<Vec<Change>>)>> {
    let append = prop::collection::vec(change(), 1..5);
    prop::collection::vec((prop::bool::weighted(0.2), prop::collection::vec(append, 0..6)), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_read_is_what_was_in_memory(runs in runs()) {
        let store = Store::new();
        let mut all = Vec::new();
        for (snapshot_due, mut appends) in runs {
            if snapshot_due {
                appends.extend(many());
            }
            all.extend(appends.iter().flatten().cloned());
            let in_memory = store.run(appends);
            prop_assert_eq!(store.file("snapshot").exists(), all.len() > 512);
            assert_same(&in_memory, &store.state());
        }
        // How the changes were cut into appends and runs makes no difference.
        if !all.is_empty() {
            let other = Store::new();
            assert_same(&other.run(vec![all]), &store.state());
        }
    }
}

#[test]
fn a_store_that_is_not_there_is_an_empty_state() {
    let store = Store::new();
    assert_eq!(store.state(), State::default());
    assert!(files(store.root()).is_empty());
}

#[test]
fn a_run_without_an_append_leaves_no_trace() {
    let store = Store::new();
    store.run(Vec::new());
    store.run(vec![Vec::new()]);
    assert!(files(store.root()).is_empty());

    store.run(vec![vec![put("a", &[])]]);
    let before = files(store.root());
    store.run(Vec::new());
    read(&store.location).expect("the store can be read");
    assert_eq!(files(store.root()), before);
}

#[test]
fn a_directory_that_was_there_before_a_run_stays() {
    let store = Store::new();
    std::fs::create_dir(store.root().join(".topo")).expect("a directory");
    store.run(Vec::new());
    assert_eq!(files(store.root()).len(), 1);
}

#[test]
fn an_intent_gets_its_serial_and_is_open_until_its_outcome() {
    let store = Store::new();
    let mut log = store.open();
    let serials = log.append(vec![started(1), intent("a", &[]), intent("b", &[]), intent("c", &[])]);
    assert_eq!(serials.expect("the append succeeds"), [1, 2, 3, 4]);
    let resource = Box::new(resource("a", &[], &[]));
    let done = Change::Put { intent: Some(IntentId(2)), resource };
    let closed = Change::Closed { intent: IntentId(4), why: "refused".to_owned() };
    log.append(vec![done, closed]).expect("the append succeeds");
    drop(log);
    let Recorded { intents, resources, serial, .. } = store.state().recorded;
    assert_eq!(intents.iter().map(|i| (i.id, i.address.as_str())).collect::<Vec<_>>(), [(IntentId(3), "b")]);
    assert_eq!((resources.len(), serial), (1, 6));
}

#[test]
fn the_history_shows_which_runs_came_to_their_end() {
    let store = Store::new();
    store.run(vec![vec![started(1)], vec![finished(2)]]);
    store.run(vec![vec![started(3)]]);
    store.run(vec![vec![started(5), finished(6), finished(7)]]);
    let ends: Vec<_> = store.state().history.iter().map(|r| (r.serial, r.end.as_ref().map(|e| e.2))).collect();
    assert_eq!(ends, [(1, Some(2)), (3, None), (4, Some(6))]);
}

#[test]
fn a_snapshot_replaces_the_log_files_before_it() {
    let store = Store::new();
    let before = store.run([vec![vec![put("a", &[]), intent("b", &["a"])]], many()].concat());
    let names: Vec<_> = files(&store.location.directory()).into_keys().collect();
    insta::assert_debug_snapshot!(names, @r#"
    [
        "log-00000000000000000603",
        "snapshot",
    ]
    "#);
    assert_same(&before, &store.state());
    let after = store.run(vec![vec![put("c", &["a"])]]);
    assert_eq!(after.recorded.serial, 603);
    assert_same(&after, &store.state());
}

#[test]
fn environments_clouds_and_relative_urls_have_places_of_their_own() {
    let store = Store::new();
    store.run(vec![vec![put("a", &[])]]);
    let mut other = store.location.clone();
    other.env = None;
    assert_eq!(read(&other).expect("the store can be read"), State::default());
    other = store.location.clone();
    other.cloud = "aws-112233445566".to_owned();
    assert_eq!(read(&other).expect("the store can be read"), State::default());
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let store = Store::new();
    store.run(vec![vec![put("a", &[])]]);
    let mut deep = topo_model::Value::Int(1);
    for _ in 0..120 {
        deep = topo_model::Value::list(vec![deep]);
    }
    let outputs = [(topo_model::Symbol::new("deep"), deep)].into_iter().collect();
    let mut log = store.open();
    let error = log.append(vec![put("b", &[]), Change::Outputs(outputs)]).expect_err("it is refused");
    assert!(error.to_string().contains("nested so deeply"), "{error}");
    log.append(vec![put("c", &[])]).expect("the log goes on");
    log.close().expect("the run ends");
    let state = store.state();
    assert_eq!(state.recorded.resources.keys().collect::<Vec<_>>(), ["a", "c"]);
}
