//! Certificates, issued once the records that prove their names are there.

use topo_model::{Attributes, Status, Symbol, Value, dns_name};
use topo_provider::Error;

use super::{ACCOUNT, Again, Asked, Codes, Made, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct Certificate;

pub(crate) struct Validation;

/// ACM forgets a token after an hour.
const TOKEN_LASTS: i64 = 60 * 60 * 1000;

impl Rule for Certificate {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:acm:{region}:{ACCOUNT}:certificate/{}", mint.uuid())
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        let mut records: Vec<(Value, Value)> = Vec::new();
        for name in names(object) {
            let base = dns_name(name.strip_prefix("*.").unwrap_or(name));
            let record = [("name", proof_name(&base)), ("type", "CNAME".to_owned()), ("value", proof_value(&base))];
            let record = Value::record(record.map(|(n, v)| (Symbol::new(n), Value::str(v))));
            records.push((Value::str(base), record));
        }
        let proved = object.text("validation_method") != Some("EMAIL");
        outputs.set(Symbol::new("validation_records"), Value::map(records.into_iter().filter(|_| proved)));
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ResourceNotFoundException", exists: "IdempotencyException", in_use: "ResourceInUseException" }
    }

    fn again(&self) -> Again {
        Again::SameFor(TOKEN_LASTS)
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        for name in names(asked.object) {
            let base = name.strip_prefix("*.").unwrap_or(name);
            let letters = base.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
            if !letters || !base.contains('.') || base.split('.').any(str::is_empty) || name.len() > 253 {
                let text = format!("'{name}' is not a name that a certificate can be for");
                return Err(invalid("InvalidDomainValidationOptionsException", text));
            }
        }
        Ok(())
    }

    fn done(&self, world: &mut World, _: Key, made: &Made<'_>) -> Result<(), Error> {
        if made.new {
            issue(world);
        }
        Ok(())
    }
}

impl Rule for Validation {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("certificate").unwrap_or_default().to_owned()
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        if let Some(arn) = object.get("certificate") {
            outputs.set(Symbol::new("certificate_arn"), arn.clone());
        }
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("certificate")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "ResourceNotFoundException", ..Codes::default() }
    }

    fn status(&self, world: &World, object: &Stored) -> Option<Status> {
        let certificate = world.follow(object, "certificate")?;
        if issued(certificate) {
            return None;
        }
        if certificate.text("validation_method") == Some("EMAIL") {
            let domain = certificate.text("domain_name").unwrap_or_default();
            return Some(Status::WaitingForHuman(format!("follow the link in the mail sent to the owner of {domain}")));
        }
        Some(Status::Pending)
    }
}

/// Issues every certificate whose names are all proved. Once issued it stays so, whatever
/// becomes of the records.
pub(super) fn issue(world: &mut World) {
    let waiting = world.everywhere(Symbol::new("aws.acm.Certificate")).filter(|c| !issued(c));
    let proved: Vec<Stored> = waiting.filter(|c| proved(world, c)).cloned().collect();
    for mut certificate in proved {
        certificate.facts.set(Symbol::new("issued"), Value::Bool(true));
        world.put(certificate);
    }
}

/// Whether a record may be one that proves a name.
pub(super) fn may_prove(record: &Stored) -> bool {
    record.text("type") == Some("CNAME") && record.text("name").is_some_and(|name| name.starts_with('_'))
}

/// Whether a certificate can be used.
pub(super) fn issued(certificate: &Stored) -> bool {
    certificate.facts.get(Symbol::new("issued")).is_some()
}

fn proved(world: &World, certificate: &Stored) -> bool {
    let Some(Value::Map(records)) = certificate.outputs.get(Symbol::new("validation_records")) else { return false };
    let there = |wanted: &Value| {
        let text = |name: &str| dns_name(wanted.field(name).and_then(Value::as_str).unwrap_or_default());
        let is = |record: &Stored| {
            let values = record.get("resource_records").and_then(Value::items).unwrap_or_default();
            let value = values.iter().filter_map(Value::as_str).any(|v| dns_name(v) == text("value"));
            value && dns_name(record.text("name").unwrap_or_default()) == text("name")
        };
        world.everywhere(Symbol::new("aws.route53.RecordSet")).filter(|r| may_prove(r)).any(is)
    };
    !records.is_empty() && records.values().all(there)
}

fn names(certificate: &Stored) -> impl Iterator<Item = &str> {
    let others = certificate.get("subject_alternative_names").and_then(Value::items).unwrap_or_default();
    certificate.text("domain_name").into_iter().chain(others.iter().filter_map(Value::as_str))
}

/// The record that proves a name depends on the account and the name alone.
fn proof_name(base: &str) -> String {
    format!("_{}.{base}.", Mint::of(&format!("{ACCOUNT}/{base}/name")).hex(32))
}

fn proof_value(base: &str) -> String {
    let mint = Mint::of(&format!("{ACCOUNT}/{base}/value"));
    format!("_{}.{}.acm-validations.aws.", mint.hex(32), mint.lower(10))
}
