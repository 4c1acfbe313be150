//! Each kind is created as effectively once as its service makes it.

use topo_model::{Attributes, Value};
use topo_provider::Resolution;

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";
const TABLE: &str = "ec2.RouteTable@ap-east-2";
const ALARM: &str = "made.Alarm@ap-east-2";
const CHECK: &str = "route53.HealthCheck";

fn range() -> [(&'static str, Value); 1] {
    [("cidr_block", cidr("10.0.0.0/16"))]
}

fn probe(name: &str) -> [(&'static str, Value); 1] {
    let fields = [("type", text("TCP")), ("fully_qualified_domain_name", text(name)), ("port", Value::Int(443))];
    let config: Attributes = attributes(fields);
    [("health_check_config", Value::Record(config.into()))]
}

#[test]
fn without_token_or_key_asking_twice_makes_two() {
    let (_dir, cloud) = fresh();
    let (first, second) = (cloud.make(VPC, "net.vpc", range()), cloud.make(VPC, "net.vpc", range()));
    assert_ne!(first, second);
    assert_eq!(cloud.observe(&[VPC], &[]), [first, second]);
}

#[test]
fn a_token_gives_the_same_object_again_and_refuses_other_settings() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.0.0.0/16"), cloud.vpc(TAIPEI, "b", "10.1.0.0/16"));
    let table = cloud.make(TABLE, "table", [("vpc", text(&a))]);
    assert_eq!(cloud.make(TABLE, "table", [("vpc", text(&a))]), table);
    insta::assert_snapshot!(refusal(cloud.ask(TABLE, "table", [("vpc", text(&b))])), @"Invalid IdempotentParameterMismatch: the token id-table was used for rtb-f51962cae21436493, with other settings");
}

#[test]
fn acm_forgets_a_token_after_an_hour() {
    let (_dir, cloud) = fresh();
    let ask = || cloud.make("acm.Certificate@ap-east-2", "cert", [("domain_name", text("a.example.com"))]);
    let first = ask();
    cloud.clock.advance(3_600_000);
    assert_eq!(ask(), first);
    cloud.clock.advance(1);
    assert_ne!(ask(), first);
}

#[test]
fn a_caller_reference_gives_the_same_check_and_stays_burned_once_it_is_deleted() {
    let (_dir, cloud) = fresh();
    let check = cloud.make(CHECK, "health", probe("a.example.com"));
    assert_eq!(cloud.make(CHECK, "health", probe("a.example.com")), check);
    insta::assert_snapshot!(refusal(cloud.ask(CHECK, "health", probe("b.example.com"))), @"Exists HealthCheckAlreadyExists: the reference id-health was used for 79e4db47-de91-40e2-a7d0-6962ee0b02ff");
    cloud.delete(CHECK, &check).expect("it goes");
    insta::assert_snapshot!(refusal(cloud.ask(CHECK, "health", probe("a.example.com"))), @"Exists HealthCheckAlreadyExists: the reference id-health was used by an object that is deleted");
}

#[test]
fn a_zones_reference_is_refused_when_it_is_used_again_and_the_zone_is_found_by_it() {
    let (_dir, cloud) = fresh();
    let set = || [("name", text("example.com"))];
    let zone = cloud.make("route53.HostedZone", "zone", set());
    insta::assert_snapshot!(refusal(cloud.ask("route53.HostedZone", "zone", set())), @"Exists HostedZoneAlreadyExists: the reference id-zone was used for ZOQBRMMU7VQ8YO1W28A5P");
    assert_eq!(happened(cloud.resolve("route53.HostedZone", "zone", set())), Some(zone));
    assert_eq!(cloud.resolve("route53.HostedZone", "other", set()), Resolution::NotVisible);
}

#[test]
fn a_create_under_a_name_that_is_taken_changes_what_is_there_and_leaves_its_mark() {
    let (_dir, cloud) = fresh();
    let alarm = |path: &str, threshold| {
        cloud.make(ALARM, path, [("name", text("errors")), ("threshold", Value::Int(threshold))])
    };
    let first = alarm("first", 1);
    assert_eq!(alarm("second", 2), first);
    assert_eq!(cloud.get(ALARM, &first, "threshold"), Value::Int(2));
    assert_eq!(cloud.look(ALARM, &first).owner, Some(owner("first")));
}

#[test]
fn a_key_that_is_taken_is_refused() {
    let (_dir, cloud) = fresh();
    let ask =
        |value: &str| cloud.ask("ssm.Parameter@ap-east-2", "p", [("name", text("/demo/p")), ("value", text(value))]);
    ask("1").expect("it is free");
    insta::assert_snapshot!(refusal(ask("2")), @r#"Exists ParameterAlreadyExists: aws.ssm.Parameter with name = "/demo/p" exists already: /demo/p"#);
    let elsewhere = [("name", text("/demo/p")), ("value", text("1"))];
    assert_eq!(cloud.make("ssm.Parameter@ap-northeast-1", "p", elsewhere), "/demo/p");
}

#[test]
fn an_association_that_is_there_already_is_given_again() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    let set = [("vpc", text(&vpc)), ("cidr_block", cidr("10.0.0.0/24")), ("availability_zone", zone("ap-east-2a"))];
    let subnet = cloud.make("ec2.Subnet@ap-east-2", "subnet", set);
    let (a, b) = (cloud.make(TABLE, "a", [("vpc", text(&vpc))]), cloud.make(TABLE, "b", [("vpc", text(&vpc))]));
    let ask = |table: &str| {
        let set = [("subnet", text(&subnet)), ("route_table", text(table))];
        cloud.ask("ec2.SubnetRouteTableAssociation@ap-east-2", "assoc", set)
    };
    assert_eq!(ask(&a), ask(&a));
    insta::assert_snapshot!(refusal(ask(&b)).replace(&subnet, "SUBNET").split(" exists").next().unwrap_or_default(), @r#"Exists Resource.AlreadyAssociated: aws.ec2.SubnetRouteTableAssociation with subnet = "SUBNET""#);
}

#[test]
fn tags_come_with_the_create_except_where_route_53_takes_none() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    assert_eq!(cloud.look(VPC, &vpc).owner, Some(owner("vpc")));
    let team = tags(&[("team", "dns")]);
    let set = || [("name", text("example.com")), ("tags", team.clone())];
    let zone = cloud.make("route53.HostedZone", "zone", set());
    let bare = cloud.look("route53.HostedZone", &zone);
    assert_eq!((bare.owner, cloud.get("route53.HostedZone", &zone, "tags")), (None, tags(&[])));
    assert!(cloud.observe(&["route53.HostedZone"], &[]).is_empty());
    cloud.converge("route53.HostedZone", &zone, "zone", set()).expect("it is tagged");
    let marked = cloud.look("route53.HostedZone", &zone);
    assert_eq!((marked.owner, cloud.get("route53.HostedZone", &zone, "tags")), (Some(owner("zone")), team));
    assert_eq!(cloud.observe(&["route53.HostedZone"], &[]), [zone]);
}

#[test]
fn what_became_of_a_create_is_told_as_the_service_can_tell_it() {
    let (_dir, cloud) = fresh();
    assert_eq!(cloud.resolve(VPC, "net.vpc", range()), Resolution::NotVisible);
    let vpc = cloud.make(VPC, "net.vpc", range());
    assert_eq!(happened(cloud.resolve(VPC, "net.vpc", range())), Some(vpc.clone()));
    cloud.sandbox.strip_tags(topo_sandbox::Which { id: &vpc, ..Default::default() }).expect("it has tags");
    assert_eq!(cloud.resolve(VPC, "net.vpc", range()), Resolution::NotVisible);

    let table = cloud.make(TABLE, "table", [("vpc", text(&vpc))]);
    cloud.sandbox.strip_tags(topo_sandbox::Which { id: &table, ..Default::default() }).expect("it has tags");
    assert_eq!(happened(cloud.resolve(TABLE, "table", [("vpc", text(&vpc))])), Some(table));

    let parameter = |value: &str| [("name", text("/demo/p")), ("value", text(value))];
    cloud.make("ssm.Parameter@ap-east-2", "p", parameter("1"));
    let found = cloud.resolve("ssm.Parameter@ap-east-2", "q", parameter("2"));
    assert_eq!(happened(found), Some("/demo/p".to_owned()), "whose it is, the mark says");
}

#[test]
fn without_mark_and_token_only_an_object_that_is_as_asked_is_ours() {
    let (_dir, cloud) = fresh();
    const LINK: &str = "made.Link@ap-east-2";
    let set = |b: &str| [("a", text("1")), ("b", text(b))];
    assert_eq!(cloud.resolve(LINK, "link", set("2")), Resolution::NotVisible);
    let link = cloud.make(LINK, "link", set("2"));
    assert_eq!(happened(cloud.resolve(LINK, "link", set("2"))), Some(link.clone()));
    let Resolution::Unknown(text_of) = cloud.resolve(LINK, "link", set("3")) else { panic!("it can't be told") };
    insta::assert_snapshot!(text_of.replace(&link, "LINK"), @"aws.made.Link LINK is there with another 'b': compare it with what was asked for, and adopt or remove it");
    let Resolution::Unknown(text_of) = cloud.resolve("made.Anonymous@ap-east-2", "x", [("a", text("1"))]) else {
        panic!("it can't be told")
    };
    insta::assert_snapshot!(text_of, @"look for the aws.made.Anonymous that was made at this time; only its id tells it from others");
}

#[test]
fn ids_look_like_the_services_and_do_not_hang_on_the_order_of_calls() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.0.0.0/16"), cloud.vpc(TAIPEI, "b", "10.1.0.0/16"));
    let (_other_dir, other) = fresh();
    let (b2, a2) = (other.vpc(TAIPEI, "b", "10.1.0.0/16"), other.vpc(TAIPEI, "a", "10.0.0.0/16"));
    assert_eq!((&a, &b), (&a2, &b2));
    assert!(a.starts_with("vpc-") && a.len() == 21, "{a}");
    let zone = cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))]);
    let check = cloud.make(CHECK, "health", probe("a.example.com"));
    insta::assert_snapshot!(format!("{a}\n{zone}\n{check}"), @r#"
vpc-22fecc66b0c0c0bc3
ZOQBRMMU7VQ8YO1W28A5P
79e4db47-de91-40e2-a7d0-6962ee0b02ff
"#);
    assert_eq!(cloud.get(VPC, &a, "arn"), text(&format!("arn:aws:ec2:ap-east-2:000000000000:vpc/{a}")));
    cloud.delete(VPC, &a).expect("it goes");
    assert_ne!(cloud.vpc(TAIPEI, "a", "10.0.0.0/16"), a, "an id is never given twice");
}
