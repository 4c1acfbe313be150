//! What no crash can have done is refused, with the file and the line.

use std::path::Path;

use topo_state::{Error, Location, Log, read};

use crate::store::{Store, files, finished, holder, intent, many, put, started};

/// Both ways to read agree, and neither writes.
#[track_caller]
fn refused(store: &Store, location: &Location) -> Error {
    let before = files(store.root());
    let error = read(location).expect_err("reading is refused");
    let opened = Log::open(location, &holder("ann@desk")).expect_err("opening is refused");
    assert_eq!(error.to_string(), opened.to_string());
    assert_eq!(files(store.root()), before);
    error
}

/// The error in words, without the directory.
#[track_caller]
fn words(store: &Store, error: &Error) -> String {
    error.to_string().replace(&format!("{}/", store.root().display()), "")
}

/// Four appends; the file's text and where each of its lines begins.
fn written() -> (Store, Vec<u8>) {
    let store = Store::new();
    store.run(vec![vec![started(1)], vec![intent("a", &[]), put("b", &["a"])], vec![put("a", &[])], vec![finished(2)]]);
    let text = std::fs::read(store.log()).expect("a log file");
    (store, text)
}

#[test]
fn a_flipped_bit_before_the_last_append_is_damage_with_its_line() {
    let (store, text) = written();
    let last = text[..text.len() - 1].iter().rposition(|b| *b == b'\n').expect("a line") + 1;
    for at in 0..last {
        for bit in [0, 5] {
            let mut text = text.clone();
            text[at] ^= 1 << bit;
            std::fs::write(store.log(), &text).expect("the log is written");
            let line = text_line(&text, at);
            match read(&store.location).expect_err("damage is found") {
                // A bit that makes a newline, or of one, moves the lines by one.
                Error::Corrupt { path, line: found, .. } if path == store.log() => {
                    assert!(found.abs_diff(line) <= 1, "byte {at} of line {line}, said to be in {found}");
                }
                other => panic!("byte {at}: {other}"),
            }
        }
    }
}

fn text_line(text: &[u8], at: usize) -> usize {
    text[..at].iter().filter(|b| **b == b'\n').count() + 1
}

#[test]
fn a_missing_or_repeated_line_is_damage() {
    let (store, text) = written();
    let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
    let check = |lines: Vec<&[u8]>| {
        std::fs::write(store.log(), lines.concat()).expect("the log is written");
        words(&store, &refused(&store, &store.location))
    };
    let without = [&lines[..2], &lines[3..]].concat();
    insta::assert_snapshot!(check(without), @".topo/shop/sandbox/production/log-00000000000000000001 is damaged at line 3: entry 3 stands where entry 2 is due");
    let twice = [&lines[..5], &lines[4..]].concat();
    insta::assert_snapshot!(check(twice), @".topo/shop/sandbox/production/log-00000000000000000001 is damaged at line 6: entry 4 stands where entry 5 is due");
}

#[test]
fn a_missing_file_is_damage() {
    let store = Store::new();
    store.run(many());
    store.run(vec![vec![put("a", &[])]]);
    let (log, snapshot) = (store.log(), store.file("snapshot"));
    let (log_text, snapshot_text) =
        (std::fs::read(&log).expect("a log"), std::fs::read(&snapshot).expect("a snapshot"));

    std::fs::remove_file(&log).expect("the log goes");
    insta::assert_snapshot!(words(&store, &refused(&store, &store.location)), @".topo/shop/sandbox/production/log-00000000000000000601 is damaged at line 1: the file is missing");
    std::fs::write(&log, log_text).expect("the log is back");
    std::fs::remove_file(&snapshot).expect("the snapshot goes");
    insta::assert_snapshot!(words(&store, &refused(&store, &store.location)), @".topo/shop/sandbox/production/log-00000000000000000601 is damaged at line 1: the entries from 1 to 600 are missing before it");
    std::fs::write(&snapshot, snapshot_text).expect("the snapshot is back");
    assert_eq!(store.state().recorded.serial, 601);
}

#[test]
fn a_flipped_bit_anywhere_in_a_snapshot_is_damage() {
    let store = Store::new();
    store.run([vec![vec![put("a", &[]), intent("b", &["a"]), started(1)]], many()].concat());
    let path = store.file("snapshot");
    let text = std::fs::read(&path).expect("a snapshot");
    for at in 0..text.len() {
        let mut text = text.clone();
        text[at] ^= 1;
        std::fs::write(&path, &text).expect("the snapshot is written");
        let error = read(&store.location).expect_err("damage is found");
        assert!(matches!(&error, Error::Corrupt { path: found, .. } if *found == path), "byte {at}: {error}");
    }
    for length in 0..text.len() {
        std::fs::write(&path, &text[..length]).expect("the snapshot is written");
        let error = read(&store.location).expect_err("damage is found");
        assert!(matches!(&error, Error::Corrupt { path: found, .. } if *found == path), "{length} bytes: {error}");
    }
}

