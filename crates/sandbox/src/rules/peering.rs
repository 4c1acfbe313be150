//! Peerings: asked for on one side, accepted on the other.

use topo_model::Symbol;
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule};
use crate::mint::Mint;
use crate::refusal::{conflict, invalid};
use crate::rules::vpc::overlap;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Connection;

pub(crate) struct Accepter;

const ACCEPTER: &str = "aws.ec2.VpcPeeringAccepter";

impl Rule for Connection {
    fn prefix(&self) -> Option<&'static str> {
        Some("pcx")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidVpcPeeringConnectionID.NotFound", ..Codes::default() }
    }

    /// EC2 takes a request between ranges that overlap; the connection fails by itself.
    fn checked(&self) -> bool {
        false
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(peer) = world.follow(object, "peer_vpc") else { return Ok(()) };
        let said = object.text("peer_region").or(object.region.map(Symbol::as_str));
        if said == peer.region.map(Symbol::as_str) {
            return Ok(());
        }
        let text = format!("{} is not in the region {}", peer.id, said.unwrap_or_default());
        Err(invalid("InvalidVpcID.NotFound", text))
    }

    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(mut connection) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        let range = |side: &str| world.follow(&connection, side).and_then(|vpc| vpc.cidr("cidr_block"));
        if let (Some(a), Some(b)) = (range("vpc"), range("peer_vpc"))
            && overlap(a, b)
        {
            connection.failed = Some(format!("VPCs whose ranges overlap can't be peered: {a} and {b}"));
            world.put(connection);
        }
        Ok(())
    }
}

/// An accepter is how the connection looks from the region that was asked.
impl Rule for Accepter {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("connection").unwrap_or_default().to_owned()
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "InvalidVpcPeeringConnectionID.NotFound",
            exists: "InvalidStateTransition",
            ..Codes::default()
        }
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("connection")
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(connection) = world.follow(object, "connection") else { return Ok(()) };
        let asked_region = world.follow(connection, "peer_vpc").and_then(|vpc| vpc.region);
        if asked_region != object.region {
            let text = format!(
                "{} is accepted in {}, the region that was asked",
                connection.id,
                asked_region.map_or("", Symbol::as_str)
            );
            return Err(invalid("OperationNotPermitted", text));
        }
        if object.is("dns") {
            resolves(asked, connection)?;
        }
        Ok(())
    }

    /// Either side's end is the connection's.
    fn deletes<'w>(&self, world: &'w World, object: &Stored) -> Option<&'w Stored> {
        world.follow(object, "connection")
    }
}

/// Whether names can be resolved over a connection.
fn resolves(asked: &Asked<'_>, connection: &Stored) -> Result<(), Error> {
    if asked.before.is_some() && asked.now < asked.object.ready_at {
        return Err(conflict("OperationNotPermitted", format!("{} is not active yet", connection.id)));
    }
    for side in ["vpc", "peer_vpc"] {
        if let Some(vpc) = asked.world.follow(connection, side).filter(|vpc| !vpc.is("enable_dns_hostnames")) {
            let text = format!("{} has no DNS host names to resolve", vpc.id);
            return Err(invalid("OperationNotPermitted", text));
        }
    }
    Ok(())
}

/// Whether a connection is active and one of its sides is a VPC, so that routes of the VPC
/// can lead there. (EC2 takes routes before a connection is accepted, and they carry
/// nothing; a program that makes them that early has its order wrong.)
pub(super) fn joins(asked: &Asked<'_>, connection: &Stored, vpc: &Stored) -> Result<(), Error> {
    let world = asked.world;
    if !["vpc", "peer_vpc"].iter().any(|side| world.follow(connection, side).is_some_and(|v| v.key == vpc.key)) {
        let text = format!("{} does not lead from {}", connection.id, vpc.id);
        return Err(invalid("InvalidVpcPeeringConnectionID.NotFound", text));
    }
    let accepted = world.users(connection).into_iter().find(|(o, _)| o.kind == ACCEPTER);
    if accepted.is_some_and(|(accepter, _)| accepter.ready_at <= asked.now) && connection.failed.is_none() {
        return Ok(());
    }
    Err(conflict("IncorrectState", format!("the peering {} is not active yet", connection.id)))
}
