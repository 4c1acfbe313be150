//! The examples of the repository are programs without findings.

use std::path::Path;

use topo_lang::{Disk, Options, load};

#[track_caller]
fn accepts(example: &str) {
    let world = Disk::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example));
    let loaded = load(&world, &Options::default());
    assert!(loaded.diagnostics.is_empty(), "{:#?}", loaded.diagnostics);
    let program = loaded.program.expect("no findings, so a program");
    let environments = program.environments();
    let all: Vec<_> = if environments.is_empty() { vec![None] } else { environments.into_iter().map(Some).collect() };
    for env in all {
        let expanded = program.expand(env);
        assert!(expanded.diagnostics.is_empty(), "{env:?}: {:#?}", expanded.diagnostics);
        assert!(!expanded.desired.expect("no findings, so resources").resources.is_empty());
    }
    for at in 0..program.tests() {
        let outcome = program.run_test(at, &|_| Vec::new()).expect("the test exists");
        assert!(outcome.passed(), "{}: {:#?}", outcome.name, outcome.failures);
    }
}

#[test]
fn hello_expands() {
    accepts("hello");
}

#[test]
fn two_regions_expands() {
    accepts("two-regions");
}

#[test]
fn genai_demo_expands() {
    accepts("genai-demo");
}

#[test]
fn single_region_expands() {
    accepts("single-region");
}

#[test]
fn active_active_expands() {
    accepts("active-active");
}
