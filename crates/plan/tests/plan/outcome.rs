//! Outputs and checks.

use topo_model::Value;

use crate::world::World;

#[test]
fn outputs_are_shown_when_they_change() {
    let mut world = World::new("a: core.Data value=1\noutput id=$a.id\noutput plain=x");
    insta::assert_snapshot!(world.plan(), @r#"
    create a: new (New)
    0: create a
    output id = a.id
    output plain = "x"
    "#);
    world.apply();
    world.program("a: core.Data value=1\noutput id=$a.id\noutput plain=y");
    insta::assert_snapshot!(world.plan(), @r#"
    output id = "data-1"
    output plain = "y"
    "#);
    world.apply();
    world.program("a: core.Data value=1\noutput id=$a.id");
    insta::assert_snapshot!(world.plan(), @r#"output id = "data-1""#);
}

#[test]
fn a_check_is_decided_as_soon_as_its_values_are_known() {
    let program = "a: core.Data value=1\ncheck x=$a.value the value is wrong";
    let mut world = World::new(&program.replace("value=1", "value=false"));
    insta::assert_snapshot!(world.plan(), @"error[T0202]: the value is wrong");
    world.program(&program.replace("value=1", "value=true").replace("$a.value", "$a.id"));
    insta::assert_snapshot!(world.plan(), @r"
    create a: new (New)
    0: create a
    check a.id
    ");
    world.carry_out(&world.planned().expect("a plan").plan);
    world.recorded.resources["a"].outputs.set("id".into(), Value::Bool(false));
    insta::assert_snapshot!(world.plan(), @"error[T0202]: the value is wrong");
}

#[test]
fn the_checks_of_kinds_look_along_references() {
    let program = "vpc: net.Vpc @a cidr=1\nsubnet: net.Subnet @a vpc=$vpc.id cidr=2";
    let mut world = World::applied(program);
    world.program(&program.replace("cidr=2", "cidr=1"));
    insta::assert_snapshot!(world.plan(), @"error[T0202]: the subnet is as large as its VPC");
}
