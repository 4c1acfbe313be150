//! The bench: whole processes, in pairs, medians.
//!
//! For each size the same layered graph is written as a topology of `core.Data` and, where
//! `terraform` is on the PATH, as `terraform_data`. A run validates, plans, applies and plans
//! again; the two tools take turns step by step, so that what else the machine does meets
//! both. A second table doubles the size for Topo alone; then `check` is timed on the example and on the
//! proofs of 1 000 record sets.

mod failover;
mod graph;
mod machine;
mod measure;
mod report;
mod tool;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

pub(crate) use self::measure::{MeasureOptions, measure};
use self::measure::{Outcome, Sample};
use self::tool::{Step, Tool};
use crate::Failure;

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Sizes to compare at
    #[arg(long, value_delimiter = ',', default_value = "1000,10000")]
    sizes: Vec<usize>,
    /// Sizes to measure Topo alone at, each twice the one before
    #[arg(long, value_delimiter = ',', default_value = "12500,25000,50000,100000")]
    series: Vec<usize>,
    /// How many runs the medians are of
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Seconds after which a process is stopped; its step is not tried again at that size
    #[arg(long, default_value_t = 600)]
    limit: u64,
    /// Leave Terraform out
    #[arg(long)]
    no_terraform: bool,
    /// Leave Topo out
    #[arg(long)]
    no_topo: bool,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
}

/// All that was measured.
#[derive(Debug, Serialize)]
struct Report {
    machine: machine::Machine,
    runs: u32,
    limit_seconds: u64,
    /// At each size, both tools.
    compared: Vec<Measured>,
    /// At each size, Topo alone.
    series: Vec<Measured>,
    /// `topo check` of the example.
    example: Option<Outcome>,
    /// `topo check` of 1 000 record sets over 10 regions, with 20 objectives.
    failover: Option<Outcome>,
}

/// The medians at one size.
#[derive(Debug, Serialize)]
struct Measured {
    size: usize,
    steps: Vec<StepMeasured>,
}

#[derive(Debug, Serialize)]
struct StepMeasured {
    step: Step,
    topo: Option<Outcome>,
    terraform: Option<Outcome>,
    /// Whether Terraform's state was written by the bench, its apply having been stopped.
    made_up_state: bool,
}

/// Says something to the person who waits.
pub(crate) fn tell(text: &str) {
    // Nobody who reads is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Runs the bench and prints its report.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let directory = Scratch::new()?;
    let topo = if options.no_topo { None } else { Some(tool::topo(&build_topo()?)) };
    let terraform = if options.no_terraform { None } else { tool::terraform() };
    if terraform.is_none() && !options.no_terraform {
        tell("terraform is not on the PATH: topo is measured alone");
    }
    let limit = Duration::from_secs(options.limit);
    let mut bench = Bench { directory: &directory.0, topo, terraform, runs: options.runs, limit };
    let mut report = Report {
        machine: machine::Machine::here(bench.topo.as_ref(), bench.terraform.as_ref()),
        runs: options.runs,
        limit_seconds: options.limit,
        compared: Vec::new(),
        series: Vec::new(),
        example: None,
        failover: None,
    };
    for size in &options.sizes {
        report.compared.push(bench.compare(*size)?);
    }
    bench.terraform = None;
    if let Some(topo) = bench.topo.clone() {
        for size in &options.series {
            report.series.push(bench.compare(*size)?);
        }
        report.example = Some(bench.example(&topo)?);
        report.failover = Some(bench.failover(&topo)?);
    }
    let text = if options.json {
        serde_json::to_string_pretty(&report).map_err(|e| e.to_string())? + "\n"
    } else {
        report::markdown(&report)
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| e.to_string())
}

struct Bench<'a> {
    directory: &'a Path,
    topo: Option<Tool>,
    terraform: Option<Tool>,
    runs: u32,
    limit: Duration,
}

/// A tool at one size: its directory, and what its steps cost.
struct Course<'a> {
    tool: &'a Tool,
    directory: PathBuf,
    samples: [Vec<Sample>; 4],
    stopped: [bool; 4],
    made_up_state: bool,
}

