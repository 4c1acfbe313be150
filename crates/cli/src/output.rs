//! The one place that prints. Results go to stdout; diagnostics, progress and questions
//! to stderr.
//!
//! A reader that goes away (`topo plan | head`) ends nothing: the rest is dropped and the
//! command comes to its end, since an apply must not stop halfway for it.

use std::io::{ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use crate::args::{Color, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::style::{self, paint};

/// Both streams, and how to write to them.
#[derive(Debug)]
pub(crate) struct Output {
    stdout: Sink<AutoStream<std::io::Stdout>>,
    stderr: Sink<AutoStream<std::io::Stderr>>,
    json: bool,
    quiet: bool,
    verbose: bool,
}

#[derive(Debug)]
struct Sink<W> {
    stream: W,
    closed: bool,
    error: Option<std::io::Error>,
}

impl<W: Write> Sink<W> {
    fn new(stream: W) -> Sink<W> {
        Sink { stream, closed: false, error: None }
    }

    fn write(&mut self, text: &str) {
        if self.closed {
            return;
        }
        if let Err(error) = self.stream.write_all(text.as_bytes()).and_then(|()| self.stream.flush()) {
            self.closed = true;
            self.error = (error.kind() != ErrorKind::BrokenPipe).then_some(error);
        }
    }
}

/// The width of lines where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

impl Output {
    /// The process's streams, in the manner the options ask for.
    pub(crate) fn new(options: &Global) -> Output {
        let choice = match options.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Output {
            stdout: Sink::new(AutoStream::new(std::io::stdout(), choice)),
            stderr: Sink::new(AutoStream::new(std::io::stderr(), choice)),
            json: options.json,
            quiet: options.quiet,
            verbose: options.verbose > 0,
        }
    }

    /// Whether the result is a document for machines.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Whether only results and errors are to be told, in few words.
    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    /// Whether everything is to be told.
    pub(crate) fn verbose(&self) -> bool {
        self.verbose
    }

    /// Whether progress can be drawn: stderr is a terminal, and nobody asked for silence.
    pub(crate) fn draws(&self) -> bool {
        !self.quiet && !self.json && std::io::stderr().is_terminal()
    }

    /// Whether progress is to be told at all.
    pub(crate) fn tells(&self) -> bool {
        !self.quiet && !self.json
    }

    /// How many columns a line has.
    pub(crate) fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let terminal = || terminal_size::terminal_size_of(std::io::stderr()).map(|(w, _)| usize::from(w.0));
        columns.or_else(terminal).unwrap_or(DEFAULT_WIDTH).clamp(40, 160)
    }

    /// What the command was asked for.
    pub(crate) fn result(&mut self, text: &str) {
        self.stdout.write(text);
    }

    /// A document for machines, as the whole result.
    pub(crate) fn document(&mut self, document: &serde_json::Value) {
        let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
        text.push('\n');
        self.stdout.write(&text);
    }

    /// A document for machines, as one line of the result.
    pub(crate) fn line(&mut self, document: &serde_json::Value) {
        self.stdout.write(&format!("{document}\n"));
    }

    /// A word to the person who waits; silent with `-q`.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.quiet {
            self.stderr.write(text);
        }
    }

    /// What a person must see, also with `-q`.
    pub(crate) fn problem(&mut self, text: &str) {
        self.stderr.write(text);
    }

    /// Shows a failure, and says how to end.
    pub(crate) fn failure(&mut self, failure: &Failure) -> Exit {
        match failure {
            Failure::Shown(exit) => *exit,
            Failure::Message { exit, text, help } => {
                let mut message = format!("{}: {text}\n", paint(style::ERROR, "error"));
                if let Some(help) = help {
                    message.push_str(&format!(" {}: {help}\n", paint(style::HELP, "help")));
                }
                self.problem(&message);
                *exit
            }
        }
    }

    /// The end: how the command ended, unless its result could not be written.
    pub(crate) fn finish(mut self, exit: Exit) -> Exit {
        match self.stdout.error.take() {
            Some(error) => self.failure(&Failure::error(format!("the result could not be written: {error}"))),
            None => exit,
        }
    }
}
