//! How the sandbox is run.

use std::time::Duration;

use crate::{Clock, Faults};

/// How the sandbox is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long things take, as a multiple of their kinds' `settles`: at 0 everything is
    /// ready at once, at 1 as slow as in the cloud.
    pub pace: f64,
    /// What goes wrong.
    pub faults: Faults,
    /// What ids are derived from, in a sandbox that is made anew; one that exists keeps its
    /// own.
    pub seed: u64,
    /// The time it goes by.
    pub clock: Clock,
    /// How long to wait while another process has the file for itself.
    pub patience: Duration,
    /// How the process dies where a fault says so.
    pub die: fn() -> !,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            pace: 0.0,
            faults: Faults::default(),
            seed: 0,
            clock: Clock::system(),
            patience: Duration::from_secs(5),
            die: std::process::abort,
        }
    }
}
