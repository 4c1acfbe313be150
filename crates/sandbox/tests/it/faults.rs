//! What goes wrong when it is asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use topo_provider::{Provider, Resolution};
use topo_sandbox::Options;

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";

fn killed() -> ! {
    panic!("the process is killed")
}

fn doomed(dir: &Path, faults: &str) -> Cloud {
    open(dir, Options { die: killed, ..options(faults) })
}

fn set() -> [(&'static str, topo_model::Value); 1] {
    [("cidr_block", cidr("10.0.0.0/16"))]
}

/// Runs until the process dies, which it must.
#[track_caller]
fn dies(run: impl FnOnce()) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let end = catch_unwind(AssertUnwindSafe(run));
    std::panic::set_hook(hook);
    assert!(end.is_err(), "the process lives");
}

#[test]
fn killed_after_a_call_it_has_happened_killed_before_it_has_not() {
    for (fault, there) in [("kill@2", 2), ("kill-before@2", 1)] {
        let dir = directory();
        {
            let cloud = doomed(dir.path(), fault);
            cloud.make(VPC, "a", set());
            dies(|| drop(cloud.ask(VPC, "b", set())));
        }
        let cloud = open(dir.path(), options(""));
        assert_eq!(cloud.observe(&[VPC], &[]).len(), there, "{fault}");
        let told = cloud.resolve(VPC, "b", set());
        assert_eq!(told != Resolution::NotVisible, there == 2, "{fault}");
    }
}

#[test]
fn an_answer_is_lost_with_or_without_effect() {
    for (fault, there) in [("lose@1", 1), ("drop@1", 0)] {
        let dir = directory();
        let cloud = open(dir.path(), options(fault));
        assert!(refusal(cloud.ask(VPC, "a", set())).starts_with("Lost"));
        assert_eq!(cloud.observe(&[VPC], &[]).len(), there, "{fault}");
    }
}

#[test]
fn a_refusal_that_is_lost_is_lost_too() {
    let dir = directory();
    let cloud = open(dir.path(), options("lose@1"));
    assert!(refusal(cloud.ask(VPC, "a", [])).starts_with("Lost"));
    assert!(cloud.content().is_empty());
}

#[test]
fn a_late_request_lands_just_before_the_next_change() {
    let dir = directory();
    dies(|| drop(doomed(dir.path(), "late@1").ask(VPC, "a", set())));
    let cloud = open(dir.path(), options(""));
    for _ in 0..50 {
        assert_eq!(cloud.resolve(VPC, "a", set()), Resolution::NotVisible);
    }
    assert_eq!(cloud.sandbox.late(), 1);
    cloud.make(VPC, "a", set());
    assert_eq!(cloud.observe(&[VPC], &[]).len(), 2, "nothing keeps a VPC from being made twice");
    assert_eq!(cloud.sandbox.late(), 0);
}

#[test]
fn a_late_request_lands_after_as_many_reads_as_are_asked_for() {
    let dir = directory();
    dies(|| drop(doomed(dir.path(), "late@1x3").ask(VPC, "a", set())));
    let seen = |reads: usize| {
        let cloud = open(dir.path(), options(""));
        (0..reads).map(|_| cloud.observe(&[VPC], &[]).len()).collect::<Vec<_>>()
    };
    assert_eq!(seen(2), [0, 0]);
    assert_eq!(seen(3), [0, 1, 1], "reads are counted over processes");
}

#[test]
fn a_late_request_that_is_refused_changes_nothing() {
    let dir = directory();
    let parameter = [("name", text("/p")), ("value", text("late"))];
    dies(|| drop(doomed(dir.path(), "late@1").ask("ssm.Parameter@ap-east-2", "p", parameter)));
    let cloud = open(dir.path(), options(""));
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.0.0.0/16");
    assert_eq!(cloud.get("ssm.Parameter@ap-east-2", "/p", "value"), text("late"));
    drop(cloud);

    dies(|| drop(doomed(dir.path(), "late@1").delete(VPC, &vpc)));
    let cloud = open(dir.path(), options(""));
    let set = [("vpc", text(&vpc))];
    insta::assert_snapshot!(
        refusal(cloud.ask("ec2.RouteTable@ap-east-2", "table", set)).replace(&vpc, "VPC"), @"NotFound InvalidVpcID.NotFound: vpc: there is no aws.ec2.Vpc 'VPC' in ap-east-2");
}

#[test]
fn a_late_batch_lands_whole() {
    let dir = directory();
    let zone = {
        let cloud = open(dir.path(), options(""));
        cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))])
    };
    let record = |name: &str| {
        let set = [
            ("hosted_zone", text(&zone)),
            ("name", text(name)),
            ("type", text("CNAME")),
            ("ttl", topo_model::Value::Duration(60_000)),
            ("resource_records", list(&["example.org"])),
        ];
        topo_provider::BatchChange::Create(creation("route53.RecordSet", name, set))
    };
    dies(|| drop(doomed(dir.path(), "late@1x0").batch(&[record("a.example.com"), record("b.example.com")])));
    let cloud = open(dir.path(), options(""));
    assert!(cloud.see("route53.RecordSet", &format!("{zone}_b.example.com_CNAME")).is_some());
}

