//! The lock: one run at a time.
//!
//! The operating system holds it (`flock` on Unix), so it ends with the process however
//! that dies. The file's text only names the holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::io;

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// User and host.
    pub who: String,
    /// The command.
    pub command: String,
    /// The process.
    pub pid: u32,
    /// Since when, in milliseconds since 1970.
    pub since: i64,
}

impl Holder {
    /// One that has taken the lock and not yet written its name.
    fn unknown() -> Holder {
        Holder { who: String::new(), command: String::new(), pid: 0, since: 0 }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *self == Holder::unknown() {
            return f.write_str("another run");
        }
        write!(f, "{} (topo {}, process {}", self.who, self.command, self.pid)?;
        if let Ok(since) = jiff::Timestamp::from_millisecond(self.since) {
            write!(f, ", since {since:.0}")?;
        }
        f.write_str(")")
    }
}

/// The lock while it is held.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(crate) fn take(path: &Path, holder: &Holder) -> Result<Lock, Error> {
        loop {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
            let mut file = file.map_err(io(path))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(Error::Held(Box::new(read_holder(&mut file)))),
                Err(TryLockError::Error(source)) => return Err(io(path)(source)),
            }
            let mut lock = Lock { file, path: path.to_owned() };
            // The holder before may have removed the file between our open and our lock:
            // then it is a file without a name that we hold.
            if lock.check().is_ok() {
                lock.write(holder).map_err(io(path))?;
                return Ok(lock);
            }
        }
    }

    fn write(&mut self, holder: &Holder) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        serde_json::to_writer(&mut self.file, holder)?;
        self.file.write_all(b"\n")
    }

    /// Whether the file at the path is still the one that is held.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let lost = || Error::Lost(self.path.clone());
        let ours = self.file.metadata().map_err(io(&self.path))?;
        let there = std::fs::metadata(&self.path).map_err(|_| lost())?;
        if same_file(&ours, &there) { Ok(()) } else { Err(lost()) }
    }

    /// Lets go and removes the file. Nothing is lost where that fails: an old file without
    /// a holder is taken over by the next run.
    pub(crate) fn release(self) {
        // Another's file stays. The name goes first: whoever opened the old file by it and
        // gets its lock then sees that it is nobody's.
        if self.check().is_ok() {
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

#[cfg(unix)]
fn same_file(a: &std::fs::Metadata, b: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    a.ino() == b.ino() && a.dev() == b.dev()
}

#[cfg(not(unix))]
fn same_file(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    // A file that is open can't be removed here.
    true
}

fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    serde_json::from_str(&text).unwrap_or_else(|_| Holder::unknown())
}
