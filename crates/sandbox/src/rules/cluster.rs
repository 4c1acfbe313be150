//! EKS clusters.

use std::collections::BTreeSet;

use topo_model::{Attributes, Func, Symbol, Value};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule, arn, policy, security};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Cluster;

/// What a cluster gets that does not say which version.
const NEWEST: &str = "1.35";

/// From which way in to which others a cluster can be moved.
const WAYS_IN: [&str; 3] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];

impl Rule for Cluster {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("eks", object, &format!("cluster/{}", object.id))
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let region = object.region.map_or("", Symbol::as_str);
        let number = mint.hex(32).to_uppercase();
        let authority = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", mint.hex(64));
        let authority = Func::Base64.call(vec![Value::str(authority)]).unwrap_or_default();
        outputs.set(Symbol::new("endpoint"), Value::str(format!("https://{number}.gr7.{region}.eks.amazonaws.com")));
        outputs.set(Symbol::new("certificate_authority_data"), authority);
        outputs.set(Symbol::new("cluster_security_group_id"), Value::str(format!("sg-{}", mint.hex(17))));
        let issuer = format!("https://oidc.eks.{region}.amazonaws.com/id/{number}");
        outputs.set(Symbol::new("open_id_connect_issuer_url"), Value::str(issuer));
    }

    fn codes(&self) -> Codes {
        codes()
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, before, .. } = *asked;
        if before.is_none()
            && let Some(role) = world.follow(object, "role")
        {
            trusts(world, role, "eks.amazonaws.com")?;
        }
        network(world, object)?;
        if let Some(before) = before {
            version(before, object)?;
            way_in(before, object)?;
        }
        Ok(())
    }

    /// EKS makes a security group for the cluster, and decides the version where none is named.
    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(mut cluster) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        if cluster.get("version").is_none() {
            cluster.attributes.set(Symbol::new("version"), Value::str(NEWEST));
            world.put(cluster.clone());
        }
        let vpc = vpc_of(world, &cluster).map(|vpc| vpc.id.clone()).unwrap_or_default();
        let name = format!("eks-cluster-sg-{}-{}", cluster.id, made.mint.number(0, 65536));
        let about = [vpc.as_str(), &name, "made by EKS for the control plane and the nodes"];
        security::make_own(world, &cluster, own_group(&cluster), about, made);
        Ok(())
    }

    fn takes_along<'w>(&self, world: &'w World, object: &Stored) -> Option<&'w Stored> {
        security::by_id(world, object.region, own_group(object))
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let text = || format!("the cluster {} has deletion_protection", object.id);
        object.is("deletion_protection").then(|| invalid("InvalidRequestException", text()))
    }
}

/// The id of the security group that EKS made for a cluster.
fn own_group(cluster: &Stored) -> &str {
    cluster.outputs.get(Symbol::new("cluster_security_group_id")).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn codes() -> Codes {
    Codes { missing: "ResourceNotFoundException", exists: "ResourceInUseException", in_use: "ResourceInUseException" }
}

/// The VPC of a cluster.
pub(super) fn vpc_of<'w>(world: &'w World, cluster: &Stored) -> Option<&'w Stored> {
    let all = world.follow_all(cluster, "resources_vpc_config");
    world.follow(all.into_iter().find(|o| o.kind == "aws.ec2.Subnet")?, "vpc")
}

/// Whether a role's policy lets a service take it on.
pub(super) fn trusts(world: &World, role: &Stored, service: &str) -> Result<(), Error> {
    let Some(trust) = role.text("assume_role_policy_document") else { return Ok(()) };
    if policy::read(world, trust, policy::Use::Trust, "InvalidParameterException")?.trusts(service) {
        return Ok(());
    }
    let text = format!("the role {} does not let {service} take it on", role.id);
    Err(invalid("InvalidParameterException", text))
}

/// Subnets of one VPC in two zones, and groups of the same.
fn network(world: &World, cluster: &Stored) -> Result<(), Error> {
    let Some(vpc) = vpc_of(world, cluster) else { return Ok(()) };
    let all = world.follow_all(cluster, "resources_vpc_config");
    let subnets: Vec<&Stored> = all.into_iter().filter(|o| o.kind == "aws.ec2.Subnet").collect();
    let outside = |o: &&&Stored| world.follow(o, "vpc").is_none_or(|of| of.key != vpc.key);
    if let Some(other) = subnets.iter().find(outside) {
        return Err(invalid("InvalidParameterException", format!("{} is not in {}", other.id, vpc.id)));
    }
    let zones: BTreeSet<&str> = subnets.iter().filter_map(|s| s.text("availability_zone")).collect();
    if zones.len() < 2 {
        return Err(invalid("InvalidParameterException", "a cluster needs subnets in two zones at least"));
    }
    security::all_in(world, cluster, "resources_vpc_config", vpc)
        .map_err(|text| invalid("InvalidParameterException", text))
}

/// A version goes up by one minor at a time.
fn version(before: &Stored, after: &Stored) -> Result<(), Error> {
    let minor = |o: &Stored| o.text("version")?.strip_prefix("1.")?.parse::<i64>().ok();
    let (Some(old), Some(new)) = (minor(before), minor(after)) else { return Ok(()) };
    if new == old || new == old + 1 {
        return Ok(());
    }
    let text = format!("the cluster is at 1.{old} and can't go to 1.{new}: it goes up by one minor at a time");
    Err(invalid("InvalidParameterException", text))
}

/// The way in moves towards the API and never back.
fn way_in(before: &Stored, after: &Stored) -> Result<(), Error> {
    let mode = |o: &Stored| {
        let mode = o.get("access_config").and_then(|config| config.field("authentication_mode"));
        let mode = mode.and_then(Value::as_str).unwrap_or(WAYS_IN[0]);
        WAYS_IN.iter().position(|way| *way == mode).unwrap_or(0)
    };
    let (old, new) = (mode(before), mode(after));
    if new < old {
        let text = format!("the authentication mode can't go from {} back to {}", WAYS_IN[old], WAYS_IN[new]);
        return Err(invalid("InvalidRequestException", text));
    }
    Ok(())
}
