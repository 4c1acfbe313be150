//! `topo test`: runs the `test` items; no cloud is asked.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use topo_model::{ResId, SourceMap, Symbol, Term, Value};

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::diagnostic as document;
use crate::output::Output;
use crate::project::{self, Compared, Project, TestFailure, TestOutcome};
use crate::render::value::{self, Naming};
use crate::render::{count, diagnostic, diff};
use crate::style::{self, paint};

/// How many tests' names a message lists.
const LISTED: usize = 10;

/// Runs the tests whose names contain the filter.
pub(crate) fn run(reads: &Reads, filter: Option<&str>, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let program = project.checked(output)?;
    let names: Vec<&str> = program.test_names().collect();
    let chosen: Vec<usize> = (0..names.len()).filter(|at| filter.is_none_or(|f| names[*at].contains(f))).collect();
    if let (Some(filter), true, false) = (filter, chosen.is_empty(), names.is_empty()) {
        return Err(nothing_fits(filter, &names));
    }
    let prove = |desired: &topo_model::Desired| project::proofs(desired).findings;
    let outcomes: Vec<TestOutcome> = chosen.iter().filter_map(|at| program.run_test(*at, &prove)).collect();
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let passed = outcomes.len() - failed;
    if output.json() {
        let tests: Vec<Json> = outcomes.iter().map(|outcome| test(outcome, &project.sources)).collect();
        output.document(&json!({"passed": passed, "failed": failed, "tests": tests}));
    } else {
        for outcome in &outcomes {
            show(outcome, &project.sources, output);
        }
        let skipped = names.len() - outcomes.len();
        let left = if skipped > 0 { format!(", {skipped} not chosen by the filter") } else { String::new() };
        output.result(&format!("{}: {passed} passed, {failed} failed{left}\n", count(outcomes.len(), "test")));
        if names.is_empty() {
            output.note(&how_to(program.project().name, program.environments().first().copied()));
        }
    }
    Ok(if failed > 0 { Exit::Errors } else { Exit::Done })
}

fn show(outcome: &TestOutcome, sources: &SourceMap, output: &mut Output) {
    if outcome.passed() {
        output.result(&format!("{} {}\n", paint(style::CREATE, "ok    "), outcome.name));
        return;
    }
    output.result(&format!("{} {}\n", paint(style::ERROR, "failed"), outcome.name));
    for failure in &outcome.failures {
        let width = output.width();
        output.problem(&diagnostic::each(std::slice::from_ref(&failure.finding), sources, width));
        if let Some(compared) = failure.compared.as_ref().filter(|compared| compared.large) {
            output.problem(&difference(compared, width));
        }
    }
}

/// What differs between two values, line by line.
fn difference(compared: &Compared, width: usize) -> String {
    let names = Addressed(&compared.addresses);
    let lines = diff::lines("the value", Some(&compared.left), Some(&compared.right), &names, width.saturating_sub(4));
    lines.iter().map(|line| format!("  {line}\n")).chain(std::iter::once("\n".to_owned())).collect()
}

/// Resources by the addresses they have in the test's plan.
struct Addressed<'a>(&'a BTreeMap<ResId, String>);

impl Naming for Addressed<'_> {
    fn term(&self, term: &Term) -> String {
        match term {
            Term::Output { resource, name } => format!("{}.{name}", self.resource(*resource)),
            other => other.to_string(),
        }
    }

    fn resource(&self, id: ResId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| Value::Resource(id).to_string())
    }
}

fn test(outcome: &TestOutcome, sources: &SourceMap) -> Json {
    let place = sources.file(outcome.span).zip(sources.lines(outcome.span));
    let (file, line) =
        place.map_or((Json::Null, Json::Null), |(file, (start, _))| (json!(&*file.name), json!(start.line)));
    let failures: Vec<Json> = outcome.failures.iter().map(|failure| failed(failure, sources)).collect();
    json!({"name": outcome.name, "file": file, "line": line, "passed": outcome.passed(), "failures": failures})
}

fn failed(failure: &TestFailure, sources: &SourceMap) -> Json {
    let mut finding = document::one(&failure.finding, sources);
    if let (Some(compared), Some(finding)) = (&failure.compared, finding.as_object_mut()) {
        let names = Addressed(&compared.addresses);
        finding.insert("left".to_owned(), json!(value::inline(&compared.left, &names)));
        finding.insert("right".to_owned(), json!(value::inline(&compared.right, &names)));
    }
    finding
}

fn nothing_fits(filter: &str, names: &[&str]) -> Failure {
    let mut known: Vec<String> = names.iter().take(LISTED).map(|name| format!("\"{name}\"")).collect();
    if names.len() > LISTED {
        known.push(format!("and {} more", names.len() - LISTED));
    }
    Failure::error(format!("no test's name contains '{filter}'")).help(format!("the tests are {}", known.join(", ")))
}

/// A test to begin with.
fn how_to(project: Symbol, env: Option<Symbol>) -> String {
    let (plan, expect) = match env {
        Some(env) => (format!("plan {env}"), format!("env.name == \"{env}\"")),
        None => ("plan".to_owned(), format!("project.name == \"{project}\"")),
    };
    format!(
        "The project has no tests. One stands in any of its files, beside the topology:\n\n  \
         test \"what must hold\" {{\n    {plan}\n    expect {expect}\n  }}\n\n\
         `expect` sees every name of the topology.\n"
    )
}
