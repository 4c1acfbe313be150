//! Replacement: what it drags along, in which order, and what is left behind.

use crate::world::World;

const NET: &str = "
    vpc: net.Vpc @a cidr=10.2.0.0/16
    subnet: net.Subnet @a vpc=$vpc.id cidr=10.2.0.0/24
    web: core.Data value=$vpc.id
    other: core.Data value=1
";

#[test]
fn a_replacement_goes_around_its_consumers() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("10.2.0.0/16", "10.9.0.0/16"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first vpc: cidr is immutable (Code)
      cidr: "10.2.0.0/16" -> "10.9.0.0/16" (Code) replaces
    replace, create first subnet: vpc is replaced (Dependency)
      vpc: "vpc-1" -> vpc.id (Dependency) replaces
    update web: vpc is replaced (Dependency)
      value: "vpc-1" -> vpc.id (Dependency)
    0: create vpc
    1: create subnet after 0
    2: delete deposed 0 of subnet after 1
    3: update web after 0
    4: delete deposed 0 of vpc after 0 2 3
    "#);
    world.apply();
}

#[test]
fn a_natural_key_that_stays_makes_the_old_object_go_first() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("10.2.0.0/24", "10.2.0.0/24 zone=a2"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, delete first subnet: zone is immutable (Code)
      zone: - -> "a2" (Code) replaces
    0: delete subnet
    1: create subnet after 0
    "#);
    world.apply();
}

