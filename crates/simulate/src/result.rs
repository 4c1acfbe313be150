//! What a simulation has to show, as data: the command line makes text and JSON of it.

use topo_model::{ResId, Symbol};

/// A loss, played out. Times are in milliseconds since the loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// The dice's seed.
    pub seed: u64,
    /// How many courses were drawn.
    pub runs: u32,
    /// How long each was followed.
    pub end: i64,
    /// What happens, in the order in which it is likely to.
    pub timeline: Vec<Event>,
    /// What clients of each name see.
    pub names: Vec<Name>,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub what: What,
    /// When it has happened in half of the courses where it does, if it does in half of all; for the last
    /// client, when 99 of 100 no longer fail.
    pub likely: Option<i64>,
    /// When it happens in the worst course.
    pub worst: Option<i64>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The loss.
    Lost,
    /// What was lost comes back.
    Back,
    /// A check changes its mind.
    Check {
        /// The check.
        check: ResId,
        /// To what.
        healthy: bool,
    },
    /// A load balancer's own probes change its mind about its targets, or about a zone.
    Balancer {
        /// The load balancer, by its address.
        host: String,
        /// To what.
        healthy: bool,
    },
    /// Name servers begin to answer otherwise.
    Answer {
        /// The name that is asked for.
        name: String,
        /// What was answered before, to one or the other.
        from: Vec<String>,
        /// What is from now on.
        to: Vec<String>,
    },
    /// A first client is served by what has not served this name before.
    First {
        /// The name.
        name: String,
        /// Who serves.
        host: String,
    },
    /// No client of a name is led to what is lost any more.
    Last {
        /// The name.
        name: String,
    },
}

/// What clients of a name see.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// The name.
    pub name: String,
    /// The objective that is about it.
    pub objective: Option<Symbol>,
    /// The time that objective promises.
    pub rto: Option<i64>,
    /// In the worst course, for the unluckiest client.
    pub worst: Worst,
    /// In the courses that were drawn.
    pub likely: Option<Likely>,
    /// Who may serve in the end, while the loss lasts.
    pub served_by: Vec<String>,
    /// Who serves in `seconds`.
    pub hosts: Vec<String>,
    /// What share of the clients is where, at each time.
    pub seconds: Vec<Second>,
}

/// How long clients may be led to what does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worst {
    /// None ever is.
    Untouched,
    /// So long at most.
    Within(i64),
    /// Until what was lost is back.
    UntilBack,
    /// Without end.
    Forever,
}

/// What clients meet in the courses that were drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likely {
    /// The share of the clients that fail at any time.
    pub affected: f64,
    /// Until when half of those fail.
    pub median: Worst,
    /// Until when 95 of 100 do.
    pub p95: Worst,
    /// Until when 99 of 100 do.
    pub p99: Worst,
}

/// Where clients are at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Second {
    /// In seconds since the loss.
    pub at: i64,
    /// The share that fails.
    pub failing: f64,
    /// The share that is served by each of the name's `hosts`.
    pub served: Vec<f64>,
}
