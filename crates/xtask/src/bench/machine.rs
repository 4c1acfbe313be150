//! What was measured on, and with what.

use serde::Serialize;

use super::tool::Tool;

/// The machine, the day and the versions.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory_gib: f64,
    pub(super) system: String,
    /// How many processes wanted to run when the bench began, on average of the last minute.
    pub(super) load: String,
    pub(super) date: String,
    pub(super) topo: Option<String>,
    pub(super) terraform: Option<String>,
}

impl Machine {
    /// This one, now.
    pub(super) fn here(topo: Option<&Tool>, terraform: Option<&Tool>) -> Machine {
        let unknown = || "unknown".to_owned();
        let memory = field("/proc/meminfo", "MemTotal").and_then(|m| m.trim_end_matches(" kB").parse::<f64>().ok());
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let load = std::fs::read_to_string("/proc/loadavg").ok();
        Machine {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: memory.unwrap_or_default() / 1024.0 / 1024.0,
            system: format!("{} {}", std::env::consts::OS, kernel.trim()),
            load: load.and_then(|l| l.split(' ').next().map(str::to_owned)).unwrap_or_else(unknown),
            date: jiff::Zoned::now().date().to_string(),
            topo: topo.map(Tool::version),
            terraform: terraform.map(Tool::version),
        }
    }
}

/// The value behind a name in a file of `name : value` lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|l| l.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
