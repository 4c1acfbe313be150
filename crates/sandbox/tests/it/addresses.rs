//! Public addresses and NAT gateways.

use topo_model::{Status, Value};

use crate::support::*;

const EIP: &str = "ec2.Eip@ap-east-2";
const NAT: &str = "ec2.NatGateway@ap-east-2";
const ROUTE: &str = "ec2.Route@ap-east-2";
const TABLE: &str = "ec2.RouteTable@ap-east-2";
const ATTACHMENT: &str = "ec2.VpcGatewayAttachment@ap-east-2";

fn nat(subnet: &str, address: &str) -> [(&'static str, Value); 2] {
    [("subnet", text(subnet)), ("allocation", text(address))]
}

fn way_out(table: &str, nat: &str) -> [(&'static str, Value); 3] {
    [("route_table", text(table)), ("destination_cidr_block", cidr("0.0.0.0/0")), ("nat_gateway", text(nat))]
}

#[test]
fn an_address_is_kept_while_a_gateway_shows_it() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", true);
    let address = cloud.make(EIP, "eip", []);
    assert!(address.starts_with("eipalloc-"), "{address}");
    assert_eq!(cloud.get(EIP, &address, "allocation_id"), text(&address));
    assert!(cloud.get(EIP, &address, "public_ip").to_string().starts_with("198."));
    let arn = format!("arn:aws:ec2:ap-east-2:000000000000:elastic-ip/{address}");
    assert_eq!(cloud.get(EIP, &address, "arn"), text(&arn));
    assert_ne!(address, cloud.make(EIP, "eip", []), "asked twice, EC2 gives two");

    let gateway = cloud.make(NAT, "nat", nat(&net.a, &address));
    assert!(gateway.starts_with("nat-"), "{gateway}");
    assert_eq!(cloud.status(NAT, &gateway), Status::Ready);
    assert_eq!(gateway, cloud.make(NAT, "nat", nat(&net.a, &address)), "the token is known");
    assert!(refusal(cloud.delete(EIP, &address)).starts_with("Dependency InvalidIPAddress.InUse"));

    let second = cloud.make(NAT, "second", nat(&net.b, &address));
    let Status::Failed(why) = cloud.status(NAT, &second) else { panic!("the address is taken") };
    insta::assert_snapshot!(in_words(&why, &[(&address, "ADDRESS"), (&gateway, "NAT")]), @"Resource.AlreadyAssociated: ADDRESS is in use by NAT");
    cloud.delete(NAT, &second).expect("what failed can go");
    cloud.delete(NAT, &gateway).expect("nothing needs it");
    cloud.delete(EIP, &address).expect("nothing shows it now");
}

#[test]
fn a_public_gateway_fails_where_nothing_leads_to_the_internet() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", false);
    let address = cloud.make(EIP, "eip", []);
    let gateway = cloud.make(NAT, "nat", nat(&net.a, &address));
    let Status::Failed(why) = cloud.status(NAT, &gateway) else { panic!("there is no internet gateway") };
    insta::assert_snapshot!(why.replace(&net.vpc, "VPC"), @"Gateway.NotAttached: VPC has no internet gateway attached");
    let table = cloud.make(TABLE, "table", [("vpc", text(&net.vpc))]);
    let refused = cloud.refused(ROUTE, "out", way_out(&table, &gateway), &[(&gateway, "NAT"), (&net.vpc, "VPC")]);
    insta::assert_snapshot!(refused, @"Invalid IncorrectState: NAT has failed: Gateway.NotAttached: VPC has no internet gateway attached");
    let inside = [("subnet", text(&net.a)), ("connectivity_type", text("private"))];
    let private = cloud.make(NAT, "private", inside);
    assert_eq!(cloud.status(NAT, &private), Status::Ready);
}

#[test]
fn a_route_leads_to_a_gateway_that_is_there_and_in_its_network() {
    let (_dir, cloud) = stocked(1.0);
    let net = cloud.network("net", true);
    let address = cloud.make(EIP, "eip", []);
    cloud.clock.advance(2_000);
    let gateway = cloud.make(NAT, "nat", nat(&net.a, &address));
    let table = cloud.make(TABLE, "table", [("vpc", text(&net.vpc))]);
    let elsewhere = cloud.vpc(TAIPEI, "elsewhere", "10.9.0.0/16");
    cloud.clock.advance(10_000);
    assert_eq!(cloud.status(NAT, &gateway), Status::Pending);
    let early = cloud.refused(ROUTE, "out", way_out(&table, &gateway), &[(&gateway, "NAT")]);
    insta::assert_snapshot!(early, @"Conflict IncorrectState: NAT is not ready yet");
    cloud.clock.advance(100_000);
    let id = cloud.make(ROUTE, "out", way_out(&table, &gateway));
    assert_eq!(id, format!("{table}|0.0.0.0/0"));
    assert!(refusal(cloud.delete(NAT, &gateway)).starts_with("Dependency DependencyViolation"));

    let other = cloud.make(TABLE, "other", [("vpc", text(&elsewhere))]);
    cloud.clock.advance(10_000);
    let refused = cloud.refused(ROUTE, "wrong", way_out(&other, &gateway), &[(&gateway, "NAT")]);
    insta::assert_snapshot!(refused, @"Invalid InvalidParameterValue: NAT and the route table belong to different networks");
}

#[test]
fn the_internet_gateway_stays_while_public_addresses_are_in_use() {
    let (_dir, cloud) = stocked(0.0);
    let net = cloud.network("net", true);
    let address = cloud.make(EIP, "eip", []);
    let gateway = cloud.make(NAT, "nat", nat(&net.a, &address));
    let words = [(net.vpc.as_str(), "VPC"), (gateway.as_str(), "NAT")];
    let refused = in_words(&refusal(cloud.delete(ATTACHMENT, &net.attachment)), &words);
    insta::assert_snapshot!(refused, @"Dependency DependencyViolation: VPC has public addresses in use, by NAT");
    assert!(refusal(cloud.delete("ec2.Subnet@ap-east-2", &net.a)).starts_with("Dependency DependencyViolation"));
    cloud.delete(NAT, &gateway).expect("nothing needs it");
    cloud.delete(ATTACHMENT, &net.attachment).expect("nothing public is left");
}
