//! A plan's progress: which steps can start, which never will. Knows the graph alone.
//!
//! Built once in O(V + E); after that each edge is looked at once. What starts and ends
//! together, a step or a batch, is a *unit*.

use topo_plan::{Plan, StepId};

use crate::Error;

/// A unit's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UnitId(pub(crate) u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Waiting,
    Ready,
    Running,
    /// All its steps have come to their end, well or not.
    Ended,
    Skipped,
}

/// Edges in compressed rows: the targets of source `i` are `targets[starts[i]..starts[i + 1]]`.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Rows {
    pub(crate) fn new(sources: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Rows {
        let mut starts = vec![0_u32; sources + 1];
        for (from, _) in edges.clone() {
            starts[from as usize + 1] += 1;
        }
        for i in 0..sources {
            starts[i + 1] += starts[i];
        }
        let mut at = starts.clone();
        let mut targets = vec![0; starts[sources] as usize];
        for (from, to) in edges {
            targets[at[from as usize] as usize] = to;
            at[from as usize] += 1;
        }
        Rows { starts, targets }
    }

    pub(crate) fn of(&self, source: u32) -> &[u32] {
        let at = source as usize;
        &self.targets[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// The progress of one plan.
#[derive(Debug)]
pub(crate) struct Schedule {
    unit_of: Vec<u32>,
    steps_of: Rows,
    /// From a step to the units that need it.
    dependants: Rows,
    waiting: Vec<u32>,
    running: Vec<u32>,
    progress: Vec<Progress>,
    wave: Vec<u32>,
    priority: Vec<i64>,
    /// Units that became ready before their wave began, by wave.
    early: Vec<Vec<UnitId>>,
    /// Steps without an end, by wave.
    open: Vec<u32>,
    current: Option<u32>,
}

impl Schedule {
    /// The schedule of a plan; `weight` tells how long a step is expected to take.
    pub(crate) fn new(plan: &Plan, weight: &dyn Fn(StepId) -> i64) -> Result<Schedule, Error> {
        validate(plan)?;
        let mut unit_of = units(plan, &|_| true);
        let (mut graph, mut order) = contract(plan, &unit_of);
        if order.len() < graph.waiting.len() {
            // Batches that wait for one another through other steps can't go as batches.
            let mut sorted = vec![false; graph.waiting.len()];
            order.iter().for_each(|u| sorted[*u as usize] = true);
            let whole: Vec<bool> = unit_of.iter().map(|u| sorted[*u as usize]).collect();
            unit_of = units(plan, &|step| whole[step]);
            (graph, order) = contract(plan, &unit_of);
        }
        let Graph { count, steps_of, dependants, waiting } = graph;
        let mut priority = vec![0_i64; count];
        for &unit in order.iter().rev() {
            let steps = steps_of.of(unit);
            let own = steps.iter().map(|s| weight(StepId(*s))).max().unwrap_or(0);
            let behind = steps.iter().flat_map(|s| dependants.of(*s)).filter(|u| **u != unit);
            priority[unit as usize] = own + 1 + behind.map(|u| priority[*u as usize]).max().unwrap_or(0);
        }
        let mut wave = vec![0; count];
        let mut open = vec![0; plan.waves.len().max(1)];
        for (step, unit) in plan.steps.iter().zip(&unit_of) {
            wave[*unit as usize] = step.wave.max(wave[*unit as usize]);
        }
        for unit in &unit_of {
            open[wave[*unit as usize] as usize] += 1;
        }
        let mut schedule = Schedule {
            running: (0..count).map(|u| steps_of.of(u as u32).len() as u32).collect(),
            progress: vec![Progress::Waiting; count],
            early: vec![Vec::new(); open.len()],
            current: None,
            unit_of,
            steps_of,
            dependants,
            waiting,
            wave,
            priority,
            open,
        };
        for unit in 0..count as u32 {
            if schedule.waiting[unit as usize] == 0 {
                schedule.ready(UnitId(unit), &mut Vec::new());
            }
        }
        Ok(schedule)
    }

    /// Begins a wave; gives the units of it, and of those before, that can start.
    pub(crate) fn begin(&mut self, wave: u32) -> Vec<UnitId> {
        self.current = Some(wave);
        let mut ready: Vec<UnitId> = self.early.iter_mut().take(wave as usize + 1).flat_map(std::mem::take).collect();
        ready.sort_unstable();
        ready
    }

    /// How many steps of a wave have no end yet.
    pub(crate) fn open(&self, wave: u32) -> u32 {
        self.open[wave as usize]
    }

    pub(crate) fn waves(&self) -> u32 {
        self.open.len() as u32
    }

    pub(crate) fn steps(&self, unit: UnitId) -> impl Iterator<Item = StepId> + '_ {
        self.steps_of.of(unit.0).iter().map(|s| StepId(*s))
    }

    pub(crate) fn unit(&self, step: StepId) -> UnitId {
        UnitId(self.unit_of[step.0 as usize])
    }

    pub(crate) fn priority(&self, unit: UnitId) -> i64 {
        self.priority[unit.0 as usize]
    }

    pub(crate) fn start(&mut self, unit: UnitId) {
        self.progress[unit.0 as usize] = Progress::Running;
    }

    /// A step succeeded; pushes the units that can start now.
    pub(crate) fn done(&mut self, step: StepId, ready: &mut Vec<UnitId>) {
        self.end(step);
        for at in 0..self.dependants.of(step.0).len() {
            let unit = self.dependants.of(step.0)[at] as usize;
            self.waiting[unit] -= 1;
            if self.waiting[unit] == 0 && self.progress[unit] == Progress::Waiting {
                self.ready(UnitId(unit as u32), ready);
            }
        }
    }

    /// A step did not succeed; gives the steps that will not be tried for it, in order.
    pub(crate) fn failed(&mut self, step: StepId) -> Vec<StepId> {
        self.end(step);
        let mut skipped = Vec::new();
        let mut from = vec![step];
        while let Some(step) = from.pop() {
            for at in 0..self.dependants.of(step.0).len() {
                let unit = UnitId(self.dependants.of(step.0)[at]);
                if self.progress[unit.0 as usize] == Progress::Waiting {
                    let steps = self.skip(unit);
                    skipped.extend(&steps);
                    from.extend(steps);
                }
            }
        }
        skipped.sort_unstable();
        skipped
    }

    /// Gives up everything that has not started; gives its steps in order.
    pub(crate) fn skip_rest(&mut self) -> Vec<StepId> {
        let rest: Vec<UnitId> = (0..self.progress.len() as u32)
            .map(UnitId)
            .filter(|u| matches!(self.progress[u.0 as usize], Progress::Waiting | Progress::Ready))
            .collect();
        let mut steps: Vec<StepId> = rest.into_iter().flat_map(|u| self.skip(u)).collect();
        steps.sort_unstable();
        steps
    }

    fn skip(&mut self, unit: UnitId) -> Vec<StepId> {
        self.progress[unit.0 as usize] = Progress::Skipped;
        let steps: Vec<StepId> = self.steps(unit).collect();
        self.open[self.wave[unit.0 as usize] as usize] -= steps.len() as u32;
        steps
    }

    fn end(&mut self, step: StepId) {
        let unit = self.unit(step).0 as usize;
        self.open[self.wave[unit] as usize] -= 1;
        self.running[unit] -= 1;
        if self.running[unit] == 0 {
            self.progress[unit] = Progress::Ended;
        }
    }

    fn ready(&mut self, unit: UnitId, ready: &mut Vec<UnitId>) {
        let wave = self.wave[unit.0 as usize];
        self.progress[unit.0 as usize] = Progress::Ready;
        if self.current.is_some_and(|current| wave <= current) {
            ready.push(unit);
        } else {
            self.early[wave as usize].push(unit);
        }
    }
}

/// A plan may come from a file: what indexes would trust is looked at once.
fn validate(plan: &Plan) -> Result<(), Error> {
    for (at, step) in plan.steps.iter().enumerate() {
        if step.node.0 as usize >= plan.nodes.len() {
            return Err(Error::Plan(format!("step {at} names node {}, which it does not have", step.node.0)));
        }
        if step.wave as usize >= plan.waves.len() {
            return Err(Error::Plan(format!("step {at} names wave {}, which it does not have", step.wave)));
        }
        if let Some(need) = step.needs.iter().find(|n| n.0 as usize >= at) {
            return Err(Error::Plan(format!("step {at} needs step {}, which does not stand before it", need.0)));
        }
    }
    Ok(())
}

/// The unit of every step: its own, or its batch's.
fn units(plan: &Plan, may_batch: &dyn Fn(usize) -> bool) -> Vec<u32> {
    let mut batches = rustc_hash::FxHashMap::default();
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        count - 1
    };
    let mut unit_of = Vec::with_capacity(plan.steps.len());
    for (at, step) in plan.steps.iter().enumerate() {
        unit_of.push(match step.batch.filter(|_| may_batch(at)) {
            Some(batch) => *batches.entry((batch, step.wave)).or_insert_with(&mut fresh),
            None => fresh(),
        });
    }
    unit_of
}

struct Graph {
    count: usize,
    steps_of: Rows,
    dependants: Rows,
    waiting: Vec<u32>,
}

/// The graph between units, and as much of its topological order as there is.
fn contract(plan: &Plan, unit_of: &[u32]) -> (Graph, Vec<u32>) {
    let count = unit_of.iter().max().map_or(0, |m| *m as usize + 1);
    let steps_of = Rows::new(count, unit_of.iter().enumerate().map(|(s, u)| (*u, s as u32)));
    let edges = plan.steps.iter().zip(unit_of).flat_map(|(step, unit)| {
        let inside = |need: &StepId| unit_of[need.0 as usize] == *unit;
        step.needs.iter().filter(move |need| !inside(need)).map(|need| (need.0, *unit))
    });
    let dependants = Rows::new(plan.steps.len(), edges.clone());
    let mut waiting = vec![0_u32; count];
    edges.for_each(|(_, unit)| waiting[unit as usize] += 1);
    let mut left = waiting.clone();
    let mut order: Vec<u32> = (0..count as u32).filter(|u| left[*u as usize] == 0).collect();
    let mut at = 0;
    while at < order.len() {
        for step in steps_of.of(order[at]) {
            for unit in dependants.of(*step) {
                left[*unit as usize] -= 1;
                if left[*unit as usize] == 0 {
                    order.push(*unit);
                }
            }
        }
        at += 1;
    }
    (Graph { count, steps_of, dependants, waiting }, order)
}
