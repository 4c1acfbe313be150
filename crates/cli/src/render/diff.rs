//! How two values of one attribute differ: scalars as `a → b`, maps and records entry by
//! entry, texts and JSON documents line by line. What did not change is folded.

use similar::{ChangeTag, TextDiff};
use topo_model::Value;

use crate::render::value::{self, Naming};
use crate::style::{self, paint};

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 2;

/// The mark and colour of an entry.
fn mark(sign: char) -> String {
    let style = match sign {
        '+' => style::CREATE,
        '-' => style::DELETE,
        _ => style::CHANGE,
    };
    paint(style, sign)
}

/// The lines that show how `before` becomes `after` under `name`.
pub(crate) fn lines(
    name: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    names: &dyn Naming,
    width: usize,
) -> Vec<String> {
    match (before, after) {
        (None, None) => Vec::new(),
        (None, Some(after)) => entry('+', name, after, names, width),
        (Some(before), None) => entry('-', name, before, names, width),
        (Some(before), Some(after)) => changed(name, before, after, names, width),
    }
}

/// An entry that is there on one side only.
fn entry(sign: char, name: &str, value: &Value, names: &dyn Naming, width: usize) -> Vec<String> {
    let room = width.saturating_sub(name.chars().count() + 5);
    let mut lines = value::lines(value, names, room).into_iter();
    let first = lines.next().unwrap_or_default();
    std::iter::once(format!("{} {name} = {first}", mark(sign))).chain(lines.map(|line| format!("  {line}"))).collect()
}

fn changed(name: &str, before: &Value, after: &Value, names: &dyn Naming, width: usize) -> Vec<String> {
    if let (Value::Str(old), Value::Str(new)) = (before, after)
        && let Some(body) = text(old, new)
    {
        return block(name, "", body);
    }
    match (before, after) {
        (Value::Map(old), Value::Map(new)) => {
            let keys = old.keys().chain(new.keys().filter(|k| old.get(k).is_none()));
            let entries = keys.map(|k| (value::inline(k, names), old.get(k), new.get(k)));
            block(name, "{}", fields(entries, names, width))
        }
        (Value::Record(old), Value::Record(new)) => {
            let fresh = new.iter().map(|(n, _)| n).filter(|n| old.get(*n).is_none());
            let entries = old.iter().map(|(n, _)| n).chain(fresh).map(|n| (n.to_string(), old.get(n), new.get(n)));
            block(name, "{}", fields(entries, names, width))
        }
        _ => scalar(name, before, after, names, width),
    }
}

fn scalar(name: &str, before: &Value, after: &Value, names: &dyn Naming, width: usize) -> Vec<String> {
    let (old, new) = (value::inline(before, names), value::inline(after, names));
    let one = format!("{} {name} = {old} → {new}", mark('~'));
    let columns = name.chars().count() + old.chars().count() + new.chars().count() + 8;
    if columns <= width {
        return vec![one];
    }
    if let (Value::List(old), Value::List(new)) = (before, after) {
        return block(name, "[]", elements(old, new, names));
    }
    vec![format!("{} {name} = {old}", mark('~')), format!("    → {new}")]
}

/// `~ name = {` … `}` around the lines.
fn block(name: &str, brackets: &str, body: Vec<String>) -> Vec<String> {
    let mut chars = brackets.chars();
    let open = chars.next().map(|c| format!(" = {c}")).unwrap_or_else(|| ":".to_owned());
    let close = chars.next().map(|c| format!("  {c}"));
    std::iter::once(format!("{} {name}{open}", mark('~')))
        .chain(body.into_iter().map(|line| format!("    {line}")))
        .chain(close)
        .collect()
}

fn fields<'a>(
    entries: impl Iterator<Item = (String, Option<&'a Value>, Option<&'a Value>)>,
    names: &dyn Naming,
    width: usize,
) -> Vec<String> {
    let mut out = Vec::new();
    let mut same = 0;
    for (name, old, new) in entries {
        if old == new {
            same += 1;
        } else {
            out.extend(lines(&name, old, new, names, width.saturating_sub(4)));
        }
    }
    out.extend(folded(same, "entry", "entries"));
    out
}

/// The line that stands for what did not change.
pub(crate) fn folded(count: usize, one: &str, many: &str) -> Option<String> {
    let noun = if count == 1 { one } else { many };
    (count > 0).then(|| paint(style::QUIET, format!("({count} unchanged {noun})")))
}

fn elements(old: &[Value], new: &[Value], names: &dyn Naming) -> Vec<String> {
    let text = |items: &[Value]| items.iter().map(|v| value::inline(v, names) + "\n").collect::<String>();
    line_diff(&text(old), &text(new))
}

/// Line by line, where both are texts of several lines or JSON documents.
fn text(old: &str, new: &str) -> Option<Vec<String>> {
    if let (Some(old), Some(new)) = (value::pretty_json(old), value::pretty_json(new)) {
        return Some(if old == new {
            vec![paint(style::QUIET, "(only the spelling of the document differs)")]
        } else {
            line_diff(&(old + "\n"), &(new + "\n"))
        });
    }
    (old.contains('\n') || new.contains('\n')).then(|| line_diff(old, new))
}

fn line_diff(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let mut out = Vec::new();
    let mut shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let start = group.first().map_or(0, |op| op.old_range().start);
        out.extend(folded(start.saturating_sub(shown), "line", "lines"));
        shown = group.last().map_or(shown, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = change.value().trim_end_matches(['\n', '\r']);
            out.push(match change.tag() {
                ChangeTag::Equal => format!("  {line}"),
                ChangeTag::Delete => paint(style::DELETE, format!("- {line}")),
                ChangeTag::Insert => paint(style::CREATE, format!("+ {line}")),
            });
        }
    }
    out.extend(folded(old.lines().count().saturating_sub(shown), "line", "lines"));
    out
}
