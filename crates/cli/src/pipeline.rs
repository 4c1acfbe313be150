//! From a program and a state to a plan: observe, compare. Plan, apply and destroy share it.

use std::sync::Arc;

use topo_exec::View;
use topo_model::{Desired, Diagnostic, Recorded, Symbol};
use topo_plan::{Observed, Options, Plan, Planned};
use topo_sandbox::Sandbox;
use topo_state::Allowed;

use crate::args::Selection;
use crate::command::Result;
use crate::failure::Failure;
use crate::project::Expansion;
use crate::proof::{self, Allow, Judged};
use crate::session::Session;

/// Which question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// What must change so that the cloud is as the program says.
    Program,
    /// What must go so that nothing is left.
    Destroy,
    /// What changed outside.
    Drift,
}

/// The plan's options, from the command line's.
pub(crate) fn options(selection: &Selection) -> Result<Options> {
    let patterns = |texts: &[String]| -> Result<Vec<topo_model::Pattern>> {
        texts.iter().map(|t| topo_plan::pattern(t).map_err(|error| Failure::usage(error.to_string()))).collect()
    };
    Ok(Options {
        targets: patterns(&selection.target)?,
        excludes: patterns(&selection.exclude)?,
        replaces: patterns(&selection.replace)?,
        region: selection.region.as_deref().map(Symbol::new),
    })
}

/// Asks the cloud what is there.
pub(crate) async fn observe(
    question: Question,
    session: &Session,
    provider: &Arc<Sandbox>,
    desired: &Desired,
    recorded: &Recorded,
    selection: &Selection,
) -> Result<Observed> {
    let view = View {
        desired: (question == Question::Program).then_some(desired),
        recorded,
        region: selection.region.as_deref().map(Symbol::new),
        refresh: selection.refresh,
    };
    Ok(topo_exec::observe(&session.cloud(provider.clone()), &view).await?)
}

/// A plan with everything that is to be said of it.
pub(crate) struct Reviewed {
    /// The plan.
    pub(crate) plan: Plan,
    /// The findings: of the program, of the plan, of the proofs.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What the proofs found and was let through.
    pub(crate) allowed: Vec<Allowed>,
}

impl Reviewed {
    /// Whether the plan may only be looked at: the proofs refuse it.
    pub(crate) fn refused(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Compares the three sides, and proves what is wanted. The findings of the program come first, those of
/// the proofs last.
pub(crate) fn compare(
    question: Question,
    expansion: &Expansion,
    recorded: &Recorded,
    observed: &Observed,
    options: &Options,
    allow: &Allow,
) -> std::result::Result<Reviewed, Vec<Diagnostic>> {
    let desired = &expansion.desired;
    let planned = match question {
        Question::Program => topo_plan::plan(desired, recorded, observed, options),
        Question::Destroy => topo_plan::destroy(desired, recorded, observed, options),
        Question::Drift => topo_plan::drift(desired, recorded, observed, options),
    };
    // What is removed, and what changed outside, promises nothing.
    let judged = match question {
        Question::Program => proof::judge(desired, observed, allow),
        Question::Destroy | Question::Drift => Judged { findings: Vec::new(), allowed: Vec::new() },
    };
    let all = |found: Vec<Diagnostic>| expansion.diagnostics.iter().cloned().chain(found).chain(judged.findings);
    match planned {
        Ok(Planned { plan, diagnostics }) => {
            Ok(Reviewed { plan, diagnostics: all(diagnostics).collect(), allowed: judged.allowed })
        }
        Err(diagnostics) => Err(all(diagnostics).collect()),
    }
}

/// Whether an apply of the plan would write anything: a change, or what observation told
/// that the log does not know.
pub(crate) fn writes(plan: &Plan, recorded: &Recorded) -> bool {
    let told = |node: &topo_plan::Node| node.detail.as_ref().is_some_and(|d| d.refreshed.is_some());
    crate::render::plan::has_changes(plan) || !recorded.intents.is_empty() || plan.nodes.iter().any(told)
}

/// The runtime that clouds are asked in.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    crate::signal::runtime().map_err(|error| Failure::error(format!("the runtime can't be started: {error}")))
}
