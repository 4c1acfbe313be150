//! Create, update, delete, nothing; who moved; what counts as a change.

use topo_model::{Status, Symbol, TopoId, Value};

use crate::world::World;

const NET: &str = "
    vpc: net.Vpc @a cidr=10.2.0.0/16 tags.Name=main
    subnet: net.Subnet @a vpc=$vpc.id cidr=10.2.0.0/24
    web: core.Data value=$subnet.id
";

const VPC: &str = "vpc: net.Vpc @a cidr=10.2.0.0/16 tags.Name=main";

#[test]
fn a_first_plan_creates_in_the_order_of_dependencies() {
    insta::assert_snapshot!(World::new(NET).plan(), @r"
    create vpc: new (New)
    create subnet: new (New)
    create web: new (New)
    0: create vpc
    1: create subnet after 0
    2: create web after 1
    ");
}

#[test]
fn an_applied_program_plans_nothing() {
    insta::assert_snapshot!(World::applied(NET).plan(), @"no changes");
}

#[test]
fn one_edited_value_is_one_update() {
    let mut world = World::applied(NET);
    world.program(&NET.replace("tags.Name=main", "dns=true tags.Name=main"));
    insta::assert_snapshot!(world.plan(), @r"
    update vpc: dns changed in code (Code)
      dns: false -> true (Code)
    0: update vpc
    ");
    world.apply();
}

#[test]
fn what_changed_outside_is_put_back() {
    let mut world = World::applied(NET);
    world.outside("vpc", "dns=true");
    insta::assert_snapshot!(world.plan(), @r"
    update vpc: dns changed outside (Outside)
      dns: true -> false (Outside)
    0: update vpc
    ");
    world.apply();
}

#[test]
fn changes_from_both_sides_are_told_apart() {
    let mut world = World::applied("p: net.Parameter @a name=/p value=1 tier=advanced");
    world.program("p: net.Parameter @a name=/p value=2 tier=advanced");
    world.outside("p", "value=3 tier=standard");
    insta::assert_snapshot!(world.plan(), @r#"
    update p: value changed in code and outside (Both); tier changed outside (Outside)
      value: 3 -> 2 (Both)
      tier: "standard" -> "advanced" (Outside)
    0: update p
    "#);
    world.apply();
}

#[test]
fn the_same_change_on_both_sides_is_none() {
    let mut world = World::applied("p: net.Parameter @a name=/p value=1");
    world.program("p: net.Parameter @a name=/p value=2");
    world.outside("p", "value=2");
    insta::assert_snapshot!(world.plan(), @"no changes");
}

#[test]
fn an_object_deleted_outside_is_made_again_and_its_consumers_follow() {
    let mut world = World::applied(NET);
    world.vanish("subnet");
    insta::assert_snapshot!(world.plan(), @r#"
    create subnet: deleted outside (Outside)
    update web: subnet is created (Dependency)
      value: "a\"vpc-1\"|\"10.2.0.0/24\"" -> subnet.id (Dependency)
    0: create subnet
    1: update web after 0
    "#);
    world.apply();
}

#[test]
fn removed_resources_are_deleted_in_reverse() {
    let mut world = World::applied(NET);
    world.program("");
    insta::assert_snapshot!(world.plan(), @r"
    delete vpc: removed from the program (Removed)
    delete subnet: removed from the program (Removed)
    delete web: removed from the program (Removed)
    0: delete web
    1: delete subnet after 0
    2: delete vpc after 1
    ");
    world.apply();
    assert!(world.cloud.is_empty());
}

#[test]
fn a_removed_resource_that_is_gone_already_is_dropped_from_the_record() {
    let mut world = World::applied(VPC);
    world.vanish("vpc");
    world.program("");
    insta::assert_snapshot!(world.plan(), @r"
    delete vpc: removed from the program, and deleted outside already (Removed)
    0: delete vpc
    ");
    world.apply();
}

#[test]
fn destroy_removes_everything_whatever_the_program_says() {
    let world = World::applied(NET);
    insta::assert_snapshot!(world.destroy(), @r"
    delete vpc: removed from the program (Removed)
    delete subnet: removed from the program (Removed)
    delete web: removed from the program (Removed)
    0: delete web
    1: delete subnet after 0
    2: delete vpc after 1
    ");
}

#[test]
fn an_attribute_that_is_set_no_longer_is_released() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=10.2.0.0/16 comment=hello dns=true");
    world.program("vpc: net.Vpc @a cidr=10.2.0.0/16");
    insta::assert_snapshot!(world.plan(), @r#"
    update vpc: dns changed in code (Code); comment is released to the cloud (Code)
      dns: true -> false (Code)
      comment: "hello" -> - (Code)
    0: update vpc
    "#);
    world.apply();
    let comment = world.object("vpc").attributes.get(Symbol::new("comment")).cloned();
    assert_eq!(comment, Some(Value::str("hello")), "what was there stays");
}

#[test]
fn what_is_left_to_the_cloud_is_not_compared() {
    let mut world = World::applied(VPC);
    world.outside("vpc", "comment=theirs");
    insta::assert_snapshot!(world.plan(), @"no changes");
}

#[test]
fn tags_are_owned_key_by_key() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=10.2.0.0/16 tags.Name=main tags.team=x tags.cost=1");
    world.outside("vpc", "tags.theirs=kept tags.cost=2");
    world.program("vpc: net.Vpc @a cidr=10.2.0.0/16 tags.Name=main tags.cost=1");
    insta::assert_snapshot!(world.plan(), @r#"
    update vpc: tags changed in code and outside (Both)
      tags: { "Name" = "main", "team" = "x", "cost" = 2 } -> { "Name" = "main", "cost" = 1 } (Both)
    0: update vpc
    "#);
    world.apply();
    let tags = world.object("vpc").attributes.get(Symbol::new("tags")).map(ToString::to_string);
    assert_eq!(tags.as_deref(), Some(r#"{ "Name" = "main", "cost" = 1, "theirs" = "kept" }"#));
}

#[test]
fn ignored_paths_are_left_alone() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=10.2.0.0/16 dns=true tags.owner=me tags.Name=x");
    world.outside("vpc", "dns=false tags.owner=you");
    world.program("vpc: net.Vpc @a cidr=10.2.0.0/16 dns=true tags.owner=me tags.Name=x +ignore=dns +ignore=tags.owner");
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.program("vpc: net.Vpc @a cidr=10.2.0.0/16 dns=true tags.owner=me tags.Name=y +ignore=dns +ignore=tags.owner");
    insta::assert_snapshot!(world.plan(), @r#"
    update vpc: tags changed in code (Code)
      tags: { "owner" = "you", "Name" = "x" } -> { "Name" = "y", "owner" = "you" } (Code)
    0: update vpc
    "#);
    world.apply();
    let object = world.object("vpc");
    assert_eq!(object.attributes.get(Symbol::new("dns")), Some(&Value::Bool(false)));
    let tags = object.attributes.get(Symbol::new("tags")).map(ToString::to_string);
    assert_eq!(tags.as_deref(), Some(r#"{ "owner" = "you", "Name" = "y" }"#));
}

#[test]
fn documents_sets_and_dns_names_are_compared_by_meaning() {
    let program = r#"
        db: app.Database @a engine=pg password=x policy={"a":1,"b":[1,2]}
        zone: aws.route53.HostedZone name=kimkao.io
        record: aws.route53.RecordSet zone=$zone.id name=api.kimkao.io type=NS resource_records=[x.net,y.net]
    "#;
    let mut world = World::applied(program);
    world.outside("db", r#"policy={"b":[1,2],"a":1}"#);
    world.outside("zone", "name=kimkao.io.");
    world.outside("record", "name=API.kimkao.io. resource_records=[Y.net.,x.net]");
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.outside("db", r#"policy={"b":[2],"a":1}"#);
    world.outside("record", "resource_records=[z.net]");
    insta::assert_snapshot!(world.plan(), @r#"
    update db: policy changed outside (Outside)
      policy: "{\"b\":[2],\"a\":1}" -> "{\"a\":1,\"b\":[1,2]}" (Outside)
    update record: resource_records changed outside (Outside)
      resource_records: ["z.net"] -> ["x.net", "y.net"] (Outside)
    0: update db
    1: update record
    "#);
}

#[test]
fn what_a_cloud_never_tells_is_held_against_the_record() {
    let program = "db: app.Database @a engine=pg password=secret:ssm:/db@1";
    let mut world = World::applied(program);
    world.object("db").attributes.remove(Symbol::new("password"));
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.program(&program.replace("@1", ""));
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.program(&program.replace("@1", "@2"));
    insta::assert_snapshot!(world.plan(), @r"
    update db: password changed in code (Code)
      password: * -> * (Code)
    0: update db
    ");
}

#[test]
fn a_stripped_mark_is_put_back_and_makes_nothing_new() {
    let mut world = World::applied(NET);
    world.object("vpc").owner = None;
    world.outside("vpc", "tags.Name=gone");
    insta::assert_snapshot!(world.plan(), @r#"
    update vpc: its mark was removed outside (Outside); tags changed outside (Outside)
      tags: { "Name" = "gone" } -> { "Name" = "main" } (Outside)
    0: update vpc
    "#);
    world.apply();
    assert!(world.object("vpc").owner.is_some());
}

#[test]
fn what_an_earlier_run_did_not_finish_is_gone_on_with() {
    let mut world = World::applied(VPC);
    world.recorded.resources["vpc"].ready = false;
    insta::assert_snapshot!(world.plan(), @r"
    update vpc: an earlier run did not finish it (Unfinished)
    0: update vpc
    ");
    world.recorded.resources["vpc"].ready = false;
    world.object("vpc").status = Status::Failed("no capacity".into());
    insta::assert_snapshot!(world.plan(), @r"
    replace, create first vpc: it failed: no capacity (Unfinished)
    0: create vpc
    1: delete deposed 0 of vpc after 0
    ");
}

#[test]
fn an_object_that_failed_after_it_was_ready_is_pointed_out() {
    let mut world = World::applied(VPC);
    world.object("vpc").status = Status::Failed("broken".into());
    insta::assert_snapshot!(world.plan(), @r"
    warning[T0319]: vpc was ready and has failed: broken
      help: repair it, or have it made again: `--replace vpc`
    no changes
    ");
}

#[test]
fn an_object_whose_answer_was_lost_is_adopted() {
    let mut world = World::applied(NET);
    world.recorded.resources.shift_remove("vpc");
    world.outside("subnet", "public=true");
    insta::assert_snapshot!(world.plan(), @r"
    import vpc: made by an earlier run that did not see the answer (Unfinished)
    update subnet: public changed outside (Outside)
      public: true -> false (Outside)
    0: import vpc
    1: update subnet after 0
    ");
    world.apply();
    assert_eq!(world.cloud.len(), 2);
}

#[test]
fn a_second_object_with_our_mark_is_deleted() {
    let mut world = World::applied(NET);
    let mut second = world.object("vpc").clone();
    second.id = topo_model::ObjectId("vpc-late".into());
    world.cloud.push(second);
    insta::assert_snapshot!(world.plan(), @r"
    warning[T0317]: net.Vpc vpc-late carries the mark and the id of vpc, which is another object
      help: a call of an earlier run was answered twice; the plan deletes vpc-late
    delete vpc: a second object carries its mark (Unfinished)
    0: delete deposed 0 of vpc
    ");
    world.apply();
    assert_eq!(world.cloud.len(), 2);
    assert!(world.recorded.resources.contains_key("vpc"));
}

#[test]
fn an_object_of_which_nobody_knows_is_reported_and_left_alone() {
    let mut world = World::applied(VPC);
    let mut stray = |id: &str, topo_id: &str, path: &str, env: &str| {
        let mut owner = world.owner(TopoId(topo_id.into()), path);
        owner.env = env.into();
        let mut stray = world.object("vpc").clone();
        (stray.id, stray.owner) = (topo_model::ObjectId(id.into()), Some(owner));
        world.cloud.push(stray);
    };
    stray("vpc-old", "t9", "old[a].vpc", "test");
    stray("vpc-other", "t8", "vpc", "test");
    stray("vpc-let-go", "t7", "gone", "test");
    stray("vpc-foreign", "t6", "vpc", "other");
    world.program(&format!("{VPC}\nforget gone"));
    insta::assert_snapshot!(world.plan(), @r#"
    warning[T0317]: net.Vpc vpc-old carries the mark of old:a.vpc, and the state does not know it
      help: delete it by hand, or adopt it: `resource … from "vpc-old"`
    warning[T0317]: net.Vpc vpc-other carries the mark of vpc, and the state does not know it
      help: delete it by hand, or adopt it: `resource … from "vpc-other"`
    no changes
    "#);
}

#[test]
fn destroy_removes_what_the_program_names_and_the_state_missed() {
    let mut world = World::applied(NET);
    world.recorded.resources.shift_remove("subnet");
    world.recorded.resources.shift_remove("web");
    insta::assert_snapshot!(world.destroy(), @r"
    delete vpc: removed from the program (Removed)
    delete subnet: made by an earlier run that did not see the answer (Removed)
    0: delete subnet
    1: delete vpc after 0
    ");
}

#[test]
fn outputs_that_changed_are_refreshed() {
    let mut world = World::applied(VPC);
    world.object("vpc").outputs.set(Symbol::new("arn"), Value::str("arn:new"));
    insta::assert_snapshot!(world.plan(), @r"
    none vpc: 
      outputs refreshed
    ");
    world.apply();
}

#[test]
fn a_changed_lifecycle_or_order_is_recorded() {
    let mut world = World::applied("a: core.Data value=1\nb: core.Data value=2");
    world.program("a: core.Data value=1 +protect\nb: core.Data value=2 +after=a");
    insta::assert_snapshot!(world.plan(), @r"
    update a: lifecycle.protect changed in code (Code)
    update b: what it depends on changed in code (Code)
    0: update a
    1: update b after 0
    ");
    world.apply();
    assert_eq!(world.recorded.resources["b"].needs, ["a"]);
}

#[test]
fn without_a_refresh_the_record_stands_in() {
    let mut world = World::applied(NET);
    world.outside("vpc", "dns=true");
    world.skipped = true;
    insta::assert_snapshot!(world.plan(), @"no changes");
    world.program(&NET.replace("tags.Name=main", "comment=x tags.Name=main"));
    insta::assert_snapshot!(world.plan(), @r#"
    update vpc: comment changed in code (Code)
      comment: - -> "x" (Code)
    0: update vpc
    "#);
}

#[test]
fn drift_is_what_changed_outside_and_nothing_else() {
    let mut world = World::applied(NET);
    world.program("vpc: net.Vpc @a cidr=10.9.0.0/16");
    world.recorded.resources["vpc"].ready = false;
    insta::assert_snapshot!(world.drift(), @"no changes");
    world.outside("vpc", "dns=true tags.Name=x");
    world.vanish("subnet");
    insta::assert_snapshot!(world.drift(), @r#"
    update vpc: dns changed outside (Outside); tags changed outside (Outside)
      dns: true -> false (Outside)
      tags: { "Name" = "x" } -> { "Name" = "main" } (Outside)
    create subnet: deleted outside (Outside)
    0: update vpc
    1: create subnet after 0
    "#);
}

#[test]
fn reasons_stand_where_the_user_wrote_what_led_to_them() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1\ndb: app.Database @a engine=x");
    world.program("vpc: net.Vpc @a cidr=1 dns=true comment=y +library\ndb: app.Database @a engine=x +protect +library");
    let plan = world.planned().expect("a plan").plan;
    let details = plan.nodes.iter().filter_map(|n| n.detail.as_ref());
    let places = details.flat_map(|d| {
        let reasons = d.reasons.iter().map(|r| r.span.lo);
        reasons.chain(d.differences.iter().map(|d| d.span.lo)).chain([d.span.lo])
    });
    assert_eq!(places.collect::<Vec<_>>(), [1001, 1001, 1001, 1001, 1001, 1011, 1011]);
}

#[test]
fn a_difference_from_a_default_stands_at_the_resource() {
    let mut world = World::applied("vpc: net.Vpc @a cidr=1 dns=true");
    world.program("vpc: net.Vpc @a cidr=1");
    let plan = world.planned().expect("a plan").plan;
    let detail = plan.nodes[0].detail.as_ref().expect("a change");
    assert_eq!((detail.reasons[0].text.as_str(), detail.reasons[0].span.lo), ("dns changed in code", 1));
}
