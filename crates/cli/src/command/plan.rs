//! `topo plan`: previews the changes, and writes nothing but the file that `-o` names.

use std::path::Path;
use std::sync::Arc;

use topo_model::{Attributes, Diagnostic, Recorded};

use crate::args::{Plan as Arguments, Reads};
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::diagnostic::of_failure;
use crate::format::plan::{self as document, Head};
use crate::output::Output;
use crate::pipeline::{self, Question, Reviewed};
use crate::project::{Expansion, Project};
use crate::proof::Allow;
use crate::render::{change::View, diagnostic, plan as text};
use crate::session::Session;

/// Makes and shows a plan.
pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result {
    let project = Project::load(&arguments.reads)?;
    if output.json() && !project.usable() {
        return Ok(failed(&project, None, &project.diagnostics, output));
    }
    let made = match made(arguments, &project, output) {
        Ok(Ok(made)) => made,
        Ok(Err((env, found))) => return Ok(failed(&project, env, &found, output)),
        Err(failure) => {
            if let (true, Failure::Message { text, help, .. }) = (output.json(), &failure) {
                let head = Head { project: project.name(), env: None, cloud: project.cloud() };
                output.document(&document::hindered(&head, of_failure(text, help.as_deref())));
            }
            return Err(failure);
        }
    };
    let Made { reviewed, session, recorded, allow } = &made;
    show(reviewed, session, &project, &recorded.outputs, output.quiet(), output);
    open_intents(recorded, output);
    if reviewed.refused() {
        let saved = if arguments.out.is_some() { " It is not saved." } else { "" };
        output.note(&format!("The plan can be looked at, and not applied: the proofs refuse it.{saved}\n"));
        return Ok(Exit::Errors);
    }
    if let Some(file) = &arguments.out {
        save(file, reviewed, allow, &arguments.reads, output)?;
    }
    let changes = text::has_changes(&reviewed.plan) || text::leaves(&reviewed.plan);
    Ok(if arguments.detailed_exitcode && changes { Exit::Changes } else { Exit::Done })
}

/// A plan with what it was made from.
struct Made {
    reviewed: Reviewed,
    session: Session,
    recorded: Recorded,
    allow: Allow,
}

/// What the program of an environment has against a plan.
type Against = (Option<topo_model::Symbol>, Vec<Diagnostic>);

/// Everything before the first word of the result.
fn made(arguments: &Arguments, project: &Project, output: &mut Output) -> Result<std::result::Result<Made, Against>> {
    let allow = Allow::read(&arguments.proofs.allow)?;
    let env = project.environment_of_program(&arguments.reads.options, output)?;
    let mut expansion = match project.expanded(env) {
        Ok(expansion) => expansion,
        Err(found) => return Ok(Err((env, found))),
    };
    let mut session = project.session_of(env, &arguments.reads.options)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    session.know(&mut expansion.desired, &recorded);
    Ok(match make(arguments, &session, &expansion, &recorded, &allow)? {
        Ok(reviewed) => Ok(Made { reviewed, session, recorded, allow }),
        Err(found) => Err((env, found)),
    })
}

fn make(
    arguments: &Arguments,
    session: &Session,
    expansion: &Expansion,
    recorded: &Recorded,
    allow: &Allow,
) -> Result<std::result::Result<Reviewed, Vec<Diagnostic>>> {
    let question = if arguments.drift { Question::Drift } else { Question::Program };
    let options = pipeline::options(&arguments.selection)?;
    let provider = Arc::new(session.open()?);
    let seen = pipeline::observe(question, session, &provider, &expansion.desired, recorded, &arguments.selection);
    let observed = pipeline::runtime()?.block_on(seen)?;
    Ok(pipeline::compare(question, expansion, recorded, &observed, &options, allow))
}

/// Shows a plan with its findings, over the outputs as recorded; in brief, only its counts.
pub(crate) fn show(
    reviewed: &Reviewed,
    session: &Session,
    project: &Project,
    recorded: &Attributes,
    brief: bool,
    output: &mut Output,
) {
    let Reviewed { plan, diagnostics, allowed } = reviewed;
    if output.json() {
        let document = document::document(plan, &session.catalogue, diagnostics, &project.sources);
        output.document(&document::with_allowed(document, allowed));
        return;
    }
    output.problem(&diagnostic::all(diagnostics, &project.sources, output.width()));
    let view = View {
        plan,
        allowed,
        catalogue: &session.catalogue,
        sources: &project.sources,
        recorded,
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

fn save(file: &Path, reviewed: &Reviewed, allow: &Allow, reads: &Reads, output: &mut Output) -> Result<()> {
    crate::command::apply::save(file, reviewed, allow, reads)
        .map_err(|error| Failure::error(format!("the plan can't be written to '{}': {error}", file.display())))?;
    output
        .note(&format!("Saved. Apply it with 'topo apply {}'.\n", crate::session::shell(&file.display().to_string())));
    Ok(())
}
