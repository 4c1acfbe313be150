//! The arguments. Help teaches by examples.

use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// Change cloud infrastructure across regions without fear.
#[derive(Debug, Parser)]
#[command(
    name = "topo",
    version,
    about = "Change cloud infrastructure across regions without fear.",
    after_help = "\
Start here:
  topo new demo            write a small project that plans at once
  topo plan demo           preview its changes; nothing is written
  topo apply demo          show the plan, ask, apply it on the built-in sandbox
  topo explain T0401       what a finding means, and how to mend it

Exit codes: 0 done, 1 errors, 2 the plan has changes (--detailed-exitcode), 3 another run holds
the lock, 4 interrupted, 5 waiting for a person, 64 wrong usage. After 4 and 5, 'topo apply' goes on.",
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Print the result as JSON.
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,
    /// When to use colours; NO_COLOR is honoured too.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) color: Color,
    /// Only results and errors.
    #[arg(short, long, global = true, help_heading = "Output", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// More detail: what is unchanged, where every reason stands.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a small project that plans at once
    #[command(after_help = "Example:\n  topo new demo && cd demo && topo apply")]
    New {
        /// The directory; made where it is missing, refused where it holds anything.
        dir: PathBuf,
    },
    /// Check a project without asking any cloud: syntax, names, types, what must hold
    #[command(after_help = "\
Examples:
  topo check                       every environment of the project here
  topo check --env production      one of them
  topo check app/main.topo --json  for an editor or a pipeline")]
    Check(Reads),
    /// Format files in place, keeping every comment
    #[command(after_help = "Examples:\n  topo fmt\n  topo fmt --check   list what would change, and exit 1")]
    Fmt {
        /// Files and directories; a directory stands for all .topo files below it.
        #[arg(default_value = ".")]
        paths: Vec<PathBuf>,
        /// Change nothing; exit 1 when a file is not formatted.
        #[arg(long)]
        check: bool,
    },
    /// Preview the changes; writes nothing
    #[command(after_help = "\
Examples:
  topo plan --env production
  topo plan --env production -o change.plan && topo apply change.plan
  topo plan --region ap-east-2     that region and the global resources only
  topo plan --drift                what changed outside, nothing else")]
    Plan(Plan),
    /// Plan, show, ask, apply
    #[command(after_help = "\
Examples:
  topo apply --env production      shows the plan, asks, applies
  topo apply change.plan           applies a saved plan, or refuses it when it is stale
  topo apply --resume              goes on after an interrupt, a failure or an approval")]
    Apply(Apply),
    /// Remove everything that an environment has
    #[command(after_help = "Example:\n  topo destroy --env development")]
    Destroy(Destroy),
    /// Show what is recorded: all resources, or one
    #[command(after_help = "\
