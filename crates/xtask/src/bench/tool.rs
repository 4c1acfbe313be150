//! The tools: how each takes the same four steps.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use super::graph;
use super::measure::{self, Outcome};
use crate::Failure;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Reading and typing the program.
    Validate,
    /// The plan of everything.
    FirstPlan,
    /// Applying it.
    Apply,
    /// The plan of nothing.
    NoOpPlan,
}

impl Step {
    /// All, in the order they are taken.
    pub(super) const ALL: [Step; 4] = [Step::Validate, Step::FirstPlan, Step::Apply, Step::NoOpPlan];
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Step::Validate => "validate",
            Step::FirstPlan => "first plan",
            Step::Apply => "apply",
            Step::NoOpPlan => "no-op plan",
        })
    }
}

/// A tool.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    kind: Kind,
    binary: PathBuf,
    version: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Topo,
    Terraform,
}

/// `topo`, as it was built.
pub(super) fn topo(binary: &Path) -> Tool {
    let version = first_line(Command::new(binary).arg("--version")).unwrap_or_default();
    Tool { kind: Kind::Topo, binary: binary.to_owned(), version }
}

/// `terraform`, where it is on the PATH. It is kept from asking for newer versions and from
/// the user's own settings.
pub(super) fn terraform() -> Option<Tool> {
    let tool = Tool { kind: Kind::Terraform, binary: "terraform".into(), version: String::new() };
    let version = first_line(tool.command(Path::new(".")).arg("version"))?;
    Some(Tool { version, ..tool })
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|o| o.status.success())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)
}

impl Tool {
    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Topo => "topo",
            Kind::Terraform => "terraform",
        }
    }

    /// What it says of itself.
    pub(super) fn version(&self) -> String {
        self.version.clone()
    }

    /// Writes the program, and whatever the tool needs before the first step.
    pub(super) fn prepare(&self, directory: &Path, size: usize) -> Result<(), Failure> {
        let (file, text) = match self.kind {
            Kind::Topo => ("main.topo", graph::topology(size)),
            Kind::Terraform => ("main.tf", graph::module(size)),
        };
        std::fs::create_dir_all(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
        std::fs::write(directory.join(file), text).map_err(|e| format!("{file}: {e}"))?;
        if self.kind == Kind::Terraform {
            let done = self.command(directory).args(["init", "-input=false", "-no-color"]).output();
            let done = done.map_err(|e| format!("terraform init: {e}"))?;
            if !done.status.success() {
                return Err(format!("terraform init: {}", String::from_utf8_lossy(&done.stderr)));
            }
        }
        Ok(())
    }

    /// Forgets what earlier runs applied.
    pub(super) fn reset(&self, directory: &Path) -> Result<(), Failure> {
        for state in [".topo", "terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info"] {
            let path = directory.join(state);
            let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            match removed {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(format!("{state}: {e}")),
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts the state there that an apply would have left; whether there is a way to.
    pub(super) fn make_up_state(&self, directory: &Path, size: usize) -> Result<bool, Failure> {
        if self.kind != Kind::Terraform {
            return Ok(false);
        }
        self.reset(directory)?;
        let version = self.version.trim_start_matches("Terraform v");
        let state = graph::module_state(size, version);
        std::fs::write(directory.join("terraform.tfstate"), state).map_err(|e| format!("terraform.tfstate: {e}"))?;
        Ok(true)
    }

    /// Takes a step and measures it. A plan of nothing that finds something fails.
    pub(super) fn run(&self, step: Step, directory: &Path, limit: Duration) -> Result<Outcome, Failure> {
        let words: &[&str] = match (self.kind, step) {
            (Kind::Topo, Step::Validate) => &["check"],
            (Kind::Topo, Step::FirstPlan) => &["plan"],
            (Kind::Topo, Step::Apply) => &["apply", "--yes"],
            (Kind::Topo, Step::NoOpPlan) => &["plan", "--detailed-exitcode"],
            (Kind::Terraform, Step::Validate) => &["validate", "-no-color"],
            (Kind::Terraform, Step::FirstPlan) => &["plan", "-input=false", "-no-color"],
            (Kind::Terraform, Step::Apply) => &["apply", "-auto-approve", "-input=false", "-no-color"],
            (Kind::Terraform, Step::NoOpPlan) => &["plan", "-input=false", "-no-color", "-detailed-exitcode"],
        };
        measure::run(self.command(directory).args(words), limit)
    }

    fn command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(directory);
        if self.kind == Kind::Terraform {
            command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
        }
        command
    }
}