#[test]
fn a_lost_marker_loses_nothing() {
    let (store, _) = written();
    let before = store.state();
    let marker = store.root().join(".topo/store.json");
    let text = std::fs::read(&marker).expect("a marker");
    std::fs::remove_file(&marker).expect("the marker goes");
    assert_eq!(store.state(), before);
    store.run(vec![vec![put("c", &[])]]);
    assert_eq!(std::fs::read(&marker).expect("a marker"), text);
    assert_eq!(store.state().recorded.resources.len(), 3);
}

#[test]
fn a_store_of_another_project_is_refused() {
    let (store, _) = written();
    let other = Location { project: "bank".to_owned(), ..store.location.clone() };
    let error = refused(&store, &other);
    assert!(matches!(error, Error::Foreign { .. }));
    insta::assert_snapshot!(words(&store, &error), @"the state in .topo/store.json belongs to project 'shop', not to project 'bank'");
}

#[test]
fn a_state_put_in_another_place_is_refused() {
    // With and without a snapshot: both files say whose they are.
    for appends in [vec![vec![put("a", &[])]], many()] {
        let store = Store::new();
        store.run(appends);
        let places = [
            Location { env: Some("development".to_owned()), ..store.location.clone() },
            Location { env: None, ..store.location.clone() },
            Location { cloud: "aws-112233445566".to_owned(), ..store.location.clone() },
        ];
        for place in places {
            copy(&store.location.directory(), &place.directory());
            let error = refused(&store, &place);
            assert!(matches!(error, Error::Foreign { .. }), "{error}");
            assert!(error.to_string().contains("belongs to project 'shop', cloud 'sandbox', environment 'production'"));
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for (name, text) in files(from) {
        std::fs::write(to.join(name), text.expect("a file")).expect("a copy");
    }
}

#[test]
fn a_newer_format_is_refused_whatever_else_it_has() {
    let (store, _) = written();
    let sum = |rest: &str| format!("{:08x} {rest}\n", crc32(rest.as_bytes()));
    let json = r#"{"format":2,"owner":["shop"]}"#;
    let text = sum(&format!("{} 0 0-0 {json}", json.len()));
    std::fs::write(store.log(), &text).expect("the log is written");
    let error = refused(&store, &store.location);
    assert!(matches!(error, Error::Format { found: 2, newest: 1, .. }));
    insta::assert_snapshot!(words(&store, &error), @".topo/shop/sandbox/production/log-00000000000000000001 has format 2; this version of topo reads up to 1");

    std::fs::write(store.file("snapshot"), sum(&format!("{} 1 1-1 {json}", json.len()))).expect("it is written");
    assert!(matches!(refused(&store, &store.location), Error::Format { found: 2, .. }));
    std::fs::write(store.root().join(".topo/store.json"), json).expect("it is written");
    assert!(matches!(refused(&store, &store.location), Error::Format { found: 2, .. }));
}

/// The checksum, so that a test can write lines that this version would not.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |s, _| if s & 1 == 1 { s >> 1 ^ 0xedb8_8320 } else { s >> 1 })
    })
}

#[test]
fn a_binary_file_is_damage_and_no_panic() {
    let (store, _) = written();
    for text in
        [vec![0; 10_000], vec![255; 10_000], b"\n".repeat(10_000), b"00000000 18446744073709551615 0 0-0 ".repeat(99)]
    {
        std::fs::write(store.log(), &text).expect("the log is written");
        assert!(matches!(refused(&store, &store.location), Error::Corrupt { line: 1, .. }));
    }
}

#[test]
fn an_url_of_another_kind_is_refused() {
    let url = |url: &str| {
        let location = Location::new(url, Path::new("/p"), "shop", "sandbox", None);
        location.map_or_else(|e| e.to_string(), |l| l.directory().display().to_string())
    };
    insta::assert_snapshot!(url("file:.topo"), @"/p/.topo/shop/sandbox/_");
    insta::assert_snapshot!(url("file:///var/topo"), @"/var/topo/shop/sandbox/_");
    insta::assert_snapshot!(url("file:"), @"the state URL 'file:' can't be used: the path is empty");
    insta::assert_snapshot!(url("state"), @"the state URL 'state' can't be used: write 'file:PATH'");
    insta::assert_snapshot!(url("s3://bucket/p"), @"the state URL 's3://bucket/p' can't be used: this version keeps state in files; write 'file:PATH'");
}
