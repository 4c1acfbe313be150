//! What can go wrong with a store.

use std::path::{Path, PathBuf};

use crate::Holder;

/// A store that can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another run holds the lock.
    #[error("the state is locked by {0}")]
    Held(Box<Holder>),
    /// The lock was taken from this run while it worked.
    #[error("the lock {0} is no longer this run's")]
    Lost(PathBuf),
    /// The store belongs to another project, cloud or environment.
    #[error("the state in {path} belongs to {found}, not to {wanted}")]
    Foreign {
        /// The file that says so.
        path: PathBuf,
        /// Whom it belongs to.
        found: String,
        /// Who asked.
        wanted: String,
    },
    /// A newer Topo wrote it.
    #[error("{path} has format {found}; this version of topo reads up to {newest}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest that this version reads.
        newest: u32,
    },
    /// It is damaged where a crash can't have done it.
    #[error("{path} is damaged at line {line}: {why}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// The URL is none that this version can use.
    #[error("the state URL '{url}' can't be used: {why}")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Its reason.
        source: std::io::Error,
    },
}

impl Error {
    /// Damage at a line, counted from 1.
    pub(crate) fn damaged(path: &Path, line: usize, why: &str) -> Error {
        Error::Corrupt { path: path.to_owned(), line, why: why.to_owned() }
    }
}

/// Puts the path to a file system's error.
pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::Io { path: path.to_owned(), source }
}
