//! One module a command.

pub(crate) mod apply;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod simulate;
pub(crate) mod state;
pub(crate) mod test;
pub(crate) mod verify;

use crate::args::{Command, Sandbox, State};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// What every command gives.
pub(crate) type Result<T = Exit> = std::result::Result<T, Failure>;

/// Does what was asked.
pub(crate) fn run(command: Command, output: &mut Output) -> Result {
    if output.json()
        && let Some(name) = without_document(&command)
    {
        return Err(Failure::usage(format!("'topo {name}' has no JSON to print")).help("leave out --json"));
    }
    match command {
        Command::New { dir } => new::run(&dir, output),
        Command::Check(reads) => check::run(&reads, output),
        Command::Fmt { paths, check } => fmt::run(&paths, check, output),
        Command::Verify(reads) => verify::run(&reads, output),
        Command::Plan(options) => plan::run(&options, output),
        Command::Apply(options) => apply::run(&options, output),
        Command::Destroy(options) => apply::destroy(&options, output),
        Command::Show { words, project } => {
            let (reads, address) = project.split(words);
            show::resources(address.as_deref(), &reads, output)
        }
        Command::Output { words, project } => {
            let (reads, name) = project.split(words);
            show::outputs(name.as_deref(), &reads, output)
        }
        Command::Graph(options) => graph::run(&options, output),
        Command::Simulate(options) => simulate::run(&options, output),
        Command::Test { reads, filter } => test::run(&reads, filter.as_deref(), output),
        Command::Explain { code } => explain::run(code.as_deref(), output),
        Command::Schema { name } => schema::run(name.as_deref(), output),
        Command::History(reads) => history::run(&reads, output),
        Command::State { command } => match command {
            State::List(reads) => state::list(&reads, output),
            State::Unlock { reads, yes } => state::unlock(&reads, yes, output),
            State::Pull(reads) => state::pull(&reads, output),
        },
        Command::Sandbox { command } => sandbox::run(command, output),
        Command::Completions { shell } => completions(shell, output),
    }
}

/// The name of a command whose result is no document.
fn without_document(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::New { .. } => "new",
        Command::Completions { .. } => "completions",
        Command::State { command: State::Unlock { .. } } => "state unlock",
        Command::Sandbox { command } => match command {
            Sandbox::Show { .. } => return None,
            Sandbox::Edit { .. } => "sandbox edit",
            Sandbox::Delete { .. } => "sandbox delete",
            Sandbox::StripTags { .. } => "sandbox strip-tags",
            Sandbox::Reset { .. } => "sandbox reset",
        },
        _ => return None,
    })
}

fn completions(shell: clap_complete::Shell, output: &mut Output) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut <crate::args::Cli as clap::CommandFactory>::command(), "topo", &mut script);
    output.result(&String::from_utf8_lossy(&script));
    Ok(Exit::Done)
}
