//! `topo apply` and `topo destroy`: lock, recover, plan, show, ask, apply, report.

mod saved;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use topo_exec::{Approval, Callbacks, Event, Ids, Outcome, Report};
use topo_sandbox::Sandbox;
use topo_state::{Log, Run};

use crate::approval;
use crate::args::{Apply, Destroy, ProjectOptions, Reads, Selection};
use crate::command::{Result, plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::format::event;
use crate::output::Output;
use crate::pipeline::{self, Question, Reviewed};
use crate::progress::Progress;
use crate::project::{Expansion, Project};
use crate::proof::Allow;
use crate::render::report;
use crate::session::{self, Session};

pub(crate) use saved::save;

/// What `apply` and `destroy` have in common.
struct Work<'a> {
    command: &'static str,
    question: Question,
    path: &'a Path,
    options: &'a ProjectOptions,
    selection: &'a Selection,
    allow: Allow,
    yes: bool,
    resume: bool,
}

/// `topo apply`.
pub(crate) fn run(arguments: &Apply, output: &mut Output) -> Result {
    if saved::is_one(&arguments.path) {
        return saved::run(arguments, output);
    }
    let allow = Allow::read(&arguments.proofs.allow)?;
    let reads = Reads { path: arguments.path.clone(), options: arguments.options.clone() };
    let project = Project::load(&reads)?;
    let env = project.environment_of_program(&reads.options, output)?;
    let expansion = project.desired(env, output)?;
    let session = project.session_of(env, &reads.options)?;
    let work = Work {
        command: "apply",
        question: Question::Program,
        path: &arguments.path,
        options: &arguments.options,
        selection: &arguments.selection,
        allow,
        yes: arguments.yes,
        resume: arguments.resume,
    };
    work.whole(&project, session, expansion, output)
}

/// `topo destroy`.
pub(crate) fn destroy(arguments: &Destroy, output: &mut Output) -> Result {
    let project = Project::load(&arguments.reads)?;
    let session = project.session(&arguments.reads.options, output)?;
    let expansion = project.remains(session.env, output)?;
    let work = Work {
        command: "destroy",
        question: Question::Destroy,
        path: &arguments.reads.path,
        options: &arguments.reads.options,
        selection: &arguments.selection,
        allow: Allow::default(),
        yes: arguments.yes,
        resume: false,
    };
    work.whole(&project, session, expansion, output)
}

impl Work<'_> {
    /// From the lock to the report.
    fn whole(&self, project: &Project, mut session: Session, mut expansion: Expansion, output: &mut Output) -> Result {
        let options = pipeline::options(self.selection)?;
        let mut log = Log::open(&session.location, &session::holder(self.command))?;
        session.know(&mut expansion.desired, log.recorded());
        let (session, expansion) = (&session, &expansion);
        if self.resume {
            unfinished(&log)?;
        }
        let provider = Arc::new(session.open()?);
        let runtime = pipeline::runtime()?;
        recover(&runtime, session, &provider, &mut log, output)?;
        let recorded = log.recorded().clone();
        let seen = pipeline::observe(self.question, session, &provider, &expansion.desired, &recorded, self.selection);
        let observed = runtime.block_on(seen)?;
        let compared = pipeline::compare(self.question, expansion, &recorded, &observed, &options, &self.allow);
        let reviewed = match compared {
            Ok(reviewed) if reviewed.refused() => return Err(refused(&reviewed, project, output)),
            Ok(reviewed) => reviewed,
            Err(found) => return Err(project.show(&found, output)),
        };
        let exit = self.approved(&reviewed, project, session, provider, &mut log, &runtime, output);
        // A question that nobody answered must not hold the process up.
        runtime.shutdown_background();
        log.close()?;
        exit
    }

    /// From the plan to the report.
    #[expect(clippy::too_many_arguments, reason = "everything that a run is made of meets here, and only here")]
    fn approved(
        &self,
        reviewed: &Reviewed,
        project: &Project,
        session: &Session,
        provider: Arc<Sandbox>,
        log: &mut Log,
        runtime: &tokio::runtime::Runtime,
        output: &mut Output,
    ) -> Result {
        let plan = &reviewed.plan;
        if output.json() {
            output.line(&event::planned(plan, &reviewed.allowed));
        } else {
            // Nobody is asked about what was not shown.
            let recorded = &log.recorded().outputs;
            plan::show(reviewed, session, project, recorded, output.quiet() && self.yes, output);
        }
        let go_on = session.again(self.command, self.path, self.options) + &self.allow.options();
        let changes = crate::render::plan::has_changes(plan);
        if !pipeline::writes(plan, log.recorded()) {
            if output.json() {
                output.line(&event::finished(&topo_plan::Summary::default(), Outcome::Done, plan));
            }
            output.problem(&report::left(plan, &go_on));
            return Ok(Exit::Done);
        }
        if changes {
            approval::ask("Apply these changes? Only 'yes' is accepted:", self.yes, output)?;
        }
        let started = Instant::now();
        let report = self.execute(reviewed, session, provider, log, runtime, output)?;
        if changes || report.outcome != Outcome::Done {
            let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let text = report::all(&report, plan, &go_on, took);
            // What was not done is an error, and said with -q too.
            if report.outcome == Outcome::Done { output.note(&text) } else { output.problem(&text) }
        }
        if report.outcome == Outcome::Done {
            output.problem(&report::left(plan, &go_on));
        }
        Ok(exit(&report))
    }

    fn execute(
        &self,
        reviewed: &Reviewed,
        session: &Session,
        provider: Arc<Sandbox>,
        log: &mut Log,
        runtime: &tokio::runtime::Runtime,
        output: &mut Output,
    ) -> Result<Report> {
        let Reviewed { plan, allowed, .. } = reviewed;
        let progress = RefCell::new((Progress::new(plan, &session.catalogue, session.pace, output), output));
        let run = Run {
            command: self.command.to_owned(),
            who: session::who(),
            plan: saved::digest(plan, allowed),
            at: jiff::Timestamp::now().as_millisecond(),
            allowed: allowed.clone(),
        };
        let options = topo_exec::Options { run, human: patience(), ids: Ids::Random };
        let mut tell = |what: Event| {
            let (progress, output) = &mut *progress.borrow_mut();
            progress.event(&what, output);
        };
        let report = runtime.block_on(async {
            let interrupt = crate::signal::count()
                .map_err(|error| Failure::error(format!("signals can't be listened to: {error}")))?;
            let approve = async |wave: u32| {
                let question = {
                    let (progress, output) = &mut *progress.borrow_mut();
                    progress.pause();
                    approval::wave_question(wave, plan, output)
                };
                match question {
                    true => approval::answer().await,
                    false => Approval::No,
                }
            };
            let callbacks = Callbacks { events: &mut tell, approve, interrupt };
            Ok::<_, Failure>(topo_exec::apply(&session.cloud(provider), plan, log, &options, callbacks).await?)
        });
        progress.borrow_mut().0.pause();
        report
    }
}

