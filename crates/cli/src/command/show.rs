//! `topo show` and `topo output`: what is recorded.

use serde_json::{Map, Value as Json, json};
use topo_model::{Attributes, Catalogue, RecordedResource, Symbol, Value, format::to_json};

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::project::Project;
use crate::render::{
    listed,
    value::{self, Nameless},
};
use crate::style::{self, paint};

/// `topo show [ADDRESS]`.
pub(crate) fn resources(address: Option<&str>, reads: &Reads, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    let chosen: Vec<&RecordedResource> = match address {
        None => recorded.resources.values().collect(),
        Some(address) => {
            let below = |known: &str| known.strip_prefix(address).is_some_and(|rest| rest.starts_with(['.', '[']));
            let found: Vec<_> =
                recorded.resources.values().filter(|r| r.address == address || below(&r.address)).collect();
            if found.is_empty() {
                return Err(unknown(address, recorded.resources.keys()));
            }
            found
        }
    };
    if output.json() {
        output.document(&json!({
            "serial": recorded.serial,
            "resources": chosen.iter().map(|r| resource(r, &session.catalogue)).collect::<Vec<_>>(),
            "outputs": object(&recorded.outputs, &|_| false),
        }));
        return Ok(Exit::Done);
    }
    let width = output.width();
    let mut text: String = chosen.iter().map(|r| page(r, &session.catalogue, width)).collect();
    if address.is_none() && !recorded.outputs.is_empty() {
        text.push_str(&format!("{}\n{}", paint(style::HEAD, "Outputs"), columns(&recorded.outputs, &|_| false, width)));
    }
    output.result(&text);
    if chosen.is_empty() {
        output.note("Nothing is recorded.\n");
    }
    Ok(Exit::Done)
}

fn unknown<'a>(address: &str, known: impl Iterator<Item = &'a String>) -> Failure {
    let last = address.rsplit('.').next().unwrap_or(address).split('[').next().unwrap_or(address);
    let near: Vec<&str> = known.filter(|k| !last.is_empty() && k.contains(last)).map(String::as_str).take(5).collect();
    let failure = Failure::error(format!("nothing is recorded at '{address}'"));
    if near.is_empty() {
        failure.help("'topo state list' lists all")
    } else {
        failure.help(format!("near it: {}", listed(&near)))
    }
}

/// What the kind calls secret.
fn secrets<'a>(kind: Symbol, catalogue: &'a Catalogue) -> impl Fn(Symbol) -> bool + 'a {
    let kind = catalogue.by_name(kind);
    move |name| kind.and_then(|k| k.attribute(name)).is_some_and(|(_, a)| a.secret)
}

fn resource(resource: &RecordedResource, catalogue: &Catalogue) -> Json {
    let mut attributes = object(&resource.attributes, &secrets(resource.kind, catalogue));
    if let (Json::Object(all), Json::Object(outputs)) = (&mut attributes, object(&resource.outputs, &|_| false)) {
        for (name, value) in outputs {
            all.entry(name).or_insert(value);
        }
    }
    json!({
        "address": resource.address,
        "kind": resource.kind,
        "region": resource.region,
        "id": resource.id,
        "attributes": attributes,
    })
}

fn object(attributes: &Attributes, secret: &dyn Fn(Symbol) -> bool) -> Json {
    let nothing = |term: &topo_model::Term| term.to_string();
    let entries = attributes.iter().map(|(name, value)| {
        let shown = if secret(name) { json!({"secret": true}) } else { to_json(value, &nothing) };
        (name.as_str().to_owned(), shown)
    });
    Json::Object(entries.collect::<Map<_, _>>())
}

fn page(resource: &RecordedResource, catalogue: &Catalogue, width: usize) -> String {
    let mut out = format!("{}  {}\n", paint(style::HEAD, &resource.address), paint(style::QUIET, resource.kind));
    let place = resource.region.map_or("global", Symbol::as_str);
    out.push_str(&format!("  {} in {place}\n", resource.id));
    if !resource.ready {
        out.push_str(&paint(style::WARNING, "  not finished: the next apply goes on\n"));
    }
    out.push_str(&columns(&resource.attributes, &secrets(resource.kind, catalogue), width));
    let rest: Attributes = resource
        .outputs
        .iter()
        .filter(|(name, _)| resource.attributes.get(*name).is_none())
        .map(|(n, v)| (n, v.clone()))
        .collect();
    out.push_str(&paint(style::QUIET, columns(&rest, &|_| false, width)));
    for deposed in &resource.deposed {
        out.push_str(&format!("  {} was replaced and is still to be deleted\n", deposed.id));
    }
    out.push('\n');
    out
}

fn columns(attributes: &Attributes, secret: &dyn Fn(Symbol) -> bool, width: usize) -> String {
    let column = attributes.iter().map(|(name, _)| name.as_str().len()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, shown) in attributes.iter().filter(|(_, v)| !v.is_none()) {
        let lines = if secret(name) {
            vec!["(secret)".to_owned()]
        } else {
            value::lines(shown, &Nameless, width.saturating_sub(column + 7))
        };
        for (i, line) in lines.iter().enumerate() {
            let name = name.as_str();
            out.push_str(&if i == 0 { format!("    {name:column$} = {line}\n") } else { format!("    {line}\n") });
        }
    }
    out
}

/// `topo output [NAME]`: all with their names, or the bare value of one.
pub(crate) fn outputs(name: Option<&str>, reads: &Reads, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let recorded = topo_state::read(&session.location)?.recorded;
    let Some(name) = name else {
        if output.json() {
            output.document(&object(&recorded.outputs, &|_| false));
        } else {
            let lines = recorded.outputs.iter().map(|(name, v)| format!("{name} = {}\n", value::inline(v, &Nameless)));
            output.result(&lines.collect::<String>());
        }
        return Ok(Exit::Done);
    };
    let Some(found) = recorded.outputs.get(Symbol::new(name)) else {
        let known: Vec<&str> = recorded.outputs.iter().map(|(n, _)| n.as_str()).collect();
        let failure = Failure::error(format!("no output '{name}' is recorded"));
        return Err(if known.is_empty() {
            failure.help("outputs are recorded by 'topo apply'")
        } else {
            failure.help(format!("recorded are {}", listed(&known)))
        });
    };
    if output.json() {
        output.document(&to_json(found, &|term: &topo_model::Term| term.to_string()));
    } else {
        output.result(&(bare(found) + "\n"));
    }
    Ok(Exit::Done)
}

/// Text without quotes, everything else in source form.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value::inline(value, &Nameless), str::to_owned)
}
