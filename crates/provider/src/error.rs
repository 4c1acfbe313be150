//! What can go wrong in a call, by kind. Kinds come from error *codes*, never from the
//! text of a message.

use thiserror::Error as ThisError;

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{code}: {message}")]
pub struct Error {
    /// What to do about it.
    pub kind: ErrorKind,
    /// The service's code: `DependencyViolation`.
    pub code: String,
    /// The service's words.
    pub message: String,
}

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Too many calls: wait and ask again.
    Throttled,
    /// The object does not exist, or is not to be seen yet.
    NotFound,
    /// An object with that name or key exists already.
    Exists,
    /// Another change is under way, or the object is in a state that forbids this one:
    /// wait and ask again.
    Conflict,
    /// We may not.
    Denied,
    /// Something else still depends on the object: for a delete, wait and ask again.
    Dependency,
    /// The request is wrong.
    Invalid,
    /// The region or service can't be reached.
    Outage,
    /// No answer came: it may have happened or not. The next step is to resolve the intent.
    Lost,
    /// Anything else; not to be retried.
    Other,
}

impl Error {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, code: impl Into<String>, message: impl Into<String>) -> Error {
        Error { kind, code: code.into(), message: message.into() }
    }

    /// Whether asking again, after a while, may help and can do no harm.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::Conflict)
    }
}
