//! The binary `topo`: arguments, rendering, exit codes. It decides nothing about clouds;
//! it asks the other crates and shows what they say.
//!
//! In reading order: [`args`], [`command`] (one module a command), [`render`] and
//! [`mod@format`] (for people, for machines), [`progress`], [`exit`].

mod approval;
mod args;
mod command;
mod exit;
mod failure;
mod format;
mod literal;
mod output;
mod panic;
mod pipeline;
mod progress;
mod project;
mod proof;
mod render;
mod session;
mod signal;
mod style;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    panic::install();
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for and go to stdout; all else is wrong usage.
            let asked = !error.use_stderr();
            let _ = error.print();
            return if asked { exit::Exit::Done } else { exit::Exit::Usage }.into();
        }
    };
    let mut output = output::Output::new(&cli.global);
    let exit = command::run(cli.command, &mut output).unwrap_or_else(|failure| output.failure(&failure));
    output.finish(exit).into()
}
