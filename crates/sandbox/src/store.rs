//! The file that everything is kept in: one durable transaction a call.
//!
//! Nothing is written before the first change: without a file the sandbox is empty, and one
//! that is there is read and let go again. The first change takes the file for this process
//! alone, and looks first whether another has changed it since it was read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use redb::{
    Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition,
    TableError,
};
use topo_model::Catalogue;

use crate::format;
use crate::world::{Dirty, World};

const OBJECTS: TableDefinition<'_, u32, &[u8]> = TableDefinition::new("objects");
const NOTES: TableDefinition<'_, &str, u64> = TableDefinition::new("notes");
const LATE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("late");
const HEAD: TableDefinition<'_, &str, u64> = TableDefinition::new("head");

/// Memory for the file's pages; everything is held as objects anyway.
const CACHE_BYTES: usize = 4 << 20;

/// Why a sandbox can't be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it.
    #[error("the sandbox {} is being used by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A newer Topo made it.
    #[error("the sandbox {} has format {found}, which this version of topo can't read", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version of its format.
        found: u64,
    },
    /// What is in it can't be read.
    #[error("the sandbox {} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What can't be read.
        source: serde_json::Error,
    },
    /// The file can't be read or written.
    #[error("the sandbox {} can't be used", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<redb::Error>,
    },
}

/// The file, as far as this process has to do with it.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    patience: Duration,
    /// The last state of the file that this process has seen.
    seen: Seen,
    held: Option<Database>,
}

/// A state of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    /// When the file was made, in nanoseconds since 1970: one that was removed and made
    /// again is another.
    born: u64,
    /// The number of its last change.
    serial: u64,
}

/// What a file holds.
struct Content {
    seen: Seen,
    world: World,
}

impl Store {
    /// Reads what is there, and writes nothing.
    pub(crate) fn open(
        path: PathBuf,
        catalogue: Arc<Catalogue>,
        patience: Duration,
    ) -> Result<(Store, World), OpenError> {
        let mut store = Store { path, patience, seen: Seen::default(), held: None };
        if !store.path.exists() {
            return Ok((store, World::new(catalogue)));
        }
        let read = store.patiently(|path| match builder().open_read_only(path) {
            Ok(file) => Ok(Some(file)),
            // A process died at work: what it left has to be put in order first.
            Err(DatabaseError::RepairAborted) => Ok(None),
            Err(other) => Err(other),
        })?;
        let content = match read {
            Some(file) => store.read::<ReadOnlyDatabase>(&file, catalogue)?,
            None => {
                let file = store.patiently(|path| builder().open(path))?;
                store.read(&file, catalogue)?
            }
        };
        store.seen = content.seen;
        Ok((store, content.world))
    }

    /// Takes the file for this process alone, makes it where there is none, and reads it
    /// again where another process has changed it.
    pub(crate) fn hold(&mut self, world: &mut World, seed: u64) -> Result<(), OpenError> {
        if self.held.is_some() {
            return Ok(());
        }
        if !self.path.exists() {
            self.make(seed)?;
        }
        let file = self.patiently(|path| builder().open(path))?;
        let content = self.read(&file, world.catalogue.clone())?;
        if content.seen != self.seen {
            self.seen = content.seen;
            *world = content.world;
        }
        self.held = Some(file);
        Ok(())
    }

    /// Makes what has changed durable.
    pub(crate) fn commit(&mut self, world: &mut World) -> Result<(), OpenError> {
        let dirty = world.dirty();
        let Some(file) = self.held.as_ref().filter(|_| !dirty.is_empty()) else {
            world.settle();
            return Ok(());
        };
        let next = Seen { serial: self.seen.serial + 1, ..self.seen };
        write(file, world, &dirty, next).map_err(|why| why.at(&self.path))?;
        self.seen = next;
        world.settle();
        Ok(())
    }

