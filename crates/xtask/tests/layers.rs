//! The layers: a crate is known by what it can't see.
//!
//! Each row of the table is a promise that the compiler keeps once the dependency is absent;
//! this test keeps the dependency absent. Change a row only together with the page on the
//! architecture in the book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// A crate, what it buys, and which of ours it may use.
struct Layer {
    name: &'static str,
    /// What it knows nothing of, and so why it is a crate and no module.
    why: &'static str,
    may_use: &'static [&'static str],
    /// For its tests alone.
    tests_may_use: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    Layer {
        name: "topo-model",
        why: "the words that all others share; no input or output, no async, no grammar",
        may_use: &[],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-syntax",
        why: "text to trees and back; it knows no meaning and reads no file",
        may_use: &["topo-model"],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-lang",
        why: "programs to desired resources; a verdict can't depend on a cloud that it can't see",
        may_use: &["topo-model", "topo-syntax"],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-plan",
        why: "pure and synchronous; a plan can't do anything, and can't depend on the program's text",
        may_use: &["topo-model"],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-verify",
        why: "the proofs; pure, so that a check, an editor and an apply come to the same verdict",
        may_use: &["topo-model"],
        // For programs to judge.
        tests_may_use: &["topo-lang"],
    },
    Layer {
        name: "topo-simulate",
        why: "a second answer to the proofs' question; what it shared with them, a test could not find wrong",
        may_use: &["topo-model"],
        // For programs, and for the proofs that it is held against.
        tests_may_use: &["topo-lang", "topo-verify"],
    },
    Layer {
        name: "topo-draw",
        why: "the pictures; pure text, so that a picture is the same wherever it is drawn",
        may_use: &["topo-model", "topo-verify"],
        // For programs to draw.
        tests_may_use: &["topo-lang"],
    },
    Layer {
        name: "topo-state",
        why: "the log; it can be read when everything else is in doubt, so it needs nothing else",
        may_use: &["topo-model"],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-provider",
        why: "the seam to clouds; neither the language nor state nor plans leak through it",
        may_use: &["topo-model"],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-sandbox",
        why: "a cloud; it knows no more of a plan than a real one does",
        may_use: &["topo-model", "topo-provider"],
        // For the kinds of the standard library.
        tests_may_use: &["topo-lang"],
    },
    Layer {
        name: "topo-exec",
        why: "carries plans out on any cloud; it knows no terminal, no language, no particular cloud",
        may_use: &["topo-model", "topo-plan", "topo-provider", "topo-state"],
        tests_may_use: &["topo-sandbox"],
    },
    Layer {
        name: "topo",
        why: "the binary; the only one that knows all others, the terminal and the exit codes",
        may_use: &[
            "topo-draw",
            "topo-exec",
            "topo-lang",
            "topo-model",
            "topo-plan",
            "topo-provider",
            "topo-sandbox",
            "topo-simulate",
            "topo-state",
            "topo-syntax",
            "topo-verify",
        ],
        tests_may_use: &[],
    },
    Layer {
        name: "topo-xtask",
        why: "tasks of the repository; it runs the binary as a user does and links none of ours",
        may_use: &[],
        tests_may_use: &[],
    },
];

/// A crate of others, and which of ours may use it.
const CONFINED: &[(&str, &[&str])] = &[
    // Errors and trees of the grammar have one form of their own; no rule's name gets out.
    ("pest", &["topo-syntax"]),
    ("pest_derive", &["topo-syntax"]),
    // The graph of a plan is one.
    ("petgraph", &["topo-plan"]),
    // Everything above is synchronous.
    ("tokio", &["topo-exec", "topo-sandbox", "topo"]),
    ("futures", &[]),
    // The sandbox's store is nobody else's.
    ("redb", &["topo-sandbox"]),
    // The terminal.
    ("miette", &["topo"]),
    ("indicatif", &["topo"]),
    ("similar", &["topo"]),
    ("clap", &["topo", "topo-xtask"]),
    // clap's own colours.
    ("anstream", &["topo", "topo-xtask"]),
    ("anstyle", &["topo", "topo-xtask"]),
    ("clap_complete", &["topo"]),
    // States in S3 and the SDKs of AWS are heavy and not there yet.
    ("object_store", &[]),
    ("aws-config", &[]),
    // Nothing but a simulation rolls dice.
    ("fastrand", &["topo-simulate"]),
    // Processes are measured in one place.
    ("nix", &["topo-xtask"]),
];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata")
}

