//! The log while a run holds its lock.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use topo_model::Recorded;

use crate::error::io;
use crate::line::Place;
use crate::lock::Lock;
use crate::replay::Replay;
use crate::{Change, Error, Holder, Location, RunRecord, disk, line, segment, snapshot};

/// A snapshot is due when more entries than this, and than there are resources, stand
/// behind the last one: reading then costs at most about twice what it must.
const SNAPSHOT_ENTRIES: usize = 512;

/// The log of one environment, with its lock.
///
/// Nothing but the lock is written before the first [`Log::append`]; a run that changes
/// nothing leaves the store as it was, even absent.
#[derive(Debug)]
pub struct Log {
    location: Location,
    lock: Option<Lock>,
    /// Directories that were made for the lock, deepest first.
    made: Vec<PathBuf>,
    replay: Replay,
    /// The newest log file; open from the first append on.
    file: Option<File>,
    /// Its path, with the length of its whole appends.
    tail: Option<(PathBuf, u64)>,
    files: Vec<PathBuf>,
    /// How many entries stand behind the snapshot.
    entries: usize,
    changed: bool,
}

impl Log {
    /// Takes the lock and reads the state.
    ///
    /// # Errors
    ///
    /// [`Error::Held`] when another run has the lock; else as [`crate::read`].
    pub fn open(location: &Location, holder: &Holder) -> Result<Log, Error> {
        disk::check_marker(location)?;
        let (lock, made) = take_lock(&location.directory(), holder)?;
        // From here on a failure lets go of the lock, as the end of a run does.
        let mut log = Log {
            location: location.clone(),
            lock: Some(lock),
            made,
            replay: Replay::default(),
            file: None,
            tail: None,
            files: Vec::new(),
            entries: 0,
            changed: false,
        };
        let loaded = disk::load(location)?;
        log.replay = loaded.replay;
        log.tail = loaded.tail;
        log.files = loaded.files;
        log.entries = loaded.entries;
        Ok(log)
    }

    /// The state as of the last append.
    pub fn recorded(&self) -> &Recorded {
        &self.replay.state().recorded
    }

    /// Who applied what, oldest first.
    pub fn history(&self) -> &[RunRecord] {
        &self.replay.state().history
    }

    /// Whether the lock is still this run's; asked before each call to a cloud.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`] when the lock's file is gone or another's.
    pub fn check_lease(&self) -> Result<(), Error> {
        self.lock.as_ref().map_or(Ok(()), Lock::check)
    }

    /// Writes changes, in order, with one sync for all; they are durable when this returns,
    /// and a crash before that leaves all or none of them. Gives the serial of each; an
    /// intent's id is its serial.
    ///
    /// # Errors
    ///
    /// [`Error::Lost`], with nothing written; a store of another project; the file
    /// system's. After the last the changes count as not made here, and the next append
    /// writes over what came of them; should there be none, the next run may read them.
    pub fn append(&mut self, changes: Vec<Change>) -> Result<Vec<u64>, Error> {
        self.check_lease()?;
        let first = self.replay.serial() + 1;
        let serials: Vec<u64> = (first..).take(changes.len()).collect();
        let Some(&last) = serials.last() else { return Ok(serials) };
        let mut lines = Vec::with_capacity(changes.len() * 256);
        for (&serial, change) in serials.iter().zip(&changes) {
            let place = Place { serial, first, last };
            line::write(&mut lines, place, change).map_err(io(&self.location.directory()))?;
        }
        if let Err(error) = self.write(&lines) {
            // The next append opens the file again and cuts off what this one left.
            self.file = None;
            return Err(error);
        }
        self.changed = true;
        self.entries += changes.len();
        changes.into_iter().for_each(|change| self.replay.add(change));
        self.replay.settle();
        Ok(serials)
    }

    fn write(&mut self, lines: &[u8]) -> Result<(), Error> {
        if self.file.is_none() {
            self.start()?;
        }
        let (path, length) = self.tail.as_mut().expect("a started log has a file; this is a bug in topo");
        let file = self.file.as_mut().expect("a started log has a file; this is a bug in topo");
        if let Err(source) = file.write_all(lines).and_then(|()| file.sync_data()) {
            // A reader need not see what is not acknowledged.
            let _ = file.set_len(*length);
            return Err(io(path)(source));
        }
        *length += lines.len() as u64;
        Ok(())
    }

