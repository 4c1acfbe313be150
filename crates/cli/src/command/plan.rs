//! `topo plan`: previews the changes, and writes nothing but the file that `-o` names.

use std::path::Path;
use std::sync::Arc;

use topo_model::{Diagnostic, Recorded};
use topo_plan::Planned;

use crate::args::{Plan as Arguments, Reads};
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::plan::{self as document, Head};
use crate::output::Output;
use crate::pipeline::{self, Question};
use crate::project::{Expansion, Project};
use crate::render::{change::View, diagnostic, plan as text};
use crate::session::Session;

/// Makes and shows a plan.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result {
    let project = Project::load(&arguments.reads)?;
    if output.json() && !project.usable() {
        return Ok(failed(&project, None, &project.diagnostics, output));
    }
    let env = project.environment_of_program(&arguments.reads.options, output)?;
    let expansion = match project.expanded(env) {
        Ok(expansion) => expansion,
        Err(found) => return Ok(failed(&project, env, &found, output)),
    };
    let (mut session, mut expansion) = (project.session_of(env, &arguments.reads.options)?, expansion);
    let recorded = topo_state::read(&session.location)?.recorded;
    session.know(&mut expansion.desired, &recorded);
    let planned = match make(arguments, &session, &expansion, &recorded)? {
        Ok(planned) => planned,
        Err(found) => return Ok(failed(&project, env, &found, output)),
    };
    show(&planned, &session, &project, output.quiet(), output);
    open_intents(&recorded, output);
    if let Some(file) = &arguments.out {
        save(file, &planned, &arguments.reads, output)?;
    }
    let changes = arguments.detailed_exitcode && text::has_changes(&planned.plan);
    Ok(if changes { Exit::Changes } else { Exit::Done })
}

fn make(
    arguments: &Arguments,
    session: &Session,
    expansion: &Expansion,
    recorded: &Recorded,
) -> Result<std::result::Result<Planned, Vec<Diagnostic>>> {
    let question = if arguments.drift { Question::Drift } else { Question::Program };
    let options = pipeline::options(&arguments.selection)?;
    let provider = Arc::new(session.open()?);
    let seen = pipeline::observe(question, session, &provider, &expansion.desired, recorded, &arguments.selection);
    let observed = pipeline::runtime()?.block_on(seen)?;
    Ok(pipeline::compare(question, expansion, recorded, &observed, &options))
}

/// Shows a plan with its findings; in brief, only its counts.
pub(crate) fn show(planned: &Planned, session: &Session, project: &Project, brief: bool, output: &mut Output) {
    let Planned { plan, diagnostics } = planned;
    if output.json() {
        output.document(&document::document(plan, &session.catalogue, diagnostics, &project.sources));
        return;
    }
    output.problem(&diagnostic::all(diagnostics, &project.sources, output.width()));
    let view = View {
        plan,
        catalogue: &session.catalogue,
        sources: &project.sources,
        width: output.width(),
        verbose: output.verbose(),
    };
    output.result(&if brief { text::brief(plan) } else { text::all(view) });
}

/// Shows why there is no plan.
fn failed(project: &Project, env: Option<topo_model::Symbol>, found: &[Diagnostic], output: &mut Output) -> Exit {
    if output.json() {
        let head = Head { project: project.name(), env, cloud: project.cloud() };
        output.document(&document::failed(&head, found, &project.sources));
    } else {
        output.problem(&diagnostic::all(found, &project.sources, output.width()));
    }
    Exit::Errors
}

/// Calls of an earlier run that the next apply has to ask about.
fn open_intents(recorded: &Recorded, output: &mut Output) {
    if let Some(first) = recorded.intents.first() {
        let more = match recorded.intents.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        output.note(&format!(
            "An earlier run was stopped at {}{more}; the next apply first asks what became of it.\n",
            first.address
        ));
    }
}

fn save(file: &Path, planned: &Planned, reads: &Reads, output: &mut Output) -> Result<()> {
    crate::command::apply::save(file, &planned.plan, reads)
        .map_err(|error| Failure::error(format!("the plan can't be written to '{}': {error}", file.display())))?;
    output
        .note(&format!("Saved. Apply it with 'topo apply {}'.\n", crate::session::shell(&file.display().to_string())));
    Ok(())
}
