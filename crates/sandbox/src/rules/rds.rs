//! Databases: clusters of one region and of several, servers, and what they are told by name.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{ACCOUNT, Asked, Codes, Rule, arn};
use crate::mint::Mint;
use crate::refusal::{dependency, invalid};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct SubnetGroup;

pub(crate) struct ParameterGroup;

pub(crate) struct GlobalCluster;

pub(crate) struct Cluster;

pub(crate) struct Instance;

const STATE: &str = "InvalidDBClusterStateFault";

fn text(outputs: &mut Attributes, name: &str, value: impl AsRef<str>) {
    outputs.set(Symbol::new(name), Value::str(value.as_ref()));
}

/// A name that a region's databases answer under.
fn host(object: &Stored, mint: &Mint, kind: &str) -> String {
    let region = object.region.map_or("", Symbol::as_str);
    format!("{}.{kind}{}.{region}.rds.amazonaws.com", object.id, mint.hex(12))
}

fn port(object: &Stored) -> String {
    let by_engine = if object.text("engine").is_some_and(|e| e.contains("postgres")) { 5432 } else { 3306 };
    object.get("port").and_then(Value::as_int).unwrap_or(by_engine).to_string()
}

fn protected(object: &Stored, code: &'static str) -> Option<Error> {
    let text = || format!("{} has deletion_protection and can't be deleted", object.id);
    object.is("deletion_protection").then(|| invalid(code, text()))
}

impl Rule for SubnetGroup {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("db_subnet_group_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("rds", object, &format!("subgrp:{}", object.id))
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "DBSubnetGroupNotFoundFault",
            exists: "DBSubnetGroupAlreadyExists",
            in_use: "InvalidDBSubnetGroupStateFault",
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let subnets = world.follow_all(object, "subnets");
        let Some(vpc) = subnets.first().and_then(|subnet| world.follow(subnet, "vpc")) else { return Ok(()) };
        match subnets.iter().find(|subnet| world.follow(subnet, "vpc").is_none_or(|of| of.key != vpc.key)) {
            Some(other) => Err(invalid("InvalidSubnet", format!("{} is not in {}", other.id, vpc.id))),
            None => Ok(()),
        }
    }
}

impl Rule for ParameterGroup {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("db_cluster_parameter_group_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("rds", object, &format!("cluster-pg:{}", object.id))
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "DBParameterGroupNotFound",
            exists: "DBParameterGroupAlreadyExists",
            in_use: "InvalidDBParameterGroupState",
        }
    }
}

impl Rule for GlobalCluster {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("global_cluster_identifier").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:rds::{ACCOUNT}:global-cluster:{}", object.id)
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        let name = format!("{}.global-{}.global.rds.amazonaws.com", object.id, mint.hex(12));
        text(outputs, "global_endpoint_address", name);
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "GlobalClusterNotFoundFault",
            exists: "GlobalClusterAlreadyExistsFault",
            in_use: "InvalidGlobalClusterStateFault",
        }
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        protected(object, "InvalidGlobalClusterStateFault")
    }
}

/// The clusters of a global one, the first made at the front: it takes the writes.
fn members<'w>(world: &'w World, global: &Stored) -> Vec<&'w Stored> {
    let users = world.users(global).into_iter().map(|(user, _)| user);
    let mut clusters: Vec<&Stored> = users.filter(|user| user.kind == "aws.rds.DBCluster").collect();
    clusters.sort_by_key(|cluster| cluster.key);
    clusters
}

impl Rule for Cluster {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("db_cluster_identifier").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("rds", object, &format!("cluster:{}", object.id))
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        text(outputs, "endpoint_address", host(object, mint, "cluster-"));
        text(outputs, "read_endpoint_address", host(object, mint, "cluster-ro-"));
        text(outputs, "endpoint_port", port(object));
        text(outputs, "db_cluster_resource_id", format!("cluster-{}", mint.upper(26)));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "DBClusterNotFoundFault", exists: "DBClusterAlreadyExistsFault", in_use: STATE }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, before, now } = *asked;
        let global = world.follow(object, "global_cluster");
        if let Some(before) = before {
            return moved(before, object);
        }
        let Some(global) = global else { return Ok(()) };
        let all = members(world, global);
        let others: Vec<&Stored> = all.into_iter().filter(|other| other.key != object.key).collect();
        let leads = object.get("master_username").is_some();
        let Some(primary) = others.first() else {
            let text = format!("{} has no cluster yet: its first one needs a master user", global.id);
            return if leads { Ok(()) } else { Err(invalid("InvalidParameterCombination", text)) };
        };
        if leads {
            let text =
                format!("{} takes writes in {}: a cluster that follows has no master user", primary.id, global.id);
            return Err(invalid("InvalidParameterCombination", text));
        }
        if let Some(other) = others.iter().find(|other| other.region == object.region) {
            let text = format!("{} has {} in this region already", global.id, other.id);
            return Err(invalid("InvalidGlobalClusterStateFault", text));
        }
        if now < primary.ready_at {
            return Err(crate::refusal::conflict(STATE, format!("{} is not ready yet", primary.id)));
        }
        Ok(())
    }

    fn stays(&self, world: &World, object: &Stored) -> Option<Error> {
        if let Some(refusal) = protected(object, "InvalidParameterCombination") {
            return Some(refusal);
        }
        let others = members(world, world.follow(object, "global_cluster")?);
        let first = others.first().filter(|first| first.key > object.key)?;
        Some(dependency(STATE, format!("{} follows {}, which can't be deleted before it", first.id, object.id)))
    }
}

/// A cluster leaves a global one, and never joins one later.
fn moved(before: &Stored, after: &Stored) -> Result<(), Error> {
    let (was, is) = (before.text("global_cluster"), after.text("global_cluster"));
    match is {
        Some(is) if was != Some(is) => {
            Err(invalid("InvalidParameterCombination", format!("{} joins {is} when it is made, not later", after.id)))
        }
        _ => Ok(()),
    }
}

impl Rule for Instance {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("db_instance_identifier").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("rds", object, &format!("db:{}", object.id))
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        text(outputs, "endpoint_address", host(object, mint, ""));
        text(outputs, "endpoint_port", port(object));
        text(outputs, "dbi_resource_id", format!("db-{}", mint.upper(26)));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "DBInstanceNotFound", exists: "DBInstanceAlreadyExists", in_use: "InvalidDBInstanceState" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { object, before, .. } = *asked;
        let size = |o: &Stored| match o.get("allocated_storage") {
            Some(Value::Size(bytes)) => Some(*bytes),
            _ => None,
        };
        match (before.and_then(size), size(object)) {
            (Some(old), Some(new)) if new < old => {
                let (old, new) = (Value::Size(old), Value::Size(new));
                let text = format!("the storage of {} can't shrink from {old} to {new}", object.id);
                Err(invalid("InvalidParameterCombination", text))
            }
            _ => Ok(()),
        }
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        protected(object, "InvalidParameterCombination")
    }
}