#[test]
fn one_that_goes_first_takes_what_hangs_on_it() {
    let program = "
        vpc: net.Vpc @a cidr=10.2.0.0/16 +delete_first
        subnet: net.Subnet @a vpc=$vpc.id cidr=10.2.0.0/24 +create_first
        route: net.Route @a table=$subnet.id to=x
    ";
    let mut world = World::applied(program);
    world.program(&program.replace("10.2.0.0/16", "10.9.0.0/16"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, delete first vpc: cidr is immutable (Code)
      cidr: "10.2.0.0/16" -> "10.9.0.0/16" (Code) replaces
    replace, delete first subnet: vpc is replaced (Dependency)
      vpc: "vpc-1" -> vpc.id (Dependency) replaces
    replace, delete first route: subnet is replaced, since vpc is (Dependency)
      table: "a\"vpc-1\"|\"10.2.0.0/24\"" -> subnet.id (Dependency) replaces
    0: delete route
    1: delete subnet after 0
    2: delete vpc after 1
    3: create vpc after 2
    4: create subnet after 1 3
    5: create route after 0 4
    "#);
    world.apply();
}

#[test]
fn a_tuple_that_stays_unique_counts_as_a_key() {
    let program = "
        vpc: net.Vpc @a cidr=10.2.0.0/16
        gateway: net.Gateway @a
        attachment: net.Attachment @a vpc=$vpc.id gateway=$gateway.id
    ";
    let mut world = World::applied(program);
    world.program(&program.replace("10.2.0.0/16", "10.9.0.0/16"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first vpc: cidr is immutable (Code)
      cidr: "10.2.0.0/16" -> "10.9.0.0/16" (Code) replaces
    replace, delete first attachment: vpc is replaced (Dependency)
      vpc: "vpc-1" -> vpc.id (Dependency) replaces
    0: create vpc
    1: delete attachment after 0
    2: delete deposed 0 of vpc after 0 1
    3: create attachment after 0 1
    "#);
    world.apply();
}

#[test]
fn lifecycle_replace_overrides_the_order() {
    let program = "vpc: net.Vpc @a cidr=1 +delete_first";
    let mut world = World::applied(program);
    world.program("vpc: net.Vpc @a cidr=2 +delete_first");
    insta::assert_snapshot!(world.plan(), @r"
    replace, delete first vpc: cidr is immutable (Code)
      cidr: 1 -> 2 (Code) replaces
    0: delete vpc
    1: create vpc after 0
    ");
    world.apply();
    let program = "subnet: net.Subnet @a vpc=v cidr=2 zone=a1 +create_first";
    let mut world = World::applied(program);
    world.program(&program.replace("a1", "a2"));
    insta::assert_snapshot!(world.plan(), @r#"
    error[T0320]: subnet can't be made before the old one is deleted: both would have vpc = "v", cidr = 2
      help: change one of these too, or leave out `replace`
    "#);
}

#[test]
fn what_an_unfinished_replacement_left_is_deleted() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("10.2.0.0/16", "10.9.0.0/16"));
    let plan = world.planned().expect("a plan").plan;
    world.carry_out_until(&plan, 1);
    insta::assert_snapshot!(world.plan(), @r#"
    delete vpc: an object that was replaced is still there (Unfinished)
    replace, create first subnet: vpc is immutable, and what it refers to changed (Dependency)
      vpc: "vpc-1" -> "vpc-5" (Dependency) replaces
    update web: what value refers to changed (Dependency)
      value: "vpc-1" -> "vpc-5" (Dependency)
    0: create subnet
    1: delete deposed 0 of subnet after 0
    2: update web
    3: delete deposed 0 of vpc after 1 2
    "#);
    world.apply();
    assert_eq!(world.cloud.len(), 2);
}

#[test]
fn another_kind_at_an_address_is_a_delete_and_a_create() {
    let mut world = World::applied("x: net.Vpc @a cidr=1\ny: core.Data value=$x.id");
    world.program("x: net.Gateway @a\ny: core.Data value=$x.id");
    insta::assert_snapshot!(world.plan(), @r#"
    create x: new (New)
    update y: x is created (Dependency)
      value: "vpc-1" -> x.id (Dependency)
    delete x: removed from the program (Removed)
    0: delete x
    1: create x after 0
    2: update y after 1
    "#);
    world.apply();
    assert_eq!(world.cloud.len(), 1);
}

#[test]
fn another_region_is_another_object() {
    let mut world = World::applied("p: net.Parameter @a name=/p value=1");
    world.program("p: net.Parameter @b name=/p value=1");
    insta::assert_snapshot!(world.plan(), @r"
    replace, create first p: it moves from a to b (Code)
    0: create p
    1: delete deposed 0 of p after 0
    ");
    world.apply();
    assert_eq!(world.cloud.len(), 1);
}

#[test]
fn a_protected_resource_is_neither_deleted_nor_replaced() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1 +protect\nweb: core.Data value=$vpc.id");
    world.program("vpc: net.Vpc @a cidr=2 +protect\nweb: core.Data value=$vpc.id");
    insta::assert_snapshot!(world.plan(), @r"
    error[T0313]: vpc is protected and would be replaced: cidr is immutable
      help: apply once with `protect = false` on vpc, if it may go
    ");
    world.program("web: core.Data value=1");
    insta::assert_snapshot!(world.plan(), @r"
    error[T0313]: vpc is protected and would be deleted: removed from the program
      help: apply once with `protect = false` on vpc, if it may go
    ");
    insta::assert_snapshot!(world.destroy(), @r"
    error[T0313]: vpc is protected and would be deleted: removed from the program
      help: apply once with `protect = false` on vpc, if it may go
    ");
    world.program("vpc: net.Vpc @a cidr=2\nweb: core.Data value=$vpc.id");
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first vpc: cidr is immutable (Code)
      cidr: 1 -> 2 (Code) replaces
    update web: vpc is replaced (Dependency)
      value: "vpc-1" -> vpc.id (Dependency)
    0: create vpc
    1: update web after 0
    2: delete deposed 0 of vpc after 0 1
    "#);
    insta::assert_snapshot!(world.destroy(), @r"
    delete vpc: removed from the program (Removed)
    delete web: removed from the program (Removed)
    0: delete web
    1: delete vpc after 0
    ");
}

#[test]
fn a_key_is_free_before_it_is_taken_again() {
    let mut world = World::applied("old: net.Parameter @a name=/p value=1");
    world.program("new: net.Parameter @a name=/p value=2 tier=advanced");
    insta::assert_snapshot!(world.plan(), @r"
    create new: new (New)
    delete old: removed from the program (Removed)
    0: delete old
    1: create new after 0
    ");
    world.apply();
}

#[test]
fn a_consumer_that_lets_go_does_so_before_the_delete() {
    let mut world = World::applied(
        "
        a: net.Gateway @a
        b: net.Gateway @a
        vpc: net.Vpc @a cidr=1
        attachment: net.Attachment @a vpc=$vpc.id gateway=$a.id
    ",
    );
    world.program("b: net.Gateway @a\nvpc: net.Vpc @a cidr=1\nattachment: net.Attachment @a vpc=$vpc.id gateway=$b.id");
    insta::assert_snapshot!(world.plan(), @r#"
    update attachment: gateway changed in code (Code)
      gateway: "gateway-1" -> "gateway-2" (Code)
    delete a: removed from the program (Removed)
    0: update attachment
    1: delete a after 0
    "#);
    world.apply();
}
