//! Renames keep who needs whom.

use std::fmt::Write;

use topo_model::Recorded;
use topo_state::{Change, State};

use crate::store::{Store, assert_same, intent, put, resource};

fn renamed(from: &str, to: &str) -> Change {
    Change::Renamed { from: from.to_owned(), to: to.to_owned() }
}

fn all(pairs: &[(&str, &str)]) -> Change {
    Change::RenamedAll(pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect())
}

/// Who needs whom, one resource a line.
fn picture(recorded: &Recorded) -> String {
    let mut text = String::new();
    for (address, resource) in &recorded.resources {
        assert_eq!(*address, resource.address);
        let old: Vec<_> = resource.deposed.iter().flat_map(|d| d.needs.clone()).collect();
        let old = if old.is_empty() { String::new() } else { format!(", before {}", old.join(" ")) };
        writeln!(text, "{address} ({}): {}{old}", resource.id, resource.needs.join(" ")).expect("text");
    }
    for intent in &recorded.intents {
        writeln!(text, "to do {}: {}", intent.address, intent.needs.join(" ")).expect("text");
    }
    text
}

/// A vpc, two subnets in it, a route over both, and a call under way.
fn check(changes: Vec<Change>) -> String {
    let store = Store::new();
    let route = Change::Put { intent: None, resource: Box::new(resource("route", &["a", "b"], &["vpc", "a"])) };
    store.run(vec![vec![put("vpc", &[]), put("a", &["vpc"]), put("b", &["vpc"]), route, intent("a", &["vpc"])]]);
    let state = store.run(vec![changes]);
    assert_same(&state, &store.state());
    picture(&state.recorded)
}

#[test]
fn others_follow_a_rename() {
    insta::assert_snapshot!(check(vec![renamed("vpc", "net.vpc"), renamed("a", "net.a")]), @r"
    net.vpc (data-vpc): 
    net.a (data-a): net.vpc
    b (data-b): net.vpc
    route (data-route): net.a b, before net.vpc net.a
    to do net.a: net.vpc
    ");
}

#[test]
fn a_resource_can_be_renamed_again_and_back() {
    let there = vec![renamed("vpc", "x"), renamed("a", "y"), renamed("x", "z"), put("late", &["z", "y"])];
    let back = vec![renamed("y", "a"), renamed("z", "vpc")];
    insta::assert_snapshot!(check([there, back].concat()), @r"
    vpc (data-vpc): 
    a (data-a): vpc
    b (data-b): vpc
    route (data-route): a b, before vpc a
    late (data-late): vpc a
    to do a: vpc
    ");
}

#[test]
fn two_can_exchange_their_addresses_at_once() {
    insta::assert_snapshot!(check(vec![all(&[("a", "b"), ("b", "a"), ("vpc", "net"), ("route", "vpc")])]), @r"
    net (data-vpc): 
    b (data-a): net
    a (data-b): net
    vpc (data-route): b a, before net b
    to do b: net
    ");
}

#[test]
fn a_rename_that_would_overwrite_another_does_nothing() {
    let untouched = check(Vec::new());
    assert_eq!(check(vec![renamed("a", "b")]), untouched);
    assert_eq!(check(vec![renamed("nobody", "x"), renamed("a", "a"), all(&[])]), untouched);
    // The vpc stays, so `a` can't have its address, so `b` can't have that of `a`.
    assert_eq!(check(vec![all(&[("b", "a"), ("a", "vpc")])]), untouched);
}

#[test]
fn a_removed_resource_is_not_followed_to_its_old_place() {
    let changes = vec![
        renamed("vpc", "x"),
        Change::Removed { intent: None, address: "b".to_owned() },
        put("b", &[]),
        renamed("x", "y"),
    ];
    insta::assert_snapshot!(check(changes), @r"
    y (data-vpc): 
    a (data-a): y
    route (data-route): a b, before y a
    b (data-b): 
    to do a: y
    ");
}

#[test]
fn renaming_a_large_component_costs_what_its_size_is() {
    // One vpc that all need, and each needs the one before: by a search for every rename
    // this would take 400 million comparisons.
    let count = 10_000;
    let name = |i: usize| format!("r{i}");
    let store = Store::new();
    let hub = "hub".to_owned();
    let puts = (0..count).map(|i| put(&name(i), &[&hub, &name(i.saturating_sub(1))]));
    store.run(vec![std::iter::once(put("hub", &[])).chain(puts).collect()]);
    let renames = (0..count).map(|i| renamed(&name(i), &format!("part.{}", name(i))));
    let State { recorded, .. } = store.run(vec![renames.collect(), vec![renamed("hub", "part.hub")]]);
    let last = &recorded.resources[&format!("part.{}", name(count - 1))];
    assert_eq!(last.needs, ["part.hub".to_owned(), format!("part.{}", name(count - 2))]);
    assert_eq!(store.state().recorded, recorded);
}
