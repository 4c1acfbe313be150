//! VPC endpoints and flow logs.

use topo_model::Value;

use crate::support::*;

const ENDPOINT: &str = "ec2.VpcEndpoint@ap-east-2";
const TABLE: &str = "ec2.RouteTable@ap-east-2";
const LOG: &str = "ec2.FlowLog@ap-east-2";

fn interface(net: &Network, subnets: &[&str], service: &str) -> [(&'static str, Value); 5] {
    [
        ("vpc", text(&net.vpc)),
        ("service_name", text(service)),
        ("vpc_endpoint_type", text("Interface")),
        ("subnets", list(subnets)),
        ("private_dns_enabled", Value::Bool(true)),
    ]
}

fn gateway(net: &Network, table: &str, service: &str) -> [(&'static str, Value); 3] {
    [("vpc", text(&net.vpc)), ("service_name", text(service)), ("route_tables", list(&[table]))]
}

#[test]
fn a_gateway_endpoint_adds_its_route_to_a_table_once() {
    let (_dir, cloud) = stocked(0.0);
    let (net, other) = (cloud.network("net", false), cloud.network("other", false));
    let table = cloud.make(TABLE, "table", [("vpc", text(&net.vpc))]);
    let foreign = cloud.make(TABLE, "foreign", [("vpc", text(&other.vpc))]);
    let s3 = "com.amazonaws.ap-east-2.s3";
    let id = cloud.make(ENDPOINT, "s3", gateway(&net, &table, s3));
    assert!(id.starts_with("vpce-"), "{id}");
    let words = [(id.as_str(), "ENDPOINT"), (&table, "TABLE"), (&foreign, "FOREIGN"), (&net.vpc, "VPC")];
    insta::assert_snapshot!(cloud.refused(ENDPOINT, "again", gateway(&net, &table, s3), &words), @"Exists RouteAlreadyExists: TABLE has the route of ENDPOINT already");
    insta::assert_snapshot!(cloud.refused(ENDPOINT, "e", gateway(&net, &foreign, s3), &words), @"Invalid InvalidParameterValue: FOREIGN is not in VPC");
    let at = |service: &str| cloud.refused(ENDPOINT, "e", gateway(&net, &table, service), &words);
    insta::assert_snapshot!(at("com.amazonaws.ap-northeast-1.s3"), @"Invalid InvalidServiceName: there is no service 'com.amazonaws.ap-northeast-1.s3' in ap-east-2");
    insta::assert_snapshot!(at("com.amazonaws.ap-east-2.ssm"), @"Invalid InvalidParameter: 'com.amazonaws.ap-east-2.ssm' has no endpoint of type Gateway: only s3 and dynamodb have");
}

#[test]
fn an_interface_endpoint_has_an_address_in_each_zone_and_a_name() {
    let (_dir, cloud) = stocked(0.0);
    let (net, other) = (cloud.network("net", false), cloud.network("other", false));
    let ssm = "com.amazonaws.ap-east-2.ssm";
    let id = cloud.make(ENDPOINT, "ssm", interface(&net, &[&net.a, &net.b], ssm));
    assert_eq!(cloud.get(ENDPOINT, &id, "network_interface_ids").items().map(<[Value]>::len), Some(2));
    let entries = cloud.get(ENDPOINT, &id, "dns_entries");
    let entry = entries.items().and_then(<[Value]>::first).and_then(Value::as_str).expect("a name").to_owned();
    assert!(entry.contains(&format!(":{id}-")) && entry.ends_with(".ssm.ap-east-2.vpce.amazonaws.com"), "{entry}");

    let words = [(id.as_str(), "ENDPOINT"), (&other.a, "OTHER"), (&net.vpc, "VPC"), (&net.a, "A")];
    let twice = cloud.refused(ENDPOINT, "again", interface(&net, &[&net.a], ssm), &words);
    insta::assert_snapshot!(twice, @"Invalid InvalidParameter: ENDPOINT answers for the private name of com.amazonaws.ap-east-2.ssm already");
    let outside = cloud.refused(ENDPOINT, "e", interface(&net, &[&other.a], "com.amazonaws.ap-east-2.kms"), &words);
    insta::assert_snapshot!(outside, @"Invalid InvalidParameterValue: OTHER is not in VPC");
    let set = [("vpc", text(&net.vpc)), ("cidr_block", cidr("10.2.2.0/24")), ("availability_zone", zone("ap-east-2a"))];
    let beside = cloud.make("ec2.Subnet@ap-east-2", "beside", set);
    let kms = interface(&net, &[&net.a, &beside], "com.amazonaws.ap-east-2.kms");
    insta::assert_snapshot!(cloud.refused(ENDPOINT, "e", kms, &words).replace(&beside, "BESIDE"), @"Invalid DuplicateSubnetsInSameZone: A and BESIDE are in one zone");

    let group = cloud.group("foreign", &other.vpc);
    let changed = cloud.converge(ENDPOINT, &id, "ssm", [("security_groups", list(&[&group]))]);
    insta::assert_snapshot!(in_words(&refusal(changed), &words).replace(&group, "GROUP"), @"Invalid InvalidParameterValue: the security group GROUP is not in VPC");
    assert!(refusal(cloud.delete("ec2.Subnet@ap-east-2", &net.a)).starts_with("Dependency DependencyViolation"));
}

#[test]
fn a_flow_log_records_once_and_holds_nothing() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", false);
    let to_bucket = |traffic: &str| {
        [
            ("vpc", text(&net.vpc)),
            ("traffic_type", text(traffic)),
            ("log_destination_type", text("s3")),
            ("log_destination", text("arn:aws:s3:::flows")),
        ]
    };
    let id = cloud.make(LOG, "flow", to_bucket("ALL"));
    assert!(id.starts_with("fl-"), "{id}");
    assert_eq!(cloud.get(LOG, &id, "max_aggregation_interval"), Value::Duration(600_000));
    assert_eq!(cloud.make(LOG, "flow", to_bucket("ALL")), id, "the token is known");
    insta::assert_snapshot!(cloud.refused(LOG, "second", to_bucket("ALL"), &[(&id, "LOG")]), @"Exists FlowLogAlreadyExists: LOG records the same to the same place already");
    cloud.make(LOG, "rejected", to_bucket("REJECT"));
    cloud.delete("ec2.Subnet@ap-east-2", &net.a).expect("nothing is in it");
    cloud.delete("ec2.Subnet@ap-east-2", &net.b).expect("nothing is in it");
    cloud.delete("ec2.Vpc@ap-east-2", &net.vpc).expect("being watched does not hold it");
}
