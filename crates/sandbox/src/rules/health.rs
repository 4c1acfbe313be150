//! Health checks: what Route 53 can probe, and what it says of the health of each.

use std::net::IpAddr;

use topo_model::{Attributes, Symbol, Type, Value};
use topo_provider::Error;

use super::{Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::shape::filled;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct HealthCheck;

/// The most health checks that one can count.
const MAX_CHILDREN: usize = 255;

const CONFIG: &str = "health_check_config";

impl Rule for HealthCheck {
    fn id(&self, mint: &Mint, _: &Stored) -> String {
        mint.uuid()
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:route53:::healthcheck/{}", object.id)
    }

    /// The tags of a health check are set by a call of their own.
    fn later(&self) -> &'static [&'static str] {
        &["tags"]
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NoSuchHealthCheck", exists: "HealthCheckAlreadyExists", ..Codes::default() }
    }

    /// A health check can be deleted though a calculated one counts it, and an alarm though a
    /// health check looks at it.
    fn keeps(&self, attribute: &str) -> bool {
        attribute != CONFIG
    }

    /// A new check counts as healthy, and what it is made from need not be ready.
    fn awaits(&self, attribute: &str) -> bool {
        attribute != CONFIG
    }

    /// Whether its probes succeed. What does not probe follows from others.
    fn happens(&self, name: &str) -> Option<Type> {
        (name == "health").then(|| Type::Union([HEALTHY, UNHEALTHY].map(Symbol::new).into()))
    }

    fn told(&self, world: &World, object: &Stored, outputs: &mut Attributes) {
        let name = Symbol::new("health");
        if world.kind(object.kind).is_some_and(|kind| kind.output(name).is_some()) {
            outputs.set(name, Value::str(if healthy(world, object) { HEALTHY } else { UNHEALTHY }));
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(config) = config(asked.world, asked.object) else { return Ok(()) };
        match config.field("type").and_then(Value::as_str) {
            Some("CALCULATED") => counted(asked.world, asked.object, &config)?,
            Some("CLOUDWATCH_METRIC") => watched(asked.world, &config)?,
            _ => probe(&config)?,
        }
        let Some(before) = asked.before.and_then(|before| self::config(asked.world, before)) else { return Ok(()) };
        for name in ["type", "request_interval", "measure_latency"] {
            if config.field(name) != before.field(name) {
                return Err(refused(format!("{name} of a health check can't be changed in place")));
            }
        }
        Ok(())
    }
}

/// The settings with what was left out filled in.
fn config(world: &World, object: &Stored) -> Option<Value> {
    let name = Symbol::new(CONFIG);
    let ty = world.kind(object.kind)?.attribute(name).map_or(Type::Unknown, |(_, a)| a.ty.clone());
    Some(filled(object.attributes.get(name)?, &ty))
}

const HEALTHY: &str = "Healthy";
const UNHEALTHY: &str = "Unhealthy";

/// Whether Route 53 calls a health check healthy.
fn healthy(world: &World, check: &Stored) -> bool {
    let Some(config) = config(world, check) else { return true };
    let is = |name: &str| config.field(name).and_then(Value::as_bool) == Some(true);
    if is("disabled") {
        return true;
    }
    let well = match config.field("type").and_then(Value::as_str) {
        Some("CALCULATED") => {
            let needed = config.field("health_threshold").and_then(Value::as_int).unwrap_or(0);
            // Children are never calculated: this ends.
            let well = children(world, check).filter(|child| !calculated(world, child) && healthy(world, child));
            well.count() as i64 >= needed
        }
        Some("CLOUDWATCH_METRIC") => match alarm(world, &config).and_then(state) {
            Some("OK") => true,
            Some("ALARM") => false,
            // What was known last is what a new check starts with.
            _ => config.field("insufficient_data_health_status").and_then(Value::as_str) != Some(UNHEALTHY),
        },
        _ => check.outputs.get(Symbol::new("health")).and_then(Value::as_str) != Some(UNHEALTHY),
    };
    well != is("inverted")
}

fn children<'w>(world: &'w World, check: &Stored) -> impl Iterator<Item = &'w Stored> {
    world.follow_all(check, CONFIG).into_iter().filter(|o| o.kind == check.kind)
}

