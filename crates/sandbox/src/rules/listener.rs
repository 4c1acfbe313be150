//! Listeners and their certificates.

use topo_provider::Error;

use super::{Asked, Codes, Rule, balancer, certificate};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Listener;

pub(crate) struct ListenerCertificate;

impl Rule for Listener {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        let balancer = object.text("load_balancer").unwrap_or_default();
        format!("{}/{}", balancer.replacen(":loadbalancer/", ":listener/", 1), mint.hex(16))
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("load_balancer")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ListenerNotFound", exists: "DuplicateListener", in_use: "ResourceInUse" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        issued(world, object)?;
        let Some(balancer) = world.follow(object, "load_balancer") else { return Ok(()) };
        for group in world.follow_all(object, "default_actions") {
            fits(world, balancer, group)?;
            elsewhere(world, balancer, group)?;
        }
        Ok(())
    }
}

impl Rule for ListenerCertificate {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let part = |name: &str| object.text(name).unwrap_or_default();
        format!("{}_{}", part("listener"), part("certificate"))
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("listener")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ListenerNotFound", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        issued(asked.world, asked.object)
    }
}

/// A listener takes a certificate once ACM has issued it.
fn issued(world: &World, object: &Stored) -> Result<(), Error> {
    match world.follow(object, "certificate") {
        Some(of) if !certificate::issued(of) => {
            let text = format!("the certificate {} is not issued: wait for its validation first", of.id);
            Err(invalid("UnsupportedCertificate", text))
        }
        _ => Ok(()),
    }
}

/// Whether a load balancer can forward to a target group: same network, a protocol it speaks.
fn fits(world: &World, of: &Stored, group: &Stored) -> Result<(), Error> {
    let name = group.text("name").unwrap_or_default();
    if let (Some(here), Some(there)) = (balancer::network(world, of)?, world.follow(group, "vpc"))
        && here.key != there.key
    {
        let text = format!("the target group {name} is in {}, the load balancer in {}", there.id, here.id);
        return Err(invalid("InvalidConfigurationRequest", text));
    }
    let known: &[&str] = match balancer::short(of) {
        "app" => &["HTTP", "HTTPS"],
        "net" => &["TCP", "TLS", "UDP", "TCP_UDP"],
        _ => &["GENEVE"],
    };
    match group.text("protocol") {
        Some(protocol) if !known.contains(&protocol) => {
            let of = of.text("type").unwrap_or_default();
            let text = format!("a load balancer of type {of} can't speak {protocol} to the target group {name}");
            Err(invalid("InvalidConfigurationRequest", text))
        }
        _ => Ok(()),
    }
}

/// A target group has one load balancer.
fn elsewhere(world: &World, balancer: &Stored, group: &Stored) -> Result<(), Error> {
    let listeners = world.users(group).into_iter().map(|(o, _)| o).filter(|o| o.kind == "aws.elbv2.Listener");
    let mut others = listeners.filter_map(|listener| world.follow(listener, "load_balancer"));
    match others.find(|other| other.key != balancer.key) {
        Some(other) => {
            let (group, other) = (group.text("name").unwrap_or_default(), other.text("name").unwrap_or_default());
            let text = format!("the target group {group} belongs to the load balancer {other} already");
            Err(invalid("TargetGroupAssociationLimit", text))
        }
        None => Ok(()),
    }
}
