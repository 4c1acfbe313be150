//! Regions that can't be reached.

use topo_model::Symbol;

use crate::world::World;

const TWO: &str = "
    one: net.Vpc @a cidr=1
    two: net.Vpc @b cidr=2
    link: net.Route @b table=$two.id to=$one.id
    record: aws.route53.HealthCheck name=$one.id
    local: core.Data value=$two.id
";

fn out(region: &str) -> Option<Symbol> {
    Some(Symbol::new(region))
}

#[test]
fn what_does_not_change_is_not_named() {
    let mut world = World::applied(TWO);
    world.out.push(out("a"));
    insta::assert_snapshot!(world.plan(), @"frozen a:");
}

#[test]
fn a_region_that_is_out_is_left_as_it_is_and_the_rest_is_planned() {
    let mut world = World::applied(TWO);
    world.out.push(out("a"));
    let edited = TWO.replace("cidr=1", "cidr=1 dns=true").replace("cidr=2", "cidr=2 dns=true");
    world.program(&edited.replace("name=$one.id", "name=$two.id"));
    insta::assert_snapshot!(world.plan(), @r#"
    none one: a can't be reached (Frozen)
    update two: dns changed in code (Code)
      dns: false -> true (Code)
    update record: name changed in code (Code)
      name: "vpc-1" -> "vpc-2" (Code)
    0: update two
    1: update record after 0
    frozen a: one
    "#);
}

#[test]
fn what_needs_an_object_that_is_not_made_now_is_frozen_with_it() {
    let mut world = World::new(TWO);
    world.out.push(out("a"));
    insta::assert_snapshot!(world.plan(), @r"
    none one: a can't be reached (Frozen)
    create two: new (New)
    none link: one is frozen (Frozen)
    none record: one is frozen (Frozen)
    create local: new (New)
    0: create two
    1: create local after 0
    frozen a: one link record
    ");
}

#[test]
fn an_object_stays_while_a_frozen_one_refers_to_it() {
    let mut world = World::applied(TWO);
    world.out.push(out("b"));
    world.program(&TWO.replace("cidr=1", "cidr=9"));
    insta::assert_snapshot!(world.plan(), @r"
    none one: something that refers to it can't follow: b can't be reached (Frozen)
    frozen b: one
    ");
    world.program("two: net.Vpc @b cidr=2\nlocal: core.Data value=$two.id");
    insta::assert_snapshot!(world.plan(), @r"
    none one: something that refers to it can't follow: b can't be reached (Frozen)
    none link: b can't be reached (Frozen)
    delete record: removed from the program (Removed)
    0: delete record
    frozen b: one link
    ");
}

#[test]
fn the_global_services_can_be_out() {
    let mut world = World::applied(TWO);
    world.out.push(None);
    world.program(&TWO.replace("name=$one.id", "name=x").replace("value=$two.id", "value=5"));
    insta::assert_snapshot!(world.plan(), @r#"
    none record: the global services can't be reached (Frozen)
    update local: value changed in code (Code)
      value: "vpc-2" -> 5 (Code)
    0: update local
    frozen global: record
    "#);
}

#[test]
fn a_resource_can_leave_a_region_that_is_out() {
    let mut world = World::applied("p: net.Parameter @a name=/p value=1");
    world.out.push(out("a"));
    world.program("p: net.Parameter @b name=/p value=1");
    insta::assert_snapshot!(world.plan(), @r"
    replace, create first p: it moves from a to b (Code)
    0: create p
    frozen a:
    ");
    let plan = world.planned().expect("a plan").plan;
    world.carry_out(&plan);
    assert_eq!(world.plan(), "frozen a: \n", "the old object waits for its region");
    world.out.clear();
    insta::assert_snapshot!(world.plan(), @r"
    delete p: an object that was replaced is still there (Unfinished)
    0: delete deposed 0 of p
    ");
    world.apply();
}

#[test]
fn destroy_leaves_what_it_can_not_reach() {
    let mut world = World::applied(TWO);
    world.out.push(out("b"));
    insta::assert_snapshot!(world.destroy(), @r"
    none one: something that refers to it can't follow: b can't be reached (Frozen)
    none two: b can't be reached (Frozen)
    none link: b can't be reached (Frozen)
    delete record: removed from the program (Removed)
    delete local: removed from the program (Removed)
    0: delete record
    1: delete local
    frozen b: one two link
    ");
}

#[test]
fn what_follows_a_frozen_change_is_frozen_and_not_found_wrong() {
    let net = "
        other: net.Vpc @b cidr=1 tags.old=x
        key: core.Data value=$other.tags#old
        web: core.Data value=1
    ";
    let mut world = World::applied(net);
    world.out = vec![Some(Symbol::new("b"))];
    world.program(&net.replace("old", "new").replace("value=1", "value=2"));
    insta::assert_snapshot!(world.plan(), @r"
    none other: b can't be reached (Frozen)
    none key: other is frozen (Frozen)
    update web: value changed in code (Code)
      value: 1 -> 2 (Code)
    0: update web
    frozen b: other key
    ");
}
