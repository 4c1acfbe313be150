//! A loss, played out: the timeline, then each name with both cases and the clients that are served.
//!
//! Times are whole seconds, rounded up: the rest is the dice's.

use topo_model::Desired;
use topo_model::value::duration;
use topo_simulate::{Event, Likely, Name, Second, Simulation, What, Worst};

use crate::render::listed;
use crate::style::{self, paint};

/// Columns of a bar.
const COLUMNS: usize = 48;

/// The whole result.
pub(crate) fn all(result: &Simulation, desired: &Desired, lost: &[String], lasts: Option<i64>) -> String {
    let mut out = String::from("  likely    worst\n");
    for event in &result.timeline {
        let time = |at: Option<i64>| at.map(seconds).unwrap_or_default();
        let said = said(event, desired, lost);
        out.push_str(&format!("{:>8} {:>8}  {said}\n", time(event.likely), time(event.worst)));
    }
    for name in &result.names {
        out.push('\n');
        out.push_str(&clients(name, lasts));
    }
    out
}

/// What happens, in words.
fn said(event: &Event, desired: &Desired, lost: &[String]) -> String {
    let health = |healthy: bool| if healthy { "healthy" } else { "unhealthy" };
    let is = if lost.len() == 1 { "is" } else { "are" };
    match &event.what {
        What::Lost => paint(style::ERROR, format!("{} {is} lost", listed(lost))),
        What::Back => paint(style::CREATE, format!("{} {is} back", listed(lost))),
        What::Check { check, healthy } => format!("{} becomes {}", desired.address(*check), health(*healthy)),
        What::Balancer { host, healthy: false } => format!("{host} finds targets unhealthy"),
        What::Balancer { host, healthy: true } => format!("{host} finds its targets healthy"),
        What::Answer { name, from, to } => {
            format!("{name} is answered with {}, before with {}", listed(to), listed(from))
        }
        What::First { name, host } => format!("{host} serves the first client of {name}"),
        What::Last { name } => format!("no client of {name} is led to what is lost any more"),
    }
}

fn clients(name: &Name, lasts: Option<i64>) -> String {
    let about = match (name.objective, name.rto) {
        (Some(objective), Some(rto)) => format!("  objective `{objective}`: within {}", duration(rto)),
        (Some(objective), None) => format!("  objective `{objective}`"),
        _ => String::new(),
    };
    let mut out = format!("{}{about}\n", paint(style::HEAD, &name.name));
    let late = name.rto.is_some_and(|rto| name.worst > Worst::Within(rto));
    let worst = format!("{}{}", case(name.worst, lasts), served(name));
    let worst = if late { paint(style::ERROR, worst) } else { worst };
    out.push_str(&format!("  worst   {worst}\n"));
    if let Some(likely) = name.likely.filter(|likely| likely.affected > 0.0) {
        out.push_str(&format!("  likely  {}\n", chances(likely, lasts)));
        out.push_str(&format!("  served  {}\n", bar(&name.seconds)));
    }
    out
}

fn case(worst: Worst, lasts: Option<i64>) -> String {
    match worst {
        Worst::Untouched => "no client notices".to_owned(),
        Worst::Within(ms) => format!("{} until the last client is served again", seconds(ms)),
        Worst::UntilBack => format!("clients fail until it is back, for {}", duration(lasts.unwrap_or(0))),
        Worst::Forever => "clients fail without end".to_owned(),
    }
}

fn served(name: &Name) -> String {
    match (name.worst, name.served_by.as_slice()) {
        (_, []) => String::new(),
        (Worst::Untouched, by) => format!("; {}", serve(by, "serve", "serves")),
        (Worst::Within(_), by) => format!("; then {}", serve(by, "serve", "serves")),
        (_, by) => format!("; of the others {}", serve(by, "serve", "serves")),
    }
}

fn serve(by: &[String], several: &str, one: &str) -> String {
    format!("{} {}", listed(by), if by.len() == 1 { one } else { several })
}

fn chances(likely: Likely, lasts: Option<i64>) -> String {
    let share = (likely.affected * 100.0).round();
    let of = if share >= 100.0 { "the clients".to_owned() } else { format!("the {share}% that fail at all") };
    let time = |case: Worst| match case {
        Worst::Within(ms) => seconds(ms),
        Worst::UntilBack => seconds(lasts.unwrap_or(0)),
        _ => "no end".to_owned(),
    };
    let (median, p95, p99) = (time(likely.median), time(likely.p95), time(likely.p99));
    format!("{median} for half of {of}, {p95} for 95 of 100, {p99} for 99 of 100")
}

/// The share of clients that are served, from left to right; the end of the time below the end of the bar.
fn bar(all: &[Second]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let columns = all.len().clamp(1, COLUMNS);
    let mut bar = String::new();
    for column in 0..columns {
        let (from, to) = (column * all.len() / columns, (column + 1) * all.len() / columns);
        let part = &all[from..to.max(from + 1).min(all.len())];
        let served = 1.0 - part.iter().map(|second| second.failing).sum::<f64>() / part.len().max(1) as f64;
        let height = (served * 7.0).round().clamp(0.0, 7.0) as usize;
        bar.push(HEIGHTS[height]);
    }
    let end = all.last().map_or(0, |second| second.at);
    format!("{bar}  0s to {}", duration(end * 1_000))
}

fn seconds(ms: i64) -> String {
    duration((ms + 999) / 1_000 * 1_000)
}
