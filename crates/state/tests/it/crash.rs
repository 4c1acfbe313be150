//! What a crash leaves, byte by byte, is read as before the last append or after it.

use std::sync::atomic::{AtomicBool, Ordering};

use topo_state::{Change, State};

use crate::store::{Store, assert_same, files, finished, intent, many, put, started};

fn first() -> Vec<Change> {
    vec![started(1), intent("a", &[]), put("b", &["a"])]
}

fn last() -> Vec<Change> {
    vec![put("a", &[]), put("c", &["a", "b"]), finished(2)]
}

/// The store as it was before its last append, with what is in the log file after it.
struct Torn {
    store: Store,
    before: State,
    after: State,
    /// The log file before the last append, and what that added.
    kept: Vec<u8>,
    added: Vec<u8>,
}

fn torn() -> Torn {
    let store = Store::new();
    let before = store.run(vec![first()]);
    let kept = std::fs::read(store.log()).expect("a log file");
    let after = store.run(vec![last()]);
    let added = std::fs::read(store.log()).expect("a log file").split_off(kept.len());
    Torn { store, before, after, kept, added }
}

impl Torn {
    /// Puts `tail` where the last append was: it reads as it was before, and the next append
    /// works.
    #[track_caller]
    fn check_dropped(&self, tail: &[u8]) {
        std::fs::write(self.store.log(), [&self.kept, tail].concat()).expect("the log is written");
        assert_same(&self.store.state(), &self.before);
        let again = self.store.run(vec![last()]);
        assert_same(&again, &self.after);
        assert_same(&self.store.state(), &self.after);
    }
}

#[test]
fn an_append_torn_at_any_byte_is_dropped_as_a_whole() {
    let torn = torn();
    assert_same(&torn.store.state(), &torn.after);
    for length in 0..torn.added.len() {
        torn.check_dropped(&torn.added[..length]);
    }
}

#[test]
fn an_append_of_which_any_part_was_not_written_is_dropped_as_a_whole() {
    let torn = torn();
    // A machine that loses its power may have written the second page and not the first.
    for start in (0..torn.added.len()).step_by(7) {
        for end in (start + 1..=torn.added.len()).step_by(11) {
            let mut added = torn.added.clone();
            added[start..end].fill(0);
            torn.check_dropped(&added);
        }
    }
}

#[test]
fn a_flipped_bit_in_the_last_append_drops_it_as_a_whole() {
    let torn = torn();
    for at in 0..torn.added.len() {
        let mut added = torn.added.clone();
        added[at] ^= 1;
        torn.check_dropped(&added);
    }
}

#[test]
fn a_log_file_torn_in_its_first_line_is_begun_anew() {
    let store = Store::new();
    let after = store.run(vec![first()]);
    let text = std::fs::read(store.log()).expect("a log file");
    let header = text.iter().position(|b| *b == b'\n').expect("a line") + 1;
    for length in 0..header {
        std::fs::write(store.log(), &text[..length]).expect("the log is written");
        assert_same(&store.state(), &State::default());
        assert_same(&store.run(vec![first()]), &after);
        assert_same(&store.state(), &after);
    }
}

#[test]
fn a_crash_at_any_step_of_a_snapshot_changes_nothing() {
    let store = Store::new();
    store.run(vec![first()]);
    let old_log = store.log();
    // The run that is about to write the snapshot: what it would leave were it killed before.
    let mut log = store.open();
    many().into_iter().for_each(|changes| {
        log.append(changes).expect("the append succeeds");
    });
    let old_text = std::fs::read(&old_log).expect("a log file");
    log.close().expect("the run ends");
    let state = store.state();
    let new_log = store.log();
    let (snapshot, header) = (std::fs::read(store.file("snapshot")), std::fs::read(&new_log));
    let (snapshot, header) = (snapshot.expect("a snapshot"), header.expect("a log file"));
    assert_ne!(old_log, new_log);

    let (old, new) = ((old_log.clone(), &old_text[..]), (new_log.clone(), &header[..]));
    let whole = (store.file("snapshot"), &snapshot[..]);
    let steps = [
        ("before the snapshot", vec![old.clone()]),
        ("half a temporary file", vec![old.clone(), (store.file("snapshot.tmp"), &snapshot[..99])]),
        ("after the rename", vec![old.clone(), whole.clone()]),
        ("an empty log file", vec![old.clone(), whole.clone(), (new_log.clone(), b"")]),
        ("half a header", vec![old.clone(), whole.clone(), (new_log.clone(), &header[..20])]),
        ("before the removal", vec![old, whole.clone(), new.clone()]),
        ("after the removal", vec![whole, new]),
    ];
    for (step, present) in steps {
        for path in files(&store.location.directory()).into_keys() {
            std::fs::remove_file(store.file(&path.to_string_lossy())).expect("the file goes");
        }
        for (path, text) in present {
            std::fs::write(path, text).expect("the file is written");
        }
        let read = store.state();
        assert_eq!(read.recorded.serial, state.recorded.serial, "{step}");
        assert_same(&read, &state);
        let next = store.run(vec![vec![put("later", &["a"])]]);
        assert_same(&store.state(), &next);
        let ended = store.run(many());
        assert_same(&store.state(), &ended);
        // The run that wrote a snapshot has swept up what the dead one left.
        let names: Vec<_> = files(&store.location.directory()).into_keys().collect();
        assert_eq!(names.len(), 2, "{step}: {names:?}");
    }
}

#[test]
fn a_reader_never_sees_an_older_state_while_runs_end_with_snapshots() {
    let store = Store::new();
    store.run(vec![vec![started(0)]]);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut serial = 0;
                while !stop.load(Ordering::Relaxed) {
                    let now = store.state().recorded.serial;
                    assert!(now >= serial, "{now} was read after {serial}");
                    serial = now;
                }
            });
        }
        for _ in 0..100 {
            store.run(many());
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(store.state().recorded.serial, 60_001);
}
