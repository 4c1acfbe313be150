//! One environment of one project in one cloud: what every command that looks at state or
//! cloud begins with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use topo_exec::{Cloud, Time};
use topo_model::{Catalogue, Desired, Recorded, Symbol};
use topo_sandbox::{Faults, Sandbox};
use topo_state::{Holder, Location};

use crate::args::{ProjectOptions, SandboxOptions};
use crate::command::Result;
use crate::failure::Failure;
use crate::project;

/// Where an environment's state and cloud are.
#[derive(Debug)]
pub(crate) struct Session {
    /// The project's name.
    pub(crate) project: Symbol,
    /// The environment.
    pub(crate) env: Option<Symbol>,
    /// The cloud: `sandbox`.
    pub(crate) cloud: Symbol,
    /// Where the state is.
    pub(crate) location: Location,
    /// The kinds.
    pub(crate) catalogue: Arc<Catalogue>,
    /// How fast the cloud's time runs.
    pub(crate) pace: f64,
    directory: PathBuf,
    options: SandboxOptions,
}

impl Session {
    /// The environment of a project whose name, cloud and state the program tells.
    pub(crate) fn new(
        directory: &Path,
        project: &topo_model::Project,
        env: Option<Symbol>,
        catalogue: Arc<Catalogue>,
        options: &ProjectOptions,
    ) -> Result<Session> {
        let cloud = options.cloud.as_deref().map_or(project.cloud, Symbol::new);
        refuse_other_clouds(cloud)?;
        let url = options.state.as_deref().unwrap_or(&project.state);
        let env_name = env.map(Symbol::as_str);
        let location = Location::new(url, directory, project.name.as_str(), cloud.as_str(), env_name)?;
        let pace = pace(&options.sandbox)?;
        let (directory, options) = (directory.to_owned(), options.sandbox.clone());
        Ok(Session { project: project.name, env, cloud, location, catalogue, pace, directory, options })
    }

    /// Takes in the kinds that are recorded and that the program names no longer.
    pub(crate) fn know(&mut self, desired: &mut Desired, recorded: &Recorded) {
        self.catalogue = project::with_recorded(&self.catalogue, recorded);
        desired.catalogue = self.catalogue.clone();
    }

    /// The sandbox. Nothing is written before the first change.
    pub(crate) fn open(&self) -> Result<Sandbox> {
        open_sandbox(&self.directory, self.catalogue.clone(), &self.options)
    }

    /// The cloud, as the executor works on it.
    pub(crate) fn cloud(&self, provider: Arc<Sandbox>) -> Cloud<'_, Sandbox> {
        Cloud {
            provider,
            catalogue: &self.catalogue,
            project: self.project.as_str(),
            env: self.env.map_or("", Symbol::as_str),
            time: Time::at_pace(self.pace),
        }
    }

    /// The options that name this environment again, for the command that goes on.
    pub(crate) fn again(&self, command: &str, path: &Path, options: &ProjectOptions) -> String {
        let mut out = format!("topo {command}");
        if path != Path::new(".") {
            out.push_str(&format!(" {}", shell(&path.display().to_string())));
        }
        if let Some(env) = self.env {
            out.push_str(&format!(" --env {env}"));
        }
        for (name, value) in [("cloud", &options.cloud), ("state", &options.state)] {
            if let Some(value) = value {
                out.push_str(&format!(" --{name} {}", shell(value)));
            }
        }
        for set in &options.set {
            out.push_str(&format!(" --set {}", shell(set)));
        }
        out
    }
}

/// The sandbox of a project's directory. Nothing is written before the first change.
pub(crate) fn open_sandbox(directory: &Path, catalogue: Arc<Catalogue>, options: &SandboxOptions) -> Result<Sandbox> {
    let faults = options.faults.as_deref().unwrap_or_default();
    let faults = Faults::parse(faults).map_err(|error| Failure::usage(error.to_string()))?;
    let options = topo_sandbox::Options { pace: pace(options)?, faults, die, ..topo_sandbox::Options::default() };
    Ok(Sandbox::open(&directory.join(".topo"), catalogue, options)?)
}

fn pace(options: &SandboxOptions) -> Result<f64> {
    let pace = options.pace.unwrap_or(0.0);
    if pace.is_finite() && pace >= 0.0 {
        return Ok(pace);
    }
    Err(Failure::usage(format!("the sandbox can't run at pace {pace}; 0 or more is needed")))
}

/// Dies as from SIGKILL: nothing is flushed, nothing runs on the way out.
fn die() -> ! {
    if cfg!(unix) {
        // No other way to it is safe code.
        let _ = std::process::Command::new("kill").arg("-KILL").arg(std::process::id().to_string()).status();
    }
    std::process::abort()
}

/// A word as a shell takes it.
pub(crate) fn shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn refuse_other_clouds(cloud: Symbol) -> Result<()> {
    match cloud.as_str() {
        "sandbox" => Ok(()),
        "aws" => Err(Failure::error("this build of topo has only the sandbox; it can't reach aws")
            .help("try the change on the sandbox with '--cloud sandbox'; its state is kept apart")),
        other => Err(Failure::usage(format!("there is no cloud '{other}'; write 'sandbox' or 'aws'"))),
    }
}

/// Who is at work, for the lock and the history.
pub(crate) fn holder(command: &str) -> Holder {
    Holder {
        who: who(),
        command: command.to_owned(),
        pid: std::process::id(),
        since: jiff::Timestamp::now().as_millisecond(),
    }
}

/// User and host.
pub(crate) fn who() -> String {
    let var = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let user =
        var("USER").or_else(|| var("LOGNAME")).or_else(|| var("USERNAME")).unwrap_or_else(|| "someone".to_owned());
    let host = var("HOSTNAME").or_else(|| {
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
        Some(name.trim().to_owned()).filter(|n| !n.is_empty())
    });
    match host {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}
