//! Launch templates and Auto Scaling groups.

use topo_model::Value;

use crate::support::*;

const TEMPLATE: &str = "ec2.LaunchTemplate@ap-east-2";
const GROUP: &str = "autoscaling.Group@ap-east-2";

fn template(name: &str, data: Value) -> [(&'static str, Value); 2] {
    [("launch_template_name", text(name)), ("launch_template_data", data)]
}

fn full(instance_type: &str) -> Value {
    record([("image_id", text("ami-0123456789abcdef0")), ("instance_type", text(instance_type))])
}

fn group(template: &str, version: &str, subnet: &str) -> [(&'static str, Value); 5] {
    [
        ("auto_scaling_group_name", text("web")),
        ("min_size", Value::Int(1)),
        ("max_size", Value::Int(3)),
        ("vpc_zone_identifier", list(&[subnet])),
        ("launch_template", record([("launch_template", text(template)), ("version", text(version))])),
    ]
}

#[test]
fn a_change_of_a_template_is_a_new_version() {
    let (_dir, cloud) = stocked(0.0);
    let id = cloud.make(TEMPLATE, "lt", template("web", full("m7g.large")));
    assert!(id.starts_with("lt-"), "{id}");
    let numbers = || ["default_version_number", "latest_version_number"].map(|name| cloud.get(TEMPLATE, &id, name));
    assert_eq!(numbers(), [text("1"), text("1")]);
    let change = |set| cloud.converge(TEMPLATE, &id, "lt", [set]).expect("it is there");
    change(("launch_template_data", full("m7g.large")));
    change(("tags", tags(&[("a", "1")])));
    assert_eq!(numbers(), [text("1"), text("1")], "nothing of the version has changed");
    change(("launch_template_data", full("m7g.xlarge")));
    assert_eq!(numbers(), [text("2"), text("2")]);
    assert_eq!(cloud.make(TEMPLATE, "other", template("other", full("m7g.large"))).len(), id.len());
    let again = cloud.ask(TEMPLATE, "again", template("web", full("m7g.large")));
    assert!(refusal(again).starts_with("Exists InvalidLaunchTemplateName.AlreadyExistsException"));
    let plain = record([("user_data", text("#!/bin/sh\n"))]);
    insta::assert_snapshot!(refusal(cloud.ask(TEMPLATE, "plain", template("plain", plain))), @"Invalid InvalidUserData.Malformed: user_data is not in Base64: write base64(…)");
}

#[test]
fn a_group_starts_from_a_template_that_says_enough() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", false);
    let bare = cloud.make(TEMPLATE, "bare", template("bare", record([("image_id", text("ami-1"))])));
    let good = cloud.make(TEMPLATE, "good", template("good", full("m7g.large")));
    let words = [(bare.as_str(), "BARE"), (&good, "GOOD")];
    insta::assert_snapshot!(cloud.refused(GROUP, "g", group(&bare, "$Default", &net.a), &words), @"Invalid ValidationError: the launch template BARE has no instance_type, and instances need one");
    insta::assert_snapshot!(cloud.refused(GROUP, "g", group(&good, "7", &net.a), &words), @"Invalid ValidationError: the launch template GOOD has no version 7");
    let by_address = [
        ("name", text("web")),
        ("vpc", text(&net.vpc)),
        ("port", Value::Int(80)),
        ("protocol", text("HTTP")),
        ("target_type", text("ip")),
    ];
    let targets = cloud.make("elbv2.TargetGroup@ap-east-2", "targets", by_address);
    let [a, b, c, d, e] = group(&good, "1", &net.a);
    let wrong = cloud.refused(GROUP, "g", [a, b, c, d, e, ("target_groups", list(&[&targets]))], &words);
    insta::assert_snapshot!(wrong, @"Invalid ValidationError: the target group web takes no instances, but targets of another type");

    let id = cloud.make(GROUP, "g", group(&good, "1", &net.a));
    assert_eq!(id, "web");
    assert_eq!(cloud.get(GROUP, &id, "desired_capacity"), Value::Int(1), "the least, where nobody says how many");
    let arn = cloud.get(GROUP, &id, "arn").as_str().unwrap_or_default().to_owned();
    assert!(arn.ends_with(":autoScalingGroupName/web"), "{arn}");
    assert!(refusal(cloud.ask(GROUP, "other", group(&good, "1", &net.a))).starts_with("Exists AlreadyExists"));
    assert!(refusal(cloud.delete("ec2.Subnet@ap-east-2", &net.a)).starts_with("Dependency DependencyViolation"));
    cloud.delete(GROUP, &id).expect("nothing needs it");
    cloud.delete("ec2.Subnet@ap-east-2", &net.a).expect("its instances are gone");
}
