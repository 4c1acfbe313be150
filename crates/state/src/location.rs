//! Where the state of one environment is.

use std::path::{Path, PathBuf};

use crate::Error;

/// The state of one environment of one project in one cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The store's directory.
    pub store: PathBuf,
    /// The project.
    pub project: String,
    /// The cloud, with the account where it has several: `sandbox`, `aws-112233445566`.
    pub cloud: String,
    /// The environment; `None` where the topology takes none.
    pub env: Option<String>,
}

impl Location {
    /// Reads a state URL, `file:PATH`; a relative path starts at the project's directory.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] for any other scheme.
    pub fn new(url: &str, directory: &Path, project: &str, cloud: &str, env: Option<&str>) -> Result<Location, Error> {
        let refuse = |why: &str| Err(Error::Url { url: url.to_owned(), why: why.to_owned() });
        let path = match url.split_once(':') {
            Some(("file", path)) => path.strip_prefix("//").unwrap_or(path),
            Some(("s3", _)) => return refuse("this version keeps state in files; write 'file:PATH'"),
            _ => return refuse("write 'file:PATH'"),
        };
        if path.is_empty() {
            return refuse("the path is empty");
        }
        Ok(Location {
            store: directory.join(path),
            project: project.to_owned(),
            cloud: cloud.to_owned(),
            env: env.map(str::to_owned),
        })
    }

    /// The environment's directory. An unnamed environment's is `_`, which no name is.
    pub fn directory(&self) -> PathBuf {
        self.store.join(&self.project).join(&self.cloud).join(self.env.as_deref().unwrap_or("_"))
    }

    pub(crate) fn marker(&self) -> PathBuf {
        self.store.join("store.json")
    }

    pub(crate) fn snapshot(&self) -> PathBuf {
        self.directory().join("snapshot")
    }

    /// Whom the state belongs to, in words.
    pub(crate) fn owner(&self) -> String {
        let env = self.env.as_ref().map(|e| format!(", environment '{e}'")).unwrap_or_default();
        format!("project '{}', cloud '{}'{env}", self.project, self.cloud)
    }
}
