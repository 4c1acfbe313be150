//! Record sets: what may stand side by side in a zone.

use std::net::{Ipv4Addr, Ipv6Addr};

use topo_model::{Symbol, Value, dns_name};
use topo_provider::Error;

use super::{Asked, Codes, Made, Rule, certificate};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct RecordSet;

/// The attributes that choose between the records of a name and type.
const POLICIES: [&str; 5] = ["failover", "region", "weight", "geo_location", "multi_value_answer"];

impl Rule for RecordSet {
    /// The zone, name, type and set identifier, as one word.
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let part = |name: &str| object.text(name).unwrap_or_default();
        let set = object.text("set_identifier").map(|s| format!("_{s}")).unwrap_or_default();
        format!("{}_{}_{}{set}", part("hosted_zone"), dns_name(part("name")), part("type"))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidChangeBatch", exists: "InvalidChangeBatch", ..Codes::default() }
    }

    /// Records can be written while their zone is still on its way to the name servers.
    fn awaits(&self, _: &str) -> bool {
        false
    }

    /// A health check can be deleted though records still ask for it.
    fn keeps(&self, attribute: &str) -> bool {
        attribute != "health_check"
    }

    fn sent_whole(&self) -> bool {
        true
    }

    fn spreads(&self) -> bool {
        true
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(zone) = asked.world.follow(asked.object, "hosted_zone") else { return Ok(()) };
        let record = asked.object;
        inside(record, zone)?;
        answer(record)?;
        policy(record)?;
        let users = asked.world.users(zone);
        let name = dns_name(record.text("name").unwrap_or_default());
        let here = |o: &&Stored| o.kind == record.kind && dns_name(o.text("name").unwrap_or_default()) == name;
        let siblings: Vec<&Stored> =
            users.iter().map(|(o, _)| *o).filter(here).filter(|o| o.key != record.key).collect();
        beside(record, &siblings)?;
        targets(record, zone, &users)
    }

    fn done(&self, world: &mut World, key: Key, _: &Made<'_>) -> Result<(), Error> {
        if world.get(key).is_some_and(certificate::may_prove) {
            certificate::issue(world);
        }
        Ok(())
    }
}

fn inside(record: &Stored, zone: &Stored) -> Result<(), Error> {
    let name = dns_name(record.text("name").unwrap_or_default());
    let apex = dns_name(zone.text("name").unwrap_or_default());
    if name != apex && !name.ends_with(&format!(".{apex}")) {
        return Err(refused(format!("{name} lies outside the zone {apex}")));
    }
    if name == apex && record.text("type") == Some("CNAME") {
        return Err(refused(format!("a CNAME can't stand at {apex}, the top of its zone")));
    }
    Ok(())
}

/// Values and a TTL, or an alias.
fn answer(record: &Stored) -> Result<(), Error> {
    let name = record.text("name").unwrap_or_default();
    let ty = record.text("type").unwrap_or_default();
    let Some(values) = record.get("resource_records").and_then(Value::items) else {
        if record.get("ttl").is_some() {
            return Err(refused(format!("{name} is an alias, which takes the TTL of its target")));
        }
        return Ok(());
    };
    if record.get("ttl").is_none() {
        return Err(refused(format!("{name} has values and no TTL")));
    }
    if values.is_empty() {
        return Err(refused(format!("{name} has no values")));
    }
    if ty == "CNAME" && values.len() != 1 {
        return Err(refused(format!("{name} is a CNAME and has {} values", values.len())));
    }
    for value in values.iter().filter_map(Value::as_str) {
        let right = match ty {
            "A" => value.parse::<Ipv4Addr>().is_ok(),
            "AAAA" => value.parse::<Ipv6Addr>().is_ok(),
            _ => !value.is_empty(),
        };
        if !right {
            return Err(refused(format!("'{value}' is not a value of a record of type {ty}")));
        }
    }
    Ok(())
}

/// One routing policy, with a set identifier, or neither.
fn policy(record: &Stored) -> Result<(), Error> {
    let name = record.text("name").unwrap_or_default();
    let set: Vec<&str> = policies(record).collect();
    if set.len() > 1 {
        return Err(refused(format!("{name} has more than one routing policy: {}", set.join(", "))));
    }
    if set.is_empty() == record.get("set_identifier").is_some() {
        return Err(refused(format!("{name}: a set identifier goes with a routing policy, and the other way round")));
    }
    let steered = record.text("failover") == Some("PRIMARY") && record.get("alias_target").is_none();
    if steered && record.get("health_check").is_none() {
        return Err(refused(format!("{name}: a primary that is not an alias needs a health check")));
    }
    Ok(())
}

fn policies(record: &Stored) -> impl Iterator<Item = &'static str> {
    POLICIES.into_iter().filter(|name| record.get(name).is_some())
}

/// What the other records of the name allow.
fn beside(record: &Stored, siblings: &[&Stored]) -> Result<(), Error> {
    let name = record.text("name").unwrap_or_default();
    let ty = record.text("type");
    for other in siblings {
        if other.text("type") != ty {
            if ty == Some("CNAME") || other.text("type") == Some("CNAME") {
                return Err(refused(format!("{name}: a CNAME can't stand beside records of other types")));
            }
            continue;
        }
        if policies(record).next() != policies(other).next() {
            return Err(refused(format!("{name}: records of one name and type have one routing policy")));
        }
        for once in ["failover", "region", "geo_location"] {
            if let Some(value) = record.get(once).filter(|value| other.get(once) == Some(value)) {
                return Err(refused(format!("{name}: there is a record with {once} = {value} already")));
            }
        }
    }
    Ok(())
}

/// An alias to a name of the same zone must find it there.
fn targets(record: &Stored, zone: &Stored, users: &[(&Stored, Symbol)]) -> Result<(), Error> {
    let Some(alias) = record.get("alias_target") else { return Ok(()) };
    let text = |name: &str| alias.field(name).and_then(Value::as_str).unwrap_or_default();
    if text("hosted_zone_id") != zone.id {
        return Ok(());
    }
    let target = dns_name(text("dns_name"));
    let fits =
        |o: &Stored| o.text("type") == record.text("type") && dns_name(o.text("name").unwrap_or_default()) == target;
    if users.iter().any(|(o, _)| o.key != record.key && fits(o)) {
        return Ok(());
    }
    Err(refused(format!("the alias target {target} is not in the zone")))
}

fn refused(text: impl Into<String>) -> Error {
    invalid("InvalidChangeBatch", text)
}