/// What the proofs refuse is not applied.
fn refused(reviewed: &Reviewed, project: &Project, output: &mut Output) -> Failure {
    let failure = project.show(&reviewed.diagnostics, output);
    let mut codes: Vec<String> =
        reviewed.diagnostics.iter().filter(|found| found.is_error()).map(|found| found.code.to_string()).collect();
    codes.sort();
    codes.dedup();
    output.problem(&format!(
        "Nothing was changed: the proofs refuse it. '--allow {}' lets it through, and the history says so.\n",
        codes.join(" --allow ")
    ));
    failure
}

/// How long a run waits for a person, in milliseconds: where somebody sits before it, ten
/// minutes; elsewhere it ends and can go on.
fn patience() -> i64 {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() && std::io::stdin().is_terminal() { 600_000 } else { 0 }
}

/// Asks what became of the calls that an earlier run never saw the answer of.
fn recover(
    runtime: &tokio::runtime::Runtime,
    session: &Session,
    provider: &Arc<Sandbox>,
    log: &mut Log,
    output: &mut Output,
) -> Result<()> {
    if log.recorded().intents.is_empty() {
        return Ok(());
    }
    let mut tell = |what: Event| {
        if let Event::Recovered { address, text } = &what {
            if output.json() {
                output.line(&event::recovered(address, text));
            } else {
                output.note(&format!("{address}: {text}\n"));
            }
        }
    };
    runtime.block_on(topo_exec::recover(&session.cloud(provider.clone()), log, &mut tell))?;
    Ok(())
}

/// With `--resume` there must be something to go on with.
fn unfinished(log: &Log) -> Result<()> {
    let ended = |record: &topo_state::RunRecord| record.end.as_ref().is_some_and(|(outcome, ..)| outcome == "done");
    match log.history().last() {
        Some(last) if !ended(last) => Ok(()),
        Some(_) => Err(Failure::error("there is nothing to go on with: the last run came to its end")
            .help("leave out --resume to plan and apply anew")),
        None => Err(Failure::error("there is nothing to go on with: nothing was applied yet")
            .help("leave out --resume to plan and apply")),
    }
}

fn exit(report: &Report) -> Exit {
    match report.outcome {
        Outcome::Done => Exit::Done,
        Outcome::Failed => Exit::Errors,
        Outcome::Interrupted => Exit::Interrupted,
        Outcome::Waiting => Exit::Waiting,
    }
}
