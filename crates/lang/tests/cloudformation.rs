//! Every kind of AWS held against the CloudFormation type that it is named after.
//!
//! `cloudformation/types.csv` says of each type which properties change in place and which make
//! a new resource, as CloudFormation's own schemas have it. `deviations.csv` lists
//! what is meant to be otherwise, each with its reason; one that is not needed is an error too.

use std::collections::{BTreeMap, BTreeSet};

use topo_lang::library;
use topo_model::{Kind, KindAttribute, Symbol, Type};

const TYPES: &str = include_str!("cloudformation/types.csv");
const DEVIATIONS: &str = include_str!("cloudformation/deviations.csv");

/// What CloudFormation says of one type.
struct Facts {
    name: &'static str,
    mutable: Vec<&'static str>,
    create_only: Vec<&'static str>,
    conditional: Vec<&'static str>,
}

/// The deviations of one kind that were not met yet, by name.
type Deviations = BTreeMap<&'static str, &'static str>;

fn facts() -> BTreeMap<&'static str, Facts> {
    let list = |text: &'static str| text.split('|').filter(|p| !p.is_empty()).collect();
    let rows = TYPES.lines().skip(1).map(|line| {
        let columns: Vec<&'static str> = line.split(',').collect();
        let [kind, name, mutable, create_only, conditional] = columns[..] else { panic!("five columns: {line}") };
        let facts =
            Facts { name, mutable: list(mutable), create_only: list(create_only), conditional: list(conditional) };
        (kind, facts)
    });
    rows.collect()
}

fn deviations() -> BTreeMap<&'static str, Deviations> {
    let mut all: BTreeMap<&'static str, Deviations> = BTreeMap::new();
    for line in DEVIATIONS.lines().skip(1) {
        let columns: Vec<&'static str> = line.splitn(4, ',').collect();
        let [kind, name, deviation, reason] = columns[..] else { panic!("four columns: {line}") };
        assert!(!reason.trim().is_empty(), "{kind} {name}: a deviation has a reason");
        let before = all.entry(kind).or_default().insert(name, deviation);
        assert!(before.is_none(), "{kind} {name} is listed twice");
    }
    all
}

/// A property's name as an attribute: `EnableDnsSupport` is `enable_dns_support`.
fn snake(property: &str) -> String {
    let letters: Vec<char> = property.chars().collect();
    let mut out = String::new();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|b| letters[b]);
        let after_small = before.is_some_and(|b| !b.is_ascii_uppercase());
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && before.is_some() && (after_small || before_small) {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The attribute of a property; one that takes resources drops `_id` or `_arn`.
fn attribute<'k>(kind: &'k Kind, property: &str, deviations: &Deviations) -> Option<&'k KindAttribute> {
    let name = snake(property);
    let mut names = vec![name.clone()];
    names.extend(["_id", "_arn"].iter().filter_map(|end| name.strip_suffix(end)).map(str::to_owned));
    names.extend(["_ids", "_arns"].iter().filter_map(|end| name.strip_suffix(end)).map(|n| format!("{n}s")));
    names.extend(deviations.get(property).and_then(|d| d.strip_prefix("named ")).map(str::to_owned));
    names.iter().find_map(|name| kind.attribute(Symbol::new(name))).map(|(_, attribute)| attribute)
}

/// Takes a deviation out, if it is this one.
fn meant(deviations: &mut Deviations, name: &str, deviation: &str) -> bool {
    let is = deviations.get(name) == Some(&deviation);
    if is {
        deviations.remove(name);
    }
    is
}

fn compare(kind: &Kind, facts: &Facts, mut deviations: Deviations, found: &mut Vec<String>) {
    let (name, of) = (kind.name, facts.name);
    let mut met = BTreeSet::new();
    let all: BTreeSet<&str> =
        [&facts.mutable, &facts.create_only, &facts.conditional].into_iter().flatten().copied().collect();
    let (fields, properties): (Vec<&str>, Vec<&str>) = all.iter().partition(|p| p.contains('/'));
    for property in properties {
        let Some(attribute) = attribute(kind, property, &deviations) else {
            if !meant(&mut deviations, property, "left out") {
                found.push(format!("{name}: {property} of {of} is neither there nor listed as left out"));
            }
            continue;
        };
        met.insert(attribute.name);
        let renamed = format!("named {}", attribute.name);
        meant(&mut deviations, property, &renamed);
        if facts.conditional.contains(&property) {
            continue;
        }
        let create_only = facts.create_only.contains(&property);
        let deviation = if attribute.immutable { "immutable" } else { "mutable" };
        if attribute.immutable != create_only && !meant(&mut deviations, property, deviation) {
            found.push(format!("{name}: {property} of {of} is {deviation} here and not there"));
        }
    }
    for path in fields {
        let (property, field) = path.split_once('/').unwrap_or((path, ""));
        let whole = attribute(kind, property, &deviations);
        if whole.is_some_and(|a| !a.immutable && !immutable_field(a, field)) && !meant(&mut deviations, path, "mutable")
        {
            found.push(format!("{name}: {path} of {of} is mutable here and not there"));
        }
    }
    for attribute in kind.attributes.iter().filter(|a| !met.contains(&a.name)) {
        if !meant(&mut deviations, attribute.name.as_str(), "own") {
            found.push(format!("{name}: `{}` has no counterpart in {of} and is not listed", attribute.name));
        }
    }
    for (left, deviation) in deviations {
        found.push(format!("{name}: {left} is listed as `{deviation}`, and is not"));
    }
}

/// Whether a field of a record is immutable; a field that is not there can't change.
fn immutable_field(attribute: &KindAttribute, field: &str) -> bool {
    let Type::Record(record) = attribute.ty.narrowed() else { return false };
    record.field(Symbol::new(&snake(field))).is_none_or(|f| f.immutable)
}

#[test]
fn kinds_change_what_cloudformation_changes_in_place_and_no_more() {
    let (library, facts, mut deviations) = (library(), facts(), deviations());
    let mut found = Vec::new();
    for kind in library.catalogue.kinds().iter().filter(|k| k.name.as_str().starts_with("aws.")) {
        let mut listed = deviations.remove(kind.name.as_str()).unwrap_or_default();
        match facts.get(kind.name.as_str()) {
            Some(facts) => compare(kind, facts, listed, &mut found),
            None if meant(&mut listed, "-", "no type") => {}
            None => found.push(format!("{} has no type in types.csv and is not listed", kind.name)),
        }
    }
    found.extend(deviations.keys().map(|kind| format!("{kind} is listed and is no kind")));
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn names_of_properties_become_names_of_attributes() {
    let names = ["VpcId", "EnableDns64", "KMSKeyId", "OKActions", "S3KeyPrefix", "Type"].map(snake);
    assert_eq!(names, ["vpc_id", "enable_dns64", "kms_key_id", "ok_actions", "s3_key_prefix", "type"]);
}
