//! Route tables, routes and associations.

use topo_provider::Error;

use super::{Asked, Codes, Rule, gateway, peering};
use crate::mint::Mint;
use crate::refusal::wrong;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct RouteTable;

pub(crate) struct Route;

pub(crate) struct Association;

impl Rule for RouteTable {
    fn prefix(&self) -> Option<&'static str> {
        Some("rtb")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidRouteTableID.NotFound", ..Codes::default() }
    }
}

/// A route to nowhere is never wanted, so its target is kept for as long as it is there.
/// EC2 would let it go and call the route a black hole.
impl Rule for Route {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let range = object.cidr("destination_cidr_block").map(|r| r.to_string());
        format!("{}|{}", object.text("route_table").unwrap_or_default(), range.unwrap_or_default())
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("route_table")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidRoute.NotFound", exists: "RouteAlreadyExists", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(vpc) = world.follow(object, "route_table").and_then(|table| world.follow(table, "vpc")) else {
            return Ok(());
        };
        if vpc.cidr("cidr_block").is_some() && vpc.cidr("cidr_block") == object.cidr("destination_cidr_block") {
            return Err(wrong(format!("the range of {} is routed inside it already", vpc.id)));
        }
        if let Some(gateway) = world.follow(object, "gateway") {
            gateway::attached(asked, gateway, vpc)?;
        }
        if let Some(subnet) = world.follow(object, "nat_gateway").and_then(|nat| world.follow(nat, "subnet")) {
            inside(world, object, "nat_gateway", subnet, vpc)?;
        }
        if let Some(endpoint) = world.follow(object, "vpc_endpoint") {
            inside(world, object, "vpc_endpoint", endpoint, vpc)?;
        }
        if let Some(connection) = world.follow(object, "vpc_peering_connection") {
            peering::joins(asked, connection, vpc)?;
        }
        Ok(())
    }
}

/// Whether what a route leads to is in the VPC of its table.
fn inside(world: &World, route: &Stored, by: &str, target: &Stored, vpc: &Stored) -> Result<(), Error> {
    if world.follow(target, "vpc").is_some_and(|of| of.key == vpc.key) {
        return Ok(());
    }
    let id = route.text(by).unwrap_or_default();
    Err(wrong(format!("{id} and the route table belong to different networks")))
}

impl Rule for Association {
    fn prefix(&self) -> Option<&'static str> {
        Some("rtbassoc")
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("subnet")
    }

    fn same_key_same_object(&self) -> bool {
        true
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidAssociationID.NotFound", exists: "Resource.AlreadyAssociated", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let (Some(subnet), Some(table)) = (world.follow(object, "subnet"), world.follow(object, "route_table")) else {
            return Ok(());
        };
        if subnet.text("vpc") == table.text("vpc") {
            return Ok(());
        }
        Err(wrong(format!("{} and {} belong to different networks", subnet.id, table.id)))
    }
}
