//! Where a project's files come from.
//!
//! *Refuses to know*: what is in them. The standard library does not come this way; it is
//! in the binary ([`crate::library`]).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Reads a project's files. Paths are relative to the project, with `/` between their
/// parts; the project's own directory is the empty path.
pub trait World: Sync {
    /// The `.topo` files of a directory, not of those inside it, sorted.
    ///
    /// # Errors
    ///
    /// The directory is missing or can't be read.
    fn files(&self, directory: &str) -> io::Result<Vec<String>>;

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// The file is missing, can't be read, or is larger than all source together may be.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The project's place in the user's words, for messages.
    fn name(&self) -> String;
}

/// A project on disk: a directory, or a single file.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
    single: Option<String>,
    name: String,
}

impl Disk {
    /// The project at a path, which need not exist: reading it says so.
    pub fn new(path: &Path) -> Disk {
        let name = path.display().to_string();
        if path.extension().is_some_and(|e| e == "topo") && !path.is_dir() || path.is_file() {
            let file = path.file_name().map(|n| n.to_string_lossy().into_owned());
            return Disk { root: path.parent().unwrap_or(Path::new("")).to_owned(), single: file, name };
        }
        Disk { root: path.to_owned(), single: None, name }
    }

    /// The project's directory.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl World for Disk {
    fn files(&self, directory: &str) -> io::Result<Vec<String>> {
        if let (Some(single), "") = (&self.single, directory) {
            return Ok(vec![single.clone()]);
        }
        let at = if directory.is_empty() && self.root.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            self.root.join(directory)
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(at)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".topo") && !name.starts_with('.') && !entry.path().is_dir() {
                files.push(if directory.is_empty() { name } else { format!("{directory}/{name}") });
            }
        }
        files.sort();
        Ok(files)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let limit = topo_model::MAX_SOURCE_BYTES as u64;
        let mut bytes = Vec::new();
        fs::File::open(self.root.join(path))?.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is too large"));
        }
        Ok(bytes)
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// A project in memory, for tests and tools.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// A project with these files.
    pub fn new<P: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Memory {
        Memory { files: files.into_iter().map(|(p, t)| (p.into(), t.into())).collect() }
    }
}

impl World for Memory {
    fn files(&self, directory: &str) -> io::Result<Vec<String>> {
        let within = |path: &&String| path.rsplit_once('/').map_or("", |(d, _)| d) == directory;
        let files: Vec<String> = self.files.keys().filter(within).filter(|p| p.ends_with(".topo")).cloned().collect();
        if files.is_empty() && !directory.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such directory"));
        }
        Ok(files)
    }

    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file"))
    }

    fn name(&self) -> String {
        "the project".to_owned()
    }
}
