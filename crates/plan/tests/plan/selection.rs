//! `--target`, `--exclude`, `--replace`, `--region`.

use topo_model::{Pattern, Symbol};

use crate::world::World;

const NET: &str = "
    net[a].vpc: net.Vpc @a cidr=1
    net[a].subnet: net.Subnet @a vpc=$net[a].vpc.id cidr=2
    net[b].vpc: net.Vpc @b cidr=1
    net[b].subnet: net.Subnet @b vpc=$net[b].vpc.id cidr=2
    web: core.Data value=$net[a].subnet.id
    all: core.Data value=$net[b].vpc.id
";

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|t| topo_plan::pattern(t).expect("an address")).collect()
}

#[test]
fn a_target_brings_what_it_needs() {
    let mut world = World::new(NET);
    world.options.targets = patterns(&["net[a].subnet"]);
    insta::assert_snapshot!(world.plan(), @r"
    create net[a].vpc: new (New)
    create net[a].subnet: new (New)
    0: create net[a].vpc
    1: create net[a].subnet after 0
    ");
    world.options.targets = patterns(&["net[*].vpc"]);
    insta::assert_snapshot!(world.plan(), @r"
    create net[a].vpc: new (New)
    create net[b].vpc: new (New)
    0: create net[a].vpc
    1: create net[b].vpc
    ");
}

#[test]
fn a_target_that_is_replaced_brings_those_that_must_let_go() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("cidr=1", "cidr=9"));
    world.options.targets = patterns(&["net[a].vpc"]);
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first net[a].vpc: cidr is immutable (Code)
      cidr: 1 -> 9 (Code) replaces
    replace, create first net[a].subnet: net[a].vpc is replaced (Dependency)
      vpc: "vpc-1" -> net[a].vpc.id (Dependency) replaces
    update web: net[a].subnet is replaced, since net[a].vpc is (Dependency)
      value: "a\"vpc-1\"|2" -> net[a].subnet.id (Dependency)
    0: create net[a].vpc
    1: create net[a].subnet after 0
    2: update web after 1
    3: delete deposed 0 of net[a].subnet after 1 2
    4: delete deposed 0 of net[a].vpc after 0 3
    "#);
}

#[test]
fn an_exclusion_takes_what_depends_on_it() {
    let mut world = World::new(NET);
    world.options.excludes = patterns(&["net[a]"]);
    insta::assert_snapshot!(world.plan(), @r"
    create net[b].vpc: new (New)
    create net[b].subnet: new (New)
    create all: new (New)
    0: create net[b].vpc
    1: create net[b].subnet after 0
    2: create all after 0
    ");
}

#[test]
fn what_is_excluded_keeps_what_it_refers_to() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("cidr=1", "cidr=9"));
    world.options.excludes = patterns(&["net[a].subnet"]);
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first net[b].vpc: cidr is immutable (Code)
      cidr: 1 -> 9 (Code) replaces
    replace, create first net[b].subnet: net[b].vpc is replaced (Dependency)
      vpc: "vpc-3" -> net[b].vpc.id (Dependency) replaces
    update all: net[b].vpc is replaced (Dependency)
      value: "vpc-3" -> net[b].vpc.id (Dependency)
    0: create net[b].vpc
    1: create net[b].subnet after 0
    2: delete deposed 0 of net[b].subnet after 1
    3: update all after 0
    4: delete deposed 0 of net[b].vpc after 0 2 3
    "#);
}

