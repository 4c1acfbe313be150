//! Security groups: their rules, and those that EC2 makes by itself.

use topo_model::Value;

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";
const GROUP: &str = "ec2.SecurityGroup@ap-east-2";
const DEFAULT: &str = "ec2.DefaultSecurityGroup@ap-east-2";
const RULE: &str = "ec2.SecurityGroupRule@ap-east-2";

fn all(group: &str, direction: &str) -> [(&'static str, Value); 4] {
    [("group", text(group)), ("direction", text(direction)), ("protocol", text("-1")), ("cidr", cidr("0.0.0.0/0"))]
}

fn https(group: &str, from: (&'static str, Value)) -> [(&'static str, Value); 6] {
    [
        ("group", text(group)),
        ("direction", text("ingress")),
        ("protocol", text("tcp")),
        ("from_port", Value::Int(443)),
        ("to_port", Value::Int(443)),
        from,
    ]
}

#[test]
fn a_new_group_lets_everything_out_until_that_is_taken_away() {
    let (_dir, cloud) = stocked(0.0);
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let with_the_default_group = cloud.count("ec2.SecurityGroupRule");
    let group = cloud.group("web", &vpc);
    assert!(group.starts_with("sg-") && group.len() == 20, "{group}");
    assert_eq!(cloud.get(GROUP, &group, "group_id"), text(&group));
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), with_the_default_group + 1);
    let twice = refusal(cloud.ask(RULE, "out", all(&group, "egress")));
    assert!(twice.starts_with("Exists InvalidPermission.Duplicate"), "{twice}");

    cloud.converge(GROUP, &group, "web", [("default_egress", Value::Bool(false))]).expect("the rule is taken away");
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), with_the_default_group);
    let rule = cloud.make(RULE, "out", all(&group, "egress"));
    assert!(rule.starts_with("sgr-"), "{rule}");
    cloud.delete(RULE, &rule).expect("nothing needs it");
    cloud.converge(GROUP, &group, "web", [("default_egress", Value::Bool(true))]).expect("it is put back");
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), with_the_default_group + 1);
}

#[test]
fn rules_go_with_their_group_and_hold_the_group_that_they_name() {
    let (_dir, cloud) = stocked(0.0);
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let (web, data) = (cloud.group("web", &vpc), cloud.group("data", &vpc));
    cloud.make(RULE, "from_web", https(&data, ("source_group", text(&web))));
    cloud.make(RULE, "among", https(&web, ("source_group", text(&web))));
    let again = cloud.ask(RULE, "other", https(&data, ("source_group", text(&web))));
    assert!(refusal(again).starts_with("Exists InvalidPermission.Duplicate"));
    let refused = refusal(cloud.delete(GROUP, &web));
    assert!(refused.starts_with("Dependency DependencyViolation"), "{refused}");
    cloud.delete(GROUP, &data).expect("its rule goes with it");
    cloud.delete(GROUP, &web).expect("its own rule does not hold it");
    assert!(refusal(cloud.delete(GROUP, &web)).starts_with("NotFound InvalidGroup.NotFound"));
}

#[test]
fn the_name_of_a_group_is_taken_once_in_a_vpc() {
    let (_dir, cloud) = stocked(0.0);
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TAIPEI, "b", "10.3.0.0/16"));
    let (in_a, in_b) = (cloud.group("web", &a), cloud.group("web", &b));
    assert_ne!(in_a, in_b);
    let set = [("vpc", text(&a)), ("group_name", text("web")), ("group_description", text("again"))];
    assert!(refusal(cloud.ask(GROUP, "again", set)).starts_with("Exists InvalidGroup.Duplicate"));
    let words = [(in_b.as_str(), "SOURCE"), (a.as_str(), "VPC")];
    insta::assert_snapshot!(cloud.refused(RULE, "r", https(&in_a, ("source_group", text(&in_b))), &words), @"Invalid InvalidGroup.NotFound: SOURCE is neither in VPC nor in a network that is peered with it");
    let link = [("vpc", text(&a)), ("peer_vpc", text(&b))];
    cloud.make("ec2.VpcPeeringConnection@ap-east-2", "link", link);
    cloud.make(RULE, "r", https(&in_a, ("source_group", text(&in_b))));
}

#[test]
fn the_default_group_can_be_taken_over_and_is_empty_then() {
    let (_dir, cloud) = stocked(0.0);
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let id = cloud.get(VPC, &vpc, "default_security_group");
    let id = id.as_str().expect("an id");
    assert_eq!(cloud.get(GROUP, id, "group_name"), text("default"));
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), 2, "all out, and in from itself");
    cloud.make(RULE, "by_hand", https(id, ("cidr", cidr("0.0.0.0/0"))));
    let refused = in_words(&refusal(cloud.delete(GROUP, id)), &[(id, "GROUP"), (&vpc, "VPC")]);
    insta::assert_snapshot!(refused, @"Dependency DependencyViolation: GROUP comes and goes with VPC and can't be deleted by itself");

    let taken = cloud.make(DEFAULT, "default", [("vpc", text(&vpc))]);
    assert_eq!(taken, id);
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), 0);
    assert_eq!(cloud.make(DEFAULT, "default", [("vpc", text(&vpc))]), id, "asked twice, it is the same");
    cloud.make(RULE, "by_hand", https(id, ("cidr", cidr("0.0.0.0/0"))));
    cloud.converge(DEFAULT, id, "default", [("tags", tags(&[("a", "1")]))]).expect("it is there");
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), 0, "converging empties it again");

    cloud.delete(DEFAULT, id).expect("letting go is always possible");
    assert_eq!(cloud.count("ec2.SecurityGroup"), 1, "the group stays");
    assert_eq!(cloud.count("ec2.SecurityGroupRule"), 0);
    cloud.delete(VPC, &vpc).expect("the group goes with it");
    assert!(cloud.content().is_empty(), "{:?}", cloud.content());
}
