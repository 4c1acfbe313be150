//! Load balancers and target groups.

use std::collections::BTreeSet;

use ipnet::IpNet;
use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Rule, arn, gateway, security};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct LoadBalancer;

pub(crate) struct TargetGroup;

const SERVICE: &str = "elasticloadbalancing";

impl Rule for LoadBalancer {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        let name = object.text("name").unwrap_or_default();
        arn(SERVICE, object, &format!("loadbalancer/{}/{name}/{}", short(object), mint.hex(16)))
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let name = object.text("name").unwrap_or_default();
        let region = object.region.map_or("", Symbol::as_str);
        let full = object.id.split_once(":loadbalancer/").map_or("", |(_, full)| full);
        let dns = if short(object) == "app" {
            let inside = if object.text("scheme") == Some("internal") { "internal-" } else { "" };
            format!(
                "{inside}{name}-{}.{region}.elb.amazonaws.com",
                1_000_000_000 + u64::from(mint.number(9, 65536)) * 13_001
            )
        } else {
            format!("{name}-{}.elb.{region}.amazonaws.com", mint.hex(16))
        };
        // One zone for all load balancers of a type in a region.
        let zone = format!("Z{}", Mint::of(&format!("{region}/{}", short(object))).upper(13));
        let told = [
            ("dns_name", dns.as_str()),
            ("canonical_hosted_zone_id", &zone),
            ("load_balancer_full_name", full),
            ("load_balancer_name", name),
        ];
        told.into_iter().for_each(|(output, value)| outputs.set(Symbol::new(output), Value::str(value)));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "LoadBalancerNotFound", exists: "DuplicateLoadBalancerName", in_use: "ResourceInUse" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, before, .. } = *asked;
        let vpc = network(world, object)?;
        zones(world, object)?;
        if let Some(vpc) = vpc {
            security::all_in(world, object, "security_groups", vpc)
                .map_err(|text| invalid("InvalidConfigurationRequest", text))?;
            if object.text("scheme") == Some("internet-facing") && gateway::of(world, vpc).is_none() {
                return Err(invalid("InvalidSubnet", format!("{} has no internet gateway attached", vpc.id)));
            }
        }
        let secured = |o: &Stored| o.get("security_groups").and_then(Value::items).is_some_and(|g| !g.is_empty());
        if let Some(before) = before.filter(|_| short(object) == "net")
            && secured(before) != secured(object)
        {
            let text = "a network load balancer that was made without security groups never has any, \
                        and one that was made with some keeps some";
            return Err(invalid("InvalidConfigurationRequest", text));
        }
        Ok(())
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let Some(Value::Map(map)) = object.get("load_balancer_attributes") else { return None };
        let protection = map.get(&Value::str("deletion_protection.enabled"));
        let text = || format!("{} has deletion_protection.enabled", object.text("name").unwrap_or_default());
        (protection.and_then(Value::as_str) == Some("true")).then(|| invalid("OperationNotPermitted", text()))
    }
}

impl Rule for TargetGroup {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        let name = object.text("name").unwrap_or_default();
        arn(SERVICE, object, &format!("targetgroup/{name}/{}", mint.hex(16)))
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        let full = object.id.rsplit(':').next().unwrap_or_default();
        outputs.set(Symbol::new("target_group_full_name"), Value::str(full));
        outputs.set(Symbol::new("target_group_name"), object.get("name").cloned().unwrap_or_default());
    }

    fn codes(&self) -> Codes {
        Codes { missing: "TargetGroupNotFound", exists: "DuplicateTargetGroupName", in_use: "ResourceInUse" }
    }
}

/// The type, as ARNs say it.
pub(super) fn short(balancer: &Stored) -> &'static str {
    match balancer.text("type") {
        Some("network") => "net",
        Some("gateway") => "gwy",
        _ => "app",
    }
}

fn subnets<'w>(world: &'w World, balancer: &Stored) -> Vec<&'w Stored> {
    let mut all = world.follow_all(balancer, "subnets");
    let mapped = world.follow_all(balancer, "subnet_mappings");
    all.extend(mapped.into_iter().filter(|o| o.kind == "aws.ec2.Subnet"));
    all
}

/// The VPC of a load balancer: the one that all its subnets are in.
pub(super) fn network<'w>(world: &'w World, balancer: &Stored) -> Result<Option<&'w Stored>, Error> {
    let subnets = subnets(world, balancer);
    let Some(vpc) = subnets.first().and_then(|subnet| world.follow(subnet, "vpc")) else { return Ok(None) };
    let outside = |o: &&&Stored| world.follow(o, "vpc").is_none_or(|of| of.key != vpc.key);
    match subnets.iter().find(outside) {
        Some(other) => Err(invalid("InvalidSubnet", format!("{} is not in {}", other.id, vpc.id))),
        None => Ok(Some(vpc)),
    }
}

/// One subnet in a zone; for an application load balancer in two zones, and large enough.
fn zones(world: &World, balancer: &Stored) -> Result<(), Error> {
    let subnets = subnets(world, balancer);
    let zones: BTreeSet<&str> = subnets.iter().filter_map(|s| s.text("availability_zone")).collect();
    if zones.len() < subnets.len() {
        let text = "a load balancer has one subnet in a zone, and two of these are in one";
        return Err(invalid("InvalidConfigurationRequest", text));
    }
    if short(balancer) != "app" {
        return Ok(());
    }
    if zones.len() < 2 {
        let text = "an application load balancer needs subnets in two zones at least";
        return Err(invalid("ValidationError", text));
    }
    let small = |s: &&&Stored| matches!(s.cidr("cidr_block"), Some(IpNet::V4(range)) if range.prefix_len() > 27);
    match subnets.iter().find(small) {
        Some(subnet) => {
            let text = format!("{} is smaller than /27, too small for an application load balancer", subnet.id);
            Err(invalid("InvalidSubnet", text))
        }
        None => Ok(()),
    }
}
