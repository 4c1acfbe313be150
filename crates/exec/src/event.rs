//! What happens during an apply, as data: for progress, for `--json`, for the report.

use topo_model::{Span, Symbol};
use topo_plan::{NodeId, Op, StepId, Summary};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An intent that an earlier run left open was resolved before anything else.
    Recovered {
        /// The resource.
        address: String,
        /// What became of it, in words.
        text: String,
    },
    /// A wave starts.
    WaveStarted {
        /// Its position, from 0.
        wave: u32,
        /// How many steps it has.
        steps: u32,
    },
    /// A step's call is about to be made.
    Started {
        /// The step.
        step: StepId,
        /// The resource.
        node: NodeId,
        /// What is done.
        op: Op,
    },
    /// A step is waiting for its object to become ready, or to ask again after a refusal.
    Waiting {
        /// The step.
        step: StepId,
        /// The resource.
        node: NodeId,
        /// What for, in words; what a person must do, where one must.
        text: String,
        /// Whether it waits for a person.
        human: bool,
    },
    /// A step is done.
    Done {
        /// The step.
        step: StepId,
        /// The resource.
        node: NodeId,
        /// What was done.
        op: Op,
        /// The object's id.
        id: Option<String>,
        /// How long it took, in milliseconds.
        ms: u64,
    },
    /// A step failed.
    Failed {
        /// The step.
        step: StepId,
        /// The resource.
        node: NodeId,
        /// What was tried.
        op: Op,
        /// The error, in words.
        error: String,
        /// Whether it can't be told if it happened.
        unknown: bool,
    },
    /// A step was not tried.
    Skipped {
        /// The step.
        step: StepId,
        /// The resource.
        node: NodeId,
        /// What would have been done.
        op: Op,
        /// Why: the failed resource's address, the stopped wave, the interrupt.
        because: String,
    },
    /// A check over values of the cloud does not hold: nothing new is started.
    CheckFailed {
        /// Its code.
        code: u16,
        /// What it says.
        text: String,
        /// Where it stands; [`Span::NONE`] in a saved plan.
        span: Span,
    },
    /// A wave's steps have come to their end.
    WaveDone {
        /// Its position, from 0.
        wave: u32,
        /// Whether all of them succeeded.
        ok: bool,
    },
    /// The pause after a wave.
    Baking {
        /// The wave just done.
        wave: u32,
        /// How long it still takes, in milliseconds.
        ms: u64,
    },
    /// A wave failed and is taken back; what follows about its steps is that.
    Reverting {
        /// The wave.
        wave: u32,
        /// How many steps are taken back.
        steps: u32,
    },
    /// A wave is not entered, or not taken back: what stands against it.
    Held {
        /// The wave.
        wave: u32,
        /// Why.
        text: String,
    },
    /// The end.
    Finished {
        /// What was done, by action.
        done: Summary,
        /// How it ended.
        outcome: Outcome,
    },
}

/// How an apply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was done.
    #[default]
    Done,
    /// Something failed; the report says what was not done.
    Failed,
    /// A signal stopped it; it can go on.
    Interrupted,
    /// It waits for a person: an approval between waves, a delegation. It can go on.
    Waiting,
}

/// An answer to the question before a wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// Go on.
    Yes,
    /// Stop here; the next apply asks again.
    No,
}

impl Outcome {
    /// Its name in the history and in `--json`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
            Outcome::Waiting => "waiting",
        }
    }
}

/// What became of everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What was done, by action.
    pub done: Summary,
    /// Steps that failed, with their errors.
    pub failed: Vec<(StepId, String)>,
    /// Steps that were not tried, with the reason.
    pub skipped: Vec<(StepId, String)>,
    /// Steps whose object waits for a person, with what to do.
    pub waiting: Vec<(StepId, String)>,
    /// Checks that did not hold, with their codes.
    pub checks: Vec<(u16, String)>,
    /// The region of every wave that was completed.
    pub completed: Vec<Symbol>,
}
