//! One process: how long, how much CPU, how much memory.
//!
//! The bench starts itself once more for each process to be measured. That one has no other
//! child, so what the system says about its children is about the one: the CPU time to the
//! microsecond and the largest resident set, however short the life. (A child begins as a
//! copy of its parent, so nothing below the few MiB of that can be told.)

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::Failure;

/// What a process cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    /// Seconds from its start to its end.
    pub(super) wall: f64,
    /// Seconds of all its threads, in user and system mode.
    pub(super) cpu: f64,
    /// MiB resident at most.
    pub(super) memory: f64,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// By itself.
    Took(Sample),
    /// At the time limit.
    Stopped,
}

impl Sample {
    /// The median of each number by itself.
    pub(super) fn median(samples: &[Sample]) -> Sample {
        let median = |of: fn(&Sample) -> f64| {
            let mut values: Vec<f64> = samples.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
            f64::midpoint(low, high)
        };
        Sample { wall: median(|s| s.wall), cpu: median(|s| s.cpu), memory: median(|s| s.memory) }
    }
}

/// What the second process is told.
#[derive(Debug, Args)]
pub(crate) struct MeasureOptions {
    /// Milliseconds after which the command is stopped
    #[arg(long)]
    limit: u64,
    /// The command
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Runs a command by way of a second process; it must end well.
pub(super) fn run(command: &Command, limit: Duration) -> Result<Outcome, Failure> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut second = Command::new(own);
    second.args(["measure", "--limit", &limit.as_millis().to_string(), "--"]);
    second.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        second.env(name, value.unwrap_or_default());
    }
    if let Some(directory) = command.get_current_dir() {
        second.current_dir(directory);
    }
    let output = second.stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}", errors.trim_end()));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| e.to_string())
}

/// Runs a command and prints what it cost: the second process.
#[cfg(unix)]
pub(crate) fn measure(options: &MeasureOptions) -> Result<(), Failure> {
    use std::sync::mpsc;
    use std::time::Instant;

    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let (name, arguments) = options.command.split_first().ok_or("no command")?;
    let started = Instant::now();
    let child = Command::new(name).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let mut child = child.map_err(|e| format!("{}: {e}", name.display()))?;
    let pid = Pid::from_raw(i32::try_from(child.id()).map_err(|e| e.to_string())?);
    let (ended, end) = mpsc::channel::<()>();
    let limit = Duration::from_millis(options.limit);
    let watch = std::thread::spawn(move || {
        let over = end.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
        over && kill(pid, Signal::SIGKILL).is_ok()
    });
    let status = child.wait().map_err(|e| e.to_string())?;
    let wall = started.elapsed().as_secs_f64();
    drop(ended);
    let stopped = watch.join().map_err(|_| "the watch failed")?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|e| e.to_string())?;
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    let outcome = match (stopped, status.success()) {
        (true, _) => Outcome::Stopped,
        (false, true) => Outcome::Took(Sample {
            wall,
            cpu: seconds(usage.user_time()) + seconds(usage.system_time()),
            memory: usage.max_rss() as f64 / 1024.0,
        }),
        (false, false) => return Err(status.to_string()),
    };
    serde_json::to_writer(std::io::stdout(), &outcome).map_err(|e| e.to_string())
}

/// Other systems count differently.
#[cfg(not(unix))]
pub(crate) fn measure(_: &MeasureOptions) -> Result<(), Failure> {
    Err("processes are measured on Unix only".to_owned())
}
