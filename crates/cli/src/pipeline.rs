//! From a program and a state to a plan: observe, compare. Plan, apply and destroy share it.

use std::sync::Arc;

use topo_exec::View;
use topo_model::{Desired, Diagnostic, Recorded, Symbol};
use topo_plan::{Observed, Options, Plan, Planned};
use topo_sandbox::Sandbox;

use crate::args::Selection;
use crate::command::Result;
use crate::failure::Failure;
use crate::project::Expansion;
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

/// Compares the three sides. The findings of the program come first.
pub(crate) fn compare(
    question: Question,
    expansion: &Expansion,
    recorded: &Recorded,
    observed: &Observed,
    options: &Options,
) -> std::result::Result<Planned, Vec<Diagnostic>> {
    let desired = &expansion.desired;
    let planned = match question {
        Question::Program => topo_plan::plan(desired, recorded, observed, options),
        Question::Destroy => topo_plan::destroy(desired, recorded, observed, options),
        Question::Drift => topo_plan::drift(desired, recorded, observed, options),
    };
    let with = |mut found: Vec<Diagnostic>| {
        found.splice(0..0, expansion.diagnostics.iter().cloned());
        found
    };
    match planned {
        Ok(Planned { plan, diagnostics }) => Ok(Planned { plan, diagnostics: with(diagnostics) }),
        Err(diagnostics) => Err(with(diagnostics)),
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