fn of_kind(package: &Package, wanted: fn(DependencyKind) -> bool) -> BTreeSet<&str> {
    package.dependencies.iter().filter(|d| wanted(d.kind)).map(|d| d.name.as_str()).collect()
}

/// Whether a dependency is part of what is built for users.
fn is_normal(kind: DependencyKind) -> bool {
    matches!(kind, DependencyKind::Normal | DependencyKind::Build)
}

#[test]
fn every_crate_has_its_row_and_keeps_to_it() {
    let metadata = metadata();
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|p| (p.name.as_str(), p)).collect();
    let mut faults = Vec::new();
    let rows: BTreeSet<&str> = LAYERS.iter().map(|l| l.name).collect();
    faults.extend(packages.keys().filter(|p| !rows.contains(*p)).map(|p| format!("{p} has no row in the table")));
    for layer in LAYERS {
        let Some(package) = packages.get(layer.name) else {
            faults.push(format!("{} has a row and is no crate", layer.name));
            continue;
        };
        let used = of_kind(package, is_normal);
        for used in used.intersection(&rows).filter(|n| !layer.may_use.contains(n)) {
            faults.push(format!("{} uses {used}, and is a crate because: {}", layer.name, layer.why));
        }
        let used = of_kind(package, |k| k == DependencyKind::Development);
        let may_use = [layer.may_use, layer.tests_may_use].concat();
        for used in used.intersection(&rows).filter(|n| !may_use.contains(n)) {
            faults.push(format!("the tests of {} use {used}, and it is a crate because: {}", layer.name, layer.why));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn crates_of_others_stay_where_they_belong() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let direct = of_kind(package, is_normal);
        for (name, users) in CONFINED {
            if direct.contains(name) && !users.contains(&package.name.as_str()) {
                faults.push(format!("{} uses {name}, which belongs to {users:?}", package.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A third crate must not bring in what our own may not use.
#[test]
fn nothing_confined_comes_in_by_the_back_door() {
    let mut faults = Vec::new();
    for layer in LAYERS {
        let reached = reached(layer.name);
        for (name, users) in CONFINED {
            let by_rights = users.iter().any(|user| reached.contains(*user));
            if reached.contains(*name) && !by_rights {
                faults.push(format!("{} reaches {name} by way of a crate that is not ours", layer.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Everything that a crate is built with, itself too.
fn reached(package: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package];
    let output = Command::new(cargo).args(tree).current_dir(root()).output().expect("cargo tree");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names");
    text.lines().filter_map(|l| l.split(' ').next()).map(str::to_owned).collect()
}

/// Files longer than this are directories of modules that nobody has made yet.
const LONGEST: usize = 700;

/// Files that may be longer, and why.
const LONG_FOR_A_REASON: &[(&str, &str)] = &[];

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let mut files = Vec::new();
    collect(&root().join("crates"), &mut files);
    assert!(files.len() > 50, "the sources were not found");
    let mut faults = Vec::new();
    for file in files {
        let lines = std::fs::read_to_string(&file).expect("a source file").lines().count();
        let name = file.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let excused = LONG_FOR_A_REASON.iter().any(|(f, reason)| *f == name && !reason.is_empty());
        if lines > LONGEST && !excused {
            faults.push(format!("{name} has {lines} lines, and {LONGEST} are the most"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
