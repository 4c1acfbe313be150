//! The laws that fuzzing looks for, over what it found and over every program of the repository.

mod laws;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(directory: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(directory).expect("a directory of programs");
    for path in entries.map(|e| e.expect("it can be listed").path()) {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// The texts of a directory, cases one by one.
fn texts(directory: &str) -> Vec<String> {
    let mut paths = Vec::new();
    files(&root().join(directory), &mut paths);
    paths.sort();
    let texts = paths.iter().map(|p| String::from_utf8_lossy(&std::fs::read(p).expect("it can be read")).into_owned());
    texts.flat_map(|text| text.split("\n--- ").map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[track_caller]
fn check(directory: &str, least: usize) {
    let texts = texts(directory);
    assert!(texts.len() >= least, "{directory} holds {} texts", texts.len());
    for text in texts {
        let program = text.split_once(" ---\n").map_or(text.as_str(), |(_, program)| program);
        for text in [text.as_str(), program] {
            laws::reads(text);
            laws::lays_out(text);
        }
    }
}

#[test]
fn what_fuzzing_begins_with_holds_to_the_laws() {
    check("fuzz/corpus", 40);
}

#[test]
fn cases_hold_to_the_laws() {
    check("crates/syntax/tests/cases", 100);
    check("crates/lang/tests/cases", 50);
}

#[test]
fn programs_hold_to_the_laws() {
    check("crates/syntax/tests/samples", 3);
    check("stdlib", 10);
    check("examples", 2);
}
