//! What the log says.

use serde::{Deserialize, Serialize};
use topo_model::{Attributes, Intent, IntentId, RecordedResource};

/// The format of lines and snapshots that this version writes; it reads all up to it.
pub(crate) const FORMAT: u32 = 1;

/// One line of the log: what it changes, under the serial that stands before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A run begins.
    Started(Run),
    /// A call is about to be made.
    Intent(Box<Intent>),
    /// A resource is as given; the intent, if any, has happened.
    Put {
        /// The intent that this is the outcome of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intent: Option<IntentId>,
        /// The resource.
        resource: Box<RecordedResource>,
    },
    /// An intent did not happen, or is given up.
    Closed {
        /// The intent.
        intent: IntentId,
        /// Why.
        why: String,
    },
    /// A resource is recorded no longer; the intent, if any, has happened.
    Removed {
        /// The intent that this is the outcome of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intent: Option<IntentId>,
        /// The resource's address.
        address: String,
    },
    /// A resource has another address. Where another resource has that address already,
    /// nothing happens.
    Renamed {
        /// The old one.
        from: String,
        /// The new one.
        to: String,
    },
    /// Resources have other addresses, all at once: two may exchange theirs, and one may
    /// take the address that another leaves.
    RenamedAll(
        /// The old and the new address of each.
        Vec<(String, String)>,
    ),
    /// The topology's outputs.
    Outputs(Attributes),
    /// A run ends.
    Finished {
        /// How: `done`, `failed`, `interrupted`, `waiting`.
        outcome: String,
        /// The counts by action.
        done: serde_json::Value,
        /// When, in milliseconds since 1970.
        at: i64,
    },
}

/// A run of apply or destroy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// `apply` or `destroy`.
    pub command: String,
    /// Who: user and host.
    pub who: String,
    /// The plan's digest.
    pub plan: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The findings that were let through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Allowed>,
}

/// A finding that would have stopped the run and was let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// Its code: `T0502`.
    pub code: String,
    /// What it says.
    pub message: String,
}

/// A run in the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// The serial it started at.
    pub serial: u64,
    /// What it was.
    pub run: Run,
    /// How it ended, with the counts and the time in milliseconds since 1970; `None` when
    /// it was killed, or is still at work.
    pub end: Option<(String, serde_json::Value, i64)>,
}