    /// Lets the file go and removes it.
    pub(crate) fn remove(&mut self) -> std::io::Result<()> {
        self.held = None;
        self.seen = Seen::default();
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file beside its place and moves it there whole: a process that dies on the
    /// way leaves no half-made one.
    fn make(&self, seed: u64) -> Result<(), OpenError> {
        if let Some(dir) = self.path.parent() {
            std::fs::create_dir_all(dir).map_err(|error| self.failed(error))?;
        }
        let draft = self.path.with_extension(format!("{}.draft", std::process::id()));
        let file = builder().create(&draft).map_err(|error| self.failed(error))?;
        let mut world = World::default();
        world.set_note("seed", seed);
        let dirty = world.dirty();
        let born = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        write(&file, &world, &dirty, Seen { born, serial: 1 }).map_err(|why| why.at(&self.path))?;
        drop(file);
        // Where another process was faster, its file stays.
        let placed = std::fs::hard_link(&draft, &self.path);
        let removed = std::fs::remove_file(&draft);
        match placed {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(self.failed(error)),
            _ => removed.map_err(|error| self.failed(error)),
        }
    }

    /// Tries until another process lets go of the file, or patience ends.
    fn patiently<T>(&self, open: impl Fn(&Path) -> Result<T, DatabaseError>) -> Result<T, OpenError> {
        let until = Instant::now() + self.patience;
        loop {
            match open(&self.path) {
                Ok(file) => return Ok(file),
                Err(DatabaseError::DatabaseAlreadyOpen) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(DatabaseError::DatabaseAlreadyOpen) => return Err(OpenError::Busy { path: self.path.clone() }),
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    fn read<D: ReadableDatabase>(&self, file: &D, catalogue: Arc<Catalogue>) -> Result<Content, OpenError> {
        let content = read(file, catalogue).map_err(|why| why.at(&self.path))?;
        match content {
            Ok(content) => Ok(content),
            Err(found) => Err(OpenError::Version { path: self.path.clone(), found }),
        }
    }

    fn failed(&self, error: impl Into<redb::Error>) -> OpenError {
        OpenError::Store { path: self.path.clone(), source: Box::new(error.into()) }
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// What went wrong between here and the file.
enum Failure {
    Store(Box<redb::Error>),
    Json(serde_json::Error),
}

impl<E: Into<redb::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::Store(Box::new(error.into()))
    }
}

impl Failure {
    fn at(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Failure::Store(source) => OpenError::Store { path, source },
            Failure::Json(source) => OpenError::Damaged { path, source },
        }
    }
}

/// Reads everything, or finds the version of a format that is not ours.
fn read<D: ReadableDatabase>(file: &D, catalogue: Arc<Catalogue>) -> Result<Result<Content, u64>, Failure> {
    let transaction = file.begin_read()?;
    let (mut seen, mut version) = (Seen::default(), format::VERSION);
    each(&transaction, HEAD, |name, value| {
        match name {
            "born" => seen.born = value,
            "serial" => seen.serial = value,
            "format" => version = value,
            _ => {}
        }
        Ok(())
    })?;
    if version != format::VERSION {
        return Ok(Err(version));
    }
    let (mut objects, mut notes, mut late) = (Vec::new(), Vec::new(), Vec::new());
    each(&transaction, OBJECTS, |key, bytes| {
        objects.push(format::read_object(key, bytes).map_err(Failure::Json)?);
        Ok(())
    })?;
    each(&transaction, NOTES, |name, value| {
        notes.push((name.to_owned(), value));
        Ok(())
    })?;
    each(&transaction, LATE, |number, bytes| {
        late.push((number, format::read_late(bytes).map_err(Failure::Json)?));
        Ok(())
    })?;
    let mut world = World::new(catalogue);
    world.load(objects, notes, late);
    Ok(Ok(Content { seen, world }))
}

fn each<K: redb::Key, V: redb::Value>(
    transaction: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
    mut visit: impl FnMut(K::SelfType<'_>, V::SelfType<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let table = match transaction.open_table(table) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for entry in table.iter()? {
        let (key, value) = entry?;
        visit(key.value(), value.value())?;
    }
    Ok(())
}

fn write(file: &Database, world: &World, dirty: &Dirty, seen: Seen) -> Result<(), Failure> {
    let transaction = file.begin_write()?;
    {
        let mut objects = transaction.open_table(OBJECTS)?;
        for key in &dirty.objects {
            match world.get(*key) {
                Some(object) => {
                    let bytes = format::write_object(object).map_err(Failure::Json)?;
                    objects.insert(key.0, bytes.as_slice())?;
                }
                None => {
                    objects.remove(key.0)?;
                }
            }
        }
        let mut notes = transaction.open_table(NOTES)?;
        for name in &dirty.notes {
            match world.note(name) {
                Some(value) => notes.insert(name.as_str(), value)?,
                None => notes.remove(name.as_str())?,
            };
        }
        let mut late = transaction.open_table(LATE)?;
        for number in &dirty.late {
            match world.late().get(number) {
                Some(request) => {
                    let bytes = format::write_late(request).map_err(Failure::Json)?;
                    late.insert(number, bytes.as_slice())?;
                }
                None => {
                    late.remove(number)?;
                }
            }
        }
        let mut head = transaction.open_table(HEAD)?;
        head.insert("born", seen.born)?;
        head.insert("serial", seen.serial)?;
        head.insert("format", format::VERSION)?;
    }
    transaction.commit()?;
    Ok(())
}
