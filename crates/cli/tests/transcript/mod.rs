//! Runs one transcript.
//!
//! A transcript is a text: lines that start with `$ ` are typed, the lines below them are
//! what came, stdout behind `| `, stderr behind `! `, and `exit N` where the code is not 0.
//! Everything else is comment. `fixture DIR` names the directory (from the repository's
//! root) whose copy the commands run in; without it they run in an empty one.
//!
//! Beside `topo`, with `NAME=VALUE` before it where wanted, these are understood:
//! `edit FILE OLD NEW` (every occurrence, one at least), `append FILE TEXT`,
//! `write FILE TEXT`, `repeat FILE COUNT TEXT` (appends),
//! `remove PATH`, `copy FROM TO`, `print FILE`, `list` (all files that
//! are there), `lock FILE` and `unlock FILE`. In their arguments `\n` ends a line.

mod normal;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs a transcript and compares, or writes what came where that is asked for.
#[track_caller]
pub(crate) fn check(name: &str) {
    let path = root().join("tests/transcripts").join(format!("{name}.txt"));
    let expected = fs::read_to_string(&path).expect("the transcript can be read");
    let found = Run::new(&expected).play(&expected);
    if found == expected {
        return;
    }
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        fs::write(&path, found).expect("the transcript can be written");
        return;
    }
    let difference = similar::TextDiff::from_lines(&expected, &found).unified_diff().to_string();
    panic!("{} says otherwise; UPDATE_TRANSCRIPTS=1 rewrites it:\n{difference}", path.display());
}

/// The names of all transcripts, sorted.
pub(crate) fn files() -> Vec<String> {
    let entries = fs::read_dir(root().join("tests/transcripts")).expect("there are transcripts");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    names.sort();
    names
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Run {
    dir: tempfile::TempDir,
    locks: BTreeMap<String, File>,
}

impl Run {
    fn new(text: &str) -> Run {
        let dir = tempfile::tempdir().expect("a temporary directory");
        if let Some(fixture) = text.lines().find_map(|l| l.strip_prefix("fixture ")) {
            copy(&root().join(fixture), dir.path());
        }
        Run { dir, locks: BTreeMap::new() }
    }

    fn play(&mut self, text: &str) -> String {
        let mut out = String::new();
        for line in text.lines() {
            let came = line.starts_with("| ") || line.starts_with("! ") || matches!(line, "|" | "!");
            if came || line.starts_with("exit ") {
                continue;
            }
            out.push_str(line);
            out.push('\n');
            if let Some(command) = line.strip_prefix("$ ") {
                out.push_str(&self.command(command));
            }
        }
        out
    }

    fn command(&mut self, line: &str) -> String {
        let words = words(line);
        let variables = words.iter().take_while(|w| is_variable(w)).count();
        let (variables, words) = words.split_at(variables);
        let argument = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
        let path = self.dir.path().join(argument(1));
        let text = argument(2).replace("\\n", "\n");
        let done: std::io::Result<String> = match argument(0) {
            "topo" => return self.topo(variables, &words[1..]),
            "edit" => edit(&path, &text, &argument(3).replace("\\n", "\n")),
            "append" => fs::read_to_string(&path).and_then(|old| fs::write(&path, old + &text)).map(|()| String::new()),
            "write" => fs::create_dir_all(path.parent().expect("a file has a directory"))
                .and_then(|()| fs::write(&path, text))
                .map(|()| String::new()),
            "repeat" => {
                let count = text.parse().expect("a count");
                let old = fs::read_to_string(&path).unwrap_or_default();
                fs::write(&path, old + &argument(3).replace("\\n", "\n").repeat(count)).map(|()| String::new())
            }
            "remove" if path.is_dir() => fs::remove_dir_all(&path).map(|()| String::new()),
            "remove" => fs::remove_file(&path).map(|()| String::new()),
            "copy" => {
                copy(&path, &self.dir.path().join(argument(2)));
                Ok(String::new())
            }
            "print" => fs::read_to_string(&path),
            "list" => Ok(list(self.dir.path(), "")),
            "lock" => File::create(&path).and_then(|file| {
                file.lock()?;
                self.locks.insert(argument(1).to_owned(), file);
                Ok(String::new())
            }),
            "unlock" => {
                self.locks.remove(argument(1));
                Ok(String::new())
            }
            other => panic!("a transcript can't run '{other}'"),
        };
        prefixed("|", &done.unwrap_or_else(|error| panic!("'{line}': {error}")))
    }

    fn topo(&self, variables: &[String], arguments: &[String]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topo"));
        command.args(arguments).current_dir(self.dir.path()).stdin(Stdio::null());
        command.env_clear().envs([("USER", "someone"), ("HOSTNAME", "somewhere"), ("TZ", "UTC"), ("COLUMNS", "100")]);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(variables.iter().filter_map(|v| v.split_once('=')));
        let came = command.output().expect("topo can be run");
        let normal = |bytes: &[u8]| normal::text(&String::from_utf8_lossy(bytes), self.dir.path());
        let mut out = prefixed("|", &normal(&came.stdout)) + &prefixed("!", &normal(&came.stderr));
        match came.status.code() {
            Some(0) => {}
            Some(code) => out.push_str(&format!("exit {code}\n")),
            None => out.push_str("exit by a signal\n"),
        }
        out
    }
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphabetic() || c == '_'))
}

fn prefixed(mark: &str, text: &str) -> String {
    text.lines().map(|line| format!("{mark} {line}").trim_end().to_owned() + "\n").collect()
}

fn edit(path: &Path, old: &str, new: &str) -> std::io::Result<String> {
    let text = fs::read_to_string(path)?;
    assert!(text.contains(old), "{} does not say '{old}'", path.display());
    fs::write(path, text.replace(old, new))?;
    Ok(String::new())
}

fn list(dir: &Path, prefix: &str) -> String {
    let mut names: Vec<_> = fs::read_dir(dir).expect("a directory").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    let mut out = String::new();
    for name in names {
        let (path, shown) = (dir.join(&name), format!("{prefix}{}", name.to_string_lossy()));
        out.push_str(&if path.is_dir() { list(&path, &format!("{shown}/")) } else { shown + "\n" });
    }
    out
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
        return;
    }
    fs::create_dir_all(to).expect("a directory can be made");
    for entry in fs::read_dir(from).expect("the fixture is there") {
        let entry = entry.expect("an entry");
        if entry.file_name() != ".topo" {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    }
}

/// A line's words; quotes hold one together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
