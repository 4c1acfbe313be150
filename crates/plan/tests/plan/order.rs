//! Waves and batches.

use crate::world::World;

const TWO: &str = "
    rollout b a
    one: net.Vpc @a cidr=1
    two: net.Vpc @b cidr=2
    link: net.Route @a table=$one.id to=$two.id
    accept: net.Route @b table=$link.id to=x
    names: core.Data value=$one.id
    free: core.Data value=1
";

const FAILOVER: &str = "
    zone: aws.route53.HostedZone name=x.io
    hc_a: aws.route53.HealthCheck name=a.x.io
    hc_b: aws.route53.HealthCheck name=b.x.io
    a: aws.route53.RecordSet zone=$zone.id name=api type=CNAME set_identifier=a failover=PRIMARY health_check=$hc_a.id
    b: aws.route53.RecordSet zone=$zone.id name=api type=CNAME set_identifier=b failover=SECONDARY health_check=$hc_b.id
    w: aws.route53.RecordSet zone=$zone.id name=www type=CNAME resource_records=[q]
";

#[test]
fn a_region_waits_for_those_before_it_and_takes_what_depends_on_it_along() {
    let mut world = World::new(TWO);
    insta::assert_snapshot!(world.plan(), @r"
    create one: new (New)
    create two: new (New)
    create link: new (New)
    create accept: new (New)
    create names: new (New)
    create free: new (New)
    0: create two wave 0
    1: create free wave 0
    2: create one wave 1
    3: create link wave 1 after 0 2
    4: create accept wave 1 after 3
    5: create names wave 1 after 2
    pushed to wave 1: accept
    ");
    world.apply();
}

#[test]
fn deletes_follow_edges_first_and_waves_otherwise() {
    let mut world = World::applied(TWO);
    insta::assert_snapshot!(world.destroy(), @r"
    delete two: removed from the program (Removed)
    delete free: removed from the program (Removed)
    delete one: removed from the program (Removed)
    delete link: removed from the program (Removed)
    delete accept: removed from the program (Removed)
    delete names: removed from the program (Removed)
    0: delete free wave 0
    1: delete accept wave 0
    2: delete names wave 0
    3: delete link wave 1 after 1
    4: delete two wave 1 after 3
    5: delete one wave 1 after 2 3
    pushed to wave 1: two
    ");
    world.program("rollout b a");
    world.apply();
}

#[test]
fn a_replacement_is_pushed_behind_what_must_go_before_it() {
    let program = TWO.replace("two: net.Vpc @b cidr=2", "two: net.Vpc @b cidr=2 +delete_first");
    let mut world = World::applied(&program);
    world.program(&program.replace("cidr=2", "cidr=3"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, delete first two: cidr is immutable (Code)
      cidr: 2 -> 3 (Code) replaces
    replace, delete first link: two has to be deleted before it is made again (Dependency); two is replaced (Dependency)
      to: "vpc-1" -> two.id (Dependency)
    replace, delete first accept: link is replaced (Dependency)
      table: "a\"vpc-3\"|\"vpc-1\"" -> link.id (Dependency) replaces
    0: delete accept wave 0
    1: delete link wave 1 after 0
    2: delete two wave 1 after 1
    3: create two wave 1 after 2
    4: create link wave 1 after 1 3
    5: create accept wave 1 after 0 4
    pushed to wave 1: two accept
    "#);
    world.apply();
}

#[test]
fn a_swap_of_roles_is_one_batch() {
    let mut world = World::applied(FAILOVER);
    world.program(&FAILOVER.replace("PRIMARY", "X").replace("SECONDARY", "PRIMARY").replace("X", "SECONDARY"));
    insta::assert_snapshot!(world.plan(), @r#"
    update a: failover changed in code (Code)
      failover: "PRIMARY" -> "SECONDARY" (Code)
    update b: failover changed in code (Code)
      failover: "SECONDARY" -> "PRIMARY" (Code)
    0: update a batch 0
    1: update b batch 0
    "#);
    world.apply();
}

#[test]
fn from_failover_to_a_simple_record_is_one_batch() {
    let mut world = World::applied(FAILOVER);
    world.program(
        "
        zone: aws.route53.HostedZone name=x.io
        only: aws.route53.RecordSet zone=$zone.id name=api type=CNAME resource_records=[a.x.io]
        w: aws.route53.RecordSet zone=$zone.id name=www type=CNAME resource_records=[q]
    ",
    );
    insta::assert_snapshot!(world.plan(), @r"
    create only: new (New)
    delete hc_a: removed from the program (Removed)
    delete hc_b: removed from the program (Removed)
    delete a: removed from the program (Removed)
    delete b: removed from the program (Removed)
    0: create only batch 0
    1: delete a batch 0
    2: delete hc_a after 1
    3: delete b batch 0
    4: delete hc_b after 3
    ");
    world.apply();
}

#[test]
fn a_swap_across_waves_is_done_in_the_later_one() {
    let program = "
        rollout b a
        zone: aws.route53.HostedZone name=x.io
        va: net.Vpc @a cidr=1
        vb: net.Vpc @b cidr=1
        a: aws.route53.RecordSet zone=$zone.id name=api type=A set_identifier=a failover=PRIMARY resource_records=[$va.id]
        b: aws.route53.RecordSet zone=$zone.id name=api type=A set_identifier=b failover=SECONDARY resource_records=[$vb.id]
        c: aws.route53.RecordSet zone=$zone.id name=other type=A set_identifier=b ttl=1 resource_records=[$vb.id]
    ";
    let mut world = World::applied(program);
    let swapped = program.replace("PRIMARY", "X").replace("SECONDARY", "PRIMARY").replace("X", "SECONDARY");
    world.program(&swapped.replace("ttl=1", "ttl=2"));
    insta::assert_snapshot!(world.plan(), @r#"
    update a: failover changed in code (Code)
      failover: "PRIMARY" -> "SECONDARY" (Code)
    update b: failover changed in code (Code)
      failover: "SECONDARY" -> "PRIMARY" (Code)
    update c: ttl changed in code (Code)
      ttl: 1 -> 2 (Code)
    0: update c wave 0
    1: update a wave 1 batch 0
    2: update b wave 1 batch 0
    "#);
    world.apply();
}

#[test]
fn a_record_of_another_type_replaces_in_one_batch() {
    let program = "
        zone: aws.route53.HostedZone name=x.io
        r: aws.route53.RecordSet zone=$zone.id name=api type=A resource_records=[1.1.1.1]
    ";
    let mut world = World::applied(program);
    world.program(&program.replace("type=A", "type=CNAME"));
    insta::assert_snapshot!(world.plan(), @r#"
    replace, create first r: type is immutable (Code)
      type: "A" -> "CNAME" (Code) replaces
    0: create r batch 0
    1: delete deposed 0 of r batch 0 after 0
    "#);
    world.apply();
}

#[test]
fn a_batch_never_waits_for_itself() {
    let program = "
        zone: aws.route53.HostedZone name=x.io
        a: aws.route53.RecordSet zone=$zone.id name=a type=A resource_records=[1]
        b: aws.route53.RecordSet zone=$zone.id name=b type=A resource_records=[2]
        check: aws.route53.HealthCheck name=$a.id
        c: aws.route53.RecordSet zone=$zone.id name=c type=A health_check=$check.id
        d: aws.route53.RecordSet zone=$zone.id name=d type=A resource_records=[4]
    ";
    let mut world = World::new(program);
    insta::assert_snapshot!(world.plan(), @r"
    create zone: new (New)
    create a: new (New)
    create b: new (New)
    create check: new (New)
    create c: new (New)
    create d: new (New)
    0: create zone
    1: create a after 0
    2: create b after 0
    3: create check after 1
    4: create c after 0 3
    5: create d after 0
    ");
    world.apply();
}

#[test]
fn every_wave_of_the_rollout_is_listed() {
    let world = World::new("rollout b a,c d\nx: core.Data value=1");
    let plan = world.planned().expect("a plan").plan;
    let waves: Vec<Vec<&str>> = plan.waves.iter().map(|w| w.regions.iter().map(|r| r.as_str()).collect()).collect();
    assert_eq!(waves, [vec!["b"], vec!["a", "c"], vec!["d"]]);
    assert_eq!(World::new("").planned().expect("a plan").plan.waves.len(), 1);
}
