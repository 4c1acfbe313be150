//! The book's programs do what their pages say, and its commands print what stands there.
//!
//! A fence marked `topo` is a whole program: it checks without a finding and is formatted.
//! `topo,fails` is a mistake: it gives the code of its page and no other; `topo,warns` gives it as a
//! warning. `topo,fragment` stands in a text for itself. A page with a `console` is played as a [`session`].

mod pages;
#[cfg(unix)]
mod session;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use pages::{Fence, pages};

/// Codes of findings about what a cloud did by itself: nothing that can be typed leads
/// there in the sandbox, so their pages quote the message.
const QUOTED: [&str; 1] = ["T0319"];

/// Runs `topo` on a program in a directory of its own.
fn topo(program: &Fence, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("main.topo");
    std::fs::write(&file, &program.text).expect("the program is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_topo"));
    command.args(arguments).arg("main.topo").current_dir(directory.path()).output().expect("topo runs")
}

/// The codes of a program's findings, in order, without repetitions.
fn codes(document: &[u8]) -> Result<Vec<String>, String> {
    let unreadable = || format!("no document of findings: {}", String::from_utf8_lossy(document));
    let document: serde_json::Value = serde_json::from_slice(document).map_err(|_| unreadable())?;
    let findings = document["diagnostics"].as_array().ok_or_else(unreadable)?;
    let mut codes: Vec<String> = findings.iter().map(|f| f["code"].as_str().unwrap_or_default().to_owned()).collect();
    codes.dedup();
    Ok(codes)
}

fn programs() -> Vec<Fence> {
    let fences = pages().into_iter().flat_map(|(_, fences)| fences);
    fences.filter(|f| f.is_program() || f.fails() || f.warns()).collect()
}

/// The pages of codes.
fn code_pages() -> Vec<(String, Vec<Fence>)> {
    pages().into_iter().filter(|(page, _)| page.contains("codes/") && !page.ends_with("README.md")).collect()
}

#[test]
fn every_program_gives_what_its_page_says() {
    let programs = programs();
    assert!(programs.len() > 40, "the book was not found");
    let mut faults = Vec::new();
    for program in &programs {
        let output = topo(program, &["check", "--json"]);
        let wanted: Vec<&str> = if program.is_program() { Vec::new() } else { vec![program.code()] };
        match codes(&output.stdout) {
            Err(text) => faults.push(format!("{}: {text}", program.place())),
            Ok(found) if found != wanted => {
                faults.push(format!("{}: wanted {wanted:?}, found {found:?}", program.place()));
            }
            Ok(_) if output.status.code() != Some(i32::from(program.fails())) => {
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
    for program in programs().iter().filter(|p| p.is_program()) {
        let output = topo(program, &["fmt", "--check"]);
        if !output.status.success() {
            faults.push(format!("{}: {}", program.place(), String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A mistake is a program that fails, or, for what only a plan can find, a command that
/// prints the code; either way a whole program mends it.
#[test]
fn every_page_of_a_code_shows_the_mistake_and_its_mending() {
    let mut faults = Vec::new();
    for (page, fences) in code_pages() {
        let shown = |fence: &Fence| {
            let code = format!("[{}]", fence.code());
            let quoted = fence.mark == "text" && QUOTED.contains(&fence.code());
            fence.fails() || fence.warns() || (fence.mark == "console" || quoted) && fence.text.contains(&code)
        };
        if !fences.iter().any(shown) {
            faults.push(format!("{page} shows no mistake"));
        }
        if !fences.iter().any(Fence::is_program) {
            faults.push(format!("{page} shows no mending"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The codes that a program may name are those that have a page.
#[test]
fn every_known_code_has_a_page_and_every_page_a_known_code() {
    let known: BTreeSet<String> = topo_model::Code::all().map(|code| code.to_string()).collect();
    let name = |page: &str| page.rsplit('/').next().unwrap_or_default().trim_end_matches(".md").to_owned();
    let paged: BTreeSet<String> = code_pages().iter().map(|(page, _)| name(page)).collect();
    assert_eq!(known, paged);
}

/// What a page's reader does comes out as the page says; on a code's page the last program
/// is one of which a plan does not find the mistake any more.
#[cfg(unix)]
#[test]
fn every_command_prints_what_its_page_says() {
    let mut faults = Vec::new();
    let mut played = 0;
    for (page, fences) in pages().iter().filter(|(_, fences)| fences.iter().any(|f| f.mark == "console")) {
        played += 1;
        let mut session = session::Session::new();
        let fault = fences.iter().find_map(|f| session.play(f).err().map(|text| format!("{}:\n{text}", f.place())));
        if let Some(fault) = fault {
            faults.push(fault);
        } else if page.contains("codes/") {
            match codes(session.plan().as_bytes()) {
                Ok(found) if found.is_empty() => {}
                other => faults.push(format!("{page}: the last program's plan still finds {other:?}")),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(played > 8, "the book was not found");
}

/// The summary names every page, and the index every page of a code.
#[test]
fn no_page_is_out_of_reach() {
    let summary = std::fs::read_to_string(pages::root().join("book/src/SUMMARY.md")).expect("the summary");
    let index = std::fs::read_to_string(pages::root().join("book/src/codes/README.md")).expect("the index");
    let mut faults = Vec::new();
    for (page, _) in pages().iter().filter(|(page, _)| page.starts_with("book/src")) {
        let name = page.trim_start_matches("book/src/");
        if name != "SUMMARY.md" && !summary.contains(&format!("({name})")) {
            faults.push(format!("the summary does not name {name}; `cargo xtask reference` adds pages of codes"));
        }
        if let Some(file) = name.strip_prefix("codes/").filter(|f| *f != "README.md")
            && !index.contains(&format!("({file})"))
        {
            faults.push(format!("the index does not name {file}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The codes that sources give: `Diagnostic::error(104, …`, `else T0401`, and the constants of
/// the planner.
fn given_codes(directory: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            given_codes(&path, codes);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let marks: &[&str] = match path.extension().and_then(|e| e.to_str()) {
            Some("topo") => &["else T"],
            Some("rs") => &["Diagnostic::error(", "Diagnostic::warning(", "FuncError::new(", ": u16 = "],
            _ => continue,
        };
        for mark in marks {
            let after = text.split(mark).skip(1);
            let digits = after.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            codes.extend(digits.filter(|d| !d.is_empty()).map(|d| format!("T{:0>4}", d)));
        }
    }
}

#[test]
fn every_code_that_can_be_given_has_a_page() {
    let mut given = BTreeSet::new();
    for of in ["syntax", "lang", "model", "plan"] {
        given_codes(&pages::root().join("crates").join(of).join("src"), &mut given);
    }
    given_codes(&pages::root().join("stdlib"), &mut given);
    assert!(given.len() > 25, "the sources were not found: {given:?}");
    let pages: Vec<String> =
        code_pages().iter().filter_map(|(_, fences)| Some(fences.first()?.code().to_owned())).collect();
    let missing: Vec<&String> = given.iter().filter(|code| !pages.contains(code)).collect();
    assert!(missing.is_empty(), "no page for {missing:?}");
}
