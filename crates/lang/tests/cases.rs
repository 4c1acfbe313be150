//! The suite of case files: programs with the errors they give, written on the lines they
//! belong to, and programs with what they expand to.
//!
//! A file of `tests/cases` holds cases, each after a line `--- name ---`. An expected finding
//! is a comment `// error[T0101]: part of its message or of a label` on the line of its primary
//! place; `//* error[…]: …` on a line of its own is one without a place in the program. A line
//! `//// path` starts another file of the same project. After `--- expect ---` comes what the
//! program expands to; with `UPDATE=1` in the environment that is written anew. A case without
//! `project` or `topology` gets an empty one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use topo_lang::{Memory, Options, load};
use topo_model::{Desired, Diagnostic, Origin, Severity, SourceMap, Span};

/// One case of a file.
struct Case {
    name: String,
    text: String,
    expect: Option<String>,
}

/// A finding that a case expects, or one that it gave.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: String,
    line: u32,
    severity: &'static str,
    code: String,
    text: String,
}

#[test]
fn cases_give_what_they_expect() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    for path in case_files() {
        let text = std::fs::read_to_string(&path).expect("case files can be read");
        let mut cases = split(&text);
        for case in &mut cases {
            count += 1;
            if let Err(problem) = run(case, update) {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let _ = writeln!(wrong, "{file}: {}\n{problem}", case.name);
            }
        }
        if update {
            std::fs::write(&path, join(&cases)).expect("case files can be written");
        }
    }
    assert!(count > 0, "there are no cases");
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn case_files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("there is a directory of cases")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|e| e == "topo"))
        .collect();
    files.sort();
    files
}

