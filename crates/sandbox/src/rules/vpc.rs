//! Networks: sizes, subnets inside them, and what comes with every VPC.

use ipnet::IpNet;
use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule, security};
use crate::change::child;
use crate::mint::Mint;
use crate::refusal::{exists, invalid, wrong};
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Vpc;

pub(crate) struct Subnet;

impl Rule for Vpc {
    fn prefix(&self) -> Option<&'static str> {
        Some("vpc")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidVpcID.NotFound", ..Codes::default() }
    }

    fn outputs(&self, mint: &Mint, _: &Stored, outputs: &mut Attributes) {
        let digits = mint.hex(17);
        for (name, prefix) in
            [("default_security_group", "sg"), ("default_network_acl", "acl"), ("main_route_table", "rtb")]
        {
            outputs.set(Symbol::new(name), Value::str(format!("{prefix}-{digits}")));
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        sized(asked.object, "InvalidVpc.Range")
    }

    /// The main route table and the default group are objects of their own.
    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(vpc) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        let Some(id) = vpc.outputs.get(Symbol::new("main_route_table")).and_then(Value::as_str) else {
            return Ok(());
        };
        let attributes = [("vpc", Value::str(vpc.id.as_str()))];
        child(world, &vpc, "aws.ec2.RouteTable", Some(id.to_owned()), attributes, made);
        security::make_default(world, &vpc, made);
        Ok(())
    }
}

impl Rule for Subnet {
    fn prefix(&self) -> Option<&'static str> {
        Some("subnet")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidSubnetID.NotFound", exists: "InvalidSubnet.Conflict", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let subnet = asked.object;
        sized(subnet, "InvalidSubnet.Range")?;
        let (Some(range), Some(vpc)) = (subnet.cidr("cidr_block"), asked.world.follow(subnet, "vpc")) else {
            return Ok(());
        };
        if let Some(whole) = vpc.cidr("cidr_block").filter(|whole| !whole.contains(&range)) {
            return Err(invalid("InvalidSubnet.Range", format!("{range} lies outside {whole} of {}", vpc.id)));
        }
        in_zone_of_region(subnet)?;
        let siblings = asked.world.users(vpc).into_iter().filter(|(o, _)| o.kind == subnet.kind && o.key != subnet.key);
        for (other, _) in siblings {
            if let Some(taken) = other.cidr("cidr_block").filter(|taken| overlap(*taken, range)) {
                let text = format!("{range} overlaps {taken} of {}", other.id);
                return Err(exists("InvalidSubnet.Conflict", text));
            }
        }
        Ok(())
    }
}

fn in_zone_of_region(subnet: &Stored) -> Result<(), Error> {
    let region = subnet.region.map_or("", Symbol::as_str);
    match subnet.text("availability_zone") {
        Some(zone) if !zone.starts_with(region) => Err(wrong(format!("the zone {zone} is not in the region {region}"))),
        _ => Ok(()),
    }
}

/// VPCs and subnets are between /16 and /28.
fn sized(object: &Stored, code: &str) -> Result<(), Error> {
    match object.cidr("cidr_block") {
        Some(IpNet::V4(range)) if !(16..=28).contains(&range.prefix_len()) => {
            Err(invalid(code, format!("{range} is not between /16 and /28")))
        }
        _ => Ok(()),
    }
}

/// Whether two ranges share an address.
pub(super) fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}
