//! Saved plans: written by `topo plan -o`, refused when anything they were made from has
//! changed since.
//!
//! The file's first line names the project as it was given to `topo plan`, so that the same
//! is read again; behind it stands the plan.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use topo_model::Value;
use topo_plan::Plan;
use topo_state::{Allowed, Log};

use crate::args::{Apply, ProjectOptions, Reads, Selection};
use crate::command::Result;
use crate::failure::Failure;
use crate::output::Output;
use crate::pipeline::{self, Question, Reviewed};
use crate::project::Project;
use crate::proof::{self, Allow};
use crate::session;

/// What was asked when the plan was made.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    topo_saved: u32,
    path: PathBuf,
    cloud: Option<String>,
    state: Option<String>,
    set: Vec<String>,
    /// The codes that were allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allow: Vec<String>,
    /// What was let through for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed: Vec<Allowed>,
}

const FORMAT: u32 = 1;

/// Whether a path is a saved plan rather than a project: a file that is no program.
pub(super) fn is_one(path: &Path) -> bool {
    path.is_file() && path.extension().is_none_or(|e| e != "topo")
}

/// The digest that the history names a plan by, together with what was let through for it.
pub(super) fn digest(plan: &Plan, allowed: &[Allowed]) -> String {
    let mut hash = Sha256::new_with_prefix(topo_plan::format::save(plan));
    for allowed in allowed {
        hash.update(format!("{}: {}\n", allowed.code, allowed.message));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a plan. The values of secret inputs are left out, and must be given again.
pub(crate) fn save(file: &Path, reviewed: &Reviewed, allow: &Allow, reads: &Reads) -> std::io::Result<()> {
    let plan = &reviewed.plan;
    let secret = |set: &&String| {
        let name = set.split('=').next().unwrap_or_default();
        plan.inputs.iter().any(|(input, value)| *input == *name && matches!(value, Value::Secret(_)))
    };
    let asked = Asked {
        topo_saved: FORMAT,
        path: reads.path.clone(),
        cloud: reads.options.cloud.clone(),
        state: reads.options.state.clone(),
        set: reads.options.set.iter().filter(|set| !secret(set)).cloned().collect(),
        allow: allow.texts(),
        allowed: reviewed.allowed.clone(),
    };
    let mut bytes = serde_json::to_vec(&asked)?;
    bytes.push(b'\n');
    bytes.extend(topo_plan::format::save(plan));
    std::fs::write(file, bytes)
}

fn load(file: &Path) -> Result<(Asked, Plan)> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|error| Failure::error(format!("'{shown}' can't be read: {error}")))?;
    let neither = || {
        Failure::error(format!("'{shown}' is neither a program nor a saved plan"))
            .help("a program's name ends in .topo; a plan is saved by 'topo plan -o FILE'")
    };
    let end = bytes.iter().position(|b| *b == b'\n').ok_or_else(neither)?;
    let asked: Asked = serde_json::from_slice(&bytes[..end]).map_err(|_| neither())?;
    let newer = || Failure::error(format!("'{shown}' was saved by another version of topo; plan again"));
    if asked.topo_saved != FORMAT {
        return Err(newer());
    }
    let plan = topo_plan::format::load(&bytes[end + 1..]).map_err(|error| match error {
        topo_plan::format::LoadError::Format(_) => newer(),
        topo_plan::format::LoadError::Malformed(_) => Failure::error(format!("'{shown}' is damaged; plan again")),
    })?;
    Ok((asked, plan))
}

/// Applies a saved plan, and nothing but it.
pub(super) fn run(arguments: &Apply, output: &mut Output) -> Result {
    refuse_more(arguments)?;
    let (asked, plan) = load(&arguments.path)?;
    let given = &arguments.options;
    let options = ProjectOptions {
        env: plan.env.map(|env| env.to_string()),
        cloud: asked.cloud,
        state: asked.state,
        set: asked.set.into_iter().chain(given.set.iter().cloned()).collect(),
        sandbox: given.sandbox.clone(),
    };
    let reads = Reads { path: asked.path, options };
    let project = Project::load(&reads)?;
    let env = project.environment_of_program(&reads.options, output)?;
    let mut expansion = project.desired(env, output)?;
    let mut session = project.session_of(env, &reads.options)?;
    let mut log = Log::open(&session.location, &session::holder("apply"))?;
    session.know(&mut expansion.desired, log.recorded());
    let program = &expansion.desired.digest;
    if plan.project != session.project || plan.cloud != session.cloud {
        return Err(stale("it was made for another project or cloud"));
    }
    if let Some(why) = topo_plan::stale(&plan, log.recorded(), program, None) {
        return Err(stale(&why));
    }
    if let Some(intent) = log.recorded().intents.first() {
        let why = format!("an earlier run was stopped at {}, and what became of it is not known yet", intent.address);
        return Err(stale(&why));
    }
    let provider = Arc::new(session.open()?);
    let runtime = pipeline::runtime()?;
    let selection = Selection { refresh: !plan.basis.observed.is_empty(), ..Selection::default() };
    let seen =
        pipeline::observe(Question::Program, &session, &provider, &expansion.desired, log.recorded(), &selection);
    let observed = runtime.block_on(seen)?;
    if let Some(why) = topo_plan::stale(&plan, log.recorded(), program, Some(&observed)) {
        return Err(stale(&why));
    }
    let allow = Allow::read(&asked.allow)?;
    let judged = proof::judge(&expansion.desired, &observed, &allow);
    if let Some(found) = judged.findings.iter().find(|found| found.is_error()) {
        return Err(stale(&format!("the proofs find {} now: {}", found.code, found.message)));
    }
    if let Some(found) = judged.allowed.iter().find(|found| !asked.allowed.contains(found)) {
        let why = format!("the proofs find what was not there to be allowed, {}: {}", found.code, found.message);
        return Err(stale(&why));
    }
    let reviewed = Reviewed { plan, diagnostics: judged.findings, allowed: judged.allowed };
    let work = super::Work {
        command: "apply",
        question: Question::Program,
        path: &reads.path,
        options: &reads.options,
        selection: &selection,
        allow,
        yes: arguments.yes,
        resume: false,
    };
    let exit = work.approved(&reviewed, &project, &session, provider, &mut log, &runtime, output);
    runtime.shutdown_background();
    log.close()?;
    exit
}

fn stale(why: &str) -> Failure {
    Failure::error(format!("the saved plan can't be applied: {why}")).help("plan again; nothing was changed")
}

/// A saved plan says all that there is to say.
fn refuse_more(arguments: &Apply) -> Result<()> {
    let (options, selection) = (&arguments.options, &arguments.selection);
    let more = [
        (options.env.is_some(), "--env"),
        (options.cloud.is_some(), "--cloud"),
        (options.state.is_some(), "--state"),
        (!selection.target.is_empty(), "--target"),
        (!selection.exclude.is_empty(), "--exclude"),
        (!selection.replace.is_empty(), "--replace"),
        (selection.region.is_some(), "--region"),
        (!selection.refresh, "--refresh"),
        (!arguments.proofs.allow.is_empty(), "--allow"),
        (arguments.resume, "--resume"),
    ];
    match more.iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Failure::usage(format!("{option} can't be given with a saved plan, which says it"))),
        None => Ok(()),
    }
}
