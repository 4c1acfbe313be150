//! The dispatcher: owns the log, the plan's progress and the line of events. Everything that
//! happens passes here, one thing after another.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use topo_model::{Intent, Object, Symbol};
use topo_plan::{Node, NodeId, Op, Plan, StepId};
use topo_provider::Provider;
use topo_state::{Change, Log};

use crate::cloud::{Cloud, Facts};
use crate::{Error, Event, Outcome, Report};

use super::book::Book;
use super::checks::Checks;
use super::limits::{Grant, Services};
use super::link::{Link, Message, Slot};
use super::schedule::{Schedule, UnitId};
use super::worker::{Task, Worker};
use super::{Ids, Options, batch, gate};

/// How many changes are gathered before they are made durable though more would come.
const GATHER: usize = 8192;

/// A unit that starts as soon as its intents are durable.
#[derive(Debug)]
struct Prepared {
    service: usize,
    tasks: Vec<Task>,
    /// Where in the book each task's intent stands; `None` where it is durable already, or
    /// there is none.
    intents: Vec<Option<usize>>,
    slot: Slot,
}

/// An apply at work.
pub(crate) struct Dispatcher<'a, P> {
    pub(crate) cloud: &'a Cloud<'a, P>,
    pub(crate) plan: &'a Plan,
    pub(crate) options: &'a Options,
    pub(crate) log: &'a mut Log,
    pub(crate) events: &'a mut dyn FnMut(Event),
    pub(crate) book: Book,
    pub(crate) schedule: Schedule,
    pub(crate) services: Services,
    pub(crate) facts: FxHashMap<Symbol, Arc<Facts>>,
    /// What lookups found.
    pub(crate) found: FxHashMap<NodeId, Object>,
    /// Creates that an earlier run began and that may still happen, by address.
    pub(crate) earlier: FxHashMap<String, Intent>,
    /// Intents of steps under way.
    pub(crate) intents: FxHashMap<StepId, Intent>,
    pub(crate) instants: VecDeque<UnitId>,
    prepared: Vec<Prepared>,
    pub(crate) workers: JoinSet<()>,
    line: mpsc::UnboundedSender<Message>,
    inbox: mpsc::UnboundedReceiver<Message>,
    stop: watch::Sender<bool>,
    pub(crate) interrupt: watch::Receiver<u32>,
    pub(crate) started: FxHashMap<StepId, Instant>,
    pub(crate) ids: Ids,
    pub(crate) checks: Checks,
    /// Steps of this wave that did something, or may have.
    pub(crate) touched: Vec<StepId>,
    /// Steps without an end, by node.
    pub(crate) left: Vec<u32>,
    pub(crate) report: Report,
    /// Why nothing new is started, where it isn't.
    pub(crate) stopped: Option<String>,
    /// Signals seen.
    pub(crate) signals: u32,
    /// What the watched alarms said before the wave that ran last.
    pub(crate) before: gate::Alarms,
}

