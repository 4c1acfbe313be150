//! The book's programs do what their pages say.
//!
//! A fence marked `topo` is a whole program: it checks without a finding and is formatted.
//! `topo,fails` is a mistake: it gives the code of its page and no other. `topo,fragment`
//! stands in a text for itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A fenced program.
struct Program {
    /// The page, below the root of the repository.
    page: String,
    /// The line of the fence, from 1.
    line: usize,
    fails: bool,
    text: String,
}

impl Program {
    /// The code that a mistake on this page must give: the page's name.
    fn code(&self) -> &str {
        Path::new(&self.page).file_stem().and_then(|s| s.to_str()).unwrap_or_default()
    }

    fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README and every page, in order.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut open = vec![root().join("book/src")];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// Every program that is not a fragment.
fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for path in pages() {
        let page = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a page");
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some(mark) = line.trim_start().strip_prefix("```") else { continue };
            let body: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| l.trim_start() != "```").collect();
            let fails = match mark {
                "topo" => false,
                "topo,fails" => true,
                "topo,fragment" => continue,
                other => {
                    assert!(!other.starts_with("topo"), "{page}:{}: a fence can't be '{other}'", at + 1);
                    continue;
                }
            };
            programs.push(Program { page: page.clone(), line: at + 1, fails, text: body.join("\n") + "\n" });
        }
    }
    programs
}

/// Runs `topo` on a program in a directory of its own.
fn topo(program: &Program, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("main.topo");
    std::fs::write(&file, &program.text).expect("the program is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_topo"));
    command.args(arguments).arg("main.topo").current_dir(directory.path()).output().expect("topo runs")
}

/// The codes of a program's findings, in order, without repetitions.
fn codes(output: &Output) -> Result<Vec<String>, String> {
    let unreadable = || {
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        format!("no document of findings: {stdout}{stderr}")
    };
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|_| unreadable())?;
    let findings = document["diagnostics"].as_array().ok_or_else(unreadable)?;
    let mut codes: Vec<String> = findings.iter().map(|f| f["code"].as_str().unwrap_or_default().to_owned()).collect();
    codes.dedup();
    Ok(codes)
}

#[test]
fn every_program_gives_what_its_page_says() {
    let programs = programs();
    assert!(programs.len() > 40, "the book was not found");
    let mut faults = Vec::new();
    for program in &programs {
        let output = topo(program, &["check", "--json"]);
        let wanted: Vec<&str> = if program.fails { vec![program.code()] } else { Vec::new() };
        match codes(&output) {
            Err(text) => faults.push(format!("{}: {text}", program.place())),
            Ok(found) if found != wanted => {
                faults.push(format!("{}: wanted {wanted:?}, found {found:?}", program.place()));
            }
            Ok(_) if output.status.code() != Some(i32::from(program.fails)) => {
                faults.push(format!("{}: {}", program.place(), output.status));
            }
            Ok(_) => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_whole_program_is_formatted() {
    let mut faults = Vec::new();
    for program in programs().iter().filter(|p| !p.fails) {
        let output = topo(program, &["fmt", "--check"]);
        if !output.status.success() {
            faults.push(format!("{}: {}", program.place(), String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_of_a_code_shows_the_mistake_and_its_mending() {
    let programs = programs();
    let mut faults = Vec::new();
    for page in pages().iter().filter(|p| p.parent().is_some_and(|d| d.ends_with("codes"))) {
        let page = page.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
        if page.ends_with("README.md") {
            continue;
        }
        for (fails, what) in [(true, "mistake"), (false, "mending")] {
            if !programs.iter().any(|p| p.page == page && p.fails == fails) {
                faults.push(format!("{page} shows no {what}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