impl Bench<'_> {
    /// Measures every step at one size.
    fn compare(&self, size: usize) -> Result<Measured, Failure> {
        let mut courses = Vec::new();
        for tool in [&self.topo, &self.terraform].into_iter().flatten() {
            let directory = self.directory.join(format!("{}-{size}", tool.name()));
            tool.prepare(&directory, size)?;
            courses.push(Course::new(tool, directory));
        }
        for run in 1..=self.runs {
            for course in &mut courses {
                course.tool.reset(&course.directory)?;
            }
            for step in Step::ALL {
                for course in &mut courses {
                    tell(&format!("{size} resources, run {run} of {}: {} {step}", self.runs, course.tool.name()));
                    course.take(step, size, self.limit)?;
                }
            }
        }
        let course = |name: &str| courses.iter().find(|c| c.tool.name() == name);
        let (topo, terraform) = (course("topo"), course("terraform"));
        let steps = Step::ALL.map(|step| StepMeasured {
            step,
            topo: topo.and_then(|c| c.outcome(step)),
            terraform: terraform.and_then(|c| c.outcome(step)),
            made_up_state: step == Step::NoOpPlan && terraform.is_some_and(|c| c.made_up_state),
        });
        Ok(Measured { size, steps: steps.into() })
    }

    /// `topo check` of the example.
    fn example(&self, topo: &Tool) -> Result<Outcome, Failure> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/two-regions");
        self.check(topo, "examples/two-regions", &path)
    }

    /// `topo check` of a program with much to prove.
    fn failover(&self, topo: &Tool) -> Result<Outcome, Failure> {
        let path = self.directory.join("failover");
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        std::fs::create_dir_all(&path).map_err(failed)?;
        std::fs::write(path.join("main.topo"), failover::topology("1m")).map_err(failed)?;
        self.check(topo, "1 000 record sets", &path)
    }

    fn check(&self, topo: &Tool, what: &str, path: &Path) -> Result<Outcome, Failure> {
        let mut samples = Vec::new();
        for run in 1..=self.runs {
            tell(&format!("{what}, run {run} of {}: topo check", self.runs));
            match topo.run(Step::Validate, path, self.limit)? {
                Outcome::Took(sample) => samples.push(sample),
                Outcome::Stopped => return Ok(Outcome::Stopped),
            }
        }
        Ok(Outcome::Took(Sample::median(&samples)))
    }
}

impl<'a> Course<'a> {
    fn new(tool: &'a Tool, directory: PathBuf) -> Course<'a> {
        Course { tool, directory, samples: Default::default(), stopped: [false; 4], made_up_state: false }
    }

    /// Takes one step of one run.
    fn take(&mut self, step: Step, size: usize, limit: Duration) -> Result<(), Failure> {
        let at = step as usize;
        if step == Step::NoOpPlan && self.stopped[Step::Apply as usize] {
            self.made_up_state = self.tool.make_up_state(&self.directory, size)?;
            self.stopped[at] |= !self.made_up_state;
        }
        if self.stopped[at] {
            return Ok(());
        }
        match self.tool.run(step, &self.directory, limit)? {
            Outcome::Took(sample) => self.samples[at].push(sample),
            Outcome::Stopped => self.stopped[at] = true,
        }
        Ok(())
    }

    fn outcome(&self, step: Step) -> Option<Outcome> {
        match (self.stopped[step as usize], &self.samples[step as usize][..]) {
            (true, _) => Some(Outcome::Stopped),
            (false, []) => None,
            (false, samples) => Some(Outcome::Took(Sample::median(samples))),
        }
    }
}

/// A directory beside the build's output, on a real disk, that goes at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Failure> {
        let path = target_directory()?.join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn target_directory() -> Result<PathBuf, Failure> {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().map_err(|e| e.to_string())?;
    Ok(metadata.target_directory.into())
}

/// Builds `topo` as it is released; gives the binary.
fn build_topo() -> Result<PathBuf, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--release", "--package", "topo"]).status();
    if !built.map_err(|e| format!("cargo: {e}"))?.success() {
        return Err("topo can't be built".to_owned());
    }
    Ok(target_directory()?.join("release/topo"))
}
