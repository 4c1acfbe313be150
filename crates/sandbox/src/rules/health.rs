//! Health checks: what Route 53 can probe.

use std::net::IpAddr;

use topo_model::{Symbol, Type, Value};
use topo_provider::Error;

use super::{Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::shape::filled;
use crate::stored::Stored;

pub(crate) struct HealthCheck;

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

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(config) = config(asked, asked.object) else { return Ok(()) };
        probe(&config)?;
        let Some(before) = asked.before.and_then(|before| self::config(asked, before)) else { return Ok(()) };
        for name in ["type", "request_interval", "measure_latency"] {
            if config.field(name) != before.field(name) {
                return Err(refused(format!("{name} of a health check can't be changed in place")));
            }
        }
        Ok(())
    }
}

/// The settings with what was left out filled in.
fn config(asked: &Asked<'_>, object: &Stored) -> Option<Value> {
    let name = Symbol::new("health_check_config");
    let ty = asked.world.kind(object.kind)?.attribute(name).map_or(Type::Unknown, |(_, a)| a.ty.clone());
    Some(filled(object.attributes.get(name)?, &ty))
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

fn public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified()
                || shared)
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
