//! The program's checks over values that only the cloud tells: each is decided as soon as
//! all resources it looks at are done. One that does not hold lets nothing new start; what
//! is under way is finished. One that waits for a resource that failed is never decided.

use rustc_hash::FxHashMap;
use topo_plan::{NodeId, Plan};

/// The checks that are not decided yet.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    waiting: Vec<u32>,
    of: FxHashMap<NodeId, Vec<usize>>,
}

impl Checks {
    /// The checks of a plan; `steps` is how many steps each node has.
    pub(crate) fn new(plan: &Plan, steps: &[u32]) -> Checks {
        let mut checks = Checks { waiting: vec![0; plan.checks.len()], of: FxHashMap::default() };
        for (at, check) in plan.checks.iter().enumerate() {
            for node in check.needs.iter().filter(|n| steps.get(n.0 as usize).is_some_and(|s| *s > 0)) {
                checks.waiting[at] += 1;
                checks.of.entry(*node).or_default().push(at);
            }
        }
        checks
    }

    /// The checks that wait for nothing.
    pub(crate) fn decidable(&self) -> Vec<usize> {
        (0..self.waiting.len()).filter(|at| self.waiting[*at] == 0).collect()
    }

    /// A node is done; gives the checks that can be decided now.
    pub(crate) fn settled(&mut self, node: NodeId) -> Vec<usize> {
        let mut ready = self.of.remove(&node).unwrap_or_default();
        ready.retain(|at| {
            self.waiting[*at] -= 1;
            self.waiting[*at] == 0
        });
        ready
    }
}
