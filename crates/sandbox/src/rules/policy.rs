//! Policy documents: whether a service takes one, and whom it lets do what.
//!
//! Conditions are not evaluated: a statement with conditions counts as if they held.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use serde_json::Value as Json;
use topo_model::Symbol;
use topo_provider::Error;

use super::ACCOUNT;
use crate::refusal::invalid;
use crate::world::World;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// What its holder may do: it names resources and nobody.
    Identity,
    /// Who may take a role on: it names principals and no resources.
    Trust,
    /// Who may use a resource: it names both.
    Resource,
}

/// A document that has been read.
pub(super) struct Document(Vec<Json>);

/// Reads a document as a service does.
///
/// # Errors
///
/// With the service's code: no JSON, a field that is missing or has no place, a role of the
/// account that is not there.
pub(super) fn read(world: &World, text: &str, of: Use, code: &str) -> Result<Document, Error> {
    let refuse = |why: &str| Err(invalid(code, why.to_owned()));
    let Ok(Json::Object(document)) = serde_json::from_str::<Json>(text) else {
        return refuse("the policy is not a JSON object");
    };
    if let Some(version) = document.get("Version")
        && !matches!(version.as_str(), Some("2012-10-17" | "2008-10-17"))
    {
        return refuse("the version of a policy is 2012-10-17");
    }
    let statements = match document.get("Statement") {
        Some(Json::Array(all)) => all.clone(),
        Some(one @ Json::Object(_)) => vec![one.clone()],
        _ => return refuse("the policy has no Statement"),
    };
    for statement in &statements {
        if let Some(why) = wrong(statement, of) {
            return refuse(&why);
        }
        for role in texts(statement.get("Principal").and_then(|p| p.get("AWS"))).filter_map(role_of_account) {
            if !world.everywhere(Symbol::new("aws.iam.Role")).any(|r| r.id.eq_ignore_ascii_case(role)) {
                return refuse(&format!("the policy names the role {role}, which is not there"));
            }
        }
    }
    Ok(Document(statements))
}

/// Why a statement is not taken.
fn wrong(statement: &Json, of: Use) -> Option<String> {
    let has = |name: &str| statement.get(name).is_some();
    let either = |name: &str| has(name) || has(&format!("Not{name}"));
    if !matches!(statement.get("Effect").and_then(Json::as_str), Some("Allow" | "Deny")) {
        return Some("the Effect of a statement is Allow or Deny".to_owned());
    }
    let wanted = [("Action", true), ("Principal", of != Use::Identity), ("Resource", of != Use::Trust)];
    wanted.into_iter().find_map(|(name, wanted)| match (either(name), wanted) {
        (false, true) => Some(format!("a statement has no {name}")),
        (true, false) => Some(format!("a statement of this policy has no place for {name}")),
        _ => None,
    })
}

/// The name in the ARN of a role of this account.
fn role_of_account(arn: &str) -> Option<&str> {
    let path = arn.strip_prefix("arn:aws:iam::")?.strip_prefix(ACCOUNT)?.strip_prefix(":role/")?;
    path.rsplit('/').next()
}

/// One text or several.
fn texts(value: Option<&Json>) -> impl Iterator<Item = &str> {
    let (one, several) = (value.and_then(Json::as_str), value.and_then(Json::as_array));
    one.into_iter().chain(several.into_iter().flatten().filter_map(Json::as_str))
}

impl Document {
    /// Whether it lets a service, or the account itself, do something with a resource.
    pub(super) fn lets(&self, who: &str, action: &str, resource: &str) -> bool {
        self.0.iter().any(|s| {
            let principal = s.get("Principal");
            let named = || principal.and_then(Json::as_object).into_iter().flat_map(|p| p.values());
            let who = principal.and_then(Json::as_str) == Some("*")
                || named().any(|p| texts(Some(p)).any(|p| p == "*" || p == who));
            let does = texts(s.get("Action")).any(|pattern| like(pattern, action));
            let with = texts(s.get("Resource")).any(|pattern| like(pattern, resource));
            s.get("Effect").and_then(Json::as_str) == Some("Allow") && who && does && with
        })
    }

    /// Whether a service may take a role on, whose trust this is.
    pub(super) fn trusts(&self, service: &str) -> bool {
        let with = |effect: &str| {
            self.0.iter().any(|s| {
                let principal = s.get("Principal");
                let who = principal.and_then(Json::as_str) == Some("*")
                    || texts(principal.and_then(|p| p.get("Service"))).any(|p| p == service);
                let does = texts(s.get("Action")).any(|pattern| like(pattern, "sts:AssumeRole"));
                s.get("Effect").and_then(Json::as_str) == Some(effect) && who && does
            })
        };
        with("Allow") && !with("Deny")
    }

    /// Every resource that it names.
    pub(super) fn resources(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|s| texts(s.get("Resource")))
    }
}

/// Whether a text is as a pattern with `*` says, letters in either case.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut last = "";
    for part in parts {
        last = part;
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    text.ends_with(last)
}
