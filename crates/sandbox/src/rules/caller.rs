//! The account that everything is in: it is there by itself.

use topo_model::{Attributes, Object, ObjectId, Status, Symbol, Value};
use topo_provider::Error;

use super::{ACCOUNT, Asked, Rule};
use crate::refusal::invalid;

pub(crate) struct CallerIdentity;

impl Rule for CallerIdentity {
    fn standing(&self, kind: Symbol) -> Option<Object> {
        let outputs = [("id", "self"), ("account", ACCOUNT)];
        Some(Object {
            id: ObjectId("self".into()),
            kind,
            region: None,
            attributes: Attributes::new(),
            outputs: outputs.into_iter().map(|(name, value)| (Symbol::new(name), Value::str(value))).collect(),
            owner: None,
            status: Status::Ready,
        })
    }

    fn check(&self, _: &Asked<'_>) -> Result<(), Error> {
        Err(invalid("InvalidAction", "who asks can't be made, only looked up: write `existing … from \"self\"`"))
    }
}
