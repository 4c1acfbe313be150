//! What stops the executor as a whole. A step that fails is not among it: that is in the
//! report.

use topo_model::Symbol;

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state could not be read or written, or its lock is gone. What was under way is
    /// resolved by the next run.
    #[error(transparent)]
    State(#[from] topo_state::Error),
    /// The plan was made from another state than there is now.
    #[error("the plan was made at serial {planned} of the state, which is at {found} now; plan again")]
    Stale {
        /// The serial that the plan names.
        planned: u64,
        /// The serial of the log.
        found: u64,
    },
    /// The plan contradicts itself, or names what this version does not know.
    #[error("the plan can't be used: {0}")]
    Plan(String),
    /// A cloud refused to tell what is there.
    #[error("{}could not be read: {source}", place(*region))]
    Observe {
        /// The region; `None`: the global services.
        region: Option<Symbol>,
        /// What the cloud said.
        source: topo_provider::Error,
    },
}

fn place(region: Option<Symbol>) -> String {
    region.map_or_else(|| "the global services ".to_owned(), |r| format!("{r} "))
}