impl<'a, P: Provider> Dispatcher<'a, P> {
    pub(crate) fn new(
        cloud: &'a Cloud<'a, P>,
        plan: &'a Plan,
        options: &'a Options,
        log: &'a mut Log,
        events: &'a mut dyn FnMut(Event),
        interrupt: watch::Receiver<u32>,
    ) -> Result<Dispatcher<'a, P>, Error> {
        let facts = facts(cloud, plan)?;
        let schedule = Schedule::new(plan, &|step| weight(plan, &facts, step))?;
        let (line, inbox) = mpsc::unbounded_channel();
        let mut left = vec![0; plan.nodes.len()];
        plan.steps.iter().for_each(|s| left[s.node.0 as usize] += 1);
        let checks = Checks::new(plan, &left);
        Ok(Dispatcher {
            cloud,
            plan,
            options,
            log,
            events,
            book: Book::default(),
            schedule,
            services: Services::default(),
            facts,
            found: FxHashMap::default(),
            earlier: FxHashMap::default(),
            intents: FxHashMap::default(),
            instants: VecDeque::new(),
            prepared: Vec::new(),
            workers: JoinSet::new(),
            line,
            inbox,
            stop: watch::Sender::new(false),
            interrupt,
            started: FxHashMap::default(),
            ids: options.ids.clone(),
            checks,
            touched: Vec::new(),
            left,
            report: Report::default(),
            stopped: None,
            signals: 0,
            before: gate::Alarms::new(),
        })
    }

    pub(crate) fn node(&self, step: StepId) -> &'a Node {
        &self.plan.nodes[self.plan.steps[step.0 as usize].node.0 as usize]
    }

    pub(crate) fn op(&self, step: StepId) -> Op {
        self.plan.steps[step.0 as usize].op
    }

    /// Runs everything of a wave that can run.
    pub(crate) async fn run(&mut self, wave: u32) -> Result<(), Error> {
        for unit in self.schedule.begin(wave) {
            self.route(unit);
        }
        self.look_for_signals();
        let mut arrived = Vec::new();
        loop {
            self.advance()?;
            if self.started.is_empty() || self.signals > 1 {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = signalled(&mut self.interrupt) => self.look_for_signals(),
                _ = self.inbox.recv_many(&mut arrived, GATHER) => {
                    // Others that are about to report get their turn: one sync for all.
                    tokio::task::yield_now().await;
                    while let Ok(message) = self.inbox.try_recv() {
                        arrived.push(message);
                    }
                }
                Some(Err(error)) = self.workers.join_next() => {
                    if let Ok(panic) = error.try_into_panic() {
                        std::panic::resume_unwind(panic);
                    }
                }
            }
            for message in arrived.drain(..) {
                self.take(message);
            }
        }
    }

    /// Puts a unit that can start where it will be started from.
    pub(crate) fn route(&mut self, unit: UnitId) {
        let Some(first) = self.schedule.steps(unit).next() else { return };
        if self.is_instant(first) {
            self.instants.push_back(unit);
            return;
        }
        let node = self.node(first);
        let service = node.kind.as_str().rsplit_once('.').map_or(node.kind.as_str(), |(service, _)| service);
        let provider = &self.cloud.provider;
        let service = self.services.index(node.region, service, &|| provider.parallel(service));
        self.services.ready(service, self.schedule.priority(unit), unit);
    }

    /// Starts what can start and makes everything durable that has gathered.
    fn advance(&mut self) -> Result<(), Error> {
        loop {
            while self.stopped.is_none()
                && let Some(unit) = self.instants.pop_front()
            {
                self.schedule.start(unit);
                let steps: Vec<StepId> = self.schedule.steps(unit).collect();
                for step in steps {
                    self.instant(step);
                }
                if self.book.len() >= GATHER {
                    self.flush()?;
                }
            }
            let mut asked = false;
            while let Some(grant) = self.services.grant() {
                if !std::mem::replace(&mut asked, true) {
                    self.log.check_lease()?;
                }
                match grant {
                    Grant::Call(answer) => {
                        let _slot_is_the_asker_s = answer.send(true);
                    }
                    Grant::Start(service, unit) => self.prepare(service, unit),
                }
            }
            if self.instants.is_empty() || self.stopped.is_some() {
                return self.flush();
            }
        }
    }

    /// Readies a unit's call: its intents stand in the book, so they are durable before it.
    fn prepare(&mut self, service: usize, unit: UnitId) {
        self.schedule.start(unit);
        let steps: Vec<StepId> = self.schedule.steps(unit).collect();
        let mut tasks = Vec::with_capacity(steps.len());
        for step in &steps {
            let task = match self.undecided(*step) {
                Some(why) => Err((why, true)),
                None => self.task(*step).map_err(|why| (why, false)),
            };
            match task {
                Ok(task) => tasks.push(task),
                Err((why, unknown)) => {
                    self.services.unused(service);
                    return self.refuse_unit(&steps, *step, why, unknown);
                }
            }
        }
        let mut intents = Vec::with_capacity(tasks.len());
        for task in &tasks {
            let (step, node) = (task.step, self.plan.steps[task.step.0 as usize].node);
            let needs_one = task.op.operation().is_some() && !task.asked_before;
            intents.push(needs_one.then(|| self.book.write(Change::Intent(Box::new(task.intent.clone())))));
            self.started.insert(step, Instant::now());
            self.book.tell(Event::Started { step, node, op: task.op });
        }
        let slot = Slot::new(self.line.clone(), service);
        self.prepared.push(Prepared { service, tasks, intents, slot });
    }

    /// One member of a unit can't be tried, so none is.
    fn refuse_unit(&mut self, steps: &[StepId], culprit: StepId, why: String, unknown: bool) {
        self.fail(culprit, why, unknown);
        let because = self.node(culprit).address.clone();
        for step in steps.iter().filter(|s| **s != culprit) {
            let skipped = self.schedule.failed(*step);
            self.skip(*step, &because);
            skipped.into_iter().for_each(|s| self.skip(s, &because));
        }
    }

    /// Makes durable what has gathered, then starts the calls that waited for it.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        let serials = self.book.flush(self.log, self.events)?;
        for Prepared { service, mut tasks, intents, slot } in std::mem::take(&mut self.prepared) {
            for (task, at) in tasks.iter_mut().zip(intents) {
                if let Some(at) = at {
                    task.intent.id = topo_model::IntentId(serials[at]);
                }
                if task.op.operation().is_some() {
                    self.intents.insert(task.step, task.intent.clone());
                }
            }
            let link = Link { line: self.line.clone(), stop: self.stop.subscribe(), service };
            let (provider, time) = (Arc::clone(&self.cloud.provider), self.cloud.time);
            if tasks.len() == 1 {
                let worker = tasks.pop().map(|task| Worker::new(provider, link, time, task, Some(slot)));
                worker.map(|worker| self.workers.spawn(worker.run()));
            } else {
                self.workers.spawn(batch::run(provider, link, time, tasks, slot));
            }
        }
        Ok(())
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Ask { service, answer } => {
                if self.signals == 0 {
                    self.services.ask(service, answer);
                } else {
                    let _ = answer.send(false);
                }
            }
            Message::Returned { service, throttled } => self.services.returned(service, throttled),
            Message::Waiting { step, text, human } => {
                let node = self.plan.steps[step.0 as usize].node;
                self.book.tell(Event::Waiting { step, node, text, human });
            }
            Message::Happened { step, what, durable } => {
                self.happened(step, what);
                self.book.answer(durable);
            }
            Message::Ended { step, end } => self.ended(step, end),
        }
    }

    /// Starts nothing new from here on; what is under way goes on.
    pub(crate) fn stop_starting(&mut self, why: String) {
        self.stopped.get_or_insert(why);
        self.services.start_nothing();
        self.instants.clear();
    }

    /// The first signal lets calls in flight finish, a second one does not.
    pub(crate) fn look_for_signals(&mut self) {
        let signals = *self.interrupt.borrow_and_update();
        if signals == 0 || signals == self.signals {
            return;
        }
        self.signals = signals;
        self.report.outcome = Outcome::Interrupted;
        self.stop_starting("interrupted".to_owned());
        self.services.refuse();
        self.stop.send_replace(true);
        if signals > 1 {
            self.workers.abort_all();
        }
    }
}

