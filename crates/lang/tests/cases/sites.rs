//! Every finding that the sources can make is made by some program.

mod beyond;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use topo_model::Diagnostic;

use crate::case::split;
use crate::{Outcome, all, files, options};

/// A place in the sources: file, line and column.
type Place = (String, u32, u32);

/// What no program of a user can lead to: sources, and what the text around the place says.
const UNREACHED: [(&str, &str, &str); 6] = [
    ("lang/src/kinds.rs", "", "only the standard library declares kinds"),
    ("lang/src/check/calls.rs", "the standard library reads no files", "only it could"),
    ("lang/src/modules.rs", "the standard library has no directories", "only it could"),
    ("lang/src/expand/resource.rs", "more than {MAX_INSTANCES}", "a limit that takes gigabytes to reach"),
    ("lang/src/expand/host.rs", "{what} needs a value that is known at plan time\"", "for terms without outputs"),
    ("syntax/src/report.rs", "nested too deeply", "for threads with little stack"),
];

#[test]
fn every_finding_is_shown_by_a_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut wanted = BTreeSet::new();
    for of in ["crates/syntax/src", "crates/lang/src"] {
        collect(&root, &root.join(of), &mut wanted);
    }
    assert!(wanted.len() > 100, "the sources were not found");
    let mut given = BTreeSet::new();
    for (_, case) in all() {
        note(&Outcome::of(&files(&case), &options(&case)).diagnostics, &mut given);
    }
    for case in of_syntax(&root) {
        note(&topo_syntax::parse(&case, 0).errors, &mut given);
    }
    beyond::note_all(&mut |found| note(found, &mut given));
    let never: Vec<String> =
        wanted.difference(&given).map(|(file, line, column)| format!("{file}:{line}:{column}")).collect();
    assert!(never.is_empty(), "no program shows what is found at\n{}", never.join("\n"));
}

/// The programs of the syntax's own cases.
fn of_syntax(root: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(root.join("crates/syntax/tests/cases")).expect("a directory") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file of cases");
        let cases = text.find("--- ").map_or("", |at| &text[at..]);
        texts.extend(split(cases).into_iter().map(|case| case.text));
    }
    texts
}

fn note(found: &[Diagnostic], given: &mut BTreeSet<Place>) {
    for found in found {
        let at = found.site.place();
        given.insert((at.file().to_owned(), at.line(), at.column()));
    }
}

/// The places at which findings are made.
fn collect(root: &Path, directory: &Path, places: &mut BTreeSet<Place>) {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, places);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
        let lines: Vec<&str> = text.split("#[cfg(test)]").next().unwrap_or_default().lines().collect();
        for (line, text) in lines.iter().enumerate() {
            let around = lines[line.saturating_sub(3)..(line + 4).min(lines.len())].join("\n");
            if UNREACHED.iter().any(|(file, says, _)| name.ends_with(file) && around.contains(says)) {
                continue;
            }
            for mark in ["Diagnostic::error(", "Diagnostic::warning("] {
                let found = text.match_indices(mark);
                places.extend(found.map(|(at, _)| (name.clone(), line as u32 + 1, at as u32 + 1)));
            }
        }
    }
}
