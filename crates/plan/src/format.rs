//! Saved plans: one JSON document with the number of its format.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Plan;

/// The number of the format that this version writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// Why a saved plan can't be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The bytes are no plan.
    #[error("not a saved plan")]
    Malformed(#[source] serde_json::Error),
    /// Another version of Topo wrote it.
    #[error("saved plan has format {0}, and this version reads format {FORMAT}; make the plan again")]
    Format(u32),
}

#[derive(Serialize)]
struct Saving<'a> {
    topo_plan: u32,
    plan: &'a Plan,
}

#[derive(Deserialize)]
struct Head {
    topo_plan: u32,
}

#[derive(Deserialize)]
struct Saved {
    plan: Plan,
}

/// A plan as bytes. Places in source text are left out.
pub fn save(plan: &Plan) -> Vec<u8> {
    serde_json::to_vec(&Saving { topo_plan: FORMAT, plan })
        .expect("a plan is plain data with string keys; this is a bug in topo")
}

/// A plan from its bytes.
///
/// # Errors
///
/// Bytes that are no plan, or one of another format.
pub fn load(bytes: &[u8]) -> Result<Plan, LoadError> {
    let head: Head = serde_json::from_slice(bytes).map_err(LoadError::Malformed)?;
    if head.topo_plan != FORMAT {
        return Err(LoadError::Format(head.topo_plan));
    }
    let saved: Saved = serde_json::from_slice(bytes).map_err(LoadError::Malformed)?;
    Ok(saved.plan)
}
