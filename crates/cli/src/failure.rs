//! Why a command ends early. Kinds of errors become exit codes here and nowhere else.

use crate::exit::Exit;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was wrong has been shown already.
    Shown(Exit),
    /// Something to show: the message, what to do about it, and how to end.
    Message {
        /// How the process ends.
        exit: Exit,
        /// What is wrong, in the user's words.
        text: String,
        /// What to do.
        help: Option<String>,
    },
}

impl Failure {
    /// An error of the world or the program.
    pub(crate) fn error(text: impl Into<String>) -> Failure {
        Failure::Message { exit: Exit::Errors, text: text.into(), help: None }
    }

    /// Wrong usage of the command line.
    pub(crate) fn usage(text: impl Into<String>) -> Failure {
        Failure::Message { exit: Exit::Usage, text: text.into(), help: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub(crate) fn help(self, help: impl Into<String>) -> Failure {
        match self {
            Failure::Message { exit, text, .. } => Failure::Message { exit, text, help: Some(help.into()) },
            shown => shown,
        }
    }
}

impl From<topo_state::Error> for Failure {
    fn from(error: topo_state::Error) -> Failure {
        use topo_state::Error;
        let text = error.to_string();
        match error {
            Error::Held(_) => Failure::Message {
                exit: Exit::Locked,
                text,
                help: Some("wait for that run to end; nothing was changed by this one".to_owned()),
            },
            Error::Lost(_) => Failure::Message {
                exit: Exit::Locked,
                text,
                help: Some("another run has taken over; run 'topo plan' to see where things stand".to_owned()),
            },
            Error::Foreign { .. } => Failure::error(text)
                .help("name another place with --state, or correct the project's name; nothing was changed"),
            Error::Format { .. } => Failure::error(text).help("use a newer version of topo"),
            Error::Corrupt { .. } => Failure::error(text)
                .help("the log can't have been damaged by a crash; restore the file from a copy and plan again"),
            Error::Url { .. } | Error::Io { .. } => Failure::error(text),
        }
    }
}

impl From<topo_sandbox::OpenError> for Failure {
    fn from(error: topo_sandbox::OpenError) -> Failure {
        use topo_sandbox::OpenError;
        let text = format!("the sandbox can't be used: {error}");
        match error {
            OpenError::Busy { .. } => Failure::Message {
                exit: Exit::Locked,
                text,
                help: Some("wait for that process to end; nothing was changed by this one".to_owned()),
            },
            OpenError::Fault(_) => Failure::usage(error.to_string()),
            _ => Failure::error(text),
        }
    }
}

impl From<topo_exec::Error> for Failure {
    fn from(error: topo_exec::Error) -> Failure {
        match error {
            topo_exec::Error::State(error) => error.into(),
            topo_exec::Error::Stale { .. } | topo_exec::Error::Plan(_) | topo_exec::Error::Observe { .. } => {
                Failure::error(error.to_string())
            }
        }
    }
}
