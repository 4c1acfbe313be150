//! How many calls may be under way to each service of each region.
//!
//! The budget adapts: it is halved when the service says that there are too many, and grows
//! back by one for as many good answers as it is wide. Work already begun goes first, then
//! what has the longest path before it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use rustc_hash::FxHashMap;
use tokio::sync::oneshot;
use topo_model::Symbol;

use super::schedule::UnitId;

#[derive(Debug)]
struct Service {
    most: usize,
    budget: f64,
    busy: usize,
    asks: VecDeque<oneshot::Sender<bool>>,
    ready: BinaryHeap<(i64, Reverse<UnitId>)>,
    dirty: bool,
}

/// The services that a plan calls.
#[derive(Debug, Default)]
pub(crate) struct Services {
    services: Vec<Service>,
    by_name: FxHashMap<(Option<Symbol>, &'static str), usize>,
    /// Those in which something may be able to start.
    dirty: Vec<usize>,
}

/// What may go now.
#[derive(Debug)]
pub(crate) enum Grant {
    /// A worker's call.
    Call(oneshot::Sender<bool>),
    /// A unit's first call.
    Start(usize, UnitId),
}

impl Services {
    pub(crate) fn index(&mut self, region: Option<Symbol>, name: &'static str, most: &dyn Fn() -> usize) -> usize {
        *self.by_name.entry((region, name)).or_insert_with(|| {
            let most = most().max(1);
            self.services.push(Service {
                most,
                budget: most as f64,
                busy: 0,
                asks: VecDeque::new(),
                ready: BinaryHeap::new(),
                dirty: false,
            });
            self.services.len() - 1
        })
    }

    pub(crate) fn ready(&mut self, service: usize, priority: i64, unit: UnitId) {
        self.services[service].ready.push((priority, Reverse(unit)));
        self.touch(service);
    }

    pub(crate) fn ask(&mut self, service: usize, answer: oneshot::Sender<bool>) {
        self.services[service].asks.push_back(answer);
        self.touch(service);
    }

    pub(crate) fn returned(&mut self, service: usize, throttled: bool) {
        let at = &mut self.services[service];
        at.busy -= 1;
        at.budget =
            if throttled { (at.budget / 2.0).max(1.0) } else { (at.budget + 1.0 / at.budget).min(at.most as f64) };
        self.touch(service);
    }

    /// The next call that a limit allows; `None` when there is none now.
    pub(crate) fn grant(&mut self) -> Option<Grant> {
        while let Some(service) = self.dirty.last().copied() {
            let at = &mut self.services[service];
            if at.busy < at.budget as usize {
                if let Some(answer) = at.asks.pop_front() {
                    // The asker may have been dropped since.
                    if answer.is_closed() {
                        continue;
                    }
                    at.busy += 1;
                    return Some(Grant::Call(answer));
                }
                if let Some((_, Reverse(unit))) = at.ready.pop() {
                    at.busy += 1;
                    return Some(Grant::Start(service, unit));
                }
            }
            at.dirty = false;
            self.dirty.pop();
        }
        None
    }

    /// Gives back what [`Services::grant`] gave for a call that is not made.
    pub(crate) fn unused(&mut self, service: usize) {
        self.services[service].busy -= 1;
        self.touch(service);
    }

    /// Turns every asker away; what is ready stays unstarted.
    pub(crate) fn refuse(&mut self) {
        for service in &mut self.services {
            service.ready.clear();
            for answer in service.asks.drain(..) {
                let _ = answer.send(false);
            }
        }
    }

    /// Drops what is ready but not started; work already begun goes on.
    pub(crate) fn start_nothing(&mut self) {
        self.services.iter_mut().for_each(|s| s.ready.clear());
    }

    fn touch(&mut self, service: usize) {
        if !std::mem::replace(&mut self.services[service].dirty, true) {
            self.dirty.push(service);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(services: &mut Services) -> Vec<u32> {
        let mut units = Vec::new();
        while let Some(Grant::Start(_, unit)) = services.grant() {
            units.push(unit.0);
        }
        units
    }

    #[test]
    fn the_longest_path_starts_first_and_limits_hold() {
        let mut services = Services::default();
        let ec2 = services.index(None, "aws.ec2", &|| 2);
        for (unit, priority) in [(0, 5), (1, 9), (2, 9), (3, 1)] {
            services.ready(ec2, priority, UnitId(unit));
        }
        assert_eq!(started(&mut services), [1, 2]);
        services.returned(ec2, false);
        assert_eq!(started(&mut services), [0]);
    }

    #[test]
    fn a_throttled_service_is_asked_less_and_slowly_more_again() {
        let mut services = Services::default();
        let ec2 = services.index(None, "aws.ec2", &|| 8);
        for unit in 0..100 {
            services.ready(ec2, 0, UnitId(unit));
        }
        assert_eq!(started(&mut services).len(), 8);
        for throttled in [true, true, false, false, false, false, false, false] {
            services.returned(ec2, throttled);
        }
        assert_eq!(started(&mut services).len(), 4);
        (0..4).for_each(|_| services.returned(ec2, true));
        assert_eq!(started(&mut services).len(), 1, "never less than one");
    }
}
