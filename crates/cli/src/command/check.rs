//! `topo check`: what can be found without asking a cloud, in every environment or one.

use serde_json::json;
use topo_model::diag;

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::format::diagnostic as document;
use crate::output::Output;
use crate::project::Project;
use crate::render::{count, diagnostic};

/// Checks, and shows every finding once.
pub(crate) fn run(reads: &Reads, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let mut findings = project.diagnostics.clone();
    let mut environments = Vec::new();
    if project.usable() {
        environments = match &reads.options.env {
            Some(_) => vec![project.environment_of_program(&reads.options, output)?],
            None => project.environments(),
        };
        for env in &environments {
            findings.extend(project.expand(*env).1);
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

fn scope(environments: &[Option<topo_model::Symbol>]) -> String {
    match environments {
        [Some(env)] => format!("environment {env}"),
        [None] | [] => "the project".to_owned(),
        several => count(several.len(), "environment"),
    }
}
