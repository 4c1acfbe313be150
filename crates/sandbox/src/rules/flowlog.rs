//! Flow logs.

use topo_provider::Error;

use super::{Asked, Codes, Rule, arn};
use crate::refusal::exists;
use crate::stored::Stored;

pub(crate) struct FlowLog;

/// What two logs of one resource must not have in common altogether.
const CONFIGURATION: [&str; 6] =
    ["vpc", "subnet", "traffic_type", "log_destination_type", "log_group", "log_destination"];

impl Rule for FlowLog {
    fn prefix(&self) -> Option<&'static str> {
        Some("fl")
    }

    fn arn(&self, object: &Stored) -> String {
        arn("ec2", object, &format!("vpc-flow-log/{}", object.id))
    }

    /// What is watched can go, and what is written to.
    fn keeps(&self, _: &str) -> bool {
        false
    }

    fn codes(&self) -> Codes {
        Codes { missing: "InvalidFlowLogId.NotFound", exists: "FlowLogAlreadyExists", ..Codes::default() }
    }

    fn check(&self, asked: &Asked<'_>) -> Result<(), Error> {
        let Asked { world, object, .. } = *asked;
        let same =
            |o: &&Stored| o.key != object.key && CONFIGURATION.iter().all(|name| o.get(name) == object.get(name));
        match world.of(object.kind, object.region).find(same) {
            Some(other) => {
                let text = format!("{} records the same to the same place already", other.id);
                Err(exists("FlowLogAlreadyExists", text))
            }
            None => Ok(()),
        }
    }
}
