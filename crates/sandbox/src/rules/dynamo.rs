//! Tables, and their replicas in other regions.

use topo_model::{Attributes, Symbol, Value};
use topo_provider::Error;

use super::{ACCOUNT, Asked, Codes, Rule, arn};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;
use crate::world::World;

pub(crate) struct Table;

pub(crate) struct GlobalTable;

const PROTECTED: &str = "ValidationException";

fn codes() -> Codes {
    Codes { missing: "ResourceNotFoundException", exists: "ResourceInUseException", in_use: "ResourceInUseException" }
}

fn named(object: &Stored) -> &str {
    object.text("table_name").unwrap_or_default()
}

fn outputs_of(mint: &Mint, object: &Stored, outputs: &mut Attributes) {
    let stream = object.get("stream_specification").is_some_and(|stream| !stream.is_none());
    let day = 1 + mint.number(0, 28);
    let value = if stream {
        arn("dynamodb", object, &format!("table/{}/stream/2026-01-{day:02}", object.id))
    } else {
        String::new()
    };
    outputs.set(Symbol::new("stream_arn"), Value::str(value));
    outputs.set(Symbol::new("table_id"), Value::str(mint.uuid()));
}

impl Rule for Table {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        named(object).to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        arn("dynamodb", object, &format!("table/{}", object.id))
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        outputs_of(mint, object, outputs);
    }

    fn codes(&self) -> Codes {
        codes()
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let region = object.region.map_or("", Symbol::as_str);
        let mut all = world.everywhere(Symbol::new("aws.dynamodb.GlobalTable"));
        let taken = all.find(|other| named(other) == named(object) && regions(other).any(|at| at == region));
        taken.map_or(Ok(()), |other| Err(taken_by(other, region)))
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let text = || format!("{} has deletion_protection_enabled", object.id);
        object.is("deletion_protection_enabled").then(|| invalid(PROTECTED, text()))
    }
}

impl Rule for GlobalTable {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        named(object).to_owned()
    }

    fn arn(&self, object: &Stored) -> String {
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:dynamodb:{region}:{ACCOUNT}:table/{}", object.id)
    }

    fn outputs(&self, mint: &Mint, object: &Stored, outputs: &mut Attributes) {
        outputs_of(mint, object, outputs);
    }

    fn codes(&self) -> Codes {
        codes()
    }

    /// A replica takes its table's place in its region.
    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        for region in regions(object) {
            let tables = world.of(Symbol::new("aws.dynamodb.Table"), Some(Symbol::new(region)));
            let others = world.everywhere(object.kind).filter(|other| regions(other).any(|at| at == region));
            if let Some(other) = tables.chain(others).find(|o| o.key != object.key && named(o) == named(object)) {
                return Err(taken_by(other, region));
            }
        }
        Ok(())
    }

    fn stays(&self, _: &World, object: &Stored) -> Option<Error> {
        let replicas = object.get("replicas").and_then(Value::items).unwrap_or_default();
        let kept =
            |replica: &&Value| replica.field("deletion_protection_enabled").and_then(Value::as_bool) == Some(true);
        let replica = replicas.iter().find(kept)?;
        let region = replica.field("region").map(Value::to_string).unwrap_or_default();
        Some(invalid(PROTECTED, format!("the replica of {} in {region} has deletion_protection_enabled", object.id)))
    }
}

/// The regions of a table's replicas.
fn regions(table: &Stored) -> impl Iterator<Item = &str> {
    let replicas = table.get("replicas").and_then(Value::items).unwrap_or_default();
    replicas.iter().filter_map(|replica| match replica.field("region") {
        Some(Value::Region(region)) => Some(region.as_str()),
        _ => None,
    })
}

fn taken_by(other: &Stored, region: &str) -> Error {
    invalid("ResourceInUseException", format!("there is a table {} in {region} already", named(other)))
}
