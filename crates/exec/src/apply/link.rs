//! The line between workers and the dispatcher.

use tokio::sync::{mpsc, oneshot, watch};
use topo_model::{Object, ObjectId};
use topo_plan::StepId;

/// What a worker tells the dispatcher.
#[derive(Debug)]
pub(crate) enum Message {
    /// It wants to make a call; answered when it may, or with `false` when it must stop.
    Ask { service: usize, answer: oneshot::Sender<bool> },
    /// A call came back.
    Returned { service: usize, throttled: bool },
    /// It waits.
    Waiting { step: StepId, text: String, human: bool },
    /// Something became of the step's intent, and more is to come.
    Happened { step: StepId, what: Happened, durable: oneshot::Sender<()> },
    /// The step's end.
    Ended { step: StepId, end: End },
}

/// What became of an intent.
#[derive(Debug)]
pub(crate) enum Happened {
    /// The object exists; what was seen of it, where something was.
    Made(ObjectId, Option<Box<Object>>),
    /// The object has the settings.
    Changed,
}

/// How a step ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The object is ready, with every setting in line.
    Ready(Box<Object>),
    /// The object is gone.
    Gone,
    /// An `existing` object was found.
    Found(Box<Object>),
    /// It stops short.
    Halted { halt: Halt, intent: Fate },
}

/// What is known of the intent of a step that stops short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The call was not made, or was refused.
    DidNotHappen,
    /// It happened in part: the object is there and unfinished.
    Unfinished,
    /// It can't be told; the next run asks.
    Open,
}

/// Why a step stops short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The run is interrupted.
    Interrupted,
    /// It failed.
    Failed(String),
    /// An object that is not ours has the name or key of the resource at an address.
    Taken {
        /// What the service said.
        text: String,
        /// The address; in a batch not every step's own.
        address: String,
        /// The object.
        object: Box<Object>,
    },
    /// It can't be told whether it happened.
    Unknown(String),
    /// A person must act, and has not for as long as we wait.
    Human(String),
}

/// A worker's end of the line.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) line: mpsc::UnboundedSender<Message>,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) service: usize,
}

/// The right to one call; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    line: mpsc::UnboundedSender<Message>,
    service: usize,
    pub(crate) throttled: bool,
}

impl Slot {
    pub(crate) fn new(line: mpsc::UnboundedSender<Message>, service: usize) -> Slot {
        Slot { line, service, throttled: false }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // Nobody listens any more when the run was dropped; then nobody counts either.
        let _ = self.line.send(Message::Returned { service: self.service, throttled: self.throttled });
    }
}

impl Link {
    /// Waits for the right to make one call.
    pub(crate) async fn slot(&self) -> Result<Slot, Halt> {
        let (answer, granted) = oneshot::channel();
        self.tell(Message::Ask { service: self.service, answer });
        match granted.await {
            Ok(true) => Ok(Slot::new(self.line.clone(), self.service)),
            Ok(false) | Err(_) => Err(Halt::Interrupted),
        }
    }

    pub(crate) fn tell(&self, message: Message) {
        let _ = self.line.send(message);
    }

    /// Tells what became of an intent, without waiting until that is durable; the receiver
    /// tells when it is.
    pub(crate) fn happened(&self, step: StepId, what: Happened) -> oneshot::Receiver<()> {
        let (durable, told) = oneshot::channel();
        self.tell(Message::Happened { step, what, durable });
        told
    }

    /// Resolves when the run is interrupted.
    pub(crate) async fn stopped(&mut self) {
        if self.stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
