//! Apply: does what a plan says, and nothing else.
//!
//! Within a wave everything runs that the plan's order allows, longest remaining path first.
//! Before each call its intent is durable, after it the outcome. A failure stops what
//! depends on it and the waves after; everything else of the wave is completed.
//!
//! In reading order: `schedule` (what can start), `limits` (how much at once), `book` (what
//! is about to be durable), `link` (between workers and dispatcher), `worker` and `batch` (the
//! calls), `prepare` and `steps` (from a plan's step to a call and back to the record),
//! `checks` and `gate` (what holds a run up), `revert` (taking a wave back), `dispatch` (the loop), `waves` (the whole).

mod batch;
mod book;
mod checks;
mod dispatch;
mod gate;
mod limits;
mod link;
mod prepare;
mod revert;
mod schedule;
mod steps;
mod waves;
mod worker;

use tokio::sync::watch;
use topo_model::TopoId;
use topo_plan::Plan;
use topo_provider::Provider;
use topo_state::{Log, Run};

use crate::{Approval, Cloud, Error, Event, Report};

use dispatch::Dispatcher;

/// What a run is told beside its plan.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who applies what, for the history.
    pub run: Run,
    /// How long to wait for a person, in milliseconds of the cloud's time; after that the
    /// run ends as [`crate::Outcome::Waiting`] and can go on.
    pub human: i64,
    /// Where the ids of new objects come from.
    pub ids: Ids,
}

/// Where the ids of new objects come from.
#[derive(Debug, Clone)]
pub enum Ids {
    /// Random and ordered by time (UUID v7, 32 hexadecimal digits, which every service takes
    /// as a token).
    Random,
    /// A prefix and a number, counted up: the same every time.
    Counted(String, u32),
}

impl Ids {
    fn fresh(&mut self) -> TopoId {
        match self {
            Ids::Random => TopoId(uuid::Uuid::now_v7().simple().to_string().into()),
            Ids::Counted(prefix, count) => {
                *count += 1;
                TopoId(format!("{prefix}{count}").into())
            }
        }
    }
}

/// What a run tells and asks.
pub struct Callbacks<'a, A> {
    /// Is told everything that happens, once it is durable.
    pub events: &'a mut dyn FnMut(Event),
    /// Is asked before each wave that wants it, except the first that has anything to do:
    /// that was approved with the plan.
    pub approve: A,
    /// How many signals came: at the first, calls in flight finish; at the second the run
    /// returns at once. Both can go on.
    pub interrupt: watch::Receiver<u32>,
}

/// Does what a plan says.
///
/// # Errors
///
/// The state can't be written, the lock is lost, or the plan does not fit the state. A step
/// that fails is no error of the run; it stands in the report.
pub async fn apply<P: Provider, A: AsyncFnMut(u32) -> Approval>(
    cloud: &Cloud<'_, P>,
    plan: &Plan,
    log: &mut Log,
    options: &Options,
    callbacks: Callbacks<'_, A>,
) -> Result<Report, Error> {
    let Callbacks { events, approve, interrupt } = callbacks;
    let found = log.recorded().serial;
    if plan.basis.serial != found {
        return Err(Error::Stale { planned: plan.basis.serial, found });
    }
    let dispatcher = Dispatcher::new(cloud, plan, options, log, events, interrupt)?;
    dispatcher.apply(approve).await
}
