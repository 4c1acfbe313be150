//! Bars by region, side by side, and what is in flight; drawn on a terminal only.

use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use topo_exec::Event;
use topo_model::Symbol;
use topo_plan::{NodeId, Plan, StepId};

use crate::progress::estimate::Estimate;
use crate::render::{elapsed, listed, plan::region_name};

/// How many steps in flight are named.
const NAMED: usize = 4;

/// What is drawn.
#[derive(Debug)]
pub(crate) struct Board {
    bars: MultiProgress,
    regions: Vec<(Option<Symbol>, ProgressBar)>,
    foot: ProgressBar,
    flight: Vec<(StepId, NodeId)>,
    estimate: Estimate,
    /// When the step that the time left hangs on was last seen to change.
    since: Instant,
    width: usize,
    /// Whether it was taken away.
    gone: bool,
}

impl Board {
    /// A board with a bar for every region that has steps.
    pub(crate) fn new(plan: &Plan, estimate: Estimate, width: usize) -> Board {
        let bars = MultiProgress::new();
        let mut counts: Vec<(Option<Symbol>, u64)> = Vec::new();
        for step in &plan.steps {
            let region = plan.nodes.get(step.node.0 as usize).and_then(|n| n.region);
            match counts.iter_mut().find(|(r, _)| *r == region) {
                Some((_, count)) => *count += 1,
                None => counts.push((region, 1)),
            }
        }
        let style = template("  {prefix:16} {bar:24} {pos:>4}/{len}");
        let regions = counts.into_iter().map(|(region, count)| {
            let bar = bars.add(ProgressBar::new(count).with_style(style.clone()));
            bar.set_prefix(region_name(region));
            (region, bar)
        });
        let regions = regions.collect();
        let foot = bars.add(ProgressBar::new_spinner().with_style(template("  {spinner} {wide_msg}")));
        foot.enable_steady_tick(Duration::from_millis(120));
        Board { bars, regions, foot, flight: Vec::new(), estimate, since: Instant::now(), width, gone: false }
    }

    /// Something happened; `line` stays above the bars.
    pub(crate) fn event(&mut self, event: &Event, plan: &Plan, line: Option<&str>) {
        if let Some(line) = line {
            // A terminal that can't be written to is drawn on no longer.
            let _ = self.bars.println(line);
        }
        match event {
            Event::Started { step, node, .. } => self.flight.push((*step, *node)),
            Event::Done { step, node, .. } | Event::Failed { step, node, .. } | Event::Skipped { step, node, .. } => {
                self.flight.retain(|(s, _)| s != step);
                let before = self.estimate.left();
                self.estimate.done(*step);
                if self.estimate.left() != before {
                    self.since = Instant::now();
                }
                let region = plan.nodes.get(node.0 as usize).and_then(|n| n.region);
                if let Some((_, bar)) = self.regions.iter().find(|(r, _)| *r == region) {
                    bar.inc(1);
                }
            }
            Event::Finished { .. } => self.clear(),
            _ => {}
        }
        if !self.gone {
            self.foot.set_message(self.foot_line(plan));
        }
    }

    fn foot_line(&self, plan: &Plan) -> String {
        let mut names: Vec<String> = self
            .flight
            .iter()
            .take(NAMED)
            .filter_map(|(_, n)| plan.nodes.get(n.0 as usize))
            .map(|n| n.address.clone())
            .collect();
        if self.flight.len() > NAMED {
            names.push(format!("{} more", self.flight.len() - NAMED));
        }
        let passed = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let left = self.estimate.left().saturating_sub(passed);
        let left = if left >= 1_000 { format!("about {} left; ", elapsed(left)) } else { String::new() };
        let line = format!("{left}{}", listed(&names));
        line.chars().take(self.width.saturating_sub(6)).collect()
    }

    /// Takes everything away.
    pub(crate) fn clear(&mut self) {
        if std::mem::replace(&mut self.gone, true) {
            return;
        }
        // A tick that is under way must not draw what is being taken away.
        self.foot.disable_steady_tick();
        for (_, bar) in &self.regions {
            bar.finish_and_clear();
        }
        self.foot.finish_and_clear();
        let _ = self.bars.clear();
    }
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─")
}