#[test]
fn what_is_created_is_seen_late() {
    let dir = directory();
    let cloud = open(dir.path(), options("hide=2"));
    let vpc = cloud.make(VPC, "a", set());
    assert!(cloud.observe(&[VPC], &[(VPC, &vpc)]).is_empty());
    assert_eq!(cloud.resolve(VPC, "a", set()), Resolution::NotVisible);
    assert!(cloud.see(VPC, &vpc).is_some());
    const TABLE: &str = "ec2.RouteTable@ap-east-2";
    let table = cloud.make(TABLE, "table", [("vpc", text(&vpc))]);
    drop(cloud);
    let cloud = open(dir.path(), options(""));
    assert_eq!([cloud.see(TABLE, &table), cloud.see(TABLE, &table)], [None, None]);
    assert!(cloud.see(TABLE, &table).is_some());
}

#[test]
fn a_region_that_is_out_answers_nothing() {
    let dir = directory();
    let cloud = open(dir.path(), options("out:ap-east-2"));
    insta::assert_snapshot!(refusal(cloud.ask(VPC, "a", set())), @"Outage ServiceUnavailable: ap-east-2 can't be reached");
    assert!(refusal(now(cloud.sandbox.read(&place(VPC, "vpc-0")))).starts_with("Outage"));
    let at = place(VPC, "");
    assert!(refusal(now(cloud.sandbox.find(at.kind, at.region, &attributes([])))).starts_with("Outage"));
    cloud.vpc(TOKYO, "b", "10.0.0.0/16");
    cloud.make("route53.HostedZone", "zone", [("name", text("example.com"))]);
}

#[test]
fn a_fault_that_would_never_strike_is_refused() {
    let dir = directory();
    let said = |faults: &str| {
        let opened = topo_sandbox::Sandbox::open(dir.path(), crate::kinds::catalogue(), options(faults));
        opened.map(drop).expect_err("the fault is refused").to_string()
    };
    insta::assert_snapshot!(said("out:ap-east2"), @"can't read the fault 'out:ap-east2': 'ap-east2' is not a region; write one as 'ap-east-2'");
    insta::assert_snapshot!(said("deny:aws.ec2.Vpc/Taipei"), @"can't read the fault 'deny:aws.ec2.Vpc/Taipei': 'Taipei' is not a region; write one as 'ap-east-2'");
    insta::assert_snapshot!(said("fail:create:aws.ec2.Vpc"), @"can't read the fault 'fail:create:aws.ec2.Vpc': the program has no kind 'create:aws.ec2.Vpc'; it has aws.ec2.Vpc");
    insta::assert_snapshot!(said("fail-delete:aws.ec2.RuoteTable/ap-east-2x2"), @"can't read the fault 'fail-delete:aws.ec2.RuoteTable/ap-east-2x2': the program has no kind 'aws.ec2.RuoteTable'; it has aws.ec2.RouteTable");
    insta::assert_snapshot!(said("fail:ec2.Vpcs"), @"can't read the fault 'fail:ec2.Vpcs': the program has no kind 'ec2.Vpcs'; it has aws.ec2.Vpc");
    insta::assert_snapshot!(said("deny:aws.lambda.Function"), @"can't read the fault 'deny:aws.lambda.Function': the program has no kind 'aws.lambda.Function'; it has aws.acm.Certificate, aws.acm.CertificateValidation, aws.cloudtrail.Trail, aws.cloudwatch.Alarm, aws.cloudwatch.Dashboard, aws.ec2.InternetGateway, aws.ec2.Route, aws.ec2.RouteTable, aws.ec2.Subnet, aws.ec2.SubnetRouteTableAssociation, aws.ec2.Vpc, aws.ec2.VpcGatewayAttachment, aws.ec2.VpcPeeringAccepter, aws.ec2.VpcPeeringConnection, aws.events.Rule, aws.events.Target, aws.iam.InstanceProfile, aws.iam.OidcProvider, aws.iam.Policy, aws.iam.Role, aws.iam.RolePolicyAttachment, aws.kms.Alias, aws.kms.Key, aws.logs.LogGroup, aws.made.Alarm, aws.made.Anonymous, aws.made.Link, aws.made.Secretive, aws.route53.HealthCheck, aws.route53.HostedZone, aws.route53.RecordSet, aws.s3.Bucket, aws.s3.BucketPolicy, aws.sns.Subscription, aws.sns.Topic, aws.sns.TopicPolicy, aws.ssm.Parameter");
}

#[test]
fn calls_are_counted_and_refused_by_number_and_kind() {
    let dir = directory();
    let cloud = open(
        dir.path(),
        options("throttle@2x2,fail:aws.ec2.RouteTablex1,deny:aws.ssm.Parameter,fail-delete:aws.ec2.Vpc/ap-east-2"),
    );
    let vpc = cloud.make(VPC, "a", set());
    assert!(refusal(cloud.ask(VPC, "b", set())).starts_with("Throttled"));
    assert!(refusal(cloud.converge(VPC, &vpc, "a", set())).starts_with("Throttled"));
    let table = || cloud.ask("ec2.RouteTable@ap-east-2", "table", [("vpc", text(&vpc))]);
    insta::assert_snapshot!(refusal(table()), @"Invalid SandboxFault: a fault was asked for: no create of aws.ec2.RouteTable");
    let table = table().expect("only the first fails");
    let denied = cloud.ask("ssm.Parameter@ap-east-2", "p", [("name", text("/p")), ("value", text("1"))]);
    insta::assert_snapshot!(refusal(denied), @"Denied UnauthorizedOperation: not permitted to change aws.ssm.Parameter");
    cloud.delete("ec2.RouteTable@ap-east-2", &table).expect("nothing is said of it");
    assert!(refusal(cloud.delete(VPC, &vpc)).starts_with("Invalid SandboxFault"));
    assert_eq!(cloud.sandbox.calls(), 8);
}
