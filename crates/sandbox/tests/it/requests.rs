//! What a request must be: names, types, what is required, what can be changed in place.

use std::sync::Arc;

use topo_model::{Attributes, Map, Value};

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";

#[track_caller]
fn vpc(set: Attributes) -> String {
    let (_dir, cloud) = fresh();
    let new = topo_provider::Creation { attributes: set, ..creation(VPC, "vpc", []) };
    refusal(now(topo_provider::Provider::begin_create(&cloud.sandbox, &new)))
}

#[test]
fn requests_of_another_shape_are_refused() {
    insta::assert_snapshot!(vpc(attributes([("cidr", cidr("10.0.0.0/16"))])), @"Invalid UnknownParameter: aws.ec2.Vpc has no attribute 'cidr'");
    insta::assert_snapshot!(vpc(attributes([])), @"Invalid MissingParameter: aws.ec2.Vpc needs 'cidr_block'");
    insta::assert_snapshot!(vpc(attributes([("cidr_block", text("10.0.0.0/16"))])), @r#"Invalid InvalidParameterValue: aws.ec2.Vpc.cidr_block: "10.0.0.0/16" (String) is not Cidr"#);
    insta::assert_snapshot!(vpc(attributes([("cidr_block", cidr("10.0.0.0/8"))])), @"Invalid InvalidVpc.Range: 10.0.0.0/8 is not between /16 and /28");
    let badly_tagged = Value::map([(text("n"), Value::Int(1))]);
    insta::assert_snapshot!(vpc(attributes([("cidr_block", cidr("10.0.0.0/16")), ("tags", badly_tagged)])), @"Invalid InvalidParameterValue: aws.ec2.Vpc.tags: 1 (Int) is not String");
}

#[test]
fn a_kind_is_made_where_it_belongs() {
    let (_dir, cloud) = fresh();
    insta::assert_snapshot!(refusal(cloud.ask("ec2.Vpc", "vpc", [("cidr_block", cidr("10.0.0.0/16"))])), @"Invalid InvalidRegion: aws.ec2.Vpc is made in a region");
    insta::assert_snapshot!(refusal(cloud.ask("route53.HostedZone@ap-east-2", "z", [("name", text("a.b"))])), @"Invalid InvalidRegion: aws.route53.HostedZone is global");
    insta::assert_snapshot!(refusal(cloud.ask("ec2.Volcano@ap-east-2", "v", [])), @"Invalid UnknownKind: there is no kind aws.ec2.Volcano");
}

#[test]
fn a_check_of_the_schema_is_held() {
    let set = [
        ("cidr_block", cidr("10.0.0.0/16")),
        ("enable_dns_hostnames", Value::Bool(true)),
        ("enable_dns_support", Value::Bool(false)),
    ];
    insta::assert_snapshot!(vpc(attributes(set)), @"Invalid InvalidParameterValue: DNS host names need DNS support");
}

#[test]
fn defaults_are_filled_in_and_what_is_left_to_the_cloud_is_not() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.make(VPC, "vpc", [("cidr_block", cidr("10.0.0.0/16"))]);
    assert_eq!(cloud.get(VPC, &vpc, "enable_dns_support"), Value::Bool(true));
    assert_eq!(cloud.get(VPC, &vpc, "tags"), tags(&[]));
}

#[test]
fn a_change_sets_what_is_sent_and_leaves_the_rest() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    cloud.converge(VPC, &vpc, "moved", [("tags", tags(&[("a", "1")]))]).expect("it is changed");
    assert_eq!(cloud.get(VPC, &vpc, "enable_dns_hostnames"), Value::Bool(true));
    assert_eq!(cloud.look(VPC, &vpc).owner, Some(owner("moved")));
    insta::assert_snapshot!(
        refusal(cloud.converge(VPC, &vpc, "vpc", [("cidr_block", cidr("10.9.0.0/16"))])), @"Invalid InvalidParameterValue: cidr_block of aws.ec2.Vpc can't be changed in place: it is 10.0.0.0/16, asked for is 10.9.0.0/16");
    insta::assert_snapshot!(refusal(cloud.converge(VPC, "vpc-0", "vpc", [])), @"NotFound InvalidVpcID.NotFound: there is no aws.ec2.Vpc with the id 'vpc-0'");
}

#[test]
fn tags_of_aws_can_not_be_set() {
    let (_dir, cloud) = fresh();
    let set = [("cidr_block", cidr("10.2.0.0/16")), ("tags", tags(&[("AWS:owner", "me")]))];
    insta::assert_snapshot!(refusal(cloud.ask("ec2.Vpc@ap-east-2", "vpc", set)), @"Invalid InvalidParameterValue: the tag 'AWS:owner' can't be set: aws: is AWS's own");
}

#[test]
fn tags_are_set_and_removed_key_by_key() {
    let (_dir, cloud) = fresh();
    let set = [("cidr_block", cidr("10.0.0.0/16")), ("tags", tags(&[("a", "1"), ("b", "1")]))];
    let vpc = cloud.make(VPC, "vpc", set);
    let mut asked = Map::new();
    asked.insert(text("a"), Value::None);
    asked.insert(text("c"), text("2"));
    cloud.converge(VPC, &vpc, "vpc", [("tags", Value::Map(Arc::new(asked)))]).expect("it is changed");
    assert_eq!(cloud.get(VPC, &vpc, "tags"), tags(&[("b", "1"), ("c", "2")]));
}

#[test]
fn what_a_cloud_never_tells_is_not_shown() {
    let (_dir, cloud) = fresh();
    let id = cloud.make("made.Secretive@ap-east-2", "s", [("password", text("hunter2"))]);
    assert_eq!(cloud.get("made.Secretive@ap-east-2", &id, "password"), Value::None);
}

#[test]
fn fields_that_are_immutable_can_not_be_changed_in_place() {
    let (_dir, cloud) = fresh();
    let config = |more: &[(&str, Value)]| {
        let fields = [("type", text("TCP")), ("fully_qualified_domain_name", text("a.b")), ("port", Value::Int(1))];
        let mut config: Attributes = attributes(fields);
        more.iter().for_each(|(name, value)| config.set((*name).into(), value.clone()));
        [("health_check_config", Value::Record(Arc::new(config)))]
    };
    const CHECK: &str = "route53.HealthCheck";
    let check = cloud.make(CHECK, "health", config(&[]));
    let change = |name: &str, value: Value| cloud.converge(CHECK, &check, "health", config(&[(name, value)]));
    change("failure_threshold", Value::Int(2)).expect("it is changed");
    change("request_interval", Value::Duration(30_000)).expect("that is what it is by default");
    insta::assert_snapshot!(refusal(change("measure_latency", Value::Bool(true))), @"Invalid InvalidParameterValue: health_check_config.measure_latency of aws.route53.HealthCheck can't be changed in place: it is false, asked for is true");
    insta::assert_snapshot!(refusal(change("request_interval", Value::Duration(10_000))), @"Invalid InvalidInput: request_interval of a health check can't be changed in place");
}
