//! Public addresses and the NAT gateways that show them.

use std::net::{IpAddr, Ipv4Addr};

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Codes, Made, Rule, arn, gateway};
use crate::mint::Mint;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Eip;

pub(crate) struct NatGateway;

impl Rule for Eip {
    fn prefix(&self) -> Option<&'static str> {
        Some("eipalloc")
    }

    fn arn(&self, object: &Stored) -> String {
        arn("ec2", object, &format!("elastic-ip/{}", object.id))
    }

    /// Addresses come from the range that is set aside for measuring networks.
    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let octet = |at: usize, below: u32| mint.number(at, below) as u8;
        let address = Ipv4Addr::new(198, 18 + octet(0, 2), octet(1, 256), octet(2, 256));
        outputs.set(Symbol::new("allocation_id"), Value::str(object.id.as_str()));
        outputs.set(Symbol::new("public_ip"), Value::Ip(IpAddr::V4(address)));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidAllocationID.NotFound", in_use: "InvalidIPAddress.InUse", ..Codes::default() }
    }
}

/// A request for a NAT gateway is taken as it stands; what is wrong with it makes the
/// gateway fail.
impl Rule for NatGateway {
    fn prefix(&self) -> Option<&'static str> {
        Some("nat")
    }

    fn arn(&self, object: &Stored) -> String {
        arn("ec2", object, &format!("natgateway/{}", object.id))
    }

    fn outputs(&self, mint: &Mint, _: &Stored, outputs: &mut Attributes) {
        outputs.set(Symbol::new("eni_id"), Value::str(format!("eni-{}", mint.hex(17))));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NatGatewayNotFound", ..Codes::default() }
    }

    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(mut nat) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        if let Some(why) = unconnected(world, &nat).or_else(|| taken(world, &nat)) {
            nat.failed = Some(why);
            world.put(nat);
        }
        Ok(())
    }
}

/// Why a public gateway can't reach the internet.
fn unconnected(world: &World, nat: &Stored) -> Option<String> {
    let vpc = world.follow(world.follow(nat, "subnet")?, "vpc")?;
    let needs = nat.text("connectivity_type") == Some("public") && gateway::of(world, vpc).is_none();
    needs.then(|| format!("Gateway.NotAttached: {} has no internet gateway attached", vpc.id))
}

/// Why a gateway can't have its addresses.
fn taken(world: &World, nat: &Stored) -> Option<String> {
    let mut addresses = world.follow_all(nat, "allocation");
    addresses.extend(world.follow_all(nat, "secondary_allocations"));
    addresses.into_iter().find_map(|address| {
        let (other, _) = world.users(address).into_iter().find(|(o, _)| o.key != nat.key && o.failed.is_none())?;
        Some(format!("Resource.AlreadyAssociated: {} is in use by {}", address.id, other.id))
    })
}