fn calculated(world: &World, check: &Stored) -> bool {
    config(world, check).is_some_and(|config| config.field("type").and_then(Value::as_str) == Some("CALCULATED"))
}

fn state(alarm: &Stored) -> Option<&str> {
    alarm.outputs.get(Symbol::new("state_value")).and_then(Value::as_str)
}

/// The alarm of a name in the region that goes with it.
fn alarm<'w>(world: &'w World, config: &Value) -> Option<&'w Stored> {
    let at = config.field("alarm_identifier")?;
    let Value::Region(region) = at.field("region")? else { return None };
    world.by_id(Symbol::new("aws.cloudwatch.Alarm"), Some(*region), at.field("name")?.as_str()?)
}

fn counted(world: &World, check: &Stored, config: &Value) -> Result<(), Error> {
    let count = config.field("child_health_checks").and_then(Value::items).map_or(0, <[Value]>::len);
    if !(1..=MAX_CHILDREN).contains(&count) {
        return Err(refused(format!("a calculated check has 1 to {MAX_CHILDREN} children, not {count}")));
    }
    match children(world, check).find(|child| calculated(world, child)) {
        Some(child) => Err(refused(format!("{} is calculated and can't be a child", child.id))),
        None => Ok(()),
    }
}

fn watched(world: &World, config: &Value) -> Result<(), Error> {
    let at = config.field("alarm_identifier").filter(|at| !at.is_none());
    let Some(at) = at else { return Err(refused("there is no alarm to look at")) };
    if alarm(world, config).is_some() {
        return Ok(());
    }
    let part = |name: &str| at.field(name).map(Value::to_string).unwrap_or_default();
    Err(refused(format!("there is no alarm {} in {}", part("name"), part("region"))))
}

fn probe(config: &Value) -> Result<(), Error> {
    let set = |name: &str| config.field(name).filter(|v| !v.is_none());
    let ty = set("type").and_then(Value::as_str).unwrap_or_default();
    if let Some(ms) = set("request_interval").and_then(Value::as_millis).filter(|ms| ![10_000, 30_000].contains(ms)) {
        return Err(refused(format!("an interval of {} is neither 10s nor 30s", Value::Duration(ms))));
    }
    if let Some(n) = set("failure_threshold").and_then(Value::as_int).filter(|n| !(1..=10).contains(n)) {
        return Err(refused(format!("a failure threshold of {n} is outside 1..10")));
    }
    if set("ip_address").is_none() && set("fully_qualified_domain_name").is_none() {
        return Err(refused("there is neither a name nor an address to probe"));
    }
    if let Some(Value::Ip(address)) = set("ip_address")
        && !public(*address)
    {
        return Err(refused(format!("{address} is not a public address and can't be probed")));
    }
    if ty.ends_with("_STR_MATCH") != set("search_string").is_some() {
        return Err(refused(format!("a search string goes with a string-match type; the type is {ty}")));
    }
    if ty == "TCP" && set("port").is_none() {
        return Err(refused("a check over TCP needs a port"));
    }
    if let Some(regions) = set("regions").and_then(Value::items).filter(|regions| regions.len() < 3) {
        return Err(refused(format!("{} checker regions are fewer than three", regions.len())));
    }
    Ok(())
}

/// Whether the internet routes to an address.
///
/// https://www.iana.org/assignments/iana-ipv4-special-registry/
fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let own = match v4.octets() {
                [0, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [100, 64..=127, ..] | [224..=255, ..] => true,
                _ => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
            };
            !own
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || v6.is_multicast()
                || v6.is_unspecified())
        }
    }
}

fn refused(text: impl Into<String>) -> Error {
    invalid("InvalidInput", text)
}
