//! How calls are refused: errors by kind, with the services' codes.

use topo_provider::{Error, ErrorKind};

pub(crate) fn invalid(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Invalid, code, message)
}

/// A value that the service does not take.
pub(crate) fn wrong(message: impl Into<String>) -> Error {
    invalid("InvalidParameterValue", message)
}

pub(crate) fn conflict(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Conflict, code, message)
}

pub(crate) fn dependency(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Dependency, code, message)
}

pub(crate) fn exists(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Exists, code, message)
}

pub(crate) fn missing(code: &str, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NotFound, code, message)
}
