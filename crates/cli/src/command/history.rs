//! `topo history`: who applied what.

use jiff::tz::TimeZone;
use serde_json::json;
use topo_state::RunRecord;

use crate::args::Reads;
use crate::command::Result;
use crate::exit::Exit;
use crate::output::Output;
use crate::project::Project;
use crate::render::{elapsed, wrapped};

/// Prints every run, newest first.
pub(crate) fn run(reads: &Reads, output: &mut Output) -> Result {
    let session = Project::load(reads)?.session(&reads.options, output)?;
    let state = topo_state::read(&session.location)?;
    if output.json() {
        output.document(&state.history.iter().rev().map(document).collect());
        return Ok(Exit::Done);
    }
    if state.history.is_empty() {
        output.note("Nothing was applied yet.\n");
    }
    let width = output.width();
    let lines: String = state.history.iter().rev().map(|record| line(record, width)).collect();
    output.result(&lines);
    Ok(Exit::Done)
}

fn document(record: &RunRecord) -> serde_json::Value {
    json!({
        "serial": record.serial,
        "command": record.run.command,
        "who": record.run.who,
        "plan": record.run.plan,
        "started": time(record.run.at).map(|t| t.to_string()),
        "outcome": record.end.as_ref().map(|(outcome, ..)| outcome),
        "summary": record.end.as_ref().map(|(_, done, _)| done),
        "allowed": crate::format::plan::allowed(&record.run.allowed),
        "finished": record.end.as_ref().and_then(|(.., at)| time(*at)).map(|t| t.to_string()),
    })
}

fn line(record: &RunRecord, width: usize) -> String {
    let run = &record.run;
    let at = time(run.at).map(|t| t.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string());
    let mut out = format!("{}  {:<8} {}", at.unwrap_or_default(), run.command, run.who);
    match &record.end {
        Some((outcome, done, end)) => {
            let took = elapsed(u64::try_from(end - run.at).unwrap_or(0));
            out.push_str(&format!("  {outcome} in {took}"));
            let counts: Vec<String> = done
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, n)| n.as_u64().is_some_and(|n| n > 0))
                .map(|(action, n)| format!("{action} {n}"))
                .collect();
            if !counts.is_empty() {
                out.push_str(&format!(": {}", counts.join(", ")));
            }
        }
        None => out.push_str("  did not come to its end"),
    }
    let plan: String = run.plan.chars().take(12).collect();
    if !plan.is_empty() {
        out.push_str(&format!("  plan {plan}"));
    }
    out.push('\n');
    for allowed in &run.allowed {
        let text = format!("allowed {}: {}", allowed.code, allowed.message);
        out.extend(wrapped(&text, "    ", "      ", width).into_iter().map(|line| line + "\n"));
    }
    out
}

fn time(ms: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(ms).ok()
}
