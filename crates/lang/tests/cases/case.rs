//! Cases: programs with comments that say what is found in them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// One case of a file.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) expect: Option<String>,
    /// Whether the text is a whole project, and not completed to one.
    pub(crate) whole: bool,
}

/// The files below `tests/cases`, in a directory or in none.
pub(crate) fn case_files(directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(directory);
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("there is a directory of cases")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "topo"))
        .collect();
    files.sort();
    files
}

/// Every case there is, with the name of its file.
pub(crate) fn all() -> Vec<(String, Case)> {
    let mut all = Vec::new();
    for path in case_files("") {
        let file = name(&path);
        all.extend(split(&read(&path)).into_iter().map(|case| (file.clone(), case)));
    }
    all.extend(case_files("contract").iter().map(|path| (name(path), whole(path))));
    all
}

/// A file that is one case.
pub(crate) fn whole(path: &Path) -> Case {
    Case { name: name(path), text: read(path), expect: None, whole: true }
}

/// A case file's text.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("case files can be read")
}

/// A case file's name.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The cases of a file.
pub(crate) fn split(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut in_expect = false;
    for line in text.lines() {
        let title = line.strip_prefix("--- ").and_then(|l| l.strip_suffix(" ---"));
        match (title, cases.last_mut()) {
            (Some("expect"), Some(case)) => {
                in_expect = true;
                case.expect = Some(String::new());
            }
            (Some(name), _) => {
                in_expect = false;
                cases.push(Case { name: name.to_owned(), text: String::new(), expect: None, whole: false });
            }
            (None, Some(case)) => {
                let into = if in_expect { case.expect.get_or_insert_default() } else { &mut case.text };
                into.push_str(line);
                into.push('\n');
            }
            (None, None) => panic!("text before the first case: {line}"),
        }
    }
    cases
}

/// A file of cases.
pub(crate) fn join(cases: &[Case]) -> String {
    let mut out = String::new();
    for case in cases {
        let _ = write!(out, "--- {} ---\n{}", case.name, case.text);
        if let Some(expect) = &case.expect {
            let _ = write!(out, "--- expect ---\n{expect}");
        }
    }
    out
}

/// The files of a case; the main one is completed to a project.
pub(crate) fn files(case: &Case) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut at = "main.topo".to_owned();
    for line in case.text.lines() {
        if let Some(path) = line.strip_prefix("//// ") {
            at = path.trim().to_owned();
            files.entry(at.clone()).or_default();
            continue;
        }
        let file = files.entry(at.clone()).or_default();
        file.push_str(line);
        file.push('\n');
    }
    if case.whole {
        return files;
    }
    let own = || files.iter().filter(|(path, _)| !path.contains('/')).map(|(_, text)| text);
    let has = |word: &str| own().any(|text| text.lines().any(|line| line.trim_start().starts_with(word)));
    let (project, topology) = (has("project"), has("topology"));
    let main = files.entry("main.topo".to_owned()).or_default();
    if !project && !main.contains("no project") {
        main.push_str("project test\n");
    }
    if !topology && !main.contains("no topology") {
        main.push_str("topology main {\n}\n");
    }
    files
}