Examples:
  topo show --env production
  topo show 'net[ap-east-2].vpc' --env production
  topo show examples/two-regions zone --env development")]
    Show {
        /// A project's path, the resource's address, or one after the other.
        #[arg(value_name = "[PATH] [ADDRESS]", num_args = 0..=2)]
        words: Vec<String>,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Print outputs, or the bare value of one
    #[command(after_help = "Examples:\n  topo output\n  curl \"$(topo output endpoint)\"")]
    Output {
        /// A project's path, the output's name, or one after the other.
        #[arg(value_name = "[PATH] [NAME]", num_args = 0..=2)]
        words: Vec<String>,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Prove what the objectives promise: who serves after each loss, after how long, and why
    #[command(after_help = "\
Examples:
  topo verify                      every environment of the project here
  topo verify --env production     one of them
  topo verify --json               every figure in milliseconds, and as text")]
    Verify(Reads),
    /// Draw the topology: regions, networks, names and what they lead to
    #[command(after_help = "\
Examples:
  topo graph --env production -o topology.svg        a picture for a browser or a page
  topo graph --env production --plan -o change.svg   the same with the plan's changes in colours
  topo graph --format dot | dot -Tpng > topology.png
  topo graph --format mermaid                        for a page that renders Mermaid
  topo graph --json                                  the boxes and edges as data")]
    Graph(Graph),
    /// Play out what clients see when something is lost, second by second; no cloud is asked
    #[command(after_help = "\
Examples:
  topo simulate --lose ap-east-2                       a region
  topo simulate --lose ap-east-2a --lose ap-east-2b    two zones at once
  topo simulate --lose 'web[ap-east-2].balancer'       an endpoint, by its address
  topo simulate --lose 203.0.113.10 --for 10m          one that is back after ten minutes
  topo simulate --lose ap-east-2 --name app.kimkao.io --json")]
    Simulate(Simulate),
    /// Run the `test` items; no cloud is asked
    Test {
        #[command(flatten)]
        reads: Reads,
        /// Only tests whose name contains this.
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
    /// Explain a finding by its code
    #[command(after_help = "Example:\n  topo explain T0401")]
    Explain {
        /// The code; without one, the list of all.
        code: Option<String>,
    },
    /// Show what a kind, a component or a function takes and gives
    #[command(after_help = "Examples:\n  topo schema\n  topo schema aws.ec2.Subnet\n  topo schema cidr.subnet")]
    Schema {
        /// Its name; without one, the list of all.
        name: Option<String>,
    },
    /// Who applied what, newest first
    History(Reads),
    /// Look at the state, or free it
    State {
        #[command(subcommand)]
        command: State,
    },
    /// Look at the built-in sandbox, and change it behind topo's back
    Sandbox {
        #[command(subcommand)]
        command: Sandbox,
    },
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  topo completions bash > ~/.local/share/bash-completion/completions/topo")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// The options of every command that reads a project.
#[derive(Debug, Clone, Args)]
pub(crate) struct Reads {
    /// A project's directory or a .topo file.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) options: ProjectOptions,
}

/// The same for commands whose argument is something else.
#[derive(Debug, Clone, Args)]
pub(crate) struct Elsewhere {
    /// The project's directory or a .topo file; the directory here where it is left out.
    #[arg(long = "project", value_name = "PATH", help_heading = "Project")]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) options: ProjectOptions,
}

impl From<Elsewhere> for Reads {
    fn from(from: Elsewhere) -> Reads {
        Reads { path: from.path.unwrap_or_else(|| PathBuf::from(".")), options: from.options }
    }
}

impl Elsewhere {
    /// Takes `[PATH] [NAME]` apart. One word alone is a path where such a file or directory
    /// is there, unless `--project` names the path already.
    pub(crate) fn split(self, words: Vec<String>) -> (Reads, Option<String>) {
        let mut words = words.into_iter();
        let (path, name) = match (self.path, words.next(), words.next()) {
            (Some(path), name, _) => (path, name),
            (None, Some(path), Some(name)) => (PathBuf::from(path), Some(name)),
            (None, Some(word), None) if Path::new(&word).exists() => (PathBuf::from(word), None),
            (None, name, _) => (PathBuf::from("."), name),
        };
        (Reads { path, options: self.options }, name)
    }
}

/// Which environment, which cloud, which values.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ProjectOptions {
    /// The environment; needed where the project has more than one.
    #[arg(long, value_name = "NAME", help_heading = "Project", env = "TOPO_ENV")]
    pub(crate) env: Option<String>,
    /// The cloud, over the project's: sandbox or aws.
    #[arg(long, value_name = "CLOUD", help_heading = "Project")]
    pub(crate) cloud: Option<String>,
    /// Where state is kept, over the project's: file:PATH.
    #[arg(long, value_name = "URL", help_heading = "Project")]
    pub(crate) state: Option<String>,
    /// The value of an input; TOPO_SET_NAME does the same.
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Project")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) sandbox: SandboxOptions,
}

/// How the sandbox behaves.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SandboxOptions {
    /// What goes wrong in the sandbox, for rehearsals.
    #[arg(
        long = "sandbox-faults",
        value_name = "SPEC",
        env = "TOPO_SANDBOX_FAULTS",
        help_heading = "Sandbox",
        hide_env_values = true
    )]
    pub(crate) faults: Option<String>,
    /// How fast time runs in the sandbox: 1 as in a cloud, 0 not at all.
    #[arg(
        long = "sandbox-pace",
        value_name = "FACTOR",
        allow_negative_numbers = true,
        env = "TOPO_SANDBOX_PACE",
        help_heading = "Sandbox",
        hide_env_values = true
    )]
    pub(crate) pace: Option<f64>,
}

