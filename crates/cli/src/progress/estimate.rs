//! How long an apply still takes: the longest chain of steps that are not done, by how
//! long each kind's objects typically take.

use topo_model::Catalogue;
use topo_plan::{Op, Plan, Step, StepId};

/// Time left, by the plan's critical path.
#[derive(Debug)]
pub(crate) struct Estimate {
    /// For every step, how long it and the longest chain behind it take, in milliseconds.
    tails: Vec<u64>,
    /// The steps, longest tail first.
    order: Vec<u32>,
    /// The first position in `order` that is not known to be done.
    next: usize,
    done: Vec<bool>,
}

impl Estimate {
    /// The estimate before anything is done.
    pub(crate) fn new(plan: &Plan, catalogue: &Catalogue, pace: f64) -> Estimate {
        Estimate::of(&plan.steps, |step| {
            let kind = plan.nodes.get(step.node.0 as usize).and_then(|n| catalogue.by_name(n.kind));
            let settles = kind.map_or(0, |k| k.settles).max(0) as f64 * pace;
            if matches!(step.op, Op::Create | Op::Update) { settles as u64 } else { 0 }
        })
    }

    /// The estimate from how long each step takes by itself.
    fn of(steps: &[Step], own: impl Fn(&Step) -> u64) -> Estimate {
        let mut tails = vec![0_u64; steps.len()];
        // Every step stands behind those it needs, so one pass from the end is enough.
        for (at, step) in steps.iter().enumerate().rev() {
            tails[at] += own(step);
            let tail = tails[at];
            for need in &step.needs {
                if let Some(before) = tails.get_mut(need.0 as usize) {
                    *before = (*before).max(tail);
                }
            }
        }
        let mut order: Vec<u32> = (0..tails.len() as u32).collect();
        order.sort_by_key(|at| std::cmp::Reverse(tails[*at as usize]));
        Estimate { done: vec![false; tails.len()], tails, order, next: 0 }
    }

    /// A step has come to its end.
    pub(crate) fn done(&mut self, step: StepId) {
        if let Some(done) = self.done.get_mut(step.0 as usize) {
            *done = true;
        }
        while self.order.get(self.next).is_some_and(|at| self.done[*at as usize]) {
            self.next += 1;
        }
    }

    /// Milliseconds left.
    pub(crate) fn left(&self) -> u64 {
        self.order.get(self.next).map_or(0, |at| self.tails[*at as usize])
    }
}

#[cfg(test)]
mod tests {
    use topo_plan::NodeId;

    use super::*;

    fn estimate(needs: &[&[u32]], own: &[u64]) -> Estimate {
        let steps = needs.iter().enumerate().map(|(at, needs)| Step {
            node: NodeId(at as u32),
            op: Op::Create,
            wave: 0,
            needs: needs.iter().copied().map(StepId).collect(),
            batch: None,
        });
        Estimate::of(&steps.collect::<Vec<_>>(), |step| own[step.node.0 as usize])
    }

    #[test]
    fn time_left_is_the_longest_chain_that_is_not_done() {
        // 0 (5) before 1 (20); 2 (10) alone.
        let mut estimate = estimate(&[&[], &[0], &[]], &[5, 20, 10]);
        assert_eq!(estimate.left(), 25);
        estimate.done(StepId(2));
        assert_eq!(estimate.left(), 25);
        estimate.done(StepId(0));
        assert_eq!(estimate.left(), 20);
        estimate.done(StepId(1));
        assert_eq!(estimate.left(), 0);
    }
}
