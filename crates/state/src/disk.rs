//! Reading a store: the marker, the snapshot, the log files.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use topo_model::Recorded;

use crate::entry::FORMAT;
use crate::error::io;
use crate::replay::Replay;
use crate::{Error, Location, RunRecord, segment, snapshot};

/// What a store holds of one environment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The resources, outputs and open intents.
    pub recorded: Recorded,
    /// Who applied what, oldest first.
    pub history: Vec<RunRecord>,
}

/// Reads an environment's state without taking its lock, and writes nothing. A store that
/// is not there is an empty state. What a run appends meanwhile is seen or not, each append
/// as a whole.
///
/// # Errors
///
/// A store of another project, cloud or environment; a newer format; damage; the file system.
pub fn read(location: &Location) -> Result<State, Error> {
    Ok(load(location)?.replay.into_state())
}

/// An environment's state, and where its log goes on.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) replay: Replay,
    /// The newest log file, with the length of its whole appends.
    pub(crate) tail: Option<(PathBuf, u64)>,
    /// Log files, all of them, oldest first.
    pub(crate) files: Vec<PathBuf>,
    /// How many entries stand behind the snapshot.
    pub(crate) entries: usize,
}

/// Whom a file belongs to; in the first line of each.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    format: u32,
    project: String,
    cloud: String,
    env: Option<String>,
}

impl Header {
    pub(crate) fn new(location: &Location) -> Header {
        Header {
            format: FORMAT,
            project: location.project.clone(),
            cloud: location.cloud.clone(),
            env: location.env.clone(),
        }
    }

    pub(crate) fn check(&self, path: &Path, location: &Location) -> Result<(), Error> {
        let theirs = Location {
            store: location.store.clone(),
            project: self.project.clone(),
            cloud: self.cloud.clone(),
            env: self.env.clone(),
        };
        if theirs == *location {
            return Ok(());
        }
        Err(Error::Foreign { path: path.to_owned(), found: theirs.owner(), wanted: location.owner() })
    }
}

/// Refuses a newer format. Asked before anything else of a file is read: a newer one may
/// have fields that this version can't read.
pub(crate) fn check_format(path: &Path, json: &[u8]) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = snapshot::decode(path, 0, json)?;
    if format > FORMAT {
        return Err(Error::Format { path: path.to_owned(), found: format, newest: FORMAT });
    }
    Ok(())
}

#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    format: u32,
    project: String,
}

/// The marker's text.
pub(crate) fn marker(location: &Location) -> Vec<u8> {
    let marker = Marker { format: FORMAT, project: location.project.clone() };
    let mut text = serde_json::to_vec(&marker).expect("plain data can be written as JSON; this is a bug in topo");
    text.push(b'\n');
    text
}

/// Refuses a store of another project. Says whether it is marked at all.
pub(crate) fn check_marker(location: &Location) -> Result<bool, Error> {
    let path = location.marker();
    let Some(text) = read_file(&path)? else { return Ok(false) };
    check_format(&path, &text)?;
    let marker: Marker = snapshot::decode(&path, 0, &text)?;
    if marker.project != location.project {
        let found = format!("project '{}'", marker.project);
        return Err(Error::Foreign { path, found, wanted: format!("project '{}'", location.project) });
    }
    Ok(true)
}

/// A run that ends may put a snapshot in place of log files while another one, without the
/// lock, reads them. Then it reads again; each try would have to meet the end of another run.
const TRIES: u32 = 16;

pub(crate) fn load(location: &Location) -> Result<Loaded, Error> {
    check_marker(location)?;
    let directory = location.directory();
    for _ in 0..TRIES {
        let before = lengths(&log_files(&directory)?);
        let loaded = load_once(location, &before);
        let after = lengths(&log_files(&directory)?);
        let same_files = before.iter().map(|(f, _)| f).eq(after.iter().map(|(f, _)| f));
        // Lines that were appended meanwhile do no harm; lines that were cut off may.
        match loaded {
            Ok(loaded) if same_files => return Ok(loaded),
            Err(error) if before == after => return Err(error),
            _ => {}
        }
    }
    Err(io(&directory)(std::io::Error::other("the log changes faster than it can be read")))
}

fn load_once(location: &Location, files: &[(LogFile, u64)]) -> Result<Loaded, Error> {
    let snapshot = snapshot::read(location)?;
    let has_snapshot = snapshot.is_some();
    let mut loaded = Loaded { replay: Replay::new(snapshot.unwrap_or_default()), ..Loaded::default() };
    let serial = loaded.replay.serial();
    if has_snapshot && files.is_empty() {
        // There is always one beside it.
        return Err(Error::damaged(&log_file(&location.directory(), serial + 1), 1, "the file is missing"));
    }
    for (i, (file, _)) in files.iter().enumerate() {
        let next = files.get(i + 1).map(|(f, _)| f.first);
        loaded.files.push(file.path.clone());
        // All of it stands in the snapshot: the run that wrote that died before it could
        // remove the file.
        if next.is_some_and(|next| next <= serial + 1) {
            continue;
        }
        let whole = segment::read(file, location, next.is_none(), &mut loaded.replay)?;
        loaded.tail = Some((file.path.clone(), whole));
    }
    loaded.entries = usize::try_from(loaded.replay.serial() - serial).unwrap_or(usize::MAX);
    loaded.replay.settle();
    Ok(loaded)
}

/// A log file, named for the serial of its first entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LogFile {
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
}

/// The log files of a directory, oldest first.
fn log_files(directory: &Path) -> Result<Vec<LogFile>, Error> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(io(directory)(e)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(io(directory))?.path();
        let first = path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix("log-"));
        let first = first.filter(|s| s.len() == 20).and_then(|s| s.parse().ok());
        files.extend(first.map(|first| LogFile { first, path }));
    }
    files.sort();
    Ok(files)
}

/// The log files with their lengths.
fn lengths(files: &[LogFile]) -> Vec<(LogFile, u64)> {
    files.iter().map(|f| (f.clone(), std::fs::metadata(&f.path).map_or(u64::MAX, |m| m.len()))).collect()
}

pub(crate) fn log_file(directory: &Path, serial: u64) -> PathBuf {
    directory.join(format!("log-{serial:020}"))
}

pub(crate) fn read_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io(path)(e)),
    }
}
