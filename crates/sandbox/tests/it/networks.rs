//! VPCs and what is in them; peerings between them.

use topo_model::{Status, Value};

use crate::support::*;

const VPC: &str = "ec2.Vpc@ap-east-2";
const SUBNET: &str = "ec2.Subnet@ap-east-2";
const TABLE: &str = "ec2.RouteTable@ap-east-2";
const ROUTE: &str = "ec2.Route@ap-east-2";
const GATEWAY: &str = "ec2.InternetGateway@ap-east-2";
const ATTACHMENT: &str = "ec2.VpcGatewayAttachment@ap-east-2";
const PEERING: &str = "ec2.VpcPeeringConnection@ap-east-2";
const ACCEPTER: &str = "ec2.VpcPeeringAccepter@ap-northeast-1";

fn subnet(vpc: &str, range: &str, in_zone: &str) -> [(&'static str, Value); 3] {
    [("vpc", text(vpc)), ("cidr_block", cidr(range)), ("availability_zone", zone(in_zone))]
}

fn route(table: &str, range: &str, by: &'static str, target: &str) -> [(&'static str, Value); 3] {
    [("route_table", text(table)), ("destination_cidr_block", cidr(range)), (by, text(target))]
}

fn peering(a: &str, b: &str, to: &str) -> [(&'static str, Value); 3] {
    [("vpc", text(a)), ("peer_vpc", text(b)), ("peer_region", region(to))]
}

#[test]
fn subnets_lie_inside_their_vpc_and_do_not_overlap() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let first = cloud.make(SUBNET, "a", subnet(&vpc, "10.2.0.0/24", "ap-east-2a"));
    let plain = |range: &str, zone: &str| {
        refusal(cloud.ask(SUBNET, "b", subnet(&vpc, range, zone))).replace(&first, "FIRST").replace(&vpc, "VPC")
    };
    insta::assert_snapshot!(plain("10.3.0.0/24", "ap-east-2a"), @"Invalid InvalidParameterValue: the subnet lies outside its VPC");
    insta::assert_snapshot!(plain("10.2.0.128/25", "ap-east-2a"), @"Exists InvalidSubnet.Conflict: 10.2.0.128/25 overlaps 10.2.0.0/24 of FIRST");
    let told = cloud.resolve(SUBNET, "b", subnet(&vpc, "10.2.0.128/25", "ap-east-2a"));
    assert_eq!(told, topo_provider::Resolution::NotVisible, "what is in the way has another key");
    insta::assert_snapshot!(plain("10.2.0.0/24", "ap-east-2a"), @r#"Exists InvalidSubnet.Conflict: aws.ec2.Subnet with vpc = "VPC", cidr_block = 10.2.0.0/24 exists already: FIRST"#);
    insta::assert_snapshot!(plain("10.2.1.0/29", "ap-east-2a"), @"Invalid InvalidSubnet.Range: 10.2.1.0/29 is not between /16 and /28");
    insta::assert_snapshot!(plain("10.2.1.0/24", "ap-northeast-1a"), @"Invalid InvalidParameterValue: the zone ap-northeast-1a is not in the region ap-east-2");
    insta::assert_snapshot!(
        refusal(cloud.ask(SUBNET, "b", subnet("vpc-0", "10.2.1.0/24", "ap-east-2a"))), @"NotFound InvalidVpcID.NotFound: vpc: there is no aws.ec2.Vpc 'vpc-0' in ap-east-2");
}

#[test]
fn a_reference_stays_in_its_region() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TOKYO, "vpc", "10.2.0.0/16");
    let asked = cloud.ask(SUBNET, "a", subnet(&vpc, "10.2.0.0/24", "ap-east-2a"));
    insta::assert_snapshot!(refusal(asked).replace(&vpc, "VPC"), @"NotFound InvalidVpcID.NotFound: vpc: there is no aws.ec2.Vpc 'VPC' in ap-east-2");
}

#[test]
fn what_is_needed_can_not_be_deleted_and_what_is_part_of_it_goes_with_it() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let a = cloud.make(SUBNET, "a", subnet(&vpc, "10.2.0.0/24", "ap-east-2a"));
    let table = cloud.make(TABLE, "table", [("vpc", text(&vpc))]);
    let set = [("subnet", text(&a)), ("route_table", text(&table))];
    cloud.make("ec2.SubnetRouteTableAssociation@ap-east-2", "assoc", set);
    insta::assert_snapshot!(refusal(cloud.delete(VPC, &vpc)).replace(&vpc, "VPC").replace(&a, "SUBNET"), @"Dependency DependencyViolation: VPC is used by SUBNET (aws.ec2.Subnet) and can't be deleted");
    assert!(refusal(cloud.delete(TABLE, &table)).starts_with("Dependency DependencyViolation"));
    cloud.delete(SUBNET, &a).expect("its association goes with it");
    assert_eq!(cloud.count("ec2.SubnetRouteTableAssociation"), 0);
    cloud.delete(TABLE, &table).expect("nothing needs it now");
    cloud.delete(VPC, &vpc).expect("its main route table goes with it");
    assert!(cloud.content().is_empty(), "{:?}", cloud.content());
    insta::assert_snapshot!(refusal(cloud.delete(VPC, &vpc)).replace(&vpc, "VPC"), @"NotFound InvalidVpcID.NotFound: there is no aws.ec2.Vpc with the id 'VPC'");
}

