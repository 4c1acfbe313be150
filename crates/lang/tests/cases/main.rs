//! The suite of case files: programs with the errors they give, written on the lines they
//! belong to, and programs with what they expand to.
//!
//! A file of `tests/cases` holds cases, each after a line `--- name ---`. An expected finding
//! is a comment `// error[T0101]: part of its message or of a label` on the line of its primary
//! place; `//* error[…]: …` on a line of its own is one on whichever line, or without a place.
//! A line `//// path` starts another file of the same project. After `--- expect ---` comes what
//! the program expands to; with `UPDATE=1` in the environment that is written anew. A case
//! without `project` or `topology` gets an empty one.
//!
//! A file of `tests/cases/contract` is one whole program, written from the language's contract
//! by somebody who had not seen the implementation; `error[T0101|T0102]` leaves it the choice.

mod case;
mod finding;
mod fixes;
mod sites;
mod snapshot;

use std::collections::BTreeMap;
use std::fmt::Write;

use case::{Case, all, case_files, files, join, name, read, split};
use topo_lang::{Memory, Options, load};
use topo_model::{Diagnostic, SourceMap};

#[test]
fn cases_give_what_they_expect() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    for path in case_files("") {
        let mut cases = split(&read(&path));
        for case in &mut cases {
            count += 1;
            if let Err(problem) = run(case, update) {
                let _ = writeln!(wrong, "{}: {}\n{problem}", name(&path), case.name);
            }
        }
        if update {
            std::fs::write(&path, join(&cases)).expect("case files can be written");
        }
    }
    assert!(count > 0, "there are no cases");
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn programs_written_from_the_contract_alone_give_what_it_says() {
    let mut wrong = String::new();
    let paths = case_files("contract");
    assert!(!paths.is_empty(), "there are no programs");
    for path in paths {
        if let Err(problem) = run(&mut case::whole(&path), false) {
            let _ = writeln!(wrong, "{}\n{problem}", name(&path));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn run(case: &mut Case, update: bool) -> Result<(), String> {
    let files = files(case);
    let outcome = Outcome::of(&files, &options(case));
    finding::compare(&files, &outcome.sources, &outcome.diagnostics)?;
    if let Some(expect) = &mut case.expect {
        if update {
            *expect = outcome.snapshot;
        } else if *expect != outcome.snapshot {
            return Err(format!("  expands to something else:\n{}", outcome.snapshot));
        }
    }
    Ok(())
}

/// The inputs that a case gives: `//! set name=value`.
fn options(case: &Case) -> Options {
    let sets = case.text.lines().filter_map(|l| l.strip_prefix("//! set ")).filter_map(|l| l.split_once('='));
    Options { sets: sets.map(|(n, v)| (n.to_owned(), v.to_owned())).collect() }
}

/// What a project gives.
struct Outcome {
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    snapshot: String,
}

impl Outcome {
    /// Loads a project, expands every environment, runs every test.
    fn of(files: &BTreeMap<String, String>, options: &Options) -> Outcome {
        let world = Memory::new(files.clone());
        let loaded = load(&world, options);
        let mut diagnostics = loaded.diagnostics;
        let mut snapshot = String::new();
        if let Some(program) = &loaded.program {
            let environments = program.environments();
            let all: Vec<_> =
                if environments.is_empty() { vec![None] } else { environments.into_iter().map(Some).collect() };
            for env in all {
                let expanded = program.expand(env);
                diagnostics.extend(expanded.diagnostics);
                if let Some(desired) = &expanded.desired {
                    snapshot::show(desired, &mut snapshot);
                }
            }
            for at in 0..program.tests() {
                let outcome = program.run_test(at, &|_| Vec::new()).expect("the test exists");
                diagnostics.extend(outcome.failures.into_iter().map(|failure| failure.finding));
            }
        }
        topo_model::diag::sort(&mut diagnostics);
        Outcome { sources: loaded.sources, diagnostics, snapshot }
    }
}
