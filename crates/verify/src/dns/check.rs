//! Health checks, read.

use std::net::IpAddr;

use rustc_hash::FxHashMap;
use topo_model::{ResId, Symbol, Value};

use super::{EndpointId, Endpoints};
use crate::scene::{Scene, field, leads_to, name_of};

/// A health check's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CheckId(pub(crate) u32);

/// A health check.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) id: ResId,
    pub(crate) probe: Probe,
    /// It says healthy where the probe says unhealthy.
    pub(crate) inverted: bool,
    /// It is not looked at: healthy, or unhealthy where inverted.
    ///
    /// <https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html>
    pub(crate) disabled: bool,
}

/// What a check goes by.
#[derive(Debug, Clone)]
pub(crate) enum Probe {
    /// Checkers around the world ask an endpoint.
    Endpoint {
        watched: Watched,
        /// From the answer to the next request, in milliseconds.
        interval: i64,
        /// How many probes in a row must fail.
        threshold: i64,
        /// After how long a probe that nobody answers has failed, in milliseconds.
        timeout: i64,
    },
    /// Other checks.
    Calculated {
        children: Vec<CheckId>,
        /// How many of them must be healthy.
        threshold: i64,
    },
    /// The state of an alarm.
    Alarm {
        alarm: Option<ResId>,
        /// Where the alarm stands.
        region: Option<Symbol>,
        /// What the check says while the alarm has no data.
        insufficient: Insufficient,
    },
    /// Something that the proofs don't know: it may say anything.
    Unknown,
}

/// What a check on an alarm says while the alarm has no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Insufficient {
    Healthy,
    Unhealthy,
    LastKnown,
}

/// What checkers ask.
#[derive(Debug, Clone)]
pub(crate) enum Watched {
    /// They look the name up before every request.
    Name(String),
    Endpoint(EndpointId),
}

/// After how long an unanswered probe has failed: to connect and to answer over HTTP, with a text to
/// look for, over TCP.
///
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html>:
/// a connection within four seconds and a status within two after it; a text within two more; a TCP
/// connection within ten.
fn timeout(ty: &str) -> i64 {
    match ty {
        "TCP" => 10_000,
        ty if ty.ends_with("_STR_MATCH") => 8_000,
        _ => 6_000,
    }
}

pub(super) fn read(scene: &Scene<'_>, id: ResId, endpoints: &mut Endpoints, ids: &FxHashMap<ResId, CheckId>) -> Check {
    let config = scene.get(id, "health_check_config");
    let is = |name: &str| field(config, name).and_then(Value::as_bool).unwrap_or(false);
    let probe = probe(scene, config, endpoints, ids).unwrap_or(Probe::Unknown);
    Check { id, probe, inverted: is("inverted"), disabled: is("disabled") }
}

fn probe(
    scene: &Scene<'_>,
    config: &Value,
    endpoints: &mut Endpoints,
    ids: &FxHashMap<ResId, CheckId>,
) -> Option<Probe> {
    match field(config, "type")?.as_str()? {
        "CALCULATED" => {
            let children = field(config, "child_health_checks")?.items()?;
            let known = |child| leads_to(child).and_then(|id| ids.get(&id)).copied();
            Some(Probe::Calculated {
                children: children.iter().map(known).collect::<Option<_>>()?,
                threshold: field(config, "health_threshold")?.as_int()?,
            })
        }
        "CLOUDWATCH_METRIC" => {
            let alarm = field(config, "alarm_identifier")?;
            let (name, region) = (field(alarm, "name")?, field(alarm, "region")?.as_str().map(Symbol::new));
            Some(Probe::Alarm {
                alarm: leads_to(name).or_else(|| alarm_named(scene, name.as_str()?, region)),
                region,
                insufficient: match field(config, "insufficient_data_health_status").and_then(Value::as_str) {
                    Some("Unhealthy") => Insufficient::Unhealthy,
                    Some("Healthy") => Insufficient::Healthy,
                    _ => Insufficient::LastKnown,
                },
            })
        }
        ty => Some(Probe::Endpoint {
            watched: watched(scene, config, endpoints)?,
            interval: field(config, "request_interval").map_or(Some(30_000), Value::as_millis)?,
            threshold: field(config, "failure_threshold").map_or(Some(3), Value::as_int)?,
            timeout: timeout(ty),
        }),
    }
}

/// The address is asked where there is one; the name is then only what is asked for.
fn watched(scene: &Scene<'_>, config: &Value, endpoints: &mut Endpoints) -> Option<Watched> {
    if let Some(address) = field(config, "ip_address") {
        return match address {
            Value::Ip(address) => Some(Watched::Endpoint(endpoints.address(*address))),
            Value::Str(text) => Some(Watched::Endpoint(endpoints.address(text.parse::<IpAddr>().ok()?))),
            other => Some(Watched::Endpoint(endpoints.computed(scene, other))),
        };
    }
    let name = field(config, "fully_qualified_domain_name")?;
    match name_of(name) {
        Some(name) => {
            endpoints.outside(&name);
            Some(Watched::Name(name))
        }
        None => Some(Watched::Endpoint(endpoints.computed(scene, name))),
    }
}

fn alarm_named(scene: &Scene<'_>, name: &str, region: Option<Symbol>) -> Option<ResId> {
    let alarms = scene.of("aws.cloudwatch.Alarm").iter().copied();
    let mut named = alarms.filter(|alarm| scene.text(*alarm, "alarm_name") == Some(name));
    named.find(|alarm| scene.region(*alarm) == region)
}