/// Which resources a plan is about.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Only this resource and what it needs; may be repeated.
    #[arg(long, value_name = "ADDRESS", help_heading = "Selection")]
    pub(crate) target: Vec<String>,
    /// Everything but this resource and what needs it; may be repeated.
    #[arg(long, value_name = "ADDRESS", help_heading = "Selection")]
    pub(crate) exclude: Vec<String>,
    /// Replace this resource though nothing demands it; may be repeated.
    #[arg(long, value_name = "ADDRESS", help_heading = "Selection")]
    pub(crate) replace: Vec<String>,
    /// Only this region and the global resources.
    #[arg(long, value_name = "REGION", help_heading = "Selection")]
    pub(crate) region: Option<String>,
    /// Whether to ask the cloud; without, the record stands in for it.
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Selection")]
    pub(crate) refresh: bool,
}

/// What of the proofs' findings is let through.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Proofs {
    /// Let findings of this code through, as T0502; may be repeated. The history records them.
    #[arg(long, value_name = "CODE", help_heading = "Proofs")]
    pub(crate) allow: Vec<String>,
}

/// `topo plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) reads: Reads,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) proofs: Proofs,
    /// Save the plan for `topo apply FILE`.
    #[arg(short, long = "out", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exit 2 when the plan has changes.
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Show what changed outside, nothing else.
    #[arg(long, conflicts_with_all = ["target", "exclude", "replace", "out", "allow"])]
    pub(crate) drift: bool,
}

/// `topo apply`.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// A project's directory, a .topo file, or a saved plan.
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) options: ProjectOptions,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) proofs: Proofs,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Go on with what an earlier run left undone.
    #[arg(long)]
    pub(crate) resume: bool,
}

/// `topo simulate`.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    pub(crate) reads: Reads,
    /// A region, a zone, an address or a name, or the address of an endpoint, a record or a health check
    /// (whose probes then fail); may be repeated.
    #[arg(long, value_name = "WHAT", required = true)]
    pub(crate) lose: Vec<String>,
    /// After how long all of it is back, as in 10m; never where it is left out.
    #[arg(long = "for", value_name = "DURATION")]
    pub(crate) lasts: Option<String>,
    /// A name whose clients are followed; may be repeated. Those of objectives and those that a routing
    /// policy steers where it is left out.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// How many courses are drawn for the likely case.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) runs: u32,
    /// The dice's seed: the same one gives the same result.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// `topo destroy`.
#[derive(Debug, Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) reads: Reads,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// `topo graph`.
#[derive(Debug, Args)]
pub(crate) struct Graph {
    #[command(flatten)]
    pub(crate) reads: Reads,
    /// The language of the picture.
    #[arg(long, default_value = "svg")]
    pub(crate) format: GraphFormat,
    /// Write the picture to this file.
    #[arg(short, long = "out", value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Compare with the state and the cloud, and colour what a plan would change.
    #[arg(long)]
    pub(crate) plan: bool,
}

/// The languages of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// A picture that browsers show.
    Svg,
    /// Graphviz.
    Dot,
    /// Mermaid.
    Mermaid,
}

/// `topo state …`.
#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// List what is recorded: address, kind, id
    List(Reads),
    /// Free the lock of a run that is gone
    Unlock {
        #[command(flatten)]
        reads: Reads,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Print the whole state as JSON
    Pull(Reads),
}

/// `topo sandbox …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// List the sandbox's objects, or show one
    Show {
        /// The object's id, or the address of a resource.
        object: Option<String>,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Change an attribute of an object behind topo's back
    #[command(
        after_help = "Example:\n  topo sandbox edit 'net[ap-east-2].vpc' enable_dns_support=false --env production"
    )]
    Edit {
        /// The object's id, or the address of a resource.
        object: String,
        /// What to set: NAME=VALUE, the value as a program would write it.
        #[arg(value_name = "NAME=VALUE", required = true)]
        values: Vec<String>,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Delete an object behind topo's back
    Delete {
        /// The object's id, or the address of a resource.
        object: String,
        /// What needs it goes too.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Take the marks off an object by which topo knows it
    StripTags {
        /// The object's id, or the address of a resource.
        object: String,
        #[command(flatten)]
        project: Elsewhere,
    },
    /// Empty the sandbox
    Reset {
        #[command(flatten)]
        project: Elsewhere,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
