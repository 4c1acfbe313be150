//! Changes behind the back of whoever uses the cloud.

use topo_model::Value;
use topo_sandbox::Which;

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";

fn which(id: &str) -> Which<'_> {
    Which { id, ..Which::default() }
}

#[test]
fn an_attribute_is_edited_within_the_services_rules() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.make(VPC, "vpc", [("cidr_block", cidr("10.0.0.0/16")), ("tags", tags(&[("a", "1")]))]);
    let edit = |attribute: &str, value: Value| {
        cloud.sandbox.edit(which(&vpc), attribute, value).map(drop).map_err(|e| e.to_string().replace(&vpc, "VPC"))
    };
    assert_eq!(edit("tags.team.x", text("net")), Ok(()));
    assert_eq!(edit("tags.a", Value::None), Ok(()));
    assert_eq!(cloud.get(VPC, &vpc, "tags"), tags(&[("team.x", "net")]));
    assert_eq!(edit("cidr_block", text("10.7.0.0/16")), Ok(()), "an immutable one too");
    assert_eq!(cloud.get(VPC, &vpc, "cidr_block"), cidr("10.7.0.0/16"));
    let refused = [
        edit("cidr_block", text("ten")),
        edit("enable_dns_hostnames", Value::Bool(true)).and(edit("enable_dns_support", Value::Bool(false))),
        edit("colour", text("red")),
        edit("cidr_block.x", text("red")),
    ];
    let refused: Vec<String> = refused.into_iter().map(|r| r.expect_err("it is refused")).collect();
    insta::assert_snapshot!(refused.join("\n"), @r#"
cidr_block: "ten" (String) is not Cidr
InvalidParameterValue: DNS host names need DNS support
aws.ec2.Vpc has no attribute 'colour'
aws.ec2.Vpc has no attribute 'cidr_block.x'
"#);
    assert_eq!(cloud.get(VPC, &vpc, "enable_dns_support"), Value::Bool(true));
    assert_eq!(cloud.look(VPC, &vpc).owner, Some(owner("vpc")));
    assert_eq!(cloud.sandbox.calls(), 1, "it is no call");
}

#[test]
fn the_one_object_must_be_meant() {
    let (_dir, cloud) = fresh();
    for at in ["ssm.Parameter@ap-east-2", "ssm.Parameter@ap-northeast-1"] {
        cloud.make(at, "p", [("name", text("/p")), ("value", text("1"))]);
    }
    let refused = |which| cloud.sandbox.edit(which, "value", text("2")).expect_err("it is refused").to_string();
    insta::assert_snapshot!(refused(which("/p")), @"the sandbox has several objects '/p': aws.ssm.Parameter in ap-east-2, aws.ssm.Parameter in ap-northeast-1");
    insta::assert_snapshot!(refused(which("/q")), @"the sandbox has no object '/q'");
    let one = Which { id: "/p", region: Some("ap-east-2"), kind: Some("aws.ssm.Parameter") };
    cloud.sandbox.edit(one, "value", text("2")).expect("one is meant");
    assert_eq!(cloud.get("ssm.Parameter@ap-east-2", "/p", "value"), text("2"));
}

#[test]
fn an_object_is_removed_and_by_force_what_needs_it_too() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    let set = [("vpc", text(&vpc)), ("cidr_block", cidr("10.0.0.0/24")), ("availability_zone", zone("ap-east-2a"))];
    let subnet = cloud.make("ec2.Subnet@ap-east-2", "subnet", set);
    let other = cloud.vpc(TAIPEI, "other", "10.1.0.0/16");
    assert!(cloud.sandbox.remove(which(&vpc), false).is_err());
    let main = cloud.get(VPC, &vpc, "main_route_table");
    let gone = cloud.sandbox.remove(which(&vpc), true).expect("by force it goes");
    let gone: Vec<&str> = gone.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(gone, [vpc.as_str(), main.as_str().expect("an id"), subnet.as_str()]);
    assert_eq!(cloud.observe(&[VPC], &[]), std::slice::from_ref(&other));
    cloud.sandbox.remove(which(&other), false).expect("nothing needs it");
    assert!(cloud.content().is_empty());
}

#[test]
fn a_kind_without_tags_has_none_to_strip() {
    let (_dir, cloud) = fresh();
    let link = cloud.make("made.Link@ap-east-2", "link", [("a", text("1")), ("b", text("2"))]);
    let refused = cloud.sandbox.strip_tags(which(&link)).expect_err("it is refused").to_string();
    insta::assert_snapshot!(refused, @"aws.made.Link has no attribute 'tags'");
}

#[test]
fn a_reset_leaves_nothing() {
    let (dir, cloud) = fresh();
    cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    cloud.sandbox.reset().expect("it is ours");
    assert!(cloud.content().is_empty());
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0);
    cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    assert_eq!(open_again(dir.path(), cloud).len(), 2);
}

fn open_again(dir: &std::path::Path, cloud: Cloud) -> Vec<String> {
    drop(cloud);
    open(dir, options("")).content()
}
