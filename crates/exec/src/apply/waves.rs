//! A run from its first entry in the log to its last: waves, and what stands between them.

use topo_model::{Attributes, Operation};
use topo_plan::{Action, Op, StepId};
use topo_provider::Provider;
use topo_state::Change;

use crate::{Approval, Error, Event, Outcome, Report};

use super::dispatch::{Dispatcher, signalled};
use super::gate;
use super::revert::{Reversal, reversal};

impl<P: Provider> Dispatcher<'_, P> {
    pub(crate) async fn apply<A: AsyncFnMut(u32) -> Approval>(mut self, mut approve: A) -> Result<Report, Error> {
        self.book.write(Change::Started(self.options.run.clone()));
        self.rename()?;
        self.refresh();
        self.look_at_earlier_intents();
        for at in self.checks.decidable() {
            self.run_check(at);
        }
        self.run_waves(&mut approve).await?;
        self.finish()
    }

    /// Records renamed resources under their new addresses, all at once, since two may exchange
    /// theirs. From here on every step finds its record under the address that the plan has;
    /// what a move still does is to mark the object.
    fn rename(&mut self) -> Result<(), Error> {
        let moves = self.plan.steps.iter().filter(|s| s.op == Op::Move);
        let pairs: Vec<(String, String)> = moves
            .filter_map(|step| {
                let node = &self.plan.nodes[step.node.0 as usize];
                let from = node.detail.as_ref()?.moved_from.as_ref()?;
                Some((from.clone(), node.address.clone()))
            })
            .collect();
        if pairs.is_empty() {
            return Ok(());
        }
        self.book.write(Change::RenamedAll(pairs));
        self.flush()
    }

    async fn run_waves<A: AsyncFnMut(u32) -> Approval>(&mut self, approve: &mut A) -> Result<(), Error> {
        let mut entered = None;
        for wave in 0..self.schedule.waves() {
            if self.stopped.is_some() {
                return Ok(());
            }
            if self.schedule.open(wave) > 0 {
                let held = match entered {
                    Some(last) => self.held(last, wave, approve).await?,
                    None => self.still_shut(wave).await,
                };
                if let Some(why) = held {
                    self.book.tell(Event::Held { wave, text: why.clone() });
                    self.stopped.get_or_insert(why);
                    return Ok(());
                }
                entered = Some(wave);
                if !self.run_wave(wave).await? {
                    return Ok(());
                }
            }
            self.report.completed.extend(&self.plan.waves[wave as usize].regions);
        }
        Ok(())
    }

    /// Runs one wave; tells whether the next may follow.
    async fn run_wave(&mut self, wave: u32) -> Result<bool, Error> {
        let steps = self.schedule.open(wave);
        self.book.tell(Event::WaveStarted { wave, steps });
        let watched = self.watched(wave).await;
        self.touched.clear();
        self.run(wave).await?;
        self.before = watched;
        let ok = self.stopped.is_none() && self.report.failed.is_empty() && self.report.waiting.is_empty();
        self.book.tell(Event::WaveDone { wave, ok });
        self.flush()?;
        if !ok {
            let text = || format!("wave {} did not complete", wave + 1);
            self.stopped.get_or_insert_with(text);
        }
        let failed = !self.report.failed.is_empty() || !self.report.checks.is_empty();
        if failed && self.signals == 0 && self.plan.waves[wave as usize].revert {
            self.revert(wave).await?;
        }
        Ok(ok)
    }

    /// Takes a failed wave back, where that can be done.
    async fn revert(&mut self, wave: u32) -> Result<(), Error> {
        let Reversal { plan, of } = match reversal(self.plan, &self.touched, self.log.recorded()) {
            Ok(reversal) => reversal,
            Err(why) => {
                let text = format!("wave {} can't be taken back: {why}", wave + 1);
                self.book.tell(Event::Held { wave, text });
                return self.flush();
            }
        };
        self.book.tell(Event::Reverting { wave, steps: plan.steps.len() as u32 });
        self.flush()?;
        let mut events = |event| (self.events)(as_of(&of, event));
        let interrupt = self.interrupt.clone();
        let mut reversing = Dispatcher::new(self.cloud, &plan, self.options, &mut *self.log, &mut events, interrupt)?;
        reversing.run(0).await?;
        let Dispatcher { left, mut report, signals, .. } = reversing;
        self.signals = signals;
        let original = |(step, text): (StepId, String)| (of[step_index(step)], text);
        self.report.failed.extend(report.failed.drain(..).map(original));
        for (at, step) in of.iter().enumerate() {
            let node = plan.steps[at].node.0 as usize;
            if left[node] > 0 {
                continue;
            }
            self.report.skipped.push((*step, format!("taken back, since wave {} failed", wave + 1)));
            if self.left[node] == 0
                && let Some(count) = self.count(self.plan.nodes[node].action)
            {
                *count -= 1;
            }
        }
        Ok(())
    }

    /// What the alarms say, where the wave's gate watches them.
    async fn watched(&self, wave: u32) -> gate::Alarms {
        if self.plan.waves[wave as usize].gate.is_none() {
            return gate::Alarms::new();
        }
        gate::alarms(self.cloud, self.log.recorded().resources.values()).await
    }

    /// Waits as the last wave asks, then says why the next one can't be entered.
    async fn held<A: AsyncFnMut(u32) -> Approval>(
        &mut self,
        last: u32,
        next: u32,
        approve: &mut A,
    ) -> Result<Option<String>, Error> {
        self.bake(last).await?;
        if let Some(why) = &self.stopped {
            return Ok(Some(why.clone()));
        }
        let now = self.watched(last).await;
        let mut held = gate::shut(&self.before, &now);
        if held.is_none() && self.plan.waves[next as usize].approve {
            self.flush()?;
            let answer = tokio::select! {
                answer = approve(next) => Some(answer),
                () = signalled(&mut self.interrupt) => None,
            };
            self.look_for_signals();
            match answer {
                Some(Approval::Yes) => {}
                Some(Approval::No) => {
                    self.report.outcome = Outcome::Waiting;
                    return Ok(Some("it waits for an approval".to_owned()));
                }
                None => return Ok(Some("interrupted".to_owned())),
            }
        }
        if held.is_none() {
            held = gate::changed_since(self.cloud, self.plan, next).await;
        }
        if held.is_some() {
            self.report.outcome = Outcome::Failed;
        }
        Ok(held)
    }

    /// Why the first wave with anything to do can't be entered: the gate behind the wave before
    /// it, which an earlier run passed through, or was stopped at. What the alarms said before
    /// that wave nobody knows any more, so one that is in ALARM now counts.
    async fn still_shut(&mut self, wave: u32) -> Option<String> {
        let last = wave.checked_sub(1)?;
        let why = gate::ringing(&self.watched(last).await)?;
        self.report.outcome = Outcome::Failed;
        Some(why)
    }

    /// Waits as a wave asks after it, or until a signal comes.
    async fn bake(&mut self, wave: u32) -> Result<(), Error> {
        let ms = self.plan.waves[wave as usize].bake;
        if ms > 0 {
            self.book.tell(Event::Baking { wave, ms: ms as u64 });
            self.flush()?;
            tokio::select! {
                () = self.cloud.time.wait(ms) => {}
                () = signalled(&mut self.interrupt) => {}
            }
        }
        self.look_for_signals();
        Ok(())
    }

    /// Records what observation told and the log does not know.
    fn refresh(&mut self) {
        for node in &self.plan.nodes {
            let Some(outputs) = node.detail.as_ref().and_then(|d| d.refreshed.as_ref()) else { continue };
            if let Some(record) = self.record(node).filter(|r| r.outputs != *outputs) {
                let mut record = record.clone();
                record.outputs.clone_from(outputs);
                self.book.put(None, record);
            }
        }
    }

    /// Intents that an earlier run left open, and that asking did not decide. A create goes
    /// on under the same id where the plan still asks for it; everything else is planned
    /// anew from what was observed.
    fn look_at_earlier_intents(&mut self) {
        let creates = |address: &str| {
            self.plan
                .nodes
                .iter()
                .any(|n| n.address == address && matches!(n.action, Action::Create | Action::Replace(_)))
        };
        for intent in &self.log.recorded().intents {
            if intent.operation == Operation::Create && creates(&intent.address) {
                self.earlier.insert(intent.address.clone(), intent.clone());
            } else if !self.may_still_be_there(intent) {
                let why = "planned anew from what is there".to_owned();
                self.book.write(Change::Closed { intent: intent.id, why });
            }
        }
    }

    /// A create that can't be told from its traces stays open until somebody has looked.
    fn may_still_be_there(&self, intent: &topo_model::Intent) -> bool {
        let kind = self.cloud.catalogue.by_name(intent.kind);
        intent.operation == Operation::Create && kind.is_none_or(|k| k.creation == topo_model::Creation::Nothing)
    }

    fn finish(mut self) -> Result<Report, Error> {
        let because = self.stopped.clone().unwrap_or_else(|| "an earlier step failed".to_owned());
        for step in self.schedule.skip_rest() {
            self.skip(step, &because);
        }
        let under_way: Vec<_> = {
            let mut steps: Vec<_> = self.started.keys().copied().collect();
            steps.sort_unstable();
            steps
        };
        under_way.into_iter().for_each(|step| self.skip(step, "interrupted while under way"));
        self.report.outcome = self.outcome();
        if self.report.outcome == Outcome::Done {
            let outputs = self.outputs();
            if outputs != self.log.recorded().outputs {
                self.book.write(Change::Outputs(outputs));
            }
        }
        let (outcome, done) = (self.report.outcome, self.report.done);
        self.book.write(Change::Finished {
            outcome: outcome.name().to_owned(),
            done: serde_json::to_value(done).unwrap_or_default(),
            at: (self.cloud.time.now)(),
        });
        self.book.tell(Event::Finished { done, outcome });
        self.flush()?;
        self.report.failed.sort();
        self.report.skipped.sort();
        Ok(self.report)
    }

    fn outcome(&self) -> Outcome {
        let report = &self.report;
        if report.outcome == Outcome::Interrupted {
            Outcome::Interrupted
        } else if !report.failed.is_empty() || !report.checks.is_empty() {
            Outcome::Failed
        } else if !report.waiting.is_empty() {
            Outcome::Waiting
        } else {
            report.outcome
        }
    }

    /// The topology's outputs, as far as they are known.
    fn outputs(&self) -> Attributes {
        let known = |(name, value): &(_, _)| Some((*name, self.value(value).ok()?));
        self.plan.outputs.iter().filter_map(known).collect()
    }
}

fn step_index(step: StepId) -> usize {
    step.0 as usize
}

/// An event of taking something back, told by the step that is taken back.
fn as_of(of: &[StepId], mut event: Event) -> Event {
    match &mut event {
        Event::Started { step, .. }
        | Event::Waiting { step, .. }
        | Event::Done { step, .. }
        | Event::Failed { step, .. }
        | Event::Skipped { step, .. } => *step = of[step_index(*step)],
        _ => {}
    }
    event
}
