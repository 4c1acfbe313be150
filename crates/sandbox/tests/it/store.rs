//! The file: written at the first change, by several processes side by side, whole.

use topo_sandbox::{OpenError, Options, Sandbox};

use crate::kinds::catalogue;
use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";

#[test]
fn looking_at_an_empty_sandbox_writes_nothing() {
    let dir = directory();
    let inside = dir.path().join(".topo/sandbox");
    let cloud = open(&inside, options("out:ap-northeast-1"));
    assert!(cloud.observe(&[VPC], &[(VPC, "vpc-0")]).is_empty());
    assert_eq!(cloud.see(VPC, "vpc-0"), None);
    assert!(cloud.ask("ec2.Vpc@ap-northeast-1", "a", []).is_err(), "the region is out");
    assert!(cloud.content().is_empty());
    assert!(cloud.sandbox.edit(topo_sandbox::Which::default(), "tags", text("")).is_err());
    cloud.sandbox.reset().expect("there is nothing to remove");
    drop(cloud);
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0);
}

#[test]
fn looking_at_a_sandbox_leaves_its_file_as_it_is() {
    let dir = directory();
    let vpc = open(dir.path(), options("")).vpc(TAIPEI, "vpc", "10.0.0.0/16");
    let bytes = || std::fs::read(dir.path().join("sandbox.redb")).expect("it is there");
    let before = bytes();
    let (one, other) = (open(dir.path(), options("")), open(dir.path(), options("")));
    assert!(one.see(VPC, &vpc).is_some() && other.see(VPC, &vpc).is_some(), "two can look at once");
    assert_eq!(bytes(), before);
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 1);
}

#[test]
fn everything_is_there_when_it_is_opened_again() {
    let dir = directory();
    let cloud = open(dir.path(), options(""));
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    cloud.make("ec2.RouteTable@ap-east-2", "table", [("vpc", text(&vpc)), ("tags", tags(&[("a", "1")]))]);
    cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))]);
    let before = cloud.sandbox.objects();
    drop(cloud);
    let cloud = open(dir.path(), Options { seed: 7, ..options("") });
    assert_eq!(cloud.sandbox.objects(), before);
    let (_fresh_dir, fresh) = fresh();
    fresh.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    let next = |cloud: &Cloud| cloud.vpc(TAIPEI, "next", "10.1.0.0/16");
    assert_eq!(next(&cloud), next(&fresh), "its seed is kept too");
}

#[test]
fn two_processes_change_one_sandbox_side_by_side() {
    let dir = directory();
    let (one, other) = (open(dir.path(), options("")), open(dir.path(), options("")));
    let vpc = one.vpc(TAIPEI, "a", "10.0.0.0/16");
    assert!(other.see(VPC, &vpc).is_some(), "what one did the other sees, before it has changed anything");
    let more: Vec<String> = (1..9)
        .map(|i| if i % 2 == 0 { &one } else { &other }.vpc(TAIPEI, &format!("v{i}"), &format!("10.{i}.0.0/16")))
        .collect();
    for cloud in [&one, &other, &open(dir.path(), options(""))] {
        assert_eq!(cloud.observe(&[VPC], &[]).len(), 9);
        assert!(more.iter().all(|id| cloud.see(VPC, id).is_some()));
    }
    other.delete(VPC, &vpc).expect("nothing needs it");
    assert_eq!(one.see(VPC, &vpc), None);
    assert!(refusal(one.delete(VPC, &vpc)).starts_with("NotFound"));
}

#[test]
fn a_call_that_is_refused_gives_way_to_others() {
    let dir = directory();
    let (one, other) = (open(dir.path(), options("")), open(dir.path(), options("")));
    one.vpc(TAIPEI, "a", "10.0.0.0/16");
    assert!(one.ask(VPC, "b", []).is_err());
    assert!(one.sandbox.edit(topo_sandbox::Which::default(), "tags", text("")).is_err());
    other.vpc(TAIPEI, "c", "10.1.0.0/16");
}

#[test]
fn a_sandbox_in_use_is_not_emptied() {
    let dir = directory();
    let (one, other) = (open(dir.path(), options("")), open(dir.path(), options("")));
    one.vpc(TAIPEI, "a", "10.0.0.0/16");
    let refused = other.sandbox.reset().expect_err("it is in use").to_string();
    let path = dir.path().join("sandbox.redb").display().to_string();
    insta::assert_snapshot!(refused.replace(&path, "FILE"), @"the sandbox FILE is being used by another process");
    drop(one);
    other.sandbox.reset().expect("nobody has it");
    assert!(other.content().is_empty());
}

#[test]
fn a_file_that_another_has_for_itself_is_busy() {
    let dir = directory();
    let reader = open(dir.path(), options(""));
    open(dir.path(), options("")).vpc(TAIPEI, "a", "10.0.0.0/16");
    let _alone = redb::Database::open(dir.path().join("sandbox.redb")).expect("nobody has it");
    let refused = Sandbox::open(dir.path(), catalogue(), options(""));
    assert!(matches!(refused, Err(OpenError::Busy { .. })), "{refused:?}");
    let text = refusal(reader.ask(VPC, "b", [("cidr_block", cidr("10.1.0.0/16"))]));
    let path = dir.path().join("sandbox.redb").display().to_string();
    insta::assert_snapshot!(text.replace(&path, "FILE"), @"Other SandboxUnusable: the sandbox FILE is being used by another process");
}

#[test]
fn a_sandbox_that_was_emptied_and_filled_again_is_another() {
    let dir = directory();
    open(dir.path(), options("")).vpc(TAIPEI, "old", "10.0.0.0/16");
    let reader = open(dir.path(), options(""));
    let other = open(dir.path(), options(""));
    other.sandbox.reset().expect("nobody holds it");
    let new = other.vpc(TAIPEI, "new", "10.0.0.0/16");
    drop(other);
    let mine = reader.vpc(TAIPEI, "mine", "10.1.0.0/16");
    assert_eq!(reader.observe(&[VPC], &[]), [new, mine]);
}

#[test]
fn what_a_killed_process_leaves_is_put_in_order() {
    let dir = directory();
    let cloud = open(dir.path(), options(""));
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    // The file as it would lie there if the process died now.
    let left = directory();
    std::fs::copy(dir.path().join("sandbox.redb"), left.path().join("sandbox.redb")).expect("it can be copied");
    let next = open(left.path(), options(""));
    assert!(next.see(VPC, &vpc).is_some());
    next.vpc(TAIPEI, "next", "10.1.0.0/16");
    assert_eq!(next.observe(&[VPC], &[]).len(), 2);
}

#[test]
fn a_file_that_is_none_is_refused() {
    let dir = directory();
    std::fs::write(dir.path().join("sandbox.redb"), b"not a sandbox").expect("it can be written");
    let refused = Sandbox::open(dir.path(), catalogue(), options(""));
    assert!(matches!(refused, Err(OpenError::Store { .. })), "{refused:?}");
}
