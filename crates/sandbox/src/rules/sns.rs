//! Topics and what hangs on them, which goes when they do.

use topo_model::{Attributes, Symbol, Type, Value};
use topo_provider::Error;

use super::policy::{self, Use};
use super::{ACCOUNT, Asked, Codes, Rule};
use crate::mint::Mint;
use crate::refusal::invalid;
use crate::stored::Stored;

pub(crate) struct Topic;

pub(crate) struct TopicPolicy;

pub(crate) struct Subscription;

impl Rule for Topic {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        let region = object.region.map_or("", Symbol::as_str);
        format!("arn:aws:sns:{region}:{ACCOUNT}:{}", object.text("topic_name").unwrap_or_default())
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NotFound", ..Codes::default() }
    }
}

impl Rule for TopicPolicy {
    fn id(&self, _: &Mint, object: &Stored) -> String {
        object.text("topic").unwrap_or_default().to_owned()
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("topic")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NotFound", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let text = asked.object.text("policy_document").unwrap_or_default();
        let document = policy::read(asked.world, text, Use::Resource, "InvalidParameter")?;
        let topic = asked.object.text("topic").unwrap_or_default();
        match document.resources().find(|r| *r != topic) {
            Some(other) => Err(invalid("InvalidParameter", format!("the policy of {topic} is about {other}"))),
            None => Ok(()),
        }
    }
}

impl Rule for Subscription {
    fn id(&self, mint: &Mint, object: &Stored) -> String {
        format!("{}:{}", object.text("topic").unwrap_or_default(), mint.uuid())
    }

    fn arn(&self, object: &Stored) -> String {
        object.id.clone()
    }

    fn outputs(&self, _: &Mint, object: &Stored, outputs: &mut Attributes) {
        let asks = matches!(object.text("protocol"), Some("email" | "email-json" | "http" | "https"));
        outputs.set(Symbol::new("pending_confirmation"), Value::Bool(asks));
    }

    fn happens(&self, name: &str) -> Option<Type> {
        (name == "pending_confirmation").then_some(Type::Bool)
    }

    fn part_of(&self) -> Option<&'static str> {
        Some("topic")
    }

    fn codes(&self) -> Codes {
        Codes { missing: "NotFound", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let Some(topic) = world.follow(object, "topic") else { return Ok(()) };
        if topic.is("fifo_topic") && object.text("protocol") != Some("sqs") {
            return Err(invalid("InvalidParameter", "a FIFO topic delivers to queues only"));
        }
        Ok(())
    }
}
