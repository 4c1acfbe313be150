//! On a terminal: the question and its answers, and Ctrl-C. The terminal is a real one
//! (a pseudo-terminal), the program a real process.
#![cfg(unix)]

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A copy of an example.
fn project(example: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example).join("main.topo");
    fs::copy(from, dir.path().join("main.topo")).expect("the example is there");
    dir
}

fn topo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topo"));
    command.current_dir(dir).env_remove("TOPO_ENV").env("TERM", "dumb");
    command
}

/// A terminal: our side of it, and a way to open the program's.
fn terminal() -> (File, PathBuf) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("it can be used");
    let name = ptsname(&ours, Vec::new()).expect("it has a name");
    (File::from(ours), PathBuf::from(std::ffi::OsString::from_vec(name.into_bytes())))
}

/// Applies the smallest example, answers the question, and gives the exit code and what
/// the terminal showed.
fn answered(dir: &Path, answer: &str) -> (Option<i32>, String) {
    let (mut ours, name) = terminal();
    let open = || OpenOptions::new().read(true).write(true).open(&name).expect("its other side");
    let mut child = topo(dir)
        .arg("apply")
        .stdin(Stdio::from(open()))
        .stdout(Stdio::from(open()))
        .stderr(Stdio::from(open()))
        .spawn()
        .expect("topo can be run");
    let mut shown = Vec::new();
    let mut byte = [0_u8];
    while !String::from_utf8_lossy(&shown).contains("is accepted:") {
        match ours.read(&mut byte) {
            Ok(1) => shown.push(byte[0]),
            _ => break,
        }
    }
    ours.write_all(answer.as_bytes()).expect("the terminal takes the answer");
    // The end of the terminal is an error on Linux, once the program is gone.
    let mut rest = Vec::new();
    let _ = ours.read_to_end(&mut rest);
    shown.extend(rest);
    let status = child.wait().expect("topo ends");
    (status.code(), String::from_utf8_lossy(&shown).into_owned())
}

#[test]
fn anything_but_yes_changes_nothing() {
    let dir = project("hello");
    for answer in ["no\n", "\n", "y\n", "YES\n", "yes!\n", "\u{4}"] {
        let (code, shown) = answered(dir.path(), answer);
        assert_eq!(code, Some(1), "{answer:?}: {shown}");
        assert!(shown.contains("Nothing was changed"), "{answer:?}: {shown}");
        assert!(!dir.path().join(".topo").exists(), "{answer:?} wrote something");
    }
}

#[test]
fn yes_applies() {
    let dir = project("hello");
    let (code, shown) = answered(dir.path(), "yes\n");
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("1 created"), "{shown}");
    let plan = topo(dir.path()).args(["plan", "--detailed-exitcode"]).output().expect("topo can be run");
    assert!(plan.status.success());
}

/// Slow enough that a signal comes before the end, between the waves at the latest.
const PACE: &str = "0.002";

/// Starts an apply that takes long, sends so many signals once the first object is made,
/// and gives the exit code and what stderr said.
fn interrupted(dir: &Path, signal: &str, times: u32) -> (Option<i32>, String) {
    let mut child = topo(dir)
        .args(["apply", "--yes", "--env", "production", "--sandbox-pace", PACE])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("topo can be run");
    let mut lines = BufReader::new(child.stderr.take().expect("stderr is ours")).lines();
    let mut said = Vec::new();
    for line in lines.by_ref() {
        let line = line.expect("stderr is text");
        let made = line.contains(": created");
        said.push(line);
        if made {
            break;
        }
    }
    for _ in 0..times {
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill can be run");
        assert!(sent.success());
    }
    said.extend(lines.map(|line| line.expect("stderr is text")));
    (child.wait().expect("topo ends").code(), said.join("\n"))
}

#[track_caller]
fn goes_on_after(signal: &str, times: u32) {
    let dir = project("two-regions");
    let (code, said) = interrupted(dir.path(), signal, times);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("topo apply --env production"), "the command that goes on is named: {said}");
    let again =
        topo(dir.path()).args(["apply", "--yes", "--resume", "--env", "production", "--sandbox-pace", PACE]).output();
    let again = again.expect("topo can be run");
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    let plan = topo(dir.path()).args(["plan", "--detailed-exitcode", "--env", "production"]).output();
    assert!(plan.expect("topo can be run").status.success(), "something is left");
}

#[test]
fn ctrl_c_finishes_what_is_in_flight_and_goes_on_later() {
    goes_on_after("-INT", 1);
}

#[test]
fn a_second_ctrl_c_stops_at_once_and_goes_on_later() {
    goes_on_after("-INT", 2);
}

#[test]
fn sigterm_is_the_same() {
    goes_on_after("-TERM", 1);
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let dir = project("two-regions");
    let mut child = topo(dir.path())
        .args(["apply", "--yes", "--env", "production", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("topo can be run");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("topo ends").code(), Some(0));
    let plan = topo(dir.path()).args(["plan", "--detailed-exitcode", "--env", "production"]).output();
    assert!(plan.expect("topo can be run").status.success(), "the apply came to its end");
}