/// Resolves when another signal comes.
pub(crate) async fn signalled(interrupt: &mut watch::Receiver<u32>) {
    if interrupt.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The facts of every kind that a step is about.
fn facts<P>(cloud: &Cloud<'_, P>, plan: &Plan) -> Result<FxHashMap<Symbol, Arc<Facts>>, Error> {
    let mut facts = FxHashMap::default();
    for step in &plan.steps {
        let node = plan
            .nodes
            .get(step.node.0 as usize)
            .ok_or_else(|| Error::Plan(format!("a step names node {}, which it does not have", step.node.0)))?;
        if let Entry::Vacant(vacant) = facts.entry(node.kind) {
            let kind = cloud.catalogue.by_name(node.kind);
            let kind = kind.ok_or_else(|| {
                Error::Plan(format!("{}: this version of topo does not know the kind {}", node.address, node.kind))
            })?;
            vacant.insert(Arc::new(Facts::of(kind)));
        }
    }
    Ok(facts)
}

/// How long a step is expected to take.
fn weight(plan: &Plan, facts: &FxHashMap<Symbol, Arc<Facts>>, step: StepId) -> i64 {
    let step = &plan.steps[step.0 as usize];
    let settles = facts.get(&plan.nodes[step.node.0 as usize].kind).map_or(0, |f| f.settles);
    match step.op {
        Op::Create => settles,
        Op::Update | Op::Delete | Op::DeleteDeposed(_) => settles / 2,
        Op::Read | Op::Move | Op::Import | Op::Forget => 0,
    }
}