fn split(text: &str) -> Vec<Case> {
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
                cases.push(Case { name: name.to_owned(), text: String::new(), expect: None });
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

fn join(cases: &[Case]) -> String {
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
fn files(text: &str) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut at = "main.topo".to_owned();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("//// ") {
            at = path.trim().to_owned();
            files.entry(at.clone()).or_default();
            continue;
        }
        let file = files.entry(at.clone()).or_default();
        file.push_str(line);
        file.push('\n');
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

fn run(case: &mut Case, update: bool) -> Result<(), String> {
    let files = files(&case.text);
    let sets = case.text.lines().filter_map(|l| l.strip_prefix("//! set ")).filter_map(|l| l.split_once('='));
    let options = Options { sets: sets.map(|(n, v)| (n.to_owned(), v.to_owned())).collect() };
    let (sources, diagnostics, snapshot) = outcome(&files, &options);
    compare(&files, &sources, &diagnostics)?;
    fixes_help(&files, &options, &sources, &diagnostics)?;
    if let Some(expect) = &mut case.expect {
        if update {
            *expect = snapshot;
        } else if *expect != snapshot {
            return Err(format!("  expands to something else:\n{snapshot}"));
        }
    }
    Ok(())
}

/// Loads a project, expands every environment, runs every test.
fn outcome(files: &BTreeMap<String, String>, options: &Options) -> (SourceMap, Vec<Diagnostic>, String) {
    let world = Memory::new(files.clone());
    let loaded = load(&world, options);
    let mut diagnostics = loaded.diagnostics;
    let mut snapshot = String::new();
    if let Some(program) = &loaded.program {
        let environments = program.environments();
        let all: Vec<_> =
            if environments.is_empty() { vec![None] } else { environments.into_iter().map(Some).collect() };
        for env in all {
            let expanded = program.expand(env);
            diagnostics.extend(expanded.diagnostics);
            if let Some(desired) = &expanded.desired {
                show(desired, &mut snapshot);
            }
        }
        for at in 0..program.tests() {
            let outcome = program.run_test(at).expect("the test exists");
            diagnostics.extend(outcome.failures.into_iter().map(|failure| failure.finding));
        }
    }
    topo_model::diag::sort(&mut diagnostics);
    (loaded.sources, diagnostics, snapshot)
}

fn expected(files: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut expected = Vec::new();
    for (file, text) in files {
        for (at, line) in text.lines().enumerate() {
            let (anywhere, comments) = match line.strip_prefix("//* ") {
                Some(rest) => (true, format!("// {rest}")),
                None => (false, line.to_owned()),
            };
            for severity in ["error", "warning"] {
                for part in comments.split("// ").filter_map(|p| p.strip_prefix(severity)) {
                    let Some((code, text)) = part.strip_prefix('[').and_then(|p| p.split_once("]:")) else { continue };
                    expected.push(Finding {
                        file: if anywhere { String::new() } else { file.clone() },
                        line: if anywhere { 0 } else { at as u32 + 1 },
                        severity: if severity == "error" { "error" } else { "warning" },
                        code: code.to_owned(),
                        text: text.trim().to_owned(),
                    });
                }
            }
        }
    }
    expected
}

fn finding(sources: &SourceMap, found: &Diagnostic) -> Finding {
    let place = |span: Span| {
        let file = sources.file(span).filter(|f| !f.library)?;
        Some((file.name.to_string(), file.line_column(span.lo).line))
    };
    let (file, line) = place(found.span()).unwrap_or_default();
    let mut text = found.message.clone();
    for label in &found.labels {
        let _ = write!(text, " | {}: {}", sources.text(label.span).lines().next().unwrap_or_default(), label.text);
    }
    if let Some(help) = &found.help {
        let _ = write!(text, " | help: {}", help.text);
    }
    if let Some(instance) = &found.instance {
        let _ = write!(text, " | at: {instance}");
    }
    let severity = if found.severity == Severity::Error { "error" } else { "warning" };
    Finding { file, line, severity, code: found.code.to_string(), text }
}

fn compare(files: &BTreeMap<String, String>, sources: &SourceMap, found: &[Diagnostic]) -> Result<(), String> {
    let mut missing = expected(files);
    let mut surplus: Vec<Finding> = Vec::new();
    for found in found {
        let given = finding(sources, found);
        let fits = |want: &Finding| {
            want.code == given.code
                && want.severity == given.severity
                && (want.file.is_empty() || (want.file == given.file && want.line == given.line))
                && given.text.contains(&want.text)
        };
        match missing.iter().position(fits) {
            Some(at) => drop(missing.remove(at)),
            None => surplus.push(given),
        }
    }
    let mut problem = String::new();
    for want in missing {
        let _ = writeln!(
            problem,
            "  missing    {}:{} {}[{}]: {}",
            want.file, want.line, want.severity, want.code, want.text
        );
    }
    for given in surplus {
        let _ = writeln!(
            problem,
            "  unexpected {}:{} {}[{}]: {}",
            given.file, given.line, given.severity, given.code, given.text
        );
    }
    if problem.is_empty() { Ok(()) } else { Err(problem) }
}

/// Each fix, made in the text, does away with its finding.
fn fixes_help(
    files: &BTreeMap<String, String>,
    options: &Options,
    sources: &SourceMap,
    all: &[Diagnostic],
) -> Result<(), String> {
    for found in all {
        let Some(edit) = found.help.as_ref().and_then(|h| h.edit.as_ref()) else { continue };
        let Some(file) = sources.file(edit.span).filter(|f| !f.library) else {
            return Err(format!("  the fix of {} edits no file of the project: {}", found.code, found.message));
        };
        let mut edited = files.clone();
        let text = edited.get_mut(&*file.name).expect("the file is the project's");
        let range = (edit.span.lo - file.base) as usize..(edit.span.hi - file.base) as usize;
        text.replace_range(range, &edit.text);
        let text = text.clone();
        let (_, after, _) = outcome(&edited, options);
        let same =
            |all: &[Diagnostic]| all.iter().filter(|d| d.code == found.code && d.message == found.message).count();
        let unread = |all: &[Diagnostic]| all.iter().filter(|d| d.code.0 == 1).count();
        let broken = found.code.0 != 1 && unread(&after) > unread(all);
        if same(&after) >= same(all) || broken {
            return Err(format!("  the fix of {} does not help: {}\n{text}", found.code, found.message));
        }
    }
    Ok(())
}

/// A program's expansion as text.
fn show(desired: &Desired, out: &mut String) {
    let named = |text: String| name_resources(desired, &text);
    if let Some(env) = desired.env {
        let _ = writeln!(out, "env {env}");
    }
    for (id, resource) in desired.iter() {
        let kind = desired.kind(resource);
        let region = resource.region.map_or(String::new(), |r| format!(" at {r}"));
        let origin = match &resource.origin {
            Origin::Created => String::new(),
            Origin::Adopted(from) => format!(" from {from}"),
            Origin::Existing(None) => " existing".to_owned(),
            Origin::Existing(Some(from)) => format!(" existing from {from}"),
        };
        let _ = writeln!(out, "{} = {}{region}{}", desired.address(id), kind.name, named(origin));
        for (schema, attribute) in kind.attributes.iter().zip(&resource.attributes) {
            if let Some(attribute) = attribute.as_ref().filter(|a| !a.span.is_none()) {
                let _ = writeln!(out, "  {} = {}", schema.name, named(attribute.value.to_string()));
            }
        }
        if !resource.after.is_empty() {
            let after: Vec<String> = resource.after.iter().map(|id| desired.address(*id)).collect();
            let _ = writeln!(out, "  after {}", after.join(", "));
        }
        if let Some(lifecycle) = &resource.lifecycle {
            let _ = writeln!(out, "  {lifecycle:?}");
        }
    }
    for check in &desired.checks {
        let _ = writeln!(
            out,
            "check {} else {} {}",
            named(check.cond.to_string()),
            check.code,
            named(check.message.to_string())
        );
    }
    for objective in &desired.objectives {
        let stores: Vec<String> = objective.stores.iter().map(|id| desired.address(*id)).collect();
        let _ = writeln!(
            out,
            "objective {} endpoint {} rto {:?} rpo {:?} stores [{}] survives {}",
            objective.name,
            named(objective.endpoint.to_string()),
            objective.rto,
            objective.rpo,
            stores.join(", "),
            objective.survives
        );
    }
    for output in &desired.outputs {
        let _ = writeln!(out, "output {} = {}", output.name, named(output.value.to_string()));
    }
    for moved in &desired.moved {
        let _ = writeln!(out, "moved {:?} -> {:?}", moved.from.steps, moved.to.steps);
    }
    for (name, value) in &desired.inputs {
        let _ = writeln!(out, "input {name} = {value}");
    }
}

/// `#3` as the address of that resource.
fn name_resources(desired: &Desired, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        let digits = rest[at + 1..].chars().take_while(char::is_ascii_digit).count();
        out.push_str(&rest[..at]);
        match rest[at + 1..at + 1 + digits].parse() {
            Ok(id) => out.push_str(&desired.address(topo_model::ResId(id))),
            Err(_) => out.push('#'),
        }
        rest = &rest[at + 1 + digits..];
    }
    out.push_str(rest);
    out
}
