//! `moved`, `forget`, and renames that nobody wrote down.

use crate::world::World;

#[test]
fn a_rename_destroys_nothing() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1\nsubnet: net.Subnet @a vpc=$vpc.id cidr=2");
    world.program("moved vpc -> main\nmain: net.Vpc @a cidr=1\nsubnet: net.Subnet @a vpc=$main.id cidr=2");
    insta::assert_snapshot!(world.plan(), @r"
    move main: moved from vpc (Item)
    0: move main
    ");
    world.apply();
    assert_eq!(world.cloud.len(), 2);
}

#[test]
fn a_rename_with_a_change_moves_first() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1");
    world.program("moved vpc -> main\nmain: net.Vpc @a cidr=1 dns=true");
    insta::assert_snapshot!(world.plan(), @r"
    update main: dns changed in code (Code)
      dns: false -> true (Code)
    0: move main
    1: update main after 0
    ");
    world.apply();
    let mut world = World::applied("vpc: net.Vpc @a cidr=1");
    world.program("moved vpc -> main\nmain: net.Vpc @a cidr=2");
    insta::assert_snapshot!(world.plan(), @r"
    replace, create first main: cidr is immutable (Code)
      cidr: 1 -> 2 (Code) replaces
    0: move main
    1: create main after 0
    2: delete deposed 0 of main after 0 1
    ");
    world.apply();
}

#[test]
fn a_rename_reaches_into_loops_and_components_and_chains() {
    let mut world =
        World::applied("net[a].vpc: net.Vpc @a cidr=1\nnet[b].vpc: net.Vpc @b cidr=2\nx: core.Data value=1");
    world.program(
        "
        moved net[*] -> core.net[*]
        moved core.net[*].vpc -> core.net[*].main
        moved x -> x[k]
        core.net[a].main: net.Vpc @a cidr=1
        core.net[b].main: net.Vpc @b cidr=2
        x[k]: core.Data value=1
    ",
    );
    insta::assert_snapshot!(world.plan(), @r"
    move core.net[a].main: moved from net[a].vpc (Item)
    move core.net[b].main: moved from net[b].vpc (Item)
    move x[k]: moved from x (Item)
    0: move core.net[a].main
    1: move core.net[b].main
    2: move x[k]
    ");
    world.apply();
}

#[test]
fn a_rename_that_is_done_does_nothing_more() {
    let mut world = World::applied("a: core.Data value=1");
    world.program("moved a -> b\nb: core.Data value=1");
    world.apply();
    world.program("moved a -> b\nb: core.Data value=1\na: core.Data value=2");
    insta::assert_snapshot!(world.plan(), @r"
    create a: new (New)
    0: create a
    ");
    world.apply();
}

#[test]
fn neighbours_can_move_up() {
    let mut world = World::applied("a: core.Data value=1\nb: core.Data value=2");
    world.program("moved a -> b\nmoved b -> c\nb: core.Data value=1\nc: core.Data value=2");
    insta::assert_snapshot!(world.plan(), @r"
    move b: moved from a (Item)
    move c: moved from b (Item)
    0: move c
    1: move b after 0
    ");
    world.apply();
}

#[test]
fn a_rename_onto_what_is_there_is_refused() {
    let mut world = World::applied("a: core.Data value=1\nb: core.Data value=2");
    world.program("moved a -> b\nb: core.Data value=2");
    insta::assert_snapshot!(world.plan(), @r"
    warning[T0316]: a can't move to b: something else is recorded there, or it is of another kind
      help: a will be deleted; keep it under a third address, or forget it, if it should live
    delete a: removed from the program (Removed)
    0: delete a
    ");
}

#[test]
fn a_renamed_object_that_is_gone_is_made_anew() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1");
    world.vanish("vpc");
    world.program("moved vpc -> main\nmain: net.Vpc @a cidr=1");
    insta::assert_snapshot!(world.plan(), @r"
    create main: new (New)
    delete vpc: removed from the program, and deleted outside already (Removed)
    0: create main
    1: delete vpc
    ");
    world.apply();
}

#[test]
fn a_missing_moved_is_pointed_out() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1 comment=x\nold: core.Data value=1");
    world.program("main: net.Vpc @a cidr=1 comment=x dns=true\nnew: core.Data value=2");
    insta::assert_snapshot!(world.plan(), @r"
    warning[T0310]: vpc would be deleted and main created, alike in most attributes
      help: if it is one, write `moved vpc -> main`, and nothing is deleted
    create main: new (New)
    create new: new (New)
    delete vpc: removed from the program (Removed)
    delete old: removed from the program (Removed)
    0: create main
    1: create new
    2: delete vpc
    3: delete old
    ");
}

#[test]
fn a_renamed_component_is_pointed_out_once() {
    let net = "
        net[a].vpc: net.Vpc @a cidr=1
        net[a].subnet: net.Subnet @a vpc=$net[a].vpc.id cidr=8
        net[b].vpc: net.Vpc @b cidr=2
        net[b].subnet: net.Subnet @b vpc=$net[b].vpc.id cidr=9
    ";
    let mut world = World::applied(net);
    world.program(&net.replace("net[", "network["));
    insta::assert_snapshot!(world.plan(), @r"
    warning[T0310]: net[a].vpc would be deleted and network[a].vpc created, alike in most attributes, and 3 more like it
      help: if it is one, write `moved net[*] -> network[*]`, and nothing is deleted
    create network[a].vpc: new (New)
    create network[a].subnet: new (New)
    create network[b].vpc: new (New)
    create network[b].subnet: new (New)
    delete net[a].vpc: removed from the program (Removed)
    delete net[a].subnet: removed from the program (Removed)
    delete net[b].vpc: removed from the program (Removed)
    delete net[b].subnet: removed from the program (Removed)
    0: create network[a].vpc
    1: create network[a].subnet after 0
    2: create network[b].vpc
    3: create network[b].subnet after 2
    4: delete net[a].subnet
    5: delete net[a].vpc after 4
    6: delete net[b].subnet
    7: delete net[b].vpc after 6
    ");
}

#[test]
fn another_key_is_pointed_out_where_it_refers_to_what_stays() {
    let net = "vpc: net.Vpc @a cidr=1\nsubnet[x]: net.Subnet @a vpc=$vpc.id cidr=8";
    let mut world = World::applied(net);
    world.program(&net.replace("[x]", "[y]"));
    insta::assert_snapshot!(warnings(&world), @r"
    warning[T0310]: subnet[x] would be deleted and subnet[y] created, alike in most attributes
      help: if it is one, write `moved subnet[x] -> subnet[y]`, and nothing is deleted
    ");
}

#[test]
fn what_refers_to_something_replaced_is_no_rename() {
    let net = "vpc: net.Vpc @a cidr=1\nsubnet[x]: net.Subnet @a vpc=$vpc.id cidr=8";
    let mut world = World::applied(net);
    world.program(&net.replace("[x]", "[y]").replace("cidr=1", "cidr=3"));
    assert_eq!(warnings(&world), "", "with a `moved`, the subnet would be replaced");
    world.program(
        &net.replace("[x]", "[y]")
            .replace("vpc: ", "old: ")
            .replace("$vpc", "$new")
            .replace("subnet", "new: net.Vpc @a cidr=7\nsubnet"),
    );
    insta::assert_snapshot!(warnings(&world), @r"
    warning[T0310]: vpc would be deleted and old created, alike in most attributes
      help: if it is one, write `moved vpc -> old`, and nothing is deleted
    ");
}

#[test]
fn alike_parts_of_renamed_components_are_told_apart_by_what_they_refer_to() {
    let net = "
        a.vpc: net.Vpc @a cidr=1
        a.subnet: net.Subnet @a vpc=$a.vpc.id cidr=8
        b.vpc: net.Vpc @a cidr=1
        b.subnet: net.Subnet @a vpc=$b.vpc.id cidr=8
    ";
    let mut world = World::applied(net);
    world.program(&net.replace("a.", "c.").replace("b.", "d."));
    insta::assert_snapshot!(warnings(&world), @r"
    warning[T0310]: a.vpc would be deleted and c.vpc created, alike in most attributes, and 1 more like it
      help: if it is one, write `moved a -> c`, and nothing is deleted
    warning[T0310]: b.vpc would be deleted and d.vpc created, alike in most attributes, and 1 more like it
      help: if it is one, write `moved b -> d`, and nothing is deleted
    ");
}

#[test]
fn a_hint_points_at_the_users_statement() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1");
    world.program("main: net.Vpc @a cidr=1 +library");
    let found = &world.planned().expect("a plan").diagnostics[0];
    let labels: Vec<(u32, &str)> = found.labels.iter().map(|l| (l.span.lo, l.text.as_str())).collect();
    assert_eq!(labels, [(1001, "looks like a rename"), (1, "made here")]);
}

/// What is said beside the plan.
fn warnings(world: &World) -> String {
    let plan = world.plan();
    plan.lines().take_while(|l| l.starts_with("warning") || l.starts_with("  help")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_forgotten_lives_on() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1\nsubnet: net.Subnet @a vpc=$vpc.id cidr=2");
    world.program("forget vpc\nforget subnet");
    insta::assert_snapshot!(world.plan(), @r"
    forget vpc: forget (Item)
    forget subnet: forget (Item)
    0: forget vpc
    1: forget subnet
    ");
    let plan = world.planned().expect("a plan").plan;
    world.carry_out(&plan);
    assert_eq!((world.cloud.len(), world.recorded.resources.len()), (2, 0));
    assert_eq!(world.plan(), "no changes\n", "an object that was let go is not taken for a stray");
    world.program("forget vpc\nvpc: net.Vpc @a cidr=1");
    insta::assert_snapshot!(world.plan(), @r#"
    error[T0316]: vpc is to be forgotten, and the program still has it
      help: remove one of the two
    warning[T0317]: net.Subnet a"vpc-1"|2 carries the mark of subnet, and the state does not know it
      help: delete it by hand, or adopt it: `resource … from "a"vpc-1"|2"`
    "#);
}