#[test]
fn a_replacement_can_be_asked_for() {
    let mut world = World::applied(NET);
    world.options.replaces = patterns(&["net[a].subnet"]);
    insta::assert_snapshot!(world.plan(), @r#"
    replace, delete first net[a].subnet: asked for with --replace (Asked)
    update web: net[a].subnet is replaced (Dependency)
      value: "a\"vpc-1\"|2" -> net[a].subnet.id (Dependency)
    0: delete net[a].subnet
    1: create net[a].subnet after 0
    2: update web after 1
    "#);
}

#[test]
fn a_pattern_that_names_nothing_is_an_error() {
    let mut world = World::new(NET);
    world.options.targets = patterns(&["nat", "web"]);
    world.options.replaces = patterns(&["web"]);
    insta::assert_snapshot!(world.plan(), @r"
    error[T0314]: --replace web names no resource
      help: write an address as the plan shows it, such as `net[ap-east-2].vpc`, `net[*].vpc` or `net`
    error[T0314]: --target nat names no resource
      help: write an address as the plan shows it, such as `net[ap-east-2].vpc`, `net[*].vpc` or `net`
    ");
}

#[test]
fn a_region_takes_the_global_resources_with_it() {
    let mut world = World::applied(NET);
    world.cloud.retain(|o| o.region == Some(Symbol::new("a")));
    world.options.region = Some(Symbol::new("a"));
    world.program(&NET.replace("net[a].vpc: net.Vpc @a cidr=1", "net[a].vpc: net.Vpc @a cidr=1 dns=true"));
    insta::assert_snapshot!(world.plan(), @r"
    update net[a].vpc: dns changed in code (Code)
      dns: false -> true (Code)
    0: update net[a].vpc
    ");
}

#[test]
fn a_region_is_refused_while_what_it_needs_elsewhere_is_not_up_to_date() {
    let mut world = World::applied(NET);
    world.options.region = Some(Symbol::new("a"));
    world.program(&NET.replace("net.Vpc @b cidr=1", "net.Vpc @b cidr=7"));
    insta::assert_snapshot!(world.plan(), @"no changes");
    let mut world = World::new(NET);
    world.options.region = Some(Symbol::new("a"));
    insta::assert_snapshot!(world.plan(), @r"
    error[T0315]: net[b].vpc in b is not up to date, and all needs it
      help: apply b first, or leave out `--region`
    ");
    world.options.region = Some(Symbol::new("z"));
    insta::assert_snapshot!(world.plan(), @r"
    error[T0314]: --region z names a region in which there is no resource
      help: name a region that the environment declares
    ");
}

#[test]
fn what_follows_something_that_is_left_out_is_not_found_wrong() {
    let net = "
        other: net.Vpc @b cidr=1 tags.old=x
        subnet: net.Subnet @a vpc=$other.id cidr=2
        key: core.Data value=$other.tags#old
        more: core.Data value=$other.id
        web: core.Data value=$key.value
        output tag=$other.tags#old
    ";
    let mut world = World::applied(net);
    world.options.region = Some(Symbol::new("a"));
    let renamed = net.replace("old", "new");
    world.program(&renamed);
    insta::assert_snapshot!(world.plan(), @r"
    error[T0315]: other in b is not up to date, and key needs it
      help: apply b first, or leave out `--region`
    ");
    world.program(&renamed.replace("cidr=1", "cidr=9").replace("cidr=2", "cidr=1"));
    insta::assert_snapshot!(world.plan(), @r"
    error[T0315]: other in b is not up to date, and subnet needs it; one more waits for it
      help: apply b first, or leave out `--region`
    ");
}

#[test]
fn an_output_of_what_is_left_out_stays_as_it_is_recorded() {
    let net = "
        other: net.Vpc @b cidr=1 tags.old=x
        main: net.Vpc @a cidr=1
        output tag=$other.tags#old
    ";
    let mut world = World::applied(net);
    world.options.region = Some(Symbol::new("a"));
    world.program(&net.replace("old", "new"));
    insta::assert_snapshot!(world.plan(), @"no changes");
}

#[test]
fn what_is_excluded_and_wrong_stops_nothing() {
    let net = "
        other: net.Vpc @a cidr=1 tags.old=x
        key: core.Data value=$other.tags#old
        main: core.Data value=1
    ";
    let mut world = World::applied(net);
    world.options.excludes = patterns(&["key"]);
    world.program(&net.replace("#old", "#new").replace("value=1", "value=2"));
    insta::assert_snapshot!(world.plan(), @r"
    update main: value changed in code (Code)
      value: 1 -> 2 (Code)
    0: update main
    ");
}

#[test]
fn a_check_of_what_is_left_out_is_decided_another_time() {
    let net = "
        other: net.Vpc @b cidr=1 dns=false
        main: net.Vpc @a cidr=1
    ";
    let mut world = World::applied(net);
    world.options.region = Some(Symbol::new("a"));
    let checked = format!("{net}\ncheck ok=$other.dns no dns");
    world.program(&checked.replace("dns=false", "dns=true"));
    assert_eq!(world.plan(), "no changes\n");
    world.program(&checked);
    insta::assert_snapshot!(world.plan(), @"error[T0202]: no dns");
}
