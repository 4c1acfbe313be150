//! `topo schema`: what a kind, a component or a function takes and gives, from the same
//! description that the book's pages are made of.

use serde_json::{Value as Json, json};
use topo_model::{Catalogue, Kind, Need, Symbol};

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::{self, Entry, Library, Member, Sort};
use crate::render::listed;
use crate::style::{self, paint};

/// How many names a message suggests.
const SUGGESTED: usize = 5;

/// Prints one, or the list of all.
pub(crate) fn run(name: Option<&str>, output: &mut Output) -> Result {
    let library = project::reference();
    let Some(name) = name else {
        if output.json() {
            output.document(&all(&library));
        } else {
            output.result(&list(&library));
        }
        return Ok(Exit::Done);
    };
    let entry = match library.find(name).as_slice() {
        [] => return Err(unknown(name, &library)),
        [one] => *one,
        several => {
            let names: Vec<&str> = several.iter().map(|entry| entry.name.as_str()).collect();
            return Err(Failure::error(format!("'{name}' may be {}", listed(&names))).help("write the full name"));
        }
    };
    if output.json() {
        output.document(&document(entry, &library.catalogue));
    } else {
        output.result(&page(entry));
    }
    Ok(Exit::Done)
}

/// Everything there is, by module and topic.
fn list(library: &Library) -> String {
    let mut out = String::new();
    let mut heading = String::new();
    let width = library.entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    for entry in &library.entries {
        let group = match entry.sort {
            Sort::Kind => format!("Kinds of {}", entry.module()),
            Sort::Component => format!("Components of {}", entry.module()),
            Sort::Function => format!("Functions: {}", entry.topic.to_lowercase()),
        };
        if group != heading {
            let space = if heading.is_empty() { "" } else { "\n" };
            out.push_str(&format!("{space}{}\n", paint(style::HEAD, &group)));
            heading = group;
        }
        out.push_str(&format!("  {:width$}  {}\n", entry.name, entry.summary()));
    }
    out + "\n'topo schema NAME' shows one.\n"
}

/// The names that end alike, or hold the text.
fn unknown(name: &str, library: &Library) -> Failure {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let close = |entry: &&Entry| {
        let tail = entry.last().to_lowercase();
        !last.is_empty() && (tail == last || tail.contains(&last) || entry.name.contains(name))
    };
    let mut near: Vec<&str> =
        library.entries.iter().filter(close).map(|entry| entry.name.as_str()).take(SUGGESTED).collect();
    if near.is_empty() {
        near.extend(library.nearest(name));
    }
    let failure = Failure::error(format!("there is no kind, component or function '{name}'"));
    if near.is_empty() {
        failure.help("'topo schema' lists all")
    } else {
        failure.help(format!("did you mean {}? 'topo schema' lists all", listed(&near)))
    }
}

fn page(entry: &Entry) -> String {
    let of = match entry.sort {
        Sort::Kind => entry.headline.as_str(),
        Sort::Component => "component",
        Sort::Function => "function",
    };
    let mut out = format!("{}  {}\n", paint(style::HEAD, &entry.name), paint(style::QUIET, of));
    if entry.sort == Sort::Component {
        out.push_str(&paint(style::QUIET, format!("use {}.{{{}}}", entry.module(), entry.last())));
        out.push_str("\n\n");
    }
    if entry.sort == Sort::Function {
        out.push_str(&format!("{}\n\n", entry.headline));
    }
    push_docs(&mut out, &entry.docs, "");
    if let Some((call, gives)) = entry.example {
        out.push_str(&format!("\n  {call}\n  {gives}\n"));
    }
    let inputs = if entry.sort == Sort::Kind { "Attributes" } else { "Parameters" };
    members(&mut out, inputs, &entry.inputs);
    members(&mut out, "Outputs", &entry.outputs);
    let makes = entry.makes.iter().map(|(name, what)| format!("{name}: {what}")).collect();
    section(&mut out, "Made of", makes);
    let checks = entry.checks.iter().map(|check| format!("{} else {} {}", check.cond, check.code, check.message));
    section(&mut out, "Rules", checks.chain(entry.notes.iter().cloned()).collect());
    out
}

fn section(out: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    out.push_str(&format!("\n{}\n{lines}", paint(style::HEAD, title)));
}

fn members(out: &mut String, title: &str, members: &[Member]) {
    if members.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}\n", paint(style::HEAD, title)));
    for member in members {
        out.push_str(&format!("  {}: {}", paint(style::CREATE, &member.name), member.ty));
        if let Some(default) = &member.default {
            out.push_str(&format!(" = {default}"));
        }
        if !member.traits.is_empty() {
            out.push_str(&paint(style::QUIET, format!("  {}", member.traits.join(", "))));
        }
        out.push('\n');
        push_docs(out, &member.docs, "      ");
    }
}

fn push_docs(out: &mut String, docs: &str, indent: &str) {
    out.extend(docs.lines().map(|line| format!("{indent}{}", line.trim()).trim_end().to_owned() + "\n"));
}

/// Everything there is, as a document.
fn all(library: &Library) -> Json {
    let of = |sort: Sort| library.entries.iter().filter(move |entry| entry.sort == sort);
    let named = |key: &str, entry: &Entry| json!({key: entry.name, "docs": entry.summary()});
    json!({
        "kinds": of(Sort::Kind).map(|entry| named("kind", entry)).collect::<Vec<_>>(),
        "components": of(Sort::Component).map(|entry| named("component", entry)).collect::<Vec<_>>(),
        "functions": of(Sort::Function).map(|entry| named("function", entry)).collect::<Vec<_>>(),
    })
}

fn document(entry: &Entry, catalogue: &Catalogue) -> Json {
    let members = |members: &[Member]| members.iter().map(one).collect::<Vec<_>>();
    match (entry.sort, catalogue.by_name(Symbol::new(&entry.name))) {
        (Sort::Kind, Some(kind)) => of_kind(entry, kind),
        (Sort::Function, _) => json!({
            "function": entry.name, "signature": entry.headline, "docs": entry.docs,
            "example": entry.example.map(|(call, gives)| json!({"call": call, "gives": gives})),
        }),
        _ => json!({
            "component": entry.name, "docs": entry.docs,
            "parameters": members(&entry.inputs), "outputs": members(&entry.outputs),
        }),
    }
}

fn one(member: &Member) -> Json {
    json!({
        "name": member.name, "type": member.ty, "docs": member.docs, "default": member.default,
        "required": member.traits.iter().any(|text| text == "required"),
    })
}

fn of_kind(entry: &Entry, kind: &Kind) -> Json {
    let attributes: Vec<Json> = kind
        .attributes
        .iter()
        .map(|a| {
            json!({
                "name": a.name, "type": a.ty.to_string(), "docs": a.docs.trim(),
                "required": a.need == Need::Required && a.alternative.is_none(),
                "default": if let Need::Default(value) = &a.need { json!(value.to_string()) } else { Json::Null },
                "immutable": a.immutable, "secret": a.secret, "write_only": a.write_only, "unordered": a.unordered,
            })
        })
        .collect();
    let outputs: Vec<Json> =
        kind.outputs.iter().map(|o| json!({"name": o.name, "type": o.ty.to_string(), "docs": o.docs.trim()})).collect();
    json!({
        "kind": kind.name, "docs": entry.docs, "regional": kind.regional,
        "attributes": attributes, "outputs": outputs,
    })
}
