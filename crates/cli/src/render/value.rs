//! Values as people read them: in source form, with unknown parts as
//! `(known after apply: vpc.id)` and secrets as `(secret)`.

use topo_model::{Record, ResId, Symbol, Term, Value};
use topo_plan::Plan;

/// How terms are said: in a plan's words, or, where there is none, as they are.
pub(crate) trait Naming {
    /// A term in the user's words: `vpc.id`.
    fn term(&self, term: &Term) -> String;
    /// A resource in the user's words.
    fn resource(&self, id: ResId) -> String;
}

impl Naming for Plan {
    fn term(&self, term: &Term) -> String {
        self.display_term(term)
    }

    fn resource(&self, id: ResId) -> String {
        self.display_value(&Value::Resource(id))
    }
}

/// For values that refer to nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nameless;

impl Naming for Nameless {
    fn term(&self, term: &Term) -> String {
        term.to_string()
    }

    fn resource(&self, id: ResId) -> String {
        Value::Resource(id).to_string()
    }
}

/// A value on one line.
pub(crate) fn inline(value: &Value, names: &dyn Naming) -> String {
    match value {
        Value::Unknown(unknown) => format!("(known after apply: {})", names.term(unknown)),
        Value::Secret(_) => "(secret)".to_owned(),
        Value::Resource(id) => names.resource(*id),
        Value::List(items) => sequence("[", items, "]", names),
        Value::Tuple(items) => sequence("(", items, ")", names),
        Value::Map(map) => fields(map.iter().map(|(k, v)| (inline(k, names), v)), names),
        Value::Record(record) => fields(set(record).map(|(n, v)| (n.to_string(), v)), names),
        scalar => scalar.to_string(),
    }
}

/// The fields that are not none: those say nothing that the type does not.
fn set(record: &Record) -> impl Iterator<Item = (Symbol, &Value)> {
    record.iter().filter(|(_, v)| !v.is_none())
}

fn sequence(open: &str, items: &[Value], close: &str, names: &dyn Naming) -> String {
    let items: Vec<String> = items.iter().map(|v| inline(v, names)).collect();
    format!("{open}{}{close}", items.join(", "))
}

fn fields<'a>(entries: impl Iterator<Item = (String, &'a Value)>, names: &dyn Naming) -> String {
    let entries: Vec<String> = entries.map(|(k, v)| format!("{k} = {}", inline(v, names))).collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

/// A value on as many lines as it takes, none wider than `width` where that can be: the
/// first goes behind `name = `, the others below it.
pub(crate) fn lines(value: &Value, names: &dyn Naming, width: usize) -> Vec<String> {
    if let Some(document) = document(value) {
        return document;
    }
    let one = inline(value, names);
    if one.chars().count() <= width {
        return vec![one];
    }
    let inner = width.saturating_sub(2);
    match value {
        Value::List(items) => bracket("[", items.iter().map(|v| lines(v, names, inner)), "]"),
        Value::Tuple(items) => bracket("(", items.iter().map(|v| lines(v, names, inner)), ")"),
        Value::Map(map) => bracket("{", map.iter().map(|(k, v)| entry(inline(k, names), v, names, inner)), "}"),
        Value::Record(record) => bracket("{", set(record).map(|(n, v)| entry(n.to_string(), v, names, inner)), "}"),
        _ => vec![one],
    }
}

fn entry(name: String, value: &Value, names: &dyn Naming, width: usize) -> Vec<String> {
    let mut lines = lines(value, names, width.saturating_sub(name.len() + 3));
    if let Some(first) = lines.first_mut() {
        *first = format!("{name} = {first}");
    }
    lines
}

fn bracket(open: &str, items: impl Iterator<Item = Vec<String>>, close: &str) -> Vec<String> {
    let inner = items.flatten().map(|line| format!("  {line}"));
    std::iter::once(open.to_owned()).chain(inner).chain(std::iter::once(close.to_owned())).collect()
}

/// A string of several lines, or a JSON document too long for one, opened up.
fn document(value: &Value) -> Option<Vec<String>> {
    let Value::Str(text) = value else { return None };
    if let Some(pretty) = pretty_json(text).filter(|_| text.len() > 60) {
        return Some(pretty.lines().map(str::to_owned).collect());
    }
    if !text.contains('\n') {
        return None;
    }
    let quotes = || std::iter::once("\"\"\"".to_owned());
    Some(quotes().chain(text.lines().map(str::to_owned)).chain(quotes()).collect())
}

/// A JSON object or array over several lines; `None` for any other text.
pub(crate) fn pretty_json(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&document).ok()
}
