//! What is seen, of whom, and when.

use topo_model::{Status, Value};

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";

#[test]
fn things_settle_at_the_pace_that_is_asked_for() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    assert_eq!(cloud.status(VPC, &vpc), Status::Ready);
    let (_dir, cloud) = slow();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    cloud.clock.advance(2999);
    assert_eq!(cloud.status(VPC, &vpc), Status::Pending);
    cloud.clock.advance(1);
    assert_eq!(cloud.status(VPC, &vpc), Status::Ready);
}

#[test]
fn what_a_slow_run_left_unfinished_is_finished_at_pace_0() {
    let (dir, cloud) = slow();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    assert_eq!(cloud.status(VPC, &vpc), Status::Pending);
    drop(cloud);
    let cloud = open(dir.path(), options(""));
    assert_eq!(cloud.status(VPC, &vpc), Status::Ready);
    cloud.make("ec2.RouteTable@ap-east-2", "table", [("vpc", text(&vpc))]);
}

#[test]
fn what_refers_to_an_object_waits_until_it_is_ready() {
    let (_dir, cloud) = slow();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    let refused = refusal(cloud.ask("ec2.RouteTable@ap-east-2", "table", [("vpc", text(&vpc))]));
    insta::assert_snapshot!(refused.replace(&vpc, "VPC"), @"Conflict IncorrectState: VPC is not ready yet");
}

#[test]
fn observation_shows_what_is_marked_as_ours_and_what_is_known() {
    let (_dir, cloud) = fresh();
    let ours = cloud.vpc(TAIPEI, "ours", "10.0.0.0/16");
    let stripped = cloud.vpc(TAIPEI, "stripped", "10.1.0.0/16");
    cloud.vpc(TOKYO, "elsewhere", "10.2.0.0/16");
    let mut theirs = creation(VPC, "theirs", [("cidr_block", cidr("10.3.0.0/16"))]);
    theirs.owner.env = "production".into();
    now(topo_provider::Provider::begin_create(&cloud.sandbox, &theirs)).expect("it is made");
    cloud.sandbox.strip_tags(topo_sandbox::Which { id: &stripped, ..Default::default() }).expect("it has tags");
    assert_eq!(cloud.observe(&[VPC], &[]), std::slice::from_ref(&ours));
    assert_eq!(cloud.observe(&[VPC], &[(VPC, &stripped), (VPC, &ours), (VPC, "vpc-0")]), [ours, stripped]);
}

#[test]
fn objects_without_tags_are_observed_by_id_alone() {
    let (_dir, cloud) = fresh();
    let zone = cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))]);
    let set = [
        ("hosted_zone", text(&zone)),
        ("name", text("www.example.com")),
        ("type", text("A")),
        ("ttl", Value::Duration(60_000)),
        ("resource_records", list(&["192.0.2.1"])),
    ];
    let record = cloud.make("route53.RecordSet", "www", set);
    assert!(cloud.observe(&["route53.RecordSet"], &[]).is_empty());
    assert_eq!(cloud.observe(&["route53.RecordSet"], &[("route53.RecordSet", &record)]), [record]);
}

#[test]
fn objects_are_found_by_attributes_ours_or_not() {
    let (_dir, cloud) = fresh();
    let zone = cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))]);
    let a = cloud.make(VPC, "a", [("cidr_block", cidr("10.0.0.0/16")), ("tags", tags(&[("Name", "a"), ("x", "1")]))]);
    cloud.vpc(TAIPEI, "b", "10.0.0.0/16");
    let find = |kind_at: &str, set| {
        let at = place(kind_at, "");
        let found = now(topo_provider::Provider::find(&cloud.sandbox, at.kind, at.region, &set));
        found.expect("the region can be reached").into_iter().map(|o| o.id.0.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(find("route53.HostedZone", attributes([("name", text("EXAMPLE.com."))])), [zone]);
    assert_eq!(find(VPC, attributes([("cidr_block", cidr("10.0.0.0/16"))])).len(), 2);
    assert_eq!(find(VPC, attributes([("tags", tags(&[("Name", "a")]))])), [a]);
    assert!(find("ec2.Vpc@ap-northeast-1", attributes([])).is_empty());
}

#[test]
fn the_account_and_the_limits_are_told() {
    let (_dir, cloud) = fresh();
    let provider = &cloud.sandbox;
    assert_eq!(now(topo_provider::Provider::account(provider)), Ok("000000000000".to_owned()));
    let limits = ["aws.ec2", "aws.route53", "aws.ssm"].map(|s| topo_provider::Provider::parallel(provider, s));
    assert_eq!(limits, [10, 5, 3]);
}
