//! VPC endpoints: gateways, which add routes, and interfaces, which have addresses.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Rule, security};
use crate::mint::Mint;
use crate::refusal::{exists, invalid, wrong};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Endpoint;

/// The services that have gateways.
const GATEWAYS: [&str; 2] = ["s3", "dynamodb"];

impl Rule for Endpoint {
    fn prefix(&self) -> Option<&'static str> {
        Some("vpce")
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let count = object.get("subnets").and_then(Value::items).map_or(0, <[Value]>::len);
        let interfaces = (0..count).map(|at| {
            let digits = Mint::of(&format!("{}/interface/{at}", object.id)).hex(17);
            Value::str(format!("eni-{digits}"))
        });
        outputs.set(Symbol::new("network_interface_ids"), Value::list(interfaces.collect()));
        let mut entries = Vec::new();
        if let Some(service) = object.text("service_name").filter(|_| count > 0 && is(object, "Interface")) {
            let service = service.rsplit('.').next().unwrap_or_default();
            let region = object.region.map_or("", Symbol::as_str);
            let (zone, part) = (Mint::of(&format!("{region}/vpce")).upper(13), mint.lower(8));
            entries.push(Value::str(format!("Z{zone}:{}-{part}.{service}.{region}.vpce.amazonaws.com", object.id)));
        }
        outputs.set(Symbol::new("dns_entries"), Value::list(entries));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidVpcEndpointId.NotFound", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(vpc) = world.follow(object, "vpc") else { return Ok(()) };
        known_service(object)?;
        security::all_in(world, object, "security_groups", vpc).map_err(wrong)?;
        let inside = |o: &&Stored| world.follow(o, "vpc").is_none_or(|of| of.key != vpc.key);
        for attribute in ["subnets", "route_tables"] {
            if let Some(other) = world.follow_all(object, attribute).into_iter().find(inside) {
                return Err(wrong(format!("{} is not in {}", other.id, vpc.id)));
            }
        }
        one_subnet_a_zone(world, object)?;
        alone(world, object, vpc)
    }
}

fn is(endpoint: &Stored, what: &str) -> bool {
    endpoint.text("vpc_endpoint_type") == Some(what)
}

/// Whether AWS has the service, in this region and of this type.
fn known_service(endpoint: &Stored) -> Result<(), Error> {
    let name = endpoint.text("service_name").unwrap_or_default();
    let region = endpoint.region.map_or("", Symbol::as_str);
    let Some(rest) = name.strip_prefix("com.amazonaws.").filter(|rest| !rest.starts_with("vpce.")) else {
        return Ok(());
    };
    let service = rest.strip_prefix(region).and_then(|rest| rest.strip_prefix('.'));
    let Some(service) = service.filter(|service| !service.is_empty()) else {
        return Err(invalid("InvalidServiceName", format!("there is no service '{name}' in {region}")));
    };
    if is(endpoint, "Gateway") && !GATEWAYS.contains(&service) {
        let text = format!("'{name}' has no endpoint of type Gateway: only s3 and dynamodb have");
        return Err(invalid("InvalidParameter", text));
    }
    Ok(())
}

fn one_subnet_a_zone(world: &World, endpoint: &Stored) -> Result<(), Error> {
    let subnets = world.follow_all(endpoint, "subnets");
    for (at, subnet) in subnets.iter().enumerate() {
        let zone = subnet.get("availability_zone");
        if let Some(other) = subnets[..at].iter().find(|other| other.get("availability_zone") == zone) {
            let text = format!("{} and {} are in one zone", other.id, subnet.id);
            return Err(invalid("DuplicateSubnetsInSameZone", text));
        }
    }
    Ok(())
}

/// Whether no other endpoint of the VPC has the same routes or the same private name.
fn alone(world: &World, endpoint: &Stored, vpc: &Stored) -> Result<(), Error> {
    let service = endpoint.text("service_name");
    let rivals = world.users(vpc).into_iter().map(|(o, _)| o);
    let rivals =
        rivals.filter(|o| o.kind == endpoint.kind && o.key != endpoint.key && o.text("service_name") == service);
    for other in rivals {
        if endpoint.is("private_dns_enabled") && other.is("private_dns_enabled") {
            let text = format!("{} answers for the private name of {} already", other.id, service.unwrap_or_default());
            return Err(invalid("InvalidParameter", text));
        }
        let tables = world.follow_all(other, "route_tables");
        let shared =
            world.follow_all(endpoint, "route_tables").into_iter().find(|t| tables.iter().any(|o| o.key == t.key));
        if let Some(table) = shared {
            let text = format!("{} has the route of {} already", table.id, other.id);
            return Err(exists("RouteAlreadyExists", text));
        }
    }
    Ok(())
}
