//! `topo verify`: every objective with the derivation of its proof, in every environment or one.

use serde_json::json;
use topo_model::{Desired, Diagnostic, Symbol, diag};
use topo_verify::{Proof, Report};

use crate::args::{ProjectOptions, Reads};
use crate::command::Result;
use crate::exit::Exit;
use crate::format::{diagnostic as findings, proof as document};
use crate::output::Output;
use crate::project::Project;
use crate::proof::{self, Unseen};
use crate::render::{diagnostic, proof as text};

/// One environment, proved.
pub(crate) struct Proved {
    /// Its program.
    pub(crate) desired: Desired,
    /// The proofs.
    pub(crate) report: Report,
    /// What they know nothing of but what the program says.
    pub(crate) unseen: Vec<Unseen>,
    /// The cloud.
    pub(crate) cloud: Symbol,
}

impl Proved {
    /// Every objective, with its proof where there is one.
    pub(crate) fn objectives(&self) -> impl Iterator<Item = (&topo_model::Objective, Option<&Proof>)> {
        let proofs = &self.report.proofs;
        self.desired.objectives.iter().map(move |objective| {
            let of = |proof: &&Proof| proof.span == objective.span && proof.objective == objective.name;
            (objective, proofs.iter().find(of))
        })
    }
}

/// Proves, and shows how.
pub(crate) fn run(reads: &Reads, output: &mut Output) -> Result {
    let project = Project::load(reads)?;
    let mut found = project.diagnostics.clone();
    let proved = match project.usable() {
        true => all(&project, &reads.options, &mut found, output)?,
        false => Vec::new(),
    };
    diag::sort(&mut found);
    if output.json() {
        let environments: Vec<_> = proved.iter().map(|p| document::environment(p, &project.sources)).collect();
        output.document(&json!({
            "format": document::FORMAT,
            "project": project.name(),
            "environments": environments,
            "diagnostics": findings::all(&found, &project.sources),
        }));
    } else {
        let width = output.width();
        for (at, proved) in proved.iter().enumerate() {
            let apart = if at > 0 { "\n" } else { "" };
            output.result(&format!("{apart}{}", text::environment(proved, &project.sources, width)));
        }
        output.problem(&diagnostic::all(&found, &project.sources, width));
        if found.is_empty() && !proved.is_empty() && proved.iter().all(|p| p.desired.objectives.is_empty()) {
            output.note(text::HOW_TO);
        }
    }
    Ok(if found.iter().any(Diagnostic::is_error) { Exit::Errors } else { Exit::Done })
}

/// Every environment that is asked for, and what is found in all of them.
fn all(
    project: &Project,
    options: &ProjectOptions,
    found: &mut Vec<Diagnostic>,
    output: &mut Output,
) -> Result<Vec<Proved>> {
    let environments = match &options.env {
        Some(_) => vec![project.environment_of_program(options, output)?],
        None => project.environments(),
    };
    let mut proved = Vec::new();
    for env in environments {
        let (desired, findings) = project.expand(env);
        found.extend(findings);
        let Some(mut desired) = desired else { continue };
        let (report, unseen) = proof::report(project, &mut desired, options)?;
        found.extend(report.findings.iter().cloned());
        let cloud = options.cloud.as_deref().map_or(desired.project.cloud, Symbol::new);
        proved.push(Proved { desired, report, unseen, cloud });
    }
    Ok(proved)
}
