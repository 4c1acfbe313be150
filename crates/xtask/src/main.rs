//! Tasks of the repository: `cargo xtask bench`, `cargo xtask book`, `cargo xtask reference`.
//!
//! *Its job*: what is run by hand or by CI and is neither the product nor a test of one
//! crate. *Refuses to know*: the crates; it runs `topo` as its users do, as a process.

mod bench;
mod book;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What went wrong, in words.
type Failure = String;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Tasks of the repository")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measures whole processes on generated programs, beside Terraform where it is on the PATH
    Bench(bench::Options),
    /// Checks the book's programs, and builds the book where mdbook is on the PATH
    Book,
    /// Writes the book's pages about kinds, components and functions, and the index of codes
    Reference,
    /// Runs one command and prints what it cost; `bench` calls itself by this
    #[command(hide = true)]
    Measure(bench::MeasureOptions),
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Bench(options) => bench::run(&options),
        Task::Book => book::run(),
        Task::Reference => book::reference(),
        Task::Measure(options) => bench::measure(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            bench::tell(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
