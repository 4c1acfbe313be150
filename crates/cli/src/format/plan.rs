//! A plan in `--json`.

use serde_json::{Map, Value as Json, json};
use topo_model::{Attributes, Catalogue, Diagnostic, SourceMap, Symbol, format::to_json};
use topo_plan::{Action, Cause, Node, Plan};
use topo_state::Allowed;

use crate::format::diagnostic;

/// The format that the document names.
const FORMAT: u32 = 1;

/// A program's name, for the document of a plan that could not be made.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The project; `None` where the program does not say.
    pub(crate) project: Option<Symbol>,
    /// The environment.
    pub(crate) env: Option<Symbol>,
    /// The cloud.
    pub(crate) cloud: Option<Symbol>,
}

/// The document of a program with errors: no changes, only findings.
pub(crate) fn failed(head: &Head, diagnostics: &[Diagnostic], sources: &SourceMap) -> Json {
    without_plan(head, diagnostic::all(diagnostics, sources))
}

/// The same where something else is in the way: one finding.
pub(crate) fn hindered(head: &Head, finding: Json) -> Json {
    without_plan(head, json!([finding]))
}

fn without_plan(head: &Head, diagnostics: Json) -> Json {
    json!({
        "format": FORMAT,
        "project": head.project,
        "env": head.env,
        "cloud": head.cloud,
        "summary": topo_plan::Summary::default(),
        "changes": [],
        "waves": [],
        "diagnostics": diagnostics,
    })
}

/// The document of a plan.
pub(crate) fn document(plan: &Plan, catalogue: &Catalogue, diagnostics: &[Diagnostic], sources: &SourceMap) -> Json {
    let changes: Vec<Json> =
        plan.nodes.iter().filter(|n| changes(n)).map(|n| change(n, plan, catalogue, sources)).collect();
    let mut out = json!({
        "format": FORMAT,
        "project": plan.project,
        "env": plan.env,
        "cloud": plan.cloud,
        "summary": plan.summary,
        "changes": changes,
        "waves": waves(plan),
        "diagnostics": diagnostic::all(diagnostics, sources),
    });
    if !plan.frozen.is_empty() {
        out["frozen"] = frozen(plan);
    }
    if plan.outputs_changed {
        out["outputs"] = attributes(&plan.outputs.iter().cloned().collect(), None, plan);
    }
    out
}

/// A plan's document with the findings that were let through.
pub(crate) fn with_allowed(mut document: Json, allowed: &[Allowed]) -> Json {
    if !allowed.is_empty() {
        document["allowed"] = self::allowed(allowed);
    }
    document
}

/// Findings that were let through.
pub(crate) fn allowed(allowed: &[Allowed]) -> Json {
    allowed.iter().map(|a| json!({"code": a.code, "message": a.message})).collect()
}

fn changes(node: &Node) -> bool {
    !matches!(node.action, Action::None | Action::Read)
}

fn change(node: &Node, plan: &Plan, catalogue: &Catalogue, sources: &SourceMap) -> Json {
    let empty = topo_plan::Detail::default();
    let detail = node.detail.as_deref().unwrap_or(&empty);
    let kind = catalogue.by_name(node.kind);
    let shown = |attrs: &Option<Attributes>| attrs.as_ref().map_or(Json::Null, |a| attributes(a, kind, plan));
    let mut out = json!({
        "address": node.address,
        "kind": node.kind,
        "region": node.region,
        "action": action(node.action),
        "reasons": reasons(detail),
        "details": details(detail, sources),
        "before": shown(&detail.before),
        "after": shown(&detail.after),
    });
    if let Some(from) = &detail.moved_from {
        out["moved_from"] = json!(from);
    }
    out
}

/// Each cause once, the one that decided first.
fn reasons(detail: &topo_plan::Detail) -> Vec<Cause> {
    let mut causes = Vec::new();
    for reason in &detail.reasons {
        if !causes.contains(&reason.cause) {
            causes.push(reason.cause);
        }
    }
    causes
}

/// Every reason in words, with the place in the program that gives it; a saved plan has none.
fn details(detail: &topo_plan::Detail, sources: &SourceMap) -> Json {
    let one = |reason: &topo_plan::Reason| {
        let place = sources.file(reason.span).zip(sources.lines(reason.span));
        json!({
            "reason": reason.cause,
            "text": reason.text,
            "file": place.map(|(file, _)| &*file.name),
            "line": place.map(|(_, (start, _))| start.line),
        })
    };
    detail.reasons.iter().map(one).collect()
}

fn action(action: Action) -> &'static str {
    match action {
        Action::None => "none",
        Action::Read => "read",
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace(_) => "replace",
        Action::Delete => "delete",
        Action::Move => "move",
        Action::Import => "import",
        Action::Forget => "forget",
    }
}

/// Attributes as an object; what the kind calls secret is not shown.
fn attributes(attributes: &Attributes, kind: Option<&topo_model::Kind>, plan: &Plan) -> Json {
    let name = |term: &topo_model::Term| plan.display_term(term);
    let secret = |name| kind.and_then(|k| k.attribute(name)).is_some_and(|(_, a)| a.secret);
    let entries = attributes.iter().map(|(n, v)| {
        (n.as_str().to_owned(), if secret(n) && !v.is_none() { json!({"secret": true}) } else { to_json(v, &name) })
    });
    Json::Object(entries.collect::<Map<_, _>>())
}

/// The regions of every wave: the rollout's, and those of nodes that it does not name.
pub(crate) fn waves(plan: &Plan) -> Vec<Vec<Symbol>> {
    let mut waves: Vec<Vec<Symbol>> = plan.waves.iter().map(|w| w.regions.clone()).collect();
    for node in &plan.nodes {
        let Some(region) = node.region else { continue };
        if waves.iter().any(|w| w.contains(&region)) {
            continue;
        }
        if let Some(wave) = waves.get_mut(node.wave as usize) {
            wave.push(region);
        }
    }
    waves
}

/// The regions that can't be reached, with what is left as it is for them.
pub(crate) fn frozen(plan: &Plan) -> Json {
    let address = |n: &topo_plan::NodeId| plan.nodes.get(n.0 as usize).map(|n| n.address.as_str());
    let one = |frozen: &topo_plan::Frozen| {
        let addresses: Vec<&str> = frozen.nodes.iter().filter_map(address).collect();
        json!({"region": frozen.region, "error": frozen.error, "skipped": addresses})
    };
    plan.frozen.iter().map(one).collect()
}
