//! `topo test`: runs the `test` items; no cloud is asked.

use serde_json::json;

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::format::diagnostic as document;
use crate::output::Output;
use crate::project::Project;
use crate::render::{count, diagnostic};
use crate::style::{self, paint};

/// Runs the tests whose names contain the filter.
pub(crate) fn run(reads: &Reads, filter: Option<&str>, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let program = project.checked(output)?;
    let (mut passed, mut failed, mut documents) = (0, 0, Vec::new());
    for outcome in (0..program.tests()).filter_map(|at| program.run_test(at)) {
        if filter.is_some_and(|filter| !outcome.name.contains(filter)) {
            continue;
        }
        if output.json() {
            let findings = document::all(&outcome.failures, &project.sources);
            documents.push(json!({"name": outcome.name, "passed": outcome.passed(), "failures": findings}));
        } else if outcome.passed() {
            output.result(&format!("{} {}\n", paint(style::CREATE, "ok    "), outcome.name));
        } else {
            output.result(&format!("{} {}\n", paint(style::ERROR, "failed"), outcome.name));
            output.problem(&diagnostic::each(&outcome.failures, &project.sources, output.width()));
        }
        *(if outcome.passed() { &mut passed } else { &mut failed }) += 1;
    }
    if output.json() {
        output.document(&json!({"passed": passed, "failed": failed, "tests": documents}));
    } else {
        output.result(&format!("{}: {passed} passed, {failed} failed\n", count(passed + failed, "test")));
    }
    Ok(if failed > 0 { Exit::Errors } else { Exit::Done })
}
