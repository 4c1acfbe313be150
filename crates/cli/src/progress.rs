//! What is told while an apply is at work: lines, bars by region on a terminal, or events
//! for machines.

mod board;
mod estimate;

use topo_exec::Event;
use topo_model::Catalogue;
use topo_plan::{NodeId, Op, Plan};

use crate::format::event;
use crate::output::Output;
use crate::progress::board::Board;
use crate::progress::estimate::Estimate;
use crate::render::{elapsed, listed};
use crate::style::{self, paint};

/// Tells of one apply.
pub(crate) struct Progress<'a> {
    plan: &'a Plan,
    board: Option<Board>,
}

impl<'a> Progress<'a> {
    /// The progress of a plan; `pace` is how fast the cloud's time runs.
    pub(crate) fn new(plan: &'a Plan, catalogue: &Catalogue, pace: f64, output: &Output) -> Progress<'a> {
        let board = output.draws().then(|| Board::new(plan, Estimate::new(plan, catalogue, pace), output.width()));
        Progress { plan, board }
    }

    /// Something happened.
    pub(crate) fn event(&mut self, what: &Event, output: &mut Output) {
        if output.json() {
            output.line(&event::one(what, self.plan));
            return;
        }
        if !output.tells() {
            return;
        }
        let line = line(what, self.plan);
        match &mut self.board {
            Some(board) => board.event(what, self.plan, line.as_deref()),
            None => {
                if let Some(line) = line {
                    output.note(&(line + "\n"));
                }
            }
        }
    }

    /// Takes the bars away, for a question or the end.
    pub(crate) fn pause(&mut self) {
        if let Some(board) = &mut self.board {
            board.clear();
        }
    }
}

/// What an event says, where it is worth a line that stays.
fn line(event: &Event, plan: &Plan) -> Option<String> {
    Some(match event {
        Event::Recovered { address, text } => format!("  {} {address}: {text}", paint(style::MOVE, "↺")),
        Event::WaveStarted { wave, .. } if plan.waves.len() > 1 => {
            let regions = plan.waves.get(*wave as usize).map_or(&[][..], |w| &w.regions);
            let names: Vec<&str> = regions.iter().map(|r| r.as_str()).collect();
            paint(style::HEAD, format!("Wave {} of {}: {}", wave + 1, plan.waves.len(), listed(&names)))
        }
        Event::Done { node, op, id, ms, .. } => {
            let (mark, colour, word) = done(*op);
            let id = id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
            let took = if *ms >= 1_000 { paint(style::QUIET, format!(" ({})", elapsed(*ms))) } else { String::new() };
            format!("  {} {}: {word}{id}{took}", paint(colour, mark), address(*node, plan))
        }
        Event::Waiting { node, text, human: true, .. } => {
            format!("  {} {}: {text}", paint(style::WARNING, "…"), address(*node, plan))
        }
        Event::Failed { node, error, .. } => {
            format!("  {} {}: {error}", paint(style::ERROR, "×"), address(*node, plan))
        }
        Event::CheckFailed { code, text, .. } => {
            format!("  {} {text} [{}]", paint(style::ERROR, "×"), topo_model::Code(*code))
        }
        Event::Baking { wave, ms } => {
            let text = format!("Waiting {} after wave {}", topo_model::Value::Duration(*ms as i64), wave + 1);
            paint(style::QUIET, text)
        }
        Event::Reverting { wave, .. } => paint(style::WARNING, format!("Taking wave {} back", wave + 1)),
        Event::Held { wave, text } => {
            format!("{} {text}", paint(style::WARNING, format!("Wave {} is not entered:", wave + 1)))
        }
        _ => return None,
    })
}

/// The mark, style and word of a step that is done.
fn done(op: Op) -> (&'static str, anstyle::Style, &'static str) {
    match op {
        Op::Read => ("?", style::QUIET, "found"),
        Op::Create => ("+", style::CREATE, "created"),
        Op::Update => ("~", style::CHANGE, "updated"),
        Op::Delete => ("-", style::DELETE, "deleted"),
        Op::DeleteDeposed(_) => ("-", style::DELETE, "deleted the one it replaces,"),
        Op::Move => ("→", style::MOVE, "moved"),
        Op::Import => ("⇐", style::MOVE, "imported"),
        Op::Forget => ("✗", style::MOVE, "forgotten"),
    }
}

fn address(node: NodeId, plan: &Plan) -> &str {
    plan.nodes.get(node.0 as usize).map_or("", |n| n.address.as_str())
}
