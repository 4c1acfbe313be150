//! `topo schema`: a kind's attributes and outputs, from its schema.

use serde_json::{Value as Json, json};
use topo_model::{Catalogue, Creation, Kind, KindAttribute, Need, Symbol, Unique};

use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::project;
use crate::render::listed;
use crate::style::{self, paint};

/// Prints a kind, or the list of all.
pub(crate) fn run(kind: Option<&str>, output: &mut Output) -> Result {
    let catalogue = project::library();
    let Some(name) = kind else {
        list(&catalogue, output);
        return Ok(Exit::Done);
    };
    let Some(kind) = catalogue.by_name(Symbol::new(name)) else { return Err(unknown(name, &catalogue)) };
    if output.json() {
        output.document(&document(kind));
    } else {
        output.result(&page(kind));
    }
    Ok(Exit::Done)
}

fn sorted(catalogue: &Catalogue) -> Vec<&Kind> {
    let mut kinds: Vec<&Kind> = catalogue.kinds().iter().collect();
    kinds.sort_by_key(|k| k.name);
    kinds
}

fn list(catalogue: &Catalogue, output: &mut Output) {
    let kinds = sorted(catalogue);
    if output.json() {
        output.document(&kinds.iter().map(|k| json!({"kind": k.name, "docs": first_line(&k.docs)})).collect());
        return;
    }
    let width = kinds.iter().map(|k| k.name.as_str().len()).max().unwrap_or(0);
    let lines: String =
        kinds.iter().map(|k| format!("{:width$}  {}\n", k.name.as_str(), first_line(&k.docs))).collect();
    output.result(&lines);
}

fn first_line(docs: &str) -> &str {
    docs.trim().lines().next().unwrap_or_default()
}

/// The kinds that end in the same name, or hold the text.
fn unknown(name: &str, catalogue: &Catalogue) -> Failure {
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let near: Vec<&str> = sorted(catalogue)
        .iter()
        .map(|k| k.name.as_str())
        .filter(|known| {
            let tail = known.rsplit('.').next().unwrap_or(known).to_lowercase();
            !last.is_empty() && (tail == last || tail.contains(&last) || known.contains(name))
        })
        .take(5)
        .collect();
    let failure = Failure::error(format!("there is no kind '{name}'"));
    if near.is_empty() {
        failure.help("'topo schema' lists all kinds")
    } else {
        failure.help(format!("did you mean {}? 'topo schema' lists all kinds", listed(&near)))
    }
}

fn page(kind: &Kind) -> String {
    let place = if kind.regional { "in a region" } else { "global" };
    let mut out = format!("{}  {}\n", paint(style::HEAD, kind.name), paint(style::QUIET, place));
    push_docs(&mut out, &kind.docs, "");
    out.push_str(&format!("\n{}\n", paint(style::HEAD, "Attributes")));
    for attribute in &kind.attributes {
        out.push_str(&format!("  {}: {}", paint(style::CREATE, attribute.name), attribute.ty));
        if let Need::Default(value) = &attribute.need {
            out.push_str(&format!(" = {value}"));
        }
        let traits = traits(attribute);
        if !traits.is_empty() {
            out.push_str(&paint(style::QUIET, format!("  {}", traits.join(", "))));
        }
        out.push('\n');
        push_docs(&mut out, &attribute.docs, "      ");
    }
    if kind.attributes.iter().any(|a| a.alternative.is_some()) {
        out.push_str(&paint(style::QUIET, "  Of the attributes marked 'one of', exactly one is set.\n"));
    }
    out.push_str(&format!("\n{}\n", paint(style::HEAD, "Outputs")));
    for known in &kind.outputs {
        out.push_str(&format!("  {}: {}\n", paint(style::CREATE, known.name), known.ty));
        push_docs(&mut out, &known.docs, "      ");
    }
    out.push_str(&rules(kind));
    out
}

fn push_docs(out: &mut String, docs: &str, indent: &str) {
    out.extend(docs.trim().lines().map(|line| format!("{indent}{}\n", line.trim_end())));
}

fn traits(attribute: &KindAttribute) -> Vec<String> {
    let mut out = Vec::new();
    match attribute.need {
        Need::Required if attribute.alternative.is_none() => out.push("required".to_owned()),
        Need::LeftToCloud if attribute.alternative.is_none() => out.push("left to the cloud when absent".to_owned()),
        _ => {}
    }
    if attribute.alternative.is_some() {
        out.push("one of".to_owned());
    }
    let flags = [
        (attribute.immutable, "a change replaces the object"),
        (attribute.secret, "secret"),
        (attribute.write_only, "never told back"),
        (attribute.unordered, "order does not count"),
    ];
    out.extend(flags.iter().filter(|(set, _)| *set).map(|(_, text)| (*text).to_owned()));
    out
}

fn names(kind: &Kind, ids: &[topo_model::AttrId]) -> String {
    ids.iter().map(|id| kind.attr(*id).name.as_str()).collect::<Vec<_>>().join(", ")
}

fn rules(kind: &Kind) -> String {
    let shared = |unique: &Unique| {
        let place = if unique.in_any_region { ", in any region" } else { "" };
        format!("No two objects share ({}){place}.", names(kind, &unique.attributes))
    };
    let mut lines: Vec<String> = kind.unique.iter().map(shared).collect();
    if !kind.identity.is_empty() {
        lines.push(format!("An object is found again by ({}).", names(kind, &kind.identity)));
    }
    lines.push(match &kind.creation {
        Creation::Token => "Created once by a client token.".to_owned(),
        Creation::CallerReference => "Created once by a caller reference.".to_owned(),
        Creation::Name(ids) => format!("Created once by its name: ({}).", names(kind, ids)),
        Creation::Key(ids) => format!("Created once by its key: ({}).", names(kind, ids)),
        Creation::Nothing => "The service has no way to create it once: topo finds it again by its tag.".to_owned(),
    });
    if kind.settles > 0 {
        lines.push(format!("Takes about {} to create.", topo_model::Value::Duration(kind.settles)));
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    format!("\n{}\n{lines}", paint(style::HEAD, "Rules"))
}

fn document(kind: &Kind) -> Json {
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
        "kind": kind.name, "docs": kind.docs.trim(), "regional": kind.regional,
        "attributes": attributes, "outputs": outputs,
    })
}
