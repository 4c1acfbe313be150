//! Killed at every call, run again: the sandbox holds what an uninterrupted run makes.
//!
//! The process dies for real, by SIGKILL at the N-th changing call, before or after it
//! takes effect, or with the call still on its way; N goes through all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The example on which everything is tried.
const SMALL: &str = "two-regions";

/// The one with every kind of thing that serves, watches and tells.
const WHOLE: &str = "genai-demo";

/// A copy of an example, with its own state and sandbox.
struct Copy {
    dir: tempfile::TempDir,
}

impl Copy {
    fn of(example: &str) -> Copy {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        fs::copy(examples.join(example).join("main.topo"), dir.path().join("main.topo")).expect("the example is there");
        Copy { dir }
    }

    fn topo(&self, arguments: &[&str], faults: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topo"));
        command.args(arguments).args(["--env", "production"]).current_dir(self.dir.path());
        command.stdin(Stdio::null()).env("TOPO_SANDBOX_FAULTS", faults).env_remove("RUST_BACKTRACE");
        command.output().expect("topo can be run")
    }

    /// What the sandbox holds, without ids: every object under the address it is marked
    /// with, those that carry no mark by their content.
    fn content(&self) -> Vec<String> {
        let shown = self.topo(&["sandbox", "show", "--json"], "");
        let mut objects: Vec<serde_json::Value> =
            serde_json::from_slice(&shown.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&shown)));
        let mut names = BTreeMap::new();
        for object in &mut objects {
            let id = object["id"].as_str().unwrap_or_default().to_owned();
            let path = object["owner"]["path"].as_str().map(str::to_owned);
            let name = path.map_or_else(|| "<unmarked>".to_owned(), |p| format!("<{p}>"));
            // Names that serve as ids recur, in two regions and on both sides of a peering. What a
            // network comes with has ids that end as its own does.
            let tail = id.rsplit('-').next().filter(|tail| tail.len() == 17).map(str::to_owned);
            for id in [Some(id), tail].into_iter().flatten() {
                let known = names.entry(id).or_insert_with(|| name.clone());
                if name < *known {
                    known.clone_from(&name);
                }
            }
            for volatile in ["made_at", "ready_at", "token", "key"] {
                object.as_object_mut().map(|o| o.remove(volatile));
            }
            if object["owner"].is_object() {
                object["owner"]["id"] = serde_json::Value::Null;
            }
        }
        let mut lines: Vec<String> = objects.iter().map(|object| named(&object.to_string(), &names)).collect();
        lines.sort();
        lines
    }
}

/// The text with every id replaced by its name, longest first so that none is cut.
fn named(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut ids: Vec<&String> = names.keys().filter(|id| id.len() > 4).collect();
    ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
    ids.iter().fold(text.to_owned(), |text, id| text.replace(id.as_str(), &names[*id]))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn same(expected: &[String], found: &[String], when: &str) {
    let (expected, found) = (expected.join("\n"), found.join("\n"));
    if expected != found {
        panic!("{when}:\n{}", similar::TextDiff::from_lines(&expected, &found).unified_diff().context_radius(0));
    }
}

/// How many changing calls the apply of an example makes: the first N at which nothing is
/// killed, less one.
fn calls(example: &str) -> u32 {
    let (mut low, mut high) = (0, 1_000);
    while low + 1 < high {
        let middle = (low + high) / 2;
        let whole = Copy::of(example).topo(&["apply", "--yes"], &format!("kill@{middle}")).status.success();
        *(if whole { &mut high } else { &mut low }) = middle;
    }
    low
}

/// What an uninterrupted apply leaves in the sandbox.
fn uninterrupted(example: &str) -> Vec<String> {
    let whole = Copy::of(example);
    let done = whole.topo(&["apply", "--yes"], "");
    assert!(done.status.success(), "uninterrupted: {}", text(&done));
    let content = whole.content();
    assert!(content.len() > 40, "the example has more than forty objects, not {}", content.len());
    content
}

/// Strikes with a fault at every call, lets further runs go on under other faults until one
/// is done, and compares. `{N}` in the fault is the call.
#[track_caller]
fn struck_at_every_call(example: &str, fault: &str, dies: bool, again: &str) {
    let expected = uninterrupted(example);
    let calls = calls(example);
    assert!(calls > 40, "the example's apply makes {calls} calls");
    for n in 1..=calls {
        let copy = Copy::of(example);
        let first = copy.topo(&["apply", "--yes"], &fault.replace("{N}", &n.to_string()));
        if dies {
            assert_eq!(first.status.code(), None, "call {n} did not end in a signal: {}", text(&first));
            let second = copy.topo(&["apply", "--yes"], again);
            assert!(second.status.success(), "after {fault} at {n}: {}", text(&second));
        } else {
            assert!(first.status.success(), "with {fault} at {n}: {}", text(&first));
        }
        let plan = copy.topo(&["plan", "--detailed-exitcode"], "");
        assert!(plan.status.success(), "after {fault} at {n} something is left: {}", text(&plan));
        same(&expected, &copy.content(), &format!("after {fault} at call {n}"));
    }
}

#[test]
fn killed_after_every_call() {
    struck_at_every_call(SMALL, "kill@{N}", true, "");
}

#[test]
fn killed_after_every_call_of_the_whole() {
    struck_at_every_call(WHOLE, "kill@{N}", true, "");
}

#[test]
fn killed_before_every_call() {
    struck_at_every_call(SMALL, "kill-before@{N}", true, "");
}

#[test]
fn killed_while_new_objects_are_seen_late() {
    struck_at_every_call(SMALL, "kill@{N},hide=2", true, "hide=2");
}

#[test]
fn every_answer_lost() {
    struck_at_every_call(SMALL, "lose@{N}", false, "");
}

/// A call that lands after its asker died, and after the next run has looked for it, makes
/// a second object where the kind has neither token nor key: the next plan names it, and
/// nothing else is wrong.
#[test]
fn late_landings_are_found_by_the_next_run() {
    let expected = uninterrupted(SMALL);
    let mut found = 0;
    for n in 1..=calls(SMALL) {
        let copy = Copy::of(SMALL);
        let first = copy.topo(&["apply", "--yes"], &format!("late@{n}"));
        assert_eq!(first.status.code(), None, "call {n} did not end in a signal: {}", text(&first));
        let second = copy.topo(&["apply", "--yes"], "");
        assert!(second.status.success(), "after late@{n}: {}", text(&second));
        let plan = copy.topo(&["plan", "--json", "--detailed-exitcode"], "");
        assert!(plan.status.success(), "after late@{n} something is left: {}", text(&plan));
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).expect("a plan is JSON");
        for finding in plan["diagnostics"].as_array().expect("findings") {
            assert_eq!(finding["code"], "T0317", "after late@{n}: {finding}");
            let message = finding["message"].as_str().unwrap_or_default();
            let id = message.split(' ').nth(1).expect("the message names the object");
            let gone = copy.topo(&["sandbox", "delete", id], "");
            assert!(gone.status.success(), "after late@{n}: {}", text(&gone));
            found += 1;
        }
        same(&expected, &copy.content(), &format!("after late@{n}"));
    }
    assert!(found > 0, "no call landed late");
}