#[test]
fn the_main_route_table_comes_and_goes_with_its_vpc() {
    let (_dir, cloud) = fresh();
    let vpc = cloud.vpc(TAIPEI, "vpc", "10.2.0.0/16");
    let main = cloud.get(VPC, &vpc, "main_route_table");
    let main = main.as_str().expect("an id");
    let table = cloud.look(TABLE, main);
    assert_eq!((table.owner, table.status), (None, Status::Ready));
    let refused = refusal(cloud.delete(TABLE, main)).replace(main, "TABLE").replace(&vpc, "VPC");
    insta::assert_snapshot!(refused, @"Dependency DependencyViolation: TABLE comes and goes with VPC and can't be deleted by itself");
    cloud.converge(TABLE, main, "main", [("tags", tags(&[("a", "1")]))]).expect("it can be adopted");
    assert_eq!(cloud.observe(&[TABLE], &[]), [main]);
}

#[test]
fn a_gateway_serves_one_vpc_and_is_kept_while_it_is_attached() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TAIPEI, "b", "10.3.0.0/16"));
    let (first, second) = (cloud.make(GATEWAY, "first", []), cloud.make(GATEWAY, "second", []));
    let attach = |vpc: &str, gateway: &str| {
        cloud.ask(ATTACHMENT, "att", [("vpc", text(vpc)), ("internet_gateway", text(gateway))])
    };
    let attachment = attach(&a, &first).expect("both are free");
    assert!(refusal(attach(&b, &first)).starts_with("Exists Resource.AlreadyAssociated"));
    assert!(refusal(attach(&a, &second)).starts_with("Exists Resource.AlreadyAssociated"));
    assert!(refusal(cloud.delete(GATEWAY, &first)).starts_with("Dependency DependencyViolation"));

    let table = cloud.make(TABLE, "table", [("vpc", text(&b))]);
    let refused = refusal(cloud.ask(ROUTE, "r", route(&table, "0.0.0.0/0", "gateway", &first)));
    insta::assert_snapshot!(refused.replace(&first, "GATEWAY").replace(&b, "VPC"), @"Invalid InvalidParameterValue: the gateway GATEWAY is not attached to VPC");
    let table = cloud.make(TABLE, "table_a", [("vpc", text(&a))]);
    let id = cloud.make(ROUTE, "r", route(&table, "0.0.0.0/0", "gateway", &first));
    assert_eq!(id, format!("{table}|0.0.0.0/0"));
    assert!(refusal(cloud.ask(ROUTE, "r2", route(&table, "0.0.0.0/0", "gateway", &first))).starts_with("Exists Route"));

    cloud.converge(ATTACHMENT, &attachment, "att", [("internet_gateway", text(&second))]).expect("it is swapped");
    cloud.delete(TABLE, &table).expect("its routes go with it");
    cloud.delete(GATEWAY, &first).expect("nothing needs it now");
}

#[test]
fn a_route_has_one_target_and_changes_it_in_place() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TOKYO, "b", "10.3.0.0/16"));
    let connection = cloud.make(PEERING, "link", peering(&a, &b, TOKYO));
    cloud.make(ACCEPTER, "accept", [("connection", text(&connection))]);
    let gateway = cloud.make(GATEWAY, "gateway", []);
    cloud.make(ATTACHMENT, "att", [("vpc", text(&a)), ("internet_gateway", text(&gateway))]);
    let table = cloud.make(TABLE, "table", [("vpc", text(&a))]);
    let none = [("route_table", text(&table)), ("destination_cidr_block", cidr("10.3.0.0/16"))];
    insta::assert_snapshot!(refusal(cloud.ask(ROUTE, "r", none)), @"Invalid InvalidParameterCombination: aws.ec2.Route takes exactly one of 'gateway', 'vpc_peering_connection'; 0 are set");
    let id = cloud.make(ROUTE, "r", route(&table, "10.3.0.0/16", "gateway", &gateway));
    cloud.converge(ROUTE, &id, "r", [("vpc_peering_connection", text(&connection))]).expect("the target is replaced");
    assert_eq!(cloud.get(ROUTE, &id, "gateway"), Value::None);
    assert_eq!(cloud.get(ROUTE, &id, "vpc_peering_connection"), text(&connection));
}

