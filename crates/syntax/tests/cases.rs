//! Programs with mistakes. The error expected stands on the line it belongs to, as
//! `// error[T0001]: a part of the message or of a label`; the runner takes these comments
//! out before it reads the program. No other error may come up. Where a program has one
//! mistake and the message an edit, the edit must mend it.

use std::fmt::Write as _;

use topo_model::{Diagnostic, Edit};
use topo_syntax::parse;

#[test]
fn items() {
    check(include_str!("cases/items.topo"));
}

#[test]
fn statements() {
    check(include_str!("cases/statements.topo"));
}

#[test]
fn values() {
    check(include_str!("cases/values.topo"));
}

#[test]
fn literals() {
    check(include_str!("cases/literals.topo"));
}

#[test]
fn lexical() {
    check(include_str!("cases/lexical.topo"));
}

#[test]
fn strings() {
    check(include_str!("cases/strings.topo"));
}

#[test]
fn brackets() {
    check(include_str!("cases/brackets.topo"));
}

#[test]
fn types() {
    check(include_str!("cases/types.topo"));
}

#[test]
fn recovery() {
    check(include_str!("cases/recovery.topo"));
}

#[test]
fn habits() {
    check(include_str!("cases/habits.topo"));
}

struct Expected<'c> {
    line: usize,
    code: &'c str,
    text: &'c str,
}

/// Runs the cases of a file; a case starts with a line `--- its-name ---`.
#[track_caller]
fn check(file: &str) {
    let mut failures = String::new();
    let mut cases = 0;
    for case in file.split("\n--- ").skip(1) {
        let (name, body) = case.split_once(" ---\n").expect("a case starts with `--- name ---`");
        cases += 1;
        if let Err(failure) = run(body) {
            let written = write!(failures, "--- {name} ---\n{failure}\n");
            assert!(written.is_ok());
        }
    }
    assert!(cases > 0, "a file without cases");
    assert!(failures.is_empty(), "{failures}");
}

fn run(body: &str) -> Result<(), String> {
    let mut program = String::new();
    let mut expected = Vec::new();
    for (at, line) in body.lines().enumerate() {
        let (code, note) =
            line.split_once("// error[").map_or((line, None), |(code, note)| (code.trim_end(), Some(note)));
        program.push_str(code);
        program.push('\n');
        for note in note.into_iter().flat_map(|n| n.split("// error[")) {
            let (code, text) = note.split_once("]: ").ok_or("a note reads `error[T0001]: text`")?;
            expected.push(Expected { line: at + 1, code, text: text.trim() });
        }
    }
    let found = parse(&program, 0).errors;
    compare(&program, &expected, &found)?;
    match found.as_slice() {
        [Diagnostic { help: Some(help), .. }] if help.edit.is_some() => mended(&program, help.edit.as_ref()),
        _ => Ok(()),
    }
}

fn compare(program: &str, expected: &[Expected<'_>], found: &[Diagnostic]) -> Result<(), String> {
    let mut left: Vec<&Diagnostic> = found.iter().collect();
    let mut failure = String::new();
    for expected in expected {
        let fits = |d: &&Diagnostic| {
            line(program, d) == expected.line
                && d.code.to_string() == expected.code
                && (d.message.contains(expected.text)
                    || d.labels.iter().any(|l| l.text.contains(expected.text))
                    || d.help.as_ref().is_some_and(|h| h.text.contains(expected.text)))
        };
        match left.iter().position(fits) {
            Some(at) => {
                left.remove(at);
            }
            None => failure.push_str(&format!("not found: {}: [{}] {}\n", expected.line, expected.code, expected.text)),
        }
    }
    for d in left {
        failure.push_str(&format!(
            "unexpected: {}: [{}] {} ({})\n",
            line(program, d),
            d.code,
            d.message,
            d.labels[0].text
        ));
    }
    if failure.is_empty() { Ok(()) } else { Err(failure) }
}

fn line(program: &str, d: &Diagnostic) -> usize {
    program.as_bytes()[..d.span().lo as usize].iter().filter(|b| **b == b'\n').count() + 1
}

fn mended(program: &str, edit: Option<&Edit>) -> Result<(), String> {
    let Some(edit) = edit else { return Ok(()) };
    let mut program = program.to_owned();
    program.replace_range(edit.span.lo as usize..edit.span.hi as usize, &edit.text);
    match parse(&program, 0).errors.first() {
        None => Ok(()),
        Some(d) => Err(format!("the edit does not mend it: {}\n{program}", d.message)),
    }
}
