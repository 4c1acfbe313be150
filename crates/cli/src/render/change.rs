//! One resource of a plan: its mark, what differs, why.

use anstyle::Style;
use topo_model::{Attributes, Catalogue, ReplaceOrder, SourceMap, Value};
use topo_plan::{Action, Cause, Detail, Difference, Node, Plan};
use topo_state::Allowed;

use crate::render::{diff, value};
use crate::style::{self, paint};

/// What rendering a change looks things up in.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The plan.
    pub(crate) plan: &'a Plan,
    /// The findings that are let through.
    pub(crate) allowed: &'a [Allowed],
    /// The kinds, for what must not be shown.
    pub(crate) catalogue: &'a Catalogue,
    /// The program's text, for where a reason stands; empty for a saved plan.
    pub(crate) sources: &'a SourceMap,
    /// The outputs as recorded: those that stay as they are need no words.
    pub(crate) recorded: &'a Attributes,
    /// The columns of a line.
    pub(crate) width: usize,
    /// Whether what is unchanged is named too.
    pub(crate) verbose: bool,
}

/// The mark of an action, with its style.
pub(crate) fn mark(action: Action) -> (&'static str, Style) {
    match action {
        Action::None => (" ", style::QUIET),
        Action::Read => ("?", style::QUIET),
        Action::Create => ("+", style::CREATE),
        Action::Update => ("~", style::CHANGE),
        Action::Replace(_) => ("-/+", style::DELETE),
        Action::Delete => ("-", style::DELETE),
        Action::Move => ("→", style::MOVE),
        Action::Import => ("⇐", style::MOVE),
        Action::Forget => ("✗", style::MOVE),
    }
}

/// The lines of one node, each indented by four.
pub(crate) fn lines(node: &Node, view: View<'_>) -> Vec<String> {
    let empty = Detail::default();
    let detail = node.detail.as_deref().unwrap_or(&empty);
    let (mark, colour) = mark(node.action);
    let mut out = vec![format!(
        "  {}{} {}  {}",
        " ".repeat(3 - mark.chars().count()),
        paint(colour, mark),
        paint(style::HEAD, &node.address),
        paint(style::QUIET, node.kind)
    )];
    let mut inner = reasons(node, detail, view);
    inner.extend(body(node, detail, view));
    out.extend(inner.into_iter().map(|line| format!("        {line}")));
    out
}

/// What differs, or what will be there.
fn body(node: &Node, detail: &Detail, view: View<'_>) -> Vec<String> {
    match node.action {
        Action::Create => all(node, detail.after.as_ref(), view),
        Action::None | Action::Read | Action::Delete | Action::Forget => Vec::new(),
        Action::Update | Action::Replace(_) | Action::Move | Action::Import => differences(detail, view),
    }
}

/// Every attribute of a new object, in columns.
fn all(node: &Node, attributes: Option<&Attributes>, view: View<'_>) -> Vec<String> {
    let Some(attributes) = attributes else { return Vec::new() };
    let shown: Vec<(&str, &Value)> =
        attributes.iter().filter(|(_, v)| !v.is_none() && !empty(v)).map(|(name, v)| (name.as_str(), v)).collect();
    let column = shown.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let kind = view.catalogue.by_name(node.kind);
    let mut out = Vec::new();
    for (name, value) in shown {
        let secret = kind.and_then(|k| k.attribute(name.into())).is_some_and(|(_, a)| a.secret);
        let mut lines = if secret {
            vec!["(secret)".to_owned()]
        } else {
            value::lines(value, view.plan, view.width.saturating_sub(column + 11))
        }
        .into_iter();
        let first = lines.next().unwrap_or_default();
        out.push(format!("{name:column$} = {}", unknown_dimmed(&first)));
        out.extend(lines.map(|line| unknown_dimmed(&line)));
    }
    out
}

fn empty(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Record(record) => record.is_empty(),
        _ => false,
    }
}

fn unknown_dimmed(line: &str) -> String {
    match line.strip_prefix("(known after apply") {
        Some(_) => paint(style::QUIET, line),
        None => line.to_owned(),
    }
}

fn differences(detail: &Detail, view: View<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for difference in &detail.differences {
        let name = difference.attribute.as_str();
        let mut lines = if difference.secret {
            vec![format!("{} {name} = (secret) → (secret)", paint(style::CHANGE, "~"))]
        } else {
            let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
            diff::lines(name, before, after, view.plan, view.width.saturating_sub(8))
        };
        if let Some(first) = lines.first_mut() {
            first.push_str(&remark(difference));
        }
        out.extend(lines);
    }
    let managed = detail.after.as_ref().map_or(0, |a| a.iter().filter(|(_, v)| !v.is_none()).count());
    let same = managed.saturating_sub(detail.differences.iter().filter(|d| d.after.is_some()).count());
    out.extend(diff::folded(same, "attribute", "attributes"));
    out
}

/// What stands behind a difference.
fn remark(difference: &Difference) -> String {
    let mut remarks = Vec::new();
    if difference.replaces {
        remarks.push(paint(style::DELETE, "forces replacement"));
    }
    match difference.cause {
        Cause::Outside => remarks.push(paint(style::WARNING, "changed outside")),
        Cause::Both => remarks.push(paint(style::WARNING, "changed in code and outside")),
        _ => {}
    }
    if difference.after.is_none() && difference.before.is_some() {
        remarks.push("released to the cloud".to_owned());
    }
    if remarks.is_empty() { String::new() } else { format!("  # {}", remarks.join(", ")) }
}

/// The reasons, one a line; that something new is made, or something removed deleted, needs
/// no words.
fn reasons(node: &Node, detail: &Detail, view: View<'_>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    if let Some(from) = detail.moved_from.as_ref().filter(|_| detail.reasons.is_empty()) {
        out.push(format!("because moved from {from}"));
    }
    if let Action::Replace(order) = node.action {
        out.push(paint(
            style::QUIET,
            match order {
                ReplaceOrder::CreateFirst => "the new one is made first, the old one deleted last",
                ReplaceOrder::DeleteFirst => "the old one is deleted first",
            },
        ));
    }
    let plain = |cause| match node.action {
        Action::Create => cause == Cause::New,
        Action::Delete => cause == Cause::Removed,
        _ => false,
    };
    for reason in detail.reasons.iter().filter(|r| !plain(r.cause)) {
        let place = view.sources.file(reason.span).zip(view.sources.lines(reason.span));
        let place = place.map(|(file, (start, _))| paint(style::QUIET, format!("  {}:{}", file.name, start.line)));
        let line = format!("because {}{}", reason.text, place.unwrap_or_default());
        if !out.contains(&line) {
            out.push(line);
        }
    }
    for deposed in &detail.deposed {
        out.push(format!("{} {} that was replaced before", paint(style::DELETE, "deletes"), deposed.id));
    }
    out
}
