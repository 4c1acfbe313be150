//! What watches and tells: log groups, alarms, dashboards, event rules.

use topo_model::{Attributes, Symbol, Type, Value};
use topo_provider::Error;

use super::{ACCOUNT, Asked, Codes, Rule, kms};
use crate::mint::Mint;
use crate::refusal::{invalid, missing};
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct LogGroup;

pub(crate) struct Alarm;

pub(crate) struct Dashboard;

pub(crate) struct EventRule;

pub(crate) struct Target;

/// How many targets a rule may have.
const MAX_TARGETS: usize = 5;

fn arn(service: &str, object: &Stored, what: &str) -> String {
    format!("arn:aws:{service}:{}:{ACCOUNT}:{what}", object.region.map_or("", Symbol::as_str))
}

impl Rule for LogGroup {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("log_group_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("logs", object, &format!("log-group:{}:*", object.id))
    }

    /// How long entries are kept is set by a call of its own.
    fn later(&self) -> &'static [&'static str] {
        &["retention"]
    }

    fn codes(&self) -> Codes {
        Codes {
            missing: "ResourceNotFoundException",
            exists: "ResourceAlreadyExistsException",
            in_use: "OperationAbortedException",
        }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(key) = asked.world.follow(asked.object, "kms_key") else { return Ok(()) };
        let service = format!("logs.{}.amazonaws.com", asked.object.region.map_or("", Symbol::as_str));
        let served = [service.as_str(), "logs.amazonaws.com"];
        if served.iter().any(|who| kms::serves(asked.world, key, who, "kms:GenerateDataKey")) {
            return Ok(());
        }
        let text = format!("the policy of the key {} does not let {service} use it", key.id);
        Err(invalid("InvalidParameterException", text))
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let text = || format!("{} is protected against deletion", object.id);
        object.is("deletion_protection_enabled").then(|| invalid("ValidationException", text()))
    }
}

impl Rule for Alarm {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("alarm_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("cloudwatch", object, &format!("alarm:{}", object.id))
    }

    fn outputs(&self, _: &Mint, _: &Stored, outputs: &mut Attributes) {
        outputs.set(Symbol::new("state_value"), Value::str("INSUFFICIENT_DATA"));
    }

    fn happens(&self, name: &str) -> Option<Type> {
        let states = ["OK", "ALARM", "INSUFFICIENT_DATA"].map(Symbol::new);
        (name == "state_value").then(|| Type::Union(states.into()))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ResourceNotFound", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let metrics = asked.object.get("metrics").and_then(Value::items).unwrap_or_default();
        let refuse = |why: String| Err(invalid("ValidationError", why));
        for (at, metric) in metrics.iter().enumerate() {
            let id = id_of(metric);
            let word = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if !word || !id.starts_with(|c: char| c.is_ascii_lowercase()) {
                return refuse(format!("'{id}' can't be the id of a metric: it begins with a small letter"));
            }
            if metrics[..at].iter().any(|other| id_of(other) == id) {
                return refuse(format!("two metrics have the id '{id}'"));
            }
            let set = |name: &str| metric.field(name).is_some_and(|v| !v.is_none());
            if set("expression") == set("metric_stat") {
                return refuse(format!("the metric '{id}' takes one of an expression and a statistic"));
            }
        }
        let band = asked.object.text("threshold_metric_id");
        if let Some(band) = band.filter(|band| metrics.iter().all(|m| id_of(m) != *band)) {
            return refuse(format!("no metric has the id '{band}'"));
        }
        Ok(())
    }
}

fn id_of(metric: &Value) -> &str {
    metric.field("id").and_then(Value::as_str).unwrap_or_default()
}

impl Rule for Dashboard {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("dashboard_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("cloudwatch", object, &format!("dashboard/{}", object.id))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "DashboardNotFoundError", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let body = asked.object.text("dashboard_body").unwrap_or_default();
        let read = serde_json::from_str::<serde_json::Value>(body).ok();
        if read.is_some_and(|body| body.get("widgets").is_some_and(serde_json::Value::is_array)) {
            return Ok(());
        }
        Err(invalid("InvalidParameterInput", "the body of a dashboard has a list of widgets"))
    }
}

impl Rule for EventRule {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("events", object, &format!("rule/{}", object.id))
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ResourceNotFoundException", in_use: "ValidationException", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let text = asked.object.text("schedule_expression").unwrap_or("rate(1 day)");
        let inside = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or_default();
        let words: Vec<&str> = inside.split_whitespace().collect();
        let right = match words.as_slice() {
            [number, unit] if text.starts_with("rate(") => {
                let units = if *number == "1" { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
                number.parse::<u32>().is_ok_and(|n| n > 0) && units.contains(unit)
            }
            fields => text.starts_with("cron(") && fields.len() == 6,
        };
        if right { Ok(()) } else { Err(invalid("ValidationException", format!("'{text}' is not a schedule"))) }
    }
}

impl Rule for Target {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        format!("{}|{}", object.text("rule").unwrap_or_default(), object.text("target_id").unwrap_or_default())
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ResourceNotFoundException", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(rule) = world.follow(object, "rule") else { return Ok(()) };
        let targets = world.users(rule).into_iter().filter(|(o, _)| o.kind == object.kind).count();
        if targets > MAX_TARGETS {
            let text = format!("{} has {MAX_TARGETS} targets and can't have another", rule.id);
            return Err(invalid("LimitExceededException", text));
        }
        match world.follow(object, "log_group") {
            Some(group) if !group.id.starts_with("/aws/events/") => {
                let text = format!("the log group {} does not begin with /aws/events/", group.id);
                Err(missing("ResourceNotFoundException", text))
            }
            _ => Ok(()),
        }
    }
}
