//! Internet gateways and their attachments.

use topo_provider::Error;

use super::{Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::wrong;
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
