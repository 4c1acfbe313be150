//! The file that everything is kept in: one durable transaction a call.
//!
//! Nothing is written before the first change: without a file the sandbox is empty, and one
//! that is there is read and let go again. From the first change on it stays open, and others
//! may have it open too: a change has the file to itself from its first look to its commit,
//! and every call looks first whether another process has changed what it knows.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use redb::{
    ConcurrencyMode, Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable,
    TableDefinition, TableError, TransactionError, WriteTransaction,
};
use topo_model::Catalogue;

use crate::behind::EditError;
use crate::fault::FaultError;
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
    /// A fault names what there is not.
    #[error(transparent)]
    Fault(#[from] FaultError),
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
    /// Open from the first change on.
    file: Option<Database>,
}

/// The right to change the file, and no other process with it. What is not committed has not
/// happened.
pub(crate) struct Held(WriteTransaction);

/// A state of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    /// When the file was made, in nanoseconds since 1970: one that was removed and made
    /// again is another.
    born: u64,
    /// The number of its last change.
    serial: u64,
}

impl Store {
    /// Reads what is there, and writes nothing.
    pub(crate) fn open(
        path: PathBuf,
        catalogue: Arc<Catalogue>,
        patience: Duration,
    ) -> Result<(Store, World), OpenError> {
        let mut store = Store { path, patience, seen: Seen::default(), file: None };
        let mut world = World::new(catalogue);
        store.refresh(&mut world)?;
        Ok((store, world))
    }

    /// Reads the file again where another process has changed it.
    pub(crate) fn refresh(&mut self, world: &mut World) -> Result<(), OpenError> {
        if let Some(file) = &self.file {
            let read = newer(file, self.seen, world.catalogue.clone());
            return self.take(read, world);
        }
        if !self.path.exists() {
            if self.seen != Seen::default() {
                self.seen = Seen::default();
                *world = World::new(world.catalogue.clone());
            }
            return Ok(());
        }
        let file = self.patiently(|path| match builder(SHARED).open_read_only(path) {
            Ok(file) => Ok(Some(file)),
            // A process died at work: what it left has to be put in order first.
            Err(DatabaseError::RepairAborted) => Ok(None),
            Err(other) => Err(other),
        })?;
        let read = match file {
            Some(file) => newer::<ReadOnlyDatabase>(&file, self.seen, world.catalogue.clone()),
            None => newer(&self.patiently(|path| builder(SHARED).open(path))?, self.seen, world.catalogue.clone()),
        };
        self.take(read, world)
    }

    /// Waits for the right to change the file, makes it where there is none, and reads it
    /// again where another process has changed it.
    pub(crate) fn hold(&mut self, world: &mut World, seed: u64) -> Result<Held, OpenError> {
        if self.file.is_none() {
            if !self.path.exists() {
                self.make(seed)?;
            }
            self.file = Some(self.patiently(|path| builder(SHARED).open(path))?);
        }
        let transaction = self.transaction()?;
        self.refresh(world)?;
        Ok(Held(transaction))
    }

    /// Makes what has changed durable.
    pub(crate) fn commit(&mut self, held: Held, world: &mut World) -> Result<(), OpenError> {
        let dirty = world.dirty();
        if !dirty.is_empty() {
            let next = Seen { serial: self.seen.serial + 1, ..self.seen };
            write(held.0, world, &dirty, next).map_err(|why| why.at(&self.path))?;
            self.seen = next;
        }
        world.settle();
        Ok(())
    }

    /// Removes the file, unless another process has it open.
    pub(crate) fn remove(&mut self, world: &mut World) -> Result<(), EditError> {
        self.file = None;
        if self.path.exists() {
            let alone = self.patiently(|path| builder(ConcurrencyMode::ExclusiveWriter).open(path))?;
            std::fs::remove_file(&self.path).map_err(EditError::Remove)?;
            drop(alone);
        }
        self.seen = Seen::default();
        *world = World::new(world.catalogue.clone());
        Ok(())
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
        let file = builder(SHARED).create(&draft).map_err(|error| self.failed(error))?;
        let mut world = World::default();
        world.set_note("seed", seed);
        let dirty = world.dirty();
        let born = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        let transaction = file.begin_write().map_err(|error| self.failed(error))?;
        write(transaction, &world, &dirty, Seen { born, serial: 1 }).map_err(|why| why.at(&self.path))?;
        drop(file);
        // Where another process was faster, its file stays.
        let placed = std::fs::hard_link(&draft, &self.path);
        let removed = std::fs::remove_file(&draft);
        match placed {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(self.failed(error)),
            _ => removed.map_err(|error| self.failed(error)),
        }
    }

    /// Opens the file; where another process has it for itself, tries until patience ends.
    fn patiently<T>(&self, open: impl Fn(&Path) -> Result<T, DatabaseError>) -> Result<T, OpenError> {
        self.until_free(|| match open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(DatabaseError::DatabaseAlreadyOpen) => Ok(None),
            Err(error) => Err(self.failed(error)),
        })
    }

    /// Begins a change; waits while another process is at one.
    fn transaction(&self) -> Result<WriteTransaction, OpenError> {
        self.until_free(|| match self.file.as_ref().map(Database::try_begin_write) {
            Some(Ok(transaction)) => Ok(Some(transaction)),
            Some(Err(TransactionError::WouldBlock)) | None => Ok(None),
            Some(Err(error)) => Err(self.failed(error)),
        })
    }

    fn until_free<T>(&self, attempt: impl Fn() -> Result<Option<T>, OpenError>) -> Result<T, OpenError> {
        let until = Instant::now() + self.patience;
        let mut pause = Duration::from_micros(500);
        loop {
            if let Some(done) = attempt()? {
                return Ok(done);
            }
            if Instant::now() >= until {
                return Err(OpenError::Busy { path: self.path.clone() });
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Takes in what was read.
    fn take(&mut self, read: Result<News, Failure>, world: &mut World) -> Result<(), OpenError> {
        match read.map_err(|why| why.at(&self.path))? {
            News::None => {}
            News::Changed(seen, content) => {
                self.seen = seen;
                *world = *content;
            }
            News::Foreign(found) => return Err(OpenError::Version { path: self.path.clone(), found }),
        }
        Ok(())
    }

    fn failed(&self, error: impl Into<redb::Error>) -> OpenError {
        OpenError::Store { path: self.path.clone(), source: Box::new(error.into()) }
    }
}

/// Many processes may have the file open, and one at a time may change it.
const SHARED: ConcurrencyMode = ConcurrencyMode::MultiWriter;

fn builder(mode: ConcurrencyMode) -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).set_concurrency_mode(mode);
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

/// What a look at the file tells.
enum News {
    /// Nothing has changed.
    None,
    /// Another process has changed it: this is what it holds.
    Changed(Seen, Box<World>),
    /// Its format, of this version, is not ours.
    Foreign(u64),
}

/// Reads everything that the file holds, unless it is as it was when it was seen.
fn newer<D: ReadableDatabase>(file: &D, known: Seen, catalogue: Arc<Catalogue>) -> Result<News, Failure> {
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
        return Ok(News::Foreign(version));
    }
    if seen == known {
        return Ok(News::None);
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
    Ok(News::Changed(seen, Box::new(world)))
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

fn write(transaction: WriteTransaction, world: &World, dirty: &Dirty, seen: Seen) -> Result<(), Failure> {
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
