//! The suite of case files: programs with what the proofs find, written on the lines it belongs to,
//! and after `--- expect ---` what they prove. The files are written as those of the language's own
//! suite; `UPDATE=1` in the environment writes the proofs anew. Every finding that the proofs can make is
//! made by some case.

#[expect(dead_code, reason = "the language's suite uses the rest")]
#[path = "../../../lang/tests/cases/case.rs"]
mod case;
#[path = "../../../lang/tests/cases/finding.rs"]
mod finding;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use case::{Case, case_files, files, join, name, read, split};
use topo_lang::{Memory, Options, load};
use topo_model::Code;
use topo_model::value::duration;
use topo_verify::{Observed, Report, StoreLoss, verify, verify_draft};

#[test]
fn cases_prove_and_find_what_they_expect() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    let mut given = BTreeSet::new();
    for path in case_files("") {
        let mut cases = split(&read(&path));
        for case in &mut cases {
            if let Err(problem) = run(case, update, &mut given) {
                let _ = writeln!(wrong, "{}: {}\n{problem}", name(&path), case.name);
            }
        }
        if update {
            std::fs::write(&path, join(&cases)).expect("case files can be written");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let mut wanted = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut wanted);
    assert!(wanted.len() > 20, "the sources were not found");
    let never: Vec<String> = wanted.difference(&given).map(|(file, line)| format!("{file}:{line}")).collect();
    assert!(never.is_empty(), "no case shows what is found at\n{}", never.join("\n"));
}

/// The places in the sources at which findings are made, each as a file and a line.
fn collect(directory: &Path, places: &mut BTreeSet<(String, u32)>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, places);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        for (line, text) in text.lines().enumerate() {
            if text.contains("Diagnostic::error(") || text.contains("Diagnostic::warning(") {
                places.insert((name(&path), line as u32 + 1));
            }
        }
    }
}

fn run(case: &mut Case, update: bool, given: &mut BTreeSet<(String, u32)>) -> Result<(), String> {
    let files = files(case);
    let loaded = load(&Memory::new(files.clone()), &Options::default());
    let mut found = loaded.diagnostics;
    let mut proved = String::new();
    if let Some(program) = &loaded.program {
        let environments = program.environments();
        let all: Vec<_> =
            if environments.is_empty() { vec![None] } else { environments.into_iter().map(Some).collect() };
        for env in all {
            let expanded = program.expand(env);
            if let Some(draft) = &expanded.draft {
                let codes: Vec<Code> = expanded.diagnostics.iter().map(|found| found.code).collect();
                found.extend(verify_draft(&draft.desired, &draft.refused, &codes));
            }
            found.extend(expanded.diagnostics);
            if let Some(desired) = &expanded.desired {
                let report = verify(desired, &Observed::new());
                show(&report, &mut proved);
                found.extend(report.findings);
            }
        }
    }
    topo_model::diag::sort(&mut found);
    given.extend(found.iter().map(|found| found.site.place()).map(|at| (name(Path::new(at.file())), at.line())));
    finding::compare(&files, &loaded.sources, &found)?;
    if let Some(expect) = &mut case.expect {
        if update {
            *expect = proved;
        } else if *expect != proved {
            return Err(format!("  proves something else:\n{proved}"));
        }
    }
    Ok(())
}

fn show(report: &Report, out: &mut String) {
    for proof in &report.proofs {
        let rto = proof.rto.map(|rto| format!(" within {}", duration(rto))).unwrap_or_default();
        let verdict = if proof.holds() { "holds" } else { "broken" };
        let _ = writeln!(out, "{}: {} survives {}{rto}: {verdict}", proof.objective, proof.endpoint, proof.survives);
        for loss in &proof.losses {
            let _ = write!(out, "  {} lost: ", loss.lost);
            let _ = match (&loss.broken, &loss.recovery) {
                (Some(steps), _) => writeln!(out, "\n    {}", steps.join("\n    ")),
                (None, None) => writeln!(out, "nobody notices; {}", loss.served_by.join(", ")),
                (None, Some(bound)) => writeln!(out, "{}; {}", bound.arithmetic(), loss.served_by.join(", ")),
            };
            for StoreLoss { store, kept, why } in &loss.stores {
                let _ = writeln!(out, "    {store} keeps {kept:?}: {why}");
            }
        }
        for assumption in &proof.assumptions {
            let _ = writeln!(out, "  assumed ({}): {}", assumption.name, assumption.text);
        }
    }
}
