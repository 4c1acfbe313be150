//! EKS clusters and their nodes.

use topo_model::{Status, Value};

use crate::support::*;

const CLUSTER: &str = "eks.Cluster@ap-east-2";
const NODES: &str = "eks.NodeGroup@ap-east-2";
const TEMPLATE: &str = "ec2.LaunchTemplate@ap-east-2";

fn networks(subnets: &[&str]) -> (&'static str, Value) {
    ("resources_vpc_config", record([("subnets", list(subnets))]))
}

fn cluster(role: &str, subnets: &[&str]) -> [(&'static str, Value); 3] {
    [("name", text("prod")), ("role", text(role)), networks(subnets)]
}

fn nodes(role: &str, subnets: &[&str]) -> [(&'static str, Value); 5] {
    let sizes = [("min_size", Value::Int(1)), ("max_size", Value::Int(3)), ("desired_size", Value::Int(2))];
    [
        ("cluster", text("prod")),
        ("nodegroup_name", text("web")),
        ("node_role", text(role)),
        ("subnets", list(subnets)),
        ("scaling_config", record(sizes)),
    ]
}

/// A role that a service may take on, by its ARN.
fn role(cloud: &Cloud, name: &str, service: &str) -> String {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    let id = cloud.make("iam.Role", name, [("role_name", text(name)), ("assume_role_policy_document", text(&policy))]);
    cloud.get("iam.Role", &id, "arn").as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_cluster_needs_a_role_that_trusts_it_and_two_zones() {
    let (_dir, cloud) = stocked(0.0);
    let (net, other) = (cloud.network("net", false), cloud.network("other", false));
    let (good, bad) = (role(&cloud, "cluster", "eks.amazonaws.com"), role(&cloud, "nodes", "ec2.amazonaws.com"));
    let words = [(net.vpc.as_str(), "VPC"), (&other.b, "OTHER")];
    let said = |role: &str, subnets: &[&str]| cloud.refused(CLUSTER, "c", cluster(role, subnets), &words);
    let refused = said(&bad, &[&net.a, &net.b]);
    assert!(refused.contains("does not let eks.amazonaws.com take it on"), "{refused}");
    let refused = said(&role(&cloud, "close", "x-eks.amazonaws.com"), &[&net.a, &net.b]);
    assert!(refused.contains("does not let eks.amazonaws.com take it on"), "{refused}");
    insta::assert_snapshot!(said(&good, &[&net.a, &other.b]), @"Invalid InvalidParameterException: OTHER is not in VPC");
    insta::assert_snapshot!(said(&good, &[&net.a]), @"Invalid InvalidParameterValue: a cluster needs subnets in two zones at least");
    let set = [("vpc", text(&net.vpc)), ("cidr_block", cidr("10.2.2.0/24")), ("availability_zone", zone("ap-east-2a"))];
    let beside = cloud.make("ec2.Subnet@ap-east-2", "beside", set);
    insta::assert_snapshot!(said(&good, &[&net.a, &beside]), @"Invalid InvalidParameterValue: a cluster needs subnets in two zones at least: these are in ap-east-2a, ap-east-2a");

    let groups = cloud.count("ec2.SecurityGroup");
    let id = cloud.make(CLUSTER, "c", cluster(&good, &[&net.a, &net.b]));
    assert_eq!(id, "prod");
    assert_eq!(cloud.get(CLUSTER, &id, "arn"), text("arn:aws:eks:ap-east-2:000000000000:cluster/prod"));
    assert_eq!(cloud.get(CLUSTER, &id, "version"), text("1.35"));
    let get = |output: &str| cloud.get(CLUSTER, &id, output).as_str().unwrap_or_default().to_owned();
    assert!(get("endpoint").starts_with("https://") && get("endpoint").ends_with(".ap-east-2.eks.amazonaws.com"));
    assert!(get("open_id_connect_issuer_url").starts_with("https://oidc.eks.ap-east-2.amazonaws.com/id/"));
    assert!(get("certificate_authority_data").starts_with("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"));
    let own = cloud.look("ec2.SecurityGroup@ap-east-2", &get("cluster_security_group_id"));
    assert_eq!((own.owner, own.status), (None, Status::Ready));
    assert_eq!(cloud.count("ec2.SecurityGroup"), groups + 1);
    cloud.delete(CLUSTER, &id).expect("nothing needs it");
    assert_eq!(cloud.count("ec2.SecurityGroup"), groups, "its group goes with it");
}

#[test]
fn a_cluster_goes_up_by_one_version_and_never_back() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", false);
    let role = role(&cloud, "cluster", "eks.amazonaws.com");
    let [a, b, c] = cluster(&role, &[&net.a, &net.b]);
    cloud.make(CLUSTER, "c", [a, b, c, ("version", text("1.31"))]);
    let to = |version: &str| cloud.converge(CLUSTER, "prod", "c", [("version", text(version))]);
    insta::assert_snapshot!(refusal(to("1.33")), @"Invalid InvalidParameterException: the cluster is at 1.31 and can't go to 1.33: it goes up by one minor at a time");
    to("1.32").expect("one minor is what it takes");
    insta::assert_snapshot!(refusal(to("1.31")), @"Invalid InvalidParameterException: the cluster is at 1.32 and can't go to 1.31: it goes up by one minor at a time");
    let mode = |mode: &str| {
        let config = record([("authentication_mode", text(mode))]);
        cloud.converge(CLUSTER, "prod", "c", [("access_config", config)])
    };
    mode("API").expect("the way in moves towards the API");
    insta::assert_snapshot!(refusal(mode("CONFIG_MAP")), @"Invalid InvalidRequestException: the authentication mode can't go from API back to CONFIG_MAP");
    cloud.converge(CLUSTER, "prod", "c", [("deletion_protection", Value::Bool(true))]).expect("it is there");
    insta::assert_snapshot!(refusal(cloud.delete(CLUSTER, "prod")), @"Invalid InvalidRequestException: the cluster prod has deletion_protection");
    let moved = cloud.converge(CLUSTER, "prod", "c", [("name", text("other"))]);
    assert!(refusal(moved).contains("can't be changed in place"));
}

#[test]
fn a_cluster_is_made_once_by_its_token_and_its_name_is_taken_then() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", false);
    let role = role(&cloud, "cluster", "eks.amazonaws.com");
    let set = || cluster(&role, &[&net.a, &net.b]);
    cloud.make(CLUSTER, "c", set());
    assert_eq!(cloud.make(CLUSTER, "c", set()), "prod", "the token is known");
    assert!(refusal(cloud.ask(CLUSTER, "other", set())).starts_with("Exists ResourceInUseException"));
}

#[test]
fn nodes_hold_their_cluster_and_leave_to_eks_what_is_eks_s() {
    let (_dir, cloud) = stocked(0.0);
    let (net, other) = (cloud.network("net", false), cloud.network("other", false));
    let (control, worker) = (role(&cloud, "cluster", "eks.amazonaws.com"), role(&cloud, "nodes", "ec2.amazonaws.com"));
    cloud.make(CLUSTER, "c", cluster(&control, &[&net.a, &net.b]));
    let words = [(net.vpc.as_str(), "VPC"), (&other.a, "OTHER")];
    let refused = cloud.refused(NODES, "n", nodes(&control, &[&net.a]), &words);
    assert!(refused.contains("does not let ec2.amazonaws.com take it on"), "{refused}");
    insta::assert_snapshot!(cloud.refused(NODES, "n", nodes(&worker, &[&other.a]), &words), @"Invalid InvalidParameterException: OTHER is not in VPC, as the cluster is");

    let data = record([("image_id", text("ami-1")), ("instance_type", text("m7g.large"))]);
    let template =
        cloud.make(TEMPLATE, "lt", [("launch_template_name", text("nodes")), ("launch_template_data", data)]);
    let from_template = |more: (&'static str, Value)| {
        let [a, b, c, d, e] = nodes(&worker, &[&net.a]);
        let by = ("launch_template", record([("launch_template", text(&template))]));
        cloud.ask(NODES, "n", [a, b, c, d, e, by, more])
    };
    let said = |more| in_words(&refusal(from_template(more)), &[(&template, "TEMPLATE")]);
    insta::assert_snapshot!(said(("instance_types", list(&["m7g.xlarge"]))), @"Invalid InvalidParameterException: the launch template TEMPLATE names an instance type, and the node group has instance_types");
    insta::assert_snapshot!(said(("ami_type", text("AL2023_ARM_64_STANDARD"))), @"Invalid InvalidParameterException: the launch template TEMPLATE names an image, and the node group has an ami_type: CUSTOM is the one for that");
    let id = from_template(("ami_type", text("CUSTOM"))).expect("nothing is said twice");
    assert_eq!(id, "prod/web");
    let arn = cloud.get(NODES, &id, "arn").as_str().unwrap_or_default().to_owned();
    assert!(arn.starts_with("arn:aws:eks:ap-east-2:000000000000:nodegroup/prod/web/"), "{arn}");
    let group = cloud.get(NODES, &id, "auto_scaling_group_name").as_str().unwrap_or_default().to_owned();
    assert!(group.starts_with("eks-web-"), "{group}");

    assert!(refusal(cloud.delete(CLUSTER, "prod")).starts_with("Dependency ResourceInUseException"));
    cloud.delete(TEMPLATE, &template).expect("a template holds nobody and is held by nobody");
    cloud.delete(NODES, &id).expect("nothing needs it");
    cloud.delete(CLUSTER, "prod").expect("its nodes are gone");
}
