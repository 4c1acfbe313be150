//! Hosted zones: their name servers, and the records that come with them.

use topo_model::{Attributes, Symbol, Value, dns_name};
use topo_provider::Error;

use super::{Again, Asked, Codes, Made, Rule};
use crate::change::child;
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::{Key, Stored};
use crate::world::World;

pub(crate) struct HostedZone;

impl Rule for HostedZone {
    fn id(&self, mint: &Mint, _: &Stored) -> String {
        format!("Z{}", mint.upper(20))
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:route53:::hostedzone/{}", object.id)
    }

    fn outputs(&self, mint: &Mint, _: &Stored, outputs: &mut Attributes) {
        let servers = ["com", "net", "org", "co.uk"].iter().enumerate().map(|(i, top)| {
            let (server, group) = (mint.number(i, 512) + 512 * i as u32, mint.number(i + 4, 64));
            Value::str(format!("ns-{server}.awsdns-{group:02}.{top}"))
        });
        outputs.set(Symbol::new("name_servers"), Value::list(servers.collect()));
    }

    /// The tags of a zone are set by a call of their own.
    fn later(&self) -> &'static [&'static str] {
        &["tags"]
    }

    /// The zone of a used reference is not given back: it is found in the list of zones.
    fn again(&self) -> Again {
        Again::Refused
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NoSuchHostedZone", exists: "HostedZoneAlreadyExists", in_use: "HostedZoneNotEmpty" }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let name = dns_name(asked.object.text("name").unwrap_or_default());
        let label = |l: &str| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-');
        let letters = |l: &str| l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if name.len() <= 255 && name.split('.').all(|l| label(l) && letters(l)) {
            return Ok(());
        }
        Err(invalid("InvalidDomainName", format!("'{name}' is not a domain name")))
    }

    fn done(&self, world: &mut World, key: Key, made: &Made<'_>) -> Result<(), Error> {
        let Some(zone) = world.get(key).filter(|_| made.new).cloned() else { return Ok(()) };
        let servers = zone.outputs.get(Symbol::new("name_servers")).cloned().unwrap_or_default();
        let first = servers.items().and_then(|s| s.first()).and_then(Value::as_str).unwrap_or_default();
        let authority = format!("{first}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
        let records =
            [("NS", 172_800_000, servers.clone()), ("SOA", 900_000, Value::list(vec![Value::str(authority)]))];
        for (ty, ttl, values) in records {
            let attributes = [
                ("hosted_zone", Value::str(zone.id.as_str())),
                ("name", zone.get("name").cloned().unwrap_or_default()),
                ("type", Value::str(ty)),
                ("ttl", Value::Duration(ttl)),
                ("resource_records", values),
            ];
            child(world, &zone, "aws.route53.RecordSet", None, attributes, made);
        }
        Ok(())
    }
}
