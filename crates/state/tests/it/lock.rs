//! One run at a time.

use topo_state::{Error, Log};

use crate::store::{Store, files, holder, put};

#[test]
fn a_second_run_is_told_who_holds_the_lock() {
    let store = Store::new();
    let first = store.open();
    let error = Log::open(&store.location, &holder("bob@desk")).expect_err("the lock is held");
    assert!(matches!(&error, Error::Held(by) if **by == holder("ann@desk")));
    insta::assert_snapshot!(error, @"the state is locked by ann@desk (topo apply, process 4711, since 2026-05-28T20:26:40Z)");
    drop(first);
    Log::open(&store.location, &holder("bob@desk")).expect("the lock is free again");
    assert!(files(store.root()).is_empty());
}

#[test]
fn a_lock_without_a_name_is_still_held() {
    let store = Store::new();
    let _first = store.open();
    std::fs::write(store.file("lock"), "").expect("the name goes");
    let error = Log::open(&store.location, &holder("bob@desk")).expect_err("the lock is held");
    insta::assert_snapshot!(error, @"the state is locked by another run");
}

#[test]
fn the_lock_file_of_a_killed_run_locks_nobody_out() {
    let store = Store::new();
    store.run(vec![vec![put("a", &[])]]);
    std::fs::write(store.file("lock"), r#"{"who":"ann@desk","command":"apply","pid":1,"since":0}"#)
        .expect("a lock file");
    store.run(vec![vec![put("b", &[])]]);
    assert!(!store.file("lock").exists());
}

#[test]
fn reading_needs_no_lock() {
    let store = Store::new();
    store.run(vec![vec![put("a", &[])]]);
    let mut log = store.open();
    log.append(vec![put("b", &[])]).expect("the append succeeds");
    assert_eq!(store.state().recorded, *log.recorded());
}

#[test]
fn a_run_whose_lock_was_taken_writes_nothing_more() {
    let store = Store::new();
    let mut first = store.open();
    first.append(vec![put("a", &[])]).expect("the append succeeds");
    first.check_lease().expect("the lock is ours");
    std::fs::remove_file(store.file("lock")).expect("someone removes the lock");
    assert!(matches!(first.check_lease(), Err(Error::Lost(_))));

    let mut second = Log::open(&store.location, &holder("bob@desk")).expect("the lock is free");
    second.append(vec![put("b", &[])]).expect("the append succeeds");
    assert!(matches!(first.check_lease(), Err(Error::Lost(_))));
    assert!(matches!(first.append(vec![put("c", &[])]), Err(Error::Lost(_))));
    // Its end takes nothing from the other.
    drop(first);
    second.check_lease().expect("the lock is the second's");
    second.close().expect("the run ends");
    assert_eq!(store.state().recorded.resources.keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn runs_that_open_and_end_at_once_never_meet() {
    let store = Store::new();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = &store;
            scope.spawn(move || {
                let mut done = 0;
                while done < 25 {
                    match Log::open(&store.location, &holder("ann@desk")) {
                        Ok(mut log) => {
                            if done % 2 == 0 {
                                let address = format!("r{thread}_{done}");
                                log.append(vec![put(&address, &[])]).expect("the append succeeds");
                            }
                            log.close().expect("the run ends");
                            done += 1;
                        }
                        Err(Error::Held(_)) => std::thread::yield_now(),
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(store.state().recorded.resources.len(), 4 * 13);
}