#[test]
fn ranges_that_overlap_make_a_connection_that_fails() {
    let (_dir, cloud) = slow();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TOKYO, "b", "10.2.0.0/16"));
    cloud.clock.advance(3000);
    let connection = cloud.make(PEERING, "link", peering(&a, &b, TOKYO));
    assert_eq!(cloud.status(PEERING, &connection), Status::Pending);
    cloud.clock.advance(3000);
    let Status::Failed(why) = cloud.status(PEERING, &connection) else { panic!("it fails") };
    insta::assert_snapshot!(why, @"VPCs whose ranges overlap can't be peered: 10.2.0.0/16 and 10.2.0.0/16");
    let refused = refusal(cloud.ask(ACCEPTER, "accept", [("connection", text(&connection))]));
    insta::assert_snapshot!(refused.replace(&connection, "LINK"), @"Invalid IncorrectState: LINK has failed: VPCs whose ranges overlap can't be peered: 10.2.0.0/16 and 10.2.0.0/16");
}

#[test]
fn a_connection_carries_routes_once_the_other_side_has_accepted_it() {
    let (_dir, cloud) = slow();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TOKYO, "b", "10.3.0.0/16"));
    cloud.clock.advance(3000);
    let table = cloud.make(TABLE, "table", [("vpc", text(&a))]);
    let connection = cloud.make(PEERING, "link", peering(&a, &b, TOKYO));
    let accept =
        |at: &str| cloud.ask(&format!("ec2.VpcPeeringAccepter@{at}"), "accept", [("connection", text(&connection))]);
    let route = || {
        let asked = cloud.ask(ROUTE, "r", route(&table, "10.3.0.0/16", "vpc_peering_connection", &connection));
        asked.map_err(|e| format!("{:?} {}", e.kind, e.code))
    };
    assert!(refusal(accept(TOKYO)).starts_with("Conflict IncorrectState"), "it is still on its way");
    cloud.clock.advance(3000);
    assert_eq!(cloud.status(PEERING, &connection), Status::Ready);
    insta::assert_snapshot!(refusal(accept(TAIPEI)).replace(&connection, "LINK"), @"Invalid OperationNotPermitted: LINK is accepted in ap-northeast-1, the region that was asked");
    assert_eq!(route(), Err("Conflict IncorrectState".to_owned()), "nobody has accepted it");
    assert_eq!(accept(TOKYO), Ok(connection.clone()), "both sides know it by one id");
    assert_eq!(cloud.status(ACCEPTER, &connection), Status::Pending);
    assert_eq!(route(), Err("Conflict IncorrectState".to_owned()), "it is not active yet");
    cloud.clock.advance(3000);
    assert_eq!(cloud.status(ACCEPTER, &connection), Status::Ready);
    assert!(route().is_ok());
    assert!(refusal(accept(TOKYO)).starts_with("Exists"));
}

#[test]
fn a_peering_names_the_region_of_the_other_side() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TOKYO, "b", "10.3.0.0/16"));
    let refused = refusal(cloud.ask(PEERING, "link", peering(&a, &b, TAIPEI)));
    insta::assert_snapshot!(refused.replace(&b, "VPC"), @"Invalid InvalidVpcID.NotFound: VPC is not in the region ap-east-2");
}

#[test]
fn either_side_ends_a_connection_and_routes_keep_it() {
    let (_dir, cloud) = fresh();
    let (a, b) = (cloud.vpc(TAIPEI, "a", "10.2.0.0/16"), cloud.vpc(TOKYO, "b", "10.3.0.0/16"));
    let table = cloud.make(TABLE, "table", [("vpc", text(&a))]);
    for (kind, gone) in [(ACCEPTER, PEERING), (PEERING, ACCEPTER)] {
        let connection = cloud.make(PEERING, "link", peering(&a, &b, TOKYO));
        cloud.make(ACCEPTER, "accept", [("connection", text(&connection)), ("dns", Value::Bool(true))]);
        let route = cloud.make(ROUTE, "r", route(&table, "10.3.0.0/16", "vpc_peering_connection", &connection));
        assert!(refusal(cloud.delete(kind, &connection)).starts_with("Dependency"));
        cloud.delete(ROUTE, &route).expect("nothing needs it");
        cloud.delete(kind, &connection).expect("nothing needs it now");
        assert_eq!(cloud.see(gone, &connection), None);
    }
}

#[test]
fn names_resolve_over_a_peering_only_where_hosts_have_some() {
    let (_dir, cloud) = fresh();
    let a = cloud.vpc(TAIPEI, "a", "10.2.0.0/16");
    let b = cloud.make("ec2.Vpc@ap-northeast-1", "b", [("cidr_block", cidr("10.3.0.0/16"))]);
    let connection = cloud.make(PEERING, "link", peering(&a, &b, TOKYO));
    let set = [("connection", text(&connection)), ("dns", Value::Bool(true))];
    insta::assert_snapshot!(refusal(cloud.ask(ACCEPTER, "accept", set)).replace(&b, "VPC"), @"Invalid OperationNotPermitted: VPC has no DNS host names to resolve");
}
