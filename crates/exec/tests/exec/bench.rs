//! Runs wishes through recover, observe, plan and apply, as one process would.

use std::sync::Arc;

use tokio::sync::watch;
use topo_exec::{
    Approval, Callbacks, Cloud, Event, Ids, Options, Outcome, Recovery, Report, Time, View, apply, observe, recover,
};
use topo_model::{Catalogue, Recorded};
use topo_plan::Plan;
use topo_state::{Holder, Location, Log, Run};

use crate::cloud::{TestCloud, catalogue};
use crate::wish::{self, Wish};

pub(crate) struct Bench {
    pub(crate) cloud: Arc<TestCloud>,
    pub(crate) catalogue: Catalogue,
    pub(crate) events: Vec<Event>,
    pub(crate) recovery: Recovery,
    pub(crate) approval: Approval,
    pub(crate) signals: watch::Sender<u32>,
    directory: tempfile::TempDir,
    runs: u32,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) enum End {
    Report(Box<Report>),
    Died,
}

impl End {
    #[track_caller]
    pub(crate) fn report(self) -> Report {
        match self {
            End::Report(report) => *report,
            End::Died => panic!("the process died"),
        }
    }
}

impl Bench {
    pub(crate) fn new(cloud: TestCloud) -> Bench {
        Bench {
            cloud: Arc::new(cloud),
            catalogue: catalogue(),
            events: Vec::new(),
            recovery: Recovery::default(),
            approval: Approval::Yes,
            signals: watch::Sender::new(0),
            directory: tempfile::tempdir().expect("a directory can be made"),
            runs: 0,
        }
    }

    fn location(&self) -> Location {
        Location::new("file:state", self.directory.path(), "p", "test", Some("e")).expect("a good URL")
    }

    pub(crate) fn log(&self) -> Log {
        let holder = Holder { who: "test".into(), command: "apply".into(), pid: 1, since: 0 };
        Log::open(&self.location(), &holder).expect("the log can be opened")
    }

    pub(crate) fn recorded(&self) -> Recorded {
        self.log().recorded().clone()
    }

    /// Runs wishes once.
    pub(crate) fn run(&mut self, wishes: &[Wish]) -> End {
        self.run_plan(|recorded, observed| wish::plan(wishes, recorded, observed))
    }

    /// Runs wishes until nothing is left to do; at most so often.
    #[track_caller]
    pub(crate) fn run_to_the_end(&mut self, wishes: &[Wish], tries: u32) {
        for _ in 0..tries {
            let report = self.run(wishes).report();
            assert_eq!(report.failed, [], "{:#?}", self.events);
            if report.done == topo_plan::Summary::default() {
                return;
            }
        }
        panic!("still not done: {:#?}", self.recorded());
    }

    pub(crate) fn run_plan(&mut self, plan: impl FnOnce(&Recorded, &[topo_model::Object]) -> Plan) -> End {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let end = runtime.block_on(self.process(plan));
        drop(runtime);
        end
    }

    async fn process(&mut self, plan: impl FnOnce(&Recorded, &[topo_model::Object]) -> Plan) -> End {
        self.runs += 1;
        self.events.clear();
        let mut log = self.log();
        let options = Options {
            run: Run { command: "apply".into(), who: "test".into(), plan: String::new(), at: 0, allowed: Vec::new() },
            human: 5_000,
            ids: Ids::Counted(format!("r{}n", self.runs), 0),
        };
        let world = Arc::clone(&self.cloud);
        let cloud = Cloud {
            provider: Arc::clone(&self.cloud),
            catalogue: &self.catalogue,
            project: "p",
            env: "e",
            time: Time { pace: 0.0, now: || 0, seed: 1 },
        };
        let events = &mut self.events;
        let approval = self.approval;
        let interrupt = self.signals.subscribe();
        let recovery = &mut self.recovery;
        let work = async {
            *recovery = recover(&cloud, &mut log, &mut |e| events.push(e)).await.expect("the log can be written");
            let view = View { desired: None, recorded: log.recorded(), region: None, refresh: true };
            let observed = observe(&cloud, &view).await.expect("the cloud tells");
            let plan = plan(log.recorded(), &observed.objects);
            let callbacks = Callbacks { events: &mut |e| events.push(e), approve: async |_| approval, interrupt };
            apply(&cloud, &plan, &mut log, &options, callbacks).await.expect("the run goes to its end")
        };
        tokio::select! {
            biased;
            () = world.died.notified() => End::Died,
            report = work => End::Report(Box::new(report)),
        }
    }

    /// What happened, in a few words a line.
    pub(crate) fn story(&self, plan: &Plan) -> Vec<String> {
        let at = |node: &topo_plan::NodeId| plan.nodes[node.0 as usize].address.clone();
        let tell = |e: &Event| match e {
            Event::Recovered { address, text } => format!("recovered {address}: {text}"),
            Event::WaveStarted { wave, steps } => format!("wave {wave}: {steps} steps"),
            Event::Started { node, op, .. } => format!("{op:?} {}", at(node)),
            Event::Waiting { node, text, human, .. } => format!("waiting {}: {text} (human: {human})", at(node)),
            Event::Done { node, op, .. } => format!("{op:?} {} done", at(node)),
            Event::Failed { node, error, unknown, .. } => format!("{} failed: {error} (unknown: {unknown})", at(node)),
            Event::Skipped { node, op, because, .. } => format!("{op:?} {} skipped: {because}", at(node)),
            Event::CheckFailed { code, text, .. } => format!("check T{code:04}: {text}"),
            Event::WaveDone { wave, ok } => format!("wave {wave} done: {ok}"),
            Event::Baking { wave, ms } => format!("wave {wave} bakes {ms}"),
            Event::Reverting { wave, steps } => format!("wave {wave} is taken back: {steps} steps"),
            Event::Held { wave, text } => format!("wave {wave} held: {text}"),
            Event::Finished { outcome, .. } => Outcome::name(*outcome).to_owned(),
        };
        self.events.iter().map(tell).collect()
    }
}
