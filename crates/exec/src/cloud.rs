//! The cloud that is worked on, and its time.

use std::sync::Arc;
use std::time::Duration;

use topo_model::{Catalogue, Creation, Kind, Owner, Symbol, TopoId};
use topo_provider::ErrorKind;

/// A cloud, and whose objects in it are meant.
#[derive(Debug)]
pub struct Cloud<'a, P> {
    /// The way to it.
    pub provider: Arc<P>,
    /// The kinds.
    pub catalogue: &'a Catalogue,
    /// The project.
    pub project: &'a str,
    /// The environment; empty where the topology takes none.
    pub env: &'a str,
    /// How its time runs.
    pub time: Time,
}

/// How a cloud's time runs against ours.
///
/// All lengths of time that the executor deals in are the cloud's, in milliseconds. A real
/// cloud has pace 1; a sandbox may run faster, and at pace 0 nothing takes time: a wait is
/// over at once, but counts for timeouts as if it had been waited out.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    /// How many of our seconds one of the cloud's takes.
    pub pace: f64,
    /// Milliseconds since 1970, as written into intents.
    pub now: fn() -> i64,
    /// Where the scatter of repeated calls starts from.
    pub seed: u64,
}

impl Time {
    /// A cloud at this pace, by the system's clock.
    pub fn at_pace(pace: f64) -> Time {
        Time { pace, now: || jiff::Timestamp::now().as_millisecond(), seed: u64::from(std::process::id()) }
    }

    /// Waits for so much of the cloud's time.
    pub(crate) async fn wait(&self, ms: i64) {
        let real = ms.max(0) as f64 * self.pace;
        if real < 0.001 {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(Duration::from_micros((real * 1000.0) as u64)).await;
        }
    }

    /// How much of the cloud's time has passed since a moment of ours; none where nothing
    /// takes time, so that a bound is waited out in looks.
    pub(crate) fn since(&self, at: i64) -> i64 {
        let real = (self.now)().saturating_sub(at).max(0);
        if self.pace <= 0.0 { 0 } else { (real as f64 / self.pace) as i64 }
    }

    /// How long to wait before the `attempt`-th repetition (from 0): doubling from half a
    /// second to 15 s, scattered over its upper half so that callers don't meet again.
    pub(crate) fn backoff(&self, who: u64, attempt: u32) -> i64 {
        let full = 500_i64.checked_shl(attempt.min(16)).unwrap_or(i64::MAX).min(15_000);
        full / 2 + (scatter(self.seed ^ (who << 20) ^ u64::from(attempt)) % (full as u64 / 2 + 1)) as i64
    }
}

/// A number that looks nothing like its neighbour's (the finaliser of splitmix64).
fn scatter(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl<P> Cloud<'_, P> {
    /// The mark of an object.
    pub(crate) fn owner(&self, id: TopoId, address: &str) -> Owner {
        Owner { id, path: Owner::path_of(address), project: self.project.into(), env: self.env.into() }
    }
}

/// What a worker must know of a kind; a worker outlives the borrow of the catalogue.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    pub(crate) creation: Creation,
    pub(crate) tagged: bool,
    pub(crate) settles: i64,
    pub(crate) visible: i64,
}

impl Facts {
    pub(crate) fn of(kind: &Kind) -> Facts {
        Facts {
            kind: kind.clone(),
            creation: kind.creation.clone(),
            tagged: kind.tagged(),
            settles: kind.settles,
            visible: kind.visible,
        }
    }

    /// Whether a cloud tells nothing of an attribute that was set.
    pub(crate) fn untold(&self, name: Symbol) -> bool {
        self.kind.attribute(name).is_some_and(|(_, a)| a.write_only || a.secret)
    }

    /// How long an operation may take where the program does not say.
    pub(crate) fn timeout(&self) -> i64 {
        (20 * self.settles).max(600_000)
    }

    /// How long to wait between two looks for an object that may have been made: sixteen or
    /// so within the bound.
    pub(crate) fn look(&self) -> i64 {
        (self.visible / 16).max(100)
    }

    /// How long to wait between two looks at an object that is not ready.
    pub(crate) fn poll(&self) -> i64 {
        (self.settles / 10).clamp(500, 15_000)
    }
}

/// Repeats a read for as long as that may help, some ten times.
pub(crate) async fn patiently<T, F>(time: Time, mut read: impl FnMut() -> F) -> Result<T, topo_provider::Error>
where
    F: Future<Output = Result<T, topo_provider::Error>>,
{
    for attempt in 0..10 {
        match read().await {
            Err(error) if retry_read(&error) => time.wait(time.backoff(0, attempt)).await,
            result => return result,
        }
    }
    read().await
}

/// Whether a read that failed so is worth another try; reading harms nothing.
pub(crate) fn retry_read(error: &topo_provider::Error) -> bool {
    matches!(error.kind, ErrorKind::Throttled | ErrorKind::Conflict | ErrorKind::Lost | ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_within_bounds_and_repeats_for_the_same_seed() {
        let time = Time { pace: 0.0, now: || 0, seed: 7 };
        for attempt in 0..40 {
            let full = (500_i64 << attempt.min(16)).min(15_000);
            let wait = time.backoff(3, attempt);
            assert!(wait >= full / 2 && wait <= full, "attempt {attempt} waits {wait} of {full}");
            assert_eq!(wait, time.backoff(3, attempt));
        }
        assert_ne!(time.backoff(1, 5), time.backoff(2, 5));
    }
}
