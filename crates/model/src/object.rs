//! What a cloud shows: objects as observation found them.

use ecow::EcoString;
use serde::{Deserialize, Serialize};

use crate::{Record, Symbol};

/// Attributes or outputs by name.
pub type Attributes = Record;

/// The id that a cloud gave an object: `vpc-0abc`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ObjectId(pub EcoString);

/// The id that we gave an object before it existed; in its tag, client token or caller
/// reference, and in the log. Made once for every physical object, never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopoId(pub EcoString);

/// The mark that says an object is ours.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// Our id of it.
    pub id: TopoId,
    /// The address, in characters that every service allows.
    pub path: EcoString,
    /// The project.
    pub project: EcoString,
    /// The environment; empty where the topology takes none.
    pub env: EcoString,
}

/// The longest path in a mark, in characters: the longest value that every service's tags take.
pub const LONGEST_PATH: usize = 256;

impl Owner {
    /// How a mark writes an address, in characters that every service allows (letters,
    /// digits and `+ - = . _ : / @`): brackets become `:` and nothing, other characters `_`.
    /// A long one is cut and ends in a digest of the whole. The mark is for people, the id
    /// decides: addresses that only replaced characters tell apart are written alike.
    pub fn path_of(address: &str) -> EcoString {
        let mut out = EcoString::with_capacity(address.len());
        for c in address.chars() {
            match c {
                '[' => out.push(':'),
                ']' | '(' | ')' | '"' | ' ' => {}
                ',' => out.push('+'),
                c if c.is_ascii_alphanumeric() || "+-=._:/@".contains(c) => out.push(c),
                _ => out.push('_'),
            }
        }
        if out.len() <= LONGEST_PATH {
            return out;
        }
        // FNV-1a: told apart here are a handful of addresses with the same beginning,
        // nothing that anybody could want to forge.
        let fold = |hash: u64, b: u8| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3);
        let digest = format!("..{:016x}", address.bytes().fold(0xcbf2_9ce4_8422_2325, fold));
        // All of it is ASCII now, so every position is a boundary.
        let mut short = EcoString::from(&out[..LONGEST_PATH - digest.len()]);
        short.push_str(&digest);
        short
    }
}

/// An object in a cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The cloud's id.
    pub id: ObjectId,
    /// The kind's full name.
    pub kind: Symbol,
    /// The region; `None` where global.
    pub region: Option<Symbol>,
    /// Every attribute that the cloud tells, set by us or not. References are the ids that
    /// are stored (a subnet's `vpc` is a String).
    pub attributes: Attributes,
    /// Every output.
    pub outputs: Attributes,
    /// The owner's mark, where there is one.
    pub owner: Option<Owner>,
    /// How far it is.
    pub status: Status,
}

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It can be used.
    Ready,
    /// It is being made, changed or deleted.
    Pending,
    /// A person must act; the text says what to do.
    WaitingForHuman(String),
    /// It will not become ready; the text says why.
    Failed(String),
}

impl std::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for TopoId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
