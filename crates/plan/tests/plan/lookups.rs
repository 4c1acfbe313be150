//! `existing` and `from`.

use topo_model::{ObjectId, Symbol};

use crate::world::World;

fn with_zone() -> World {
    let mut world = World::applied("zone: aws.route53.HostedZone name=x.io");
    world.recorded.resources.clear();
    for object in &mut world.cloud {
        object.owner = None;
    }
    world
}

const RECORD: &str = "r: aws.route53.RecordSet zone=$zone.id name=api type=A";

#[test]
fn an_existing_object_is_used_and_never_changed() {
    let mut world = with_zone();
    world.program(&format!("zone: aws.route53.HostedZone name=x.io +existing\n{RECORD}"));
    insta::assert_snapshot!(world.plan(), @r"
    create r: new (New)
    0: create r
    ");
    world.apply();
    insta::assert_snapshot!(world.destroy(), @r"
    delete r: removed from the program (Removed)
    0: delete r
    ");
}

#[test]
fn none_or_several_are_errors() {
    let mut world = with_zone();
    world.program("zone: aws.route53.HostedZone name=y.io +existing\nby_id: net.Vpc @a cidr=1 +existing=vpc-9");
    insta::assert_snapshot!(world.plan(), @r#"
    error[T0311]: there is no aws.route53.HostedZone with name = "y.io"
      help: correct what it is looked up by, or declare it as a `resource` to have it made
    error[T0311]: there is no net.Vpc "vpc-9" in a
      help: correct what it is looked up by, or declare it as a `resource` to have it made
    "#);
    let mut second = world.cloud[0].clone();
    second.id = ObjectId("second".into());
    world.cloud.push(second);
    world.program("zone: aws.route53.HostedZone name=x.io +existing");
    insta::assert_snapshot!(world.plan(), @r#"
    error[T0312]: there are 2 objects of aws.route53.HostedZone with name = "x.io": hostedzone-1, second
      help: name the one that is meant: `from "hostedzone-1"`
    "#);
}

#[test]
fn what_is_found_only_during_the_apply_is_read_then() {
    let mut world = World::new("");
    world.program(
        "
        vpc: net.Vpc @a cidr=1
        zone: aws.route53.HostedZone name=$vpc.id +existing
        r: aws.route53.RecordSet zone=$zone.id name=api type=A
    ",
    );
    insta::assert_snapshot!(world.plan(), @r"
    create vpc: new (New)
    read zone: looked up during the apply (Item)
    create r: new (New)
    0: create vpc
    1: read zone after 0
    2: create r after 1
    ");
}

#[test]
fn without_a_look_a_lookup_is_taken_to_be_as_it_was() {
    let mut world = with_zone();
    let program = format!("zone: aws.route53.HostedZone name=x.io +existing\n{RECORD}");
    world.program(&program);
    world.apply();
    world.skipped = true;
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.program(&format!("{program} ttl=60"));
    insta::assert_snapshot!(world.plan(), @r"
    read zone: looked up during the apply (Item)
    update r: ttl changed in code (Code)
      ttl: - -> 60 (Code)
    0: read zone
    1: update r after 0
    ");
}

#[test]
fn an_adopted_object_is_brought_in_line() {
    let mut world = with_zone();
    let id = world.cloud[0].id.clone();
    world.program(&format!("zone: aws.route53.HostedZone name=x.io comment=ours +from={id}\n{RECORD}"));
    insta::assert_snapshot!(world.plan(), @r#"
    import zone: from hostedzone-1 (Item); its comment differs from the program's (Item)
      comment: - -> "ours" (Item)
    create r: new (New)
    0: import zone
    1: create r after 0
    "#);
    world.apply();
    assert_eq!(world.recorded.resources["zone"].id, id);
}

#[test]
fn what_can_not_be_adopted_is_refused() {
    let mut world = with_zone();
    let id = world.cloud[0].id.clone();
    world.program(&format!("zone: aws.route53.HostedZone name=y.io +from={id}\nvpc: net.Vpc @a cidr=1 +from=vpc-9"));
    insta::assert_snapshot!(world.plan(), @r#"
    error[T0318]: aws.route53.HostedZone hostedzone-1 can't be adopted: its name is "x.io", not "y.io"
      help: write name as it is, adopt the object, and change it afterwards
    error[T0311]: there is no net.Vpc "vpc-9" in a
      help: correct what it is looked up by, or declare it as a `resource` to have it made
    "#);
    world.program(&format!("a: aws.route53.HostedZone name=x.io +from={id}"));
    world.apply();
    world.program(&format!("a: aws.route53.HostedZone name=x.io\nb: aws.route53.HostedZone name=x.io +from={id}"));
    insta::assert_snapshot!(world.plan(), @r"
    error[T0318]: aws.route53.HostedZone hostedzone-1 is recorded as a already
      help: to call it b, write `moved a -> b` and leave out `from`
    ");
}

#[test]
fn what_is_ours_is_let_go_before_it_is_looked_up() {
    let mut world = World::applied("zone: aws.route53.HostedZone name=x.io");
    world.program("zone: aws.route53.HostedZone name=x.io +existing");
    insta::assert_snapshot!(world.plan(), @r"
    error[T0316]: zone is recorded as made by this project, and `existing` is for what others made
      help: to let it go and look it up from now on, add `forget zone`
    ");
    world.program("forget zone\nzone: aws.route53.HostedZone name=x.io +existing");
    insta::assert_snapshot!(world.plan(), @r"
    forget zone: forget (Item)
    0: forget zone
    ");
}

#[test]
fn a_lookup_in_a_region_that_is_out_is_taken_to_be_as_it_was() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1");
    world.recorded.resources.clear();
    world.cloud[0].owner = None;
    let id = world.cloud[0].id.clone();
    let program = format!("vpc: net.Vpc @a cidr=1 +existing={id}\nroute: net.Route @b table=$vpc.id to=x");
    world.program(&program);
    world.apply();
    world.out.push(Some(Symbol::new("a")));
    insta::assert_snapshot!(world.plan(), @"frozen a:");
}