    /// Opens the newest log file for writing, or makes the first one.
    fn start(&mut self) -> Result<(), Error> {
        if !disk::check_marker(&self.location)? {
            self.mark()?;
        }
        match self.tail.clone() {
            Some((path, length)) if length > 0 => {
                let mut file = OpenOptions::new().write(true).open(&path).map_err(io(&path))?;
                file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0))).map_err(io(&path))?;
                self.file = Some(file);
                Ok(())
            }
            // There is none, or its first line is torn, or the snapshot is ahead of it.
            _ => self.begin_file(),
        }
    }

    /// Marks the store as the project's, unless another run was faster.
    fn mark(&self) -> Result<(), Error> {
        let marker = self.location.marker();
        let temporary = marker.with_extension(format!("{}.tmp", std::process::id()));
        write_synced(&temporary, &disk::marker(&self.location))?;
        // A link, unlike a rename, never replaces what another project has put there.
        let linked = std::fs::hard_link(&temporary, &marker);
        let marked = match linked {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => disk::check_marker(&self.location).map(|_| ()),
            // Not every file system has links.
            Err(_) => std::fs::rename(&temporary, &marker).map_err(io(&marker)),
            Ok(()) => Ok(()),
        };
        let _ = std::fs::remove_file(&temporary);
        marked?;
        sync_directory(&self.location.store)
    }

    fn begin_file(&mut self) -> Result<(), Error> {
        let directory = self.location.directory();
        let path = disk::log_file(&directory, self.replay.serial() + 1);
        let header = segment::header(&self.location);
        let file = write_synced(&path, &header)?;
        // The directories may be as new as the file.
        let above = self.location.store.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p });
        for directory in directory.ancestors().take_while(|d| d.starts_with(&self.location.store)).chain(above) {
            sync_directory(directory)?;
        }
        self.tail = Some((path.clone(), header.len() as u64));
        self.files.retain(|f| *f != path);
        self.files.push(path);
        self.file = Some(file);
        Ok(())
    }

    /// Ends the run: writes a snapshot where one is due and lets the lock go.
    ///
    /// # Errors
    ///
    /// The file system's; the log itself is whole all the same.
    pub fn close(mut self) -> Result<(), Error> {
        let due = SNAPSHOT_ENTRIES.max(self.recorded().resources.len() * 3 / 2);
        if self.changed && self.entries > due {
            self.check_lease()?;
            self.compact()?;
        }
        Ok(())
    }

    /// Writes a snapshot, begins a new log file and removes the old ones.
    fn compact(&mut self) -> Result<(), Error> {
        let text = snapshot::write(self.replay.state(), &self.location)?;
        let path = self.location.snapshot();
        let temporary = path.with_extension("tmp");
        write_synced(&temporary, &text)?;
        std::fs::rename(&temporary, &path).map_err(io(&path))?;
        sync_directory(&self.location.directory())?;
        self.begin_file()?;
        self.entries = 0;
        // Only now: until here the old files still tell everything.
        let current = self.files.pop();
        for path in self.files.iter().filter(|p| Some(*p) != current.as_ref()) {
            std::fs::remove_file(path).map_err(io(path))?;
        }
        Ok(())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            lock.release();
        }
        if !self.changed {
            remove_directories(&self.made);
        }
    }
}

/// Makes the directory where it is missing, and takes the lock in it.
fn take_lock(directory: &Path, holder: &Holder) -> Result<(Lock, Vec<PathBuf>), Error> {
    let mut made = Vec::new();
    loop {
        for missing in make_directories(directory)? {
            if !made.contains(&missing) {
                made.push(missing);
            }
        }
        match Lock::take(&directory.join("lock"), holder) {
            Ok(lock) => return Ok((lock, made)),
            // A run that changed nothing has just removed the directory that it made.
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                remove_directories(&made);
                return Err(error);
            }
        }
    }
}

/// Makes a directory and its parents; gives those that were missing, deepest first.
fn make_directories(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let missing = |d: &&Path| !d.as_os_str().is_empty() && !d.exists();
    let missing = directory.ancestors().take_while(missing).map(Path::to_owned).collect();
    std::fs::create_dir_all(directory).map_err(io(directory))?;
    Ok(missing)
}

/// Removes directories that are empty.
fn remove_directories(directories: &[PathBuf]) {
    for directory in directories {
        let _ = std::fs::remove_dir(directory);
    }
}

/// Writes a file from its beginning, durably but for its name.
fn write_synced(path: &Path, text: &[u8]) -> Result<File, Error> {
    let mut file = File::create(path).map_err(io(path))?;
    file.write_all(text).and_then(|()| file.sync_all()).map_err(io(path))?;
    Ok(file)
}

fn sync_directory(directory: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        File::open(directory).and_then(|d| d.sync_all()).map_err(io(directory))?;
    }
    Ok(())
}
