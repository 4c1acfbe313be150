//! The exit codes, in one place.

use std::process::ExitCode;

/// How the process ends. Scripts rely on these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Done,
    /// Errors in the program, the plan or the apply; also an approval that was not given.
    Errors,
    /// With `--detailed-exitcode`: the plan has changes.
    Changes,
    /// Another run holds the lock.
    Locked,
    /// A signal stopped it; it can go on.
    Interrupted,
    /// It waits for a person; it can go on.
    Waiting,
    /// Wrong usage.
    Usage,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Errors => 1,
            Exit::Changes => 2,
            Exit::Locked => 3,
            Exit::Interrupted => 4,
            Exit::Waiting => 5,
            Exit::Usage => 64,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
