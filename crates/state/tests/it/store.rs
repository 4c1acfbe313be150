//! Stores in temporary directories, and changes to put into them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use topo_model::{Attributes, Deposed, Intent, IntentId, ObjectId, Operation, RecordedResource, Symbol, TopoId, Value};
use topo_state::{Change, Holder, Location, Log, Run, State, read};

/// A store that goes when the test ends.
pub(crate) struct Store {
    directory: TempDir,
    pub(crate) location: Location,
}

impl Store {
    pub(crate) fn new() -> Store {
        let directory = TempDir::new().expect("a temporary directory");
        let location = Location::new("file:.topo", directory.path(), "shop", "sandbox", Some("production"));
        Store { location: location.expect("a URL"), directory }
    }

    /// The directory that the store is made in.
    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    #[track_caller]
    pub(crate) fn open(&self) -> Log {
        Log::open(&self.location, &holder("ann@desk")).expect("the store opens")
    }

    /// Appends in a run of its own.
    #[track_caller]
    pub(crate) fn run(&self, appends: Vec<Vec<Change>>) -> State {
        let mut log = self.open();
        for changes in appends {
            log.append(changes).expect("the append succeeds");
        }
        let state = State { recorded: log.recorded().clone(), history: log.history().to_vec() };
        log.close().expect("the run ends");
        state
    }

    #[track_caller]
    pub(crate) fn state(&self) -> State {
        read(&self.location).expect("the store can be read")
    }

    /// A file of the environment.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.location.directory().join(name)
    }

    /// The log file that is appended to.
    #[track_caller]
    pub(crate) fn log(&self) -> PathBuf {
        let names = files(&self.location.directory());
        let mut logs = names.keys().filter(|p| p.to_string_lossy().starts_with("log-"));
        self.location.directory().join(logs.next_back().expect("there is a log file"))
    }
}

/// Every file below a directory with its content, and every directory.
pub(crate) fn files(directory: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(at) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&at) else { continue };
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(directory).expect("below it").to_owned();
            let content = (!path.is_dir()).then(|| std::fs::read(&path).expect("a file"));
            if content.is_none() {
                open.push(path);
            }
            found.insert(name, content);
        }
    }
    found
}

/// Two states are the same, their order too.
#[track_caller]
pub(crate) fn assert_same(one: &State, other: &State) {
    assert_eq!(one, other);
    let order = |s: &State| s.recorded.resources.keys().cloned().collect::<Vec<_>>();
    assert_eq!(order(one), order(other));
}

pub(crate) fn holder(who: &str) -> Holder {
    Holder { who: who.to_owned(), command: "apply".to_owned(), pid: 4711, since: 1_780_000_000_000 }
}

/// As many appends of one entry as make a snapshot due.
pub(crate) fn many() -> Vec<Vec<Change>> {
    vec![(0..600).map(|i| Change::Outputs(attributes(i))).collect()]
}

pub(crate) fn attributes(i: i64) -> Attributes {
    [(Symbol::new("value"), Value::Int(i)), (Symbol::new("text"), Value::str("a \"b\"\nc"))].into_iter().collect()
}

pub(crate) fn started(at: i64) -> Change {
    Change::Started(Run {
        command: "apply".to_owned(),
        who: "ann@desk".to_owned(),
        plan: "ab12".to_owned(),
        at,
        allowed: Vec::new(),
    })
}

pub(crate) fn finished(at: i64) -> Change {
    Change::Finished { outcome: "done".to_owned(), done: serde_json::json!({"create": 1}), at }
}

pub(crate) fn intent(address: &str, needs: &[&str]) -> Change {
    Change::Intent(Box::new(Intent {
        id: IntentId(0),
        operation: Operation::Create,
        address: address.to_owned(),
        kind: Symbol::new("core.Data"),
        region: Some(Symbol::new("ap-east-2")),
        topo_id: TopoId(address.into()),
        object: None,
        attributes: attributes(1),
        needs: names(needs),
        at: 7,
    }))
}

pub(crate) fn put(address: &str, needs: &[&str]) -> Change {
    Change::Put { intent: None, resource: Box::new(resource(address, needs, &[])) }
}

pub(crate) fn resource(address: &str, needs: &[&str], deposed_needs: &[&str]) -> RecordedResource {
    let deposed = Deposed {
        topo_id: TopoId("old".into()),
        id: ObjectId("old-1".into()),
        region: None,
        attributes: attributes(0),
        outputs: Attributes::new(),
        needs: names(deposed_needs),
    };
    RecordedResource {
        address: address.to_owned(),
        kind: Symbol::new("core.Data"),
        region: None,
        topo_id: TopoId(address.into()),
        id: ObjectId(format!("data-{address}").into()),
        ready: true,
        attributes: attributes(2),
        outputs: attributes(3),
        needs: names(needs),
        protect: false,
        replace: None,
        deposed: if deposed_needs.is_empty() { Vec::new() } else { vec![deposed] },
    }
}

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}
