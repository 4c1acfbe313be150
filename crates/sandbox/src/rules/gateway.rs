//! Internet gateways and their attachments.

use topo_provider::Error;

use super::{Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::{dependency, wrong};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct InternetGateway;

pub(crate) struct Attachment;

impl Rule for InternetGateway {
    fn prefix(&self) -> Option<&'static str> {
        Some("igw")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidInternetGatewayID.NotFound", ..Codes::default() }
    }
}

impl Rule for Attachment {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        format!("IGW|{}", object.text("vpc").unwrap_or_default())
    }

    fn codes(&self) -> Codes {
        Codes { missing: "Gateway.NotAttached", exists: "Resource.AlreadyAssociated", ..Codes::default() }
    }

    /// Public addresses inside the VPC would hang in the air.
    fn stays(&self, world: &World, object: &Stored) -> Option<Error> {
        let vpc = world.follow(object, "vpc")?;
        let subnets = world.users(vpc).into_iter().map(|(o, _)| o).filter(|o| o.kind == "aws.ec2.Subnet");
        let user = subnets.flat_map(|subnet| world.users(subnet)).map(|(o, _)| o).find(|o| public(o))?;
        let text = format!("{} has public addresses in use, by {}", vpc.id, user.id);
        Some(dependency("DependencyViolation", text))
    }
}

/// Whether an object has public addresses in its subnets.
fn public(object: &Stored) -> bool {
    let nat = object.kind == "aws.ec2.NatGateway" && object.text("connectivity_type") == Some("public");
    nat || object.kind == "aws.elbv2.LoadBalancer" && object.text("scheme") == Some("internet-facing")
}

/// The attachment of an internet gateway to a VPC.
pub(super) fn of<'w>(world: &'w World, vpc: &Stored) -> Option<&'w Stored> {
    world.users(vpc).into_iter().map(|(o, _)| o).find(|o| o.kind == "aws.ec2.VpcGatewayAttachment")
}

/// Whether a gateway is attached to a VPC.
pub(super) fn attached(asked: &Asked<'_>, gateway: &Stored, vpc: &Stored) -> Result<(), Error> {
    let world: &World = asked.world;
    let attachment = |o: &Stored| o.kind == "aws.ec2.VpcGatewayAttachment";
    let here = |o: &Stored| world.follow(o, "vpc").is_some_and(|v| v.key == vpc.key);
    if world.users(gateway).iter().any(|(o, _)| attachment(o) && here(o)) {
        return Ok(());
    }
    Err(wrong(format!("the gateway {} is not attached to {}", gateway.id, vpc.id)))
}
