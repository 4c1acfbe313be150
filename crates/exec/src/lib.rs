//! The executor: asks a cloud what is there, and does what a plan says.
//!
//! *Its job*: [`observe`] collects what planning needs; [`recover`] asks what became of the
//! calls that an earlier run never saw the answer of; [`apply`] obeys a plan, wave by wave,
//! with every intent durable before its call and every outcome after it.
//!
//! *Refuses to know*: terminals, SDKs, the language, how a plan is made.
//!
//! One dispatcher owns the log, the plan's progress and the line of events. Workers, one for
//! each step under way, make the calls and report to it alone; what arrives together is
//! made durable together. A worker asks the dispatcher before each call, and there the
//! limits of services, the lease and the interrupt are looked after.
//!
//! In reading order: the cloud and its time ([`Cloud`], [`Time`]), what happens ([`Event`], [`Report`]), [`observe`], [`recover`],
//! [`apply`].

mod apply;
mod cloud;
mod error;
mod event;
mod observe;
mod record;
mod recover;

pub use apply::{Callbacks, Ids, Options, apply};
pub use cloud::{Cloud, Time};
pub use error::Error;
pub use event::{Approval, Event, Outcome, Report};
pub use observe::{View, observe};
pub use recover::{Recovery, Undecided, recover};
