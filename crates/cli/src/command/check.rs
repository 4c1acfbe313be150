//! `topo check`: what can be found without asking a cloud, the proofs among it, in every environment
//! or one.

use serde_json::json;
use topo_model::{Diagnostic, diag};

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::diagnostic as document;
use crate::output::Output;
use crate::project::{self, Project};
use crate::render::{count, diagnostic};

/// Checks, and shows every finding once.
pub(crate) fn run(reads: &Reads, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let mut findings = project.diagnostics.clone();
    let mut environments = Vec::new();
    if project.usable() {
        environments = match &reads.options.env {
            Some(_) => match project.environment_of_program(&reads.options, output) {
                Ok(env) => vec![env],
                Err(failure) => return Err(hindered(failure, &findings, &project, output)),
            },
            None => project.environments(),
        };
        for env in &environments {
            let (desired, found) = project.expand(*env);
            findings.extend(found);
            findings.extend(desired.iter().flat_map(|desired| project::proofs(desired).findings));
        }
        diag::sort(&mut findings);
    }
    let failed = findings.iter().any(|d| d.is_error());
    if output.json() {
        output.document(&json!({"diagnostics": document::all(&findings, &project.sources)}));
    } else {
        output.problem(&diagnostic::all(&findings, &project.sources, output.width()));
        if !failed {
            output.note(&format!("No errors in {}.\n", scope(&environments)));
        }
    }
    Ok(if failed { Exit::Errors } else { Exit::Done })
}

/// Where there is no such environment; a document is printed all the same.
fn hindered(failure: Failure, findings: &[Diagnostic], project: &Project, output: &mut Output) -> Failure {
    if let (true, Failure::Message { text, help, .. }) = (output.json(), &failure) {
        let mut found = document::all(findings, &project.sources);
        if let Some(found) = found.as_array_mut() {
            found.push(document::of_failure(text, help.as_deref()));
        }
        output.document(&json!({"diagnostics": found}));
    }
    failure
}

fn scope(environments: &[Option<topo_model::Symbol>]) -> String {
    match environments {
        [Some(env)] => format!("environment {env}"),
        [None] | [] => "the project".to_owned(),
        several => count(several.len(), "environment"),
    }
}
