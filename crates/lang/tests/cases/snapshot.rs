//! What a program expands to, as text.

use std::fmt::Write;

use topo_model::{Desired, Origin};

/// A program's expansion as text.
pub(crate) fn show(desired: &Desired, out: &mut String) {
    let named = |text: String| name_resources(desired, &text);
    if let Some(env) = desired.env {
        let _ = writeln!(out, "env {env}");
    }
    for (id, resource) in desired.iter() {
        let kind = desired.kind(resource);
        let region = resource.region.map_or(String::new(), |r| format!(" at {r}"));
        let origin = match &resource.origin {
            Origin::Created => String::new(),
            Origin::Adopted(from) => format!(" from {from}"),
            Origin::Existing(None) => " existing".to_owned(),
            Origin::Existing(Some(from)) => format!(" existing from {from}"),
        };
        let _ = writeln!(out, "{} = {}{region}{}", desired.address(id), kind.name, named(origin));
        for (schema, attribute) in kind.attributes.iter().zip(&resource.attributes) {
            if let Some(attribute) = attribute.as_ref().filter(|a| !a.span.is_none()) {
                let _ = writeln!(out, "  {} = {}", schema.name, named(attribute.value.to_string()));
            }
        }
        if !resource.after.is_empty() {
            let after: Vec<String> = resource.after.iter().map(|id| desired.address(*id)).collect();
            let _ = writeln!(out, "  after {}", after.join(", "));
        }
        if let Some(lifecycle) = &resource.lifecycle {
            let _ = writeln!(out, "  {lifecycle:?}");
        }
    }
    for check in &desired.checks {
        let _ = writeln!(
            out,
            "check {} else {} {}",
            named(check.cond.to_string()),
            check.code,
            named(check.message.to_string())
        );
    }
    for objective in &desired.objectives {
        let stores: Vec<String> = objective.stores.iter().map(|id| desired.address(*id)).collect();
        let _ = writeln!(
            out,
            "objective {} endpoint {} rto {:?} rpo {:?} stores [{}] survives {}",
            objective.name,
            named(objective.endpoint.to_string()),
            objective.rto,
            objective.rpo,
            stores.join(", "),
            objective.survives
        );
    }
    for output in &desired.outputs {
        let _ = writeln!(out, "output {} = {}", output.name, named(output.value.to_string()));
    }
    for moved in &desired.moved {
        let _ = writeln!(out, "moved {:?} -> {:?}", moved.from.steps, moved.to.steps);
    }
    for (name, value) in &desired.inputs {
        let _ = writeln!(out, "input {name} = {value}");
    }
}

/// `#3` as the address of that resource.
fn name_resources(desired: &Desired, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        let digits = rest[at + 1..].chars().take_while(char::is_ascii_digit).count();
        out.push_str(&rest[..at]);
        match rest[at + 1..at + 1 + digits].parse() {
            Ok(id) => out.push_str(&desired.address(topo_model::ResId(id))),
            Err(_) => out.push('#'),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    out
}
