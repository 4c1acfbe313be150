//! A page's session: what its reader would do, from the first fence to the last.
//!
//! A whole program becomes `main.topo`, a `diff` changes the file it names, a line of a
//! `console` that starts with `$ ` is run, and what it prints, errors too, must be what
//! stands below it. There a line `…` stands for any lines, and `…` in a line for any text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::pages::{Fence, root};

/// Stands between what two commands print.
const END: &str = "\u{1}";

/// Where a page's commands run.
pub(crate) struct Session {
    home: tempfile::TempDir,
    here: PathBuf,
}

impl Session {
    /// One in a directory of its own, in which the examples are.
    pub(crate) fn new() -> Session {
        let home = tempfile::tempdir().expect("a temporary directory");
        copy(&root().join("examples"), &home.path().join("examples"));
        let here = home.path().to_owned();
        Session { home, here }
    }

    /// Does what a fence says; gives what went otherwise.
    pub(crate) fn play(&mut self, fence: &Fence) -> Result<(), String> {
        match fence.mark.as_str() {
            "topo" | "topo,fails" | "topo,warns" => {
                fs::write(self.here.join("main.topo"), &fence.text).expect("the program is written");
                Ok(())
            }
            "diff" => self.change(&fence.text),
            "console" => self.console(&fence.text),
            _ => Ok(()),
        }
    }

    /// The findings' codes of a plan of what is there now.
    pub(crate) fn plan(&self) -> String {
        let output = self.command(Path::new(env!("CARGO_BIN_EXE_topo"))).args(["plan", "--json"]).output();
        String::from_utf8_lossy(&output.expect("topo runs").stdout).into_owned()
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.here).stdin(Stdio::null()).env_clear();
        command.envs([("USER", "ann"), ("HOSTNAME", "laptop"), ("TZ", "UTC"), ("COLUMNS", "100")]);
        let binary = Path::new(env!("CARGO_BIN_EXE_topo")).parent().map(Path::to_owned).unwrap_or_default();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(binary).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(all).expect("a path"));
        command
    }

    fn console(&mut self, text: &str) -> Result<(), String> {
        let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in text.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command, Vec::new())),
                (None, Some((_, expected))) => expected.push(line),
                (None, None) => return Err(format!("'{line}' stands before the first command")),
            }
        }
        // One shell for all, so that `cd` lasts; the code of the last command is kept for `$?`.
        let mut script = String::from("exec 2>&1\n");
        for (command, _) in &commands {
            script.push_str(&format!("{command}\ncode=$?; echo; echo '{END}'; (exit $code)\n"));
        }
        script.push_str("pwd\n");
        let output = self.command(Path::new("sh")).args(["-c", &script]).output().expect("a shell runs");
        let printed = String::from_utf8_lossy(&output.stdout);
        let mut parts: Vec<&str> = printed.split(END).collect();
        let here = parts.pop().unwrap_or_default().trim();
        self.here = PathBuf::from(here);
        assert!(self.here.starts_with(self.home.path().canonicalize().expect("a directory")), "{printed}");
        for ((command, expected), found) in commands.iter().zip(parts) {
            let found: Vec<&str> = trimmed(found.lines().map(str::trim_end).collect());
            let expected = trimmed(expected.iter().map(|l| l.trim_end()).collect());
            if !fits(&expected, &found) {
                return Err(format!(
                    "$ {command}\n--- the page\n{}\n--- topo\n{}",
                    expected.join("\n"),
                    found.join("\n")
                ));
            }
        }
        Ok(())
    }

    /// Changes a file: each part between `@@` lines, without what is added, stands in it
    /// exactly once.
    fn change(&self, text: &str) -> Result<(), String> {
        let Some(name) = text.lines().find_map(|l| l.strip_prefix("--- ")) else {
            return Err("a diff names its file in a line '--- FILE'".to_owned());
        };
        let path = self.here.join(name);
        let mut file = fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let lines = || text.lines().filter(|l| !l.starts_with("--- ") && !l.starts_with("+++ "));
        for hunk in lines().collect::<Vec<_>>().split(|l| l.starts_with("@@")).filter(|h| !h.is_empty()) {
            let side = |other: char| -> String {
                let kept = hunk.iter().filter(|l| !l.starts_with(other));
                kept.map(|l| l.get(1..).unwrap_or_default().to_owned() + "\n").collect()
            };
            let (old, new) = (side('+'), side('-'));
            if file.matches(&old).count() != 1 {
                return Err(format!("{name} does not say once\n{old}"));
            }
            file = file.replace(&old, &new);
        }
        fs::write(&path, file).map_err(|error| format!("{name}: {error}"))
    }
}

/// Without the empty lines at both ends.
fn trimmed(mut lines: Vec<&str>) -> Vec<&str> {
    while lines.last().is_some_and(|l| l.is_empty()) {
        lines.pop();
    }
    let start = lines.iter().take_while(|l| l.is_empty()).count();
    lines.split_off(start)
}

/// Whether lines are those expected.
fn fits(expected: &[&str], found: &[&str]) -> bool {
    let parts: Vec<&[&str]> = expected.split(|line| line.trim() == "…").collect();
    between(&parts, found, &|expected: &&str, found: &&str| {
        let (expected, found): (Vec<char>, Vec<char>) = (expected.chars().collect(), found.chars().collect());
        let parts: Vec<&[char]> = expected.split(|c| *c == '…').collect();
        between(&parts, &found, &|a: &char, b: &char| a == b)
    })
}

/// Whether the parts stand in a sequence one behind the other, the first at its start and
/// the last at its end, with anything between.
fn between<T>(parts: &[&[T]], found: &[T], same: &dyn Fn(&T, &T) -> bool) -> bool {
    let all = |part: &[T], found: &[T]| part.iter().zip(found).all(|(a, b)| same(a, b));
    let [first, rest @ ..] = parts else { return found.is_empty() };
    if found.len() < first.len() || !all(first, found) {
        return false;
    }
    let Some((last, middle)) = rest.split_last() else { return found.len() == first.len() };
    let mut left = &found[first.len()..];
    for part in middle {
        let Some(at) = (0..=left.len().saturating_sub(part.len()))
            .find(|at| left.len() >= at + part.len() && all(part, &left[*at..]))
        else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    left.len() >= last.len() && all(last, &left[left.len() - last.len()..])
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        match path.is_dir() {
            // What an earlier run of the example left is no part of it.
            true if name == ".topo" => {}
            true => copy(&path, &to.join(name)),
            false => {
                fs::copy(&path, to.join(name)).expect("a copy");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[track_caller]
    fn check(expected: &str, found: &str, expect: bool) {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        let (expected, found) = (expected.to_owned().leak(), found.to_owned().leak());
        assert_eq!(fits(&lines(expected), &lines(found)), expect, "{expected}\n{found}");
    }

    #[test]
    fn dots_stand_for_anything_and_nothing_else_does() {
        check("a\nb", "a\nb", true);
        check("a\n…\nd", "a\nb\nc\nd", true);
        check("a\n…\nd", "a\nd", true);
        check("a\n…\nd", "a\nb", false);
        check("…\nb\n…", "a\nb\nc", true);
        check("done in …ms, … left", "done in 12ms, 3 left", true);
        check("done in …ms", "done in 12s", false);
        check("a", "a\nb", false);
        check("a\nb", "a", false);
        check("…\nb\nb", "a\nb", false);
    }
}
