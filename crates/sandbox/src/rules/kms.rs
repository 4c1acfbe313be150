//! Keys, which are not gone when they are deleted, and their aliases.

use topo_model::Symbol;
use topo_provider::Error;

use super::policy::{self, Use};
use super::{ACCOUNT, Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Key;

pub(crate) struct Alias;

const POLICY: &str = "MalformedPolicyDocumentException";

impl Rule for Key {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        if object.is("multi_region") { format!("mrk-{}", mint.hex(32)) } else { mint.uuid() }
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:kms:{}:{ACCOUNT}:key/{}", object.region.map_or("", Symbol::as_str), object.id)
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NotFoundException", exists: "AlreadyExistsException", in_use: "KMSInvalidStateException" }
    }

    /// The policy must leave somebody who can change it.
    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Some(text) = asked.object.text("key_policy") else { return Ok(()) };
        let document = policy::read(asked.world, text, Use::Resource, POLICY)?;
        let root = format!("arn:aws:iam::{ACCOUNT}:root");
        let managed = [root.as_str(), ACCOUNT].iter().any(|who| document.lets(who, "kms:PutKeyPolicy", "*"));
        if managed {
            return Ok(());
        }
        Err(invalid(POLICY, "the new key policy does not let the account change it in the future"))
    }

    /// A deleted key waits for its end, and its id can't be used.
    fn gone(&self, world: &mut World, object: &Stored) {
        world.set_note(&ending(&object.id), 1);
    }

    fn lost(&self, world: &World, value: &str) -> Option<Error> {
        let id = value.rsplit('/').next().unwrap_or(value);
        world.note(&ending(id))?;
        Some(invalid("KMSInvalidStateException", format!("{value} is pending deletion")))
    }
}

fn ending(id: &str) -> String {
    format!("key pending deletion {id}")
}

/// Whether a key may be used by a service. Without a policy of its own it is left to IAM,
/// which knows no services.
pub(super) fn serves(world: &World, key: &Stored, service: &str, action: &str) -> bool {
    let read = |text: &str| policy::read(world, text, Use::Resource, POLICY).ok();
    key.text("key_policy").and_then(read).is_some_and(|document| document.lets(service, action, "*"))
}

impl Rule for Alias {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("alias_name").unwrap_or_default().to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        format!("arn:aws:kms:{}:{ACCOUNT}:{}", object.region.map_or("", Symbol::as_str), object.id)
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("target_key")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NotFoundException", exists: "AlreadyExistsException", ..Codes::default() }
    }
}
